//! Everything the hub holds about a citizen, file by file, for their archive. Each file says what it is; values
//! that the hub does not keep are not there, and the first file says why.

use std::collections::VecDeque;

use guichet_domain::{ExchangeId, PersonId, Timestamp};
use guichet_exchange::{Desk, Held, Made};
use guichet_store::Fault;
use guichet_store::durable::ErasureAnswer;
use guichet_web::{Locale, PageError};
use http::HeaderMap;
use serde_json::{Value, json};

use super::requests;
use crate::Portal;
use crate::history::Parts;

/// A file: its name, and what is in it.
pub(super) type File = (String, Vec<u8>);

/// What is held, file by file. What may be long, the history and the receipts, is read when its turn comes.
pub(super) struct Holdings {
    portal: Portal,
    person: PersonId,
    ready: VecDeque<File>,
    history: Parts,
    /// How many files the history filled so far.
    filled: u32,
    receipts: VecDeque<ExchangeId>,
}

impl Holdings {
    /// The files about `person`, who is signed in at the browser that sent `headers`.
    pub(super) async fn of(
        portal: &Portal,
        person: PersonId,
        headers: &HeaderMap,
        locale: Locale,
    ) -> Result<Self, PageError> {
        let fault = |fault: Fault| portal.fault("read what is held about a citizen", &fault);
        let mut ready = VecDeque::from([
            json_file("about.json", &portal.about_archive(locale)),
            json_file(
                "person.json",
                &portal.known_of(person).await.map_err(fault)?,
            ),
            json_file(
                "services.json",
                &portal.services_of(person).await.map_err(fault)?,
            ),
            json_file(
                "consents.json",
                &portal.consents_of(person).await.map_err(fault)?,
            ),
            json_file(
                "messages.json",
                &portal.messages_of(person, locale).await.map_err(fault)?,
            ),
            json_file("ways.json", &portal.ways_of(headers).await?),
            json_file("sessions.json", &portal.sessions_of(headers).await?),
            json_file(
                "support.json",
                &portal.support_of(person).await.map_err(fault)?,
            ),
            json_file("cases.json", &portal.cases_of(headers).await?),
        ]);
        let asked = portal.asked(person, locale).await?;
        ready.push_back(json_file("requests.json", &requests::as_json(&asked)));
        let mut receipts = VecDeque::new();
        if let Some(desk) = &portal.exchange {
            let held = desk.of_person(person, MOST).await.map_err(fault)?;
            receipts.extend(held.iter().map(|held| held.exchange));
            let evidence = portal.evidence_of(desk, person, &held, locale).await;
            ready.push_back(json_file("evidence.json", &evidence.map_err(fault)?));
        }
        Ok(Self {
            history: Parts::of(portal, person, locale).await.map_err(fault)?,
            portal: portal.clone(),
            person,
            ready,
            filled: 0,
            receipts,
        })
    }

    /// A file that goes before all others.
    pub(super) fn first(&mut self, name: &str, content: &Value) {
        self.ready.push_front(json_file(name, content));
    }

    /// The next file; `None` after the last.
    pub(super) async fn next(&mut self) -> Result<Option<File>, Fault> {
        if let Some(file) = self.ready.pop_front() {
            return Ok(Some(file));
        }
        if let Some(history) = self.history_file().await? {
            return Ok(Some(history));
        }
        self.receipt().await
    }

    /// What happened, the newest first, so many entries a file.
    async fn history_file(&mut self) -> Result<Option<File>, Fault> {
        let mut entries = Vec::new();
        for _ in 0..PARTS_IN_A_FILE {
            let Some(part) = self.history.next().await? else {
                break;
            };
            for line in &part {
                entries.extend_from_slice(if entries.is_empty() { b"[\n" } else { b",\n" });
                let written = serde_json::to_writer(&mut entries, line);
                written.map_err(|error| Fault::new("write a history", error))?;
            }
        }
        if entries.is_empty() {
            return Ok(None);
        }
        entries.extend_from_slice(b"\n]\n");
        self.filled += 1;
        Ok(Some((format!("history/{:04}.json", self.filled), entries)))
    }

