//! Codes that people copy from one screen to another (RFC 8628 §6.1): ten consonants in two groups.
//! No vowels, so that no words come out; no digits, so that none is taken for a letter.
//!
//! Long enough that the tries of each address are all that need be bounded: a bound on those of all
//! together would be a way to shut the field for everybody (threat N-58).

use guichet_domain::Entropy;

/// Twenty letters: ten of them make 43 bits.
const ALPHABET: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";

const LENGTH: usize = 10;

/// A fresh code as it is shown, such as `WDJBM-JHTVK`.
pub(super) fn fresh(entropy: &dyn Entropy) -> String {
    let mut code = String::with_capacity(LENGTH + 1);
    while code.len() <= LENGTH {
        // The bytes above the last whole multiple would favour the first letters.
        let fair = entropy
            .bytes32()
            .into_iter()
            .filter(|byte| usize::from(*byte) < 256 / ALPHABET.len() * ALPHABET.len());
        for byte in fair {
            if code.len() == LENGTH / 2 {
                code.push('-');
            }
            code.push(char::from(ALPHABET[usize::from(byte) % ALPHABET.len()]));
            if code.len() > LENGTH {
                break;
            }
        }
    }
    code
}

/// What a person typed, as the code is shown: whatever the case, with or without separators. `None`
/// when it cannot be a code at all.
pub(super) fn read(typed: &str) -> Option<String> {
    if typed.len() > MAX_TYPED {
        return None;
    }
    let letters: Vec<char> = typed
        .chars()
        .filter(|letter| !letter.is_whitespace() && !matches!(letter, '-' | '–' | '—' | '.' | '_'))
        .map(|letter| letter.to_ascii_uppercase())
        .collect();
    let is_code = letters.len() == LENGTH
        && letters
            .iter()
            .all(|letter| letter.is_ascii() && ALPHABET.contains(&(*letter as u8)));
    let (first, second) = letters.split_at_checked(LENGTH / 2)?;
    is_code.then(|| first.iter().chain(&['-']).chain(second).collect::<String>())
}

/// Nobody who copies ten letters types more.
const MAX_TYPED: usize = 64;

#[cfg(test)]
mod tests {
    use guichet_keys::SystemEntropy;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        for typed in [
            "WDJBM-JHTVK",
            "wdjbmjhtvk",
            " wdjbm jhtvk ",
            "W.D.J.B.M–JHTVK",
        ] {
            assert_eq!(read(typed).as_deref(), Some("WDJBM-JHTVK"), "{typed}");
        }
    }

    #[test]
    fn what_cannot_be_a_code_is_none() {
        let long = "B".repeat(65);
        for typed in [
            "",
            "WDJBM-JHTV",
            "WDJBM-JHTVKK",
            "WDJAM-JHTVK",
            "ÇDJBM-JHTVK",
            "1234567890",
            &long,
        ] {
            assert_eq!(read(typed), None, "{typed}");
        }
    }

    #[test]
    fn a_code_has_at_least_43_bits_and_uses_every_letter_alike() {
        assert!((ALPHABET.len() as u64).pow(10) > 1 << 43);
        let mut seen = [0_u32; 20];
        for _ in 0..2000 {
            for letter in fresh(&SystemEntropy).bytes().filter(|byte| *byte != b'-') {
                seen[ALPHABET.iter().position(|known| *known == letter).unwrap()] += 1;
            }
        }
        // 20 000 letters: 1000 of each, give or take far more than chance would.
        assert!(
            seen.iter().all(|times| (800..1200).contains(times)),
            "{seen:?}"
        );
    }

    #[test]
    fn what_is_shown_is_read_back() {
        for _ in 0..100 {
            let code = fresh(&SystemEntropy);
            assert_eq!(code.len(), 11);
            assert_eq!(read(&code), Some(code.clone()));
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_as_a_code_or_not_at_all(typed in ".{0,80}") {
            if let Some(code) = read(&typed) {
                prop_assert_eq!(read(&code), Some(code.clone()));
            }
        }
    }
}
