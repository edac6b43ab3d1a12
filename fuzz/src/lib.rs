//! Fuzz targets: every reader of what others wrote, fed with bytes that nobody chose, and what must hold
//! of what it makes of them. `cargo xtask fuzz` runs them; without the feature `fuzzer` there is nothing.
//!
//! A target takes any bytes, so that its seeds (`seeds/`, a folder for each) are files one can read. Where
//! a target has several ways in, the first line of the input names one of them.
#![cfg(feature = "fuzzer")]
#![expect(
    clippy::expect_used,
    reason = "a promise that does not hold ends the fuzzer: that is the find"
)]

mod browser_input;
mod client_metadata;
mod engine;
mod files;
mod ledger_notes;
mod provider_answers;
mod receipts;
mod redirect_uri;
mod tokens;
mod vocabulary;

/// What is done with an input.
pub type Target = fn(&[u8]);

/// Every target by its name.
pub const TARGETS: [(&str, Target); 13] = [
    ("requests", engine::requests),
    ("parameters", engine::parameters),
    ("credentials", engine::credentials),
    ("signed", engine::signed),
    ("tokens", tokens::target),
    ("client_metadata", client_metadata::target),
    ("redirect_uri", redirect_uri::target),
    ("vocabulary", vocabulary::target),
    ("browser_input", browser_input::target),
    ("provider_answers", provider_answers::target),
    ("ledger_notes", ledger_notes::target),
    ("receipts", receipts::target),
    ("files", files::target),
];

/// The first line of an input, and the rest.
fn cut(input: &[u8]) -> (&[u8], &[u8]) {
    let end = input.iter().position(|byte| *byte == b'\n');
    end.map_or((input, &[]), |end| (&input[..end], &input[end + 1..]))
}

/// Hands the rest of the input to the way in that its first line names.
fn by_name<T>(input: &[u8], ways: &[(&str, T)], enter: impl FnOnce(&T, &[u8])) {
    let (name, rest) = cut(input);
    let way = ways.iter().find(|(known, _)| known.as_bytes() == name);
    if let Some((_, way)) = way {
        enter(way, rest);
    }
}

/// Calls `read` with what is text of the input.
fn as_text(input: &[u8], read: impl FnOnce(&str)) {
    if let Ok(text) = std::str::from_utf8(input) {
        read(text);
    }
}
