//! Citizens who own one of everything that a form of the account names.

use anyhow::{Context as _, Result, ensure};
use guichet_integration_tests::by_hand::{Granted, evidence_request};
use guichet_integration_tests::citizens::Citizen;
use guichet_integration_tests::demo::Guests;
use guichet_integration_tests::evidence_peers::Party;
use guichet_integration_tests::http_citizen::Page;
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::raw_client::Answer;
use guichet_integration_tests::wait::until;
use guichet_integration_tests::{Demo, Hand, Hands as _, HttpCitizen, RawClient};
use reqwest::Method;
use serde_json::{Value, json};

use super::super::ways::{ADDRESS, code_mailed_to};
use super::super::{id_after, who_sent_evidence};
use crate::admin::program::{Api, Program, let_in, operator};
use crate::conformance::deferred::{CIBA, DEVICE};
use crate::faults::records::python;
use crate::interop::deployment::finish;
use crate::login::COMPTE_CITOYEN;

/// The address that a citizen gave last, and whose code they did not type yet.
pub(super) const LATER_ADDRESS: &str = "camille.autrement@example.org";

/// What a citizen owns, by the names that addresses and fields have for it.
#[derive(Clone, Debug, Default)]
pub(super) struct Things {
    /// The person; in no address and on no page.
    pub(super) person: String,
    /// What "Cantine" calls them.
    pub(super) sub: String,
    /// What they say to nobody but the hub, and the support to nobody but them.
    pub(super) words: String,
    /// A decision on evidence that "ville" may fetch again and again.
    pub(super) granted: String,
    /// One of what "Cantine" fetched.
    pub(super) sent: String,
    /// A request by right.
    pub(super) request: String,
    /// A complaint.
    pub(super) complaint: String,
    /// A session in another browser.
    pub(super) session: String,
    /// A device they signed in from.
    pub(super) device: String,
    /// An address that stands for theirs.
    pub(super) alias: String,
    /// What the support asks of them.
    pub(super) support: String,
    /// A request of a service that named them.
    pub(super) asked: String,
    /// A device's request, as their browser was shown it.
    pub(super) ticket: String,
    /// What that device shows.
    pub(super) user_code: String,
    /// The code of a visit.
    pub(super) visit: String,
    /// The code that was mailed to the address they gave last.
    pub(super) code: String,
}

/// A citizen at their browser.
#[derive(Default)]
pub(super) struct Owner {
    pub(super) citizen: HttpCitizen,
    pub(super) things: Things,
}

/// What others hold of a citizen's.
pub(super) struct Held {
    /// What "ville" was granted.
    pub(super) granted: Granted,
    /// What the service that named them asks by.
    auth_req_id: String,
    /// What the device asks by.
    device_code: String,
}

/// The demo, with a service that does all that the cast's own do not.
pub(super) struct Cast {
    pub(super) demo: Demo,
    town: Hand,
    office: RawClient,
    support: Api,
}

impl Cast {
    /// Nobody was there yet.
    pub(super) async fn start() -> Result<Self> {
        let (town, office) = (Party::new("ville")?, RawClient::new("mairie"));
        let robot = Program::new("robot")?;
        let mut as_town = town.service(&json!({
            "evidence_type": "quotient-familial", "fields": ["quotient", "tranche"],
            "purposes": ["tarif-cantine"],
        }));
        let exchange = "urn:ietf:params:oauth:grant-type:token-exchange";
        as_town["grant_types"] = json!(["authorization_code", "refresh_token", exchange]);
        as_town["scope"] = "openid offline_access".into();
        let as_office = office.metadata_with(&json!({
            "grant_types": ["authorization_code", CIBA, DEVICE],
            "backchannel_token_delivery_mode": "poll",
        }));
        let guests = Guests {
            clients: vec![as_town, as_office, robot.metadata()],
            ..Guests::default()
        };
        let demo = Demo::with(guests).await?;
        let mut admin = operator(&demo).await?;
        let_in(&demo, &mut admin, &robot, ("operator", "hub")).await?;
        let town = Hand::of(town, &demo.cast.hub)?;
        town.ahead.set(i64::try_from(demo.ahead())?);
        Ok(Self {
            town,
            office,
            support: robot.api(&demo).await?,
            demo,
        })
    }

    /// Somebody who is signed in, and no more.
    pub(super) async fn newcomer(&self, who: &Citizen) -> Result<Owner> {
        let mut citizen = HttpCitizen::new();
        let service = citizen.visit(self.demo.service("carte-grise"));
        let service = service.sign_in_with(COMPTE_CITOYEN).as_citizen(who);
        let sub = service.agree().land().await?.sub()?;
        let person = self.person(&sub)?;
        let things = Things {
            person,
            sub,
            ..Things::default()
        };
        Ok(Owner { citizen, things })
    }

