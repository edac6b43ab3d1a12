//! Citizens and the names each sector knows them by; in `office.rs`, who may say that two of them are one;
//! in `cases.rs`, who is frozen or closed; in `tracks.rs`, what is on record of the visits a case is about; in
//! `tidings.rs`, what services are told of it.

mod cases;
mod office;
mod operators;
mod tidings;
mod tracks;

use guichet_domain::{AuditEvent, Client, EventKind, PersonId, Profile, Sector, SubjectIdentifier};
use guichet_keys::SubjectNamespace;
use guichet_store::Fault;
use guichet_store::durable::cases::Case;
use guichet_store::durable::people::{Recognition, Recognized, Sighting};
use guichet_web::PageError;

use crate::hub::Hub;
use crate::login::identify::VerifiedIdentity;
use crate::session::Session;

use cases::is_closed_by_its_person;
pub use cases::{
    AllClients, CaseEvidence, CaseOffice, OpenedBy, REOPENED_WITHIN, SignInSeen, THE_PERSON,
};
pub use office::{Done, OfficeParts, OfficeRefusal, PeopleOffice};
pub use operators::{Operator, Operators};
pub use tidings::Tidings;
pub use tracks::Track;

impl Hub {
    /// The person with this identity, found by the keyed index of it, or made. Whose identity the
    /// register corrected keeps what they are known by; `about` begins an event of the login.
    pub(crate) async fn person(
        &self,
        identity: &VerifiedIdentity,
        about: impl Fn(EventKind) -> AuditEvent + Send + Sync,
    ) -> Result<PersonId, PageError> {
        let parts = self.parts();
        let index = parts.keys.matching_index(identity.pivot());
        let stated = identity.register().stated();
        let stated = stated.map(|stated| parts.keys.matching_index(stated));
        // A correction of spelling alone is none to the index.
        let stated = stated.filter(|stated| *stated != index);
        let sighting = Sighting {
            index: index.as_bytes(),
            stated: stated.as_ref().map(guichet_keys::MatchingIndex::as_bytes),
            vouched: identity.register().is_given(),
        };
        let renamed = self.note_renaming(sighting, &about).await?;
        let fresh = PersonId::random(&*parts.entropy);
        let found = parts.people.recognize(sighting, fresh, self.now()).await;
        let Recognized { person, how, other } =
            found.map_err(|fault| self.fault("find a person", &fault))?;
        if how == Recognition::Renamed && renamed != Some(person) {
            // Whom it corrects came to be known a moment ago.
            let event = about(EventKind::PersonRenamed).person(person);
            self.append(event).await?;
        }
        if let Some(other) = other {
            let proposed = office::propose_by_register(self.parts(), person, other).await;
            proposed.map_err(|fault| self.fault("propose a correction", &fault))?;
        }
        Ok(person)
    }

    /// Says in the audit log whom the register gives another identity, before it is so.
    async fn note_renaming(
        &self,
        sighting: Sighting<'_>,
        about: impl Fn(EventKind) -> AuditEvent + Send,
    ) -> Result<Option<PersonId>, PageError> {
        if sighting.stated.is_none() {
            return Ok(None);
        }
        let renamed = self.parts().people.renamed(sighting).await;
        let renamed = renamed.map_err(|fault| self.fault("find a person", &fault))?;
        if let Some(person) = renamed {
            self.append(about(EventKind::PersonRenamed).person(person))
                .await?;
        }
        Ok(renamed)
    }

    /// Does for cases about persons what a dying process left undone. The binary calls this now and then.
    pub async fn follow_cases(&self) {
        match self.parts().cases.left().await {
            Ok(left) => {
                for case in left {
                    // One that cannot be followed keeps no other from it.
                    if let Err(error) = self.follow_case(&case).await {
                        tracing::error!(%error, case = %case.id, "a case could not be followed");
                    }
                }
            }
            Err(error) => tracing::error!(%error, "cases could not be followed"),
        }
    }

    async fn follow_case(&self, case: &Case) -> Result<(), Fault> {
        self.parts().cases.follow(case).await?;
        if is_closed_by_its_person(case) {
            self.mail_reopening(case).await?;
        }
        Ok(())
    }

    /// Whether operators corrected who is who, of the person in a session, since it began.
    pub(crate) async fn is_corrected_since(&self, session: &Session) -> Result<bool, PageError> {
        let corrections = &self.parts().corrections;
        let touched = corrections.touched(session.person, session.started).await;
        touched.map_err(|fault| self.fault("read a person's corrections", &fault))
    }

    /// The name of `person` at `client`: the one first issued in its sector or imported, or a fresh one. A
    /// data provider that signs people in hears the name by which its vouchers will know them.
    pub(crate) async fn subject_of(
        &self,
        client: &Client,
        person: PersonId,
    ) -> Result<SubjectIdentifier, PageError> {
        if let Some(desk) = &self.parts().exchange
            && let Some(holder) = desk.holder_behind(&client.id)
        {
            let named = desk.subject_at(&holder, person).await;
            return named.map_err(|fault| self.fault("name a person", &fault));
        }
        if client.sector.is_of_a_data_provider() {
            // The names that vouchers have are no other client's (threat N-190).
            let fault = Fault::bare("a client is in the sector of a data provider that it is not");
            return Err(self.fault("name a person", &fault));
        }
        let namespace = match client.profile {
            Profile::FranceConnect => SubjectNamespace::FranceConnectService,
            Profile::Standard | Profile::Fapi2 => SubjectNamespace::Service,
        };
        let named = self.name_in(&client.sector, namespace, person).await;
        named.map_err(|fault| self.fault("name a person", &fault))
    }

    /// The name of `person` in `sector`; a fresh one is made in this namespace.
    pub(crate) async fn name_in(
        &self,
        sector: &Sector,
        namespace: SubjectNamespace,
        person: PersonId,
    ) -> Result<SubjectIdentifier, Fault> {
        match self.parts().subjects.subject(sector, person).await? {
            Some(subject) => Ok(subject),
            None => self.issue_subject(sector, namespace, person).await,
        }
    }

    async fn issue_subject(
        &self,
        sector: &Sector,
        namespace: SubjectNamespace,
        person: PersonId,
    ) -> Result<SubjectIdentifier, Fault> {
        let parts = self.parts();
        let fresh = parts.keys.new_sector_key(sector);
        let fresh = fresh.map_err(|error| Fault::new("make a sector key", error))?;
        let key = parts.subjects.sector_key(sector, fresh, self.now());
        let (key, issuer) = (key.await?, self.public_url(""));
        let subject = parts.keys.subject(&key, &issuer, sector, person, namespace);
        let subject = subject.map_err(|error| Fault::new("derive a subject", error))?;
        let assigned = parts.subjects.assign(sector, person, subject, self.now());
        assigned.await
    }
}
