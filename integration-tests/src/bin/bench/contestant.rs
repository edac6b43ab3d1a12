//! A server under measure: the product or a floor, with the citizens who walk it.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use futures_util::future::try_join_all;
use guichet_integration_tests::machine::{free_port, guichet_binary};
use guichet_integration_tests::process::{Process, mortal};
use tempfile::TempDir;

use crate::connection::Connection;
use crate::floor::FloorSettings;
use crate::gauge::cpu_milliseconds;
use crate::product::{self, Addresses, Parties, Stores};
use crate::results::Measure;
use crate::walker::{ENCRYPTED, PLAIN, RENEWING, SIGNED, Service, Walker, split};

/// A running server.
pub(crate) struct Contestant {
    /// What it is called in the results.
    pub(crate) name: &'static str,
    process: Process,
    program: PathBuf,
    arguments: Vec<OsString>,
    issuer: String,
    readyz: String,
    /// What it says of itself.
    metadata: String,
    plain: Vec<Walker>,
    signed: Vec<Walker>,
    encrypted: Vec<Walker>,
    renewing: Vec<Walker>,
    /// Of a service that fetches evidence; none where nobody hands any out.
    fetching: Vec<Walker>,
    /// Operations in a second, of the latest measurement.
    rate: f64,
    /// Goes when it does.
    _folder: TempDir,
}

/// The longest a single measurement may take; beyond it something hangs.
const LONGEST: Duration = Duration::from_mins(20);

/// Trailing work is counted with what caused it: entries that nobody waits for, and whoever reads the
/// ledger for histories and exchanges, every second.
const SETTLE: Duration = Duration::from_millis(1100);

const DISCOVERY: &str = "/.well-known/openid-configuration";

