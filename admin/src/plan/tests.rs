//! What a plan says, what it leaves alone, and that it is carried out as told.

use serde_json::{Value, json};

use super::*;
use crate::changes::tests::{Notes, desk};

async fn lines(desk: &RecordDesk<Notes>, declared: &[Value], prune: bool) -> Vec<Line> {
    plan(desk, declared, prune).await.lines().collect()
}

async fn plan(desk: &RecordDesk<Notes>, declared: &[Value], prune: bool) -> Plan<Notes> {
    match desk.plan(declared, prune).await {
        Ok(plan) => plan,
        Err(wrong) => panic!("{}", wrong[0]),
    }
}

async fn wrong(desk: &RecordDesk<Notes>, declared: &[Value]) -> Vec<String> {
    let refused = desk.plan(declared, false).await.err().unwrap();
    refused.iter().map(Unplannable::to_string).collect()
}

#[tokio::test]
async fn a_plan_names_each_member_that_becomes_another_and_no_secret() {
    let (desk, _folder) = desk(&[]).await;
    let declared = [
        json!({"id": "famille", "name": "Famille", "secret": "hunter2", "colour": "blue"}),
        json!({"id": "impots"}),
    ];
    desk.carry_out(plan(&desk, &declared[..1], false).await)
        .await
        .unwrap();
    let changed = [
        json!({"id": "famille", "name": "Familles", "secret": "hunter3"}),
        json!({"id": "impots"}),
    ];
    let told = serde_json::to_value(lines(&desk, &changed, false).await).unwrap();
    // The notes of these tests show their secret as a member; what a real record shows has none.
    let members = told[0]["members"].as_array().unwrap();
    assert_eq!(members[0], json!({"member": "colour", "before": "blue"}));
    assert_eq!(
        members[1],
        json!({"member": "name", "before": "Famille", "after": "Familles"})
    );
    assert_eq!(members.last().unwrap(), &json!({"member": "client_secret"}));
    assert_eq!(
        told[1],
        json!({"kind": "note", "id": "impots", "change": "add"})
    );
}

#[tokio::test]
async fn what_is_as_declared_is_left_alone_and_a_plan_carried_out_is_empty_the_next_time() {
    let (desk, _folder) = desk(&[]).await;
    let declared = [
        json!({"id": "famille", "name": "Famille"}),
        json!({"id": "impots"}),
    ];
    let done = desk
        .carry_out(plan(&desk, &declared, false).await)
        .await
        .unwrap();
    assert_eq!(done, 2);
    let again = plan(&desk, &declared, true).await;
    assert_eq!((again.lines().count(), again.unchanged()), (0, 2));
}

#[tokio::test]
async fn pruning_spares_what_settings_declare_and_what_came_by_itself() {
    let (desk, _folder) = desk(&["settled"]).await;
    *desk.records.kept.lock().unwrap() = [
        json!({"id": "settled"}),
        json!({"id": "registered", "registered": true}),
        json!({"id": "gone", "active": false}),
        json!({"id": "left"}),
    ]
    .into_iter()
    .map(Arc::new)
    .collect();
    assert_eq!(lines(&desk, &[], false).await, []);
    let pruned = lines(&desk, &[], true).await;
    let expected = Line {
        kind: "note",
        id: "left".to_owned(),
        change: Change::Disable,
    };
    assert_eq!(pruned, [expected]);
    desk.carry_out(plan(&desk, &[], true).await).await.unwrap();
    assert_eq!(lines(&desk, &[], true).await, []);
}

#[tokio::test]
async fn what_cannot_be_planned_is_told_all_at_once() {
    let (desk, _folder) = desk(&["settled"]).await;
    let twice = json!({"id": "impots"});
    assert_eq!(
        wrong(&desk, &[twice.clone(), twice, json!({"id": "settled"})]).await,
        [
            "note impots: declared twice",
            "note settled: the note settled is declared in the settings: change it there",
        ]
    );
}

#[tokio::test]
async fn a_record_that_somebody_changed_since_the_plan_is_left_alone() {
    let (desk, _folder) = desk(&[]).await;
    let plan = plan(&desk, &[json!({"id": "famille", "name": "Mine"})], false).await;
    let theirs = Arc::new(json!({"id": "famille", "name": "Theirs"}));
    *desk.records.kept.lock().unwrap() = vec![Arc::clone(&theirs)];
    let refused = desk.carry_out(plan).await.unwrap_err();
    assert!(matches!(refused.error, ChangeError::Overtaken(..)));
    assert_eq!(*desk.records.kept.lock().unwrap(), [theirs]);
}
