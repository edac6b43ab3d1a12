//! `fapi2`: FAPI 2.0 Security Profile, and Message Signing where the client signs its requests.
//!
//! What registration settles (asymmetric client authentication, bound tokens, PKCE, algorithms of what
//! we sign) is checked there, in `domain`; what holds for every client (S256 alone, `code` alone, `iss`
//! in every answer, no token in a query, 303 and never 307) needs no row.

use std::time::Duration;

use guichet_keys::JwsAlg;

use super::{ObjectRules, Rules, standard};

pub(super) const RULES: Rules = Rules {
    // Security Profile §5.3.2.2.
    pushed_only: true,
    // The same: less than 600 seconds.
    longest_pushed: Duration::from_secs(599),
    // The same: at most 60 seconds.
    longest_code: Duration::from_mins(1),
    longest_token: standard::RULES.longest_token,
    // Security Profile §5.4.1.
    client_algs: &[JwsAlg::Ps256, JwsAlg::Es256, JwsAlg::EdDsa],
    // Message Signing §5.3.
    objects: ObjectRules {
        alone: true,
        longest: Some(Duration::from_hours(1)),
    },
    demands: standard::RULES.demands,
    prompts: standard::RULES.prompts,
    unmet_level: standard::RULES.unmet_level,
    userinfo_expires: standard::RULES.userinfo_expires,
    amr_when_asked: standard::RULES.amr_when_asked,
};
