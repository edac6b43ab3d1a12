//! The load: a citizen who walks the real pages, and the service that takes the answer.
//!
//! The same walker walks the product and the floor: it goes where it is sent, sends the hidden fields of the forms it
//! is shown, keeps cookies, and stops where the service would be.

mod fetching;

use std::collections::HashMap;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail, ensure};
use aws_lc_rs::digest;
use guichet_integration_tests::keys::{SigningKey, base64url, random_text};
use serde_json::{Value, json};

use crate::connection::{Answer, Connection};

use self::fetching::Fetching;

/// A service, as it is registered at the hub.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Service {
    /// Its `client_id`.
    pub(crate) id: &'static str,
    /// Its `client_secret`.
    pub(crate) secret: &'static str,
    /// Where the walk ends; nobody serves it.
    pub(crate) redirect_uri: &'static str,
    /// How it has its userinfo.
    pub(crate) userinfo: UserinfoForm,
    /// Whether it may refresh its tokens.
    pub(crate) refreshes: bool,
}

/// How userinfo is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UserinfoForm {
    /// As JSON.
    Json,
    /// As a JWT that is signed.
    Signed,
    /// As a JWT that is signed, then encrypted.
    Encrypted,
}

/// Has its userinfo as JSON.
pub(crate) const PLAIN: Service = Service {
    id: "bench-plain",
    secret: "4f1c8a90d1e24b0d8a35f2be0d5a7c11",
    redirect_uri: "https://plain.example/callback",
    userinfo: UserinfoForm::Json,
    refreshes: false,
};

/// Has its userinfo signed.
pub(crate) const SIGNED: Service = Service {
    id: "bench-signed",
    secret: "9b27e6d7c0ff4e6f94c1f3f6a1d8e2b4",
    redirect_uri: "https://signed.example/callback",
    userinfo: UserinfoForm::Signed,
    refreshes: false,
};

/// Has its userinfo signed, then encrypted.
pub(crate) const ENCRYPTED: Service = Service {
    id: "bench-encrypted",
    secret: "0d3e5b7a9c1f4e2d8b6a7c5e3f1d9b80",
    redirect_uri: "https://encrypted.example/callback",
    userinfo: UserinfoForm::Encrypted,
    refreshes: false,
};

/// Refreshes its tokens.
pub(crate) const RENEWING: Service = Service {
    id: "bench-renewing",
    secret: "7c2a9e4f6b8d4d0f9a1c3e5b7d9f1a24",
    redirect_uri: "https://renewing.example/callback",
    userinfo: UserinfoForm::Json,
    refreshes: true,
};

/// Fetches evidence.
pub(crate) const FETCHING: Service = Service {
    id: "bench-fetching",
    secret: "5e8d1b3c7a9f4c2e8d6b0a4f2c7e9d13",
    redirect_uri: "https://fetching.example/callback",
    userinfo: UserinfoForm::Json,
    refreshes: false,
};

/// Holds that evidence.
pub(crate) const HOLDER: Service = Service {
    id: "bench-holder",
    secret: "a3f7c1e9d5b84f60927e4c8a1d3b5f76",
    redirect_uri: "https://holder.example/callback",
    userinfo: UserinfoForm::Json,
    refreshes: false,
};

/// The provider everybody signs in with.
pub(crate) const PROVIDER: &str = "bench";

/// What services ask for: all six facts of civil status, and the address.
const SCOPE: &str = "openid%20identite_pivot%20email";

/// One citizen at a time, on kept-alive connections.
pub(crate) struct Walker {
    hub: String,
    service: Service,
    verifier: String,
    connections: HashMap<String, Connection>,
    cookies: Vec<(String, String)>,
    codes: Vec<String>,
    access_token: String,
    refresh_token: String,
    /// What it proves possession of.
    key: SigningKey,
    /// What it fetches evidence with.
    fetching: Option<Fetching>,
    /// The longest page seen at each step, in bytes.
    pub(crate) pages: HashMap<&'static str, usize>,
}

/// Longer walks are loops.
const MOST_STEPS: usize = 16;

