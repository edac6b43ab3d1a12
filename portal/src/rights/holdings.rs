//! Everything the hub holds about a citizen, file by file, for their archive. Each file says what it is; values
//! that the hub does not keep are not there, and the first file says why.

use guichet_domain::{PersonId, Timestamp};
use guichet_exchange::{Desk, Made};
use guichet_store::Fault;
use guichet_store::durable::ErasureAnswer;
use guichet_web::{Locale, PageError};
use http::HeaderMap;
use serde_json::{Value, json};

use super::requests;
use crate::{Portal, history};

/// A file: its name, and what is in it.
pub(super) type File = (String, Value);

impl Portal {
    /// The files of the archive of `person`, who is signed in at the browser that sent `headers`.
    pub(super) async fn holdings(
        &self,
        person: PersonId,
        headers: &HeaderMap,
        locale: Locale,
    ) -> Result<Vec<File>, PageError> {
        let fault = |fault: Fault| self.fault("read what is held about a citizen", &fault);
        let mut files = vec![
            file("person.json", self.known_of(person).await.map_err(fault)?),
            file(
                "services.json",
                self.services_of(person).await.map_err(fault)?,
            ),
            file(
                "consents.json",
                self.consents_of(person).await.map_err(fault)?,
            ),
            file(
                "messages.json",
                self.messages_of(person, locale).await.map_err(fault)?,
            ),
            file(
                "history.json",
                self.history_of(person, locale).await.map_err(fault)?,
            ),
            file("ways.json", self.ways_of(headers).await?),
            file("sessions.json", self.sessions_of(headers).await?),
        ];
        let asked = self.asked(person, locale).await?;
        files.push(file("requests.json", requests::as_json(&asked)));
        if let Some(desk) = &self.exchange {
            let evidence = self
                .evidence_of(desk, person, locale)
                .await
                .map_err(fault)?;
            files.extend(evidence);
        }
        let about = json!({
            "what": self.pages.text(locale, "archive-about", &[]),
            "not_kept": self.pages.text(locale, "archive-not-kept", &[]),
            "verify": self.pages.text(locale, "archive-verify", &[]),
            "made_at": self.clock.now().to_string(),
            "files": files.iter().map(|(name, _)| name).collect::<Vec<_>>(),
        });
        files.insert(0, file("about.json", about));
        Ok(files)
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

    /// What happened, the newest first.
    async fn history_of(&self, person: PersonId, locale: Locale) -> Result<Value, Fault> {
        let entries = history::whole(self, person, locale).await?;
        Ok(json!({ "entries": entries }))
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

    async fn evidence_of(
        &self,
        desk: &Desk,
        person: PersonId,
        locale: Locale,
    ) -> Result<Vec<File>, Fault> {
        let lang = locale.tag();
        let now = self.clock.now();
        let (mut decisions, mut receipts) = (Vec::new(), Vec::new());
        for held in desk.of_person(person, MOST).await? {
            let kind = held.ask.evidence_type();
            let label = |field| desk.field_label(kind, field, lang);
            decisions.push(json!({
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
            }));
            if let Made::Receipt(receipt) = desk.receipt(held.exchange, person, now).await? {
                let name = format!("receipts/{}.jwt", held.exchange);
                receipts.push((name, Value::String(receipt)));
            }
        }
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
        let evidence = json!({
            "decisions": decisions,
            "erasures": erasures.collect::<Vec<_>>(),
        });
        let mut files = vec![file("evidence.json", evidence)];
        files.append(&mut receipts);
        Ok(files)
    }
}

fn file(name: &str, content: Value) -> File {
    (name.to_owned(), content)
}

fn text(at: Option<Timestamp>) -> Option<String> {
    at.map(|at| at.to_string())
}

/// More decisions than anybody makes; what is beyond stands in the history.
const MOST: u32 = 10_000;
