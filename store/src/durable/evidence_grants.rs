//! What citizens decided about evidence: one record for each decision about one evidence.
//!
//! A decision that sends something is a grant: once the sign-in it was made in is over, it may be pulled so
//! often, so fast and so long, and each pull is one statement that cannot succeed after the grant ended.
//! What a pull fetched never rests here.

use std::time::Duration;

use async_trait::async_trait;
use guichet_domain::{
    ClientId, DataProviderId, EvidenceTypeId, ExchangeId, GrantId, PersonId, Sealed, Timestamp,
};

use super::words::words;
use crate::Fault;

/// A decision as it rests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceGrantRecord {
    /// What the service knows it by.
    pub id: ExchangeId,
    /// What the data provider knows it by.
    pub alias: ExchangeId,
    /// The sign-in it was made in: the service's tokens hang off it.
    pub grant: GrantId,
    /// Who decided. After a merge somebody else may be who they are now.
    pub person: PersonId,
    /// Which service asked.
    pub client: ClientId,
    /// Who holds the evidence.
    pub data_provider: DataProviderId,
    /// Which evidence.
    pub evidence_type: EvidenceTypeId,
    /// What was asked, shown and granted: names only, sealed.
    pub terms: Sealed,
    /// What they decided.
    pub outcome: EvidenceOutcome,
    /// When.
    pub decided: Timestamp,
    /// Since when it may be fetched: the service was answered. Nothing is fetched before.
    pub begun: Option<Timestamp>,
    /// Nothing is fetched from then on.
    pub expires: Timestamp,
    /// How often it may be fetched; 0 when nothing is sent.
    pub max_pulls: u32,
    /// The time from one pull to the next; none for what is granted once.
    pub every: Duration,
    /// How often it was fetched.
    pub pulls: u32,
    /// The latest time.
    pub last_pull: Option<LastPull>,
    /// When and how it ended before its time.
    pub ended: Option<(Timestamp, EvidenceEnd)>,
    /// The decision that this one changed.
    pub predecessor: Option<ExchangeId>,
}

/// The latest pull of a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastPull {
    /// When it began.
    pub at: Timestamp,
    /// How often it was tried.
    pub tries: u32,
    /// Whether the service confirmed that the evidence arrived.
    pub arrived: bool,
    /// Whether both sides confirmed it; `None` as long as nobody looked whether one is missing.
    pub confirmed: Option<bool>,
}

words! {
    /// What a citizen decided.
    EvidenceOutcome {
        /// All that was asked is sent.
        Sent = "sent",
        /// Some fields are not.
        Partly = "partly",
        /// Nothing is sent.
        Refused = "refused",
        /// Nothing is sent: the citizen says that it is wrong.
        Contested = "contested",
    }
}

words! {
    /// How a grant ended before its time.
    EvidenceEnd {
        /// The citizen took it back.
        Revoked = "revoked",
        /// The service gave it back.
        GivenBack = "given_back",
        /// A later decision took its place.
        Replaced = "replaced",
        /// Nobody used it for long.
        Unused = "unused",
        /// The operator ended it.
        Withdrawn = "withdrawn",
    }
}

words! {
    /// A half of a delivery.
    DeliveryHalf {
        /// The data provider's: it left.
        Released = "released",
        /// The service's: it arrived.
        Received = "received",
    }
}

/// One side's word that an envelope left or arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryRecord {
    /// Of which exchange.
    pub exchange: ExchangeId,
    /// By which voucher it was fetched, by its name: the pull that [`EvidenceGrants::released`] says.
    pub voucher: [u8; 32],
    /// The number of that pull.
    pub pull: u32,
    /// Which half.
    pub half: DeliveryHalf,
    /// SHA-256 of the envelope's text.
    pub digest: [u8; 32],
    /// The poster's signed receipt (JWS), as it came.
    pub receipt: String,
    /// When it came in.
    pub at: Timestamp,
}

/// What an attempt to pull yields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pull {
    /// Evidence may leave: this is pull number `count`.
    Allowed {
        /// From 1; the same again when this pull is tried once more.
        count: u32,
    },
    /// Not before then.
    TooSoon {
        /// When it will be allowed.
        at: Timestamp,
    },
    /// It was fetched as often as was granted.
    Exhausted,
    /// It ended, or has not begun, or nothing was granted.
    Ended,
    /// There is no such grant.
    Unknown,
}

impl EvidenceGrantRecord {
    /// For how long a pull that nobody confirmed may be tried again: somebody may have died between
    /// release and delivery.
    pub const TRY_AGAIN_WITHIN: Duration = Duration::from_mins(10);
    /// How often one pull may be tried.
    pub const MOST_TRIES: u32 = 3;

    /// Whether there is something to take back at `now`: something was granted, and it neither ended nor
    /// expired, whether it has begun or not.
    pub fn stands(&self, now: Timestamp) -> bool {
        self.ended.is_none() && self.max_pulls > 0 && now < self.expires
    }

