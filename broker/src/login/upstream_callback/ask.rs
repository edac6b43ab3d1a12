//! From a provider's answer to who the person is.

use std::sync::Arc;

use guichet_domain::ProviderId;
use serde_json::{Map, Value};

use super::{Answer, AwaitingUpstream, Returned};
use crate::claims_mapping::Input;
use crate::hub::Hub;
use crate::level::RequiredLevel;
use crate::login::Trip;
use crate::login::choose_provider::EligibleProvider;
use crate::upstream::{
    Expected, Lie, Means, ProviderFailure, Tokens, Upstream, Userinfo, VerifiedIdToken,
};

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
    let code = answer.code.as_deref().filter(|code| !code.is_empty());
    let code = code.ok_or(ProviderFailure::NoAnswer)?;
    let means = hub.means(eligible.record());
    let tokens = upstream.exchange(code, &waiting.verifier, &means).await?;
    let (upstream, id_token) = verify(hub, upstream, waiting, &tokens, &means).await?;
    let userinfo = upstream.ask_userinfo(&tokens.access_token, &means).await?;
    let (upstream, userinfo) = read(hub, upstream, userinfo, &id_token, &means).await?;
    let said = Input {
        id_token: id_token.members(),
        userinfo: userinfo.as_ref(),
    };
    Ok(Returned {
        asserted: upstream.asserted(&said)?,
        found_by: hub.keys_of_sign_in(eligible.record(), &id_token),
        id_token,
        can_sign_out: upstream.end_session().is_some(),
    })
}

/// Verifies the ID token, with the provider's keys fetched again if it names one we do not know.
async fn verify(
    hub: &Hub,
    upstream: Arc<Upstream>,
    waiting: &AwaitingUpstream,
    tokens: &Tokens,
    means: &Means,
) -> Result<(Arc<Upstream>, VerifiedIdToken), ProviderFailure> {
    with_keys(hub, upstream, |upstream| {
        let expected = waiting.expected(upstream, tokens, hub);
        upstream.verify_id_token(&tokens.id_token, &expected, means)
    })
    .await
}

/// Reads the userinfo answer, by the same rule.
async fn read(
    hub: &Hub,
    upstream: Arc<Upstream>,
    answer: Option<Userinfo>,
    id_token: &VerifiedIdToken,
    means: &Means,
) -> Result<(Arc<Upstream>, Option<Map<String, Value>>), ProviderFailure> {
    let Some(answer) = answer else {
        return Ok((upstream, None));
    };
    let read = with_keys(hub, upstream, |upstream| {
        upstream.read_userinfo(&answer, id_token, means)
    });
    read.await
        .map(|(upstream, members)| (upstream, Some(members)))
}

/// Judges with the provider's keys at hand, and once more with fresh ones where that may help: keys
/// rotate while people are away.
async fn with_keys<T>(
    hub: &Hub,
    upstream: Arc<Upstream>,
    judge: impl Fn(&Upstream) -> Result<T, Lie>,
) -> Result<(Arc<Upstream>, T), ProviderFailure> {
    let lie = match judge(&upstream) {
        Ok(holds) => return Ok((upstream, holds)),
        Err(lie) => lie,
    };
    if !lie.may_be_a_new_key() {
        return Err(ProviderFailure::Lie(lie));
    }
    let again = hub.upstream_again(&upstream).await?;
    let holds = judge(&again).map_err(ProviderFailure::Lie)?;
    Ok((again, holds))
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
        let is_anew = request.prompt().login || self.trip.anew;
        let only_recent = request.max_age().is_some() && !is_anew;
        let since_departure = (self.fresh && !only_recent).then_some(self.departed);
        Expected {
            issuer: &upstream.record.issuer,
            client_id: &upstream.record.client_id,
            alg: upstream.record.answers.id_token_alg,
            nonce: &self.nonce,
            access_token: &tokens.access_token,
            signed_in_since: since_departure.max(since_max_age),
            must_state_auth_time: self.fresh,
            now,
            skew: hub.parts().settings.clock_skew,
        }
    }
}
