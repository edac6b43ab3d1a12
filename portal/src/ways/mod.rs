//! `/account/ways`: the ways into the citizen's identity.
//!
//! | what | file |
//! |---|---|
//! | which providers may speak for them, what they are told, which devices they use: the page | `page.rs` |
//! | what is changed there: providers and alerts in one save, the rest each by a form of its own | `change.rs` |
//! | what such a save says, against what the page showed | `saved.rs` |
//!
//! What holds is decided by the hub, where a login comes back: see there `ways`. The provider in use cannot
//! be closed, whatever is posted.

pub(crate) mod change;
pub(crate) mod page;
mod saved;

use std::collections::BTreeMap;

use async_trait::async_trait;
use guichet_domain::{ClientId, PersonId, ProviderId, Timestamp};
use guichet_store::durable::MessageRecord;
use guichet_web::{Locale, PageError};
use http::HeaderMap;

/// The ways into the identity of a citizen. The hub keeps them; the binary wires it.
#[async_trait]
pub trait WaysIn: Send + Sync {
    /// Those of whoever is signed in at the browser that sent `headers`; `None` where nobody is.
    async fn read(&self, headers: &HeaderMap) -> Result<Option<MyWays>, PageError>;

    /// Changes them; `None` where nobody is signed in.
    async fn change(
        &self,
        headers: &HeaderMap,
        change: WayChange,
    ) -> Result<Option<WayOutcome>, PageError>;

    /// A notice of the hub's among the messages of a citizen; `None` where it is none.
    fn notice(&self, record: &MessageRecord, locale: Locale) -> Option<WayNotice>;
}

/// The ways into an identity.
#[derive(Clone, Debug)]
pub struct MyWays {
    /// Whose.
    pub person: PersonId,
    /// The providers, in the order of the choice page.
    pub providers: Vec<WayShown>,
    /// Whether providers that come later may speak for them.
    pub others_open: bool,
    /// Whether they hear of every sign-in, not of unusual ones alone.
    pub tells_all: bool,
    /// Where they are told by mail.
    pub address: Option<String>,
    /// The address whose code they are to type.
    pub asked: Option<String>,
    /// The devices they signed in from, the latest first.
    pub devices: Vec<DeviceShown>,
    /// Addresses that stand for theirs, the newest first.
    pub aliases: Vec<AliasShown>,
}

/// An address that stands for the citizen's own at one service.
#[derive(Clone, Debug)]
pub struct AliasShown {
    /// What it is called here; says nothing.
    pub handle: String,
    /// At which service.
    pub client: ClientId,
    /// Its name.
    pub service: String,
    /// The address.
    pub address: String,
    /// The citizen's own that it leads to.
    pub leads_to: String,
    /// Since when.
    pub made: Timestamp,
    /// When the citizen cut it.
    pub cut: Option<Timestamp>,
}

/// A provider as a way in.
#[derive(Clone, Debug)]
pub struct WayShown {
    /// Its identifier.
    pub id: ProviderId,
    /// What citizens call it.
    pub name: String,
    /// Since when it may not speak for them; `None` where it may.
    pub closed: Option<Timestamp>,
    /// Whether the session that asks rests on its word.
    pub in_use: bool,
    /// When it spoke for them, the first time and the last; `None` where it never did.
    pub spoke: Option<(Timestamp, Timestamp)>,
}

/// A device that the citizen signed in from.
#[derive(Clone, Debug)]
pub struct DeviceShown {
    /// What it is called here; says nothing.
    pub handle: String,
    /// What its browser says it is; empty where it says nothing.
    pub name: String,
    /// The first time.
    pub first: Timestamp,
    /// The last time.
    pub last: Timestamp,
    /// Whether it is the one that asks.
    pub is_here: bool,
}

/// What the hub tells a citizen of a sign-in, or of a change of their ways in.
#[derive(Clone, Debug)]
pub struct WayNotice {
    /// The end of a text's name.
    pub kind: &'static str,
    /// What happened.
    pub text: String,
    /// When.
    pub at: Timestamp,
    /// The code of the visit, for "it was not me".
    pub visit: String,
}

/// What a citizen says of their ways in, in one save; what it does not name stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preferences {
    /// Whether a provider may speak for them.
    pub providers: BTreeMap<ProviderId, bool>,
    /// Whether providers that come later may.
    pub others_open: Option<bool>,
    /// Whether they hear of every sign-in, not of unusual ones alone.
    pub tells_all: Option<bool>,
}

/// What is to change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WayChange {
    /// What they said in one save.
    Preferences(Preferences),
    /// Where they want to be told by mail: a code is sent there.
    AskAddress {
        /// Where.
        address: String,
        /// The language to write in.
        locale: Locale,
    },
    /// The code that was sent.
    ConfirmAddress {
        /// As it was typed.
        code: String,
    },
    /// They are told by mail no more, and the address is forgotten.
    ForgetAddress,
    /// An address that stands for theirs at a service is cut, or joined again.
    Alias {
        /// What it is called here.
        handle: String,
        /// Whether mail to it arrives.
        open: bool,
    },
    /// A device is forgotten: whoever comes from there next comes from a new one.
    ForgetDevice {
        /// What it is called here.
        handle: String,
    },
}

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WayOutcome {
    /// It holds.
    Changed,
    /// It was so already.
    Unchanged,
    /// A code is on its way.
    Asked,
    /// Refused: the session rests on that provider's word.
    InUse,
    /// Refused: there is no such provider, or no such device or alias of theirs.
    Unknown,
    /// Refused: that is no address.
    NotAnAddress,
    /// Refused: that is not the code that was sent, or it is over.
    WrongCode,
    /// Refused: too many codes were sent, or changes made, lately.
    TooMany,
    /// Refused: it wants a fresh sign-in.
    NotFresh,
}