impl Walker {
    /// At the hub `issuer`, for `service`.
    pub(crate) fn new(issuer: &str, service: Service) -> Result<Self> {
        let (authority, _) = split(issuer).context("not an issuer")?;
        Ok(Self {
            hub: authority.to_owned(),
            service,
            verifier: random_text()?,
            connections: HashMap::new(),
            cookies: Vec::new(),
            codes: Vec::new(),
            access_token: String::new(),
            refresh_token: String::new(),
            key: SigningKey::generate("walker")?,
            fetching: None,
            pages: HashMap::new(),
        })
    }

    /// A whole first login of a new citizen: from the service to the service, then tokens and claims.
    pub(crate) async fn sign_in(&mut self) -> Result<()> {
        self.cookies.clear();
        let code = self.obtain_code("").await?;
        self.redeem(&code, "").await?;
        self.userinfo().await
    }

    /// The same under a live session: nothing is shown.
    pub(crate) async fn sign_on(&mut self) -> Result<()> {
        let code = self.obtain_code("&prompt=none").await?;
        self.redeem(&code, "").await?;
        self.userinfo().await
    }

    /// A code to be spent later, obtained under a live session.
    pub(crate) async fn gather_code(&mut self) -> Result<()> {
        let code = self.obtain_code("&prompt=none").await?;
        self.codes.push(code);
        Ok(())
    }

    /// Spends a code gathered before, if one is left.
    pub(crate) async fn spend_code(&mut self) -> Result<()> {
        let code = self.codes.pop().context("no code left")?;
        self.redeem(&code, "").await
    }

    /// The same with a proof of possession (RFC 9449 §5).
    pub(crate) async fn spend_code_with_proof(&mut self) -> Result<()> {
        let code = self.codes.pop().context("no code left")?;
        let proof = self.proof()?;
        self.redeem(&code, &proof).await
    }

    /// New tokens for the refresh token of the last ones.
    pub(crate) async fn refresh(&mut self) -> Result<()> {
        let body = format!(
            "grant_type=refresh_token&refresh_token={}&{}",
            self.refresh_token,
            self.credentials()
        );
        self.tokens(&body, "").await
    }

    /// Asks what the access token stands for (RFC 7662).
    pub(crate) async fn introspect(&mut self) -> Result<()> {
        let body = format!("token={}&{}", self.access_token, self.credentials());
        let answer = self.post("/token/introspection", &body, "").await?;
        ensure!(
            answer.body.contains("\"active\":true"),
            "introspection: {} {}",
            answer.status,
            answer.body
        );
        Ok(())
    }

    /// Pushes an authorization request (RFC 9126).
    pub(crate) async fn push(&mut self) -> Result<()> {
        let body = format!("{}&client_secret={}", self.request()?, self.service.secret);
        let answer = self.post("/par", &body, "").await?;
        ensure!(
            answer.status == 201,
            "a pushed request: {} {}",
            answer.status,
            answer.body
        );
        Ok(())
    }

    /// A proof of possession for the token endpoint, as a line of headers.
    pub(crate) fn proof(&self) -> Result<String> {
        let public = self.key.jwk();
        let header = json!({
            "typ": "dpop+jwt", "alg": "ES256",
            "jwk": { "kty": "EC", "crv": "P-256", "x": public["x"], "y": public["y"] },
        });
        let claims = json!({
            "jti": random_text()?, "htm": "POST", "htu": format!("http://{}/token", self.hub),
            "iat": seconds()?,
        });
        let proof = self.key.sign_with(&header, &claims)?;
        Ok(format!("dpop: {proof}\r\n"))
    }

    /// How many codes are gathered.
    pub(crate) fn codes(&self) -> usize {
        self.codes.len()
    }

    /// Asks for the claims.
    pub(crate) async fn userinfo(&mut self) -> Result<()> {
        let headers = format!("authorization: Bearer {}\r\n", self.access_token);
        let hub = self.hub.clone();
        let answer = self
            .connection(&hub)
            .send("GET", "/userinfo", &headers, "")
            .await?;
        let is_right = match self.service.userinfo {
            UserinfoForm::Json => answer.body.contains("family_name"),
            UserinfoForm::Signed => answer.body.split('.').count() == 3,
            UserinfoForm::Encrypted => answer.body.split('.').count() == 5,
        };
        ensure!(
            answer.status == 200 && is_right,
            "userinfo: {} {}",
            answer.status,
            answer.body
        );
        Ok(())
    }

