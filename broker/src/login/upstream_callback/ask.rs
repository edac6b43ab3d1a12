//! From a provider's answer to who the person is.

use std::sync::Arc;

use guichet_domain::ProviderId;

use super::{Answer, AwaitingUpstream, Returned};
use crate::hub::Hub;
use crate::level::RequiredLevel;
use crate::login::Trip;
use crate::login::choose_provider::EligibleProvider;
use crate::upstream::{Expected, Lie, ProviderFailure, Proving, Tokens, Upstream, VerifiedIdToken};

/// Asks within twice the time that one call has: a page comes whatever the provider does.
pub(super) async fn ask(
    hub: &Hub,
    waiting: &AwaitingUpstream,
    answer: &Answer,
) -> Result<Returned, ProviderFailure> {
    let within = hub.parts().settings.provider_timeout * 2;
    let asked = tokio::time::timeout(within, ask_at_length(hub, waiting, answer)).await;
    let asked = asked.unwrap_or(Err(ProviderFailure::Timeout));
    hub.health().called(&waiting.provider, &asked, hub.now());
    asked
}

/// From the answer to who the person is: the provider is still eligible, its issuer is the one
/// expected, its code buys tokens, they hold, and its claims are about the same person.
async fn ask_at_length(
    hub: &Hub,
    waiting: &AwaitingUpstream,
    answer: &Answer,
) -> Result<Returned, ProviderFailure> {
    let eligible = still_eligible(hub, &waiting.trip, &waiting.provider)?;
    let upstream = hub.upstream(eligible.record()).await?;
    upstream.check_issuer(answer.iss.as_deref())?;
    match answer.error.as_deref() {
        Some("access_denied") => return Err(ProviderFailure::Denied),
        Some(_) => return Err(ProviderFailure::Error),
        None => (),
    }
    let code = answer.code.as_deref().ok_or(ProviderFailure::Garbled)?;
    let transport = hub.transport();
    let parts = hub.parts();
    let ring = parts.keys.client_ring();
    let proving = Proving {
        ring,
        entropy: &*parts.entropy,
        now: hub.now(),
    };
    let tokens = upstream
        .exchange(code, &waiting.verifier, proving, &transport)
        .await?;
    let (upstream, id_token) = verify(hub, upstream, waiting, &tokens).await?;
    let claims = upstream
        .claims(&id_token, &tokens.access_token, &transport)
        .await?;
    Ok(Returned {
        id_token,
        claims,
        can_sign_out: upstream.end_session().is_some(),
    })
}

/// Verifies the ID token, with the provider's keys fetched again if it names one we do not know.
async fn verify(
    hub: &Hub,
    upstream: Arc<Upstream>,
    waiting: &AwaitingUpstream,
    tokens: &Tokens,
) -> Result<(Arc<Upstream>, VerifiedIdToken), ProviderFailure> {
    let expected = waiting.expected(&upstream, tokens, hub);
    let lie = match VerifiedIdToken::verify(&tokens.id_token, upstream.keys(), &expected) {
        Ok(id_token) => return Ok((upstream, id_token)),
        Err(lie) => lie,
    };
    if lie != Lie::Key {
        return Err(ProviderFailure::Lie(lie));
    }
    let again = hub.upstream_again(&upstream).await?;
    let expected = waiting.expected(&again, tokens, hub);
    match VerifiedIdToken::verify(&tokens.id_token, again.keys(), &expected) {
        Ok(id_token) => Ok((again, id_token)),
        Err(lie) => Err(ProviderFailure::Lie(lie)),
    }
}

/// The provider a login left for, if it may still be used: it may have been disabled since.
pub(crate) fn still_eligible(
    hub: &Hub,
    trip: &Trip,
    provider: &ProviderId,
) -> Result<EligibleProvider, ProviderFailure> {
    let not_allowed = ProviderFailure::NotAllowed;
    let record = hub
        .parts()
        .providers
        .provider(provider.as_str())
        .ok_or(not_allowed)?;
    let client = hub
        .parts()
        .engine
        .client_of(&trip.request)
        .ok_or(not_allowed)?;
    let required = RequiredLevel::of(trip, &client);
    EligibleProvider::check_returned(&record, &client, &required).map_err(|why| {
        tracing::info!(%provider, why = why.as_str(), "a provider may no longer be used");
        not_allowed
    })
}

impl AwaitingUpstream {
    /// What the ID token must fit.
    fn expected<'a>(
        &'a self,
        upstream: &'a Upstream,
        tokens: &'a Tokens,
        hub: &Hub,
    ) -> Expected<'a> {
        let (request, now) = (&self.trip.request, hub.now());
        // Whoever signed in after leaving is fresh, however long the rest took.
        let since_max_age = request
            .max_age()
            .map(|max_age| self.departed.before(max_age));
        let only_recent = request.max_age().is_some() && !request.prompt().login;
        let since_departure = (self.fresh && !only_recent).then_some(self.departed);
        Expected {
            issuer: &upstream.record.issuer,
            client_id: &upstream.record.client_id,
            nonce: &self.nonce,
            access_token: &tokens.access_token,
            signed_in_since: since_departure.max(since_max_age),
            must_state_auth_time: self.fresh,
            now,
            skew: hub.parts().settings.clock_skew,
        }
    }
}
