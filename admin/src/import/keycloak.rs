//! A realm of Keycloak, as its console or `kc.sh export` writes it: OpenID Connect clients and identity
//! providers. What Guichet does another way (realm roles, mappers, flows, users) stays behind.

use std::collections::BTreeMap;

use guichet_domain::client::ClientKind;
use guichet_domain::provider::ProviderAuthentication;
use guichet_domain::{ClientMetadata, ProviderMetadata, told};
use serde::Deserialize;

use super::{Imported, SIGN_IN_ALONE, Unreadable, addresses};

/// Reads the text of a realm export.
pub fn keycloak(text: &str) -> Result<Imported, Unreadable> {
    let realm: Realm = serde_json::from_str(text).map_err(|error| Unreadable(told(&error)))?;
    let mut imported = Imported::default();
    for client in realm.clients {
        client.import(&mut imported);
    }
    for provider in realm.identity_providers {
        provider.import(&mut imported);
    }
    Ok(imported)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Realm {
    #[serde(default)]
    clients: Vec<KeycloakClient>,
    #[serde(default)]
    identity_providers: Vec<KeycloakProvider>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "members of the export, each a choice of its own"
)]
struct KeycloakClient {
    client_id: String,
    name: Option<String>,
    enabled: bool,
    protocol: Option<String>,
    public_client: bool,
    bearer_only: bool,
    client_authenticator_type: Option<String>,
    secret: Option<String>,
    root_url: Option<String>,
    base_url: Option<String>,
    redirect_uris: Vec<String>,
    standard_flow_enabled: bool,
    implicit_flow_enabled: bool,
    direct_access_grants_enabled: bool,
    service_accounts_enabled: bool,
    attributes: BTreeMap<String, String>,
}

impl Default for KeycloakClient {
    fn default() -> Self {
        Self {
            client_id: String::new(),
            name: None,
            enabled: true,
            protocol: None,
            public_client: false,
            bearer_only: false,
            client_authenticator_type: None,
            secret: None,
            root_url: None,
            base_url: None,
            redirect_uris: Vec::new(),
            standard_flow_enabled: true,
            implicit_flow_enabled: false,
            direct_access_grants_enabled: false,
            service_accounts_enabled: false,
            attributes: BTreeMap::new(),
        }
    }
}

impl KeycloakClient {
    fn import(self, imported: &mut Imported) {
        let id = self.client_id.clone();
        let place = format!("client {id}");
        if OF_KEYCLOAK.contains(&id.as_str()) {
            return imported.left(&place, &id, "Keycloak's own");
        }
        if self
            .protocol
            .as_deref()
            .is_some_and(|it| it != "openid-connect")
        {
            return imported.left(&place, &id, "not of OpenID Connect");
        }
        if self.bearer_only || !self.standard_flow_enabled {
            return imported.left(&place, &id, "signs nobody in by a code");
        }
        let mut remarks = self.lost();
        let metadata = self.metadata(&mut remarks);
        remarks.push("scope: openid alone: name what it may ask citizens for".to_owned());
        remarks.push("kind: private: say `public` where its citizens need not be asked".to_owned());
        imported.client(&place, metadata, remarks);
    }

    /// What it may there and may not here.
    fn lost(&self) -> Vec<String> {
        let lost = [
            (
                self.implicit_flow_enabled,
                "the implicit flow is not there (RFC 9700 §2.1.2)",
            ),
            (
                self.direct_access_grants_enabled,
                "passwords are not taken from clients (RFC 9700 §2.4)",
            ),
            (
                self.service_accounts_enabled,
                "its service account is not taken along",
            ),
        ];
        let lost = lost.into_iter().filter(|(is_so, _)| *is_so);
        lost.map(|(_, remark)| remark.to_owned()).collect()
    }

    /// An attribute that says something.
    fn attribute(&self, name: &str) -> Option<String> {
        let value = self.attributes.get(name);
        value.filter(|value| !value.is_empty()).cloned()
    }

    fn is_on(&self, name: &str) -> bool {
        self.attribute(name).as_deref() == Some("true")
    }

