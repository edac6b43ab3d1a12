//! A case in words: names of services and providers, what each step was, what to do about it.

use std::collections::HashMap;

use guichet_store::Fault;
use guichet_store::durable::corrections::{Change, Correction};
use guichet_web::Locale;
use serde::Serialize;

use crate::api::Api;
use crate::console::event_words::{EventWords, dashed};
use crate::support::{Asked, Barred, NameSeen, Opened, RowSeen, Step};

/// Tells cases in one language.
pub(super) struct Teller<'a> {
    words: EventWords<'a>,
    clients: HashMap<String, String>,
    providers: HashMap<String, String>,
}

/// A step.
#[derive(Serialize)]
pub(super) struct Line {
    at: i64,
    what: String,
    /// The ledger's word for it.
    kind: String,
    service: Option<String>,
    provider: Option<String>,
    level: Option<String>,
    /// What it came to: what it is called, and the hub's word for it.
    words: Vec<(String, String)>,
    /// What to do about it.
    advice: Option<String>,
    hidden: bool,
}

/// What was hidden.
#[derive(Serialize)]
pub(super) struct OpenedShown {
    until: i64,
    history: Vec<Line>,
}

/// What keeps somebody from acting.
#[derive(Serialize)]
pub(super) struct BarredShown {
    case: String,
    kind: &'static str,
    since: i64,
    own: bool,
}

/// Where what was asked stands.
#[derive(Serialize)]
pub(super) struct AskedShown {
    state: &'static str,
    at: i64,
    until: i64,
}

/// What was proposed.
#[derive(Serialize)]
pub(super) struct ProposalShown {
    id: String,
    /// The end of a text's name.
    kind: &'static str,
    /// `proposed`, `confirmed`, `withdrawn` or `undone`.
    stage: &'static str,
    reason: String,
    by: String,
    at: i64,
    /// Whether they proposed it themselves: another confirms it.
    own: bool,
}

impl<'a> Teller<'a> {
    /// With the names of what is registered.
    pub(super) async fn of(api: &'a Api, locale: Locale) -> Result<Self, Fault> {
        let registry = &api.clients.registry;
        let clients = registry.clients().await?;
        let providers = registry.providers().await?;
        Ok(Self {
            words: EventWords::of(&api.console.pages, locale),
            clients: clients
                .iter()
                .map(|it| (it.id.to_string(), it.name.clone()))
                .collect(),
            providers: providers
                .iter()
                .map(|it| (it.id.to_string(), it.name.clone()))
                .collect(),
        })
    }

    pub(super) fn line(&self, step: &Step) -> Line {
        let name = |names: &HashMap<String, String>, id: &String| {
            names.get(id).cloned().unwrap_or_else(|| id.clone())
        };
        let word = |(name, value): (&String, &String)| {
            let label = self.words.member(name).unwrap_or_else(|| name.clone());
            (label, value.clone())
        };
        Line {
            at: step.at.millis(),
            what: self.words.kind(&step.kind),
            kind: step.kind.clone(),
            service: step.client_id.as_ref().map(|id| name(&self.clients, id)),
            provider: step.provider.as_ref().map(|id| name(&self.providers, id)),
            level: step.level.clone(),
            words: step.outcome.iter().map(word).collect(),
            advice: self.advice(step),
            hidden: step.hidden,
        }
    }

    pub(super) fn opened(&self, opened: &Opened) -> OpenedShown {
        OpenedShown {
            until: opened.ends.millis(),
            history: opened.history.iter().map(|it| self.line(it)).collect(),
        }
    }

    /// The civil statuses, as cells of a table.
    pub(super) fn rows(&self, opened: &Opened) -> Vec<[String; 3]> {
        let cells = |row: &RowSeen| {
            let by = if row.register {
                "console-support-vouched-register"
            } else {
                "console-support-vouched-provider"
            };
            let vouched = self.words.known(by).unwrap_or_default();
            [row.row.to_string(), row.since.clone(), vouched]
        };
        opened.rows.iter().map(cells).collect()
    }

    /// What to do: by what it came to, else by what it was.
    fn advice(&self, step: &Step) -> Option<String> {
        let by_outcome = ["register", "failure", "reason", "error"]
            .into_iter()
            .filter_map(|name| Some((name, step.outcome.get(name)?)));
        let mut names = by_outcome
            .map(|(name, value)| format!("console-support-advice-{name}-{}", dashed(value)))
            .chain([format!("console-support-advice-{}", dashed(&step.kind))]);
        names.find_map(|name| self.words.known(&name))
    }
}

/// The names in sectors, as cells of a table.
pub(super) fn names(opened: &Opened) -> Vec<[String; 2]> {
    let cells = |name: &NameSeen| [name.sector.clone(), format!("{}…", name.begins)];
    opened.names.iter().map(cells).collect()
}

pub(super) fn barred(barred: &Barred) -> BarredShown {
    BarredShown {
        case: barred.case.to_string(),
        kind: barred.kind,
        since: barred.since.millis(),
        own: barred.own,
    }
}

pub(super) fn asked(asked: &Asked) -> AskedShown {
    AskedShown {
        state: asked.state,
        at: asked.at.millis(),
        until: asked.until.millis(),
    }
}

/// What it changes: the end of a text's name.
pub(super) const fn kind(change: &Change) -> &'static str {
    match change {
        Change::Merge { .. } => "merge",
        Change::Split { .. } | Change::Part { .. } => "split",
        Change::Thaw { .. } => "thaw",
    }
}

/// As `by` sees it.
pub(super) fn proposal(correction: &Correction, by: &str) -> ProposalShown {
    ProposalShown {
        id: correction.id.to_string(),
        kind: kind(&correction.change),
        stage: match (&correction.confirmed, &correction.undone) {
            (None, None) => "proposed",
            (Some(_), None) => "confirmed",
            (None, Some(_)) => "withdrawn",
            (Some(_), Some(_)) => "undone",
        },
        reason: correction.reason.clone(),
        by: correction.proposed.by.clone(),
        at: correction.proposed.at.millis(),
        own: correction.proposed.by == by,
    }
}
