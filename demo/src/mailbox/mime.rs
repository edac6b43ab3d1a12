//! As much of a mail's format as senders here use: folded headers (RFC 5322 §2.2.3), encoded words
//! (RFC 2047), multipart (RFC 2046), quoted-printable and base64 (RFC 2045), UTF-8.
//!
//! Never fails: what cannot be decoded is shown as it is.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// What is shown of a mail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) subject: String,
    pub(super) text: Option<String>,
    pub(super) html: Option<String>,
}

/// Reads a whole message.
pub(super) fn read(content: &[u8]) -> Message {
    let (headers, body) = split(content);
    let mut message = Message {
        subject: decode_words(headers.get("subject").unwrap_or_default()),
        ..Message::default()
    };
    collect(&headers, body, DEEPEST, &mut message);
    message
}

/// Parts within parts; nobody nests deeper.
const DEEPEST: usize = 5;

struct Headers(Vec<(String, String)>);

impl Headers {
    fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

fn collect(headers: &Headers, body: &[u8], depth: usize, message: &mut Message) {
    let content_type = headers.get("content-type").unwrap_or("text/plain");
    let essence = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    if essence.starts_with("multipart/") {
        let boundary = parameter(content_type, "boundary");
        for part in boundary.iter().flat_map(|boundary| parts(body, boundary)) {
            let (headers, body) = split(part);
            if depth > 0 {
                collect(&headers, body, depth - 1, message);
            }
        }
        return;
    }
    let place = match essence.as_str() {
        "text/plain" => &mut message.text,
        "text/html" => &mut message.html,
        _ => return,
    };
    if place.is_none() {
        let encoding = headers.get("content-transfer-encoding").unwrap_or_default();
        *place = Some(decode_body(body, encoding));
    }
}

/// Headers and body; names in lower case, values unfolded.
fn split(content: &[u8]) -> (Headers, &[u8]) {
    let mut headers: Vec<(String, String)> = Vec::new();
    let mut rest = content;
    while !rest.is_empty() {
        let (line, after) = next_line(rest);
        rest = after;
        if line.is_empty() {
            break;
        }
        let line = String::from_utf8_lossy(line);
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = headers.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            headers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    (Headers(headers), rest)
}

/// The first line without its end, and what follows.
fn next_line(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n');
    let (line, rest) = end.map_or((bytes, &bytes[bytes.len()..]), |end| {
        (&bytes[..end], &bytes[end + 1..])
    });
    (line.strip_suffix(b"\r").unwrap_or(line), rest)
}

fn parameter(value: &str, name: &str) -> Option<String> {
    value.split(';').skip(1).find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        key.trim()
            .eq_ignore_ascii_case(name)
            .then(|| value.trim().trim_matches('"').to_owned())
    })
}

fn parts<'a>(body: &'a [u8], boundary: &str) -> Vec<&'a [u8]> {
    let mut parts = Vec::new();
    let mut start = None;
    let mut rest = body;
    while !rest.is_empty() {
        let offset = body.len() - rest.len();
        let (line, after) = next_line(rest);
        rest = after;
        let Some(mark) = line
            .strip_prefix(b"--")
            .and_then(|l| l.strip_prefix(boundary.as_bytes()))
        else {
            continue;
        };
        if let Some(start) = start {
            parts.push(&body[start..offset]);
        }
        if mark.starts_with(b"--") {
            return parts;
        }
        start = Some(body.len() - rest.len());
    }
    parts.extend(start.map(|start| &body[start..]));
    parts
}

fn decode_body(body: &[u8], encoding: &str) -> String {
    let decoded = match encoding.trim().to_ascii_lowercase().as_str() {
        "base64" => {
            let letters: Vec<u8> = body
                .iter()
                .copied()
                .filter(|b| !b.is_ascii_whitespace())
                .collect();
            STANDARD.decode(letters).unwrap_or_else(|_| body.to_vec())
        }
        "quoted-printable" => quoted_printable(body),
        _ => body.to_vec(),
    };
    String::from_utf8_lossy(&decoded)
        .replace("\r\n", "\n")
        .trim_end()
        .to_owned()
}

