//! The tour through the rooms of an account: what stands in them after a while, what the forms there answer, and the
//! account closed and opened again by the link that was mailed.

use anyhow::{Context as _, Result, ensure};
use guichet_integration_tests::citizens::{CAMILLE, LINH};
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::{Hands, wait};
use thirtyfour::prelude::Key;

use super::tour::Tour;
use crate::account::ways::{ADDRESS, mail};

impl Tour {
    /// What a decision on evidence leads to: fields taken away, erasure, receipts.
    pub(super) async fn decided(&mut self) -> Result<()> {
        self.signed_in_at("cantine", &CAMILLE).await?;
        self.ask("cantine").await?;
        self.browser.here().press(Control::Id("look")).await?;
        let linked = self.browser.here().press(Control::Id("link"));
        linked.agree().press(Control::Id("send")).await?;
        let erasure = self.of_a_decision("erase-").await?;
        self.see("data").await?;
        self.visit(&erasure, "data-erasure").await?;
        self.browser.tick("service").await?;
        self.press("ask-erasure", "data-erasure-nobody").await?;
        self.press("ask-erasure", "data-erasure-asked").await?;
        // What was fetched is over.
        let over = erasure.replace("/erasure", "/change");
        self.visit(&over, "data-gone").await?;

        // What is agreed to ahead is not, yet.
        self.signed_in_at("cantine", &LINH).await?;
        self.ask("cantine").await?;
        self.browser.here().press(Control::Id("look")).await?;
        let linked = self.browser.here().press(Control::Id("link"));
        let refused = linked.agree().press(Control::Id("contest"));
        refused.press(Control::Id("continue")).await?;
        self.simulate("famille", "mood-later").await?;
        self.ask("cantine").await?;
        let ahead = self.browser.here().press(Control::Id("look"));
        let ahead = ahead.press(Control::Id("ahead"));
        ahead.press(Control::Id("send")).await?;
        let change = self.of_a_decision("change-").await?;
        self.visit(&change, "data-change").await?;
        self.press("change", "data-change-nothing").await?;

        let receipts = self.demo.hub("/receipts/verify");
        self.visit(&receipts, "receipts-verify").await?;
        self.browser.here().fill("receipt", "no receipt").await?;
        self.browser.press(&Control::Id("receipt-verify")).await?;
        let judged = "!document.getElementById('receipt-fails').hidden";
        wait::until("the browser's word on the receipt", async || {
            (self.browser.evaluate(judged).await.ok()? == true).then_some(())
        })
        .await?;
        self.see("receipts-verify-fails").await?;
        self.visit(&self.demo.hub("/receipts/counts"), "receipts-counts")
            .await?;
        self.visit(&self.demo.hub("/account/support"), "support-none")
            .await
    }

    /// Where a link of the list of decisions leads, once there is one whose `id` begins so.
    async fn of_a_decision(&mut self, id: &str) -> Result<String> {
        let data = self.demo.hub("/account/data");
        let link = format!("document.querySelector('a[id^=\"{id}\"]')?.href");
        wait::until("the decision", async || {
            self.browser.open(&data).await.ok()?;
            let found = self.browser.evaluate(&link).await.ok()?;
            found.as_str().map(str::to_owned)
        })
        .await
    }

    /// The ways in, changed; a way that is closed; and one that is too new to change anything.
    pub(super) async fn ways(&mut self) -> Result<()> {
        let ways = self.demo.hub("/account/ways");
        self.signed_in_at("cantine", &CAMILLE).await?;
        self.visit(&ways, "ways").await?;
        self.browser.tick("close-others").await?;
        self.see("ways-chosen").await?;
        self.press("save", "ways-saved").await?;
        self.give_address().await?;
        self.browser.visit(&ways).await?;
        self.browser.tick("close-identite-postale").await?;
        self.press("save", "ways-one-closed").await?;

        self.begin("cantine").await?;
        let postale = self.browser.here().choose("Identité Postale");
        postale.as_citizen(&CAMILLE).await?;
        self.see("closed-way").await?;

        self.signed_in_at("cantine", &CAMILLE).await?;
        self.browser.visit(&ways).await?;
        self.browser.tick("open-identite-postale").await?;
        self.browser.here().press(Control::Id("save")).await?;
        self.begin("cantine").await?;
        let postale = self.browser.here().choose("Identité Postale");
        postale.as_citizen(&CAMILLE).agree().await?;
        self.browser.visit(&ways).await?;
        self.browser.tick("open-others").await?;
        self.press("save", "again-too-new").await
    }

    /// The link of a notice that was mailed, followed by whoever is signed in nowhere.
    pub(super) async fn freeze_by_notice(&mut self) -> Result<()> {
        let notice = mail(&self.demo, "/account/freeze/").await?;
        let mut words = notice.split_whitespace();
        let link = words.find(|word| word.contains("/account/freeze/"));
        let link = link.with_context(|| format!("no link: {notice}"))?;
        self.forget().await?;
        self.visit(link, "freeze").await?;
        self.press("confirm", "freeze-frozen").await?;
        self.visit(link, "freeze-over").await
    }

    /// An address for alerts, from a code that is wrong to the one that was sent.
    async fn give_address(&mut self) -> Result<()> {
        self.browser.here().fill("email", ADDRESS).await?;
        self.press("give-address", "ways-code-asked").await?;
        self.browser.here().fill("code", "000000").await?;
        self.press("confirm-address", "ways-wrong-code").await?;
        let words = match self.inspection.language() {
            "fr" => "Votre code",
            _ => "Your code",
        };
        let text = mail(&self.demo, words).await?;
        let mut digits = text.split(|letter: char| !letter.is_ascii_digit());
        let code = digits.find(|it| it.len() == 6).context("no code")?;
        self.browser.here().fill("code", code).await?;
        self.press("confirm-address", "ways-confirmed").await
    }

    /// The account closed by whoever gave an address, and the link that opens it again: one that was never made,
    /// the one that was, followed without a mouse, and the same once more.
    pub(super) async fn reopening(&mut self) -> Result<()> {
        self.signed_in_at("cantine", &CAMILLE).await?;
        self.browser.visit(&self.demo.hub("/account/ways")).await?;
        self.give_address().await?;
        self.browser.visit(&self.demo.hub("/account/close")).await?;
        self.browser.tick("understood").await?;
        self.press("confirm", "closed-with-an-address").await?;
        let text = mail(&self.demo, "/account/reopen/").await?;
        let link = text
            .split_whitespace()
            .find(|word| word.contains("/account/reopen/"));
        let link = link.context("no link")?.to_owned();

        self.forget().await?;
        let (path, key) = link.rsplit_once('/').context("no key")?;
        let wrong: String = key.chars().rev().collect();
        self.visit(&format!("{path}/{wrong}"), "reopen-wrong")
            .await?;
        self.visit(&link, "reopen").await?;
        self.browser.open(&link).await?;
        self.browser.tab_to("begin").await?;
        self.browser.strike(Key::Enter).await?;
        self.browser
            .until_at("the choice of providers", |at| at.contains("/login/"))
            .await?;
        self.see("reopen-choose").await?;
        self.sign_in(&CAMILLE).await?;
        self.see("reopened").await?;
        let here = self.browser.look().await?.url;
        ensure!(here.path().ends_with("/account/thawed"), "at {here}");
        self.visit(&link, "reopen-used").await
    }
}
