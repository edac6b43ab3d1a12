//! Who the citizen is to us: the ID token, verified, and what userinfo adds to it.

use std::time::Duration;

use guichet_keys::{JwsAlg, TimeRule, TypRule, VerifyPolicy, same};
use serde_json::{Map, Value};

use super::{EvidenceClient, Tokens};
use crate::hub::{HubError, Unbelieved};

/// Someone who signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Citizen {
    /// The name they have with us and with nobody else.
    pub subject: String,
    /// The level they signed in with.
    pub acr: String,
}

impl EvidenceClient {
    /// Who signed in, by the ID token that came with `tokens`; `nonce` is the one the browser left with.
    pub async fn citizen(&self, tokens: &Tokens, nonce: &str) -> Result<Citizen, HubError> {
        let text = tokens.id_token.as_deref();
        let text = text.ok_or(HubError::Answer("no ID token"))?;
        let verified = self.hub.verify(text, ID_TOKEN).await;
        let verified = verified.map_err(|error| match error {
            Unbelieved::Hub(error) => error,
            Unbelieved::Jws(_) => HubError::Answer("an ID token that does not verify"),
        })?;
        let times = verified.check_times(TimeRule {
            now: self.hub.now(),
            leeway: LEEWAY,
            longest: None,
        });
        times.map_err(|_| HubError::Answer("an ID token that is not valid now"))?;
        let claim = |name: &str| verified.claims.get(name).and_then(Value::as_str);
        let is_ours = claim("iss") == Some(self.hub.issuer())
            && claim("aud") == Some(self.hub.client_id())
            && same(
                claim("nonce").unwrap_or_default().as_bytes(),
                nonce.as_bytes(),
            );
        let subject = claim("sub").filter(|_| is_ours);
        Ok(Citizen {
            subject: subject
                .ok_or(HubError::Answer("an ID token for somebody else"))?
                .to_owned(),
            acr: claim("acr").unwrap_or_default().to_owned(),
        })
    }

    /// What userinfo says of `citizen`.
    pub async fn claims_of(
        &self,
        citizen: &Citizen,
        tokens: &Tokens,
    ) -> Result<Map<String, Value>, HubError> {
        let endpoints = self.hub.endpoints().await?;
        let answer = self
            .hub
            .get_as_citizen(&endpoints.userinfo_endpoint, &tokens.access_token)
            .await?;
        match answer {
            Value::Object(claims)
                if claims.get("sub") == Some(&citizen.subject.as_str().into()) =>
            {
                Ok(claims)
            }
            _ => Err(HubError::Answer("userinfo of somebody else")),
        }
    }
}

const ID_TOKEN: VerifyPolicy<'_> = VerifyPolicy {
    algs: &JwsAlg::OURS,
    typ: TypRule::JwtOrAbsent,
};
/// How far our clock and the hub's may be apart.
const LEEWAY: Duration = Duration::from_secs(30);
