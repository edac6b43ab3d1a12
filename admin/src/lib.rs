//! Operating the hub: each operation is one function, reached by page, HTTP or command line.
//!
//! | what | where |
//! |---|---|
//! | who may what, and how people come in | [`people`] |
//! | how they come in by browser, and their pages; the same for programs | [`console`], [`api`] |
//! | the desk at which records are changed, whoever asks, and what a record points to | `changes`, `checks` |
//! | kinds of records | `clients`, `providers`, `data_providers`, `teams`, [`webhooks`] |
//! | records made what files declare, and such files written | `plan`, [`import`] |
//! | from nothing to production | [`onboarding`] |
//! | secrets and keys that follow one another | `credentials` |
//! | what is switched off | `switches` |
//! | a login by what its citizen reads out | [`support`] |
//! | the audit log, looked up and sent on | `audit`, [`siem`] |
//! | how many sign-ins there were, and how well clients behave | [`statistics`], [`scorecard`] |
//! | logins and clients tried out | `simulator`, [`tester`] |
//! | health for orchestrators, metrics for Prometheus, a status page for people | `health`, `management`, `overview` |
//!
//! Nothing of the last row asks who is calling, and so nothing there shows a secret or a citizen, or changes
//! anything. All of it is served by the management listener, which belongs on loopback or a private network.

mod actor;
pub mod api;
mod audit;
mod changes;
mod checks;
mod clients;
pub mod console;
mod credentials;
mod data_providers;
mod health;
pub mod import;
mod management;
pub mod onboarding;
mod overview;
pub mod people;
mod plan;
mod providers;
pub mod scorecard;
pub mod siem;
mod simulator;
pub mod statistics;
pub mod support;
mod switches;
mod teams;
pub mod tester;
pub mod webhooks;

pub use actor::Actor;
pub use api::Api;
pub use audit::AuditBook;
pub use changes::{ChangeError, Expected, Put, RecordDesk, Records};
pub use checks::{Finding, Outside, Unreached, look_at_client};
pub use clients::{ClientRecords, SubjectRules};
pub use console::Console;
pub use credentials::{
    Credential, CredentialDesk, CredentialKind, Due, DueOf, NewSecret, RotationWatch, due,
};
pub use data_providers::DataProviderRecords;
pub use health::{Check, Health, Verdict};
pub use management::{Management, routes};
pub use overview::{ClientRow, KeyRow, LedgerRow, Overview, ProviderRow};
pub use plan::{Change, Line, Member, Plan, Unplannable};
pub use providers::ProviderRecords;
pub use simulator::{Simulate, SimulationMetadata};
pub use switches::{KnownSwitch, SwitchDesk, SwitchError, SwitchMetadata};
pub use teams::{OrganisationRecords, TeamRecords};

/// Every path for those who operate the hub or look after services: the console's pages, and its API.
pub fn staffed_routes(api: Api) -> axum::Router {
    let api = std::sync::Arc::new(api);
    let pages = console::routes().with_state(std::sync::Arc::clone(&api));
    pages.merge(api::routes(&api))
}

