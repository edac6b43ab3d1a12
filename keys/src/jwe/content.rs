//! Encrypting a content under its key (RFC 7518 §5).

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::cipher::{
    AES_128, DecryptionContext, EncryptionContext, PaddedBlockDecryptingKey,
    PaddedBlockEncryptingKey, UnboundCipherKey,
};
use aws_lc_rs::hmac;
use aws_lc_rs::iv::FixedLength;
use guichet_domain::{ContentEncryption, Entropy};

use crate::digest::same;

/// An encrypted content, in the parts of a JWE.
pub(super) struct SealedContent {
    pub(super) iv: Vec<u8>,
    pub(super) ciphertext: Vec<u8>,
    pub(super) tag: Vec<u8>,
}

/// Encrypts `payload`; `aad` is authenticated with it. `None` only if the library fails.
pub(super) fn seal(
    enc: ContentEncryption,
    key: &[u8; 32],
    aad: &[u8],
    payload: &[u8],
    entropy: &dyn Entropy,
) -> Option<SealedContent> {
    match enc {
        ContentEncryption::A256Gcm => {
            // A content key serves once, so a random IV cannot repeat under it.
            let mut iv = [0; GCM_IV];
            entropy.fill(&mut iv);
            seal_gcm(key, iv, aad, payload)
        }
        ContentEncryption::A128CbcHs256 => {
            let mut iv = [0; CBC_IV];
            entropy.fill(&mut iv);
            seal_cbc(key, iv, aad, payload)
        }
    }
}

/// What was sealed under `key` with `aad`, if every bit of it still stands.
pub(super) fn open(
    enc: ContentEncryption,
    key: &[u8; 32],
    aad: &[u8],
    sealed: &SealedContent,
) -> Option<Vec<u8>> {
    match enc {
        ContentEncryption::A256Gcm => open_gcm(key, aad, sealed),
        ContentEncryption::A128CbcHs256 => open_cbc(key, aad, sealed),
    }
}

const GCM_IV: usize = 12;
const CBC_IV: usize = 16;
const TAG: usize = 16;

fn seal_gcm(key: &[u8; 32], iv: [u8; GCM_IV], aad: &[u8], payload: &[u8]) -> Option<SealedContent> {
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).ok()?);
    let mut ciphertext = payload.to_vec();
    let nonce = Nonce::assume_unique_for_key(iv);
    let tag = key
        .seal_in_place_separate_tag(nonce, Aad::from(aad), &mut ciphertext)
        .ok()?;
    Some(SealedContent {
        iv: iv.to_vec(),
        ciphertext,
        tag: tag.as_ref().to_vec(),
    })
}

fn open_gcm(key: &[u8; 32], aad: &[u8], sealed: &SealedContent) -> Option<Vec<u8>> {
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).ok()?);
    let nonce = Nonce::try_assume_unique_for_key(&sealed.iv).ok()?;
    if sealed.tag.len() != TAG {
        return None;
    }
    let mut bytes = sealed.ciphertext.clone();
    bytes.extend_from_slice(&sealed.tag);
    let length = key
        .open_in_place(nonce, Aad::from(aad), &mut bytes)
        .ok()?
        .len();
    bytes.truncate(length);
    Some(bytes)
}

/// The first half of the key authenticates, the second encrypts (RFC 7518 §5.2.2.1).
fn seal_cbc(key: &[u8; 32], iv: [u8; CBC_IV], aad: &[u8], payload: &[u8]) -> Option<SealedContent> {
    let (mac_key, cipher_key) = key.split_at(16);
    let cipher = UnboundCipherKey::new(&AES_128, cipher_key).ok()?;
    let cipher = PaddedBlockEncryptingKey::cbc_pkcs7(cipher).ok()?;
    let mut ciphertext = payload.to_vec();
    let context = EncryptionContext::Iv128(FixedLength::from(iv));
    cipher.less_safe_encrypt(&mut ciphertext, context).ok()?;
    let tag = cbc_tag(mac_key, aad, &iv, &ciphertext);
    Some(SealedContent {
        iv: iv.to_vec(),
        ciphertext,
        tag: tag.to_vec(),
    })
}

