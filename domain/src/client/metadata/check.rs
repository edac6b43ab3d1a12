//! From metadata to a client: each member checked on its own, then what members demand of each other.

use std::time::Duration;

use url::Url;

use super::evidence_rights::evidence_rights;
use super::value::{invalid, redirect_uris};
use super::{ClientMetadata, ClientMetadataError, fapi2};
use crate::acr_value::UnknownAcrValue;
use crate::client::authentication::HashOnly;
use crate::client::{
    CibaDelivery, Client, ClientAuthentication, GrantType, KeepSecret, Profile, RequestRules,
    SecretHash, SubjectType,
};
use crate::member::{encryption, only, parsed, web_url, web_url_without_fragment, web_urls};
use crate::reason::Rule;
use crate::{
    Acr, AcrValue, ClientId, Encryption, KeySource, ProviderId, RedirectUri, Scopes, SigningAlg,
};

impl ClientMetadata {
    /// Checks the metadata, for every authentication method but `client_secret_jwt`. `hash` is
    /// SHA-256 over the secret's UTF-8 bytes.
    pub fn check(&self, hash: impl Fn(&str) -> SecretHash) -> Result<Client, ClientMetadataError> {
        self.check_keeping(&HashOnly(hash))
    }

    /// Checks the metadata as a change of `known`. A secret that is not given again stays the one it has,
    /// with the same method; how it came in stays as it was.
    pub fn check_over(
        &self,
        known: Option<&Client>,
        keep: &impl KeepSecret,
    ) -> Result<Client, ClientMetadataError> {
        let Some(known) = known else {
            return self.check_keeping(keep);
        };
        let keeps = self.client_secret.is_none() && self.method() == known.authentication.method();
        let mut client = if keeps {
            Self {
                client_secret: Some(PLACEHOLDER.to_owned()),
                ..self.clone()
            }
            .check_keeping(keep)?
        } else {
            self.check_keeping(keep)?
        };
        if keeps {
            client.authentication.keep_secret_of(&known.authentication);
        }
        client.registration.clone_from(&known.registration);
        Ok(client)
    }

