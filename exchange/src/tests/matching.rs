//! Private matching: an index instead of a name, for the data provider it is for, and no more than it may have.

use guichet_domain::{EventKind, PivotIdentity};
use guichet_keys::{BlindedIdentity, SystemEntropy};
use serde_json::json;

use super::shown::{martin, preparing};
use super::world::World;
use crate::matching::{MOST, NotIndexed};
use crate::testing::{claims_of, envelope, posted, right_claims, signed};
use crate::{Prepared, Preparing, Without};

fn blinded(count: usize) -> Vec<Vec<u8>> {
    let one = || {
        BlindedIdentity::of(&martin(), &SystemEntropy)
            .unwrap()
            .message()
    };
    (0..count).map(|_| one().to_vec()).collect()
}

impl World {
    fn indexing(&self, a_day: u32) {
        self.directory
            .change_famille(|famille| famille.indexed_a_day = a_day);
    }

    async fn index(&self, client: &str, blinded: &[Vec<u8>]) -> Result<usize, NotIndexed> {
        let indexed = self.desk.index(&client.parse().unwrap(), blinded).await;
        indexed.unwrap().map(|evaluated| evaluated.len())
    }

    async fn prepare_knowing(&self, identity: &PivotIdentity) -> Prepared {
        let ask = self.ask(&json!({}));
        let client = self.desk.parts.clients.client("cantine").unwrap();
        let knowing = Preparing {
            identity: Some(identity),
            ..preparing(self, &ask, &client)
        };
        self.desk.prepare(knowing).await.unwrap()
    }
}

#[tokio::test]
async fn one_without_a_link_is_asked_again_by_index_and_by_nothing_else() {
    let world = World::new().await;
    world.indexing(1000);
    // It knows the citizen by the index that its own register has for them.
    let identity = BlindedIdentity::of(&martin(), &SystemEntropy).unwrap();
    let famille = "fd-famille".parse().unwrap();
    let asked = [identity.message().to_vec()];
    let evaluated = world.desk.index(&famille, &asked).await.unwrap().unwrap();
    let known = identity.index(&evaluated[0]).unwrap().to_string();
    let (keys, now) = (world.holder.keys.clone(), world.now());
    world.holder.answers(move |voucher, body| {
        let said = claims_of(&keys, voucher);
        match said.get("blind_index") {
            None => posted(403, &json!({"status": "needs_link"})),
            Some(index) if *index == json!(known) => {
                let claims = right_claims(&said, body, now);
                let evidence = envelope(&signed(&keys, &claims), &said["recipient"]);
                posted(200, &json!({"evidence": evidence}))
            }
            Some(_) => posted(404, &json!({"status": "no_match"})),
        }
    });
    let shown = world.prepare_knowing(&martin()).await;
    assert!(matches!(shown, Prepared::Shown { .. }), "{shown:?}");
    let sent = world.holder.sent();
    assert_eq!(sent.len(), 2);
    let said = world.opened(&sent[1].voucher);
    assert_eq!(said.get("identity"), None);
    assert!(!serde_json::to_string(&said).unwrap().contains("MARTIN"));
    let heard = world.heard("fd-famille", &sent[1].voucher).await.unwrap();
    assert_eq!(heard.get("blind_index"), None, "it was said once");
    let events = world.events().await;
    let by: Vec<_> = events
        .iter()
        .filter_map(|it| it.details.get("by"))
        .collect();
    assert_eq!(by, ["blind_index"]);
}

#[tokio::test]
async fn a_link_that_is_there_or_a_record_without_matching_gets_no_index() {
    let world = World::new().await;
    world.holder.says(403, &json!({"status": "needs_link"}));
    let unmatched = world.prepare_knowing(&martin()).await;
    assert!(matches!(
        unmatched,
        Prepared::Without(Without::NeedsLink { .. })
    ));
    assert_eq!(world.holder.sent().len(), 1);
    world.indexing(1000);
    world.holder.says(404, &json!({"status": "no_match"}));
    assert_eq!(
        world.prepare_knowing(&martin()).await,
        Prepared::from(Without::NoMatch)
    );
    let sent = world.holder.sent();
    assert_eq!(sent.len(), 2);
    let said = sent.iter().map(|it| world.opened(&it.voucher));
    assert!(
        said.into_iter()
            .all(|said| !said.contains_key("blind_index"))
    );
}

#[tokio::test]
async fn nobody_but_its_data_provider_has_a_register_indexed() {
    let world = World::new().await;
    let one = blinded(1);
    let nobody = Err(NotIndexed::Nobody);
    assert_eq!(world.index("fd-famille", &one).await, nobody, "no matching");
    world.indexing(1000);
    for other in ["cantine", "autre"] {
        assert_eq!(world.index(other, &one).await, nobody, "{other}");
    }
    assert_eq!(world.index("fd-famille", &one).await, Ok(1));
    world
        .directory
        .change_famille(|famille| famille.active = false);
    assert_eq!(world.index("fd-famille", &one).await, nobody, "disabled");
}

#[tokio::test]
async fn no_more_of_a_register_is_indexed_a_day_than_its_record_says() {
    let world = World::new().await;
    world.indexing(300);
    let malformed = Err(NotIndexed::Malformed);
    assert_eq!(world.index("fd-famille", &[]).await, malformed);
    assert_eq!(
        world.index("fd-famille", &blinded(MOST + 1)).await,
        malformed
    );
    assert_eq!(world.index("fd-famille", &[vec![0; 32]]).await, malformed);
    for _ in 0..2 {
        assert_eq!(world.index("fd-famille", &blinded(150)).await, Ok(150));
    }
    let spent = Err(NotIndexed::TooMany);
    assert_eq!(world.index("fd-famille", &blinded(1)).await, spent);
    world.clock.pass(24 * 60 * 60 + 1);
    assert_eq!(world.index("fd-famille", &blinded(1)).await, Ok(1));
    let events = world.events().await;
    let indexed = events
        .iter()
        .filter(|it| it.kind == EventKind::EvidenceIndexed);
    let counts: Vec<&str> = indexed.map(|it| it.details["count"].as_str()).collect();
    assert_eq!(counts, ["150", "150", "1"]);
}
