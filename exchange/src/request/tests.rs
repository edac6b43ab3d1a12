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

/// One data provider for all there is.
struct Everything;

impl DataProviderDirectory for Everything {
    fn data_provider(&self, _: &str) -> Option<Arc<DataProvider>> {
        Some(famille())
    }

    fn data_providers(&self) -> Vec<Arc<DataProvider>> {
        vec![famille()]
    }

    fn holder_of(&self, _: &EvidenceTypeId) -> Option<Arc<DataProvider>> {
        Some(famille())
    }
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
    let (evidence, purpose) = (
        "evidence_type is not in the catalogue",
        "purpose is not in the catalogue",
    );
    let malformed = "a detail is malformed or has a member that is not known";
    let fields = "fields are empty, twice, or not in the catalogue";
    let not_approved = "the client is not approved for this evidence, its fields or this purpose";
    let nobody = "no data provider hands this evidence out at the moment";
    let retention = "retention_days is longer than the purpose allows";
    let usage = "frequency_days and max_pulls are 1 to 366, until at most a year away, all for recurring usage";
    for (change, why) in [
        (json!({"evidence_type": "carte-d-identite"}), evidence),
        (json!({"evidence_type": "revenu-fiscal"}), nobody),
        (json!({"evidence_type": null}), malformed),
        (json!({"purpose": "curiosite"}), purpose),
        (json!({"purpose": "aide-sociale"}), not_approved),
        (json!({"purpose": null}), malformed),
        (json!({"fields": []}), fields),
        (json!({"fields": ["quotient", "quotient"]}), fields),
        (json!({"fields": ["quotient", "salaire"]}), fields),
        (json!({"fields": ["adresse"]}), not_approved),
        (json!({"data_provider": "impots"}), nobody),
        (json!({"retention_days": 366}), retention),
        (json!({"retention_days": 0}), retention),
        (json!({"usage": "always"}), malformed),
        (json!({"max_pulls": 2}), usage),
        (json!({"usage": "recurring", "max_pulls": 0}), usage),
        (json!({"usage": "recurring", "frequency_days": 367}), usage),
        (json!({"usage": "recurring", "until": late}), usage),
        (
            json!({"usage": "recurring", "until": NOW.to_string()}),
            usage,
        ),
        (
            json!({"usage": "recurring", "until": "2027-06-30"}),
            malformed,
        ),
        (json!({"procedure": ""}), malformed),
        (json!({"procedure": "é"}), malformed),
        (json!({"recipients": ["somebody else"]}), malformed),
    ] {
        let refusal = one(change.clone()).unwrap_err();
        assert_eq!(refusal.description(), why, "{change}");
    }
    let twice = [asking(json!({})), asking(json!({"fields": ["tranche"]}))];
    let refusal = checked(&twice, "openid", NOW).unwrap_err();
    let why = "the same evidence is asked for twice";
    assert_eq!(refusal.description(), why);
    let other = [detail(json!({"type": "payment"}))];
    let refusal = checked(&other, "openid", NOW).unwrap_err();
    assert_eq!(refusal.description(), "evidence is the only type there is");
}

#[test]
fn a_person_decides_on_five_facts_at_most() {
    let catalogue = Arc::new(Catalogue::builtin().unwrap());
    let types = [
        "quotient-familial",
        "prestations-sociales",
        "bourse",
        "etudes",
    ];
    let types = types
        .into_iter()
        .chain(["demandeur-emploi", "service-civique"]);
    let types: Vec<&str> = types.collect();
    let rights: Vec<Value> = types
        .iter()
        .map(|name| {
            let known = catalogue.evidence(&name.parse().unwrap()).unwrap();
            let field = known.fields()[0].name();
            json!({"evidence_type": name, "fields": [field], "purposes": ["tarif-cantine"]})
        })
        .collect();
    let mut curious = cantine();
    curious.evidence_rights = rights
        .into_iter()
        .map(|right| serde_json::from_value(right).unwrap())
        .collect();
    let asked: Vec<_> = types
        .iter()
        .map(|name| asking(json!({"evidence_type": name})))
        .collect();
    let requests = Requests::new(catalogue, Arc::new(Everything));
    let check = |asked| requests.check(&curious, asked, &Scopes::default(), NOW);
    assert_eq!(check(&asked[..5]).unwrap().len(), 5);
    let refusal = check(&asked).unwrap_err();
    let why = "more than 5 facts are asked for at once";
    assert_eq!(refusal.description(), why);
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
