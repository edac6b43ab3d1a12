//! What everybody may read: who may ask for what, as it stands now.

use serde_json::json;

use super::world::World;

#[tokio::test]
async fn each_service_s_rights_are_published_as_long_as_they_are_good() {
    let world = World::new().await;
    let services = || world.desk.published()["services"].clone();
    let right = |more: serde_json::Value| {
        let mut right = json!({
            "evidence_type": "quotient-familial", "fields": ["quotient", "tranche"],
            "purposes": ["tarif-cantine"],
        });
        for (name, value) in more.as_object().unwrap() {
            right[name] = value.clone();
        }
        json!([{"client_id": "cantine", "name": "cantine", "rights": [right]}])
    };
    assert_eq!(services(), right(json!({})));
    let until = world.now().after(std::time::Duration::from_mins(1));
    world.directory.change_client("cantine", |cantine| {
        cantine.evidence_rights[0].until = Some(until)
    });
    assert_eq!(services(), right(json!({"until": until.to_string()})));
    world.clock.pass(61);
    assert_eq!(services(), json!([]), "over");
    world
        .directory
        .change_client("cantine", |cantine| cantine.evidence_rights[0].until = None);
    world
        .directory
        .change_client("cantine", |cantine| cantine.active = false);
    assert_eq!(services(), json!([]), "disabled");
}
