//! The command line: sub-commands, flags, exit codes.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};
use guichet_config::{ConfigError, Lifetime};
use guichet_domain::{
    CaseId, CorrectionId, ExchangeId, KeyManagementAlg, RightsRequestId, SigningAlg, Timestamp,
};
use url::Url;

/// Guichet, an identity federation hub for citizens.
#[derive(Debug, Parser)]
#[command(version, about, propagate_version = true)]
pub(crate) struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What the binary can do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// The whole cast on this machine: hub, identity providers, services, register, mailbox. Loopback only, not for production.
    Demo(DemoArguments),
    /// A production node.
    Serve(ConfigArguments),
    /// Checks, shows or describes the settings.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Signing keys.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// The audit log.
    #[command(subcommand)]
    Ledger(LedgerCommand),
    /// Receipts of citizens.
    #[command(subcommand)]
    Receipt(ReceiptCommand),
    /// Archives of what is held about a citizen.
    #[command(subcommand)]
    Archive(ArchiveCommand),
    /// Decisions of citizens about evidence.
    #[command(subcommand)]
    Grant(GrantCommand),
    /// Registered clients.
    #[command(subcommand)]
    Client(ClientCommand),
    /// Registered upstream identity providers.
    #[command(
        subcommand,
        after_help = "A changed address takes the stored secret away: give it again. One that is disabled ends logins under way."
    )]
    Provider(ProviderCommand),
    /// Logins tried out.
    #[command(subcommand)]
    Login(LoginCommand),
    /// Kill switches.
    #[command(subcommand)]
    Switch(SwitchCommand),
    /// Data providers: administrations that hand out evidence.
    #[command(
        subcommand,
        after_help = "From one that is disabled no evidence comes, and vouchers already out stop working."
    )]
    DataProvider(DataProviderCommand),
    /// Citizens, by their identifiers: who is who, who may act, and corrections of it.
    #[command(subcommand)]
    Person(PersonCommand),
    /// Who operates the hub.
    #[command(subcommand)]
    Admin(AdminCommand),
    /// The database's schema.
    #[command(subcommand)]
    Migrate(MigrateCommand),
    /// A diagnosis: settings, stores, keys, audit log, providers.
    Doctor(DoctorArguments),
}

/// Where the settings are.
#[derive(Clone, Debug, Args)]
pub(crate) struct ConfigArguments {
    /// The settings file.
    #[arg(long, default_value = "guichet.toml")]
    pub(crate) config: PathBuf,
    /// A setting over file and environment, as section.key=value; may be repeated.
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = key_and_value)]
    pub(crate) set: Vec<(String, String)>,
    /// How to print.
    #[arg(short, long, value_enum, default_value = "text")]
    pub(crate) output: Output,
}

/// How a command prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// What the demo starts with.
#[derive(Debug, Args)]
pub(crate) struct DemoArguments {
    /// Clients to add: a JSON array of RFC 7591 metadata.
    #[arg(long)]
    pub(crate) clients: Option<PathBuf>,
    /// Upstream identity providers to add: a JSON array.
    #[arg(long)]
    pub(crate) providers: Option<PathBuf>,
    /// `standard`: 8000 to 8040; `auto`: free ports, for tests.
    #[arg(long, value_enum, default_value = "standard")]
    pub(crate) ports: Ports,
    /// Where to keep keys and databases; a temporary folder when not given.
    #[arg(long)]
    pub(crate) data_dir: Option<PathBuf>,
    /// A file that says by how many seconds the whole cast is ahead of this machine, looked at all the time: to see
    /// what a month brings. Time never goes back.
    #[arg(long)]
    pub(crate) clock: Option<PathBuf>,
    /// A file to write the addresses to, as JSON, once everything answers.
    #[arg(long)]
    pub(crate) ready_file: Option<PathBuf>,
}

/// Which ports the demo takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Ports {
    /// 8000 to 8040.
    Standard,
    /// Whatever is free.
    Auto,
}

