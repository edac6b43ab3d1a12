//! What is measured, and in which order: turn by turn, so that a slow minute of the machine slows everybody.

use anyhow::{Context, Result};
use guichet_integration_tests::servers::{Postgres, Redis};

use crate::contestant::Contestant;
use crate::document;
use crate::gauge::resident_megabytes;
use crate::ledger_alone;
use crate::options::{Options, Profiled};
use crate::product::Stores;
use crate::results::{AUDITED_FLOOR, Measure, Memory, ON_SERVERS, PLAIN_FLOOR, PRODUCT, Results};
use crate::stub_provider::StubProvider;

/// Pages of the floor when there is no product to take their length from, in bytes.
const PAGES: (usize, usize) = (6000, 7000);

/// Logins that open connections, fill caches and fault pages in, before anything counts.
const WARM_UP: u64 = 200;

/// Carries the plan out.
pub(crate) async fn run(options: &Options) -> Result<()> {
    if let Some(profiled) = options.only_logins {
        return only_logins(options, profiled).await;
    }
    let provider = StubProvider::start().await?;
    let (mut contestants, servers) = start(options, &provider).await?;
    let mut results = Results::default();
    let seen = contestants
        .iter()
        .find(|it| it.name == PRODUCT)
        .and_then(Contestant::pages);
    results.pages = seen.unwrap_or(PAGES);
    let idle = idle_memory(&contestants)?;
    for contestant in &mut contestants {
        explained(contestant, Measure::SignIn, WARM_UP).await?;
    }
    take_turns(options, &mut contestants, &mut results).await?;
    measure_ledger(options, &mut results).await?;
    measure_memory(options, &mut contestants, &idle, &mut results).await?;
    measure_starts(options, &mut contestants, &mut results).await?;
    drop(contestants);
    drop(servers);
    println!();
    for line in results.lines() {
        println!("{line}");
    }
    println!("\n{}", document::table(&results));
    if options.write && options.product {
        document::write(&results, options)?;
    }
    Ok(())
}

/// The servers that some contestants need; they end with this.
type Servers = Option<(Postgres, Redis)>;

/// The product first: the floors' pages are as long as its own.
async fn start(options: &Options, provider: &StubProvider) -> Result<(Vec<Contestant>, Servers)> {
    let citizens = options.citizens;
    let (mut contestants, mut servers, mut pages) = (Vec::new(), None, PAGES);
    if options.product {
        let mut product = Contestant::product(PRODUCT, &provider.issuer, None, citizens).await?;
        explained(&mut product, Measure::SignIn, 1).await?;
        pages = product.pages().context("no pages were seen")?;
        contestants.push(product);
    }
    if options.servers {
        let (postgres, redis) = (Postgres::start().await?, Redis::start().await?);
        let stores = Stores {
            durable: postgres.database("bench")?,
            short_lived: redis.url(),
        };
        contestants
            .push(Contestant::product(ON_SERVERS, &provider.issuer, Some(stores), citizens).await?);
        servers = Some((postgres, redis));
    }
    contestants
        .push(Contestant::floor(AUDITED_FLOOR, &provider.issuer, true, pages, citizens).await?);
    contestants
        .push(Contestant::floor(PLAIN_FLOOR, &provider.issuer, false, pages, citizens).await?);
    Ok((contestants, servers))
}

fn idle_memory(contestants: &[Contestant]) -> Result<Vec<f64>> {
    contestants
        .iter()
        .map(|contestant| resident_megabytes(contestant.id()))
        .collect()
}

