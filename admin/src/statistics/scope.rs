//! Whose sign-ins somebody may see: those of the hub, or of the services within their reach.

use guichet_domain::{ClientId, Timestamp};

use super::Period;
use super::figures::Scope;
use crate::people::{Action, Grounds, Kind, Place, Rights};

impl Scope {
    /// What somebody with these rights may see: of `asked` where they name one, otherwise of as much as they
    /// reach among `clients`. `None` when it is nothing of theirs.
    pub(crate) fn within(
        rights: &Rights,
        grounds: &Grounds,
        asked: Option<&ClientId>,
        clients: impl Iterator<Item = ClientId>,
    ) -> Option<Self> {
        let may = |place: &Place| rights.may(Action::Read, Kind::Statistics, place);
        match asked {
            Some(one) => may(&grounds.client(one)).then(|| Self::Clients(vec![one.clone()])),
            None if may(&Place::Hub) => Some(Self::Hub),
            None => {
                let reached = clients.filter(|client| may(&grounds.client(client)));
                Some(Self::Clients(reached.collect()))
            }
        }
    }
}

impl Period {
    /// As asked for; the month of `now` where nothing is.
    pub(crate) fn asked(text: &str, now: Timestamp) -> Option<Self> {
        if text.is_empty() {
            Some(Self::month_of(now))
        } else {
            text.parse().ok()
        }
    }
}
