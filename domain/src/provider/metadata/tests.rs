//! What may be declared of a provider, what may not, and that every record comes back as it went.

use serde_json::{Value, json};

use super::*;
use crate::provider::{Availability, Endpoints, LevelRefusal, Provider, UnmappedAcr};
use crate::{Amr, InvalidMember, Sealed, Timestamp};

fn check(json: Value) -> Result<Provider, InvalidMember> {
    check_over(None, json)
}

fn check_over(known: Option<&Provider>, json: Value) -> Result<Provider, InvalidMember> {
    let metadata: ProviderMetadata = serde_json::from_value(json).unwrap();
    metadata.check_over(
        known,
        |secret| Sealed::from_bytes(secret.as_bytes().to_vec()),
        CivilRegisterPolicy::Skip,
    )
}

fn declared() -> Value {
    json!({
        "id": "postale", "issuer": "https://idp.example", "client_id": "hub", "client_secret": "s",
        "levels": ["eidas2", "eidas1"],
        "acr_map": {"low": "eidas1", "substantial": "eidas2"},
    })
}

fn with(change: Value) -> Value {
    let mut json = declared();
    if let (Some(members), Value::Object(change)) = (json.as_object_mut(), change) {
        members.extend(change);
    }
    json
}

/// Every member there is.
fn everything() -> Value {
    with(valid(
        r#"{
        "name": "Identité Postale",
        "operator": "La Poste",
        "discovery": false,
        "authorization_endpoint": "https://idp.example/authorize",
        "token_endpoint": "https://idp.example/token",
        "userinfo_endpoint": "https://idp.example/userinfo",
        "jwks_uri": "https://idp.example/jwks",
        "end_session_endpoint": "https://idp.example/end",
        "pushed_authorization_request_endpoint": "https://idp.example/par",
        "authorization_response_iss_parameter_supported": true,
        "token_endpoint_auth_method": "client_secret_post",
        "token_endpoint_auth_signing_alg": "PS256",
        "scope": "openid profile",
        "claims": {"userinfo": {"birthdate": {"essential": true}}},
        "prompt": ["login"],
        "response_mode": "form_post",
        "require_pushed_authorization_requests": true,
        "dpop_bound_access_tokens": true,
        "id_token_signed_response_alg": "ES256",
        "id_token_encrypted_response_alg": "RSA-OAEP-256",
        "id_token_encrypted_response_enc": "A256GCM",
        "userinfo_signed_response_alg": "RS256",
        "userinfo_encrypted_response_alg": "ECDH-ES",
        "userinfo_encrypted_response_enc": "A128CBC-HS256",
        "unmapped_acr": "refuse",
        "amr": {"declared": ["pwd", "sms"]},
        "civil_register": "required",
        "claims_mapping": {"family_name": "claims.sn", "acr": "claims.loa"},
        "active": true,
        "opens": "2027-01-01T00:00:00Z",
        "closes": "2028-01-01T00:00:00Z",
        "maintenance": {"fr": "En travaux.", "en": "Works."},
        "clients": {"except": ["banque"]},
        "email_domains": ["laposte.example"],
        "order": 3,
        "displayed": false,
        "logo_uri": "https://idp.example/logo.svg",
        "beta": true,
        "unavailable": "hidden",
        "warning": {"fr": "Attention.", "en": "Beware.", "more_info_uri": "https://idp.example/why"},
        "status_uri": "https://idp.example/health",
        "backchannel_logout": true
        }"#,
    ))
}

/// Read as text: the macro has its limits.
fn valid(json: &str) -> Value {
    serde_json::from_str(json).unwrap()
}

#[test]
fn an_acr_nobody_mapped_counts_as_the_lowest() {
    let provider = check(declared()).unwrap();
    assert_eq!(provider.level_of(Some("substantial")), Ok(Acr::Eidas2));
    assert_eq!(provider.level_of(Some("bronze")), Ok(Acr::Eidas1));
    assert_eq!(provider.level_of(None), Ok(Acr::Eidas1));
    assert_eq!(provider.acr_values_for(Acr::Eidas2), ["substantial"]);
    assert_eq!(provider.acr_values_for(Acr::Eidas1), ["low", "substantial"]);
}

#[test]
fn a_level_that_may_not_be_asserted_stands_for_nothing_and_strict_records_refuse_the_unmapped() {
    let mut provider = check(declared()).unwrap();
    assert_eq!(
        provider.level_of(Some("eidas3")),
        Err(LevelRefusal::NotAllowed)
    );
    provider.levels = vec![Acr::Eidas2];
    for below in ["low", "eidas1"] {
        assert_eq!(
            provider.level_of(Some(below)),
            Err(LevelRefusal::NotAllowed)
        );
    }
    provider.unmapped_acr = UnmappedAcr::Refuse;
    for unmapped in [Some("bronze"), None] {
        assert_eq!(provider.level_of(unmapped), Err(LevelRefusal::Unmapped));
    }
}

