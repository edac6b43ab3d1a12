//! PKCE at the token endpoint (RFC 7636 §4.6).

use guichet_keys::{pkce_s256, same};

use crate::PkceChallenge;

/// Whether the verifier presented answers the challenge of the request. A verifier without a
/// challenge is refused as well: whoever sends one believes in a binding that is not there
/// (threat N-32, RFC 9700 §4.8.2). The error is the reason for the audit log.
pub(super) fn holds(
    challenge: Option<&PkceChallenge>,
    verifier: Option<&str>,
) -> Result<(), &'static str> {
    match (challenge, verifier) {
        (None, None) => Ok(()),
        (None, Some(_)) => Err("code_verifier without a code_challenge"),
        (Some(_), None) => Err("code_verifier is missing"),
        (Some(_), Some(verifier)) if !is_well_formed(verifier) => Err("code_verifier is malformed"),
        (Some(challenge), Some(verifier)) => {
            if same(challenge.0.as_bytes(), pkce_s256(verifier).as_bytes()) {
                Ok(())
            } else {
                Err("code_verifier does not answer the code_challenge")
            }
        }
    }
}

/// 43 to 128 unreserved characters (RFC 7636 §4.1).
fn is_well_formed(verifier: &str) -> bool {
    (43..=128).contains(&verifier.len())
        && verifier
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn challenge_of(verifier: &str) -> PkceChallenge {
        PkceChallenge(pkce_s256(verifier))
    }

    #[test]
    fn the_example_of_rfc_7636_holds() {
        let challenge = PkceChallenge("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".to_owned());
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(holds(Some(&challenge), Some(verifier)), Ok(()));
    }

    #[test]
    fn a_verifier_and_a_challenge_come_together_or_not_at_all() {
        let verifier = "v".repeat(43);
        assert_eq!(holds(None, None), Ok(()));
        assert!(holds(None, Some(&verifier)).is_err());
        assert!(holds(Some(&challenge_of(&verifier)), None).is_err());
    }

    #[test]
    fn the_challenge_itself_is_no_verifier() {
        let challenge = challenge_of(&"v".repeat(43));
        let plain = challenge.0.clone();
        assert!(holds(Some(&challenge), Some(&plain)).is_err());
    }

    #[test]
    fn a_verifier_has_43_to_128_unreserved_characters() {
        for verifier in ["v".repeat(42), "v".repeat(129), "v".repeat(42) + "+"] {
            assert!(holds(Some(&challenge_of(&verifier)), Some(&verifier)).is_err());
        }
        assert_eq!(
            holds(
                Some(&challenge_of(&"v".repeat(128))),
                Some(&"v".repeat(128))
            ),
            Ok(())
        );
    }

    proptest! {
        #[test]
        fn only_the_verifier_that_was_hashed_holds(
            made in "[A-Za-z0-9._~-]{43,128}",
            presented in "[A-Za-z0-9._~-]{43,128}",
        ) {
            let challenge = challenge_of(&made);
            prop_assert!(holds(Some(&challenge), Some(&made)).is_ok());
            prop_assert_eq!(holds(Some(&challenge), Some(&presented)).is_ok(), made == presented);
        }
    }
}
