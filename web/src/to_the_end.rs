//! What somebody posts is done to its end, also when they hang up meanwhile.
//!
//! A server drops the work for a connection that is gone wherever it stands, and that may be between the
//! entry that says that something happens and what makes it happen.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::{Method, StatusCode};

/// A layer (`axum::middleware::from_fn`) for routes whose posts change something in several steps.
pub async fn to_the_end(request: Request, next: Next) -> Response {
    if request.method() != Method::POST {
        return next.run(request).await;
    }
    match tokio::spawn(next.run(request)).await {
        Ok(response) => response,
        Err(stopped) => match stopped.try_into_panic() {
            Ok(panicked) => std::panic::resume_unwind(panicked),
            // The node itself is going.
            Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        },
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use axum::Router;
    use axum::body::Body;
    use axum::routing::post;
    use tokio::sync::Notify;
    use tower::ServiceExt as _;

    use super::*;

    /// Two steps, with a moment in between.
    #[derive(Default)]
    struct Work {
        steps: AtomicU32,
        moved: Notify,
        may_go_on: Notify,
    }

    impl Work {
        fn step(&self) {
            self.steps.fetch_add(1, Ordering::SeqCst);
            self.moved.notify_one();
        }
    }

    fn routes(work: &Arc<Work>) -> Router {
        let work = Arc::clone(work);
        let both = move || {
            let work = Arc::clone(&work);
            async move {
                work.step();
                work.may_go_on.notified().await;
                work.step();
            }
        };
        Router::new()
            .route("/", post(both.clone()).get(both))
            .layer(axum::middleware::from_fn(to_the_end))
    }

    /// Asks, and hangs up after the first step.
    async fn hang_up(method: Method, work: &Arc<Work>) {
        let request = http::Request::builder().method(method).uri("/");
        let request = request.body(Body::empty()).unwrap();
        tokio::select! {
            _ = routes(work).oneshot(request) => panic!("answered"),
            () = work.moved.notified() => {}
        }
        work.may_go_on.notify_one();
    }

    #[tokio::test]
    async fn what_is_posted_is_done_to_its_end_whoever_hangs_up() {
        let work = Arc::new(Work::default());
        hang_up(Method::POST, &work).await;
        work.moved.notified().await;
        assert_eq!(work.steps.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn what_is_only_looked_at_stops_with_whoever_looks() {
        let work = Arc::new(Work::default());
        hang_up(Method::GET, &work).await;
        tokio::task::yield_now().await;
        assert_eq!(work.steps.load(Ordering::SeqCst), 1);
    }
}
