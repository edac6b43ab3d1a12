//! Sealing: bytes that rest in stores and cookies and that only this room can open.
//!
//! XAES-256-GCM (C2SP): AES-256-GCM under a key derived per message from the first half of a random
//! 24-byte nonce. With plain AES-GCM random nonces allow 2^32 messages per key, which a country uses
//! up in days; here 2^80 messages are safe, so keys never have to change for volume.
//!
//! Sealed bytes: version (1), key id (4), nonce (24), ciphertext, tag (16): 45 bytes more than the
//! plaintext.

use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::cmac;
use guichet_domain::{Entropy, Sealed};
use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::{Zeroize as _, Zeroizing};

use crate::digest::sha256_of;
use crate::error::KeysError;

/// Seals and opens for one purpose. Cheap to clone; has no `Debug`.
#[derive(Clone)]
pub struct Sealer(Arc<Inner>);

struct Inner {
    /// `None` only if the library refused a key of the right length.
    key: Option<cmac::Key>,
    key_id: [u8; KEY_ID],
    entropy: Arc<dyn Entropy>,
}

/// The bytes were not sealed for this purpose in this context, or were changed since.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the sealed bytes do not open here")]
pub struct Unsealable;

const VERSION: u8 = 1;
const KEY_ID: usize = 4;
const NONCE: usize = 24;
const HEAD: usize = 1 + KEY_ID + NONCE;
const TAG: usize = 16;

impl Sealer {
    /// A sealer under `key`, which serves nothing else.
    pub(crate) fn new(key: &[u8; 32], entropy: Arc<dyn Entropy>) -> Self {
        let hash = sha256_of(&[b"guichet seal key id\0", key]);
        let mut key_id = [0; KEY_ID];
        key_id.copy_from_slice(&hash[..KEY_ID]);
        Self(Arc::new(Inner {
            key: cmac::Key::new(cmac::AES_256, key).ok(),
            key_id,
            entropy,
        }))
    }

    /// Seals `plaintext` for `context`: what record it belongs to, for instance its kind and id.
    /// It opens only with the same purpose and the same context.
    pub fn seal(&self, context: &[u8], plaintext: &[u8]) -> Result<Sealed, KeysError> {
        let mut nonce = [0; NONCE];
        self.0.entropy.fill(&mut nonce);
        self.seal_with(nonce, context, plaintext)
            .map(Sealed::from_bytes)
            .ok_or(KeysError::Crypto("seal"))
    }

    /// What was sealed.
    pub fn open(&self, context: &[u8], sealed: &Sealed) -> Result<Vec<u8>, Unsealable> {
        let bytes = sealed.as_bytes();
        if bytes.len() < HEAD + TAG || bytes[0] != VERSION || bytes[1..=KEY_ID] != self.0.key_id {
            return Err(Unsealable);
        }
        let (head, body) = bytes.split_at(HEAD);
        let (key, nonce) = self.message_key(&head[1 + KEY_ID..]).ok_or(Unsealable)?;
        let mut opened = body.to_vec();
        let length = key
            .open_in_place(nonce, Aad::from(context), &mut opened)
            .map_err(|_| Unsealable)?
            .len();
        opened.truncate(length);
        Ok(opened)
    }

    /// Seals `value` as JSON.
    pub fn seal_json<T: Serialize>(&self, context: &[u8], value: &T) -> Result<Sealed, KeysError> {
        let json = Zeroizing::new(serde_json::to_vec(value).map_err(KeysError::Claims)?);
        self.seal(context, &json)
    }

    /// What [`seal_json`](Self::seal_json) sealed. A value of another shape does not open either.
    pub fn open_json<T: DeserializeOwned>(
        &self,
        context: &[u8],
        sealed: &Sealed,
    ) -> Result<T, Unsealable> {
        let json = Zeroizing::new(self.open(context, sealed)?);
        serde_json::from_slice(&json).map_err(|_| Unsealable)
    }

    fn seal_with(&self, nonce: [u8; NONCE], context: &[u8], plaintext: &[u8]) -> Option<Vec<u8>> {
        let (key, short_nonce) = self.message_key(&nonce)?;
        let mut bytes = Vec::with_capacity(HEAD + plaintext.len() + TAG);
        bytes.push(VERSION);
        bytes.extend_from_slice(&self.0.key_id);
        bytes.extend_from_slice(&nonce);
        bytes.extend_from_slice(plaintext);
        let (_, body) = bytes.split_at_mut(HEAD);
        let tag = key
            .seal_in_place_separate_tag(short_nonce, Aad::from(context), body)
            .ok()?;
        bytes.extend_from_slice(tag.as_ref());
        Some(bytes)
    }

