//! `/processing-register`: the public register of processing (Regulation (EU) 2016/679, article 30), made anew
//! from the registry, the catalogue and the settings of this very hub each time it is asked for. What is not
//! configured is not in it, and what is configured cannot be left out.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use guichet_domain::client::EvidenceRight;
use guichet_domain::{Claim, Client, ClientKind};
use guichet_exchange::Desk;
use guichet_web::{Locale, PageContext, Serde, context};
use serde::Serialize;
use url::Url;

use crate::Portal;

/// Who answers for the processing, and to whom a citizen complains.
#[derive(Clone, Debug, Default)]
pub struct Authority {
    /// Who answers for it: the operator's legal name.
    pub controller: String,
    /// Where their data protection officer is reached: an address, or a page.
    pub contact: String,
    /// The data-protection authority.
    pub name: String,
    /// Where it takes complaints.
    pub uri: Option<Url>,
}

/// How long the hub keeps what it processes itself, by the ends of texts' names.
#[derive(Clone, Debug, Default)]
pub struct Retention(pub Vec<(&'static str, Duration)>);

/// One processing.
#[derive(Serialize)]
struct Processing {
    /// What is done.
    name: String,
    purpose: String,
    legal_basis: String,
    data: Vec<String>,
    recipients: Vec<String>,
    retention: String,
}

/// All of it.
#[derive(Serialize)]
struct Register {
    controller: String,
    contact: String,
    authority: String,
    made_at: String,
    /// What the hub does itself.
    hub: Vec<Processing>,
    /// Whom it signs citizens in for.
    services: Vec<Processing>,
    /// Which facts go from one administration to another.
    evidence: Vec<Processing>,
    /// Where identities come from.
    providers: Vec<String>,
}

/// `GET /processing-register`
pub(crate) async fn show(State(portal): State<Portal>, page: PageContext) -> Response {
    let register = portal.register(page.locale);
    let data = context! { register => Serde(&register) };
    let page = page.wide();
    portal
        .pages
        .html(&page, "portal/processing_register.html", data)
}

/// `GET /processing-register.json`: the same for machines, in the language of the request.
pub(crate) async fn json(State(portal): State<Portal>, page: PageContext) -> Response {
    Json(portal.register(page.locale)).into_response()
}

impl Portal {
    fn register(&self, locale: Locale) -> Register {
        let clients = self.registry.clients();
        let mut active: Vec<&Client> = clients.iter().map(AsRef::as_ref).collect();
        active.retain(|client| client.active);
        active.sort_by(|one, other| one.name.cmp(&other.name));
        let signs_in = |client: &&&Client| !client.redirect_uris.is_empty();
        let services = active.iter().filter(signs_in);
        let mut evidence = Vec::new();
        if let Some(desk) = self.exchange.as_deref() {
            let now = self.clock.now();
            for client in &active {
                for right in client.evidence_rights.iter().filter(|it| it.is_live(now)) {
                    evidence.extend(self.evidence_processing(desk, client, right, locale));
                }
            }
        }
        let providers = self.registry.providers();
        let providers = providers.iter().filter(|provider| provider.active);
        Register {
            controller: self.authority.controller.clone(),
            contact: self.authority.contact.clone(),
            authority: self.authority.name.clone(),
            made_at: self.clock.now().to_string(),
            hub: self.own_processing(locale),
            services: services
                .map(|client| self.service_processing(client, locale))
                .collect(),
            evidence,
            providers: providers.map(|provider| provider.name.clone()).collect(),
        }
    }

    /// What the hub does, and how long what it takes for it is kept.
    fn own_processing(&self, locale: Locale) -> Vec<Processing> {
        let text = |id: String| self.pages.text(locale, &id, &[]);
        let processing = |(name, lasts): &(&'static str, Duration)| {
            let lasts = self.lasting(*lasts, locale);
            let retention = format!("processing-{name}-kept");
            Processing {
                name: text(format!("processing-{name}")),
                purpose: text(format!("processing-{name}-purpose")),
                legal_basis: text("processing-public-task".to_owned()),
                data: vec![text(format!("processing-{name}-data"))],
                recipients: vec![text(format!("processing-{name}-to"))],
                retention: self.pages.text(locale, &retention, &[("duration", &lasts)]),
            }
        };
        self.retention.0.iter().map(processing).collect()
    }

    fn service_processing(&self, client: &Client, locale: Locale) -> Processing {
        let text = |id: &str| self.pages.text(locale, id, &[]);
        let basis = match client.kind {
            ClientKind::Public => "processing-service-public",
            ClientKind::Private => "processing-service-private",
        };
        let mut data: Vec<String> = vec![text("processing-pseudonym")];
        for claim in client.scopes.claims() {
            let label = text(&label(claim));
            if !data.contains(&label) {
                data.push(label);
            }
        }
        Processing {
            name: client.name.clone(),
            purpose: text("processing-service-purpose"),
            legal_basis: text(basis),
            data,
            recipients: vec![client.name.clone()],
            retention: text("processing-service-kept"),
        }
    }

    /// A right to ask for evidence, once for each of its purposes.
    fn evidence_processing(
        &self,
        desk: &Desk,
        client: &Client,
        right: &EvidenceRight,
        locale: Locale,
    ) -> Vec<Processing> {
        let lang = locale.tag();
        let kind = &right.evidence_type;
        let evidence = desk.catalogue().evidence(kind);
        let holder = evidence.and_then(|evidence| desk.catalogue().holder(evidence));
        let holder = holder.map(|holder| holder.name().in_language(lang).to_owned());
        let purposes = right.purposes.iter();
        let known = purposes.filter_map(|purpose| desk.catalogue().purpose(purpose));
        let processing = |purpose: &guichet_exchange::Purpose| {
            let days = Duration::from_secs(u64::from(purpose.retention_days()) * 24 * 60 * 60);
            let lasts = self.lasting(days, locale);
            Processing {
                name: desk.evidence_label(kind, lang),
                purpose: purpose.sentence().in_language(lang).to_owned(),
                legal_basis: purpose.legal().in_language(lang).to_owned(),
                data: right
                    .fields
                    .iter()
                    .map(|field| desk.field_label(kind, field, lang))
                    .collect(),
                recipients: holder
                    .iter()
                    .cloned()
                    .chain([client.name.clone()])
                    .collect(),
                retention: self.pages.text(
                    locale,
                    "processing-evidence-kept",
                    &[("service", &client.name), ("duration", &lasts)],
                ),
            }
        };
        known.map(processing).collect()
    }

    /// A length of time in words: whole days, hours or minutes.
    fn lasting(&self, lasts: Duration, locale: Locale) -> String {
        let seconds = lasts.as_secs();
        let (unit, length) = [("days", 24 * 60 * 60), ("hours", 60 * 60), ("minutes", 60)]
            .into_iter()
            .find(|(_, length)| seconds >= 2 * length && seconds.is_multiple_of(*length))
            .unwrap_or(("minutes", 60));
        let count = seconds.div_ceil(length).to_string();
        self.pages
            .text(locale, &format!("lasting-{unit}"), &[("count", &count)])
    }
}

/// The text that names a claim.
fn label(claim: Claim) -> String {
    let name = match claim {
        Claim::GivenNameArray => Claim::GivenName,
        other => other,
    };
    format!("claim-{}", name.as_str().replace('_', "-"))
}
