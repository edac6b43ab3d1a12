//! What clients publish, on a network that may be down.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use url::Url;

use crate::{Document, Fetch, Unfetchable};

/// Documents by their address, and how often any was asked for.
#[derive(Default)]
pub(crate) struct Published {
    documents: Mutex<HashMap<String, Bytes>>,
    fetches: AtomicUsize,
}

impl Published {
    pub(crate) fn put(&self, url: &str, document: impl Into<Bytes>) {
        let mut documents = self.documents.lock().unwrap();
        documents.insert(url.to_owned(), document.into());
    }

    pub(crate) fn take_away(&self, url: &str) {
        self.documents.lock().unwrap().remove(url);
    }

    pub(crate) fn fetches(&self) -> usize {
        self.fetches.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Fetch for Published {
    async fn get(&self, url: &Url, what: Document) -> Result<Bytes, Unfetchable> {
        self.fetches.fetch_add(1, Ordering::SeqCst);
        // Others get their turn while this one waits for the network.
        tokio::task::yield_now().await;
        let found = self.documents.lock().unwrap().get(url.as_str()).cloned();
        found
            .filter(|document| document.len() <= what.largest())
            .ok_or(Unfetchable::Unanswered)
    }
}
