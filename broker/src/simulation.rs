//! A login that never was: what would happen for this service, this provider and this citizen, rule by rule.
//!
//! Every answer is that of the code which a real login asks (the engine's checks, `EligibleProvider`, the
//! provider's rules, `AwaitingIdentity::judge`, what a request releases): nothing is decided here. Nothing is
//! kept either: no login, no person, no entry of the audit log, and neither the provider nor the register is
//! asked.

use std::sync::Arc;

use guichet_domain::client::SubjectType;
use guichet_domain::simulation::{Rehearsal, RuleOutcome, Simulation, Verdict};
use guichet_domain::{
    BrowserId, BrowsingId, CivilRegisterPolicy, Claim, Client, IdentityClaims, LoginId, Provider,
};
use guichet_oidc::AcceptedRequest;
use serde_json::{Value, json};

use crate::claims_mapping::Trial;
use crate::hub::Hub;
use crate::level::RequiredLevel;
use crate::login::Trip;
use crate::login::identify::{AwaitingIdentity, needs_email};

impl Hub {
    /// Walks the rules of a login, each answered by the code that a real one asks.
    pub fn simulate(&self, rehearsal: &Rehearsal) -> Simulation {
        let mut walk = Walk::default();
        let reached_the_end = self.walk(rehearsal, &mut walk).is_some();
        Simulation {
            signs_in: reached_the_end,
            rules: walk.rules,
        }
    }

    /// `None` where a rule stopped it.
    fn walk(&self, rehearsal: &Rehearsal, walk: &mut Walk) -> Option<()> {
        let (client, request) = self.walk_request(rehearsal, walk)?;
        let trip = self.rehearsed(request);
        let required = RequiredLevel::of(&trip, &client);
        let level = required.acr().to_string();
        walk.tells(
            "level",
            format!("at least {level} is needed"),
            Some(json!(level)),
        );
        if self.refused_hint(&trip, &client).is_some() {
            return walk.stops(
                "idp_hint",
                "the idp_hint is not one that the client may name",
            );
        }
        let provider = self.walk_provider(rehearsal, (&client, &required), walk)?;
        let trial = walk_claims(&provider, rehearsal.claims.clone(), walk)?;
        let claims = self.walk_identity(trip, (&client, &provider, &required), trial, walk)?;
        walk_register(&provider, walk);
        walk_consent(&client, walk);
        walk_subject(&client, walk);
        let released: Vec<&str> = claims.1.iter().map(|claim| claim.as_str()).collect();
        let details = serde_json::to_value(&claims.0).ok();
        walk.tells("released", released.join(" "), details);
        Some(())
    }

    fn walk_request(
        &self,
        rehearsal: &Rehearsal,
        walk: &mut Walk,
    ) -> Option<(Arc<Client>, AcceptedRequest)> {
        let engine = &self.parts().engine;
        let looked = engine.look_at(&rehearsal.parameters);
        let refused = looked.as_ref().err();
        for check in ["client", "redirect_uri", "request"] {
            match refused {
                Some(refusal) if refusal.check == check => {
                    let says = format!("{}: {}", refusal.error, refusal.description);
                    return walk.stops(check, &says);
                }
                _ => walk.passes(check, ""),
            }
        }
        let request = looked.ok()?;
        let client = engine.client_of(&request)?;
        if let Some(off) = engine.switched_off(&client.id) {
            let says = format!("{} is switched off: {}", off.target, off.reason);
            return walk.stops("switch", &says);
        }
        walk.passes("switch", "");
        Some((client, request))
    }

    fn walk_provider(
        &self,
        rehearsal: &Rehearsal,
        (client, required): (&Client, &RequiredLevel),
        walk: &mut Walk,
    ) -> Option<Arc<Provider>> {
        let providers = &self.parts().providers;
        let Some(record) = providers.provider(&rehearsal.provider) else {
            return walk.stops("provider", "there is no such provider");
        };
        if let Some(off) = providers.switched_off(&record.id) {
            return walk.stops("provider", &format!("switched off: {}", off.reason));
        }
        match self.usable(&record, client, required) {
            Ok(eligible) => {
                walk.passes("provider", "it may be chosen");
                Some(Arc::clone(eligible.record()))
            }
            Err(why) => walk.stops("provider", why.as_str()),
        }
    }

