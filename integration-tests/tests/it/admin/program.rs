//! A program that calls the API in its own name, and the operator who lets it in.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use guichet_integration_tests::citizens::PASSWORD;
use guichet_integration_tests::demo::Guests;
use guichet_integration_tests::http_citizen::plain_client;
use guichet_integration_tests::journey::{Control, View};
use guichet_integration_tests::keys::{SigningKey, random_text};
use guichet_integration_tests::raw_client::Answer;
use guichet_integration_tests::{Demo, Hands, HttpCitizen, RawClient, controls};
use reqwest::{Method, Response};
use serde_json::{Value, json};

/// Every role there is, as the API spells it, with something it may be on.
pub(super) const ROLES: [(&str, &str); 7] = [
    ("operator", "hub"),
    ("reviewer", "hub"),
    ("auditor", "hub"),
    ("support", "hub"),
    ("team_owner", "team:cartes-grises"),
    ("team_technician", "team:cartes-grises"),
    ("team_reader", "team:cartes-grises"),
];

/// A registered program with a key.
pub(crate) struct Program {
    /// Its `client_id`.
    pub(super) id: String,
    key: SigningKey,
}

impl Program {
    pub(crate) fn new(id: &str) -> Result<Self> {
        Ok(Self {
            id: id.to_owned(),
            key: SigningKey::generate(id)?,
        })
    }

    /// Uses another key from now on.
    pub(super) fn sign_with(&mut self, key: SigningKey) {
        self.key = key;
    }

    /// Its registration, for every scope of the API.
    pub(crate) fn metadata(&self) -> Value {
        let scopes: Vec<String> = ROLES
            .iter()
            .map(|(role, _)| format!("admin:{role}"))
            .collect();
        json!({
            "client_id": self.id,
            "client_name": self.id,
            "grant_types": ["client_credentials"],
            "response_types": [],
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks": self.key.jwks(),
            "scope": scopes.join(" "),
        })
    }

    /// What the token endpoint answers to it.
    pub(super) async fn asks(&self, demo: &Demo, more: &[(&str, &str)]) -> Result<Answer> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs() + demo.ahead();
        let assertion = self.key.sign(&json!({
            "iss": self.id, "sub": self.id, "aud": demo.cast.hub,
            "jti": random_text()?, "iat": now, "exp": now + 60,
        }))?;
        let mut form = vec![
            ("grant_type", "client_credentials"),
            (
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            ),
            ("client_assertion", &assertion),
        ];
        form.extend(more);
        Answer::of(plain_client().post(demo.hub("/token")).form(&form)).await
    }

    /// The API, called with a fresh token.
    pub(crate) async fn api(&self, demo: &Demo) -> Result<Api> {
        let answer = self.asks(demo, &[]).await?;
        ensure!(answer.status == 200, "{}", answer.body);
        Ok(Api {
            base: format!("{}/api/admin/v1", demo.cast.admin),
            token: answer.text("access_token").to_owned(),
        })
    }
}

/// The API as one caller sees it.
#[derive(Clone)]
pub(crate) struct Api {
    pub(super) base: String,
    pub(super) token: String,
}

impl Api {
    /// One call; the headers are the caller's.
    pub(crate) async fn call(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Response> {
        let mut request = plain_client()
            .request(method.clone(), format!("{}{path}", self.base))
            .bearer_auth(&self.token);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            let media_type = if method == Method::PATCH {
                "application/merge-patch+json"
            } else {
                "application/json"
            };
            request = request
                .header("content-type", media_type)
                .body(body.to_string());
        }
        Ok(request.send().await?)
    }

    pub(super) async fn get(&self, path: &str) -> Result<Response> {
        self.call(Method::GET, path, &[], None).await
    }

    pub(super) async fn json(&self, path: &str) -> Result<Value> {
        let answer = self.get(path).await?;
        ensure!(answer.status() == 200, "{path}: {}", answer.status());
        Ok(answer.json().await?)
    }

    pub(super) async fn put(&self, path: &str, body: &Value) -> Result<Response> {
        self.call(Method::PUT, path, &[], Some(body)).await
    }
}

