//! A hub of the test's own, on a port of its own: it says whatever the test wants and signs it.

use std::sync::{Arc, Mutex, MutexGuard};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256,
};
use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::SigningAlg;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;

use crate::cast::Service;
use crate::testing::NOW;

pub(super) struct ForgedHub {
    issuer: String,
    ec: EcdsaKeyPair,
    rsa: RsaKeyPair,
    /// What the next sign-in is about.
    expected: Mutex<Expected>,
}

#[derive(Default)]
struct Expected {
    service: Option<Service>,
    nonce: String,
    challenge: String,
    lie: Option<(String, Value)>,
    /// How often keys were rotated: part of every key's name.
    rotations: u32,
    /// How often somebody looked.
    looks: u32,
}

impl ForgedHub {
    pub(super) async fn open() -> (Arc<Self>, String) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let issuer = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
        let hub = Arc::new(Self {
            issuer: issuer.clone(),
            ec: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap(),
            rsa: RsaKeyPair::generate(KeySize::Rsa2048).unwrap(),
            expected: Mutex::default(),
        });
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/jwks", get(jwks))
            .route("/token", post(token))
            .route("/userinfo", get(userinfo))
            .with_state(Arc::clone(&hub));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        (hub, issuer)
    }

    pub(super) fn issuer(&self) -> String {
        self.issuer.clone()
    }

    /// From now on the client is `service`.
    pub(super) fn serve(&self, service: Service) {
        self.expected().service = Some(service);
    }

    /// The next code is for a request with this nonce and this PKCE challenge.
    pub(super) fn expect(&self, nonce: &str, challenge: &str) {
        let mut expected = self.expected();
        nonce.clone_into(&mut expected.nonce);
        challenge.clone_into(&mut expected.challenge);
        expected.lie = None;
    }

    /// The next ID token says this; `null` leaves the claim out.
    pub(super) fn lie(&self, claim: &str, value: Value) {
        self.expected().lie = Some((claim.to_owned(), value));
    }

    /// A logout token for the session `s1` of `p1`, with one claim changed.
    pub(super) fn logout_token(&self, jti: &str, claim: &str, value: Value) -> String {
        let service = self.service();
        let mut claims = json!({
            "iss": self.issuer, "aud": service.client_id(), "iat": NOW.seconds(),
            "exp": NOW.seconds() + 120, "jti": jti, "sid": "s1", "sub": "p1",
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        });
        claims[claim] = value;
        self.sign(service.id_token_alg(), "logout+jwt", &claims)
    }

    /// From now on keys have other names.
    pub(super) fn rotate(&self) {
        self.expected().rotations += 1;
    }

    /// How often somebody asked for the keys.
    pub(super) fn looks(&self) -> u32 {
        self.expected().looks
    }

    fn key_id(&self, alg: SigningAlg) -> String {
        format!("{}-{}", alg.as_str(), self.expected().rotations)
    }

    fn service(&self) -> Service {
        self.expected().service.expect("serve() comes first")
    }

    fn expected(&self) -> MutexGuard<'_, Expected> {
        self.expected.lock().unwrap()
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "a signature of a test needs a nonce"
    )]
    fn sign(&self, alg: SigningAlg, typ: &str, claims: &Value) -> String {
        let header = json!({"alg": alg.as_str(), "typ": typ, "kid": self.key_id(alg)});
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(&header), part(claims));
        let random = SystemRandom::new();
        let signature = match alg {
            SigningAlg::Rs256 => {
                let mut signature = vec![0; self.rsa.public_modulus_len()];
                self.rsa
                    .sign(
                        &RSA_PKCS1_SHA256,
                        &random,
                        message.as_bytes(),
                        &mut signature,
                    )
                    .unwrap();
                signature
            }
            _ => self
                .ec
                .sign(&random, message.as_bytes())
                .unwrap()
                .as_ref()
                .to_vec(),
        };
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

async fn discovery(State(hub): State<Arc<ForgedHub>>) -> Json<Value> {
    let at = |path: &str| format!("{}{path}", hub.issuer);
    Json(json!({
        "issuer": hub.issuer,
        "authorization_endpoint": at("/authorize"),
        "token_endpoint": at("/token"),
        "userinfo_endpoint": at("/userinfo"),
        "jwks_uri": at("/jwks"),
        "end_session_endpoint": at("/session/end"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["ES256", "RS256"],
    }))
}

async fn jwks(State(hub): State<Arc<ForgedHub>>) -> Json<Value> {
    hub.expected().looks += 1;
    let (ec, rsa) = (hub.key_id(SigningAlg::Es256), hub.key_id(SigningAlg::Rs256));
    let point = hub.ec.public_key().as_ref();
    let (x, y) = point[1..].split_at(32);
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    // RSAPublicKey in DER (RFC 8017 A.1.1): two headers of four bytes, a zero, 256 bytes of modulus.
    let modulus = &hub.rsa.public_key().as_ref()[9..265];
    Json(json!({"keys": [
        {"kty": "EC", "crv": "P-256", "use": "sig", "kid": ec, "x": encode(x), "y": encode(y)},
        {"kty": "RSA", "use": "sig", "kid": rsa,
         "n": encode(modulus), "e": "AQAB"},
    ]}))
}

/// The code is worth something to the client that proves itself and knows the PKCE verifier.
async fn token(
    State(hub): State<Arc<ForgedHub>>,
    headers: http::HeaderMap,
    Form(form): Form<Map<String, Value>>,
) -> impl IntoResponse {
    let service = hub.service();
    let text = |name: &str| form.get(name).and_then(Value::as_str).unwrap_or_default();
    let authenticated = match service.authentication() {
        "client_secret_post" => text("client_secret") == service.client_secret(),
        _ => headers.contains_key("authorization"),
    };
    let verifier = URL_SAFE_NO_PAD.encode(digest(&SHA256, text("code_verifier").as_bytes()));
    let expected = hub.expected();
    if !authenticated || verifier != expected.challenge || text("code") != "c1" {
        return (
            StatusCode::BAD_REQUEST,
            Json(json!({"error": "invalid_grant"})),
        );
    }
    let at_hash = URL_SAFE_NO_PAD.encode(&digest(&SHA256, b"access").as_ref()[..16]);
    let mut claims = json!({
        "iss": hub.issuer, "aud": service.client_id(), "sub": "p1", "sid": "s1",
        "iat": NOW.seconds(), "exp": NOW.seconds() + 60, "auth_time": NOW.seconds(),
        "nonce": expected.nonce, "acr": "eidas2", "amr": ["pwd", "otp"], "at_hash": at_hash,
    });
    if let Some((claim, value)) = &expected.lie {
        claims[claim] = value.clone();
    }
    drop(expected);
    claims
        .as_object_mut()
        .unwrap()
        .retain(|_, value| !value.is_null());
    let id_token = hub.sign(service.id_token_alg(), "JWT", &claims);
    let body = json!({"access_token": "access", "token_type": "Bearer", "expires_in": 60, "id_token": id_token});
    (StatusCode::OK, Json(body))
}

async fn userinfo(State(hub): State<Arc<ForgedHub>>) -> impl IntoResponse {
    let service = hub.service();
    let mut claims = json!({"sub": "p1", "given_name": "Camille Aimée", "family_name": "MARTIN"});
    let Some(alg) = service.userinfo_alg() else {
        return ([(CONTENT_TYPE, "application/json")], claims.to_string());
    };
    claims["iss"] = json!(hub.issuer);
    claims["aud"] = json!(service.client_id());
    (
        [(CONTENT_TYPE, "application/jwt")],
        hub.sign(alg, "JWT", &claims),
    )
}
