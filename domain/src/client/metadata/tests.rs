//! What metadata may say, and what is made of it.

use super::{ClientMetadata, ClientMetadataError};
use crate::client::{Client, KeepSecret, SecretHash};
use crate::{ClientId, Sealed, SigningAlg};

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
fn a_sandbox_client_asks_for_no_evidence_and_knows_nobody_by_a_name_of_elsewhere() {
    let sandbox = |name: &str, value: serde_json::Value| {
        let mut json = service();
        json["environment"] = "sandbox".into();
        json[name] = value;
        check(json)
    };
    let client = sandbox("client_name", "Essai".into()).unwrap();
    assert!(client.is_sandbox());
    assert_eq!(client.sector.as_str(), "sandbox:service");
    let again = ClientMetadata::from(&client).check_over(Some(&client), &Hashed);
    assert!(again.unwrap() == client);
    for (name, value) in [
        ("sector", serde_json::json!("service.example")),
        ("evidence_rights", rights("a", &["b"], &["c"])),
        ("habilitation", serde_json::json!("h1")),
    ] {
        assert!(matches!(
            sandbox(name, value),
            Err(ClientMetadataError::Invalid { member, .. }) if member == name
        ));
    }
    let other_hosts = serde_json::json!(["https://a.example/cb", "https://b.example/cb"]);
    assert!(sandbox("redirect_uris", other_hosts).is_err());
    let mut stranger = service();
    stranger["sector"] = "sandbox:other".into();
    assert!(check(stranger).is_err());
}

/// Keeps every secret as the same hash.
struct Hashed;

impl KeepSecret for Hashed {
    fn hash(&self, _secret: &str) -> SecretHash {
        SecretHash::from_bytes([7; 32])
    }

