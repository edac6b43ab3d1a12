//! A whole request, as text: `POST /token`, headers, an empty line, a body. Words in braces stand for
//! what only the engine could have given ([`words`](super::words)), so that a request gets further than
//! the first check.

use axum::body::Body;
use http::Request;

use super::{FrontDoor, words};

/// Sends what the bytes say, if they say a request at all.
pub fn request(door: &FrontDoor, input: &[u8]) {
    let filled = std::str::from_utf8(input).map(|text| words::fill(door, text));
    let input = filled.as_ref().map_or(input, |text| text.as_bytes());
    if let Some(request) = read(input) {
        door.send(request);
    }
}

fn read(input: &[u8]) -> Option<Request<Body>> {
    let (line, mut rest) = cut(input);
    let mut words = line.split(|byte| *byte == b' ');
    let mut request = Request::builder().method(words.next()?).uri(words.next()?);
    loop {
        let (line, after) = cut(rest);
        rest = after;
        if line.is_empty() {
            break;
        }
        let colon = line.iter().position(|byte| *byte == b':')?;
        request = request.header(&line[..colon], line[colon + 1..].trim_ascii());
    }
    request.body(Body::from(rest.to_vec())).ok()
}

/// A line, and what follows it.
fn cut(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|byte| *byte == b'\n');
    end.map_or((text, &[]), |end| (&text[..end], &text[end + 1..]))
}
