//! Keys of webhooks, and signatures of messages under them, as Standard Webhooks 1.0.0 writes both: `whsec_`
//! and `v1` (HMAC-SHA256), `whpk_` and `v1a` (Ed25519).

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use guichet_domain::webhook::WebhookSignature;
use guichet_domain::{Entropy, Sealed};
use zeroize::Zeroizing;

use crate::error::KeysError;
use crate::seal::{Sealer, Unsealable};

/// What signs messages to one receiver, or verifies those of one sender. Has no `Debug`.
pub struct WebhookKey {
    signature: WebhookSignature,
    bytes: Zeroizing<Vec<u8>>,
}

/// Not `whsec_` and 24 to 64 bytes of base64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a webhook secret is whsec_ and the base64 of 24 to 64 bytes")]
pub struct NotAWebhookSecret;

impl WebhookKey {
    /// A fresh one.
    pub fn fresh(entropy: &dyn Entropy, signature: WebhookSignature) -> Self {
        Self {
            signature,
            bytes: Zeroizing::new(entropy.bytes32().to_vec()),
        }
    }

    /// The secret that somebody brings.
    pub fn of_secret(text: &str) -> Result<Self, NotAWebhookSecret> {
        let bytes = text
            .trim()
            .strip_prefix("whsec_")
            .ok_or(NotAWebhookSecret)?;
        let bytes = STANDARD.decode(bytes).map_err(|_| NotAWebhookSecret)?;
        let bytes = Zeroizing::new(bytes);
        if (24..=64).contains(&bytes.len()) {
            let signature = WebhookSignature::Hmac;
            Ok(Self { signature, bytes })
        } else {
            Err(NotAWebhookSecret)
        }
    }

    /// The text that its receiver needs: a secret, or a public key.
    pub fn for_receiver(&self) -> Result<Zeroizing<String>, KeysError> {
        Ok(Zeroizing::new(match self.signature {
            WebhookSignature::Hmac => format!("whsec_{}", STANDARD.encode(&*self.bytes)),
            WebhookSignature::Ed25519 => {
                let pair = self.pair()?;
                format!("whpk_{}", STANDARD.encode(pair.public_key().as_ref()))
            }
        }))
    }

    /// The key at rest, for this context.
    pub fn seal(&self, sealer: &Sealer, context: &[u8]) -> Result<Sealed, KeysError> {
        sealer.seal(context, &self.bytes)
    }

    /// What [`seal`](Self::seal) made.
    pub fn open(
        sealer: &Sealer,
        (context, at_rest): (&[u8], &Sealed),
        signature: WebhookSignature,
    ) -> Result<Self, Unsealable> {
        let bytes = Zeroizing::new(sealer.open(context, at_rest)?);
        Ok(Self { signature, bytes })
    }

    /// The signature of a message with this identifier, sent at this second, as `webhook-signature` has it.
    pub fn sign(&self, id: &str, seconds: i64, body: &[u8]) -> Result<String, KeysError> {
        let message = message(id, seconds, body);
        Ok(match self.signature {
            WebhookSignature::Hmac => {
                let tag = hmac::sign(&self.hmac(), &message);
                format!("v1,{}", STANDARD.encode(tag.as_ref()))
            }
            WebhookSignature::Ed25519 => {
                let signed = self.pair()?.try_sign(&message);
                let signed = signed.map_err(|_| KeysError::Crypto("sign"))?;
                format!("v1a,{}", STANDARD.encode(signed.as_ref()))
            }
        })
    }

    /// Whether one of the signatures in `header` is of this message under this secret; in constant time.
    pub fn verifies(&self, (id, seconds): (&str, i64), body: &[u8], header: &str) -> bool {
        let (key, message) = (self.hmac(), message(id, seconds, body));
        let mut held = false;
        for signature in header.split(' ').take(MOST_SIGNATURES) {
            let tag = signature.strip_prefix("v1,").unwrap_or_default();
            let tag = STANDARD.decode(tag).unwrap_or_default();
            held |= hmac::verify(&key, &message, &tag).is_ok();
        }
        held && self.signature == WebhookSignature::Hmac
    }

