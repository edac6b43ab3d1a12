//! What those who look after a service may change of it: how it is connected. What it may ask citizens for, how it
//! is called, whether it is in use and whose names it shares are not theirs to say.

use guichet_domain::{Client, ClientId, ClientMetadata, RedirectUri, Rule};
use serde_json::{Map, Value};

use super::Api;
use super::caller::Caller;
use super::problem::Problem;

/// The members that are theirs.
pub(super) const MEMBERS: &[&str] = &[
    "redirect_uris",
    "post_logout_redirect_uris",
    "backchannel_logout_uri",
    "frontchannel_logout_uri",
    "frontchannel_logout_session_required",
    "initiate_login_uri",
    "request_uris",
    "jwks",
    "jwks_uri",
    "client_secret",
    "client_uri",
    "logo_uri",
    "policy_uri",
    "tos_uri",
    "contacts",
    "events_uri",
];

/// The members by which a client proves that it is itself, but for its secret: that never comes out to be compared.
const PROOFS: &[&str] = &[
    "jwks",
    "jwks_uri",
    "token_endpoint_auth_method",
    "token_endpoint_auth_signing_alg",
    "tls_client_auth_subject_dn",
    "tls_client_auth_san_dns",
    "tls_client_auth_san_uri",
    "tls_client_auth_san_ip",
    "tls_client_auth_san_email",
];

/// Whether a team may have `known` be so; otherwise the member at fault, and why.
pub(super) fn check(known: &Client, asked: &ClientMetadata) -> Result<(), (String, Rule)> {
    let changed = changed(&ClientMetadata::from(known), asked);
    let mut changed = changed.into_iter();
    if let Some(member) = changed.find(|member| !MEMBERS.contains(&member.as_str())) {
        return Err((member, Rule::NotForTeams));
    }
    if joins_another_host(known, asked) {
        return Err(("redirect_uris".to_owned(), Rule::AnotherHost));
    }
    Ok(())
}

/// Whether the client would prove by something else that it is itself.
pub(super) fn proves_otherwise(known: &Client, asked: &ClientMetadata) -> bool {
    let changed = changed(&ClientMetadata::from(known), asked);
    let is_proof = |member: &String| PROOFS.contains(&member.as_str());
    asked.client_secret.is_some() || changed.iter().any(is_proof)
}

impl Caller {
    /// Whether they may change how this client proves itself: where it is a member of the staff, whoever has its
    /// keys has its roles, so that changing them is giving those (threat N-323). Whoever adds or ends keys and
    /// secrets asks this.
    pub(super) async fn may_prove(&self, api: &Api, client: &ClientId) -> Result<(), Problem> {
        let door = &api.console.door;
        let given = door
            .may_give_those_of(client, &self.rights, &self.grounds)
            .await;
        given.map_err(|error| Problem::door(api, &error))
    }
}

/// The members that differ.
fn changed(known: &ClientMetadata, asked: &ClientMetadata) -> Vec<String> {
    let members = |metadata: &ClientMetadata| match serde_json::to_value(metadata) {
        Ok(Value::Object(members)) => members,
        _ => Map::new(),
    };
    let (known, asked) = (members(known), members(asked));
    let names = known.keys().chain(asked.keys());
    let changed = names.filter(|name| known.get(*name) != asked.get(*name));
    changed.cloned().collect()
}

/// Whether answers would go where none went before: the record's sector stays what it is, so a host that joins it
/// knows citizens by the names that the others know (OIDC Core §8.1). The document of a `sector_identifier_uri`
/// is asked when the record is checked.
fn joins_another_host(known: &Client, asked: &ClientMetadata) -> bool {
    if known.sector_identifier_uri.is_some() {
        return false;
    }
    let sites: Vec<Option<String>> = known.redirect_uris.iter().map(RedirectUri::site).collect();
    // What is no redirect URI is refused for that.
    let asked = asked
        .redirect_uris
        .iter()
        .filter_map(|uri| uri.parse().ok());
    let mut asked = asked.map(|uri: RedirectUri| uri.site());
    asked.any(|site| !sites.contains(&site))
}

