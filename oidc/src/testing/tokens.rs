//! What tests of tokens do again and again: clients with refresh tokens, resources, and calls to the
//! endpoints about tokens.

use guichet_domain::{GrantId, SessionId};
use serde_json::{Value, json};

use super::{Answered, Form, PERSON, TestHouse, World};
use crate::{AccessTokenFormat, Outcome, Resource, TokenSettings};

/// A resource whose tokens are opaque, spoken for by the client `other`.
pub(crate) const FAMILY: &str = "https://famille.example/api";
/// A resource that reads its tokens by itself, spoken for by nobody.
pub(crate) const TAX: &str = "https://impots.example/api";

/// Settings with both resources.
pub(crate) fn with_resources() -> TokenSettings {
    let resource = |identifier: &str, format, clients: &[&str]| Resource {
        identifier: identifier.to_owned(),
        format,
        scopes: "family_quotient".parse().unwrap(),
        clients: clients.iter().map(|id| id.parse().unwrap()).collect(),
        service_tokens: false,
        claims: Vec::new(),
    };
    TokenSettings {
        resources: vec![
            resource(FAMILY, AccessTokenFormat::Opaque, &["other"]),
            resource(TAX, AccessTokenFormat::Jwt, &[]),
        ],
        ..TokenSettings::default()
    }
}

impl World {
    /// Registers `client` for refresh tokens, with these members besides.
    pub(crate) fn refreshing(&self, client: &str, special: &Value) {
        let mut metadata = json!({
            "grant_types": ["authorization_code", "refresh_token"],
        });
        for (name, value) in special.as_object().unwrap() {
            metadata[name] = value.clone();
        }
        self.clients.add(client, &metadata);
    }

    /// What the next sign-in comes to: the usual person, in the session and with the grant of these
    /// numbers, granting whatever is asked.
    pub(crate) fn next_sign_in(&self, session: u8, grant: u8) {
        *self.house.next.lock().unwrap() = Some(Outcome {
            scopes: EVERYTHING.parse().unwrap(),
            session: SessionId::from_bytes([session; 16]),
            grant: GrantId::from_bytes([grant; 16]),
            person: Some(PERSON),
            ..TestHouse::outcome()
        });
    }

    /// The tokens of `client` for a sign-in that asks for `scope`.
    pub(crate) async fn tokens_with(&self, client: &str, scope: &str) -> Value {
        if self.house.next.lock().unwrap().is_none() {
            self.next_sign_in(7, 9);
        }
        let asked = self
            .authorize(&Form::asking(client).with("scope", scope))
            .await;
        let code = asked.location_parameter("code").unwrap();
        let answered = self.send(Form::redeeming(client, &code).by(client)).await;
        assert_eq!(answered.status, http::StatusCode::OK, "{}", answered.body);
        answered.json()
    }

    /// Brings a refresh token to the token endpoint.
    pub(crate) async fn refresh(&self, client: &str, token: &str) -> Answered {
        self.send(refreshing(token).by(client)).await
    }

    /// Asks what a token stands for.
    pub(crate) async fn introspect(&self, client: &str, token: &str) -> Answered {
        self.about(client, "/token/introspection", token).await
    }

    /// Gives a token back.
    pub(crate) async fn give_back(&self, client: &str, token: &str) -> Answered {
        self.about(client, "/token/revocation", token).await
    }

    /// Posts a token as `client` to one of the endpoints about tokens.
    pub(crate) async fn about(&self, client: &str, path: &str, token: &str) -> Answered {
        let form = Form::empty().with("token", token);
        self.send(form.by_at(path, client)).await
    }

    /// An access token of `basic` for a resource.
    pub(crate) async fn token_for(&self, resource: &str) -> String {
        self.next_sign_in(7, 9);
        let form = Form::asking("basic").with("scope", "openid family_quotient");
        let asked = self.authorize(&form).await;
        let code = asked.location_parameter("code").unwrap();
        let form = Form::redeeming("basic", &code).with("resource", resource);
        let tokens = self.send(form.by("basic")).await.json();
        assert_eq!(tokens["scope"], "family_quotient");
        text(&tokens, "access_token").to_owned()
    }
}

/// A refresh request, but for the client's authentication.
pub(crate) fn refreshing(token: &str) -> Form {
    Form::empty()
        .with("grant_type", "refresh_token")
        .with("refresh_token", token)
}

/// A member of a token answer.
pub(crate) fn text<'a>(answer: &'a Value, member: &str) -> &'a str {
    answer[member]
        .as_str()
        .unwrap_or_else(|| panic!("no {member}: {answer}"))
}

const EVERYTHING: &str = "openid given_name family_name email family_quotient offline_access";
