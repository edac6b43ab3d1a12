//! What the tests of this room share: a hub played in memory, a data provider, a service, and the wire
//! between them.

use std::collections::HashSet;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use guichet_domain::{
    Clock, ContentEncryption, Encryption, KeyManagementAlg, SigningAlg, Timestamp,
};
use guichet_keys::{EncryptionKeySet, Keys, MemoryCustody, SystemEntropy, Typ, encrypt};
use http::request::Parts;
use http::{Request, Response, StatusCode};
use serde_json::{Map, Value, json};
use url::Url;

use crate::proof::ProofClaims;
use crate::{
    Answer, Authentication, Basis, Confirmation, EvidenceClient, EvidenceDesk, FieldValue, Fields,
    Hub, InMemory, Line, LineDown, Means, OwnKeys, Phase, Preview, PreviewState, Registration,
    Requester, Voucher, VoucherVerifier, digest, request_digest,
};

pub(crate) const ISSUER: &str = "https://hub.example";
pub(crate) const ENDPOINT: &str = "https://famille.example/evidence";
pub(crate) const RETURN: &str = "https://cantine.example/callback";
pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_795_291_600);

/// A body that the voucher of [`World::voucher`] is for.
pub(crate) const BODY: &[u8] = br#"{"evidence_type":"quotient-familial","fields":["quotient"]}"#;

/// Everybody.
pub(crate) struct World {
    pub(crate) wire: Arc<Wire>,
    pub(crate) service: EvidenceClient,
    pub(crate) service_keys: OwnKeys,
    pub(crate) provider_keys: OwnKeys,
}

/// The line between them, with the hub at one end and the data provider at the other.
pub(crate) struct Wire {
    pub(crate) hub: Mutex<Keys>,
    pub(crate) clock: Stopped,
    pub(crate) desk: OnceLock<EvidenceDesk>,
    /// What the data provider knows.
    pub(crate) found: Mutex<Answer>,
    /// Says what comes back from the data provider instead of what it says.
    pub(crate) forged: Mutex<Option<Forgery>>,
    pub(crate) hub_is_down: Mutex<bool>,
    pub(crate) revoked: Mutex<bool>,
    pub(crate) nonce_wanted: Mutex<Option<&'static str>>,
    pub(crate) token_type: Mutex<&'static str>,
    pub(crate) key_fetches: AtomicUsize,
    /// The events that wait at the hub, and what was asked there (RFC 8936).
    pub(crate) events: Mutex<Map<String, Value>>,
    pub(crate) polls: Mutex<Vec<(String, Value)>>,
    /// The forms the hub got, by path.
    pub(crate) forms: Mutex<Vec<(String, Map<String, Value>)>>,
    confirmed: Mutex<HashSet<String>>,
    service_keys: OwnKeys,
    provider_keys: OwnKeys,
}

/// Makes an answer of the data provider from the voucher and the request's digest.
pub(crate) type Forgery = Box<dyn Fn(&Voucher, &str) -> String + Send>;

/// Stands still until told otherwise.
pub(crate) struct Stopped(AtomicI64);

impl Clock for Stopped {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(self.0.load(Ordering::Relaxed))
    }
}

impl Stopped {
    pub(crate) fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::Relaxed);
    }
}

struct SharedClock(Arc<Wire>);

impl Clock for SharedClock {
    fn now(&self) -> Timestamp {
        self.0.clock.now()
    }
}

pub(crate) fn own_keys() -> OwnKeys {
    OwnKeys::in_memory(Arc::new(SystemEntropy), NOW)
        .ok()
        .unwrap()
}

pub(crate) fn hub_keys() -> Keys {
    let custody = Arc::new(MemoryCustody::new());
    let algs = [SigningAlg::Es256];
    Keys::open(custody, Arc::new(SystemEntropy), NOW, &algs)
        .ok()
        .unwrap()
}

