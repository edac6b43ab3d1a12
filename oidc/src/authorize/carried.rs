//! Where a request is: in the parameters themselves, in an object among them, at an address, or pushed
//! before (OIDC Core §6, RFC 9101 §5, RFC 9126 §4). Whatever carried it, what follows checks it alike.

use guichet_domain::{Client, OAuthError};
use url::Url;

use super::PARAMETERS;
use crate::Engine;
use crate::fetch::Document;
use crate::parameters::Parameters;
use crate::profile::Rules;
use crate::pushed::{self, PushedReference};
use crate::refusal::{Failure, Refusal};
use crate::request_object::RequestObject;

/// A request's own parameters.
pub(super) struct Carried {
    pub(super) asked: Parameters,
    /// Under which reference it was pushed, if it was.
    pub(super) pushed: Option<PushedReference>,
}

/// Finds the request behind the parameters of `/authorize`.
pub(super) async fn request(
    engine: &Engine,
    client: &Client,
    outer: &Parameters,
) -> Result<Carried, Failure> {
    let reference = outer.get("request_uri").and_then(PushedReference::read);
    if let Some(reference) = reference {
        let asked = pushed::find(engine, client, &reference).await?;
        return Ok(Carried {
            asked,
            pushed: Some(reference),
        });
    }
    if client.requests.require_pushed || Rules::of(client).pushed_only {
        return Err(refused("this client must push its requests").into());
    }
    let asked = unpacked(engine, client, outer).await?;
    Ok(Carried {
        asked,
        pushed: None,
    })
}

/// The parameters that count, of a request that was not pushed, or is being pushed.
pub(super) async fn unpacked(
    engine: &Engine,
    client: &Client,
    outer: &Parameters,
) -> Result<Parameters, Failure> {
    let object = match (outer.get("request"), outer.get("request_uri")) {
        (None, None) if client.requests.require_signed => {
            return Err(refused("this client must sign its requests").into());
        }
        (None, None) => return Ok(outer.clone()),
        (Some(_), Some(_)) => {
            return Err(refused("request and request_uri come together").into());
        }
        (Some(object), None) => object.to_owned(),
        (None, Some(uri)) => fetched(engine, client, uri).await?,
    };
    // Which of two would count?
    outer.each_once()?;
    let object = RequestObject::check(engine, client, &object).await?;
    Ok(object.parameters(client, outer, PARAMETERS)?)
}

/// The request object at an address that the client registered, and no other: nobody has us fetch what
/// they please (threat N-41). A fragment only tells versions apart (OIDC Core §6.2).
async fn fetched(engine: &Engine, client: &Client, uri: &str) -> Result<String, Failure> {
    let without_fragment = |url: &Url| {
        let mut url = url.clone();
        url.set_fragment(None);
        url
    };
    let address = Url::parse(uri).map_err(|_| NOT_REGISTERED)?;
    let address = without_fragment(&address);
    let registered = &client.requests.request_uris;
    if !registered
        .iter()
        .any(|known| without_fragment(known) == address)
    {
        return Err(NOT_REGISTERED.into());
    }
    let document = engine.parts().fetch.get(&address, Document::RequestObject);
    let document = document.await.map_err(|_| NOT_THERE)?;
    let text = std::str::from_utf8(&document).map_err(|_| NOT_THERE)?;
    Ok(text.trim().to_owned())
}

const NOT_REGISTERED: Refusal = Refusal::new(
    OAuthError::InvalidRequestUri,
    "request_uri is not registered for this client",
);
const NOT_THERE: Refusal = Refusal::new(
    OAuthError::InvalidRequestUri,
    "request_uri could not be fetched",
);

const fn refused(description: &'static str) -> Refusal {
    Refusal::new(OAuthError::InvalidRequest, description)
}
