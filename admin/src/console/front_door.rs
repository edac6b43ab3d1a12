//! The hub as the console asks it who somebody is: as a client like any other, with a secret, PKCE, `state`
//! and `nonce`. Codes are redeemed at the hub's own token endpoint without leaving the process.

use axum::Router;
use axum::body::Body;
use guichet_domain::{Acr, AcrValue, Amr, SubjectIdentifier, Timestamp};
use guichet_keys::{Keys, Typ, Verified, pkce_s256, same};
use http::{Request, StatusCode, header};
use serde::Deserialize;
use tower::ServiceExt as _;
use url::form_urlencoded::Serializer;

/// The console's `client_id` at the hub.
pub const CLIENT_ID: &str = "guichet-console";

/// Where the hub sends the browser back to, below the console's address.
pub const RETURN_PATH: &str = "/signed-in";

/// How long ago somebody may have signed in at the hub to come in here, in seconds.
const MAX_AGE: &str = "900";
const LONGEST_ANSWER: usize = 64 * 1024;

/// The hub, asked.
#[derive(Clone)]
pub struct FrontDoor {
    /// The hub's issuer.
    pub issuer: String,
    /// The engine's endpoints.
    pub routes: Router,
    /// The console's secret at the hub.
    pub secret: String,
    /// Where the console is, without a slash.
    pub address: String,
    /// The hub's keys, which signed what it says.
    pub keys: Keys,
}

/// What somebody takes along to the hub and is compared with when they come back.
pub(super) struct Ticket<'a> {
    pub(super) state: &'a str,
    pub(super) nonce: &'a str,
    pub(super) verifier: &'a str,
}

/// Somebody, as the hub says.
pub(super) struct Arrival {
    pub(super) subject: SubjectIdentifier,
    pub(super) auth_time: Timestamp,
    acr: AcrValue,
    amr: Vec<Amr>,
}

impl Arrival {
    /// Whether they proved who they are surely enough: at a substantial level, or by a key that they hold,
    /// such as a passkey.
    pub(super) fn is_sure(&self) -> bool {
        let by_key = |amr: &Amr| matches!(amr, Amr::Hwk | Amr::Swk | Amr::Pop | Amr::Sc);
        self.acr.satisfies(Acr::Eidas2.into()) || self.amr.iter().any(by_key)
    }
}

/// What the hub said that cannot be believed, or not now.
#[derive(Debug, thiserror::Error)]
#[error("the hub's answer to the console: {0}")]
pub(super) struct NoArrival(&'static str);

/// What is read of an ID token.
#[derive(Deserialize)]
struct IdToken {
    iss: String,
    sub: SubjectIdentifier,
    aud: String,
    nonce: Option<String>,
    auth_time: i64,
    acr: AcrValue,
    #[serde(default)]
    amr: Vec<Amr>,
}

#[derive(Deserialize)]
struct TokenAnswer {
    id_token: String,
}

impl FrontDoor {
    /// Where the browser goes to sign in; `anew` where whoever signed in already does so again.
    pub(super) fn authorize(&self, ticket: &Ticket<'_>, anew: bool) -> String {
        let age = if anew {
            ("prompt", "login")
        } else {
            ("max_age", MAX_AGE)
        };
        let query = Serializer::new(String::new())
            .append_pair("client_id", CLIENT_ID)
            .append_pair("response_type", "code")
            .append_pair("scope", "openid amr")
            .append_pair("acr_values", Acr::Eidas2.as_str())
            .append_pair(age.0, age.1)
            .append_pair("redirect_uri", &self.redirect_uri())
            .append_pair("state", ticket.state)
            .append_pair("nonce", ticket.nonce)
            .append_pair("code_challenge", &pkce_s256(ticket.verifier))
            .append_pair("code_challenge_method", "S256")
            .finish();
        format!("{}/authorize?{query}", self.issuer)
    }

    /// Who the code is about.
    pub(super) async fn redeem(
        &self,
        code: &str,
        ticket: &Ticket<'_>,
        now: Timestamp,
    ) -> Result<Arrival, NoArrival> {
        let form = Serializer::new(String::new())
            .append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", &self.redirect_uri())
            .append_pair("code_verifier", ticket.verifier)
            .append_pair("client_id", CLIENT_ID)
            .append_pair("client_secret", &self.secret)
            .finish();
        let request = Request::post("/token")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form))
            .map_err(|_| NoArrival("no request can be made"))?;
        let Ok(answer) = self.routes.clone().oneshot(request).await;
        if answer.status() != StatusCode::OK {
            return Err(NoArrival("the code was not taken"));
        }
        let body = axum::body::to_bytes(answer.into_body(), LONGEST_ANSWER).await;
        let body = body.map_err(|_| NoArrival("the token answer cannot be read"))?;
        let answer: TokenAnswer =
            serde_json::from_slice(&body).map_err(|_| NoArrival("there is no ID token"))?;
        self.arrival(&answer.id_token, ticket.nonce, now)
    }

    /// The checks of OIDC Core §3.1.3.7, as far as they are not the code's.
    fn arrival(&self, token: &str, nonce: &str, now: Timestamp) -> Result<Arrival, NoArrival> {
        let verified = self.keys.ring().verify_own(token, Typ::Jwt, Some(now));
        let claims: IdToken = verified
            .and_then(Verified::claims_as)
            .map_err(|_| NoArrival("the ID token does not hold"))?;
        let is_ours = claims.iss == self.issuer && claims.aud == CLIENT_ID;
        let said = claims.nonce.as_deref().unwrap_or_default();
        if !is_ours || !same(said.as_bytes(), nonce.as_bytes()) {
            return Err(NoArrival("the ID token is for somebody else"));
        }
        Ok(Arrival {
            subject: claims.sub,
            auth_time: Timestamp::from_seconds(claims.auth_time),
            acr: claims.acr,
            amr: claims.amr,
        })
    }

    fn redirect_uri(&self) -> String {
        format!("{}{RETURN_PATH}", self.address)
    }
}
