//! Signing in to the account: as at any service, since the account is a client of the hub like any other.
//! All it wants is the hub's session; the code that comes back is never redeemed.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::Acr;
use guichet_web::Query;
use serde::Deserialize;
use url::form_urlencoded::Serializer;

use crate::Portal;
use crate::account::tidy;
use crate::not_me::LONGEST_CODE;

/// The account's `client_id` at the hub.
pub const CLIENT_ID: &str = "guichet-account";

/// Where the hub sends the browser back to, relative to the issuer.
pub const RETURN_PATH: &str = "/account/signed-in";

/// The same for a sign-in that is to open again an identity that its person froze.
pub const THAW_RETURN_PATH: &str = "/account/thawed";

/// Where in the account a sign-in was begun, and leads back to.
#[derive(Default, Deserialize)]
pub(crate) struct From {
    #[serde(default)]
    to: String,
    /// The level of a sign-in that is to be fresh, whoever is signed in already.
    #[serde(default)]
    level: String,
    /// The code of a visit that the page was opened with.
    #[serde(default)]
    code: String,
}

impl From {
    /// The page.
    pub(crate) fn page(&self) -> Page {
        Page::named(&self.to)
    }
}

/// `GET /account/sign-in`
pub(crate) async fn begin(State(portal): State<Portal>, Query(from): Query<From>) -> Response {
    let secret = || URL_SAFE_NO_PAD.encode(portal.entropy.bytes32());
    let page = from.page();
    let fresh: Option<Acr> = from.level.parse().ok();
    let state = state_of(page, &secret(), &from.code);
    let mut query = Serializer::new(String::new());
    if matches!(page, Page::Thawed) || fresh.is_some() {
        // Providers are to look who is there, whoever signed in at them before.
        query.append_pair("prompt", "login");
    }
    if let Some(level) = fresh {
        query.append_pair("acr_values", level.as_str());
    }
    let query = query
        .append_pair("client_id", CLIENT_ID)
        .append_pair("response_type", "code")
        .append_pair("scope", "openid")
        .append_pair(
            "redirect_uri",
            &format!("{}{}", portal.engine.issuer(), page.return_path()),
        )
        .append_pair("state", &state)
        .append_pair("nonce", &secret())
        // The verifier is thrown away here: whoever finds the code has no use for it either.
        .append_pair("code_challenge", &guichet_keys::pkce_s256(&secret()))
        .append_pair("code_challenge_method", "S256")
        .finish();
    Redirect::to(&portal.path(&format!("/authorize?{query}"))).into_response()
}

/// What comes back; only which page the person was on is of any use.
#[derive(Default, Deserialize)]
pub(crate) struct Back {
    #[serde(default)]
    state: String,
}

/// `GET /account/signed-in`: whoever comes here has a session or has none, whatever the address says.
pub(crate) async fn returned(State(portal): State<Portal>, Query(back): Query<Back>) -> Response {
    Redirect::to(&portal.path(&path_of(&back.state))).into_response()
}

/// What is sent along: the page, a secret, and the code of a visit that it was opened with, where there is one.
fn state_of(page: Page, secret: &str, code: &str) -> String {
    let code = code_of(code);
    format!("{}.{secret}.{code}", page.name())
}

/// Where what was sent along leads. A code does nothing but fill in a field.
fn path_of(state: &str) -> String {
    let mut parts = state.split('.');
    let page = Page::named(parts.next().unwrap_or_default());
    let code = code_of(parts.nth(1).unwrap_or_default());
    match page {
        Page::NotMe if !code.is_empty() => format!("{}?code={code}", page.path()),
        _ => page.path().to_owned(),
    }
}

/// A code of a visit, as an address may hold it.
fn code_of(typed: &str) -> String {
    tidy(typed, LONGEST_CODE).replace(' ', "")
}

/// The pages that ask for a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    Home,
    Requests,
    Sessions,
    Data,
    History,
    NotMe,
    Thawed,
    Ways,
    Rights,
    Close,
    Support,
}

impl Page {
    const ALL: [Self; 11] = [
        Self::Home,
        Self::Requests,
        Self::Sessions,
        Self::Data,
        Self::History,
        Self::NotMe,
        Self::Thawed,
        Self::Ways,
        Self::Rights,
        Self::Close,
        Self::Support,
    ];

    /// The page of this name; what is no page of ours leads to the front door.
    pub(crate) fn named(name: &str) -> Self {
        let mut named = Self::ALL.into_iter().filter(|page| page.name() == name);
        named.next().unwrap_or(Self::Home)
    }

    /// The last part of its path.
    pub(crate) fn name(self) -> &'static str {
        let path = self.path();
        path.rsplit('/').next().unwrap_or(path)
    }

    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Home => "/account",
            Self::Requests => "/account/requests",
            Self::Sessions => "/account/sessions",
            Self::Data => "/account/data",
            Self::History => "/account/history",
            Self::NotMe => "/account/not-me",
            Self::Thawed => THAW_RETURN_PATH,
            Self::Ways => "/account/ways",
            Self::Rights => "/account/rights",
            Self::Close => "/account/close",
            Self::Support => "/account/support",
        }
    }

    /// Where the hub sends the browser back to.
    const fn return_path(self) -> &'static str {
        match self {
            Self::Thawed => THAW_RETURN_PATH,
            _ => RETURN_PATH,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_signs_in_comes_back_to_the_page_they_were_on_and_else_to_the_front_door() {
        for page in Page::ALL {
            assert_eq!(Page::named(page.name()), page);
        }
        assert_eq!(Page::named("not-me").path(), "/account/not-me");
        for stranger in ["", "device", "../evil", "//evil.example"] {
            assert_eq!(Page::named(stranger).path(), "/account", "{stranger}");
        }
    }

    #[test]
    fn the_code_of_a_notice_is_there_again_after_the_sign_in_and_nothing_else_is() {
        let state = state_of(Page::NotMe, "c2VjcmV0", "ABCD-2345-WXYZ");
        assert_eq!(path_of(&state), "/account/not-me?code=ABCD-2345-WXYZ");
        for (page, code) in [(Page::NotMe, ""), (Page::Data, "ABCD-2345-WXYZ")] {
            assert_eq!(path_of(&state_of(page, "c2VjcmV0", code)), page.path());
        }
        let strange = state_of(Page::NotMe, "c2VjcmV0", "&to=//evil.example/#<b>");
        assert_eq!(path_of(&strange), "/account/not-me?code=toevilexampleb");
        assert_eq!(path_of("not-me"), "/account/not-me");
    }
}
