//! Every template of a page is a stop of the tour: one that is not, or that nobody put here, fails.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context as _, Result};

/// The parts of the tour, as they are written.
const TOUR: &[&str] = &[
    include_str!("tour.rs"),
    include_str!("rooms.rs"),
    include_str!("evidence.rs"),
    include_str!("elsewhere.rs"),
];

/// Each template, and a stop at which it is seen.
const ROWS: &[(&str, &str)] = &[
    ("broker/pages/barred.html", "barred"),
    ("broker/pages/choose_provider.html", "choose"),
    ("broker/pages/closed_way.html", "closed-way"),
    ("broker/pages/consent.html", "consent-asked"),
    ("broker/pages/evidence_asked.html", "evidence-asked"),
    ("broker/pages/evidence_contested.html", "evidence-contested"),
    ("broker/pages/evidence_seen.html", "evidence-values"),
    ("broker/pages/evidence_without.html", "evidence-down"),
    ("broker/pages/provider_warning.html", "provider-warning"),
    ("broker/pages/sign_out.html", "sign-out-question"),
    ("broker/pages/status.html", "providers-status"),
    ("demo/pages/data_provider.html", "data-provider-{name}"),
    (
        "demo/pages/data_provider_preview.html",
        "data-provider-preview",
    ),
    ("demo/pages/mail.html", "mail"),
    ("demo/pages/mailbox.html", "mailbox"),
    ("demo/pages/register.html", "register"),
    ("demo/pages/service_home.html", "service-{name}"),
    ("demo/pages/service_refused.html", "service-refused"),
    ("demo/pages/service_signed_out.html", "service-signed-out"),
    ("demo/pages/start.html", "start"),
    ("idp/pages/add_passkey.html", "idp-add-passkey"),
    ("idp/pages/home.html", "idp-home"),
    ("idp/pages/no_second_factor.html", "idp-no-second-factor"),
    ("idp/pages/password.html", "idp-password"),
    ("idp/pages/second_factor.html", "idp-code"),
    ("idp/pages/security.html", "idp-security"),
    ("idp/pages/totp.html", "idp-add-totp"),
    ("portal/pages/again.html", "again-too-new"),
    ("portal/pages/close.html", "close"),
    ("portal/pages/data.html", "data"),
    ("portal/pages/data_change.html", "data-change"),
    ("portal/pages/data_erasure.html", "data-erasure"),
    ("portal/pages/device_enter.html", "device-enter"),
    ("portal/pages/device_show.html", "device-show"),
    ("portal/pages/freeze.html", "freeze"),
    ("portal/pages/history.html", "account-history"),
    ("portal/pages/home.html", "account"),
    ("portal/pages/not_me.html", "not-me"),
    ("portal/pages/not_me_kept.html", "not-me-frozen"),
    (
        "portal/pages/processing_register.html",
        "processing-register",
    ),
    ("portal/pages/receipts_counts.html", "receipts-counts"),
    ("portal/pages/receipts_verify.html", "receipts-verify"),
    ("portal/pages/reopen.html", "reopen"),
    ("portal/pages/requests.html", "requests"),
    ("portal/pages/rights.html", "rights"),
    ("portal/pages/rights_ask.html", "rights-ask"),
    ("portal/pages/rights_request.html", "rights-request"),
    ("portal/pages/sessions.html", "sessions"),
    ("portal/pages/support.html", "support-none"),
    ("portal/pages/thaw.html", "thaw"),
    ("portal/pages/thawed.html", "thawed"),
    ("portal/pages/ways.html", "ways"),
    ("web/templates/accessibility.html", "accessibility"),
    ("web/templates/confirm.html", "idp-remove"),
    ("web/templates/error.html", "error-not-found"),
    ("web/templates/help.html", "help"),
    ("web/templates/message.html", "sign-out-stayed"),
    ("web/templates/signed_out.html", "signed-out"),
];

/// Posts itself on, and is gone before anybody looks: its own test is `conformance`'s.
const NEVER_SEEN: &[&str] = &["web/templates/form_post.html"];

/// The templates of whole pages; the others are parts of them.
fn templates() -> Result<BTreeSet<String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut found = BTreeSet::new();
    for folder in [
        "broker/pages",
        "demo/pages",
        "idp/pages",
        "portal/pages",
        "web/templates",
    ] {
        for file in std::fs::read_dir(root.join(folder)).context(folder)? {
            let file = file?;
            let name = format!("{folder}/{}", file.file_name().to_string_lossy());
            let is_page = std::fs::read_to_string(file.path())?.contains("{% extends ");
            if is_page && !NEVER_SEEN.contains(&name.as_str()) {
                found.insert(name);
            }
        }
    }
    Ok(found)
}

#[test]
fn every_template_of_a_page_is_a_stop_of_the_tour() -> Result<()> {
    let templates = templates()?;
    assert!(templates.len() > 40, "they were not found: {templates:?}");
    let rows: BTreeSet<String> = ROWS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let without: Vec<_> = templates.difference(&rows).collect();
    assert!(without.is_empty(), "pages without a stop: {without:?}");
    let gone: Vec<_> = rows.difference(&templates).collect();
    assert!(gone.is_empty(), "stops of no page: {gone:?}");
    for (name, stop) in ROWS {
        let written = format!("\"{stop}\"");
        let is_there = TOUR.iter().any(|part| part.contains(&written));
        assert!(is_there, "{name}: the tour does not stop at {stop}");
    }
    Ok(())
}
