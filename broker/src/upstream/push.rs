//! A request that goes to the provider before the person does (RFC 9126): what the browser carries is
//! a reference.

use guichet_domain::provider::ProviderAuthentication;
use http::StatusCode;
use serde::Deserialize;
use url::Url;

use super::means::Means;
use super::{ProviderFailure, Upstream};

impl Upstream {
    /// Pushes what stands in the query of `request`; the address with the reference in its place.
    pub(super) async fn pushed(
        &self,
        request: &Url,
        means: &Means,
    ) -> Result<Url, ProviderFailure> {
        let endpoint = self
            .addresses
            .pushed_authorization_request
            .as_ref()
            .ok_or(ProviderFailure::Unusable)?;
        let pairs: Vec<(String, String)> = request
            .query_pairs()
            // The authentication says it already.
            .filter(|(name, _)| name != "client_id")
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        let mut fields: Vec<(&str, &str)> = pairs
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        if self.record.authentication == ProviderAuthentication::ClientSecretBasic {
            fields.push(("client_id", &self.record.client_id));
        }
        let answer = self
            .send_proved(None, means, || {
                self.authenticated_form(endpoint, &fields, means)
            })
            .await?;
        if answer.status() != StatusCode::CREATED {
            return Err(ProviderFailure::of_status(answer.status()));
        }
        let pushed: Pushed =
            serde_json::from_slice(answer.body()).map_err(|_| ProviderFailure::Garbled)?;
        let mut address = request.clone();
        address
            .query_pairs_mut()
            .clear()
            .append_pair("client_id", &self.record.client_id)
            .append_pair("request_uri", &pushed.request_uri);
        Ok(address)
    }
}

#[derive(Deserialize)]
struct Pushed {
    request_uri: String,
}
