//! The management listener of a node, and what must hold for the node to serve.

use std::sync::Arc;

use anyhow::Result;
use axum::Router;
use guichet_admin::api::DeclaredNames;
use guichet_admin::people::StaffPost;
use guichet_admin::{Check, Management, RotationWatch};
use guichet_broker::Hub;
use guichet_domain::{CivilRegisterPolicy, ProviderId};
use guichet_exchange::{Catalogue, Desk};
use guichet_store::durable::RememberedRegistry;
use guichet_web::{Accent, Brand, Emblem, FormAction, Locale, Pages, PagesSettings};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::HubHouse;
use super::console;
use crate::node::Foundation;

/// What differs from one management listener to the next.
pub(crate) struct ManagementOptions {
    /// Where it is, without a slash.
    pub(crate) address: String,
    /// Who carries the console's mail, if anybody does.
    pub(crate) post: Option<Arc<dyn StaffPost>>,
    /// What the settings declare.
    pub(crate) declared: DeclaredNames,
    /// Whether clients may have public subjects.
    pub(crate) public_subjects: bool,
    /// Of providers that say nothing of it.
    pub(crate) register: CivilRegisterPolicy,
    /// Which evidence there is.
    pub(crate) catalogue: Arc<Catalogue>,
    /// Who may begin, and what production asks for.
    pub(crate) onboarding: guichet_config::Onboarding,
    /// Counters.
    pub(crate) metrics: PrometheusHandle,
    /// Whether the node stops.
    pub(crate) stopping: CancellationToken,
}

/// The management listener of a node.
pub(crate) fn management(
    foundation: &Foundation,
    house: &HubHouse,
    options: &ManagementOptions,
) -> Result<Router> {
    let (hub, desk) = (&house.hub, &house.desk);
    let mut pages = Pages::builder(PagesSettings {
        brand: Brand::new("Guichet – exploitation")
            .accent(Accent::Ink)
            .emblem(Emblem::Guichet),
        public_url: Url::parse(&options.address)?,
        theme_dir: None,
        form_action: FormAction::Local,
        entropy: Arc::clone(&foundation.entropy),
    })
    .with_templates(guichet_admin::TEMPLATES)
    .with_templates(guichet_admin::STATISTICS_TEMPLATES)
    .with_texts(Locale::French, guichet_admin::STATISTICS_TEXTS_FR)
    .with_texts(Locale::English, guichet_admin::STATISTICS_TEXTS_EN);
    for (locale, texts) in [
        (Locale::French, guichet_admin::TEXTS_FR),
        (Locale::English, guichet_admin::TEXTS_EN),
    ] {
        for text in texts {
            pages = pages.with_texts(locale, text);
        }
    }
    let pages = pages.build()?;
    let console = console::console(foundation, house, options, &pages)?;
    let routes = guichet_admin::routes(Management {
        console: console.clone(),
        issuer: house.engine.issuer().to_owned(),
        checks: serving_checks(foundation, options.stopping.clone()),
        watched: vec![
            providers("provider-keys", hub, Hub::stale_providers),
            providers("provider-keys-end", hub, Hub::providers_with_ending_keys),
            exchange(hub),
            exchange_counts(desk),
            rotations(rotation_watch(foundation, options)),
        ],
        // From memory: this page is for everybody, and there may be thousands of records.
        registry: Arc::new(RememberedRegistry::new(
            Arc::clone(&foundation.registry),
            Arc::clone(&foundation.durable.registry),
        )),
        ledger: Arc::clone(&foundation.durable.ledger),
        keys: foundation.keys.clone(),
        metrics: options.metrics.clone(),
    });
    let staffed = console::routes(foundation, house, options, console)?;
    Ok(pages.wrap(routes.merge(staffed).merge(pages.common_routes())))
}

