//! A grant begins when the service is answered: what a citizen decided on the way is worth nothing to anybody
//! before, and nothing at all if they never come to the end of it.

use guichet_domain::{ExchangeId, GrantId, Timestamp};
use guichet_store::Fault;
use guichet_store::durable::{EvidenceEnd, EvidenceGrantRecord};

use crate::Desk;

impl Desk {
    /// Begins what was granted in a sign-in, right before its code leaves. What it takes the place of ends in
    /// the same step, and is on record before that. Whoever dies in between has begun it or has not; done
    /// twice is done once.
    pub async fn begin(&self, grant: GrantId, now: Timestamp) -> Result<(), Fault> {
        let mut announced: Vec<ExchangeId> = Vec::new();
        let decisions = self.parts.grants.of_grant(grant).await?;
        for record in &decisions {
            if record.begun.is_some() || record.every.is_zero() || !record.stands(now) {
                continue;
            }
            let (client, evidence) = (&record.client, &record.evidence_type);
            let grants = &self.parts.grants;
            let standing = grants.recurring(record.person, client, evidence, now);
            if let Some(standing) = standing.await? {
                self.announce_end(&standing, EvidenceEnd::Replaced, now)
                    .await?;
                announced.push(standing.id);
            }
        }
        let replaced = self.parts.grants.begin(grant, now).await?;
        for id in &replaced {
            // Another sign-in of theirs may have ended a moment ago.
            let is_announced = announced.contains(id);
            self.was_replaced(*id, is_announced, now).await?;
        }
        // Whoever began it before may have died before this.
        let before = decisions.iter().filter_map(|record| record.predecessor);
        for id in before.filter(|id| !replaced.contains(id)) {
            self.let_go_of_replaced(id, now).await?;
        }
        Ok(())
    }

    async fn let_go_of_replaced(&self, id: ExchangeId, now: Timestamp) -> Result<(), Fault> {
        let record = self.parts.grants.get(id).await?;
        let is_replaced =
            |record: &EvidenceGrantRecord| matches!(record.ended, Some((_, EvidenceEnd::Replaced)));
        match record.filter(is_replaced) {
            Some(record) => self.let_go(&record, now).await,
            None => Ok(()),
        }
    }
}
