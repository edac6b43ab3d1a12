//! What may be asked for, and each thing that may not.

use std::sync::Arc;
use std::time::Duration;

use guichet_domain::data_provider::DataProviderDirectory;
use guichet_domain::{
    Client, ClientMetadata, DataProvider, EvidenceTypeId, OAuthError, Scopes, Timestamp,
};
use guichet_oidc::{AuthorizationDetail, RichRefusal};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{Basis, Catalogue};

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

/// One data provider, for family quotients.
struct Famille;

impl DataProviderDirectory for Famille {
    fn data_provider(&self, id: &str) -> Option<Arc<DataProvider>> {
        (id == "famille").then(famille)
    }

    fn data_providers(&self) -> Vec<Arc<DataProvider>> {
        vec![famille()]
    }

    fn holder_of(&self, evidence_type: &EvidenceTypeId) -> Option<Arc<DataProvider>> {
        let famille = famille();
        famille.offers(evidence_type).then_some(famille)
    }
}

fn famille() -> Arc<DataProvider> {
    let record = json!({
        "id": "famille", "name": "Famille", "client": "famille", "preview": "fetched",
        "evidence_endpoint": "https://famille.example/evidence", "evidence": ["quotient-familial"],
        "may_receive_identity": false, "active": true,
    });
    Arc::new(serde_json::from_value(record).unwrap())
}

/// Approved for two of the four fields, until the day after.
fn cantine() -> Client {
    let metadata: ClientMetadata = serde_json::from_value(json!({
        "client_id": "cantine", "client_secret": "a-secret-of-thirty-two-characters",
        "redirect_uris": ["https://cantine.example/cb"],
        "evidence_rights": [{
            "evidence_type": "quotient-familial", "fields": ["tranche", "quotient"],
            "purposes": ["tarif-cantine"], "until": NOW.after(Duration::from_hours(24)).to_string(),
        }, {
            "evidence_type": "revenu-fiscal", "fields": ["parts"], "purposes": ["tarif-cantine"],
        }],
    }))
    .unwrap();
    metadata.check(guichet_keys::client_secret_hash).unwrap()
}

fn requests() -> Requests {
    Requests::new(Arc::new(Catalogue::builtin().unwrap()), Arc::new(Famille))
}

fn detail(members: Value) -> AuthorizationDetail {
    serde_json::from_value(members).unwrap()
}

/// A good detail with some members changed; `null` takes one out.
fn asking(change: Value) -> AuthorizationDetail {
    let mut members = json!({
        "type": "evidence", "evidence_type": "quotient-familial", "purpose": "tarif-cantine",
    });
    let Value::Object(change) = change else {
        panic!("an object")
    };
    for (name, value) in change {
        members[name] = value;
    }
    members
        .as_object_mut()
        .unwrap()
        .retain(|_, value| !value.is_null());
    detail(members)
}

fn checked(
    asked: &[AuthorizationDetail],
    scopes: &str,
    now: Timestamp,
) -> Result<Vec<Ask>, RichRefusal> {
    let scopes: Scopes = scopes.parse().unwrap();
    let accepted = requests().check(&cantine(), asked, &scopes, now)?;
    Ok(accepted
        .iter()
        .map(|it| Ask::of_detail(it).unwrap())
        .collect())
}

fn one(change: Value) -> Result<Ask, RichRefusal> {
    checked(&[asking(change)], "openid", NOW).map(|mut asks| asks.remove(0))
}

fn names(ask: &Ask) -> Vec<&str> {
    ask.fields()
        .iter()
        .map(guichet_domain::FieldName::as_str)
        .collect()
}

#[test]
fn what_is_left_unsaid_is_made_explicit() {
    let ask = one(json!({})).unwrap();
    assert_eq!(names(&ask), ["quotient", "tranche"]);
    assert_eq!(ask.data_provider().as_str(), "famille");
    assert_eq!(ask.basis(), Basis::ExplicitRequest);
    assert_eq!(ask.usage(), &Usage::Single);
    assert_eq!(ask.retention_days(), 365);
    assert!(ask.may_be_refused());
}