    /// How it says who it is.
    fn method(&self) -> &'static str {
        let kind = self.client_authenticator_type.as_deref();
        match (self.public_client, kind) {
            (true, _) => "none",
            (false, Some("client-jwt")) => "private_key_jwt",
            (false, Some("client-secret-jwt")) => "client_secret_jwt",
            (false, Some("client-x509")) => "tls_client_auth",
            (false, _) => "client_secret_basic",
        }
    }

    fn grant_types(&self) -> Vec<String> {
        let mut grant_types = vec!["authorization_code".to_owned()];
        if self.is_on("use.refresh.tokens") {
            grant_types.push("refresh_token".to_owned());
        }
        if self.is_on("oauth2.device.authorization.grant.enabled") {
            grant_types.push("urn:ietf:params:oauth:grant-type:device_code".to_owned());
        }
        grant_types
    }

    fn metadata(self, remarks: &mut Vec<String>) -> ClientMetadata {
        let absolute = |address: String| match &self.root_url {
            Some(root) if address.starts_with('/') => {
                format!("{}{address}", root.trim_end_matches('/'))
            }
            _ => address,
        };
        let attribute = |name: &str| self.attribute(name);
        let is_on = |name: &str| self.is_on(name);
        let method = self.method();
        let after_logout = attribute("post.logout.redirect.uris").unwrap_or_default();
        let after_logout = after_logout
            .split("##")
            .filter(|it| !it.is_empty() && *it != "+");
        let redirect_uris = self.redirect_uris.iter().cloned().map(absolute).collect();
        let secret = self.secret.clone().filter(|secret| !is_masked(secret));
        ClientMetadata {
            client_id: self.client_id.clone(),
            client_name: self
                .name
                .clone()
                .filter(|name| !name.is_empty() && !name.starts_with("${")),
            client_secret: secret.filter(|_| method.starts_with("client_secret_")),
            redirect_uris: addresses("redirect_uris", redirect_uris, remarks),
            post_logout_redirect_uris: addresses(
                "post_logout_redirect_uris",
                after_logout.map(|it| absolute(it.to_owned())).collect(),
                remarks,
            ),
            token_endpoint_auth_method: Some(method.to_owned()),
            token_endpoint_auth_signing_alg: attribute("token.endpoint.auth.signing.alg"),
            tls_client_auth_subject_dn: attribute("x509.subjectdn")
                .filter(|_| method == "tls_client_auth"),
            jwks_uri: attribute("jwks.url").filter(|_| is_on("use.jwks.url")),
            grant_types: Some(self.grant_types()),
            id_token_signed_response_alg: attribute("id.token.signed.response.alg"),
            id_token_encrypted_response_alg: attribute("id.token.encrypted.response.alg"),
            id_token_encrypted_response_enc: attribute("id.token.encrypted.response.enc"),
            userinfo_signed_response_alg: attribute("user.info.response.signature.alg"),
            userinfo_encrypted_response_alg: attribute("user.info.encrypted.response.alg"),
            userinfo_encrypted_response_enc: attribute("user.info.encrypted.response.enc"),
            require_pushed_authorization_requests: Some(is_on(
                "require.pushed.authorization.requests",
            )),
            dpop_bound_access_tokens: Some(is_on("dpop.bound.access.tokens")),
            tls_client_certificate_bound_access_tokens: Some(is_on(
                "tls.client.certificate.bound.access.tokens",
            )),
            // Where the realm says nothing, what is asked of every client here is.
            require_pkce: attribute("pkce.code.challenge.method")
                .filter(|method| method == "S256")
                .map(|_| true),
            scope: Some(SIGN_IN_ALONE.to_owned()),
            backchannel_logout_uri: attribute("backchannel.logout.url"),
            frontchannel_logout_uri: attribute("frontchannel.logout.url"),
            client_uri: self
                .base_url
                .clone()
                .map(absolute)
                .filter(|it| it.starts_with("http")),
            logo_uri: attribute("logoUri"),
            policy_uri: attribute("policyUri"),
            tos_uri: attribute("tosUri"),
            kind: Some(ClientKind::Private),
            active: Some(self.enabled),
            ..ClientMetadata::default()
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct KeycloakProvider {
    alias: String,
    #[serde(default)]
    display_name: Option<String>,
    provider_id: String,
    #[serde(default = "yes")]
    enabled: bool,
    #[serde(default)]
    config: BTreeMap<String, String>,
}

impl KeycloakProvider {
    fn import(self, imported: &mut Imported) {
        let place = format!("identity provider {}", self.alias);
        if !matches!(self.provider_id.as_str(), "oidc" | "keycloak-oidc") {
            return imported.left(&place, &self.alias, "not of OpenID Connect");
        }
        let mut remarks = vec!["say what levels it may assert: `levels`, `acr_map`".to_owned()];
        let method = match self.config.get("clientAuthMethod").map(String::as_str) {
            Some("private_key_jwt") => ProviderAuthentication::PrivateKeyJwt,
            Some("client_secret_basic") => ProviderAuthentication::ClientSecretBasic,
            Some("client_secret_jwt") => {
                remarks.push("client_secret_jwt: another method is needed".to_owned());
                ProviderAuthentication::ClientSecretBasic
            }
            _ => ProviderAuthentication::ClientSecretPost,
        };
        let config = |name: &str| {
            let value = self.config.get(name);
            value.filter(|value| !value.is_empty()).cloned()
        };
        let secret = config("clientSecret").filter(|secret| !is_masked(secret));
        let metadata = ProviderMetadata {
            id: self.alias.clone(),
            name: self.display_name.clone().filter(|name| !name.is_empty()),
            issuer: config("issuer").unwrap_or_default(),
            client_id: config("clientId").unwrap_or_default(),
            client_secret: secret.filter(|_| method.takes_secret()),
            discovery: Some(false),
            authorization_endpoint: config("authorizationUrl"),
            token_endpoint: config("tokenUrl"),
            userinfo_endpoint: config("userInfoUrl"),
            jwks_uri: config("jwksUrl"),
            end_session_endpoint: config("logoutUrl"),
            token_endpoint_auth_method: Some(method),
            scope: config("defaultScope"),
            order: config("guiOrder").and_then(|order| order.parse().ok()),
            active: Some(self.enabled),
            ..ProviderMetadata::default()
        };
        imported.provider(&place, metadata, remarks);
    }
}

/// In an export from the console a secret is stars, or a reference to a vault.
fn is_masked(secret: &str) -> bool {
    secret.chars().all(|letter| letter == '*') || secret.starts_with("${")
}

const fn yes() -> bool {
    true
}

/// Clients that every realm has for itself.
const OF_KEYCLOAK: [&str; 6] = [
    "account",
    "account-console",
    "admin-cli",
    "broker",
    "realm-management",
    "security-admin-console",
];
