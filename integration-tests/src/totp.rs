//! One-time codes (RFC 6238: SHA-1, six digits, thirty seconds), computed apart from the product.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use aws_lc_rs::hmac;

/// For how long a code is the present one.
pub(crate) const STEP_SECONDS: u64 = 30;

/// The code of this moment for a base32 secret, shifted by `steps` steps of thirty seconds.
pub fn code(secret: &str, steps: i64) -> Result<String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs() / STEP_SECONDS;
    let counter = now
        .checked_add_signed(steps)
        .context("a time before 1970")?;
    code_of(secret, counter)
}

/// The code of a base32 secret for one step, counted from 1970.
pub(crate) fn code_of(secret: &str, step: u64) -> Result<String> {
    code_at(&base32(secret)?, step)
}

fn code_at(secret: &[u8], counter: u64) -> Result<String> {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &counter.to_be_bytes());
    let tag = tag.as_ref();
    let offset = usize::from(tag[tag.len() - 1] & 0x0f);
    let window: [u8; 4] = tag[offset..offset + 4].try_into()?;
    let number = (u32::from_be_bytes(window) & 0x7fff_ffff) % 1_000_000;
    Ok(format!("{number:06}"))
}

fn base32(text: &str) -> Result<Vec<u8>> {
    let mut bits = 0_u32;
    let mut held = 0;
    let mut bytes = Vec::new();
    for letter in text.chars().filter(|letter| !matches!(letter, ' ' | '=')) {
        let value = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
            .find(letter.to_ascii_uppercase())
            .context("not base32")?;
        bits = (bits << 5) | u32::try_from(value)?;
        held += 5;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from((bits >> held) & 0xff)?);
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_rfc_6238_hold() {
        let secret = base32("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").unwrap();
        assert_eq!(secret, b"12345678901234567890");
        assert_eq!(code_at(&secret, 59 / 30).unwrap(), "287082");
        assert_eq!(code_at(&secret, 1_111_111_109 / 30).unwrap(), "081804");
        assert_eq!(code_at(&secret, 20_000_000_000 / 30).unwrap(), "353130");
    }
}
