//! A citizen without a browser: keeps cookies, follows redirects one by one, fills forms.
//!
//! Fast enough for load, exact enough for races, and free to do what browsers would not.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use reqwest::header::{COOKIE, HeaderMap, LOCATION};
use reqwest::{Client, Method, redirect};
use url::Url;

use crate::cookies::Jar;
use crate::html::{Button, Document, Form};
use crate::journey::{Control, Hands, View};
use crate::machine::install_tls;

/// The walker. Cloning it copies its cookies: two clones are two tabs that part ways.
#[derive(Clone)]
pub struct HttpCitizen {
    client: Client,
    jar: Jar,
    /// Headers sent with every request.
    pub headers: HeaderMap,
    page: Option<Page>,
    filled: Vec<(String, String)>,
    stop_at: Option<String>,
}

/// One answer.
#[derive(Clone, Debug)]
pub struct Page {
    /// The address asked.
    pub url: Url,
    /// The HTTP status.
    pub status: u16,
    /// The answer's headers.
    pub headers: HeaderMap,
    /// The answer's body.
    pub body: String,
    /// The addresses walked through to get here, this one included.
    pub trail: Vec<Url>,
}

/// Longer chains are loops.
const MOST_REDIRECTS: usize = 20;

impl Default for HttpCitizen {
    fn default() -> Self {
        Self::new()
    }
}

impl HttpCitizen {
    /// A citizen with an empty cookie jar.
    pub fn new() -> Self {
        Self {
            client: plain_client(),
            jar: Jar::default(),
            headers: HeaderMap::new(),
            page: None,
            filled: Vec::new(),
            stop_at: None,
        }
    }

    /// Stops following redirects at addresses that start like this, without asking them: a service of the test's
    /// own that nobody serves.
    #[must_use]
    pub fn stopping_at(mut self, address: &str) -> Self {
        self.stop_at = Some(address.to_owned());
        self
    }

    /// One request, answered as it comes; redirects are not followed.
    pub async fn send(
        &mut self,
        method: Method,
        address: &str,
        form: Option<&[(String, String)]>,
    ) -> Result<Page> {
        let url = Url::parse(address).with_context(|| format!("not an address: {address}"))?;
        let mut request = self
            .client
            .request(method, url.clone())
            .headers(self.headers.clone());
        if let Some(cookies) = self.jar.header(&url) {
            request = request.header(COOKIE, cookies);
        }
        if let Some(form) = form {
            request = request.form(form);
        }
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        self.jar.take(&url, &headers);
        let body = response.text().await?;
        Ok(Page {
            trail: vec![url.clone()],
            url,
            status,
            headers,
            body,
        })
    }

    /// Asks for an address; redirects are not followed.
    pub async fn get(&mut self, address: &str) -> Result<Page> {
        self.send(Method::GET, address, None).await
    }

    /// Sends a form of one's own making; redirects are not followed.
    pub async fn post(&mut self, address: &str, form: &[(&str, &str)]) -> Result<Page> {
        let form: Vec<(String, String)> = form
            .iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
            .collect();
        self.send(Method::POST, address, Some(&form)).await
    }

    /// Goes where an answer points, until it points nowhere; the result becomes the page at hand.
    pub async fn follow(&mut self, mut page: Page) -> Result<Page> {
        while let Some(next) = page.location()? {
            let mut trail = page.trail;
            ensure!(
                trail.len() < MOST_REDIRECTS,
                "a loop of redirects: {trail:?}"
            );
            if self
                .stop_at
                .as_deref()
                .is_some_and(|stop| next.as_str().starts_with(stop))
            {
                trail.push(next.clone());
                page = Page {
                    url: next,
                    status: 0,
                    headers: HeaderMap::new(),
                    body: String::new(),
                    trail,
                };
                break;
            }
            page = self.get(next.as_str()).await?;
            trail.append(&mut page.trail);
            page.trail = trail;
        }
        self.filled.clear();
        self.page = Some(page.clone());
        Ok(page)
    }

    /// Sends a form of the page at hand with these values, pressing this button.
    pub async fn submit(
        &mut self,
        form: &Form,
        button: Option<&Button>,
        values: &[(String, String)],
    ) -> Result<Page> {
        let here = self.page.as_ref().context("no page at hand")?.url.clone();
        let action = button
            .and_then(|button| button.action.as_deref())
            .unwrap_or(&form.action);
        let target = if action.is_empty() {
            here
        } else {
            here.join(action)?
        };
        let mut fields = form.fields.clone();
        for (name, value) in values {
            fields.retain(|(field, _)| field != name);
            fields.push((name.clone(), value.clone()));
        }
        fields.extend(button.and_then(|button| button.field.clone()));
        if form.method == "post" {
            return self
                .send(Method::POST, target.as_str(), Some(&fields))
                .await;
        }
        let mut target = target;
        target.query_pairs_mut().clear().extend_pairs(fields);
        self.get(target.as_str()).await
    }

