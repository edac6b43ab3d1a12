//! Protected resources: whom access tokens are for, beside the hub's own userinfo (RFC 8707, RFC 9068).
//!
//! A token that names a resource is good there and nowhere else: it holds the scopes of that resource
//! alone, and userinfo refuses it.

use guichet_domain::client::Profile;
use guichet_domain::{Claim, ClientId, OAuthError, Scope, Scopes};

use crate::live_token::LiveAccessToken;
use crate::records::Granted;
use crate::refusal::Refusal;

/// A protected resource, as the operator declared it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// Its name in `resource` and `aud`: an absolute URI without fragment (RFC 8707 §2).
    pub identifier: String,
    /// What its access tokens look like.
    pub format: AccessTokenFormat,
    /// The scopes that mean something to it.
    pub scopes: Scopes,
    /// The clients under whose name it introspects and exchanges tokens.
    pub clients: Vec<ClientId>,
    /// Whether they may also introspect access tokens of `franceconnect` services, which name no
    /// resource.
    pub service_tokens: bool,
    /// What they hear of the person's identity at introspection.
    pub claims: Vec<Claim>,
}

/// What an access token looks like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AccessTokenFormat {
    /// A random text; what it stands for is asked at introspection, and a revocation is seen at once.
    #[default]
    Opaque,
    /// A signed JWT that the resource reads by itself (RFC 9068).
    Jwt,
}

/// Every resource there is.
#[derive(Clone, Copy)]
pub(crate) struct Resources<'a>(pub(crate) &'a [Resource]);

impl<'a> Resources<'a> {
    /// Whether `client` speaks for one of the resources a token is for.
    pub(crate) fn is_spoken_for(self, token: &[String], client: &ClientId) -> bool {
        self.0
            .iter()
            .filter(|resource| token.contains(&resource.identifier))
            .any(|resource| resource.clients.contains(client))
    }

    /// What `asking` hears of a token by the resources it speaks for: nothing of a token for others.
    pub(crate) fn heard(self, token: &LiveAccessToken, asking: &ClientId) -> Option<Heard> {
        let record = token.record();
        let is_of_service =
            record.resources.is_empty() && token.client().profile == Profile::FranceConnect;
        let concerns = |resource: &&Resource| {
            resource.clients.contains(asking)
                && (record.resources.contains(&resource.identifier)
                    || is_of_service
                        && resource.service_tokens
                        && !record.scopes.intersection(&resource.scopes).is_empty())
        };
        let own: Vec<&Resource> = self.0.iter().filter(concerns).collect();
        if own.is_empty() {
            return None;
        }
        let means_something =
            |scope: &&Scope| own.iter().any(|it| it.scopes.contains(scope.as_str()));
        Some(Heard {
            said_like_franceconnect: is_of_service,
            scopes: record
                .scopes
                .iter()
                .filter(means_something)
                .cloned()
                .collect(),
            claims: own.iter().flat_map(|it| it.claims.clone()).collect(),
        })
    }

    /// Whether every one of these names is known (RFC 8707 §2).
    pub(crate) fn know(self, names: &[String]) -> Result<(), Refusal> {
        self.all_named(names.iter().map(String::as_str)).map(drop)
    }

    fn named(self, identifier: &str) -> Option<&'a Resource> {
        let mut all = self.0.iter();
        all.find(|resource| resource.identifier == identifier)
    }

    /// The resources of these names; a name nobody knows is refused (RFC 8707 §2).
    fn all_named<'n>(
        self,
        names: impl Iterator<Item = &'n str>,
    ) -> Result<Vec<&'a Resource>, Refusal> {
        let mut found: Vec<&Resource> = Vec::new();
        for name in names {
            let resource = self.named(name).ok_or(UNKNOWN)?;
            if !found.contains(&resource) {
                found.push(resource);
            }
        }
        Ok(found)
    }
}

/// What is heard of an access token at introspection.
pub(crate) struct Heard {
    /// Whether it is a service's own, told as FranceConnect tells it: for the service, by its own text.
    pub(crate) said_like_franceconnect: bool,
    pub(crate) scopes: Scopes,
    /// Of the person's identity.
    pub(crate) claims: Vec<Claim>,
}

/// What one access token is for: nothing but userinfo, or resources that agree on what it looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Audience {
    /// Names of the resources; none for userinfo.
    pub(crate) resources: Vec<String>,
    pub(crate) format: AccessTokenFormat,
    /// What of the scopes asked for the token holds.
    pub(crate) scopes: Scopes,
}

