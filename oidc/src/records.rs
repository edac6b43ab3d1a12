//! What rests between one request and the next, sealed: what a code and an access token stand for.

use guichet_domain::{
    AcrValue, Amr, Claim, ClientId, GrantId, IdentityClaims, PersonId, ProviderId, Scopes, Sealed,
    SessionId, SubjectIdentifier, Timestamp,
};
use guichet_keys::{Sealer, TokenHash};
use guichet_store::Fault;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::authorize::scope::{AMR, OFFLINE_ACCESS};
use crate::binding::SenderBinding;
use crate::profile::Rules;
use crate::refusal::key_fault;
use crate::{AcceptedRequest, AuthorizationDetail, Engine, Outcome, PkceChallenge, rich};

/// What a person granted a client, whichever way the client asked: what every token issued for it goes
/// back to.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Granted {
    pub(crate) client: ClientId,
    pub(crate) subject: SubjectIdentifier,
    /// What the userinfo answer says.
    pub(crate) claims: IdentityClaims,
    /// What an ID token says beside: claims asked for there by name (OIDC Core §5.5).
    pub(crate) id_token_claims: IdentityClaims,
    pub(crate) scopes: Scopes,
    /// The resources the client named (RFC 8707); none when it named none.
    pub(crate) resources: Vec<String>,
    pub(crate) acr: AcrValue,
    pub(crate) amr: Vec<Amr>,
    pub(crate) auth_time: Timestamp,
    pub(crate) session: SessionId,
    pub(crate) sid: String,
    pub(crate) grant: GrantId,
    /// When it was granted: a record that does not say so is older than everything.
    #[serde(default = "long_ago")]
    pub(crate) at: Timestamp,
    pub(crate) person: Option<PersonId>,
    #[serde(default)]
    pub(crate) provider: Option<ProviderId>,
    /// What was granted beyond scopes (RFC 9396).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) details: Vec<AuthorizationDetail>,
}

impl Granted {
    /// Of the outcome, no more than the request asked for (threat N-40); and what this provider does
    /// not state to support it does not state to have reached.
    pub(crate) fn of(engine: &Engine, request: &AcceptedRequest, outcome: Outcome) -> Self {
        let mut scopes = outcome.scopes.intersection(&request.scopes);
        if request.prompt.none {
            // Divergence D35: nobody was shown that the grant would outlive the session.
            scopes = scopes
                .iter()
                .filter(|it| it.as_str() != OFFLINE_ACCESS)
                .cloned()
                .collect();
        }
        let acr = outcome.acr.within(&engine.settings().acr_values_supported);
        let named = &request.claims_request;
        let mut claims = scopes.claims();
        claims.extend(named.for_userinfo(&outcome.claims));
        Self {
            client: request.client.clone(),
            subject: outcome.subject,
            claims: outcome.claims.only(&claims),
            id_token_claims: outcome.claims.only(&named.for_id_token(&outcome.claims)),
            scopes,
            resources: request.resources.clone(),
            acr: named.stated(acr),
            amr: if is_told_amr(engine, request) {
                outcome.amr
            } else {
                Vec::new()
            },
            auth_time: outcome.auth_time,
            session: outcome.session,
            sid: outcome.sid,
            grant: outcome.grant,
            at: engine.now(),
            person: outcome.person,
            provider: outcome.provider,
            details: rich::within(outcome.details, &request.details),
        }
    }
}

const fn long_ago() -> Timestamp {
    Timestamp::from_millis(0)
}

/// Whether the client hears how the person proved who they are.
fn is_told_amr(engine: &Engine, request: &AcceptedRequest) -> bool {
    let asks = || request.claims_request.amr || request.scopes.contains(AMR);
    let client = engine.client_of(request);
    client.is_some_and(|client| !Rules::of(&client).amr_when_asked || asks())
}

impl Granted {
    /// The claims that were granted for their names, no scope among those granted standing for them.
    pub(crate) fn named_claims(&self) -> Vec<Claim> {
        let by_scope = self.scopes.claims();
        let mut claims = self.claims.names();
        claims.retain(|claim| !by_scope.contains(claim));
        claims
    }
}

/// What a code stands for: everything that was settled when the browser left.
#[derive(Serialize, Deserialize)]
pub(crate) struct CodeRecord {
    pub(crate) redirect_uri: String,
    pub(crate) pkce: Option<PkceChallenge>,
    pub(crate) nonce: Option<String>,
    /// The key that whoever redeems it must prove to hold (RFC 9449 §10).
    pub(crate) dpop_jkt: Option<String>,
    pub(crate) granted: Granted,
}

