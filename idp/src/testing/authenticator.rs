//! A passkey of software: it makes what a browser would post (WebAuthn Level 3 §6.1, §6.5), and lies
//! where a test tells it to.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

pub(crate) struct SoftPasskey {
    key: EcdsaKeyPair,
    id: Vec<u8>,
    user: String,
    /// The signature counter of its next use.
    pub(crate) counter: u32,
    /// Whether it says that it verified its user.
    pub(crate) verifies: bool,
    /// Where it believes to be.
    pub(crate) origin: String,
}

const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const HAS_CREDENTIAL: u8 = 0x40;

impl SoftPasskey {
    /// Makes a passkey as `options` ask, and what is posted of it.
    pub(crate) fn create(options: &Value) -> (Self, String) {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        let id = digest(&SHA256, key.public_key().as_ref()).as_ref()[..20].to_vec();
        let user = options["user"]["id"].as_str().unwrap().to_owned();
        let origin = "http://localhost:8010".to_owned();
        let mut made = Self {
            key,
            id,
            user,
            counter: 1,
            verifies: true,
            origin,
        };
        let client_data = made.client_data("webauthn.create", options);
        let mut data = made.authenticator_data(HAS_CREDENTIAL);
        data.extend([0; 16]);
        data.extend(u16::try_from(made.id.len()).unwrap().to_be_bytes());
        data.extend(&made.id);
        data.extend(made.cose_key());
        let posted = json!({
            "id": encode(&made.id),
            "rawId": encode(&made.id),
            "type": "public-key",
            "response": {
                "attestationObject": encode(&attestation(&data)),
                "clientDataJSON": encode(&client_data),
                "transports": ["internal"],
            },
            "clientExtensionResults": {},
        });
        made.counter += 1;
        (made, posted.to_string())
    }

    /// Answers a challenge; what is posted of it.
    #[expect(
        clippy::disallowed_methods,
        reason = "it stands for a device, which has its own randomness"
    )]
    pub(crate) fn get(&mut self, options: &Value) -> String {
        let client_data = self.client_data("webauthn.get", options);
        let data = self.authenticator_data(0);
        self.counter += 1;
        let signed = [data.as_slice(), digest(&SHA256, &client_data).as_ref()].concat();
        let signature = self.key.sign(&SystemRandom::new(), &signed).unwrap();
        json!({
            "id": encode(&self.id),
            "rawId": encode(&self.id),
            "type": "public-key",
            "response": {
                "authenticatorData": encode(&data),
                "clientDataJSON": encode(&client_data),
                "signature": encode(signature.as_ref()),
                "userHandle": self.user,
            },
            "clientExtensionResults": {},
        })
        .to_string()
    }

    fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        let challenge = &options["challenge"];
        let data = json!({ "type": kind, "challenge": challenge, "origin": self.origin });
        data.to_string().into_bytes()
    }

    fn authenticator_data(&self, flags: u8) -> Vec<u8> {
        let verified = if self.verifies { VERIFIED } else { 0 };
        let mut data = digest(&SHA256, b"localhost").as_ref().to_vec();
        data.push(flags | PRESENT | verified);
        data.extend(self.counter.to_be_bytes());
        data
    }

    /// An EC2 key on P-256 for ES256 (RFC 9053 §7.1.1), in CBOR.
    fn cose_key(&self) -> Vec<u8> {
        let point = self.key.public_key().as_ref();
        let head = [0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20];
        [&head, &point[1..33], &[0x22, 0x58, 0x20], &point[33..65]].concat()
    }
}

/// An attestation object of format `none`, in CBOR.
fn attestation(data: &[u8]) -> Vec<u8> {
    let length = u8::try_from(data.len()).unwrap();
    let mut object = vec![0xa3, 0x63];
    object.extend(b"fmt");
    object.push(0x64);
    object.extend(b"none");
    object.push(0x67);
    object.extend(b"attStmt");
    object.extend([0xa0, 0x68]);
    object.extend(b"authData");
    object.extend([0x58, length]);
    object.extend(data);
    object
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
