//! `/token`: what a client gets for a code, and for all else it may bring (RFC 6749 §3.2).
//!
//! [`answer`] is the order of the checks. Each yields a proof the next one needs: no tokens without
//! what was brought having been spent, nothing is spent without an [`AuthenticatedClient`]. Each grant
//! type is one file, and `issue` issues for all of them.

mod access_token;
mod authorization_code;
mod ciba;
mod client_credentials;
mod device;
mod exchange;
pub(crate) mod family;
mod issue;
mod refresh;
mod verifier;
mod voucher;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use guichet_domain::switch::SwitchTarget;
use guichet_domain::{AuditEvent, ClientAuthentication, EventKind, GrantType, OAuthError};
use http::StatusCode;
use http::request::Parts;

use crate::binding::SenderBinding;
use crate::client_auth::AuthenticatedClient;
use crate::parameters::Parameters;
use crate::refusal::{Failure, Refusal, token_error};
use crate::routes::Rooms;
use crate::{Engine, House, PresentedCertificate, form, respond};

pub(crate) use family::LiveFamily;
use issue::TokenAnswer;

/// `POST /token`. No CORS headers: the clients here are servers and native applications, and what no
/// script needs no script gets (threat N-49).
pub(crate) async fn post(State(rooms): State<Rooms>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    match answer(&rooms, &head, body).await {
        Ok(answer) => respond::json(StatusCode::OK, &answer),
        Err(failure) => {
            let refusal = failure.seen_from_outside();
            token_error(rooms.engine.issuer(), refusal)
        }
    }
}

/// A token request whose client is known: what each grant type is given.
struct TokenRequest<'a> {
    engine: &'a Engine,
    house: &'a dyn House,
    client: &'a AuthenticatedClient,
    asked: &'a Parameters,
    /// What the tokens are bound to.
    binding: SenderBinding,
    /// The certificate that the connection showed, whether or not tokens are bound to it.
    certificate: Option<&'a PresentedCertificate>,
}

/// The checks of a token request, in order.
async fn answer(rooms: &Rooms, head: &Parts, body: Body) -> Result<TokenAnswer, Failure> {
    let engine = &rooms.engine;
    let text = form::read(&head.headers, body).await?;
    let asked = Parameters::read_with_proof(&text, PARAMETERS)?;
    asked.each_once()?;
    let client = AuthenticatedClient::check(engine, head, &asked).await?;
    noted(engine, &client, async {
        let request = TokenRequest {
            engine,
            house: &*rooms.house,
            client: &client,
            asked: &asked,
            binding: SenderBinding::of_request(engine, head, &client).await?,
            certificate: PresentedCertificate::of(head),
        };
        request.answer().await
    })
    .await
}

impl TokenRequest<'_> {
    /// What the request brings decides what it gets.
    async fn answer(&self) -> Result<TokenAnswer, Failure> {
        let grant_type = self.grant_type()?;
        self.is_on(grant_type)?;
        match grant_type {
            GrantType::AuthorizationCode => authorization_code::tokens(self).await,
            GrantType::DeviceCode => device::tokens(self).await,
            GrantType::Ciba => ciba::tokens(self).await,
            GrantType::RefreshToken => refresh::tokens(self).await,
            GrantType::TokenExchange => exchange::tokens(self).await,
            GrantType::ClientCredentials => client_credentials::tokens(self).await,
        }
    }

    /// Whether it may be given anything at the moment. Where sign-ins are switched off, a client still asks
    /// in its own name: so do the programs that switch them on again.
    fn is_on(&self, grant_type: GrantType) -> Result<(), Refusal> {
        let off = self.engine.switched_off(&self.client.id);
        let is_hub = off.is_some_and(|off| off.target == SwitchTarget::Hub);
        if is_hub && grant_type == GrantType::ClientCredentials {
            return Ok(());
        }
        self.engine.is_on(&self.client.id)
    }

    /// The grant type: one there is, and one this client registered.
    fn grant_type(&self) -> Result<GrantType, Refusal> {
        let named = self.asked.required("grant_type", "grant_type is missing")?;
        let grant_type = named.parse().map_err(|_| UNSUPPORTED)?;
        if !self.engine.serves(grant_type) {
            return Err(UNSUPPORTED);
        }
        if self.client.may_use(grant_type) {
            Ok(grant_type)
        } else {
            Err(NOT_REGISTERED)
        }
    }
}

const UNSUPPORTED: Refusal = Refusal::new(
    OAuthError::UnsupportedGrantType,
    "grant_type is none that grant_types_supported names",
);
const NOT_REGISTERED: Refusal = Refusal::new(
    OAuthError::UnauthorizedClient,
    "the client is not registered for this grant_type",
);

/// What the request may hold; each grant type reads what concerns it, and ignores the rest.
const PARAMETERS: &[&str] = &[
    "grant_type",
    "code",
    "redirect_uri",
    "code_verifier",
    "device_code",
    "auth_req_id",
    "refresh_token",
    "scope",
    "resource",
    "audience",
    "subject_token",
    "subject_token_type",
    "actor_token",
    "actor_token_type",
    "requested_token_type",
    "authorization_details",
    "grant_id",
    "request_digest",
];

/// Runs what follows authentication, and records why the client was refused; not that it must wait, which
/// it is told every few seconds.
pub(crate) async fn noted<T>(
    engine: &Engine,
    client: &AuthenticatedClient,
    check: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let checked = check.await;
    if let Err(Failure::Refused(refusal)) = &checked
        && !is_to_wait(*refusal)
    {
        if matches!(client.authentication, ClientAuthentication::None) {
            // A public client is whoever says its name.
            engine.note_refusal(EventKind::TokenRefused, &client.id, *refusal);
        } else {
            engine.note(
                AuditEvent::new(EventKind::TokenRefused, engine.now())
                    .client(&client.id)
                    .detail("error", refusal.error)
                    .detail("reason", refusal.reason),
            );
        }
    }
    checked
}

const fn is_to_wait(refusal: Refusal) -> bool {
    matches!(
        refusal.error,
        OAuthError::AuthorizationPending | OAuthError::SlowDown
    )
}
