//! The second factor skipped, replayed, guessed, enrolled by the wrong hand (threats N-55, N-56, N-88).

use anyhow::{Context, Result};
use futures_util::future::join_all;
use guichet_integration_tests::citizens::{ANGE, CAMILLE, Citizen};
use guichet_integration_tests::demo::Guests;
use guichet_integration_tests::html::Form;
use guichet_integration_tests::http_citizen::{Page, parameter};
use guichet_integration_tests::keys::claims_of;
use guichet_integration_tests::{Demo, Hands, HttpCitizen, RawClient, totp};
use url::Url;

use super::stage::must_be_refused;

#[tokio::test]
async fn a_one_time_code_opens_one_door_once_and_only_in_its_time() -> Result<()> {
    let demo = Demo::start().await?;
    let secret = demo.totp(CAMILLE.login)?;
    for steps in [-10, -3, 3, 10] {
        let mut citizen = at_code_page(&demo, &CAMILLE).await?;
        let answer = send_code(&mut citizen, &totp::code(secret, steps)?).await?;
        assert!(
            !is_in(&mut citizen, answer).await?,
            "a code of {steps} steps away was taken"
        );
    }
    for nonsense in [
        "",
        "000000",
        "12345",
        "1234567",
        "abcdef",
        "-00001",
        "٠٠٠٠٠٠",
    ] {
        let mut citizen = at_code_page(&demo, &CAMILLE).await?;
        let answer = send_code(&mut citizen, nonsense).await?;
        assert!(
            !is_in(&mut citizen, answer).await?,
            "{nonsense:?} was taken"
        );
    }

    // Ten browsers with the same right code: one gets in.
    let code = totp::code(secret, 0)?;
    let mut tabs = Vec::new();
    for _ in 0..5 {
        tabs.push(at_code_page(&demo, &CAMILLE).await?);
    }
    let tries = tabs.iter_mut().map(async |tab| {
        let answer = send_code(tab, &code).await?;
        is_in(tab, answer).await
    });
    let entered: Vec<bool> = join_all(tries).await.into_iter().collect::<Result<_>>()?;
    assert_eq!(
        entered.iter().filter(|entered| **entered).count(),
        1,
        "{entered:?}"
    );
    Ok(())
}

#[tokio::test]
async fn a_first_factor_alone_opens_nothing_that_needs_the_second() -> Result<()> {
    let demo = Demo::start().await?;
    let idp = demo.idp("citoyen");
    let mut citizen = at_code_page(&demo, &CAMILLE).await?;
    let waiting = citizen.page()?.url.clone();
    assert!(waiting.path().ends_with("/code"), "{waiting}");
    let base = waiting.as_str().trim_end_matches("/code").to_owned();

    // Every page that a session would open, with the cookies of half a sign-in.
    for path in [
        "/account/security",
        "/account/security/totp",
        "/account/security/passkey",
    ] {
        let page = citizen.get(&format!("{idp}{path}")).await?;
        let location = page.location()?.map(|url| url.path().to_owned());
        assert_eq!(
            location.as_deref(),
            Some("/sign-in"),
            "{path}: {}",
            page.body
        );
    }
    // Every other step of the same sign-in, and its own without a code.
    for step in ["password", "no-second-factor"] {
        must_be_refused(&citizen.get(&format!("{base}/{step}")).await?, &[409]);
    }
    let form = form_to(citizen.page()?, "/code")?;
    let csrf = form
        .fields
        .iter()
        .find(|(name, _)| name == "csrf")
        .map_or("", |(_, value)| value.as_str());
    for (step, fields) in [
        ("code", vec![]),
        ("code", vec![("csrf", csrf)]),
        (
            "password",
            vec![
                ("csrf", csrf),
                ("login", "camille"),
                ("password", "guichet-demo-2026"),
            ],
        ),
        ("passkey", vec![("csrf", csrf), ("credential", "{}")]),
    ] {
        let page = citizen.post(&format!("{base}/{step}"), &fields).await?;
        must_be_refused(&page, &[400, 403, 409]);
    }
    let home = citizen.visit(&format!("{idp}/")).await?;
    assert!(
        home.document().by_id("security").is_none(),
        "signed in by half: {home}"
    );
    Ok(())
}