    /// The next receipt there is.
    async fn receipt(&mut self) -> Result<Option<File>, Fault> {
        while let Some((desk, exchange)) =
            (self.portal.exchange.as_ref()).zip(self.receipts.pop_front())
        {
            let now = self.portal.clock.now();
            if let Made::Receipt(receipt) = desk.receipt(exchange, self.person, now).await? {
                return Ok(Some((
                    format!("receipts/{exchange}.jwt"),
                    receipt.into_bytes(),
                )));
            }
        }
        Ok(None)
    }
}

/// As many entries of the history as fill a file: 5,000.
const PARTS_IN_A_FILE: u32 = 10;

impl Portal {
    /// What the archive is, for whoever opens it.
    fn about_archive(&self, locale: Locale) -> Value {
        let text = |id| self.pages.text(locale, id, &[]);
        json!({
            "what": text("archive-about"),
            "not_kept": text("archive-not-kept"),
            "verify": text("archive-verify"),
            "made_at": self.clock.now().to_string(),
        })
    }

    /// Since when, and how often under another civil status; the hub keeps indexes, not identities.
    async fn known_of(&self, person: PersonId) -> Result<Value, Fault> {
        let file = self.people.file(person).await?;
        let rows = file.iter().flat_map(|file| &file.rows).map(
            |row| json!({ "known_since": row.added.to_string(), "register_vouches": row.vouched }),
        );
        Ok(json!({ "identities_indexed": rows.collect::<Vec<_>>() }))
    }

    /// The name that each sector knows them by.
    async fn services_of(&self, person: PersonId) -> Result<Value, Fault> {
        let file = self.people.file(person).await?;
        let clients = self.registry.clients();
        let names = file.iter().flat_map(|file| &file.names).map(|name| {
            let of_sector = clients.iter().filter(|client| client.sector == name.sector);
            json!({
                "pseudonym": name.subject,
                "since": name.assigned.to_string(),
                "services": of_sector.map(|client| &client.name).collect::<Vec<_>>(),
            })
        });
        Ok(json!({ "known_to": names.collect::<Vec<_>>() }))
    }

    async fn consents_of(&self, person: PersonId) -> Result<Value, Fault> {
        let consents = self.consents.of(person, MOST).await?;
        let told = consents.iter().map(|consent| {
            json!({
                "service": self.service_name(&consent.client),
                "at": consent.at.to_string(),
                "asked": consent.asked,
                "withdrawn": text(consent.withdrawn),
                "scopes": consent.scope,
                "data": consent.claims,
            })
        });
        Ok(json!({ "consents": told.collect::<Vec<_>>() }))
    }

    async fn messages_of(&self, person: PersonId, locale: Locale) -> Result<Value, Fault> {
        let names = self.names_of(person).await?;
        let inbox = self.inbox(&names, locale).await?;
        Ok(json!({ "messages": inbox.lines, "muted_services": inbox.muted }))
    }

    async fn ways_of(&self, headers: &HeaderMap) -> Result<Value, PageError> {
        let Some(ways) = self.ways.read(headers).await? else {
            return Ok(Value::Null);
        };
        let provider = |way: &crate::WayShown| {
            json!({
                "provider": way.name,
                "closed_since": text(way.closed),
                "first_spoke": text(way.spoke.map(|(first, _)| first)),
                "last_spoke": text(way.spoke.map(|(_, last)| last)),
            })
        };
        let device = |device: &crate::DeviceShown| {
            json!({
                "device": device.name,
                "first": device.first.to_string(),
                "last": device.last.to_string(),
            })
        };
        let alias = |alias: &crate::AliasShown| {
            json!({
                "service": alias.service,
                "address": alias.address,
                "made": alias.made.to_string(),
                "leads_to": alias.leads_to,
                "cut": text(alias.cut),
            })
        };
        Ok(json!({
            "providers": ways.providers.iter().map(provider).collect::<Vec<_>>(),
            "later_providers_open": ways.others_open,
            "told_of_every_sign_in": ways.tells_all,
            "alert_address": ways.address,
            "alert_address_unconfirmed": ways.asked,
            "devices": ways.devices.iter().map(device).collect::<Vec<_>>(),
            "relay_addresses": ways.aliases.iter().map(alias).collect::<Vec<_>>(),
        }))
    }

