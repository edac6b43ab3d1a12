//! `/authorize`: a raw request becomes an [`AcceptedRequest`], or ends here (OIDC Core §3.1.2).
//!
//! [`check`] is the order of the checks. Until the redirect URI is known to be the client's, a refusal
//! is a page (OIDC Core §3.1.2.6); afterwards it goes to the client. Each check is a file of its own.

mod client;
pub(crate) mod hints;
pub(crate) mod level;
mod pkce;
mod prompt;
mod redirect;
mod response;
pub(crate) mod scope;
mod unsupported;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::response::Response;
use guichet_domain::{Client, ClientId, EventKind, Scopes, SubjectIdentifier};

use crate::accepted::AcceptedRequest;
use crate::parameters::Parameters;
use crate::refusal::{self, Refusal};
use crate::routes::Rooms;
use crate::{
    Browser, Destination, Engine, PkceChallenge, Prompt, RegisteredRedirect, RequestedAcr, answer,
    form,
};

/// `GET /authorize`.
pub(crate) async fn get(State(rooms): State<Rooms>, request: Request) -> Response {
    let browser = request.into_parts().0;
    let query = browser.uri.query().unwrap_or_default();
    let checked = read(query.as_bytes()).and_then(|asked| check(&rooms.engine, &asked));
    match checked {
        Ok(request) => rooms.house.sign_in(request, browser).await,
        Err(stop) => end(&rooms, stop, browser).await,
    }
}

/// `POST /authorize`: the same, from a form body (OIDC Core §3.1.2.1). What holds goes on by GET.
pub(crate) async fn post(State(rooms): State<Rooms>, request: Request) -> Response {
    let (browser, body) = request.into_parts();
    let checked = form::read(&browser.headers, body)
        .await
        .map_err(Stop::on_page)
        .and_then(|text| read(&text))
        .and_then(|asked| {
            check(&rooms.engine, &asked)?;
            let endpoint = &rooms.engine.endpoints().authorization;
            form::by_address(endpoint, &asked).map_err(Stop::on_page)
        });
    match checked {
        Ok(response) => response,
        Err(stop) => end(&rooms, stop, browser).await,
    }
}

/// The checks of an authorization request, in order.
fn check(engine: &Engine, asked: &Parameters) -> Result<AcceptedRequest, Stop> {
    // Nobody may be sent anywhere yet.
    let client = client::known_and_active(engine, asked).map_err(Stop::on_page)?;
    let redirect = RegisteredRedirect::check(&client, asked)
        .map_err(|refusal| Stop::Page(refusal, Some(client.id.clone())))?;
    // From here on the client hears of a refusal.
    match SupportedRequest::check(engine, &client, asked) {
        Ok(supported) => Ok(supported.accept(client.id.clone(), redirect)),
        Err(refusal) => Err(Stop::Client(refusal, client, Box::new(redirect))),
    }
}

/// A request that asks for nothing this provider cannot do or this client may not have.
struct SupportedRequest {
    scopes: Scopes,
    acr: RequestedAcr,
    prompt: Prompt,
    max_age: Option<Duration>,
    nonce: Option<String>,
    pkce: Option<PkceChallenge>,
    login_hint: Option<String>,
    ui_locales: Option<String>,
    idp_hint: Option<String>,
    hinted_subject: Option<SubjectIdentifier>,
}

impl SupportedRequest {
    /// The second half of the checks, in order: the fields are filled from top to bottom.
    fn check(engine: &Engine, client: &Client, asked: &Parameters) -> Result<Self, Refusal> {
        asked.each_once()?;
        unsupported::none_of_them(asked)?;
        response::supported_type(asked)?;
        response::supported_mode(asked)?;
        Ok(Self {
            scopes: scope::known_and_registered(engine, client, asked)?,
            pkce: pkce::challenge(client, asked)?,
            nonce: hints::nonce(asked)?,
            prompt: prompt::prompt(asked)?,
            max_age: prompt::max_age(asked)?,
            acr: level::required(engine, client, asked)?,
            hinted_subject: hints::subject(engine, client, asked)?,
            login_hint: hints::short(asked, "login_hint"),
            ui_locales: hints::short(asked, "ui_locales"),
            idp_hint: hints::short(asked, "idp_hint"),
        })
    }

    fn accept(self, client: ClientId, redirect: RegisteredRedirect) -> AcceptedRequest {
        AcceptedRequest {
            client,
            destination: Destination::Redirect(redirect),
            scopes: self.scopes,
            acr: self.acr,
            prompt: self.prompt,
            max_age: self.max_age,
            nonce: self.nonce,
            pkce: self.pkce,
            login_hint: self.login_hint,
            ui_locales: self.ui_locales,
            idp_hint: self.idp_hint,
            hinted_subject: self.hinted_subject,
        }
    }
}

/// The parameters that mean something here. `claims` and `display` are among those ignored, which the
/// metadata says.
const PARAMETERS: &[&str] = &[
    "client_id",
    "redirect_uri",
    "state",
    "response_mode",
    "response_type",
    "request",
    "request_uri",
    "registration",
    "scope",
    "code_challenge",
    "code_challenge_method",
    "nonce",
    "prompt",
    "max_age",
    "acr_values",
    "id_token_hint",
    "login_hint",
    "ui_locales",
    "idp_hint",
];

/// Where a request ends that is not accepted. The type decides who hears of it: without a
/// [`RegisteredRedirect`] there is no way to the client.
enum Stop {
    Page(Refusal, Option<ClientId>),
    Client(Refusal, Arc<Client>, Box<RegisteredRedirect>),
}

impl Stop {
    const fn on_page(refusal: Refusal) -> Self {
        Self::Page(refusal, None)
    }
}

fn read(text: &[u8]) -> Result<Parameters, Stop> {
    Parameters::read(text, PARAMETERS).map_err(Stop::on_page)
}

/// Tells whoever may hear of it that a request goes no further.
async fn end(rooms: &Rooms, stop: Stop, browser: Browser) -> Response {
    let Rooms { engine, house } = rooms;
    match stop {
        Stop::Page(refusal, client) => {
            note(engine, refusal, client.as_ref());
            house.refuse(refusal::page(refusal, client), browser).await
        }
        Stop::Client(refusal, client, redirect) => {
            note(engine, refusal, Some(&client.id));
            answer::refusal(
                engine.issuer(),
                &redirect,
                refusal.error,
                refusal.description,
            )
            .deliver(&**house, browser)
            .await
        }
    }
}

/// A refusal that concerns no client of ours is not recorded: anybody could fill the ledger with them.
fn note(engine: &Engine, refusal: Refusal, client: Option<&ClientId>) {
    if let Some(client) = client {
        engine.note_refusal(EventKind::LoginRefused, client, refusal);
    }
}
