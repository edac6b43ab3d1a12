//! Requests as clients send them.

use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use guichet_keys::pkce_s256;
use http::{Method, Request, header};

use super::{SECRET, VERIFIER};

/// Parameters, in order.
#[derive(Clone, Debug)]
pub(crate) struct Form(pub(crate) Vec<(String, String)>);

impl Form {
    pub(crate) fn empty() -> Self {
        Self(Vec::new())
    }

    /// An authorization request of `client` that is accepted as it stands.
    pub(crate) fn asking(client: &str) -> Self {
        Self::empty()
            .with("client_id", client)
            .with("redirect_uri", &redirect_uri(client))
            .with("response_type", "code")
            .with("scope", "openid given_name email")
            .with("state", "a state")
            .with("nonce", "a nonce")
            .with("code_challenge", &pkce_s256(VERIFIER))
            .with("code_challenge_method", "S256")
    }

    /// A token request that holds, but for the client's authentication.
    pub(crate) fn redeeming(client: &str, code: &str) -> Self {
        Self::empty()
            .with("grant_type", "authorization_code")
            .with("code", code)
            .with("redirect_uri", &redirect_uri(client))
            .with("code_verifier", VERIFIER)
    }

    /// Sets a parameter.
    pub(crate) fn with(self, name: &str, value: &str) -> Self {
        let mut form = self.without(name);
        form.0.push((name.to_owned(), value.to_owned()));
        form
    }

    /// Adds a parameter, whether it is there already or not.
    pub(crate) fn and(mut self, name: &str, value: &str) -> Self {
        self.0.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Leaves a parameter out.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.0.retain(|(other, _)| other != name);
        self
    }

    pub(crate) fn text(&self) -> String {
        url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&self.0)
            .finish()
    }

    pub(crate) fn posted(&self, path: &str) -> Request<Body> {
        Request::post(path)
            .header(
                header::CONTENT_TYPE,
                "application/x-www-form-urlencoded;charset=UTF-8",
            )
            .body(Body::from(self.text()))
            .unwrap()
    }

    /// The token request as `client` sends it, with its registered method.
    pub(crate) fn by(&self, client: &str) -> Request<Body> {
        self.by_at("/token", client)
    }

    /// The same at another endpoint.
    pub(crate) fn by_at(&self, path: &str, client: &str) -> Request<Body> {
        match client {
            "post" => self
                .clone()
                .with("client_id", client)
                .with("client_secret", SECRET)
                .posted(path),
            "public" | "tv" => self.clone().with("client_id", client).posted(path),
            _ => self.with_basic_at(path, client, SECRET),
        }
    }

    pub(crate) fn with_basic(&self, id: &str, secret: &str) -> Request<Body> {
        self.with_basic_at("/token", id, secret)
    }

    fn with_basic_at(&self, path: &str, id: &str, secret: &str) -> Request<Body> {
        let mut request = self.posted(path);
        let credentials = STANDARD.encode(format!("{id}:{secret}"));
        request.headers_mut().insert(
            header::AUTHORIZATION,
            format!("Basic {credentials}").parse().unwrap(),
        );
        request
    }

    pub(crate) fn with_assertion(&self, assertion: &str) -> Self {
        self.clone()
            .with(
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            )
            .with("client_assertion", assertion)
    }

    pub(crate) fn method(self, method: Method, path: &str) -> Request<Body> {
        let mut request = self.posted(path);
        *request.method_mut() = method;
        request
    }
}

pub(crate) fn redirect_uri(client: &str) -> String {
    format!("https://{client}.example/callback?tenant=a%20b")
}
