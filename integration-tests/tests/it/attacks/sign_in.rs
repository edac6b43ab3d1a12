//! Passwords guessed, accounts looked for, owners locked out, the embedded provider flooded (threats N-57 to N-59, N-62).

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use futures_util::future::join_all;
use guichet_integration_tests::citizens::{ANGE, CAMILLE, Citizen, LINH, MOUSSA, PASSWORD};
use guichet_integration_tests::html::Form;
use guichet_integration_tests::http_citizen::Page;
use guichet_integration_tests::{Demo, Hands, HttpCitizen, claims};
use reqwest::header::HeaderValue;

use super::stage::must_be_inert;

#[tokio::test]
async fn nothing_on_the_page_tells_whether_an_account_exists_and_time_tells_little() -> Result<()> {
    let demo = Demo::start().await?;
    let mut door = Door::open(&demo).await?;
    let known = [
        "camille",
        "ange",
        "linh",
        "moussa",
        "awa",
        "anne-sophie",
        "victor",
        "paul",
        "jean",
    ];
    let (mut owners, mut strangers) = (Vec::new(), Vec::new());
    let mut pages: Vec<(u16, String)> = Vec::new();
    for round in 0..30 {
        // Turn and turn about, so that a busy machine slows both.
        let name = known[round % known.len()];
        let unknown = format!("{}{round}", &name[..name.len() - 1]);
        for (login, times) in [(name, &mut owners), (unknown.as_str(), &mut strangers)] {
            let start = now();
            let answer = door.guess(login, "not-the-password").await?;
            times.push(start.elapsed());
            assert_eq!(answer.status, 303, "{login}: {}", answer.body);
            let shown = door.citizen.follow(answer).await?;
            must_be_inert(&shown);
            pages.push((shown.status, without(&shown, login)));
        }
    }
    assert!(
        pages.iter().all(|page| *page == pages[0]),
        "two pages differ: {pages:#?}"
    );
    let ratio = median(owners).as_secs_f64() / median(strangers).as_secs_f64();
    assert!(
        (0.5..2.0).contains(&ratio),
        "an account that exists takes {ratio} times as long"
    );
    Ok(())
}

#[tokio::test]
async fn fifty_guesses_at_once_are_not_fifty_tries() -> Result<()> {
    let demo = Demo::start().await?;
    let first = fifty_guesses(&demo, &CAMILLE, &ANGE);
    unless_a_slice_ended(first, fifty_guesses(&demo, &LINH, &MOUSSA)).await
}

async fn fifty_guesses(demo: &Demo, whose: &Citizen, other: &Citizen) -> Result<()> {
    let mut tabs = vec![Door::open(demo).await?; 50];
    let guesses = tabs.iter_mut().enumerate().map(async |(number, tab)| {
        // An attacker behind a proxy nobody trusts is one attacker still.
        let address = HeaderValue::from_str(&format!("198.51.100.{number}"))?;
        tab.citizen.headers.insert("x-forwarded-for", address);
        tab.guess(whose.login, &format!("guess-{number}")).await
    });
    let answers: Vec<Page> = join_all(guesses).await.into_iter().collect::<Result<_>>()?;
    let of = |status| {
        answers
            .iter()
            .filter(|answer| answer.status == status)
            .count()
    };
    // Fifteen in ten minutes; those that lost the race to write their step say so, and were counted.
    let worked_at = of(303) + of(409);
    ensure!(worked_at <= 15, "{worked_at} guesses were worked at");
    ensure!(
        worked_at + of(429) == 50 && worked_at > 0,
        "an answer that is none of ours"
    );

    // The pause holds for strangers, whatever they guess, and by another spelling of the name.
    for name in [
        whose.login.to_owned(),
        whose.login.to_uppercase(),
        format!(" {} ", whose.login),
    ] {
        let right = Door::open(demo).await?.guess(&name, PASSWORD).await?;
        ensure!(right.status == 429, "{name}: {}", right.body);
    }
    // And for nobody else.
    let other = Door::open(demo).await?.guess(other.login, PASSWORD).await?;
    ensure!(other.status == 303, "{}", other.body);
    Ok(())
}

