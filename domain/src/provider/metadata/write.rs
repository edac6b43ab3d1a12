//! From a provider back to metadata: what was declared, as it stands now. The secret stays where it is.

use super::ProviderMetadata;
use crate::provider::{Endpoints, Provider, SandboxUse};
use crate::{Encryption, KeySource};

impl From<&Provider> for ProviderMetadata {
    fn from(provider: &Provider) -> Self {
        let Provider {
            requests, answers, ..
        } = provider;
        let mut metadata = Self {
            id: provider.id.to_string(),
            name: Some(provider.name.clone()),
            issuer: provider.issuer.clone(),
            operator: provider.operator.clone(),
            client_id: provider.client_id.clone(),
            token_endpoint_auth_method: Some(provider.authentication),
            token_endpoint_auth_signing_alg: Some(provider.authentication_alg.to_string()),
            scope: Some(provider.scope.clone()),
            claims: requests.claims.clone(),
            prompt: several(&requests.prompt),
            response_mode: Some(requests.response_mode),
            require_pushed_authorization_requests: Some(requests.pushed),
            dpop_bound_access_tokens: Some(requests.dpop),
            id_token_signed_response_alg: answers.id_token_alg.map(|alg| alg.as_str().to_owned()),
            userinfo_signed_response_alg: answers.userinfo_alg.map(|alg| alg.as_str().to_owned()),
            levels: Some(provider.levels.clone()),
            acr_map: Some(provider.acr_map.clone()),
            unmapped_acr: Some(provider.unmapped_acr),
            amr: Some(provider.amr.clone()),
            civil_register: Some(provider.civil_register),
            claims_mapping: provider.claims_mapping.clone(),
            active: Some(provider.active),
            opens: text(provider.opening.opens.as_ref()),
            closes: text(provider.opening.closes.as_ref()),
            maintenance: provider.opening.maintenance.clone(),
            clients: provider.audience.clients.clone(),
            sandbox: (provider.audience.sandbox != SandboxUse::No)
                .then_some(provider.audience.sandbox),
            email_domains: several(&provider.audience.email_domains),
            order: Some(provider.order),
            displayed: Some(provider.display.displayed),
            logo_uri: text(provider.display.logo_uri.as_ref()),
            beta: Some(provider.display.beta),
            unavailable: Some(provider.display.unavailable),
            warning: provider.display.warning.clone(),
            status_uri: text(provider.status_uri.as_ref()),
            backchannel_logout: Some(provider.backchannel_logout),
            ..Self::default()
        };
        (
            metadata.id_token_encrypted_response_alg,
            metadata.id_token_encrypted_response_enc,
        ) = encrypted(answers.id_token_encryption);
        (
            metadata.userinfo_encrypted_response_alg,
            metadata.userinfo_encrypted_response_enc,
        ) = encrypted(answers.userinfo_encryption);
        metadata.state_endpoints(&provider.endpoints);
        metadata
    }
}

impl ProviderMetadata {
    fn state_endpoints(&mut self, endpoints: &Endpoints) {
        let Endpoints::Static(endpoints) = endpoints else {
            self.discovery = Some(true);
            return;
        };
        self.discovery = Some(false);
        self.authorization_endpoint = Some(endpoints.authorization.to_string());
        self.token_endpoint = Some(endpoints.token.to_string());
        self.userinfo_endpoint = text(endpoints.userinfo.as_ref());
        self.end_session_endpoint = text(endpoints.end_session.as_ref());
        self.pushed_authorization_request_endpoint =
            text(endpoints.pushed_authorization_request.as_ref());
        self.authorization_response_iss_parameter_supported = Some(endpoints.states_issuer);
        match &endpoints.keys {
            KeySource::Jwks(jwks) => self.jwks = Some(jwks.clone()),
            KeySource::JwksUri(uri) => self.jwks_uri = Some(uri.to_string()),
        }
    }
}

fn encrypted(encryption: Option<Encryption>) -> (Option<String>, Option<String>) {
    encryption
        .map(|Encryption { alg, enc }| (alg.to_string(), enc.to_string()))
        .unzip()
}

fn text(value: Option<&impl ToString>) -> Option<String> {
    value.map(ToString::to_string)
}

fn several(texts: &[String]) -> Option<Vec<String>> {
    (!texts.is_empty()).then(|| texts.to_vec())
}
