//! The hub's pages and words, to be brought along when pages are built.

use guichet_web::{Locale, PagesBuilder};

/// Adds the hub's templates and texts.
#[must_use]
pub fn with_pages(builder: PagesBuilder) -> PagesBuilder {
    builder
        .with_templates(&[
            (
                "broker/choose_provider.html",
                include_str!("../pages/choose_provider.html"),
            ),
            ("broker/abandon.html", include_str!("../pages/abandon.html")),
            (
                "broker/provider_warning.html",
                include_str!("../pages/provider_warning.html"),
            ),
            ("broker/status.html", include_str!("../pages/status.html")),
            ("broker/consent.html", include_str!("../pages/consent.html")),
            (
                "broker/evidence_form.html",
                include_str!("../pages/evidence_form.html"),
            ),
            (
                "broker/evidence_asked.html",
                include_str!("../pages/evidence_asked.html"),
            ),
            (
                "broker/evidence_seen.html",
                include_str!("../pages/evidence_seen.html"),
            ),
            (
                "broker/evidence_without.html",
                include_str!("../pages/evidence_without.html"),
            ),
            (
                "broker/evidence_contested.html",
                include_str!("../pages/evidence_contested.html"),
            ),
            (
                "broker/evidence_change.html",
                include_str!("../pages/evidence_change.html"),
            ),
            (
                "broker/evidence_about.html",
                include_str!("../pages/evidence_about.html"),
            ),
            ("broker/barred.html", include_str!("../pages/barred.html")),
            (
                "broker/closed_way.html",
                include_str!("../pages/closed_way.html"),
            ),
            (
                "broker/sign_out.html",
                include_str!("../pages/sign_out.html"),
            ),
        ])
        .with_texts(Locale::French, include_str!("../texts/fr/login.ftl"))
        .with_texts(Locale::French, include_str!("../texts/fr/providers.ftl"))
        .with_texts(Locale::English, include_str!("../texts/en/providers.ftl"))
        .with_texts(Locale::French, include_str!("../texts/fr/evidence.ftl"))
        .with_texts(Locale::English, include_str!("../texts/en/evidence.ftl"))
        .with_texts(Locale::French, include_str!("../texts/fr/refusals.ftl"))
        .with_texts(Locale::French, include_str!("../texts/fr/oauth.ftl"))
        .with_texts(Locale::French, include_str!("../texts/fr/ways.ftl"))
        .with_texts(Locale::English, include_str!("../texts/en/ways.ftl"))
        .with_texts(Locale::French, include_str!("../texts/fr/deferred.ftl"))
        .with_texts(Locale::English, include_str!("../texts/en/deferred.ftl"))
        .with_texts(Locale::English, include_str!("../texts/en/login.ftl"))
        .with_texts(Locale::English, include_str!("../texts/en/refusals.ftl"))
        .with_texts(Locale::English, include_str!("../texts/en/oauth.ftl"))
}

#[cfg(test)]
mod tests {
    use guichet_web::Locale;

    use crate::civil_register::{RegisterRefusal, RegisterUnavailable};
    use crate::login::identify::page_text;
    use crate::login::identify::register::page_text_without;
    use crate::login::tests::pages;
    use guichet_domain::OAuthError;

    #[test]
    fn every_page_of_an_error_says_what_happened_and_what_to_do() {
        let pages = pages();
        let mut texts: Vec<&str> = RegisterRefusal::ALL.into_iter().map(page_text).collect();
        texts.extend(RegisterUnavailable::ALL.into_iter().map(page_text_without));
        texts.extend([
            "login-gone",
            "login-no-cookie",
            "login-elsewhere",
            "login-out-of-order",
            "login-moved-on",
            "login-service-closed",
            "login-session-ended",
            "login-barred",
            "provider-not-allowed",
            "corroboration-contradicted",
            "callback-not-expected",
            "consent-no-decision",
        ]);
        for text in texts {
            for id in [
                text.to_owned(),
                format!("{text}.what"),
                format!("{text}.next"),
            ] {
                for locale in Locale::ALL {
                    assert_ne!(pages.text(locale, &id, &[]), id, "{locale:?}");
                }
            }
        }
    }

    #[test]
    fn every_error_code_is_explained() {
        let pages = pages();
        for code in OAuthError::ALL {
            let id = format!("oauth-{}", code.as_str());
            assert_ne!(pages.text(Locale::English, &id, &[]), id);
        }
    }
}