impl Contestant {
    /// `guichet serve` on embedded stores, or on those given.
    pub(crate) async fn product(
        name: &'static str,
        provider: &str,
        stores: Option<Stores>,
        citizens: usize,
    ) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let (addresses, parties) = (Addresses::free()?, Parties::new()?);
        let stores = stores.unwrap_or_else(|| Stores {
            durable: format!("sqlite:{}", folder.path().join("guichet.db").display()),
            short_lived: "memory".to_owned(),
        });
        let file = folder.path().join("guichet.toml");
        std::fs::write(
            &file,
            product::settings(&addresses, &stores, folder.path(), provider, &parties),
        )?;
        let arguments = vec!["serve".into(), "--config".into(), file.into()];
        let program = guichet_binary()?.to_owned();
        let readyz = format!("{}/readyz", addresses.management);
        let issuer = addresses.issuer;
        let fetching: Result<Vec<Walker>> = (0..citizens)
            .map(|_| Walker::fetching(&issuer, &parties))
            .collect();
        let of = (issuer.clone(), readyz);
        let mut started = Self::start(name, program, arguments, of, folder, citizens).await?;
        started.fetching = fetching?;
        Ok(started)
    }

    /// `bench floor`, with an audit log or without; pages have the given lengths (choice, consent).
    pub(crate) async fn floor(
        name: &'static str,
        provider: &str,
        is_audited: bool,
        pages: (usize, usize),
        citizens: usize,
    ) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let settings = FloorSettings {
            port: free_port()?,
            provider: provider.to_owned(),
            ledger: is_audited.then(|| folder.path().join("ledger")),
            choice_page: pages.0,
            consent_page: pages.1,
        };
        let arguments = settings
            .arguments()
            .into_iter()
            .map(OsString::from)
            .collect();
        let issuer = format!("http://localhost:{}", settings.port);
        let readyz = format!("{issuer}/readyz");
        Self::start(
            name,
            std::env::current_exe()?,
            arguments,
            (issuer, readyz),
            folder,
            citizens,
        )
        .await
    }

    async fn start(
        name: &'static str,
        program: PathBuf,
        arguments: Vec<OsString>,
        (issuer, readyz): (String, String),
        folder: TempDir,
        citizens: usize,
    ) -> Result<Self> {
        let walkers = |service: Service| -> Result<Vec<Walker>> {
            (0..citizens)
                .map(|_| Walker::new(&issuer, service))
                .collect()
        };
        let process = launch(name, &program, &arguments)?;
        let mut started = Self {
            name,
            process,
            program,
            arguments,
            plain: walkers(PLAIN)?,
            signed: walkers(SIGNED)?,
            encrypted: walkers(ENCRYPTED)?,
            renewing: walkers(RENEWING)?,
            fetching: Vec::new(),
            rate: 0.0,
            issuer,
            readyz,
            metadata: String::new(),
            _folder: folder,
        };
        started.until_first_answer().await?;
        let (authority, path) = (started.issuer.trim_start_matches("http://"), DISCOVERY);
        let answer = Connection::to(authority).send("GET", path, "", "").await?;
        started.metadata = answer.body;
        Ok(started)
    }

    /// The process.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Everything the server wrote so far, for whoever asks why.
    pub(crate) fn log(&self) -> String {
        self.process.log()
    }

    /// Ends the server and starts it again on what it left behind: milliseconds from the start of the program to its
    /// first answers, of `/readyz` and of discovery.
    pub(crate) async fn cold_start(&mut self) -> Result<f64> {
        self.process.kill()?;
        let began = Instant::now();
        self.process = launch(self.name, &self.program, &self.arguments)?;
        self.until_first_answer().await?;
        Ok(began.elapsed().as_secs_f64() * 1000.0)
    }

    /// Whether it can be measured by this.
    pub(crate) fn does(&self, measure: Measure) -> bool {
        self.metadata.contains(measure.stated_as())
    }

    /// Milliseconds of CPU for one operation, over about `count` of them.
    pub(crate) async fn measure(&mut self, measure: Measure, count: u64) -> Result<f64> {
        self.prepare(measure, count).await?;
        let (before, began) = (cpu_milliseconds(self.id())?, Instant::now());
        let done = match measure {
            Measure::SignIn => load(&mut self.plain, count, Walker::sign_in).await?,
            Measure::SignOn => load(&mut self.plain, count, Walker::sign_on).await?,
            Measure::Token => self.spend_codes(Walker::spend_code).await?,
            Measure::DpopToken => self.spend_codes(Walker::spend_code_with_proof).await?,
            Measure::Refresh => load(&mut self.renewing, count, Walker::refresh).await?,
            Measure::Userinfo => load(&mut self.plain, count, Walker::userinfo).await?,
            Measure::SignedUserinfo => load(&mut self.signed, count, Walker::userinfo).await?,
            Measure::EncryptedUserinfo => {
                load(&mut self.encrypted, count, Walker::userinfo).await?
            }
            Measure::Introspection => load(&mut self.plain, count, Walker::introspect).await?,
            Measure::Push => load(&mut self.plain, count, Walker::push).await?,
            Measure::Decision => load(&mut self.fetching, count, Walker::decide).await?,
            Measure::Exchange => self.fetch_all().await?,
            Measure::Discovery => {
                load(&mut self.plain, count, async |walker| {
                    walker.document(DISCOVERY).await
                })
                .await?
            }
            Measure::Jwks => {
                load(&mut self.plain, count, async |walker| {
                    walker.document("/jwks").await
                })
                .await?
            }
        };
        let took = began.elapsed().as_secs_f64();
        tokio::time::sleep(SETTLE).await;
        let used = cpu_milliseconds(self.id())? - before;
        #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
        let done = done as f64;
        self.rate = done / took;
        Ok(used / done)
    }

    /// Operations in a second, of the latest measurement.
    pub(crate) fn latest_rate(&self) -> f64 {
        self.rate
    }

    /// How long the pages of the choice and of the consent are, in bytes.
    pub(crate) fn pages(&self) -> Option<(usize, usize)> {
        let pages = &self.plain.first()?.pages;
        Some((*pages.get("provider")?, *pages.get("consent")?))
    }

    /// What must be there before the clock starts: a live session, a live token, codes.
    async fn prepare(&mut self, measure: Measure, count: u64) -> Result<()> {
        match measure {
            Measure::SignIn | Measure::Push | Measure::Discovery | Measure::Jwks => Ok(()),
            Measure::SignOn | Measure::Userinfo | Measure::Introspection => {
                each(&mut self.plain, Walker::sign_in).await
            }
            Measure::SignedUserinfo => each(&mut self.signed, Walker::sign_in).await,
            Measure::EncryptedUserinfo => each(&mut self.encrypted, Walker::sign_in).await,
            Measure::Refresh => each(&mut self.renewing, Walker::sign_in).await,
            Measure::Decision => each(&mut self.fetching, Walker::sign_in).await,
            Measure::Exchange => {
                each(&mut self.fetching, Walker::sign_in).await?;
                each(&mut self.fetching, async |walker| {
                    walker.forget_grants();
                    Ok(())
                })
                .await?;
                load(&mut self.fetching, count, Walker::decide)
                    .await
                    .map(drop)
            }
            Measure::Token | Measure::DpopToken => {
                each(&mut self.plain, Walker::sign_in).await?;
                load(&mut self.plain, count, Walker::gather_code)
                    .await
                    .map(|_| ())
            }
        }
    }

    async fn spend_codes(&mut self, spend: impl AsyncFn(&mut Walker) -> Result<()>) -> Result<u64> {
        let gathered = self.plain.iter().map(Walker::codes).sum::<usize>() as u64;
        each(&mut self.plain, async |walker| {
            while walker.codes() > 0 {
                spend(walker).await?;
            }
            Ok(())
        })
        .await?;
        Ok(gathered)
    }

    /// Fetches everything that was granted.
    async fn fetch_all(&mut self) -> Result<u64> {
        let granted = self.fetching.iter().map(Walker::grants).sum::<usize>() as u64;
        each(&mut self.fetching, async |walker| {
            while walker.grants() > 0 {
                walker.fetch().await?;
            }
            Ok(())
        })
        .await?;
        Ok(granted)
    }

    async fn until_first_answer(&mut self) -> Result<()> {
        let discovery = format!("{}{DISCOVERY}", self.issuer);
        for address in [self.readyz.clone(), discovery] {
            let (authority, path) = split(&address).context("not an address")?;
            let deadline = Instant::now() + Duration::from_mins(1);
            while !answers(authority, path).await {
                ensure!(
                    Instant::now() < deadline,
                    "{} is not ready:\n{}",
                    self.name,
                    self.log()
                );
                if let Ok(stat) = std::fs::read_to_string(format!("/proc/{}/stat", self.id()))
                    && stat.contains(") Z ")
                {
                    bail!("{} stopped:\n{}", self.name, self.log());
                }
                tokio::time::sleep(Duration::from_micros(500)).await;
            }
        }
        Ok(())
    }
}

