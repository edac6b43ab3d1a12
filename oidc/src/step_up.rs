//! Step-up: a protected endpoint that wants a stronger or a fresher sign-in than the token has says so,
//! in words that a client can put into its next authorization request (RFC 9470).

use std::time::Duration;

use axum::response::Response;
use guichet_domain::{AcrValue, OAuthError, Timestamp};
use http::{HeaderValue, header};

use crate::records::AccessTokenRecord;
use crate::refusal::Refusal;

/// What a protected endpoint demands of the sign-in behind an access token. Nothing by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SignInDemand {
    /// The lowest level.
    pub acr: Option<AcrValue>,
    /// How long ago it may have been at most.
    pub max_age: Option<Duration>,
}

impl SignInDemand {
    /// Whether the sign-in behind a token suffices.
    pub(crate) fn check(self, token: &AccessTokenRecord, now: Timestamp) -> Result<(), Refusal> {
        let is_high_enough = self.acr.is_none_or(|acr| token.acr.satisfies(acr));
        let is_fresh = |max_age| now.since(token.auth_time) <= max_age;
        if is_high_enough && self.max_age.is_none_or(is_fresh) {
            Ok(())
        } else {
            Err(INSUFFICIENT)
        }
    }

    /// Adds what is demanded to each challenge of an answer that refused for it (RFC 9470 §3).
    pub(crate) fn state_in(self, response: &mut Response) {
        let acr = self.acr.map(|acr| format!(", acr_values=\"{acr}\""));
        let seconds = self.max_age.map(|max_age| max_age.as_secs());
        let max_age = seconds.map(|seconds| format!(", max_age=\"{seconds}\""));
        let demanded = [acr, max_age].map(Option::unwrap_or_default).concat();
        let refused = OAuthError::InsufficientUserAuthentication.as_str();
        for (name, value) in response.headers_mut() {
            let text = value.to_str().unwrap_or_default();
            if *name == header::WWW_AUTHENTICATE
                && text.contains(refused)
                && let Ok(longer) = HeaderValue::from_str(&format!("{text}{demanded}"))
            {
                *value = longer;
            }
        }
    }
}

const INSUFFICIENT: Refusal = Refusal::new(
    OAuthError::InsufficientUserAuthentication,
    "a stronger or more recent sign-in is needed",
);
