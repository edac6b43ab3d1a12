//! Common Event Format, version 0: a header of seven fields between bars, then `name=value` pairs.

use guichet_store::durable::EntryRecord;

use super::Read;

/// An entry as one line.
pub fn line(entry: &EntryRecord) -> String {
    let read = Read::of(entry);
    let severity = match (read.is_grave(), read.is_refusal()) {
        (true, _) => 8,
        (false, true) => 5,
        (false, false) => 2,
    };
    let kind = header(&read.kind);
    let mut line = format!(
        "CEF:0|Guichet|guichet|{}|{kind}|{kind}|{severity}|rt={} externalId={}",
        env!("CARGO_PKG_VERSION"),
        read.at,
        read.sequence,
    );
    for (name, value) in &read.members {
        line.push(' ');
        line.push_str(&key(name));
        line.push('=');
        line.push_str(&extension(value));
    }
    line
}

/// A name of ours, so that it is taken for none of the dictionary's: letters and digits alone.
fn key(name: &str) -> String {
    let mut key = "guichet".to_owned();
    for word in name.split(|c: char| !c.is_ascii_alphanumeric()) {
        let mut letters = word.chars();
        key.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        key.extend(letters);
    }
    key
}

fn header(text: &str) -> String {
    one_line(&text.replace('\\', "\\\\").replace('|', "\\|"))
}

fn extension(text: &str) -> String {
    one_line(&text.replace('\\', "\\\\").replace('=', "\\="))
}

fn one_line(text: &str) -> String {
    text.replace('\r', "\\r").replace('\n', "\\n")
}
