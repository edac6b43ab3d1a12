//! From a client back to metadata: what it registered, as it stands now (RFC 7592 §3). Secrets stay
//! where they are.

use super::ClientMetadata;
use crate::client::{
    CertificateSubject, CibaDelivery, Client, ClientAuthentication, GrantType, SubjectType,
};
use crate::{Encryption, KeySource, RedirectUri};

impl From<&Client> for ClientMetadata {
    fn from(client: &Client) -> Self {
        let requests = &client.requests;
        let mut metadata = Self {
            client_id: client.id.to_string(),
            client_name: Some(client.name.clone()),
            redirect_uris: texts(&client.redirect_uris, RedirectUri::as_str),
            post_logout_redirect_uris: texts(
                &client.post_logout_redirect_uris,
                RedirectUri::as_str,
            ),
            token_endpoint_auth_method: Some(client.authentication.method().to_owned()),
            scope: Some(client.scopes.to_string()),
            grant_types: Some(texts(&client.grant_types, |grant| grant.as_str())),
            response_types: Some(if client.may_use(GrantType::AuthorizationCode) {
                vec!["code".to_owned()]
            } else {
                Vec::new()
            }),
            id_token_signed_response_alg: Some(client.id_token_alg.to_string()),
            userinfo_signed_response_alg: text(client.userinfo_alg),
            authorization_signed_response_alg: Some(client.authorization_alg.to_string()),
            introspection_signed_response_alg: text(client.introspection_alg),
            request_object_signing_alg: requests.signing_alg.map(|alg| alg.as_str().to_owned()),
            request_uris: several(texts(&requests.request_uris, url::Url::as_str)),
            require_signed_request_object: Some(requests.require_signed),
            require_pushed_authorization_requests: Some(requests.require_pushed),
            dpop_bound_access_tokens: Some(client.dpop_bound_access_tokens),
            tls_client_certificate_bound_access_tokens: Some(
                client.certificate_bound_access_tokens,
            ),
            default_acr_values: Some(vec![client.default_acr.to_string()]),
            minimum_acr_value: client.minimum_acr,
            sso: Some(client.sso),
            default_max_age: client.default_max_age.map(|age| age.as_secs()),
            backchannel_logout_uri: text(client.backchannel_logout_uri.as_ref()),
            frontchannel_logout_uri: text(client.frontchannel_logout_uri.as_ref()),
            frontchannel_logout_session_required: client
                .frontchannel_logout_uri
                .as_ref()
                .map(|_| client.frontchannel_logout_session_required),
            backchannel_authentication_request_signing_alg: client
                .ciba_request_alg
                .map(|alg| alg.as_str().to_owned()),
            client_uri: text(client.client_uri.as_ref()),
            logo_uri: text(client.logo_uri.as_ref()),
            policy_uri: text(client.policy_uri.as_ref()),
            tos_uri: text(client.tos_uri.as_ref()),
            contacts: several(client.contacts.clone()),
            initiate_login_uri: text(client.initiate_login_uri.as_ref()),
            subject_type: Some(
                match client.subject_type {
                    SubjectType::Pairwise => "pairwise",
                    SubjectType::Public => "public",
                }
                .to_owned(),
            ),
            sector_identifier_uri: text(client.sector_identifier_uri.as_ref()),
            profile: Some(client.profile),
            require_pkce: Some(requests.require_pkce),
            kind: Some(client.kind),
            sector: (client.subject_type == SubjectType::Pairwise && !client.is_sandbox())
                .then(|| client.sector.to_string()),
            providers: client
                .providers
                .as_ref()
                .map(|ids| ids.iter().map(ToString::to_string).collect()),
            idp_hints: client
                .idp_hints
                .as_ref()
                .map(|ids| ids.iter().map(ToString::to_string).collect()),
            may_skip_information: client.may_skip_information.then_some(true),
            authorization_details_types: client.authorization_details_types.clone(),
            token_exchange_resources: several(client.token_exchange_resources.clone()),
            evidence_rights: (!client.evidence_rights.is_empty())
                .then(|| client.evidence_rights.iter().map(Into::into).collect()),
            events_uri: text(client.events_uri.as_ref()),
            messages: client.messages.then_some(true),
            environment: client.is_sandbox().then_some(client.environment),
            habilitation: text(client.habilitation.as_ref()),
            exception: client.exception.clone(),
            active: Some(client.active),
            ..Self::default()
        };
        metadata.write_authentication(&client.authentication);
        metadata.write_encryption(client);
        match &client.keys {
            Some(KeySource::Jwks(jwks)) => metadata.jwks = Some(jwks.clone()),
            Some(KeySource::JwksUri(uri)) => metadata.jwks_uri = Some(uri.to_string()),
            None => {}
        }
        metadata.write_ciba(client);
        if let Some(registration) = &client.registration {
            metadata.software_id.clone_from(&registration.software_id);
            metadata
                .software_version
                .clone_from(&registration.software_version);
        }
        metadata
    }
}