fn launch(name: &str, program: &PathBuf, arguments: &[OsString]) -> Result<Process> {
    let mut command = mortal(program);
    command.args(arguments);
    Process::start(name, command)
}

async fn answers(authority: &str, path: &str) -> bool {
    let answer = Connection::to(authority).send("GET", path, "", "").await;
    answer.is_ok_and(|answer| answer.status == 200)
}

/// Runs an operation `count` times in all, every walker one at a time, all of them at once.
async fn load(
    walkers: &mut [Walker],
    count: u64,
    operation: impl AsyncFn(&mut Walker) -> Result<()>,
) -> Result<u64> {
    let deadline = Instant::now() + LONGEST;
    let left = std::cell::Cell::new(count);
    let walk = async |walker: &mut Walker| -> Result<()> {
        while left.get() > 0 {
            left.set(left.get() - 1);
            ensure!(
                Instant::now() < deadline,
                "the load took longer than {LONGEST:?}"
            );
            operation(walker).await?;
        }
        Ok(())
    };
    try_join_all(walkers.iter_mut().map(walk)).await?;
    Ok(count)
}

/// Runs an operation once for every walker, all of them at once.
async fn each(
    walkers: &mut [Walker],
    operation: impl AsyncFn(&mut Walker) -> Result<()>,
) -> Result<()> {
    try_join_all(walkers.iter_mut().map(|walker| operation(walker))).await?;
    Ok(())
}
