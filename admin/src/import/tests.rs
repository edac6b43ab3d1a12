//! What is taken of an export, what is left, and what each line says.

use guichet_domain::client::ClientKind;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn line<'a>(imported: &'a Imported, id: &str) -> &'a ImportLine {
    imported.lines.iter().find(|line| line.id == id).unwrap()
}

fn realm(clients: &Value, providers: &Value) -> Imported {
    let realm = json!({"realm": "ville", "clients": clients, "identityProviders": providers});
    keycloak(&realm.to_string()).unwrap()
}

#[test]
fn a_client_of_keycloak_keeps_its_addresses_its_method_and_its_rules() {
    let imported = realm(
        &json!([{
            "clientId": "cantine", "name": "Cantine", "protocol": "openid-connect",
            "rootUrl": "https://cantine.example", "baseUrl": "/accueil",
            "redirectUris": ["/retour", "https://cantine.example/b"],
            "clientAuthenticatorType": "client-secret", "secret": "**********",
            "attributes": {
                "post.logout.redirect.uris": "https://cantine.example/fin##/bis",
                "pkce.code.challenge.method": "S256",
                "id.token.signed.response.alg": "RS256",
                "backchannel.logout.url": "https://cantine.example/dehors",
            },
        }]),
        &json!([]),
    );
    let client = &imported.clients[0];
    assert_eq!(
        client.redirect_uris,
        [
            "https://cantine.example/retour",
            "https://cantine.example/b"
        ]
    );
    assert_eq!(
        client.post_logout_redirect_uris,
        ["https://cantine.example/fin", "https://cantine.example/bis"]
    );
    assert_eq!(
        client.token_endpoint_auth_method.as_deref(),
        Some("client_secret_basic")
    );
    assert_eq!(client.client_secret, None, "stars are no secret");
    assert_eq!(client.require_pkce, Some(true));
    assert_eq!(client.kind, Some(ClientKind::Private));
    assert_eq!(
        client.id_token_signed_response_alg.as_deref(),
        Some("RS256")
    );
    assert_eq!(
        client.client_uri.as_deref(),
        Some("https://cantine.example/accueil")
    );
    assert!(line(&imported, "cantine").taken);
}

#[test]
fn what_an_export_does_not_say_widens_nothing() {
    let client =
        json!({"clientId": "a", "publicClient": true, "redirectUris": ["https://a.example/"]});
    let of_realm = realm(&json!([client]), &json!([]));
    let row = "Mairie,https://a.example/cb,https://a.example/fin,,,,public,ES256,,,b,";
    let of_list = franceconnect(&format!("{HEADING}{row}")).unwrap();
    for (imported, id) in [(&of_realm, "a"), (&of_list, "b")] {
        let client = &imported.clients[0];
        assert_eq!(client.scope.as_deref(), Some("openid"), "{id}");
        assert_ne!(client.require_pkce, Some(false), "{id}");
        let remarks = &line(imported, id).remarks;
        assert!(
            remarks.iter().any(|it| it.starts_with("scope:")),
            "{remarks:?}"
        );
    }
    assert_eq!(of_realm.clients[0].kind, Some(ClientKind::Private));
}

#[test]
fn what_is_not_taken_of_a_realm_says_why() {
    let imported = realm(
        &json!([
            {"clientId": "account"},
            {"clientId": "vieux", "protocol": "saml"},
            {"clientId": "api", "bearerOnly": true},
            {"clientId": "large", "publicClient": true, "redirectUris": ["https://large.example/*"]},
            {"clientId": "deux", "publicClient": true, "redirectUris": ["https://deux.example/"]},
            {"clientId": "deux", "publicClient": true, "redirectUris": ["https://deux.example/"]},
        ]),
        &json!([{"alias": "facebook", "providerId": "facebook"}]),
    );
    let told: Vec<(&str, bool, &str)> = imported
        .lines
        .iter()
        .map(|line| {
            // What every client is told stands in another test.
            let is_own = |it: &&String| !it.starts_with("scope:") && !it.starts_with("kind:");
            let remark = line.remarks.iter().find(is_own);
            let remark = remark.map_or("", String::as_str);
            (line.id.as_str(), line.taken, remark)
        })
        .collect();
    assert_eq!(
        told,
        [
            ("account", false, "Keycloak's own"),
            ("vieux", false, "not of OpenID Connect"),
            ("api", false, "signs nobody in by a code"),
            (
                "large",
                false,
                "redirect_uris: https://large.example/*: a pattern: name each address it stood for"
            ),
            ("deux", true, ""),
            ("deux", false, "there is one of this name already"),
            ("facebook", false, "not of OpenID Connect"),
        ]
    );
    assert_eq!(imported.clients.len(), 1);
}

