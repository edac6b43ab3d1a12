//! The walker of a service that fetches evidence, and of who holds it: citizens decide, then it is fetched and confirmed
//! by both.

use std::fmt::Write as _;

use anyhow::{Context, Result, ensure};
use guichet_integration_tests::by_hand::{sha256, text_digest};
use guichet_integration_tests::keys::{SigningKey, random_text};
use serde_json::{Value, json};

use super::{FETCHING, HOLDER, Walker, encode, seconds};
use crate::product::Parties;

/// What evidence is fetched with.
pub(super) struct Fetching {
    service: SigningKey,
    holder: SigningKey,
    /// Access tokens, and the name of what was granted with each.
    grants: Vec<(String, String)>,
}

impl Walker {
    /// At the hub `issuer`, with the keys of both parties.
    pub(crate) fn fetching(issuer: &str, parties: &Parties) -> Result<Self> {
        let mut walker = Self::new(issuer, FETCHING)?;
        walker.fetching = Some(Fetching {
            service: parties.service.again()?,
            holder: parties.holder.again()?,
            grants: Vec::new(),
        });
        Ok(walker)
    }

    /// The citizen of the live session is asked for one evidence and sends it.
    pub(crate) async fn decide(&mut self) -> Result<()> {
        let more = format!("&authorization_details={}", encode(ASKED));
        let code = self.obtain_code(&more).await?;
        let body = format!(
            "grant_type=authorization_code&code={code}&redirect_uri={}&code_verifier={}&{}",
            encode(self.service.redirect_uri),
            self.verifier,
            self.credentials(),
        );
        let proof = self.proof()?;
        let tokens = self.answered_tokens(&body, &proof).await?;
        let grant = tokens["authorization_details"][0]["grant_id"].as_str();
        let grant = grant.context("nothing was granted")?.to_owned();
        let token = self.access_token.clone();
        self.parties()?.grants.push((token, grant));
        Ok(())
    }

    /// How much was granted and not fetched yet.
    pub(crate) fn grants(&self) -> usize {
        let fetching = self.fetching.as_ref();
        fetching.map_or(0, |fetching| fetching.grants.len())
    }

    /// What was granted is not fetched.
    pub(crate) fn forget_grants(&mut self) {
        if let Some(fetching) = &mut self.fetching {
            fetching.grants.clear();
        }
    }

    /// One exchange: the service's voucher, the data provider's release, and the word of both.
    pub(crate) async fn fetch(&mut self) -> Result<()> {
        let granted = self.parties()?.grants.pop();
        let (token, grant) = granted.context("nothing is granted")?;
        let body = format!(
            "grant_type={}&subject_token={token}&subject_token_type={}&requested_token_type={}&audience={}\
             &grant_id={grant}&request_digest={}&{}",
            encode("urn:ietf:params:oauth:grant-type:token-exchange"),
            encode("urn:ietf:params:oauth:token-type:access_token"),
            encode("urn:guichet:params:oauth:token-type:evidence-voucher"),
            HOLDER.id,
            text_digest("a request"),
            self.credentials(),
        );
        let proof = self.proof()?;
        let answer = self.post("/token", &body, &proof).await?;
        let said: Value = serde_json::from_str(&answer.body).unwrap_or_default();
        let voucher = said["access_token"].as_str();
        let voucher = voucher.with_context(|| format!("no voucher: {}", answer.body))?;
        let as_holder = format!("client_id={}&client_secret={}", HOLDER.id, HOLDER.secret);
        let body = format!("token={voucher}&{as_holder}");
        let answer = self.post("/token/introspection", &body, "").await?;
        let spent: Value = serde_json::from_str(&answer.body).unwrap_or_default();
        ensure!(spent["active"] == true, "not released: {}", answer.body);
        let half = |name: &str, exchange: &Value, half: &str| {
            let jti = spent["jti"].as_str().unwrap_or_default();
            json!({
                name: exchange, "half": half, "voucher": sha256(jti), "digest": text_digest(jti),
            })
        };
        let released = half("exchange", &spent["exchange"], "released");
        self.confirm(HOLDER.id, &released, &as_holder).await?;
        let received = half("grant_id", &json!(grant), "received");
        let credentials = self.credentials();
        self.confirm(FETCHING.id, &received, &credentials).await
    }

    async fn confirm(&mut self, by: &str, half: &Value, credentials: &str) -> Result<()> {
        let mut claims = half.clone();
        claims["iss"] = by.into();
        claims["aud"] = format!("http://{}", self.hub).into();
        claims["iat"] = seconds()?.into();
        claims["jti"] = random_text()?.into();
        let parties = self.parties()?;
        let key = if by == HOLDER.id {
            &parties.holder
        } else {
            &parties.service
        };
        let header = json!({ "alg": "ES256", "typ": "evidence-delivery+jwt", "kid": key.kid });
        let receipt = key.sign_with(&header, &claims)?;
        let mut body = format!("receipt={receipt}&{credentials}");
        for (name, value) in half.as_object().into_iter().flatten() {
            let _ = write!(body, "&{name}={}", value.as_str().unwrap_or_default());
        }
        let answer = self.post("/exchange/deliveries", &body, "").await?;
        ensure!(answer.status == 204, "{}: {}", answer.status, answer.body);
        Ok(())
    }

    fn parties(&mut self) -> Result<&mut Fetching> {
        self.fetching
            .as_mut()
            .context("a walker that fetches nothing")
    }
}

/// The button that leads on from a page of the evidence step.
pub(super) fn on_evidence(page: &str) -> (&'static str, &'static str, String) {
    if page.contains(SEND) {
        let decision = "decision=send&field.quotient=yes";
        ("evidence", SEND, decision.to_owned())
    } else {
        ("evidence", LOOK, "decision=look".to_owned())
    }
}

/// What else the form with that button holds: which turn, and what was read.
pub(super) fn hidden_of_evidence(page: &str, marker: &str) -> String {
    if marker != SEND && marker != LOOK {
        return String::new();
    }
    let form = page.split("<form").skip(1).find(|form| {
        let end = form.find("</form>").unwrap_or(form.len());
        form[..end].contains(marker)
    });
    let value = |name: &str| {
        let (_, rest) = form?.split_once(&format!("name=\"{name}\" value=\""))?;
        rest.split('"').next()
    };
    let members = ["turn", "read"].into_iter();
    let found = members.filter_map(|name| Some(format!("&{name}={}", encode(value(name)?))));
    found.collect()
}

const SEND: &str = "value=\"send\"";
const LOOK: &str = "value=\"look\"";
const ASKED: &str = r#"[{"type":"evidence","evidence_type":"quotient-familial","purpose":"tarif-cantine","fields":["quotient"]}]"#;
