//! The address a person leaves for: the authorization request to a provider (OIDC Core §3.1.2.1).

use std::time::Duration;

use guichet_domain::Acr;
use guichet_web::Locale;
use openidconnect::core::{CoreAuthPrompt, CoreResponseType};
use openidconnect::{
    AuthenticationContextClass, AuthenticationFlow, CsrfToken, LanguageTag, LoginHint, Nonce,
    PkceCodeChallenge, PkceCodeVerifier, Scope,
};
use url::Url;

use super::Upstream;

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
    /// Where to send the browser.
    pub(crate) fn departure(&self, departure: Departure<'_>) -> Url {
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
        if departure.fresh {
            request = request.add_prompt(CoreAuthPrompt::Login);
        }
        if let Some(max_age) = departure.max_age {
            request = request.set_max_age(max_age);
        }
        if let Some(hint) = departure.login_hint {
            request = request.set_login_hint(LoginHint::new(hint.to_owned()));
        }
        request.url().0
    }
}