/// Whether every provider was reached lately, and has keys that last: people sign in with what was known of
/// it before.
fn providers(name: &'static str, hub: &Hub, alerted: fn(&Hub) -> Vec<ProviderId>) -> Check {
    let hub = hub.clone();
    Check::new(name, move || {
        let alerted = alerted(&hub);
        async move {
            let names: Vec<String> = alerted.iter().map(ToString::to_string).collect();
            if names.is_empty() {
                Ok(())
            } else {
                Err(names.join(", "))
            }
        }
    })
}

/// Whether both sides of every exchange do their part.
fn exchange(hub: &Hub) -> Check {
    let hub = hub.clone();
    Check::new("exchange", move || {
        let hub = hub.clone();
        async move {
            let alarms = hub.exchange_alarms().await;
            let alarms = alarms.map_err(|error| error.to_string())?;
            alarms.words().map_or(Ok(()), Err)
        }
    })
}

/// Whether hub, data providers and services counted the same on the last whole day.
fn exchange_counts(desk: &Arc<Desk>) -> Check {
    let desk = Arc::clone(desk);
    Check::new("exchange-counts", move || {
        let desk = Arc::clone(&desk);
        async move {
            let counts = desk.counts().await.map_err(|error| error.to_string())?;
            let differing = counts.disagreements();
            if differing.is_empty() {
                Ok(())
            } else {
                Err(differing.join("; "))
            }
        }
    })
}

/// Which clients are to get another secret or key.
pub(crate) fn rotation_watch(
    foundation: &Foundation,
    options: &ManagementOptions,
) -> RotationWatch {
    let registry = RememberedRegistry::new(
        Arc::clone(&foundation.registry),
        Arc::clone(&foundation.durable.registry),
    );
    RotationWatch {
        registry: Arc::new(registry),
        uses: Arc::clone(&foundation.durable.credential_uses),
        door: console::door(
            (&foundation.durable, &foundation.keys, &foundation.ledger),
            Arc::clone(&foundation.clock),
            options.address.clone(),
            options.post.clone(),
        ),
    }
}

/// Whether no client's secret or key is old, or ends with none to follow.
fn rotations(watch: RotationWatch) -> Check {
    Check::new("client-credentials", move || {
        let watch = watch.clone();
        async move {
            let due = watch.due().await.map_err(|error| error.to_string())?;
            let names = due.iter().take(NAMED).map(|it| it.client.id.to_string());
            let names: Vec<String> = names.collect();
            match due.len() {
                0 => Ok(()),
                few if few <= NAMED => Err(names.join(", ")),
                many => Err(format!("{} and {} more", names.join(", "), many - NAMED)),
            }
        }
    })
}

/// How many are named where there may be thousands.
const NAMED: usize = 20;

/// What must hold for a node to be sent traffic.
pub(super) fn serving_checks(foundation: &Foundation, stopping: CancellationToken) -> Vec<Check> {
    let mut checks = checks(foundation);
    checks.push(Check::new("accepting requests", move || {
        let stops = stopping.is_cancelled();
        async move {
            if stops {
                Err("the node is stopping".to_owned())
            } else {
                Ok(())
            }
        }
    }));
    checks
}

/// What a foundation must hold for a node to serve.
fn checks(foundation: &Foundation) -> Vec<Check> {
    let (durable, short_lived) = (foundation.durable.clone(), foundation.short_lived.clone());
    let (ledger, keys) = (foundation.ledger.clone(), foundation.keys.clone());
    vec![
        Check::new("durable store", move || {
            let durable = durable.clone();
            async move { durable.check().await.map_err(|error| error.to_string()) }
        }),
        Check::new("short-lived store", move || {
            let short_lived = short_lived.clone();
            async move { short_lived.check().await.map_err(|error| error.to_string()) }
        }),
        Check::new("audit log", move || {
            let writing = ledger.is_writing();
            async move {
                if writing {
                    Ok(())
                } else {
                    Err("entries wait to be written".to_owned())
                }
            }
        }),
        Check::new("signing keys", move || {
            let keys = keys.clone();
            async move { keys.ring().check().map_err(|error| error.to_string()) }
        }),
    ]
}
