//! What is played, in the order in which it is.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One thing that is played to a client.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Case {
    /// All is well: the client must sign in.
    Honest,
    /// The answer has another `state` than the request (RFC 6749 §10.12).
    WrongState,
    /// The answer has none.
    MissingState,
    /// The answer's `iss` is somebody else (RFC 9207 §2.4).
    MixedUpResponse,
    /// The ID token's `iss` is somebody else (OIDC Core §3.1.3.7).
    MixedUpToken,
    /// Its `nonce` is another one.
    WrongNonce,
    /// Its signature does not hold.
    BadSignature,
    /// It has none: `alg` is `none`.
    AlgNone,
    /// Its `aud` is somebody else.
    WrongAudience,
    /// It was good yesterday.
    Expired,
    /// Userinfo is about somebody else (OIDC Core §5.3.2).
    SwappedSub,
    /// The code was used before, and buys what it bought then (RFC 6749 §10.5).
    ReplayedCode,
    /// All is well, under a key that was published a moment ago: the client must fetch keys again.
    RotatedKey,
}

/// How far a client goes that is as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// All the way.
    SignsIn,
    /// It does not redeem the code.
    NotToToken,
    /// It redeems the code and does not use what that bought.
    NotToUserinfo,
    /// It asks for everything and takes nobody in: that cannot be seen from here.
    NotIn,
}

impl Case {
    /// Every case, in the order in which they are played: the last one changes the keys.
    pub const ALL: [Self; 13] = [
        Self::Honest,
        Self::WrongState,
        Self::MissingState,
        Self::MixedUpResponse,
        Self::MixedUpToken,
        Self::WrongNonce,
        Self::BadSignature,
        Self::AlgNone,
        Self::WrongAudience,
        Self::Expired,
        Self::SwappedSub,
        Self::ReplayedCode,
        Self::RotatedKey,
    ];

    pub(super) const fn reach(self) -> Reach {
        match self {
            Self::Honest | Self::RotatedKey => Reach::SignsIn,
            Self::WrongState | Self::MissingState | Self::MixedUpResponse => Reach::NotToToken,
            Self::MixedUpToken
            | Self::WrongNonce
            | Self::BadSignature
            | Self::AlgNone
            | Self::WrongAudience
            | Self::Expired
            | Self::ReplayedCode => Reach::NotToUserinfo,
            Self::SwappedSub => Reach::NotIn,
        }
    }

    /// Its name, as the API writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Honest => "honest",
            Self::WrongState => "wrong_state",
            Self::MissingState => "missing_state",
            Self::MixedUpResponse => "mixed_up_response",
            Self::MixedUpToken => "mixed_up_token",
            Self::WrongNonce => "wrong_nonce",
            Self::BadSignature => "bad_signature",
            Self::AlgNone => "alg_none",
            Self::WrongAudience => "wrong_audience",
            Self::Expired => "expired",
            Self::SwappedSub => "swapped_sub",
            Self::ReplayedCode => "replayed_code",
            Self::RotatedKey => "rotated_key",
        }
    }

    /// The case of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|case| case.as_str() == name)
    }
}
