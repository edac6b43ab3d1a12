//! The templates and texts of the cast, compiled into the binary.

use guichet_web::{Locale, PagesBuilder};

/// Adds them to what every instance has.
pub(crate) fn add_to(builder: PagesBuilder) -> PagesBuilder {
    let builder = builder.with_templates(TEMPLATES);
    TEXTS.iter().fold(builder, |builder, (locale, ftl)| {
        builder.with_texts(*locale, ftl)
    })
}

const TEMPLATES: &[(&str, &str)] = &[
    (
        "demo/service_home.html",
        include_str!("../pages/service_home.html"),
    ),
    (
        "demo/service_refused.html",
        include_str!("../pages/service_refused.html"),
    ),
    (
        "demo/service_signed_out.html",
        include_str!("../pages/service_signed_out.html"),
    ),
    (
        "demo/data_provider.html",
        include_str!("../pages/data_provider.html"),
    ),
    (
        "demo/data_provider_preview.html",
        include_str!("../pages/data_provider_preview.html"),
    ),
    (
        "demo/service_evidence.html",
        include_str!("../pages/service_evidence.html"),
    ),
    ("demo/register.html", include_str!("../pages/register.html")),
    ("demo/mailbox.html", include_str!("../pages/mailbox.html")),
    ("demo/mail.html", include_str!("../pages/mail.html")),
    ("demo/start.html", include_str!("../pages/start.html")),
];

const TEXTS: &[(Locale, &str)] = &[
    (Locale::French, include_str!("../texts/fr/demo.ftl")),
    (Locale::English, include_str!("../texts/en/demo.ftl")),
];
