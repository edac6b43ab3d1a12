//! Mail aliases: one for each person and service, found by its digest, cut at any moment.

use guichet_domain::ClientId;

use super::corrections::{carried_out, merging};
use super::people::{person, recognize, stated};
use super::{at, valid};
use crate::Fault;
use crate::conformance::{Books, bytes32, race, sealed};
use crate::durable::mail_aliases::MailAlias;

fn client(id: &str) -> ClientId {
    valid(id.parse())
}

fn alias(digest: u64, who: u64, at_client: &str) -> MailAlias {
    MailAlias {
        digest: bytes32(digest),
        person: person(who),
        client: client(at_client),
        sealed: sealed("an address"),
        made: at(digest),
        cut: None,
    }
}

/// Fifty who ask at once get one, another service another, and each leads to whoever has it.
pub async fn a_person_has_one_alias_at_a_service_whoever_asks_first(
    books: Books,
) -> Result<(), Fault> {
    let kept = race(|turn| {
        let aliases = books.node(turn).mail_aliases.clone();
        async move { aliases.keep(&alias(turn + 1, 1, "cantine")).await }
    })
    .await?;
    assert!(kept.iter().all(|one| *one == kept[0]));
    let (here, there) = (&books.here.mail_aliases, &books.there.mail_aliases);
    let elsewhere = alias(99, 1, "banque");
    assert_eq!(here.keep(&elsewhere).await?, elsewhere);
    assert_eq!(
        there.alias(&elsewhere.digest).await?,
        Some(elsewhere.clone())
    );
    assert_eq!(there.alias(&bytes32(1000)).await?, None);
    assert_eq!(
        there.aliases_of(person(1)).await?,
        [elsewhere, kept[0].clone()]
    );
    assert_eq!(there.aliases_of(person(2)).await?, []);
    // Whoever turns out to be the same person has it, too.
    recognize(&books.here, stated(1), 1, at(1)).await?;
    recognize(&books.here, stated(2), 2, at(1)).await?;
    carried_out(&books.here, merging(1, 2, 1)).await?;
    let theirs = there.alias_at(person(2), &client("cantine")).await?;
    assert_eq!(theirs, Some(kept[0].clone()));
    Ok(())
}

/// Once each; it stays what it was, and may lead elsewhere meanwhile.
pub async fn an_alias_is_cut_and_joined_again(books: Books) -> Result<(), Fault> {
    let (here, there) = (&books.here.mail_aliases, &books.there.mail_aliases);
    let mut one = alias(1, 1, "cantine");
    here.keep(&one).await?;
    assert!(!here.cut(&one.digest, None).await?, "it is not cut");
    assert!(here.cut(&one.digest, Some(at(5))).await?);
    assert!(!there.cut(&one.digest, Some(at(6))).await?);
    one.cut = Some(at(5));
    assert_eq!(there.alias(&one.digest).await?, Some(one.clone()));
    let before = std::mem::replace(&mut one.sealed, sealed("another address"));
    assert!(here.lead(&one.digest, &before, &one.sealed).await?);
    let late = sealed("read before that");
    assert!(
        !there.lead(&one.digest, &before, &late).await?,
        "what another one said meanwhile stays"
    );
    assert!(there.cut(&one.digest, None).await?);
    one.cut = None;
    assert_eq!(
        there.keep(&alias(2, 1, "cantine")).await?,
        one,
        "the first stays"
    );
    Ok(())
}
