//! Sending a request as a service would, with whatever a case changes about it, and grading the answer.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use guichet_domain::{
    Clock as _, ContentEncryption, Encryption, Entropy as _, KeyManagementAlg, SigningAlg,
};
use guichet_exchange_client::{
    Basis, Confirmation, Phase, Preview, PreviewState, Requester, Voucher, request_digest,
};
use guichet_keys::{
    EncryptionKeySet, JwkSet, Keys, SystemEntropy, Typ, encrypt, sha256, thumbprint_of,
};
use guichet_web::Outgoing;
use http::header::{AUTHORIZATION, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{Request, Response, StatusCode};
use serde_json::{Value, json};
use url::Url;

use super::Grade;
use super::cases::{Case, Expected};
use super::envelope;
use super::played_hub::{PlayedHub, Word, fresh_keys};
use crate::cli::DataProviderTest;
use crate::clock::SystemClock;

/// Everything a request is made of.
pub(super) struct Bench {
    test: DataProviderTest,
    hub: Arc<PlayedHub>,
    outgoing: Outgoing,
    /// The service's keys.
    pub(super) service: Keys,
    /// Somebody else's.
    stranger: Keys,
    to_encrypt: EncryptionKeySet,
    /// The data provider's, to verify its evidence with.
    pub(super) to_verify: JwkSet,
}

/// A request about to be sent.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one way to go wrong, and any may go with any"
)]
pub(super) struct Attempt {
    pub(super) voucher: Voucher,
    pub(super) signer: Signer,
    pub(super) is_encrypted: bool,
    /// The fields in the body.
    pub(super) asked: Vec<String>,
    pub(super) is_for_another_body: bool,
    pub(super) prover: Prover,
    pub(super) proof: ProofOf,
    pub(super) scheme: &'static str,
    pub(super) is_revoked: bool,
    pub(super) is_hub_silent: bool,
}

/// Who signs the voucher.
pub(super) enum Signer {
    Hub,
    Stranger,
    Nobody,
    /// The hub, but as a token of another kind.
    AsAccessToken,
}

/// Who proves possession.
pub(super) enum Prover {
    Service,
    Stranger,
    Nobody,
}

/// What the proof says.
pub(super) struct ProofOf {
    pub(super) htm: String,
    pub(super) htu: String,
    pub(super) is_for_another_token: bool,
    /// In seconds.
    pub(super) age: i64,
}

/// A request as it goes out.
struct Sent {
    voucher: String,
    proof: Option<String>,
    scheme: &'static str,
    body: Vec<u8>,
}

impl Bench {
    pub(super) fn new(
        test: DataProviderTest,
        hub: Arc<PlayedHub>,
        outgoing: Outgoing,
        keys: &[u8],
    ) -> Result<Self> {
        let service = fresh_keys()?;
        service
            .decryption_ring()
            .ensure(KeyManagementAlg::EcdhEsA256Kw, SystemClock.now())?;
        Ok(Self {
            test,
            hub,
            outgoing,
            service,
            stranger: fresh_keys()?,
            to_encrypt: EncryptionKeySet::parse(keys).context("its keys are no JWK Set")?,
            to_verify: JwkSet::parse(keys).context("its keys are no JWK Set")?,
        })
    }

    pub(super) fn endpoint(&self) -> &Url {
        &self.test.endpoint
    }

    pub(super) async fn grade(&self, case: &Case) -> Result<Grade> {
        let mut attempt = self.good()?;
        (case.change)(&mut attempt);
        let sent = self.prepare(&attempt)?;
        let verdict = self.tried(case.expected, &attempt, &sent).await?;
        Ok(Grade {
            case: case.name,
            ok: verdict.is_ok(),
            expected: case.expected.as_str().to_owned(),
            got: verdict.unwrap_or_else(|reason| reason),
        })
    }

    /// The same request twice, proof and all.
    pub(super) async fn grade_replay(&self) -> Result<Grade> {
        let attempt = self.good()?;
        let sent = self.prepare(&attempt)?;
        let verdict = match self.send(&sent).await? {
            Some(_) => self.tried(Expected::Unauthorized, &attempt, &sent).await?,
            None => Err(NO_ANSWER.to_owned()),
        };
        Ok(Grade {
            case: "a voucher used before",
            ok: verdict.is_ok(),
            expected: Expected::Unauthorized.as_str().to_owned(),
            got: verdict.unwrap_or_else(|reason| reason),
        })
    }

