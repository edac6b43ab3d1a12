//! A statement, written while it is read: first its entries are counted, the count is put on record, and then each
//! is proven in the checkpoint that covers it all.

use std::pin::Pin;

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};
use guichet_domain::{AuditEvent, EventKind, PersonId, Timestamp};
use guichet_exchange::Proven;
use guichet_keys::{HistoryKey, Keys, Typ};
use guichet_ledger::{Hash, History, Ledger, Prover, Roots, Signed, leaf_hash, verify_inclusion};
use guichet_store::Fault;
use guichet_store::durable::histories::{HistoryQuery, Place};
use guichet_web::{Form, PageError};
use http::{HeaderMap, StatusCode, header};

use super::super::entry::Entry;
use super::super::{Filter, HistoryBook, Subject};
use super::{Chain, Head, Said, may_be_read};
use crate::Portal;
use crate::account::Posted;

/// `POST /account/history/statement`: it is put on record, and so no link. Whoever is not signed in any more finds the page, which says so.
pub(crate) async fn download(
    State(portal): State<Portal>,
    headers: HeaderMap,
    Form(posted): Form<Posted>,
) -> Result<Response, PageError> {
    let form = portal.own_form(&headers, (STATE, ""), &posted);
    let Some((person, _)) = form.await? else {
        return Ok(Redirect::to(&portal.path("/account/history")).into_response());
    };
    let made = async {
        let subject = portal.own_history(person).await?;
        if subject.unsettled.is_some() {
            return Ok(Made::Unsettled);
        }
        let issuer = portal.engine.issuer();
        let begun = Making::begin(&portal.history, &portal.keys, issuer, person, &subject);
        Ok(match begun.await? {
            Some(begun) => Made::Begun(Box::new(begun)),
            None => Made::NotYet,
        })
    };
    let made: Result<Made, Fault> = made.await;
    let (head, making) = match made.map_err(|fault| portal.fault("state a history", &fault))? {
        Made::Begun(begun) => *begun,
        Made::NotYet => {
            let status = StatusCode::SERVICE_UNAVAILABLE;
            return Err(PageError::new(status, "receipt-not-yet"));
        }
        Made::Unsettled => {
            let refused = PageError::new(StatusCode::CONFLICT, "statement-unsettled");
            return Err(refused.with_way_back(portal.path("/account/history"), None));
        }
    };
    let day = guichet_web::day_of(portal.clock.now().millis());
    let headers = [
        (header::CONTENT_TYPE, "application/jwt-lines".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"releve-{day}.guichet\""),
        ),
    ];
    let body = Body::from_stream(written(portal, &head, making));
    Ok((headers, body).into_response())
}

/// What comes of asking for a statement.
enum Made {
    /// The first line, and what follows it.
    Begun(Box<(String, Making)>),
    /// No checkpoint covers it.
    NotYet,
    /// It may turn out that they are two: a statement opens the history of both for good.
    Unsettled,
}

/// The name of the form in its CSRF token.
pub(crate) const STATE: &str = "history-statement";

/// What is being written.
pub(super) struct Making {
    query: HistoryQuery,
    /// The places of the entries that were counted.
    counted: Vec<u64>,
    signed: Signed,
    /// What the proofs made so far came by.
    roots: Roots,
}

impl Making {
    /// Counts, puts the count on record, and signs it; `None` when no checkpoint covers it yet.
    pub(super) async fn begin(
        book: &HistoryBook,
        keys: &Keys,
        issuer: &str,
        person: PersonId,
        subject: &Subject,
    ) -> Result<Option<(String, Self)>, Fault> {
        let before = book.histories.read_to().await?;
        let now = book.clock.now();
        let mut query = Filter::everything().query(subject, now, PAGE);
        query.place = Place::From(0);
        let (chain, counted) = count(book, query.clone(), before).await?;
        let span = |at: Timestamp| at.to_string();
        let closed = subject.closed.iter();
        let says = Said {
            entries: chain.count(),
            digest: chain.text(),
            before,
            closed: closed.map(|it| (span(it.since), span(it.until))).collect(),
        };
        let event = AuditEvent::new(EventKind::HistoryStated, now).person(person);
        let details = says.details().into_iter();
        let event = details.fold(event, |event, (name, value)| event.detail(name, value));
        let place = book.ledger.append(event).await?.sequence;
        let Some((checkpoint, signed)) = covering(&book.ledger, place).await? else {
            return Ok(None);
        };
        let history = book.ledger.history();
        let head = Head {
            iss: issuer.to_owned(),
            iat: now.seconds(),
            keys: subject.keys.iter().map(HistoryKey::to_text).collect(),
            says,
            key: history.verifier_key(),
            checkpoint,
            stated: stated(history, place, signed).await?,
        };
        let ring = keys.ring();
        let alg = ring.algs().first().copied().unwrap_or_default();
        let head = ring.sign_jwt(alg, Typ::History, &head);
        let head = head.map_err(|error| Fault::new("sign a history", error))?;
        let making = Self {
            query,
            counted,
            signed,
            roots: Roots::default(),
        };
        Ok(Some((head, making)))
    }
}

