//! What may and must be shown, and how old a sign-in may be (OIDC Core §3.1.2.1).

use std::time::Duration;

use guichet_domain::{Client, OAuthError};

use crate::Prompt;
use crate::parameters::Parameters;
use crate::profile::{Prompts, Rules};
use crate::refusal::Refusal;

/// `prompt`. Values nobody here knows are ignored, as OIDC Core asks so that new ones can be
/// introduced; `none` beside any other value is refused.
pub(super) fn prompt(client: &Client, asked: &Parameters) -> Result<Prompt, Refusal> {
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
        skip_information: false,
    };
    if prompt.none && values.iter().any(|value| *value != "none") {
        return Err(Refusal::new(
            OAuthError::InvalidRequest,
            "prompt=none stands alone",
        ));
    }
    match Rules::of(client).prompts {
        Prompts::AsAsked => Ok(prompt),
        Prompts::LoginAndConsent => login_and_consent(client, &values),
    }
}

/// Applications of FranceConnect write `prompt=login` or `login consent` at every login and rely on
/// single sign-on all the same; none of them may ask for silence. Without `consent`, one whose record
/// lets it has no page shown that only informs.
fn login_and_consent(client: &Client, values: &[&str]) -> Result<Prompt, Refusal> {
    let is_known = |value: &&str| matches!(*value, "login" | "consent");
    if values.iter().all(is_known) {
        Ok(Prompt {
            skip_information: client.may_skip_information
                && values.contains(&"login")
                && !values.contains(&"consent"),
            ..Prompt::default()
        })
    } else {
        Err(Refusal::new(
            OAuthError::InvalidRequest,
            "prompt may be login, consent or both",
        ))
    }
}

/// `max_age`: whole seconds; what the client registered, when it says nothing.
pub(super) fn max_age(client: &Client, asked: &Parameters) -> Result<Option<Duration>, Refusal> {
    let seconds = asked.number("max_age", NO_AGE)?;
    let asked = seconds.map(|seconds| Duration::from_secs(u64::from(seconds)));
    Ok(asked.or(client.default_max_age))
}

const NO_AGE: Refusal = Refusal::new(
    OAuthError::InvalidRequest,
    "max_age must be a number of seconds",
);
