//! Clients: services registered to sign citizens in, in the words of RFC 7591.

use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::redirect_uri::RedirectUriError;
use crate::{Acr, ClientId, ProviderId, RedirectUri, Scopes, Sector};

/// A signature algorithm for what the hub signs (RFC 7518 §3.1, RFC 8037 §3.1).
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
pub enum SigningAlg {
    /// ECDSA on P-256 with SHA-256: the default.
    #[default]
    #[serde(rename = "ES256")]
    Es256,
    /// RSA PKCS#1 v1.5 with SHA-256: for clients that know nothing else.
    #[serde(rename = "RS256")]
    Rs256,
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
}

impl SigningAlg {
    /// Every algorithm, the default first.
    pub const ALL: [Self; 3] = [Self::Es256, Self::Rs256, Self::EdDsa];

    /// The value of `alg`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
            Self::EdDsa => "EdDSA",
        }
    }
}

impl FromStr for SigningAlg {
    type Err = UnknownAlg;

    fn from_str(text: &str) -> Result<Self, UnknownAlg> {
        Self::ALL
            .into_iter()
            .find(|alg| alg.as_str() == text)
            .ok_or(UnknownAlg)
    }
}

/// Not an algorithm the hub signs with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the hub signs with ES256, RS256 or EdDSA")]
pub struct UnknownAlg;

/// SHA-256 of a client secret. Secrets are 256 random bits, so a plain hash does not yield them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SecretHash(#[serde(with = "crate::id::base64url_bytes")] Vec<u8>);

impl SecretHash {
    /// From the 32 bytes of the hash.
    pub fn from_bytes(hash: [u8; 32]) -> Self {
        Self(hash.to_vec())
    }

    /// The bytes; compare them in constant time.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// How a client proves itself at the token endpoint.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "snake_case")]
pub enum ClientAuthentication {
    /// HTTP Basic with a secret (RFC 6749 §2.3.1).
    ClientSecretBasic {
        /// What the secret hashes to.
        secret: SecretHash,
    },
    /// A secret in the form body (RFC 6749 §2.3.1).
    ClientSecretPost {
        /// What the secret hashes to.
        secret: SecretHash,
    },
    /// A signed assertion (RFC 7523 §2.2, OIDC Core §9), verified with the client's `jwks`.
    PrivateKeyJwt {
        /// The client's JWK Set (RFC 7517 §5), as registered; public keys only.
        jwks: serde_json::Value,
    },
    /// A public client: PKCE is its only proof.
    None,
}

impl ClientAuthentication {
    /// The value of `token_endpoint_auth_method`.
    pub const fn method(&self) -> &'static str {
        match self {
            Self::ClientSecretBasic { .. } => "client_secret_basic",
            Self::ClientSecretPost { .. } => "client_secret_post",
            Self::PrivateKeyJwt { .. } => "private_key_jwt",
            Self::None => "none",
        }
    }
}

/// What kind of body runs the service: it decides what a citizen is asked.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ClientKind {
    /// A public body: the citizen is informed of what it receives.
    #[default]
    Public,
    /// A private body: the citizen must consent.
    Private,
}

/// A registered client, checked. Immutable: a change is a new value in the registry.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    /// Its `client_id`.
    pub id: ClientId,
    /// The name citizens see.
    pub name: String,
    /// Who runs it.
    pub kind: ClientKind,
    /// The legal entity it belongs to, whose clients share pseudonyms; without one its redirect
    /// URIs' host is its sector.
    pub sector: Sector,
    /// Whether it may sign anyone in at all.
    pub active: bool,
    /// How it authenticates.
    pub authentication: ClientAuthentication,
    /// Where answers may go.
    pub redirect_uris: Vec<RedirectUri>,
    /// Where a browser may go after signing out.
    pub post_logout_redirect_uris: Vec<RedirectUri>,
    /// Where logout tokens go (OIDC Back-Channel Logout §2.2).
    pub backchannel_logout_uri: Option<Url>,
    /// Whether PKCE (S256) is required of it. Public clients need it whatever this says.
    pub require_pkce: bool,
    /// Scopes it may ask for.
    pub scopes: Scopes,
    /// The level asked for when the request names none.
    pub default_acr: Acr,
    /// How its ID tokens are signed.
    pub id_token_alg: SigningAlg,
    /// How its userinfo answers are signed; `None` for plain JSON.
    pub userinfo_alg: Option<SigningAlg>,
    /// Which providers may serve it; `None` for all.
    pub providers: Option<Vec<ProviderId>>,
    /// Its home page.
    pub client_uri: Option<Url>,
    /// Where a login can be started from outside (OIDC Core §4).
    pub initiate_login_uri: Option<Url>,
    /// Its privacy policy.
    pub policy_uri: Option<Url>,
}