/// The tag is checked before anything is decrypted, so padding tells nothing (RFC 7518 §5.2.2.2).
fn open_cbc(key: &[u8; 32], aad: &[u8], sealed: &SealedContent) -> Option<Vec<u8>> {
    let (mac_key, cipher_key) = key.split_at(16);
    let iv: [u8; CBC_IV] = sealed.iv.as_slice().try_into().ok()?;
    let mut bytes = sealed.ciphertext.clone();
    if !same(&cbc_tag(mac_key, aad, &iv, &bytes), &sealed.tag) {
        return None;
    }
    let cipher = UnboundCipherKey::new(&AES_128, cipher_key).ok()?;
    let cipher = PaddedBlockDecryptingKey::cbc_pkcs7(cipher).ok()?;
    let context = DecryptionContext::Iv128(FixedLength::from(iv));
    let length = cipher.decrypt(&mut bytes, context).ok()?.len();
    bytes.truncate(length);
    Some(bytes)
}

/// HMAC-SHA-256 over AAD, IV, ciphertext and the bits of the AAD as 64 bits; its first half.
fn cbc_tag(key: &[u8], aad: &[u8], iv: &[u8], ciphertext: &[u8]) -> [u8; TAG] {
    let bits = u64::try_from(aad.len())
        .unwrap_or(u64::MAX)
        .saturating_mul(8);
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key));
    for part in [aad, iv, ciphertext, &bits.to_be_bytes()] {
        context.update(part);
    }
    let mut tag = [0; TAG];
    tag.copy_from_slice(&context.sign().as_ref()[..TAG]);
    tag
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::SystemEntropy;

    fn hex(text: &str) -> Vec<u8> {
        let digits: String = text.split_whitespace().collect();
        (0..digits.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap())
            .collect()
    }

    #[test]
    fn cbc_with_hmac_answers_the_vector_of_rfc_7518_b_1() {
        let key: [u8; 32] = std::array::from_fn(|at| u8::try_from(at).unwrap());
        let payload = b"A cipher system must not be required to be secret, and it must be able to fall into the hands of the enemy without inconvenience";
        let aad = b"The second principle of Auguste Kerckhoffs";
        let iv = hex("1af38c2dc2b96ffdd86694092341bc04").try_into().unwrap();
        let sealed = seal_cbc(&key, iv, aad, payload).unwrap();
        assert_eq!(
            sealed.ciphertext,
            hex(
                "c80edfa32ddf39d5ef00c0b468834279a2e46a1b8049f792f76bfe54b903a9c9
                 a94ac9b47ad2655c5f10f9aef71427e2fc6f9b3f399a221489f16362c7032336
                 09d45ac69864e3321cf82935ac4096c86e133314c54019e8ca7980dfa4b9cf1b
                 384c486f3a54c51078158ee5d79de59fbd34d848b3d69550a67646344427ade5
                 4b8851ffb598f7f80074b9473c82e2db"
            )
        );
        assert_eq!(sealed.tag, hex("652c3fa36b0a7c5b3219fab3a30bc1c4"));
        let opened = open(ContentEncryption::A128CbcHs256, &key, aad, &sealed);
        assert_eq!(opened.as_deref(), Some(&payload[..]));
    }

    proptest! {
        #[test]
        fn what_is_sealed_opens_and_with_any_change_does_not(
            key: [u8; 32],
            aad in proptest::collection::vec(any::<u8>(), 1..40),
            payload in proptest::collection::vec(any::<u8>(), 0..100),
            part in 0..4_usize,
            bit: proptest::sample::Index,
        ) {
            for enc in ContentEncryption::ALL {
                let fresh = || seal(enc, &key, &aad, &payload, &SystemEntropy).unwrap();
                prop_assert_eq!(open(enc, &key, &aad, &fresh()), Some(payload.clone()));
                let (mut changed, mut aad) = (fresh(), aad.clone());
                let bytes = match part {
                    0 => &mut changed.iv,
                    1 if !changed.ciphertext.is_empty() => &mut changed.ciphertext,
                    2 => &mut changed.tag,
                    _ => &mut aad,
                };
                let bit = bit.index(bytes.len() * 8);
                bytes[bit / 8] ^= 1 << (bit % 8);
                prop_assert_eq!(open(enc, &key, &aad, &changed), None);
            }
        }

        #[test]
        fn a_shortened_part_does_not_open(
            key: [u8; 32],
            payload: Vec<u8>,
            cut in 1..16_usize,
        ) {
            for enc in ContentEncryption::ALL {
                let mut sealed = seal(enc, &key, b"aad", &payload, &SystemEntropy).unwrap();
                sealed.tag.truncate(TAG - cut);
                prop_assert_eq!(open(enc, &key, b"aad", &sealed), None);
                let mut sealed = seal(enc, &key, b"aad", &payload, &SystemEntropy).unwrap();
                let length = sealed.iv.len().saturating_sub(cut);
                sealed.iv.truncate(length);
                prop_assert_eq!(open(enc, &key, b"aad", &sealed), None);
            }
        }
    }
}
