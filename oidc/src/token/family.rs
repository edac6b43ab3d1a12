//! A family of refresh tokens: a token is good once and for the client it was issued to, and its family ends when
//! an old one comes back (RFC 9700 §4.14.2, threat N-37).
//!
//! The family keeps no identity: what a refreshed access token serves is asked of the house anew.

use guichet_domain::{
    AuditEvent, Claim, Client, ClientId, EventKind, GrantId, GrantType, IdentityClaims, OAuthError,
    Profile, SessionId, Timestamp,
};
use guichet_store::Fault;
use guichet_store::durable::{FamilyState, RefreshFamily, Rotation};
use serde::{Deserialize, Serialize};

use super::TokenRequest;
use crate::Engine;
use crate::authorize::scope::OFFLINE_ACCESS;
use crate::binding::SenderBinding;
use crate::records::Granted;
use crate::refresh_token::RefreshToken;
use crate::refusal::{Failure, Refusal, key_fault};

/// What a family was begun with, sealed. Its claims are empty: no identity rests with it.
#[derive(Serialize, Deserialize)]
pub(crate) struct FamilyRecord {
    pub(crate) granted: Granted,
    binding: SenderBinding,
    /// Claims that were granted for their names rather than for a scope (OIDC Core §5.5).
    #[serde(default)]
    pub(super) named: Vec<Claim>,
}

/// What families are sealed for.
pub(crate) const PURPOSE: &str = "oidc refresh family";

/// A family that lives, and the token of it that a request presents.
pub(crate) struct LiveFamily {
    token: RefreshToken,
    state: FamilyState,
    pub(crate) record: FamilyRecord,
}

impl LiveFamily {
    /// The family of a refresh token, whoever presents it; `None` when the text is not ours, is over, is
    /// of a generation not reached yet, or its person may not act.
    pub(crate) async fn find(engine: &Engine, text: &str) -> Result<Option<Self>, Fault> {
        let now = engine.now();
        let Some(token) = RefreshToken::read(text, engine.refresh_mac()) else {
            return Ok(None);
        };
        let Some(state) = engine.parts().refresh.family(token.grant, now).await? else {
            return Ok(None);
        };
        if token.until <= now || token.generation > state.generation {
            return Ok(None);
        }
        let record: FamilyRecord = engine
            .family_sealer()
            .open_json(token.grant.as_bytes(), &state.sealed)
            .map_err(|error| Fault::new("open a family of refresh tokens", error))?;
        let granted = &record.granted;
        if !engine.admits(granted.person, granted.at).await? {
            return Ok(None);
        }
        Ok(Some(Self {
            token,
            state,
            record,
        }))
    }

    /// The family that this request may refresh by.
    pub(super) async fn check(request: &TokenRequest<'_>) -> Result<Self, Failure> {
        let (engine, client) = (request.engine, request.client);
        let text = request
            .asked
            .required("refresh_token", "refresh_token is missing")?;
        let family = Self::find(engine, text)
            .await?
            .ok_or(NOT_HELD.because("unknown, expired or revoked refresh token"))?;
        if family.state.client != client.id {
            // It has leaked: whoever has it besides, nobody keeps it.
            take_back(engine, client, family.token.grant, "another client").await?;
            return Err(NOT_HELD
                .because("the refresh token of another client")
                .into());
        }
        if !family.record.binding.admits(&request.binding) {
            return Err(NOT_HELD.because("bound to another key").into());
        }
        if !client.takes(family.record.granted.provider.as_ref()) {
            return Err(NOT_HELD
                .because("signed in with a provider that serves this client no longer")
                .into());
        }
        let granted = &family.record.granted;
        if let (Some(person), Some(provider)) = (granted.person, &granted.provider)
            && !request.house.still_speaks(person, provider).await?
        {
            return Err(NOT_HELD
                .because("signed in by a way that its person closed")
                .into());
        }
        Ok(family)
    }

    /// What the house knows of the person at this moment. A family that ends with its session ends here
    /// when nobody told it: the session idled out, or went with a node.
    pub(super) async fn known_now(
        &self,
        request: &TokenRequest<'_>,
    ) -> Result<IdentityClaims, Failure> {
        let granted = &self.record.granted;
        let known = request.house.identity_of(granted.session, granted.person);
        match (known.await?, self.session()) {
            (Some(claims), _) => Ok(claims),
            (None, None) => Ok(IdentityClaims::default()),
            (None, Some(_)) => {
                request.engine.revoke_grant(self.grant()).await?;
                Err(NOT_HELD.because("its session is over").into())
            }
        }
    }

    /// Whose it is.
    pub(crate) fn client(&self) -> &ClientId {
        &self.state.client
    }

    /// What it hangs off.
    pub(crate) fn grant(&self) -> GrantId {
        self.token.grant
    }

    /// The session it ends with, if any.
    pub(super) fn session(&self) -> Option<SessionId> {
        self.state.session
    }

    /// When this token is over, used or not.
    pub(crate) fn expires(&self) -> Timestamp {
        self.token.until.min(self.state.expires)
    }