#[test]
fn every_member_comes_back_as_it_was_declared() {
    let provider = check(everything()).unwrap();
    let mut written = serde_json::to_value(ProviderMetadata::from(&provider)).unwrap();
    let mut expected = everything();
    // On the way in only; and levels are put in order.
    expected.as_object_mut().unwrap().remove("client_secret");
    expected["levels"] = json!(["eidas1", "eidas2"]);
    assert_eq!(written, expected);
    written["client_secret"] = json!("s");
    assert!(check(written).unwrap() == provider);
    let stored = serde_json::to_string(&provider).unwrap();
    assert!(serde_json::from_str::<Provider>(&stored).unwrap() == provider);
}

#[test]
fn a_record_of_before_these_members_still_opens() {
    let stored = json!({
        "id": "postale", "name": "Postale", "issuer": "https://idp.example", "client_id": "hub",
        "client_secret": null, "authentication": "private_key_jwt", "scope": "openid",
        "levels": ["eidas1"], "acr_map": {"eidas1": "eidas1"}, "civil_register": "skip",
        "active": true, "order": 1,
    });
    let provider: Provider = serde_json::from_value(stored).unwrap();
    assert_eq!(provider.endpoints, Endpoints::Discovered);
    assert!(provider.display.displayed);
    assert_eq!(
        provider.is_open(Timestamp::from_seconds(1)),
        Availability::Open
    );
    assert_eq!(provider.amr.methods(&[Amr::Pwd]), [Amr::Pwd]);
}

#[test]
fn each_fault_names_its_member() {
    let without_discovery = |member: &str, value: Value| {
        let mut json = everything();
        json[member] = value;
        (member.to_owned(), json)
    };
    let beside_discovery = |member: &str, value: Value| {
        let mut json = declared();
        json[member] = value;
        (member.to_owned(), json)
    };
    let cases = [
        beside_discovery("id", json!("A/B")),
        beside_discovery("issuer", json!("https://idp.example?x=1")),
        beside_discovery("operator", json!(" ")),
        beside_discovery("client_id", json!("")),
        beside_discovery("client_secret", json!("")),
        beside_discovery("levels", json!([])),
        beside_discovery("acr_map", json!({"high": "eidas3"})),
        beside_discovery("token_endpoint", json!("https://idp.example/token")),
        beside_discovery("jwks", json!({"keys": [{"kty": "EC"}]})),
        beside_discovery("token_endpoint_auth_signing_alg", json!("HS256")),
        beside_discovery("scope", json!("openid\u{e9}")),
        beside_discovery("claims", json!({"acr": {}})),
        beside_discovery("prompt", json!(["none"])),
        beside_discovery("id_token_signed_response_alg", json!("HS256")),
        beside_discovery("id_token_signed_response_alg", json!("none")),
        beside_discovery("id_token_encrypted_response_alg", json!("RSA1_5")),
        beside_discovery("id_token_encrypted_response_enc", json!("A256GCM")),
        beside_discovery("opens", json!("tomorrow")),
        beside_discovery("email_domains", json!(["@example.org"])),
        beside_discovery("email_domains", json!(["Example.org"])),
        beside_discovery("logo_uri", json!("javascript:alert(1)")),
        beside_discovery("status_uri", json!("file:///etc/passwd")),
        beside_discovery("maintenance", json!({"fr": "", "en": "Works."})),
        beside_discovery("warning", json!({"fr": "Attention.", "en": " "})),
        beside_discovery("claims_mapping", json!({"sub": "claims.id"})),
        beside_discovery("claims_mapping", json!({"idp_id": "claims.id"})),
        beside_discovery("claims_mapping", json!({"given_name": " "})),
        beside_discovery("claims_mapping", json!({"given_name": "1".repeat(2001)})),
        without_discovery("authorization_endpoint", Value::Null),
        without_discovery("token_endpoint", Value::Null),
        without_discovery("jwks_uri", Value::Null),
        without_discovery("pushed_authorization_request_endpoint", Value::Null),
        without_discovery("userinfo_signed_response_alg", Value::Null),
        without_discovery("closes", json!("2026-12-31T23:59:59Z")),
    ];
    for (member, json) in cases {
        let found = check(json.clone()).err().map(|error| error.member);
        assert_eq!(found, Some(member.as_str()), "{json}");
    }
}

#[test]
fn private_keys_and_two_sources_of_keys_are_refused() {
    let mut json = everything();
    json["jwks"] = json!({"keys": [{"kty": "EC"}]});
    assert_eq!(check(json.clone()).err().unwrap().member, "jwks_uri");
    json["jwks_uri"] = Value::Null;
    assert!(check(json.clone()).is_ok());
    json["jwks"] = json!({"keys": [{"kty": "EC", "d": "secret"}]});
    assert_eq!(check(json).err().unwrap().member, "jwks");
}

