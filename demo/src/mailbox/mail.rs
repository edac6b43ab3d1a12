//! One mail as people and tests see it.

use guichet_domain::Timestamp;
use serde::Serialize;
use url::Url;

use super::mime;

/// Who sent it to whom, as SMTP had it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Envelope {
    pub(super) from: String,
    pub(super) to: Vec<String>,
}

/// A mail that came. The JSON of `/api/mails` has these members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mail {
    /// Its number, counting from 1.
    pub id: u64,
    /// When it came, in milliseconds since 1970.
    pub received: Timestamp,
    /// The sender of the envelope.
    pub from: String,
    /// The recipients of the envelope.
    pub to: Vec<String>,
    /// The subject, decoded.
    pub subject: String,
    /// The text part, decoded; empty when there is none.
    pub text: String,
    /// The HTML part, decoded; never rendered here.
    pub html: Option<String>,
}

/// A piece of a line: text, or an address to follow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Piece {
    text: String,
    href: Option<String>,
}

impl Mail {
    pub(super) fn read(id: u64, envelope: &Envelope, content: &[u8], received: Timestamp) -> Self {
        let message = mime::read(content);
        Self {
            id,
            received,
            from: envelope.from.clone(),
            to: envelope.to.clone(),
            subject: message.subject,
            text: message.text.unwrap_or_default(),
            html: message.html,
        }
    }

    /// The text as paragraphs of lines of pieces, web addresses being links.
    pub(super) fn paragraphs(&self) -> Vec<Vec<Vec<Piece>>> {
        let text = self.text.replace("\r\n", "\n");
        let paragraphs = text
            .split("\n\n")
            .map(|paragraph| paragraph.trim_matches('\n'));
        paragraphs
            .filter(|paragraph| !paragraph.is_empty())
            .map(|paragraph| paragraph.lines().map(pieces).collect())
            .collect()
    }
}

fn pieces(line: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = line;
    while let Some(start) = ["https://", "http://"]
        .iter()
        .filter_map(|s| rest.find(s))
        .min()
    {
        let (before, from) = rest.split_at(start);
        let end = from
            .find(|c: char| c.is_whitespace() || "<>\"".contains(c))
            .unwrap_or(from.len());
        // A full stop after an address ends the sentence, not the address.
        let address = from[..end].trim_end_matches(['.', ',', ';', ')']);
        if !before.is_empty() {
            pieces.push(Piece {
                text: before.to_owned(),
                href: None,
            });
        }
        let href = Url::parse(address).ok().map(String::from);
        pieces.push(Piece {
            text: address.to_owned(),
            href,
        });
        rest = &from[address.len()..];
    }
    if !rest.is_empty() {
        pieces.push(Piece {
            text: rest.to_owned(),
            href: None,
        });
    }
    pieces
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_in_a_line_are_links() {
        let found = pieces("Ouvrez http://localhost:8000/x?a=1. Merci");
        let texts: Vec<_> = found.iter().map(|piece| piece.text.as_str()).collect();
        assert_eq!(texts, ["Ouvrez ", "http://localhost:8000/x?a=1", ". Merci"]);
        assert_eq!(
            found[1].href.as_deref(),
            Some("http://localhost:8000/x?a=1")
        );
    }

    proptest! {
        #[test]
        fn no_text_is_lost_between_the_pieces(line in "(.|http://|https://a){0,20}") {
            let together: String = pieces(&line).into_iter().map(|piece| piece.text).collect();
            prop_assert_eq!(together, line);
        }
    }
}
