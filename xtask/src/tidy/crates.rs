//! Which outside crates a room may use, and which nobody may.

use super::Findings;
use crate::workspace::Room;

/// A crate that only some rooms may depend on, with the reason.
struct Reserved {
    crates: &'static [&'static str],
    rooms: &'static [&'static str],
    /// Rooms whose tests may, too.
    in_tests: &'static [&'static str],
    reason: &'static str,
}

const RESERVED: &[Reserved] = &[
    Reserved {
        crates: &["sqlx", "sqlx-macros", "redis"],
        rooms: &["store"],
        in_tests: &[],
        reason: "only the store speaks to databases",
    },
    Reserved {
        crates: &["aws-lc-rs"],
        rooms: &["keys", "web", "demo", "integration-tests"],
        in_tests: &["idp"],
        reason: "only `keys` sees private keys (`web` signs form tokens, `demo` checks what the hub signs, the tests of `idp` stand for a passkey)",
    },
    Reserved {
        crates: &["argon2", "webauthn-rs", "totp-rs"],
        rooms: &["idp"],
        in_tests: &[],
        reason: "only the embedded identity provider authenticates people",
    },
    Reserved {
        crates: &["anyhow"],
        rooms: &["guichet", "integration-tests", "xtask"],
        in_tests: &[],
        reason: "rooms have typed errors",
    },
];

/// Crates that would bring an async runtime, HTTP, SQL or a clock into the vocabulary. `time` may come in
/// as a calendar: clippy.toml closes its clock.
const NOT_IN_DOMAIN: &[&str] = &[
    "async-trait",
    "axum",
    "futures-util",
    "http",
    "hyper",
    "redis",
    "reqwest",
    "sqlx",
    "tokio",
    "tower",
];

/// Crates that must not be built, even deep in the tree: one TLS stack, one C crypto library.
const BANNED: &[&str] = &["ring", "openssl-sys", "native-tls"];

/// Holds each room's dependencies against the reserved crates.
pub(super) fn only_some_rooms_may_use_some_crates(rooms: &[Room]) -> Findings {
    rooms.iter().flat_map(check_room).collect()
}

fn check_room(room: &Room) -> Findings {
    let uses = |name: &&&str| {
        room.dependencies
            .iter()
            .any(|dependency| dependency == **name)
    };
    let mut findings = Findings::new();
    let folder = room.folder.as_str();
    for reserved in RESERVED
        .iter()
        .filter(|reserved| !reserved.rooms.contains(&folder))
    {
        let is_for_tests = |name: &str| {
            let only_in_tests = room
                .only_in_tests
                .iter()
                .any(|dependency| dependency == name);
            only_in_tests && reserved.in_tests.contains(&folder)
        };
        let found = reserved.crates.iter().filter(uses);
        let found = found.filter(|name| !is_for_tests(name));
        findings.extend(
            found.map(|name| format!("{}/Cargo.toml: `{name}`: {}", room.folder, reserved.reason)),
        );
    }
    if room.folder == "domain" {
        let found = NOT_IN_DOMAIN.iter().filter(uses);
        findings.extend(found.map(|name| {
            format!("domain/Cargo.toml: `{name}`: the vocabulary has no I/O and no clock")
        }));
    }
    findings
}

/// Reads a `cargo tree` of plain `name version` lines for crates that nobody may build.
pub(super) fn some_crates_are_not_built(tree: &str) -> Findings {
    let built = |name: &&&str| {
        tree.lines()
            .any(|line| line.split_whitespace().next() == Some(**name))
    };
    BANNED
        .iter()
        .filter(built)
        .map(|name| format!("Cargo.lock: `{name}` is built (`cargo tree -i {name}`)"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(folder: &str, dependency: &str) -> Room {
        Room {
            package: String::new(),
            folder: folder.to_owned(),
            dependencies: vec![dependency.to_owned()],
            only_in_tests: Vec::new(),
        }
    }

    #[test]
    fn what_a_rooms_tests_may_use_its_product_may_not() {
        let mut idp = room("idp", "aws-lc-rs");
        idp.only_in_tests = vec!["aws-lc-rs".to_owned()];
        let found = only_some_rooms_may_use_some_crates(&[idp]);
        assert_eq!(found, Findings::new());
        let in_the_product = room("idp", "aws-lc-rs");
        assert_eq!(
            only_some_rooms_may_use_some_crates(&[in_the_product]).len(),
            1
        );
    }

    #[test]
    fn a_database_driver_outside_the_store_is_found() {
        assert_eq!(
            only_some_rooms_may_use_some_crates(&[room("store", "redis")]),
            Findings::new()
        );
        assert_eq!(
            only_some_rooms_may_use_some_crates(&[room("broker", "redis")]).len(),
            1
        );
    }

    #[test]
    fn a_clock_in_the_vocabulary_is_found() {
        assert_eq!(
            only_some_rooms_may_use_some_crates(&[room("domain", "tokio")]).len(),
            1
        );
        assert_eq!(
            only_some_rooms_may_use_some_crates(&[room("web", "tokio")]),
            Findings::new()
        );
    }

    #[test]
    fn a_banned_crate_is_found_by_its_whole_name() {
        assert_eq!(
            some_crates_are_not_built("string v1.0.0\nring-compat v0.8.0"),
            Findings::new()
        );
        assert_eq!(
            some_crates_are_not_built("tokio v1.0.0\nring v0.17.8 (*)").len(),
            1
        );
    }
}