#[test]
fn a_secret_is_kept_by_a_change_unless_it_would_go_elsewhere() {
    let known = check(declared()).unwrap();
    let mut json = with(json!({"name": "Nouveau nom"}));
    json.as_object_mut().unwrap().remove("client_secret");
    let changed = check_over(Some(&known), json.clone()).unwrap();
    assert_eq!(changed.client_secret, known.client_secret);
    for (member, value) in [
        ("issuer", json!("https://attacker.example")),
        ("client_id", json!("other")),
    ] {
        let mut json = json.clone();
        json[member] = value;
        let refused = check_over(Some(&known), json.clone()).err().unwrap();
        assert_eq!(refused.member, "client_secret");
        json["client_secret"] = json!("fresh");
        let secret = check_over(Some(&known), json).unwrap().client_secret;
        assert_eq!(secret.unwrap().as_bytes(), b"fresh");
    }
    let known = check(everything()).unwrap();
    let mut json = everything();
    json.as_object_mut().unwrap().remove("client_secret");
    assert!(check_over(Some(&known), json.clone()).is_ok());
    json["token_endpoint"] = json!("https://attacker.example/token");
    let refused = check_over(Some(&known), json).err().unwrap();
    assert_eq!(refused.member, "client_secret");
}

#[test]
fn a_provider_opens_and_closes_and_rests_for_maintenance() {
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let provider = check(everything()).unwrap();
    let (opens, closes) = (at("2027-01-01T00:00:00Z"), at("2028-01-01T00:00:00Z"));
    for (now, expected) in [
        ("2026-12-31T23:59:59Z", Availability::NotYet(opens)),
        ("2027-01-01T00:00:00Z", Availability::Maintenance),
        ("2028-01-01T00:00:00Z", Availability::Closed(closes)),
    ] {
        assert_eq!(provider.is_open(at(now)), expected);
    }
    let inactive = check(with(json!({"active": false}))).unwrap();
    assert_eq!(inactive.is_open(opens), Availability::Inactive);
}

#[test]
fn the_list_of_clients_is_of_those_it_serves_or_of_those_it_does_not() {
    let serves = |clients: Value, client: &str| {
        let provider = check(with(json!({"clients": clients}))).unwrap();
        provider.serves(&client_called(client, json!({})))
    };
    assert!(serves(json!({"only": ["cantine"]}), "cantine"));
    assert!(!serves(json!({"only": ["cantine"]}), "banque"));
    assert!(serves(json!({"except": ["banque"]}), "cantine"));
    assert!(!serves(json!({"except": ["banque"]}), "banque"));
    assert!(
        check(declared())
            .unwrap()
            .serves(&client_called("banque", json!({})))
    );
}

#[test]
fn what_is_tried_out_and_what_is_for_real_are_served_apart() {
    let serves = |sandbox: &str, environment: &str| {
        let provider = check(with(json!({"sandbox": sandbox}))).unwrap();
        provider.serves(&client_called("a", json!({"environment": environment})))
    };
    assert!(serves("no", "production") && !serves("no", "sandbox"));
    assert!(serves("also", "production") && serves("also", "sandbox"));
    assert!(!serves("only", "production") && serves("only", "sandbox"));
    let silent = check(declared()).unwrap();
    assert!(!silent.serves(&client_called("a", json!({"environment": "sandbox"}))));
}

fn client_called(id: &str, more: Value) -> crate::Client {
    let mut metadata = json!({
        "client_id": id, "client_secret": "0123456789abcdef",
        "redirect_uris": ["https://service.example/cb"],
    });
    if let (Value::Object(members), Value::Object(more)) = (&mut metadata, more) {
        members.extend(more);
    }
    let metadata: crate::ClientMetadata = serde_json::from_value(metadata).unwrap();
    metadata
        .check(|_| crate::SecretHash::from_bytes([0; 32]))
        .unwrap()
}

#[test]
fn methods_are_asserted_or_declared_and_nothing_in_between() {
    for wrong in [
        json!({}),
        json!({"asserted": false}),
        json!({"asserted": true, "declared": ["pwd"]}),
        json!({"declared": []}),
        json!({"declared": ["magic"]}),
    ] {
        let read: Result<ProviderMetadata, _> = serde_json::from_value(with(json!({"amr": wrong})));
        assert!(
            read.is_err_and(|error| error.to_string().contains("amr")),
            "{wrong}"
        );
    }
    let declared = check(with(json!({"amr": {"declared": ["sms", "pwd"]}}))).unwrap();
    assert_eq!(declared.amr.methods(&[Amr::Hwk]), [Amr::Sms, Amr::Pwd]);
}
