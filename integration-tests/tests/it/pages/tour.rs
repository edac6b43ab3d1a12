//! The tour of every page, in parts that do not need one another.

use anyhow::{Context, Result, ensure};
use guichet_integration_tests::citizens::{
    AWA, CAMILLE, Citizen, JEAN, LINH, PASSWORD, PAUL, VICTOR,
};
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::{Browser, Demo, Hands, controls, totp, wait};
use serde_json::json;

use super::inspection::Inspection;

/// The way from page to page, and what is said of each.
pub(super) struct Tour {
    pub(super) demo: Demo,
    pub(super) browser: Browser,
    pub(super) inspection: Inspection,
}

const COMPTE_CITOYEN: &str = "Compte Citoyen";

impl Tour {
    /// Starts the demo, and a browser that reads `language`.
    pub(super) async fn start(language: &'static str, inspection: Inspection) -> Result<Self> {
        let demo = Demo::start().await?;
        let browser = Browser::start().await?;
        let headers = json!({ "headers": { "Accept-Language": language } });
        browser.devtools("Network.enable", json!({})).await?;
        browser
            .devtools("Network.setExtraHTTPHeaders", headers)
            .await?;
        Ok(Self {
            demo,
            browser,
            inspection,
        })
    }

    async fn see(&mut self, name: &str) -> Result<()> {
        self.inspection
            .see(&self.browser, name)
            .await
            .with_context(|| format!("at {name}"))
    }

    async fn visit(&mut self, address: &str, name: &str) -> Result<()> {
        self.browser.open(address).await?;
        self.see(name).await
    }

    async fn forget(&self) -> Result<()> {
        self.browser
            .devtools("Network.clearBrowserCookies", json!({}))
            .await?;
        Ok(())
    }

    async fn press(&mut self, id: &'static str, name: &str) -> Result<()> {
        self.browser.here().press(Control::Id(id)).await?;
        self.see(name).await
    }

    /// At the choice of providers, on the way to `service`, a stranger.
    async fn begin(&mut self, service: &str) -> Result<()> {
        self.forget().await?;
        let address = self.demo.service(service).to_owned();
        self.browser.visit(&address).sign_in().await?;
        Ok(())
    }

    async fn sign_in(&mut self, citizen: &Citizen) -> Result<()> {
        self.browser
            .here()
            .choose(COMPTE_CITOYEN)
            .as_citizen(citizen)
            .await?;
        Ok(())
    }

    /// What anybody may look at.
    pub(super) async fn public(&mut self) -> Result<()> {
        let cast = self.demo.cast.clone();
        for (path, name) in [
            ("/", "start"),
            ("/help", "help"),
            ("/accessibility", "accessibility"),
            ("/account", "account"),
            ("/errors/access_denied", "error-code"),
            ("/nowhere", "error-not-found"),
            ("/authorize?client_id=nobody", "error-unknown-client"),
        ] {
            self.visit(&format!("{}{path}", cast.hub), name).await?;
        }
        self.visit(&cast.admin, "admin-status").await?;
        self.visit(&cast.register, "register").await?;
        self.press("outage-hang", "register-outage").await?;
        self.browser.here().press(Control::Id("outage-off")).await?;
        for (name, address) in &cast.data_providers {
            self.visit(address, &format!("data-provider-{name}"))
                .await?;
        }
        for (name, address) in &cast.services {
            self.visit(address, &format!("service-{name}")).await?;
        }
        self.visit(&cast.mailbox, "mailbox-empty").await
    }

    /// A login from the choice to the sign-out, and what private services and second factors add.
    pub(super) async fn login(&mut self) -> Result<()> {
        self.begin("carte-grise").await?;
        self.see("choose").await?;
        self.browser.here().choose(COMPTE_CITOYEN).await?;
        self.see("idp-password").await?;
        self.browser
            .here()
            .with_credentials(CAMILLE.login, "wrong")
            .await?;
        self.see("idp-password-refused").await?;
        self.press("cancel", "choose-banner").await?;
        self.sign_in(&CAMILLE).await?;
        self.see("consent-informed").await?;
        self.browser.here().agree().await?;
        self.see("service-signed-in").await?;

        let bank = self.demo.service("banque").to_owned();
        self.browser.visit(&bank).sign_in().await?;
        self.see("consent-asked").await?;
        self.press("refuse", "service-refused").await?;

        let complaint = self.demo.service("plainte").to_owned();
        self.browser.visit(&complaint).sign_in().await?;
        self.see("choose-level").await?;
        self.browser.here().choose(COMPTE_CITOYEN).await?;
        self.see("idp-code").await?;
        self.browser
            .here()
            .fill(controls::CODE, "000000")
            .press(controls::VERIFY)
            .await?;
        self.see("idp-code-refused").await?;
        let secret = self.demo.totp("camille")?.to_owned();
        self.browser.here().with_code(&secret).agree().await?;
        self.see("service-signed-in-level").await?;

        let end = self.demo.hub("/session/end");
        self.visit(&end, "sign-out-question").await?;
        self.press("refuse", "sign-out-stayed").await?;
        self.browser
            .visit(&complaint)
            .press(controls::SIGN_OUT)
            .await?;
        self.see("service-signed-out").await?;
        self.visit(&end, "signed-out").await
    }

