//! Citizens and the names each sector knows them by.

use guichet_domain::{Client, PersonId, PivotIdentity, Profile, Sector, SubjectIdentifier};
use guichet_keys::SubjectNamespace;
use guichet_store::Fault;
use guichet_web::PageError;

use crate::hub::Hub;

impl Hub {
    /// The person with this identity, found by the keyed index of it, or made.
    pub(crate) async fn person(&self, identity: &PivotIdentity) -> Result<PersonId, PageError> {
        let parts = self.parts();
        let index = parts.keys.matching_index(identity);
        let fresh = PersonId::random(&*parts.entropy);
        let found = parts
            .people
            .find_or_make(index.as_bytes(), fresh, self.now())
            .await;
        found.map_err(|fault| self.fault("find a person", &fault))
    }

    /// The name of `person` at `client`: the one first issued in its sector or imported, or a fresh one.
    pub(crate) async fn subject_of(
        &self,
        client: &Client,
        person: PersonId,
    ) -> Result<SubjectIdentifier, PageError> {
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
