//! What would leave, before the citizen decides: the hub asks the data provider with a voucher of its own
//! (`phase` prepare) and shows what comes back. It keeps nothing but digests.
//!
//! `post` is the way there, `answer` what is believed of what comes back.

mod answer;
mod post;
mod values;

use std::sync::Arc;

use guichet_domain::{
    AcrValue, Client, DataProvider, EventKind, ExchangeId, FieldName, IdentityClaims, PersonId,
    PivotIdentity, Preview as Shows, SigningAlg, Timestamp,
};
use guichet_keys::{TextDigest, Typ, sha256_base64url, thumbprint_of};
use guichet_store::Fault;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;

pub use post::{EvidencePost, Posted};

use crate::desk::exchange_event;
use crate::voucher::{Claims, KnownBy, Phase, Preview, Recipient, confirmation, expiry};
use crate::{Ask, Desk, Digests};

/// Evidence to be shown.
pub struct Preparing<'a> {
    /// The exchange, drawn for it.
    pub exchange: ExchangeId,
    /// What is asked.
    pub ask: &'a Ask,
    /// About whom.
    pub person: PersonId,
    /// Their civil identity, where [`Desk::may_need_identity`] says so.
    pub identity: Option<&'a PivotIdentity>,
    /// Whether they said that the data provider may have it.
    pub tell: bool,
    /// Which service asks.
    pub client: &'a Client,
    /// The level of the sign-in.
    pub acr: AcrValue,
    /// The time.
    pub now: Timestamp,
}

/// What the data provider has.
#[derive(Clone, Debug, PartialEq)]
pub enum Prepared {
    /// These values, in the order of the ask. For the page alone.
    Shown {
        /// Each field and its value.
        values: Vec<(FieldName, Value)>,
        /// Of each of them.
        digests: Digests,
    },
    /// A page of its own shows them.
    OwnPage {
        /// Where.
        uri: Url,
        /// Of each value it shows.
        digests: Digests,
    },
    /// It shows none.
    NotShown,
    /// There is nothing, for now or at all.
    Without(Without),
}

/// Why there is nothing to see. A login keeps it while its page is read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Without {
    /// The data provider has nothing about this citizen.
    NoMatch,
    /// It has several people who may be this one, which is as good as nothing: nobody guesses.
    Several,
    /// It answers later.
    Later {
        /// When to come back, in seconds, by its own word.
        seconds: u64,
    },
    /// It does not know who this is: the citizen has to sign in there, once.
    NeedsLink {
        /// Where, when it says so.
        uri: Option<Url>,
        /// Whether the hub may tell it who they are instead, if they say so.
        may_be_told: bool,
    },
    /// It does not answer, or nothing that can be believed.
    Down,
}

impl Prepared {
    const fn word(&self) -> &'static str {
        match self {
            Self::Shown { .. } => "shown",
            Self::OwnPage { .. } => "own_page",
            Self::NotShown => "not_shown",
            Self::Without(without) => without.word(),
        }
    }
}

impl Without {
    const fn word(&self) -> &'static str {
        match self {
            Self::NoMatch => "no_match",
            Self::Several => "several_matches",
            Self::Later { .. } => "later",
            Self::NeedsLink { .. } => "needs_link",
            Self::Down => "down",
        }
    }
}

impl From<Without> for Prepared {
    fn from(without: Without) -> Self {
        Self::Without(without)
    }
}

impl Desk {
    /// Asks the data provider what it has. That it was asked is on record before it is.
    pub async fn prepare(&self, preparing: Preparing<'_>) -> Result<Prepared, Fault> {
        let ask = preparing.ask;
        let about = |kind| {
            exchange_event(kind, preparing.exchange, preparing.now)
                .client(&preparing.client.id)
                .detail("data_provider", ask.data_provider())
                .detail("evidence_type", ask.evidence_type())
        };
        let requested = about(EventKind::EvidenceRequested)
            .detail("purpose", ask.purpose())
            .detail("asked", crate::grant::listed(ask.fields()));
        self.append(requested).await?;
        let prepared = self.prepared(&preparing).await?;
        let kind = match prepared {
            Prepared::Without(_) => EventKind::EvidenceNotFound,
            _ => EventKind::EvidencePrepared,
        };
        self.parts
            .ledger
            .note(about(kind).detail("outcome", prepared.word()));
        Ok(prepared)
    }

