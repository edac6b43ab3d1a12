//! The pages of the hub: its own, the broker's and the portal's, in the dress of the house.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use guichet_admin::onboarding::{PUBLIC_TEMPLATES, PUBLIC_TEXTS_EN, PUBLIC_TEXTS_FR};
use guichet_domain::Entropy;
use guichet_keys::SystemEntropy;
use guichet_web::{Accent, Brand, Emblem, FormAction, Locale, Pages, PagesSettings};

use super::HubOptions;

/// Builds the pages and throws them away: what is wrong with a theme shows here.
pub(crate) fn check_pages(options: &HubOptions) -> Result<()> {
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
    hub_pages(&entropy, options).map(drop)
}

pub(super) fn hub_pages(entropy: &Arc<dyn Entropy>, options: &HubOptions) -> Result<Pages> {
    let brand = Brand::new(options.name.clone())
        .accent(Accent::Ink)
        .emblem(Emblem::Guichet)
        .assistance(options.assistance.clone());
    let builder = Pages::builder(PagesSettings {
        brand: if options.demo { brand.demo() } else { brand },
        public_url: options.issuer.clone(),
        theme_dir: options.theme.clone(),
        form_action: FormAction::Leaving,
        entropy: Arc::clone(entropy),
    });
    let builder = guichet_portal::ASSETS
        .iter()
        .fold(builder, |builder, (name, content)| {
            builder.with_asset(name, content)
        });
    guichet_broker::pages::with_pages(builder)
        .with_templates(guichet_portal::TEMPLATES)
        .with_templates(guichet_admin::STATISTICS_TEMPLATES)
        .with_texts(Locale::French, guichet_admin::STATISTICS_TEXTS_FR)
        .with_texts(Locale::English, guichet_admin::STATISTICS_TEXTS_EN)
        .with_templates(PUBLIC_TEMPLATES)
        .with_texts(Locale::French, PUBLIC_TEXTS_FR)
        .with_texts(Locale::English, PUBLIC_TEXTS_EN)
        .with_texts(Locale::French, guichet_portal::TEXTS_FR)
        .with_texts(Locale::English, guichet_portal::TEXTS_EN)
        .build()
        .context("the pages do not build; look at the theme folder")
}
