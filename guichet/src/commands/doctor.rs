//! `guichet doctor`: what is well and what is not, from the settings to the providers.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::{Result, bail};
use bytes::Bytes;
use guichet_admin::{Health, Verdict};
use guichet_config::Settings;
use guichet_domain::{Clock as _, ProviderMetadata, Timestamp};
use guichet_web::{EgressPolicy, Outgoing};

use super::{config, print};
use crate::cli::{DoctorArguments, Exit, Output};
use crate::clock::SystemClock;
use crate::node::{self, Ground, Opening};

/// Runs the command: exit 0 when all is well, 1 otherwise.
pub(crate) async fn run(arguments: &DoctorArguments) -> Result<Exit> {
    let settings = config::load(&arguments.config)?.settings;
    if arguments.live {
        live(settings.management.listen).await?;
        return Ok(Exit::Done);
    }
    let mut health = Health {
        ok: true,
        checks: Vec::new(),
        warnings: Vec::new(),
    };
    record(&mut health, "settings", said(node::check(&settings).await));
    match Ground::of(&settings) {
        Ok(ground) => {
            examine_ground(&mut health, &ground).await;
            examine_providers(&mut health, &settings, &ground).await;
        }
        Err(error) => record(&mut health, "settings", said(Err(error))),
    }
    match arguments.config.output {
        Output::Json => print::json(&health)?,
        Output::Text => {
            for verdict in &health.checks {
                let problem = verdict.problem.as_deref().unwrap_or("well");
                print::line(&format!(
                    "{}  {}: {problem}",
                    if verdict.ok { "✓" } else { "✗" },
                    verdict.check
                ))?;
            }
        }
    }
    Ok(if health.ok { Exit::Done } else { Exit::Failed })
}

/// Asks the running node, by loopback when it listens everywhere.
async fn live(listen: SocketAddr) -> Result<()> {
    let host = if listen.ip().is_unspecified() {
        IpAddr::from([127, 0, 0, 1])
    } else {
        listen.ip()
    };
    let url = format!("http://{}/livez", SocketAddr::new(host, listen.port()));
    let policy = EgressPolicy {
        allow_loopback: true,
        total_timeout: Duration::from_secs(2),
        ..EgressPolicy::default()
    };
    let answer = Outgoing::new(policy)?.get(&url).await?;
    if answer.status().is_success() {
        Ok(())
    } else {
        bail!("{url} answers {}", answer.status())
    }
}

/// Keys and stores, as they are: nothing is made, nothing is changed.
async fn examine_ground(health: &mut Health, ground: &Ground) {
    let keys = ground.keys(Opening::Existing);
    record(health, "signing keys", said(keys.map(drop)));
    match ground.durable(Opening::Existing).await {
        Ok(durable) => {
            let answers = durable.check().await.map_err(|error| error.to_string());
            record(health, "durable store", answers);
            let log = durable
                .ledger
                .size()
                .await
                .map(drop)
                .map_err(|error| error.to_string());
            record(health, "audit log", log);
            durable.close().await;
        }
        Err(error) => record(health, "durable store", said(Err(error))),
    }
    let short_lived = match ground.short_lived(Arc::new(SystemClock)).await {
        Ok(short_lived) => short_lived.check().await.map_err(|error| error.to_string()),
        Err(error) => said(Err(error)),
    };
    record(health, "short-lived store", short_lived);
}

/// Each declared provider: its discovery document, that it names itself as declared, and its clock; its
/// keys alone where its endpoints are declared.
async fn examine_providers(health: &mut Health, settings: &Settings, ground: &Ground) {
    let outgoing = match Outgoing::new(ground.egress.clone()) {
        Ok(outgoing) => outgoing,
        Err(error) => return record(health, "egress", Err(error.to_string())),
    };
    for provider in &settings.providers {
        let found = match (provider.discovery, &provider.jwks_uri) {
            (Some(false), Some(keys)) => answers(keys, &outgoing).await.map(drop),
            (Some(false), None) => Ok(()),
            _ => discover(provider, &outgoing).await,
        };
        record(
            health,
            "provider",
            found.map_err(|problem| format!("{}: {problem}", provider.id)),
        );
    }
}

async fn discover(provider: &ProviderMetadata, outgoing: &Outgoing) -> Result<(), String> {
    let issuer = provider.issuer.trim_end_matches('/');
    let url = format!("{issuer}/.well-known/openid-configuration");
    let answer = answers(&url, outgoing).await?;
    let document: serde_json::Value =
        serde_json::from_slice(answer.body()).map_err(|error| format!("{url}: {error}"))?;
    if document["issuer"] != provider.issuer.as_str() {
        return Err(format!(
            "its document names another issuer: {}",
            document["issuer"]
        ));
    }
    let theirs = answer
        .headers()
        .get(http::header::DATE)
        .and_then(|date| date.to_str().ok());
    theirs
        .and_then(timestamp_of)
        .map_or(Ok(()), |theirs| clocks_agree(theirs, SystemClock.now()))
}

/// What an address answers, if it is well.
async fn answers(url: &str, outgoing: &Outgoing) -> Result<http::Response<Bytes>, String> {
    let answer = outgoing.get(url).await.map_err(|error| error.to_string())?;
    if answer.status().is_success() {
        Ok(answer)
    } else {
        Err(format!("{url} answers {}", answer.status()))
    }
}

/// An error with its causes, in one line.
fn said(result: Result<()>) -> Result<(), String> {
    result.map_err(|error| format!("{error:#}"))
}

/// The instant a `Date` header states (RFC 9110 §5.6.7).
fn timestamp_of(date: &str) -> Option<Timestamp> {
    let since_epoch = httpdate::parse_http_date(date)
        .ok()?
        .duration_since(SystemTime::UNIX_EPOCH)
        .ok()?;
    Some(Timestamp::from_seconds(
        i64::try_from(since_epoch.as_secs()).ok()?,
    ))
}

fn clocks_agree(theirs: Timestamp, ours: Timestamp) -> Result<(), String> {
    let apart = theirs.since(ours).max(ours.since(theirs));
    if apart <= CLOCKS_APART {
        Ok(())
    } else {
        Err(format!(
            "its clock and ours are {} s apart; tokens would be refused",
            apart.as_secs()
        ))
    }
}

fn record(health: &mut Health, check: &'static str, found: Result<(), String>) {
    let problem = found.err();
    health.ok &= problem.is_none();
    health.checks.push(Verdict {
        check,
        ok: problem.is_none(),
        problem,
    });
}

/// What a token's `iat` may be off by.
const CLOCKS_APART: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_a_minute_apart_are_noticed_whichever_is_ahead() {
        let (early, late) = (Timestamp::from_seconds(1000), Timestamp::from_seconds(1060));
        assert!(clocks_agree(early, late).is_err());
        assert!(clocks_agree(late, early).is_err());
        assert!(clocks_agree(early, Timestamp::from_seconds(1020)).is_ok());
    }
}