/// About the settings.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Checks file, environment and flags together.
    Check(ConfigArguments),
    /// Prints the effective settings, secrets redacted, each with its source.
    Show(ConfigArguments),
    /// Prints the JSON Schema of the settings file.
    Schema,
    /// Makes the registry what files declare: clients, providers, data providers. The plan is printed and then
    /// carried out; a record that somebody changes in between is left alone.
    #[command(
        after_help = "With --check exit 1 when anything differs: what drifted, or was not applied yet."
    )]
    Apply(ApplyArguments),
    /// Turns what another product exported into such a file, printed; each record has a line on standard error.
    Import {
        /// Which product.
        from: ImportSource,
        /// What it exported.
        file: PathBuf,
    },
}

/// What is made so.
#[derive(Debug, Args)]
pub(crate) struct ApplyArguments {
    /// TOML or JSON files, or folders of them, with lists `clients`, `providers`, `data_providers`.
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Prints the plan and changes nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// The same, and exit 1 unless nothing would change.
    #[arg(long)]
    pub(crate) check: bool,
    /// What is in use and declared nowhere goes out of use, of the kinds that the files list. What registered
    /// itself stays.
    #[arg(long)]
    pub(crate) prune: bool,
    /// How many records may go out of use at once; a tenth of them, and three at least, when it is not said.
    #[arg(long, requires = "prune")]
    pub(crate) prune_at_most: Option<usize>,
    #[command(flatten)]
    pub(crate) config: ConfigArguments,
}

/// Whose exports are understood.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ImportSource {
    /// A realm of Keycloak (JSON): its OpenID Connect clients and identity providers.
    Keycloak,
    /// The list of service providers of FranceConnect (CSV, twelve columns).
    Franceconnect,
}

/// About signing keys.
#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Lists them with their part in the rotation.
    List(ConfigArguments),
    /// The next key signs, the current one verifies, a new next one is published. Running nodes follow.
    Rotate {
        /// Which algorithm, of signatures or of encryption; all of the settings' when not given.
        #[arg(long, value_parser = key_use)]
        alg: Option<KeyUse>,
        #[command(flatten)]
        config: ConfigArguments,
    },
    /// In an emergency: the key leaves the JWK Set and verifies nothing any more. If it was the current
    /// one, the next one takes its place. Running nodes follow. There is no way back.
    Revoke {
        /// Which key, as `keys list` names it.
        #[arg(allow_hyphen_values = true)]
        kid: String,
        #[command(flatten)]
        config: ConfigArguments,
    },
    /// Prints the public keys as a JWK Set.
    ExportPublic {
        /// What receipts are verified with: keys past keeping too, and the ledger's.
        #[arg(long)]
        receipts: bool,
        #[command(flatten)]
        config: ConfigArguments,
    },
}

/// About the audit log.
#[derive(Debug, Subcommand)]
pub(crate) enum LedgerCommand {
    /// Reads every entry and checkpoint and says whether anything was changed, removed or moved.
    Verify {
        /// A checkpoint kept elsewhere, which the log must agree with.
        #[arg(long)]
        against: Option<PathBuf>,
        #[command(flatten)]
        config: ConfigArguments,
    },
    /// Sends its entries to a SIEM, on standard output or to a collector, each at least once.
    Export {
        /// As what.
        #[arg(long, value_enum)]
        format: ExportFormat,
        /// The first entry, by its place in the log; without it where the cursor stands, or 0.
        #[arg(long)]
        from: Option<u64>,
        /// A file that keeps how far it came.
        #[arg(long)]
        cursor: Option<PathBuf>,
        /// A collector that takes OTLP over HTTP, such as `https://collector.example/v1/logs`.
        #[arg(long)]
        to: Option<String>,
        /// Goes on as the log grows, and tries again where the collector does not answer.
        #[arg(long)]
        follow: bool,
        #[command(flatten)]
        config: ConfigArguments,
    },
    /// Prints the latest signed checkpoint, to be kept elsewhere.
    Checkpoint {
        /// With the proof that it continues the log of so many entries, instead of its hashes.
        #[arg(long)]
        since: Option<u64>,
        #[command(flatten)]
        config: ConfigArguments,
    },
}

/// As what the audit log leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// Common Event Format: a line each entry.
    Cef,
    /// OpenTelemetry logs, as JSON.
    OtlpJson,
}

