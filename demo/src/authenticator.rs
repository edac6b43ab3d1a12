//! Camille's authenticator application (RFC 6238: SHA-1, six digits, thirty seconds), for newcomers
//! who have none that knows her secret. It authenticates nobody: it is on the citizen's side.

use aws_lc_rs::hmac;
use guichet_domain::Timestamp;

/// What the application shows at `now` for a base32 secret; `None` when it is no such secret.
pub(crate) fn code(secret: &str, now: Timestamp) -> Option<String> {
    let step = u64::try_from(now.seconds()).ok()? / STEP_SECONDS;
    Some(code_at(&base32(secret)?, step))
}

const STEP_SECONDS: u64 = 30;

/// RFC 4226 §5.3.
fn code_at(secret: &[u8], step: u64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let tag = tag.as_ref();
    let offset = usize::from(tag.last().copied().unwrap_or_default() & 0x0f);
    let window = tag.iter().skip(offset).take(4);
    let number = window.fold(0_u32, |number, byte| number << 8 | u32::from(*byte)) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

/// RFC 4648 §6, without padding.
fn base32(text: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0_u32, 0);
    for letter in text.bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'2'..=b'7' => letter - b'2' + 26,
            _ => return None,
        };
        held = held << 5 | u32::from(value);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xff).ok()?);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_rfc_6238_hold() {
        // "12345678901234567890" in base32; the last six of the eight digits of appendix B.
        let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        for (seconds, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (20_000_000_000, "353130"),
        ] {
            let shown = code(secret, Timestamp::from_seconds(seconds));
            assert_eq!(shown.as_deref(), Some(expected), "{seconds}");
        }
    }

    #[test]
    fn what_is_no_secret_shows_nothing() {
        for text in ["abc", "A1", "A B", "É"] {
            assert_eq!(code(text, Timestamp::from_seconds(0)), None, "{text}");
        }
    }
}
