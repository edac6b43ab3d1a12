//! The address a person leaves for: the authorization request to a provider (OIDC Core §3.1.2.1).

use std::time::Duration;

use guichet_domain::Acr;
use guichet_domain::provider::ProviderResponseMode;
use guichet_web::Locale;
use openidconnect::core::{CoreAuthPrompt, CoreResponseType};
use openidconnect::{
    AuthenticationContextClass, AuthenticationFlow, CsrfToken, LanguageTag, LoginHint, Nonce,
    PkceCodeChallenge, PkceCodeVerifier, Scope,
};
use serde_json::Value;
use url::Url;

use super::means::Means;
use super::{ProviderFailure, Upstream};

/// What is asked of the provider.
pub(crate) struct Departure<'a> {
    /// Goes there and comes back.
    pub(crate) state: String,
    /// Must stand in the ID token.
    pub(crate) nonce: String,
    /// Of which only the challenge leaves (RFC 7636).
    pub(crate) verifier: String,
    /// The level the service needs.
    pub(crate) required: Acr,
    /// Whether the person must sign in anew.
    pub(crate) fresh: bool,
    /// How long ago they may have signed in at most.
    pub(crate) max_age: Option<Duration>,
    /// Who the service believes they are.
    pub(crate) login_hint: Option<&'a str>,
    /// The language they read.
    pub(crate) locale: Locale,
}

impl Upstream {
    /// Where to send the browser; the request itself goes ahead where the provider wants it pushed.
    pub(crate) async fn departure(
        &self,
        departure: Departure<'_>,
        means: &Means,
    ) -> Result<Url, ProviderFailure> {
        let request = self.request(departure);
        if self.record.requests.pushed || self.addresses.requires_pushed {
            self.pushed(&request, means).await
        } else {
            Ok(request)
        }
    }

    fn request(&self, departure: Departure<'_>) -> Url {
        let (state, nonce) = (departure.state, departure.nonce);
        let verifier = PkceCodeVerifier::new(departure.verifier);
        let mut request = self
            .client
            .authorize_url(
                AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
                move || CsrfToken::new(state),
                move || Nonce::new(nonce),
            )
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .add_ui_locale(LanguageTag::new(departure.locale.tag().to_owned()));
        // The crate adds `openid` by itself.
        let scopes = self
            .record
            .scope
            .split(' ')
            .filter(|scope| !["", "openid"].contains(scope));
        request = request.add_scopes(scopes.map(|scope| Scope::new(scope.to_owned())));
        for value in self.record.acr_values_for(departure.required) {
            let value = AuthenticationContextClass::new(value.to_owned());
            request = request.add_auth_context_value(value);
        }
        for prompt in self.prompts(departure.fresh) {
            request = request.add_prompt(prompt);
        }
        let asks = &self.record.requests;
        if let Some(claims) = &asks.claims {
            let claims = Value::Object(claims.clone()).to_string();
            request = request.add_extra_param("claims", claims);
        }
        if asks.response_mode == ProviderResponseMode::FormPost {
            request = request.add_extra_param("response_mode", "form_post");
        }
        if let Some(max_age) = departure.max_age {
            request = request.set_max_age(max_age);
        }
        if let Some(hint) = departure.login_hint {
            request = request.set_login_hint(LoginHint::new(hint.to_owned()));
        }
        request.url().0
    }

    /// What the record always asks, and a sign-in anew where the service or the last try calls for it.
    fn prompts(&self, fresh: bool) -> Vec<CoreAuthPrompt> {
        let asked = &self.record.requests.prompt;
        let mut prompts: Vec<CoreAuthPrompt> = asked
            .iter()
            .filter_map(|prompt| match prompt.as_str() {
                "login" => Some(CoreAuthPrompt::Login),
                "consent" => Some(CoreAuthPrompt::Consent),
                "select_account" => Some(CoreAuthPrompt::SelectAccount),
                _ => None,
            })
            .collect();
        if fresh && !prompts.contains(&CoreAuthPrompt::Login) {
            prompts.push(CoreAuthPrompt::Login);
        }
        prompts
    }
}
