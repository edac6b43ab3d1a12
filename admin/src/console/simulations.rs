//! The page that tries a login out: a form by GET, so that what was tried has an address, and the rules below.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::Response;
use guichet_web::{PageContext, PageError, Serde, context};
use http::HeaderMap;
use serde::Deserialize;

use super::reasons::InWords;
use crate::SimulationMetadata;
use crate::api::Api;
use crate::people::{Action, Kind};

/// What is tried out.
#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    client: String,
    #[serde(default)]
    provider: String,
    #[serde(default)]
    level: String,
    #[serde(default)]
    acr_values: String,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    redirect_uri: String,
    #[serde(default)]
    claims: String,
}

/// `GET /simulation`
pub(super) async fn show(
    State(api): State<Arc<Api>>,
    Query(asked): Query<Asked>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let console = &api.console;
    let present = console.present(&headers).await?;
    console.must(&present, Action::Read, Kind::Provider)?;
    let registry = &api.clients.registry;
    let fault = |fault| console.fault("read what is registered", &fault);
    let clients = registry.clients().await.map_err(fault)?;
    let providers = registry.providers().await.map_err(fault)?;
    let names: Vec<(&str, &str)> = providers
        .iter()
        .map(|provider| (provider.id.as_str(), provider.name.as_str()))
        .collect();
    let wanted = asked.wanted();
    let not_json = wanted.is_none();
    let mut wrong = None;
    let simulation = match wanted.filter(|_| !asked.client.is_empty()) {
        Some(wanted) => {
            let mut all = clients.iter();
            let client = all.find(|client| client.id.as_str() == wanted.client_id);
            match wanted.rehearsal(client.map(|client| &**client)) {
                Ok(rehearsal) => Some(api.simulator.simulate(&rehearsal)),
                Err(invalid) => {
                    wrong = Some(InWords::of_member(&console.pages, page.locale, &invalid));
                    None
                }
            }
        }
        None => None,
    };
    let rules: Vec<serde_json::Value> = simulation
        .iter()
        .flat_map(|it| &it.rules)
        .map(row)
        .collect();
    let data = context! {
        client => asked.client,
        provider => asked.provider,
        level => asked.level,
        acr_values => asked.acr_values,
        scope => asked.scope,
        redirect_uri => asked.redirect_uri,
        claims => asked.claims,
        providers => Serde(&names),
        simulated => simulation.is_some(),
        signs_in => simulation.as_ref().is_some_and(|it| it.signs_in),
        rules => Serde(&rules),
        not_json,
        wrong => Serde(&wrong),
    };
    let page = console.page(page, &present, "/simulation");
    Ok(console.pages.html(&page, "admin/simulation.html", data))
}

/// Reasons about what others say, in English.
const QUOTED: [&str; 2] = ["request", "claims-error"];

fn row(rule: &guichet_domain::simulation::RuleOutcome) -> serde_json::Value {
    let details = rule.details.as_ref();
    let details = details.and_then(|details| serde_json::to_string_pretty(details).ok());
    serde_json::json!({
        "rule": rule.rule, "verdict": rule.verdict, "reason": rule.reason, "what": rule.what, "details": details,
        "is_quoted": QUOTED.contains(&rule.reason.as_str()),
    })
}

impl Asked {
    /// `None` where the claims cannot be read.
    fn wanted(&self) -> Option<SimulationMetadata> {
        let claims = match self.claims.trim() {
            "" => None,
            text => Some(serde_json::from_str(text).ok()?),
        };
        let parameters = [
            ("acr_values", &self.acr_values),
            ("scope", &self.scope),
            ("redirect_uri", &self.redirect_uri),
        ];
        let said = parameters
            .into_iter()
            .filter(|(_, value)| !value.trim().is_empty());
        let parameters: BTreeMap<String, String> = said
            .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
            .collect();
        Some(SimulationMetadata {
            client_id: self.client.trim().to_owned(),
            provider: self.provider.trim().to_owned(),
            level: Some(self.level.trim().to_owned()).filter(|level| !level.is_empty()),
            claims,
            parameters,
        })
    }
}
