//! A client of FAPI 2.0: authenticates with `private_key_jwt`, pushes its requests, binds its tokens with
//! DPoP; or does each of these badly, as a test wants it.

use anyhow::{Context, Result};
use aws_lc_rs::digest::{SHA256, digest};
use guichet_integration_tests::claims::{changed, now};
use guichet_integration_tests::http_citizen::shared_client;
use guichet_integration_tests::keys::{RsaKey, SigningKey, base64url, random_text};
use guichet_integration_tests::raw_client::Attempt;
use guichet_integration_tests::{HttpCitizen, RawClient};
use reqwest::Method;
use serde_json::{Value, json};

/// The client.
pub(crate) struct FapiParty {
    pub(crate) id: String,
    pub(crate) redirect_uri: String,
    pub(crate) key: SigningKey,
    /// A key that could sign with an algorithm too weak for FAPI 2.0.
    pub(crate) rsa: RsaKey,
    pub(crate) dpop: SigningKey,
}

/// What an endpoint answered.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) json: Value,
}

impl Answered {
    pub(crate) fn text(&self, member: &str) -> &str {
        self.json[member].as_str().unwrap_or_default()
    }

    pub(crate) fn error(&self) -> &str {
        self.text("error")
    }
}

impl FapiParty {
    pub(crate) fn new(id: &str) -> Result<Self> {
        Ok(Self {
            id: id.to_owned(),
            redirect_uri: format!("https://{id}.example/callback"),
            key: SigningKey::generate(&format!("{id}-signs"))?,
            rsa: RsaKey::generate(&format!("{id}-signs-by-rsa"))?,
            dpop: SigningKey::generate(&format!("{id}-proves"))?,
        })
    }

    pub(crate) fn metadata(&self, change: &Value) -> Result<Value> {
        let metadata = json!({
            "client_id": self.id,
            "redirect_uris": [self.redirect_uri],
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks": { "keys": [self.key.jwk(), self.rsa.jwk()?] },
            "profile": "fapi2",
            "scope": "openid given_name family_name email",
            "grant_types": ["authorization_code"],
        });
        Ok(changed(metadata, change))
    }

    pub(crate) fn citizen(&self) -> HttpCitizen {
        HttpCitizen::new().stopping_at(&self.redirect_uri)
    }

    /// A correct request.
    pub(crate) fn attempt(&self, issuer: &str) -> Result<Attempt> {
        let mut client = RawClient::new(&self.id);
        self.redirect_uri.clone_into(&mut client.redirect_uri);
        client.attempt(issuer)
    }

    /// A client assertion with these claims changed.
    pub(crate) fn assertion(&self, issuer: &str, change: &Value) -> Result<String> {
        self.key.sign(&self.assertion_claims(issuer, change)?)
    }

    pub(crate) fn assertion_claims(&self, issuer: &str, change: &Value) -> Result<Value> {
        let claims = json!({
            "iss": self.id, "sub": self.id, "aud": issuer, "jti": random_text()?,
            "iat": now(), "nbf": now(), "exp": now() + 60,
        });
        Ok(changed(claims, change))
    }

    /// A request object of this request with these claims changed.
    pub(crate) fn request_object(
        &self,
        issuer: &str,
        attempt: &Attempt,
        change: &Value,
    ) -> Result<String> {
        self.key.sign_with(
            &self.object_header(),
            &self.object_claims(issuer, attempt, change),
        )
    }

    pub(crate) fn object_header(&self) -> Value {
        json!({ "alg": "ES256", "typ": "oauth-authz-req+jwt", "kid": self.key.kid })
    }

    pub(crate) fn object_claims(&self, issuer: &str, attempt: &Attempt, change: &Value) -> Value {
        let mut claims = json!({
            "iss": self.id, "aud": issuer, "nbf": now(), "exp": now() + 300,
        });
        for (name, value) in attempt.parameters() {
            claims[name] = value.as_str().into();
        }
        changed(claims, change)
    }

    /// Pushes a form as it should be done.
    pub(crate) async fn push(&self, issuer: &str, form: &[(String, String)]) -> Result<Answered> {
        let assertion = self.assertion(issuer, &json!({}))?;
        self.push_with(issuer, form, &assertion).await
    }

    /// Pushes a form with any assertion.
    pub(crate) async fn push_with(
        &self,
        issuer: &str,
        form: &[(String, String)],
        assertion: &str,
    ) -> Result<Answered> {
        send(
            Method::POST,
            &format!("{issuer}/par"),
            &asserted(form, assertion),
            None,
        )
        .await
    }

    /// Pushes a correct request and yields its `request_uri`.
    pub(crate) async fn pushed(&self, issuer: &str, attempt: &Attempt) -> Result<String> {
        let answered = self.push(issuer, attempt.parameters()).await?;
        anyhow::ensure!(answered.status == 201, "not pushed: {answered:?}");
        Ok(answered.text("request_uri").to_owned())
    }

    /// The address a browser is sent to with this reference.
    pub(crate) fn address(&self, issuer: &str, reference: &str) -> Result<String> {
        let query = [("client_id", self.id.as_str()), ("request_uri", reference)];
        Ok(reqwest::Url::parse_with_params(&format!("{issuer}/authorize"), query)?.into())
    }

