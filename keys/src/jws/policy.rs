//! What a verifier accepts: which algorithms, which `typ`, and when.

use std::time::Duration;

use guichet_domain::Timestamp;

use super::JwsAlg;

/// What `typ` must be, whatever the case, `application/` in front or not (RFC 7515 §4.1.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TypRule {
    /// Absent, or `JWT`: ID tokens and client assertions.
    JwtOrAbsent,
    /// Absent, or one of these: kinds of token that got a type of their own after they were in use.
    AbsentOr(&'static [&'static str]),
    /// Exactly this.
    Exactly(&'static str),
}

impl TypRule {
    /// A request object (RFC 9101 §10.8): those made before the type existed say `JWT` or nothing.
    pub const REQUEST_OBJECT: Self = Self::AbsentOr(&["oauth-authz-req+jwt", "JWT"]);
    /// A DPoP proof (RFC 9449 §4.2).
    pub const DPOP_PROOF: Self = Self::Exactly("dpop+jwt");
    /// A logout token (OIDC Back-Channel Logout §2.4): the type is recommended, not required.
    pub const LOGOUT_TOKEN: Self = Self::AbsentOr(&["logout+jwt", "JWT"]);
    /// A security event (RFC 8417 §2.3): the same.
    pub const SECURITY_EVENT: Self = Self::AbsentOr(&["secevent+jwt", "JWT"]);

    pub(super) fn admits(self, typ: Option<&str>) -> bool {
        let is = |wanted: &str| typ.is_some_and(|typ| same_type(typ, wanted));
        match self {
            Self::JwtOrAbsent => typ.is_none() || is("JWT"),
            Self::AbsentOr(wanted) => typ.is_none() || wanted.iter().any(|wanted| is(wanted)),
            Self::Exactly(wanted) => is(wanted),
        }
    }
}

fn same_type(typ: &str, wanted: &str) -> bool {
    let short = match typ.split_at_checked("application/".len()) {
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case("application/") => rest,
        _ => typ,
    };
    short.eq_ignore_ascii_case(wanted)
}

/// What a verifier accepts.
#[derive(Clone, Copy, Debug)]
pub struct VerifyPolicy<'a> {
    /// The algorithms that may have signed.
    pub algs: &'a [JwsAlg],
    /// What `typ` must be.
    pub typ: TypRule,
}

/// When a token must be alive.
#[derive(Clone, Copy, Debug)]
pub struct TimeRule {
    /// The present.
    pub now: Timestamp,
    /// How far the other clock may be off, either way.
    pub leeway: Duration,
    /// How far in the future `exp` may lie, if that is bounded.
    pub longest: Option<Duration>,
}
