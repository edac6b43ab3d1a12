//! What may and must be shown, and how old a sign-in may be (OIDC Core §3.1.2.1).

use std::time::Duration;

use guichet_domain::{Client, OAuthError};

use crate::Prompt;
use crate::parameters::Parameters;
use crate::refusal::Refusal;

/// `prompt`. Values nobody here knows are ignored, as OIDC Core asks so that new ones can be
/// introduced; `none` beside any other value is refused.
pub(super) fn prompt(asked: &Parameters) -> Result<Prompt, Refusal> {
    let values: Vec<&str> = asked
        .get("prompt")
        .unwrap_or_default()
        .split(' ')
        .filter(|value| !value.is_empty())
        .collect();
    let prompt = Prompt {
        none: values.contains(&"none"),
        login: values.contains(&"login"),
        consent: values.contains(&"consent"),
        select_account: values.contains(&"select_account"),
    };
    if prompt.none && values.iter().any(|value| *value != "none") {
        return Err(Refusal::new(
            OAuthError::InvalidRequest,
            "prompt=none stands alone",
        ));
    }
    Ok(prompt)
}

/// `max_age`: whole seconds; what the client registered, when it says nothing.
pub(super) fn max_age(client: &Client, asked: &Parameters) -> Result<Option<Duration>, Refusal> {
    let Some(text) = asked.get("max_age") else {
        return Ok(client.default_max_age);
    };
    // Digits only: Rust would read "+5" too.
    let seconds = text
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse::<u32>().ok())
        .flatten()
        .ok_or(Refusal::new(
            OAuthError::InvalidRequest,
            "max_age must be a number of seconds",
        ))?;
    Ok(Some(Duration::from_secs(u64::from(seconds))))
}
