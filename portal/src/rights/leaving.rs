//! An archive on its way to its citizen: packed while it is sent, so that a node holds a few files of it, however
//! much there is. What breaks off ends the connection: half an archive does not look like a whole one.

use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures_util::{Stream, stream};
use guichet_domain::AuditEvent;
use guichet_store::Fault;
use guichet_web::PageError;
use http::header;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::timeout;

use super::archive::Packer;
use super::holdings::Holdings;
use crate::Portal;
use crate::places::Place;

/// All of this, signed, as a file of this name; `event` is on record before any of it leaves. The place is free
/// again when the last of it has left, or when nobody takes it any more.
pub(super) async fn archive(
    portal: &Portal,
    (holdings, place): (Holdings, Place),
    event: AuditEvent,
    name: &'static str,
) -> Result<Response, PageError> {
    let noted = portal.ledger.append(event).await;
    noted.map_err(|fault| portal.fault("append to the audit log", &fault))?;
    let (to, from) = channel(1);
    let packing = portal.clone();
    tokio::spawn(async move {
        // Whoever takes a byte a minute keeps nobody else out for ever.
        let packed = timeout(AT_MOST, pack(&packing, holdings, &to)).await;
        if let Ok(Err(fault)) = packed {
            packing.fault("pack an archive", &fault);
            // Whoever stopped listening hears no more of it either.
            let _ = timeout(PATIENCE, to.send(Err(fault))).await;
        }
        drop(place);
    });
    let headers = [
        (header::CONTENT_TYPE, "application/zip".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, Body::from_stream(taken(from))).into_response())
}

/// A file, or the word that there are no more.
type Packed = Result<Option<Bytes>, Fault>;

async fn pack(portal: &Portal, mut holdings: Holdings, to: &Sender<Packed>) -> Result<(), Fault> {
    let mut zip = Packer::default();
    while let Some((name, content)) = holdings.next().await? {
        // Digests and checksums: not on a thread that answers others.
        let packing = move || {
            let packed = zip.file(name, &content);
            (zip, packed)
        };
        let packing = tokio::task::spawn_blocking(packing).await;
        let (on, packed) = packing.map_err(|error| Fault::new("pack a file", error))?;
        zip = on;
        if !is_taken(to, Some(packed.ok_or(TOO_LONG)?)).await {
            return Ok(());
        }
    }
    let (keys, issuer, now) = (&portal.keys, portal.engine.issuer(), portal.clock.now());
    let end = zip.end(keys.ring(), issuer, now);
    let end = end.map_err(|error| Fault::new("sign an archive", error))?;
    if is_taken(to, Some(end.ok_or(TOO_LONG)?)).await {
        is_taken(to, None).await;
    }
    Ok(())
}

/// Whoever hung up gets no more of it; whoever is slow to take it keeps nobody else out.
async fn is_taken(to: &Sender<Packed>, packed: Option<Vec<u8>>) -> bool {
    let sent = timeout(PATIENCE, to.send(Ok(packed.map(Bytes::from)))).await;
    matches!(sent, Ok(Ok(())))
}

fn taken(from: Receiver<Packed>) -> impl Stream<Item = Result<Bytes, Fault>> {
    stream::unfold(Some(from), |from| async move {
        let mut from = from?;
        match from.recv().await {
            Some(Ok(Some(packed))) => Some((Ok(packed), Some(from))),
            Some(Ok(None)) => None,
            Some(Err(fault)) => Some((Err(fault), None)),
            // Cut off before its end.
            None => Some((Err(Fault::bare("an archive broke off")), None)),
        }
    })
}

const TOO_LONG: Fault = Fault::bare("a file of an archive, or all of it, is too long for a ZIP");
/// How long a file may wait to be taken.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long all of it may take.
const AT_MOST: Duration = Duration::from_mins(30);

#[cfg(test)]
mod tests {
    use futures_util::StreamExt as _;

    use super::*;

    async fn taken_of(packed: Vec<Packed>) -> Vec<Result<Bytes, String>> {
        let (to, from) = channel(packed.len().max(1));
        for one in packed {
            to.send(one).await.unwrap();
        }
        drop(to);
        let taken = taken(from).map(|it| it.map_err(|fault| fault.to_string()));
        taken.collect().await
    }

    fn file(text: &'static str) -> Bytes {
        Bytes::from_static(text.as_bytes())
    }

    #[tokio::test]
    async fn an_archive_that_breaks_off_does_not_look_like_a_whole_one() {
        let whole = taken_of(vec![Ok(Some(file("a"))), Ok(Some(file("b"))), Ok(None)]).await;
        assert_eq!(whole, [Ok("a".into()), Ok("b".into())]);
        let cut = taken_of(vec![Ok(Some(file("a")))]).await;
        assert_eq!(cut[0], Ok("a".into()));
        assert!(cut.len() == 2 && cut[1].is_err(), "{cut:?}");
        let failed = taken_of(vec![
            Ok(Some(file("a"))),
            Err(TOO_LONG),
            Ok(Some(file("b"))),
        ])
        .await;
        assert_eq!(failed[1], Err(TOO_LONG.to_string()));
        assert_eq!(failed.len(), 2, "nothing comes after it");
    }

    #[tokio::test]
    async fn whoever_hung_up_gets_no_more() {
        let (to, from) = channel(1);
        assert!(is_taken(&to, Some(b"a".to_vec())).await);
        drop(from);
        assert!(!is_taken(&to, Some(b"b".to_vec())).await);
    }
}
