//! What a client that registers itself may ask, in one place.
//!
//! `admit` takes away what is the operator's to say and fills in what was
//! left open; `judge` looks at the client that comes out of it.

use std::str::FromStr;

use guichet_domain::{
    Acr, Client, ClientKind, ClientMetadata, GrantType, KeySource, Profile, RedirectUri, Scopes,
};
use url::{Host, Url};

use super::answer::Unregistrable;
use super::secret;
use crate::Engine;

/// What an operator lets clients ask that register themselves.
#[derive(Clone, Debug)]
pub struct RegistrationPolicy {
    /// Whether they need no initial access token.
    pub open: bool,
    /// Scopes they may have; those who name none get them all.
    pub scopes: Scopes,
    /// Grants they may use.
    pub grant_types: Vec<GrantType>,
    /// How they may authenticate, by values of `token_endpoint_auth_method`.
    pub auth_methods: Vec<String>,
    /// Hosts they may be on; any when there is none.
    pub hosts: Vec<HostPattern>,
    /// The highest level they may make their default.
    pub highest_acr: Acr,
    /// Whether they must use PKCE.
    pub require_pkce: bool,
    /// What citizens are asked: nobody vouched for these clients.
    pub kind: ClientKind,
    /// Who may vouch for software, and whether somebody must.
    pub statements: StatementPolicy,
    /// Registrations and changes a node takes in a minute.
    pub per_minute: u32,
    /// How many such clients there may be.
    pub most_clients: usize,
}

/// Whose software statements count (RFC 7591 §2.3).
#[derive(Clone, Debug, Default)]
pub struct StatementPolicy {
    /// Whether a registration needs one.
    pub required: bool,
    /// Who may issue them.
    pub issuers: Vec<StatementIssuer>,
}

/// An issuer of software statements that the operator trusts.
#[derive(Clone, Debug)]
pub struct StatementIssuer {
    /// Its `iss`.
    pub issuer: String,
    /// What it signs with.
    pub keys: KeySource,
}

/// `service.example`, or `*.service.example` for every host below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPattern(String);

/// Not a host, with or without `*.` in front.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a host such as service.example, or *.service.example")]
pub struct NotAHostPattern;

impl FromStr for HostPattern {
    type Err = NotAHostPattern;

    fn from_str(text: &str) -> Result<Self, NotAHostPattern> {
        let name = text.strip_prefix("*.").unwrap_or(text);
        match Host::parse(name) {
            Ok(Host::Domain(host)) if host == name && !name.contains('*') => {
                Ok(Self(text.to_owned()))
            }
            _ => Err(NotAHostPattern),
        }
    }
}

impl HostPattern {
    fn admits(&self, host: &str) -> bool {
        match self.0.strip_prefix('*') {
            Some(below) => host.len() > below.len() && host.ends_with(below),
            None => host == self.0,
        }
    }
}

impl RegistrationPolicy {
    /// The metadata as this operator takes it.
    pub(super) fn admit(
        &self,
        engine: &Engine,
        mut asked: ClientMetadata,
    ) -> Result<ClientMetadata, Unregistrable> {
        if asked.profile == Some(Profile::FranceConnect) {
            return Err(refused("profile", "standard or fapi2"));
        }
        if asked.subject_type.as_deref() == Some("public") && !engine.settings().public_subjects {
            return Err(refused(
                "subject_type",
                "this provider has pairwise subjects only",
            ));
        }
        let method = asked.token_endpoint_auth_method.as_deref();
        let method = method.unwrap_or(secret::DEFAULT_METHOD);
        if !self.auth_methods.iter().any(|known| known == method) {
            return Err(refused(
                "token_endpoint_auth_method",
                "this method may not be registered for",
            ));
        }
        let is_strict = self.require_pkce || asked.profile == Some(Profile::Fapi2);
        asked.require_pkce = Some(is_strict || asked.require_pkce.unwrap_or(false));
        asked.scope = Some(self.scopes_for(&asked)?.to_string());
        asked.kind = Some(self.kind);
        asked.sector = None;
        asked.providers = None;
        asked.idp_hints = None;
        asked.may_skip_information = None;
        asked.token_exchange_resources = None;
        asked.evidence_rights = None;
        asked.events_uri = None;
        asked.messages = None;
        asked.environment = None;
        asked.habilitation = None;
        asked.exception = None;
        asked.active = None;
        Ok(asked)
    }

