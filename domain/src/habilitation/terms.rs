//! What a habilitation grants: scopes, fields of evidence, a level. A service's record never exceeds it.

use serde::{Deserialize, Serialize};

use crate::reason::Rule;
use crate::{Acr, AcrValue, Client, EvidenceRight, InvalidMember, Scope, Scopes};

/// What a service may ask citizens for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// Scopes.
    pub scopes: Scopes,
    /// Evidence, field by field.
    pub evidence: Vec<EvidenceRight>,
    /// The level it asks for.
    pub level: Acr,
    /// How long it keeps what it gets, in months.
    pub retention_months: u16,
}

impl Terms {
    /// Whether a service asks for no more than this.
    pub fn check(&self, client: &Client) -> Result<(), InvalidMember> {
        let beyond = |member, what: &str| {
            Err(InvalidMember::new(
                member,
                Rule::BeyondHabilitation.of(what),
            ))
        };
        if let Some(scope) = client.scopes.iter().find(|scope| !self.covers(scope)) {
            return beyond("scope", scope.as_str());
        }
        if let Some(right) = client
            .evidence_rights
            .iter()
            .find(|it| !self.covers_right(it))
        {
            return beyond("evidence_rights", right.evidence_type.as_str());
        }
        let exceeds = |asked: AcrValue| !AcrValue::corroborated(self.level).satisfies(asked);
        if exceeds(client.default_acr) {
            return beyond("default_acr_values", client.default_acr.as_str());
        }
        match client.minimum_acr {
            Some(least) if exceeds(least) => beyond("minimum_acr_value", least.as_str()),
            _ => Ok(()),
        }
    }

    /// The service with no more than this: as it is where it asks for no more.
    #[must_use]
    pub fn narrowed(&self, client: &Client) -> Client {
        let mut narrowed = client.clone();
        let scopes = client.scopes.iter().filter(|scope| self.covers(scope));
        narrowed.scopes = scopes.cloned().collect();
        narrowed.evidence_rights.retain(|it| self.covers_right(it));
        let level = AcrValue::corroborated(self.level);
        if !level.satisfies(client.default_acr) {
            narrowed.default_acr = self.level.into();
        }
        narrowed.minimum_acr = client.minimum_acr.filter(|least| level.satisfies(*least));
        narrowed
    }

    /// By its name, or by the claims it stands for.
    fn covers(&self, scope: &Scope) -> bool {
        let named = OF_EVERYBODY.contains(&scope.as_str())
            || self.scopes.iter().any(|granted| granted == scope);
        let claims = scope.claims();
        let is_claim_granted = |claim| {
            self.scopes
                .iter()
                .any(|granted| granted.claims().contains(claim))
        };
        named || (!claims.is_empty() && claims.iter().all(is_claim_granted))
    }

    fn covers_right(&self, right: &EvidenceRight) -> bool {
        self.evidence.iter().any(|granted| {
            granted.evidence_type == right.evidence_type
                && right.fields.iter().all(|it| granted.fields.contains(it))
                && right
                    .purposes
                    .iter()
                    .all(|it| granted.purposes.contains(it))
        })
    }
}

/// Scopes that say nothing of anybody.
const OF_EVERYBODY: [&str; 2] = ["openid", "amr"];
