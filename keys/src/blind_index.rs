//! Blind indexes: a register is matched with a citizen's civil identity without one name going either way.
//!
//! An oblivious pseudorandom function (RFC 9497, mode OPRF, ristretto255-SHA512): whoever keeps the register
//! blinds each identity in it, whoever has the key evaluates what it cannot read, and what comes out is the
//! index. The same identity has the same index, and without the key nobody can make one. There is a key for
//! each register, so that two registers have no index in common.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::{Entropy, IdentityClaims, PivotIdentity};
use rand_core::{CryptoRng, RngCore};
use voprf::{BlindedElement, EvaluationElement, OprfClient, OprfServer, Ristretto255};
use zeroize::Zeroizing;

use crate::frame::framed;
use crate::matching::CanonicalIdentity;

/// The index of one identity under one key, in an order of its own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlindIndex([u8; 32]);

/// The key of one register, at the hub. No `Debug`.
pub struct BlindIndexKey(OprfServer<Ristretto255>);

/// An identity on its way to be indexed, at whoever keeps the register. Personal data: no `Debug`.
pub struct BlindedIdentity {
    state: OprfClient<Ristretto255>,
    input: Zeroizing<Vec<u8>>,
    message: BlindedElement<Ristretto255>,
}

/// How long a blinded identity and an evaluated one are, in bytes.
pub const BLINDED: usize = 32;

impl BlindIndexKey {
    /// The key of `register`, by a seed that nobody else derives from.
    pub(crate) fn derive(seed: &[u8; 32], register: &str) -> Option<Self> {
        let key = OprfServer::new_from_seed(seed, register.as_bytes());
        key.ok().map(Self)
    }

    /// Evaluates what it cannot read; `None` for bytes that are no blinded identity.
    pub fn evaluate(&self, blinded: &[u8]) -> Option<[u8; BLINDED]> {
        // The reader of the crate takes what it needs and leaves the rest.
        let is_whole = blinded.len() == BLINDED;
        let blinded = BlindedElement::deserialize(blinded).ok();
        let evaluated = self.0.blind_evaluate(&blinded.filter(|_| is_whole)?);
        evaluated.serialize().as_slice().try_into().ok()
    }

    /// The index of an identity that is at hand.
    pub fn index(&self, identity: &PivotIdentity) -> Option<BlindIndex> {
        let output = self.0.evaluate(&input(identity)?).ok()?;
        BlindIndex::of_output(&output)
    }
}

impl BlindedIdentity {
    /// Blinds `identity`: another text each time, which tells nothing.
    pub fn of(identity: &PivotIdentity, entropy: &dyn Entropy) -> Option<Self> {
        let input = input(identity)?;
        let blinded = OprfClient::blind(&input, &mut Drawing(entropy)).ok()?;
        Some(Self {
            state: blinded.state,
            input,
            message: blinded.message,
        })
    }

    /// What is sent to whoever has the key.
    pub fn message(&self) -> [u8; BLINDED] {
        let mut bytes = [0; BLINDED];
        bytes.copy_from_slice(&self.message.serialize());
        bytes
    }

    /// The index, from what came back; `None` when that is nothing of the kind.
    pub fn index(&self, evaluated: &[u8]) -> Option<BlindIndex> {
        let is_whole = evaluated.len() == BLINDED;
        let evaluated = EvaluationElement::deserialize(evaluated).ok();
        let evaluated = evaluated.filter(|_| is_whole)?;
        let output = self.state.finalize(&self.input, &evaluated).ok()?;
        BlindIndex::of_output(&output)
    }
}

/// The bytes that are indexed: the canonical identity as services get it, so that an unknown day of birth
/// is the first of the month on both sides.
fn input(identity: &PivotIdentity) -> Option<Zeroizing<Vec<u8>>> {
    let mut claims = IdentityClaims::default();
    identity.write_claims(&mut claims);
    let complete = PivotIdentity::from_claims(&claims).ok()?;
    let canonical = CanonicalIdentity::of(&complete);
    let framed = framed(&[b"guichet blind index", canonical.as_bytes()]);
    Some(Zeroizing::new(framed))
}