    /// Of those asked for, the ones they may have: RFC 7591 §2 leaves the server that choice, and the
    /// answer says what became of it.
    fn scopes_for(&self, asked: &ClientMetadata) -> Result<Scopes, Unregistrable> {
        let Some(text) = &asked.scope else {
            return Ok(self.scopes.clone());
        };
        let wanted: Scopes = text
            .parse()
            .map_err(|error: guichet_domain::scope::ScopeError| {
                refused("scope", &error.to_string())
            })?;
        let granted = wanted.intersection(&self.scopes);
        if granted.is_empty() {
            return Err(refused(
                "scope",
                "none of these scopes may be registered for",
            ));
        }
        Ok(granted)
    }

    /// Whether this operator lets such a client in.
    pub(super) fn judge(
        &self,
        engine: &Engine,
        metadata: &ClientMetadata,
        client: &Client,
    ) -> Result<(), Unregistrable> {
        if !client
            .grant_types
            .iter()
            .all(|grant| self.grant_types.contains(grant))
        {
            return Err(refused(
                "grant_types",
                "one of these may not be registered for",
            ));
        }
        if client.default_acr.level > self.highest_acr {
            return Err(refused(
                "default_acr_values",
                "higher than may be registered for",
            ));
        }
        let minimum = client.minimum_acr.map(|acr| acr.level);
        if minimum > Some(self.highest_acr) {
            return Err(refused(
                "minimum_acr_value",
                "higher than may be registered for",
            ));
        }
        let served = engine.parts().rich.types();
        let mut types = client.authorization_details_types.iter().flatten();
        if !types.all(|it| served.contains(&it.as_str())) {
            return Err(refused(
                "authorization_details_types",
                "one of these is none that authorization_details_types_supported names",
            ));
        }
        self.judge_addresses(engine, client)?;
        judge_redirects(engine, metadata, client)
    }

    /// Every address a client brings along is https, names a public host, and is where the operator
    /// lets such clients be. What the server will fetch is judged again when it is resolved (threat
    /// N-41). A hub on loopback is somebody's own machine, with services beside it.
    fn judge_addresses(&self, engine: &Engine, client: &Client) -> Result<(), Unregistrable> {
        for (member, url) in addresses(client) {
            if !is_on_loopback(engine) && !is_public_https(url) {
                return Err(refused(
                    member,
                    "https and a host with a public name are needed",
                ));
            }
            self.judge_host(member, url.host_str())?;
        }
        for (member, uris) in [
            ("redirect_uris", &client.redirect_uris),
            (
                "post_logout_redirect_uris",
                &client.post_logout_redirect_uris,
            ),
        ] {
            for uri in uris {
                self.judge_host(member, uri.host().as_deref())?;
            }
        }
        Ok(())
    }

    fn judge_host(&self, member: &str, host: Option<&str>) -> Result<(), Unregistrable> {
        let is_admitted = |host: &str| self.hosts.iter().any(|pattern| pattern.admits(host));
        if self.hosts.is_empty() || host.is_some_and(is_admitted) {
            Ok(())
        } else {
            Err(refused(
                member,
                "clients on this host may not register themselves",
            ))
        }
    }
}