/// About receipts.
#[derive(Debug, Subcommand)]
pub(crate) enum ReceiptCommand {
    /// Checks a receipt, or a statement of a whole history, offline and says what it says, or precisely what is
    /// wrong with it.
    Verify {
        /// The receipt, or the statement.
        file: PathBuf,
        /// What the hub publishes at /exchange/receipts/keys; the keys of the settings when not given.
        #[arg(long)]
        keys: Option<PathBuf>,
        /// A checkpoint kept elsewhere, of whose history the receipt must be.
        #[arg(long)]
        checkpoint: Option<PathBuf>,
        /// An earlier statement of the same citizen, all of which must be in this one.
        #[arg(long)]
        earlier: Option<PathBuf>,
        #[command(flatten)]
        config: ConfigArguments,
    },
    /// Holds a statement against the whole audit log: what it leaves out, and what is not the citizen's.
    Recount {
        /// The statement.
        file: PathBuf,
        #[command(flatten)]
        config: ConfigArguments,
    },
}

/// About archives.
#[derive(Debug, Subcommand)]
pub(crate) enum ArchiveCommand {
    /// Checks an archive offline: that the hub signed it, and that nothing in it was changed.
    Verify {
        /// The archive.
        file: PathBuf,
        /// What the hub publishes at /exchange/receipts/keys; the keys of the settings when not given.
        #[arg(long)]
        keys: Option<PathBuf>,
        #[command(flatten)]
        config: ConfigArguments,
    },
}

/// About decisions on evidence.
#[derive(Debug, Subcommand)]
pub(crate) enum GrantCommand {
    /// By an order, keeps an exchange from its citizen until a date. There is no way to hide it for good.
    Hide {
        /// Which exchange, as the audit log names it.
        #[arg(allow_hyphen_values = true)]
        exchange: ExchangeId,
        /// Open from then on, such as 2027-01-31T00:00:00Z.
        #[arg(long)]
        until: Timestamp,
        /// Who ordered it.
        #[arg(long)]
        authority: String,
        /// The order: a reference, never personal data.
        #[arg(long)]
        order: String,
        #[command(flatten)]
        acting: Acting,
    },
}

/// About who operates the hub.
#[derive(Debug, Subcommand)]
pub(crate) enum AdminCommand {
    /// Prints a link, good once and for an hour, that makes whoever opens it and signs in an operator.
    Bootstrap {
        /// Where mail reaches them: they are told when somebody goes around the usual way in.
        #[arg(long)]
        address: String,
        /// Why another way in is needed, where somebody operates the hub already. They are told.
        #[arg(long)]
        reason: Option<String>,
        #[command(flatten)]
        config: ConfigArguments,
    },
}

/// About clients.
#[derive(Debug, Subcommand)]
pub(crate) enum ClientCommand {
    #[command(flatten)]
    Registered(RegistryCommand),
    #[command(flatten)]
    Change(RecordChange),
    /// Initial access tokens: who may register clients.
    #[command(subcommand)]
    Token(TokenCommand),
    /// The secrets of a client, which follow one another.
    #[command(subcommand)]
    Secret(CredentialCommand),
    /// The public keys in the record of a client, which follow one another.
    #[command(subcommand)]
    Key(CredentialCommand),
}

/// About the secrets, or the keys, of a client.
#[derive(Debug, Subcommand)]
pub(crate) enum CredentialCommand {
    /// Lists them, with the day of their last use; never what they are.
    List {
        /// Whose.
        #[arg(allow_hyphen_values = true)]
        id: String,
        #[command(flatten)]
        config: ConfigArguments,
    },
    /// Adds one, good at once. A secret is made here and printed, this once; a key is read from a file.
    Add {
        /// Whose.
        #[arg(allow_hyphen_values = true)]
        id: String,
        /// Of a key: its public JWK.
        #[arg(long)]
        file: Option<PathBuf>,
        /// For how long those there are go on, such as 12h or 30d; without it they have no end.
        #[arg(long)]
        overlap: Option<Lifetime>,
        #[command(flatten)]
        config: ConfigArguments,
    },
    /// Ends one: at once, or at a time.
    End {
        /// Whose.
        #[arg(allow_hyphen_values = true)]
        id: String,
        /// Which, as `list` names it.
        #[arg(allow_hyphen_values = true)]
        credential: String,
        /// When, such as 2027-01-31T00:00:00Z.
        #[arg(long)]
        at: Option<Timestamp>,
        #[command(flatten)]
        config: ConfigArguments,
    },
}

