//! The tour of every page, in parts that do not need one another.

use anyhow::{Context, Result, ensure};
use guichet_integration_tests::citizens::{
    AWA, CAMILLE, Citizen, JEAN, LINH, PASSWORD, PAUL, VICTOR,
};
use guichet_integration_tests::demo::Guests;
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::{Browser, Demo, Hands, RawClient, controls, totp, wait};
use serde_json::json;

use super::inspection::Inspection;

/// The way from page to page, and what is said of each.
pub(super) struct Tour {
    pub(super) demo: Demo,
    pub(super) browser: Browser,
    pub(super) inspection: Inspection,
}

const COMPTE_CITOYEN: &str = "Compte Citoyen";
const IDENTITE_POSTALE: &str = "Identité Postale";

impl Tour {
    /// Starts the demo, and a browser that reads `language`.
    pub(super) async fn start(language: &'static str, inspection: Inspection) -> Result<Self> {
        Self::with(Guests::default(), language, inspection).await
    }

    /// The same with guests in the demo.
    pub(super) async fn with(
        guests: Guests,
        language: &'static str,
        inspection: Inspection,
    ) -> Result<Self> {
        let demo = Demo::with(guests).await?;
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

    pub(super) async fn see(&mut self, name: &str) -> Result<()> {
        self.inspection
            .see(&self.browser, name)
            .await
            .with_context(|| format!("at {name}"))
    }

    pub(super) async fn visit(&mut self, address: &str, name: &str) -> Result<()> {
        self.browser.open(address).await?;
        self.see(name).await
    }

    pub(super) async fn forget(&self) -> Result<()> {
        self.browser
            .devtools("Network.clearBrowserCookies", json!({}))
            .await?;
        Ok(())
    }

    pub(super) async fn press(&mut self, id: &'static str, name: &str) -> Result<()> {
        self.browser.here().press(Control::Id(id)).await?;
        self.see(name).await
    }

    /// At the choice of providers, on the way to `service`, a stranger.
    pub(super) async fn begin(&mut self, service: &str) -> Result<()> {
        self.forget().await?;
        let address = self.demo.service(service).to_owned();
        self.browser.visit(&address).sign_in().await?;
        Ok(())
    }

    pub(super) async fn sign_in(&mut self, citizen: &Citizen) -> Result<()> {
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
            ("/account/sessions", "sessions-stranger"),
            ("/account/ways", "ways-stranger"),
            ("/account/rights", "rights-stranger"),
            ("/processing-register", "processing-register"),
            ("/status", "providers-status"),
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

        self.visit(&self.demo.hub("/account/sessions"), "sessions")
            .await?;
        let details = "document.querySelector('[id^=told-]').open = true";
        self.browser.evaluate(details).await?;
        self.see("sessions-told").await?;

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
        let authenticator = self.demo.authenticator("camille")?;
        self.browser.here().with_code(authenticator).agree().await?;
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

    /// An identity frozen by its person, turned away, and opened again.
    pub(super) async fn freeze(&mut self) -> Result<()> {
        let not_me = self.demo.hub("/account/not-me");
        self.visit(&not_me, "not-me-stranger").await?;
        self.browser
            .here()
            .fill("statement", "On s’est connecté à ma place.")
            .await?;
        self.press("report", "not-me-reported").await?;
        self.browser
            .visit(&not_me)
            .press(Control::Id("sign-in"))
            .await?;
        self.sign_in(&CAMILLE).await?;
        self.see("not-me").await?;
        self.press("confirm", "not-me-frozen").await?;
        self.begin("carte-grise").await?;
        self.sign_in(&CAMILLE).await?;
        self.see("barred").await?;
        self.press("choose-again", "choose-after-barred").await?;
        self.begin("carte-grise").await?;
        self.sign_in(&CAMILLE).await?;
        self.press("thaw", "thaw").await?;
        self.press("begin", "thaw-first").await?;
        self.sign_in(&CAMILLE).await?;
        self.see("thaw-second").await?;
        let postale = self.browser.here().choose(IDENTITE_POSTALE);
        postale.as_citizen(&CAMILLE).await?;
        self.see("thawed").await?;
        self.forget().await?;
        self.visit(&self.demo.hub("/account/thawed"), "thawed-not")
            .await
    }

    /// The rooms of the account, for whoever reads easily and whoever does not; a right used; the account closed.
    pub(super) async fn rights(&mut self) -> Result<()> {
        self.begin("cantine").await?;
        self.sign_in(&CAMILLE).await?;
        self.browser.here().agree().await?;
        let [home, rights, ask, complain, close, data, not_me] = [
            "/account",
            "/account/rights",
            "/account/rights/ask/rectification",
            "/account/rights/ask/complaint",
            "/account/close",
            "/account/data",
            "/account/not-me",
        ]
        .map(|path| self.demo.hub(path));
        self.visit(&home, "account").await?;
        self.visit(&ask, "rights-ask").await?;
        self.browser
            .here()
            .fill("statement", "Mon prénom prend un accent.")
            .await?;
        self.press("send", "rights-request").await?;
        self.press("withdraw", "rights-request-withdrawn").await?;
        self.visit(&complain, "rights-complain").await?;
        self.visit(&rights, "rights").await?;
        self.visit(&close, "close").await?;
        self.press("confirm", "close-not-understood").await?;
        self.browser
            .visit(&home)
            .press(Control::Id("read-easy"))
            .await?;
        self.see("account-easy").await?;
        self.visit(&data, "data-easy").await?;
        self.visit(&not_me, "not-me-easy").await?;
        self.visit(&rights, "rights-easy").await?;
        self.press("read-large", "rights-easy-large").await?;
        self.visit(&close, "close-easy").await?;
        self.browser.tick("understood").await?;
        self.press("confirm", "closed").await?;
        self.begin("cantine").await?;
        self.sign_in(&CAMILLE).await?;
        self.see("barred-closed").await
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

    /// What services and providers of other records bring about: two words, a long absence, terms of use,
    /// a warning, a code of FranceConnect.
    pub(super) async fn guests(&mut self, service: &RawClient, older: &RawClient) -> Result<()> {
        let hub = self.demo.cast.hub.clone();
        let asks = service.attempt(&hub)?.with("scope", GUEST_SCOPES);
        let both = asks.with("acr_values", "eidas1-corroborated");
        self.visit(&both.url(), "choose-of-many-kinds").await?;
        self.press("provider-prudent", "provider-warning").await?;
        self.press("choose-again", "choose-again").await?;
        self.sign_in(&CAMILLE).await?;
        self.see("choose-second").await?;
        self.browser
            .here()
            .choose(IDENTITE_POSTALE)
            .as_citizen(&CAMILLE)
            .await?;
        self.see("consent-with-everything").await?;
        self.forget().await?;
        self.browser.open(&both.url()).await?;
        self.sign_in(&CAMILLE).await?;
        self.browser
            .here()
            .choose(IDENTITE_POSTALE)
            .as_citizen(&LINH)
            .await?;
        self.see("corroboration-contradicted").await?;

        self.forget().await?;
        let asks = older.attempt(&hub)?.with("acr_values", "eidas1");
        self.browser.open(&asks.url()).await?;
        self.sign_in(&VICTOR).await?;
        self.see("register-with-code").await?;
        let shown = self.browser.look().await?.text();
        ensure!(shown.contains("Y010015"), "no code on {shown}");
        Ok(())
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

const GUEST_SCOPES: &str = "openid profile birth email phone offline_access";

/// A service that asks for much, one written for FranceConnect, and providers in every state.
pub(super) fn guests() -> (RawClient, RawClient, Guests) {
    let (service, older) = (RawClient::new("notaire"), RawClient::new("mairie"));
    let guests = Guests {
        clients: vec![
            service.metadata_with(&json!({
                "client_name": "Étude notariale",
                "kind": "private",
                "scope": GUEST_SCOPES,
                "grant_types": ["authorization_code", "refresh_token"],
                "client_uri": "https://notaire.example/",
                "policy_uri": "https://notaire.example/donnees",
                "tos_uri": "https://notaire.example/conditions",
            })),
            older.metadata_with(&json!({
                "client_name": "Mairie",
                "profile": "franceconnect",
                "token_endpoint_auth_method": "client_secret_post",
                "scope": "openid given_name family_name",
            })),
        ],
        providers: vec![
            provider(
                "prudent",
                &json!({
                    "name": "Compte Prudent",
                    "beta": true,
                    "warning": {
                        "fr": "Ce compte demande votre carte d’identité et un téléphone récent.",
                        "en": "This account needs your identity card and a recent phone.",
                        "more_info_uri": "https://prudent.example/aide",
                    },
                }),
            ),
            provider(
                "chantier",
                &json!({
                    "name": "Compte en travaux",
                    "maintenance": { "fr": "De retour ce soir.", "en": "Back tonight." },
                }),
            ),
            provider(
                "bientot",
                &json!({ "name": "Compte à venir", "opens": "2099-01-01T00:00:00Z" }),
            ),
        ],
    };
    (service, older, guests)
}

fn provider(id: &str, further: &serde_json::Value) -> serde_json::Value {
    let mut record = json!({
        "id": id,
        "issuer": format!("https://{id}.example"),
        "client_id": "hub",
        "client_secret": "a-secret-of-thirty-two-characters",
        "levels": ["eidas1"],
    });
    if let (Some(record), Some(further)) = (record.as_object_mut(), further.as_object()) {
        record.extend(further.clone());
    }
    record
}
