//! Operating the hub: each operation is one function, reached by page, HTTP or command line.
//!
//! Here so far: health for orchestrators, metrics for Prometheus, a status page for people, the
//! read-only view of what is registered; and changes of clients', providers' and data providers' records, one
//! by one or as files declare them, for the command line. All but the changes is served by the management listener, which belongs on loopback or a
//! private network: nothing there asks who is calling, and so nothing there shows a secret or a citizen,
//! or changes anything.

mod actor;
mod changes;
mod clients;
mod data_providers;
mod health;
pub mod import;
mod management;
mod overview;
mod plan;
mod providers;

pub use actor::Actor;
pub use changes::{ChangeError, Expected, Put, RecordDesk, Records};
pub use clients::{ClientRecords, SubjectRules};
pub use data_providers::DataProviderRecords;
pub use health::{Check, Health, Verdict};
pub use management::{Management, routes};
pub use overview::{ClientRow, KeyRow, LedgerRow, Overview, ProviderRow};
pub use plan::{Change, Line, Member, Plan, Unplannable};
pub use providers::ProviderRecords;

/// Templates to register with the pages of the management listener.
pub const TEMPLATES: &[(&str, &str)] =
    &[("admin/status.html", include_str!("../pages/status.html"))];

/// Texts in French.
pub const TEXTS_FR: &str = include_str!("../texts/fr.ftl");

/// Texts in English.
pub const TEXTS_EN: &str = include_str!("../texts/en.ftl");