    /// Where a login stops.
    pub(super) async fn refusals(&mut self) -> Result<()> {
        for citizen in [VICTOR, PAUL, JEAN] {
            self.begin("carte-grise").await?;
            self.sign_in(&citizen).await?;
            self.see(&format!("register-{}", citizen.login)).await?;
        }
        let register = self.demo.cast.register.clone();
        self.browser
            .visit(&register)
            .press(Control::Id("outage-on"))
            .await?;
        self.begin("carte-grise").await?;
        self.sign_in(&CAMILLE).await?;
        self.see("register-unavailable").await?;
        let step = self.browser.look().await?.url;
        let choice = step.as_str().replace("/identity", "/provider");
        ensure!(choice != step.as_str(), "not at the identity step: {step}");
        self.visit(&choice, "login-out-of-order").await?;
        self.forget().await?;
        self.visit(&choice, "login-no-cookie").await?;
        self.visit(
            &self.demo.hub("/callback/compte-citoyen?state=x&code=y"),
            "callback-not-expected",
        )
        .await?;
        self.begin("carte-grise").await?;
        self.visit(&choice, "login-elsewhere").await
    }

    /// The account at an identity provider: its protection, mails about it, the way out.
    pub(super) async fn account(&mut self) -> Result<()> {
        let citoyen = self.demo.idp("citoyen").to_owned();
        let postale = self.demo.idp("postale").to_owned();
        self.visit(&citoyen, "idp-home").await?;

        self.begin("plainte").await?;
        self.sign_in(&AWA).await?;
        self.see("idp-no-second-factor").await?;
        self.press("add-second-factor", "idp-security-empty")
            .await?;
        self.press("add-totp", "idp-add-totp").await?;
        let secret = self.browser.look().await?.shown("totp-secret")?;
        self.browser
            .here()
            .fill("label", "Mon téléphone")
            .fill(controls::CODE, "000000")
            .press(controls::VERIFY)
            .await?;
        self.see("idp-add-totp-refused").await?;
        let secret = match self.browser.look().await?.shown("totp-secret") {
            Ok(secret) => secret,
            Err(_) => secret,
        };
        self.browser
            .here()
            .fill("label", "Mon téléphone")
            .fill(controls::CODE, &totp::code(&secret, 0)?)
            .press(controls::VERIFY)
            .await?;
        self.see("idp-security-added").await?;
        self.browser.plug_in_authenticator().await?;
        // Whoever has a second factor adds another only after having shown it.
        self.browser
            .here()
            .press(Control::Id("add-passkey"))
            .as_citizen(&AWA)
            .fill(controls::CODE, &totp::code(&secret, 1)?)
            .press(controls::VERIFY)
            .await?;
        self.see("idp-add-passkey").await?;
        self.browser.here().press(controls::USE_PASSKEY).await?;
        self.browser
            .until_at("the passkey is enrolled", |url| {
                url.contains("/account/security") && !url.contains("/passkey")
            })
            .await?;
        self.see("idp-security").await?;
        let remove = "document.querySelector('[id^=remove-]').href";
        let remove = self.browser.evaluate(remove).await?;
        let remove = remove.as_str().context("nothing to remove")?.to_owned();
        self.visit(&remove, "idp-remove").await?;
        self.press("accept", "idp-removed").await?;
        self.visit(&citoyen, "idp-home-signed-in").await?;

        self.mails().await?;

        self.visit(&format!("{citoyen}/session/end"), "idp-sign-out")
            .await?;
        self.press("accept", "idp-signed-out").await?;
        self.visit(
            &format!("{postale}/sign-in?to=security"),
            "postale-password",
        )
        .await?;
        self.browser
            .here()
            .with_credentials(LINH.login, PASSWORD)
            .await?;
        self.see("postale-security").await
    }

    /// What the identity provider wrote meanwhile.
    async fn mails(&mut self) -> Result<()> {
        let mailbox = self.demo.cast.mailbox.clone();
        let browser = &mut self.browser;
        let first = wait::until("a mail", async || {
            browser.open(&mailbox).await.ok()?;
            let first = browser
                .evaluate("document.querySelector('.card a')?.href")
                .await;
            first.ok()?.as_str().map(str::to_owned)
        })
        .await?;
        self.see("mailbox").await?;
        self.visit(&first, "mail").await
    }
}