    /// Somebody who owns one of everything.
    pub(super) async fn owner(&self, who: &Citizen) -> Result<(Owner, Held)> {
        let demo = &self.demo;
        // Two other browsers: one to be closed by itself, one with all others.
        for _ in 0..2 {
            self.newcomer(who).await?;
        }
        let mut citizen = who_sent_evidence(demo, who).await?;
        let mut things = Things {
            words: format!("CANARI-DE-{}", who.login),
            ..Things::default()
        };
        things.sub = citizen.visit(demo.service("cantine")).await?.sub()?;
        things.person = self.person(&things.sub)?;
        let granted = self.grants(&mut citizen).await?;
        granted.grant_id().clone_into(&mut things.granted);
        let data = citizen.get(&demo.hub("/account/data")).await?;
        things.sent = id_after(&data.body, "erase-")?;
        let auth_req_id = self.is_named(&mut citizen, &mut things).await?;
        let device_code = self.is_asked_by_a_device(&mut citizen, &mut things).await?;

        let ways = citizen.get(&demo.hub("/account/ways")).await?;
        things.alias = names(&ways, "/account/ways/aliases/")
            .next()
            .context("no alias")?;
        things.device = names(&ways, "/account/ways/devices/")
            .last()
            .context("no device")?;
        let sessions = citizen.get(&demo.hub("/account/sessions")).await?;
        let mut open = names(&sessions, "/account/sessions/").filter(|it| it != "others");
        // This browser's stands first.
        things.session = open.nth(1).context("no other session")?;
        self.is_asked_by_the_support(&mut citizen, &mut things)
            .await?;
        things.request = self.asks(&mut citizen, "objection", &things.words).await?;
        things.complaint = self.asks(&mut citizen, "complaint", &things.words).await?;
        self.hears(&mut citizen).await?;
        let held = Held {
            granted,
            auth_req_id,
            device_code,
        };
        Ok((Owner { citizen, things }, held))
    }

    /// An address that is confirmed, and one whose code is still to be typed.
    pub(super) async fn gives_addresses(&self, owner: &mut Owner) -> Result<()> {
        let (ways, give) = (self.demo.hub("/account/ways"), Control::Id("give-address"));
        for address in [ADDRESS, LATER_ADDRESS] {
            let page = owner.citizen.visit(&ways).fill("email", address);
            page.press(give.clone()).await?;
            owner.things.code = code_mailed_to(&self.demo, address).await?;
            if address == ADDRESS {
                let typed = owner.citizen.here().fill("code", &owner.things.code);
                typed.press(Control::Id("confirm-address")).await?;
            }
        }
        Ok(())
    }

    /// What was decided still holds: "ville" fetches what it was granted, and neither the service that asks nor the
    /// device has an answer.
    pub(super) async fn must_hold(&self, held: &mut Held) -> Result<()> {
        let town = &self.town;
        town.ahead.set(i64::try_from(self.demo.ahead())?);
        town.refresh(&mut held.granted).await?;
        let detail = &held.granted.details[0];
        let body = evidence_request(detail)?;
        let voucher = town.voucher_for(&held.granted, &body).await?;
        let endpoint = detail["evidence_endpoint"].as_str().unwrap_or_default();
        let answer = town.present(endpoint, &voucher, &body, &town.key).await?;
        ensure!(answer.status == 200, "{}", answer.body);
        for (grant, name, value) in [
            (CIBA, "auth_req_id", &held.auth_req_id),
            (DEVICE, "device_code", &held.device_code),
        ] {
            let form = [("grant_type", grant), (name, value.as_str())];
            let answer = self.office.token(&self.demo.cast.hub, &form).await?;
            ensure!(answer.error() == "authorization_pending", "{}", answer.body);
        }
        Ok(())
    }

    fn person(&self, sub: &str) -> Result<String> {
        let text = python(PERSON, &self.demo.database(), &[sub])?;
        Ok(text.trim().to_owned())
    }

    /// "ville" may fetch the quotient, at most once in thirty days; it does not yet.
    async fn grants(&self, citizen: &mut HttpCitizen) -> Result<Granted> {
        let details = json!([{
            "type": "evidence", "evidence_type": "quotient-familial", "purpose": "tarif-cantine",
            "usage": "recurring", "frequency_days": 30, "max_pulls": 10,
        }]);
        let attempt = self.town.attempt(&details)?;
        let attempt = attempt
            .with("scope", "openid offline_access")
            .with("prompt", "consent");
        *citizen = citizen
            .clone()
            .stopping_at(&self.town.client().redirect_uri);
        citizen.visit(&attempt.url()).agree().await?;
        if citizen.page()?.document().by_id("send").is_none() {
            citizen.here().press(Control::Id("look")).await?;
        }
        let view = citizen.here().press(Control::Id("send")).await?;
        self.town.granted(&view, &attempt).await
    }

