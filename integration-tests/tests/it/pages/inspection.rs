//! What is asked of every page, and the list of what was wrong.

use anyhow::{Result, ensure};
use guichet_integration_tests::Browser;
use guichet_integration_tests::browser::{Look, Screen};

/// An inspection of pages in one language. It goes on after a fault, and tells all at the end.
pub(crate) struct Inspection {
    language: &'static str,
    takes_pictures: bool,
    seen: Vec<String>,
    faults: Vec<String>,
}

impl Inspection {
    /// An inspection that takes pictures too: light and dark, desktop and phone, and at 400 %.
    pub(crate) fn with_pictures(language: &'static str) -> Self {
        Self {
            takes_pictures: true,
            ..Self::new(language)
        }
    }

    /// An inspection of pages that should be in this language.
    pub(crate) fn new(language: &'static str) -> Self {
        Self {
            language,
            takes_pictures: false,
            seen: Vec::new(),
            faults: Vec::new(),
        }
    }

    /// The language that pages should be in.
    pub(crate) const fn language(&self) -> &'static str {
        self.language
    }

    /// Judges the page before the browser; `name` is for pictures and complaints.
    pub(crate) async fn see(&mut self, browser: &Browser, name: &str) -> Result<()> {
        self.seen.push(name.to_owned());
        self.read(browser, name).await?;
        browser.use_screen(Screen::Zoomed).await?;
        let overflow = browser.overflow().await?;
        if overflow > 0 {
            self.complain(name, &format!("{overflow} pixels too wide at 400 %"));
        }
        if self.takes_pictures {
            browser.photograph(&format!("{name}-zoomed")).await?;
        }
        for (screen, screen_name) in [(Screen::Phone, "phone"), (Screen::Desktop, "desktop")] {
            browser.use_screen(screen).await?;
            for (look, look_name) in [(Look::Dark, "dark"), (Look::Light, "light")] {
                browser.prefer(look).await?;
                if screen == Screen::Desktop {
                    self.judge(browser, name, look_name).await?;
                }
                if self.takes_pictures {
                    let picture = format!("{name}-{screen_name}-{look_name}");
                    browser.photograph(&picture).await?;
                }
            }
        }
        Ok(())
    }

    /// Fails with every fault found, or if fewer than `least` pages were seen.
    pub(crate) fn conclude(self, least: usize) -> Result<()> {
        ensure!(
            self.seen.len() >= least,
            "only {} pages were seen: {:?}",
            self.seen.len(),
            self.seen
        );
        ensure!(
            self.faults.is_empty(),
            "{} faults on {} pages:\n{}",
            self.faults.len(),
            self.seen.len(),
            self.faults.join("\n")
        );
        Ok(())
    }

    /// The language, the title and the one heading of the page.
    async fn read(&mut self, browser: &Browser, name: &str) -> Result<()> {
        let language = browser.evaluate("document.documentElement.lang").await?;
        if language != self.language {
            self.complain(name, &format!("is in {language}, not in {}", self.language));
        }
        let headings = browser
            .evaluate("document.querySelectorAll('h1').length")
            .await?;
        if headings != 1 {
            self.complain(name, &format!("has {headings} first headings"));
        }
        let title = browser.evaluate("document.title.trim()").await?;
        if title.as_str().is_none_or(|title| title.starts_with('–')) {
            self.complain(name, "has no title");
        }
        let missing = browser.evaluate(MISSING_TEXT).await?;
        if missing == true {
            self.complain(name, "shows the name of a text instead of the text");
        }
        Ok(())
    }

    async fn judge(&mut self, browser: &Browser, name: &str, look: &str) -> Result<()> {
        if let Err(error) = browser.must_be_accessible().await {
            self.complain(name, &format!("({look}) {error}"));
        }
        Ok(())
    }

    fn complain(&mut self, name: &str, fault: &str) {
        self.faults.push(format!("{name}: {fault}"));
    }
}

/// Words such as `consent-title` or `{ $service }` are names of texts, or of what belongs in them.
const MISSING_TEXT: &str = r"/\{ ?\$|\b(demo|idp|portal|admin|error|consent|setback|sessions|method|claim|level|ineligible|evidence)-[a-z]+-[a-z]+\b/.test(document.body.innerText)";
