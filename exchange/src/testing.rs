//! A data provider in a box, for the tests of this room and of those above: it opens vouchers and answers
//! as it is told.

mod listening;

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::{ContentEncryption, Encryption, KeyManagementAlg, SigningAlg, Timestamp};
use guichet_keys::{
    EncryptionKeySet, Keys, MemoryCustody, SystemEntropy, TextDigest, Typ, encrypt,
    sha256_base64url,
};
use serde_json::{Map, Value, json};
use url::Url;

pub use listening::Listening;

use crate::{EvidencePost, Posted};

/// The data provider `famille`. At first it does not answer.
pub struct Holder {
    /// Signs its evidence; vouchers are encrypted to it.
    pub keys: Keys,
    answer: Mutex<Option<Answer>>,
    sent: Mutex<Vec<Sent>>,
}

/// What came to a data provider.
#[derive(Clone, Debug)]
pub struct Sent {
    /// Where.
    pub url: Url,
    /// The voucher.
    pub voucher: String,
    /// The proof of possession that came with it.
    pub proof: String,
    /// The body.
    pub body: Vec<u8>,
}

type Answer = Box<dyn Fn(&str, &[u8]) -> Posted + Send + Sync>;

impl Holder {
    /// With keys of its own.
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            keys: encrypting_keys(),
            answer: Mutex::new(None),
            sent: Mutex::new(Vec::new()),
        })
    }

    /// Answers a voucher and a body with what `answer` makes of them.
    pub fn answers(&self, answer: impl Fn(&str, &[u8]) -> Posted + Send + Sync + 'static) {
        *self.answer.lock().unwrap() = Some(Box::new(answer));
    }

    /// Answers everything with this.
    pub fn says(&self, status: u16, body: &Value) {
        let posted = posted(status, body);
        self.answers(move |_, _| posted.clone());
    }

    /// Answers nothing any more.
    pub fn falls_silent(&self) {
        *self.answer.lock().unwrap() = None;
    }

    /// Answers with evidence that says what `change` makes of the right claims.
    pub fn shows(&self, now: Timestamp, change: impl Fn(&mut Value) + Send + Sync + 'static) {
        self.wraps(now, move |keys, claims, recipient| {
            let mut claims = claims.clone();
            change(&mut claims);
            envelope(&signed(keys, &claims), recipient)
        });
    }

    /// Answers with whatever `wrap` makes of the right claims and of the key to encrypt to.
    pub fn wraps(
        &self,
        now: Timestamp,
        wrap: impl Fn(&Keys, &Value, &Value) -> String + Send + Sync + 'static,
    ) {
        let keys = self.keys.clone();
        self.answers(move |voucher, body| {
            let said = claims_of(&keys, voucher);
            let claims = right_claims(&said, body, now);
            let evidence = wrap(&keys, &claims, &said["recipient"]);
            posted(200, &json!({"evidence": evidence}))
        });
    }

    /// What came, in order.
    pub fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap().clone()
    }
}

#[async_trait]
impl EvidencePost for Holder {
    async fn post(&self, url: &Url, voucher: &str, proof: &str, body: Vec<u8>) -> Option<Posted> {
        let answer = self.answer.lock().unwrap();
        let answered = answer.as_ref().map(|answer| answer(voucher, &body));
        self.sent.lock().unwrap().push(Sent {
            url: url.clone(),
            voucher: voucher.to_owned(),
            proof: proof.to_owned(),
            body,
        });
        answered
    }
}

/// Keys that sign, and that others may encrypt to.
pub fn encrypting_keys() -> Keys {
    let now = Timestamp::from_seconds(1);
    let custody = Arc::new(MemoryCustody::new());
    let keys = Keys::open(custody, Arc::new(SystemEntropy), now, &[SigningAlg::Es256]);
    let keys = keys.ok().unwrap();
    let ring = keys.decryption_ring();
    ring.ensure(KeyManagementAlg::EcdhEsA256Kw, now).unwrap();
    keys
}

/// What a voucher says, opened and not verified.
pub fn claims_of(keys: &Keys, voucher: &str) -> Map<String, Value> {
    let signed = keys.decryption_ring().open(voucher).unwrap();
    let signed = String::from_utf8(signed).unwrap();
    let payload = signed.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

/// What evidence says that answers a voucher of these claims and a request of this body.
pub fn right_claims(voucher: &Map<String, Value>, body: &[u8], now: Timestamp) -> Value {
    let jti = voucher["jti"].as_str().unwrap();
    json!({
        "iss": "famille", "aud": voucher["client"]["id"],
        "iat": now.seconds(), "exp": now.seconds() + 3600,
        "exchange": voucher["exchange"], "evidence_type": "quotient-familial",
        "fields": {"quotient": 850, "tranche": "C"},
        "request_digest": TextDigest::of(body),
        "voucher": sha256_base64url(jti.as_bytes()),
        "subject": "fresh",
    })
}

/// Evidence of these claims, signed as it should be.
pub fn signed(keys: &Keys, claims: &Value) -> String {
    signed_as(keys, Typ::Evidence, claims)
}

/// The same as another kind of token.
pub fn signed_as(keys: &Keys, typ: Typ, claims: &Value) -> String {
    let signed = keys.ring().sign_jwt(SigningAlg::Es256, typ, claims);
    signed.unwrap()
}

/// `signed` for the eyes of `recipient`, a public key.
pub fn envelope(signed: &str, recipient: &Value) -> String {
    let keys = EncryptionKeySet::from_value(&json!({"keys": [recipient]})).unwrap();
    let with = Encryption {
        alg: KeyManagementAlg::EcdhEsA256Kw,
        enc: ContentEncryption::A256Gcm,
    };
    let key = keys.for_alg(with.alg).unwrap();
    let signed = signed.as_bytes();
    encrypt(key, with, Some("evidence+jwt"), signed, &SystemEntropy).unwrap()
}

/// An answer.
pub fn posted(status: u16, body: &Value) -> Posted {
    let body = body.to_string().into_bytes().into();
    Posted { status, body }
}