#[cfg(test)]
mod tests {
    use guichet_keys::client_secret_hash;
    use serde_json::json;

    use super::*;

    fn metadata(more: &Value) -> ClientMetadata {
        let mut all = json!({
            "client_id": "cantine",
            "client_secret": "0123456789abcdef",
            "redirect_uris": ["https://cantine.example/cb"],
        });
        for (member, value) in more.as_object().unwrap() {
            all[member] = value.clone();
        }
        serde_json::from_value(all).unwrap()
    }

    fn client(more: &Value) -> Client {
        metadata(more).check(client_secret_hash).unwrap()
    }

    /// What a team is told that patches these.
    fn told(known: &Client, patch: &Value) -> Result<(), String> {
        let mut asked = serde_json::to_value(ClientMetadata::from(known)).unwrap();
        for (member, value) in patch.as_object().unwrap() {
            asked[member] = value.clone();
        }
        let asked = serde_json::from_value(asked).unwrap();
        check(known, &asked).map_err(|(member, _)| member)
    }

    #[test]
    fn a_team_changes_how_its_service_is_connected_and_nothing_else() {
        let known = client(&json!({}));
        let connected = json!({
            "redirect_uris": ["https://cantine.example/cb", "https://cantine.example/other"],
            "contacts": ["equipe@cantine.example"],
            "client_secret": "fedcba9876543210",
        });
        assert_eq!(told(&known, &connected), Ok(()));
        for (member, value) in [
            ("scope", json!("openid birthdate")),
            ("client_name", json!("Impôts")),
            ("sector", json!("impots.example")),
            ("sector_identifier_uri", json!("https://evil.example/all")),
            ("minimum_acr_value", json!("eidas1")),
        ] {
            let patch = json!({ member: value });
            assert_eq!(told(&known, &patch), Err(member.to_owned()));
        }
    }

    #[test]
    fn a_team_switches_its_service_neither_on_nor_off() {
        let (on, off) = (client(&json!({})), client(&json!({"active": false})));
        let refused = Err("active".to_owned());
        assert_eq!(told(&on, &json!({"active": false})), refused);
        assert_eq!(told(&off, &json!({"active": true})), refused);
        // Nor by leaving it out.
        assert_eq!(told(&off, &json!({"active": null})), refused);
    }

    #[test]
    fn no_host_joins_a_sector_by_a_team() {
        let known = client(&json!({}));
        for uri in [
            "https://evil.example/cb",
            "https://cantine.example.evil.example/cb",
            "com.evil.app:/cb",
            "http://127.0.0.1/cb",
        ] {
            let patch = json!({"redirect_uris": ["https://cantine.example/cb", uri]});
            assert_eq!(
                told(&known, &patch),
                Err("redirect_uris".to_owned()),
                "{uri}"
            );
        }
        // Whose document is asked.
        let listed = client(&json!({"sector_identifier_uri": "https://ville.example/all"}));
        let patch = json!({"redirect_uris": ["https://piscine.example/cb"]});
        assert_eq!(told(&listed, &patch), Ok(()));
    }

    #[test]
    fn whatever_a_client_proves_itself_by_is_seen_to_change() {
        let known = client(&json!({}));
        let same = ClientMetadata::from(&known);
        assert!(!proves_otherwise(&known, &same));
        for patch in [
            json!({"client_secret": "fedcba9876543210"}),
            json!({"jwks_uri": "https://evil.example/jwks"}),
            json!({"jwks": {"keys": []}}),
            json!({"token_endpoint_auth_method": "tls_client_auth"}),
            json!({"tls_client_auth_san_dns": "evil.example"}),
        ] {
            let mut asked = serde_json::to_value(&same).unwrap();
            for (member, value) in patch.as_object().unwrap() {
                asked[member] = value.clone();
            }
            let asked = serde_json::from_value(asked).unwrap();
            assert!(proves_otherwise(&known, &asked), "{patch}");
        }
    }
}
