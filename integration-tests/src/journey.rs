//! What a citizen does, told as a sentence: the same words for a real browser and for a plain HTTP client.
//!
//! ```text
//! let page = browser
//!     .visit(demo.service("carte-grise"))
//!     .sign_in_with("Compte Citoyen")
//!     .as_citizen(&CAMILLE)
//!     .agree()
//!     .land()
//!     .await?;
//! ```

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;

use anyhow::{Context, Result, ensure};
use url::Url;

use crate::authenticator::Authenticator;
use crate::citizens::{self, Citizen};
use crate::controls;
use crate::html::Document;

/// A link or button.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Control<'a> {
    /// By its `id`.
    Id(&'a str),
    /// By what a person reads on it.
    Labelled(&'a str),
}

impl fmt::Display for Control<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => write!(formatter, "#{id}"),
            Self::Labelled(label) => write!(formatter, "“{label}”"),
        }
    }
}

/// What stands before the citizen's eyes.
#[derive(Clone, Debug)]
pub struct View {
    /// The address bar.
    pub url: Url,
    /// The HTTP status, where the walker can see it.
    pub status: Option<u16>,
    /// The page.
    pub html: String,
}

impl View {
    /// The page taken apart.
    pub fn document(&self) -> Document {
        Document::parse(&self.html)
    }

    /// What a person reads.
    pub fn text(&self) -> String {
        self.document().text()
    }

    /// The text of the element of that `id`.
    pub fn shown(&self, id: &str) -> Result<String> {
        let document = self.document();
        let element = document
            .by_id(id)
            .with_context(|| format!("nothing called #{id} on {self}"))?;
        Ok(element.text.clone())
    }

    /// The pseudonym a demo service shows.
    pub fn sub(&self) -> Result<String> {
        self.shown(controls::SHOWN_SUB)
    }
}

impl fmt::Display for View {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text: String = self.text().chars().take(600).collect();
        let status = self
            .status
            .map(|status| format!(" ({status})"))
            .unwrap_or_default();
        write!(formatter, "{}{status}: {text}", self.url)
    }
}

/// Someone, or something, that can use pages.
#[expect(async_fn_in_trait, reason = "a test drives one walker on one thread")]
pub trait Hands: Sized {
    /// Types an address.
    async fn open(&mut self, address: &str) -> Result<()>;
    /// Fills the field of that `name`.
    async fn fill(&mut self, field: &str, value: &str) -> Result<()>;
    /// Presses a button or follows a link, and waits for the page it leads to.
    async fn press(&mut self, control: &Control<'_>) -> Result<()>;
    /// Looks at the page.
    async fn look(&mut self) -> Result<View>;
    /// Waits until the walker has come to `address`'s origin, where coming there takes time.
    async fn arrive(&mut self, _address: &Url) -> Result<()> {
        Ok(())
    }
    /// Keeps what helps to understand a failure, and says where.
    async fn keep_evidence(&mut self) -> Option<String> {
        None
    }

    /// A journey that starts at this address.
    fn visit(&mut self, address: &str) -> Journey<'_, Self> {
        Journey {
            hands: self,
            origin: Url::parse(address).ok(),
            steps: vec![Step::Open(address.to_owned())],
        }
    }

    /// A journey that goes on from the page at hand.
    fn here(&mut self) -> Journey<'_, Self> {
        Journey {
            hands: self,
            origin: None,
            steps: Vec::new(),
        }
    }
}

/// Steps still to be walked; awaiting it walks them and yields the last page.
#[must_use = "a journey is walked when it is awaited"]
pub struct Journey<'a, H> {
    hands: &'a mut H,
    origin: Option<Url>,
    steps: Vec<Step>,
}

#[derive(Clone, Debug)]
enum Step {
    Open(String),
    Fill(&'static str, String),
    Press(Control<'static>),
    PressLabelled(String),
    Enter(Authenticator),
    Land(Option<Url>),
}

impl<H: Hands> Journey<'_, H> {
    /// Presses the service's button, then the provider's.
    pub fn sign_in_with(self, provider: &str) -> Self {
        self.sign_in().choose(provider)
    }

    /// Presses the service's button.
    pub fn sign_in(self) -> Self {
        self.then(Step::Press(controls::SIGN_IN_WITH_GUICHET))
    }

    /// Presses the button of a provider on the choice page.
    pub fn choose(self, provider: &str) -> Self {
        self.then(Step::PressLabelled(provider.to_owned()))
    }

    /// Signs in with login and password.
    pub fn as_citizen(self, citizen: &Citizen) -> Self {
        self.with_credentials(citizen.login, citizens::PASSWORD)
    }

    /// Signs in with whatever login and password.
    pub fn with_credentials(self, login: &str, password: &str) -> Self {
        self.fill(controls::LOGIN, login)
            .fill(controls::PASSWORD, password)
            .then(Step::Press(controls::SIGN_IN))
    }

    /// Enters a code of an authenticator application.
    pub fn with_code(self, authenticator: Authenticator) -> Self {
        self.then(Step::Enter(authenticator))
            .then(Step::Press(controls::VERIFY))
    }

    /// Agrees on the information or consent page.
    pub fn agree(self) -> Self {
        self.then(Step::Press(controls::AGREE))
    }

    /// Refuses on the consent page.
    pub fn refuse(self) -> Self {
        self.then(Step::Press(controls::REFUSE))
    }

    /// Fills a field.
    pub fn fill(self, field: &'static str, value: &str) -> Self {
        self.then(Step::Fill(field, value.to_owned()))
    }

    /// Presses any control.
    pub fn press(self, control: Control<'static>) -> Self {
        self.then(Step::Press(control))
    }

    /// Goes to another address.
    pub fn open(self, address: &str) -> Self {
        self.then(Step::Open(address.to_owned()))
    }

    /// Must be back at the service the journey started from.
    pub fn land(self) -> Self {
        let origin = self.origin.clone();
        self.then(Step::Land(origin))
    }

    /// Must be at this origin.
    pub fn land_at(self, address: &str) -> Self {
        self.then(Step::Land(Url::parse(address).ok()))
    }

    fn then(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    async fn walk(self) -> Result<View> {
        let Self { hands, steps, .. } = self;
        for (number, step) in steps.iter().enumerate() {
            if let Err(error) = take(hands, step).await {
                let seen = hands
                    .look()
                    .await
                    .map_or_else(|error| error.to_string(), |view| view.to_string());
                let evidence = hands.keep_evidence().await.unwrap_or_default();
                return Err(error.context(format!(
                    "step {} ({step:?}) failed at {seen} {evidence}",
                    number + 1
                )));
            }
        }
        hands.look().await
    }
}

async fn take<H: Hands>(hands: &mut H, step: &Step) -> Result<()> {
    match step {
        Step::Open(address) => hands.open(address).await,
        Step::Fill(field, value) => hands.fill(field, value).await,
        Step::Press(control) => hands.press(control).await,
        Step::PressLabelled(label) => hands.press(&Control::Labelled(label)).await,
        Step::Enter(authenticator) => {
            hands
                .fill(controls::CODE, &authenticator.code().await?)
                .await
        }
        Step::Land(expected) => {
            let expected = expected.as_ref().context("nowhere to land was named")?;
            hands.arrive(expected).await?;
            let view = hands.look().await?;
            ensure!(
                view.url.origin() == expected.origin(),
                "not back at {expected}"
            );
            Ok(())
        }
    }
}

impl<'a, H: Hands> IntoFuture for Journey<'a, H> {
    type Output = Result<View>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.walk())
    }
}
