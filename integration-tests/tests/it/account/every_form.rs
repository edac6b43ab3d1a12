//! Every form of the account, as a citizen who has everything is shown them, posted by somebody else and by nobody,
//! each time with a token that counts: what keeps them out is that the thing is not theirs (threat N-350).
//!
//! A token is of a browser, a person and a thing, so nobody is given one for what is another's. There is one way to
//! one, and it is taken here: operators make two persons one, whose account then shows the forms of both; parted
//! again, each has tokens for what is the other's.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, ensure};
use guichet_integration_tests::citizens::{CAMILLE, Citizen, LINH};
use guichet_integration_tests::html::Form;
use guichet_integration_tests::http_citizen::{Page, parameter, shared_client};
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::keys::claims_of;
use guichet_integration_tests::raw_client::Answer;
use guichet_integration_tests::{Demo, Hands as _, HttpCitizen, RawClient, wait};
use reqwest::Method;
use serde_json::{Value, json};
use url::form_urlencoded::byte_serialize;

use super::ways::{ADDRESS, code_in_mail};
use super::{crawl, who_sent_evidence};
use crate::admin::program::{Api, confirm, operated_beside, signs_in_again};
use crate::login::COMPTE_CITOYEN;

/// What no citizen is shown a form for.
const NO_FORM: [(&str, &str); 4] = [
    ("/account/messages", "a service posts it, in its own name"),
    ("/account/not-me/report", "for whoever is not signed in"),
    (
        "/account/reopen/{case}/{key}",
        "mailed, for whoever is not signed in",
    ),
    (
        "/receipts/verify",
        "for everybody, about the file they bring",
    ),
];
/// What two who were one have tokens for that name a thing of the other.
const BOUND: [&str; 8] = [
    "/account/data/{id}",
    "/account/data/{id}/erasure",
    "/account/rights/requests/{id}/withdraw",
    "/account/rights/requests/{id}/bundle",
    "/account/support/{id}",
    "/account/ways/aliases/{handle}",
    "/account/ways/devices/{handle}",
    "/account/data/{id}/change",
];
/// Where nobody goes on as they were.
const LAST: [&str; 3] = [
    "/account/not-me",
    "/account/close",
    "/account/sessions/others",
];

/// A form, and the page it stood on.
#[derive(Clone)]
struct Found {
    page: Page,
    form: Form,
}

/// Forms by the address that they post to.
type Forms = BTreeMap<String, Found>;

/// Everybody there is.
struct Scene {
    demo: Demo,
    api: Api,
    town: RawClient,
}

const CIBA: &str = "urn:openid:params:grant-type:ciba";
const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";

impl Scene {
    async fn set() -> Result<Self> {
        let town = RawClient::new("town");
        let television = json!({
            "client_id": "tv", "client_name": "Replay TV", "client_uri": "https://tv.example/",
            "token_endpoint_auth_method": "none", "grant_types": [DEVICE], "redirect_uris": [],
            "response_types": [], "scope": "openid given_name",
        });
        let service = town.metadata_with(&json!({
            "grant_types": ["authorization_code", CIBA], "backchannel_token_delivery_mode": "poll",
            "post_logout_redirect_uris": [], "scope": "openid given_name email",
        }));
        let (demo, _, api) = operated_beside(vec![television, service]).await?;
        Ok(Self { demo, api, town })
    }

    /// Sends evidence, and asks by right.
    async fn lives(&self, who: &Citizen) -> Result<HttpCitizen> {
        let citizen = who_sent_evidence(&self.demo, who).await?;
        let mut citizen = citizen.stopping_at(&self.town.redirect_uri);
        for right in ["objection", "complaint"] {
            citizen
                .visit(&self.demo.hub(&format!("/account/rights/ask/{right}")))
                .fill("statement", "Je le demande.")
                .press(Control::Id("send"))
                .await?;
        }
        Ok(citizen)
    }

    /// Agrees, at another browser, to what can still be fetched.
    async fn agrees_ahead(&self, who: &Citizen) -> Result<()> {
        self.mood("mood-later").await?;
        let mut elsewhere = HttpCitizen::new();
        let cantine = elsewhere.visit(self.demo.service("cantine"));
        let cantine = cantine.sign_in_with(COMPTE_CITOYEN).as_citizen(who);
        cantine.agree().await?;
        for id in ["fetch-evidence", "accept", "look", "ahead", "send"] {
            elsewhere.here().press(Control::Id(id)).await?;
        }
        self.mood("mood-working").await
    }

