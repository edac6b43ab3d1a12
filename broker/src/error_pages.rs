//! `GET /errors/{code}`: what an error code means, for whoever follows an `error_uri`.

use axum::extract::{Path, State};
use axum::response::Response;
use guichet_domain::OAuthError;
use guichet_web::{Message, PageContext, PageError, Tone};
use http::StatusCode;

use crate::hub::Hub;

/// The page of one code.
pub(crate) async fn explain(
    State(hub): State<Hub>,
    Path(code): Path<String>,
    page: PageContext,
) -> Result<Response, PageError> {
    let unknown = || PageError::new(StatusCode::NOT_FOUND, "error-not-found");
    let error = OAuthError::ALL
        .iter()
        .find(|known| known.as_str() == code)
        .ok_or_else(unknown)?;
    let pages = &hub.parts().pages;
    let text = format!("oauth-{}", error.as_str());
    let message = Message {
        title: pages.text(
            page.locale,
            "oauth-error-title",
            &[("code", error.as_str())],
        ),
        paragraphs: vec![
            pages.text(page.locale, &text, &[]),
            pages.text(page.locale, "oauth-error-what-now", &[]),
        ],
        tone: Tone::Info,
        next: None,
    };
    Ok(pages.message(&page, &message))
}
