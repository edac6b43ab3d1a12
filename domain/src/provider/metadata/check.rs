//! From metadata to a provider: each member checked on its own, then what members demand of each other.

use url::Url;

use super::ProviderMetadata;
use crate::claim::Claim;
use crate::member::{encryption, only, parsed, web_url};
use crate::provider::{
    Answers, Audience, CivilRegisterPolicy, Display, Endpoints, Opening, Provider, Requests,
    StaticEndpoints,
};
use crate::reason::{Reason, Rule};
use crate::{Acr, InvalidMember, JwsAlgName, KeySource, ProviderId, Sealed};

type Checked<T> = Result<T, InvalidMember>;

impl ProviderMetadata {
    /// Checks the metadata. `seal` seals the secret; `register` is the policy when none is stated.
    pub fn check(
        &self,
        seal: impl FnMut(&str) -> Sealed,
        register: CivilRegisterPolicy,
    ) -> Checked<Provider> {
        self.check_over(None, seal, register)
    }

    /// Checks the metadata as a change of `known`. A secret that is not given again is kept, unless
    /// the provider or where it is sent changed: a new address must not be told the old secret
    /// (threat N-15).
    pub fn check_over(
        &self,
        known: Option<&Provider>,
        seal: impl FnMut(&str) -> Sealed,
        register: CivilRegisterPolicy,
    ) -> Checked<Provider> {
        let id: ProviderId = self.id.parse().map_err(|error| invalid("id", error))?;
        if self.client_id.is_empty() {
            return Err(invalid("client_id", Rule::GivenAtRegistration));
        }
        let mut provider = Provider {
            name: self.name.clone().unwrap_or_else(|| self.id.clone()),
            issuer: self.checked_issuer()?,
            operator: self.checked_operator()?,
            endpoints: self.endpoints()?,
            client_id: self.client_id.clone(),
            client_secret: None,
            authentication: self.token_endpoint_auth_method.unwrap_or_default(),
            authentication_alg: parsed(
                "token_endpoint_auth_signing_alg",
                self.token_endpoint_auth_signing_alg.as_deref(),
            )?
            .unwrap_or_default(),
            scope: self.checked_scope()?,
            requests: self.requests()?,
            answers: self.answers()?,
            levels: self.checked_levels()?,
            acr_map: self.acr_map.clone().unwrap_or_default(),
            unmapped_acr: self.unmapped_acr.unwrap_or_default(),
            amr: self.amr.clone().unwrap_or_default(),
            civil_register: self.civil_register.unwrap_or(register),
            claims_mapping: self.claims_mapping.clone(),
            active: self.active.unwrap_or(true),
            opening: self.opening()?,
            audience: self.audience()?,
            order: self.order.unwrap_or(100),
            display: self.display()?,
            status_uri: web_url("status_uri", self.status_uri.as_deref())?,
            backchannel_logout: self.backchannel_logout.unwrap_or(false),
            id,
        };
        if self.acr_map.is_none() {
            let ours = provider.levels.iter();
            provider.acr_map = ours.map(|level| (level.to_string(), *level)).collect();
        }
        pushed_where_it_can_be(&provider)?;
        levels_fit(&provider)?;
        mapping_is_ours(&provider)?;
        provider.client_secret = self.secret(&provider, known, seal)?;
        Ok(provider)
    }

    fn checked_issuer(&self) -> Checked<String> {
        let issuer = Url::parse(&self.issuer).map_err(|error| invalid("issuer", error))?;
        // OIDC Discovery §3: https, no query, no fragment; http is left to loopback by the egress policy.
        let is_issuer = matches!(issuer.scheme(), "https" | "http")
            && issuer.has_host()
            && issuer.query().is_none()
            && issuer.fragment().is_none();
        if is_issuer {
            Ok(self.issuer.clone())
        } else {
            Err(invalid("issuer", Rule::Issuer))
        }
    }

    fn checked_operator(&self) -> Checked<Option<String>> {
        match self.operator.as_deref().map(str::trim) {
            Some("") => Err(invalid("operator", Rule::NameOrNone)),
            named => Ok(named.map(str::to_owned)),
        }
    }

    fn endpoints(&self) -> Checked<Endpoints> {
        let stated = self.stated_endpoints()?;
        if self.discovery.unwrap_or(true) {
            let first = stated.iter().find(|(_, url)| url.is_some());
            let member = match first {
                Some((member, _)) => Some(*member),
                None if self.jwks.is_some() => Some("jwks"),
                None => None,
            };
            return match member {
                None => Ok(Endpoints::Discovered),
                Some(member) => Err(invalid(member, Rule::DiscoveryFindsIt)),
            };
        }
        let [
            authorization,
            token,
            userinfo,
            jwks_uri,
            end_session,
            pushed,
        ] = stated.map(|(_, url)| url);
        let needed = Rule::WithoutDiscovery;
        Ok(Endpoints::Static(Box::new(StaticEndpoints {
            authorization: authorization
                .ok_or_else(|| invalid("authorization_endpoint", needed))?,
            token: token.ok_or_else(|| invalid("token_endpoint", needed))?,
            userinfo,
            keys: self.keys(jwks_uri)?,
            end_session,
            pushed_authorization_request: pushed,
            states_issuer: self
                .authorization_response_iss_parameter_supported
                .unwrap_or(false),
        })))
    }