    /// The key and the 96-bit nonce of one message (C2SP XAES-256-GCM): CMAC of one block each.
    fn message_key(&self, nonce: &[u8]) -> Option<(LessSafeKey, Nonce)> {
        let key = self.0.key.as_ref()?;
        let (first, second) = nonce.split_at(NONCE / 2);
        let mut message_key = [0; 32];
        for (counter, half) in (1..).zip(message_key.chunks_exact_mut(16)) {
            let mut block = [0, counter, b'X', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
            block[4..].copy_from_slice(first);
            half.copy_from_slice(cmac::sign(key, &block).ok()?.as_ref());
        }
        let unbound = UnboundKey::new(&AES_256_GCM, &message_key).ok();
        message_key.zeroize();
        let nonce = Nonce::try_assume_unique_for_key(second).ok()?;
        Some((LessSafeKey::new(unbound?), nonce))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::SystemEntropy;

    fn sealer(byte: u8) -> Sealer {
        Sealer::new(&[byte; 32], Arc::new(SystemEntropy))
    }

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
            .collect()
    }

    #[test]
    fn sealing_answers_the_vectors_of_xaes_256_gcm() {
        let nonce = *b"ABCDEFGHIJKLMNOPQRSTUVWX";
        for (key, context, expected) in [
            (
                1,
                &b""[..],
                "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271",
            ),
            (
                3,
                b"c2sp.org/XAES-256-GCM",
                "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d",
            ),
        ] {
            let sealed = sealer(key)
                .seal_with(nonce, context, b"XAES-256-GCM")
                .unwrap();
            assert_eq!(sealed[HEAD..], hex(expected));
        }
    }

    #[test]
    fn what_is_sealed_opens_only_for_its_purpose_and_context() {
        let sealed = sealer(1).seal(b"login 1", b"secret").unwrap();
        assert_eq!(sealer(1).open(b"login 1", &sealed), Ok(b"secret".to_vec()));
        assert_eq!(sealer(1).open(b"login 2", &sealed), Err(Unsealable));
        assert_eq!(sealer(2).open(b"login 1", &sealed), Err(Unsealable));
    }

    #[test]
    fn one_plaintext_never_seals_to_the_same_bytes() {
        let one = sealer(1).seal(b"", b"secret").unwrap();
        assert_ne!(sealer(1).seal(b"", b"secret").unwrap(), one);
    }

    #[test]
    fn no_flipped_bit_anywhere_opens() {
        let sealed = sealer(1).seal(b"context", b"a secret").unwrap();
        for bit in 0..sealed.as_bytes().len() * 8 {
            let mut bytes = sealed.as_bytes().to_vec();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let changed = Sealed::from_bytes(bytes);
            assert_eq!(
                sealer(1).open(b"context", &changed),
                Err(Unsealable),
                "bit {bit}"
            );
        }
    }

    #[test]
    fn json_of_another_shape_does_not_open() {
        let sealed = sealer(1).seal_json(b"", &("a", 1)).unwrap();
        assert_eq!(
            sealer(1).open_json::<(String, u8)>(b"", &sealed),
            Ok(("a".into(), 1))
        );
        assert_eq!(sealer(1).open_json::<u8>(b"", &sealed), Err(Unsealable));
    }

    proptest! {
        #[test]
        fn anything_sealed_comes_back_and_no_prefix_of_it_opens(
            context: Vec<u8>,
            plaintext: Vec<u8>,
            cut in 1..40_usize,
        ) {
            let sealed = sealer(1).seal(&context, &plaintext).unwrap();
            prop_assert_eq!(sealer(1).open(&context, &sealed), Ok(plaintext));
            let mut shorter = sealed.into_bytes();
            shorter.truncate(shorter.len() - cut);
            prop_assert_eq!(sealer(1).open(&context, &Sealed::from_bytes(shorter)), Err(Unsealable));
        }

        #[test]
        fn opening_garbage_never_panics(bytes: Vec<u8>) {
            prop_assert_eq!(sealer(1).open(b"", &Sealed::from_bytes(bytes)), Err(Unsealable));
        }
    }
}
