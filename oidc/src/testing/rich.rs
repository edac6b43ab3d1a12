//! Somebody who knows one type of authorization details, and remembers what was asked.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use guichet_domain::{AcrValue, Client, OAuthError, PersonId, Scopes, Timestamp};
use guichet_store::Fault;
use serde_json::{Map, Value, json};

use super::{Form, PERSON, TestHouse, World};
use crate::{
    AuthorizationDetail, Outcome, RichAuthorization, RichFailure, RichRefusal, Voucher,
    VoucherOrder,
};

/// Whom vouchers are for: a client of this name hears of them.
pub(crate) const PROVIDER: &str = "other";

/// Knows the type `evidence`. A detail with the member `forbidden` is refused; the scope `family_quotient`
/// stands for one; what may be asked for is noted to be for a single use. A voucher is `v.<grant_id>.<digest>`.
#[derive(Default)]
pub(crate) struct TestDesk {
    pub(crate) orders: Mutex<Vec<Ordered>>,
    /// Which client asked about which text.
    pub(crate) heard: Mutex<Vec<(String, String)>>,
    /// Until when what is granted may be exchanged.
    pub(crate) lasts: Mutex<Option<Timestamp>>,
}

/// What a voucher was asked for with.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ordered {
    pub(crate) client: String,
    pub(crate) person: Option<PersonId>,
    pub(crate) acr: AcrValue,
    pub(crate) amr: usize,
    pub(crate) act: Value,
    pub(crate) jkt: String,
    pub(crate) audience: String,
}

#[async_trait]
impl RichAuthorization for TestDesk {
    fn types(&self) -> &[&str] {
        &["evidence", "payment"]
    }

    fn check(
        &self,
        _client: &Client,
        asked: &[AuthorizationDetail],
        scopes: &Scopes,
        _now: Timestamp,
    ) -> Result<Vec<AuthorizationDetail>, RichRefusal> {
        let is_forbidden = |it: &AuthorizationDetail| it.members().contains_key("forbidden");
        if asked.iter().any(is_forbidden) {
            return Err(RichRefusal::of_details("not to be asked for"));
        }
        let by_scope = scopes
            .contains("family_quotient")
            .then(|| detail(&json!({"type": "evidence", "evidence_type": "quotient"})));
        let once = |it: AuthorizationDetail| {
            let mut members = it.members().clone();
            members.insert("usage".to_owned(), "single".into());
            AuthorizationDetail::try_from(members).unwrap()
        };
        Ok(asked.iter().cloned().chain(by_scope).map(once).collect())
    }

    fn lasts_until(&self, granted: &[AuthorizationDetail]) -> Option<Timestamp> {
        let lasts = *self.lasts.lock().unwrap();
        lasts.filter(|_| !granted.is_empty())
    }

    async fn exchange(&self, order: VoucherOrder<'_>) -> Result<Voucher, RichFailure> {
        self.orders.lock().unwrap().push(Ordered {
            client: order.client.id.to_string(),
            person: order.person,
            acr: order.acr,
            amr: order.amr.len(),
            act: serde_json::to_value(&order.actor).unwrap(),
            jkt: order.jkt.to_owned(),
            audience: order.audience.to_owned(),
        });
        let id = order.asked.grant_id;
        if !order
            .details
            .iter()
            .any(|it| it.members()["grant_id"] == id)
        {
            let unknown = "grant_id names nothing that was granted";
            return Err(RichRefusal::new(OAuthError::InvalidRequest, unknown).into());
        }
        Ok(Voucher {
            token: format!("v.{id}.{}", order.asked.request_digest),
            expires_in: 60,
        })
    }

    async fn introspect(
        &self,
        token: &str,
        client: &Client,
        now: Timestamp,
    ) -> Result<Option<Map<String, Value>>, Fault> {
        let asked = (client.id.to_string(), token.to_owned());
        self.heard.lock().unwrap().push(asked);
        if client.id.as_str() != PROVIDER {
            return Ok(None);
        }
        let told = json!({"jti": token, "exp": now.seconds() + 60});
        Ok(told.as_object().cloned())
    }
}

/// A detail.
pub(crate) fn detail(members: &Value) -> AuthorizationDetail {
    serde_json::from_value(members.clone()).unwrap()
}

/// A request for a voucher, but for the client's authentication and its proof.
pub(crate) fn voucher_for(token: &str, grant_id: &str) -> Form {
    Form::empty()
        .with(
            "grant_type",
            "urn:ietf:params:oauth:grant-type:token-exchange",
        )
        .with("subject_token", token)
        .with(
            "subject_token_type",
            "urn:ietf:params:oauth:token-type:access_token",
        )
        .with(
            "requested_token_type",
            "urn:guichet:params:oauth:token-type:evidence-voucher",
        )
        .with("audience", "famille")
        .with("grant_id", grant_id)
        .with("request_digest", "sha-256:AAAA")
}

impl World {
    /// A world with the desk.
    pub(crate) async fn with_desk() -> (Self, Arc<TestDesk>) {
        let desk = Arc::new(TestDesk::default());
        let rich = Arc::clone(&desk);
        let world = Self::with_parts(|parts| {
            parts.rich = rich;
            parts.settings.tokens = super::tokens::with_resources();
        });
        (world.await, desk)
    }

    /// What the next sign-in grants: these details, to the usual person.
    pub(crate) fn next_grants(&self, details: &[Value]) {
        *self.house.next.lock().unwrap() = Some(Outcome {
            person: Some(PERSON),
            details: details.iter().map(detail).collect(),
            ..TestHouse::outcome()
        });
    }
}