    /// The same request several times at once.
    pub(super) async fn grade_race(&self) -> Result<Grade> {
        let sent = self.prepare(&self.good()?)?;
        let (a, b, c, d) = tokio::join!(
            self.send(&sent),
            self.send(&sent),
            self.send(&sent),
            self.send(&sent),
        );
        let mut answered = 0;
        for answer in [a, b, c, d] {
            answered += usize::from(answer?.is_some_and(|it| it.status() == StatusCode::OK));
        }
        Ok(Grade {
            case: "a voucher used four times at once",
            ok: answered == 1,
            expected: "one 200".to_owned(),
            got: format!("{answered} times 200"),
        })
    }

    /// The request that must be answered.
    fn good(&self) -> Result<Attempt> {
        let now = SystemClock.now().seconds();
        let own: Value = serde_json::from_slice(&self.service.client_jwks())?;
        let key = |purpose: &str| {
            let mut keys = own["keys"].as_array().into_iter().flatten();
            keys.find(|key| key["use"] == purpose).cloned()
        };
        let proving = key("sig").and_then(|key| thumbprint_of(&key));
        let voucher = Voucher {
            iss: self.hub.issuer.clone(),
            aud: self.test.id.clone(),
            sub: self.test.subject.clone(),
            jti: fresh(),
            iat: now,
            exp: now + 60,
            acr: "eidas1".to_owned(),
            client: Requester {
                id: SERVICE.to_owned(),
                name: "Guichet".to_owned(),
            },
            recipient: key("enc").context("a key to encrypt to")?,
            phase: Phase::Release,
            exchange: fresh(),
            evidence_type: self.test.evidence_type.clone(),
            fields: self.test.fields.clone(),
            purpose: "conformance".to_owned(),
            basis: Basis::ExplicitRequest,
            preview: Preview {
                state: PreviewState::NotShown,
                digests: BTreeMap::new(),
            },
            request_digest: String::new(),
            cnf: Confirmation {
                jkt: proving.context("a key to prove")?,
            },
            blind_index: None,
            identity: None,
            act: None,
        };
        Ok(Attempt {
            voucher,
            signer: Signer::Hub,
            is_encrypted: true,
            asked: self.test.fields.clone(),
            is_for_another_body: false,
            prover: Prover::Service,
            proof: ProofOf {
                htm: "POST".to_owned(),
                htu: htu(&self.test.endpoint),
                is_for_another_token: false,
                age: 0,
            },
            scheme: "DPoP",
            is_revoked: false,
            is_hub_silent: false,
        })
    }

    /// Signs, encrypts and proves; the hub will say what the case has it say.
    fn prepare(&self, attempt: &Attempt) -> Result<Sent> {
        let body = serde_json::to_vec(&json!({
            "evidence_type": self.test.evidence_type,
            "fields": attempt.asked,
            "nonce": fresh(),
        }))?;
        let mut voucher = attempt.voucher.clone();
        voucher.request_digest = if attempt.is_for_another_body {
            request_digest(b"another body")
        } else {
            request_digest(&body)
        };
        let text = self.signed(&voucher, &attempt.signer)?;
        let text = if attempt.is_encrypted {
            self.encrypted(&text)?
        } else {
            text
        };
        let word = if attempt.is_hub_silent {
            Word::Silence
        } else if attempt.is_revoked {
            Word::Inactive
        } else {
            Word::Active(serde_json::to_value(&voucher)?)
        };
        self.hub.will_say(&text, word);
        Ok(Sent {
            proof: self.proof(attempt, &text)?,
            voucher: text,
            scheme: attempt.scheme,
            body,
        })
    }

    fn signed(&self, voucher: &Voucher, signer: &Signer) -> Result<String> {
        let (keys, typ) = match signer {
            Signer::Hub => (&self.hub.keys, Typ::Voucher),
            Signer::AsAccessToken => (&self.hub.keys, Typ::AccessToken),
            Signer::Stranger => (&self.stranger, Typ::Voucher),
            Signer::Nobody => {
                let header = r#"{"alg":"none","typ":"evidence-voucher+jwt"}"#;
                let payload = serde_json::to_vec(voucher)?;
                let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
                return Ok(format!("{}.{}.", part(header.as_bytes()), part(&payload)));
            }
        };
        Ok(keys.ring().sign_jwt(SigningAlg::Es256, typ, voucher)?)
    }

