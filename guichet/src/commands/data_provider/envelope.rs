//! Reading the evidence that a data provider answered with, as strictly as a service would.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::Clock as _;
use guichet_keys::{JwsAlg, TypRule, VerifyPolicy, sha256, verify};
use serde_json::Value;

use super::request::{Attempt, Bench};
use crate::clock::SystemClock;

/// Checks encryption, signature and every claim; says what is wrong.
pub(super) fn check(
    bench: &Bench,
    attempt: &Attempt,
    request_digest: &str,
    body: &[u8],
) -> Result<(), &'static str> {
    let body: Value = serde_json::from_slice(body).map_err(|_| "the body is no JSON")?;
    let envelope = body["evidence"].as_str().ok_or("there is no evidence")?;
    let opened = bench.service.decryption_ring().open(envelope);
    let signed = opened.map_err(|_| "it is not encrypted to the key in the voucher")?;
    let signed = String::from_utf8(signed).map_err(|_| "it encrypts no JWS")?;
    let policy = VerifyPolicy {
        algs: &JwsAlg::ALL,
        typ: TypRule::Exactly("evidence+jwt"),
    };
    let verified = verify(&signed, &bench.to_verify, policy)
        .map_err(|_| "it is not signed with the data provider's published key as evidence+jwt")?;
    check_claims(&Value::Object(verified.claims), attempt, request_digest)
}

fn check_claims(
    claims: &Value,
    attempt: &Attempt,
    request_digest: &str,
) -> Result<(), &'static str> {
    let voucher = &attempt.voucher;
    let expected = [
        ("iss", voucher.aud.as_str(), "iss is not its short name"),
        ("aud", &voucher.client.id, "aud is not the service"),
        ("exchange", &voucher.exchange, "exchange is another"),
        (
            "evidence_type",
            &voucher.evidence_type,
            "evidence_type is another",
        ),
        (
            "request_digest",
            request_digest,
            "request_digest is another",
        ),
        (
            "voucher",
            &URL_SAFE_NO_PAD.encode(sha256(voucher.jti.as_bytes())),
            "voucher is not the hash of jti",
        ),
    ];
    for (name, value, wrong) in expected {
        if claims[name] != value {
            return Err(wrong);
        }
    }
    let now = SystemClock.now().seconds();
    if claims["exp"].as_i64().is_none_or(|exp| exp <= now) {
        return Err("exp is missing or has passed");
    }
    let subject = claims["subject"].as_str().unwrap_or_default();
    if subject.is_empty() || subject == voucher.sub || claims.get("sub").is_some() {
        return Err("it names the citizen");
    }
    let fields = claims["fields"].as_object();
    let fields = fields.filter(|fields| !fields.is_empty());
    let fields = fields.ok_or("it holds no field")?;
    if fields.keys().any(|name| !attempt.asked.contains(name)) {
        return Err("it holds a field nobody asked for");
    }
    let is_plain = |value: &Value| value.is_string() || value.is_i64() || value.is_boolean();
    if fields.values().all(is_plain) {
        Ok(())
    } else {
        Err("a field is no text, whole number, yes or no")
    }
}