impl Client {
    /// The registered redirect URI that `requested` is, if any.
    pub fn redirect_uri(&self, requested: &str) -> Option<&RedirectUri> {
        self.redirect_uris
            .iter()
            .find(|registered| registered.matches(requested))
    }

    /// The registered post-logout redirect URI that `requested` is, if any.
    pub fn post_logout_redirect_uri(&self, requested: &str) -> Option<&RedirectUri> {
        self.post_logout_redirect_uris
            .iter()
            .find(|registered| registered.matches(requested))
    }

    /// Whether a request must carry a PKCE challenge.
    pub fn must_use_pkce(&self) -> bool {
        self.require_pkce || matches!(self.authentication, ClientAuthentication::None)
    }

    /// Whether citizens must agree before this client receives anything.
    pub fn needs_consent(&self) -> bool {
        self.kind == ClientKind::Private
    }
}

/// A client as it is declared: in a file, by the API or on the command line. Members are those of
/// RFC 7591 §2, OIDC Registration §2 and Back-Channel Logout §2.2, and a few of ours.
#[derive(Clone, Deserialize, schemars::JsonSchema, Serialize)]
pub struct ClientMetadata {
    /// Its identifier.
    pub client_id: String,
    /// Its secret, in clear: only ever on the way in.
    #[serde(default, skip_serializing)]
    pub client_secret: Option<String>,
    /// The name citizens see; the identifier when there is none.
    #[serde(default)]
    pub client_name: Option<String>,
    /// Where answers may go; at least one.
    #[serde(default)]
    pub redirect_uris: Vec<String>,
    /// Where a browser may go after signing out.
    #[serde(default)]
    pub post_logout_redirect_uris: Vec<String>,
    /// `client_secret_basic` (default), `client_secret_post`, `private_key_jwt` or `none`.
    #[serde(default)]
    pub token_endpoint_auth_method: Option<String>,
    /// Public keys of a `private_key_jwt` client.
    #[serde(default)]
    pub jwks: Option<serde_json::Value>,
    /// Scopes it may ask for, separated by spaces; every identity scope when there is none.
    #[serde(default)]
    pub scope: Option<String>,
    /// Only `authorization_code`.
    #[serde(default)]
    pub grant_types: Option<Vec<String>>,
    /// Only `code`.
    #[serde(default)]
    pub response_types: Option<Vec<String>>,
    /// `ES256` (default), `RS256` or `EdDSA`.
    #[serde(default)]
    pub id_token_signed_response_alg: Option<String>,
    /// `ES256`, `RS256` or `EdDSA`; JSON when there is none.
    #[serde(default)]
    pub userinfo_signed_response_alg: Option<String>,
    /// Levels asked for when a request names none.
    #[serde(default)]
    pub default_acr_values: Option<Vec<String>>,
    /// Where logout tokens go.
    #[serde(default)]
    pub backchannel_logout_uri: Option<String>,
    /// Its home page.
    #[serde(default)]
    pub client_uri: Option<String>,
    /// Where a login can be started from outside.
    #[serde(default)]
    pub initiate_login_uri: Option<String>,
    /// Its privacy policy.
    #[serde(default)]
    pub policy_uri: Option<String>,
    /// Only `pairwise`.
    #[serde(default)]
    pub subject_type: Option<String>,
    /// Ours: whether PKCE is required (default: yes).
    #[serde(default)]
    pub require_pkce: Option<bool>,
    /// Ours: `public` (default) or `private` body.
    #[serde(default)]
    pub kind: Option<ClientKind>,
    /// Ours: the legal entity whose clients share pseudonyms.
    #[serde(default)]
    pub sector: Option<String>,
    /// Ours: the providers that may serve it; all when there is none.
    #[serde(default)]
    pub providers: Option<Vec<String>>,
    /// Ours: whether it may sign anyone in (default: yes).
    #[serde(default)]
    pub active: Option<bool>,
}

