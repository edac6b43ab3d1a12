//! Forms that only the browser they were given to can post, once each for what they were given for.
//!
//! A token is a MAC over the browser's identity and the form's purpose: a token of another browser,
//! another form or another login is refused. That a step is taken once is the store's matter: the
//! second of two posts finds that the login has moved on.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::BrowserId;
use http::header::{HeaderName, ORIGIN};
use http::{HeaderMap, StatusCode};
use url::Url;

use crate::PageError;

/// Makes and checks the hidden field of forms.
#[derive(Clone)]
pub struct Csrf {
    key: hmac::Key,
    origin: String,
}

/// What a form is for: its name, and the login, account or record it acts on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Purpose<'a> {
    /// The form, such as `consent`.
    pub form: &'static str,
    /// What it acts on, such as the login's identifier; empty when the form stands alone.
    pub subject: &'a str,
}

/// Why a post is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CsrfRefusal {
    /// The browser says that the form was on another site.
    #[error("the form was posted from another site")]
    CrossSite,
    /// The browser sent no identity to which the form could belong.
    #[error("the browser has no identity")]
    NoBrowser,
    /// The token is missing, malformed, or of another browser, form or subject.
    #[error("the form's token does not fit")]
    Token,
}

impl Csrf {
    /// With a key used for nothing else, and the public address whose origin forms come from.
    pub fn new(key: [u8; 32], public_url: &Url) -> Self {
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, &key),
            origin: public_url.origin().ascii_serialization(),
        }
    }

    /// The value of the hidden field `csrf`: 43 characters of base64url.
    pub fn token(&self, browser: &BrowserId, purpose: Purpose<'_>) -> String {
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.key, &message(browser, purpose)))
    }

    /// Checks a post: where the browser says it comes from, then the token, in constant time.
    pub fn verify(
        &self,
        headers: &HeaderMap,
        browser: Option<&BrowserId>,
        purpose: Purpose<'_>,
        token: &str,
    ) -> Result<(), CsrfRefusal> {
        self.check_source(headers)?;
        let browser = browser.ok_or(CsrfRefusal::NoBrowser)?;
        let tag = URL_SAFE_NO_PAD
            .decode(token)
            .map_err(|_| CsrfRefusal::Token)?;
        hmac::verify(&self.key, &message(browser, purpose), &tag).map_err(|_| CsrfRefusal::Token)
    }

    /// The same, for whoever answers with a page: the log has the form's name and what was wrong.
    pub fn check(
        &self,
        headers: &HeaderMap,
        browser: Option<&BrowserId>,
        purpose: Purpose<'_>,
        token: &str,
    ) -> Result<(), PageError> {
        let checked = self.verify(headers, browser, purpose, token);
        checked.map_err(|refusal| {
            tracing::info!(form = purpose.form, %refusal, "a form was refused");
            PageError::new(StatusCode::FORBIDDEN, "error-form-refused")
        })
    }

    /// What the browser itself says: `Sec-Fetch-Site` if it knows it, else `Origin`. A page cannot
    /// set either. Another port of the same host is `same-site` and refused too.
    pub fn check_source(&self, headers: &HeaderMap) -> Result<(), CsrfRefusal> {
        let believed = match (headers.get(FETCH_SITE), headers.get(ORIGIN)) {
            (Some(site), _) => site == "same-origin" || site == "none",
            (None, Some(origin)) => origin == self.origin.as_str(),
            (None, None) => true,
        };
        if believed {
            Ok(())
        } else {
            Err(CsrfRefusal::CrossSite)
        }
    }
}

impl From<CsrfRefusal> for PageError {
    fn from(refusal: CsrfRefusal) -> Self {
        tracing::info!(%refusal, "a form was refused");
        match refusal {
            CsrfRefusal::CrossSite | CsrfRefusal::Token => {
                Self::new(StatusCode::FORBIDDEN, "error-form-refused")
            }
            CsrfRefusal::NoBrowser => Self::new(StatusCode::BAD_REQUEST, "error-session-lost"),
        }
    }
}

impl<'a> Purpose<'a> {
    /// The form `form` acting on `subject`.
    pub const fn new(form: &'static str, subject: &'a str) -> Self {
        Self { form, subject }
    }
}

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Length-prefixed, so that no two purposes read the same.
fn message(browser: &BrowserId, purpose: Purpose<'_>) -> Vec<u8> {
    let mut message = b"guichet form 1".to_vec();
    for field in [
        browser.as_bytes().as_slice(),
        purpose.form.as_bytes(),
        purpose.subject.as_bytes(),
    ] {
        message.extend((field.len() as u64).to_be_bytes());
        message.extend(field);
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    const BROWSER: BrowserId = BrowserId::from_bytes([1; 16]);
    const CONSENT: Purpose<'static> = Purpose::new("consent", "login-1");

    fn csrf() -> Csrf {
        Csrf::new([7; 32], &Url::parse("https://hub.example/api/v2").unwrap())
    }

    fn from(name: &'static str, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(HeaderName::from_static(name), value.parse().unwrap())])
    }

    #[test]
    fn a_form_is_believed_from_its_own_browser_for_its_own_purpose_only() {
        let csrf = csrf();
        let token = csrf.token(&BROWSER, CONSENT);
        let verify = |browser: Option<&BrowserId>, purpose, token: &str| {
            csrf.verify(&HeaderMap::new(), browser, purpose, token)
        };
        assert_eq!(verify(Some(&BROWSER), CONSENT, &token), Ok(()));
        let other = BrowserId::from_bytes([2; 16]);
        assert_eq!(
            verify(Some(&other), CONSENT, &token),
            Err(CsrfRefusal::Token)
        );
        assert_eq!(verify(None, CONSENT, &token), Err(CsrfRefusal::NoBrowser));
        for purpose in [
            Purpose::new("consent", "login-2"),
            Purpose::new("choose", "login-1"),
        ] {
            assert_eq!(
                verify(Some(&BROWSER), purpose, &token),
                Err(CsrfRefusal::Token)
            );
        }
        for forged in ["", "AAAA", "é", &token[1..], &format!("{token}A")] {
            assert_eq!(
                verify(Some(&BROWSER), CONSENT, forged),
                Err(CsrfRefusal::Token)
            );
        }
    }

    #[test]
    fn fields_cannot_be_shifted_into_one_another() {
        let csrf = csrf();
        let one = csrf.token(&BROWSER, Purpose::new("ab", "c"));
        assert_ne!(one, csrf.token(&BROWSER, Purpose::new("a", "bc")));
    }

    #[test]
    fn a_post_that_the_browser_calls_cross_site_is_refused_whatever_its_token() {
        let csrf = csrf();
        let token = csrf.token(&BROWSER, CONSENT);
        let verify = |headers| csrf.verify(&headers, Some(&BROWSER), CONSENT, &token);
        assert_eq!(verify(from("sec-fetch-site", "same-origin")), Ok(()));
        assert_eq!(verify(from("origin", "https://hub.example")), Ok(()));
        for foreign in [
            from("sec-fetch-site", "cross-site"),
            from("sec-fetch-site", "same-site"),
            from("origin", "null"),
            from("origin", "https://hub.example.evil"),
            from("origin", "http://hub.example"),
        ] {
            assert_eq!(verify(foreign), Err(CsrfRefusal::CrossSite));
        }
    }
}