impl World {
    pub(crate) fn new() -> Self {
        let (service_keys, provider_keys) = (own_keys(), own_keys());
        let wire = Arc::new(Wire {
            hub: Mutex::new(hub_keys()),
            clock: Stopped(AtomicI64::new(NOW.seconds())),
            desk: OnceLock::new(),
            found: Mutex::new(Answer::Evidence {
                fields: quotient(620),
                valid_until: Timestamp::from_seconds(NOW.seconds() + 86_400),
            }),
            forged: Mutex::default(),
            hub_is_down: Mutex::default(),
            revoked: Mutex::default(),
            nonce_wanted: Mutex::default(),
            token_type: Mutex::new("DPoP"),
            key_fetches: AtomicUsize::new(0),
            events: Mutex::default(),
            polls: Mutex::default(),
            forms: Mutex::default(),
            confirmed: Mutex::default(),
            service_keys: service_keys.clone(),
            provider_keys: provider_keys.clone(),
        });
        let desk = EvidenceDesk::new(VoucherVerifier::new(
            wire.hub_for("fd-famille", &provider_keys),
            "famille",
            Url::parse(ENDPOINT).unwrap(),
            Arc::new(InMemory::default()),
        ));
        wire.desk.set(desk).ok().unwrap();
        Self {
            service: EvidenceClient::new(wire.hub_for("cantine", &service_keys), RETURN),
            wire,
            service_keys,
            provider_keys,
        }
    }

    /// A voucher for [`BODY`], as the hub would make it.
    pub(crate) fn voucher(&self) -> Voucher {
        self.wire.voucher(request_digest(BODY))
    }

    /// That voucher in the hub's hand.
    pub(crate) fn signed(&self, voucher: &Voucher) -> String {
        self.wire.signed(voucher)
    }

    /// The head of a request with `voucher` and the service's proof for it.
    pub(crate) fn head(&self, voucher: &str) -> Parts {
        head_with(voucher, &self.proof(voucher))
    }

    pub(crate) fn proof_claims(&self, voucher: &str) -> ProofClaims {
        ProofClaims {
            jti: "proof".to_owned(),
            htm: "POST".to_owned(),
            htu: ENDPOINT.to_owned(),
            iat: self.wire.clock.now().seconds(),
            ath: Some(digest::hash(voucher)),
            nonce: None,
        }
    }

    fn proof(&self, voucher: &str) -> String {
        let claims = self.proof_claims(voucher);
        self.service_keys.prove(&claims).unwrap()
    }
}

pub(crate) fn quotient(value: i64) -> Fields {
    Fields::from([
        ("quotient".to_owned(), FieldValue::Number(value)),
        ("children".to_owned(), FieldValue::Number(2)),
    ])
}

impl Wire {
    pub(crate) fn hub_for(self: &Arc<Self>, client: &str, keys: &OwnKeys) -> Hub {
        let registration = Registration {
            issuer: ISSUER.to_owned(),
            client_id: client.to_owned(),
            authentication: Authentication::PrivateKeyJwt,
        };
        Hub::new(
            registration,
            Means {
                keys: keys.clone(),
                line: Arc::new(Shared(Arc::clone(self))),
                clock: Arc::new(SharedClock(Arc::clone(self))),
                entropy: Arc::new(SystemEntropy),
            },
        )
    }

    pub(crate) fn voucher(&self, request_digest: String) -> Voucher {
        let now = self.clock.now().seconds();
        Voucher {
            iss: ISSUER.to_owned(),
            aud: "famille".to_owned(),
            sub: "p1.citizen-of-famille".to_owned(),
            jti: URL_SAFE_NO_PAD.encode(guichet_domain::Entropy::bytes16(&SystemEntropy)),
            iat: now,
            exp: now + 60,
            acr: "eidas1".to_owned(),
            client: Requester {
                id: "cantine".to_owned(),
                name: "Cantine".to_owned(),
            },
            recipient: jwk_to_encrypt_to(&self.service_keys),
            phase: Phase::Release,
            exchange: "alias".to_owned(),
            evidence_type: "quotient-familial".to_owned(),
            fields: vec!["quotient".to_owned()],
            purpose: "tarif-cantine".to_owned(),
            basis: Basis::ExplicitRequest,
            preview: Preview {
                state: PreviewState::NotShown,
                digests: std::collections::BTreeMap::new(),
            },
            request_digest,
            cnf: Confirmation {
                jkt: self.service_keys.jkt().unwrap(),
            },
            blind_index: None,
            identity: None,
            act: None,
        }
    }

    pub(crate) fn signed(&self, voucher: &Voucher) -> String {
        let hub = self.hub.lock().unwrap();
        let ring = hub.ring();
        let signed = ring.sign_jwt(SigningAlg::Es256, Typ::Voucher, voucher);
        self.sealed(&signed.unwrap())
    }