#[tokio::test]
async fn a_level_cut_out_on_the_way_to_the_provider_is_missed_at_the_hub() -> Result<()> {
    let service = RawClient::new("service");
    let demo = Demo::with(Guests {
        clients: vec![service.metadata()],
        providers: vec![],
    })
    .await?;
    let strong = service
        .attempt(&demo.cast.hub)?
        .with("acr_values", "eidas2");
    let provider = format!("{}/authorize", demo.idp("citoyen"));

    // The person edits the address that the hub sends them to the provider with.
    for change in [Change::Level("eidas1"), Change::NoLevel] {
        let mut citizen = service.citizen().stopping_at(&provider);
        let view = citizen
            .visit(&strong.url())
            .choose("Compte Citoyen")
            .await?;
        assert_eq!(
            parameter(&view.url, "acr_values").as_deref(),
            Some("eidas2"),
            "{view}"
        );
        let mut citizen = citizen.stopping_at(&service.redirect_uri);
        let view = citizen
            .visit(change.of(&view.url).as_str())
            .as_citizen(&CAMILLE)
            .await?;
        assert!(view.url.path().ends_with("/provider"), "{view}");
        assert_eq!(view.status, Some(403), "{view}");
        assert_eq!(view.url.origin(), Url::parse(&demo.cast.hub)?.origin());
    }

    // A session of the low level does not pass for the high one either, at the hub or at the provider.
    let weak = service.attempt(&demo.cast.hub)?;
    let mut citizen = service.citizen();
    let view = citizen
        .visit(&weak.url())
        .choose("Compte Citoyen")
        .as_citizen(&CAMILLE)
        .agree()
        .await?;
    assert!(parameter(&view.url, "code").is_some(), "{view}");
    let view = citizen.visit(&strong.url()).await?;
    assert!(view.url.path().ends_with("/provider"), "{view}");
    let view = citizen.here().choose("Compte Citoyen").await?;
    assert!(
        view.url.path().ends_with("/code"),
        "no second factor was asked for: {view}"
    );

    let authenticator = demo.authenticator(CAMILLE.login)?;
    let view = citizen.here().with_code(authenticator).agree().await?;
    let code = parameter(&view.url, "code").with_context(|| view.to_string())?;
    let tokens = service.redeem(&demo.cast.hub, &code, &strong).await?;
    assert_eq!(
        claims_of(tokens.text("id_token"))?["acr"],
        "eidas2",
        "{}",
        tokens.body
    );
    Ok(())
}

#[tokio::test]
async fn nobody_touches_the_second_factors_of_another_account() -> Result<()> {
    let demo = Demo::start().await?;
    let idp = demo.idp("citoyen");
    let mut owner = at_code_page(&demo, &CAMILLE).await?;
    let authenticator = demo.authenticator(CAMILLE.login)?;
    let view = owner.here().with_code(authenticator).await?;
    assert!(view.url.path().ends_with("/security"), "{view}");
    let document = view.document();
    let mut links = document
        .by_tag("a")
        .filter_map(|link| link.attribute("href"));
    let remove = links
        .find(|link| link.ends_with("/remove"))
        .context("nothing to remove")?
        .to_owned();
    let address = format!("{idp}{}", Url::parse(idp)?.join(&remove)?.path());

    // A password alone, of the very owner: sent to the second factor.
    let mut half = HttpCitizen::new();
    half.visit(&format!("{idp}/sign-in"))
        .as_citizen(&CAMILLE)
        .await?;
    for path in [address.clone(), format!("{idp}/account/security/totp")] {
        let page = half.get(&path).await?;
        assert_eq!(
            page.location()?.map(|url| url.path().to_owned()).as_deref(),
            Some("/sign-in"),
            "{path}"
        );
        let page = half
            .post(
                &path,
                &[("csrf", ""), ("decision", "accept"), ("code", "000000")],
            )
            .await?;
        assert_eq!(
            page.location()?.map(|url| url.path().to_owned()).as_deref(),
            Some("/sign-in"),
            "{path}"
        );
    }
    // Somebody else, whose own account has none.
    let mut other = HttpCitizen::new();
    other
        .visit(&format!("{idp}/sign-in?to=security"))
        .as_citizen(&ANGE)
        .await?;
    must_be_refused(&other.get(&address).await?, &[404]);
    let posted = other
        .post(&address, &[("csrf", ""), ("decision", "accept")])
        .await?;
    must_be_refused(&posted, &[403, 404]);

    let view = owner.visit(&format!("{idp}/account/security")).await?;
    assert!(view.html.contains(&remove), "it is gone: {view}");
    Ok(())
}

/// What an attacker does to the level in the provider's address.
enum Change {
    Level(&'static str),
    NoLevel,
}

impl Change {
    fn of(&self, address: &Url) -> Url {
        let kept: Vec<(String, String)> = address
            .query_pairs()
            .into_owned()
            .filter(|(name, _)| name != "acr_values")
            .collect();
        let mut changed = address.clone();
        changed.query_pairs_mut().clear().extend_pairs(kept);
        if let Self::Level(level) = self {
            changed.query_pairs_mut().append_pair("acr_values", level);
        }
        changed
    }
}

/// A browser that gave the right password and is asked for the code.
async fn at_code_page(demo: &Demo, whose: &Citizen) -> Result<HttpCitizen> {
    let mut citizen = HttpCitizen::new();
    let address = format!("{}/sign-in?to=security", demo.idp("citoyen"));
    let view = citizen.visit(&address).as_citizen(whose).await?;
    anyhow::ensure!(
        view.url.path().ends_with("/code"),
        "not asked for a code: {view}"
    );
    Ok(citizen)
}

async fn send_code(citizen: &mut HttpCitizen, code: &str) -> Result<Page> {
    let form = form_to(citizen.page()?, "/code")?;
    citizen
        .submit(&form, None, &[("code".to_owned(), code.to_owned())])
        .await
}

/// Whether that answer signed the browser in with both factors.
async fn is_in(citizen: &mut HttpCitizen, answer: Page) -> Result<bool> {
    let page = citizen.follow(answer).await?;
    Ok(page.url.path().ends_with("/account/security"))
}

fn form_to(page: &Page, end: &str) -> Result<Form> {
    let forms = page.document().forms();
    let found = forms.into_iter().find(|form| form.action.ends_with(end));
    found.with_context(|| format!("no form to {end}: {}", page.body))
}