/// Templates to register with the pages of the management listener.
pub const TEMPLATES: &[(&str, &str)] = &[
    (
        "admin/catalogue.html",
        include_str!("../pages/catalogue.html"),
    ),
    ("admin/confirm.html", include_str!("../pages/confirm.html")),
    (
        "admin/scorecard.html",
        include_str!("../pages/scorecard.html"),
    ),
    ("admin/tests.html", include_str!("../pages/tests.html")),
    ("admin/test.html", include_str!("../pages/test.html")),
    (
        "admin/statistics.html",
        include_str!("../pages/statistics.html"),
    ),
    (
        "admin/simulation.html",
        include_str!("../pages/simulation.html"),
    ),
    (
        "admin/switches.html",
        include_str!("../pages/switches.html"),
    ),
    (
        "admin/credentials.html",
        include_str!("../pages/credentials.html"),
    ),
    (
        "admin/new_secret.html",
        include_str!("../pages/new_secret.html"),
    ),
    ("admin/audit.html", include_str!("../pages/audit.html")),
    (
        "admin/audit_entry.html",
        include_str!("../pages/audit_entry.html"),
    ),
    (
        "admin/webhooks.html",
        include_str!("../pages/webhooks.html"),
    ),
    ("admin/webhook.html", include_str!("../pages/webhook.html")),
    (
        "admin/webhook_secret.html",
        include_str!("../pages/webhook_secret.html"),
    ),
    (
        "admin/invitation.html",
        include_str!("../pages/invitation.html"),
    ),
    ("admin/me.html", include_str!("../pages/me.html")),
    ("admin/people.html", include_str!("../pages/people.html")),
    ("admin/person.html", include_str!("../pages/person.html")),
    ("admin/record.html", include_str!("../pages/record.html")),
    (
        "admin/record_form.html",
        include_str!("../pages/record_form.html"),
    ),
    ("admin/records.html", include_str!("../pages/records.html")),
    (
        "admin/record_fields.html",
        include_str!("../pages/record_fields.html"),
    ),
    (
        "admin/record_findings.html",
        include_str!("../pages/record_findings.html"),
    ),
    ("admin/search.html", include_str!("../pages/search.html")),
    (
        "admin/search_box.html",
        include_str!("../pages/search_box.html"),
    ),
    ("admin/seat.html", include_str!("../pages/seat.html")),
    ("admin/secret.html", include_str!("../pages/secret.html")),
    ("admin/invited.html", include_str!("../pages/invited.html")),
    ("admin/support.html", include_str!("../pages/support.html")),
    (
        "admin/support_steps.html",
        include_str!("../pages/support_steps.html"),
    ),
    (
        "admin/support_case.html",
        include_str!("../pages/support_case.html"),
    ),
    ("admin/status.html", include_str!("../pages/status.html")),
    ("admin/value.html", include_str!("../pages/value.html")),
    (
        "admin/onboarding/files.html",
        include_str!("../pages/onboarding/files.html"),
    ),
    (
        "admin/onboarding/begin.html",
        include_str!("../pages/onboarding/begin.html"),
    ),
    (
        "admin/onboarding/file.html",
        include_str!("../pages/onboarding/file.html"),
    ),
    (
        "admin/onboarding/part.html",
        include_str!("../pages/onboarding/part.html"),
    ),
    (
        "admin/onboarding/client.html",
        include_str!("../pages/onboarding/client.html"),
    ),
    (
        "admin/onboarding/made.html",
        include_str!("../pages/onboarding/made.html"),
    ),
];

/// Templates that the pages of both listeners need: figures, drawn.
pub const STATISTICS_TEMPLATES: &[(&str, &str)] = &[
    ("statistics/chart.html", include_str!("../pages/chart.html")),
    (
        "statistics/public.html",
        include_str!("../pages/public_statistics.html"),
    ),
];

/// Their texts in French.
pub const STATISTICS_TEXTS_FR: &str = include_str!("../texts/statistics.fr.ftl");

/// Their texts in English.
pub const STATISTICS_TEXTS_EN: &str = include_str!("../texts/statistics.en.ftl");

/// Texts in French: those of pages, and those of the fields of records.
pub const TEXTS_FR: [&str; 8] = [
    include_str!("../texts/fr.ftl"),
    include_str!("../texts/fields.fr.ftl"),
    include_str!("../texts/onboarding.fr.ftl"),
    include_str!("../texts/support.fr.ftl"),
    include_str!("../texts/webhooks.fr.ftl"),
    include_str!("../texts/audit.fr.ftl"),
    include_str!("../texts/events.fr.ftl"),
    include_str!("../texts/reasons.fr.ftl"),
];

/// Texts in English.
pub const TEXTS_EN: [&str; 8] = [
    include_str!("../texts/en.ftl"),
    include_str!("../texts/fields.en.ftl"),
    include_str!("../texts/onboarding.en.ftl"),
    include_str!("../texts/support.en.ftl"),
    include_str!("../texts/webhooks.en.ftl"),
    include_str!("../texts/audit.en.ftl"),
    include_str!("../texts/events.en.ftl"),
    include_str!("../texts/reasons.en.ftl"),
];