/// Why metadata describes no client. Names the member at fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientMetadataError {
    /// A member's value is not one that may stand there.
    #[error("{member}: {reason}")]
    Invalid {
        /// The member.
        member: &'static str,
        /// What is wrong and what may stand there.
        reason: String,
    },
    /// A redirect URI may not be registered.
    #[error("{member}: {uri}: {source}")]
    RedirectUri {
        /// The member.
        member: &'static str,
        /// The URI at fault.
        uri: String,
        /// Why.
        source: RedirectUriError,
    },
}

impl ClientMetadata {
    /// Checks the metadata. `hash` is SHA-256 over the secret's UTF-8 bytes.
    pub fn check(&self, hash: impl Fn(&str) -> SecretHash) -> Result<Client, ClientMetadataError> {
        let id: ClientId = self
            .client_id
            .parse()
            .map_err(|error| invalid("client_id", error))?;
        let redirect_uris = redirect_uris("redirect_uris", &self.redirect_uris)?;
        if redirect_uris.is_empty() {
            return Err(invalid("redirect_uris", "at least one is needed"));
        }
        only(
            "grant_types",
            self.grant_types.as_deref(),
            &["authorization_code", "refresh_token"],
        )?;
        only("response_types", self.response_types.as_deref(), &["code"])?;
        only(
            "subject_type",
            self.subject_type.as_ref().map(std::slice::from_ref),
            &["pairwise"],
        )?;
        Ok(Client {
            name: self
                .client_name
                .clone()
                .unwrap_or_else(|| self.client_id.clone()),
            kind: self.kind.unwrap_or_default(),
            sector: self.sector_of(&redirect_uris)?,
            active: self.active.unwrap_or(true),
            authentication: self.authentication(hash)?,
            post_logout_redirect_uris: self::redirect_uris(
                "post_logout_redirect_uris",
                &self.post_logout_redirect_uris,
            )?,
            backchannel_logout_uri: web_url(
                "backchannel_logout_uri",
                self.backchannel_logout_uri.as_deref(),
            )?,
            require_pkce: self.require_pkce.unwrap_or(true),
            scopes: match &self.scope {
                Some(scope) => scope.parse().map_err(|error| invalid("scope", error))?,
                None => IDENTITY_SCOPES
                    .parse()
                    .map_err(|error| invalid("scope", error))?,
            },
            default_acr: match self.default_acr_values.as_deref() {
                None | Some([]) => Acr::Eidas1,
                Some(values) => Acr::lowest_of(&values.join(" "))
                    .ok_or_else(|| invalid("default_acr_values", crate::acr::UnknownAcr))?,
            },
            id_token_alg: alg(
                "id_token_signed_response_alg",
                self.id_token_signed_response_alg.as_deref(),
            )?
            .unwrap_or_default(),
            userinfo_alg: alg(
                "userinfo_signed_response_alg",
                self.userinfo_signed_response_alg.as_deref(),
            )?,
            providers: self.provider_ids()?,
            client_uri: web_url("client_uri", self.client_uri.as_deref())?,
            initiate_login_uri: web_url("initiate_login_uri", self.initiate_login_uri.as_deref())?,
            policy_uri: web_url("policy_uri", self.policy_uri.as_deref())?,
            redirect_uris,
            id,
        })
    }