/// About logins tried out.
#[derive(Debug, Subcommand)]
pub(crate) enum LoginCommand {
    /// Says what would happen for a service, a provider and a citizen, rule by rule. Keeps nothing, asks nobody.
    /// Exit 1 when the login would end.
    Simulate {
        /// The service, by its `client_id`.
        client: String,
        /// The provider that the citizen would choose.
        provider: String,
        /// The level that it would reach for somebody made up.
        #[arg(long)]
        level: Option<String>,
        /// A JSON file: what the provider would say instead, `id_token` and `userinfo`.
        #[arg(long)]
        claims: Option<PathBuf>,
        /// A parameter of the authorization request, as NAME=VALUE; may be repeated.
        #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = key_and_value)]
        parameters: Vec<(String, String)>,
        #[command(flatten)]
        config: ConfigArguments,
    },
}

/// About what is switched off.
#[derive(Debug, Subcommand)]
pub(crate) enum SwitchCommand {
    /// Lists what is off.
    List(ConfigArguments),
    /// Switches the hub, a service or an identity provider off, on every node within a second, until somebody
    /// switches it on.
    Off {
        /// `hub`, `client:ID` or `provider:ID`.
        target: String,
        /// Why: it stays on record.
        #[arg(long)]
        reason: String,
        /// What citizens read, in French.
        #[arg(long)]
        message_fr: Option<String>,
        /// The same in English.
        #[arg(long)]
        message_en: Option<String>,
        /// When it is to come back, as citizens are told, such as 2027-01-31T08:00:00Z.
        #[arg(long)]
        until: Option<String>,
        #[command(flatten)]
        config: ConfigArguments,
    },
    /// Switches it on again.
    On {
        /// `hub`, `client:ID` or `provider:ID`.
        target: String,
        /// Why: it stays on record.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        config: ConfigArguments,
    },
}

/// About providers. Running nodes follow every change within seconds.
#[derive(Debug, Subcommand)]
pub(crate) enum ProviderCommand {
    #[command(flatten)]
    Registered(RegistryCommand),
    #[command(flatten)]
    Change(RecordChange),
    /// Shows what its record makes of claims: input, each rule's trace, output. Exit 1 when a rule fails.
    Test {
        /// Its identifier.
        #[arg(allow_hyphen_values = true)]
        id: String,
        /// A JSON file: `id_token` and `userinfo`, or the members of a userinfo answer; somebody made up when not given.
        #[arg(long)]
        claims: Option<PathBuf>,
        #[command(flatten)]
        config: ConfigArguments,
    },
}

/// About initial access tokens.
#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Makes one and prints it, this once.
    Add {
        /// What to call it.
        name: String,
        /// How many clients may register with it.
        #[arg(long, default_value = "1")]
        uses: u32,
        /// For how long, such as 12h or 30d.
        #[arg(long, default_value = "7d")]
        valid: Lifetime,
        #[command(flatten)]
        config: ConfigArguments,
    },
    /// Lists them; their texts are nowhere.
    List(ConfigArguments),
    /// Removes one; clients that registered with it stay.
    Remove {
        /// What it is called.
        name: String,
        #[command(flatten)]
        config: ConfigArguments,
    },
}

/// About what is registered.
#[derive(Debug, Subcommand)]
pub(crate) enum RegistryCommand {
    /// Lists them.
    List(ConfigArguments),
    /// Shows one.
    Show {
        /// Its identifier.
        #[arg(allow_hyphen_values = true)]
        id: String,
        #[command(flatten)]
        config: ConfigArguments,
    },
}

