//! Who is told what.

use guichet_domain::EventKind;
use guichet_domain::staff::{OrganisationMetadata, TeamMetadata};
use guichet_domain::webhook::WebhookMetadata;
use guichet_keys::{Keys, MemoryCustody};
use guichet_store::durable::{DeliveryState, EntryRecord};
use serde_json::{Value, json};

use super::*;
use crate::people::Grounds;

const NOW: Timestamp = Timestamp::from_seconds(1_795_000_000);

/// One organisation with a team for one service, and another with its own.
fn grounds() -> Grounds {
    grounds_where(true, true)
}

/// The same, where the first of them or its team may be disabled.
fn grounds_where(organisation_is: bool, team_is: bool) -> Grounds {
    let organisation = |id: &str| {
        let metadata = OrganisationMetadata {
            id: id.to_owned(),
            active: Some(id != "ville" || organisation_is),
            ..OrganisationMetadata::default()
        };
        metadata.check().unwrap()
    };
    let team = |id: &str, organisation: &str, client: &str| {
        let metadata = TeamMetadata {
            id: id.to_owned(),
            organisation: organisation.to_owned(),
            clients: vec![client.to_owned()],
            active: Some(id != "cantines" || team_is),
            ..TeamMetadata::default()
        };
        metadata.check().unwrap()
    };
    Grounds::made_of(
        vec![organisation("ville"), organisation("etat")],
        vec![
            team("cantines", "ville", "cantine"),
            team("cartes", "etat", "carte-grise"),
        ],
    )
}

fn webhook(on: &str) -> Webhook {
    let metadata = WebhookMetadata {
        id: "city".to_owned(),
        url: "https://city.example/hooks".to_owned(),
        on: Some(on.to_owned()),
        ..WebhookMetadata::default()
    };
    metadata.check(None, 5).unwrap()
}

fn told_of(event: &AuditEvent, webhook: &Webhook) -> Option<Delivery> {
    told_in(event, webhook, &grounds())
}

fn told_in(event: &AuditEvent, webhook: &Webhook, grounds: &Grounds) -> Option<Delivery> {
    let custody = Arc::new(MemoryCustody::new());
    let keys = Keys::open(custody, Arc::new(guichet_keys::SystemEntropy), NOW, &[]).unwrap();
    let entry = EntryRecord {
        sequence: 7,
        entry: serde_json::to_vec(event).unwrap(),
    };
    told::told(&entry)?.to(webhook, grounds, &keys.mac("test"))
}

fn event(kind: EventKind) -> AuditEvent {
    AuditEvent::new(kind, NOW)
}

#[test]
fn a_team_hears_of_its_own_services_and_of_nobody_else_s() {
    let changed = |client: &str| event(EventKind::ClientChanged).client(&client.parse().unwrap());
    let team = webhook("team:cantines");
    assert!(told_of(&changed("cantine"), &team).is_some());
    assert!(told_of(&changed("carte-grise"), &team).is_none());
    assert!(told_of(&changed("carte-grise"), &webhook("hub")).is_some());
    assert!(told_of(&changed("cantine"), &webhook("organisation:ville")).is_some());
    assert!(told_of(&changed("cantine"), &webhook("client:carte-grise")).is_none());
    let asked = |team: &str, organisation: &str| {
        event(EventKind::HabilitationValidated)
            .detail("team", team)
            .detail("organisation", organisation)
    };
    assert!(told_of(&asked("cantines", "ville"), &team).is_some());
    assert!(told_of(&asked("cartes", "etat"), &team).is_none());
    assert!(told_of(&event(EventKind::ProviderChanged), &team).is_none());
    let off = event(EventKind::SwitchedOff).detail("target", "hub");
    assert!(told_of(&off, &team).is_some(), "everybody sees it");
}

#[test]
fn a_place_that_is_disabled_hears_nothing_of_its_own_nor_of_what_everybody_sees() {
    let changed = || event(EventKind::ClientChanged).client(&"cantine".parse().unwrap());
    let off = || event(EventKind::SwitchedOff).detail("target", "hub");
    for (organisation, team, hears) in [
        (true, true, true),
        (true, false, false),
        (false, true, false),
    ] {
        let grounds = grounds_where(organisation, team);
        for on in ["team:cantines", "client:cantine"] {
            let webhook = webhook(on);
            for event in [changed(), off()] {
                let told = told_in(&event, &webhook, &grounds);
                assert_eq!(told.is_some(), hears, "{on} {organisation} {team}");
            }
        }
        assert!(told_in(&changed(), &webhook("hub"), &grounds).is_some());
    }
}

#[test]
fn whoever_gave_a_client_away_hears_of_it_no_more() {
    let changed = event(EventKind::ClientChanged).client(&"cantine".parse().unwrap());
    let mut own = webhook("client:cantine");
    own.under = vec!["cantines".parse().unwrap()];
    assert!(told_in(&changed, &own, &grounds()).is_some());
    own.under = vec!["cartes".parse().unwrap()];
    assert!(told_in(&changed, &own, &grounds()).is_none());
    own.under = Vec::new();
    assert!(
        told_in(&changed, &own, &grounds()).is_some(),
        "the hub's own"
    );
}

#[test]
fn a_message_says_what_happened_and_neither_who_nor_why() {
    let client = "cantine".parse().unwrap();
    let off = event(EventKind::SwitchedOff)
        .client(&client)
        .detail("target", "client:cantine")
        .detail("reason", "Camille MARTIN called")
        .detail("by", "staff:x");
    let delivery = told_of(&off, &webhook("hub")).unwrap();
    let body: Value = serde_json::from_str(&delivery.body).unwrap();
    let expected = json!({
        "type": "switch.off",
        "timestamp": NOW.to_string(),
        "data": {"sequence": 7, "client": "cantine", "target": "client:cantine"},
    });
    assert_eq!(body, expected);
    assert_eq!(delivery.delivered.state, DeliveryState::Waiting);
}

#[test]
fn what_was_before_or_is_none_of_its_kinds_is_not_told_and_a_test_is_for_one() {
    let off = || event(EventKind::SwitchedOff);
    let mut late = webhook("hub");
    late.since = 8;
    assert!(told_of(&off(), &late).is_none());
    let mut inactive = webhook("hub");
    inactive.active = false;
    assert!(told_of(&off(), &inactive).is_none());
    assert!(told_of(&event(EventKind::IdentityVerified), &webhook("hub")).is_none());
    let tested = |id: &str| event(EventKind::WebhookTested).detail("webhook", id);
    assert!(told_of(&tested("city"), &webhook("team:cantines")).is_some());
    assert!(told_of(&tested("town"), &webhook("hub")).is_none());
}
