//! What statistics cost: how fast sign-ins are counted off the audit log, and how long the figures of a page take
//! with a year of a thousand services. On SQLite, as a node would; docs/statistics.md has the figures.
#![expect(
    clippy::disallowed_methods,
    reason = "a bench reads a clock; it is no part of the product"
)]
#![expect(clippy::print_stdout, reason = "it says what it found")]

mod books;

use std::error::Error;
use std::sync::Arc;
use std::time::Instant;

use guichet_admin::statistics::{Period, Prices, StatisticsBook};
use guichet_domain::{AuditEvent, Clock, EventKind, LoginId, Timestamp};
use guichet_ledger::Ledger;
use guichet_store::durable::statistics::{
    Known, SignInCount, SignInKind, SignInOutcome, SignInWay, Tally,
};

use books::STEPS;

const NOW: Timestamp = Timestamp::from_seconds(1_795_296_504);
const SERVICES: u64 = 1000;
const LOGINS: u64 = 10_000;

struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        NOW
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let (durable, ledger) = books::open(folder.path(), NOW).await?;
    let book = StatisticsBook {
        statistics: Arc::clone(&durable.statistics),
        history: ledger.history().clone(),
        prices: Arc::new(Prices::default()),
        clock: Arc::new(Still),
    };
    counting(&ledger, &book).await?;
    a_year(&book).await?;
    for period in ["2025", "2025-06", "2025-06-15"] {
        let period: Period = period.parse()?;
        let began = Instant::now();
        let figures = book.of_hub(&period).await?;
        let took = began.elapsed();
        println!(
            "figures of {period}: {took:?}, {} services",
            figures.clients.len()
        );
    }
    Ok(())
}

/// So many logins of ten entries each, then all of them counted.
async fn counting(ledger: &Ledger, book: &StatisticsBook) -> Result<(), Box<dyn Error>> {
    for number in 0..LOGINS {
        for kind in STEPS {
            ledger.note(entry(number, *kind)?);
        }
        if number % 20 == 0 {
            ledger.flush().await?;
        }
    }
    ledger.flush().await?;
    let began = Instant::now();
    book.read_ledger().await?;
    let took = began.elapsed();
    let entries = LOGINS * STEPS.len() as u64;
    println!("{entries} entries of {LOGINS} logins counted in {took:?}");
    Ok(())
}

/// Counts as a year leaves them: each service by two providers and two outcomes, every month and every day.
async fn a_year(book: &StatisticsBook) -> Result<(), Box<dyn Error>> {
    let year: Period = "2025".parse()?;
    let mut periods = vec![year.to_string()];
    for month in year.parts() {
        periods.extend(month.parse::<Period>()?.parts());
        periods.push(month);
    }
    let mut rows = 0;
    for period in periods {
        let mut counts = Vec::new();
        for service in 0..SERVICES {
            for (provider, outcome) in KINDS {
                counts.push(count(&period, Some(service), provider, *outcome)?);
            }
        }
        for (provider, outcome) in KINDS {
            counts.push(count(&period, None, provider, *outcome)?);
        }
        rows += counts.len();
        let from = book.statistics.read_to().await?;
        let tally = Tally {
            counts,
            ..Tally::default()
        };
        book.statistics.read_on(from, from, &tally).await?;
    }
    println!("{rows} counts of a year of {SERVICES} services");
    Ok(())
}

fn count(
    period: &str,
    service: Option<u64>,
    provider: &str,
    outcome: SignInOutcome,
) -> Result<SignInCount, Box<dyn Error>> {
    let client = service.map(|service| format!("service-{service}").parse());
    Ok(SignInCount {
        period: period.to_owned(),
        kind: SignInKind {
            known: Known {
                client: client.transpose()?,
                provider: Some(provider.parse()?),
                level: Some("eidas1".parse()?),
                way: SignInWay::Provider,
                step: 7,
            },
            outcome,
        },
        times: 100,
    })
}

fn entry(number: u64, kind: EventKind) -> Result<AuditEvent, Box<dyn Error>> {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&number.to_be_bytes());
    let client = format!("service-{}", number % SERVICES).parse()?;
    let event = AuditEvent::new(kind, NOW).login(LoginId::from_bytes(id));
    let event = event.client(&client).provider(&"poste".parse()?);
    Ok(event
        .detail("scope", "openid email")
        .detail("with", "nonce pkce state"))
}

const KINDS: &[(&str, SignInOutcome)] = &[
    ("poste", SignInOutcome::SignedIn),
    ("poste", SignInOutcome::Vanished),
    ("citoyen", SignInOutcome::SignedIn),
    ("citoyen", SignInOutcome::Abandoned),
];
