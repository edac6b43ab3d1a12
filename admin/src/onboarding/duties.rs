//! What steps left to be done, done: services stop, go on, or may ask for what is granted now, and whoever should
//! know is written to. Right after the step, by the node that took it; and by every node's upkeep, where that did
//! not come to its end, because the node died or somebody changed a service at the same moment. Whatever is done
//! is looked at first, so that doing it twice changes nothing.

use std::collections::BTreeSet;

use guichet_domain::habilitation::{Duty, Habilitation, Task, Terms};
use guichet_domain::{Client, ClientId, HabilitationId};
use guichet_store::Fault;

use super::{Onboarding, OnboardingError};
use crate::{Actor, ChangeError, ClientRecords, Records as _};

/// How often what somebody else changes meanwhile is looked at again.
const TRIES: usize = 5;

/// Whose a duty is at this moment.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Hands {
    /// This node just took the step.
    Own,
    /// Any node's that looks whether something was left.
    Anybody,
}

impl Onboarding {
    /// Does what steps left to be done, of every habilitation. What cannot be done is logged, and stays to be done.
    pub async fn carry_out_due(&self) -> Result<(), Fault> {
        for known in self.habilitations.due().await? {
            self.carry_out(&known, Hands::Anybody).await;
        }
        Ok(())
    }

    /// Stops services that are in use though their habilitation grants nothing, and takes from others what it
    /// does not grant: those that were written at the very moment of a step, by whatever way.
    pub async fn sweep(&self) -> Result<(), Fault> {
        let all = self.clients.registry.clients_now().await?;
        let active = all.iter().filter(|client| client.active);
        let ids: BTreeSet<_> = active.filter_map(|it| it.habilitation.clone()).collect();
        for id in ids {
            if let Err(error) = self.look_at(&id).await {
                tracing::warn!(%error, habilitation = %id, "its services could not be looked at");
            }
        }
        Ok(())
    }

    /// The same of one habilitation.
    pub(super) async fn look_at(&self, id: &HabilitationId) -> Result<(), OnboardingError> {
        let known = self.habilitations.habilitation(id).await?;
        let granted = known.as_ref().and_then(|it| it.granted());
        let Some(granted) = granted else {
            return self.stop(id, &Actor::Hub).await;
        };
        let services = self.services_of(id).await?;
        let narrow = |client: &Client| granted.terms.narrowed(client);
        self.each(id, &services, ("granted", &Actor::Hub), narrow)
            .await
    }

    /// Does what is left to be done of one.
    pub(super) async fn carry_out(&self, known: &Habilitation, hands: Hands) {
        let mut done = Vec::new();
        for duty in &known.duties {
            match self.carry(known, duty, hands).await {
                Ok(carried) => done.extend(carried),
                Err(error) => tracing::warn!(
                    %error, habilitation = %known.id, "what a step left to be done is tried again"
                ),
            }
        }
        let is_over = known.duties.is_empty() || !done.is_empty();
        if is_over && let Err(error) = self.relieve(&known.id, &done).await {
            tracing::warn!(%error, habilitation = %known.id, "what was done will be done again");
        }
    }

    /// Does one thing; how it stands in the record by then, where it was done.
    async fn carry(
        &self,
        known: &Habilitation,
        duty: &Duty,
        hands: Hands,
    ) -> Result<Option<Duty>, OnboardingError> {
        let by = Actor::named(&duty.by);
        match &duty.task {
            Task::Stop => self.stop(&known.id, &by).await?,
            Task::Start { clients } => self.start(&known.id, clients, &by).await?,
            Task::Apply { version } => self.apply(&known.id, *version, &by).await?,
            Task::Tell { step, taken_until } => {
                let taken = match hands {
                    Hands::Own => Some(duty.clone()),
                    Hands::Anybody if *taken_until > self.door.clock.now() => None,
                    Hands::Anybody => self.take_over(known, duty).await?,
                };
                if taken.is_some() {
                    self.notify(known, *step).await?;
                }
                return Ok(taken);
            }
        }
        Ok(Some(duty.clone()))
    }

    /// Writes down that mail is this node's to send now: of nodes that would at once, one does.
    async fn take_over(
        &self,
        known: &Habilitation,
        duty: &Duty,
    ) -> Result<Option<Duty>, OnboardingError> {
        let now = self.door.clock.now();
        let (next, taken) = known.taking(duty, now);
        let replaced = self
            .habilitations
            .replace_habilitation(Some(known), &next, now);
        Ok(replaced.await?.then_some(taken))
    }

    /// Takes what was done out of the record.
    async fn relieve(&self, id: &HabilitationId, done: &[Duty]) -> Result<(), OnboardingError> {
        for _ in 0..TRIES {
            let Some(known) = self.habilitations.habilitation(id).await? else {
                return Ok(());
            };
            let next = known.relieved(done);
            let now = self.door.clock.now();
            let replaced = self
                .habilitations
                .replace_habilitation(Some(&known), &next, now);
            if replaced.await? {
                return Ok(());
            }
        }
        Err(OnboardingError::Overtaken)
    }