#[tokio::test]
async fn strangers_cannot_lock_an_owner_out_of_a_browser_that_is_known() -> Result<()> {
    let demo = Demo::start().await?;
    let first = lock_out(&demo, &CAMILLE, &ANGE);
    unless_a_slice_ended(first, lock_out(&demo, &LINH, &MOUSSA)).await
}

async fn lock_out(demo: &Demo, owner: &Citizen, other: &Citizen) -> Result<()> {
    let mut own = HttpCitizen::new();
    let sign_in = format!("{}/sign-in", demo.idp("citoyen"));
    own.visit(&sign_in).as_citizen(owner).await?;
    own.lose_cookies(|name| name.ends_with("session"));

    let mut stranger = Door::open(demo).await?;
    let mut last = 0;
    for _ in 0..17 {
        last = stranger.guess(owner.login, "wrong").await?.status;
    }
    ensure!(last == 429, "seventeen guesses, and the answer is {last}");
    let right = stranger.guess(owner.login, PASSWORD).await?.status;
    ensure!(right == 429, "the right password of a stranger: {right}");

    let mut door = Door {
        citizen: own,
        form: None,
    };
    door.citizen.visit(&sign_in).await?;
    let entered = door.guess(owner.login, PASSWORD).await?;
    ensure!(
        entered.status == 303,
        "the owner is locked out: {}",
        entered.body
    );
    let home = door.citizen.follow(entered).await?;
    ensure!(home.document().by_id("sign-out").is_some(), "{}", home.body);

    // The cookie of a browser that is known to one account is worth nothing at another.
    for _ in 0..17 {
        door.citizen.visit(&sign_in).await?;
        last = door.guess(other.login, "wrong").await?.status;
    }
    ensure!(
        last == 429,
        "a cookie of {} opens {}: {last}",
        owner.login,
        other.login
    );
    Ok(())
}

#[tokio::test]
async fn one_address_cannot_try_every_account_nor_starve_the_others() -> Result<()> {
    let demo = Demo::start().await?;
    unless_a_slice_ended(flood(&demo), flood(&demo)).await
}

async fn flood(demo: &Demo) -> Result<()> {
    let mut tabs = vec![Door::open(demo).await?; 130];
    let flood = tabs.iter_mut().enumerate().map(async |(number, tab)| {
        let address = HeaderValue::from_str(&format!("203.0.113.{number}"))?;
        tab.citizen.headers.insert("x-forwarded-for", address);
        let answer = tab.guess(&format!("nobody-{number}"), "wrong").await?;
        anyhow::Ok((answer, now()))
    });
    // Meanwhile others use the same machine.
    let hub = format!("{}/", demo.cast.hub);
    let page = format!("{}/sign-in", demo.idp("citoyen"));
    let others = async {
        let mut served = Vec::new();
        for address in [&hub, &page].into_iter().cycle().take(10) {
            let view = HttpCitizen::new().visit(address).await?;
            ensure!(view.status == Some(200), "{view}");
            served.push(now());
        }
        anyhow::Ok(served)
    };
    let (answers, served) = tokio::join!(join_all(flood), others);
    let answers: Vec<(Page, Instant)> = answers.into_iter().collect::<Result<_>>()?;
    let over = answers
        .iter()
        .map(|(_, at)| *at)
        .max()
        .context("no answers")?;
    let meanwhile = served?.into_iter().filter(|at| *at < over).count();
    ensure!(meanwhile > 0, "nobody was served before the flood was over");
    let of = |status| {
        answers
            .iter()
            .filter(|(answer, _)| answer.status == status)
            .count()
    };
    let known = of(303) + of(409) + of(429) + of(503);
    ensure!(known == 130, "an answer that is none of ours");
    ensure!(
        of(429) >= 30,
        "one address tried {} accounts",
        130 - of(429)
    );
    for (answer, _) in answers
        .iter()
        .filter(|(answer, _)| [429, 503].contains(&answer.status))
    {
        ensure!(
            answer.headers.contains_key("retry-after"),
            "no word of when to come back"
        );
        must_be_inert(answer);
    }
    Ok(())
}

