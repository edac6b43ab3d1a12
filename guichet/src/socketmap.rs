//! The operator's mail server asks where an alias leads: Postfix's `socketmap`, a question and an answer in
//! netstrings. `virtual_alias_maps = socketmap:inet:127.0.0.1:8025:alias`.
//!
//! Nothing in the protocol says who asks: it listens where the settings say, on loopback or on a network of
//! one's own.

use std::sync::Arc;
use std::time::Duration;

use guichet_broker::Hub;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Answers until the node stops.
pub(crate) async fn serve(
    listener: TcpListener,
    hub: Hub,
    tasks: TaskTracker,
    stop: CancellationToken,
) {
    let places = Arc::new(Semaphore::new(MOST));
    loop {
        let stream = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(%error, "a mail server could not connect");
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
            },
        };
        // Whoever finds no place is hung up on, and asks again: mail waits, and memory does not grow.
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            tracing::warn!("a mail server found no place: too many connections");
            continue;
        };
        let (hub, stop) = (hub.clone(), stop.clone());
        tasks.spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = converse(stream, &hub, &PATIENCE) => {}
            }
            drop(place);
        });
    }
}

/// Whoever knows the answers.
trait Answers: Sync {
    /// The answer to a question, as the protocol spells it.
    fn answer(&self, question: &str) -> impl Future<Output = String> + Send;
}

/// How long to wait for whoever asks.
struct Patience {
    /// For a further question.
    silent: Duration,
    /// For the rest of one that is begun, and for an answer to be taken.
    whole: Duration,
}

/// Question after question, on one connection, until it ends, says what is none, or dawdles within one.
async fn converse(
    mut stream: impl AsyncRead + AsyncWrite + Unpin + Send,
    answers: &impl Answers,
    patience: &Patience,
) {
    let mut read = Vec::new();
    while let Some((asked, length)) = next(&mut stream, &mut read, patience).await {
        read.drain(..length);
        let answer = netstring(&answers.answer(&asked).await);
        let written = timeout(patience.whole, stream.write_all(&answer)).await;
        if !matches!(written, Ok(Ok(()))) {
            return;
        }
    }
}

/// The next question, and how many bytes of `read` it took. However long a mail server keeps silent, a question
/// that it began it ends soon.
async fn next(
    stream: &mut (impl AsyncRead + Unpin + Send),
    read: &mut Vec<u8>,
    patience: &Patience,
) -> Option<(String, usize)> {
    if read.is_empty() {
        let begun = timeout(patience.silent, more(stream, read)).await;
        begun.ok().flatten()?;
    }
    let whole = async {
        loop {
            match question(read) {
                Read::Whole(question, length) => return Some((question, length)),
                Read::More => more(stream, read).await?,
                Read::Nonsense => return None,
            }
        }
    };
    timeout(patience.whole, whole).await.ok().flatten()
}

async fn more(stream: &mut (impl AsyncRead + Unpin + Send), read: &mut Vec<u8>) -> Option<()> {
    let mut piece = [0; 1024];
    let count = stream.read(&mut piece).await.ok().filter(|it| *it > 0)?;
    read.extend_from_slice(&piece[..count]);
    Some(())
}

impl Answers for Hub {
    async fn answer(&self, question: &str) -> String {
        let Some((MAP, address)) = question.split_once(' ') else {
            return "PERM there is no such map".to_owned();
        };
        match self.mail_leads(address).await {
            Ok(Some(to)) => format!("OK {to}"),
            Ok(None) => "NOTFOUND ".to_owned(),
            Err(error) => {
                tracing::error!(%error, "a mail alias could not be looked up");
                "TEMP the hub cannot look it up now".to_owned()
            }
        }
    }
}

/// What was read so far.
#[derive(Debug, PartialEq, Eq)]
enum Read {
    /// A question, and how many bytes it took.
    Whole(String, usize),
    /// The rest is still to come.
    More,
    /// No question at all.
    Nonsense,
}

/// `<length>:<text>,` with a length of a few digits.
fn question(read: &[u8]) -> Read {
    let Some(colon) = read
        .iter()
        .take(MOST_DIGITS + 1)
        .position(|byte| *byte == b':')
    else {
        let is_begun = read.len() <= MOST_DIGITS && read.iter().all(u8::is_ascii_digit);
        return if is_begun { Read::More } else { Read::Nonsense };
    };
    let digits = str::from_utf8(&read[..colon]).ok();
    let is_plain = read[..colon].iter().all(u8::is_ascii_digit);
    let length = digits
        .filter(|_| is_plain)
        .and_then(|it| it.parse::<usize>().ok());
    let Some(length) = length.filter(|length| *length <= LONGEST) else {
        return Read::Nonsense;
    };
    let (begin, end) = (colon + 1, colon + 1 + length);
    match read.get(end) {
        None => Read::More,
        Some(b',') => match str::from_utf8(&read[begin..end]) {
            Ok(text) => Read::Whole(text.to_owned(), end + 1),
            Err(_) => Read::Nonsense,
        },
        Some(_) => Read::Nonsense,
    }
}

fn netstring(text: &str) -> Vec<u8> {
    format!("{}:{text},", text.len()).into_bytes()
}

/// The one map there is.
const MAP: &str = "alias";
/// An address, the name of the map and some room.
const LONGEST: usize = 1000;
const MOST_DIGITS: usize = 4;
/// How long to wait when connections cannot be taken.
const PAUSE: Duration = Duration::from_millis(100);
/// Mail servers keep a connection open for further questions, and ask each in one go.
const PATIENCE: Patience = Patience {
    silent: Duration::from_mins(5),
    whole: Duration::from_secs(10),
};
/// How many connections are open at once: a mail server has a few dozen processes.
const MOST: usize = 64;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_question_is_read_whole_or_not_at_all() {
        let whole = b"11:alias a@b.c,5:rest";
        assert_eq!(question(whole), Read::Whole("alias a@b.c".into(), 15));
        for length in 0..15 {
            assert_eq!(question(&whole[..length]), Read::More, "{length}");
        }
        for nonsense in [
            &b"GET / HTTP/1.1"[..],
            b":a,",
            b"+1:a,",
            b"2:abc,",
            b"99999:",
            b"1001:",
            b"1:\xff,",
        ] {
            assert_eq!(question(nonsense), Read::Nonsense, "{nonsense:?}");
        }
    }

    struct Echo;

    impl Answers for Echo {
        async fn answer(&self, question: &str) -> String {
            question.to_owned()
        }
    }

    #[tokio::test]
    async fn a_question_that_is_begun_is_ended_soon_and_whole_ones_are_answered() {
        let patience = Patience {
            silent: Duration::from_mins(10),
            whole: Duration::from_millis(50),
        };
        let (mut ours, theirs) = tokio::io::duplex(4096);
        let hub = tokio::spawn(async move { converse(theirs, &Echo, &patience).await });
        // Two at once, and the beginning of a third that never goes on: nobody hangs up on our side.
        ours.write_all(b"1:a,1:b,3:a").await.unwrap();
        let mut answers = String::new();
        ours.read_to_string(&mut answers).await.unwrap();
        assert_eq!(answers, "1:a,1:b,");
        hub.await.unwrap();
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(text in "\\PC{0,200}", rest in proptest::collection::vec(any::<u8>(), 0..9)) {
            let mut bytes = netstring(&text);
            let length = bytes.len();
            bytes.extend(rest);
            prop_assert_eq!(question(&bytes), Read::Whole(text, length));
        }

        #[test]
        fn nothing_makes_it_fall_over(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = question(&bytes);
        }
    }
}
