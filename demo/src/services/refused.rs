//! The page of a sign-in that did not work out: the error code for those who build services, and
//! in words what happened and how to go on.

use axum::response::Response;
use guichet_web::{PageContext, context};
use http::StatusCode;

use super::desk::Desk;
use super::hub::HubError;

/// Why a sign-in did not work out.
pub(super) struct Refused {
    status: StatusCode,
    /// An OAuth error code, or a word of ours for what went wrong here.
    code: String,
    /// What the hub said about it.
    description: Option<String>,
}

impl Refused {
    /// We ourselves do not go on.
    pub(super) fn ours(status: StatusCode, code: &str) -> Self {
        Self {
            status,
            code: code.to_owned(),
            description: None,
        }
    }

    /// The hub answered with an error (RFC 6749 §4.1.2.1). Its words are shown, never obeyed.
    pub(super) fn by_answer(code: &str, description: Option<&str>) -> Self {
        let status = match code {
            "access_denied" | "consent_required" => StatusCode::FORBIDDEN,
            "temporarily_unavailable" => StatusCode::SERVICE_UNAVAILABLE,
            "server_error" => StatusCode::BAD_GATEWAY,
            _ => StatusCode::BAD_REQUEST,
        };
        let printable = |text: &str| text.chars().filter(|c| !c.is_control()).take(200).collect();
        Self {
            status,
            code: printable(code),
            description: description.map(printable),
        }
    }

    /// The hub could not be reached, or what it said could not be believed.
    pub(super) fn by_hub(error: HubError) -> Self {
        tracing::warn!(%error, "a sign-in failed at a service");
        let code = match error {
            HubError::Discovery => "hub_unreachable",
            HubError::Token => "token_request_failed",
            HubError::IdToken(_) => "invalid_id_token",
            HubError::Acr => "insufficient_level",
            HubError::Userinfo(_) => "userinfo_failed",
        };
        Self::ours(StatusCode::BAD_GATEWAY, code)
    }
}

/// The page.
pub(super) fn refuse(desk: &Desk, page: &PageContext, refused: Refused) -> Response {
    let text = match refused.code.as_str() {
        "access_denied" => "demo-refused-access-denied",
        "login_required" | "consent_required" | "interaction_required" => {
            "demo-refused-not-signed-in"
        }
        "temporarily_unavailable" | "hub_unreachable" => "demo-refused-unavailable",
        "invalid_state" | "wrong_browser" => "demo-refused-lost",
        _ => "demo-refused-other",
    };
    let data = context! {
        text,
        code => refused.code,
        description => refused.description,
    };
    desk.pages
        .html_with(refused.status, page, "demo/service_refused.html", data)
}
