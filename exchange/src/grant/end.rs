//! The end of a grant before its time: at once, everywhere.

use std::time::Duration;

use guichet_domain::{ClientId, EventKind, ExchangeId, PersonId, Timestamp};
use guichet_store::Fault;
use guichet_store::durable::{EvidenceEnd, EvidenceGrantRecord, Party};

use crate::Desk;
use crate::desk::exchange_event;
use crate::events::Event;
use crate::voucher::LONGEST;

/// Who ends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// The citizen took it back.
    Citizen,
    /// The service gave it back.
    Service,
    /// An operator withdrew it.
    Operator,
    /// Nobody used it for long.
    Unused,
}

impl How {
    const fn end(self) -> EvidenceEnd {
        match self {
            Self::Citizen => EvidenceEnd::Revoked,
            Self::Service => EvidenceEnd::GivenBack,
            Self::Operator => EvidenceEnd::Withdrawn,
            Self::Unused => EvidenceEnd::Unused,
        }
    }
}

impl Desk {
    /// Ends a decision of this citizen: from here on nothing is fetched by it, and the service's tokens
    /// of that sign-in die when no other evidence hangs off them. Whether there was anything to end.
    pub async fn end(
        &self,
        exchange: ExchangeId,
        person: PersonId,
        how: How,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        match self.parts.grants.get(exchange).await? {
            Some(record) if self.is_theirs(&record, person).await? => {
                self.end_what_stands(&record, how, now).await
            }
            _ => Ok(false),
        }
    }

    /// Ends what a service has; whether there was anything to end.
    pub async fn give_back(
        &self,
        exchange: ExchangeId,
        client: &ClientId,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        let record = self.parts.grants.get(exchange).await?;
        match record.filter(|record| record.client == *client) {
            Some(record) => self.end_what_stands(&record, How::Service, now).await,
            None => Ok(false),
        }
    }

    /// Ends what may be fetched again and again and was not for so long: for
    /// [`unused_for`](crate::DeskParts::unused_for), and no less than twice the time that lies between two pulls.
    /// On record, and told to both sides, as every end. How many ended; to be called now and then.
    pub async fn end_unused(&self, now: Timestamp) -> Result<usize, Fault> {
        let before = now.before(self.parts.unused_for);
        let mut ended = 0;
        loop {
            let unused = self.parts.grants.unused(before, now, AT_ONCE).await?;
            let is_last = u32::try_from(unused.len()).is_ok_and(|found| found < AT_ONCE);
            let already = ended;
            for record in unused {
                match self.end_one_unused(&record, (before, now)).await {
                    Ok(is_over) => ended += usize::from(is_over),
                    // One that cannot be ended keeps no other from it.
                    Err(error) => {
                        tracing::warn!(%error, exchange = %record.id, "an unused grant could not be ended");
                    }
                }
            }
            if is_last || ended == already {
                return Ok(ended);
            }
        }
    }

    /// Whether it ended now: one node sees to it, and nothing happens where it was fetched meanwhile.
    async fn end_one_unused(
        &self,
        found: &EvidenceGrantRecord,
        (before, now): (Timestamp, Timestamp),
    ) -> Result<bool, Fault> {
        let (attempts, until) = (&self.parts.attempts, now.after(TURN));
        if attempts.count(TURNS, found.id.as_bytes(), until).await? > 1 {
            return Ok(false);
        }
        let record = self.parts.grants.get(found.id).await?;
        let last_used = |it: &EvidenceGrantRecord| it.last_pull.map_or(it.decided, |pull| pull.at);
        match record.filter(|record| last_used(record) < before) {
            Some(record) => self.end_what_stands(&record, How::Unused, now).await,
            None => Ok(false),
        }
    }

    /// Ends what stands. Of what ended already, what follows from it is done once more: whoever ended it
    /// may have been cut short, and nobody else comes back to it.
    async fn end_what_stands(
        &self,
        record: &EvidenceGrantRecord,
        how: How,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        if record.stands(now) {
            return self.end_record(record, how, now).await;
        }
        if record.ended.is_some() {
            self.let_go(record, now).await?;
        }
        Ok(false)
    }

    /// On record first, and both sides' events kept. Then the grant: from that statement on no pull
    /// succeeds, whoever holds a voucher. Then the events go out.
    async fn end_record(
        &self,
        record: &EvidenceGrantRecord,
        how: How,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        self.announce_end(record, how.end(), now).await?;
        let ended = self.parts.grants.end(record.id, how.end(), now).await?;
        self.let_go(record, now).await?;
        self.parts.events.send();
        Ok(ended)
    }

    /// What follows when another took the place of this grant, which ended in the step in which the other
    /// began.
    pub(super) async fn was_replaced(
        &self,
        exchange: ExchangeId,
        is_announced: bool,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let Some(record) = self.parts.grants.get(exchange).await? else {
            return Ok(());
        };
        if !is_announced {
            self.announce_end(&record, EvidenceEnd::Replaced, now)
                .await?;
        }
        self.let_go(&record, now).await?;
        self.parts.events.send();
        Ok(())
    }

    pub(super) async fn announce_end(
        &self,
        record: &EvidenceGrantRecord,
        how: EvidenceEnd,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let event = exchange_event(EventKind::EvidenceRevoked, record.id, now)
            .client(&record.client)
            .detail("data_provider", &record.data_provider)
            .detail("how", how);
        self.append(event).await?;
        let revoked = Event::GrantRevoked { how };
        for party in [Party::Service, Party::DataProvider] {
            self.tell(record, party, &revoked, record.decided, now)
                .await?;
        }
        Ok(())
    }

    /// Kills the vouchers of a grant that ended, and the tokens of its sign-in where nothing else that lives
    /// hangs off them. Done twice is done once.
    pub(super) async fn let_go(
        &self,
        record: &EvidenceGrantRecord,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let parts = &self.parts;
        parts
            .vouchers
            .revoke_of(record.id, now.after(LONGEST))
            .await?;
        let together = parts.grants.of_grant(record.grant).await?;
        if !together.iter().any(|other| other.may_be_pulled(now)) {
            parts.refresh.revoke(record.grant, now).await?;
            let until = now.after(parts.tokens_live + MARGIN);
            parts
                .access_tokens
                .revoke_grant(record.grant, until)
                .await?;
        }
        Ok(())
    }
}

/// How many unused grants are read in one go.
const AT_ONCE: u32 = 100;
const TURNS: &str = "end of an unused grant";
/// How long a node has for one, before another sees to it.
const TURN: Duration = Duration::from_mins(10);
/// A token issued this very moment lives a little longer than one of now.
const MARGIN: Duration = Duration::from_mins(1);
