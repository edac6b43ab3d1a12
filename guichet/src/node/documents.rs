//! Documents that clients publish, fetched with the one outgoing client.

use async_trait::async_trait;
use bytes::Bytes;
use guichet_oidc::{Document, Fetch, Unfetchable};
use guichet_web::{Outgoing, OutgoingError};
use http::{Request, StatusCode, header};
use url::Url;

/// The outgoing client as the engine sees it.
pub(super) struct ClientDocuments(pub(super) Outgoing);

#[async_trait]
impl Fetch for ClientDocuments {
    async fn get(&self, url: &Url, what: Document) -> Result<Bytes, Unfetchable> {
        let request = Request::get(url.as_str())
            .header(header::ACCEPT, what.accept())
            .body(Vec::new())
            .map_err(|_| Unfetchable::Refused)?;
        let answer = self.0.execute(request).await.map_err(|error| match error {
            OutgoingError::Refused => Unfetchable::Refused,
            OutgoingError::TooLarge => Unfetchable::TooLarge,
            _ => Unfetchable::Unanswered,
        })?;
        if answer.status() != StatusCode::OK {
            return Err(Unfetchable::Unanswered);
        }
        let body = answer.into_body();
        if body.len() > what.largest() {
            return Err(Unfetchable::TooLarge);
        }
        Ok(body)
    }
}
