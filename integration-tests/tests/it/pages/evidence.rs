//! The tour through a decision on evidence: what is asked, what is seen, and every way in which there is
//! nothing to see.

use anyhow::Result;
use guichet_integration_tests::citizens::{CAMILLE, Citizen, LINH};
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::{Hands, controls};

use super::tour::Tour;

impl Tour {
    /// Every page on which a person decides on evidence, and those around it.
    pub(super) async fn evidence(&mut self) -> Result<()> {
        self.contested().await?;
        self.later().await?;
        self.on_a_page_of_its_own().await?;
        self.nothing_to_see().await?;
        for (path, name) in [
            ("/account/ways", "account-ways"),
            ("/account/rights", "account-rights"),
        ] {
            self.visit(&self.demo.hub(path), name).await?;
        }
        self.kept().await
    }

    /// What the account has of it: who can still fetch what, fields taken away, and the history.
    async fn kept(&mut self) -> Result<()> {
        self.signed_in_at("cantine", &CAMILLE).await?;
        let data = self.demo.hub("/account/data");
        self.visit(&data, "account-data").await?;
        self.visit(&format!("{data}?by=holder"), "account-data-by-holder")
            .await?;
        let history = self.demo.hub("/account/history");
        self.visit(&history, "account-history").await?;
        self.visit(
            &format!("{history}?from=&steps=yes"),
            "account-history-steps",
        )
        .await?;
        self.visit(&format!("{history}?to=2020-01-01"), "account-history-empty")
            .await
    }

    /// The first time at Famille: linked once, then seen without another word, and called wrong.
    async fn contested(&mut self) -> Result<()> {
        self.signed_in_at("cantine", &CAMILLE).await?;
        self.see("service-procedure").await?;
        self.ask("cantine").await?;
        self.see("evidence-asked").await?;
        self.press("look", "evidence-needs-link").await?;
        let linked = self.browser.here().press(Control::Id("link"));
        linked.agree().await?;
        self.see("evidence-values").await?;
        self.press("contest", "evidence-contested").await?;
        self.press("continue", "service-evidence-refused").await
    }

    /// Nothing is ready: agreed to ahead, and picked up later.
    async fn later(&mut self) -> Result<()> {
        self.simulate("famille", "mood-later").await?;
        self.see("data-provider-later").await?;
        self.ask("cantine").await?;
        self.browser.here().press(Control::Id("look")).await?;
        self.see("evidence-later").await?;
        self.press("ahead", "evidence-early").await?;
        self.press("send", "service-evidence-awaited").await?;
        self.press("pick-up", "service-evidence-still-awaited")
            .await?;
        self.simulate("famille", "mood-working").await?;
        let cantine = self.demo.service("cantine").to_owned();
        self.browser.open(&cantine).await?;
        self.press("pick-up", "service-evidence-received").await
    }

    /// Seen where it is held.
    async fn on_a_page_of_its_own(&mut self) -> Result<()> {
        self.signed_in_at("carte-grise", &CAMILLE).await?;
        self.ask("carte-grise").await?;
        self.press("look", "evidence-needs-link-or-identity")
            .await?;
        let linked = self.browser.here().press(Control::Id("link"));
        linked.agree().await?;
        self.see("data-provider-preview").await?;
        self.press("back", "evidence-own-page").await?;
        self.press("refuse", "service-evidence-kept").await
    }

    async fn nothing_to_see(&mut self) -> Result<()> {
        for (mood, page) in [
            ("mood-several", "evidence-several"),
            ("mood-down", "evidence-down"),
        ] {
            self.simulate("vehicules", mood).await?;
            self.ask("carte-grise").await?;
            self.press("look", page).await?;
        }
        self.simulate("vehicules", "mood-working").await?;
        self.signed_in_at("carte-grise", &LINH).await?;
        self.ask("carte-grise").await?;
        self.browser.here().press(Control::Id("look")).await?;
        self.press("identify", "evidence-no-match").await
    }

    pub(super) async fn signed_in_at(&mut self, service: &str, citizen: &Citizen) -> Result<()> {
        self.begin(service).await?;
        self.sign_in(citizen).await?;
        self.browser.here().agree().await?;
        Ok(())
    }

    /// At the first page on which the evidence of `service` is asked for.
    pub(super) async fn ask(&mut self, service: &str) -> Result<()> {
        let address = self.demo.service(service).to_owned();
        let asked = self.browser.visit(&address);
        let asked = asked.press(Control::Id("fetch-evidence"));
        asked.press(controls::AGREE).await?;
        Ok(())
    }

    pub(super) async fn simulate(&mut self, provider: &str, mood: &'static str) -> Result<()> {
        let address = self.demo.data_provider(provider)?.to_owned();
        self.browser
            .visit(&address)
            .press(Control::Id(mood))
            .await?;
        Ok(())
    }
}
