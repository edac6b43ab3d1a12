//! A code for tokens: the token request (OIDC Core §3.1.3.1), with the hub's proof of who it is.

use bytes::Bytes;
use http::Response;
use serde::Deserialize;

use super::lie::Lie;
use super::means::Means;
use super::{ProviderFailure, Upstream};

/// What a code bought. Both are secrets.
pub(crate) struct Tokens {
    /// As the provider sent it; not yet believed, perhaps encrypted.
    pub(crate) id_token: String,
    /// For the userinfo endpoint.
    pub(crate) access_token: String,
}

impl Upstream {
    /// Redeems `code`.
    pub(crate) async fn exchange(
        &self,
        code: &str,
        verifier: &str,
        means: &Means,
    ) -> Result<Tokens, ProviderFailure> {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.redirect_uri),
            ("code_verifier", verifier),
        ];
        let endpoint = &self.addresses.token;
        let answer = self
            .send_proved(None, means, || {
                self.authenticated_form(endpoint, &fields, means)
            })
            .await?;
        let answer = read(&answer)?;
        let wanted = if self.record.requests.dpop {
            "dpop"
        } else {
            "bearer"
        };
        if !answer.token_type.eq_ignore_ascii_case(wanted) {
            return Err(ProviderFailure::Lie(Lie::TokenType));
        }
        Ok(Tokens {
            id_token: answer.id_token.ok_or(ProviderFailure::Lie(Lie::Absent))?,
            access_token: answer.access_token,
        })
    }
}

/// RFC 6749 §5.1, OIDC Core §3.1.3.3.
#[derive(Deserialize)]
struct Granted {
    access_token: String,
    token_type: String,
    id_token: Option<String>,
}

/// RFC 6749 §5.2.
#[derive(Deserialize)]
struct Refused {
    error: String,
}

fn read(answer: &Response<Bytes>) -> Result<Granted, ProviderFailure> {
    if answer.status().is_success() {
        return serde_json::from_slice(answer.body()).map_err(|_| ProviderFailure::Garbled);
    }
    let failure = ProviderFailure::of_status(answer.status());
    match serde_json::from_slice::<Refused>(answer.body()) {
        Ok(_) if failure != ProviderFailure::Unexplained => Err(failure),
        Ok(refused) if refused.error == "invalid_grant" => Err(ProviderFailure::UnknownCode),
        Ok(_) => Err(ProviderFailure::Error),
        Err(_) => Err(failure),
    }
}
