//! What every way of registering a client asks, be it a page, the API, a command or the settings: where it
//! lives is for good, and in production it asks for no more than its habilitation grants.

use std::sync::Arc;

use guichet_domain::{Client, InvalidMember, Rule, Timestamp};
use guichet_store::Fault;
use guichet_store::durable::{Habilitations, Registry};

use super::own_keys;
use guichet_oidc::ClientSecrets;

/// Who may be registered.
#[derive(Clone)]
pub struct Admission {
    /// What was granted.
    pub habilitations: Arc<dyn Habilitations>,
    /// Whether a client in production needs a habilitation, or an operator who says why not.
    pub required: bool,
}

impl Admission {
    /// Whether what it lives by grants anything now; true where it lives by nothing.
    pub async fn stands(&self, client: &Client) -> Result<bool, Fault> {
        let Some(id) = &client.habilitation else {
            return Ok(true);
        };
        let habilitation = self.habilitations.habilitation(id).await?;
        Ok(habilitation.is_some_and(|it| it.granted().is_some()))
    }

    /// The client with no more than it may ask for by what is granted now; as it is where it lives by nothing.
    pub async fn within(&self, client: &Client) -> Result<Client, Fault> {
        let Some(id) = &client.habilitation else {
            return Ok(client.clone());
        };
        let habilitation = self.habilitations.habilitation(id).await?;
        let granted = habilitation.as_ref().and_then(|it| it.granted());
        Ok(granted.map_or_else(|| client.clone(), |it| it.terms.narrowed(client)))
    }

    /// Whether `client` may come in the place of the one `known`.
    pub async fn check(
        &self,
        known: Option<&Client>,
        (client, given): (&Client, Option<&str>),
        (registry, secrets): (&dyn Registry, &ClientSecrets),
        now: Timestamp,
    ) -> Result<Result<(), InvalidMember>, Fault> {
        if known.is_some_and(|known| known.environment != client.environment) {
            let reason = Rule::ProductionForGood;
            return Ok(Err(InvalidMember::new("environment", reason)));
        }
        if !client.is_sandbox()
            && let Err(invalid) = self.granted_to(client).await?
        {
            return Ok(Err(invalid));
        }
        let brings_nothing = known.is_some_and(|known| {
            known.keys == client.keys && given.is_none() && (known.active || !client.active)
        });
        if brings_nothing {
            return Ok(Ok(()));
        }
        let all = registry.clients_now().await?;
        let apart: Vec<&Client> = all
            .iter()
            .map(|it| &**it)
            .filter(|it| it.is_sandbox() != client.is_sandbox())
            .collect();
        own_keys::check(client, given, (secrets, now), &apart)
    }

    /// Whether a client in production asks for no more than it may.
    async fn granted_to(&self, client: &Client) -> Result<Result<(), InvalidMember>, Fault> {
        let Some(id) = &client.habilitation else {
            return Ok(self.without(client));
        };
        let habilitation = self.habilitations.habilitation(id).await?;
        let granted = habilitation.as_ref().and_then(|it| it.granted());
        Ok(match granted {
            Some(granted) => granted.terms.check(client),
            // Out of use, it may stay as it is.
            None if !client.active => Ok(()),
            None => {
                let reason = Rule::NothingGranted;
                Err(InvalidMember::new("habilitation", reason))
            }
        })
    }

    /// Those that came in by dynamic registration have rules of their own; one out of use harms nobody.
    fn without(&self, client: &Client) -> Result<(), InvalidMember> {
        let is_excused = client.exception.is_some() || client.registration.is_some();
        if self.required && client.active && !is_excused {
            let reason = Rule::HabilitationNeeded;
            return Err(InvalidMember::new("habilitation", reason));
        }
        Ok(())
    }
}
