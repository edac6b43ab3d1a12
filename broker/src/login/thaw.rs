//! A frozen person opens their identity again: the word of two providers, one after the other, in one login
//! that their account began for that. Whoever holds one of their accounts, and froze or would thaw, holds
//! half of it.
//!
//! For an account that they closed themselves, the link that was mailed to them then stands in for one of the
//! words (`reopening.rs`).
//!
//! Neither word opens a session before both are there, and an operator's case is not theirs to end.

use axum::response::{IntoResponse, Redirect, Response};
use guichet_domain::{Acr, AuditEvent, EventKind, PersonId, Provider};
use guichet_oidc::{AcceptedRequest, RegisteredRedirect};
use guichet_store::durable::{ActivePerson, Bar};
use guichet_store::short_lived::Step;
use guichet_web::PageError;

use super::notice::Setback;
use super::{AwaitingProvider, Login, Trip, Vouched};
use crate::hub::Hub;

/// What a provider's word for somebody who is frozen comes to.
pub(crate) enum Heard {
    /// Both words are there: they are frozen no longer, and the login goes on.
    Thawed(ActivePerson),
    /// It goes on elsewhere.
    Answered(Response),
    /// The second provider names somebody else.
    Contradicted,
}

impl Hub {
    /// Whether a request is the account's, to open again what is frozen.
    pub(crate) fn begins_thaw(&self, request: &AcceptedRequest) -> bool {
        let address = self.parts().settings.thaw_return.as_deref();
        let redirect = request.redirect().map(RegisteredRedirect::uri);
        self.is_account(request.client()) && redirect.is_some() && redirect == address
    }

    /// The word of `provider` for a person who may not act.
    pub(crate) async fn hear_frozen(
        &self,
        trip: &mut Trip,
        (provider, level): (&Provider, Acr),
        (person, bar): (PersonId, Bar),
        step: Step,
    ) -> Result<Heard, PageError> {
        if !(trip.thawing && self.may_thaw(person).await?) {
            let turned = self.turn_away(trip.clone(), provider.id.clone(), (person, bar), step);
            return turned.await.map(Heard::Answered);
        }
        // A link counts for one word, and once.
        let link = trip.reopening.take();
        if let Some(case) = link
            && self
                .is_reopened_by_link(person, case, (provider, level))
                .await?
        {
            let about = |kind: EventKind| -> AuditEvent {
                let event = trip.event(kind, self.now()).provider(&provider.id);
                event.detail("link", "mailed")
            };
            return self.thaw(trip, provider, (person, about), step).await;
        }
        let first = trip.vouched.take();
        let Some(first) = first else {
            return self.ask_for_second(trip, provider, person, step).await;
        };
        if self.standing(first.person).await? != person || first.voice.is_also(&provider.voice()) {
            return Ok(Heard::Contradicted);
        }
        let about = |kind: EventKind| -> AuditEvent {
            let event = trip.event(kind, self.now()).provider(&provider.id);
            event.detail("with", &first.provider)
        };
        self.thaw(trip, provider, (person, about), step).await
    }

    async fn thaw(
        &self,
        trip: &Trip,
        provider: &Provider,
        (person, about): (PersonId, impl Fn(EventKind) -> AuditEvent + Send),
        step: Step,
    ) -> Result<Heard, PageError> {
        let thawed = self.parts().cases.thaw(person, about).await;
        thawed.map_err(|fault| self.fault("thaw a person", &fault))?;
        match self.admit(person, self.now()).await? {
            Ok(active) => Ok(Heard::Thawed(active)),
            // An operator was quicker.
            Err(bar) => {
                let turned = self.turn_away(trip.clone(), provider.id.clone(), (person, bar), step);
                turned.await.map(Heard::Answered)
            }
        }
    }

    async fn ask_for_second(
        &self,
        trip: &mut Trip,
        provider: &Provider,
        person: PersonId,
        step: Step,
    ) -> Result<Heard, PageError> {
        trip.vouched = Some(Vouched::by(provider, person));
        let event = trip.event(EventKind::PersonBarred, self.now());
        let event = event.provider(&provider.id).person(person);
        self.append(event.detail("thawing", "first_word")).await?;
        let back =
            AwaitingProvider::after(trip.clone(), provider.id.clone(), Setback::SecondIsNeeded);
        let back = Login::AwaitingProvider(back);
        self.advance(step, &back).await?;
        Ok(Heard::Answered(
            Redirect::to(&self.step_path(&back)).into_response(),
        ))
    }
}
