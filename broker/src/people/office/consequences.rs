//! What follows from a correction: whoever is signed in under a name that has another meaning now signs
//! in again, and the service learns what became of the name.

use guichet_domain::{Client, CorrectionId, PersonId, Sector, SubjectIdentifier};
use guichet_oidc::SubjectChange;
use guichet_store::durable::corrections::{Change, Correction};
use guichet_store::durable::people::{NameRow, PersonFile};

use super::{Done, OfficeRefusal, PeopleOffice};

/// A name that has another meaning.
struct Touched {
    sector: Sector,
    subject: SubjectIdentifier,
    /// Whose tokens end with it.
    person: PersonId,
    change: SubjectChange,
}

impl PeopleOffice {
    /// Carries out what follows, once the correction is durable. `before` is the file as it was.
    pub(super) async fn follow(
        &self,
        id: CorrectionId,
        before: Option<PersonFile>,
    ) -> Result<Done, OfficeRefusal> {
        let correction = self.correction(id).await?;
        let mut notices = 0;
        for touched in self.touched(&correction, before).await? {
            for client in &self.0.clients {
                if client.sector == touched.sector && client.active {
                    notices += usize::from(self.tell(id, client, &touched).await?);
                }
            }
        }
        Ok(Done {
            correction,
            notices,
        })
    }

    async fn tell(
        &self,
        id: CorrectionId,
        client: &Client,
        touched: &Touched,
    ) -> Result<bool, OfficeRefusal> {
        self.0.refresh.revoke_of(touched.person, &client.id).await?;
        let now = self.0.clock.now();
        let left = self
            .0
            .letters
            .leave(id, client, &touched.subject, &touched.change, now);
        Ok(left.await?)
    }

    /// After a merge: names that do not count any more. After persons were parted: names that counted for
    /// both. After a row went to somebody new: every name, since who is signed in may be either.
    async fn touched(
        &self,
        correction: &Correction,
        before: Option<PersonFile>,
    ) -> Result<Vec<Touched>, OfficeRefusal> {
        let is_undone = correction.undone.is_some();
        match (correction.change, is_undone) {
            (Change::Merge { kept, .. }, false) | (Change::Part { kept, .. }, true) => {
                Ok(aliases(&self.file(kept).await?).collect())
            }
            (Change::Merge { .. }, true) | (Change::Part { .. }, false) => {
                self.parted(before).await
            }
            (Change::Split { .. }, _) => Ok(before.iter().flat_map(all).collect()),
        }
    }

    async fn parted(&self, before: Option<PersonFile>) -> Result<Vec<Touched>, OfficeRefusal> {
        let mut parted = Vec::new();
        for (counting, alias) in before.iter().flat_map(pairs) {
            let now = self.0.people.standing(counting.person).await?;
            if now != self.0.people.standing(alias.person).await? {
                parted.push(Touched {
                    sector: counting.sector.clone(),
                    subject: counting.subject.clone(),
                    person: counting.person,
                    change: SubjectChange::PartedFrom(alias.subject.clone()),
                });
            }
        }
        Ok(parted)
    }
}

/// Each name that does not count, with the one that does in its sector.
fn pairs(file: &PersonFile) -> impl Iterator<Item = (&NameRow, &NameRow)> {
    file.names.iter().filter_map(|alias| {
        let counting = file.names.iter().find(|name| name.sector == alias.sector)?;
        (counting.subject != alias.subject).then_some((counting, alias))
    })
}

fn aliases(file: &PersonFile) -> impl Iterator<Item = Touched> + '_ {
    pairs(file).map(|(counting, alias)| Touched {
        sector: alias.sector.clone(),
        subject: alias.subject.clone(),
        person: alias.person,
        change: SubjectChange::Became(counting.subject.clone()),
    })
}

fn all(file: &PersonFile) -> impl Iterator<Item = Touched> + '_ {
    file.names.iter().map(|name| Touched {
        sector: name.sector.clone(),
        subject: name.subject.clone(),
        person: name.person,
        change: SubjectChange::SignedOut,
    })
}
