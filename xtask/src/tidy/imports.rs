//! The import rule: a room imports from the rooms its row of ARCHITECTURE.md names, never sideways, never up.
//!
//! The table's heading is `| room | responsibility | may import |`, lowest rooms first. The first cell is the
//! folder in backticks, with a closing slash; the third lists the allowed rooms in backticks, in full, or says
//! `nobody`. A room may name itself, to test one of its own features.

use super::{Findings, in_backticks, table_rows};
use crate::workspace::Room;

struct Row<'a> {
    room: &'a str,
    imports: Vec<&'a str>,
}

/// Holds every room's `Cargo.toml` against its row, and the table against itself.
pub(super) fn rooms_import_what_the_table_allows(architecture: &str, rooms: &[Room]) -> Findings {
    let table = read_table(architecture);
    let mut findings = Findings::new();
    for (index, row) in table.iter().enumerate() {
        let below = &table[..index];
        let upward = row
            .imports
            .iter()
            .filter(|import| !below.iter().any(|lower| lower.room == **import));
        findings.extend(upward.map(|import| {
            format!("ARCHITECTURE.md: `{}/` may not import `{import}`, whose row does not stand above it", row.room)
        }));
        if !rooms.iter().any(|room| room.folder == row.room) {
            findings.push(format!(
                "ARCHITECTURE.md: the table names `{}/`, which is no room",
                row.room
            ));
        }
    }
    findings.extend(
        rooms
            .iter()
            .flat_map(|room| check_room(room, rooms, &table)),
    );
    findings
}

fn check_room(room: &Room, rooms: &[Room], table: &[Row<'_>]) -> Findings {
    let Some(row) = table.iter().find(|row| row.room == room.folder) else {
        return vec![format!(
            "ARCHITECTURE.md: the table has no row for `{}/`",
            room.folder
        )];
    };
    let imported = room
        .dependencies
        .iter()
        .filter_map(|name| rooms.iter().find(|other| other.package == *name));
    let foreign = imported.filter(|other| {
        other.folder != room.folder && !row.imports.contains(&other.folder.as_str())
    });
    foreign
        .map(|other| {
            format!(
                "{0}/Cargo.toml: `{0}` may not import `{1}` (table in ARCHITECTURE.md)",
                room.folder, other.folder
            )
        })
        .collect()
}

fn read_table(architecture: &str) -> Vec<Row<'_>> {
    let rows = table_rows(architecture, &["room", "responsibility", "may import"]);
    let rows = rows.into_iter().filter(|cells| cells.len() == 3);
    rows.filter_map(|cells| {
        let room = in_backticks(cells[0]).next()?.trim_end_matches('/');
        let imports = in_backticks(cells[2]).map(|name| name.trim_end_matches('/'));
        Some(Row {
            room,
            imports: imports.filter(|name| *name != "nobody").collect(),
        })
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "\
| room | responsibility | may import |
|---|---|---|
| `domain/` | words | nobody |
| `keys/` | secrets | `domain` |
| `store/` | memory | `domain` |
";

    fn room(folder: &str, dependencies: &[&str]) -> Room {
        Room {
            package: format!("guichet-{folder}"),
            folder: folder.to_owned(),
            dependencies: dependencies.iter().map(|name| (*name).to_owned()).collect(),
            only_in_tests: Vec::new(),
        }
    }

    #[test]
    fn edges_of_the_table_are_allowed() {
        let rooms = [
            room("domain", &["serde"]),
            room("keys", &["guichet-domain", "guichet-keys"]),
            room("store", &[]),
        ];
        assert_eq!(
            rooms_import_what_the_table_allows(TABLE, &rooms),
            Findings::new()
        );
    }

    #[test]
    fn a_sideways_import_is_found() {
        let rooms = [
            room("domain", &[]),
            room("keys", &["guichet-store"]),
            room("store", &[]),
        ];
        let findings = rooms_import_what_the_table_allows(TABLE, &rooms);
        assert_eq!(findings.len(), 1);
        assert!(
            findings[0].contains("`keys` may not import `store`"),
            "{findings:?}"
        );
    }

    #[test]
    fn a_table_that_points_up_or_forgets_a_room_is_found() {
        let table = "| room | responsibility | may import |\n|---|---|---|\n| `keys/` | k | `domain` |\n| `domain/` | d | nobody |";
        let rooms = [room("domain", &[]), room("keys", &[]), room("store", &[])];
        let findings = rooms_import_what_the_table_allows(table, &rooms);
        assert_eq!(findings.len(), 2, "{findings:?}");
        assert!(findings[0].contains("`keys/` may not import `domain`"));
        assert!(findings[1].contains("no row for `store/`"));
    }
}
