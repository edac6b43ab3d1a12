//! Consents: what a person agreed to, newest first.

use std::collections::BTreeSet;

use guichet_domain::{ClientId, GrantId};

use super::corrections::{carried_out, merge, part};
use super::people::person;
use super::{at, valid};
use crate::Fault;
use crate::conformance::{Books, bytes16, race, times};
use crate::durable::ConsentRecord;

/// Of that person only, and no more than asked for; a grant's first consent is the one that stays.
pub async fn consents_come_newest_first(books: Books) -> Result<(), Fault> {
    let person = person(1);
    let consent = |number: u64, person| ConsentRecord {
        grant: GrantId::from_bytes(bytes16(number)),
        person,
        client: valid("service".parse()),
        scope: "openid profile".to_owned(),
        claims: "given_name family_name".to_owned(),
        asked: number.is_multiple_of(2),
        at: at(number),
        withdrawn: None,
    };
    let consents = &books.here.consents;
    for number in [3, 1, 4, 2] {
        consents.record(&consent(number, person)).await?;
    }
    let other = super::people::person(2);
    consents.record(&consent(5, other)).await?;
    let latest = books.there.consents.of(person, 3).await?;
    let expected = [4, 3, 2].map(|number| consent(number, person));
    assert_eq!(latest, expected);
    let again = ConsentRecord {
        claims: "everything".to_owned(),
        ..consent(4, person)
    };
    consents.record(&again).await?;
    assert_eq!(books.there.consents.of(person, 3).await?, expected);
    let elsewhere = ConsentRecord {
        client: valid("elsewhere".parse()),
        ..consent(6, other)
    };
    consents.record(&elsewhere).await?;
    let clients = |names: &[&str]| names.iter().map(|name| valid(name.parse())).collect();
    let there = &books.there.consents;
    assert_eq!(there.clients(person).await?, clients(&["service"]));
    let both: BTreeSet<ClientId> = clients(&["elsewhere", "service"]);
    assert_eq!(there.clients(other).await?, both);
    assert!(there.clients(super::people::person(3)).await?.is_empty());
    // Two who turn out to be one gave them together, until it turns out that they are not.
    carried_out(&books.here, merge(1)).await?;
    for who in [person, other] {
        let latest = books.there.consents.of(who, 1).await?;
        assert_eq!(latest, std::slice::from_ref(&elsewhere));
        assert_eq!(there.clients(who).await?, both);
    }
    carried_out(&books.here, part(2)).await?;
    assert_eq!(books.there.consents.of(person, 3).await?, expected);
    Ok(())
}

/// Once, whoever asks first; and it stays in the list.
pub async fn a_consent_is_taken_back_once(books: Books) -> Result<(), Fault> {
    let given = ConsentRecord {
        grant: GrantId::from_bytes(bytes16(1)),
        person: person(1),
        client: valid("service".parse()),
        scope: "openid".to_owned(),
        claims: String::new(),
        asked: true,
        at: at(1),
        withdrawn: None,
    };
    let later = ConsentRecord {
        grant: GrantId::from_bytes(bytes16(2)),
        at: at(5),
        ..given.clone()
    };
    for consent in [&given, &later] {
        books.here.consents.record(consent).await?;
    }
    let given_until = given.at;
    let taken = race(|turn| {
        let consents = books.node(turn).consents.clone();
        let (person, client) = (given.person, given.client.clone());
        async move {
            let now = at(2 + turn);
            consents.withdraw(person, &client, given_until, now).await
        }
    });
    assert_eq!(times(&taken.await?, &1), 1);
    let elsewhere = valid("elsewhere".parse());
    let consents = &books.here.consents;
    let none = consents.withdraw(given.person, &elsewhere, at(9), at(9));
    assert_eq!(none.await?, 0);
    // What was given since stands.
    let standing = books.there.consents.standing(given.person).await?;
    let grants: Vec<GrantId> = standing.iter().map(|it| it.grant).collect();
    assert_eq!(grants, [later.grant]);
    let kept = books.there.consents.of(given.person, 9).await?;
    assert!(
        kept[1].withdrawn.is_some_and(|when| when >= at(2)),
        "{kept:?}"
    );
    Ok(())
}
