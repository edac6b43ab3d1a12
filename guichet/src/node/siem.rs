//! The audit log on its way to a collector (OTLP over HTTP, JSON): at least once, in order, whichever node sends
//! it. How far it is rests in the database; it moves on once the collector took what it stands for.

use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use guichet_admin::siem;
use guichet_ledger::History;
use guichet_store::durable::{Collector, EntryRecord};
use guichet_web::Outgoing;
use http::{HeaderMap, HeaderName, HeaderValue, Request, header};
use url::Url;

use super::{Foundation, foundation};

/// Sends entries to a collector.
pub(crate) struct CollectorPost {
    url: Url,
    headers: HeaderMap,
    outgoing: Outgoing,
    history: History,
    place: Arc<dyn Collector>,
}

/// How many entries leave at once.
const PAGE: u32 = 500;

impl CollectorPost {
    /// To the collector of the settings, if they name one.
    pub(crate) fn of(
        settings: &guichet_config::Ledger,
        foundation: &Foundation,
    ) -> Result<Option<Arc<Self>>> {
        let Some(url) = settings.collector.clone() else {
            return Ok(None);
        };
        let headers = match &settings.collector_headers {
            Some(file) => headers(&foundation::read(file, "ledger.collector_headers")?)
                .context("ledger.collector_headers")?,
            None => HeaderMap::new(),
        };
        Ok(Some(Arc::new(Self {
            url,
            headers,
            outgoing: foundation.outgoing.clone(),
            history: foundation.ledger.history().clone(),
            place: Arc::clone(&foundation.durable.collector),
        })))
    }

    /// Sends all that was written since, by whichever node; fails where the collector does not take it, and is
    /// to be called again.
    pub(crate) async fn send(&self) -> Result<()> {
        loop {
            let from = self.place.collected_to().await?;
            let page = self.history.read(from, PAGE).await?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            post(&self.outgoing, (self.url.as_str(), &self.headers), &page).await?;
            self.place.collected(from, last.sequence + 1).await?;
        }
    }
}

/// Posts entries; fails unless they are taken.
pub(crate) async fn post(
    outgoing: &Outgoing,
    (to, headers): (&str, &HeaderMap),
    page: &[EntryRecord],
) -> Result<()> {
    let body = siem::export(page).to_string().into_bytes();
    let request = Request::post(to).header(header::CONTENT_TYPE, "application/json");
    let mut request = request.body(body).context("the collector's address")?;
    request.headers_mut().extend(headers.clone());
    let answer = outgoing.execute(request).await.context("the collector")?;
    if answer.status().is_success() {
        Ok(())
    } else {
        bail!("the collector answered {}", answer.status())
    }
}

/// `Name: value`, one a line; secrets, so no value is repeated in an error.
fn headers(file: &[u8]) -> Result<HeaderMap> {
    let text = std::str::from_utf8(file).context("not text")?;
    let mut headers = HeaderMap::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once(':').context("a line is no `Name: value`")?;
        let name: HeaderName = name.trim().parse().context("a name is no header's")?;
        let mut value: HeaderValue = value.trim().parse().context("a value is no header's")?;
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_stand_in_a_file_a_line_each_and_are_not_repeated() {
        let read = headers(b"Authorization: Bearer x:y\n\nX-Tenant: city\n").unwrap();
        assert_eq!(read["authorization"], "Bearer x:y");
        assert_eq!(read["x-tenant"], "city");
        let wrong = headers(b"secret-without-a-name").unwrap_err();
        assert!(!format!("{wrong:#}").contains("secret"), "{wrong:#}");
    }
}
