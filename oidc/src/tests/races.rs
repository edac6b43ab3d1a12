//! What happens at the same moment: a session that ends while its tokens are issued, requests of one
//! client that are all counted before any of them waits.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use guichet_domain::{ClientId, GrantId, PersonId, Sealed, SessionId, Timestamp};
use guichet_store::Fault;
use guichet_store::durable::{FamilyState, RefreshFamily, RefreshTokens, Rotation};
use guichet_store::short_lived::{Advance, Deferred, DeferredGrants, DeferredRecord, Settlement};
use serde_json::json;

use crate::testing::{Form, NOON, PERSON, SUBJECT, World};

const SESSION: SessionId = SessionId::from_bytes([1; 16]);
const GRANT: GrantId = GrantId::from_bytes([2; 16]);

/// A world whose families are interrupted, and a code of the session and the grant above.
async fn interrupted() -> (Arc<World>, Arc<Interrupted>, String) {
    let mut families = None;
    let world = World::with_parts(|parts| {
        let interrupted = Arc::new(Interrupted::new(Arc::clone(&parts.refresh)));
        parts.refresh = interrupted.clone();
        families = Some(interrupted);
    })
    .await;
    world.refreshing("basic", &json!({}));
    world.next_sign_in(1, 2);
    let code = world.code_for("basic").await;
    (Arc::new(world), families.unwrap(), code)
}

async fn lives(families: &Interrupted) -> bool {
    families.family(GRANT, NOON).await.unwrap().is_some()
}

#[tokio::test]
async fn a_session_that_ends_just_before_a_family_begins_takes_it_along() {
    let (world, families, code) = interrupted().await;
    let engine = world.engine.clone();
    families.before_start(async move { engine.end_session(SESSION).await.unwrap() });
    let form = Form::redeeming("basic", &code);
    let answered = world.send(form.by("basic")).await;
    assert_eq!(answered.error().as_deref(), Some("invalid_grant"));
    assert!(!lives(&families).await);
}

#[tokio::test]
async fn tokens_asked_for_in_the_middle_of_a_sign_out_do_not_outlive_it() {
    let (world, families, code) = interrupted().await;
    let asking = Arc::clone(&world);
    families.after_revoking(async move {
        let form = Form::redeeming("basic", &code);
        asking.send(form.by("basic")).await;
    });
    world.engine.end_session(SESSION).await.unwrap();
    assert!(!lives(&families).await);
}

#[tokio::test]
async fn requests_that_come_at_once_bury_nobody_either() {
    let world = World::with_parts(|parts| {
        parts.deferred = Arc::new(Unhurried(Arc::clone(&parts.deferred)));
    })
    .await;
    let ciba = json!({
        "grant_types": ["urn:openid:params:grant-type:ciba"], "redirect_uris": [],
        "backchannel_token_delivery_mode": "poll",
    });
    world.clients.add("desk", &ciba);
    let asking = (0..8).map(|_| {
        let form = Form::empty()
            .with("scope", "openid")
            .with("login_hint", SUBJECT);
        world.send(form.by_at("/bc-authorize", "desk"))
    });
    let answers = futures_util::future::join_all(asking).await;
    let mut statuses: Vec<u16> = answers.iter().map(|it| it.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 200, 200, 403, 403, 403, 403]);
    let waiting = world.engine.requests_for(PERSON).await.unwrap().len();
    assert_eq!(waiting, 4);
}

type Meanwhile = Mutex<Option<Pin<Box<dyn Future<Output = ()> + Send>>>>;

/// Families of refresh tokens at which something else happens at the worst moment.
struct Interrupted {
    inner: Arc<dyn RefreshTokens>,
    before_start: Meanwhile,
    after_revoking: Meanwhile,
}

impl Interrupted {
    fn new(inner: Arc<dyn RefreshTokens>) -> Self {
        Self {
            inner,
            before_start: Mutex::default(),
            after_revoking: Mutex::default(),
        }
    }

    /// Happens once, before a family begins.
    fn before_start(&self, what: impl Future<Output = ()> + Send + 'static) {
        *self.before_start.lock().unwrap() = Some(Box::pin(what));
    }

    /// Happens once, after the families of a session were revoked.
    fn after_revoking(&self, what: impl Future<Output = ()> + Send + 'static) {
        *self.after_revoking.lock().unwrap() = Some(Box::pin(what));
    }
}

async fn happens(meanwhile: &Meanwhile) {
    let what = meanwhile.lock().unwrap().take();
    if let Some(what) = what {
        what.await;
    }
}

#[async_trait]
impl RefreshTokens for Interrupted {
    async fn start(&self, family: &RefreshFamily) -> Result<bool, Fault> {
        happens(&self.before_start).await;
        self.inner.start(family).await
    }

    async fn rotate(
        &self,
        grant: GrantId,
        presented: i64,
        window: Duration,
        now: Timestamp,
    ) -> Result<Rotation, Fault> {
        self.inner.rotate(grant, presented, window, now).await
    }

    async fn family(&self, grant: GrantId, now: Timestamp) -> Result<Option<FamilyState>, Fault> {
        self.inner.family(grant, now).await
    }

    async fn revoke(&self, grant: GrantId, now: Timestamp) -> Result<bool, Fault> {
        self.inner.revoke(grant, now).await
    }

    async fn revoke_of(&self, person: PersonId, client: &ClientId) -> Result<u64, Fault> {
        self.inner.revoke_of(person, client).await
    }

    async fn revoke_of_session(&self, session: SessionId) -> Result<u64, Fault> {
        let revoked = self.inner.revoke_of_session(session).await;
        happens(&self.after_revoking).await;
        revoked
    }

    async fn prune(&self, now: Timestamp) -> Result<u64, Fault> {
        self.inner.prune(now).await
    }
}

/// Deferred grants that let others go first after each look.
struct Unhurried(Arc<dyn DeferredGrants>);

#[async_trait]
impl DeferredGrants for Unhurried {
    async fn open(
        &self,
        handle: [u8; 32],
        lookup: Option<[u8; 32]>,
        sealed: Sealed,
        expires: Timestamp,
    ) -> Result<bool, Fault> {
        self.0.open(handle, lookup, sealed, expires).await
    }

    async fn find(&self, lookup: [u8; 32]) -> Result<Option<[u8; 32]>, Fault> {
        let found = self.0.find(lookup).await;
        tokio::task::yield_now().await;
        found
    }

    async fn load(&self, handle: [u8; 32]) -> Result<Option<DeferredRecord>, Fault> {
        self.0.load(handle).await
    }

    async fn settle(
        &self,
        handle: [u8; 32],
        to: Settlement,
        sealed: Sealed,
    ) -> Result<Advance, Fault> {
        self.0.settle(handle, to, sealed).await
    }

    async fn redeem(&self, handle: [u8; 32]) -> Result<Deferred, Fault> {
        self.0.redeem(handle).await
    }
}
