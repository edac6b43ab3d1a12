//! `guichet person show|corrections|merge|split|confirm|undo`: who is who, put right by two operators; and
//! `freeze|close|thaw|cases|case`: who may act, in `cases.rs`; `requests|request|answer|reopen-ways`: what a
//! citizen asks by right, and the ways into their identity, in `rights.rs`.

mod cases;
mod rights;
mod tracks;

use std::sync::Arc;

use anyhow::{Context as _, Result};
use guichet_broker::{CaseOffice, OfficeParts, Operator, PeopleOffice, Tidings};
use guichet_domain::{PersonId, Sector, SubjectIdentifier};
use guichet_keys::SystemEntropy;
use guichet_store::Durable;
use guichet_store::durable::CaseKind;
use guichet_store::durable::corrections::{Act, Change, Correction};
use guichet_store::durable::people::PersonFile;
use serde_json::{Value, json};
use url::Url;

use super::books::Books;
use super::{config, print};
use crate::cli::{Acting, ConfigArguments, Exit, Output, PersonCommand};
use crate::clock::SystemClock;
use crate::node::houses::without_slash;
use crate::node::{Ground, Opening};

/// Runs the command.
pub(crate) async fn run(command: PersonCommand) -> Result<Exit> {
    match command {
        PersonCommand::Show { person, acting } => show(&acting, &person).await,
        PersonCommand::Corrections(config) => corrections(&config).await,
        PersonCommand::Merge {
            person,
            other,
            reason,
            acting,
        } => {
            let desk = Desk::open(&acting).await?;
            let (one, other) = (desk.find(&person).await?, desk.find(&other).await?);
            let by = &desk.operator;
            let proposed = desk.office.propose_merge(one, other, by, &reason).await?;
            desk.close(&acting, &proposed, 0).await
        }
        PersonCommand::Split {
            person,
            row,
            reason,
            acting,
        } => {
            let desk = Desk::open(&acting).await?;
            let person = desk.find(&person).await?;
            let by = &desk.operator;
            let proposed = desk.office.propose_split(person, row, by, &reason).await?;
            desk.close(&acting, &proposed, 0).await
        }
        PersonCommand::Freeze {
            person,
            reason,
            acting,
        } => cases::open(&acting, &person, CaseKind::Freeze, &reason).await,
        PersonCommand::Close {
            person,
            died,
            reason,
            acting,
        } => {
            let kind = if died {
                CaseKind::Death
            } else {
                CaseKind::Closure
            };
            cases::open(&acting, &person, kind, &reason).await
        }
        PersonCommand::Thaw {
            case,
            reason,
            acting,
        } => {
            let desk = Desk::open(&acting).await?;
            let by = &desk.operator;
            let proposed = desk.office.propose_thaw(case, by, &reason).await?;
            desk.close(&acting, &proposed, 0).await
        }
        PersonCommand::Cases(config) => cases::list(&config).await,
        PersonCommand::Case { case, csv, acting } => {
            cases::show(&acting, case, csv.as_deref()).await
        }
        PersonCommand::ReopenWays {
            person,
            reason,
            acting,
        } => rights::reopen_ways(&acting, &person, &reason).await,
        PersonCommand::Requests(config) => rights::list(&config).await,
        PersonCommand::Request { request, acting } => rights::show(&acting, request).await,
        PersonCommand::Answer {
            request,
            outcome,
            words,
            acting,
        } => rights::answer(&acting, request, outcome, &words).await,
        PersonCommand::Confirm { correction, acting } => {
            let desk = Desk::open(&acting).await?;
            let done = desk.office.confirm(correction, &desk.operator).await?;
            desk.close(&acting, &done.correction, done.notices).await
        }
        PersonCommand::Undo { correction, acting } => {
            let desk = Desk::open(&acting).await?;
            let done = desk.office.undo(correction, &desk.operator).await?;
            desk.close(&acting, &done.correction, done.notices).await
        }
    }
}

/// The office, open for an operator who proved who they are.
struct Desk {
    office: PeopleOffice,
    cases: CaseOffice,
    operator: Operator,
    books: Books,
}

impl Desk {
    async fn open(acting: &Acting) -> Result<Self> {
        let (operator, books) = Books::open_for(acting).await?;
        let Books {
            settings,
            keys,
            durable,
            ledger,
            ..
        } = &books;
        let clients = durable.registry.clients().await?;
        let known = clients.clone();
        let issuer = without_slash(&Url::parse(&settings.hub.issuer)?);
        let tidings = || {
            Tidings::new(
                &issuer,
                keys,
                Arc::clone(&durable.outbox),
                Arc::clone(&durable.waiting_events),
            )
        };
        let cases = CaseOffice::new(
            durable,
            keys,
            ledger.clone(),
            Box::new(move || known.clone()),
            tidings(),
            (Arc::new(SystemClock), Arc::new(SystemEntropy)),
        );
        let office = PeopleOffice::new(OfficeParts {
            people: Arc::clone(&durable.people),
            corrections: Arc::clone(&durable.corrections),
            cases: Arc::clone(&durable.cases),
            refresh: Arc::clone(&durable.refresh_tokens),
            clients,
            tidings: tidings(),
            ledger: ledger.clone(),
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            undo_window: settings.identity.undo_window.get(),
        });
        Ok(Self {
            office,
            cases,
            operator,
            books,
        })
    }

    async fn find(&self, text: &str) -> Result<PersonId> {
        find(&self.books.durable, text).await
    }

