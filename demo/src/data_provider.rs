//! A data provider: for now a page that says what evidence it holds. (Once-only exchange comes with
//! the rooms that carry it.)

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use guichet_web::{Accent, PageContext, Pages, Value, context};

use crate::cast::DataProvider;
use crate::{DemoError, Surroundings};

/// The whole site of `provider`.
pub fn router(provider: DataProvider, surroundings: &Surroundings) -> Result<Router, DemoError> {
    let pages = surroundings.pages(provider.member(), Accent::Teal)?;
    let site = Arc::new(Site {
        provider,
        pages: pages.clone(),
    });
    let routes = Router::new()
        .route("/", get(page))
        .route("/healthz", get(|| async { "ok" }))
        .with_state(site);
    Ok(pages.wrap(routes.merge(pages.common_routes())))
}

struct Site {
    provider: DataProvider,
    pages: Pages,
}

async fn page(State(site): State<Arc<Site>>, page: PageContext) -> Response {
    let evidence = site.provider.scopes().iter().map(|scope| {
        context! {
            label => site.pages.text(page.locale, &format!("demo-evidence-{scope}"), &[]),
            value => *scope,
        }
    });
    let data = context! {
        provider => format!("demo-{}", site.provider.member().slug()),
        evidence => evidence.collect::<Value>(),
    };
    site.pages.html(&page, "demo/data_provider.html", data)
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use http::Request;
    use tower::ServiceExt as _;

    use super::*;
    use crate::cast::Addresses;
    use crate::testing::surroundings;

    #[tokio::test]
    async fn each_says_what_it_holds_in_both_languages() {
        for provider in DataProvider::ALL {
            let site = router(provider, &surroundings(Addresses::default())).unwrap();
            for language in ["fr", "en"] {
                let path = format!("/?ui_locales={language}");
                let request = Request::get(path).body(Body::empty()).unwrap();
                let response = site.clone().oneshot(request).await.unwrap();
                let page = to_bytes(response.into_body(), 1 << 20).await.unwrap();
                let page = String::from_utf8(page.to_vec()).unwrap();
                assert!(
                    provider.scopes().iter().all(|scope| page.contains(scope)),
                    "{page}"
                );
                assert!(!page.contains("demo-evidence"), "a text is missing: {page}");
            }
        }
    }
}
