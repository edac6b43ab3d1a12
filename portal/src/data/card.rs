//! A decision about evidence as its card shows it: what may be fetched, from whom, by whom, until when, how
//! often, and what can be done about it.

use std::time::Duration;

use guichet_domain::client::ClientDirectory as _;
use guichet_domain::{BrowserId, PersonId, Timestamp};
use guichet_exchange::{Desk, Held, Standing, Usage};
use guichet_store::durable::{Erasure, EvidenceOutcome};
use guichet_web::Locale;
use serde::Serialize;

use super::{END, erasure};
use crate::Portal;

/// The card.
#[derive(Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "what the page shows, each on its own"
)]
pub(super) struct Card {
    id: String,
    pub(super) service: String,
    pub(super) holder: String,
    evidence: String,
    purpose: String,
    /// What was sent or may be; empty when nothing is.
    fields: String,
    /// `sent`, `partly`, `refused` or `contested`: the end of a text's name.
    outcome: &'static str,
    decided: i64,
    until: i64,
    /// Whether it can still be fetched.
    pub(super) live: bool,
    /// Where it cannot, and there is an agreement to take back all the same: the end of a text's name.
    standing: Option<&'static str>,
    pulls: u32,
    most: u32,
    last_pull: Option<i64>,
    /// Whether a side did not confirm the latest time.
    unconfirmed: bool,
    ended: Option<i64>,
    /// How it ended: the end of a text's name.
    how: Option<&'static str>,
    /// Whether a law orders that it be sent.
    by_law: bool,
    /// Whether fields can be taken away.
    may_change: bool,
    /// The door of the service, where it is asked for anew, once it ends soon or is over.
    renew: Option<String>,
    /// Whether there is somebody to ask to erase it.
    may_erase: bool,
    /// Who was asked, and what they answered.
    erasures: Vec<erasure::Line>,
    csrf: String,
}

impl Card {
    pub(super) fn new(
        portal: &Portal,
        desk: &Desk,
        browser: &BrowserId,
        person: PersonId,
        held: &Held,
        locale: Locale,
    ) -> Self {
        let lang = locale.tag();
        let ask = &held.ask;
        let label = |field| desk.field_label(ask.evidence_type(), field, lang);
        let fields: Vec<String> = held.fields.iter().map(label).collect();
        let id = held.exchange.to_string();
        let live = held.standing == Standing::Open;
        let recurring = *ask.usage() != Usage::Single;
        Self {
            service: portal.service_name(&held.client),
            holder: desk.holder_name(&held.data_provider),
            evidence: desk.evidence_label(ask.evidence_type(), lang),
            purpose: desk.purpose_sentence(ask.purpose(), lang),
            fields: fields.join(", "),
            outcome: match held.outcome {
                EvidenceOutcome::Sent => "sent",
                EvidenceOutcome::Partly => "partly",
                EvidenceOutcome::Refused => "refused",
                EvidenceOutcome::Contested => "contested",
            },
            decided: held.decided.millis(),
            until: held.until.millis(),
            live,
            standing: match held.standing {
                Standing::Open | Standing::Over => None,
                Standing::NotBegun => Some("not-begun"),
                Standing::Fetched => Some("fetched"),
            },
            pulls: held.pulls,
            most: held.max_pulls,
            last_pull: held.last_pull.map(Timestamp::millis),
            unconfirmed: held.unconfirmed,
            ended: held.ended.as_ref().map(|(at, _)| at.millis()),
            how: held.ended.as_ref().map(|(_, how)| how.as_str()),
            by_law: !ask.may_be_refused(),
            may_change: live && ask.may_be_refused() && held.fields.len() > 1,
            renew: (recurring && held.max_pulls > 0 && ends(held, portal.clock.now()))
                .then(|| door(portal, held))
                .flatten(),
            may_erase: false,
            erasures: Vec::new(),
            csrf: portal.own_token(browser, person, (END, &id)),
            id,
        }
    }

    pub(super) fn with_erasures(
        mut self,
        portal: &Portal,
        desk: &Desk,
        held: &Held,
        all: &[Erasure],
    ) -> Self {
        let now = portal.clock.now();
        let own = all.iter().filter(|one| one.exchange == held.exchange);
        let line = |one| erasure::Line::of(portal, desk, held, one, now);
        self.erasures = own.map(line).collect();
        self.may_erase = !erasure::to_ask(held, all).is_empty();
        self
    }
}

/// Whether it is over, or will be soon: then it can be asked for anew.
fn ends(held: &Held, now: Timestamp) -> bool {
    held.standing != Standing::Open || held.until.before(SOON) <= now
}

const SOON: Duration = Duration::from_hours(30 * 24);

/// Where the service is entered: only it can ask.
fn door(portal: &Portal, held: &Held) -> Option<String> {
    let client = portal.registry.client(held.client.as_str())?;
    let client = Some(client).filter(|client| client.active)?;
    crate::services::door(&client, portal.engine.issuer())
}
