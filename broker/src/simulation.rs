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
        let needed = Said::of("level", &level, format!("at least {level} is needed"));
        walk.tells("level", needed, Some(json!(level)));
        if self.refused_hint(&trip, &client).is_some() {
            let says = "the idp_hint is not one that the client may name";
            return walk.stops("idp_hint", Said::plain("hint", says));
        }
        let provider = self.walk_provider(rehearsal, (&client, &required), walk)?;
        let trial = walk_claims(&provider, rehearsal.claims.clone(), walk)?;
        let claims = self.walk_identity(trip, (&client, &provider, &required), trial, walk)?;
        walk_register(&provider, walk);
        walk_consent(&client, walk);
        walk_subject(&client, walk);
        let released: Vec<&str> = claims.1.iter().map(|claim| claim.as_str()).collect();
        let details = serde_json::to_value(&claims.0).ok();
        let released = released.join(" ");
        let said = Said::of("released", &released, released.clone());
        walk.tells("released", said, details);
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
                    return walk.stops(check, Said::of("request", &says, says.clone()));
                }
                _ => walk.passes(check, Said::default()),
            }
        }
        let request = looked.ok()?;
        let client = engine.client_of(&request)?;
        if let Some(off) = engine.switched_off(&client.id) {
            let says = format!("{} is switched off: {}", off.target, off.reason);
            let what = format!("{}: {}", off.target, off.reason);
            return walk.stops("switch", Said::of("switch", &what, says));
        }
        walk.passes("switch", Said::default());
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
            let said = Said::plain("no-provider", "there is no such provider");
            return walk.stops("provider", said);
        };
        if let Some(off) = providers.switched_off(&record.id) {
            let says = format!("switched off: {}", off.reason);
            return walk.stops("provider", Said::of("provider-off", &off.reason, says));
        }
        match self.usable(&record, client, required) {
            Ok(eligible) => {
                walk.passes("provider", Said::plain("provider-ok", "it may be chosen"));
                Some(Arc::clone(eligible.record()))
            }
            Err(why) => {
                let reason = format!("provider-{}", why.as_str());
                walk.stops("provider", Said::plain(&reason, why.as_str()))
            }
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
                let says = format!("complete, at {level}");
                walk.passes(
                    "identity",
                    Said::of("identity-ok", &level.to_string(), says),
                );
                let released = request.released(&waiting.stated(&judged));
                let claims = request.claims().into_iter();
                let there = claims.filter(|claim| released.has(*claim)).collect();
                Some((released, there))
            }
            Err(why) => {
                let (reason, what) = why.as_reason();
                walk.stops("identity", Said::of(reason, &what, why.in_words()))
            }
        }
    }

    /// A trip of nobody's, in no browser.
    fn rehearsed(&self, request: AcceptedRequest) -> Trip {
        let entropy = &*self.parts().entropy;
        Trip {
            floor: self.least_level(&request),
            thawing: false,
            reopening: None,
            id: LoginId::random(entropy),
            browser: BrowserId::random(entropy),
            browsing: BrowsingId::random(entropy),
            request,
            departures: 0,
            stepping_up: None,
            vouched: None,
            anew: false,
            visitor: None,
            shared_device: false,
            place: None,
        }
    }
}

fn walk_claims(provider: &Provider, input: Value, walk: &mut Walk) -> Option<Trial> {
    let trial = match Trial::run(provider, input) {
        Ok(trial) => trial,
        Err(error) => {
            let says = error.to_string();
            return walk.stops("claims", Said::of("claims-error", &says, says.clone()));
        }
    };
    let details = serde_json::to_value(json!({
        "rules": trial.rules, "claims": trial.claims, "acr": trial.acr, "level": trial.level,
        "amr": trial.amr, "dropped": trial.dropped,
    }))
    .ok();
    let failed = trial.rules.iter().find(|rule| rule.error.is_some());
    let (verdict, said) = match (failed, &trial.claims) {
        (Some(rule), _) => {
            let claim = rule.claim.clone();
            let says = format!("the rule of {claim} fails");
            (Verdict::Stops, Said::of("claims-rule", &claim, says))
        }
        (None, None) => {
            let says = "what it says cannot be read";
            (Verdict::Stops, Said::plain("claims-unread", says))
        }
        (None, Some(_)) => {
            let count = trial.rules.len().to_string();
            let says = format!("{count} rules");
            (Verdict::Passes, Said::of("claims-ok", &count, says))
        }
    };
    walk.says("claims", verdict, said, details);
    (verdict == Verdict::Passes).then_some(trial)
}

fn walk_register(provider: &Provider, walk: &mut Walk) {
    let said = match provider.civil_register {
        CivilRegisterPolicy::Required => Said::plain(
            "register-asked",
            "the civil register is asked, and has the last word; not in a simulation",
        ),
        CivilRegisterPolicy::Skip => Said::plain(
            "register-skipped",
            "the civil register is not asked: the provider's word counts",
        ),
    };
    walk.tells("register", said, None);
}

fn walk_consent(client: &Client, walk: &mut Walk) {
    let said = if client.needs_consent() {
        Said::plain("consent-asked", "the citizen is asked, and may refuse")
    } else {
        Said::plain("consent-informed", "the citizen is informed")
    };
    walk.tells("consent", said, None);
}

fn walk_subject(client: &Client, walk: &mut Walk) {
    let said = match client.subject_type {
        SubjectType::Pairwise => {
            let sector = client.sector.to_string();
            let says = format!("a pseudonym of the sector {sector}");
            Said::of("subject-pairwise", &sector, says)
        }
        SubjectType::Public => {
            Said::plain("subject-public", "the one name that all public clients get")
        }
    };
    walk.tells("subject", said, None);
}

/// What was said so far.
#[derive(Default)]
struct Walk {
    rules: Vec<RuleOutcome>,
}

/// What a rule says: in words, and as a reason that others say in theirs.
#[derive(Default)]
struct Said {
    reason: String,
    what: String,
    says: String,
}

impl Said {
    fn of(reason: &str, what: &str, says: String) -> Self {
        Self {
            reason: reason.to_owned(),
            what: what.to_owned(),
            says,
        }
    }

    fn plain(reason: &str, says: &str) -> Self {
        Self::of(reason, "", says.to_owned())
    }
}

impl Walk {
    fn says(&mut self, rule: &'static str, verdict: Verdict, said: Said, details: Option<Value>) {
        self.rules.push(RuleOutcome {
            rule,
            verdict,
            says: said.says,
            reason: said.reason,
            what: said.what,
            details,
        });
    }

    fn passes(&mut self, rule: &'static str, said: Said) {
        self.says(rule, Verdict::Passes, said, None);
    }

    fn stops<T>(&mut self, rule: &'static str, said: Said) -> Option<T> {
        self.says(rule, Verdict::Stops, said, None);
        None
    }

    fn tells(&mut self, rule: &'static str, said: Said, details: Option<Value>) {
        self.says(rule, Verdict::Tells, said, details);
    }
}