    fn walk_identity(
        &self,
        trip: Trip,
        (client, provider, required): (&Client, &Provider, &RequiredLevel),
        trial: Trial,
        walk: &mut Walk,
    ) -> Option<(IdentityClaims, Vec<Claim>)> {
        let request = trip.request.clone();
        let waiting = AwaitingIdentity::rehearsed(trip, provider.id.clone(), trial, self.now())?;
        match waiting.judge(provider, required, needs_email(self, client)) {
            Ok(judged) => {
                let level = judged.level();
                walk.passes("identity", &format!("complete, at {level}"));
                let released = request.released(&waiting.stated(&judged));
                let claims = request.claims().into_iter();
                let there = claims.filter(|claim| released.has(*claim)).collect();
                Some((released, there))
            }
            Err(why) => walk.stops("identity", &why.in_words()),
        }
    }

    /// A trip of nobody's, in no browser.
    fn rehearsed(&self, request: AcceptedRequest) -> Trip {
        let entropy = &*self.parts().entropy;
        Trip {
            floor: self.least_level(&request),
            thawing: false,
            id: LoginId::random(entropy),
            browser: BrowserId::random(entropy),
            browsing: BrowsingId::random(entropy),
            request,
            departures: 0,
            stepping_up: None,
            vouched: None,
            anew: false,
            shared_device: false,
        }
    }
}

fn walk_claims(provider: &Provider, input: Value, walk: &mut Walk) -> Option<Trial> {
    let trial = match Trial::run(provider, input) {
        Ok(trial) => trial,
        Err(error) => return walk.stops("claims", &error.to_string()),
    };
    let details = serde_json::to_value(json!({
        "rules": trial.rules, "claims": trial.claims, "acr": trial.acr, "level": trial.level,
        "amr": trial.amr, "dropped": trial.dropped,
    }))
    .ok();
    let failed = trial.rules.iter().find(|rule| rule.error.is_some());
    let (verdict, says) = match (failed, &trial.claims) {
        (Some(rule), _) => (Verdict::Stops, format!("the rule of {} fails", rule.claim)),
        (None, None) => (Verdict::Stops, "what it says cannot be read".to_owned()),
        (None, Some(_)) => (Verdict::Passes, format!("{} rules", trial.rules.len())),
    };
    walk.rules.push(RuleOutcome {
        rule: "claims",
        verdict,
        says,
        details,
    });
    (verdict == Verdict::Passes).then_some(trial)
}

fn walk_register(provider: &Provider, walk: &mut Walk) {
    let says = match provider.civil_register {
        CivilRegisterPolicy::Required => {
            "the civil register is asked, and has the last word; not in a simulation"
        }
        CivilRegisterPolicy::Skip => "the civil register is not asked: the provider's word counts",
    };
    walk.tells("register", says.to_owned(), None);
}

fn walk_consent(client: &Client, walk: &mut Walk) {
    let says = if client.needs_consent() {
        "the citizen is asked, and may refuse"
    } else {
        "the citizen is informed"
    };
    walk.tells("consent", says.to_owned(), None);
}

fn walk_subject(client: &Client, walk: &mut Walk) {
    let says = match client.subject_type {
        SubjectType::Pairwise => format!("a pseudonym of the sector {}", client.sector),
        SubjectType::Public => "the one name that all public clients get".to_owned(),
    };
    walk.tells("subject", says, None);
}

/// What was said so far.
#[derive(Default)]
struct Walk {
    rules: Vec<RuleOutcome>,
}

impl Walk {
    fn says(&mut self, rule: &'static str, verdict: Verdict, says: &str) {
        self.rules.push(RuleOutcome {
            rule,
            verdict,
            says: says.to_owned(),
            details: None,
        });
    }

    fn passes(&mut self, rule: &'static str, says: &str) {
        self.says(rule, Verdict::Passes, says);
    }

    fn stops<T>(&mut self, rule: &'static str, says: &str) -> Option<T> {
        self.says(rule, Verdict::Stops, says);
        None
    }

    fn tells(&mut self, rule: &'static str, says: String, details: Option<Value>) {
        self.rules.push(RuleOutcome {
            rule,
            verdict: Verdict::Tells,
            says,
            details,
        });
    }
}