    /// Checks the metadata. `keep` says what becomes of the secret.
    #[expect(
        clippy::too_many_lines,
        reason = "one field after the other, in the order of the record"
    )]
    pub fn check_keeping(&self, keep: &impl KeepSecret) -> Result<Client, ClientMetadataError> {
        let id: ClientId = self
            .client_id
            .parse()
            .map_err(|error| invalid("client_id", error))?;
        let profile = self.profile.unwrap_or_default();
        let redirect_uris = redirect_uris("redirect_uris", &self.redirect_uris)?;
        let grant_types = self.granted()?;
        if redirect_uris.is_empty() && grant_types.contains(&GrantType::AuthorizationCode) {
            return Err(invalid("redirect_uris", Rule::AtLeastOne));
        }
        only("response_types", self.response_types.as_deref(), &["code"])?;
        only(
            "application_type",
            self.application_type.as_ref().map(std::slice::from_ref),
            &["web", "native"],
        )?;
        let subject_type = self.subjects()?;
        let id_token_alg: SigningAlg = parsed(
            "id_token_signed_response_alg",
            self.id_token_signed_response_alg.as_deref(),
        )?
        .unwrap_or_default();
        let userinfo_encryption = self.userinfo_encryption()?;
        let client = Client {
            name: self
                .client_name
                .clone()
                .unwrap_or_else(|| self.client_id.clone()),
            kind: self.kind.unwrap_or_default(),
            profile,
            sector: self.sector_of(subject_type, &redirect_uris)?,
            subject_type,
            sector_identifier_uri: web_url(
                "sector_identifier_uri",
                self.sector_identifier_uri.as_deref(),
            )?,
            environment: self.environment.unwrap_or_default(),
            habilitation: parsed("habilitation", self.habilitation.as_deref())?,
            exception: self.exception.as_deref().map(reason).transpose()?,
            active: self.active.unwrap_or(true),
            authentication: self.authentication(&id, keep)?,
            keys: self.keys()?,
            grant_types,
            post_logout_redirect_uris: self::redirect_uris(
                "post_logout_redirect_uris",
                &self.post_logout_redirect_uris,
            )?,
            backchannel_logout_uri: web_url_without_fragment(
                "backchannel_logout_uri",
                self.backchannel_logout_uri.as_deref(),
            )?,
            frontchannel_logout_uri: self.frontchannel_logout(&redirect_uris)?,
            frontchannel_logout_session_required: self
                .frontchannel_logout_session_required
                .unwrap_or(false),
            requests: self.request_rules(profile)?,
            scopes: self.scopes()?,
            default_acr: self.level()?,
            minimum_acr: self.minimum_acr_value,
            sso: self.sso.unwrap_or_default(),
            default_max_age: self.default_max_age.map(Duration::from_secs),
            id_token_alg,
            id_token_encryption: encryption(
                (
                    "id_token_encrypted_response_alg",
                    self.id_token_encrypted_response_alg.as_deref(),
                ),
                (
                    "id_token_encrypted_response_enc",
                    self.id_token_encrypted_response_enc.as_deref(),
                ),
            )?,
            userinfo_alg: self.userinfo_alg(profile, id_token_alg, userinfo_encryption)?,
            userinfo_encryption,
            authorization_alg: parsed(
                "authorization_signed_response_alg",
                self.authorization_signed_response_alg.as_deref(),
            )?
            .unwrap_or(id_token_alg),
            authorization_encryption: encryption(
                (
                    "authorization_encrypted_response_alg",
                    self.authorization_encrypted_response_alg.as_deref(),
                ),
                (
                    "authorization_encrypted_response_enc",
                    self.authorization_encrypted_response_enc.as_deref(),
                ),
            )?,
            introspection_alg: parsed(
                "introspection_signed_response_alg",
                self.introspection_signed_response_alg.as_deref(),
            )?
            .or((profile == Profile::FranceConnect).then_some(id_token_alg)),
            introspection_encryption: encryption(
                (
                    "introspection_encrypted_response_alg",
                    self.introspection_encrypted_response_alg.as_deref(),
                ),
                (
                    "introspection_encrypted_response_enc",
                    self.introspection_encrypted_response_enc.as_deref(),
                ),
            )?,
            dpop_bound_access_tokens: self.is_dpop_bound(profile),
            certificate_bound_access_tokens: self
                .tls_client_certificate_bound_access_tokens
                .unwrap_or(false),
            ciba: self.ciba()?,
            ciba_request_alg: parsed(
                "backchannel_authentication_request_signing_alg",
                self.backchannel_authentication_request_signing_alg
                    .as_deref(),
            )?,
            authorization_details_types: self.details_types()?,
            token_exchange_resources: self.token_exchange_resources.clone().unwrap_or_default(),
            evidence_rights: evidence_rights(self.evidence_rights.as_deref())?,
            events_uri: web_url_without_fragment("events_uri", self.events_uri.as_deref())?,
            messages: self.messages.unwrap_or(false),
            providers: provider_ids("providers", self.providers.as_deref())?,
            idp_hints: provider_ids("idp_hints", self.idp_hints.as_deref())?,
            may_skip_information: self.may_skip_information.unwrap_or(false),
            client_uri: web_url("client_uri", self.client_uri.as_deref())?,
            logo_uri: web_url("logo_uri", self.logo_uri.as_deref())?,
            policy_uri: web_url("policy_uri", self.policy_uri.as_deref())?,
            tos_uri: web_url("tos_uri", self.tos_uri.as_deref())?,
            contacts: self.contacts.clone().unwrap_or_default(),
            initiate_login_uri: web_url("initiate_login_uri", self.initiate_login_uri.as_deref())?,
            registration: None,
            redirect_uris,
            id,
        };
        keys_for_what_needs_them(&client)?;
        a_name_of_its_own(&client)?;
        page_that_may_be_left_out(&client)?;
        sandboxed(&client)?;
        match profile {
            Profile::Fapi2 => fapi2::judge(&client).map(|()| client),
            Profile::Standard | Profile::FranceConnect => Ok(client),
        }
    }

    fn granted(&self) -> Result<Vec<GrantType>, ClientMetadataError> {
        match &self.grant_types {
            None => Ok(vec![GrantType::AuthorizationCode]),
            Some(values) => {
                let all: Result<Vec<GrantType>, _> =
                    values.iter().map(|value| value.parse()).collect();
                let mut all = all.map_err(|error| invalid("grant_types", error))?;
                all.sort_unstable();
                all.dedup();
                Ok(all)
            }
        }
    }

    fn subjects(&self) -> Result<SubjectType, ClientMetadataError> {
        match self.subject_type.as_deref() {
            None | Some("pairwise") => Ok(SubjectType::Pairwise),
            Some("public") => Ok(SubjectType::Public),
            Some(_) => Err(invalid("subject_type", Rule::Subjects)),
        }
    }

    fn details_types(&self) -> Result<Option<Vec<String>>, ClientMetadataError> {
        let types = &self.authorization_details_types;
        if types.iter().flatten().any(String::is_empty) {
            return Err(invalid("authorization_details_types", Rule::EmptyType));
        }
        Ok(types.clone())
    }

    fn scopes(&self) -> Result<Scopes, ClientMetadataError> {
        let text = self.scope.as_deref().unwrap_or(IDENTITY_SCOPES);
        text.parse().map_err(|error| invalid("scope", error))
    }

    fn level(&self) -> Result<AcrValue, ClientMetadataError> {
        match self.default_acr_values.as_deref() {
            None | Some([]) => Ok(Acr::Eidas1.into()),
            Some(values) => AcrValue::least_of(AcrValue::known_in(&values.join(" ")))
                .ok_or_else(|| invalid("default_acr_values", UnknownAcrValue)),
        }
    }

    fn userinfo_encryption(&self) -> Result<Option<Encryption>, ClientMetadataError> {
        let registered = encryption(
            (
                "userinfo_encrypted_response_alg",
                self.userinfo_encrypted_response_alg.as_deref(),
            ),
            (
                "userinfo_encrypted_response_enc",
                self.userinfo_encrypted_response_enc.as_deref(),
            ),
        )?;
        Ok(registered)
    }

    /// Signed where it says so, always with FranceConnect, and always within an encryption: what is
    /// only encrypted may come from anyone.
    fn userinfo_alg(
        &self,
        profile: Profile,
        id_token_alg: SigningAlg,
        encryption: Option<Encryption>,
    ) -> Result<Option<SigningAlg>, ClientMetadataError> {
        let declared = parsed(
            "userinfo_signed_response_alg",
            self.userinfo_signed_response_alg.as_deref(),
        )?;
        let is_signed = profile == Profile::FranceConnect || encryption.is_some();
        Ok(declared.or(is_signed.then_some(id_token_alg)))
    }

    fn request_rules(&self, profile: Profile) -> Result<RequestRules, ClientMetadataError> {
        let is_fapi2 = profile == Profile::Fapi2;
        Ok(RequestRules {
            require_pkce: self
                .require_pkce
                .unwrap_or(profile != Profile::FranceConnect),
            require_pushed: self
                .require_pushed_authorization_requests
                .unwrap_or(is_fapi2),
            require_signed: self.require_signed_request_object.unwrap_or(false),
            signing_alg: parsed(
                "request_object_signing_alg",
                self.request_object_signing_alg.as_deref(),
            )?,
            request_uris: web_urls("request_uris", self.request_uris.as_deref())?,
        })
    }

    /// A client of FAPI 2.0 that says nothing gets DPoP: its tokens must be bound to something.
    fn is_dpop_bound(&self, profile: Profile) -> bool {
        let by_certificate = self
            .tls_client_certificate_bound_access_tokens
            .unwrap_or(false);
        self.dpop_bound_access_tokens
            .unwrap_or(profile == Profile::Fapi2 && !by_certificate)
    }

    fn ciba(&self) -> Result<Option<CibaDelivery>, ClientMetadataError> {
        const MODE: &str = "backchannel_token_delivery_mode";
        const ENDPOINT: &str = "backchannel_client_notification_endpoint";
        let endpoint = web_url(
            ENDPOINT,
            self.backchannel_client_notification_endpoint.as_deref(),
        )?;
        match (self.backchannel_token_delivery_mode.as_deref(), endpoint) {
            (None, None) => Ok(None),
            (Some("poll"), None) => Ok(Some(CibaDelivery::Poll)),
            (Some("ping"), Some(endpoint)) => Ok(Some(CibaDelivery::Ping(endpoint))),
            (Some("ping"), None) => Err(invalid(ENDPOINT, Rule::PingNeedsIt)),
            (None | Some("poll"), Some(_)) => Err(invalid(ENDPOINT, Rule::ForPing)),
            (Some(_), _) => Err(invalid(MODE, Rule::PollOrPing)),
        }
    }

    fn keys(&self) -> Result<Option<KeySource>, ClientMetadataError> {
        match (&self.jwks, &self.jwks_uri) {
            (None, None) => Ok(None),
            (Some(jwks), None) => KeySource::of_set(jwks)
                .map(Some)
                .ok_or_else(|| invalid("jwks", Rule::PublicKeys)),
            (None, Some(uri)) => Ok(web_url("jwks_uri", Some(uri))?.map(KeySource::JwksUri)),
            (Some(_), Some(_)) => Err(invalid("jwks_uri", Rule::OneKeySource)),
        }
    }

    /// What browsers are made to load at a sign-out is where the client already is: scheme, host and
    /// port of one of its redirect URIs (OIDC Front-Channel Logout §2).
    fn frontchannel_logout(
        &self,
        redirect_uris: &[RedirectUri],
    ) -> Result<Option<Url>, ClientMetadataError> {
        const MEMBER: &str = "frontchannel_logout_uri";
        let url = web_url_without_fragment(MEMBER, self.frontchannel_logout_uri.as_deref())?;
        let is_at_home = |url: &Url| {
            let origin = url.origin().ascii_serialization();
            let mut origins = redirect_uris.iter().filter_map(RedirectUri::origin);
            origins.any(|known| known == origin)
        };
        match url {
            Some(url) if !is_at_home(&url) => Err(invalid(MEMBER, Rule::OriginOfRedirect)),
            url => Ok(url),
        }
    }
}

