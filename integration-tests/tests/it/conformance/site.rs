//! A relying party's own web server: serves documents, hears what is posted and loaded.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{OriginalUri, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use guichet_integration_tests::wait;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// The server. Dropping it ends it.
pub(super) struct Site {
    /// Its address, without a trailing slash.
    pub(super) address: String,
    shared: Shared,
    server: JoinHandle<()>,
}

/// A request that came.
#[derive(Clone, Debug)]
pub(super) struct Heard {
    /// Path and query.
    pub(super) path: String,
    /// The form posted with it.
    pub(super) form: HashMap<String, String>,
}

/// As much of a PNG as whoever looks at its first bytes wants to see.
const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR";

type Shared = Arc<(Mutex<HashMap<String, Vec<u8>>>, Mutex<Vec<Heard>>)>;

impl Site {
    /// Serves on a free port.
    pub(super) async fn start() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = format!("http://{}", listener.local_addr()?);
        let shared = Shared::default();
        let routes = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&shared));
        let server = tokio::spawn(async move {
            // Ends when the test does.
            let _ = axum::serve(listener, routes).await;
        });
        Ok(Self {
            address,
            shared,
            server,
        })
    }

    /// From now on there is this document at `path`; its address.
    pub(super) fn put(&self, path: &str, document: &str) -> String {
        self.put_bytes(path, document.as_bytes())
    }

    /// From now on there is a picture at `path`; its address.
    pub(super) fn picture(&self, path: &str) -> String {
        self.put_bytes(path, PICTURE)
    }

    fn put_bytes(&self, path: &str, document: &[u8]) -> String {
        let mut documents = self.shared.0.lock().unwrap_or_else(PoisonError::into_inner);
        documents.insert(path.to_owned(), document.to_vec());
        format!("{}{path}", self.address)
    }

    /// An address here.
    pub(super) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }

    /// What came so far.
    pub(super) fn heard(&self) -> Vec<Heard> {
        let heard = self.shared.1.lock().unwrap_or_else(PoisonError::into_inner);
        heard.clone()
    }

    /// The first request to `path`, waited for.
    pub(super) async fn hears(&self, path: &str) -> Result<Heard> {
        wait::until(path, async || {
            let mut heard = self.heard().into_iter();
            heard.find(|request| request.path.starts_with(path))
        })
        .await
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn answer(
    State(shared): State<Shared>,
    OriginalUri(uri): OriginalUri,
    body: Bytes,
) -> Response {
    let form = url::form_urlencoded::parse(&body).into_owned().collect();
    let path = uri
        .path_and_query()
        .map_or("", |path| path.as_str())
        .to_owned();
    let heard = Heard { path, form };
    shared
        .1
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(heard);
    let documents = shared.0.lock().unwrap_or_else(PoisonError::into_inner);
    match documents.get(uri.path()) {
        // A browser shows a page, and downloads what nobody says is one.
        Some(document) if document.starts_with(b"<!doctype") => {
            Html(document.clone()).into_response()
        }
        Some(document) => document.clone().into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    }
}