/// About citizens. A person is named by the identifier in the audit log or by `SUB@SECTOR`.
#[derive(Debug, Subcommand)]
pub(crate) enum PersonCommand {
    /// Shows the rows that lead to a person, and their names in each sector.
    Show {
        /// Whom.
        #[arg(allow_hyphen_values = true)]
        person: String,
        #[command(flatten)]
        acting: Acting,
    },
    /// Lists the latest corrections.
    Corrections(ConfigArguments),
    /// Proposes that two persons are one. The one known for longer is kept; in each sector the older `sub` counts.
    Merge {
        /// One.
        #[arg(allow_hyphen_values = true)]
        person: String,
        /// The other.
        #[arg(allow_hyphen_values = true)]
        other: String,
        /// Why: a ticket's number, never personal data.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        acting: Acting,
    },
    /// Proposes that a row leads to somebody else: whoever it came from by a merge, or somebody new.
    Split {
        /// Whose row.
        #[arg(allow_hyphen_values = true)]
        person: String,
        /// Which, as `person show` numbers them.
        row: usize,
        /// Why: a ticket's number, never personal data.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        acting: Acting,
    },
    /// Freezes a person at once: nobody signs in as them, and nothing they signed in with is good any more.
    Freeze {
        /// Whom.
        #[arg(allow_hyphen_values = true)]
        person: String,
        /// Why: a ticket's number, never personal data.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        acting: Acting,
    },
    /// Closes a person's account at once.
    Close {
        /// Whose.
        #[arg(allow_hyphen_values = true)]
        person: String,
        /// The person died.
        #[arg(long)]
        died: bool,
        /// Why: a ticket's number, never personal data.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        acting: Acting,
    },
    /// Proposes that a case is over: the person may sign in again once another operator confirms it.
    Thaw {
        /// Which case.
        #[arg(allow_hyphen_values = true)]
        case: CaseId,
        /// Why: a ticket's number, never personal data.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        acting: Acting,
    },
    /// Lists the latest cases: who is frozen or closed, and what was reported.
    Cases(ConfigArguments),
    /// Shows a case, with what was there when it was opened.
    Case {
        /// Which.
        #[arg(allow_hyphen_values = true)]
        case: CaseId,
        #[command(flatten)]
        acting: Acting,
    },
    /// Opens every way into a person's identity again, for somebody who locked themselves out: who closed
    /// providers and lost the account at the one that is left. They read of it in their account.
    ReopenWays {
        /// Whose.
        #[arg(allow_hyphen_values = true)]
        person: String,
        /// Why: a ticket's number, never personal data.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        acting: Acting,
    },
    /// Lists what citizens asked by right and what waits for an answer, the most urgent first.
    Requests(ConfigArguments),
    /// Shows what a citizen asked, in their words. That it was read is in the audit log and in their history.
    Request {
        /// Which.
        #[arg(allow_hyphen_values = true)]
        request: RightsRequestId,
        #[command(flatten)]
        acting: Acting,
    },
    /// Answers what a citizen asked: they read it in their account.
    Answer {
        /// Which.
        #[arg(allow_hyphen_values = true)]
        request: RightsRequestId,
        /// What came of it.
        #[arg(long, value_enum)]
        outcome: RequestOutcome,
        /// What the citizen reads: whom it was passed on to, what was done, or the law that a refusal rests on.
        #[arg(long)]
        words: String,
        #[command(flatten)]
        acting: Acting,
    },
    /// Confirms what another operator proposed: from then on it is so, and services are told.
    Confirm {
        /// Which correction.
        #[arg(allow_hyphen_values = true)]
        correction: CorrectionId,
        #[command(flatten)]
        acting: Acting,
    },
    /// Takes back a correction within `identity.undo_window`, or withdraws one that is not confirmed.
    Undo {
        /// Which correction.
        #[arg(allow_hyphen_values = true)]
        correction: CorrectionId,
        #[command(flatten)]
        acting: Acting,
    },
}

/// What comes of a citizen's request.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum RequestOutcome {
    /// Whoever holds the data has it now.
    PassedOn,
    /// It was done.
    Done,
    /// It is refused.
    Refused,
}

/// Who acts.
#[derive(Debug, Args)]
pub(crate) struct Acting {
    /// The operator's name, one of `[[operators]]`.
    #[arg(long)]
    pub(crate) operator: String,
    /// The file that holds their credential.
    #[arg(long)]
    pub(crate) credential_file: PathBuf,
    #[command(flatten)]
    pub(crate) config: ConfigArguments,
}

/// About data providers.
#[derive(Debug, Subcommand)]
pub(crate) enum DataProviderCommand {
    #[command(flatten)]
    Registered(RegistryCommand),
    #[command(flatten)]
    Change(RecordChange),
    /// Grades a data provider on this machine: plays the hub and a service, sends one good request and
    /// every bad one. For the time of the test the data provider's hub is the address of --listen.
    Test(Box<DataProviderTest>),
}

