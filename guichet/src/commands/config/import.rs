//! `guichet config import`: another product's export, as a file for `config apply`. Secrets never come along:
//! the file names where each is to be put.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use guichet_admin::import::{self, ImportLine, Imported};
use guichet_domain::told;
use serde::Serialize;
use serde_json::{Value, json};

use crate::cli::{Exit, ImportSource};
use crate::commands::print;
use crate::node::foundation;

/// Runs the command. Exit 1 when a record was not taken.
pub(super) fn run(from: ImportSource, file: &Path) -> Result<Exit> {
    let bytes = foundation::read(file, "file")?;
    let text = String::from_utf8(bytes)
        .ok()
        .context("the file is not UTF-8")?;
    let imported = match from {
        ImportSource::Keycloak => import::keycloak(&text),
        ImportSource::Franceconnect => import::franceconnect(&text),
    };
    let imported = match imported {
        Ok(imported) => imported,
        Err(error) => bail!("{}: {error}", file.display()),
    };
    print::json(&declarations(&imported)?)?;
    for line in &imported.lines {
        print::aside(&in_words(line))?;
    }
    let all_taken = imported.lines.iter().all(|line| line.taken);
    Ok(if all_taken { Exit::Done } else { Exit::Failed })
}

fn declarations(imported: &Imported) -> Result<Value> {
    let clients = imported.clients.iter().map(|client| {
        let method = client.token_endpoint_auth_method.as_deref();
        let has_secret = method.is_none_or(|method| method.starts_with("client_secret_"));
        record(client, &client.client_id, has_secret)
    });
    let providers = imported.providers.iter().map(|provider| {
        let method = provider.token_endpoint_auth_method.unwrap_or_default();
        record(provider, &provider.id, method.takes_secret())
    });
    let clients: Vec<Value> = clients.collect::<Result<_>>()?;
    let providers: Vec<Value> = providers.collect::<Result<_>>()?;
    let lists = [("clients", clients), ("providers", providers)];
    let lists = lists.into_iter().filter(|(_, list)| !list.is_empty());
    Ok(lists
        .map(|(kind, list)| (kind.to_owned(), json!(list)))
        .collect::<serde_json::Map<_, _>>()
        .into())
}

fn record(metadata: &impl Serialize, id: &str, has_secret: bool) -> Result<Value> {
    let record = serde_json::to_value(metadata);
    let mut record = record.map_err(|error| anyhow::Error::msg(told(&error)))?;
    if has_secret {
        record["client_secret"] = json!(format!("@secrets/{id}"));
    }
    Ok(record)
}

fn in_words(line: &ImportLine) -> String {
    let mark = if line.taken { "taken" } else { "NOT TAKEN" };
    let mut text = format!("{}: {} {mark}", line.place, line.id);
    for remark in &line.remarks {
        text.push_str("\n    ");
        text.push_str(remark);
    }
    text
}
