//! Where things are on this machine: the tree, the build folder, the binary, a free port.

use std::net::TcpListener;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU16, Ordering};

use anyhow::{Context, Result, bail, ensure};

/// What to do when something the tests need is not there.
pub const PREPARE: &str = "run `cargo xtask test`, which puts it in place";

/// The root of the checked-out tree.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap_or(Path::new("/"))
}

/// Where cargo put the program that is running: `<target>/<profile>/deps/<program>` for a test.
///
/// # Errors
/// When the program was moved away from there.
pub fn profile_folder() -> Result<PathBuf> {
    let program = std::env::current_exe()?;
    let folder = program.parent().context("a program without a folder")?;
    let folder = if folder.ends_with("deps") {
        folder.parent()
    } else {
        Some(folder)
    };
    Ok(folder
        .context("a program outside a build folder")?
        .to_owned())
}

/// Cargo's build folder, where throwaway results such as screenshots go too.
pub fn target_folder() -> Result<PathBuf> {
    let profile = profile_folder()?;
    Ok(profile
        .parent()
        .context("a profile outside a build folder")?
        .to_owned())
}

/// The `guichet` binary: `GUICHET_BIN`, or the one beside the running test, built now if it is missing.
pub fn guichet_binary() -> Result<&'static Path> {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    if let Some(binary) = BINARY.get() {
        return Ok(binary);
    }
    let binary = match std::env::var_os("GUICHET_BIN") {
        Some(path) => PathBuf::from(path),
        None => built_binary()?,
    };
    ensure!(
        binary.is_file(),
        "no binary at {}: {PREPARE}",
        binary.display()
    );
    Ok(BINARY.get_or_init(|| binary))
}

fn built_binary() -> Result<PathBuf> {
    let binary = profile_folder()?.join("guichet");
    if !binary.is_file() {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        let status = cargo
            .args(["build", "--workspace", "--bins"])
            .current_dir(root())
            .env("CARGO_TARGET_DIR", target_folder()?)
            .status()?;
        ensure!(status.success(), "the binary could not be built");
    }
    Ok(binary)
}

/// A TCP port that is free, for a program that must be told its port before it starts.
///
/// From below the range that the kernel gives to whoever does not mind which: what is free there now is not taken
/// by chance before that program starts. Each test process walks the range from a place of its own.
pub fn free_port() -> Result<u16> {
    static TURN: AtomicU16 = AtomicU16::new(0);
    let start = u64::from(std::process::id()) * 977;
    for _ in 0..PORTS.len() {
        let turn = u64::from(TURN.fetch_add(1, Ordering::Relaxed));
        let offset = u16::try_from((start + turn) % PORTS.len() as u64)?;
        let port = PORTS.start + offset;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    bail!("no port is free")
}

/// Linux gives out 32768 and up.
const PORTS: Range<u16> = 12_000..32_000;

/// Makes rustls usable; every HTTP client of the tests starts here.
pub fn install_tls() {
    // Fails when another test of this process was first, which is as good.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
}
