//! A real browser: headless Chromium through its own WebDriver, one per test, with a profile of its own.

mod accessibility;
mod authenticator;
mod keyboard;
mod looks;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::extensions::query::ElementPollerWithTimeout;
use thirtyfour::prelude::*;
use thirtyfour::{ChromeCapabilities, ChromiumLikeCapabilities};
use url::Url;

use crate::journey::{Control, Hands, View};
use crate::machine::{free_port, install_tls};
use crate::process::{Process, is_root, mortal};
use crate::wait;

pub use looks::{Look, Screen};

/// The browser. Dropping it closes it.
pub struct Browser {
    driver: WebDriver,
    port: u16,
    // Dropped in this order, once the browser is closed.
    _chromedriver: Process,
    _profile: TempDir,
}

/// What keeps a headless Chromium quiet, small and alike from run to run.
const ARGUMENTS: &[&str] = &[
    "--headless=new",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-gpu",
    "--disable-sync",
    "--force-color-profile=srgb",
    "--hide-scrollbars",
    "--lang=fr",
    "--mute-audio",
    "--no-first-run",
    "--no-proxy-server",
    "--window-size=1280,900",
];

/// Tells documents apart: when this one began, or nothing while it is still arriving.
const DOCUMENT: &str = "document.readyState === 'complete' ? performance.timeOrigin : null";

/// How long a pressed control may take to lead to another document.
const DITHERING: Duration = Duration::from_secs(3);

/// How long a control may take to appear.
const PATIENCE: Duration = Duration::from_secs(15);

impl Browser {
    /// Starts a browser that reads French.
    pub async fn start() -> Result<Self> {
        install_tls();
        let port = free_port()?;
        let mut command = mortal("chromedriver");
        command.arg(format!("--port={port}"));
        let mut chromedriver = Process::start("chromedriver", command)?;
        let ready = async |log: &str| log.contains("started successfully").then_some(());
        chromedriver.until(ready).await?;

        let profile = tempfile::tempdir()?;
        let capabilities = capabilities(&profile)?;
        let driver = WebDriver::new(format!("http://localhost:{port}"), capabilities).await?;
        let poller = ElementPollerWithTimeout::new(PATIENCE, Duration::from_millis(20));
        driver.set_poller(Arc::new(poller));
        Ok(Self {
            driver,
            port,
            _chromedriver: chromedriver,
            _profile: profile,
        })
    }

    /// The WebDriver session, for what this language has no word for.
    pub fn driver(&self) -> &WebDriver {
        &self.driver
    }

    /// A command of the Chrome DevTools protocol.
    pub async fn devtools(&self, command: &str, parameters: Value) -> Result<Value> {
        let answer = self.driver.cdp().send_raw(command, parameters).await;
        answer.with_context(|| format!("{command} failed"))
    }

    /// The value of a JavaScript expression, whatever the page's policy says.
    pub async fn evaluate(&self, expression: &str) -> Result<Value> {
        let parameters =
            json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let answer = self.devtools("Runtime.evaluate", parameters).await?;
        if let Some(exception) = answer.get("exceptionDetails") {
            anyhow::bail!("{expression} threw {exception}");
        }
        Ok(answer["result"]["value"].clone())
    }

    /// Presses the browser's back button.
    pub async fn back(&self) -> Result<()> {
        Ok(self.driver.back().await?)
    }

    /// Opens a tab, and turns to it.
    pub async fn open_tab(&self) -> Result<()> {
        let tab = self.driver.new_tab().await?;
        Ok(self.driver.switch_to_window(tab).await?)
    }

    /// Turns to the tab of that number, the first being 0.
    pub async fn turn_to_tab(&self, number: usize) -> Result<()> {
        let tabs = self.driver.windows().await?;
        let tab = tabs.get(number).context("no such tab")?.clone();
        Ok(self.driver.switch_to_window(tab).await?)
    }

    /// Sends keys to whatever has the focus.
    pub async fn type_keys(&self, keys: impl AsRef<str>) -> Result<()> {
        Ok(self
            .driver
            .action_chain()
            .send_keys(keys.as_ref())
            .perform()
            .await?)
    }

    /// Ticks the box of that `id`, or unticks it.
    pub async fn tick(&self, id: &str) -> Result<()> {
        let element = self.find(&Control::Id(id)).await?;
        element.scroll_into_view().await?;
        Ok(element.click().await?)
    }

