//! A citizen in the middle of a procedure of the demo, with a real browser. Every page they come to is judged.

use anyhow::{Result, ensure};
use guichet_integration_tests::browser::Screen;
use guichet_integration_tests::citizens::Citizen;
use guichet_integration_tests::journey::{Control, View};
use guichet_integration_tests::{Browser, Demo, Hands as _, controls};
use serde_json::json;

use crate::login::COMPTE_CITOYEN;

/// The citizen and where they are.
pub(super) struct Walk {
    pub(super) demo: Demo,
    pub(super) browser: Browser,
    /// Whether axe judges, which is a script itself.
    judges: bool,
}

impl Walk {
    /// The cast, and a browser that reads `language`.
    pub(super) async fn start(language: &str) -> Result<Self> {
        Self::in_cast(Demo::start().await?, language).await
    }

    /// The same in a cast that is there already.
    pub(super) async fn in_cast(demo: Demo, language: &str) -> Result<Self> {
        let browser = Browser::start().await?;
        browser.devtools("Network.enable", json!({})).await?;
        let headers = json!({ "headers": { "Accept-Language": language } });
        browser
            .devtools("Network.setExtraHTTPHeaders", headers)
            .await?;
        Ok(Self {
            demo,
            browser,
            judges: true,
        })
    }

    /// From now on pages run no script.
    pub(super) async fn switch_script_off(&mut self) -> Result<()> {
        self.judges = false;
        self.browser.switch_script_off().await
    }

    /// From now on the pages are on a phone.
    pub(super) async fn take_a_phone(&self) -> Result<()> {
        self.browser.use_screen(Screen::Phone).await
    }

    /// Signs in at a service, whose page is the one at hand then.
    pub(super) async fn sign_in(&mut self, service: &str, citizen: &Citizen) -> Result<View> {
        let address = self.demo.service(service).to_owned();
        let journey = self.browser.visit(&address).sign_in_with(COMPTE_CITOYEN);
        journey.as_citizen(citizen).agree().land().await?;
        self.look().await
    }

    /// "Récupérer mon justificatif": to the hub's question.
    pub(super) async fn ask(&mut self) -> Result<View> {
        self.press("fetch-evidence").await?;
        self.press("accept").await
    }

    /// To the very values, for the first time at whoever holds them: there the citizen signs in once.
    pub(super) async fn look_for_the_first_time(&mut self) -> Result<View> {
        self.press("look").await?;
        self.press("link").await?;
        self.press("accept").await
    }

    /// Presses a control; the page it leads to.
    pub(super) async fn press(&mut self, id: &'static str) -> Result<View> {
        self.browser.here().press(Control::Id(id)).await?;
        self.look().await
    }

    /// Opens an address.
    pub(super) async fn open(&mut self, address: &str) -> Result<View> {
        self.browser.open(address).await?;
        self.look().await
    }

    /// The page at hand: it fits the screen, and axe has nothing against it.
    pub(super) async fn look(&mut self) -> Result<View> {
        let view = self.browser.look().await?;
        if self.judges {
            self.browser.must_be_accessible().await?;
        }
        let overflow = self.browser.overflow().await?;
        ensure!(overflow <= 0, "{overflow} pixels too wide: {view}");
        Ok(view)
    }

    /// The citizen's list of what they decided.
    pub(super) async fn account(&mut self) -> Result<View> {
        self.open(&self.demo.hub("/account/data")).await
    }

    /// Fails unless the page at hand is the service's.
    pub(super) fn must_be_at(&self, service: &str, view: &View) -> Result<()> {
        let address = self.demo.service(service);
        ensure!(
            view.url.as_str().starts_with(address),
            "not at {service}: {view}"
        );
        let who = view.document().by_id(controls::SHOWN_NAME).is_some();
        ensure!(who, "nobody is signed in: {view}");
        Ok(())
    }
}

/// Whether there is an element of that `id`.
pub(super) fn has(view: &View, id: &str) -> bool {
    view.document().by_id(id).is_some()
}