    async fn sessions_of(&self, headers: &HeaderMap) -> Result<Value, PageError> {
        let open = self.sessions.list(headers).await?;
        let sessions = open.into_iter().flat_map(|(_, open)| open).map(|session| {
            json!({
                "provider": session.provider,
                "level": session.level,
                "since": session.since.to_string(),
                "last_used": session.used.to_string(),
                "device": session.device,
                "identification_code": session.browsing,
                "services": session.services,
            })
        });
        Ok(json!({ "open_sessions": sessions.collect::<Vec<_>>() }))
    }

    /// "It was not me", and what else kept them out, with what was kept of it.
    async fn cases_of(&self, headers: &HeaderMap) -> Result<Value, PageError> {
        let sign_in = |seen: &crate::SignInKept| {
            json!({
                "identification_code": seen.visit,
                "provider": seen.provider,
                "level": seen.level,
                "at": seen.at.to_string(),
                "services": seen.services,
                "in_the_browser_that_said_so": seen.is_here,
            })
        };
        let cases = self.cases.of(headers).await?;
        let cases = cases.iter().map(|case| {
            json!({
                "case": case.case.to_string(),
                "kind": case.kind,
                "opened": case.opened.to_string(),
                "by_you": case.is_own,
                "ended": text(case.ended),
                "visit_that_was_not_yours": case.visit,
                "sign_ins_then": case.sign_ins.iter().map(sign_in).collect::<Vec<_>>(),
            })
        });
        Ok(json!({ "cases": cases.collect::<Vec<_>>() }))
    }

    async fn evidence_of(
        &self,
        desk: &Desk,
        person: PersonId,
        held: &[Held],
        locale: Locale,
    ) -> Result<Value, Fault> {
        let lang = locale.tag();
        let decisions = held.iter().map(|held| {
            let kind = held.ask.evidence_type();
            let label = |field| desk.field_label(kind, field, lang);
            json!({
                "exchange": held.exchange.to_string(),
                "service": self.service_name(&held.client),
                "held_by": desk.holder_name(&held.data_provider),
                "evidence": desk.evidence_label(kind, lang),
                "purpose": desk.purpose_sentence(held.ask.purpose(), lang),
                "outcome": held.outcome.to_string(),
                "fields": held.fields.iter().map(label).collect::<Vec<_>>(),
                "decided": held.decided.to_string(),
                "until": held.until.to_string(),
                "fetched": held.pulls,
                "last_fetched": text(held.last_pull),
                "ended": text(held.ended.as_ref().map(|(at, _)| *at)),
            })
        });
        let decisions: Vec<Value> = decisions.collect();
        let erasures = desk.erasures_of(person).await?;
        let erasures = erasures.iter().map(|erasure| {
            let said = erasure.statement.as_ref();
            json!({
                "exchange": erasure.exchange.to_string(),
                "asked_of": self.service_name(&erasure.client),
                "asked": erasure.asked.to_string(),
                "due": erasure.due.to_string(),
                "answered": text(said.map(|said| said.at)),
                "answer": said.map(|said| match said.answer {
                    ErasureAnswer::Done => "done",
                    ErasureAnswer::Refused => "refused",
                }),
                "ground": said.map(|said| said.ground.as_str()),
                "signed": said.map(|said| said.signed.as_str()),
            })
        });
        Ok(json!({
            "decisions": decisions,
            "erasures": erasures.collect::<Vec<_>>(),
        }))
    }
}

fn json_file(name: &str, content: &Value) -> File {
    (name.to_owned(), format!("{content:#}\n").into_bytes())
}

fn text(at: Option<Timestamp>) -> Option<String> {
    at.map(|at| at.to_string())
}

/// More decisions than anybody makes; what is beyond stands in the history.
const MOST: u32 = 10_000;
