//! An answer to the client, by way of the browser (RFC 6749 §4.1.2, RFC 9207, Form Post Response Mode,
//! JARM).

use axum::response::Response;
use guichet_domain::{ClientId, OAuthError};
use guichet_store::Fault;
use http::{HeaderValue, StatusCode, header};
use url::Url;

use crate::refusal::error_uri;
use crate::{
    Answer, Browser, Engine, FormPost, House, HousePage, RegisteredRedirect, ResponseMode, jarm,
    respond,
};

/// The answer that carries a code.
pub(crate) async fn code(
    engine: &Engine,
    client: &ClientId,
    redirect: &RegisteredRedirect,
    code: &str,
) -> Result<Answer, Fault> {
    to_client(engine, client, redirect, vec![("code", code.to_owned())]).await
}

/// The answer that says no.
pub(crate) async fn refusal(
    engine: &Engine,
    client: &ClientId,
    redirect: &RegisteredRedirect,
    error: OAuthError,
    description: &'static str,
) -> Result<Answer, Fault> {
    let fields = vec![
        ("error", error.as_str().to_owned()),
        ("error_description", description.to_owned()),
        ("error_uri", error_uri(engine.issuer(), error)),
    ];
    to_client(engine, client, redirect, fields).await
}

/// Every answer carries `state` as it came and `iss`, so that a client with several providers knows
/// which one speaks (RFC 9207 §2). A registered URI holds none of these names, so each stands once.
async fn to_client(
    engine: &Engine,
    client: &ClientId,
    redirect: &RegisteredRedirect,
    mut fields: Vec<(&'static str, String)>,
) -> Result<Answer, Fault> {
    if let Some(state) = &redirect.state {
        fields.push(("state", state.clone()));
    }
    fields.push(("iss", engine.issuer().to_owned()));
    if redirect.mode.is_jwt() {
        let client = engine.parts().clients.client(client.as_str());
        let client = client.ok_or(Fault::bare("the client of an answer is gone"))?;
        fields = vec![("response", jarm::response(engine, &client, &fields).await?)];
    }
    Ok(match redirect.mode {
        ResponseMode::Query | ResponseMode::QueryJwt => {
            let mut target = Url::parse(&redirect.uri)
                .map_err(|error| Fault::new("an accepted redirect URI is none", error))?;
            target.query_pairs_mut().extend_pairs(fields);
            without_inherited_fragment(&mut target);
            Answer::Redirect(target)
        }
        ResponseMode::FormPost | ResponseMode::FormPostJwt => Answer::Form(FormPost {
            action: redirect.uri.clone(),
            fields,
        }),
    })
}

/// Divergence D16: an explicit empty fragment, or the browser would carry the fragment of the page it
/// comes from over to the client (threat N-29).
pub(crate) fn without_inherited_fragment(target: &mut Url) {
    if matches!(target.scheme(), "https" | "http") {
        target.set_fragment(Some(""));
    }
}

impl Answer {
    /// The redirect, as 303 (RFC 9700 §4.12) and without a referrer; what is no redirect is given back,
    /// for the house to render on a page of its own.
    pub fn redirected(self) -> Result<Response, HousePage> {
        match self {
            Self::Redirect(target) => Ok(see_other(target.as_str())),
            Self::Form(form) => Err(HousePage::Form(form)),
            Self::Settled(settled) => Err(HousePage::Settled(settled)),
        }
    }

    /// Sends the answer: the redirect as 303, all else as the house renders it.
    pub async fn deliver(self, house: &dyn House, browser: Browser) -> Response {
        match self.redirected() {
            Ok(response) => response,
            Err(HousePage::Form(form)) => house.post_form(form, browser).await,
            Err(HousePage::Settled(settled)) => house.settled(settled, browser).await,
        }
    }
}

/// 303 to `target`, saying nothing of where the browser comes from.
pub(crate) fn see_other(target: &str) -> Response {
    let mut response = respond::empty(StatusCode::SEE_OTHER);
    let headers = response.headers_mut();
    // What the browser leaves behind holds the request's parameters.
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    match HeaderValue::from_str(target) {
        Ok(location) => {
            headers.insert(header::LOCATION, location);
        }
        // A parsed URL is ASCII; were it not, nobody is sent anywhere.
        Err(_) => *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR,
    }
    response
}
