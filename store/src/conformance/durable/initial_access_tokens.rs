//! Initial access tokens: as many registrations as they are worth, and not one more.

use super::at;
use crate::Fault;
use crate::conformance::{Books, bytes32, race};
use crate::durable::InitialAccessToken;

/// Fifty register with a token that is worth three.
pub async fn an_initial_access_token_is_worth_its_uses_whoever_asks_first(
    books: Books,
) -> Result<(), Fault> {
    let token = token("agency", 3);
    assert!(books.here.initial_access_tokens.add(&token).await?);
    let spent = race(|turn| {
        let tokens = books.node(turn).initial_access_tokens.clone();
        async move { tokens.spend(bytes32(1), at(1)).await }
    })
    .await?;
    let names: Vec<String> = spent.into_iter().flatten().collect();
    assert_eq!(names, ["agency", "agency", "agency"]);
    let there = &books.there.initial_access_tokens;
    assert!(!there.is_live(bytes32(1), at(1)).await?);
    assert!(matches!(there.all().await?.as_slice(), [one] if one.uses == 0));
    Ok(())
}

/// Neither an expired, nor an unknown, nor a removed one.
pub async fn an_initial_access_token_ends_when_it_said(books: Books) -> Result<(), Fault> {
    let tokens = &books.here.initial_access_tokens;
    let token = token("agency", 3);
    assert!(tokens.add(&token).await?);
    assert!(!tokens.add(&token).await?, "the name is taken");
    assert_eq!(tokens.all().await?, [token]);
    assert!(tokens.is_live(bytes32(1), at(99)).await?);
    assert!(!tokens.is_live(bytes32(1), at(100)).await?);
    assert_eq!(tokens.spend(bytes32(1), at(100)).await?, None);
    assert_eq!(tokens.spend(bytes32(2), at(1)).await?, None);
    assert!(tokens.remove("agency").await?);
    assert!(!tokens.remove("agency").await?);
    assert_eq!(tokens.spend(bytes32(1), at(1)).await?, None);
    Ok(())
}

fn token(name: &str, uses: u32) -> InitialAccessToken {
    InitialAccessToken {
        name: name.to_owned(),
        hash: bytes32(1),
        uses,
        expires: at(100),
    }
}
