//! What follows from a correction: whoever is signed in under a name that has another meaning now signs
//! in again, and the service learns what became of the name.
//!
//! Everything here goes back to the correction and to the persons as they are after it, so that it can be
//! done again by whoever finds that it was not done to its end.

use std::collections::BTreeSet;

use guichet_domain::{Client, CorrectionId, PersonId, Sector, SubjectIdentifier};
use guichet_oidc::SubjectChange;
use guichet_store::durable::corrections::{Change, Correction};
use guichet_store::durable::people::{NameRow, PersonFile};

use super::super::tidings::{News, Occasion};
use super::{Done, OfficeRefusal, PeopleOffice, goes, stays};

/// A name that has another meaning.
struct Touched {
    sector: Sector,
    subject: SubjectIdentifier,
    /// Whose tokens end with it.
    persons: BTreeSet<PersonId>,
    news: News,
}

impl PeopleOffice {
    /// Carries out what follows, once the correction is durable: what services hold is over before any of
    /// them is told.
    pub(super) async fn follow(&self, id: CorrectionId) -> Result<Done, OfficeRefusal> {
        let correction = self.correction(id).await?;
        let touched = self.touched(&correction).await?;
        for name in &touched {
            for client in self.clients_in(&name.sector) {
                for person in &name.persons {
                    self.0.refresh.revoke_of(*person, &client.id).await?;
                }
            }
        }
        let on = Occasion {
            of: id.as_bytes(),
            is_undone: correction.undone.is_some(),
            at: self.0.clock.now(),
        };
        let (mut notices, tidings) = (0, &self.0.tidings);
        for name in &touched {
            for client in self.clients_in(&name.sector) {
                let left = tidings.leave(on, client, &name.subject, &name.news);
                notices += usize::from(left.await?);
            }
        }
        Ok(Done {
            correction,
            notices,
        })
    }

    /// Those known under one name, also those that cannot sign anybody in at present.
    fn clients_in(&self, sector: &Sector) -> impl Iterator<Item = &Client> {
        let clients = self.0.clients.iter().map(AsRef::as_ref);
        clients.filter(move |client| client.sector == *sector)
    }

    /// After a thaw: every name, unless another case still bars the person. After a merge: names that do not count any more. After persons were parted: names that counted for
    /// both. After a row went to somebody new, or came back: every name, since who is signed in may be
    /// either.
    async fn touched(&self, correction: &Correction) -> Result<Vec<Touched>, OfficeRefusal> {
        let change = &correction.change;
        let mut files: Vec<PersonFile> = Vec::new();
        let both = [stays(change)].into_iter().chain(goes(change));
        for person in both.clone() {
            if let Some(file) = self.0.people.file(person).await?
                && files.iter().all(|known| known.person != file.person)
            {
                files.push(file);
            }
        }
        let mut persons: BTreeSet<PersonId> = files.iter().flat_map(PersonFile::persons).collect();
        persons.extend(both);
        let is_undone = correction.undone.is_some();
        Ok(match (change, is_undone) {
            (Change::Thaw { person, .. }, false) => {
                if self.0.cases.open_about(*person).await?.is_empty() {
                    opened(&files).collect()
                } else {
                    Vec::new()
                }
            }
            (Change::Thaw { .. }, true) => barred(&files, &persons).collect(),
            (Change::Merge { .. }, false) | (Change::Part { .. }, true) => {
                renamed(&files, &persons).collect()
            }
            (Change::Merge { .. }, true) | (Change::Part { .. }, false) => parted(&files, &persons),
            (Change::Split { .. }, _) => signed_out(&files, &persons)
                .chain(renamed(&files, &persons))
                .collect(),
        })
    }
}

/// Nothing ends: every session did with the case, and none began since.
fn opened(files: &[PersonFile]) -> impl Iterator<Item = Touched> {
    let names = files.iter().flat_map(|file| &file.names);
    names.map(|name| touched(name, BTreeSet::new(), News::Open))
}

fn barred(files: &[PersonFile], persons: &BTreeSet<PersonId>) -> impl Iterator<Item = Touched> {
    let names = files.iter().flat_map(|file| &file.names);
    names.map(|name| touched(name, persons.clone(), News::Barred))
}

/// Names that do not count any more. Whoever has the one that does, the oldest of all, was never known
/// by another: what is theirs goes on.
fn renamed(files: &[PersonFile], persons: &BTreeSet<PersonId>) -> impl Iterator<Item = Touched> {
    let pairs = files.iter().flat_map(pairs);
    pairs.map(|(counting, alias)| {
        let mut others = persons.clone();
        others.remove(&counting.person);
        touched(
            alias,
            others,
            News::Over(SubjectChange::Became(counting.subject.clone())),
        )
    })
}

/// Each name that does not count, with the one that does in its sector.
fn pairs(file: &PersonFile) -> impl Iterator<Item = (&NameRow, &NameRow)> {
    file.names.iter().filter_map(|alias| {
        let counting = file.names.iter().find(|name| name.sector == alias.sector)?;
        (counting.subject != alias.subject).then_some((counting, alias))
    })
}

/// Names that counted for all of them while they were one. Anybody of them may be signed in under one,
/// also where the others have no name of their own.
fn parted(files: &[PersonFile], persons: &BTreeSet<PersonId>) -> Vec<Touched> {
    let together = together(files);
    let counted = together.names_that_count().map(|counting| {
        let mut others = files.iter().filter(|file| !file.names.contains(counting));
        let other = others.find_map(|file| file.name_in(&counting.sector));
        let change = other.map_or(SubjectChange::SignedOut, |other| {
            SubjectChange::PartedFrom(other.clone())
        });
        touched(counting, persons.clone(), News::Over(change))
    });
    counted.collect()
}

/// The file that these were.
fn together(files: &[PersonFile]) -> PersonFile {
    let mut names: Vec<NameRow> = files.iter().flat_map(|file| file.names.clone()).collect();
    let oldest_first = |name: &NameRow| (name.assigned, name.subject.as_str().to_owned());
    names.sort_by_key(oldest_first);
    PersonFile {
        person: files
            .first()
            .map_or(PersonId::from_bytes([0; 16]), |it| it.person),
        rows: Vec::new(),
        names,
    }
}

fn signed_out(files: &[PersonFile], persons: &BTreeSet<PersonId>) -> impl Iterator<Item = Touched> {
    let counting = files.iter().flat_map(PersonFile::names_that_count);
    counting.map(|name| touched(name, persons.clone(), News::Over(SubjectChange::SignedOut)))
}

fn touched(name: &NameRow, persons: BTreeSet<PersonId>, news: News) -> Touched {
    Touched {
        sector: name.sector.clone(),
        subject: name.subject.clone(),
        persons,
        news,
    }
}