    /// Whether this is the token that is good now.
    pub(crate) fn is_current(&self) -> bool {
        self.token.generation == self.state.generation
    }

    /// Spends the token: yields the text of its successor. A client that missed the answer, or asked
    /// twice, gets the same successor for a moment; a token from further back ends the family.
    pub(super) async fn spend(&self, request: &TokenRequest<'_>) -> Result<String, Failure> {
        let (engine, client) = (request.engine, request.client);
        let now = engine.now();
        if !rotates(client) {
            return if self.is_current() {
                let of = (self.grant(), self.token.generation);
                let granted = &self.record.granted;
                Ok(text(engine, client, of, granted, self.state.expires))
            } else {
                Err(NOT_HELD.because("an old refresh token").into())
            };
        }
        let window = engine.settings().tokens.refresh_window;
        let (grant, presented) = (self.token.grant, self.token.generation);
        let rotation = engine.parts().refresh.rotate(grant, presented, window, now);
        match rotation.await? {
            Rotation::Rotated { generation } | Rotation::Repeated { generation } => {
                let (of, granted) = ((grant, generation), &self.record.granted);
                Ok(text(engine, client, of, granted, self.state.expires))
            }
            Rotation::Reused => {
                take_back(engine, client, grant, "an old refresh token came back").await?;
                Err(NOT_HELD.because("an old refresh token came back").into())
            }
            Rotation::Over => Err(NOT_HELD.because("the family has just ended").into()),
        }
    }
}

/// Whether a client's refresh tokens change with every use. Those of FAPI 2.0 do not: its clients prove
/// who they are each time, and a rotation could only be lost on the way (FAPI 2.0 §5.3.2.1).
fn rotates(client: &Client) -> bool {
    client.profile != Profile::Fapi2
}

/// The text of a generation, good until nobody has used it for too long, or the family ends. What may be used
/// now and then until a day is not idle before that day.
fn text(
    engine: &Engine,
    client: &Client,
    (grant, generation): (GrantId, i64),
    granted: &Granted,
    expires: Timestamp,
) -> String {
    let idle = engine.now().after(engine.settings().tokens.refresh_idle);
    let idle = idle.max(lasts(engine, granted).unwrap_or(idle));
    let until = if rotates(client) {
        idle.min(expires)
    } else {
        expires
    };
    let token = RefreshToken {
        grant,
        generation,
        until,
    };
    token.text(engine.refresh_mac())
}

/// Ends a family that somebody has who should not, with every access token of its grant.
async fn take_back(
    engine: &Engine,
    client: &Client,
    grant: GrantId,
    reason: &'static str,
) -> Result<(), Fault> {
    engine.revoke_grant(grant).await?;
    let event = AuditEvent::new(EventKind::RefreshTokenReused, engine.now())
        .client(&client.id)
        .detail("grant", grant)
        .detail("reason", reason);
    engine.record(event).await
}

/// Begins the family of a grant, where the client may have one; its first token. A grant with
/// `offline_access` has a lifetime of its own, or that of what was granted in detail, any other ends with the
/// session.
pub(super) async fn begin(
    request: &TokenRequest<'_>,
    granted: &Granted,
) -> Result<Option<String>, Failure> {
    let (engine, client) = (request.engine, request.client);
    if !client.may_use(GrantType::RefreshToken) {
        return Ok(None);
    }
    let settings = &engine.settings().tokens;
    let now = engine.now();
    let (session, expires) = if granted.scopes.contains(OFFLINE_ACCESS) {
        let end = now.after(settings.refresh_lifetime);
        (None, end.max(lasts(engine, granted).unwrap_or(end)))
    } else {
        let end = granted.auth_time.after(settings.session_lifetime);
        (Some(granted.session), end)
    };
    if expires <= now {
        return Ok(None);
    }
    let record = FamilyRecord {
        granted: Granted {
            claims: IdentityClaims::default(),
            id_token_claims: IdentityClaims::default(),
            ..granted.clone()
        },
        binding: request.binding.of_refresh_token(client),
        named: granted.named_claims(),
    };
    let family = RefreshFamily {
        grant: granted.grant,
        client: client.id.clone(),
        person: granted.person,
        session,
        sealed: engine
            .family_sealer()
            .seal_json(granted.grant.as_bytes(), &record)
            .map_err(key_fault("seal a family of refresh tokens"))?,
        expires,
    };
    if !engine.parts().refresh.start(&family).await? {
        return Err(NOT_HELD.because("the grant was revoked meanwhile").into());
    }
    let first = RefreshFamily::FIRST;
    let of = (granted.grant, first);
    Ok(Some(text(engine, client, of, granted, expires)))
}

/// Until when what was granted in detail may be used.
fn lasts(engine: &Engine, granted: &Granted) -> Option<Timestamp> {
    engine.parts().rich.lasts_until(&granted.details)
}

/// One text whatever was wrong, so that nobody learns what a token they found is good for.
const NOT_HELD: Refusal = Refusal::new(
    OAuthError::InvalidGrant,
    "the refresh token is unknown, expired, revoked or used, or was issued to another client or key",
);
