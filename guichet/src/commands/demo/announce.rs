//! Saying where everybody is.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use guichet_demo::cast::{Addresses, CITIZENS, DataProvider, Member, PASSWORD, STAFF, Service};
use serde_json::json;

use crate::commands::print;

/// Says where everybody is: to the person who started the demo, and to the test that did.
pub(super) fn announce(addresses: &Addresses, ready_file: Option<&Path>) -> Result<()> {
    if let Some(path) = ready_file {
        write_whole(
            path,
            &serde_json::to_vec_pretty(&addresses_as_json(addresses))?,
        )?;
    }
    print::line(
        "\nGuichet, demonstration: everything here is fictional, nothing leaves this machine.\n",
    )?;
    let mut rows: Vec<Vec<String>> = Vec::new();
    for member in Member::ALL {
        rows.push(vec![
            String::new(),
            member.name().to_owned(),
            addresses.of(member).to_owned(),
        ]);
    }
    print::columns(&rows)?;
    print::line(&format!(
        "\nAccounts: {}; password {PASSWORD}\nConsole: admin, partenaire, instruction and controle, with the code that the start page shows\nStart at {}/ and go to \"Carte grise\". Ctrl-C ends.\n",
        CITIZENS
            .iter()
            .map(|citizen| citizen.login)
            .collect::<Vec<_>>()
            .join(", "),
        addresses.of(Member::Hub),
    ))
}

fn addresses_as_json(addresses: &Addresses) -> serde_json::Value {
    let by_slug = |members: &[Member]| -> BTreeMap<&str, &str> {
        members
            .iter()
            .map(|member| (member.slug(), addresses.of(*member)))
            .collect()
    };
    let totp: BTreeMap<&str, &str> = CITIZENS
        .iter()
        .chain(&STAFF)
        .filter_map(|citizen| Some((citizen.login, citizen.totp_secret?)))
        .collect();
    json!({
        "hub": addresses.of(Member::Hub),
        "admin": addresses.of(Member::Admin),
        "mailbox": addresses.of(Member::Mailbox),
        "idp": {
            "citoyen": addresses.of(Member::CompteCitoyen),
            "postale": addresses.of(Member::IdentitePostale),
        },
        "services": by_slug(&Service::ALL.map(Service::member)),
        "data_providers": by_slug(&DataProvider::ALL.map(DataProvider::member)),
        "register": addresses.of(Member::Register),
        "totp": totp,
    })
}

/// Writes a file so that whoever waits for it never reads half of it.
#[expect(
    clippy::disallowed_methods,
    reason = "the ready-file is the demo's to write"
)]
fn write_whole(path: &Path, content: &[u8]) -> Result<()> {
    let beside = path.with_extension("part");
    std::fs::write(&beside, content)?;
    std::fs::rename(&beside, path)?;
    Ok(())
}