    /// What was signed, encrypted to the data provider.
    pub(crate) fn sealed(&self, signed: &str) -> String {
        seal(&jwk_to_encrypt_to(&self.provider_keys), signed)
    }

    /// What a voucher says, as the data provider reads it.
    fn read(&self, voucher: &str) -> Value {
        let signed = self.provider_keys.decrypt(voucher).unwrap();
        payload(&String::from_utf8(signed).unwrap())
    }

    pub(crate) fn forms_at(&self, path: &str) -> Vec<Map<String, Value>> {
        let forms = self.forms.lock().unwrap();
        let there = forms.iter().filter(|(at, _)| at == path);
        there.map(|(_, form)| form.clone()).collect()
    }

    fn hub_answers(&self, path: &str, form: &Map<String, Value>, proven: bool) -> Response<Bytes> {
        let at = |path: &str| format!("{ISSUER}{path}");
        match path {
            "/.well-known/openid-configuration" => json_200(&json!({
                "issuer": ISSUER,
                "jwks_uri": at("/jwks"),
                "authorization_endpoint": at("/authorize"),
                "token_endpoint": at("/token"),
                "introspection_endpoint": at("/token/introspection"),
                "pushed_authorization_request_endpoint": at("/par"),
                "userinfo_endpoint": at("/userinfo"),
            })),
            "/userinfo" => json_200(&json!({ "sub": "p1.citizen", "family_name": "MARTIN" })),
            "/jwks" => {
                self.key_fetches.fetch_add(1, Ordering::Relaxed);
                Response::new(self.hub.lock().unwrap().jwks())
            }
            "/exchange/catalogue" => {
                let keys: Value = serde_json::from_slice(&self.provider_keys.jwks()).unwrap();
                json_200(&json!({ "data_providers": [{ "id": "famille", "jwks": keys }] }))
            }
            "/exchange/events" => json_200(&json!({
                "sets": *self.events.lock().unwrap(), "moreAvailable": false,
            })),
            "/exchange/deliveries" | "/exchange/erasures" => {
                Response::builder().status(204).body(Bytes::new()).unwrap()
            }
            "/exchange/blind-indexes" => {
                use base64::engine::general_purpose::URL_SAFE_NO_PAD as TEXT;
                let key = self.hub.lock().unwrap().blind_index_key("famille").unwrap();
                let blinded = form["blinded"].as_str().unwrap().split(' ');
                let evaluated = blinded.map(|one| {
                    let evaluated = key.evaluate(&TEXT.decode(one).unwrap());
                    TEXT.encode(evaluated.unwrap())
                });
                json_200(&json!({ "evaluated": evaluated.collect::<Vec<_>>() }))
            }
            "/par" => json_200(&json!({ "request_uri": "urn:example:1", "expires_in": 60 })),
            "/token/introspection" => json_200(&self.confirm(form["token"].as_str().unwrap())),
            "/token" if !proven => refused("invalid_dpop_proof"),
            "/token" if form.contains_key("code") || form.contains_key("refresh_token") => {
                json_200(&json!({
                    "access_token": if form.contains_key("code") { "bound" } else { "fresh" },
                    "refresh_token": if form.contains_key("code") { "first" } else { "next" },
                    "token_type": *self.token_type.lock().unwrap(),
                    "authorization_details": [granted()],
                }))
            }
            "/token" => {
                let digest = form["request_digest"].as_str().unwrap().to_owned();
                json_200(&json!({
                    "access_token": self.signed(&self.voucher(digest)),
                    "issued_token_type": "urn:guichet:params:oauth:token-type:evidence-voucher",
                    "token_type": "DPoP",
                    "expires_in": 60,
                }))
            }
            _ => panic!("nothing at {path}"),
        }
    }

    /// Active once, as the hub says it.
    fn confirm(&self, voucher: &str) -> Value {
        let mut claims = self.read(voucher);
        let jti = claims["jti"].as_str().unwrap().to_owned();
        let first = self.confirmed.lock().unwrap().insert(jti);
        if !first || *self.revoked.lock().unwrap() {
            return json!({ "active": false });
        }
        claims["active"] = true.into();
        claims
    }