    fn authentication(
        &self,
        hash: impl Fn(&str) -> SecretHash,
    ) -> Result<ClientAuthentication, ClientMetadataError> {
        let secret = || match self.client_secret.as_deref() {
            Some(secret) if secret.len() >= 16 => Ok(hash(secret)),
            Some(_) => Err(invalid(
                "client_secret",
                "at least 16 characters are needed",
            )),
            None => Err(invalid(
                "client_secret",
                "this token_endpoint_auth_method needs one",
            )),
        };
        match self
            .token_endpoint_auth_method
            .as_deref()
            .unwrap_or("client_secret_basic")
        {
            "client_secret_basic" => {
                Ok(ClientAuthentication::ClientSecretBasic { secret: secret()? })
            }
            "client_secret_post" => {
                Ok(ClientAuthentication::ClientSecretPost { secret: secret()? })
            }
            "private_key_jwt" => {
                let jwks = self
                    .jwks
                    .clone()
                    .ok_or_else(|| invalid("jwks", "private_key_jwt needs it"))?;
                let has_keys = jwks["keys"].as_array().is_some_and(|keys| {
                    !keys.is_empty()
                        && keys
                            .iter()
                            .all(|key| key.is_object() && key.get("d").is_none())
                });
                if has_keys {
                    Ok(ClientAuthentication::PrivateKeyJwt { jwks })
                } else {
                    Err(invalid(
                        "jwks",
                        "an object whose `keys` holds public keys is needed",
                    ))
                }
            }
            "none" => Ok(ClientAuthentication::None),
            _ => Err(invalid(
                "token_endpoint_auth_method",
                "client_secret_basic, client_secret_post, private_key_jwt or none",
            )),
        }
    }

    /// The declared sector, else the host of the redirect URIs (OIDC Core §8.1), which must be one.
    fn sector_of(&self, redirect_uris: &[RedirectUri]) -> Result<Sector, ClientMetadataError> {
        if let Some(sector) = &self.sector {
            return sector.parse().map_err(|error| invalid("sector", error));
        }
        let mut hosts: Vec<String> = redirect_uris
            .iter()
            .map(|uri| {
                uri.host()
                    .unwrap_or_else(|| format!("client:{}", self.client_id))
            })
            .collect();
        hosts.sort_unstable();
        hosts.dedup();
        match hosts.as_slice() {
            [host] if LOOPBACK_HOSTS.contains(&host.as_str()) => {
                // Every service of a laptop shares this host: there the client is its own sector.
                format!("client:{}", self.client_id)
                    .parse()
                    .map_err(|error| invalid("sector", error))
            }
            [host] => host.parse().map_err(|error| invalid("sector", error)),
            _ => Err(invalid(
                "sector",
                "redirect URIs on several hosts need a declared sector",
            )),
        }
    }

    fn provider_ids(&self) -> Result<Option<Vec<ProviderId>>, ClientMetadataError> {
        let Some(providers) = &self.providers else {
            return Ok(None);
        };
        let ids: Result<Vec<_>, _> = providers.iter().map(|id| id.parse()).collect();
        ids.map(Some).map_err(|error| invalid("providers", error))
    }
}

/// A registry of clients, as the engine reads it: a look-up that never waits.
pub trait ClientDirectory: Send + Sync {
    /// The client with this identifier, active or not.
    fn client(&self, id: &str) -> Option<Arc<Client>>;
}

const IDENTITY_SCOPES: &str = "openid profile birth identite_pivot email phone given_name family_name \
     preferred_username gender birthdate birthplace birthcountry";

const LOOPBACK_HOSTS: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

fn invalid(member: &'static str, reason: impl std::fmt::Display) -> ClientMetadataError {
    ClientMetadataError::Invalid {
        member,
        reason: reason.to_string(),
    }
}

fn only(
    member: &'static str,
    values: Option<&[String]>,
    allowed: &[&str],
) -> Result<(), ClientMetadataError> {
    match values
        .unwrap_or_default()
        .iter()
        .find(|value| !allowed.contains(&value.as_str()))
    {
        Some(_) => Err(invalid(
            member,
            format!("only {} may stand here", allowed.join(", ")),
        )),
        None => Ok(()),
    }
}

fn redirect_uris(
    member: &'static str,
    uris: &[String],
) -> Result<Vec<RedirectUri>, ClientMetadataError> {
    uris.iter()
        .map(|uri| {
            uri.parse()
                .map_err(|source| ClientMetadataError::RedirectUri {
                    member,
                    uri: uri.clone(),
                    source,
                })
        })
        .collect()
}

