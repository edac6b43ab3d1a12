//! `POST /exchange/blind-indexes`: a data provider has entries of its register indexed, each blinded by
//! itself (RFC 9497), so that nobody here can read one.

use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderValue, StatusCode, header};
use serde_json::json;

use super::{Counter, failed};
use crate::matching::NotIndexed;

/// The form, authenticated as at `/token`: `blinded`, up to 256 blinded identities in base64url with spaces
/// between them. Answers `{"evaluated": [..]}`, in the same order.
pub(super) async fn post(State(counter): State<Counter>, request: Request) -> Response {
    let form = match counter.engine.client_form(request, MEMBERS).await {
        Ok(form) => form,
        Err(refused) => return refused,
    };
    let blinded = form.get("blinded").unwrap_or_default().split(' ');
    let blinded: Result<Vec<Vec<u8>>, _> = blinded.map(|it| URL_SAFE_NO_PAD.decode(it)).collect();
    let indexed = match blinded {
        Ok(blinded) => counter.desk.index(&form.client.id, &blinded).await,
        Err(_) => Ok(Err(NotIndexed::Malformed)),
    };
    match indexed {
        Ok(Ok(evaluated)) => {
            let texts = evaluated.iter().map(|it| URL_SAFE_NO_PAD.encode(it));
            let body = json!({ "evaluated": texts.collect::<Vec<_>>() });
            let headers = [
                (header::CONTENT_TYPE, "application/json"),
                (header::CACHE_CONTROL, "no-store"),
            ];
            (headers, body.to_string()).into_response()
        }
        Ok(Err(NotIndexed::TooMany)) => too_many(),
        Ok(Err(NotIndexed::Nobody)) => counter.engine.refuse_form(NOBODY),
        Ok(Err(NotIndexed::Malformed)) => counter.engine.refuse_form(MALFORMED),
        Err(fault) => failed(&fault, "a register was not indexed"),
    }
}

fn too_many() -> Response {
    let mut response = StatusCode::TOO_MANY_REQUESTS.into_response();
    let headers = response.headers_mut();
    headers.insert(header::RETRY_AFTER, HeaderValue::from_static("3600"));
    response
}

const MEMBERS: &[&str] = &["blinded"];
const NOBODY: &str = "the client is no data provider whose register is matched";
const MALFORMED: &str = "blinded is not 1 to 256 blinded identities in base64url";
