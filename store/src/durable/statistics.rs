//! How many sign-ins there were, and what clients asked them with: counts read off the ledger page by page,
//! and read off it anew should they ever be lost. The room `admin` says what an entry counts for; here are
//! numbers alone, and nobody's name.

use async_trait::async_trait;
use guichet_domain::{AcrValue, ClientId, LoginId, ProviderId, Timestamp};

use super::words::words;
use crate::Fault;

words! {
    /// How a sign-in began.
    SignInWay {
        /// At a provider.
        Provider = "provider",
        /// By a session that was there.
        Session = "session",
    }
}

words! {
    /// What became of a sign-in.
    SignInOutcome {
        /// The service got its answer.
        SignedIn = "signed_in",
        /// The person said no to what the service would receive.
        Declined = "declined",
        /// The person went back to the service.
        Abandoned = "abandoned",
        /// The hub said no.
        Refused = "refused",
        /// Nobody came any more.
        Vanished = "vanished",
    }
}

/// A sign-in that is not over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnderWay {
    /// Which.
    pub login: LoginId,
    /// When it began.
    pub began: Timestamp,
    /// What is known of it.
    pub known: Known,
}

/// What is known of a sign-in so far.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Known {
    /// For which service.
    pub client: Option<ClientId>,
    /// With which provider.
    pub provider: Option<ProviderId>,
    /// At which level: the one that was reached, and before that the one that is needed.
    pub level: Option<AcrValue>,
    /// How it began.
    pub way: SignInWay,
    /// The step of the spine it waits in, from 1.
    pub step: u8,
}

/// One kind of sign-ins.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SignInKind {
    /// Which service, provider, level and way; and where those ended that led nowhere.
    pub known: Known,
    /// What became of them.
    pub outcome: SignInOutcome,
}

/// How many of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInCount {
    /// `2027`, `2027-01`, `2027-01-31` or `2027-01-31T14`.
    pub period: String,
    /// Of which kind; of no client where all are counted together.
    pub kind: SignInKind,
    /// How many.
    pub times: u64,
}

/// What a client did, in a word, in one month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientMark {
    /// Which client.
    pub client: ClientId,
    /// What: `pkce`, `scope:openid`, `error:invalid_grant`.
    pub mark: String,
    /// `2027-01`.
    pub month: String,
    /// How often.
    pub times: u64,
    /// When last.
    pub last: Timestamp,
}

/// What some entries of the ledger say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Sign-ins that are under way by now.
    pub under_way: Vec<UnderWay>,
    /// Sign-ins that are over.
    pub over: Vec<LoginId>,
    /// To be added.
    pub counts: Vec<SignInCount>,
    /// To be added.
    pub marks: Vec<ClientMark>,
}

/// What is counted.
#[async_trait]
pub trait Statistics: Send + Sync {
    /// Up to where the ledger was read.
    async fn read_to(&self) -> Result<u64, Fault>;

    /// Those of `logins` that are under way.
    async fn under_way(&self, logins: &[LoginId]) -> Result<Vec<UnderWay>, Fault>;

    /// At most `limit` that are under way and began before `before`.
    async fn begun_before(&self, before: Timestamp, limit: u32) -> Result<Vec<UnderWay>, Fault>;

    /// Adds what the entries of the ledger from `from` to before `to` say, in one step; whether this call
    /// did. Another node may have read on from `from` already.
    async fn read_on(&self, from: u64, to: u64, tally: &Tally) -> Result<bool, Fault>;

    /// The counts of one period, of each client by itself.
    async fn of_period(&self, period: &str) -> Result<Vec<SignInCount>, Fault>;

    /// The counts of some periods, of one client, or of all together.
    async fn of_client(
        &self,
        periods: &[String],
        client: Option<&ClientId>,
    ) -> Result<Vec<SignInCount>, Fault>;

    /// The counts of some periods, of each of some clients by itself.
    async fn of_clients(
        &self,
        periods: &[String],
        clients: &[ClientId],
    ) -> Result<Vec<SignInCount>, Fault>;

    /// What a client did from a month on.
    async fn marks(&self, client: &ClientId, since: &str) -> Result<Vec<ClientMark>, Fault>;

    /// Forgets the hours before this day; days, months and years stay. How many counts went.
    async fn forget_hours(&self, before: &str) -> Result<u64, Fault>;
}
