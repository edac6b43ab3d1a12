//! What a month brings, lived through in a minute: the cast of the demo is ahead of this machine by as much as a test
//! says, and the service with it.

use anyhow::{Result, ensure};
use guichet_integration_tests::by_hand::{Granted, evidence_request};
use guichet_integration_tests::citizens::CAMILLE;
use guichet_integration_tests::demo::Guests;
use guichet_integration_tests::evidence_peers::Party;
use guichet_integration_tests::http_citizen::shared_client;
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::raw_client::Answer;
use guichet_integration_tests::{Demo, Hand, Hands as _, HttpCitizen, wait};
use serde_json::{Value, json};

use crate::login::{COMPTE_CITOYEN, must_read};

const DAY: i64 = 24 * 60 * 60;

/// A service that was granted something for a year, in a cast whose time it moves.
struct Year {
    demo: Demo,
    town: Hand,
    citizen: HttpCitizen,
    granted: Granted,
}

impl Year {
    /// Camille agrees to this.
    async fn begin(usage: Value) -> Result<Self> {
        let party = Party::new("ville")?;
        let right = json!({
            "evidence_type": "quotient-familial", "fields": ["tranche"], "purposes": ["tarif-cantine"],
        });
        let mut client = party.service(&right);
        let exchange = "urn:ietf:params:oauth:grant-type:token-exchange";
        client["grant_types"] = json!(["authorization_code", "refresh_token", exchange]);
        client["scope"] = "openid offline_access".into();
        let guests = Guests {
            clients: vec![client],
            ..Guests::default()
        };
        let demo = Demo::with(guests).await?;
        let town = Hand::of(party, &demo.cast.hub)?;
        let mut detail = json!({
            "type": "evidence", "evidence_type": "quotient-familial", "purpose": "tarif-cantine",
        });
        for (name, value) in usage.as_object().into_iter().flatten() {
            detail[name] = value.clone();
        }
        let attempt = town.attempt(&json!([detail]))?;
        let attempt = attempt
            .with("scope", "openid offline_access")
            .with("prompt", "consent");
        let mut citizen = town.client().citizen();
        let journey = citizen.visit(&attempt.url()).choose(COMPTE_CITOYEN);
        journey.as_citizen(&CAMILLE).agree().await?;
        // At the data provider for the first time.
        for control in ["look", "link", "accept"] {
            citizen.here().press(Control::Id(control)).await?;
        }
        let view = citizen.here().press(Control::Id("send")).await?;
        let granted = town.granted(&view, &attempt).await?;
        ensure!(!granted.grant_id().is_empty(), "{}", granted.tokens);
        Ok(Self {
            demo,
            town,
            citizen,
            granted,
        })
    }

    /// It is so many seconds after the beginning, for everybody.
    async fn be_at(&self, seconds: i64) -> Result<()> {
        self.demo.be_ahead(seconds.unsigned_abs()).await?;
        self.town.ahead.set(seconds);
        Ok(())
    }

    /// Fetches it with fresh tokens: the evidence, or why there is none.
    async fn fetch(&mut self) -> Result<Result<Value, String>> {
        self.town.refresh(&mut self.granted).await?;
        let body = evidence_request(&self.granted.details[0])?;
        let voucher = self.town.voucher(&self.granted, &body, &json!({})).await?;
        if voucher.status != 200 {
            return Ok(Err(voucher.text("error_description").to_owned()));
        }
        let detail = &self.granted.details[0];
        let endpoint = detail["evidence_endpoint"].as_str().unwrap_or_default();
        let token = voucher.text("access_token");
        let answer = self
            .town
            .present(endpoint, token, &body, &self.town.key)
            .await?;
        ensure!(answer.status == 200, "{}", answer.body);
        Ok(Ok(answer.json))
    }

    async fn fetches(&mut self) -> Result<()> {
        let fetched = self.fetch().await?;
        ensure!(fetched.is_ok(), "{fetched:?}");
        Ok(())
    }

    async fn is_refused(&mut self, why: &str) -> Result<()> {
        let refused = self.fetch().await?;
        ensure!(refused.as_ref().is_err_and(|it| it == why), "{refused:?}");
        Ok(())
    }
}