    /// Notes that a page showed it.
    pub fn shown(
        &self,
        exchange: ExchangeId,
        ask: &Ask,
        client: &guichet_domain::ClientId,
        now: Timestamp,
    ) {
        let event = exchange_event(EventKind::EvidenceShown, exchange, now)
            .client(client)
            .detail("data_provider", ask.data_provider())
            .detail("asked", crate::grant::listed(ask.fields()));
        self.parts.ledger.note(event);
    }

    /// Whether preparing this may take more of the citizen than their name at the data provider.
    pub fn may_need_identity(&self, ask: &Ask) -> bool {
        let known = &self.parts.data_providers;
        let holder = known.data_provider(ask.data_provider().as_str());
        holder.is_some_and(|holder| holder.may_receive_identity || holder.indexed_a_day > 0)
    }

    async fn prepared(&self, preparing: &Preparing<'_>) -> Result<Prepared, Fault> {
        let ask = preparing.ask;
        if !self.is_reached(ask.evidence_type(), preparing.acr) {
            return Err(Fault::bare("evidence is asked for below its level"));
        }
        let holder = ask.data_provider().as_str();
        let holder = self.parts.data_providers.data_provider(holder);
        let holder = holder.filter(|holder| holder.offers(ask.evidence_type()));
        let Some(holder) = holder else {
            return Ok(Without::Down.into());
        };
        if holder.preview == Shows::None {
            return Ok(Prepared::NotShown);
        }
        let Some(client) = self.client_of(&holder) else {
            return Ok(Without::Down.into());
        };
        let holder = Holder { holder, client };
        let Some(identity) = preparing.identity else {
            return self.asked_for(preparing, &holder, None).await;
        };
        if preparing.tell && holder.holder.may_receive_identity {
            let known_by = KnownBy::of(identity);
            return self.asked_for(preparing, &holder, Some(&known_by)).await;
        }
        let prepared = self.asked_for(preparing, &holder, None).await?;
        // One that has no link yet may find them in its register without being told a name.
        match (&prepared, self.blind_index(&holder.holder, identity)) {
            (Prepared::Without(Without::NeedsLink { .. }), Some(index)) => {
                let known_by = KnownBy::BlindIndex(index.to_string());
                self.asked_for(preparing, &holder, Some(&known_by)).await
            }
            _ => Ok(prepared),
        }
    }

    /// Asks the data provider once. What tells it more of the citizen than their name there is on record
    /// before it leaves.
    async fn asked_for(
        &self,
        preparing: &Preparing<'_>,
        Holder { holder, client }: &Holder,
        known_by: Option<&KnownBy>,
    ) -> Result<Prepared, Fault> {
        let body = json!({
            "evidence_type": preparing.ask.evidence_type(),
            "fields": preparing.ask.fields(),
            "nonce": self.fresh(),
        });
        let body = body.to_string().into_bytes();
        let request_digest = TextDigest::of(&body);
        let order = Order {
            request_digest,
            jti: self.fresh(),
            known_by,
        };
        let voucher = self.voucher_to_show(preparing, holder, client, &order);
        let Some(voucher) = voucher.await? else {
            return Ok(Without::Down.into());
        };
        if let Some(known_by) = known_by {
            let kind = EventKind::EvidenceIdentified;
            let event = exchange_event(kind, preparing.exchange, preparing.now)
                .client(&preparing.client.id)
                .detail("data_provider", &holder.id)
                .detail("by", known_by.as_str());
            self.append(event).await?;
        }
        let proof = self.proof(&holder.evidence_endpoint, &voucher, preparing.now)?;
        let endpoint = &holder.evidence_endpoint;
        let posted = self.parts.post.post(endpoint, &voucher, &proof, body);
        let Some(posted) = posted.await else {
            return Ok(Without::Down.into());
        };
        let expected = answer::Expected {
            holder: Arc::clone(holder),
            client: Arc::clone(client),
            ask: preparing.ask,
            alias: self.alias(preparing.exchange).to_string(),
            voucher: sha256_base64url(order.jti.as_bytes()),
            request_digest,
            now: preparing.now,
        };
        Ok(self.read(&expected, &posted).await)
    }