/// A demo with these programs registered; none of them is a member yet.
pub(super) async fn demo_with(programs: &[&Program]) -> Result<Demo> {
    let clients = programs.iter().map(|program| program.metadata()).collect();
    Demo::with(Guests {
        clients,
        ..Guests::default()
    })
    .await
}

/// Signs in to the console as somebody of the demo, at the door or by a link.
pub(super) async fn comes_in(
    demo: &Demo,
    login: &str,
    address: &str,
) -> Result<(HttpCitizen, View)> {
    let mut citizen = HttpCitizen::new();
    let view = citizen
        .visit(address)
        .choose("Compte Citoyen")
        .with_credentials(login, PASSWORD)
        .with_code(demo.authenticator(login)?)
        .await?;
    Ok((citizen, view))
}

/// The operator of the demo, in at the console.
pub(crate) async fn operator(demo: &Demo) -> Result<HttpCitizen> {
    let (citizen, view) = comes_in(demo, "admin", &format!("{}/sign-in", demo.cast.admin)).await?;
    ensure!(view.url.path() == "/me", "{view}");
    Ok(citizen)
}

/// The operator, who signed in before, signs in at the hub's page before `hands`.
pub(super) async fn signs_in_again<H: Hands>(demo: &Demo, hands: &mut H) -> Result<View> {
    come_again(demo, hands, "admin").await
}

/// Confirms what is proposed on the page before `hands`, as somebody who signed in before.
pub(super) async fn confirm<H: Hands>(demo: &Demo, hands: &mut H, login: &str) -> Result<View> {
    hands.here().press(id("confirm")).await?;
    come_again(demo, hands, login).await
}

pub(super) async fn come_again<H: Hands>(demo: &Demo, hands: &mut H, login: &str) -> Result<View> {
    let journey = hands.here().choose("Compte Citoyen");
    journey.with_credentials(login, PASSWORD).await?;
    let code = demo.authenticator(login)?.code().await?;
    hands.fill(controls::CODE, &code).await?;
    hands.press(&controls::VERIFY).await?;
    hands.look().await
}

/// A demo with a service on a stock library, and the API as an operator's program sees it.
pub(super) async fn town() -> Result<(Demo, RawClient, Api)> {
    let (robot, service) = (Program::new("robot")?, RawClient::new("town"));
    let demo = Demo::with(Guests {
        clients: vec![robot.metadata(), service.metadata()],
        ..Guests::default()
    })
    .await?;
    let mut operator = operator(&demo).await?;
    let_in(&demo, &mut operator, &robot, ("operator", "hub")).await?;
    let api = robot.api(&demo).await?;
    Ok((demo, service, api))
}

/// The operator lets a program in.
pub(crate) async fn let_in(
    demo: &Demo,
    operator: &mut HttpCitizen,
    program: &Program,
    (role, on): (&str, &str),
) -> Result<()> {
    let page = operator.get(&format!("{}/people", demo.cast.admin)).await?;
    operator.stand_on(page.clone());
    let document = guichet_integration_tests::html::Document::parse(&page.body);
    let forms = document.forms();
    let form = forms
        .iter()
        .find(|form| form.action.ends_with("/people/programs"))
        .context("no form for programs")?;
    let values = [
        ("client_id".to_owned(), program.id.clone()),
        ("role".to_owned(), role.to_owned()),
        ("on".to_owned(), on.to_owned()),
    ];
    let answer = operator.submit(form, None, &values).await?;
    let proposed = answer.location()?.context("nothing was proposed")?;
    operator.visit(proposed.as_str()).await?;
    let view = confirm(demo, operator, "admin").await?;
    ensure!(view.url.path() == "/people", "{view}");
    ensure!(view.text().contains(&program.id), "{view}");
    Ok(())
}

/// A demo, and the API as an operator's program sees it.
pub(super) async fn operated(others: &[&Program]) -> Result<(Demo, Program, Api)> {
    let robot = Program::new("robot")?;
    let mut all = vec![&robot];
    all.extend(others);
    let demo = demo_with(&all).await?;
    let mut operator = operator(&demo).await?;
    let_in(&demo, &mut operator, &robot, ("operator", "hub")).await?;
    let api = robot.api(&demo).await?;
    Ok((demo, robot, api))
}

/// The control of this id.
pub(super) const fn id(id: &'static str) -> Control<'static> {
    Control::Id(id)
}
