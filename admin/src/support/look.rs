//! That somebody looks, and why: on record before they see anything, and where a citizen was recognized, in that
//! citizen's history (threat N-341).

use guichet_domain::{AuditEvent, CaseId, EventKind, InvalidMember, PersonId, Rule, Timestamp};
use guichet_store::Fault;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::agreement::Opened;
use super::{Handle, Step, SupportDesk, SupportError};
use crate::Actor;

/// What somebody looks for. Words of ours: what is on record for good holds nobody's personal data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// The citizen called, or wrote.
    CitizenCalled,
    /// A service reported that something does not work.
    ServiceReported,
    /// A fault of the hub is looked into.
    Fault,
    /// Somebody may misuse an identity.
    Misuse,
}

impl Purpose {
    /// Every one.
    pub const ALL: [Self; 4] = [
        Self::CitizenCalled,
        Self::ServiceReported,
        Self::Fault,
        Self::Misuse,
    ];

    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CitizenCalled => "citizen_called",
            Self::ServiceReported => "service_reported",
            Self::Fault => "fault",
            Self::Misuse => "misuse",
        }
    }

    /// The one of this word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == word)
    }
}

/// Why somebody looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    /// What for.
    pub purpose: Purpose,
    /// The number under which it is dealt with elsewhere; may be empty.
    pub ticket: String,
}

impl Why {
    /// Checks it: a ticket's number is letters, digits, `-`, `#` and `/`, 32 at most.
    pub fn new(purpose: &str, ticket: &str) -> Result<Self, InvalidMember> {
        let purpose = Purpose::of_word(purpose)
            .ok_or_else(|| InvalidMember::new("purpose", Rule::SayWhatFor))?;
        let ticket = ticket.trim();
        let is_number = |letter: char| letter.is_ascii_alphanumeric() || "-#/".contains(letter);
        if ticket.len() > 32 || !ticket.chars().all(is_number) {
            let text = Rule::TicketNumber;
            return Err(InvalidMember::new("ticket", text));
        }
        Ok(Self {
            purpose,
            ticket: ticket.to_owned(),
        })
    }
}

/// What was looked at.
pub struct Looked {
    /// What was read out.
    pub handle: Handle,
    /// The steps, oldest first, masked.
    pub steps: Vec<Step>,
    /// Whether somebody was recognized: who, is not said.
    pub known: bool,
    /// What keeps them from acting, if anything does: cases that are open.
    pub barred: Vec<Barred>,
    /// What was asked of the citizen by whoever looks, if anything: the latest.
    pub asked: Option<Asked>,
    /// What was hidden, as long as they agree.
    pub opened: Option<Opened>,
}

/// A case about a person, as far as it names nobody.
pub struct Barred {
    /// Which.
    pub case: CaseId,
    /// Its kind, in a word.
    pub kind: &'static str,
    /// Since when.
    pub since: Timestamp,
    /// Whether the person opened it themselves.
    pub own: bool,
}

/// Where what was asked of the citizen stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// `waiting`, `agreed`, `refused`, `withdrawn` or `over`.
    pub state: &'static str,
    /// When it was asked.
    pub at: Timestamp,
    /// Until when it can be answered, or holds.
    pub until: Timestamp,
}

impl SupportDesk {
    /// What is on record under `handle`, for `by`. That they look is on record first.
    pub async fn look(&self, handle: &str, why: &Why, by: &Actor) -> Result<Looked, SupportError> {
        let by = by.to_string();
        let (handle, found) = self.found(handle, &by).await?;
        let person = match found.name {
            Some(name) => Some(self.whom(name).await?.ok_or(UNNAMED)?),
            None => None,
        };
        let asked = match person {
            Some(person) => self.asked_by(&handle, &by, person).await?,
            None => None,
        };
        let now = self.clock.now();
        let opened = asked.as_ref().filter(|request| request.is_open(now));
        let half = if opened.is_some() { "agreed" } else { "masked" };
        self.note_look(person, &handle, why, (&by, half)).await?;
        let opened = match (opened, person) {
            (Some(request), Some(person)) => {
                let at = found.entries.last().map_or(now, |(_, entry)| entry.at);
                Some(self.open(request, person, at).await?)
            }
            _ => None,
        };
        Ok(Looked {
            steps: found
                .entries
                .iter()
                .map(|(_, entry)| entry.masked())
                .collect(),
            known: person.is_some(),
            barred: match person {
                Some(person) => self.barred(person).await?,
                None => Vec::new(),
            },
            asked: asked.map(|request| super::agreement::state(&request, now)),
            opened,
            handle,
        })
    }

    /// The person whom `handle` leads to, for what is done about them.
    pub(super) async fn person(
        &self,
        handle: &str,
        by: &str,
    ) -> Result<(Handle, PersonId), SupportError> {
        let (handle, found) = self.found(handle, by).await?;
        let name = found.name.ok_or(SupportError::Nobody)?;
        let person = self.whom(name).await?.ok_or(UNNAMED)?;
        Ok((handle, person))
    }

    async fn note_look(
        &self,
        person: Option<PersonId>,
        handle: &Handle,
        why: &Why,
        (by, half): (&str, &str),
    ) -> Result<(), Fault> {
        let event = AuditEvent::new(EventKind::SupportLooked, self.clock.now())
            .detail("by", by)
            .detail("handle", handle)
            .detail("half", half)
            .detail("purpose", why.purpose.as_str());
        let event = if why.ticket.is_empty() {
            event
        } else {
            event.detail("ticket", &why.ticket)
        };
        let event = match person {
            Some(person) => event.person(person),
            None => event,
        };
        self.ledger.append(event).await.map(drop)
    }

    async fn barred(&self, person: PersonId) -> Result<Vec<Barred>, Fault> {
        let open = self.cases.open_about(person).await?;
        let barred = open.into_iter().map(|case| Barred {
            case: case.id,
            kind: case.kind.as_str(),
            since: case.opened.at,
            own: case.opened.by == "the person",
        });
        Ok(barred.collect())
    }
}

/// Nobody would read of the look: then there is none.
const UNNAMED: Fault = Fault::bare("the log names somebody whom nobody is known by");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_on_record_for_good_holds_words_of_ours_and_a_ticket_s_number() {
        assert!(Why::new("citizen_called", "").is_ok());
        assert_eq!(Why::new("misuse", " T-42/7 ").unwrap().ticket, "T-42/7");
        for (purpose, ticket, member) in [
            ("", "", "purpose"),
            ("curiosity", "", "purpose"),
            ("fault", "<b>", "ticket"),
            ("fault", "Camille MARTIN", "ticket"),
            ("fault", "0123456789012345678901234567890123", "ticket"),
        ] {
            assert_eq!(
                Why::new(purpose, ticket).unwrap_err().member,
                member,
                "{ticket}"
            );
        }
    }
}
