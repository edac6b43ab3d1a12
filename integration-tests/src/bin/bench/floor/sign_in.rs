//! The floor's share of a login in the browser: the product's requests, one function each.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use guichet_integration_tests::keys::base64url;
use serde::Deserialize;

use crate::floor::crypto::{random_bytes, random_text, sha256};
use crate::floor::ledger::Event;
use crate::floor::records::{Claims, Granted, Known, Login, Request, Session};
use crate::floor::{Floor, Wrong, lock};
use crate::stub_provider::CLIENT_ID;
use crate::walker::PROVIDER;

type Shared = State<Arc<Floor>>;
type Answer = Result<Response, Wrong>;

/// Step 1: a request becomes a login; under a live session it is as good as done.
pub(super) async fn authorize(
    State(floor): Shared,
    headers: HeaderMap,
    Query(request): Query<Request>,
) -> Answer {
    let client = floor
        .clients
        .get(request.client_id.as_str())
        .context("unknown client")?;
    ensure_that(
        client.redirect_uri == request.redirect_uri,
        "another redirect URI",
    )?;
    let id = random_id()?;
    let browser =
        cookie(&headers, "browser").map_or_else(random_id, |known| Ok(known.to_owned()))?;
    let known = floor.known(&headers, &request);
    let (kind, step) = if known.is_some() {
        ("sso.started", "return")
    } else {
        ("login.started", "provider")
    };
    let login = Login {
        browser: browser.clone(),
        request,
        state: String::new(),
        nonce: String::new(),
        verifier: String::new(),
        known,
    };
    floor.note(kind, &id, &login)?;
    floor
        .store
        .logins
        .put(&floor.crypto, id.as_bytes(), &login)?;
    let cookie =
        HeaderValue::try_from(format!("browser={browser}; Path=/; HttpOnly; SameSite=Lax"))?;
    Ok((
        [(header::SET_COOKIE, cookie)],
        Redirect::to(&format!("/login/{id}/{step}")),
    )
        .into_response())
}

