//! What the citizen is asked: that the one who asks sees what is hidden of one login, for an hour. They answer in
//! their account (`portal` support/); what they agreed to ends by itself, and at once when they say so (threats
//! N-342 to N-344). That something waits there is mailed to whoever gave an address.

use std::time::Duration;

use guichet_domain::{
    AuditEvent, EventKind, InvalidMember, PersonId, Rule, SupportRequestId, Timestamp,
};
use guichet_store::Fault;
use guichet_store::durable::corrections::Change;
use guichet_store::durable::histories::{HistoryQuery, Place};
use guichet_store::durable::people::{IndexRow, NameRow, PersonFile};
use guichet_store::durable::{SupportRequest, SupportWord};
use schemars::JsonSchema;
use serde::Serialize;

use super::look::Asked;
use super::step::Entry;
use super::{Handle, Step, SupportDesk, SupportError};
use crate::Actor;

/// How long they have to answer.
const ASKED_FOR: Duration = Duration::from_hours(24);
/// How many may wait of one citizen.
const MOST: u32 = 3;
/// How far around the login their history is shown.
const AROUND: Duration = Duration::from_hours(30 * 24);
/// How much of it.
const ENTRIES: u32 = 100;

/// What was hidden, and is shown for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Opened {
    /// Until when, RFC 3339.
    pub until: String,
    /// What happened around the login: thirty days before and after, the latest first.
    pub history: Vec<Step>,
    /// Under how many civil statuses they were seen: since when, and whether the register vouched.
    pub rows: Vec<RowSeen>,
    /// In which sectors they are known, and the beginning of each name there.
    pub names: Vec<NameSeen>,
    /// Until when, for pages.
    #[serde(skip)]
    pub(crate) ends: Timestamp,
}

/// A civil status somebody was seen under; the hub holds none itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RowSeen {
    /// Its number, for a split.
    pub row: usize,
    /// Since when, RFC 3339.
    pub since: String,
    /// Whether the civil register vouched for it.
    pub register: bool,
    /// Whether it came with somebody who was taken in.
    pub merged: bool,
}

/// A name in a sector, masked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NameSeen {
    /// The sector.
    pub sector: String,
    /// Its first letters.
    pub begins: String,
}

/// Where a request stands.
pub(super) fn state(request: &SupportRequest, now: Timestamp) -> Asked {
    let (state, until) = match &request.answer {
        None if now < request.expires => ("waiting", request.expires),
        None => ("over", request.expires),
        Some(answer) => match answer.word {
            SupportWord::Agreed if now < answer.until => ("agreed", answer.until),
            SupportWord::Agreed => ("over", answer.until),
            SupportWord::Refused => ("refused", answer.at),
            SupportWord::Withdrawn => ("withdrawn", answer.at),
        },
    };
    Asked {
        state,
        at: request.asked,
        until,
    }
}

impl SupportDesk {
    /// Asks the citizen whom `handle` leads to. `words` is what they read: why, in 10 to 300 characters.
    pub async fn ask(
        &self,
        handle: &str,
        words: &str,
        by: &Actor,
    ) -> Result<SupportRequestId, SupportError> {
        let words = words.trim();
        let says = (10..=300).contains(&words.chars().count());
        if !says || words.chars().any(char::is_control) {
            let text = Rule::ReadByCitizen;
            return Err(InvalidMember::new("words", text).into());
        }
        let by = by.to_string();
        let (handle, person) = self.person(handle, &by).await?;
        let now = self.clock.now();
        let waiting = self.requests.asked_of(person, 50).await?;
        if waiting.iter().filter(|it| it.waits(now)).count() >= MOST as usize {
            return Err(SupportError::Enough);
        }
        let id = SupportRequestId::random(&*self.entropy);
        let sealed = self.sealer.seal_json(id.as_bytes(), &words);
        let sealed = sealed.map_err(|error| Fault::new("seal what a citizen is asked", error))?;
        let event = AuditEvent::new(EventKind::SupportAsked, now)
            .person(person)
            .detail("by", &by)
            .detail("handle", &handle)
            .detail("request", id);
        self.ledger.append(event).await?;
        let request = SupportRequest {
            id,
            person,
            handle: handle.to_string(),
            by,
            sealed,
            asked: now,
            expires: now.after(ASKED_FOR),
            answer: None,
        };
        if !self.requests.ask(&request, MOST).await? {
            return Err(SupportError::Enough);
        }
        // It stands in their account, whether a mail goes out or not.
        if let Err(error) = self.citizens.tell_asked(person).await {
            tracing::warn!(%error, "a citizen was not mailed that the support asks them something");
        }
        Ok(id)
    }

