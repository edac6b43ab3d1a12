//! What a person reads before they leave for a provider whose record has a warning.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use guichet_domain::ProviderId;
use guichet_web::{Locale, PageContext, PageError, Purpose, context};
use http::{HeaderMap, StatusCode};

use super::{FORM, waiting};
use crate::hub::Hub;
use crate::login::{Login, stray};

/// `GET /login/{id}/provider/{provider}`: the warning, and two ways on.
pub(crate) async fn show(
    State(hub): State<Hub>,
    Path((id, provider)): Path<(String, String)>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let login = hub.load_login(stray::login_id(&id)?, &headers).await?;
    let client = hub.client_of(login.trip())?;
    let awaiting = waiting(&hub, login, &page)?;
    let provider = hub.parts().providers.provider(&provider);
    let provider = provider
        .filter(|provider| provider.active && provider.display.displayed)
        .ok_or_else(|| PageError::new(StatusCode::NOT_FOUND, "error-not-found"))?;
    let csrf = hub.form_token(awaiting.trip.browser, Purpose::new(FORM, &id));
    let login = Login::AwaitingProvider(awaiting);
    let Some(warning) = &provider.display.warning else {
        return Ok(Redirect::to(&hub.step_path(&login)).into_response());
    };
    let text = match page.locale {
        Locale::French => &warning.fr,
        Locale::English => &warning.en,
    };
    let data = context! {
        login => id,
        csrf,
        provider => provider.id.as_str(),
        name => &provider.name,
        text,
        more => warning.more_info_uri.as_ref().map(url::Url::as_str),
    };
    let page = page.with_service(client.name.clone());
    let pages = &hub.parts().pages;
    Ok(pages.html(&page, "broker/provider_warning.html", data))
}

impl Hub {
    /// The address of the warning about `provider`.
    pub(super) fn warning_path(&self, login: &str, provider: &ProviderId) -> String {
        self.path(&format!("/login/{login}/provider/{provider}"))
    }
}
