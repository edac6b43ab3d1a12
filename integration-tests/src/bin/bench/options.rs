//! What the bench is told on its command line.

use anyhow::{Context, Result, bail};

/// How much is measured, and of whom.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    /// How often each measure is repeated, turn by turn with the others.
    pub(crate) repetitions: usize,
    /// Federated logins in one repetition.
    pub(crate) logins: u64,
    /// Other operations in one repetition.
    pub(crate) calls: u64,
    /// Logins before memory is looked at again.
    pub(crate) memory_logins: u64,
    /// Citizens at once.
    pub(crate) citizens: usize,
    /// Whether the product runs on PostgreSQL and Redis too.
    pub(crate) servers: bool,
    /// Whether the product runs at all: without it the floor is tried alone.
    pub(crate) product: bool,
    /// Whether `docs/performance.md` is written.
    pub(crate) write: bool,
    /// Only federated logins at one contestant, for a profiler.
    pub(crate) only_logins: Option<Profiled>,
}

/// Whom a profiler looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profiled {
    /// `guichet serve`.
    Product,
    /// `bench floor`.
    Floor,
}

const USAGE: &str = "\
usage: cargo xtask bench [options]

  --quick               a minute instead of many; the figures are rougher, docs/performance.md is left as it is
  --repetitions N       turns of each measure (7)
  --logins N            federated logins in a turn
  --calls N             other operations in a turn
  --memory-logins N     logins before memory is looked at again (100000)
  --citizens N          citizens at once (8)
  --servers             the product on PostgreSQL and Redis too
  --floor-only          without the product
  --profile WHO         only federated logins, --logins of them, of `product` or `floor`
  --no-write            docs/performance.md is left as it is";

impl Options {
    /// From the command line.
    pub(crate) fn read(arguments: &[String]) -> Result<Self> {
        let mut options = if arguments.iter().any(|argument| argument == "--quick") {
            Self::quick()
        } else {
            Self::full()
        };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            let mut number = || -> Result<u64> {
                let text = arguments
                    .next()
                    .with_context(|| format!("{argument} needs a number"))?;
                text.parse()
                    .with_context(|| format!("{argument} needs a number, not {text}"))
            };
            match argument.as_str() {
                "--quick" => {}
                "--repetitions" => options.repetitions = usize::try_from(number()?)?.max(1),
                "--logins" => options.logins = number()?,
                "--calls" => options.calls = number()?,
                "--memory-logins" => options.memory_logins = number()?,
                "--citizens" => options.citizens = usize::try_from(number()?)?.max(1),
                "--servers" => options.servers = true,
                "--floor-only" => options.product = false,
                "--no-write" => options.write = false,
                "--profile" => {
                    options.only_logins = Some(match arguments.next().map(String::as_str) {
                        Some("product") => Profiled::Product,
                        Some("floor") => Profiled::Floor,
                        _ => bail!("--profile needs `product` or `floor`\n\n{USAGE}"),
                    });
                }
                other => bail!("no option called {other}\n\n{USAGE}"),
            }
        }
        Ok(options)
    }

    const fn full() -> Self {
        Self {
            repetitions: 7,
            logins: 1000,
            calls: 4000,
            memory_logins: 100_000,
            citizens: 8,
            servers: false,
            product: true,
            write: true,
            only_logins: None,
        }
    }

    const fn quick() -> Self {
        Self {
            logins: 250,
            calls: 1000,
            memory_logins: 5000,
            write: false,
            ..Self::full()
        }
    }
}
