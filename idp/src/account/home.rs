//! `GET /`: the front door of the provider, for whoever comes without a client.

use axum::extract::State;
use axum::response::Response;
use guichet_web::{PageContext, context};
use http::HeaderMap;

use crate::Idp;
use crate::refusal::Halt;

/// `GET /`
pub(crate) async fn show(
    State(idp): State<Idp>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, Halt> {
    let owner = idp.owner(&headers).await?;
    let name = owner.as_ref().map(|owner| owner.account.display_name());
    Ok(idp.pages.html(
        &page,
        "idp/home.html",
        context!(
            name,
            sign_in => idp.path("/sign-in?to=home"),
            security => idp.path("/account/security"),
            sign_out => idp.path("/sign-out"),
            sign_out_csrf => owner.map(|owner| idp.account_token(&owner, crate::sign_out::FORM)),
            second_factors => idp.has_second_factors(),
        ),
    ))
}