    async fn close(self, acting: &Acting, correction: &Correction, notices: usize) -> Result<Exit> {
        self.books.close().await?;
        let row = as_json(correction);
        match acting.config.output {
            Output::Json => print::json(&json!({ "correction": row, "notices": notices }))?,
            Output::Text => {
                print::line(&format!("{}  {}", correction.id, stage(correction)))?;
                if correction.confirmed.is_none() && correction.undone.is_none() {
                    print::line("another operator confirms it with `guichet person confirm`")?;
                }
                if notices > 0 {
                    print::line(&format!("{notices} notices are on their way to services"))?;
                }
            }
        }
        Ok(Exit::Done)
    }
}

/// A person by what operators have of them: their identifier, from the audit log, or `SUB@SECTOR`, from a
/// service.
async fn find(durable: &Durable, text: &str) -> Result<PersonId> {
    let found = match text.rsplit_once('@') {
        Some((subject, sector)) => {
            let subject: SubjectIdentifier = subject.parse()?;
            let sector: Sector = sector.parse()?;
            durable.subjects.person(&sector, &subject).await?
        }
        None => Some(
            text.parse()
                .context("a person is an identifier or SUB@SECTOR")?,
        ),
    };
    found.context("there is no such person")
}

async fn show(acting: &Acting, text: &str) -> Result<Exit> {
    let desk = Desk::open(acting).await?;
    let person = desk.find(text).await?;
    let file = desk.office.show(person, &desk.operator).await?;
    desk.books.close().await?;
    if acting.config.output == Output::Json {
        print::json(&file_as_json(&file))?;
        return Ok(Exit::Done);
    }
    print::line(&format!("person {}", file.person))?;
    let rows = file.rows.iter().enumerate().map(|(at, row)| {
        [
            (at + 1).to_string(),
            row.person.to_string(),
            row.added.seconds().to_string(),
            if row.vouched {
                "civil register"
            } else {
                "provider"
            }
            .to_owned(),
        ]
    });
    print::table(["ROW", "OF", "SINCE (UNIX)", "BY"], rows)?;
    let names = file.names.iter().map(|name| {
        [
            name.sector.to_string(),
            name.subject.to_string(),
            counts(&file, name).to_string(),
            name.assigned.seconds().to_string(),
        ]
    });
    print::table(["SECTOR", "SUB", "COUNTS", "SINCE (UNIX)"], names)?;
    Ok(Exit::Done)
}

async fn corrections(arguments: &ConfigArguments) -> Result<Exit> {
    let durable = open(arguments).await?;
    let latest = durable.corrections.latest(LATEST).await?;
    durable.close().await;
    if arguments.output == Output::Json {
        print::json(&latest.iter().map(as_json).collect::<Vec<_>>())?;
        return Ok(Exit::Done);
    }
    let rows = latest.into_iter().map(|correction| {
        [
            correction.id.to_string(),
            kind(&correction.change).to_owned(),
            stage(&correction),
            correction.proposed.by,
            correction.reason,
        ]
    });
    print::table(
        ["CORRECTION", "KIND", "STAGE", "PROPOSED BY", "REASON"],
        rows,
    )?;
    Ok(Exit::Done)
}

/// As many as a screen or two.
const LATEST: u32 = 100;

async fn open(arguments: &ConfigArguments) -> Result<Durable> {
    Ground::of(&config::load(arguments)?.settings)?
        .durable(Opening::Existing)
        .await
}

fn counts(file: &PersonFile, name: &guichet_store::durable::people::NameRow) -> bool {
    file.name_in(&name.sector) == Some(&name.subject)
}

fn file_as_json(file: &PersonFile) -> Value {
    let rows: Vec<Value> = file
        .rows
        .iter()
        .map(|row| json!({"of": row.person, "since": row.added.seconds(), "vouched": row.vouched}))
        .collect();
    let names: Vec<Value> = file
        .names
        .iter()
        .map(|name| {
            json!({"sector": name.sector, "sub": name.subject, "of": name.person,
                "counts": counts(file, name), "since": name.assigned.seconds()})
        })
        .collect();
    json!({"person": file.person, "rows": rows, "names": names})
}

fn as_json(correction: &Correction) -> Value {
    let act = |act: &Option<Act>| {
        act.as_ref()
            .map(|act| json!({"by": act.by, "at": act.at.seconds()}))
    };
    let (person, other, case) = match correction.change {
        Change::Merge { kept, absorbed } | Change::Part { kept, absorbed } => {
            (kept, Some(absorbed), None)
        }
        Change::Split { from, to, .. } => (from, Some(to), None),
        Change::Thaw { person, case } => (person, None, Some(case)),
    };
    json!({
        "id": correction.id, "kind": kind(&correction.change), "person": person, "other": other,
        "case": case,
        "reason": correction.reason, "proposed": act(&Some(correction.proposed.clone())),
        "confirmed": act(&correction.confirmed), "undone": act(&correction.undone),
    })
}

const fn kind(change: &Change) -> &'static str {
    match change {
        Change::Merge { .. } => "merge",
        Change::Split { .. } => "split",
        Change::Part { .. } => "part",
        Change::Thaw { .. } => "thaw",
    }
}

fn stage(correction: &Correction) -> String {
    match (&correction.confirmed, &correction.undone) {
        (_, Some(act)) => format!("undone by {}", act.by),
        (Some(act), None) => format!("confirmed by {}", act.by),
        (None, None) => "proposed".to_owned(),
    }
}
