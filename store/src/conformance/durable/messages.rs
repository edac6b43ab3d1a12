//! Messages: one by its reference, until it expires, and no flood.

use guichet_domain::{ClientId, SubjectIdentifier};

use super::{at, valid};
use crate::Fault;
use crate::conformance::{Books, sealed};
use crate::durable::MessageRecord;

fn cantine() -> ClientId {
    valid("cantine".parse())
}

fn camille() -> SubjectIdentifier {
    valid("camille-there".parse())
}

/// Said at `changed`, for a hundred seconds.
fn message(reference: &str, text: &str, changed: u64) -> MessageRecord {
    MessageRecord {
        client: cantine(),
        subject: camille(),
        reference: reference.to_owned(),
        sealed: sealed(text),
        changed: at(changed),
        expires: at(changed + 100),
    }
}

/// Newest first, to whom they are for; said again, one takes its own place; taken back, it is gone.
pub async fn a_message_said_again_takes_its_own_place(books: Books) -> Result<(), Fault> {
    let (here, there) = (&books.here.messages, &books.there.messages);
    let first = message("a", "opened", 1);
    let second = message("b", "appointment", 2);
    let decided = message("a", "decided", 3);
    let of_another = MessageRecord {
        subject: valid("linh-there".parse()),
        ..message("a", "for Linh", 4)
    };
    for one in [&first, &second, &decided, &of_another] {
        assert!(here.put(one, 9).await?);
    }
    let read = there.of(&camille(), at(5), 9).await?;
    assert_eq!(read, [decided.clone(), second.clone()]);
    assert_eq!(
        there.of(&camille(), at(5), 1).await?,
        std::slice::from_ref(&decided)
    );
    let both = [camille(), of_another.subject.clone()];
    let (all, _) = there.of_all(&both, at(5), 9).await?;
    assert_eq!(all, [of_another.clone(), decided.clone(), second.clone()]);
    assert_eq!(there.of_all(&both, at(5), 1).await?.0.len(), 1);
    assert!(there.of_all(&[], at(5), 9).await?.0.is_empty());
    let said = there.said_since(at(3), 9).await?;
    assert_eq!(said, [(of_another.subject, at(4)), (camille(), at(3))]);
    assert!(here.withdraw(&cantine(), &camille(), "a").await?);
    assert!(!there.withdraw(&cantine(), &camille(), "a").await?);
    assert_eq!(there.of(&camille(), at(5), 9).await?, [second]);
    Ok(())
}

/// Nobody reads it any more, and then it is forgotten.
pub async fn a_message_expires(books: Books) -> Result<(), Fault> {
    let messages = &books.here.messages;
    messages.put(&message("a", "one", 0), 9).await?;
    messages.put(&message("b", "two", 50), 9).await?;
    assert_eq!(messages.of(&camille(), at(99), 9).await?.len(), 2);
    let left = messages.of(&camille(), at(100), 9).await?;
    assert_eq!(left, [message("b", "two", 50)]);
    assert_eq!(messages.forget_expired(at(100)).await?, 1);
    assert_eq!(messages.forget_expired(at(100)).await?, 0);
    assert_eq!(books.there.messages.of(&camille(), at(100), 9).await?, left);
    Ok(())
}

/// What is there may be changed still; what expired takes no room.
pub async fn a_service_leaves_so_many_messages_and_no_more(books: Books) -> Result<(), Fault> {
    let messages = &books.here.messages;
    for reference in ["a", "b"] {
        assert!(messages.put(&message(reference, "one", 0), 2).await?);
    }
    assert!(!messages.put(&message("c", "three", 1), 2).await?);
    assert!(messages.put(&message("a", "changed", 1), 2).await?);
    let of_another_service = MessageRecord {
        client: valid("impots".parse()),
        ..message("c", "theirs", 1)
    };
    assert!(messages.put(&of_another_service, 2).await?);
    assert_eq!(messages.of(&camille(), at(1), 9).await?.len(), 3);
    // `b` expired at 100.
    assert!(messages.put(&message("c", "three", 100), 2).await?);
    Ok(())
}

/// The oldest go, of that service and that citizen alone, and as few as must.
pub async fn room_is_made_by_the_oldest_messages(books: Books) -> Result<(), Fault> {
    let (here, there) = (&books.here.messages, &books.there.messages);
    for (reference, at) in [("a", 1), ("b", 2), ("c", 3)] {
        assert!(here.put(&message(reference, "said", at), 3).await?);
    }
    let newest = message("d", "said", 4);
    assert!(!here.put(&newest, 3).await?);
    assert_eq!(there.make_room(&cantine(), &camille(), 3).await?, 1);
    assert_eq!(there.make_room(&cantine(), &camille(), 3).await?, 0);
    assert!(here.put(&newest, 3).await?);
    let left = there.of(&camille(), at(5), 9).await?;
    let left: Vec<&str> = left.iter().map(|it| it.reference.as_str()).collect();
    assert_eq!(left, ["d", "c", "b"]);
    Ok(())
}

/// For that citizen and that service, until they want to hear it again.
pub async fn a_service_is_muted_by_one_citizen(books: Books) -> Result<(), Fault> {
    let messages = &books.here.messages;
    let other: SubjectIdentifier = valid("linh-there".parse());
    for _ in 0..2 {
        messages.mute(&cantine(), &camille(), at(1)).await?;
    }
    let muted = async |names: &[SubjectIdentifier]| {
        let read = books.there.messages.of_all(names, at(1), 9).await;
        read.map(|(_, muted)| muted)
    };
    assert_eq!(muted(&[camille(), other.clone()]).await?, [cantine()]);
    assert!(muted(std::slice::from_ref(&other)).await?.is_empty());
    messages.unmute(&cantine(), &camille()).await?;
    assert!(muted(&[camille(), other]).await?.is_empty());
    Ok(())
}
