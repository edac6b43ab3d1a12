//! Families of refresh tokens in memory: the rules of the store, without its disk.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use guichet_domain::{ClientId, GrantId, PersonId, SessionId, Timestamp};
use guichet_store::Fault;
use guichet_store::durable::{FamilyState, RefreshFamily, RefreshTokens, Rotation};

/// Families of refresh tokens, by grant; `Err` marks a grant revoked before its family began, and says
/// until when.
#[derive(Default)]
pub(crate) struct Families(Mutex<HashMap<GrantId, Result<Family, Timestamp>>>);

struct Family {
    begun: RefreshFamily,
    generation: i64,
    rotated: Timestamp,
    revoked: bool,
}

impl Family {
    fn is_live(&self, now: Timestamp) -> bool {
        !self.revoked && now < self.begun.expires
    }
}

impl Families {
    fn revoke_where(&self, wanted: impl Fn(&RefreshFamily) -> bool) -> u64 {
        let mut families = self.0.lock().unwrap();
        let live = families.values_mut().flatten().filter(|it| !it.revoked);
        let mut revoked = 0;
        for family in live.filter(|it| wanted(&it.begun)) {
            family.revoked = true;
            revoked += 1;
        }
        revoked
    }
}

#[async_trait]
impl RefreshTokens for Families {
    async fn start(&self, family: &RefreshFamily) -> Result<bool, Fault> {
        let mut families = self.0.lock().unwrap();
        if families.contains_key(&family.grant) {
            return Ok(false);
        }
        let begun = Family {
            begun: family.clone(),
            generation: RefreshFamily::FIRST,
            rotated: Timestamp::from_seconds(0),
            revoked: false,
        };
        families.insert(family.grant, Ok(begun));
        Ok(true)
    }

    async fn rotate(
        &self,
        grant: GrantId,
        presented: i64,
        window: Duration,
        now: Timestamp,
    ) -> Result<Rotation, Fault> {
        let mut families = self.0.lock().unwrap();
        let live = families.get_mut(&grant).and_then(|it| it.as_mut().ok());
        let Some(family) = live.filter(|it| it.is_live(now)) else {
            return Ok(Rotation::Over);
        };
        if presented == family.generation {
            family.generation += 1;
            family.rotated = now;
            let generation = family.generation;
            return Ok(Rotation::Rotated { generation });
        }
        if presented > family.generation || presented < RefreshFamily::FIRST {
            return Ok(Rotation::Over);
        }
        if presented == family.generation - 1 && now < family.rotated.after(window) {
            let generation = family.generation;
            return Ok(Rotation::Repeated { generation });
        }
        family.revoked = true;
        Ok(Rotation::Reused)
    }

    async fn family(&self, grant: GrantId, now: Timestamp) -> Result<Option<FamilyState>, Fault> {
        let families = self.0.lock().unwrap();
        let family = families.get(&grant).and_then(|it| it.as_ref().ok());
        Ok(family.filter(|it| it.is_live(now)).map(|it| FamilyState {
            client: it.begun.client.clone(),
            person: it.begun.person,
            session: it.begun.session,
            sealed: it.begun.sealed.clone(),
            expires: it.begun.expires,
            generation: it.generation,
        }))
    }

    async fn revoke(&self, grant: GrantId, now: Timestamp) -> Result<bool, Fault> {
        let until = now.after(Duration::from_hours(1));
        self.0.lock().unwrap().entry(grant).or_insert(Err(until));
        Ok(self.revoke_where(|family| family.grant == grant) > 0)
    }

    async fn revoke_of(&self, person: PersonId, client: &ClientId) -> Result<u64, Fault> {
        Ok(self.revoke_where(|it| it.person == Some(person) && it.client == *client))
    }

    async fn revoke_of_session(&self, session: SessionId) -> Result<u64, Fault> {
        Ok(self.revoke_where(|family| family.session == Some(session)))
    }

    async fn prune(&self, now: Timestamp) -> Result<u64, Fault> {
        let mut families = self.0.lock().unwrap();
        let before = families.len();
        families.retain(|_, it| match it {
            Ok(family) => now < family.begun.expires,
            Err(until) => now < *until,
        });
        Ok(u64::try_from(before - families.len()).unwrap())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use guichet_store::conformance::{Books, durable};
    use guichet_store::{Durable, DurableSettings};

    use super::Families;

    /// The rules of the store hold here too.
    macro_rules! rules {
        ($($rule:ident)*) => { $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $rule() {
                let folder = tempfile::tempdir().unwrap();
                let file = folder.path().join("hub.db");
                let settings = DurableSettings::default();
                let mut here = Durable::sqlite(file, settings).await.unwrap();
                here.migrate_up().await.unwrap();
                here.refresh_tokens = Arc::new(Families::default());
                let there = here.clone();
                durable::$rule(Books { here, there }).await.unwrap();
            }
        )* };
    }

    guichet_store::refresh_token_rules!(rules);
}