    /// Asks for a public document.
    pub(crate) async fn document(&mut self, path: &str) -> Result<()> {
        let hub = self.hub.clone();
        let answer = self.connection(&hub).send("GET", path, "", "").await?;
        ensure!(answer.status == 200, "{path}: {}", answer.status);
        Ok(())
    }

    async fn obtain_code(&mut self, more: &str) -> Result<String> {
        let mut next = format!("http://{}/authorize?{}{more}", self.hub, self.request()?);
        for _ in 0..MOST_STEPS {
            if next.starts_with(self.service.redirect_uri) {
                return code_of(&next);
            }
            let answer = self.get(&next).await?;
            let answer = if answer.status == 200 {
                self.fill_in(&next, &answer.body).await?
            } else {
                answer
            };
            let Some(location) = answer
                .location
                .filter(|_| (301..=308).contains(&answer.status))
            else {
                bail!("{next}: {} {}", answer.status, beginning(&answer.body));
            };
            next = if location.starts_with('/') {
                let (authority, _) = split(&next).context("not an address")?;
                format!("http://{authority}{location}")
            } else {
                location
            };
        }
        bail!("a walk without end: {next}")
    }

    /// The parameters of an authorization request.
    fn request(&self) -> Result<String> {
        let challenge =
            base64url(digest::digest(&digest::SHA256, self.verifier.as_bytes()).as_ref());
        Ok(format!(
            "response_type=code&client_id={}&redirect_uri={}&scope={SCOPE}&state={}&nonce={}\
             &code_challenge={challenge}&code_challenge_method=S256",
            self.service.id,
            encode(self.service.redirect_uri),
            random_text()?,
            random_text()?,
        ))
    }

    async fn get(&mut self, address: &str) -> Result<Answer> {
        let (authority, path) =
            split(address).with_context(|| format!("not an address: {address}"))?;
        let headers = self.headers(authority, "");
        let answer = self
            .connection(authority)
            .send("GET", path, &headers, "")
            .await?;
        self.keep(authority, &answer);
        Ok(answer)
    }

    /// Presses the button that leads on.
    async fn fill_in(&mut self, address: &str, page: &str) -> Result<Answer> {
        let (step, marker, field) = if address.ends_with("/provider") {
            (
                "provider",
                "name=\"provider\"",
                format!("provider={PROVIDER}"),
            )
        } else if address.ends_with("/consent") {
            ("consent", "value=\"accept\"", "decision=accept".to_owned())
        } else if address.ends_with("/evidence") {
            fetching::on_evidence(page)
        } else {
            bail!("{address}: an unexpected page: {}", beginning(page));
        };
        let longest = self.pages.entry(step).or_default();
        *longest = page.len().max(*longest);
        let csrf = hidden_csrf(page, marker)
            .with_context(|| format!("{address}: no form with {marker}: {}", beginning(page)))?;
        let more = fetching::hidden_of_evidence(page, marker);
        let body = format!("{field}&csrf={csrf}{more}");
        let (authority, path) = split(address).context("not an address")?;
        let headers = format!(
            "origin: http://{authority}\r\nsec-fetch-site: same-origin\r\n\
             content-type: application/x-www-form-urlencoded\r\n"
        );
        let headers = self.headers(authority, &headers);
        let answer = self
            .connection(authority)
            .send("POST", path, &headers, &body)
            .await?;
        self.keep(authority, &answer);
        Ok(answer)
    }

    async fn redeem(&mut self, code: &str, headers: &str) -> Result<()> {
        let body = format!(
            "grant_type=authorization_code&code={code}&redirect_uri={}&code_verifier={}&{}",
            encode(self.service.redirect_uri),
            self.verifier,
            self.credentials(),
        );
        self.tokens(&body, headers).await
    }

    async fn tokens(&mut self, body: &str, headers: &str) -> Result<()> {
        self.answered_tokens(body, headers).await.map(drop)
    }