    fn stated_endpoints(&self) -> Checked<[(&'static str, Option<Url>); 6]> {
        let url = |member, text: &Option<String>| {
            web_url(member, text.as_deref()).map(|url| (member, url))
        };
        Ok([
            url("authorization_endpoint", &self.authorization_endpoint)?,
            url("token_endpoint", &self.token_endpoint)?,
            url("userinfo_endpoint", &self.userinfo_endpoint)?,
            url("jwks_uri", &self.jwks_uri)?,
            url("end_session_endpoint", &self.end_session_endpoint)?,
            url(
                "pushed_authorization_request_endpoint",
                &self.pushed_authorization_request_endpoint,
            )?,
        ])
    }

    fn keys(&self, jwks_uri: Option<Url>) -> Checked<KeySource> {
        match (&self.jwks, jwks_uri) {
            (None, Some(uri)) => Ok(KeySource::JwksUri(uri)),
            (Some(jwks), None) => {
                KeySource::of_set(jwks).ok_or_else(|| invalid("jwks", Rule::PublicKeys))
            }
            (Some(_), Some(_)) => Err(invalid("jwks_uri", Rule::OneKeySource)),
            (None, None) => Err(invalid("jwks_uri", Rule::KeysWithoutDiscovery)),
        }
    }

    fn checked_scope(&self) -> Checked<String> {
        let scope = self.scope.as_deref().unwrap_or(SCOPE);
        // RFC 6749 §3.3: visible ASCII but quotes and backslashes, separated by spaces.
        let is_token = |token: &str| {
            token
                .bytes()
                .all(|byte| byte.is_ascii_graphic() && !b"\"\\".contains(&byte))
        };
        if scope.split(' ').all(is_token) {
            Ok(scope.to_owned())
        } else {
            Err(invalid("scope", Rule::SingleSpaces))
        }
    }

    fn requests(&self) -> Checked<Requests> {
        only(
            "prompt",
            self.prompt.as_deref(),
            &["login", "consent", "select_account"],
        )?;
        if let Some(claims) = &self.claims {
            let is_known = |(member, value): (&String, &serde_json::Value)| {
                ["id_token", "userinfo"].contains(&member.as_str()) && value.is_object()
            };
            if !claims.iter().all(is_known) {
                return Err(invalid("claims", Rule::ClaimsRequest));
            }
        }
        Ok(Requests {
            claims: self.claims.clone(),
            prompt: self.prompt.clone().unwrap_or_default(),
            response_mode: self.response_mode.unwrap_or_default(),
            pushed: self.require_pushed_authorization_requests.unwrap_or(false),
            dpop: self.dpop_bound_access_tokens.unwrap_or(false),
        })
    }

    fn answers(&self) -> Checked<Answers> {
        let answers = Answers {
            id_token_alg: asymmetric(
                "id_token_signed_response_alg",
                self.id_token_signed_response_alg.as_deref(),
            )?,
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
            userinfo_alg: asymmetric(
                "userinfo_signed_response_alg",
                self.userinfo_signed_response_alg.as_deref(),
            )?,
            userinfo_encryption: encryption(
                (
                    "userinfo_encrypted_response_alg",
                    self.userinfo_encrypted_response_alg.as_deref(),
                ),
                (
                    "userinfo_encrypted_response_enc",
                    self.userinfo_encrypted_response_enc.as_deref(),
                ),
            )?,
        };
        // Anyone can encrypt to a public key: what is only encrypted vouches for nothing.
        if answers.userinfo_encryption.is_some() && answers.userinfo_alg.is_none() {
            return Err(invalid(
                "userinfo_signed_response_alg",
                Rule::NeededWith.of("userinfo_encrypted_response_alg"),
            ));
        }
        Ok(answers)
    }

    fn checked_levels(&self) -> Checked<Vec<Acr>> {
        let mut levels = self.levels.clone().unwrap_or_else(|| vec![Acr::Eidas1]);
        levels.sort_unstable();
        levels.dedup();
        if levels.is_empty() {
            return Err(invalid("levels", Rule::OneLevel));
        }
        Ok(levels)
    }

    fn opening(&self) -> Checked<Opening> {
        let opening = Opening {
            opens: parsed("opens", self.opens.as_deref())?,
            closes: parsed("closes", self.closes.as_deref())?,
            maintenance: self.maintenance.clone(),
        };
        let is_never_open = matches!(
            (opening.opens, opening.closes),
            (Some(opens), Some(closes)) if closes <= opens
        );
        if is_never_open {
            return Err(invalid("closes", Rule::AfterOpens));
        }
        if let Some(text) = &opening.maintenance {
            in_both_languages("maintenance", &text.fr, &text.en)?;
        }
        Ok(opening)
    }

    fn audience(&self) -> Checked<Audience> {
        let domains = self.email_domains.clone().unwrap_or_default();
        if let Some(domain) = domains.iter().find(|domain| !is_mail_domain(domain)) {
            return Err(invalid(
                "email_domains",
                Rule::MailDomain.of(format_args!("{domain:?}")),
            ));
        }
        Ok(Audience {
            clients: self.clients.clone(),
            sandbox: self.sandbox.unwrap_or_default(),
            email_domains: domains,
        })
    }

    fn display(&self) -> Checked<Display> {
        if let Some(text) = &self.warning {
            in_both_languages("warning", &text.fr, &text.en)?;
            let more = text.more_info_uri.as_ref();
            web_url("warning", more.map(Url::as_str))?;
        }
        Ok(Display {
            displayed: self.displayed.unwrap_or(true),
            logo_uri: web_url("logo_uri", self.logo_uri.as_deref())?,
            beta: self.beta.unwrap_or(false),
            unavailable: self.unavailable.unwrap_or_default(),
            warning: self.warning.clone(),
        })
    }

    fn secret(
        &self,
        provider: &Provider,
        known: Option<&Provider>,
        mut seal: impl FnMut(&str) -> Sealed,
    ) -> Checked<Option<Sealed>> {
        if !provider.authentication.takes_secret() {
            return Ok(None);
        }
        if let Some(secret) = self
            .client_secret
            .as_deref()
            .filter(|text| !text.is_empty())
        {
            return Ok(Some(seal(secret)));
        }
        let kept = known.filter(|known| known.client_secret.is_some());
        match kept {
            Some(known) if goes_to_the_same(provider, known) => Ok(known.client_secret.clone()),
            Some(_) => Err(invalid("client_secret", Rule::GivenAgain)),
            None => Err(invalid("client_secret", Rule::MethodNeedsOne)),
        }
    }
}

/// Whether a secret kept for `known` goes to the same address as before, for the same client.
fn goes_to_the_same(provider: &Provider, known: &Provider) -> bool {
    provider.issuer == known.issuer
        && provider.endpoints == known.endpoints
        && provider.client_id == known.client_id
}

fn pushed_where_it_can_be(provider: &Provider) -> Checked<()> {
    let has_nowhere = matches!(
        &provider.endpoints,
        Endpoints::Static(endpoints) if endpoints.pushed_authorization_request.is_none()
    );
    if provider.requests.pushed && has_nowhere {
        return Err(invalid(
            "pushed_authorization_request_endpoint",
            Rule::NeededWith.of("require_pushed_authorization_requests"),
        ));
    }
    Ok(())
}

fn levels_fit(provider: &Provider) -> Checked<()> {
    let mut mapped = provider.acr_map.values();
    match mapped.find(|level| !provider.levels.contains(level)) {
        Some(level) => Err(invalid("acr_map", Rule::NotAmongLevels.of(level))),
        None => Ok(()),
    }
}

/// Rules make claims that the hub knows, or the `acr` and `amr` that are judged after; never a name
/// that a token's own members have (threat N-17).
fn mapping_is_ours(provider: &Provider) -> Checked<()> {
    for (claim, rule) in &provider.claims_mapping {
        let may_be_made = ["acr", "amr"].contains(&claim.as_str())
            || claim.parse().is_ok_and(Claim::is_a_providers);
        if !may_be_made {
            let reason = Rule::NotToBeMade.of(format_args!("{claim:?}"));
            return Err(invalid("claims_mapping", reason));
        }
        if rule.trim().is_empty() || rule.len() > RULE_BYTES {
            let reason = Rule::RuleLength.of(claim);
            return Err(invalid("claims_mapping", reason));
        }
    }
    Ok(())
}

fn asymmetric(member: &'static str, value: Option<&str>) -> Checked<Option<JwsAlgName>> {
    match parsed::<JwsAlgName>(member, value)? {
        Some(alg) if alg.is_hmac() => Err(invalid(member, Rule::AsymmetricAlgorithm)),
        alg => Ok(alg),
    }
}

fn in_both_languages(member: &'static str, fr: &str, en: &str) -> Checked<()> {
    let is_text = |text: &str| !text.trim().is_empty() && text.len() <= TEXT_BYTES;
    if is_text(fr) && is_text(en) {
        Ok(())
    } else {
        Err(invalid(member, Rule::BothLanguages))
    }
}

fn is_mail_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    domain.len() <= 253 && domain.contains('.') && domain.split('.').all(is_label)
}

fn invalid(member: &'static str, reason: impl Into<Reason>) -> InvalidMember {
    InvalidMember::new(member, reason)
}

const SCOPE: &str = "openid profile birth email";
/// The longest rule of a mapping, as `Rule::RuleLength` says it.
const RULE_BYTES: usize = 2000;
/// The longest text that people read, as `Rule::BothLanguages` says it.
const TEXT_BYTES: usize = 1000;
