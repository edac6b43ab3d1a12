//! Where answers go: a redirect URI the client registered, character by character (RFC 9700 §2.1).

use guichet_domain::{Client, OAuthError};
use url::Url;

use crate::parameters::Parameters;
use crate::refusal::Refusal;
use crate::{RegisteredRedirect, ResponseMode};

/// The most bytes of `state` that are carried back (threat N-81).
const MAX_STATE: usize = 2048;

impl RegisteredRedirect {
    /// The proof that answers to this request may leave, and how. What decides where and how an
    /// answer goes must stand once; otherwise nothing leaves.
    pub(super) fn check(client: &Client, asked: &Parameters) -> Result<Self, Refusal> {
        if ["redirect_uri", "state", "response_mode"]
            .iter()
            .any(|name| asked.is_repeated(name))
        {
            return Err(refused(
                "redirect_uri, state or response_mode stands more than once",
            ));
        }
        let uri = asked.required("redirect_uri", "redirect_uri is missing")?;
        if client.redirect_uri(uri).is_none() {
            return Err(refused("redirect_uri is not registered for this client"));
        }
        if Url::parse(uri).is_err() {
            return Err(refused("redirect_uri is not a URI"));
        }
        let state = asked.get("state");
        if state.is_some_and(|state| state.len() > MAX_STATE) {
            return Err(refused("state is longer than 2048 bytes"));
        }
        if state.is_some_and(|state| state.chars().any(char::is_control)) {
            return Err(refused("state has control characters"));
        }
        Ok(Self {
            uri: uri.to_owned(),
            // A mode that is not served is refused later on, in the query.
            mode: asked
                .get("response_mode")
                .and_then(ResponseMode::named)
                .unwrap_or_default(),
            state: state.map(str::to_owned),
        })
    }
}

const fn refused(description: &'static str) -> Refusal {
    Refusal::new(OAuthError::InvalidRequest, description)
}
