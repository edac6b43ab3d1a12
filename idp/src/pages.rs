//! The provider's own templates, texts and script, to be built into its [`Pages`].
//!
//! [`Pages`]: guichet_web::Pages

use guichet_web::{Locale, PagesBuilder};

/// Adds what this room shows to a set of pages.
#[must_use]
pub fn register(builder: PagesBuilder) -> PagesBuilder {
    builder
        .with_templates(TEMPLATES)
        .with_texts(Locale::French, include_str!("../texts/fr.ftl"))
        .with_texts(Locale::English, include_str!("../texts/en.ftl"))
        .with_asset("passkeys.js", include_bytes!("../assets/passkeys.js"))
}

const TEMPLATES: &[(&str, &str)] = &[
    ("idp/home.html", include_str!("../pages/home.html")),
    ("idp/password.html", include_str!("../pages/password.html")),
    (
        "idp/second_factor.html",
        include_str!("../pages/second_factor.html"),
    ),
    (
        "idp/no_second_factor.html",
        include_str!("../pages/no_second_factor.html"),
    ),
    (
        "idp/passkey_form.html",
        include_str!("../pages/passkey_form.html"),
    ),
    ("idp/security.html", include_str!("../pages/security.html")),
    ("idp/totp.html", include_str!("../pages/totp.html")),
    (
        "idp/add_passkey.html",
        include_str!("../pages/add_passkey.html"),
    ),
];
