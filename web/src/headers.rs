//! The headers that tell a browser what a page of ours may do: as little as possible.
//!
//! `form-action` deserves a word. Chromium checks it on every redirect that follows a form, and the
//! forms of a login are answered by a 303 that may lead to a provider, then to a service, then
//! wherever that service sends people. A list of origins cannot foresee that chain, so an instance
//! on the path of a login ([`FormAction::Leaving`]) allows `https:`, and `http:` only when it is on
//! http itself, as the demo is. It still keeps forms from other schemes and from a downgrade. An
//! instance whose forms stay at home ([`FormAction::Local`]) allows `'self'` only.
//!
//! `Referrer-Policy` is `same-origin`, not `no-referrer`: nothing leaves this origin under either,
//! but under `no-referrer` browsers send `Origin: null` with our own forms (Fetch §3.2.5), which
//! would blind the same-origin check of [`crate::Csrf`].

use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderValue};

use crate::PageContext;

/// Where the forms of an instance may lead, redirects included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FormAction {
    /// Forms are posted here and answered here: accounts, consoles.
    #[default]
    Local,
    /// Forms are posted here but the redirects that follow leave: every step of a login.
    Leaving,
}

/// What the headers of one instance have in common.
#[derive(Clone, Debug)]
pub(crate) struct Security {
    pub(crate) https: bool,
    pub(crate) form_action: FormAction,
}

impl Security {
    /// The policy of one page. Nothing inline, nothing from elsewhere, in no one's frame.
    pub(crate) fn content_security_policy(&self, page: &PageContext) -> HeaderValue {
        let mut policy = String::from("default-src 'none'; style-src 'self'; img-src 'self'");
        if page.script.is_some() {
            policy.push_str("; script-src 'self'");
        }
        if page.manifest.is_some() {
            policy.push_str("; manifest-src 'self'");
        }
        if page.connects {
            policy.push_str("; connect-src 'self'");
        }
        if !page.frame_origins.is_empty() {
            policy.push_str("; frame-src");
            push_sources(&mut policy, &page.frame_origins);
        }
        policy.push_str("; form-action 'self'");
        if self.form_action == FormAction::Leaving {
            policy.push_str(" https:");
            if !self.https {
                policy.push_str(" http:");
            }
        }
        push_sources(&mut policy, &page.form_origins);
        policy.push_str("; base-uri 'none'; frame-ancestors 'none'");
        HeaderValue::try_from(policy).unwrap_or(NOTHING)
    }

    /// Puts on `headers` whatever a handler has not decided itself.
    pub(crate) fn complete(&self, headers: &mut HeaderMap) {
        let defaults = [
            (CONTENT_SECURITY_POLICY, NOTHING),
            (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
            (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
            (OPENER_POLICY, HeaderValue::from_static("same-origin")),
            (RESOURCE_POLICY, HeaderValue::from_static("same-origin")),
            (PERMISSIONS_POLICY, HeaderValue::from_static(PERMISSIONS)),
            (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        ];
        // Once, instead of again and again as they fill.
        headers.reserve(defaults.len() + 1);
        for (name, value) in defaults {
            headers.entry(name).or_insert(value);
        }
        if self.https {
            headers
                .entry(STRICT_TRANSPORT_SECURITY)
                .or_insert(HeaderValue::from_static("max-age=63072000"));
        }
    }
}

/// For answers that are no pages.
const NOTHING: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");

/// Everything off but passkeys, and those for ourselves only.
const PERMISSIONS: &str = "accelerometer=(), browsing-topics=(), camera=(), display-capture=(), \
    geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=(), \
    publickey-credentials-create=(self), publickey-credentials-get=(self)";

/// Adds the sources that cannot end the directive or start another.
fn push_sources(policy: &mut String, sources: &[String]) {
    let harmless = |source: &&String| {
        !source.is_empty()
            && source
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b":/.-+[]*".contains(&byte))
    };
    for source in sources.iter().filter(harmless) {
        policy.push(' ');
        policy.push_str(source);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Locale;

    const HTTPS: Security = Security {
        https: true,
        form_action: FormAction::Leaving,
    };
    const LOCAL: Security = Security {
        https: true,
        form_action: FormAction::Local,
    };

    fn policy(security: &Security, page: &PageContext) -> String {
        security
            .content_security_policy(page)
            .to_str()
            .unwrap()
            .to_owned()
    }

    #[test]
    fn a_plain_page_may_load_our_style_and_pictures_and_nothing_else() {
        assert_eq!(
            policy(&LOCAL, &PageContext::new(Locale::French)),
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
             base-uri 'none'; frame-ancestors 'none'"
        );
    }

    #[test]
    fn each_liberty_is_given_only_to_the_page_that_asks() {
        let page = PageContext::new(Locale::French).with_connecting_script("passkeys.js");
        let policy = policy(&HTTPS, &page);
        assert!(
            policy.contains("script-src 'self'; connect-src 'self'; form-action 'self' https:;")
        );
        assert!(!policy.contains("unsafe") && !policy.contains("http://"));
    }

    #[test]
    fn a_source_cannot_smuggle_a_directive() {
        let page = PageContext::new(Locale::French).with_form_to("https://a; script-src *");
        assert!(!policy(&LOCAL, &page).contains("script-src"));
    }

    #[test]
    fn answers_are_not_stored_and_strict_transport_is_for_https_only() {
        let mut headers = HeaderMap::new();
        HTTPS.complete(&mut headers);
        assert_eq!(headers[CACHE_CONTROL], "no-store");
        assert!(headers.contains_key(STRICT_TRANSPORT_SECURITY));
        let mut headers = HeaderMap::new();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("public"));
        Security {
            https: false,
            form_action: FormAction::Local,
        }
        .complete(&mut headers);
        assert_eq!(headers[CACHE_CONTROL], "public");
        assert!(!headers.contains_key(STRICT_TRANSPORT_SECURITY));
    }
}