    /// The latest that `by` asked of this very person about `handle`: an answer of somebody else is none.
    pub(super) async fn asked_by(
        &self,
        handle: &Handle,
        by: &str,
        person: PersonId,
    ) -> Result<Option<SupportRequest>, Fault> {
        let asked = self.requests.asked_about(handle.as_str(), by, 1).await?;
        let Some(request) = asked.into_iter().next() else {
            return Ok(None);
        };
        let whose = self.people.standing(request.person).await?;
        Ok((whose == person).then_some(request))
    }

    /// What was hidden of `person` around `at`.
    pub(super) async fn open(
        &self,
        request: &SupportRequest,
        person: PersonId,
        at: Timestamp,
    ) -> Result<Opened, Fault> {
        let file = self.people.file(person).await?;
        let persons: Vec<PersonId> = match &file {
            Some(file) => file.persons().into_iter().collect(),
            None => vec![person],
        };
        let names = persons.iter().map(|it| self.ledger.people().of(*it).name());
        let query = HistoryQuery {
            names: names.collect(),
            place: Place::Before(u64::MAX),
            since: self
                .themselves_since(&persons)
                .await?
                .max(at.before(AROUND)),
            until: at.after(AROUND),
            class: None,
            with_steps: false,
            client: None,
            closed: Vec::new(),
            now: self.clock.now(),
            limit: ENTRIES,
        };
        let history = self.histories.page(&query).await?;
        let history = history.iter().filter_map(|row| Entry::parse(&row.entry));
        let ends = request.answer.map_or(request.asked, |answer| answer.until);
        Ok(Opened {
            until: ends.to_string(),
            history: history.map(|entry| entry.masked()).collect(),
            rows: file.iter().flat_map(rows).collect(),
            names: file.iter().flat_map(names_seen).collect(),
            ends,
        })
    }
}

impl SupportDesk {
    /// Since when nobody else went by their names: what was written before may be somebody else's.
    async fn themselves_since(&self, persons: &[PersonId]) -> Result<Timestamp, Fault> {
        let mut since = Timestamp::from_millis(0);
        for person in persons {
            for correction in self.corrections.about(*person).await? {
                if matches!(correction.change, Change::Thaw { .. }) {
                    continue;
                }
                let acts = [correction.confirmed, correction.undone];
                let latest = acts.into_iter().flatten().map(|act| act.at).max();
                since = since.max(latest.unwrap_or(since));
            }
        }
        Ok(since)
    }
}

fn rows(file: &PersonFile) -> Vec<RowSeen> {
    let row = |(at, row): (usize, &IndexRow)| RowSeen {
        row: at + 1,
        since: row.added.to_string(),
        register: row.vouched,
        merged: row.person != file.person,
    };
    file.rows.iter().enumerate().map(row).collect()
}

fn names_seen(file: &PersonFile) -> Vec<NameSeen> {
    let name = |name: &NameRow| NameSeen {
        sector: name.sector.to_string(),
        begins: name.subject.to_string().chars().take(6).collect(),
    };
    file.names.iter().map(name).collect()
}

#[cfg(test)]
mod tests {
    use guichet_domain::Sealed;
    use guichet_store::durable::SupportAnswer;

    use super::*;

    #[test]
    fn what_was_asked_stands_where_the_citizen_and_the_clock_left_it() {
        let at = Timestamp::from_seconds;
        let request = |answer: Option<SupportWord>| SupportRequest {
            id: SupportRequestId::from_bytes([1; 16]),
            person: PersonId::from_bytes([2; 16]),
            handle: "ABCD-2345".to_owned(),
            by: "staff:x".to_owned(),
            sealed: Sealed::from_bytes(Vec::new()),
            asked: at(0),
            expires: at(10),
            answer: answer.map(|word| SupportAnswer {
                word,
                at: at(5),
                until: at(20),
            }),
        };
        let state = |answer, now| state(&request(answer), at(now)).state;
        assert_eq!(state(None, 9), "waiting");
        assert_eq!(state(None, 10), "over");
        assert_eq!(state(Some(SupportWord::Agreed), 19), "agreed");
        assert_eq!(state(Some(SupportWord::Agreed), 20), "over");
        assert_eq!(state(Some(SupportWord::Refused), 6), "refused");
        assert_eq!(state(Some(SupportWord::Withdrawn), 6), "withdrawn");
    }
}
