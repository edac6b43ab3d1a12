//! What many tests share because it is slow to set: set by the first that asks, kept to the end of the run.

use std::sync::{OnceLock, mpsc};
use std::thread;

use anyhow::{Result, anyhow};

/// A place for one such thing, in a `static`.
pub struct Shared<T>(OnceLock<Result<T, String>>);

impl<T: Send + Sync + 'static> Shared<T> {
    /// Nothing there yet.
    #[expect(
        clippy::new_without_default,
        reason = "it stands in a static, where only a const function can make it"
    )]
    pub const fn new() -> Self {
        Self(OnceLock::new())
    }

    /// What is there, set by `set` when this is the first to ask.
    ///
    /// # Errors
    /// Whatever `set` failed with, to all who ask.
    pub fn once<F>(&'static self, set: impl FnOnce() -> F + Send + 'static) -> Result<&'static T>
    where
        F: Future<Output = Result<T>>,
    {
        let there = self.0.get_or_init(|| {
            let (send, receive) = mpsc::channel();
            // A program dies with the thread that started it, so that thread must outlive every test.
            thread::spawn(move || {
                let Ok(runtime) = tokio::runtime::Runtime::new() else {
                    return;
                };
                runtime.block_on(async {
                    let _ = send.send(set().await.map_err(|error| format!("{error:?}")));
                    std::future::pending::<()>().await;
                });
            });
            receive
                .recv()
                .unwrap_or_else(|error| Err(error.to_string()))
        });
        there
            .as_ref()
            .map_err(|error| anyhow!("what the tests share could not be set: {error}"))
    }
}
