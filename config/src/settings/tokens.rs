//! Whom access tokens are for, and what userinfo demands of them.

use guichet_domain::{AcrValue, Claim, ClientId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::Lifetime;

/// A protected resource: whom access tokens are for, beside userinfo (RFC 8707).
#[derive(Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Resource {
    /// Its name in `resource` and `aud`: an absolute URI without fragment.
    pub identifier: String,
    /// What its access tokens look like.
    #[serde(default)]
    pub access_token: TokenFormat,
    /// The scopes that mean something to it; a token for it holds no others.
    pub scopes: Vec<String>,
    /// The clients under whose name it introspects and exchanges tokens.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub clients: Vec<ClientId>,
    /// Whether those clients may also introspect the access tokens of `franceconnect` services, which name no resource: they hear of its scopes alone.
    #[serde(default)]
    pub service_tokens: bool,
    /// What those clients hear of the person's identity at introspection.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub claims: Vec<Claim>,
}

/// What an access token looks like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TokenFormat {
    /// A random text, asked about at introspection.
    #[default]
    Opaque,
    /// A signed JWT that the resource reads by itself (RFC 9068): a revocation is seen when it expires.
    Jwt,
}

/// What userinfo demands of the sign-in behind an access token; a client that has less is told to ask for more (RFC 9470).
#[derive(Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Userinfo {
    /// The lowest level.
    pub acr: Option<AcrValue>,
    /// How long ago the sign-in may have been at most.
    pub max_age: Option<Lifetime>,
}

impl Resource {
    /// RFC 8707 §2.
    pub(super) fn has_sound_identifier(&self) -> bool {
        Url::parse(&self.identifier).is_ok_and(|url| url.fragment().is_none())
    }
}
