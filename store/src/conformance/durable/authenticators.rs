//! Authenticators of accounts.

use guichet_domain::AccountId;

use super::accounts::account;
use super::at;
use crate::Fault;
use crate::conformance::{Books, sealed};
use crate::durable::{AuthenticatorKind, AuthenticatorRecord};

/// Its identifier is taken once, and only its owner removes it.
pub async fn an_authenticator_is_of_one_account(books: Books) -> Result<(), Fault> {
    let (mine, other) = (account(1, "camille"), account(2, "linh"));
    for account in [&mine, &other] {
        books.here.accounts.add("citoyen", account, at(1)).await?;
    }
    let authenticators = &books.here.authenticators;
    assert!(
        authenticators
            .add(&authenticator(b"key", mine.id, 2))
            .await?
    );
    assert!(
        authenticators
            .add(&authenticator(b"older", mine.id, 1))
            .await?
    );
    assert!(
        !authenticators
            .add(&authenticator(b"key", other.id, 3))
            .await?
    );
    let ids = |found: Vec<AuthenticatorRecord>| -> Vec<Vec<u8>> {
        found.into_iter().map(|one| one.id).collect()
    };
    let found = ids(books.there.authenticators.of(mine.id).await?);
    assert_eq!(found, [b"older".to_vec(), b"key".to_vec()]);
    assert!(authenticators.of(other.id).await?.is_empty());
    assert!(!authenticators.remove(other.id, b"key").await?);
    assert!(authenticators.remove(mine.id, b"key").await?);
    assert!(authenticators.by_id(b"key").await?.is_none());
    Ok(())
}

/// New state and when.
pub async fn an_authenticator_keeps_its_use(books: Books) -> Result<(), Fault> {
    let mine = account(1, "camille");
    books.here.accounts.add("citoyen", &mine, at(1)).await?;
    let authenticators = &books.here.authenticators;
    let id = [0xff; 1023];
    authenticators.add(&authenticator(&id, mine.id, 1)).await?;
    authenticators.used(&id, sealed("counted"), at(9)).await?;
    let found = books.there.authenticators.by_id(&id).await?;
    assert!(found.is_some_and(|found| {
        found.sealed == sealed("counted")
            && found.used == Some(at(9))
            && found.added == at(1)
            && found.kind == AuthenticatorKind::Passkey
            && found.label == "Clé de sécurité"
    }));
    Ok(())
}

fn authenticator(id: &[u8], account: AccountId, added: u64) -> AuthenticatorRecord {
    AuthenticatorRecord {
        id: id.to_vec(),
        account,
        kind: AuthenticatorKind::Passkey,
        label: "Clé de sécurité".to_owned(),
        sealed: sealed("public key"),
        added: at(added),
        used: None,
    }
}