    /// Stops whatever is in use, as long as nothing is granted. What is found in use during a suspension stops
    /// with it, and goes on with it.
    async fn stop(&self, id: &HabilitationId, by: &Actor) -> Result<(), OnboardingError> {
        let mut stopped = Vec::new();
        for _ in 0..TRIES {
            let known = self.habilitations.habilitation(id).await?;
            if known.as_ref().is_some_and(|it| it.granted().is_some()) {
                // It ended meanwhile: whatever stopped after that goes on.
                return self.start(id, &stopped, by).await;
            }
            let running = self.running(id).await?;
            if running.is_empty() {
                return Ok(());
            }
            if let Some(known) = &known
                && let Some(next) = known.pausing(&running)
            {
                let now = self.door.clock.now();
                let replace = self
                    .habilitations
                    .replace_habilitation(Some(known), &next, now);
                if !replace.await? {
                    continue;
                }
            }
            let rest = |client: &Client| ClientRecords::inactive(client);
            let rested = self.each(id, &running, ("suspended", by), rest).await;
            stopped.extend(running);
            rested?;
        }
        Err(OnboardingError::Overtaken)
    }

    /// These go on, as long as something is granted, and with no more than that.
    async fn start(
        &self,
        id: &HabilitationId,
        clients: &[ClientId],
        by: &Actor,
    ) -> Result<(), OnboardingError> {
        let known = self.habilitations.habilitation(id).await?;
        let Some(granted) = known.as_ref().and_then(|it| it.granted()) else {
            return Ok(());
        };
        let begin = |client: &Client| Client {
            active: true,
            ..granted.terms.narrowed(client)
        };
        self.each(id, clients, ("resumed", by), begin).await?;
        // It may have been suspended meanwhile.
        if clients.is_empty() || self.grants(id).await? {
            Ok(())
        } else {
            Box::pin(self.stop(id, by)).await
        }
    }

    /// Its services may ask for what this version grants, no more and no less; unless it gave way meanwhile.
    async fn apply(
        &self,
        id: &HabilitationId,
        version: u32,
        by: &Actor,
    ) -> Result<(), OnboardingError> {
        let known = self.habilitations.habilitation(id).await?;
        let granting = known.as_ref().and_then(Habilitation::granting);
        let granted = granting
            .filter(|it| it.number == version)
            .and_then(|it| it.standing.granted());
        let Some(granted) = granted else {
            return Ok(());
        };
        let services = self.services_of(id).await?;
        let apply = |client: &Client| exactly(&granted.terms, client);
        self.each(id, &services, ("granted", by), apply).await
    }

    async fn grants(&self, id: &HabilitationId) -> Result<bool, OnboardingError> {
        let known = self.habilitations.habilitation(id).await?;
        Ok(known.is_some_and(|it| it.granted().is_some()))
    }

    /// The services that a habilitation is about, by what the database says now.
    async fn services_of(&self, id: &HabilitationId) -> Result<Vec<ClientId>, OnboardingError> {
        let all = self.clients.registry.clients_now().await?;
        let services = all.iter().filter(|it| it.habilitation.as_ref() == Some(id));
        Ok(services.map(|it| it.id.clone()).collect())
    }

    /// Those that are in use.
    pub(super) async fn running(
        &self,
        id: &HabilitationId,
    ) -> Result<Vec<ClientId>, OnboardingError> {
        let all = self.clients.registry.clients_now().await?;
        let services = all.iter().filter(|it| it.habilitation.as_ref() == Some(id));
        let running = services.filter(|it| it.active);
        Ok(running.map(|it| it.id.clone()).collect())
    }

    /// Changes each: one that cannot be changed keeps no other from it.
    async fn each(
        &self,
        id: &HabilitationId,
        clients: &[ClientId],
        (what, by): (&'static str, &Actor),
        change: impl Fn(&Client) -> Client,
    ) -> Result<(), OnboardingError> {
        let mut changed = Ok(());
        for client in clients {
            let one = self.change((id, client), (what, by), &change).await;
            changed = changed.and(one);
        }
        changed
    }

    /// Changes a client as it is at that moment; one that is gone, or lives by something else, is left.
    async fn change(
        &self,
        (habilitation, id): (&HabilitationId, &ClientId),
        (what, by): (&'static str, &Actor),
        change: impl Fn(&Client) -> Client,
    ) -> Result<(), OnboardingError> {
        for _ in 0..TRIES {
            let all = self.clients.registry.clients_now().await?;
            let known = all.iter().find(|client| client.id == *id);
            let Some(known) = known.filter(|it| it.habilitation.as_ref() == Some(habilitation))
            else {
                return Ok(());
            };
            let changed = change(known);
            if changed == **known {
                return Ok(());
            }
            let now = self.door.clock.now();
            let event = ClientRecords::event(&changed, what, now).detail("by", by);
            self.door.ledger.append(event).await?;
            if self.clients.replace(Some(known), &changed, now).await? {
                return Ok(());
            }
        }
        Err(ChangeError::Overtaken(ClientRecords::KIND, id.to_string()).into())
    }
}

/// The client, as these terms have it: no more and no less.
fn exactly(terms: &Terms, client: &Client) -> Client {
    Client {
        scopes: terms.scopes.clone(),
        evidence_rights: terms.evidence.clone(),
        default_acr: terms.level.into(),
        minimum_acr: None,
        ..client.clone()
    }
}
