//! `guichet keys`.

use clap::Subcommand;
use guichet_domain::{KeyManagementAlg, SigningAlg};

use super::arguments::ConfigArguments;

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
