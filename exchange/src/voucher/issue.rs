//! A voucher for a service: by what was granted, as long as everything it rests on still stands.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::{
    Client, DataProvider, EventKind, ExchangeId, OAuthError, PersonId, Timestamp,
};
use guichet_keys::TextDigest;
use guichet_oidc::{RichFailure, RichRefusal, Voucher, VoucherOrder};
use guichet_store::durable::{EvidenceGrantRecord, Pull};

use super::claims::{Confirmation, expiry};
use super::{Claims, LONGEST, Phase, Preview, Recipient};
use crate::Desk;
use crate::desk::exchange_event;
use crate::grant::Terms;

impl Desk {
    /// The checks of an exchange for a voucher, in order. It leaves once the ledger has it.
    pub(crate) async fn issue(&self, order: VoucherOrder<'_>) -> Result<Voucher, RichFailure> {
        let granted = self.grant_of(&order).await;
        // Another's is not named in the ledger: its entries are handed out in receipts.
        let exchange = granted.as_ref().ok().map(|(record, _)| record.id);
        let issued = match granted {
            Ok((record, person)) => self.issued(&order, &record, person).await,
            Err(failure) => Err(failure),
        };
        if let Err(RichFailure::Refused(refusal)) = &issued {
            self.note_refused(&order.client.id, exchange, refusal.description(), order.now);
        }
        issued
    }

    async fn issued(
        &self,
        order: &VoucherOrder<'_>,
        record: &EvidenceGrantRecord,
        person: PersonId,
    ) -> Result<Voucher, RichFailure> {
        if !self.admits(person, order.now).await? {
            return Err(SUSPENDED.into());
        }
        let terms = self.terms_of(record)?;
        let holder = self.holder_for(order, record, &terms)?;
        still_may(order.client, &terms, order.now)?;
        if !self.is_reached(terms.ask.evidence_type(), order.acr) {
            return Err(BELOW.into());
        }
        let count = may_be_pulled(record.outlook(order.now))?;
        let request: TextDigest = order.asked.request_digest.parse().map_err(|_| NO_DIGEST)?;
        let recipient = self.parts.client_keys.recipient(order.client).await;
        let recipient = recipient.ok_or(NO_KEY)?;
        let holder_client = self.client_of(&holder).ok_or(NOBODY)?;
        let shown = terms.shown_for(count);
        let expires = expiry(order.now);
        let claims = Claims {
            iss: &self.parts.issuer,
            aud: &holder.id,
            sub: self.subject_at(&holder, person).await?,
            jti: self.fresh(),
            iat: order.now.seconds(),
            exp: expires.seconds(),
            acr: order.acr.to_string(),
            client: Recipient {
                id: order.client.id.as_str(),
                name: &order.client.name,
            },
            recipient,
            phase: Phase::Release,
            exchange: record.alias,
            evidence_type: terms.ask.evidence_type(),
            fields: &terms.fields,
            purpose: terms.ask.purpose(),
            basis: terms.ask.basis(),
            preview: Preview::of(shown.as_ref()),
            request_digest: request,
            cnf: Confirmation { jkt: order.jkt },
            act: order.actor.as_ref(),
            known_by: None,
        };
        let event = exchange_event(EventKind::EvidenceVoucherIssued, record.id, order.now)
            .client(&order.client.id)
            .detail("data_provider", &holder.id)
            .detail("request_digest", request);
        let made = self
            .make(&claims, record.id, &holder_client, expires)
            .await?;
        let token = made.ok_or(NO_HOLDER_KEY)?;
        self.append(event).await?;
        Ok(Voucher {
            token,
            expires_in: LONGEST.as_secs(),
        })
    }

    /// The grant that the request names: one of this token's details, of this client and this person.
    async fn grant_of(
        &self,
        order: &VoucherOrder<'_>,
    ) -> Result<(EvidenceGrantRecord, PersonId), RichFailure> {
        let named = order.asked.grant_id;
        let is_granted = order.details.iter().any(|detail| {
            let grant_id = detail.members().get("grant_id");
            grant_id.and_then(serde_json::Value::as_str) == Some(named)
        });
        if !is_granted {
            return Err(NOT_GRANTED.into());
        }
        let id: ExchangeId = named.parse().map_err(|_| NOT_GRANTED)?;
        let record = self.parts.grants.get(id).await?.ok_or(NOT_GRANTED)?;
        let is_own = record.client == order.client.id && record.grant == order.grant;
        match order.person {
            Some(person) if is_own && self.is_theirs(&record, person).await? => {
                Ok((record, person))
            }
            _ => Err(NOT_GRANTED.into()),
        }
    }