impl BlindIndex {
    /// Half of what the function yields is as much as nobody guesses.
    fn of_output(output: &[u8]) -> Option<Self> {
        output.get(..32)?.try_into().ok().map(Self)
    }
}

impl fmt::Display for BlindIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl FromStr for BlindIndex {
    type Err = NotABlindIndex;

    fn from_str(text: &str) -> Result<Self, NotABlindIndex> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| NotABlindIndex)?;
        bytes.try_into().map(Self).map_err(|_| NotABlindIndex)
    }
}

/// Not 43 characters of base64url.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a blind index is 43 characters of base64url")]
pub struct NotABlindIndex;

impl fmt::Debug for BlindIndex {
    /// It tells one person from another: it stays out of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BlindIndex(..)")
    }
}

/// Our randomness, as the crate wants it.
struct Drawing<'a>(&'a dyn Entropy);

impl RngCore for Drawing<'_> {
    fn next_u32(&mut self) -> u32 {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes);
        u32::from_le_bytes(bytes)
    }

    fn next_u64(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        self.0.fill(bytes);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rand_core::Error> {
        self.0.fill(bytes);
        Ok(())
    }
}

impl CryptoRng for Drawing<'_> {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::SystemEntropy;

    fn identity(family_name: &str, birthdate: &str) -> PivotIdentity {
        let claims = IdentityClaims {
            given_name: Some("Camille Aimée".to_owned()),
            family_name: Some(family_name.to_owned()),
            birthdate: Some(birthdate.to_owned()),
            gender: Some("female".to_owned()),
            birthcountry: Some("99100".to_owned()),
            birthplace: Some("69383".to_owned()),
            ..IdentityClaims::default()
        };
        PivotIdentity::from_claims(&claims).ok().unwrap()
    }

    fn key(register: &str) -> BlindIndexKey {
        BlindIndexKey::derive(&[7; 32], register).unwrap()
    }

    #[test]
    fn both_sides_come_to_the_same_index_and_nobody_else_does() {
        let (here, key) = (identity("MARTIN", "1990-04-12"), key("impots"));
        let blinded = BlindedIdentity::of(&here, &SystemEntropy).unwrap();
        let evaluated = key.evaluate(&blinded.message()).unwrap();
        let index = blinded.index(&evaluated).unwrap();
        assert_eq!(key.index(&here), Some(index));
        assert_eq!(index.to_string().parse(), Ok(index));
        let spelt = identity("Martin", "1990-04-12");
        assert_eq!(key.index(&spelt), Some(index), "as it is folded");
        for other in [
            identity("MARTIN", "1990-04-13"),
            identity("MARTEN", "1990-04-12"),
        ] {
            assert_ne!(key.index(&other), Some(index));
        }
        assert_ne!(
            self::key("famille").index(&here),
            Some(index),
            "another register"
        );
    }

    #[test]
    fn an_unknown_day_of_birth_is_the_same_on_both_sides() {
        let (partial, complete) = (identity("M", "1978-03-00"), identity("M", "1978-03-01"));
        assert_eq!(key("a").index(&partial), key("a").index(&complete));
    }

    #[test]
    fn what_is_sent_tells_nothing_and_is_another_each_time() {
        let here = identity("MARTIN", "1990-04-12");
        let message = || {
            BlindedIdentity::of(&here, &SystemEntropy)
                .unwrap()
                .message()
        };
        assert_ne!(message(), message());
    }

    #[test]
    fn bytes_that_are_no_element_are_refused_on_both_sides() {
        let blinded = BlindedIdentity::of(&identity("M", "1990-04-12"), &SystemEntropy).unwrap();
        let good = blinded.message();
        let long = [&good[..], &[0]].concat();
        for bad in [&[0; 32][..], &[255; 32], &good[..31], &long, &[]] {
            assert_eq!(key("a").evaluate(bad), None);
            assert_eq!(blinded.index(bad), None);
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_evaluation_fall_over(bytes in proptest::collection::vec(any::<u8>(), 0..70)) {
            let evaluated = key("a").evaluate(&bytes);
            prop_assert!(evaluated.is_none() || bytes.len() == BLINDED);
        }
    }
}