fn provider_ids(
    member: &'static str,
    declared: Option<&[String]>,
) -> Result<Option<Vec<ProviderId>>, ClientMetadataError> {
    let Some(providers) = declared else {
        return Ok(None);
    };
    let ids: Result<Vec<_>, _> = providers.iter().map(|id| id.parse()).collect();
    ids.map(Some).map_err(|error| invalid(member, error))
}

/// Stands for a secret that is kept: as long as the longest that any method asks for.
const PLACEHOLDER: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// A client that proves nothing has no name in which it could ask for anything.
fn a_name_of_its_own(client: &Client) -> Result<(), ClientMetadataError> {
    let asks = client.may_use(GrantType::ClientCredentials);
    if asks && !client.authentication.is_confidential() {
        return Err(invalid("grant_types", Rule::NeedsAuthentication));
    }
    Ok(())
}

/// Where the citizen must agree, the page is what they agree on.
fn page_that_may_be_left_out(client: &Client) -> Result<(), ClientMetadataError> {
    let may = client.profile == Profile::FranceConnect && !client.needs_consent();
    if client.may_skip_information && !may {
        return Err(invalid("may_skip_information", Rule::PublicBodies));
    }
    Ok(())
}

/// Where nobody is who they are, nobody's evidence is asked for.
fn sandboxed(client: &Client) -> Result<(), ClientMetadataError> {
    if !client.is_sandbox() {
        return Ok(());
    }
    if !client.evidence_rights.is_empty() {
        return Err(invalid("evidence_rights", Rule::SandboxEvidence));
    }
    if client.habilitation.is_some() {
        let reason = Rule::SandboxHabilitation;
        return Err(invalid("habilitation", reason));
    }
    Ok(())
}

