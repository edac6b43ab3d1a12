//! One-time passwords by time (RFC 6238): SHA-1, six digits, thirty seconds, one step either way.
//!
//! A code counts once: its step must be later than the last one used, which the authenticator's
//! record keeps, and of two who present it at the same moment the replay guard lets one pass.

use std::fmt::Write as _;

use guichet_domain::{Entropy, Timestamp};
use qrcode::{Color, EcLevel, QrCode};
use serde::{Deserialize, Serialize};
use totp_rs::{Builder, Secret, Totp};
use zeroize::Zeroize as _;

/// The secret shared with an authenticator application: 160 bits or more. No `Debug`.
#[derive(Clone, Serialize, Deserialize)]
pub struct TotpSecret(#[serde(with = "guichet_domain::id::base64url_bytes")] Vec<u8>);

/// A TOTP authenticator as it rests, sealed.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct TotpState {
    /// What the application holds too.
    pub(crate) secret: TotpSecret,
    /// The latest step (seconds since the epoch, divided by thirty) whose code was used.
    pub(crate) last_step: u64,
}

/// The text is no base32 secret of at least 160 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a TOTP secret is at least 20 bytes in base32")]
pub struct NotASecret;

/// Until a code of `step` can no longer be accepted.
pub(crate) fn step_ends(step: u64) -> Timestamp {
    let seconds = (step + 2).saturating_mul(STEP_SECONDS);
    Timestamp::from_seconds(i64::try_from(seconds).unwrap_or(i64::MAX))
}

impl TotpSecret {
    /// A fresh one.
    pub fn random(entropy: &dyn Entropy) -> Self {
        let mut bytes = vec![0; LENGTH];
        entropy.fill(&mut bytes);
        Self(bytes)
    }

    /// One that exists already, in base32 without padding (RFC 4648 §6).
    pub fn from_base32(text: &str) -> Result<Self, NotASecret> {
        let secret = Secret::try_from_base32(text).map_err(|_| NotASecret)?;
        let bytes = secret.as_bytes().to_vec();
        if bytes.len() < LENGTH {
            Err(NotASecret)
        } else {
            Ok(Self(bytes))
        }
    }

    /// The secret in base32, in groups of four, to be typed where a picture cannot be seen.
    pub fn to_groups(&self) -> String {
        let text = Secret::from(self.0.clone()).to_base32();
        let groups = text
            .as_bytes()
            .chunks(4)
            .map(|group| String::from_utf8_lossy(group));
        groups.collect::<Vec<_>>().join(" ")
    }

    /// The `otpauth:` address that applications read from a QR code (Key Uri Format).
    pub(crate) fn to_uri(&self, issuer: &str, account: &str) -> Option<String> {
        // A colon separates the two in the address.
        let issuer = issuer.replace(':', " ");
        let totp = builder(self)
            .with_issuer(Some(issuer))
            .with_account_name(account.replace(':', " "));
        totp.build().ok()?.to_url().ok()
    }

    fn totp(&self) -> Option<Totp> {
        builder(self).build().ok()
    }
}

impl Drop for TotpSecret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl TotpState {
    /// A new authenticator: nothing used yet.
    pub(crate) fn new(secret: TotpSecret) -> Self {
        Self {
            secret,
            last_step: 0,
        }
    }

    /// The step that `code` is of, when it is one of the three acceptable at `now` and later than
    /// the last one used. Spaces are ignored: people type codes as they are shown.
    pub(crate) fn check(&self, code: &str, now: Timestamp) -> Option<u64> {
        let code: String = code
            .chars()
            .filter(|character| !character.is_whitespace())
            .collect();
        if code.len() != DIGITS || !code.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let seconds = u64::try_from(now.seconds()).ok()?;
        let step = self.secret.totp()?.check(&code, seconds)?;
        (step > self.last_step).then_some(step)
    }
}

/// A QR code as one SVG path: `size` modules a side (quiet zone included), and the path's `d`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct QrPath {
    pub(crate) size: usize,
    pub(crate) path: String,
}

impl QrPath {
    /// The QR code of `text`; `None` when it is too long for one.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
        let width = code.width();
        let mut path = String::new();
        for (index, color) in code.to_colors().into_iter().enumerate() {
            if color == Color::Dark {
                let (x, y) = (index % width + QUIET_ZONE, index / width + QUIET_ZONE);
                // Writing to a text cannot fail.
                let _ = write!(path, "M{x} {y}h1v1h-1z");
            }
        }
        Some(Self {
            size: width + 2 * QUIET_ZONE,
            path,
        })
    }
}

const STEP_SECONDS: u64 = 30;
const DIGITS: usize = 6;
/// 160 bits, as RFC 4226 §4 recommends.
const LENGTH: usize = 20;
/// Light modules around a QR code (ISO/IEC 18004 §6.3.8).
const QUIET_ZONE: usize = 4;

fn builder(secret: &TotpSecret) -> Builder {
    Builder::new().with_secret(Secret::from(secret.0.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of RFC 6238 appendix B.
    const RFC: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    fn state() -> TotpState {
        TotpState::new(TotpSecret::from_base32(RFC).unwrap())
    }

    #[test]
    fn the_vectors_of_rfc_6238_hold() {
        let at = Timestamp::from_seconds;
        assert_eq!(state().check("287082", at(59)), Some(1));
        assert_eq!(state().check("081804", at(1_111_111_109)), Some(37_037_036));
        assert_eq!(
            state().check("353 130", at(20_000_000_000)),
            Some(666_666_666)
        );
    }

    #[test]
    fn a_code_is_good_for_one_step_either_way_and_no_more() {
        let step = 37_037_036_i64;
        for (shift, good) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            let now = Timestamp::from_seconds((step + shift) * 30 + 29);
            assert_eq!(state().check("081804", now).is_some(), good, "{shift}");
        }
    }

    #[test]
    fn a_code_of_a_step_already_used_or_earlier_is_refused() {
        let mut state = state();
        let now = Timestamp::from_seconds(1_111_111_109);
        let step = state.check("081804", now).unwrap();
        state.last_step = step;
        assert_eq!(state.check("081804", now), None);
        state.last_step = step - 1;
        assert_eq!(state.check("081804", now), Some(step));
    }

    #[test]
    fn a_used_step_is_remembered_for_as_long_as_its_code_could_come_back() {
        let state = state();
        let ends = step_ends(37_037_036);
        assert_eq!(state.check("081804", ends), None);
        assert!(
            state
                .check("081804", Timestamp::from_millis(ends.millis() - 1))
                .is_some()
        );
    }

    #[test]
    fn what_is_no_six_digit_code_is_refused() {
        for code in ["", "28708", "2870820", "28708a", "２８７０８２", "-87082"] {
            assert_eq!(
                state().check(code, Timestamp::from_seconds(59)),
                None,
                "{code}"
            );
        }
    }

    #[test]
    fn short_secrets_and_other_alphabets_are_refused() {
        for text in ["", "GEZDGNBV", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ1"] {
            assert!(TotpSecret::from_base32(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_application_reads_the_secret_from_the_address() {
        let secret = TotpSecret::from_base32(RFC).unwrap();
        let uri = secret.to_uri("Compte: Citoyen", "camille").unwrap();
        assert!(uri.starts_with("otpauth://totp/Compte"), "{uri}");
        assert!(uri.contains(&format!("secret={RFC}")), "{uri}");
        assert_eq!(
            secret.to_groups(),
            "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"
        );
        let qr = QrPath::of(&uri).unwrap();
        assert!(qr.size > 30 && qr.path.starts_with("M4 4h1v1h-1z"));
    }
}