/// Step 2: the page of the choice.
pub(super) async fn show_providers(
    State(floor): Shared,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Answer {
    let login = floor.login(&id, &headers)?;
    floor.note("provider.shown", &id, &login)?;
    Ok(page(
        &floor.pages.choice,
        &floor.form_token(&login, &id, "provider"),
    ))
}

#[derive(Deserialize)]
pub(super) struct Posted {
    csrf: String,
}

/// Step 2: the choice.
pub(super) async fn choose(
    State(floor): Shared,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(posted): Form<Posted>,
) -> Answer {
    let mut login = floor.login(&id, &headers)?;
    floor.check_form(&login, &id, "provider", &posted.csrf)?;
    login.state = format!("{id}.{}", random_text()?);
    login.nonce = random_text()?;
    login.verifier = random_text()?;
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("response_type", "code")
        .append_pair("client_id", CLIENT_ID)
        .append_pair("redirect_uri", &floor.callback_uri())
        .append_pair("scope", "openid profile birth email")
        .append_pair("state", &login.state)
        .append_pair("nonce", &login.nonce)
        .append_pair(
            "code_challenge",
            &base64url(&sha256(login.verifier.as_bytes())),
        )
        .append_pair("code_challenge_method", "S256")
        .finish();
    floor
        .store
        .logins
        .put(&floor.crypto, id.as_bytes(), &login)?;
    floor.note("provider.chosen", &id, &login)?;
    Ok(Redirect::to(&format!(
        "{}?{query}",
        floor.provider.authorization_endpoint
    ))
    .into_response())
}

#[derive(Deserialize)]
pub(super) struct Returned {
    code: String,
    state: String,
}

/// Step 3: the provider's answer, and what it is good for.
pub(super) async fn callback(
    State(floor): Shared,
    headers: HeaderMap,
    Query(returned): Query<Returned>,
) -> Answer {
    let id = returned
        .state
        .split('.')
        .next()
        .unwrap_or_default()
        .to_owned();
    let mut login = floor.login(&id, &headers)?;
    ensure_that(login.state == returned.state, "another state")?;
    let redirect_uri = floor.callback_uri();
    let claims = floor
        .provider
        .ask(&returned.code, &login.nonce, &login.verifier, &redirect_uri)
        .await?;
    login.known = Some(Known {
        claims,
        person: String::new(),
        subject: String::new(),
        session: String::new(),
    });
    floor.note("provider.returned", &id, &login)?;
    floor
        .store
        .logins
        .put(&floor.crypto, id.as_bytes(), &login)?;
    Ok(Redirect::to(&format!("/login/{id}/identity")).into_response())
}

/// Step 4: the person is found or made, durably, and a session begins.
pub(super) async fn identify(
    State(floor): Shared,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Answer {
    let mut login = floor.login(&id, &headers)?;
    let mut known = login.known.take().context("nobody yet")?;
    known.person = floor.person(&known.claims)?;
    known.subject = floor.subject(&login.request.client_id, &known.person);
    known.session = random_id()?;
    let session = Session {
        claims: known.claims.clone(),
        person: known.person.clone(),
        participants: Vec::new(),
    };
    floor
        .store
        .sessions
        .put(&floor.crypto, known.session.as_bytes(), &session)?;
    let cookie = HeaderValue::try_from(format!(
        "session={}; Path=/; HttpOnly; SameSite=Lax",
        known.session
    ))?;
    login.known = Some(known);
    floor.note("person.row", &id, &login)?;
    floor.append("subject.row", &id, &login).await?;
    floor.note("identity.verified", &id, &login)?;
    floor
        .store
        .logins
        .put(&floor.crypto, id.as_bytes(), &login)?;
    Ok((
        [(header::SET_COOKIE, cookie)],
        Redirect::to(&format!("/login/{id}/consent")),
    )
        .into_response())
}

/// Step 5: the page of the consent.
pub(super) async fn show_consent(
    State(floor): Shared,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Answer {
    let login = floor.login(&id, &headers)?;
    floor.note("consent.shown", &id, &login)?;
    Ok(page(
        &floor.pages.consent,
        &floor.form_token(&login, &id, "consent"),
    ))
}

/// Step 5: the consent, on record before anything follows from it.
pub(super) async fn consent(
    State(floor): Shared,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(posted): Form<Posted>,
) -> Answer {
    let login = floor.login(&id, &headers)?;
    floor.check_form(&login, &id, "consent", &posted.csrf)?;
    floor.note("consent.row", &id, &login)?;
    floor.append("consent.given", &id, &login).await?;
    floor
        .store
        .logins
        .put(&floor.crypto, id.as_bytes(), &login)?;
    Ok(Redirect::to(&format!("/login/{id}/return")).into_response())
}

/// Step 6: the code.
pub(super) async fn finish(
    State(floor): Shared,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Answer {
    floor.login(&id, &headers)?;
    let login: Login = floor.store.logins.take(&floor.crypto, id.as_bytes())?;
    let known = login.known.clone().context("nobody yet")?;
    let mut session: Session = floor
        .store
        .sessions
        .get(&floor.crypto, known.session.as_bytes())?;
    let request = login.request.clone();
    session
        .participants
        .retain(|(client, ..)| *client != request.client_id);
    session.participants.push((
        request.client_id.clone(),
        known.subject.clone(),
        request.scope.clone(),
    ));
    floor
        .store
        .sessions
        .put(&floor.crypto, known.session.as_bytes(), &session)?;
    let code = random_text()?;
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("code", &code)
        .append_pair("state", &request.state)
        .append_pair("iss", &floor.issuer)
        .finish();
    let address = format!("{}?{query}", request.redirect_uri);
    floor.append("service.returned", &id, &login).await?;
    let granted = Granted {
        login: id,
        request,
        known,
    };
    floor
        .store
        .codes
        .put(&floor.crypto, &sha256(code.as_bytes()), &granted)?;
    Ok(Redirect::to(&address).into_response())
}

impl Floor {
    /// A login, for the browser it belongs to.
    fn login(&self, id: &str, headers: &HeaderMap) -> Result<Login> {
        let login: Login = self.store.logins.get(&self.crypto, id.as_bytes())?;
        ensure!(
            cookie(headers, "browser") == Some(&login.browser),
            "another browser"
        );
        Ok(login)
    }

    /// Who the browser's session says it is, where nothing may be shown.
    fn known(&self, headers: &HeaderMap, request: &Request) -> Option<Known> {
        let id = cookie(headers, "session").filter(|_| request.prompt == "none")?;
        let session: Session = self.store.sessions.get(&self.crypto, id.as_bytes()).ok()?;
        let is_informed = |(client, _, scope): &(String, String, String)| {
            *client == request.client_id && *scope == request.scope
        };
        session.participants.iter().any(is_informed).then(|| Known {
            subject: self.subject(&request.client_id, &session.person),
            claims: session.claims,
            person: session.person,
            session: id.to_owned(),
        })
    }

    fn person(&self, claims: &Claims) -> Result<String> {
        let name = |text: &str| text.to_uppercase().into_bytes();
        let index = self.crypto.mac(&[
            &name(&claims.given_name),
            &name(&claims.family_name),
            claims.birthdate.as_bytes(),
            claims.gender.as_bytes(),
            claims.birthplace.as_bytes(),
            claims.birthcountry.as_bytes(),
        ]);
        let fresh = random_id()?;
        Ok(lock(&self.store.people)
            .entry(index)
            .or_insert(fresh)
            .clone())
    }

    fn subject(&self, client: &str, person: &str) -> String {
        let mut subjects = lock(&self.store.subjects);
        let subject = subjects
            .entry((client.to_owned(), person.to_owned()))
            .or_insert_with(|| {
                base64url(&self.crypto.mac(&[client.as_bytes(), person.as_bytes()]))
            });
        subject.clone()
    }

    fn form_token(&self, login: &Login, id: &str, form: &str) -> String {
        base64url(
            &self
                .crypto
                .mac(&[login.browser.as_bytes(), id.as_bytes(), form.as_bytes()]),
        )
    }

    fn check_form(&self, login: &Login, id: &str, form: &str, token: &str) -> Result<()> {
        let expected = self.form_token(login, id, form);
        aws_lc_rs::constant_time::verify_slices_are_equal(expected.as_bytes(), token.as_bytes())
            .ok()
            .context("a form that was not given")
    }

    fn callback_uri(&self) -> String {
        format!("{}/callback/{PROVIDER}", self.issuer)
    }

    fn note(&self, kind: &'static str, id: &str, login: &Login) -> Result<()> {
        match &self.ledger {
            Some(ledger) => ledger.note(&event(kind, id, &login.request, login.known.as_ref())),
            None => Ok(()),
        }
    }

    async fn append(&self, kind: &'static str, id: &str, login: &Login) -> Result<()> {
        self.record(kind, id, &login.request, login.known.as_ref())
            .await
    }

    /// Puts an entry in the audit log, if there is one; returns when it is durable.
    pub(super) async fn record(
        &self,
        kind: &'static str,
        id: &str,
        request: &Request,
        known: Option<&Known>,
    ) -> Result<()> {
        match &self.ledger {
            Some(ledger) => ledger.append(&event(kind, id, request, known)).await,
            None => Ok(()),
        }
    }
}

fn event<'a>(
    kind: &'static str,
    id: &'a str,
    request: &'a Request,
    known: Option<&'a Known>,
) -> Event<'a> {
    Event {
        at: SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_millis()),
        kind,
        login: id,
        client: &request.client_id,
        provider: PROVIDER,
        person: known.map(|known| known.person.as_str()),
        acr: "eidas1",
        details: &[],
    }
}

fn page((before, after): &(String, String), token: &str) -> Response {
    let mut body = String::with_capacity(before.len() + token.len() + after.len());
    body.push_str(before);
    body.push_str(token);
    body.push_str(after);
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action *",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, body).into_response()
}

fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let cookies = headers.get(header::COOKIE)?.to_str().ok()?;
    cookies
        .split(';')
        .find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}

fn random_id() -> Result<String> {
    Ok(base64url(&random_bytes::<16>()?))
}

fn ensure_that(holds: bool, otherwise: &'static str) -> Result<()> {
    ensure!(holds, otherwise);
    Ok(())
}