    /// The same; all of the answer.
    async fn answered_tokens(&mut self, body: &str, headers: &str) -> Result<Value> {
        let answer = self.post("/token", body, headers).await?;
        let json: Value = serde_json::from_str(&answer.body).unwrap_or_default();
        let (Some(access_token), Some(_)) =
            (json["access_token"].as_str(), json["id_token"].as_str())
        else {
            bail!("token: {} {}", answer.status, answer.body);
        };
        access_token.clone_into(&mut self.access_token);
        if let Some(refresh_token) = json["refresh_token"].as_str() {
            refresh_token.clone_into(&mut self.refresh_token);
        }
        Ok(json)
    }

    /// The service's own request to the hub: a form, with further `headers`.
    async fn post(&mut self, path: &str, body: &str, headers: &str) -> Result<Answer> {
        let hub = self.hub.clone();
        let headers = format!(
            "content-type: application/x-www-form-urlencoded\r\naccept: application/json\r\n{headers}"
        );
        self.connection(&hub)
            .send("POST", path, &headers, body)
            .await
    }

    fn credentials(&self) -> String {
        let Service { id, secret, .. } = self.service;
        format!("client_id={id}&client_secret={secret}")
    }

    /// What a browser sends with a request, cookies to the hub only.
    fn headers(&self, authority: &str, more: &str) -> String {
        let mut headers = format!(
            "user-agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n\
             accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n\
             accept-language: fr,en;q=0.5\r\n{more}"
        );
        if authority == self.hub && !self.cookies.is_empty() {
            let pairs: Vec<String> = self
                .cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            headers.extend(["cookie: ", &pairs.join("; "), "\r\n"]);
        }
        headers
    }

    fn keep(&mut self, authority: &str, answer: &Answer) {
        if authority != self.hub {
            return;
        }
        for (name, value) in &answer.cookies {
            self.cookies.retain(|(known, _)| known != name);
            self.cookies.push((name.clone(), value.clone()));
        }
    }

    fn connection(&mut self, authority: &str) -> &mut Connection {
        if !self.connections.contains_key(authority) {
            self.connections
                .insert(authority.to_owned(), Connection::to(authority));
        }
        // Just put there; the entry API would copy the name each time.
        self.connections
            .entry(authority.to_owned())
            .or_insert_with(|| Connection::to(authority))
    }
}

/// `http://host:port/path` as `host:port` and `/path`.
pub(crate) fn split(address: &str) -> Option<(&str, &str)> {
    let rest = address.strip_prefix("http://")?;
    match rest.find('/') {
        Some(at) => Some(rest.split_at(at)),
        None => Some((rest, "/")),
    }
}

/// The hidden token of the form that holds `marker`.
fn hidden_csrf<'p>(page: &'p str, marker: &str) -> Option<&'p str> {
    let form = page.split("<form").skip(1).find(|form| {
        let end = form.find("</form>").unwrap_or(form.len());
        form[..end].contains(marker)
    })?;
    let (_, rest) = form.split_once("name=\"csrf\" value=\"")?;
    rest.split('"').next()
}

/// The time, in seconds since 1970.
fn seconds() -> Result<u64> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())
}

fn code_of(address: &str) -> Result<String> {
    let query = address.split_once('?').map_or("", |(_, query)| query);
    let code = query.split('&').find_map(|pair| pair.strip_prefix("code="));
    Ok(code
        .with_context(|| format!("no code: {address}"))?
        .to_owned())
}

fn encode(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn beginning(text: &str) -> String {
    text.chars().take(1500).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_of_the_right_form_is_found() {
        let page = r#"<form action="/a"><input type="hidden" name="csrf" value="wrong"></form>
            <form><input type="hidden" name="csrf" value="right"><button name="provider" value="x"></button></form>"#;
        assert_eq!(hidden_csrf(page, "name=\"provider\""), Some("right"));
        assert_eq!(hidden_csrf(page, "value=\"accept\""), None);
    }

    #[test]
    fn an_address_is_split_and_a_code_is_read() {
        assert_eq!(
            split("http://localhost:1/a?b"),
            Some(("localhost:1", "/a?b"))
        );
        assert_eq!(
            code_of("https://x/cb?state=1&code=abc&iss=y").unwrap(),
            "abc"
        );
        assert!(code_of("https://x/cb?error=access_denied").is_err());
    }
}