#[tokio::test]
async fn a_sign_in_page_belongs_to_its_browser() -> Result<()> {
    let demo = Demo::start().await?;
    let door = Door::open(&demo).await?;
    let page = door.citizen.page()?.clone();
    let mut other = Door::open(&demo).await?;
    for browser in [&mut HttpCitizen::new(), &mut other.citizen] {
        let answer = browser.get(page.url.as_str()).await?;
        assert_eq!(
            answer.status, 400,
            "another browser's page is shown: {}",
            answer.body
        );
        browser.stand_on(page.clone());
        let form = page.form()?;
        let values = [
            ("login".to_owned(), CAMILLE.login.to_owned()),
            ("password".to_owned(), PASSWORD.to_owned()),
        ];
        let posted = browser.submit(&form, None, &values).await?;
        assert_eq!(posted.status, 400, "{}", posted.body);
    }
    for unknown in ["AAAAAAAAAAAAAAAAAAAAAA", "x", "..", "%2e%2e", "null"] {
        let address = format!("{}/sign-in/{unknown}/password", demo.idp("citoyen"));
        let answer = HttpCitizen::new().get(&address).await?;
        assert!(
            [303, 400, 404].contains(&answer.status),
            "{unknown}: {}",
            answer.status
        );
        must_be_inert(&answer);
    }
    Ok(())
}

/// What came of the first round; of the second, when a slice ended in the midst of the first. Failures are
/// counted in slices of ten minutes, and two rounds cannot both meet the end of one.
async fn unless_a_slice_ended(
    first: impl Future<Output = Result<()>>,
    second: impl Future<Output = Result<()>>,
) -> Result<()> {
    let slice = || claims::now() / 600;
    let begun = slice();
    let result = first.await;
    if slice() == begun {
        result
    } else {
        second.await
    }
}

/// A browser at the password page.
#[derive(Clone)]
struct Door {
    citizen: HttpCitizen,
    form: Option<Form>,
}

impl Door {
    async fn open(demo: &Demo) -> Result<Self> {
        let mut citizen = HttpCitizen::new();
        citizen
            .visit(&format!("{}/sign-in", demo.idp("citoyen")))
            .await?;
        let form = password_form(citizen.page()?)?;
        Ok(Self {
            citizen,
            form: Some(form),
        })
    }

    /// Posts the page; the answer is not followed.
    async fn guess(&mut self, login: &str, password: &str) -> Result<Page> {
        let form = match &self.form {
            Some(form) => form.clone(),
            None => password_form(self.citizen.page()?)?,
        };
        let values = [
            ("login".to_owned(), login.to_owned()),
            ("password".to_owned(), password.to_owned()),
        ];
        self.citizen.submit(&form, None, &values).await
    }
}

fn password_form(page: &Page) -> Result<Form> {
    let forms = page.document().forms();
    let found = forms
        .into_iter()
        .find(|form| form.action.ends_with("/password"));
    found.with_context(|| format!("no sign-in form: {}", page.body))
}

/// A page without what the person typed themselves and without the challenge for passkeys, fresh each time.
fn without(page: &Page, login: &str) -> String {
    let body = page
        .body
        .replace(&format!("value=\"{login}\""), "value=\"\"");
    body.lines()
        .filter(|line| !line.contains("data-options="))
        .collect::<Vec<_>>()
        .join("\n")
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

#[expect(clippy::disallowed_methods, reason = "an attacker with a watch")]
fn now() -> Instant {
    Instant::now()
}
