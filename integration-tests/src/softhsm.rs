//! A PKCS#11 token in a folder of its own: SoftHSM's, in place of a hardware module.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use tempfile::TempDir;

use crate::machine::PREPARE;

/// A token with the label `hub`. It goes with this value.
pub struct SoftHsm {
    folder: TempDir,
}

const PIN: &str = "4711-of-the-tests";

impl SoftHsm {
    /// Makes a token.
    pub fn new() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let tokens = folder.path().join("tokens");
        fs::create_dir(&tokens)?;
        let configuration = format!("directories.tokendir = {}\n", tokens.display());
        fs::write(folder.path().join("softhsm2.conf"), configuration)?;
        fs::write(folder.path().join("pin"), PIN)?;
        let token = Self { folder };
        let mut utility = Command::new("softhsm2-util");
        utility
            .args(["--init-token", "--free", "--label", "hub"])
            .args(["--so-pin", "0000", "--pin", PIN])
            .envs(token.environment());
        let made = utility
            .output()
            .with_context(|| format!("softhsm2-util is missing: {PREPARE}"))?;
        ensure!(made.status.success(), "no token: {made:?}");
        Ok(token)
    }

    /// What a node is told to keep its signing keys there.
    pub fn settings(&self) -> Result<String> {
        let module = MODULES.iter().map(Path::new).find(|path| path.exists());
        let module = module.with_context(|| format!("SoftHSM is missing: {PREPARE}"))?;
        Ok(format!(
            "keys.custody = \"pkcs11\"\nkeys.pkcs11.module = \"{}\"\nkeys.pkcs11.token = \"hub\"\n",
            module.display()
        ))
    }

    /// Where the module finds its tokens, and the node its PIN.
    pub fn environment(&self) -> Vec<(String, String)> {
        let path = |name: &str| -> PathBuf { self.folder.path().join(name) };
        [
            ("SOFTHSM2_CONF", path("softhsm2.conf")),
            ("GUICHET__KEYS__PKCS11__PIN_FILE", path("pin")),
        ]
        .map(|(name, value)| (name.to_owned(), value.display().to_string()))
        .into()
    }
}

/// Where distributions put the module.
const MODULES: [&str; 4] = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
];
