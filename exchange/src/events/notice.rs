//! An event for one party: kept, before what it tells of happens, where that party gets it from. Who
//! leaves one may be a command without a hub.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::{Client, ExchangeId, Sealed, SubjectIdentifier, Timestamp};
use guichet_keys::{Keys, Mac, Sealer, first_half};
use guichet_store::Fault;
use guichet_store::durable::{Outbox, WaitingEvent, WaitingEvents};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::Event;

/// What to tell one party.
pub struct Notice<'a> {
    /// Who is told.
    pub client: &'a Client,
    /// The person, as this party knows them.
    pub subject: &'a SubjectIdentifier,
    /// Of which exchange it tells, if of one.
    pub about: Option<Named>,
    /// What happened.
    pub event: &'a Event,
    /// Which occurrence of it: told again about the same one, it is the same event.
    pub occurrence: &'a [u8],
    /// When.
    pub at: Timestamp,
}

/// An exchange by the name that a party has for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// The service's.
    GrantId(ExchangeId),
    /// The data provider's, which tells nothing of the other; and which exchange it is, for the ledger.
    Alias {
        /// What it is told.
        alias: ExchangeId,
        /// What it is.
        of: ExchangeId,
    },
}

impl Named {
    const fn exchange(self) -> ExchangeId {
        match self {
            Self::GrantId(id) | Self::Alias { of: id, .. } => id,
        }
    }

    fn member(self) -> (&'static str, Value) {
        match self {
            Self::GrantId(id) => ("grant_id", id.to_string().into()),
            Self::Alias { alias, .. } => ("exchange", alias.to_string().into()),
        }
    }
}

/// An event as it rests, sealed.
#[derive(Serialize, Deserialize)]
pub(super) struct Told {
    pub(super) client: guichet_domain::ClientId,
    /// Its word in the ledger.
    pub(super) event: String,
    /// Of which exchange it tells, for the ledger.
    pub(super) exchange: Option<ExchangeId>,
    /// When it happened.
    pub(super) at: Timestamp,
    /// The claims of its token: the same however often it is sent.
    pub(super) claims: Map<String, Value>,
}

/// Where events are left for whoever sends them.
pub struct EventLetters {
    issuer: String,
    sealer: Sealer,
    names: Mac,
    outbox: Arc<dyn Outbox>,
    waiting: Arc<dyn WaitingEvents>,
}

impl EventLetters {
    /// Events of the hub with this issuer.
    pub fn new(
        issuer: String,
        keys: &Keys,
        outbox: Arc<dyn Outbox>,
        waiting: Arc<dyn WaitingEvents>,
    ) -> Self {
        Self {
            issuer,
            sealer: keys.sealer("security events"),
            names: keys.mac("security event names"),
            outbox,
            waiting,
        }
    }

    /// Keeps an event for its party. Once this returns it is safe; it goes out when
    /// [`Events::send`](super::Events::send) is called, or shortly after.
    pub async fn leave(&self, notice: &Notice<'_>) -> Result<(), Fault> {
        let id = self.name(notice);
        let told = Told {
            client: notice.client.id.clone(),
            event: notice.event.word().to_owned(),
            exchange: notice.about.map(Named::exchange),
            at: notice.at,
            claims: self.claims(notice, id),
        };
        let sealed = self.sealer.seal_json(&id, &told);
        let payload = sealed.map_err(|error| Fault::new("seal a security event", error))?;
        if notice.client.events_uri.is_some() {
            let kind = super::push::KIND;
            return self.outbox.enqueue(id, kind, payload, notice.at).await;
        }
        let event = WaitingEvent {
            id,
            client: told.client,
            payload,
            kept: notice.at,
        };
        self.waiting.keep(&event).await
    }

    /// What was left under this name.
    pub(super) fn opened(&self, id: &[u8; 16], sealed: &Sealed) -> Option<Told> {
        let opened = self.sealer.open_json(id, sealed);
        if opened.is_err() {
            tracing::error!("a security event does not open");
        }
        opened.ok()
    }

    /// An event's name. Under a key, because a party that knows how another one's is made would know the
    /// other's.
    fn name(&self, notice: &Notice<'_>) -> [u8; 16] {
        let client = notice.client.id.as_str().as_bytes();
        let of = [notice.event.uri().as_bytes(), notice.occurrence, client];
        first_half(self.names.tag(&of))
    }

    fn claims(&self, notice: &Notice<'_>, id: [u8; 16]) -> Map<String, Value> {
        let mut members = notice.event.members();
        if let Some((name, value)) = notice.about.map(Named::member) {
            members.insert(name.to_owned(), value);
        }
        let claims = json!({
            "iss": self.issuer,
            "aud": notice.client.id.as_str(),
            "iat": notice.at.seconds(),
            "jti": URL_SAFE_NO_PAD.encode(id),
            "sub_id": {
                "format": "iss_sub",
                "iss": self.issuer,
                "sub": notice.subject.as_str(),
            },
            "events": { notice.event.uri(): members },
        });
        match claims {
            Value::Object(claims) => claims,
            _ => Map::new(),
        }
    }
}
