//! Authentication methods (RFC 8176) that the hub passes on.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How the person proved who they are. Values of RFC 8176 §2 that providers here use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Amr {
    /// Password.
    Pwd,
    /// One-time password.
    Otp,
    /// Proof of possession of a hardware-secured key.
    Hwk,
    /// Proof of possession of a software-secured key.
    Swk,
    /// Proof of possession of a key.
    Pop,
    /// A user presence test.
    User,
    /// Several factors.
    Mfa,
    /// Fingerprint.
    Fpt,
    /// Face.
    Face,
    /// PIN.
    Pin,
    /// Text message.
    Sms,
    /// Smart card.
    Sc,
}

impl Amr {
    /// Every method known here.
    pub const ALL: [Self; 12] = [
        Self::Pwd,
        Self::Otp,
        Self::Hwk,
        Self::Swk,
        Self::Pop,
        Self::User,
        Self::Mfa,
        Self::Fpt,
        Self::Face,
        Self::Pin,
        Self::Sms,
        Self::Sc,
    ];

    /// The value as it stands in an `amr` claim.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pwd => "pwd",
            Self::Otp => "otp",
            Self::Hwk => "hwk",
            Self::Swk => "swk",
            Self::Pop => "pop",
            Self::User => "user",
            Self::Mfa => "mfa",
            Self::Fpt => "fpt",
            Self::Face => "face",
            Self::Pin => "pin",
            Self::Sms => "sms",
            Self::Sc => "sc",
        }
    }
}

impl fmt::Display for Amr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no method known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an authentication method known here (RFC 8176)")]
pub struct UnknownAmr;

impl FromStr for Amr {
    type Err = UnknownAmr;

    fn from_str(text: &str) -> Result<Self, UnknownAmr> {
        Self::ALL
            .into_iter()
            .find(|amr| amr.as_str() == text)
            .ok_or(UnknownAmr)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_survives_the_trip_through_text() {
        for amr in Amr::ALL {
            assert_eq!(amr.to_string().parse(), Ok(amr));
            assert_eq!(serde_json::to_string(&amr).unwrap(), format!("\"{amr}\""));
        }
        assert_eq!("PWD".parse::<Amr>(), Err(UnknownAmr));
    }
}