    fn encrypted(&self, signed: &str) -> Result<String> {
        let found = [KeyManagementAlg::EcdhEsA256Kw, KeyManagementAlg::RsaOaep256]
            .into_iter()
            .find_map(|alg| Some((alg, self.to_encrypt.for_alg(alg)?)));
        let (alg, key) = found.context("its JWK Set has no key to encrypt vouchers to")?;
        let with = Encryption {
            alg,
            enc: ContentEncryption::A256Gcm,
        };
        let text = encrypt(key, with, Some("JWT"), signed.as_bytes(), &SystemEntropy)?;
        Ok(text)
    }

    fn proof(&self, attempt: &Attempt, voucher: &str) -> Result<Option<String>> {
        let keys = match attempt.prover {
            Prover::Service => &self.service,
            Prover::Stranger => &self.stranger,
            Prover::Nobody => return Ok(None),
        };
        let token = if attempt.proof.is_for_another_token {
            "another"
        } else {
            voucher
        };
        let claims = json!({
            "jti": fresh(),
            "htm": attempt.proof.htm,
            "htu": attempt.proof.htu,
            "iat": SystemClock.now().seconds() - attempt.proof.age,
            "ath": URL_SAFE_NO_PAD.encode(sha256(token.as_bytes())),
        });
        let ring = keys.client_ring();
        let proof = ring.sign_self_contained(SigningAlg::Es256, Typ::DpopProof, &claims)?;
        Ok(Some(proof))
    }

    /// What came of a request, judged; no answer is one that is wrong.
    async fn tried(
        &self,
        expected: Expected,
        attempt: &Attempt,
        sent: &Sent,
    ) -> Result<Result<String, String>> {
        Ok(match self.send(sent).await? {
            Some(answer) => self.judge(expected, attempt, sent, &answer),
            None => Err(NO_ANSWER.to_owned()),
        })
    }

    /// The answer, if one came.
    async fn send(&self, sent: &Sent) -> Result<Option<Response<Bytes>>> {
        let mut request = Request::post(self.test.endpoint.as_str())
            .header(AUTHORIZATION, format!("{} {}", sent.scheme, sent.voucher))
            .header(CONTENT_TYPE, "application/json");
        if let Some(proof) = &sent.proof {
            request = request.header("DPoP", proof);
        }
        let request = request.body(sent.body.clone())?;
        Ok(self.outgoing.execute(request).await.ok())
    }

    /// What came, when it is what must come; what is wrong with it otherwise.
    fn judge(
        &self,
        expected: Expected,
        attempt: &Attempt,
        sent: &Sent,
        answer: &Response<Bytes>,
    ) -> Result<String, String> {
        let status = answer.status();
        let says_how = || {
            let challenge = answer.headers().get(WWW_AUTHENTICATE);
            let text = challenge.and_then(|text| text.to_str().ok());
            text.is_some_and(|text| text.starts_with("DPoP"))
        };
        let got = status.as_str().to_owned();
        let is_right = match expected {
            Expected::Evidence => {
                if status != StatusCode::OK {
                    return Err(got);
                }
                let digest = request_digest(&sent.body);
                envelope::check(self, attempt, &digest, answer.body())
                    .map_err(|reason| format!("200, but {reason}"))?;
                return Ok("200, evidence".to_owned());
            }
            Expected::Unauthorized if status == StatusCode::UNAUTHORIZED && !says_how() => {
                return Err("401 without WWW-Authenticate: DPoP".to_owned());
            }
            Expected::Unauthorized => status == StatusCode::UNAUTHORIZED,
            Expected::BadRequest => status == StatusCode::BAD_REQUEST,
            Expected::Unavailable => status == StatusCode::SERVICE_UNAVAILABLE,
            Expected::Nobody => matches!(status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND),
        };
        if is_right { Ok(got) } else { Err(got) }
    }
}

/// What is graded where nothing came.
const NO_ANSWER: &str = "no answer";

/// The address that a proof names: without query (RFC 9449 §4.2).
fn htu(endpoint: &Url) -> String {
    let mut address = endpoint.clone();
    address.set_query(None);
    address.set_fragment(None);
    address.into()
}

fn fresh() -> String {
    URL_SAFE_NO_PAD.encode(SystemEntropy.bytes16())
}

/// The played service's name.
const SERVICE: &str = "guichet-data-provider-test";
