//! What a dossier comes to, and what a client may be given.

use std::collections::HashMap;

use guichet_domain::Acr;
use guichet_domain::habilitation::{Dossier, Terms};
use guichet_domain::{ClientMetadata, SecretHash};
use guichet_exchange::Catalogue;
use serde_json::{Value, json};

use super::*;

fn client(more: Value) -> guichet_domain::Client {
    let mut metadata = json!({
        "client_id": "c", "client_secret": "0123456789abcdef", "scope": "openid given_name",
        "redirect_uris": ["https://service.example/cb"],
    });
    if let (Value::Object(members), Value::Object(more)) = (&mut metadata, more) {
        members.extend(more);
    }
    let metadata: ClientMetadata = serde_json::from_value(metadata).unwrap();
    metadata.check(|_| SecretHash::from_bytes([0; 32])).unwrap()
}

fn terms() -> Terms {
    Terms {
        scopes: "openid given_name family_name".parse().unwrap(),
        evidence: Vec::new(),
        level: Acr::Eidas1,
        retention_months: 12,
    }
}

#[test]
fn a_client_asks_for_what_is_granted_and_nothing_beyond() {
    let judged = |more| terms().check(&client(more)).map_err(|error| error.member);
    assert_eq!(judged(json!({})), Ok(()));
    assert_eq!(judged(json!({"scope": "openid family_name"})), Ok(()));
    assert_eq!(judged(json!({"scope": "openid email"})), Err("scope"));
    assert_eq!(judged(json!({"scope": "openid profile"})), Err("scope"));
    assert_eq!(
        judged(json!({"default_acr_values": ["eidas2"]})),
        Err("default_acr_values")
    );
    assert_eq!(
        judged(json!({"minimum_acr_value": "eidas3"})),
        Err("minimum_acr_value")
    );
    let evidence = json!([{"evidence_type": "a", "fields": ["b"], "purposes": ["c"]}]);
    assert_eq!(
        judged(json!({"evidence_rights": evidence})),
        Err("evidence_rights")
    );
}

#[test]
fn what_is_beyond_the_terms_is_taken_and_what_is_within_stays() {
    let within = client(json!({"scope": "openid family_name"}));
    assert!(terms().narrowed(&within) == within);
    let evidence = json!([{"evidence_type": "a", "fields": ["b"], "purposes": ["c"]}]);
    let beyond = client(json!({
        "scope": "openid given_name email", "evidence_rights": evidence,
        "default_acr_values": ["eidas3"], "minimum_acr_value": "eidas3",
    }));
    let narrowed = terms().narrowed(&beyond);
    assert_eq!(terms().check(&narrowed), Ok(()));
    assert_eq!(narrowed.scopes, "openid given_name".parse().unwrap());
    assert!(narrowed.evidence_rights.is_empty() && narrowed.minimum_acr.is_none());
}

#[test]
fn what_is_typed_is_kept_and_comes_back_as_it_was() {
    let catalogue = Catalogue::builtin().unwrap();
    let evidence = &catalogue.all_evidence()[0];
    let field = evidence.fields()[0].name();
    let name = format!("evidence.{}.{field}", evidence.id());
    let (mut dossier, mut contacts) = (Dossier::default(), Contacts::default());
    let typed: HashMap<String, String> = [
        ("scope.email", "yes"),
        ("why.scope.email", "<b>"),
        // A reason without its tick is asked all the same: nothing typed is lost.
        ("why.scope.phone", "to call"),
        (name.as_str(), "yes"),
        ("dpo.name", "kept"),
    ]
    .into_iter()
    .map(|(name, text)| (name.to_owned(), text.to_owned()))
    .collect();
    for part in Part::ALL {
        part.write(&typed, &catalogue, (&mut dossier, &mut contacts));
    }
    let shown = fields(&dossier, &contacts, &catalogue);
    for (name, text) in &typed {
        assert_eq!(shown.get(name), Some(text), "{name}");
    }
    assert_eq!(shown.get("scope.phone").map(String::as_str), Some("yes"));
}

#[test]
fn every_member_stands_on_one_page() {
    let catalogue = Catalogue::builtin().unwrap();
    for name in fields(&Dossier::default(), &Contacts::default(), &catalogue).keys() {
        let name = name.strip_prefix("why.").unwrap_or(name);
        let pages = Part::ALL.into_iter().filter(|part| part.holds(name));
        assert_eq!(pages.count(), 1, "{name}");
    }
}

#[test]
fn keys_of_the_sandbox_open_nothing_else() {
    let entropy = std::sync::Arc::new(guichet_keys::SystemEntropy);
    let custody = std::sync::Arc::new(guichet_keys::MemoryCustody::new());
    let now = guichet_domain::Timestamp::from_seconds(1_795_000_000);
    let keys = guichet_keys::Keys::open(custody, entropy, now, &[]).unwrap();
    let secrets = guichet_oidc::ClientSecrets::new(&keys);
    let kept = |more: Value| {
        let mut metadata = json!({
            "client_id": "s", "client_secret": "a secret of the sandbox", "environment": "sandbox",
            "redirect_uris": ["https://service.example/cb"],
        });
        metadata
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        let metadata: ClientMetadata = serde_json::from_value(metadata).unwrap();
        metadata.check_keeping(&secrets).unwrap()
    };
    let key = json!({"keys": [{"kty": "EC", "crv": "P-256", "x": "a", "y": "b", "kid": "one"}]});
    let renamed =
        json!({"keys": [{"kty": "EC", "crv": "P-256", "x": "a", "y": "b", "kid": "two"}]});
    let other = json!({"keys": [{"kty": "EC", "crv": "P-256", "x": "c", "y": "d", "kid": "one"}]});
    let sandbox = kept(json!({"jwks": key}));
    let judged = |more: Value, given: Option<&str>| {
        own_keys::check(&client(more), given, (&secrets, now), &[&sandbox]).unwrap()
    };
    assert!(judged(json!({}), Some("a secret of the sandbox")).is_err());
    assert!(judged(json!({}), Some("a secret of production")).is_ok());
    assert!(judged(json!({"jwks": renamed}), None).is_err());
    assert!(judged(json!({"jwks": other}), None).is_ok());
    // And the other way round, where production was there first.
    let production = kept(json!({"client_id": "p", "environment": "production", "jwks": key}));
    let back = kept(json!({"jwks": renamed}));
    let judged = |given| own_keys::check(&back, given, (&secrets, now), &[&production]).unwrap();
    assert!(judged(None).is_err());
}
