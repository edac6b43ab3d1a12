//! `GET /logout/callback`: the provider has signed the person out and sends them back.
//!
//! The session here ended before they left, so nothing depends on this; `state` only decides whether
//! the browser goes on to the next provider, and then back to the service it came from.

use axum::extract::State;
use axum::response::Response;
use guichet_web::{PageContext, PageError, Query};
use http::HeaderMap;
use serde::Deserialize;

use super::sign_out::nobodys;
use super::to_provider::{done, on_to_next};
use super::{AT_PROVIDER, UnderWay};
use crate::hub::Hub;

/// What the provider sends back (OIDC RP-Initiated Logout §3).
#[derive(Deserialize)]
pub(crate) struct Back {
    state: Option<String>,
}

/// The handler.
pub(crate) async fn callback(
    State(hub): State<Hub>,
    page: PageContext,
    headers: HeaderMap,
    Query(back): Query<Back>,
) -> Result<Response, PageError> {
    let browser = hub.parts().cookies.browser(&headers);
    let kept = match browser {
        Some(browser) => hub.take_sign_out(browser, AT_PROVIDER).await?,
        None => None,
    };
    match (kept, browser) {
        (Some(kept), Some(browser)) if fits(&kept, back.state.as_deref()) => {
            on_to_next(&hub, kept, browser, &page).await
        }
        (Some(kept), Some(browser)) => {
            // What is made up, or comes twice, leads nobody off the way they are on.
            hub.keep_sign_out(browser, AT_PROVIDER, &kept).await?;
            Ok(done(&hub, nobodys(), &page))
        }
        _ => Ok(done(&hub, nobodys(), &page)),
    }
}

fn fits(kept: &UnderWay, state: Option<&str>) -> bool {
    let state = state.unwrap_or_default();
    !kept.returning.is_empty() && guichet_keys::same(kept.returning.as_bytes(), state.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_state_that_left_comes_back() {
        let mut kept = nobodys();
        assert!(!fits(&kept, Some("")), "nothing left");
        kept.returning = "abc".into();
        assert!(fits(&kept, Some("abc")));
        for other in [None, Some(""), Some("abcd"), Some("ab")] {
            assert!(!fits(&kept, other));
        }
    }
}
