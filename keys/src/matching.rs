//! The matching index: HMAC-SHA-256 under a custody key over the canonical pivot identity. Vectors
//! in `identifier-vectors.json`, prose in `docs/identifiers.md`.

use std::fmt;

use aws_lc_rs::hmac;
use guichet_domain::PivotIdentity;
use guichet_domain::pivot::Birthplace;
use zeroize::Zeroize as _;

use crate::digest::thirty_two;
use crate::fold::{TABLE_VERSION, fold};
use crate::frame::framed;

/// The keyed fingerprint of a pivot identity, by which a person is found again. Without the key it
/// tells nothing, and nobody can try out identities against it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct MatchingIndex([u8; 32]);

impl MatchingIndex {
    /// The index of `identity` under `key`.
    pub(crate) fn of(key: &hmac::Key, identity: &PivotIdentity) -> Self {
        let canonical = CanonicalIdentity::of(identity);
        Self(thirty_two(hmac::sign(key, canonical.as_bytes()).as_ref()))
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// As remembered.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for MatchingIndex {
    /// It tells one person from another: it stays out of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MatchingIndex(..)")
    }
}

/// The canonical bytes of a pivot identity: personal data, so no `Debug`, and wiped when dropped.
///
/// Framed fields (length as four bytes, then the field), in this order: the label
/// `guichet pivot identity`, the table's version as one byte, family name and given names folded,
/// birth date as `YYYY-MM-DD` with `00` for unknown parts, gender, country of birth, place of birth
/// (empty abroad).
pub struct CanonicalIdentity(Vec<u8>);

impl CanonicalIdentity {
    /// Folds and frames `identity`.
    pub fn of(identity: &PivotIdentity) -> Self {
        let place = match identity.birthplace() {
            Birthplace::France(place) => place.to_string(),
            Birthplace::Abroad(_) => String::new(),
        };
        Self(framed(&[
            b"guichet pivot identity",
            &[TABLE_VERSION],
            fold(identity.family_name()).as_bytes(),
            fold(identity.given_names()).as_bytes(),
            identity.birthdate().to_string().as_bytes(),
            identity.gender().as_str().as_bytes(),
            identity.birthcountry().to_string().as_bytes(),
            place.as_bytes(),
        ]))
    }

    /// The bytes that are keyed.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for CanonicalIdentity {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use guichet_domain::IdentityClaims;
    use proptest::prelude::*;
    use unicode_normalization::UnicodeNormalization as _;

    use super::*;

    fn index(given: &str, family: &str, change: impl Fn(&mut IdentityClaims)) -> MatchingIndex {
        let mut claims = IdentityClaims {
            given_name: Some(given.to_owned()),
            family_name: Some(family.to_owned()),
            birthdate: Some("1990-04-12".to_owned()),
            gender: Some("female".to_owned()),
            birthcountry: Some("99100".to_owned()),
            birthplace: Some("69383".to_owned()),
            ..IdentityClaims::default()
        };
        change(&mut claims);
        let identity = PivotIdentity::from_claims(&claims).ok().unwrap();
        MatchingIndex::of(&hmac::Key::new(hmac::HMAC_SHA256, &[1; 32]), &identity)
    }

    #[test]
    fn every_fact_counts() {
        let reference = index("CAMILLE", "MARTIN", |_| {});
        let changes: [fn(&mut IdentityClaims); 5] = [
            |claims| claims.birthdate = Some("1990-04-13".into()),
            |claims| claims.gender = Some("male".into()),
            |claims| claims.birthplace = Some("69384".into()),
            |claims| claims.birthcountry = Some("99243".into()),
            |claims| claims.birthdate = Some("1990-04-00".into()),
        ];
        for change in changes {
            assert_ne!(index("CAMILLE", "MARTIN", change), reference);
        }
        assert_ne!(index("MARTIN", "CAMILLE", |_| {}), reference);
    }

    proptest! {
        #[test]
        fn a_letter_moved_between_the_names_changes_the_index(
            given in "[A-Z]{2,10}",
            family in "[A-Z]{1,10}",
        ) {
            let (kept, moved) = given.split_at(given.len() - 1);
            let shifted = format!("{family}{moved}");
            prop_assert_ne!(index(&given, &family, |_| {}), index(kept, &shifted, |_| {}));
        }

        #[test]
        fn case_diacritics_and_normal_forms_do_not_count(name in "[a-zéèïôüçœæß]{1,20}") {
            let reference = index(&name, "MARTIN", |_| {});
            let nfd: String = name.nfd().collect();
            prop_assert_eq!(index(&nfd, "martin", |_| {}), reference);
            prop_assert_eq!(index(&name.to_uppercase(), "Martïn", |_| {}), reference);
            prop_assert_eq!(index(&fold(&name), "MÁRTIN", |_| {}), reference);
        }
    }
}
