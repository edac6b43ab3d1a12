//! The word of a review tool outside becomes a habilitation, or another version of one: what it asks and grants, put
//! on record as the exception that it is, in one compare-and-swap.

use guichet_domain::habilitation::{
    Approval, AskedScope, Dossier, Elsewhere, Habilitation, NotNow, StepKind, Terms,
};
use guichet_domain::{
    Acr, AcrValue, AuditEvent, EventKind, HabilitationId, OrganisationId, Scope, Scopes, StaffId,
    TeamId, Timestamp,
};
use guichet_store::Fault;

use super::check::asked;
use super::duties::Hands;
use super::elsewhere::wrong;
use super::{Approved, Contacts, Onboarding, OnboardingError};
use crate::Actor;

/// How often whoever is overtaken looks again.
const TRIES: usize = 5;

impl Onboarding {
    /// What a message comes to, or what is wrong with it.
    pub(super) fn agreed(
        &self,
        approved: &Approved,
        at: Timestamp,
    ) -> Result<Elsewhere, OnboardingError> {
        let scopes: Result<Scopes, _> = approved.client.scope.parse();
        let scopes = scopes.map_err(|_| wrong("scope", "scopes, parted by spaces"))?;
        let level = level(&approved.client.default_acr_values)?;
        let dossier = dossier(approved, &scopes, level);
        if let Some(it) = self.first_wrong(&dossier) {
            return Err(wrong("dossier", &format!("{it}: it cannot be so")));
        }
        let by = approved.by.trim();
        if by.chars().count() > 200 || by.chars().any(char::is_control) {
            return Err(wrong("approved_by", "a line of 200 characters at most"));
        }
        let (of_evidence, evidence) = asked(&dossier, &self.catalogue);
        let mut all: Vec<Scope> = scopes.iter().cloned().collect();
        for scope in of_evidence.iter() {
            if !all.contains(scope) {
                all.push(scope.clone());
            }
        }
        Ok(Elsewhere {
            terms: Terms {
                scopes: all.into_iter().collect(),
                evidence,
                level,
                retention_months: dossier.retention_months.trim().parse().unwrap_or_default(),
            },
            dossier,
            approval: Approval {
                tool: approved.tool.clone(),
                reference: approved.id.clone(),
                by: by.to_owned(),
                at,
            },
            entry: 0,
        })
    }

    /// What is told of the file and cannot be so. What is not told is the tool's to know; a scope that only another
    /// hub has is no scope of the form.
    fn first_wrong(&self, dossier: &Dossier) -> Option<String> {
        let is_told = |member: &str| {
            let lines = dossier.lines();
            let told = lines
                .iter()
                .any(|(name, text)| name == member && !text.is_empty());
            match member {
                "purposes" => !dossier.purposes.is_empty() || !dossier.evidence.is_empty(),
                _ => told,
            }
        };
        let wrongs = self.wrongs(dossier, &Contacts::default());
        let mut wrongs = wrongs.into_iter().filter(|it| {
            let is_reasoned = it.text == "onboarding-wrong-reason";
            is_told(&it.member) || it.member.starts_with("evidence.") && !is_reasoned
        });
        wrongs.next().map(|it| it.member)
    }

    /// Has the habilitation say what was agreed to: a new one, another version, or the same as it is.
    pub(super) async fn approve(
        &self,
        name: &str,
        organisation: &str,
        mut agreed: Elsewhere,
    ) -> Result<Habilitation, OnboardingError> {
        let named = |error| OnboardingError::from(Fault::new("the name of a habilitation", error));
        let id: HabilitationId = format!("h-{name}").parse().map_err(named)?;
        let team: TeamId = format!("t-{name}").parse().map_err(named)?;
        let organisation: OrganisationId = organisation.parse().map_err(named)?;
        let tool: StaffId = Approval::BY.parse().map_err(named)?;
        for _ in 0..TRIES {
            let now = self.door.clock.now();
            let known = self.habilitations.habilitation(&id).await?;
            if known
                .as_ref()
                .is_some_and(|it| it.organisation != organisation)
            {
                return Err(wrong("organisation", "this habilitation is another one's"));
            }
            let after = |agreed: Elsewhere| match &known {
                None => {
                    let of = (organisation.clone(), team.clone());
                    let first = Habilitation::approved(id.clone(), of, agreed, (&tool, now));
                    Ok(Some(first))
                }
                Some(known) => known.approved_anew(agreed, (&tool, now)),
            };
            let tried: Option<Habilitation> = after(agreed.clone())?;
            let Some(tried) = tried else {
                return known.ok_or(OnboardingError::Unknown);
            };
            agreed.entry = self
                .record_approval(EventKind::HabilitationValidated, &tried)
                .await?;
            let Some(next) = after(agreed.clone())? else {
                return known.ok_or(OnboardingError::Unknown);
            };
            let replaced = self
                .habilitations
                .replace_habilitation(known.as_ref(), &next, now);
            if replaced.await? {
                self.carry_out(&next, Hands::Own).await;
                return Ok(next);
            }
            self.record_approval(EventKind::HabilitationStepFailed, &next)
                .await?;
        }
        Err(OnboardingError::Overtaken)
    }

    /// The entry that says so, and by what exception; its place in the log.
    async fn record_approval(
        &self,
        kind: EventKind,
        next: &Habilitation,
    ) -> Result<u64, OnboardingError> {
        let (version, _, approval) = next.last_approval().ok_or(NotNow::State)?;
        let event = AuditEvent::new(kind, self.door.clock.now())
            .detail("habilitation", &next.id)
            .detail("organisation", &next.organisation)
            .detail("team", &next.team)
            .detail("step", StepKind::Approve.as_str())
            .detail("version", version.number)
            .detail("state", version.standing.state().as_str())
            .detail("exception", EXCEPTION)
            .detail("tool", &approval.tool)
            .detail("reference", &approval.reference)
            .detail("by", Actor::ReviewTool);
        Ok(self.door.ledger.append(event).await?.sequence)
    }
}

/// What the exception is called, in the audit log and in the public register.
pub(super) const EXCEPTION: &str = "approved_elsewhere";

/// The highest of the levels that were approved; the lowest there is without any.
fn level(values: &[String]) -> Result<Acr, OnboardingError> {
    let mut level = Acr::Eidas1;
    for value in values {
        let value: Acr = value
            .parse()
            .map_err(|_| wrong("default_acr_values", "eidas1, eidas2 or eidas3"))?;
        if AcrValue::corroborated(value).satisfies(level.into()) {
            level = value;
        }
    }
    Ok(level)
}

/// What was asked, as the tool tells it: the service, its scopes and its level as they were approved.
fn dossier(approved: &Approved, scopes: &Scopes, level: Acr) -> Dossier {
    let told = &approved.dossier;
    let asked = scopes.iter().filter(|scope| scope.as_str() != "openid");
    let asked = asked.map(|scope| {
        let mut told = told.scopes.iter().filter(|it| it.scope == scope.as_str());
        AskedScope {
            scope: scope.to_string(),
            justification: told
                .next()
                .map(|it| it.justification.clone())
                .unwrap_or_default(),
        }
    });
    Dossier {
        service: approved.client.name.trim().to_owned(),
        scopes: asked.collect(),
        level: level.to_string(),
        ..told.clone()
    }
}
