//! What is tried on a data provider: one good request, and the good request with one thing wrong.

use guichet_exchange_client::Phase;

use super::request::{Attempt, Prover, Signer};

/// One case.
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) expected: Expected,
    /// Makes the good request into this one.
    pub(super) change: fn(&mut Attempt),
}

/// What must come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    /// Evidence that holds.
    Evidence,
    /// 401 with a challenge under the scheme DPoP (RFC 9449 §7.1).
    Unauthorized,
    /// 400.
    BadRequest,
    /// 503: it cannot be known now.
    Unavailable,
    /// 403 or 404: nobody is known by this name.
    Nobody,
}

pub(super) const CASES: &[Case] = &[
    case("a good request", Expected::Evidence, |_| ()),
    case("some of the fields", Expected::Evidence, |a| {
        a.asked.truncate(1);
    }),
    case("a voucher for another data provider", REFUSED, |a| {
        "another".clone_into(&mut a.voucher.aud);
    }),
    case("a voucher by another hub", REFUSED, |a| {
        "https://another.example".clone_into(&mut a.voucher.iss);
    }),
    case("a voucher signed by an unknown key", REFUSED, |a| {
        a.signer = Signer::Stranger;
    }),
    case("a voucher nobody signed (alg none)", REFUSED, |a| {
        a.signer = Signer::Nobody;
    }),
    case("a token of another kind (typ)", REFUSED, |a| {
        a.signer = Signer::AsAccessToken;
    }),
    case("a voucher that is not encrypted", REFUSED, |a| {
        a.is_encrypted = false;
    }),
    case("an expired voucher", REFUSED, |a| {
        a.voucher.iat -= 180;
        a.voucher.exp -= 180;
    }),
    case("a voucher of the future", REFUSED, |a| {
        a.voucher.iat += 120;
        a.voucher.exp += 120;
    }),
    case("a voucher that lives for an hour", REFUSED, |a| {
        a.voucher.exp += 3600;
    }),
    case("a voucher to show, for a service", REFUSED, |a| {
        a.voucher.phase = Phase::Prepare;
    }),
    case("a voucher to send, for the hub", REFUSED, |a| {
        a.voucher.client.id.clone_from(&a.voucher.iss);
    }),
    case("no proof", REFUSED, |a| a.prover = Prover::Nobody),
    case("a proof by another key", REFUSED, |a| {
        a.prover = Prover::Stranger;
    }),
    case("a proof for another address", REFUSED, |a| {
        "https://another.example/evidence".clone_into(&mut a.proof.htu);
    }),
    case("a proof for another method", REFUSED, |a| {
        "GET".clone_into(&mut a.proof.htm);
    }),
    case("a proof for another voucher", REFUSED, |a| {
        a.proof.is_for_another_token = true;
    }),
    case("an old proof", REFUSED, |a| a.proof.age = 600),
    case("the scheme Bearer", REFUSED, |a| a.scheme = "Bearer"),
    case("a voucher for another request (digest)", REFUSED, |a| {
        a.is_for_another_body = true;
    }),
    case(
        "a field that is not in the voucher",
        Expected::BadRequest,
        |a| {
            a.asked.push("not_in_the_voucher".to_owned());
        },
    ),
    case(
        "another evidence than in the voucher",
        Expected::BadRequest,
        |a| {
            "not-in-the-request".clone_into(&mut a.voucher.evidence_type);
        },
    ),
    case("a voucher taken back meanwhile", REFUSED, |a| {
        a.is_revoked = true;
    }),
    case("a hub that does not answer", Expected::Unavailable, |a| {
        a.is_hub_silent = true;
    }),
    case("a citizen nobody knows", Expected::Nobody, |a| {
        "nobody-is-known-by-this-name".clone_into(&mut a.voucher.sub);
    }),
];

const REFUSED: Expected = Expected::Unauthorized;

const fn case(name: &'static str, expected: Expected, change: fn(&mut Attempt)) -> Case {
    Case {
        name,
        expected,
        change,
    }
}

impl Expected {
    /// In words.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Evidence => "200, evidence",
            Self::Unauthorized => "401, WWW-Authenticate: DPoP",
            Self::BadRequest => "400",
            Self::Unavailable => "503",
            Self::Nobody => "403 or 404",
        }
    }
}