    /// The page at hand.
    pub fn page(&self) -> Result<&Page> {
        self.page.as_ref().context("no page at hand")
    }

    /// Makes an answer the page at hand, as if it had been walked to.
    pub fn stand_on(&mut self, page: Page) {
        self.page = Some(page);
    }

    /// The page at hand.
    pub fn at_hand(&self) -> Result<Page> {
        self.page.clone().context("no page at hand")
    }

    /// Names and values of the cookies held.
    pub fn cookies(&self) -> Vec<(String, String)> {
        self.jar
            .pairs()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    /// Plants a cookie.
    pub fn plant_cookie(&mut self, address: &str, name: &str, value: &str) -> Result<()> {
        self.jar.plant(&Url::parse(address)?, name, value);
        Ok(())
    }

    /// Loses the cookies that `unwanted` names.
    pub fn lose_cookies(&mut self, unwanted: impl Fn(&str) -> bool) {
        self.jar.forget(unwanted);
    }
}

impl Hands for HttpCitizen {
    async fn open(&mut self, address: &str) -> Result<()> {
        let page = self.get(address).await?;
        self.follow(page).await?;
        Ok(())
    }

    async fn fill(&mut self, field: &str, value: &str) -> Result<()> {
        let forms = self.page()?.document().forms();
        let known = forms
            .iter()
            .any(|form| form.fields.iter().any(|(name, _)| name == field));
        ensure!(known, "no field called `{field}`");
        self.filled.push((field.to_owned(), value.to_owned()));
        Ok(())
    }

    async fn press(&mut self, control: &Control<'_>) -> Result<()> {
        let document = self.page()?.document();
        let (Control::Id(wanted) | Control::Labelled(wanted)) = control;
        if let Some(address) = document.link(wanted) {
            let address = self.page()?.url.join(address)?;
            return self.open(address.as_str()).await;
        }
        let forms = document.forms();
        let found = forms
            .iter()
            .find_map(|form| Some((form, form.button(control)?)));
        let Some((form, button)) = found else {
            bail!("no control {control}")
        };
        let filled = std::mem::take(&mut self.filled);
        let answer = self.submit(form, Some(button), &filled).await?;
        self.follow(answer).await?;
        Ok(())
    }

    async fn look(&mut self) -> Result<View> {
        let page = self.page()?;
        Ok(View {
            url: page.url.clone(),
            status: Some(page.status),
            html: page.body.clone(),
        })
    }
}

impl Form {
    /// The button a person would press.
    pub fn button(&self, control: &Control<'_>) -> Option<&Button> {
        self.buttons.iter().find(|button| match control {
            Control::Id(id) => button.id == *id,
            Control::Labelled(label) => button.labels.iter().any(|own| own == label),
        })
    }
}

impl Page {
    /// The page taken apart.
    pub fn document(&self) -> Document {
        Document::parse(&self.body)
    }

    /// The first form.
    pub fn form(&self) -> Result<Form> {
        self.document()
            .forms()
            .into_iter()
            .next()
            .with_context(|| format!("no form at {}", self.url))
    }

    /// Where the answer points, when it is a redirect.
    pub fn location(&self) -> Result<Option<Url>> {
        if !(300..400).contains(&self.status) {
            return Ok(None);
        }
        let Some(location) = self.headers.get(LOCATION) else {
            return Ok(None);
        };
        Ok(Some(self.url.join(location.to_str()?)?))
    }

    /// A parameter of this page's address.
    pub fn parameter(&self, name: &str) -> Option<String> {
        parameter(&self.url, name)
    }

    /// The body as JSON.
    pub fn json(&self) -> Result<serde_json::Value> {
        serde_json::from_str(&self.body).with_context(|| format!("not JSON: {}", self.body))
    }
}

/// A parameter of an address.
pub fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

/// An HTTP client that follows nothing and gives up in time.
pub fn plain_client() -> Client {
    plain().build().unwrap_or_default()
}

/// The same, for sharing between tests: each has a runtime of its own, and a connection that is kept
/// dies with the runtime it was opened in.
pub fn shared_client() -> Client {
    plain()
        .pool_max_idle_per_host(0)
        .build()
        .unwrap_or_default()
}

fn plain() -> reqwest::ClientBuilder {
    install_tls();
    Client::builder()
        .redirect(redirect::Policy::none())
        .timeout(Duration::from_mins(1))
        .no_proxy()
}
