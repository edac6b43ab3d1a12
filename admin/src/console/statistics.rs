//! `/statistics`: the sign-ins of a year, a month or a day, as pictures and tables, of the hub or of the services
//! of whoever looks; and the same as a file.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use guichet_domain::ClientId;
use guichet_web::{Locale, PageContext, PageError, Query, Serde, context};
use http::{HeaderMap, StatusCode, header};
use serde::{Deserialize, Serialize};

use super::{Console, Present};
use crate::api::Api;
use crate::people::{Action, Grounds, Kind};
use crate::statistics::{Chart, Period, Scope, Share, csv_rows};

/// What is asked for.
#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    period: String,
    #[serde(default)]
    client_id: String,
}

/// What may be shown of it.
struct View {
    period: Period,
    scope: Scope,
    client: Option<ClientId>,
}

/// A row of a table of shares.
#[derive(Serialize)]
struct Row {
    /// What people read.
    label: String,
    /// Where it leads: a period, or a client.
    to: Option<String>,
    signed_in: u64,
    otherwise: u64,
    /// Of a hundred, how many came back to the service.
    rate: Option<u64>,
}

/// `GET /statistics`
pub(super) async fn show(
    State(api): State<Arc<Api>>,
    Query(asked): Query<Asked>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let console = &api.console;
    let present = console.present(&headers).await?;
    let view = view(&api, &present, &asked).await?;
    let names = names(&api).await?;
    let figures = api.statistics.figures(&view.period, &view.scope).await;
    let figures = figures.map_err(|fault| console.fault("read statistics", &fault))?;
    let locale = page.locale;
    let label_of = |id: &str| names.get(id).cloned().unwrap_or_else(|| id.to_owned());
    let labels: Vec<String> = figures.times.iter().map(|it| short(&it.name)).collect();
    let times = figures.times.iter();
    let times = times.map(|it| Row::of(it, long(locale, &it.name), is_period(&it.name)));
    let clients = figures.clients.iter().take(MOST_ROWS);
    let clients = clients.map(|it| Row::of(it, label_of(&it.name), some(&it.name)));
    let providers = figures.providers.iter();
    let providers = providers.map(|it| Row::of(it, label_of(&it.name), None));
    let data = context! {
        period => view.period.as_str(),
        period_label => long(locale, view.period.as_str()),
        client => view.client.as_ref().map(ClientId::as_str),
        client_name => view.client.as_ref().map(|id| label_of(id.as_str())),
        is_of_hub => view.scope == Scope::Hub,
        before => view.period.before().map(|it| it.to_string()),
        after => view.period.after().map(|it| it.to_string()),
        whole => view.period.whole().map(|it| it.to_string()),
        whole_label => view.period.whole().map(|it| long(locale, it.as_str())),
        chart => Serde(&Chart::of(&figures.times, &labels)),
        times => Serde(&times.collect::<Vec<_>>()),
        clients => Serde(&clients.collect::<Vec<_>>()),
        clients_more => figures.clients.len().saturating_sub(MOST_ROWS),
        providers => Serde(&providers.collect::<Vec<_>>()),
        levels => Serde(&rows(&figures.levels)),
        ways => Serde(&rows(&figures.ways)),
        rate => rate(figures.signed_in, figures.otherwise),
        figures => Serde(&figures),
    };
    let page = console.page(page, &present, "/statistics");
    Ok(console.pages.html(&page, "admin/statistics.html", data))
}

/// `GET /statistics.csv`
pub(super) async fn download(
    State(api): State<Arc<Api>>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let console = &api.console;
    let present = console.present(&headers).await?;
    let view = view(&api, &present, &asked).await?;
    let text = csv_rows(&api.statistics, &view.period, &view.scope).await;
    let text = text.map_err(|fault| console.fault("read statistics", &fault))?;
    let name = format!("attachment; filename=\"guichet-{}.csv\"", view.period);
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, text).into_response())
}

async fn view(api: &Api, present: &Present, asked: &Asked) -> Result<View, PageError> {
    let console = &api.console;
    console.must(present, Action::Read, Kind::Statistics)?;
    let unknown = || PageError::new(StatusCode::NOT_FOUND, "statistics-no-period");
    let period = Period::asked(&asked.period, console.door.clock.now()).ok_or_else(unknown)?;
    let client = match asked.client_id.as_str() {
        "" => None,
        id => Some(id.parse().map_err(|_| unknown())?),
    };
    let fault = |fault| console.fault("read statistics", &fault);
    let grounds = Grounds::of(&*console.door.teams).await.map_err(fault)?;
    let clients = api.clients.registry.clients().await.map_err(fault)?;
    let clients = clients.iter().map(|it| it.id.clone());
    let scope = Scope::within(&present.rights, &grounds, client.as_ref(), clients);
    Ok(View {
        scope: scope.ok_or_else(Console::forbidden)?,
        period,
        client,
    })
}

/// The names of services and providers, by identifier.
async fn names(api: &Api) -> Result<HashMap<String, String>, PageError> {
    let fault = |fault| api.console.fault("read the registry", &fault);
    let registry = &api.clients.registry;
    let clients = registry.clients().await.map_err(fault)?;
    let providers = registry.providers().await.map_err(fault)?;
    let clients = clients
        .iter()
        .map(|it| (it.id.to_string(), it.name.clone()));
    let providers = providers
        .iter()
        .map(|it| (it.id.to_string(), it.name.clone()));
    Ok(clients.chain(providers).collect())
}

impl Row {
    fn of(share: &Share, label: String, to: Option<String>) -> Self {
        Self {
            label,
            to,
            signed_in: share.signed_in,
            otherwise: share.otherwise,
            rate: rate(share.signed_in, share.otherwise),
        }
    }
}

fn rows(shares: &[Share]) -> Vec<Row> {
    let rows = shares.iter().map(|it| Row::of(it, it.name.clone(), None));
    rows.collect()
}

/// Of a hundred, how many; nothing of none.
fn rate(signed_in: u64, otherwise: u64) -> Option<u64> {
    (signed_in.saturating_mul(100)).checked_div(signed_in + otherwise)
}

fn some(name: &str) -> Option<String> {
    (!name.is_empty()).then(|| name.to_owned())
}

/// Hours are no pages of their own.
fn is_period(name: &str) -> Option<String> {
    (!name.contains('T')).then(|| name.to_owned())
}

/// Below a bar: the month, the day, the hour.
fn short(name: &str) -> String {
    let start = name.rfind(['-', 'T']).map_or(0, |at| at + 1);
    name[start..].to_owned()
}

/// In words.
fn long(locale: Locale, name: &str) -> String {
    match name.len() {
        4 => name.to_owned(),
        7 => guichet_web::partial_date(locale, &format!("{name}-00")),
        10 => guichet_web::partial_date(locale, name),
        _ => match locale {
            Locale::French => format!("{} h", short(name)),
            Locale::English => format!("{}:00", short(name)),
        },
    }
}

/// A table for reading: the file has all of it.
const MOST_ROWS: usize = 50;