impl Audience {
    /// The audience of a token of this grant. `names` are those of the token request; without any, the
    /// token is for what the authorization request named (RFC 8707 §2.2). A name the grant does not
    /// have is refused, unless it has none at all: then the choice only narrows.
    pub(crate) fn choose<'n>(
        resources: Resources<'_>,
        granted: &Granted,
        names: impl Iterator<Item = &'n str>,
    ) -> Result<Self, Refusal> {
        let mut chosen = resources.all_named(names)?;
        let of_grant = &granted.resources;
        let is_granted = |resource: &&Resource| of_grant.contains(&resource.identifier);
        if chosen.is_empty() {
            chosen = resources.all_named(of_grant.iter().map(String::as_str))?;
        } else if !of_grant.is_empty() && !chosen.iter().all(is_granted) {
            return Err(NOT_GRANTED);
        }
        Self::of(&chosen, &granted.scopes)
    }

    /// The audience of a token for one resource, with what it may hold of `scopes`.
    pub(crate) fn single(
        resources: Resources<'_>,
        name: &str,
        scopes: &Scopes,
    ) -> Result<Self, Refusal> {
        Self::of(&resources.all_named(std::iter::once(name))?, scopes)
    }

    fn of(chosen: &[&Resource], scopes: &Scopes) -> Result<Self, Refusal> {
        if chosen.is_empty() {
            return Ok(Self {
                resources: Vec::new(),
                format: AccessTokenFormat::Opaque,
                scopes: scopes.clone(),
            });
        }
        let format = chosen[0].format;
        if chosen.len() > 1 && chosen.iter().any(|it| it.format == AccessTokenFormat::Jwt) {
            return Err(ONE_AT_A_TIME);
        }
        let is_known = |scope: &&Scope| chosen.iter().any(|it| it.scopes.contains(scope.as_str()));
        let scopes: Scopes = scopes.iter().filter(is_known).cloned().collect();
        if scopes.is_empty() {
            return Err(NOTHING_THERE);
        }
        Ok(Self {
            resources: chosen.iter().map(|it| it.identifier.clone()).collect(),
            format,
            scopes,
        })
    }
}

const UNKNOWN: Refusal = refused("resource names none that is known here");
const NOT_GRANTED: Refusal = refused("resource names one that the authorization request did not");
const ONE_AT_A_TIME: Refusal =
    refused("a resource that reads its tokens by itself gets tokens of its own: name it alone");
const NOTHING_THERE: Refusal = refused("no scope that was granted means anything to that resource");

const fn refused(description: &'static str) -> Refusal {
    Refusal::new(OAuthError::InvalidTarget, description)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::granted;

    const FAMILY: &str = "https://famille.example/api";
    const TAX: &str = "https://impots.example/api";

    fn all() -> Vec<Resource> {
        let resource = |identifier: &str, format, scopes: &str| Resource {
            identifier: identifier.to_owned(),
            format,
            scopes: scopes.parse().unwrap(),
            clients: Vec::new(),
            service_tokens: false,
            claims: Vec::new(),
        };
        vec![
            resource(FAMILY, AccessTokenFormat::Opaque, "family_quotient"),
            resource(TAX, AccessTokenFormat::Jwt, "tax"),
        ]
    }

    fn choose(granted_resources: &[&str], asked: &[&str]) -> Result<Audience, &'static str> {
        let mut granted = granted("openid given_name family_quotient tax");
        granted.resources = granted_resources
            .iter()
            .map(|it| (*it).to_owned())
            .collect();
        Audience::choose(Resources(&all()), &granted, asked.iter().copied())
            .map_err(|refusal| refusal.description)
    }

    #[test]
    fn a_token_for_a_resource_holds_that_resource_s_scopes_alone() {
        let audience = choose(&[], &[FAMILY]).unwrap();
        assert_eq!(audience.resources, [FAMILY]);
        assert_eq!(audience.scopes.to_string(), "family_quotient");
        assert_eq!(choose(&[FAMILY], &[]), Ok(audience));
    }

    #[test]
    fn without_a_resource_the_token_is_for_userinfo() {
        let audience = choose(&[], &[]).unwrap();
        assert!(audience.resources.is_empty());
        assert!(audience.scopes.contains("openid"));
    }

    #[test]
    fn what_was_not_granted_is_unknown_or_does_not_go_together_is_refused() {
        assert_eq!(choose(&[FAMILY], &[TAX]), Err(NOT_GRANTED.description));
        let unknown = choose(&[], &["https://elsewhere.example"]);
        assert_eq!(unknown, Err(UNKNOWN.description));
        assert_eq!(choose(&[], &[FAMILY, TAX]), Err(ONE_AT_A_TIME.description));
        assert_eq!(choose(&[FAMILY, TAX], &[]), Err(ONE_AT_A_TIME.description));
        assert!(choose(&[FAMILY, TAX], &[TAX]).is_ok());
    }

    #[test]
    fn a_resource_none_of_whose_scopes_was_granted_gets_no_token() {
        let audience = Audience::single(Resources(&all()), TAX, &"openid".parse().unwrap());
        assert_eq!(audience, Err(NOTHING_THERE));
    }
}
