//! Accounts at the embedded identity provider.

use guichet_domain::AccountId;

use super::at;
use crate::Fault;
use crate::conformance::{Books, bytes16, race, sealed, times};
use crate::durable::AccountRecord;

/// Two embedded providers have their own names.
pub async fn a_login_name_is_taken_once_in_a_house(books: Books) -> Result<(), Fault> {
    let added = race(|turn| {
        let accounts = books.node(turn).accounts.clone();
        async move {
            accounts
                .add("citoyen", &account(turn, "camille"), at(1))
                .await
        }
    })
    .await?;
    assert_eq!(times(&added, &true), 1);
    let accounts = &books.here.accounts;
    let elsewhere = account(999, "camille");
    assert!(accounts.add("postale", &elsewhere, at(1)).await?);
    let found = accounts.by_login_name("postale", "camille").await?;
    assert!(found.is_some_and(|found| found.id == elsewhere.id && found.active));
    let found = accounts.by_login_name("citoyen", "camille").await?;
    assert!(found.is_some_and(|found| found.id != elsewhere.id));
    assert!(accounts.by_id("citoyen", elsewhere.id).await?.is_none());
    let found = accounts.by_id("postale", elsewhere.id).await?;
    assert!(found.is_some_and(|found| {
        found.login_name == "camille"
            && found.password == elsewhere.password
            && found.identity == elsewhere.identity
    }));
    assert!(accounts.by_login_name("postale", "linh").await?.is_none());
    Ok(())
}

/// Fifty rehash at once: one does.
pub async fn a_password_is_replaced_only_if_it_still_is_the_old_one(
    books: Books,
) -> Result<(), Fault> {
    let it = account(1, "camille");
    let accounts = &books.here.accounts;
    accounts.add("citoyen", &it, at(1)).await?;
    let replaced = race(|turn| {
        let (accounts, it) = (books.node(turn).accounts.clone(), it.clone());
        async move {
            accounts
                .replace_password(it.id, &it.password, &format!("new {turn}"))
                .await
        }
    })
    .await?;
    assert_eq!(times(&replaced, &true), 1);
    let found = accounts.by_id("citoyen", it.id).await?;
    assert!(found.is_some_and(|found| found.password.starts_with("new ")));
    Ok(())
}

/// Wherever a text goes.
pub async fn sql_in_a_text_is_text(books: Books) -> Result<(), Fault> {
    const HOSTILE: &str = "'); DROP TABLE account; --";
    let it = account(1, HOSTILE);
    let accounts = &books.here.accounts;
    assert!(accounts.add(HOSTILE, &it, at(1)).await?);
    let found = accounts.by_login_name(HOSTILE, HOSTILE).await?;
    assert!(found.is_some_and(|found| found.login_name == HOSTILE));
    assert!(
        accounts
            .by_login_name("' OR ''='", HOSTILE)
            .await?
            .is_none()
    );
    Ok(())
}

pub(super) fn account(number: u64, login_name: &str) -> AccountRecord {
    AccountRecord {
        id: AccountId::from_bytes(bytes16(number)),
        login_name: login_name.to_owned(),
        password: format!("$argon2id${number}"),
        identity: sealed("identity"),
        active: true,
    }
}