#[tokio::test]
async fn what_is_granted_again_and_again_keeps_its_rhythm_its_number_and_its_end() -> Result<()> {
    let mut year = Year::begin(json!({
        "usage": "recurring", "frequency_days": 30, "max_pulls": 3,
    }))
    .await?;
    let minutes = 11 * 60;
    year.fetches().await?;
    // The service did not confirm it: for ten minutes it may have been lost.
    year.be_at(minutes).await?;
    year.is_refused(TOO_SOON).await?;
    year.be_at(29 * DAY).await?;
    year.is_refused(TOO_SOON).await?;
    year.be_at(30 * DAY + 60).await?;
    year.fetches().await?;
    year.be_at(59 * DAY).await?;
    year.is_refused(TOO_SOON).await?;
    // Months later: it is good for a year, whatever the service did meanwhile.
    year.be_at(200 * DAY).await?;
    year.fetches().await?;
    year.be_at(300 * DAY).await?;
    year.is_refused("the evidence was fetched as often as was granted")
        .await?;
    Ok(())
}

#[tokio::test]
async fn what_is_granted_until_a_day_ends_on_it_and_the_citizen_reads_both() -> Result<()> {
    let mut year = Year::begin(json!({
        "usage": "recurring", "frequency_days": 1, "max_pulls": 300,
    }))
    .await?;
    year.fetches().await?;
    year.be_at(365 * DAY).await?;
    year.fetches().await?;
    year.be_at(367 * DAY).await?;
    let body = evidence_request(&year.granted.details[0])?;
    // Neither fresh tokens nor, with those at hand, a voucher.
    ensure!(year.town.refresh(&mut year.granted).await.is_err());
    let refused = year.town.voucher(&year.granted, &body, &json!({})).await?;
    ensure!(refused.status >= 400, "{}", refused.body);

    let list = format!("{}/account/data", year.demo.cast.hub);
    let mut citizen = year.citizen;
    citizen.open(&list).await?;
    must_read(
        &citizen.look().await?,
        "Connectez-vous pour voir vos données",
    )?;
    let journey = citizen.here().press(Control::Id("sign-in")).await?;
    ensure!(journey.status == Some(200), "{journey}");
    citizen
        .here()
        .choose(COMPTE_CITOYEN)
        .as_citizen(&CAMILLE)
        .await?;
    let view = citizen.look().await?;
    must_read(&view, "2 sur 300 au plus")?;
    let end = format!("end-{}", year.granted.grant_id());
    ensure!(view.document().by_id(&end).is_none(), "it is over: {view}");
    Ok(())
}

#[tokio::test]
async fn a_day_on_which_three_count_differently_is_published_and_operators_are_warned() -> Result<()>
{
    let mut year = Year::begin(json!({})).await?;
    // The service fetches it and never says that it arrived.
    year.fetches().await?;
    // Two hours into the next day: this one is whole.
    let into_the_day = guichet_integration_tests::claims::now() % DAY;
    year.be_at(DAY - into_the_day + 2 * 60 * 60).await?;
    year.demo.restart().await?;
    let counts = Answer::of(shared_client().get(year.demo.hub("/exchange/counts"))).await?;
    let days = counts.json["days"].as_array().cloned().unwrap_or_default();
    let all = days
        .iter()
        .flat_map(|day| day["data_providers"].as_array().into_iter().flatten());
    let famille: Vec<&Value> = all.filter(|one| one["id"] == "famille").collect();
    ensure!(famille.len() == 1, "{}", counts.body);
    assert_eq!(famille[0]["agree"], false, "{}", counts.body);
    // Few enough to single somebody out: that they differ is told, and not by how many.
    assert_eq!(famille[0].get("hub"), None, "{}", counts.body);
    let page = Answer::of(shared_client().get(year.demo.hub("/receipts/counts"))).await?;
    ensure!(page.status == 200, "{}", page.body);
    let demo = &year.demo;
    wait::until("a warning", async || {
        let log = demo.process.log();
        log.contains("count differently").then_some(())
    })
    .await?;
    let health = format!("{}/healthz", demo.cast.admin);
    let health = Answer::of(shared_client().get(&health)).await?;
    ensure!(health.body.contains("not confirmed"), "{}", health.body);
    Ok(())
}

const TOO_SOON: &str = "the evidence was fetched a short while ago";
