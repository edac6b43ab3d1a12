//! `/authorize`: a raw request becomes an [`AcceptedRequest`], or ends here (OIDC Core §3.1.2).
//!
//! [`check`] is the order of the checks. Until the redirect URI is known to be the client's, a refusal
//! is a page (OIDC Core §3.1.2.6); afterwards it goes to the client. Each check is a file of its own.
//! A request that is pushed passes the same ones ([`check_pushed`]).

mod carried;
pub(crate) mod claims;
mod client;
mod demanded;
pub(crate) mod details;
pub(crate) mod dry_run;
pub(crate) mod hints;
pub(crate) mod level;
mod pkce;
mod prompt;
mod redirect;
pub(crate) mod resource;
mod response;
pub(crate) mod scope;
mod unsupported;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::response::Response;
use guichet_domain::{Client, ClientId, EventKind, Scopes, SubjectIdentifier};
use guichet_store::Fault;

use crate::accepted::AcceptedRequest;
use crate::parameters::Parameters;
use crate::pushed::PushedReference;
use crate::refusal::{self, Failure, Refusal};
use crate::routes::Rooms;
use crate::{
    AuthorizationDetail, Browser, ClaimsRequest, Destination, Display, Engine, House,
    PkceChallenge, Prompt, RegisteredRedirect, RequestedAcr, answer, form,
};

use carried::Carried;

/// `GET /authorize`.
pub(crate) async fn get(State(rooms): State<Rooms>, request: Request) -> Response {
    let browser = request.into_parts().0;
    let query = browser.uri.query().unwrap_or_default();
    let checked = match read(query.as_bytes()) {
        Ok(asked) => check(&rooms.engine, &asked).await,
        Err(stop) => Err(stop),
    };
    match checked {
        Ok(request) => rooms.house.sign_in(request, browser).await,
        Err(stop) => end(&rooms, stop, browser).await,
    }
}

/// `POST /authorize`: the same, from a form body (OIDC Core §3.1.2.1). What holds goes on by GET; a
/// request that is elsewhere is looked at then.
pub(crate) async fn post(State(rooms): State<Rooms>, request: Request) -> Response {
    let (browser, body) = request.into_parts();
    let engine = &rooms.engine;
    let read = match form::read(&browser.headers, body).await {
        Ok(text) => read(&text),
        Err(refusal) => Err(Stop::on_page(refusal)),
    };
    let checked = match read {
        Ok(asked) if asked.is_sent("request_uri") => Ok(asked),
        Ok(asked) => check(engine, &asked).await.map(|_| asked),
        Err(stop) => Err(stop),
    };
    let endpoint = &engine.endpoints().authorization;
    match checked.and_then(|asked| form::by_address(endpoint, &asked).map_err(Stop::on_page)) {
        Ok(response) => response,
        Err(stop) => end(&rooms, stop, browser).await,
    }
}

/// The checks of an authorization request, in order.
async fn check(engine: &Engine, outer: &Parameters) -> Result<AcceptedRequest, Stop> {
    // Nobody may be sent anywhere yet.
    let client = client::known_and_active(engine, outer).map_err(Stop::on_page)?;
    let Carried { asked, pushed } = carried::request(engine, &client, outer)
        .await
        .map_err(|failure| Stop::beside(failure.seen_from_outside(), &client, outer))?;
    let redirect = RegisteredRedirect::check(&client, &asked)
        .map_err(|refusal| Stop::Page(refusal, Some(client.id.clone())))?;
    // From here on the client hears of a refusal.
    match SupportedRequest::check(engine, &client, &asked) {
        Ok(supported) => Ok(supported.accept(client.id.clone(), redirect, pushed)),
        Err(refusal) => Err(Stop::Client(refusal, client, Box::new(redirect))),
    }
}

