//! Clients, as an operator changes them.

use std::sync::Arc;

use async_trait::async_trait;
use guichet_domain::client::SubjectType;
use guichet_domain::{
    AuditEvent, Client, ClientMetadata, Clock, EventKind, InvalidMember, Rule, Timestamp,
};
use guichet_oidc::{ClientSecrets, Fetch, sector};
use guichet_store::Fault;
use guichet_store::durable::Registry;

use crate::onboarding::Admission;
use crate::{ChangeError, Records};

/// The clients of a registry. A secret that is not given again is kept; it never comes out.
pub struct ClientRecords {
    /// Where they are registered.
    pub registry: Arc<dyn Registry>,
    /// What their secrets rest as.
    pub secrets: ClientSecrets,
    /// Fetches what a `sector_identifier_uri` points to.
    pub documents: Arc<dyn Fetch>,
    /// Whether clients may have public subjects.
    pub public_subjects: bool,
    /// Since when a new secret is there.
    pub clock: Arc<dyn Clock>,
    /// Who may be registered at all, and for what.
    pub admission: Admission,
}

/// Which names a client's citizens may have (OIDC Core §8).
pub struct SubjectRules<'a> {
    /// Whether clients may have public subjects.
    pub public: bool,
    /// Fetches what a `sector_identifier_uri` points to.
    pub documents: &'a dyn Fetch,
}

impl SubjectRules<'_> {
    /// Whether these may be the client's.
    pub async fn check(&self, client: &Client) -> Result<(), InvalidMember> {
        if client.subject_type == SubjectType::Public && !self.public {
            return Err(InvalidMember::new("subject_type", Rule::PublicSubjectsOff));
        }
        sector::check(self.documents, client)
            .await
            .map_err(|error| InvalidMember::new("sector_identifier_uri", error.to_string()))
    }
}

impl ClientRecords {
    /// A secret that is given again is kept with those beside it: only another one takes their place.
    fn keeping(
        &self,
        known: Option<&Client>,
        metadata: &ClientMetadata,
    ) -> Result<Client, ChangeError> {
        let mut client = metadata.check_over(known, &self.secrets)?;
        if let (Some(known), Some(given)) = (known, &metadata.client_secret)
            && !self.secrets.is_another(known, given, self.clock.now())?
        {
            client.authentication.keep_secret_of(&known.authentication);
        }
        Ok(client)
    }
}

#[async_trait]
impl Records for ClientRecords {
    type Metadata = ClientMetadata;
    type Record = Client;
    const KIND: &'static str = "client";
    const NAME: &'static str = "client_id";

    fn id(metadata: &ClientMetadata) -> &str {
        &metadata.client_id
    }

    fn id_of(record: &Client) -> &str {
        record.id.as_str()
    }

    fn metadata(record: &Client) -> ClientMetadata {
        ClientMetadata::from(record)
    }

    fn is_active(record: &Client) -> bool {
        record.active
    }

    fn inactive(record: &Client) -> Client {
        Client {
            active: false,
            ..record.clone()
        }
    }

    fn came_by_itself(record: &Client) -> bool {
        record.registration.is_some()
    }

    fn brings_secret(
        &self,
        known: &Client,
        metadata: &ClientMetadata,
    ) -> Result<bool, ChangeError> {
        let Some(given) = &metadata.client_secret else {
            return Ok(false);
        };
        Ok(self.secrets.is_another(known, given, self.clock.now())?)
    }

    fn event(record: &Client, what: &'static str, now: Timestamp) -> AuditEvent {
        AuditEvent::new(EventKind::ClientChanged, now)
            .client(&record.id)
            .detail("change", what)
            .detail("active", record.active)
    }

    async fn all(&self) -> Result<Vec<Arc<Client>>, Fault> {
        self.registry.clients().await
    }

    /// A client that stays as it is was let in before: what its sector publishes is not asked for again.
    async fn check(
        &self,
        known: Option<&Client>,
        metadata: &ClientMetadata,
    ) -> Result<Client, ChangeError> {
        let mut client = self.keeping(known, metadata)?;
        let before = known.map(|known| &known.authentication);
        if before != Some(&client.authentication) {
            client.authentication.date_secrets(self.clock.now());
        }
        if known != Some(&client) {
            let rules = SubjectRules {
                public: self.public_subjects,
                documents: &*self.documents,
            };
            rules.check(&client).await?;
            let given = metadata.client_secret.as_deref();
            let admitted = self.admission.check(
                known,
                (&client, given),
                (&*self.registry, &self.secrets),
                self.clock.now(),
            );
            admitted.await??;
        }
        Ok(client)
    }

    async fn replace(
        &self,
        known: Option<&Client>,
        record: &Client,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        let made = self.registry.replace_client(known, record, now).await?;
        Ok(made.is_some())
    }
}