impl ClientMetadata {
    fn write_authentication(&mut self, authentication: &ClientAuthentication) {
        match authentication {
            ClientAuthentication::ClientSecretJwt { alg, .. }
            | ClientAuthentication::PrivateKeyJwt { alg } => {
                self.token_endpoint_auth_signing_alg = alg.map(|alg| alg.as_str().to_owned());
            }
            ClientAuthentication::TlsClientAuth { subject } => match subject.clone() {
                CertificateSubject::Dn(name) => self.tls_client_auth_subject_dn = Some(name),
                CertificateSubject::SanDns(name) => self.tls_client_auth_san_dns = Some(name),
                CertificateSubject::SanUri(uri) => self.tls_client_auth_san_uri = Some(uri),
                CertificateSubject::SanIp(address) => {
                    self.tls_client_auth_san_ip = Some(address.to_string());
                }
                CertificateSubject::SanEmail(email) => self.tls_client_auth_san_email = Some(email),
            },
            ClientAuthentication::ClientSecretBasic { .. }
            | ClientAuthentication::ClientSecretPost { .. }
            | ClientAuthentication::SelfSignedTlsClientAuth
            | ClientAuthentication::None => {}
        }
    }

    fn write_ciba(&mut self, client: &Client) {
        match &client.ciba {
            Some(CibaDelivery::Poll) => {
                self.backchannel_token_delivery_mode = Some("poll".to_owned());
            }
            Some(CibaDelivery::Ping(endpoint)) => {
                self.backchannel_token_delivery_mode = Some("ping".to_owned());
                self.backchannel_client_notification_endpoint = Some(endpoint.to_string());
            }
            None => {}
        }
    }

    fn write_encryption(&mut self, client: &Client) {
        let pair = |encryption: Option<Encryption>| {
            (
                encryption.map(|both| both.alg.to_string()),
                encryption.map(|both| both.enc.to_string()),
            )
        };
        (
            self.id_token_encrypted_response_alg,
            self.id_token_encrypted_response_enc,
        ) = pair(client.id_token_encryption);
        (
            self.userinfo_encrypted_response_alg,
            self.userinfo_encrypted_response_enc,
        ) = pair(client.userinfo_encryption);
        (
            self.authorization_encrypted_response_alg,
            self.authorization_encrypted_response_enc,
        ) = pair(client.authorization_encryption);
        (
            self.introspection_encrypted_response_alg,
            self.introspection_encrypted_response_enc,
        ) = pair(client.introspection_encryption);
    }
}

fn text(value: Option<impl ToString>) -> Option<String> {
    value.map(|value| value.to_string())
}

fn texts<T>(values: &[T], as_str: impl Fn(&T) -> &str) -> Vec<String> {
    values
        .iter()
        .map(|value| as_str(value).to_owned())
        .collect()
}

fn several(values: Vec<String>) -> Option<Vec<String>> {
    (!values.is_empty()).then_some(values)
}