/// Every address that is fetched, called, loaded or shown.
fn addresses(client: &Client) -> Vec<(&'static str, &Url)> {
    let keys = match &client.keys {
        Some(KeySource::JwksUri(url)) => Some(url),
        Some(KeySource::Jwks(_)) | None => None,
    };
    let notified = match &client.ciba {
        Some(guichet_domain::client::CibaDelivery::Ping(url)) => Some(url),
        _ => None,
    };
    let single = [
        ("jwks_uri", keys),
        (
            "sector_identifier_uri",
            client.sector_identifier_uri.as_ref(),
        ),
        (
            "backchannel_logout_uri",
            client.backchannel_logout_uri.as_ref(),
        ),
        (
            "frontchannel_logout_uri",
            client.frontchannel_logout_uri.as_ref(),
        ),
        ("backchannel_client_notification_endpoint", notified),
        ("client_uri", client.client_uri.as_ref()),
        ("logo_uri", client.logo_uri.as_ref()),
        ("policy_uri", client.policy_uri.as_ref()),
        ("tos_uri", client.tos_uri.as_ref()),
        ("initiate_login_uri", client.initiate_login_uri.as_ref()),
    ];
    let request_uris = client.requests.request_uris.iter();
    single
        .into_iter()
        .filter_map(|(member, url)| Some((member, url?)))
        .chain(request_uris.map(|url| ("request_uris", url)))
        .collect()
}

/// A web application is on https, a native one on its own machine or under a scheme of its own
/// (OIDC Registration §2 `application_type`; RFC 8252 §7).
fn judge_redirects(
    engine: &Engine,
    metadata: &ClientMetadata,
    client: &Client,
) -> Result<(), Unregistrable> {
    let is_native = metadata.application_type.as_deref() == Some("native");
    if is_native || is_on_loopback(engine) {
        return Ok(());
    }
    let is_web =
        |uri: &RedirectUri| Url::parse(uri.as_str()).is_ok_and(|url| is_public_https(&url));
    for (member, uris) in [
        ("redirect_uris", &client.redirect_uris),
        (
            "post_logout_redirect_uris",
            &client.post_logout_redirect_uris,
        ),
    ] {
        if !uris.iter().all(is_web) {
            return Err(refused(
                member,
                "a web application needs https and a host with a public name; application_type native is for others",
            ));
        }
    }
    Ok(())
}

/// A literal address, or a name that means this machine, is nobody's public address.
fn is_public_https(url: &Url) -> bool {
    let is_public =
        |name: &str| name.contains('.') && !NOT_PUBLIC.iter().any(|ending| name.ends_with(ending));
    url.scheme() == "https"
        && matches!(url.host(), Some(Host::Domain(name)) if is_public(name.trim_end_matches('.')))
}

/// Names that are no one's on the Internet (RFC 6761, RFC 6762, ICANN's `internal`).
const NOT_PUBLIC: [&str; 4] = [".localhost", ".local", ".internal", ".home.arpa"];

fn is_on_loopback(engine: &Engine) -> bool {
    engine.issuer().starts_with("http://")
}

fn refused(member: &str, reason: &str) -> Unregistrable {
    Unregistrable::member(member, &reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_admits_its_host_or_those_below_it() {
        let admits = |pattern: &str, host| pattern.parse::<HostPattern>().unwrap().admits(host);
        assert!(admits("service.example", "service.example"));
        assert!(!admits("service.example", "a.service.example"));
        assert!(admits("*.service.example", "a.b.service.example"));
        for host in [
            "service.example",
            ".service.example",
            "evilservice.example",
            "service.example.evil",
        ] {
            assert!(!admits("*.service.example", host), "{host}");
        }
        for text in [
            "",
            "*",
            "*.",
            "a.*.example",
            "https://a.example",
            "a.example/",
            "127.0.0.1",
            "A.example",
        ] {
            assert!(text.parse::<HostPattern>().is_err(), "{text}");
        }
    }

    #[test]
    fn what_names_a_machine_inside_is_no_public_address() {
        let is_public = |text: &str| is_public_https(&Url::parse(text).unwrap());
        assert!(is_public("https://service.example/x"));
        for text in [
            "http://service.example/",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://169.254.169.254/latest/",
            "https://localhost/",
            "https://localhost./",
            "https://a.localhost/",
            "https://metadata.google.internal/",
            "https://printer.local/",
            "https://intranet/",
        ] {
            assert!(!is_public(text), "{text}");
        }
    }
}