/// Changes of what is registered, but for what the settings declare. Running nodes follow every one within
/// seconds.
#[derive(Debug, Subcommand)]
pub(crate) enum RecordChange {
    /// Adds one, from a JSON file with its metadata.
    Add {
        /// The file.
        file: PathBuf,
        #[command(flatten)]
        config: ConfigArguments,
    },
    /// Changes members of one.
    Set {
        /// Its identifier.
        #[arg(allow_hyphen_values = true)]
        id: String,
        /// What becomes of which member: a JSON value or a text; `null` for the default.
        #[arg(required = true, value_name = "MEMBER=VALUE", value_parser = key_and_value)]
        members: Vec<(String, String)>,
        #[command(flatten)]
        config: ConfigArguments,
    },
    /// Makes one unusable, for what is under way as well. `set ID active=true` is the way back.
    Disable {
        /// Its identifier.
        #[arg(allow_hyphen_values = true)]
        id: String,
        #[command(flatten)]
        config: ConfigArguments,
    },
}

/// The data provider under test, and what it knows.
#[derive(Clone, Debug, Args)]
pub(crate) struct DataProviderTest {
    /// Its evidence endpoint.
    pub(crate) endpoint: Url,
    /// Its public keys: the address of its JWK Set.
    #[arg(long)]
    pub(crate) keys: Url,
    /// Its short name: the audience of its vouchers.
    #[arg(long)]
    pub(crate) id: String,
    /// A citizen it has a file of, by the `sub` it knows them by.
    #[arg(long)]
    pub(crate) subject: String,
    /// An evidence it holds of them.
    #[arg(long)]
    pub(crate) evidence_type: String,
    /// Fields of it, separated by commas.
    #[arg(long, required = true, value_delimiter = ',')]
    pub(crate) fields: Vec<String>,
    /// Where the played hub listens; http:// and this is the issuer that the data provider trusts.
    #[arg(long, default_value = "127.0.0.1:8090")]
    pub(crate) listen: SocketAddr,
    /// How to print.
    #[arg(short, long, value_enum, default_value = "text")]
    pub(crate) output: Output,
}

/// About the database's schema.
#[derive(Debug, Subcommand)]
pub(crate) enum MigrateCommand {
    /// Which migrations have run.
    Status(ConfigArguments),
    /// Runs those that have not.
    Up(ConfigArguments),
}

/// How deep to look.
#[derive(Debug, Args)]
pub(crate) struct DoctorArguments {
    /// Only asks the running node whether it answers: for container health checks.
    #[arg(long)]
    pub(crate) live: bool,
    #[command(flatten)]
    pub(crate) config: ConfigArguments,
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Done,
    /// Refused or failed.
    Failed,
    /// The settings do not hold (`EX_CONFIG` of sysexits.h). Usage errors are clap's, 2.
    Configuration,
}

impl Exit {
    /// What an error ends with.
    pub(crate) fn of(error: &anyhow::Error) -> Self {
        if error.downcast_ref::<ConfigError>().is_some()
            || error.downcast_ref::<BadSetting>().is_some()
        {
            Self::Configuration
        } else {
            Self::Failed
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Done => Self::SUCCESS,
            Exit::Failed => Self::from(1),
            Exit::Configuration => Self::from(78),
        }
    }
}

/// A setting that is well formed and still cannot be used: a declared client that does not hold, a
/// file that is not there.
#[derive(Debug, thiserror::Error)]
#[error("{key}: {problem}")]
pub(crate) struct BadSetting {
    /// Which setting.
    pub(crate) key: String,
    /// What is wrong and what to do.
    pub(crate) problem: String,
}

fn key_and_value(text: &str) -> Result<(String, String), String> {
    text.split_once('=')
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .ok_or_else(|| "a setting is written section.key=value".to_owned())
}

/// What a key of the issuer is for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum KeyUse {
    /// It signs.
    Signing(SigningAlg),
    /// Clients encrypt to it.
    Encryption(KeyManagementAlg),
}

fn key_use(text: &str) -> Result<KeyUse, String> {
    if let Ok(alg) = text.parse() {
        return Ok(KeyUse::Encryption(alg));
    }
    text.parse()
        .map(KeyUse::Signing)
        .map_err(|error: guichet_domain::UnknownAlg| error.to_string())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_setting_on_the_command_line_needs_a_value() {
        let parse = |text| Arguments::try_parse_from(["guichet", "serve", "--set", text]).is_ok();
        assert!(parse("hub.name=A=B"));
        assert!(!parse("hub.name"));
    }
}
