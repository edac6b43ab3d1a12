//! Two operators at the command line, while a node goes on signing people in.

use anyhow::Result;
use guichet_integration_tests::mock_provider::someone;
use guichet_integration_tests::{MockProvider, RawClient};
use serde_json::Value;

use super::deployment::{Deployment, sign_in, told};

#[tokio::test]
async fn two_operators_make_two_persons_one_while_a_node_runs_and_take_it_back() -> Result<()> {
    let provider = MockProvider::start("mock").await?;
    let service = RawClient::new("service");
    let mut deployment = Deployment::new(&[&service], &[&provider])?;
    deployment.employ(&["alice", "bob"])?;
    let _node = deployment.start().await?;
    let issuer = deployment.issuer.clone();
    let mut renamed = someone();
    renamed["family_name"] = "AUTREMENT".into();
    let mut subs = Vec::new();
    for citizen in [&someone(), &renamed] {
        provider.present(citizen.clone());
        subs.push(
            sign_in(&service, &issuer, &provider)
                .await?
                .sub()
                .to_owned(),
        );
    }
    let by = |operator, whose| deployment.acting(operator, whose);
    let [one, other] = [0, 1].map(|at| format!("{}@service.example", subs[at]));

    let stranger = format!(
        "person merge {other} {one} --reason T-1 {}",
        by("alice", "bob")
    );
    let refused = deployment.command(&stranger)?;
    assert_eq!(refused.status.code(), Some(1), "{}", told(&refused));
    let proposed = deployment.say(&format!(
        "person merge {other} {one} --reason T-1 {}",
        by("alice", "alice")
    ))?;
    let proposed: Value = serde_json::from_str(&proposed)?;
    let id = proposed["correction"]["id"].as_str().unwrap_or_default();
    let alone = format!("person confirm {id} {}", by("alice", "alice"));
    let alone = deployment.command(&alone)?;
    assert_eq!(alone.status.code(), Some(1), "{}", told(&alone));
    assert_eq!(sign_in(&service, &issuer, &provider).await?.sub(), subs[1]);

    deployment.say(&format!("person confirm {id} {}", by("bob", "bob")))?;
    assert_eq!(sign_in(&service, &issuer, &provider).await?.sub(), subs[0]);
    let unproven = deployment.command(&format!("person show {other} -o json"))?;
    assert_eq!(unproven.status.code(), Some(2), "{}", told(&unproven));
    let show = format!("person show {other} {}", by("alice", "alice"));
    let shown: Value = serde_json::from_str(&deployment.say(&show)?)?;
    assert_eq!(shown["rows"].as_array().map(Vec::len), Some(2));
    let names = shown["names"].as_array().into_iter().flatten();
    let names: Vec<&Value> = names
        .filter(|name| name["sector"] == "service.example")
        .collect();
    assert_eq!(names[0]["sub"], subs[0], "{shown}");
    assert_eq!(names[0]["counts"], true);
    assert_eq!(names[1]["counts"], false);

    deployment.say(&format!("person undo {id} {}", by("bob", "bob")))?;
    assert_eq!(sign_in(&service, &issuer, &provider).await?.sub(), subs[1]);
    let list: Value = serde_json::from_str(&deployment.say("person corrections -o json")?)?;
    assert_eq!(list[0]["undone"]["by"], "bob");
    deployment.say("ledger verify")?;
    Ok(())
}
