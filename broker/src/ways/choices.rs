//! What somebody chose about the ways into their identity, and what counts of it.
//!
//! Each person has a row of their own. Persons who were merged have several: what one of them closed stays
//! closed, until a choice is made that knew of it. Parted again, each has what they had.

use std::collections::BTreeMap;

use guichet_domain::{PersonId, ProviderId, Timestamp};
use guichet_keys::Sealer;
use guichet_store::Fault;
use guichet_store::durable::WayChoice;
use guichet_web::Locale;
use serde::{Deserialize, Serialize};

use super::address::{Address, Asked};

/// What somebody chose.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Choices {
    /// The providers that they named.
    #[serde(default)]
    providers: BTreeMap<ProviderId, Way>,
    /// What holds for every other, those that come later included.
    #[serde(default)]
    others: Option<Way>,
    /// Whether they want to hear of every sign-in, not of unusual ones alone.
    #[serde(default)]
    tells_all: bool,
    /// Where they are told by mail.
    #[serde(default)]
    pub(super) address: Option<Address>,
    /// The address that is to be confirmed.
    #[serde(default)]
    pub(super) asked: Option<Asked>,
    /// The choices of others, now the same person, that this one knew of, by their revision.
    #[serde(default)]
    covers: BTreeMap<PersonId, u64>,
}

/// Whether a provider may speak for somebody, and since when that is so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Way {
    pub(crate) open: bool,
    pub(crate) since: Timestamp,
}

impl Choices {
    /// Since when a provider may not speak for them; `None` where it may.
    pub(crate) fn closed(&self, provider: &ProviderId) -> Option<Timestamp> {
        let way = self.providers.get(provider).or(self.others.as_ref());
        way.filter(|way| !way.open).map(|way| way.since)
    }

    /// Whether providers that come later may speak for them.
    pub(crate) fn are_others_open(&self) -> bool {
        self.others.is_none_or(|way| way.open)
    }

    /// Says of one provider whether it may; whether that changes anything.
    pub(crate) fn set(&mut self, provider: &ProviderId, open: bool, now: Timestamp) -> bool {
        if self.closed(provider).is_none() == open {
            return false;
        }
        let way = Way { open, since: now };
        self.providers.insert(provider.clone(), way);
        true
    }

    /// Says the same of those that come later: what holds of `known` ones stays as it is. Whether that
    /// changes anything.
    pub(crate) fn set_others<'a>(
        &mut self,
        open: bool,
        known: impl IntoIterator<Item = &'a ProviderId>,
        now: Timestamp,
    ) -> bool {
        if self.are_others_open() == open {
            return false;
        }
        for provider in known {
            let way = match self.closed(provider) {
                Some(since) => Way { open: false, since },
                None => Way {
                    open: true,
                    since: now,
                },
            };
            self.providers.entry(provider.clone()).or_insert(way);
        }
        self.others = Some(Way { open, since: now });
        true
    }

    /// Opens everything that is closed; whether anything was.
    pub(super) fn reopen(&mut self) -> bool {
        let was_closed = !self.are_others_open() || self.providers.values().any(|it| !it.open);
        if was_closed {
            self.providers.clear();
            self.others = None;
        }
        was_closed
    }

    /// Whether they want to hear of every sign-in.
    pub(crate) const fn tells_all(&self) -> bool {
        self.tells_all
    }

    /// Says so; whether that changes anything.
    pub(crate) fn set_alerts(&mut self, all: bool) -> bool {
        std::mem::replace(&mut self.tells_all, all) != all
    }

    /// Where they are told by mail, and in which language.
    pub(crate) fn address(&self) -> Option<(&str, Locale)> {
        let address = self.address.as_ref()?;
        Some((&address.mailbox, address.locale()))
    }

    /// With what another one closes, too.
    fn narrowed_by(mut self, other: &Self) -> Self {
        let named: Vec<ProviderId> = other.providers.keys().cloned().collect();
        let all = self.providers.keys().cloned().chain(named);
        let narrowed = all.map(|id| {
            let closed = self.closed(&id).or_else(|| other.closed(&id));
            let way = if let Some(since) = closed {
                Way { open: false, since }
            } else {
                let known = self.providers.get(&id).or(other.providers.get(&id));
                let since = known.map_or(Timestamp::from_millis(0), |way| way.since);
                Way { open: true, since }
            };
            (id, way)
        });
        self.providers = narrowed.collect();
        if !other.are_others_open() && self.are_others_open() {
            self.others = other.others;
        }
        self.tells_all |= other.tells_all;
        if self.address.is_none() {
            self.address.clone_from(&other.address);
        }
        self
    }
}

/// The choices of everybody who is one person.
#[derive(Default)]
pub(crate) struct Known {
    /// Whose, of which revision; the latest first.
    pub(crate) rows: Vec<(PersonId, u64, Choices)>,
}

impl Known {
    /// As they rest.
    pub(super) fn opened(rows: Vec<WayChoice>, sealer: &Sealer) -> Result<Self, Fault> {
        let opened = rows.into_iter().map(|row| {
            let choices = sealer.open_json(row.person.as_bytes(), &row.sealed);
            let choices = choices.map_err(|error| Fault::new("open a citizen's choices", error))?;
            Ok((row.person, row.revision, choices))
        });
        let rows = opened.collect::<Result<_, Fault>>()?;
        Ok(Self { rows })
    }

