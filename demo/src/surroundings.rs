//! What the binary hands to every member of the cast.

use std::path::PathBuf;
use std::sync::Arc;

use guichet_domain::{Clock, Entropy};
use guichet_web::{Accent, Brand, Emblem, FormAction, Outgoing, Pages, PagesSettings};
use url::Url;

use crate::cast::{Addresses, Member};
use crate::{DemoError, own};

/// Where everybody is, and what may not be reached for directly: time, randomness, the network.
#[derive(Clone)]
pub struct Surroundings {
    /// The addresses of the whole cast.
    pub addresses: Arc<Addresses>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// The client for outgoing requests; its policy must allow loopback.
    pub outgoing: Outgoing,
    /// A deployer's theme folder, as for every other page.
    pub theme_dir: Option<PathBuf>,
}

impl Surroundings {
    /// The pages of one member, in its own colour, with the banner that says all is fictional.
    pub(crate) fn pages(&self, member: Member, accent: Accent) -> Result<Pages, DemoError> {
        let emblem = match member {
            Member::Hub => Emblem::Guichet,
            _ => Emblem::Initial,
        };
        let settings = PagesSettings {
            brand: Brand::new(member.name())
                .accent(accent)
                .emblem(emblem)
                .demo(),
            public_url: Url::parse(self.addresses.of(member))?,
            theme_dir: self.theme_dir.clone(),
            form_action: FormAction::Leaving,
            entropy: Arc::clone(&self.entropy),
        };
        Ok(own::add_to(Pages::builder(settings)).build()?)
    }
}
