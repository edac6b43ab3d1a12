//! A party of an exchange whose every message the test sends itself: what no library would do can be done, and
//! anything may happen between two of them.

use std::cell::Cell;

use anyhow::{Context as _, Result, ensure};
use aws_lc_rs::digest;
use serde_json::{Value, json};

use crate::claims::{changed, now};
use crate::evidence_peers::Party;
use crate::http_citizen::{HttpCitizen, parameter, shared_client};
use crate::journey::{Hands as _, View};
use crate::keys::{SigningKey, base64url, random_text};
use crate::raw_client::{Answer, Attempt, RawClient};

/// The party.
pub struct Hand {
    /// Its name and keys.
    pub party: Party,
    /// What it proves possession of (RFC 9449).
    pub key: SigningKey,
    issuer: String,
    /// By how many seconds its clock is ahead of this machine's.
    pub ahead: Cell<i64>,
}

/// What it fetches with.
pub struct Granted {
    /// The answer of the token endpoint.
    pub tokens: Value,
    /// The authorization details in it.
    pub details: Value,
}

impl Granted {
    /// Of the first detail.
    pub fn grant_id(&self) -> &str {
        self.details[0]["grant_id"].as_str().unwrap_or_default()
    }

    fn access_token(&self) -> &str {
        self.tokens["access_token"].as_str().unwrap_or_default()
    }
}

/// The body of a request for evidence.
pub fn evidence_request(detail: &Value) -> Result<String> {
    let asked = json!({
        "evidence_type": detail["evidence_type"], "fields": detail["fields"], "nonce": random_text()?,
    });
    Ok(asked.to_string())
}

impl Hand {
    /// Of this hub.
    pub fn of(party: Party, issuer: &str) -> Result<Self> {
        Ok(Self {
            party,
            key: SigningKey::generate("proves")?,
            issuer: issuer.to_owned(),
            ahead: Cell::new(0),
        })
    }

    fn now(&self) -> i64 {
        now() + self.ahead.get()
    }

    /// The same as a client whose redirect URI nobody serves.
    pub fn client(&self) -> RawClient {
        let mut client = RawClient::new(&self.party.id);
        client.redirect_uri = format!("{}/callback", self.party.address);
        client
    }

    /// A request for this evidence.
    pub fn attempt(&self, details: &Value) -> Result<Attempt> {
        let attempt = self.client().attempt(&self.issuer)?;
        let attempt = attempt.with("scope", "openid");
        Ok(attempt.with("authorization_details", &details.to_string()))
    }

    /// Somebody who comes to the hub's question about it.
    pub async fn asked(&self, button: &str, attempt: &Attempt) -> Result<HttpCitizen> {
        let mut citizen = self.client().citizen();
        let journey = citizen.visit(&attempt.url()).choose(button);
        journey.agree().await?;
        Ok(citizen)
    }

    /// Redeems the code that a citizen brought.
    pub async fn redeem(&self, view: &View, attempt: &Attempt) -> Result<Answer> {
        let code = parameter(&view.url, "code").with_context(|| format!("no code: {view}"))?;
        let client = self.client();
        let form = [
            ("grant_type", "authorization_code"),
            ("code", &*code),
            ("redirect_uri", &client.redirect_uri),
            ("code_verifier", &attempt.verifier),
        ];
        self.token(&form).await
    }

    /// The same, which must succeed.
    pub async fn granted(&self, view: &View, attempt: &Attempt) -> Result<Granted> {
        let answer = self.redeem(view, attempt).await?;
        ensure!(answer.status == 200, "{}", answer.body);
        Ok(Granted {
            details: answer.json["authorization_details"].clone(),
            tokens: answer.json,
        })
    }

    /// Fresh tokens for the same.
    pub async fn refresh(&self, granted: &mut Granted) -> Result<()> {
        let token = granted.tokens["refresh_token"].as_str();
        let token = token.context("no refresh token")?.to_owned();
        let form = [("grant_type", "refresh_token"), ("refresh_token", &token)];
        let answer = self.token(&form).await?;
        ensure!(answer.status == 200, "{}", answer.body);
        granted.tokens = answer.json;
        Ok(())
    }