    fn hmac(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, &self.bytes)
    }

    fn pair(&self) -> Result<Ed25519KeyPair, KeysError> {
        Ed25519KeyPair::from_seed_unchecked(&self.bytes).map_err(|_| KeysError::Crypto("use a key"))
    }
}

/// What is signed: identifier, time and body, between dots.
fn message(id: &str, seconds: i64, body: &[u8]) -> Vec<u8> {
    let mut message = format!("{id}.{seconds}.").into_bytes();
    message.extend_from_slice(body);
    message
}

/// A sender signs with one key, or two while one follows another; nobody has us try hundreds.
const MOST_SIGNATURES: usize = 10;

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{LedgerVerifier, SystemEntropy};

    /// The example of the specification's reference libraries.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const AT: i64 = 1_614_265_330;
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const SIGNED: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    #[test]
    fn a_message_is_signed_as_the_specification_s_example_is() {
        let key = WebhookKey::of_secret(SECRET).unwrap();
        assert_eq!(key.sign(ID, AT, BODY).unwrap(), SIGNED);
        assert_eq!(key.for_receiver().unwrap().as_str(), SECRET);
    }

    #[test]
    fn a_signature_holds_for_its_message_and_nothing_else() {
        let key = WebhookKey::of_secret(SECRET).unwrap();
        assert!(key.verifies((ID, AT), BODY, SIGNED));
        assert!(key.verifies((ID, AT), BODY, &format!("v1,AAAA v1a,x {SIGNED}")));
        for (id, at, body, signature) in [
            ("msg_other", AT, BODY, SIGNED),
            (ID, AT + 1, BODY, SIGNED),
            (ID, AT, &b"{}"[..], SIGNED),
            (ID, AT, BODY, ""),
            (ID, AT, BODY, "v1,"),
            (ID, AT, BODY, &SIGNED[3..]),
            (
                ID,
                AT,
                BODY,
                "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            ),
        ] {
            assert!(
                !key.verifies((id, at), body, signature),
                "{id} {at} {signature}"
            );
        }
    }

    #[test]
    fn an_asymmetric_key_is_verified_with_what_its_receiver_has_and_verifies_nothing_itself() {
        let key = WebhookKey::fresh(&SystemEntropy, WebhookSignature::Ed25519);
        let public = key.for_receiver().unwrap();
        let public = STANDARD
            .decode(public.strip_prefix("whpk_").unwrap())
            .unwrap();
        let verifier = LedgerVerifier::from_bytes(public.try_into().unwrap());
        let signed = key.sign(ID, AT, BODY).unwrap();
        let signature = STANDARD
            .decode(signed.strip_prefix("v1a,").unwrap())
            .unwrap();
        assert!(verifier.verify(&message(ID, AT, BODY), &signature));
        assert!(!verifier.verify(&message(ID, AT, b"{}"), &signature));
        assert!(!key.verifies((ID, AT), BODY, &signed));
    }

    #[test]
    fn a_key_rests_sealed_and_opens_in_its_place() {
        let sealer = Sealer::new(&[1; 32], Arc::new(SystemEntropy));
        let key = WebhookKey::of_secret(SECRET).unwrap();
        let at_rest = key.seal(&sealer, b"city").unwrap();
        let opened = WebhookKey::open(&sealer, (b"city", &at_rest), WebhookSignature::Hmac);
        assert_eq!(opened.ok().unwrap().sign(ID, AT, BODY).unwrap(), SIGNED);
        let elsewhere = WebhookKey::open(&sealer, (b"town", &at_rest), WebhookSignature::Hmac);
        assert!(elsewhere.is_err());
    }

    #[test]
    fn a_secret_that_is_too_short_or_none_is_refused() {
        for text in [
            "",
            "whsec_",
            "whsec_AAAA",
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whsec_*",
        ] {
            assert!(WebhookKey::of_secret(text).is_err(), "{text}");
        }
    }
}