    /// By a service that has an address which stands for theirs; the `auth_req_id`.
    async fn is_named(&self, citizen: &mut HttpCitizen, things: &mut Things) -> Result<String> {
        let (hub, office) = (&self.demo.cast.hub, &self.office);
        let attempt = office.attempt(hub)?.with("scope", "openid email");
        *citizen = citizen.clone().stopping_at(&office.redirect_uri);
        let asked = citizen.visit(&attempt.url());
        asked.press(Control::Id("tell-alias")).agree().await?;
        let signed_in = finish(office, hub, citizen.clone(), &attempt).await?;
        let form = [
            ("scope", "openid"),
            ("login_hint", signed_in.sub()),
            ("requested_expiry", "1800"),
        ];
        let asked = Answer::of(office.posting(&self.demo.hub("/bc-authorize"), &form)).await?;
        let list = citizen.get(&self.demo.hub("/account/requests")).await?;
        let name = names(&list, "/account/requests/").next();
        things.asked = name.with_context(|| format!("not asked: {}", asked.body))?;
        Ok(asked.text("auth_req_id").to_owned())
    }

    /// The code is typed, and not answered yet; the `device_code`.
    async fn is_asked_by_a_device(
        &self,
        citizen: &mut HttpCitizen,
        things: &mut Things,
    ) -> Result<String> {
        let endpoint = self.demo.hub("/device_authorization");
        let asked = self.office.posting(&endpoint, &[("scope", "openid")]);
        let asked = Answer::of(asked).await?;
        asked.text("user_code").clone_into(&mut things.user_code);
        let shown = citizen
            .visit(&self.demo.hub("/account/device"))
            .fill("user_code", &things.user_code)
            .press(Control::Id("continue"))
            .await?;
        ensure!(shown.status == Some(200), "{shown}");
        things.ticket = last_of(shown.url.path());
        Ok(asked.text("device_code").to_owned())
    }

    /// The support asks to see what is hidden of one of their visits.
    async fn is_asked_by_the_support(
        &self,
        citizen: &mut HttpCitizen,
        things: &mut Things,
    ) -> Result<()> {
        let history = self.demo.hub("/account/history/export/json");
        things.visit = until("the code of a visit", async || {
            let history = citizen.get(&history).await.ok()?.json().ok()?;
            let entries = history["entries"].as_array()?.iter();
            let mut codes = entries.filter_map(|it| it["code"].as_str());
            codes.next().map(str::to_owned)
        })
        .await?;
        let look = json!({"handle": things.visit, "purpose": "citizen_called", "ticket": "T-400"});
        let request = json!({"handle": things.visit, "words": things.words});
        things.support = until("the support to ask", async || {
            self.calls("/support/looks", &look).await?;
            let made = self.calls("/support/requests", &request).await?;
            made["id"].as_str().map(str::to_owned)
        })
        .await?;
        Ok(())
    }

    /// What services say when somebody signs in comes a moment later.
    async fn hears(&self, citizen: &mut HttpCitizen) -> Result<()> {
        until("what the service says", async || {
            let home = citizen.get(&self.demo.hub("/account")).await.ok()?.body;
            let both = ["Il manque votre quotient", "L’inscription à la cantine"];
            both.iter().all(|it| home.contains(it)).then_some(())
        })
        .await
    }

    async fn calls(&self, path: &str, body: &Value) -> Option<Value> {
        let answer = self.support.call(Method::POST, path, &[], Some(body)).await;
        answer.ok()?.error_for_status().ok()?.json().await.ok()
    }

    /// What they ask by right.
    async fn asks(&self, citizen: &mut HttpCitizen, right: &str, words: &str) -> Result<String> {
        let form = citizen.visit(&self.demo.hub(&format!("/account/rights/ask/{right}")));
        let kept = form.fill("statement", words).press(Control::Id("send"));
        let kept = kept.await?;
        ensure!(kept.url.path().contains("/rights/requests/"), "{kept}");
        Ok(last_of(kept.url.path()))
    }
}

/// Whom a service calls so.
const PERSON: &str = "
(person,) = db.execute('SELECT person FROM subject WHERE subject = ?', args).fetchone()
print(base64.urlsafe_b64encode(person).rstrip(b'=').decode())
";

/// What the forms of a page that post below `path` are about.
fn names(page: &Page, path: &str) -> impl Iterator<Item = String> {
    let forms = page.document().forms().into_iter();
    forms.filter_map(move |form| form.action.strip_prefix(path).map(str::to_owned))
}

fn last_of(path: &str) -> String {
    path.rsplit('/').next().unwrap_or_default().to_owned()
}