    /// Has an alias at the town; the name that the town has for them.
    async fn has_alias(&self, citizen: &mut HttpCitizen) -> Result<String> {
        let hub = &self.demo.cast.hub;
        let attempt = self.town.attempt(hub)?;
        let attempt = attempt.with("scope", "openid given_name email");
        let asked = citizen.visit(&attempt.url());
        let arrived = asked.press(Control::Id("tell-alias")).agree().await?;
        let code = parameter(&arrived.url, "code").with_context(|| arrived.to_string())?;
        let tokens = self.town.redeem(hub, &code, &attempt).await?;
        let claims = claims_of(tokens.text("id_token"))?;
        Ok(claims["sub"].as_str().context("no sub")?.to_owned())
    }

    async fn mood(&self, mood: &'static str) -> Result<()> {
        let famille = self.demo.data_provider("famille")?.to_owned();
        let mut simulating = HttpCitizen::new();
        simulating.visit(&famille).press(Control::Id(mood)).await?;
        Ok(())
    }

    /// Signs in again at the browser where they were.
    async fn arrives(&self, citizen: &mut HttpCitizen, who: &Citizen) -> Result<()> {
        let account = self.demo.hub("/account/sign-in?to=data");
        let there = citizen.visit(&account).choose(COMPTE_CITOYEN).await?;
        if there.document().by_id("password").is_some() {
            citizen.here().as_citizen(who).await?;
        }
        let data = citizen.get(&self.demo.hub("/account/data")).await?;
        ensure!(!data.body.contains("id=\"sign-in\""), "{}", data.body);
        Ok(())
    }

