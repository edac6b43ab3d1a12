//! `franceconnect`: what applications written for FranceConnect v2 send and expect.
//!
//! Registration settles the rest: the secret in the form, userinfo as a JWT, PKCE not demanded (see
//! `domain`). What FranceConnect refuses and the standards allow is accepted (divergence D14).

use std::time::Duration;

use guichet_domain::OAuthError;
use guichet_keys::JwsAlg;

use super::{Demands, ObjectRules, Prompts, Rules};

pub(super) const RULES: Rules = Rules {
    pushed_only: false,
    longest_pushed: Duration::from_mins(10),
    longest_code: Duration::from_secs(30),
    longest_token: Some(Duration::from_mins(1)),
    client_algs: &JwsAlg::ALL,
    objects: ObjectRules {
        alone: false,
        longest: None,
    },
    demands: Demands {
        parameters: &[
            ("state", "state is missing"),
            ("nonce", "nonce is missing"),
            ("acr_values", "acr_values is missing"),
        ],
        shortest_nonce: 22,
    },
    prompts: Prompts::LoginAndConsent,
    unmet_level: OAuthError::InvalidAcr,
    userinfo_expires: true,
    amr_when_asked: true,
};