fn alg(
    member: &'static str,
    value: Option<&str>,
) -> Result<Option<SigningAlg>, ClientMetadataError> {
    value
        .map(|text| text.parse().map_err(|error| invalid(member, error)))
        .transpose()
}

fn web_url(member: &'static str, value: Option<&str>) -> Result<Option<Url>, ClientMetadataError> {
    let Some(text) = value else { return Ok(None) };
    let url = Url::parse(text).map_err(|error| invalid(member, error))?;
    if matches!(url.scheme(), "https" | "http") && url.has_host() && url.username().is_empty() {
        Ok(Some(url))
    } else {
        Err(invalid(
            member,
            "an https URL is needed (http for tests on this machine)",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata(json: serde_json::Value) -> ClientMetadata {
        serde_json::from_value(json).unwrap()
    }

    fn check(json: serde_json::Value) -> Result<Client, ClientMetadataError> {
        metadata(json).check(|_| SecretHash::from_bytes([7; 32]))
    }

    fn service() -> serde_json::Value {
        serde_json::json!({
            "client_id": "service",
            "client_secret": "0123456789abcdef",
            "redirect_uris": ["https://service.example/cb"],
        })
    }

    #[test]
    fn defaults_are_the_strict_ones() {
        let client = check(service()).unwrap();
        assert!(client.must_use_pkce());
        assert!(client.active);
        assert_eq!(client.id_token_alg, SigningAlg::Es256);
        assert_eq!(client.authentication.method(), "client_secret_basic");
        assert_eq!(client.sector.as_str(), "service.example");
        assert!(!client.needs_consent());
    }

    #[test]
    fn each_fault_names_its_member() {
        let cases = [
            ("client_id", serde_json::json!("")),
            ("redirect_uris", serde_json::json!([])),
            ("redirect_uris", serde_json::json!(["javascript:alert(1)"])),
            ("client_secret", serde_json::json!("short")),
            ("token_endpoint_auth_method", serde_json::json!("magic")),
            ("scope", serde_json::json!("a\"b")),
            ("grant_types", serde_json::json!(["implicit"])),
            ("response_types", serde_json::json!(["token"])),
            ("subject_type", serde_json::json!("public")),
            ("id_token_signed_response_alg", serde_json::json!("none")),
            ("userinfo_signed_response_alg", serde_json::json!("HS256")),
            ("default_acr_values", serde_json::json!(["loa9"])),
            (
                "backchannel_logout_uri",
                serde_json::json!("file:///etc/passwd"),
            ),
            ("client_uri", serde_json::json!("javascript:alert(1)")),
            ("providers", serde_json::json!(["../x"])),
        ];
        for (member, value) in cases {
            let mut json = service();
            json[member] = value;
            let message = check(json)
                .err()
                .map(|error| error.to_string())
                .unwrap_or_default();
            assert!(message.starts_with(member), "{member}: {message}");
        }
    }

    #[test]
    fn hosts_that_differ_need_a_declared_sector() {
        let mut json = service();
        json["redirect_uris"] = serde_json::json!(["https://a.example/cb", "https://b.example/cb"]);
        assert!(check(json.clone()).is_err());
        json["sector"] = serde_json::json!("siren:130025265");
        assert_eq!(check(json).unwrap().sector.as_str(), "siren:130025265");
    }

    #[test]
    fn a_private_key_is_no_public_key() {
        let mut json = service();
        json["token_endpoint_auth_method"] = serde_json::json!("private_key_jwt");
        json["jwks"] = serde_json::json!({"keys": [{"kty": "EC", "d": "secret"}]});
        assert!(check(json).err().unwrap().to_string().starts_with("jwks"));
    }

    #[test]
    fn a_public_client_always_needs_pkce() {
        let mut json = service();
        json["token_endpoint_auth_method"] = serde_json::json!("none");
        json["require_pkce"] = serde_json::json!(false);
        assert!(check(json).unwrap().must_use_pkce());
    }

    #[test]
    fn a_secret_is_never_written_out() {
        let text = serde_json::to_string(&metadata(service())).unwrap();
        assert!(!text.contains("0123456789abcdef"));
    }
}