    /// Orders a voucher for a request of this body, as `order` changes it.
    pub async fn voucher(&self, granted: &Granted, body: &str, order: &Value) -> Result<Answer> {
        let detail = &granted.details[0];
        let order = changed(
            json!({
                "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
                "subject_token": granted.access_token(),
                "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
                "requested_token_type": "urn:guichet:params:oauth:token-type:evidence-voucher",
                "audience": detail["data_provider"],
                "grant_id": detail["grant_id"],
                "request_digest": text_digest(body),
            }),
            order,
        );
        let members = order.as_object().into_iter().flatten();
        let form: Vec<(&str, &str)> = members
            .map(|(name, value)| (&**name, value.as_str().unwrap_or_default()))
            .collect();
        self.token(&form).await
    }

    /// The voucher that must be had.
    pub async fn voucher_for(&self, granted: &Granted, body: &str) -> Result<String> {
        let answer = self.voucher(granted, body, &json!({})).await?;
        ensure!(answer.status == 200, "{}", answer.body);
        Ok(answer.text("access_token").to_owned())
    }

    /// Presents a voucher with a request, proving possession with `key`.
    pub async fn present(
        &self,
        endpoint: &str,
        voucher: &str,
        body: &str,
        key: &SigningKey,
    ) -> Result<Answer> {
        let request = shared_client()
            .post(endpoint)
            .header("authorization", format!("DPoP {voucher}"))
            .header("dpop", self.proof(key, endpoint, Some(voucher))?)
            .header("content-type", "application/json")
            .body(body.to_owned());
        Answer::of(request).await
    }

    /// As a data provider: asks the hub whether a voucher is good, which spends it.
    pub async fn spend(&self, voucher: &str) -> Result<Answer> {
        self.call("/token/introspection", &[("token", voucher)])
            .await
    }

    /// Confirms a half of a delivery: `exchange` or `grant_id`, `half`, `voucher`, `digest`.
    pub async fn confirm(&self, half: &Value) -> Result<Answer> {
        let claims = changed(half.clone(), &json!({ "iat": self.now() }));
        let typ = "evidence-delivery+jwt";
        let receipt = self.party.statement(&self.issuer, typ, &claims)?;
        let members = half.as_object().into_iter().flatten();
        let mut form: Vec<(&str, &str)> = members
            .map(|(name, value)| (&**name, value.as_str().unwrap_or_default()))
            .collect();
        form.push(("receipt", &receipt));
        self.call("/exchange/deliveries", &form).await
    }

    /// Posts a form to the token endpoint, proving possession.
    pub async fn token(&self, form: &[(&str, &str)]) -> Result<Answer> {
        let endpoint = format!("{}/token", self.issuer);
        let proof = self.proof(&self.key, &endpoint, None)?;
        let request = self.form("/token", form)?.header("dpop", proof);
        Answer::of(request).await
    }

    /// Posts a form to the hub, authenticated.
    pub async fn call(&self, path: &str, form: &[(&str, &str)]) -> Result<Answer> {
        Answer::of(self.form(path, form)?).await
    }

    fn form(&self, path: &str, form: &[(&str, &str)]) -> Result<reqwest::RequestBuilder> {
        let assertion = self.party.assertion_at(&self.issuer, self.now())?;
        let mut form = form.to_vec();
        form.extend([
            ("client_id", &*self.party.id),
            (
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            ),
            ("client_assertion", &assertion),
        ]);
        let request = shared_client().post(format!("{}{path}", self.issuer));
        Ok(request.form(&form))
    }

    /// A proof of possession for one POST, with this token if there is one.
    fn proof(&self, key: &SigningKey, endpoint: &str, token: Option<&str>) -> Result<String> {
        let public = key.jwk();
        let header = json!({
            "typ": "dpop+jwt", "alg": "ES256",
            "jwk": { "kty": "EC", "crv": "P-256", "x": public["x"], "y": public["y"] },
        });
        let mut claims = json!({
            "jti": random_text()?, "htm": "POST", "htu": endpoint, "iat": self.now(),
        });
        if let Some(token) = token {
            claims["ath"] = sha256(token).into();
        }
        key.sign_with(&header, &claims)
    }
}

/// `sha-256:` and base64url: of a body, an envelope.
pub fn text_digest(text: &str) -> String {
    format!("sha-256:{}", sha256(text))
}

/// A SHA-256 in base64url: of a voucher's `jti`.
pub fn sha256(text: &str) -> String {
    base64url(digest::digest(&digest::SHA256, text.as_bytes()).as_ref())
}