    async fn voucher_to_show(
        &self,
        preparing: &Preparing<'_>,
        holder: &DataProvider,
        client: &Client,
        order: &Order<'_>,
    ) -> Result<Option<String>, Fault> {
        let (Some(recipient), Some(jkt)) = (self.own_recipient(), self.own_thumbprint()) else {
            return Err(Fault::bare(
                "the hub has no keys to ask data providers with",
            ));
        };
        let ask = preparing.ask;
        let expires = expiry(preparing.now);
        let claims = Claims {
            iss: &self.parts.issuer,
            aud: &holder.id,
            sub: self.subject_at(holder, preparing.person).await?,
            jti: order.jti.clone(),
            iat: preparing.now.seconds(),
            exp: expires.seconds(),
            acr: preparing.acr.to_string(),
            // The hub receives it. For whom, the data provider learns when something leaves.
            client: Recipient {
                id: &self.parts.issuer,
                name: "Guichet",
            },
            recipient,
            phase: Phase::Prepare,
            exchange: self.alias(preparing.exchange),
            evidence_type: ask.evidence_type(),
            fields: ask.fields(),
            purpose: ask.purpose(),
            basis: ask.basis(),
            preview: Preview::of(None),
            request_digest: order.request_digest,
            cnf: confirmation(&jkt),
            act: None,
            known_by: order.known_by,
        };
        self.make(&claims, preparing.exchange, client, expires)
            .await
    }

    /// The key that evidence shown by the hub is encrypted to.
    fn own_recipient(&self) -> Option<Value> {
        let jwks = self.parts.keys.decryption_ring().jwks();
        let jwks: Value = serde_json::from_slice(&jwks).ok()?;
        let keys = jwks["keys"].as_array()?;
        let mut fitting = keys.iter().filter(|key| key["alg"] == "ECDH-ES+A256KW");
        fitting.next().cloned()
    }

    /// The key that the hub proves when it asks: the one its ring signs with now.
    fn own_thumbprint(&self) -> Option<String> {
        let jwks: Value = serde_json::from_slice(&self.parts.keys.client_ring().jwks()).ok()?;
        let keys = jwks["keys"].as_array()?;
        let mut fitting = keys
            .iter()
            .filter(|key| key["alg"] == SigningAlg::Es256.as_str());
        thumbprint_of(fitting.next()?)
    }

    /// A proof of possession for one request (RFC 9449 §4.2).
    fn proof(&self, endpoint: &Url, voucher: &str, now: Timestamp) -> Result<String, Fault> {
        let mut target = endpoint.clone();
        target.set_query(None);
        let claims = Proof {
            jti: self.fresh(),
            htm: "POST",
            htu: target.as_str(),
            iat: now.seconds(),
            ath: sha256_base64url(voucher.as_bytes()),
        };
        let ring = self.parts.keys.client_ring();
        ring.sign_self_contained(SigningAlg::Es256, Typ::DpopProof, &claims)
            .map_err(|error| Fault::new("sign a proof of possession", error))
    }
}

/// A data provider and the client that it is.
struct Holder {
    holder: Arc<DataProvider>,
    client: Arc<Client>,
}

/// What is new in each voucher.
struct Order<'a> {
    request_digest: TextDigest,
    jti: String,
    known_by: Option<&'a KnownBy>,
}

impl KnownBy {
    fn of(identity: &PivotIdentity) -> Self {
        let mut claims = IdentityClaims::default();
        identity.write_claims(&mut claims);
        Self::Identity(Box::new(claims))
    }
}

#[derive(Serialize)]
struct Proof<'a> {
    jti: String,
    htm: &'a str,
    htu: &'a str,
    iat: i64,
    ath: String,
}