#[test]
fn what_is_said_is_kept() {
    let until = NOW.after(Duration::from_hours(24 * 100)).to_string();
    let ask = one(json!({
        "fields": ["tranche"], "usage": "recurring", "frequency_days": 7, "max_pulls": 3, "until": until,
        "retention_days": 10, "procedure": "dos-7f3a", "data_provider": "famille",
    }))
    .unwrap();
    assert_eq!(names(&ask), ["tranche"]);
    let Usage::Recurring {
        every_days: 7,
        max_pulls: 3,
        until: said,
    } = ask.usage()
    else {
        panic!("{:?}", ask.usage())
    };
    assert_eq!(said.to_string(), until);
    assert_eq!(
        (ask.retention_days(), ask.procedure().unwrap().as_str()),
        (10, "dos-7f3a")
    );
    // As the accepted request holds it, it reads back as it was.
    assert_eq!(Ask::of_detail(&ask.detail().unwrap()), Some(ask));
}

#[test]
fn what_may_not_be_asked_for_is_refused() {
    let late = NOW.after(Duration::from_hours(24 * 400)).to_string();
    for change in [
        json!({"evidence_type": "carte-d-identite"}),
        json!({"evidence_type": "revenu-fiscal"}),
        json!({"evidence_type": null}),
        json!({"purpose": "curiosite"}),
        json!({"purpose": "aide-sociale"}),
        json!({"purpose": null}),
        json!({"fields": []}),
        json!({"fields": ["quotient", "quotient"]}),
        json!({"fields": ["quotient", "salaire"]}),
        json!({"fields": ["adresse"]}),
        json!({"data_provider": "impots"}),
        json!({"retention_days": 366}),
        json!({"retention_days": 0}),
        json!({"usage": "always"}),
        json!({"max_pulls": 2}),
        json!({"usage": "recurring", "max_pulls": 0}),
        json!({"usage": "recurring", "frequency_days": 367}),
        json!({"usage": "recurring", "until": late}),
        json!({"usage": "recurring", "until": NOW.to_string()}),
        json!({"procedure": ""}),
        json!({"procedure": "é"}),
        json!({"recipients": ["somebody else"]}),
    ] {
        let refused = one(change.clone());
        assert!(refused.is_err(), "{change} gives {refused:?}");
    }
    let twice = [asking(json!({})), asking(json!({"fields": ["tranche"]}))];
    assert!(checked(&twice, "openid", NOW).is_err());
    let other = [detail(json!({"type": "payment"}))];
    assert!(checked(&other, "openid", NOW).is_err());
}

#[test]
fn a_right_ends_on_its_day() {
    let last = NOW.after(Duration::from_hours(24));
    let asked = [asking(json!({}))];
    assert!(checked(&asked, "openid", last.before(Duration::from_millis(1))).is_ok());
    assert!(checked(&asked, "openid", last).is_err());
}

#[test]
fn a_plain_scope_asks_for_its_field_where_the_service_is_approved() {
    let of = |scopes| checked(&[], scopes, NOW).unwrap();
    let asks = of("openid cnaf_quotient_familial");
    assert_eq!(names(&asks[0]), ["quotient"]);
    assert_eq!(asks[0].purpose().as_str(), "tarif-cantine");
    // Not approved for the field; nobody offers the evidence; no data scope at all.
    for scopes in ["openid cnaf_adresse", "openid dgfip_nbpart", "openid email"] {
        assert_eq!(of(scopes), [], "{scopes}");
    }
    let named = [asking(json!({"fields": ["tranche"]}))];
    let asks = checked(&named, "openid cnaf_quotient_familial", NOW).unwrap();
    assert_eq!(asks.len(), 1);
    assert_eq!(names(&asks[0]), ["tranche"]);
}

#[test]
fn fewer_fields_are_kept_in_their_order() {
    let ask = one(json!({})).unwrap();
    let kept = ["tranche".parse().unwrap(), "adresse".parse().unwrap()];
    assert_eq!(names(&ask.narrowed(&kept)), ["tranche"]);
}

#[test]
fn a_refusal_says_which_error_it_is() {
    let refusal = one(json!({"purpose": "curiosite"})).unwrap_err();
    let expected = RichRefusal::new(
        OAuthError::InvalidAuthorizationDetails,
        "purpose is not in the catalogue",
    );
    assert_eq!(refusal, expected);
}

proptest! {
    #[test]
    fn no_detail_makes_the_reader_fall_over(
        name in "fields|usage|until|procedure|purpose|[a-z_]{1,12}",
        text in "\\PC{0,30}",
        number in any::<i64>(),
    ) {
        for value in [json!(text), json!(number), json!([text, number]), json!({"a": text})] {
            if let Ok(ask) = one(json!({name.clone(): value})) {
                prop_assert!(ask.fields().len() <= 2 && ask.retention_days() <= 365);
            }
        }
    }
}
