//! Organisations and teams, as an operator changes them.

use std::sync::Arc;

use async_trait::async_trait;
use guichet_domain::staff::{Organisation, OrganisationMetadata, Team, TeamMetadata};
use guichet_domain::{AuditEvent, ClientId, EventKind, InvalidMember, Rule, Timestamp};
use guichet_store::Fault;
use guichet_store::durable::{Registry, Teams};

use crate::{ChangeError, Records};

/// Legal entities.
pub struct OrganisationRecords {
    /// Where they are kept.
    pub teams: Arc<dyn Teams>,
}

/// Their teams. A disabled one's roles are good for nothing.
pub struct TeamRecords {
    /// Where they are kept.
    pub teams: Arc<dyn Teams>,
    /// The services they may look after.
    pub registry: Arc<dyn Registry>,
}

#[async_trait]
impl Records for OrganisationRecords {
    type Metadata = OrganisationMetadata;
    type Record = Organisation;
    const KIND: &'static str = "organisation";
    const NAME: &'static str = "id";

    fn id(metadata: &OrganisationMetadata) -> &str {
        &metadata.id
    }

    fn id_of(record: &Organisation) -> &str {
        record.id.as_str()
    }

    fn metadata(record: &Organisation) -> OrganisationMetadata {
        OrganisationMetadata::from(record)
    }

    fn is_active(record: &Organisation) -> bool {
        record.active
    }

    fn inactive(record: &Organisation) -> Organisation {
        Organisation {
            active: false,
            ..record.clone()
        }
    }

    fn brings_secret(
        &self,
        _known: &Organisation,
        _metadata: &OrganisationMetadata,
    ) -> Result<bool, ChangeError> {
        Ok(false)
    }

    fn event(record: &Organisation, what: &'static str, now: Timestamp) -> AuditEvent {
        AuditEvent::new(EventKind::TeamChanged, now)
            .detail("organisation", &record.id)
            .detail("change", what)
            .detail("active", record.active)
    }

    async fn all(&self) -> Result<Vec<Arc<Organisation>>, Fault> {
        let all = self.teams.organisations().await?;
        Ok(all.into_iter().map(Arc::new).collect())
    }

    async fn check(
        &self,
        _known: Option<&Organisation>,
        metadata: &OrganisationMetadata,
    ) -> Result<Organisation, ChangeError> {
        Ok(metadata.check()?)
    }

    async fn replace(
        &self,
        known: Option<&Organisation>,
        record: &Organisation,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        self.teams.replace_organisation(known, record, now).await
    }
}

#[async_trait]
impl Records for TeamRecords {
    type Metadata = TeamMetadata;
    type Record = Team;
    const KIND: &'static str = "team";
    const NAME: &'static str = "id";

    fn id(metadata: &TeamMetadata) -> &str {
        &metadata.id
    }

    fn id_of(record: &Team) -> &str {
        record.id.as_str()
    }

    fn metadata(record: &Team) -> TeamMetadata {
        TeamMetadata::from(record)
    }

    fn is_active(record: &Team) -> bool {
        record.active
    }

    fn inactive(record: &Team) -> Team {
        Team {
            active: false,
            ..record.clone()
        }
    }

    fn brings_secret(&self, _known: &Team, _metadata: &TeamMetadata) -> Result<bool, ChangeError> {
        Ok(false)
    }

    fn event(record: &Team, what: &'static str, now: Timestamp) -> AuditEvent {
        let clients: Vec<&str> = record.clients.iter().map(ClientId::as_str).collect();
        AuditEvent::new(EventKind::TeamChanged, now)
            .detail("team", &record.id)
            .detail("clients", clients.join(" "))
            .detail("change", what)
            .detail("active", record.active)
    }

    async fn all(&self) -> Result<Vec<Arc<Team>>, Fault> {
        let all = self.teams.teams().await?;
        Ok(all.into_iter().map(Arc::new).collect())
    }

    async fn check(
        &self,
        _known: Option<&Team>,
        metadata: &TeamMetadata,
    ) -> Result<Team, ChangeError> {
        let team = metadata.check()?;
        let organisations = self.teams.organisations().await?;
        if !organisations.iter().any(|it| it.id == team.organisation) {
            let reason = Rule::NoOrganisation;
            return Err(InvalidMember::new("organisation", reason).into());
        }
        let clients = self.registry.clients().await?;
        let is_there = |id: &ClientId| clients.iter().any(|client| client.id == *id);
        if !team.clients.iter().all(is_there) {
            return Err(InvalidMember::new("clients", Rule::NotAllThere).into());
        }
        Ok(team)
    }

    async fn replace(
        &self,
        known: Option<&Team>,
        record: &Team,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        self.teams.replace_team(known, record, now).await
    }
}
