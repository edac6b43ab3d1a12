//! What check and tests need and cargo cannot bring: a C++ compiler, servers, a browser, and clients that
//! nobody here wrote.
//!
//! Each need is probed first, so a machine in order is left alone. What is missing is installed where we may
//! (as root on Debian); elsewhere the message says exactly what to install.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::run::{command, on_path, run};
use crate::workspace::Workspace;

/// One thing the machine must have: the Debian package that brings it, and how to see that it is there.
struct Need {
    package: &'static str,
    purpose: &'static str,
    present: Present,
}

/// How to see that something is there.
enum Present {
    /// A program of this name.
    Program(&'static str),
    /// A file at this place.
    File(&'static str),
    /// Something else.
    Probe(fn() -> bool),
}

impl Need {
    /// A program, and what it is for.
    const fn program(package: &'static str, program: &'static str, purpose: &'static str) -> Self {
        Self {
            package,
            purpose,
            present: Present::Program(program),
        }
    }

    fn is_there(&self) -> bool {
        match self.present {
            Present::Program(name) => on_path(name),
            Present::File(path) => Path::new(path).exists(),
            Present::Probe(probe) => probe(),
        }
    }
}

/// What it takes to compile the code with all its features.
const TO_BUILD: &[Need] = &[Need::program("g++", "c++", "the fuzzer, in C++")];

/// What it takes to run the tests besides.
const TO_TEST: &[Need] = &[
    Need {
        package: "postgresql",
        purpose: "durable store at scale",
        present: Present::Probe(postgresql),
    },
    Need::program("redis-server", "redis-server", "short-lived store at scale"),
    Need::program(
        "softhsm2",
        "softhsm2-util",
        "signing keys in a PKCS#11 token",
    ),
    Need::program("chromium", "chromium", "browser tests"),
    Need::program("chromium-driver", "chromedriver", "browser tests"),
    Need {
        package: "fonts-dejavu-core",
        purpose: "pages that look alike everywhere",
        present: Present::Probe(fonts),
    },
    Need {
        package: "apache2",
        purpose: "mod_auth_openidc as a client",
        present: Present::File("/usr/sbin/apache2"),
    },
    Need {
        package: "libapache2-mod-auth-openidc",
        purpose: "mod_auth_openidc as a client",
        present: Present::File("/usr/lib/apache2/modules/mod_auth_openidc.so"),
    },
    Need::program("nodejs", "node", "openid-client and oidc-provider"),
    Need::program("npm", "npm", "openid-client and oidc-provider"),
    Need {
        // What Debian's glewlwyd makes a database with; without it apt takes a MariaDB client.
        package: "dbconfig-sqlite3",
        purpose: "glewlwyd",
        present: Present::Program("sqlite3"),
    },
    Need {
        package: "glewlwyd",
        purpose: "an upstream provider",
        present: Present::Probe(glewlwyd),
    },
    Need {
        package: "python3-venv",
        purpose: "authlib",
        present: Present::Probe(python_with_venv),
    },
];

/// Makes the machine ready to compile everything, or says what is missing.
pub(crate) fn prepare_to_build(workspace: &Workspace) -> Result<()> {
    system_packages(&workspace.root, TO_BUILD.iter())
}

/// Makes the machine ready for the tests, or says what is missing.
pub(crate) fn prepare_to_test(workspace: &Workspace) -> Result<()> {
    system_packages(&workspace.root, TO_BUILD.iter().chain(TO_TEST))?;
    npm_peers(&workspace.root.join("integration-tests/peers/npm"))?;
    python_peers(
        &workspace.root.join("integration-tests/peers/python"),
        &workspace.target.join("peers/python"),
    )
}

fn system_packages(root: &Path, needs: impl Iterator<Item = &'static Need>) -> Result<()> {
    let missing: Vec<&Need> = needs.filter(|need| !need.is_there()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let packages: Vec<&str> = missing.iter().map(|need| need.package).collect();
    let packages = packages.join(" ");
    if !(is_root() && on_path("apt-get")) {
        let wanted: Vec<String> = missing
            .iter()
            .map(|need| format!("  {} ({})", need.package, need.purpose))
            .collect();
        bail!(
            "missing, under their Debian names:\n{}\ninstall them, e.g. with\n  sudo apt-get install --no-install-recommends {packages}",
            wanted.join("\n")
        );
    }
    let quiet = |line: &str| {
        let mut apt = command(root, line);
        apt.env("DEBIAN_FRONTEND", "noninteractive")
            .env("RUNLEVEL", "1");
        apt
    };
    run(&mut quiet("apt-get -q -o Acquire::Retries=3 update"))?;
    let install =
        format!("apt-get -q -y -o Acquire::Retries=3 install --no-install-recommends {packages}");
    run(&mut quiet(&install))?;
    match missing.iter().find(|need| !need.is_there()) {
        Some(need) => bail!(
            "`{}` is installed, yet what is looked for is not there",
            need.package
        ),
        None => Ok(()),
    }
}

/// The npm peers, as the committed lock says; their install scripts are not run.
fn npm_peers(folder: &Path) -> Result<()> {
    if is_newer(
        &folder.join("node_modules/.package-lock.json"),
        &folder.join("package-lock.json"),
    ) {
        return Ok(());
    }
    run(&mut command(
        folder,
        "npm ci --ignore-scripts --no-audit --no-fund --loglevel=error",
    ))
}

/// The PyPI peers in a virtual environment of their own, as the committed requirements say.
fn python_peers(folder: &Path, environment: &Path) -> Result<()> {
    let requirements = folder.join("requirements.txt");
    let stamp = environment.join("installed-requirements.txt");
    let wanted = fs::read_to_string(&requirements)?;
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    run(Command::new("python3")
        .args(["-m", "venv", "--clear"])
        .arg(environment))?;
    let mut pip = Command::new(environment.join("bin/pip"));
    run(pip
        .args([
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--requirement",
        ])
        .arg(&requirements))?;
    fs::write(&stamp, wanted)?;
    Ok(())
}

/// Debian keeps `initdb` off the PATH, one folder per version.
fn postgresql() -> bool {
    on_path("initdb")
        || entries("/usr/lib/postgresql")
            .iter()
            .any(|version| version.join("bin/initdb").exists())
}

/// The program, and what its database is made from.
fn glewlwyd() -> bool {
    on_path("glewlwyd")
        && Path::new("/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3").exists()
}

fn fonts() -> bool {
    entries("/usr/share/fonts/truetype")
        .iter()
        .any(|folder| folder.ends_with("dejavu"))
}

fn python_with_venv() -> bool {
    let probe = Command::new("python3")
        .args(["-c", "import venv, ensurepip"])
        .output();
    probe.is_ok_and(|output| output.status.success())
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn entries(folder: &str) -> Vec<PathBuf> {
    fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect()
}

fn is_newer(made: &Path, source: &Path) -> bool {
    let modified = |path: &Path| {
        fs::metadata(path)
            .and_then(|metadata| metadata.modified())
            .ok()
    };
    modified(made)
        .zip(modified(source))
        .is_some_and(|(made, source)| made >= source)
}
