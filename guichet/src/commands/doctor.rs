//! `guichet doctor`: what is well and what is not, from the settings to the providers.

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, SystemTime};

use anyhow::{Result, bail};
use guichet_admin::{Health, Verdict};
use guichet_config::Settings;
use guichet_domain::{ProviderMetadata, Timestamp};
use guichet_web::{EgressPolicy, Outgoing};

use super::{config, print};
use crate::cli::{DoctorArguments, Exit, Output};
use crate::node::{Foundation, Ground, declared, houses};

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
    };
    record(
        &mut health,
        "settings",
        declared::check(&settings).map_err(|error| error.to_string()),
    );
    let foundation = match Ground::of(&settings)?.lay().await {
        Ok(foundation) => Some(foundation),
        Err(error) => {
            record(&mut health, "foundation", Err(format!("{error:#}")));
            None
        }
    };
    if let Some(foundation) = foundation {
        let checks = Health::of(&houses::checks(&foundation)).await;
        health.ok &= checks.ok;
        health.checks.extend(checks.checks);
        examine_providers(&mut health, &settings, &foundation).await;
        foundation.durable.close().await;
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

/// Each declared provider: its discovery document, that it names itself as declared, and its clock.
async fn examine_providers(health: &mut Health, settings: &Settings, foundation: &Foundation) {
    for provider in &settings.providers {
        let found = discover(provider, foundation).await;
        record(
            health,
            "provider",
            found.map_err(|problem| format!("{}: {problem}", provider.id)),
        );
    }
}

async fn discover(provider: &ProviderMetadata, foundation: &Foundation) -> Result<(), String> {
    let url = format!(
        "{}/.well-known/openid-configuration",
        provider.issuer.trim_end_matches('/')
    );
    let answer = foundation
        .outgoing
        .get(&url)
        .await
        .map_err(|error| error.to_string())?;
    if !answer.status().is_success() {
        return Err(format!("{url} answers {}", answer.status()));
    }
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
    match theirs.and_then(timestamp_of) {
        Some(theirs) => clocks_agree(theirs, foundation.clock.now()),
        None => Ok(()),
    }
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
