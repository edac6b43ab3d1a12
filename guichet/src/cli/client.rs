//! `guichet client`.

use std::path::PathBuf;

use clap::Subcommand;
use guichet_config::Lifetime;
use guichet_domain::{ClientTestId, Timestamp};

use super::arguments::ConfigArguments;
use super::records::{RecordChange, RegistryCommand};

/// About clients.
#[derive(Debug, Subcommand)]
pub(crate) enum ClientCommand {
    #[command(flatten)]
    Registered(RegistryCommand),
    #[command(flatten)]
    Change(RecordChange),
    /// Looks at what a client points to, as the console does before it is saved: whether addresses answer, keys can
    /// be read, its sector's document lists it. Exit 1 when something is the matter.
    Check {
        /// Its identifier.
        #[arg(allow_hyphen_values = true)]
        id: String,
        #[command(flatten)]
        config: ConfigArguments,
    },
    /// Begins a test: the hub plays a provider that plays false, at an issuer of its own, to the client's software.
    /// With --run, what became of one: exit 1 until it is passed.
    Test {
        /// Its identifier.
        #[arg(allow_hyphen_values = true)]
        id: String,
        /// A test that was begun.
        #[arg(long)]
        run: Option<ClientTestId>,
        #[command(flatten)]
        config: ConfigArguments,
    },
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