async fn take_turns(
    options: &Options,
    contestants: &mut [Contestant],
    results: &mut Results,
) -> Result<()> {
    for turn in 1..=options.repetitions {
        println!("turn {turn} of {}", options.repetitions);
        for measure in Measure::ALL {
            let count = match measure {
                // Each exchange needs a decision of its own.
                Measure::SignIn | Measure::Decision | Measure::Exchange => options.logins,
                // So short that the kernel's clock would not see a few thousand.
                Measure::Discovery | Measure::Jwks => options.calls * 5,
                _ => options.calls,
            };
            let does = |contestant: &&mut Contestant| contestant.does(measure);
            for contestant in contestants.iter_mut().filter(does) {
                let milliseconds = explained(contestant, measure, count).await?;
                if measure == Measure::Exchange {
                    results.note_rate(contestant.name, contestant.latest_rate());
                }
                println!(
                    "  {}, {}: {milliseconds:.4} ms",
                    measure.title(),
                    contestant.name
                );
                results.note(measure, contestant.name, milliseconds);
            }
        }
        // Whoever began comes last: none is always measured after the same other.
        contestants.rotate_left(1);
    }
    Ok(())
}

/// The audit log alone, which needs no contestant.
async fn measure_ledger(options: &Options, results: &mut Results) -> Result<()> {
    for _ in 0..options.repetitions {
        let entries = options.calls * 5;
        let Some((cpu, rate)) = ledger_alone::measure(entries, options.citizens).await? else {
            return Ok(());
        };
        println!("  one entry of the audit log alone: {cpu:.4} ms, {rate:.0} a second");
        results.ledger.push((cpu, rate));
    }
    Ok(())
}

async fn measure_memory(
    options: &Options,
    contestants: &mut [Contestant],
    idle: &[f64],
    results: &mut Results,
) -> Result<()> {
    // The turns rotated them.
    contestants.rotate_right(options.repetitions % contestants.len());
    for (contestant, idle) in contestants.iter_mut().zip(idle) {
        if contestant.name == PLAIN_FLOOR {
            continue;
        }
        let mut done = 0;
        while done < options.memory_logins {
            let portion = MEMORY_PORTION.min(options.memory_logins - done);
            let milliseconds = explained(contestant, Measure::SignIn, portion).await?;
            done += portion;
            let now = resident_megabytes(contestant.id())?;
            println!(
                "memory, {}: {now:.0} MB after {done} logins ({milliseconds:.3} ms each)",
                contestant.name
            );
        }
        let after = resident_megabytes(contestant.id())?;
        results.memory.insert(
            contestant.name,
            Memory {
                idle: *idle,
                after,
                logins: done,
            },
        );
    }
    Ok(())
}

const MEMORY_PORTION: u64 = 10_000;

async fn measure_starts(
    options: &Options,
    contestants: &mut [Contestant],
    results: &mut Results,
) -> Result<()> {
    for _ in 0..options.repetitions {
        for contestant in &mut *contestants {
            let milliseconds = contestant.cold_start().await?;
            results.note_start(contestant.name, milliseconds);
        }
    }
    Ok(())
}

/// One contestant under logins alone, while a profiler looks at it.
async fn only_logins(options: &Options, profiled: Profiled) -> Result<()> {
    let provider = StubProvider::start().await?;
    let mut contestant = match profiled {
        Profiled::Product => {
            Contestant::product(PRODUCT, &provider.issuer, None, options.citizens).await?
        }
        Profiled::Floor => {
            Contestant::floor(
                AUDITED_FLOOR,
                &provider.issuer,
                true,
                PAGES,
                options.citizens,
            )
            .await?
        }
    };
    explained(&mut contestant, Measure::SignIn, WARM_UP).await?;
    println!("process {}", contestant.id());
    let milliseconds = explained(&mut contestant, Measure::SignIn, options.logins).await?;
    println!("{}: {milliseconds:.4} ms CPU", contestant.name);
    Ok(())
}

/// A measurement; where it fails, what the server said of it.
async fn explained(contestant: &mut Contestant, measure: Measure, count: u64) -> Result<f64> {
    let measured = contestant.measure(measure, count).await;
    measured.with_context(|| {
        let log = contestant.log();
        let last: Vec<&str> = log.lines().rev().take(20).collect();
        let last: Vec<&str> = last.into_iter().rev().collect();
        format!(
            "{}: {}; the end of its log:\n{}",
            contestant.name,
            measure.title(),
            last.join("\n")
        )
    })
}