    /// Chooses a file of this machine for the field of that `name`.
    pub async fn choose_file(&self, field: &str, path: &str) -> Result<()> {
        let element = self.driver.query(By::Name(field)).first().await;
        let element = element.with_context(|| format!("no field called `{field}`"))?;
        Ok(element.send_keys(path).await?)
    }

    /// Waits until the address bar says so.
    pub async fn until_at(&self, what: &str, there: impl Fn(&str) -> bool) -> Result<()> {
        wait::until(what, async || {
            let url = self.driver.current_url().await.ok()?;
            there(url.as_str()).then_some(())
        })
        .await
    }

    /// Waits for another document than `before`, complete. A control that only runs a script, such as a passkey's,
    /// leads nowhere at once: after a while the page at hand is taken for the answer.
    async fn leave(&self, before: &Value) -> Result<()> {
        let deadline = Instant::now() + DITHERING;
        while Instant::now() < deadline {
            // Between two documents there is nobody to ask.
            if let Ok(now) = self.evaluate(DOCUMENT).await
                && now.is_number()
                && now != *before
            {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    async fn find(&self, control: &Control<'_>) -> Result<WebElement> {
        let by = match control {
            Control::Id(id) => By::Id(*id),
            Control::Labelled(label) => By::XPath(labelled(label)),
        };
        self.driver
            .query(by)
            .first()
            .await
            .with_context(|| format!("no control {control}"))
    }
}

impl Drop for Browser {
    /// Closes the browser through its driver, whose end alone would leave the browser behind.
    ///
    /// Not through the session: ending that waits for the runtime of the test, which waits for this.
    fn drop(&mut self) {
        let _ = self.driver.clone().leak();
        let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port)) else {
            return;
        };
        let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
        let _ = stream
            .write_all(b"GET /shutdown HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        let _ = stream.read(&mut [0; 512]);
    }
}

impl Hands for Browser {
    async fn open(&mut self, address: &str) -> Result<()> {
        Ok(self.driver.goto(address).await?)
    }

    async fn fill(&mut self, field: &str, value: &str) -> Result<()> {
        let element = self.driver.query(By::Name(field)).first().await;
        let element = element.with_context(|| format!("no field called `{field}`"))?;
        element.clear().await?;
        Ok(element.send_keys(value).await?)
    }

    async fn press(&mut self, control: &Control<'_>) -> Result<()> {
        let element = self.find(control).await?;
        element.scroll_into_view().await?;
        let before = self.evaluate(DOCUMENT).await?;
        element.click().await?;
        self.leave(&before).await
    }

    async fn look(&mut self) -> Result<View> {
        let url = self.driver.current_url().await?;
        Ok(View {
            url,
            status: None,
            html: self.driver.source().await?,
        })
    }

    async fn arrive(&mut self, address: &Url) -> Result<()> {
        let origin = address.origin();
        self.until_at(address.as_str(), |url| {
            Url::parse(url).is_ok_and(|url| url.origin() == origin)
        })
        .await
    }

    async fn keep_evidence(&mut self) -> Option<String> {
        let name = std::thread::current()
            .name()
            .unwrap_or("browser")
            .replace("::", "-");
        let path = self.photograph(&format!("failures/{name}")).await.ok()?;
        Some(format!("(screenshot: {})", path.display()))
    }
}

fn capabilities(profile: &TempDir) -> Result<ChromeCapabilities> {
    let mut capabilities = ChromeCapabilities::new();
    for argument in ARGUMENTS {
        capabilities.add_arg(argument)?;
    }
    if is_root() {
        // Chromium's sandbox refuses root; the pages are ours.
        capabilities.add_arg("--no-sandbox")?;
    }
    capabilities.add_arg(&format!("--user-data-dir={}", profile.path().display()))?;
    let preferences =
        json!({ "intl.accept_languages": "fr,en", "credentials_enable_service": false });
    capabilities.add_experimental_option("prefs", preferences)?;
    Ok(capabilities)
}

/// Buttons and links by what they, or a part of them that stands out, read; white space folded.
fn labelled(label: &str) -> String {
    let quote = if label.contains('"') { '\'' } else { '"' };
    let reads = format!("normalize-space(.)={quote}{label}{quote}");
    format!(
        "//*[self::button or self::a][descendant-or-self::*[{reads}]] \
         | //input[@type='submit'][@value={quote}{label}{quote}]"
    )
}
