//! Which clients are to get another secret or key: theirs are old, or end soon with none to follow.

use std::sync::Arc;
use std::time::Duration;

use guichet_domain::client::SecretDates;
use guichet_domain::staff::StaffMember;
use guichet_domain::{AuditEvent, Client, ClientId, EventKind, Timestamp};
use guichet_store::Fault;
use guichet_store::durable::{CredentialUses, Registry};

use super::key_dates;
use crate::people::{Grounds, StaffDoor};

/// Why another one is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// None goes on beyond this moment.
    Ends(Timestamp),
    /// The youngest has been there since then: longer than a secret should be.
    Old(Timestamp),
}

impl Due {
    /// In a word, for the names of texts.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ends(_) => "ends",
            Self::Old(_) => "old",
        }
    }

    /// The moment in it.
    pub const fn at(self) -> Timestamp {
        match self {
            Self::Ends(at) | Self::Old(at) => at,
        }
    }
}

/// A client, and why it is to get another one.
pub struct DueOf {
    /// Which.
    pub client: Arc<Client>,
    /// Why.
    pub due: Due,
}

/// How long before the last one ends somebody is told.
const AHEAD: Duration = Duration::from_hours(24 * 30);
/// How old a secret, or a key in the record, should become at most.
const OLDEST: Duration = Duration::from_hours(24 * 365);
/// How often somebody is told of the same client.
const AGAIN: Duration = Duration::from_hours(24 * 7);

/// Whether a client is to get another secret or key.
pub fn due(client: &Client, now: Timestamp) -> Option<Due> {
    let secrets = client.authentication.secrets();
    let of_secrets = due_of(&secrets, now);
    of_secrets.or_else(|| due_of(&key_dates(client), now))
}

fn due_of(all: &[SecretDates], now: Timestamp) -> Option<Due> {
    let live = || {
        let live = all.iter();
        live.filter(|it| it.until.is_none_or(|until| now < until))
    };
    let last_end = live()
        .map(|it| it.until)
        .reduce(|one, other| Some(one?.max(other?)))?;
    if let Some(end) = last_end.filter(|end| *end <= now.after(AHEAD)) {
        return Some(Due::Ends(end));
    }
    let youngest = live().filter_map(|it| it.created).max()?;
    (youngest.after(OLDEST) <= now).then_some(Due::Old(youngest))
}

/// Looks after it: whose turn it is, and that those who look after the service hear of it.
#[derive(Clone)]
pub struct RotationWatch {
    /// The clients.
    pub registry: Arc<dyn Registry>,
    /// Who was told, and when.
    pub uses: Arc<dyn CredentialUses>,
    /// Who looks after which service, and how mail reaches them.
    pub door: StaffDoor,
}

impl RotationWatch {
    /// Every active client that is to get another secret or key, by identifier.
    pub async fn due(&self) -> Result<Vec<DueOf>, Fault> {
        let now = self.door.clock.now();
        let clients = self.registry.clients().await?;
        let active = clients.into_iter().filter(|client| client.active);
        let due = active.filter_map(|client| {
            let due = due(&client, now)?;
            Some(DueOf { client, due })
        });
        Ok(due.collect())
    }

    /// Tells the team of each client, once a week whichever node asks first: webhooks by an entry of the
    /// ledger, people by mail. How many mails went.
    pub async fn remind(&self) -> Result<usize, Fault> {
        let (due, now) = (self.due().await?, self.door.clock.now());
        let mut sent = 0;
        if due.is_empty() {
            return Ok(sent);
        }
        let grounds = Grounds::of(&*self.door.teams).await?;
        let members = self.door.staff.members().await?;
        for DueOf { client, due } in due {
            if !self.uses.remind(&client.id, now, now.before(AGAIN)).await? {
                continue;
            }
            let event = AuditEvent::new(EventKind::CredentialDue, now)
                .client(&client.id)
                .detail("due", due.as_str())
                .detail("due_at", due.at());
            self.door.ledger.append(event).await?;
            let Some(post) = &self.door.post else {
                continue;
            };
            let place = grounds.client(&client.id);
            let cares = |member: &&StaffMember| {
                let mut seats = member.seats.iter().filter(|seat| seat.is_held(now));
                seats.any(|seat| seat.role.is_of_team() && place.is_within(&seat.on))
            };
            for member in members.iter().filter(cares) {
                let address = self.door.card(member).address;
                if address.is_empty() {
                    continue;
                }
                let (subject, text) = self.words(&client.id, due);
                match post.send(&address, &subject, &text).await {
                    Ok(()) => sent += 1,
                    Err(error) => tracing::warn!(%error, "a reminder was not sent"),
                }
            }
        }
        Ok(sent)
    }

    fn words(&self, client: &ClientId, due: Due) -> (String, String) {
        let day = due.at().to_string();
        let day = day.get(..10).unwrap_or_default();
        let (fr, en) = match due {
            Due::Ends(_) => (
                format!("Le dernier secret ou la dernière clé de « {client} » prend fin le {day}."),
                format!("The last secret or key of \"{client}\" ends on {day}."),
            ),
            Due::Old(_) => (
                format!("Le secret ou la clé de « {client} » date du {day}."),
                format!("The secret or key of \"{client}\" is from {day}."),
            ),
        };
        let address = format!("{}/clients/{client}/credentials", self.door.address);
        let text = format!(
            "{fr} Ajoutez-en un autre, mettez-le en service, puis mettez fin à l’ancien :\n{address}\n\n\
             {en} Add another one, put it to use, then end the old one:\n{address}\n"
        );
        (format!("Guichet : {client}"), text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_hours(24);
    const NOW: Timestamp = Timestamp::from_seconds(1_795_000_000);

    fn one(created: Option<Timestamp>, until: Option<Timestamp>) -> SecretDates {
        SecretDates {
            id: "a".to_owned(),
            created,
            until,
        }
    }

    #[test]
    fn a_secret_that_ends_soon_is_due_unless_another_goes_on() {
        let soon = NOW.after(DAY * 10);
        let ending = one(Some(NOW), Some(soon));
        assert_eq!(
            due_of(std::slice::from_ref(&ending), NOW),
            Some(Due::Ends(soon))
        );
        assert_eq!(due_of(&[ending.clone(), one(Some(NOW), None)], NOW), None);
        let later = one(Some(NOW), Some(NOW.after(DAY * 90)));
        assert_eq!(due_of(&[ending, later], NOW), None);
    }

    #[test]
    fn an_old_secret_is_due_however_many_older_ones_there_are() {
        let old = NOW.before(DAY * 400);
        let older = NOW.before(DAY * 800);
        let both = [one(Some(older), None), one(Some(old), None)];
        assert_eq!(due_of(&both, NOW), Some(Due::Old(old)));
        let renewed = [one(Some(old), None), one(Some(NOW), None)];
        assert_eq!(due_of(&renewed, NOW), None);
    }

    #[test]
    fn of_what_nobody_knows_the_age_nothing_is_said() {
        assert_eq!(due_of(&[one(None, None)], NOW), None);
        assert_eq!(due_of(&[], NOW), None);
    }
}