    /// Redeems a code as it should be done.
    pub(crate) async fn redeem(
        &self,
        issuer: &str,
        code: &str,
        verifier: &str,
    ) -> Result<Answered> {
        let assertion = self.assertion(issuer, &json!({}))?;
        let form = self.code_form(code, verifier);
        self.redeem_with(issuer, &form, &assertion, Some(&self.dpop))
            .await
    }

    /// The form that redeems a code of its own.
    pub(crate) fn code_form(&self, code: &str, verifier: &str) -> Vec<(String, String)> {
        [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.redirect_uri),
            ("code_verifier", verifier),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
    }

    /// Posts any form to the token endpoint, with any assertion, with a proof by any key or without one. A
    /// demand for a nonce is met once.
    pub(crate) async fn redeem_with(
        &self,
        issuer: &str,
        form: &[(String, String)],
        assertion: &str,
        prover: Option<&SigningKey>,
    ) -> Result<Answered> {
        let address = format!("{issuer}/token");
        let Some(prover) = prover else {
            return send(Method::POST, &address, &asserted(form, assertion), None).await;
        };
        let nonce = a_nonce(issuer).await?;
        let proof = proof(prover, "POST", &address, Some(&nonce), None)?;
        send(
            Method::POST,
            &address,
            &asserted(form, assertion),
            Some(&proof),
        )
        .await
    }

    /// The same by a clock that is this many seconds off.
    pub(crate) async fn redeem_off(
        &self,
        issuer: &str,
        code: &str,
        attempt: &Attempt,
        seconds: i64,
    ) -> Result<Answered> {
        let address = format!("{issuer}/token");
        let form = self.code_form(code, &attempt.verifier);
        let nonce = a_nonce(issuer).await?;
        let at = now() + seconds;
        let proof = proof_at(&self.dpop, ("POST", &address), Some(&nonce), None, at)?;
        let form = asserted(&form, &self.assertion(issuer, &json!({}))?);
        send(Method::POST, &address, &form, Some(&proof)).await
    }

    /// Asks for userinfo with a bound token.
    pub(crate) async fn userinfo(
        &self,
        issuer: &str,
        token: &str,
        scheme: &str,
    ) -> Result<Answered> {
        let address = format!("{issuer}/userinfo");
        let nonce = a_nonce(issuer).await?;
        let proof = proof(&self.dpop, "GET", &address, Some(&nonce), Some(token))?;
        let request = shared_client()
            .get(&address)
            .header("DPoP", proof)
            .header("Authorization", format!("{scheme} {token}"));
        answered(request).await
    }
}

/// A nonce of the hub's, from an answer that gives one.
async fn a_nonce(issuer: &str) -> Result<String> {
    let request = shared_client().post(format!("{issuer}/token"));
    let key = SigningKey::generate("asks")?;
    // A proof that holds any nonce at all is answered with the current one.
    let address = format!("{issuer}/token");
    let proof = proof(&key, "POST", &address, Some("none yet"), None)?;
    let response = request
        .header("DPoP", proof)
        .form(&[("client_id", "x")])
        .send()
        .await?;
    let nonce = response
        .headers()
        .get("DPoP-Nonce")
        .context("no DPoP-Nonce")?;
    Ok(nonce.to_str()?.to_owned())
}

/// A DPoP proof (RFC 9449 §4.2).
pub(crate) fn proof(
    key: &SigningKey,
    method: &str,
    address: &str,
    nonce: Option<&str>,
    token: Option<&str>,
) -> Result<String> {
    proof_at(key, (method, address), nonce, token, now())
}

/// The same, made at this time.
fn proof_at(
    key: &SigningKey,
    (method, address): (&str, &str),
    nonce: Option<&str>,
    token: Option<&str>,
    at: i64,
) -> Result<String> {
    let mut jwk = key.jwk();
    if let Some(jwk) = jwk.as_object_mut() {
        jwk.retain(|name, _| ["kty", "crv", "x", "y"].contains(&name.as_str()));
    }
    let header = json!({ "alg": "ES256", "typ": "dpop+jwt", "jwk": jwk });
    let mut claims = json!({ "jti": random_text()?, "htm": method, "htu": address, "iat": at });
    if let Some(nonce) = nonce {
        claims["nonce"] = nonce.into();
    }
    if let Some(token) = token {
        claims["ath"] = base64url(digest(&SHA256, token.as_bytes()).as_ref()).into();
    }
    key.sign_with(&header, &claims)
}

fn asserted(form: &[(String, String)], assertion: &str) -> Vec<(String, String)> {
    let own = [
        (
            "client_assertion_type",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        ),
        ("client_assertion", assertion),
    ];
    let own = own.map(|(name, value)| (name.to_owned(), value.to_owned()));
    form.iter().cloned().chain(own).collect()
}

/// Sends a form, with a proof where there is one.
pub(crate) async fn send(
    method: Method,
    address: &str,
    form: &[(String, String)],
    proof: Option<&str>,
) -> Result<Answered> {
    let mut request = shared_client().request(method, address).form(form);
    if let Some(proof) = proof {
        request = request.header("DPoP", proof);
    }
    answered(request).await
}

async fn answered(request: reqwest::RequestBuilder) -> Result<Answered> {
    let response = request.send().await?;
    let status = response.status().as_u16();
    let json = serde_json::from_str(&response.text().await?).unwrap_or_default();
    Ok(Answered { status, json })
}
