//! What the account of a citizen with a long history costs: how long a page of it takes at the server, how long
//! and how much memory each export and the archive take; and how soon an open page hears what a service says.
//! A node on SQLite, from outside. `docs/account.md` has the figures.
//!
//! `cargo run -p guichet-integration-tests --bin account_cost -- 100000`
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "it measures: it reads clocks and the memory of a process, and says what it found"
)]

use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use guichet_integration_tests::http_citizen::{parameter, shared_client};
use guichet_integration_tests::mock_provider::someone;
use guichet_integration_tests::node_settings::NodeSettings;
use guichet_integration_tests::raw_client::Answer;
use guichet_integration_tests::{Hands as _, HttpCitizen, MockProvider, Node, RawClient};
use serde_json::{Value, json};

#[tokio::main]
async fn main() -> Result<()> {
    let wanted = std::env::args().nth(1);
    let wanted: usize = wanted.as_deref().unwrap_or("100000").parse()?;
    let provider = MockProvider::start("mock").await?;
    provider.present(someone());
    let mut settings = NodeSettings::new()?;
    settings.providers = vec![provider.registration()];
    let service = settings.service.clone();
    settings.clients = vec![service.metadata_with(&json!({ "messages": true }))];
    let node = settings.start().await?;
    let citizen = signed_in(&service, &settings.issuer, &provider).await?;
    let account = Account {
        cookies: cookies(&citizen.0),
        citizen: citizen.0,
        sub: citizen.1,
        issuer: settings.issuer.clone(),
        service,
        node,
    };
    account.latency().await?;
    account.fill(wanted).await?;
    account.pages().await?;
    for format in ["json", "csv", "pdf"] {
        let address = format!("/account/history/export/{format}?steps=yes&from=2000-01-01");
        let request = shared_client().get(account.address(&address));
        account.taken(format, request).await?;
    }
    let request = account.archive().await?;
    account.taken("archive", request).await
}

/// A citizen who is signed in, and the service that knows them.
struct Account {
    citizen: HttpCitizen,
    cookies: String,
    sub: String,
    issuer: String,
    service: RawClient,
    node: Node,
}

impl Account {
    fn address(&self, path: &str) -> String {
        format!("{}{path}", self.issuer)
    }

    /// Says something, which is an entry of the history; when it was durable.
    async fn say(&self, reference: &str) -> Result<Instant> {
        let message = json!({
            "sub": self.sub, "reference": reference, "kind": "waiting", "title": { "fr": reference },
        });
        let posting = self.service.posting(
            &self.address("/account/messages"),
            &[("message", &message.to_string())],
        );
        let answer = Answer::of(posting).await?;
        ensure!(answer.status == 204, "{}", answer.body);
        Ok(Instant::now())
    }

    /// From when a message is durable to when an open page is told.
    async fn latency(&self) -> Result<()> {
        let (mut took, mut events) = (Vec::new(), None);
        for number in 0..MESSAGES {
            // A client of the tests keeps no page open for longer than a minute.
            if number % A_MINUTE_S == 0 {
                let open = shared_client()
                    .get(self.address("/account/live"))
                    .header("cookie", &self.cookies);
                events = Some(open.send().await?);
            }
            let events = events.as_mut().context("no page is open")?;
            // At any moment between two looks of the node.
            tokio::time::sleep(Duration::from_millis(37 * (number % 29))).await;
            let said = self.say(&format!("m-{}", number % 40)).await?;
            loop {
                let chunk = events.chunk().await?.context("the page was closed")?;
                if chunk.starts_with(b"event") {
                    break;
                }
            }
            took.push(said.elapsed());
        }
        print("an open page is told", &mut took);
        Ok(())
    }

    async fn fill(&self, wanted: usize) -> Result<()> {
        let began = Instant::now();
        stream::iter(0..wanted)
            .map(|number| async move { self.say(&format!("m-{}", number % 40)).await })
            .buffer_unordered(32)
            .try_for_each(|_| async { Ok(()) })
            .await?;
        println!("{wanted} entries in {:?}", began.elapsed());
        // The first page waits until the ledger is read on.
        self.page("").await.map(drop)
    }