fn quoted_printable(text: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        match (first, after) {
            (b'=', [b'\r', b'\n', after @ ..] | [b'\n', after @ ..]) => rest = after,
            (b'=', [high, low, after @ ..]) => {
                if let (Some(high), Some(low)) = (digit(*high), digit(*low)) {
                    decoded.push(high * 16 + low);
                    rest = after;
                } else {
                    decoded.push(first);
                }
            }
            _ => decoded.push(first),
        }
    }
    decoded
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

/// `=?utf-8?b?...?=` and `=?utf-8?q?...?=` within a header; spaces between two of them vanish.
fn decode_words(value: &str) -> String {
    let mut text = String::new();
    let mut rest = value;
    let mut after_word = false;
    while let Some(start) = rest.find("=?") {
        let (before, from) = rest.split_at(start);
        let Some((word, length)) = decode_word(from) else {
            text.push_str(before);
            text.push_str("=?");
            rest = &from[2..];
            after_word = false;
            continue;
        };
        if !(after_word && before.trim().is_empty()) {
            text.push_str(before);
        }
        text.push_str(&word);
        rest = &from[length..];
        after_word = true;
    }
    text.push_str(rest);
    text
}

/// The word at the beginning of `text`, decoded, and how many bytes it takes.
fn decode_word(text: &str) -> Option<(String, usize)> {
    let mut pieces = text.strip_prefix("=?")?.splitn(4, '?');
    let (charset, encoding, word) = (pieces.next()?, pieces.next()?, pieces.next()?);
    pieces.next()?.strip_prefix('=')?;
    if !charset.eq_ignore_ascii_case("utf-8") || word.contains(' ') {
        return None;
    }
    let bytes = match encoding {
        "b" | "B" => STANDARD.decode(word).ok()?,
        "q" | "Q" => quoted_printable(word.replace('_', " ").as_bytes()),
        _ => return None,
    };
    let length = "=?".len() + charset.len() + 1 + encoding.len() + 1 + word.len() + "?=".len();
    Some((String::from_utf8_lossy(&bytes).into_owned(), length))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn encoded_words_are_decoded_and_joined() {
        assert_eq!(
            decode_words("=?utf-8?b?w6k=?= =?UTF-8?Q?t=C3=A9_ici?= !"),
            "été ici !"
        );
        assert_eq!(
            decode_words("plain =?x?= =?latin1?q?a?="),
            "plain =?x?= =?latin1?q?a?="
        );
    }

    #[test]
    fn the_first_text_and_the_first_html_of_a_multipart_are_taken() {
        let mail = b"Subject: Votre\r\n code\r\nContent-Type: multipart/alternative;\r\n boundary=\"b1\"\r\n\r\n\
            ignored\r\n--b1\r\nContent-Type: text/plain; charset=utf-8\r\n\
            Content-Transfer-Encoding: quoted-printable\r\n\r\nBonjour =C3=A0 tou=\r\ns\r\n--b1\r\n\
            Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\nPGI+\r\nw6k8L2I+\r\n--b1--\r\nend";
        let message = read(mail);
        assert_eq!(message.subject, "Votre code");
        assert_eq!(message.text.as_deref(), Some("Bonjour à tous"));
        assert_eq!(message.html.as_deref(), Some("<b>é</b>"));
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_fall_over(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = read(&bytes);
        }

        #[test]
        fn no_structure_makes_the_reader_fall_over(
            lines in prop::collection::vec("(--b|--b--|Content-Type: multipart/mixed; boundary=b|=\\?utf-8\\?[bq]\\?.{0,4}\\?=|=[0-9A-F]{0,2}| x|.{0,8})", 0..20)
        ) {
            let _ = read(format!("Subject: {}", lines.join("\r\n")).as_bytes());
        }
    }
}