    /// Whether it lives at `now`: it stands, and has begun.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.begun.is_some() && self.stands(now)
    }

    /// Whether anything may still be fetched by it, at `now` or later.
    pub fn may_be_pulled(&self, now: Timestamp) -> bool {
        matches!(
            self.outlook(now),
            Pull::Allowed { .. } | Pull::TooSoon { .. }
        )
    }

    /// What a pull at `now` would yield, as far as this reading knows.
    pub fn outlook(&self, now: Timestamp) -> Pull {
        if !self.is_live(now) {
            return Pull::Ended;
        }
        if self.may_try_again(now) {
            return Pull::Allowed { count: self.pulls };
        }
        if self.pulls >= self.max_pulls {
            return Pull::Exhausted;
        }
        match self.last_pull.map(|last| last.at.after(self.every)) {
            Some(at) if at > now => Pull::TooSoon { at },
            Some(_) | None => Pull::Allowed {
                count: self.pulls + 1,
            },
        }
    }

    fn may_try_again(&self, now: Timestamp) -> bool {
        self.last_pull.is_some_and(|last| {
            !last.arrived
                && last.tries < Self::MOST_TRIES
                && last.at > now.before(Self::TRY_AGAIN_WITHIN)
        })
    }
}

/// Decisions about evidence.
#[async_trait]
pub trait EvidenceGrants: Send + Sync {
    /// Keeps a decision, which has not begun. Keeping it twice is keeping it once.
    async fn record(&self, grant: &EvidenceGrantRecord) -> Result<(), Fault>;

    /// Begins everything that was granted in one sign-in and has not ended; beginning it twice is beginning
    /// it once. What may be fetched again and again ends, in the same step, every other such grant that
    /// lives of this evidence by this person to this client: of any number that begin at once, one lives on.
    /// Which it ended.
    async fn begin(&self, grant: GrantId, now: Timestamp) -> Result<Vec<ExchangeId>, Fault>;

    /// The one the service knows by `id`.
    async fn get(&self, id: ExchangeId) -> Result<Option<EvidenceGrantRecord>, Fault>;

    /// The one the data provider knows by `alias`.
    async fn of_alias(&self, alias: ExchangeId) -> Result<Option<EvidenceGrantRecord>, Fault>;

    /// The grant that lives at `now` and may be fetched again and again, of this evidence by this person to
    /// this client: the one that another would end.
    async fn recurring(
        &self,
        person: PersonId,
        client: &ClientId,
        evidence_type: &EvidenceTypeId,
        now: Timestamp,
    ) -> Result<Option<EvidenceGrantRecord>, Fault>;

    /// A citizen's decisions, newest first: those of everybody who turned out to be this person included.
    async fn of_person(
        &self,
        person: PersonId,
        limit: u32,
    ) -> Result<Vec<EvidenceGrantRecord>, Fault>;

    /// Those of one sign-in.
    async fn of_grant(&self, grant: GrantId) -> Result<Vec<EvidenceGrantRecord>, Fault>;

    /// Pulls by `voucher`, a name: of any number of callers no more are allowed than the grant says, and
    /// none before it began or after it ended.
    async fn pull(&self, id: ExchangeId, voucher: &[u8; 32], now: Timestamp)
    -> Result<Pull, Fault>;

    /// The number of the pull that `voucher` was spent for; `None` when nothing was released by it.
    async fn released(&self, id: ExchangeId, voucher: &[u8; 32]) -> Result<Option<u32>, Fault>;

    /// Puts terms that grant less in place of `before`, as long as the grant stands and they are what it
    /// rests on; whether this call did.
    async fn narrow(
        &self,
        id: ExchangeId,
        before: &Sealed,
        after: &Sealed,
        now: Timestamp,
    ) -> Result<bool, Fault>;

    /// Ends a grant; whether this call did.
    async fn end(&self, id: ExchangeId, how: EvidenceEnd, now: Timestamp) -> Result<bool, Fault>;

    /// Those that live on at `now`, may be fetched again and again and have not been since `before`, nor for
    /// twice the time that lies between two pulls; the longest unused first.
    async fn unused(
        &self,
        before: Timestamp,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<EvidenceGrantRecord>, Fault>;

    /// Notes a half of a delivery; whether it is new: each side has one word on each voucher. The service's
    /// half ends the tries of the pull that it is about, and both confirm that pull, as long as no other began.
    async fn deliver(&self, half: &DeliveryRecord) -> Result<bool, Fault>;

    /// Both halves of every delivery of one exchange, oldest first.
    async fn deliveries(&self, exchange: ExchangeId) -> Result<Vec<DeliveryRecord>, Fault>;

    /// Those whose latest pull began before `before` and was not confirmed by both sides, the oldest first,
    /// as long as nobody noted it.
    async fn unconfirmed(
        &self,
        before: Timestamp,
        limit: u32,
    ) -> Result<Vec<EvidenceGrantRecord>, Fault>;

    /// Notes that the pull of `began` was not confirmed, unless it was meanwhile or another one began;
    /// whether it is new.
    async fn note_unconfirmed(&self, id: ExchangeId, began: Timestamp) -> Result<bool, Fault>;

    /// How many pulls that began from `since` on are noted as not confirmed.
    async fn count_unconfirmed(&self, since: Timestamp) -> Result<u64, Fault>;

    /// Halves that came in from `since` to before `until` and whose other half did not.
    async fn one_sided(
        &self,
        since: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<DeliveryRecord>, Fault>;
}