#[test]
fn an_identity_provider_of_a_realm_is_known_by_its_endpoints() {
    let imported = realm(
        &json!([]),
        &json!([{
            "alias": "postale", "displayName": "Identité Postale", "providerId": "oidc",
            "config": {
                "issuer": "https://idp.example", "clientId": "hub", "clientSecret": "in-clear",
                "authorizationUrl": "https://idp.example/authorize",
                "tokenUrl": "https://idp.example/token", "jwksUrl": "https://idp.example/jwks",
                "guiOrder": "3",
            },
        }]),
    );
    let provider = &imported.providers[0];
    assert_eq!(
        provider.token_endpoint_auth_method,
        Some(guichet_domain::provider::ProviderAuthentication::ClientSecretPost)
    );
    assert_eq!(provider.client_secret.as_deref(), Some("in-clear"));
    assert_eq!(provider.order, Some(3));
    assert!(line(&imported, "postale").remarks[0].contains("levels"));
}

const HEADING: &str = "name,redirect_uris,post_logout_redirect_uris,adresses_ip,datapass_id,scopes,type,signature_response_alg,email,phone,client_id_v1,site\n";

#[test]
fn each_line_of_the_list_of_service_providers_has_its_own_report() {
    let rows = [
        "Mairie d'Évry,https://a.example/cb https://a.example/cb2,https://a.example/fin,,123,openid profile,public,ES256,dsi@a.example,,,https://a.example",
        "Mairie d'Évry,https://a.example/cb,https://a.example/fin,,123,openid,public,ES256,,,,",
        "Banque,https://b.example/cb,https://b.example/fin,192.0.2.1,,openid,private,RS256,,,old-key-0123456789,",
        "Rien,,https://c.example/fin,,,openid,public,ES256,,,,",
        "Autre,https://d.example/cb,https://d.example/fin,,,openid,autre,ES256,,,,",
        "trop,court",
    ];
    let imported = franceconnect(&format!("{HEADING}{}", rows.join("\n"))).unwrap();
    let taken: Vec<(&str, bool)> = imported
        .lines
        .iter()
        .map(|line| (line.place.as_str(), line.taken))
        .collect();
    assert_eq!(
        taken,
        [
            ("line 2", true),
            ("line 3", false),
            ("line 4", true),
            ("line 5", false),
            ("line 6", false),
            ("line 7", false),
        ]
    );
    let first = &imported.clients[0];
    assert_eq!(first.client_id, "mairie-d-vry-123");
    assert_eq!(first.redirect_uris.len(), 2);
    assert_eq!(imported.clients[1].client_id, "old-key-0123456789");
    assert!(line(&imported, "old-key-0123456789").remarks[0].starts_with("adresses_ip"));
}

#[test]
fn a_list_without_its_columns_is_refused_whole() {
    let refused = franceconnect("name;redirect_uris\na;b\n").err().unwrap();
    assert_eq!(
        refused.to_string(),
        "there is no column `post_logout_redirect_uris`"
    );
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in ".{0,200}", row in "([^\n]{0,40},){0,14}") {
        let _ = keycloak(&text);
        let _ = franceconnect(&text);
        if let Ok(imported) = franceconnect(&format!("{HEADING}{row}")) {
            prop_assert!(imported.clients.len() <= imported.lines.len());
        }
    }
}