    async fn page(&self, before: &str) -> Result<String> {
        let address = format!("/account/history?steps=yes&from=2000-01-01{before}");
        let request = shared_client().get(self.address(&address));
        let answer = request.header("cookie", &self.cookies).send().await?;
        ensure!(answer.status() == 200, "{}", answer.status());
        Ok(answer.text().await?)
    }

    /// Pages one after the other, from the newest to wherever that leads.
    async fn pages(&self) -> Result<()> {
        let (mut took, mut before) = (Vec::new(), String::new());
        for _ in 0..PAGES {
            let began = Instant::now();
            let page = self.page(&before).await?;
            took.push(began.elapsed());
            let Some((_, older)) = page.split_once("before=") else {
                break;
            };
            let older = older.split(['"', '&']).next().unwrap_or_default();
            before = format!("&before={older}");
        }
        let last = before.trim_start_matches("&before=").parse::<u64>();
        // And from far back.
        for part in 1..PAGES {
            let place = last.as_ref().map_or(0, |last| last * part / PAGES);
            let began = Instant::now();
            self.page(&format!("&before={place}")).await?;
            took.push(began.elapsed());
        }
        print("a page of the history", &mut took);
        Ok(())
    }

    async fn archive(&self) -> Result<reqwest::RequestBuilder> {
        let address = self.address("/account/rights");
        let page = self.citizen.clone().get(&address).await?;
        let forms = page.document().forms();
        let form = forms.iter().find(|form| form.action.ends_with("/archive"));
        let form = form.context("no form")?;
        let request = shared_client().post(self.address("/account/rights/archive"));
        let request = request.header("sec-fetch-site", "same-origin");
        Ok(request.form(&form.fields))
    }

    /// Takes a file; how long that takes, and how much more memory the node has at most meanwhile.
    async fn taken(&self, what: &str, request: reqwest::RequestBuilder) -> Result<()> {
        let before = self.memory()?;
        let began = Instant::now();
        let mut answer = request.header("cookie", &self.cookies).send().await?;
        ensure!(answer.status() == 200, "{what}: {}", answer.status());
        let (mut length, mut most) = (0, before);
        while let Some(chunk) = answer.chunk().await? {
            length += chunk.len();
            most = most.max(self.memory()?);
        }
        let took = began.elapsed();
        println!(
            "{what}: {took:.1?}, {:.1} MB, {} MB more memory at most",
            megabytes(length),
            most.saturating_sub(before) / 1024,
        );
        Ok(())
    }

    /// Resident, in kilobytes.
    fn memory(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.node.process.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let line = line.context("no VmRSS")?.trim().trim_end_matches(" kB");
        Ok(line.parse()?)
    }
}

#[expect(clippy::cast_precision_loss, reason = "a file is far below 2^52 bytes")]
fn megabytes(length: usize) -> f64 {
    length as f64 / 1e6
}

fn print(what: &str, took: &mut [Duration]) {
    took.sort_unstable();
    let at = |hundredth: usize| took[(took.len() - 1) * hundredth / 100];
    println!(
        "{what}, {} times: p50 {:.1?}, p99 {:.1?}, at most {:.1?}",
        took.len(),
        at(50),
        at(99),
        at(100)
    );
}

async fn signed_in(
    service: &RawClient,
    issuer: &str,
    provider: &MockProvider,
) -> Result<(HttpCitizen, String)> {
    let attempt = service.attempt(issuer)?;
    let mut citizen = service.citizen();
    let journey = citizen.visit(&attempt.url());
    journey.choose(&provider.button()).agree().await?;
    let view = citizen.look().await?;
    let code = parameter(&view.url, "code").with_context(|| format!("no code: {view}"))?;
    let tokens = service.redeem(issuer, &code, &attempt).await?;
    let userinfo = service
        .userinfo(issuer, tokens.text("access_token"))
        .await?;
    let sub = userinfo.json.get("sub").and_then(Value::as_str);
    let sub = sub.context("no sub")?.to_owned();
    Ok((citizen, sub))
}

fn cookies(citizen: &HttpCitizen) -> String {
    let cookies = citizen.cookies().into_iter();
    let cookies: Vec<String> = cookies
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    cookies.join("; ")
}

/// How many messages one open page is told.
const A_MINUTE_S: u64 = 20;
/// How many messages the latency is measured with.
const MESSAGES: u64 = 60;
/// How many pages are looked at from the newest on, and as many from further back.
const PAGES: u64 = 100;
