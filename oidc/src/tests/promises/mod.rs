//! What tokens promise, whatever is done in whatever order by whomever: a code is spent once, a token never
//! outlives its grant, no scope grows, subjects of two sectors never meet, a family that was taken back
//! stays dead, and a refused request changes nothing.
//!
//! Sequences of steps are drawn at random and taken twice: by the engine, through its front door, and by
//! an ideal that is written down in a page (`ideal`). After every step the two must agree on what was
//! accepted and on which tokens are alive.

mod ideal;
mod run;
mod steps;

use std::sync::Arc;

use guichet_store::durable::{Durable, DurableSettings, RefreshTokens};
use proptest::prelude::*;

use crate::testing::Families;
use run::Run;
use steps::{Step, step};

/// Takes the steps where families of refresh tokens rest in `refresh`.
fn keeps_its_promises(steps: &[Step], refresh: impl AsyncFnOnce() -> Arc<dyn RefreshTokens>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut run = Run::new(refresh().await).await;
        for step in steps {
            run.take(step).await;
            run.agrees().await;
        }
    });
}

fn in_memory(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(in_memory(64))]
    #[test]
    fn any_sequence_keeps_what_tokens_promise(steps in proptest::collection::vec(step(), 1..40)) {
        let families: Arc<dyn RefreshTokens> = Arc::new(Families::default());
        keeps_its_promises(&steps, async || families);
    }
}

proptest! {
    #![proptest_config(in_memory(8))]
    #[test]
    fn and_so_it_does_where_families_rest_in_sqlite(steps in proptest::collection::vec(step(), 20..40)) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("guichet.db");
        keeps_its_promises(&steps, async || {
            let durable = Durable::sqlite(file, DurableSettings::default()).await.unwrap();
            durable.migrate_up().await.unwrap();
            durable.refresh_tokens
        });
    }
}