    async fn provider_answers(&self, request: Request<Vec<u8>>) -> Response<Bytes> {
        let (head, body) = request.into_parts();
        let voucher = head.headers["authorization"].to_str().unwrap();
        let voucher = self.read(voucher.strip_prefix("DPoP ").unwrap());
        let voucher = serde_json::from_value(voucher).unwrap();
        if let Some(forge) = &*self.forged.lock().unwrap() {
            let envelope = forge(&voucher, &request_digest(&body));
            return json_200(&json!({ "evidence": envelope }));
        }
        let found = self.found.lock().unwrap().clone();
        let desk = self.desk.get().unwrap();
        let served = desk.serve(&head, &body, |_| async { found }).await;
        served.response.map(Bytes::from)
    }
}

/// What the citizen granted.
pub(crate) fn granted() -> Value {
    json!({
        "type": "evidence",
        "grant_id": "grant-of-cantine",
        "evidence_type": "quotient-familial",
        "fields": ["quotient"],
        "purpose": "tarif-cantine",
        "data_provider": "famille",
        "evidence_endpoint": ENDPOINT,
    })
}

struct Shared(Arc<Wire>);

#[async_trait]
impl Line for Shared {
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Bytes>, LineDown> {
        let wire = &self.0;
        if request.uri().host() == Some("famille.example") {
            return Ok(wire.provider_answers(request).await);
        }
        if *wire.hub_is_down.lock().unwrap() {
            return Err(LineDown);
        }
        let path = request.uri().path().to_owned();
        let proof = request.headers().get("DPoP").cloned();
        let wanted = *wire.nonce_wanted.lock().unwrap();
        if let (Some(proof), Some(nonce)) = (&proof, wanted)
            && payload(proof.to_str().unwrap())["nonce"] != nonce
        {
            let mut answer = refused("use_dpop_nonce");
            let nonce = http::HeaderValue::from_static(nonce);
            answer.headers_mut().insert("DPoP-Nonce", nonce);
            return Ok(answer);
        }
        if path == "/exchange/events" {
            let credential = request.headers()["authorization"].to_str().unwrap().into();
            let asked = serde_json::from_slice(request.body()).unwrap();
            wire.polls.lock().unwrap().push((credential, asked));
        }
        let form = url::form_urlencoded::parse(request.body());
        let form: Map<String, Value> = form
            .map(|(name, value)| (name.into_owned(), value.into_owned().into()))
            .collect();
        wire.forms
            .lock()
            .unwrap()
            .push((path.clone(), form.clone()));
        Ok(wire.hub_answers(&path, &form, proof.is_some()))
    }
}

/// What a signed token says, unverified.
pub(crate) fn payload(token: &str) -> Value {
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap());
    serde_json::from_slice(&payload.unwrap()).unwrap()
}

/// A token encrypted to the holder of a public JWK.
pub(crate) fn seal(recipient: &Value, token: &str) -> String {
    let alg = KeyManagementAlg::EcdhEsA256Kw;
    let with = Encryption {
        alg,
        enc: ContentEncryption::A256Gcm,
    };
    let keys = EncryptionKeySet::from_value(&json!({ "keys": [recipient] })).unwrap();
    let key = keys.for_alg(alg).unwrap();
    encrypt(key, with, None, token.as_bytes(), &SystemEntropy).unwrap()
}

fn jwk_to_encrypt_to(keys: &OwnKeys) -> Value {
    let set: Value = serde_json::from_slice(&keys.jwks()).unwrap();
    let mut keys = set["keys"].as_array().unwrap().iter();
    keys.find(|key| key["use"] == "enc").unwrap().clone()
}

fn json_200(value: &Value) -> Response<Bytes> {
    Response::new(value.to_string().into())
}

fn refused(error: &str) -> Response<Bytes> {
    let mut answer = json_200(&json!({ "error": error }));
    *answer.status_mut() = StatusCode::BAD_REQUEST;
    answer
}

/// The head of a request with this voucher and this proof.
pub(crate) fn head_with(voucher: &str, proof: &str) -> Parts {
    Request::post(ENDPOINT)
        .header("Authorization", format!("DPoP {voucher}"))
        .header("DPoP", proof)
        .body(())
        .unwrap()
        .into_parts()
        .0
}