/// The same checks for a request that its client pushes: what is wrong with it, the client hears at
/// once. Yields the parameters that count, to be checked anew when the browser comes.
pub(crate) async fn check_pushed(
    engine: &Engine,
    client: &Client,
    outer: &Parameters,
) -> Result<Parameters, Failure> {
    let asked = carried::unpacked(engine, client, outer).await?;
    RegisteredRedirect::check(client, &asked)?;
    SupportedRequest::check(engine, client, &asked)?;
    Ok(asked)
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
    claims: ClaimsRequest,
    resources: Vec<String>,
    details: Vec<AuthorizationDetail>,
    dpop_jkt: Option<String>,
    display: Option<Display>,
}

impl SupportedRequest {
    /// The second half of the checks, in order: the fields are filled from top to bottom.
    fn check(engine: &Engine, client: &Client, asked: &Parameters) -> Result<Self, Refusal> {
        asked.each_once()?;
        unsupported::no_registration(asked)?;
        response::supported_type(asked)?;
        response::supported_mode(asked)?;
        demanded::all_there(client, asked)?;
        let named = claims::named(client, asked)?;
        let scopes = scope::known_and_registered(engine, client, asked)?;
        Ok(Self {
            pkce: pkce::challenge(client, asked)?,
            nonce: hints::nonce(client, asked)?,
            prompt: prompt::prompt(client, asked)?,
            max_age: prompt::max_age(client, asked)?,
            acr: level::required(engine, client, asked, &named.levels)?,
            hinted_subject: hints::subject(engine, client, asked, named.subject)?,
            claims: named.request,
            resources: resource::targets(engine, asked)?,
            details: details::known_and_permitted(engine, client, asked, &scopes)?,
            scopes,
            dpop_jkt: resource::dpop_key(asked)?,
            display: hints::display(asked),
            login_hint: hints::short(asked, "login_hint"),
            ui_locales: hints::short(asked, "ui_locales"),
            idp_hint: hints::short(asked, "idp_hint")
                .or_else(|| hints::short(asked, "kc_idp_hint")),
        })
    }

    fn accept(
        self,
        client: ClientId,
        redirect: RegisteredRedirect,
        pushed: Option<PushedReference>,
    ) -> AcceptedRequest {
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
            claims_request: self.claims,
            resources: self.resources,
            details: self.details,
            dpop_jkt: self.dpop_jkt,
            display: self.display,
            pushed,
        }
    }
}

/// The parameters that mean something here; `claims_locales` is among those ignored.
pub(crate) const PARAMETERS: &[&str] = &[
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
    "claims",
    "display",
    "resource",
    "authorization_details",
    "dpop_jkt",
    "id_token_hint",
    "login_hint",
    "ui_locales",
    "idp_hint",
    "kc_idp_hint",
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

    /// A request that could not be had or read. What stands beside it may still say, by an address of
    /// the client's own, where the client hears of it.
    fn beside(refusal: Refusal, client: &Arc<Client>, outer: &Parameters) -> Self {
        match RegisteredRedirect::check(client, outer) {
            Ok(redirect) => Self::Client(refusal, Arc::clone(client), Box::new(redirect)),
            Err(_) => Self::Page(refusal, Some(client.id.clone())),
        }
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
            let Refusal {
                error, description, ..
            } = refusal;
            match answer::refusal(engine, &client.id, &redirect, error, description).await {
                Ok(answer) => answer.deliver(&**house, browser).await,
                Err(fault) => no_answer(&**house, fault, client.id.clone(), browser).await,
            }
        }
    }
}

/// An answer that could not be made is no answer in another form: the person gets a page.
async fn no_answer(
    house: &dyn House,
    fault: Fault,
    client: ClientId,
    browser: Browser,
) -> Response {
    let refusal = Failure::Fault(fault).seen_from_outside();
    house
        .refuse(refusal::page(refusal, Some(client)), browser)
        .await
}

/// A refusal that concerns no client of ours is not recorded: anybody could fill the ledger with them.
fn note(engine: &Engine, refusal: Refusal, client: Option<&ClientId>) {
    if let Some(client) = client {
        engine.note_refusal(EventKind::LoginRefused, client, refusal);
    }
}