    fn seal(&self, _client: &ClientId, _secret: &str) -> Option<Sealed> {
        None
    }
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
        ("subject_type", serde_json::json!("open")),
        ("id_token_signed_response_alg", serde_json::json!("none")),
        ("userinfo_signed_response_alg", serde_json::json!("HS256")),
        ("default_acr_values", serde_json::json!(["loa9"])),
        (
            "backchannel_logout_uri",
            serde_json::json!("file:///etc/passwd"),
        ),
        ("client_uri", serde_json::json!("javascript:alert(1)")),
        ("providers", serde_json::json!(["../x"])),
        ("events_uri", serde_json::json!("https://a.example/#x")),
        ("evidence_rights", rights("a", &["b"], &[])),
        ("evidence_rights", rights("a", &[], &["c"])),
        ("evidence_rights", rights("a", &["b", "b"], &["c"])),
        ("evidence_rights", rights("A", &["b"], &["c"])),
        (
            "evidence_rights",
            serde_json::json!([
                { "evidence_type": "a", "fields": ["b"], "purposes": ["c"] },
                { "evidence_type": "a", "fields": ["d"], "purposes": ["c"] },
            ]),
        ),
        (
            "evidence_rights",
            serde_json::json!([
                { "evidence_type": "a", "fields": ["b"], "purposes": ["c"], "until": "soon" },
            ]),
        ),
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

fn rights(evidence_type: &str, fields: &[&str], purposes: &[&str]) -> serde_json::Value {
    serde_json::json!([
        { "evidence_type": evidence_type, "fields": fields, "purposes": purposes },
    ])
}

#[test]
fn a_right_covers_its_fields_for_its_purposes_until_its_day() {
    let mut json = service();
    json["evidence_rights"] = rights("quotient-familial", &["quotient"], &["tarif-cantine"]);
    json["evidence_rights"][0]["until"] = "2027-01-01T00:00:00Z".into();
    let client = check(json).unwrap();
    let right = &client.evidence_rights[0];
    let (field, purpose) = (
        "quotient".parse().unwrap(),
        "tarif-cantine".parse().unwrap(),
    );
    let last: crate::Timestamp = "2026-12-31T23:59:59Z".parse().unwrap();
    assert!(right.covers(&field, &purpose, last));
    assert!(!right.covers(&field, &purpose, "2027-01-01T00:00:00Z".parse().unwrap()));
    assert!(!right.covers(&"adresse".parse().unwrap(), &purpose, last));
    assert!(!right.covers(&field, &"logement".parse().unwrap(), last));
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
fn nobody_takes_a_place_in_the_sector_of_a_host_that_is_not_theirs() {
    let sector = |uris: &[&str]| {
        let client = check(with(serde_json::json!({ "redirect_uris": uris })));
        client.unwrap().sector.as_str().to_owned()
    };
    let own = "client:service";
    assert_eq!(sector(&["com.evil.app://cantine.example/cb"]), own);
    assert_eq!(
        sector(&["com.evil.app:/cb", "com.evil.other://b.example/"]),
        own
    );
    // One machine, whatever it is called, houses many services.
    assert_eq!(sector(&["http://127.0.0.2:8020/cb"]), own);
    assert_eq!(sector(&["https://service.localhost/cb"]), own);
    assert_eq!(
        sector(&[
            "http://localhost/cb",
            "http://127.0.0.1/cb",
            "http://[::1]/cb"
        ]),
        own
    );
}

#[test]
fn browsers_are_sent_at_sign_out_where_the_client_already_is() {
    let uri = |uri: &str| check(with(serde_json::json!({ "frontchannel_logout_uri": uri })));
    assert!(uri("https://service.example/out?tenant=1").is_ok());
    for elsewhere in [
        "https://service.example.evil/out",
        "https://other.example/out",
        "http://service.example/out",
        "https://service.example:8443/out",
        "https://service.example/out#here",
    ] {
        let message = uri(elsewhere).err().map(|error| error.to_string());
        assert!(
            message.is_some_and(|text| text.starts_with("frontchannel_logout_uri")),
            "{elsewhere}"
        );
    }
    let token = serde_json::json!({ "backchannel_logout_uri": "https://service.example/out#x" });
    let message = check(with(token)).err().map(|error| error.to_string());
    assert!(message.is_some_and(|text| text.starts_with("backchannel_logout_uri")));
}

#[test]
fn a_secret_is_as_long_as_the_hash_it_signs_with() {
    for (alg, shortest) in [("HS256", 32), ("HS384", 48), ("HS512", 64)] {
        let with_secret = |length: usize| {
            metadata(with(serde_json::json!({
                "token_endpoint_auth_method": "client_secret_jwt",
                "token_endpoint_auth_signing_alg": alg,
                "client_secret": "s".repeat(length),
            })))
            .check_keeping(&Keeping)
        };
        assert!(with_secret(shortest).is_ok(), "{alg}");
        let message = with_secret(shortest - 1)
            .err()
            .map(|error| error.to_string());
        assert!(
            message.is_some_and(|text| text.starts_with("client_secret")),
            "{alg}"
        );
    }
}

/// Keeps a secret as it is.
struct Keeping;

impl KeepSecret for Keeping {
    fn hash(&self, _secret: &str) -> SecretHash {
        SecretHash::from_bytes([7; 32])
    }

    fn seal(&self, _id: &ClientId, secret: &str) -> Option<Sealed> {
        Some(Sealed::from_bytes(secret.as_bytes().to_vec()))
    }
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

#[test]
fn what_members_demand_of_each_other_is_checked() {
    let cases = [
        (
            "jwks",
            serde_json::json!({"token_endpoint_auth_method": "private_key_jwt"}),
        ),
        (
            "jwks",
            serde_json::json!({"id_token_encrypted_response_alg": "ECDH-ES"}),
        ),
        (
            "id_token_encrypted_response_enc",
            serde_json::json!({"id_token_encrypted_response_enc": "A256GCM"}),
        ),
        (
            "tls_client_auth_subject_dn",
            serde_json::json!({"token_endpoint_auth_method": "tls_client_auth"}),
        ),
        (
            "tls_client_auth_subject_dn",
            serde_json::json!({
                "token_endpoint_auth_method": "tls_client_auth",
                "tls_client_auth_subject_dn": "CN=a",
                "tls_client_auth_san_dns": "a.example",
            }),
        ),
        (
            "backchannel_client_notification_endpoint",
            serde_json::json!({"backchannel_token_delivery_mode": "ping"}),
        ),
        (
            "token_endpoint_auth_signing_alg",
            serde_json::json!({
                "token_endpoint_auth_method": "private_key_jwt",
                "token_endpoint_auth_signing_alg": "HS256",
            }),
        ),
        ("sector", serde_json::json!({"sector": "public:"})),
    ];
    for (member, more) in cases {
        let message = check(with(more)).err().map(|error| error.to_string());
        let message = message.unwrap_or_default();
        assert!(message.starts_with(member), "{member}: {message}");
    }
}

#[test]
fn a_client_of_fapi2_gets_the_whole_profile_unasked() {
    let client = check(with(fapi2())).unwrap();
    assert!(client.requests.require_pushed && client.requests.require_pkce);
    assert!(client.dpop_bound_access_tokens);
}

#[test]
fn a_client_of_fapi2_gets_nothing_weaker() {
    let weaker = [
        (
            "token_endpoint_auth_method",
            serde_json::json!("client_secret_basic"),
        ),
        (
            "require_pushed_authorization_requests",
            serde_json::json!(false),
        ),
        ("require_pkce", serde_json::json!(false)),
        ("dpop_bound_access_tokens", serde_json::json!(false)),
        ("id_token_signed_response_alg", serde_json::json!("RS256")),
        (
            "authorization_signed_response_alg",
            serde_json::json!("RS256"),
        ),
        (
            "token_endpoint_auth_signing_alg",
            serde_json::json!("RS256"),
        ),
        ("request_object_signing_alg", serde_json::json!("ES384")),
    ];
    for (member, value) in weaker {
        let mut more = fapi2();
        more[member] = value;
        let message = check(with(more)).err().map(|error| error.to_string());
        assert!(
            message
                .as_deref()
                .is_some_and(|text| text.starts_with(member)),
            "{member}: {message:?}"
        );
    }
}

#[test]
fn what_is_encrypted_is_signed_first() {
    let client = check(with(serde_json::json!({
        "jwks": {"keys": [{"kty": "EC"}]},
        "userinfo_encrypted_response_alg": "ECDH-ES",
    })))
    .unwrap();
    assert_eq!(client.userinfo_alg, Some(SigningAlg::Es256));
}

#[test]
fn public_subjects_are_those_of_one_sector_that_no_host_can_be() {
    let one = check(with(serde_json::json!({"subject_type": "public"}))).unwrap();
    assert_eq!(one.sector.as_str(), "public:");
}

#[test]
fn a_client_asks_for_the_details_it_is_registered_for() {
    let types = |types: serde_json::Value| {
        check(with(
            serde_json::json!({"authorization_details_types": types}),
        ))
    };
    assert!(check(service()).unwrap().may_ask_for("evidence"));
    let client = types(serde_json::json!(["evidence"])).unwrap();
    assert!(client.may_ask_for("evidence"));
    assert!(!client.may_ask_for("evidence2"));
    let none = types(serde_json::json!([])).unwrap();
    assert!(!none.may_ask_for("evidence"));
    assert!(types(serde_json::json!(["evidence", ""])).is_err());
}

#[test]
fn a_client_written_out_is_read_back_the_same() {
    let declared = [
        service(),
        with(fapi2()),
        with(serde_json::json!({
            "jwks_uri": "https://service.example/jwks",
            "userinfo_encrypted_response_alg": "RSA-OAEP-256",
            "userinfo_encrypted_response_enc": "A256GCM",
            "grant_types": ["authorization_code", "refresh_token"],
            "backchannel_token_delivery_mode": "ping",
            "backchannel_client_notification_endpoint": "https://service.example/ping",
            "default_max_age": 60,
            "profile": "franceconnect",
            "frontchannel_logout_uri": "https://service.example/out",
            "sector_identifier_uri": "https://service.example/sector",
            "events_uri": "https://service.example/events",
            "messages": true,
            "evidence_rights": [
                { "evidence_type": "a", "fields": ["b", "c"], "purposes": ["d"],
                  "until": "2027-01-01T00:00:00Z" },
                { "evidence_type": "e", "fields": ["f"], "purposes": ["d"] },
            ],
            "authorization_details_types": ["evidence"],
        })),
    ];
    for json in declared {
        let client = check(json).unwrap();
        let mut written = ClientMetadata::from(&client);
        written.client_secret = Some("0123456789abcdef".to_owned());
        let read = written.check(|_| SecretHash::from_bytes([7; 32]));
        assert!(read.unwrap() == client, "{}", client.id);
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "called with a literal each time"
)]
fn with(more: serde_json::Value) -> serde_json::Value {
    let mut json = service();
    for (member, value) in more.as_object().unwrap() {
        json[member] = value.clone();
    }
    json
}

fn fapi2() -> serde_json::Value {
    serde_json::json!({
        "profile": "fapi2",
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks": {"keys": [{"kty": "EC"}]},
    })
}