    async fn call(&self, path: &str, body: &Value) -> Result<Value> {
        let answer = self.api.call(Method::POST, path, &[], Some(body)).await?;
        let (status, text) = (answer.status(), answer.text().await?);
        ensure!(status.is_success(), "{path}: {status} {text}");
        Ok(serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// The code of a visit of theirs.
    async fn code(&self, citizen: &mut HttpCitizen) -> Result<String> {
        let entries = history(&self.demo, citizen).await?;
        let mut codes = entries.iter().filter_map(|it| it["code"].as_str());
        Ok(codes.next().context("no code")?.to_owned())
    }

    /// Two persons are one from now on: the one who came first, by the name of this correction.
    async fn merge(&self, one: &str, other: &str) -> Result<String> {
        let merge = json!({"handle": one, "change": "merge", "other": other, "reason": "T-1"});
        let proposed = self.call("/support/corrections", &merge).await?;
        let id = proposed["id"].as_str().context("no id")?.to_owned();
        let mut admin = HttpCitizen::new();
        let door = format!("{}/sign-in", self.demo.cast.admin);
        admin.visit(&door).await?;
        signs_in_again(&self.demo, &mut admin).await?;
        let page = admin
            .get(&format!("{}/support", self.demo.cast.admin))
            .await?;
        let mut forms = page.document().forms().into_iter();
        let form = forms.find(|form| form.action.ends_with(&id));
        let form = form.context("nothing to confirm")?;
        admin.stand_on(page);
        let act = [("act".to_owned(), "confirm".to_owned())];
        let answer = admin.submit(&form, None, &act).await?;
        admin.follow(answer).await?;
        confirm(&self.demo, &mut admin, "admin").await?;
        Ok(id)
    }

    async fn ask(
        &self,
        path: &str,
        by: Option<&RawClient>,
        form: &[(&str, &str)],
    ) -> Result<Answer> {
        let request = shared_client().post(self.demo.hub(path)).form(form);
        let encode = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
        let request = match by {
            Some(client) => {
                let secret = encode(&client.client_secret);
                request.basic_auth(encode(&client.client_id), Some(secret))
            }
            None => request,
        };
        Answer::of(request).await
    }

    /// A device asks, and the citizen is at the page that says so; a service that knows them asks, too.
    async fn asks_elsewhere(&self, citizen: &mut HttpCitizen, sub: &str) -> Result<Found> {
        let form = [("client_id", "tv"), ("scope", "openid given_name")];
        let asked = self.ask("/device_authorization", None, &form).await?;
        let address = asked.text("verification_uri_complete").to_owned();
        let journey = citizen.visit(&address);
        journey.press(Control::Id("continue")).await?;
        let page = citizen.at_hand()?;
        let mut forms = page.document().forms().into_iter();
        let form = forms.find(|form| form.action.contains("/account/device/"));
        let form = form.with_context(|| page.body.clone())?;
        let hint = [("scope", "openid given_name"), ("login_hint", sub)];
        let asked = self.ask("/bc-authorize", Some(&self.town), &hint).await?;
        ensure!(asked.status == 200, "{}", asked.body);
        Ok(Found { page, form })
    }
}

/// Everything on record of a citizen, steps and all.
async fn history(demo: &Demo, citizen: &mut HttpCitizen) -> Result<Vec<Value>> {
    let export = demo.hub("/account/history/export/json?from=&steps=yes");
    let history = citizen.get(&export).await?;
    Ok(history.json()?["entries"]
        .as_array()
        .cloned()
        .unwrap_or_default())
}

/// Every form that the account shows, by following its links.
async fn forms(demo: &Demo, citizen: &mut HttpCitizen) -> Result<Forms> {
    let mut forms = Forms::new();
    let mut waiting = vec!["/account".to_owned()];
    let mut seen: BTreeSet<String> = waiting.iter().cloned().collect();
    while let Some(path) = waiting.pop() {
        let page = citizen.get(&demo.hub(&path)).await?;
        if page.status != 200 || !page.body.contains("<html") {
            continue;
        }
        let document = page.document();
        for form in document.forms() {
            let action = match form.action.split('?').next() {
                None | Some("") => path.clone(),
                Some(action) => action.to_owned(),
            };
            if form.method == "post" && action.starts_with("/account") {
                let page = page.clone();
                forms.entry(action).or_insert(Found { page, form });
            }
        }
        for link in document.by_tag("a") {
            let href = link.attribute("href").unwrap_or_default();
            let path = href.split(['?', '#']).next().unwrap_or_default();
            let leads_on = path.starts_with("/account")
                && !AWAY.iter().any(|away| path.contains(away))
                && seen.insert(path.to_owned());
            if leads_on {
                waiting.push(path.to_owned());
            }
        }
    }
    Ok(forms)
}

/// What is no page, or leads out of the account.
const AWAY: [&str; 4] = ["/export/", "/receipt", "/sign-in", "/again"];

/// The route of an address, as the account's own list has it.
fn route_of(path: &str) -> Option<&'static str> {
    let fits = |route: &str| {
        let (of_route, of_path) = (route.split('/'), path.split('/'));
        of_route.clone().count() == of_path.clone().count()
            && of_route
                .zip(of_path)
                .all(|(one, other)| one == other || one.starts_with('{'))
    };
    let posted = crawl::ROWS.iter().filter(|(method, _)| *method == "POST");
    let fitting = posted.map(|(_, route)| *route).filter(|route| fits(route));
    // What is spelled out goes before what stands for anything.
    fitting.min_by_key(|route| route.matches('{').count())
}

/// What a person would post with it: a field that is empty has something in it, and of two buttons it is the one that
/// does more.
fn filled(form: &Form) -> Vec<(String, String)> {
    let mut values: Vec<(String, String)> = Vec::new();
    let mut set = |name: &str, value: &str| values.push((name.to_owned(), value.to_owned()));
    for (name, value) in &form.fields {
        if value.is_empty() {
            set(name, "x");
        }
    }
    set("understood", "yes");
    set("service", "on");
    set("data_provider", "on");
    if let Some((name, value)) = form.buttons.iter().find_map(|it| it.field.clone()) {
        set(&name, &value);
    }
    values
}

/// The same with the last of several fields taken away, as where a decision is narrowed.
fn posted(found: &Found) -> Form {
    let mut form = found.form.clone();
    let is_choice = |(name, _): &(String, String)| name.starts_with("field-");
    if let Some(last) = form.fields.iter().rposition(is_choice) {
        form.fields.remove(last);
    }
    form
}

async fn post(by: &mut HttpCitizen, found: &Found, token: Option<&Found>) -> Result<u16> {
    let form = posted(found);
    let mut values = filled(&form);
    if let Some(other) = token {
        let token = other.form.fields.iter().find(|(name, _)| name == "csrf");
        values.push(token.context("no token")?.clone());
    }
    by.stand_on(found.page.clone());
    Ok(by.submit(&form, None, &values).await?.status)
}

/// What is there of a citizen, without what is made anew for each page.
async fn picture(demo: &Demo, citizen: &mut HttpCitizen) -> Result<Vec<String>> {
    let mut seen = Vec::new();
    for path in [
        "/account",
        "/account/data",
        "/account/ways",
        "/account/sessions",
        "/account/support",
        "/account/requests",
        "/account/rights",
    ] {
        let page = citizen.get(&demo.hub(path)).await?;
        ensure!(page.status == 200, "{path}: {}", page.body);
        seen.push(page.document().text());
    }
    let entries = history(demo, citizen).await?;
    let kinds = entries.iter().map(|it| it["kind"].to_string());
    // That evidence or a mail arrived may be said at any time.
    let later = ["evidence.delivered", "alert.sent", "event.", "logout."];
    seen.extend(kinds.filter(|kind| !later.iter().any(|it| kind.contains(it))));
    Ok(seen)
}

#[tokio::test]
async fn no_form_does_anything_to_anothers_whichever_token_comes_with_it() -> Result<()> {
    let scene = Scene::set().await?;
    let demo = &scene.demo;
    // Who came first goes on under their own name, and the other under theirs while they are one.
    let mut linh = scene.lives(&LINH).await?;
    let mut camille = scene.lives(&CAMILLE).await?;
    scene.agrees_ahead(&CAMILLE).await?;
    let sub = scene.has_alias(&mut camille).await?;
    let handle = scene.code(&mut camille).await?;
    let words = json!({"handle": handle, "words": "Pour comprendre."});
    scene.call("/support/requests", &words).await?;
    let other = scene.code(&mut linh).await?;

    let correction = scene.merge(&handle, &other).await?;
    scene.arrives(&mut linh, &LINH).await?;
    let as_one = forms(demo, &mut linh).await?;
    let undo = format!("/support/corrections/{correction}/undo");
    scene.call(&undo, &json!({})).await?;
    scene.arrives(&mut linh, &LINH).await?;
    scene.arrives(&mut camille, &CAMILLE).await?;
    let mut elsewhere = HttpCitizen::new();
    scene.arrives(&mut elsewhere, &CAMILLE).await?;

    // What waits for a code, and then what has an address.
    let given = camille
        .visit(&demo.hub("/account/ways"))
        .fill("email", ADDRESS);
    given.press(Control::Id("give-address")).await?;
    let mut hers = forms(demo, &mut camille).await?;
    let code = code_in_mail(demo).await?;
    let ways = camille
        .visit(&demo.hub("/account/ways"))
        .fill("code", &code);
    ways.press(Control::Id("confirm-address")).await?;
    let device = scene.asks_elsewhere(&mut camille, &sub).await?;
    hers.insert(device.form.action.clone(), device);
    hers.extend(forms(demo, &mut camille).await?);

    let routes: BTreeSet<_> = hers.keys().filter_map(|path| route_of(path)).collect();
    let not_shown = crawl::ROWS.iter().filter(|(method, route)| {
        let has_none = NO_FORM.iter().any(|(none, _)| none == route);
        *method == "POST" && !has_none && !routes.contains(route)
    });
    let not_shown: Vec<_> = not_shown.collect();
    assert!(
        not_shown.is_empty(),
        "routes whose form was not posted: {not_shown:?}"
    );
    let of_hers = |route: &str| {
        let both = hers.keys().filter(|path| route_of(path) == Some(route));
        both.filter(|path| as_one.contains_key(*path)).count()
    };
    let without: Vec<_> = BOUND.iter().filter(|route| of_hers(route) == 0).collect();
    assert!(
        without.is_empty(),
        "nobody else has a token for {without:?}"
    );

    wait::until("what services say", async || {
        let home = camille.get(&demo.hub("/account")).await.ok()?.body;
        (home.matches("Dernière connexion").count() >= 2).then_some(())
    })
    .await?;
    let before = picture(demo, &mut camille).await?;
    assert_eq!(
        before,
        picture(demo, &mut camille).await?,
        "looking changes nothing"
    );
    let is_last = |path: &&String| LAST.contains(&path.as_str());
    let (last, first): (Vec<_>, Vec<_>) = hers.keys().partition(is_last);
    for path in first.into_iter().chain(last) {
        let (found, route) = (&hers[path], route_of(path).context("no route")?);
        // Her form, at somebody else's browser and at her own where nobody is signed in any more.
        let status = post(&mut linh, found, None).await?;
        // Whoever froze or closed their own is nobody any more.
        let is_out = LAST.contains(&path.as_str()) && status == 303;
        assert!(
            [403, 404, 410].contains(&status) || is_out,
            "{path} as another: {status}"
        );
        let mut nobody = camille.clone();
        nobody.lose_cookies(|name| name.ends_with("session"));
        if !ANYBODYS.contains(&route) {
            let status = post(&mut nobody, found, None).await?;
            assert!(
                [303, 403, 404].contains(&status),
                "{path} as nobody: {status}"
            );
        }
        let status = post(&mut HttpCitizen::new(), found, None).await?;
        assert!(
            [303, 400, 403, 404].contains(&status),
            "{path} elsewhere: {status}"
        );
        // With a token that counts for the other.
        let Some(theirs) = as_one.get(path) else {
            continue;
        };
        let status = post(&mut linh, found, Some(theirs)).await?;
        if BOUND.contains(&route) {
            assert!(
                [303, 404, 410].contains(&status),
                "{path} with a token: {status}"
            );
        }
        let after = picture(demo, &mut camille).await?;
        assert_eq!(before, after, "{path} changed something of another");
    }
    let after = picture(demo, &mut camille).await?;
    assert_eq!(before, after, "something of another changed");
    Ok(())
}

/// A device shows its code to whoever stands before it: its request is its browser's, whoever is signed in there.
const ANYBODYS: [&str; 2] = ["/account/device", "/account/device/{ticket}"];
