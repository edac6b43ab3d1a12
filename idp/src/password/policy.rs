//! What a new password must be (NIST SP 800-63B-4 §3.1.1.2): long, and not the first one guessed.
//! No rule about kinds of characters, no expiry.

use super::Password;

/// Why a new password is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordRefused {
    /// Shorter than twelve characters.
    #[error("a password has at least twelve characters")]
    TooShort,
    /// It contains the login name, which an attacker tries first.
    #[error("a password does not contain the login name")]
    ContainsLoginName,
    /// It is made of very few different characters, or is one of the first ones tried.
    #[error("this password is among the first that are tried")]
    Common,
}

/// Whether `password` may protect the account `login_name`.
pub fn check_new(password: &Password, login_name: &str) -> Result<(), PasswordRefused> {
    let lower = password.as_str().to_lowercase();
    if lower.chars().count() < SHORTEST {
        return Err(PasswordRefused::TooShort);
    }
    if lower.contains(&login_name.to_lowercase()) {
        return Err(PasswordRefused::ContainsLoginName);
    }
    let mut distinct: Vec<char> = lower.chars().collect();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.len() < FEWEST_DISTINCT || COMMON.iter().any(|stem| is_padded(&lower, stem)) {
        return Err(PasswordRefused::Common);
    }
    Ok(())
}

/// Counted in characters.
const SHORTEST: usize = 12;
const FEWEST_DISTINCT: usize = 5;

/// Stems that fill the length with digits or signs: `motdepasse123`, `azertyuiop!!`.
const COMMON: &[&str] = &[
    "azertyuiop",
    "qwertyuiop",
    "qwertzuiop",
    "motdepasse",
    "password",
    "administrateur",
    "bonjour",
    "soleil",
    "jetaime",
    "123456789",
    "0123456789",
    "1234567890",
    "iloveyou",
    "welcome",
    "letmein",
    "changeme",
];

/// Whether `password` is `stem` (perhaps twice) with nothing but digits and signs around it.
fn is_padded(password: &str, stem: &str) -> bool {
    password.contains(stem) && !password.replace(stem, "").chars().any(char::is_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(password: &str) -> Result<(), PasswordRefused> {
        check_new(&Password::read(password).unwrap(), "camille")
    }

    #[test]
    fn a_long_password_of_any_kind_is_accepted() {
        for password in [
            "guichet-demo-2026",
            "correct horse battery",
            "épices et légumes",
        ] {
            assert_eq!(check(password), Ok(()), "{password}");
        }
    }

    #[test]
    fn what_is_guessed_first_is_refused() {
        assert_eq!(check("court"), Err(PasswordRefused::TooShort));
        assert_eq!(
            check("Camille-1990-Lyon"),
            Err(PasswordRefused::ContainsLoginName)
        );
        for password in [
            "Motdepasse123!",
            "aaaaaaaaaaaaaa",
            "passwordpassword",
            "azertyuiop2026",
        ] {
            assert_eq!(check(password), Err(PasswordRefused::Common), "{password}");
        }
    }
}
