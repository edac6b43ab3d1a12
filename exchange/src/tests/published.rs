//! What everybody may read: who may ask for what, as it stands now.

use serde_json::{Value, json};

use super::world::World;

#[tokio::test]
async fn each_service_s_rights_are_published_as_long_as_they_are_good() {
    let world = World::new().await;
    let services = || world.desk.published().unwrap()["services"].clone();
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
        cantine.evidence_rights[0].until = Some(until);
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

fn payload(text: &str) -> Value {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let payload = URL_SAFE_NO_PAD.decode(text.split('.').nth(1).unwrap());
    serde_json::from_slice(&payload.unwrap()).unwrap()
}

#[tokio::test]
async fn the_catalogue_is_signed_once_for_whoever_asks_and_anew_for_whoever_comes_later() {
    let world = World::new().await;
    let signed = || world.desk.signed_catalogue().unwrap();
    let first = signed();
    world
        .directory
        .change_famille(|famille| famille.active = false);
    world.clock.pass(29);
    assert_eq!(signed(), first, "no second signature");
    world.clock.pass(1);
    let later = payload(&signed());
    let first = payload(&first);
    assert_eq!(
        later["iat"].as_i64(),
        first["iat"].as_i64().map(|it| it + 30)
    );
    let places = |said: &Value| said["data_providers"].as_array().unwrap().len();
    assert_eq!((places(&first), places(&later)), (1, 0));
}
