//! Webhooks as records: listed, put, changed and disabled like clients, by whoever may at what they are told of.

use std::sync::Arc;

use async_trait::async_trait;
use guichet_domain::webhook::{Webhook, WebhookMetadata};
use guichet_domain::{AuditEvent, EventKind, InvalidMember, Rule, Timestamp};
use guichet_ledger::History;
use guichet_store::Fault;
use guichet_store::durable::{Teams, Webhooks};
use guichet_web::EgressPolicy;

use crate::people::Grounds;
use crate::{ChangeError, Records};

/// How many are told of one place: each event there is a letter to each.
const MOST_OF_A_PLACE: usize = 20;

/// Who is told of events.
pub struct WebhookRecords {
    /// Where they are kept.
    pub webhooks: Arc<dyn Webhooks>,
    /// What they may be told of.
    pub teams: Arc<dyn Teams>,
    /// The ledger, at whose end a new one begins.
    pub history: History,
    /// Where events may go.
    pub egress: EgressPolicy,
}

#[async_trait]
impl Records for WebhookRecords {
    type Metadata = WebhookMetadata;
    type Record = Webhook;
    const KIND: &'static str = "webhook";
    const NAME: &'static str = "id";

    fn id(metadata: &WebhookMetadata) -> &str {
        &metadata.id
    }

    fn id_of(record: &Webhook) -> &str {
        record.id.as_str()
    }

    fn metadata(record: &Webhook) -> WebhookMetadata {
        WebhookMetadata::from(record)
    }

    fn is_active(record: &Webhook) -> bool {
        record.active
    }

    fn inactive(record: &Webhook) -> Webhook {
        Webhook {
            active: false,
            ..record.clone()
        }
    }

    fn brings_secret(
        &self,
        _known: &Webhook,
        _metadata: &WebhookMetadata,
    ) -> Result<bool, ChangeError> {
        Ok(false)
    }

    fn event(record: &Webhook, what: &'static str, now: Timestamp) -> AuditEvent {
        AuditEvent::new(EventKind::WebhookChanged, now)
            .detail("webhook", &record.id)
            .detail("on", &record.on)
            .detail("change", what)
            .detail("active", record.active)
    }

    async fn all(&self) -> Result<Vec<Arc<Webhook>>, Fault> {
        let all = self.webhooks.webhooks().await?;
        Ok(all.into_iter().map(Arc::new).collect())
    }

    async fn check(
        &self,
        known: Option<&Webhook>,
        metadata: &WebhookMetadata,
    ) -> Result<Webhook, ChangeError> {
        let mut webhook = metadata.check(known, self.history.size().await?)?;
        if !self.egress.allows_url(&webhook.url) {
            let reason = Rule::Egress;
            return Err(InvalidMember::new("url", reason).into());
        }
        let grounds = Grounds::of(&*self.teams).await?;
        if grounds.place_of(&webhook.on).is_none() {
            return Err(InvalidMember::new("on", Rule::NoTeam).into());
        }
        let all = self.webhooks.webhooks().await?;
        let beside = all.iter().filter(|it| it.active && it.id != webhook.id);
        let beside = beside.filter(|it| it.on == webhook.on).count();
        if webhook.active && beside >= MOST_OF_A_PLACE {
            let reason = "as many are told of it as may be: disable one";
            return Err(InvalidMember::new("on", reason).into());
        }
        // Whoever has a client now need not be who had it: they say anew where it is told of.
        let is_another = |known: &Webhook| {
            !known.active || !webhook.active || known.on != webhook.on || known.url != webhook.url
        };
        if known.is_none_or(is_another) {
            webhook.under = grounds.teams_of(&webhook.on);
        }
        Ok(webhook)
    }

    async fn replace(
        &self,
        known: Option<&Webhook>,
        record: &Webhook,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        self.webhooks.replace_webhook(known, record, now).await
    }
}
