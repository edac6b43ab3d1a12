//! The templates, texts and assets that every instance has, compiled into the binary.

use crate::Locale;

/// Layout, components and the pages that rooms share.
pub(crate) const OWN_TEMPLATES: &[(&str, &str)] = &[
    ("layout.html", include_str!("../templates/layout.html")),
    (
        "components.html",
        include_str!("../templates/components.html"),
    ),
    ("error.html", include_str!("../templates/error.html")),
    ("message.html", include_str!("../templates/message.html")),
    ("confirm.html", include_str!("../templates/confirm.html")),
    (
        "signed_out.html",
        include_str!("../templates/signed_out.html"),
    ),
    (
        "form_post.html",
        include_str!("../templates/form_post.html"),
    ),
    (
        "accessibility.html",
        include_str!("../templates/accessibility.html"),
    ),
    ("help.html", include_str!("../templates/help.html")),
];

/// Their words.
pub(crate) const OWN_TEXTS: &[(Locale, &str)] = &[
    (Locale::French, include_str!("../texts/fr/common.ftl")),
    (Locale::French, include_str!("../texts/fr/errors.ftl")),
    (Locale::French, include_str!("../texts/fr/pages.ftl")),
    (Locale::English, include_str!("../texts/en/common.ftl")),
    (Locale::English, include_str!("../texts/en/errors.ftl")),
    (Locale::English, include_str!("../texts/en/pages.ftl")),
];

/// Style, pictures and the one script that every instance needs.
pub(crate) const OWN_ASSETS: &[(&str, &[u8])] = &[
    ("guichet.css", include_bytes!("../assets/guichet.css")),
    ("theme.css", b""),
    ("logo.svg", include_bytes!("../assets/logo.svg")),
    ("favicon.svg", include_bytes!("../assets/favicon.svg")),
    ("form-post.js", include_bytes!("../assets/form-post.js")),
];

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[expect(
        clippy::disallowed_methods,
        reason = "the test compares with the folder"
    )]
    fn files(folder: &str) -> Vec<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let entries = std::fs::read_dir(folder).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    #[test]
    fn every_file_of_the_folders_is_built_in() {
        for name in files("templates") {
            assert!(
                OWN_TEMPLATES.iter().any(|(known, _)| *known == name),
                "{name}"
            );
        }
        for name in files("assets") {
            assert!(OWN_ASSETS.iter().any(|(known, _)| *known == name), "{name}");
        }
        let texts = files("texts/fr").len() + files("texts/en").len();
        assert_eq!(texts, OWN_TEXTS.len());
    }
}