    /// The data provider, when the request names it and it still hands this evidence out.
    fn holder_for(
        &self,
        order: &VoucherOrder<'_>,
        record: &EvidenceGrantRecord,
        terms: &Terms,
    ) -> Result<Arc<DataProvider>, RichRefusal> {
        if order.audience != record.data_provider.as_str() {
            return Err(OTHER_AUDIENCE);
        }
        let holder = self.parts.data_providers.data_provider(order.audience);
        holder
            .filter(|holder| holder.offers(terms.ask.evidence_type()))
            .ok_or(NOBODY)
    }

    /// A name for one use.
    pub(crate) fn fresh(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.parts.entropy.bytes16())
    }
}

/// Whether the service is still approved for every field that was granted.
pub(super) fn still_may(client: &Client, terms: &Terms, now: Timestamp) -> Result<(), RichRefusal> {
    let purpose = terms.ask.purpose();
    let rights = client.evidence_rights.iter();
    let mut rights = rights.filter(|right| right.evidence_type == *terms.ask.evidence_type());
    let covers = |right: &guichet_domain::EvidenceRight| {
        let mut fields = terms.fields.iter();
        fields.all(|field| right.covers(field, purpose, now))
    };
    if client.active && rights.any(covers) {
        Ok(())
    } else {
        Err(NO_LONGER_APPROVED)
    }
}

/// The number of the pull that is next.
fn may_be_pulled(outlook: Pull) -> Result<u32, RichRefusal> {
    match outlook {
        Pull::Allowed { count } => Ok(count),
        Pull::TooSoon { .. } => Err(TOO_SOON),
        Pull::Exhausted => Err(EXHAUSTED),
        Pull::Ended | Pull::Unknown => Err(ENDED),
    }
}

const SUSPENDED: RichRefusal = invalid_grant("what was granted is suspended");

const fn invalid_grant(description: &'static str) -> RichRefusal {
    RichRefusal::new(OAuthError::InvalidGrant, description)
}

const NOT_GRANTED: RichRefusal = invalid_grant("grant_id is none of what this token was granted");
const ENDED: RichRefusal = invalid_grant("the grant ended");
const EXHAUSTED: RichRefusal = invalid_grant("the evidence was fetched as often as was granted");
const TOO_SOON: RichRefusal = invalid_grant("the evidence was fetched a short while ago");
const NO_LONGER_APPROVED: RichRefusal = RichRefusal::new(
    OAuthError::UnauthorizedClient,
    "the client is no longer approved for this evidence",
);
const OTHER_AUDIENCE: RichRefusal = RichRefusal::new(
    OAuthError::InvalidTarget,
    "audience is not the data provider of this grant",
);
const NOBODY: RichRefusal = RichRefusal::new(
    OAuthError::InvalidTarget,
    "the data provider hands this evidence out no longer",
);
const BELOW: RichRefusal = invalid_grant("the sign-in was below the level of this evidence");
const NO_DIGEST: RichRefusal = RichRefusal::new(
    OAuthError::InvalidRequest,
    "request_digest is not sha-256: and 43 characters of base64url",
);
const NO_KEY: RichRefusal = RichRefusal::new(
    OAuthError::InvalidRequest,
    "the client publishes no key to encrypt evidence to",
);
const NO_HOLDER_KEY: RichRefusal = RichRefusal::new(
    OAuthError::TemporarilyUnavailable,
    "the data provider publishes no key to encrypt a voucher to",
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_be_pulled_gets_a_voucher() {
        assert_eq!(may_be_pulled(Pull::Allowed { count: 3 }), Ok(3));
        let at = Timestamp::from_seconds(1);
        let refused = [
            (Pull::TooSoon { at }, TOO_SOON),
            (Pull::Exhausted, EXHAUSTED),
            (Pull::Ended, ENDED),
            (Pull::Unknown, ENDED),
        ];
        for (outlook, why) in refused {
            assert_eq!(may_be_pulled(outlook), Err(why));
        }
    }
}