/// Why somebody is let in who would not be.
fn reason(text: &str) -> Result<String, ClientMetadataError> {
    let text = text.trim();
    let says = (10..=500).contains(&text.chars().count());
    if says && !text.chars().any(char::is_control) {
        Ok(text.to_owned())
    } else {
        Err(invalid("exception", Rule::TenToFiveHundred))
    }
}

/// Keys are there for whatever is verified or encrypted with them.
fn keys_for_what_needs_them(client: &Client) -> Result<(), ClientMetadataError> {
    let is_encrypted = [
        client.id_token_encryption,
        client.userinfo_encryption,
        client.authorization_encryption,
        client.introspection_encryption,
    ]
    .iter()
    .any(Option::is_some);
    let signs = matches!(
        client.authentication,
        ClientAuthentication::PrivateKeyJwt { .. } | ClientAuthentication::SelfSignedTlsClientAuth
    );
    let signs = signs || client.requests.require_signed || client.ciba_request_alg.is_some();
    match (is_encrypted || signs, &client.keys) {
        (true, None) => Err(invalid("jwks", Rule::KeysNeeded)),
        (true, Some(_)) | (false, _) => Ok(()),
    }
}

const IDENTITY_SCOPES: &str = "openid profile birth identite_pivot email phone given_name family_name \
     preferred_username gender birthdate birthplace birthcountry";
