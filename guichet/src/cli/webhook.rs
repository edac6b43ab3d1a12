//! `guichet webhook`.

use clap::{Subcommand, ValueEnum};
use guichet_config::Lifetime;
use guichet_domain::Timestamp;

use super::arguments::ConfigArguments;
use super::records::{RecordChange, RegistryCommand};

/// About webhooks. Running nodes follow every change at once.
#[derive(Debug, Subcommand)]
pub(crate) enum WebhookCommand {
    #[command(flatten)]
    Registered(RegistryCommand),
    #[command(flatten)]
    Change(RecordChange),
    /// What signs its messages.
    #[command(subcommand)]
    Secret(WebhookSecretCommand),
    /// What it was told or is to be told, the newest first, and how that goes.
    Deliveries {
        /// Its identifier.
        #[arg(allow_hyphen_values = true)]
        id: String,
        /// How many.
        #[arg(long, default_value = "50")]
        limit: u32,
        #[command(flatten)]
        config: ConfigArguments,
    },
    /// Tells it that it is being tried: an event `webhook.tested`.
    Test {
        /// Its identifier.
        #[arg(allow_hyphen_values = true)]
        id: String,
        #[command(flatten)]
        config: ConfigArguments,
    },
    /// Sends events again, each under the identifier it had.
    Replay {
        /// Its identifier.
        #[arg(allow_hyphen_values = true)]
        id: String,
        /// One event, by its place in the audit log.
        #[arg(long)]
        sequence: Option<u64>,
        /// All that happened since then, such as 2027-01-31T08:00:00Z.
        #[arg(long)]
        since: Option<Timestamp>,
        #[command(flatten)]
        config: ConfigArguments,
    },
}

/// About the secrets of a webhook.
#[derive(Debug, Subcommand)]
pub(crate) enum WebhookSecretCommand {
    /// Lists them; never what they are.
    List {
        /// The webhook's identifier.
        #[arg(allow_hyphen_values = true)]
        id: String,
        #[command(flatten)]
        config: ConfigArguments,
    },
    /// Makes another one, which signs at once, and prints it, this once.
    Add {
        /// The webhook's identifier.
        #[arg(allow_hyphen_values = true)]
        id: String,
        /// `v1`, a shared secret, or `v1a`, a key of which the receiver has the public half.
        #[arg(long, value_enum, default_value = "v1")]
        signature: SignatureKind,
        /// How long the others go on, such as 7d; for good when not given.
        #[arg(long)]
        overlap: Option<Lifetime>,
        #[command(flatten)]
        config: ConfigArguments,
    },
    /// Ends one; one that goes on must be left.
    End {
        /// The webhook's identifier.
        #[arg(allow_hyphen_values = true)]
        id: String,
        /// The secret's name.
        secret: String,
        /// When, such as 2027-01-31T08:00:00Z; at once when not given.
        #[arg(long)]
        at: Option<Timestamp>,
        #[command(flatten)]
        config: ConfigArguments,
    },
}

/// How messages to a webhook are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SignatureKind {
    /// HMAC-SHA256.
    V1,
    /// Ed25519.
    V1a,
}
