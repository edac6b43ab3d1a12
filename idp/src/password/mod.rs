//! Passwords: what one may be, how it is hashed, and where the hashing is done.
//!
//! Hashing is meant to be slow. All of it goes through [`PasswordPool`], which is small and bounded,
//! so that a flood of sign-ins is refused politely instead of starving the node.

mod hashing;
mod policy;
mod pool;

pub use policy::{PasswordRefused, check_new};
pub use pool::{Busy, PasswordPool, Verdict};

use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroize as _;

/// A password as typed, in Unicode NFC so that every keyboard spells it alike (RFC 8265 §4.2).
/// Wiped when dropped; no `Debug`.
pub struct Password(String);

impl Password {
    /// Longest password read, in bytes as typed. What is longer is nobody's password: hashing it
    /// would only cost.
    pub const LONGEST: usize = 1024;

    /// The password, unless it is empty or longer than [`Self::LONGEST`].
    pub fn read(typed: &str) -> Option<Self> {
        let fits = (1..=Self::LONGEST).contains(&typed.len());
        fits.then(|| Self(typed.nfc().collect()))
    }

    fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    fn as_str(&self) -> &str {
        &self.0
    }
}

impl Drop for Password {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_spellings_of_one_character_are_one_password() {
        let composed = Password::read("caf\u{e9}").unwrap();
        let decomposed = Password::read("cafe\u{301}").unwrap();
        assert_eq!(composed.as_bytes(), decomposed.as_bytes());
    }

    #[test]
    fn nothing_and_far_too_much_are_no_password() {
        assert!(Password::read("").is_none());
        assert!(Password::read(&"a".repeat(Password::LONGEST)).is_some());
        assert!(Password::read(&"a".repeat(Password::LONGEST + 1)).is_none());
    }
}
