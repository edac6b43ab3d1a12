//! `standard`: OAuth 2.1, RFC 9700 and OpenID Connect, which demand nothing here that the settings or
//! the registration could not say.

use std::time::Duration;

use guichet_domain::OAuthError;
use guichet_keys::JwsAlg;

use super::{Demands, ObjectRules, Prompts, Rules};

pub(super) const RULES: Rules = Rules {
    pushed_only: false,
    longest_pushed: Duration::from_mins(10),
    // RFC 6749 §4.1.2 recommends no more than ten minutes.
    longest_code: Duration::from_mins(10),
    longest_token: None,
    client_algs: &JwsAlg::ALL,
    objects: ObjectRules {
        alone: false,
        longest: None,
    },
    demands: Demands {
        parameters: &[],
        shortest_nonce: 0,
    },
    prompts: Prompts::AsAsked,
    unmet_level: OAuthError::UnmetAuthenticationRequirements,
    userinfo_expires: false,
    amr_when_asked: false,
};
