//! What leads to everything on record about one person: the name that the audit log has for them, and the
//! mark on what they decided. The key is the citizen's to have: with it, whoever holds a copy of the log
//! finds what is about them, and nothing about anybody else.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::{ExchangeId, LedgerName, PersonId};

use crate::digest::{first_half, same};
use crate::mac::Mac;

/// The keys of all persons. Cheap to clone; has no `Debug`.
#[derive(Clone)]
pub struct HistoryKeys(Mac);

impl HistoryKeys {
    pub(crate) const fn new(mac: Mac) -> Self {
        Self(mac)
    }

    /// The key of one person, the same at every start and on every node.
    pub fn of(&self, person: PersonId) -> HistoryKey {
        HistoryKey(self.0.tag(&[b"guichet history 1", person.as_bytes()]))
    }
}

/// The key of one person. Has no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct HistoryKey([u8; 32]);

impl HistoryKey {
    /// The name that the audit log has for the person.
    pub fn name(&self) -> LedgerName {
        LedgerName::from_bytes(first_half(self.mac().tag(&[b"name"])))
    }

    /// The mark on the entry of a decision about evidence, which names nobody: two of one person have
    /// nothing in common.
    pub fn mark(&self, exchange: ExchangeId) -> String {
        let tag = first_half(self.mac().tag(&[b"decision", exchange.as_bytes()]));
        URL_SAFE_NO_PAD.encode(tag)
    }

    /// Whether `mark` is the one of this person's decision; in constant time.
    pub fn marked(&self, exchange: ExchangeId, mark: &str) -> bool {
        same(self.mark(exchange).as_bytes(), mark.as_bytes())
    }

    /// The key as the citizen is given it: 43 characters of base64url.
    pub fn to_text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// The key that a citizen was given; `None` when the text is none.
    pub fn of_text(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        Some(Self(bytes.try_into().ok()?))
    }

    fn mac(&self) -> Mac {
        Mac::new(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> HistoryKeys {
        HistoryKeys::new(Mac::new(&[7; 32]))
    }

    #[test]
    fn a_person_has_one_name_and_it_is_not_their_identifier() {
        let (one, other) = (PersonId::from_bytes([1; 16]), PersonId::from_bytes([2; 16]));
        let name = keys().of(one).name();
        assert_eq!(name, keys().of(one).name());
        assert_ne!(name, keys().of(other).name());
        assert_ne!(name.as_bytes(), one.as_bytes());
    }

    #[test]
    fn a_mark_is_of_one_decision_of_one_person() {
        let (person, other) = (PersonId::from_bytes([1; 16]), PersonId::from_bytes([2; 16]));
        let key = keys().of(person);
        let (first, second) = (
            ExchangeId::from_bytes([3; 16]),
            ExchangeId::from_bytes([4; 16]),
        );
        assert!(key.marked(first, &key.mark(first)));
        assert!(!key.marked(second, &key.mark(first)));
        assert!(!keys().of(other).marked(first, &key.mark(first)));
    }

    #[test]
    fn what_a_citizen_was_given_is_the_key_again() {
        let key = keys().of(PersonId::from_bytes([1; 16]));
        let again = HistoryKey::of_text(&key.to_text()).unwrap();
        assert!(again == key);
        assert!(HistoryKey::of_text("AAAA").is_none());
        assert!(HistoryKey::of_text("not base64!").is_none());
    }
}