/// As many as are read at once.
const PAGE: u32 = 500;

/// The digest over all there is before a place of the ledger, and where each of it is.
async fn count(
    book: &HistoryBook,
    mut query: HistoryQuery,
    before: u64,
) -> Result<(Chain, Vec<u64>), Fault> {
    let (mut chain, mut counted) = (Chain::new(), Vec::new());
    loop {
        let rows = book.page(&query).await?;
        for row in rows.iter().take_while(|row| row.sequence < before) {
            chain.push(&leaf_hash(&row.entry));
            counted.push(row.sequence);
        }
        match rows.last().map(|row| row.sequence) {
            Some(last) if rows.len() == PAGE as usize && last < before => {
                query.place = Place::From(last + 1);
            }
            _ => return Ok((chain, counted)),
        }
    }
}

/// A checkpoint that covers this place.
async fn covering(ledger: &Ledger, place: u64) -> Result<Option<(String, Signed)>, Fault> {
    ledger.flush().await?;
    let checkpoint = ledger.history().checkpoint().await?;
    Ok(checkpoint.filter(|(_, signed)| signed.size > place))
}

/// The entry that says how many there are.
async fn stated(history: &History, place: u64, signed: Signed) -> Result<Proven, Fault> {
    let entry = history.read(place, 1).await?.into_iter().next();
    let entry = entry.filter(|entry| entry.sequence == place).ok_or(TORN)?;
    let text = String::from_utf8(entry.entry).map_err(|_| TORN)?;
    let leaf = leaf_hash(text.as_bytes());
    let mut prover = history.prover();
    proven(&mut prover, place, leaf, Some(text), signed).await
}

/// An entry with its proof. What does not prove itself is not handed out.
async fn proven(
    prover: &mut Prover<'_>,
    index: u64,
    leaf: Hash,
    entry: Option<String>,
    signed: Signed,
) -> Result<Proven, Fault> {
    let proof = prover.inclusion(index, signed.size).await?.ok_or(TORN)?;
    if !verify_inclusion(leaf, index, signed.size, &proof, &signed.root) {
        return Err(TORN);
    }
    Ok(Proven {
        index,
        entry,
        leaf: URL_SAFE_NO_PAD.encode(leaf),
        proof: proof.iter().map(|it| URL_SAFE_NO_PAD.encode(it)).collect(),
    })
}

const TORN: Fault =
    Fault::bare("the audit log does not prove an entry of its own: run `guichet ledger verify`");

type Chunks = Pin<Box<dyn Stream<Item = Result<Bytes, Fault>> + Send>>;

/// The file. What breaks off is too short, which whoever verifies it says.
fn written(portal: Portal, head: &str, making: Making) -> Chunks {
    let first = Bytes::from(format!("{head}\n"));
    let pages = stream::unfold(Some((portal, making)), |state| async move {
        let (portal, mut making) = state?;
        match page(&portal.history, &mut making).await {
            Ok(chunk) if chunk.is_empty() => None,
            Ok(chunk) => Some((Ok(Bytes::from(chunk)), Some((portal, making)))),
            Err(fault) => {
                portal.fault("state a history", &fault);
                Some((Err(fault), None))
            }
        }
    });
    Box::pin(stream::once(async move { Ok(first) }).chain(pages))
}

/// The lines of the next entries; nothing when there are no more.
pub(super) async fn page(book: &HistoryBook, making: &mut Making) -> Result<Vec<u8>, Fault> {
    let mut lines = Vec::new();
    let roots = std::mem::take(&mut making.roots);
    let mut prover = book.ledger.history().prover_knowing(roots);
    while lines.is_empty() {
        let rows = book.page(&making.query).await?;
        let Some(last) = rows.last().map(|row| row.sequence) else {
            return Ok(lines);
        };
        making.query.place = Place::From(last + 1);
        // What came to light since is in the next statement.
        for row in rows {
            if making.counted.binary_search(&row.sequence).is_err() {
                continue;
            }
            let leaf = leaf_hash(&row.entry);
            let read = Entry::parse(&row.entry).filter(may_be_read);
            let text = read.and_then(|_| String::from_utf8(row.entry).ok());
            let line = proven(&mut prover, row.sequence, leaf, text, making.signed).await?;
            // A line is texts and numbers: it always serializes.
            let _ = serde_json::to_writer(&mut lines, &line);
            lines.push(b'\n');
        }
    }
    if let Place::From(next) = making.query.place {
        making.roots = prover.into_roots(next);
    }
    Ok(lines)
}