    /// What counts.
    pub(crate) fn counting(&self) -> Choices {
        let counts = |person: &PersonId, revision: u64| {
            self.rows
                .iter()
                .all(|(_, _, by)| by.covers.get(person).is_none_or(|known| *known < revision))
        };
        let mut rows = self
            .rows
            .iter()
            .filter(|(person, revision, _)| counts(person, *revision))
            .map(|(_, _, choices)| choices);
        let latest = rows.next().cloned().unwrap_or_default();
        rows.fold(latest, Choices::narrowed_by)
    }

    /// The revision that a choice of `person` has which is made with all this known, and that choice.
    pub(crate) fn next(&self, person: PersonId, mut choices: Choices) -> (u64, Choices) {
        let others = self.rows.iter().filter(|(whose, ..)| *whose != person);
        choices.covers = others
            .map(|(whose, revision, _)| (*whose, *revision))
            .collect();
        let own = self.rows.iter().find(|(whose, ..)| *whose == person);
        (own.map_or(1, |(_, revision, _)| revision + 1), choices)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> ProviderId {
        text.parse().unwrap()
    }

    fn person(seed: u8) -> PersonId {
        PersonId::from_bytes([seed; 16])
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    #[test]
    fn everything_is_open_until_it_is_closed() {
        let mut choices = Choices::default();
        assert_eq!(choices.closed(&id("postale")), None);
        assert!(!choices.set(&id("postale"), true, at(1)), "nothing changed");
        assert!(choices.set(&id("postale"), false, at(2)));
        assert_eq!(choices.closed(&id("postale")), Some(at(2)));
        assert_eq!(choices.closed(&id("citoyen")), None);
        assert!(choices.set(&id("postale"), true, at(3)));
        assert_eq!(choices.closed(&id("postale")), None);
    }

    #[test]
    fn a_provider_that_comes_later_follows_the_choice_for_those_and_a_known_one_does_not() {
        let mut choices = Choices::default();
        choices.set(&id("postale"), false, at(1));
        let known = [id("postale"), id("citoyen")];
        assert!(choices.set_others(false, &known, at(2)));
        assert!(!choices.set_others(false, &known, at(3)));
        assert_eq!(choices.closed(&id("citoyen")), None);
        assert_eq!(choices.closed(&id("postale")), Some(at(1)));
        assert_eq!(choices.closed(&id("new")), Some(at(2)));
        choices.set_others(true, &[id("new")], at(4));
        assert_eq!(choices.closed(&id("newer")), None);
        assert_eq!(
            choices.closed(&id("new")),
            Some(at(2)),
            "it was closed when it came"
        );
    }

    #[test]
    fn what_one_of_two_closed_stays_closed_when_they_are_merged_until_they_choose_again() {
        let (mut one, mut other) = (Choices::default(), Choices::default());
        one.set(&id("postale"), false, at(1));
        other.set(&id("citoyen"), false, at(2));
        other.set_others(false, &[id("postale"), id("citoyen")], at(2));
        let known = Known {
            rows: vec![(person(2), 4, other.clone()), (person(1), 7, one.clone())],
        };
        let counting = known.counting();
        for closed in ["postale", "citoyen", "new"] {
            assert!(counting.closed(&id(closed)).is_some(), "{closed}");
        }
        let mut again = counting;
        again.set(&id("postale"), true, at(3));
        let (revision, again) = known.next(person(1), again);
        assert_eq!(revision, 8);
        let merged = Known {
            rows: vec![(person(1), 8, again.clone()), (person(2), 4, other.clone())],
        };
        assert_eq!(merged.counting().closed(&id("postale")), None);
        assert!(merged.counting().closed(&id("citoyen")).is_some());
        // What the other chose later was not known.
        let later = Known {
            rows: vec![(person(2), 5, other.clone()), (person(1), 8, again)],
        };
        assert!(later.counting().closed(&id("citoyen")).is_some());
        // Parted, the other has what they had.
        let parted = Known {
            rows: vec![(person(2), 4, other.clone())],
        };
        assert_eq!(parted.counting(), other);
    }

    #[test]
    fn whoever_locked_themselves_out_has_everything_open_again_and_keeps_the_rest() {
        let mut choices = Choices::default();
        assert!(!choices.reopen(), "nothing was closed");
        choices.set_alerts(true);
        choices.set(&id("postale"), false, at(1));
        choices.set_others(false, &[id("postale")], at(1));
        assert!(choices.reopen());
        assert_eq!(choices.closed(&id("postale")), None);
        assert!(choices.are_others_open() && choices.tells_all());
    }

    #[test]
    fn a_choice_survives_the_way_to_its_place() {
        let mut choices = Choices::default();
        choices.set(&id("postale"), false, at(1));
        choices.covers.insert(person(3), 9);
        let text = serde_json::to_string(&choices).unwrap();
        assert_eq!(serde_json::from_str::<Choices>(&text).unwrap(), choices);
        assert_eq!(
            serde_json::from_str::<Choices>("{}").unwrap(),
            Choices::default()
        );
    }
}
