//! What somebody chose about the ways into their identity, and what counts of it.
//!
//! Each person has a row of their own. Persons who were merged have several: what one of them closed stays
//! closed, until a choice is made that knew of it. That one is of all of them, and counts for as long as they
//! are one: parted again, each has what they had alone, and nothing of the other (threat N-305).

use std::collections::{BTreeMap, BTreeSet};

use guichet_domain::{PersonId, ProviderId, Timestamp};
use guichet_keys::Sealer;
use guichet_store::Fault;
use guichet_store::durable::Ways;
use guichet_store::durable::people::People;
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
}

/// What rests as the row of one person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Row {
    /// What they chose while they were nobody else.
    #[serde(flatten)]
    pub(super) alone: Choices,
    /// What was chosen as several who were merged.
    #[serde(default)]
    together: Option<Together>,
}

/// What was chosen as several who were one person then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Together {
    /// Who they were: it counts while all of them are one.
    persons: BTreeSet<PersonId>,
    /// The rows of the others that it knew of, by their revision.
    covers: BTreeMap<PersonId, u64>,
    choices: Choices,
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

    /// Opens whatever is closed; whether anything was.
    pub(crate) fn reopen(&mut self, now: Timestamp) -> bool {
        let open = Way {
            open: true,
            since: now,
        };
        let mut was_closed = !self.are_others_open();
        for way in self.providers.values_mut().filter(|way| !way.open) {
            (*way, was_closed) = (open, true);
        }
        if !self.are_others_open() {
            self.others = Some(open);
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
    pub(super) rows: Vec<(PersonId, u64, Row)>,
    /// Everybody who is one person with them; those of the rows alone where none was chosen together.
    pub(super) kin: BTreeSet<PersonId>,
}

impl Known {
    /// What `person` chose, and whoever is the same person.
    pub(super) async fn read(
        ways: &dyn Ways,
        people: &dyn People,
        sealer: &Sealer,
        person: PersonId,
    ) -> Result<Self, Fault> {
        let rows = ways.choices(person).await?.into_iter().map(|row| {
            let opened = sealer.open_json(row.person.as_bytes(), &row.sealed);
            let opened = opened.map_err(|error| Fault::new("open a citizen's choices", error))?;
            Ok((row.person, row.revision, opened))
        });
        let rows: Vec<(PersonId, u64, Row)> = rows.collect::<Result<_, Fault>>()?;
        let kin = if rows.iter().any(|(_, _, row)| row.together.is_some()) {
            kin_of(people, person).await?
        } else {
            rows.iter().map(|(whose, ..)| *whose).collect()
        };
        Ok(Self { rows, kin })
    }

    /// What counts: what was chosen together last, by everybody it was chosen for, and beside it what it did
    /// not know of.
    pub(crate) fn counting(&self) -> Choices {
        let mut chosen = self.rows.iter().filter_map(|(whose, _, row)| {
            let together = row.together.as_ref();
            let counts = together.filter(|it| it.persons.is_subset(&self.kin));
            counts.map(|it| (*whose, it))
        });
        let together = chosen.next();
        let is_known = |whose: &PersonId, revision: u64| {
            together.is_some_and(|(by, it)| {
                by == *whose || it.covers.get(whose).is_some_and(|known| *known >= revision)
            })
        };
        let mut rows = self
            .rows
            .iter()
            .filter(|(whose, revision, _)| !is_known(whose, *revision))
            .map(|(_, _, row)| &row.alone);
        let first = together.map(|(_, it)| &it.choices).or_else(|| rows.next());
        rows.fold(first.cloned().unwrap_or_default(), Choices::narrowed_by)
    }

    /// The row that keeps a choice of `person`, made with all this known, and its revision; `kin` is
    /// everybody who is that person.
    pub(crate) fn next(
        &self,
        person: PersonId,
        kin: BTreeSet<PersonId>,
        choices: Choices,
    ) -> (u64, Row) {
        let own = self.rows.iter().find(|(whose, ..)| *whose == person);
        let revision = own.map_or(1, |(_, revision, _)| revision + 1);
        if kin.len() < 2 {
            let alone = choices;
            return (
                revision,
                Row {
                    alone,
                    together: None,
                },
            );
        }
        let others = self.rows.iter().filter(|(whose, ..)| *whose != person);
        let together = Together {
            persons: kin,
            covers: others
                .map(|(whose, revision, _)| (*whose, *revision))
                .collect(),
            choices,
        };
        let alone = own.map_or_else(Choices::default, |(_, _, row)| row.alone.clone());
        (
            revision,
            Row {
                alone,
                together: Some(together),
            },
        )
    }
}

/// Everybody who is the same person as `person` by now.
pub(super) async fn kin_of(
    people: &dyn People,
    person: PersonId,
) -> Result<BTreeSet<PersonId>, Fault> {
    let file = people.file(person).await?;
    let mut kin = file.map(|file| file.persons()).unwrap_or_default();
    kin.insert(person);
    Ok(kin)
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

    fn persons(seeds: &[u8]) -> BTreeSet<PersonId> {
        seeds.iter().map(|seed| person(*seed)).collect()
    }

    fn alone(choices: &Choices) -> Row {
        Row {
            alone: choices.clone(),
            together: None,
        }
    }

    fn known(rows: Vec<(PersonId, u64, Row)>, kin: &[u8]) -> Known {
        Known {
            rows,
            kin: persons(kin),
        }
    }

    #[test]
    fn what_one_of_two_closed_stays_closed_when_they_are_merged_until_they_choose_again() {
        let (mut one, mut other) = (Choices::default(), Choices::default());
        one.set(&id("postale"), false, at(1));
        other.set(&id("citoyen"), false, at(2));
        other.set_others(false, &[id("postale"), id("citoyen")], at(2));
        let rows = vec![(person(2), 4, alone(&other)), (person(1), 7, alone(&one))];
        let merged = known(rows, &[1, 2]);
        let counting = merged.counting();
        for closed in ["postale", "citoyen", "new"] {
            assert!(counting.closed(&id(closed)).is_some(), "{closed}");
        }
        let mut again = counting;
        again.set(&id("postale"), true, at(3));
        let (revision, again) = merged.next(person(1), persons(&[1, 2]), again);
        assert_eq!(revision, 8);
        let rows = vec![(person(1), 8, again.clone()), (person(2), 4, alone(&other))];
        let merged = known(rows, &[1, 2]);
        assert_eq!(merged.counting().closed(&id("postale")), None);
        assert!(merged.counting().closed(&id("citoyen")).is_some());
        // What the other chose later was not known.
        let rows = vec![(person(2), 5, alone(&other)), (person(1), 8, again)];
        let later = known(rows, &[1, 2]);
        assert!(later.counting().closed(&id("citoyen")).is_some());
        // Parted, the other has what they had.
        let parted = known(vec![(person(2), 4, alone(&other))], &[2]);
        assert_eq!(parted.counting(), other);
    }

    #[test]
    fn parted_again_neither_has_anything_of_the_other_or_of_the_time_between() {
        let entropy = crate::login::tests::Counting::default();
        let (mut one, mut other) = (Choices::default(), Choices::default());
        one.set(&id("postale"), false, at(1));
        other.set(&id("citoyen"), false, at(2));
        let code = other.ask("linh@example.org", Locale::French, &entropy, at(2));
        other.confirm(&code.unwrap(), at(3));
        let rows = vec![(person(2), 4, alone(&other)), (person(1), 7, alone(&one))];
        let merged = known(rows, &[1, 2]);
        let mut both = merged.counting();
        assert_eq!(both.address().unwrap().0, "linh@example.org");
        both.set_alerts(true);
        both.set(&id("third"), false, at(4));
        let (revision, kept) = merged.next(person(1), persons(&[1, 2]), both.clone());
        let row = (person(1), revision, kept);
        assert_eq!(known(vec![row.clone()], &[1, 2]).counting(), both);
        assert_eq!(known(vec![row.clone()], &[1, 2, 3]).counting(), both);
        let parted = known(vec![row], &[1]);
        assert_eq!(parted.counting(), one);
        // What is chosen then is theirs alone, and nothing of the other is kept with it.
        let (_, next) = parted.next(person(1), persons(&[1]), parted.counting());
        assert_eq!(next, alone(&one));
    }

    #[test]
    fn whoever_locked_themselves_out_has_everything_open_again_and_keeps_the_rest() {
        let mut choices = Choices::default();
        assert!(!choices.reopen(at(1)), "nothing was closed");
        choices.set_alerts(true);
        choices.set(&id("postale"), false, at(1));
        choices.set_others(false, &[id("postale")], at(1));
        assert!(choices.reopen(at(2)));
        assert_eq!(choices.closed(&id("postale")), None);
        assert_eq!(choices.closed(&id("new")), None);
        assert!(choices.are_others_open() && choices.tells_all());
        assert!(!choices.reopen(at(3)));
    }

    #[test]
    fn a_choice_survives_the_way_to_its_place() {
        let mut choices = Choices::default();
        choices.set(&id("postale"), false, at(1));
        let (_, row) = Known::default().next(person(1), persons(&[1, 2]), choices.clone());
        for row in [row, alone(&choices)] {
            let text = serde_json::to_string(&row).unwrap();
            assert_eq!(serde_json::from_str::<Row>(&text).unwrap(), row);
        }
        assert_eq!(serde_json::from_str::<Row>("{}").unwrap(), Row::default());
    }
}