/// What an access token stands for.
#[derive(Serialize, Deserialize)]
pub(crate) struct AccessTokenRecord {
    pub(crate) client: ClientId,
    pub(crate) subject: SubjectIdentifier,
    pub(crate) claims: IdentityClaims,
    pub(crate) scopes: Scopes,
    /// The resources it is for (RFC 8707); none for the hub's own userinfo.
    pub(crate) resources: Vec<String>,
    pub(crate) acr: AcrValue,
    pub(crate) auth_time: Timestamp,
    pub(crate) issued: Timestamp,
    pub(crate) expires: Timestamp,
    /// The session it dies with, if any.
    pub(crate) session: Option<SessionId>,
    pub(crate) grant: GrantId,
    pub(crate) person: Option<PersonId>,
    /// What the token is bound to.
    #[serde(default)]
    pub(crate) binding: SenderBinding,
    /// The person's name in a token that its resource reads by itself.
    pub(crate) subject_there: Option<SubjectIdentifier>,
    /// Who acts for the person, when it is not the client they signed in to.
    pub(crate) actor: Option<Actor>,
    /// With which provider the person signed in.
    #[serde(default)]
    pub(crate) provider: Option<ProviderId>,
    /// How the person signed in.
    #[serde(default)]
    pub(crate) amr: Vec<Amr>,
    /// What was granted to its client beyond scopes, of which nobody else hears.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) details: Vec<AuthorizationDetail>,
}

impl AccessTokenRecord {
    /// Whether it stands for the client itself, and for nobody: no person has the name of a client.
    pub(crate) fn is_in_own_name(&self) -> bool {
        self.subject.as_str() == self.client.as_str()
    }
}

/// A client that acts for a person by a token it exchanged (RFC 8693 §4.1).
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Actor {
    pub(crate) client: ClientId,
    /// Who acted before it, the latest first.
    pub(crate) before: Option<Box<Actor>>,
}

impl Actor {
    /// How many may act one after the other: more is a circle, and each look-up would have to unfold it.
    const MOST: usize = 8;

    /// `client` acts after `before`; the same one twice is one. `None` when there would be too many.
    pub(crate) fn after(before: Option<&Self>, client: &ClientId) -> Option<Self> {
        match before {
            Some(same) if same.client == *client => Some(same.clone()),
            before if Self::count(before) < Self::MOST => Some(Self {
                client: client.clone(),
                before: before.cloned().map(Box::new),
            }),
            _ => None,
        }
    }

    fn count(last: Option<&Self>) -> usize {
        std::iter::successors(last, |actor| actor.before.as_deref()).count()
    }
}

/// The member `act` of a token: who acts, and who did before.
#[derive(Serialize)]
pub struct Act<'a> {
    sub: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    act: Option<Box<Act<'a>>>,
}

impl<'a> Act<'a> {
    /// What is said of one who acts, and before whom nobody did.
    pub const fn alone(sub: &'a str) -> Self {
        Self { sub, act: None }
    }

    /// What is said of `actor`.
    pub(crate) fn of(actor: &'a Actor) -> Self {
        Self {
            sub: actor.client.as_str(),
            act: actor
                .before
                .as_deref()
                .map(|before| Box::new(Self::of(before))),
        }
    }
}

/// A kind of record: what it is sealed for, so that none opens as another (threat N-48).
pub(crate) trait Record: Serialize + DeserializeOwned {
    /// The purpose it is sealed for.
    const PURPOSE: &'static str;
}

impl Record for CodeRecord {
    const PURPOSE: &'static str = "oidc code";
}

impl Record for AccessTokenRecord {
    const PURPOSE: &'static str = "oidc access token";
}

/// Seals a record to the code or token that finds it: swapped in the store, it does not open.
pub(crate) fn seal<R: Record>(with: &Sealer, key: TokenHash, record: &R) -> Result<Sealed, Fault> {
    with.seal_json(key.as_bytes(), record)
        .map_err(key_fault("seal a record"))
}

/// Opens a record.
pub(crate) fn open<R: Record>(with: &Sealer, key: TokenHash, sealed: &Sealed) -> Result<R, Fault> {
    with.open_json(key.as_bytes(), sealed)
        .map_err(|error| Fault::new("open a record", error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circle_of_exchanges_ends() {
        let clients: [ClientId; 2] = ["one".parse().unwrap(), "two".parse().unwrap()];
        let mut last: Option<Actor> = None;
        for turn in 0..Actor::MOST {
            let actor = Actor::after(last.as_ref(), &clients[turn % 2]).unwrap();
            assert_eq!(Actor::count(Some(&actor)), turn + 1);
            last = Some(actor);
        }
        assert!(Actor::after(last.as_ref(), &clients[0]).is_none());
        let again = Actor::after(last.as_ref(), &clients[1]).unwrap();
        assert_eq!(
            Actor::count(Some(&again)),
            Actor::MOST,
            "the same hand is one"
        );
    }
}
