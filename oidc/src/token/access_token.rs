//! Making one access token: a random text, or a JWT that its resource reads by itself (RFC 9068). Both
//! are remembered alike, so that both can be introspected and revoked.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::{AcrValue, OAuthError, Sector, SubjectIdentifier};
use guichet_keys::{HandedOut, HandedOutKind, TokenHash, Typ, sha256_of};
use guichet_store::Fault;
use serde::Serialize;

use super::TokenRequest;
use crate::binding::Confirmation;
use crate::records::{AccessTokenRecord, Act, seal};
use crate::refusal::{Failure, Refusal, key_fault};
use crate::resources::AccessTokenFormat;

/// An access token to be made.
pub(super) struct Order {
    pub(super) record: AccessTokenRecord,
    pub(super) format: AccessTokenFormat,
}

/// Makes the token and remembers it. Whoever calls this records it before the text leaves.
pub(super) async fn issue(request: &TokenRequest<'_>, order: Order) -> Result<String, Failure> {
    let engine = request.engine;
    let Order { mut record, format } = order;
    let text = match format {
        AccessTokenFormat::Opaque => {
            let fresh = HandedOut::fresh(&*engine.parts().entropy, HandedOutKind::AccessToken);
            fresh.text().to_owned()
        }
        AccessTokenFormat::Jwt => {
            record.subject_there = Some(subject_there(request, &record).await?);
            jwt(request, &record)?
        }
    };
    let key = TokenHash::of(HandedOutKind::AccessToken, &text);
    let sealed = seal(engine.access_token_sealer(), key, &record)?;
    let tokens = &engine.parts().access_tokens;
    tokens
        .issue(
            *key.as_bytes(),
            record.grant,
            record.session,
            sealed,
            record.expires,
        )
        .await?;
    // A session that ended, or a grant that was revoked, between what was brought and here takes it
    // along: the client was told of the end already, and would keep a sign-in nobody ends any more
    // (threat N-38).
    match tokens.live(*key.as_bytes(), engine.now()).await? {
        Some(_) => Ok(text),
        None => Err(ENDED.into()),
    }
}

const ENDED: Refusal = Refusal::new(OAuthError::InvalidGrant, "the session has ended");

/// The person's name in a JWT, which its client and its resource can both read: one that neither uses
/// anywhere else, so that the names of two sectors never meet.
async fn subject_there(
    request: &TokenRequest<'_>,
    record: &AccessTokenRecord,
) -> Result<SubjectIdentifier, Failure> {
    let person = record.person.ok_or(NAMELESS)?;
    let resource = record.resources.join(" ");
    let digest = sha256_of(&[
        request.client.sector.as_str().as_bytes(),
        b"\0",
        resource.as_bytes(),
    ]);
    let sector = format!("at+jwt:{}", URL_SAFE_NO_PAD.encode(digest));
    let sector: Sector = sector
        .parse()
        .map_err(|error| Fault::new("name a sector", error))?;
    let subject = request.house.subject_in(&sector, person).await?;
    Ok(subject.ok_or(NAMELESS)?)
}

const NAMELESS: Refusal = Refusal::new(
    OAuthError::InvalidTarget,
    "the person has no name at that resource",
);

/// The claims of a JWT access token (RFC 9068 §2.2).
#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a [String],
    client_id: &'a str,
    iat: i64,
    exp: i64,
    jti: String,
    scope: String,
    acr: AcrValue,
    auth_time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    cnf: Option<Confirmation<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    act: Option<Act<'a>>,
}

fn jwt(request: &TokenRequest<'_>, record: &AccessTokenRecord) -> Result<String, Fault> {
    let engine = request.engine;
    let subject = record.subject_there.as_ref().unwrap_or(&record.subject);
    let claims = Claims {
        iss: engine.issuer(),
        sub: subject.as_str(),
        aud: &record.resources,
        client_id: record.client.as_str(),
        iat: record.issued.seconds(),
        exp: record.expires.seconds(),
        jti: URL_SAFE_NO_PAD.encode(engine.parts().entropy.bytes16()),
        scope: record.scopes.to_string(),
        acr: record.acr,
        auth_time: record.auth_time.seconds(),
        cnf: record.binding.confirmation(),
        act: record.actor.as_ref().map(Act::of),
    };
    engine
        .parts()
        .keys
        .ring()
        .sign_jwt(engine.alg_for(request.client), Typ::AccessToken, &claims)
        .map_err(key_fault("sign an access token"))
}
