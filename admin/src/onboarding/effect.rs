//! What a step does to the services a habilitation is about: they stop, go on, or may ask for what is granted
//! now. Other nodes follow within a second, as with any change of a client.

use std::sync::Arc;

use guichet_domain::habilitation::Habilitation;
use guichet_domain::{Client, ClientId};

use super::{By, Onboarding, OnboardingError};
use crate::{ChangeError, ClientRecords, Records as _};

/// How often a client that somebody else changes meanwhile is looked at again.
const TRIES: usize = 5;

impl Onboarding {
    /// The services that a habilitation is about.
    pub(crate) async fn clients_of(
        &self,
        habilitation: &Habilitation,
    ) -> Result<Vec<Arc<Client>>, OnboardingError> {
        let mut all = self.clients.registry.clients().await?;
        all.retain(|client| client.habilitation.as_ref() == Some(&habilitation.id));
        Ok(all)
    }

    /// Stops them; those that did not rest already.
    pub(super) async fn stop(
        &self,
        habilitation: &Habilitation,
        by: &By<'_>,
    ) -> Result<Vec<ClientId>, OnboardingError> {
        let mut stopped = habilitation.paused.clone();
        for client in self.clients_of(habilitation).await? {
            if client.active {
                let stop = |client: &Client| ClientRecords::inactive(client);
                self.change(&client.id, "suspended", by, stop).await?;
                stopped.push(client.id.clone());
            }
        }
        Ok(stopped)
    }

    /// Those that stopped with it go on.
    pub(super) async fn go_on(
        &self,
        habilitation: &Habilitation,
        by: &By<'_>,
    ) -> Result<(), OnboardingError> {
        for id in &habilitation.paused {
            let begin = |client: &Client| Client {
                active: true,
                ..client.clone()
            };
            self.change(id, "resumed", by, begin).await?;
        }
        Ok(())
    }

    /// They may ask for what is granted now, no more and no less.
    pub(super) async fn apply(
        &self,
        habilitation: &Habilitation,
        by: &By<'_>,
    ) -> Result<(), OnboardingError> {
        let Some(granted) = habilitation.granted() else {
            return Ok(());
        };
        for client in self.clients_of(habilitation).await? {
            let apply = |client: &Client| Client {
                scopes: granted.terms.scopes.clone(),
                evidence_rights: granted.terms.evidence.clone(),
                default_acr: granted.terms.level.into(),
                minimum_acr: None,
                ..client.clone()
            };
            self.change(&client.id, "granted", by, apply).await?;
        }
        Ok(())
    }

    /// Changes a client as it is at that moment; one that is gone is left.
    async fn change(
        &self,
        id: &ClientId,
        what: &'static str,
        by: &By<'_>,
        change: impl Fn(&Client) -> Client,
    ) -> Result<(), OnboardingError> {
        for _ in 0..TRIES {
            let all = self.clients.registry.clients().await?;
            let Some(known) = all.iter().find(|client| client.id == *id) else {
                return Ok(());
            };
            let changed = change(known);
            let now = self.door.clock.now();
            let event = ClientRecords::event(&changed, what, now).detail("by", by.actor());
            self.door.ledger.append(event).await?;
            if self.clients.replace(Some(known), &changed, now).await? {
                return Ok(());
            }
        }
        Err(ChangeError::Overtaken(ClientRecords::KIND, id.to_string()).into())
    }
}
