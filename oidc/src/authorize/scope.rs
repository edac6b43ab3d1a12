//! What the client asks for: known scopes it is registered for (threat N-40).

use guichet_domain::{Client, GrantType, OAuthError, Scope, Scopes};

use crate::Engine;
use crate::parameters::Parameters;
use crate::profile::Rules;
use crate::refusal::Refusal;

/// Scopes of identity, beside `openid`.
pub(crate) const IDENTITY_SCOPES: &[&str] = &[
    "profile",
    "birth",
    "identite_pivot",
    "email",
    "phone",
    "given_name",
    "family_name",
    "preferred_username",
    "gender",
    "birthdate",
    "birthplace",
    "birthcountry",
];

/// Scopes that applications of FranceConnect know: theirs who registered them, and not advertised
/// (divergence D13).
pub(crate) const FRANCECONNECT_SCOPES: &[&str] = &["idp_birthdate", "idp_id"];

/// The scope for being told how people prove who they are, of applications of FranceConnect alone: a
/// claim of the ID token, and none about the person.
pub const AMR: &str = "amr";

/// The scopes of a request. A name nobody here knows is ignored (OIDC Core §3.1.2.1); one that is
/// known and that the client was not onboarded for is refused, so that the mistake is seen.
pub(crate) fn known_and_registered(
    engine: &Engine,
    client: &Client,
    asked: &Parameters,
) -> Result<Scopes, Refusal> {
    let asked: Scopes = asked
        .get("scope")
        .ok_or(refused("scope is missing"))?
        .parse()
        .map_err(|_| refused("scope is malformed or names more than 100 scopes"))?;
    if !asked.contains(OPENID) {
        return Err(refused("scope must contain openid"));
    }
    let data_scopes = &engine.settings().data_scopes;
    let may_refresh = client.may_use(GrantType::RefreshToken);
    let known: Scopes = asked
        .iter()
        .filter(|scope| {
            // Of no use to whoever registered no refresh tokens, and then ignored (OIDC Core §11).
            is_known(scope, data_scopes)
                || may_refresh && scope.as_str() == OFFLINE_ACCESS
                || Rules::of(client).amr_when_asked && scope.as_str() == AMR
        })
        .cloned()
        .collect();
    if known.iter().all(|scope| is_registered(client, scope)) {
        Ok(known)
    } else {
        Err(refused("scope names one the client is not registered for"))
    }
}

/// Whether a client may have a scope, or needs no registration for it.
pub(crate) fn is_registered(client: &Client, scope: &Scope) -> bool {
    NEEDS_NO_SCOPE.contains(&scope.as_str()) || client.scopes.contains(scope.as_str())
}

const OPENID: &str = "openid";

/// The scope that lets a grant outlive the session (OIDC Core §11).
pub const OFFLINE_ACCESS: &str = "offline_access";

/// What no client is onboarded for: any may sign people in, and `offline_access` goes with the grant type.
const NEEDS_NO_SCOPE: [&str; 2] = [OPENID, OFFLINE_ACCESS];

fn is_known(scope: &Scope, data_scopes: &[String]) -> bool {
    let name = scope.as_str();
    name == OPENID
        || IDENTITY_SCOPES.contains(&name)
        || FRANCECONNECT_SCOPES.contains(&name)
        || data_scopes.iter().any(|data_scope| data_scope == name)
}

const fn refused(description: &'static str) -> Refusal {
    Refusal::new(OAuthError::InvalidScope, description)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_advertised_identity_scope_stands_for_claims() {
        for name in IDENTITY_SCOPES.iter().chain(FRANCECONNECT_SCOPES) {
            let scope: Scope = name.parse().unwrap();
            assert!(!scope.claims().is_empty(), "{name}");
        }
    }
}
