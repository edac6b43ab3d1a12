//! Decisions about evidence: which of them stands, when it begins, and that it ends once.

use std::sync::Arc;
use std::time::Duration;

use guichet_domain::{ExchangeId, GrantId, PersonId};

use super::corrections::{carried_out, merge, part};
use super::people::person;
use super::{at, valid};
use crate::Fault;
use crate::conformance::{Books, RACERS, bytes16, race, sealed, times};
use crate::durable::{EvidenceEnd, EvidenceGrantRecord, EvidenceGrants, EvidenceOutcome, Pull};

/// What is spent, where it does not matter which.
pub(super) const VOUCHER: [u8; 32] = [1; 32];

/// By its own name, by that of the data provider, of its person and of its sign-in.
pub async fn a_decision_comes_back_as_it_was_recorded(books: Books) -> Result<(), Fault> {
    let (first, mut second) = (single(1), single(2));
    second.decided = at(5);
    second.grant = first.grant;
    let grants = &books.here.evidence_grants;
    grants.record(&first).await?;
    grants.record(&second).await?;
    let mut changed = first.clone();
    changed.max_pulls = 9;
    grants.record(&changed).await?;
    let there = &books.there.evidence_grants;
    assert_eq!(there.get(first.id).await?.as_ref(), Some(&first));
    assert_eq!(there.of_alias(first.alias).await?.as_ref(), Some(&first));
    assert_eq!(there.get(first.alias).await?, None);
    assert_eq!(there.of_alias(first.id).await?, None);
    let newest_first = there.of_person(first.person, 10).await?;
    assert_eq!(newest_first, [second.clone(), first.clone()]);
    assert_eq!(there.of_person(first.person, 1).await?, [second.clone()]);
    let nobody = PersonId::from_bytes(bytes16(99));
    assert!(there.of_person(nobody, 10).await?.is_empty());
    let together = there.of_grant(first.grant).await?;
    assert_eq!(together, [first.clone(), second.clone()]);
    let other = GrantId::from_bytes(bytes16(99));
    assert!(there.of_grant(other).await?.is_empty());
    Ok(())
}

/// Not when the citizen decides: when the service is answered. Once, whoever begins it; and what was taken
/// back before then never does.
pub async fn what_is_granted_begins_with_its_sign_in_and_not_before(
    books: Books,
) -> Result<(), Fault> {
    let grants = &books.here.evidence_grants;
    let (single, recurring) = (single(1), recurring(2));
    let of = |record: EvidenceGrantRecord, seed| EvidenceGrantRecord {
        grant: GrantId::from_bytes(bytes16(seed)),
        ..record
    };
    let (single, recurring) = (of(single, 70), of(recurring, 70));
    let (elsewhere, left) = (of(self::single(3), 71), of(self::single(4), 70));
    let refused = EvidenceGrantRecord {
        max_pulls: 0,
        ..of(self::single(5), 70)
    };
    for grant in [&single, &recurring, &elsewhere, &left, &refused] {
        grants.record(grant).await?;
        assert_eq!(grants.pull(grant.id, &VOUCHER, at(2)).await?, Pull::Ended);
    }
    let standing = || {
        let there = &books.there.evidence_grants;
        let (client, evidence) = (&recurring.client, &recurring.evidence_type);
        there.recurring(recurring.person, client, evidence, at(3))
    };
    assert_eq!(standing().await?, None);
    assert!(grants.end(left.id, EvidenceEnd::Revoked, at(2)).await?);
    let begun = race(|turn| {
        let grants = books.node(turn).evidence_grants.clone();
        async move { grants.begin(GrantId::from_bytes(bytes16(70)), at(3)).await }
    })
    .await?;
    assert!(begun.iter().all(Vec::is_empty), "{begun:?}");
    let standing = standing().await?;
    assert_eq!(
        standing.map(|it| (it.id, it.begun)),
        Some((recurring.id, Some(at(3))))
    );
    grants.begin(recurring.grant, at(9)).await?;
    let once = Pull::Allowed { count: 1 };
    for (grant, begun, pull) in [
        (&single, Some(at(3)), once),
        (&recurring, Some(at(3)), once),
        (&elsewhere, None, Pull::Ended),
        (&left, None, Pull::Ended),
        (&refused, None, Pull::Ended),
    ] {
        let known = books.there.evidence_grants.get(grant.id).await?;
        assert_eq!(known.and_then(|known| known.begun), begun, "{grant:?}");
        let pulled = grants.pull(grant.id, &VOUCHER, at(10)).await?;
        assert_eq!(pulled, pull, "{grant:?}");
    }
    let late = of(
        EvidenceGrantRecord {
            expires: at(5),
            ..self::single(6)
        },
        72,
    );
    grants.record(&late).await?;
    grants.begin(late.grant, at(5)).await?;
    let known = books.there.evidence_grants.get(late.id).await?;
    assert_eq!(known.and_then(|known| known.begun), None);
    Ok(())
}

/// In the same step, so that never both live; and nothing else ends by it.
pub async fn a_changed_decision_ends_the_one_before(books: Books) -> Result<(), Fault> {
    let first = recurring(1);
    let grants = &books.here.evidence_grants;
    assert!(begun(grants, &first).await?.is_empty());
    let others = [
        EvidenceGrantRecord {
            client: valid("carte-grise".parse()),
            ..recurring(11)
        },
        EvidenceGrantRecord {
            evidence_type: valid("revenu-fiscal".parse()),
            ..recurring(12)
        },
        EvidenceGrantRecord {
            person: PersonId::from_bytes(bytes16(9)),
            ..recurring(13)
        },
        single(14),
    ];
    let refused = EvidenceGrantRecord {
        max_pulls: 0,
        outcome: EvidenceOutcome::Refused,
        ..recurring(15)
    };
    for other in others.iter().chain([&refused]) {
        assert!(begun(grants, other).await?.is_empty(), "{other:?}");
    }
    let second = EvidenceGrantRecord {
        decided: at(9),
        predecessor: Some(first.id),
        // Once more, and yet again and again.
        max_pulls: 1,
        ..recurring(2)
    };
    let stands = || {
        let there = &books.there.evidence_grants;
        let stands = there.recurring(first.person, &first.client, &first.evidence_type, at(9));
        async move { stands.await.map(|stands| stands.map(|it| it.id)) }
    };
    assert_eq!(stands().await?, Some(first.id));
    grants.record(&second).await?;
    assert_eq!(stands().await?, Some(first.id), "decided, and no more");
    assert_eq!(begun(grants, &second).await?, [first.id]);
    assert!(begun(grants, &second).await?.is_empty(), "once");
    assert_eq!(stands().await?, Some(second.id));
    let before = books.there.evidence_grants.get(first.id).await?;
    let ended = before.and_then(|before| before.ended);
    assert_eq!(ended, Some((at(9), EvidenceEnd::Replaced)));
    assert_eq!(grants.pull(first.id, &VOUCHER, at(10)).await?, Pull::Ended);
    for live in others.iter().chain([&second]) {
        let allowed = grants.pull(live.id, &VOUCHER, at(10)).await?;
        assert_eq!(allowed, Pull::Allowed { count: 1 }, "{live:?}");
    }
    Ok(())
}

/// Fifty decide the same at once: one decision stands, and each other one was ended by exactly one.
pub async fn of_recurring_decisions_at_once_one_stands(books: Books) -> Result<(), Fault> {
    let ended = race(|turn| {
        let grants = books.node(turn).evidence_grants.clone();
        async move { begun(&grants, &recurring(turn)).await }
    })
    .await?;
    let mut ended: Vec<ExchangeId> = ended.into_iter().flatten().collect();
    assert_eq!(ended.len() as u64, RACERS - 1);
    ended.sort();
    ended.dedup();
    assert_eq!(ended.len() as u64, RACERS - 1);
    let all = books.there.evidence_grants.of_person(single(1).person, 100);
    let all = all.await?;
    assert_eq!(all.iter().filter(|grant| grant.is_live(at(10))).count(), 1);
    Ok(())
}

/// What two decided who turned out to be one is that one's; until it turns out that they are not.
pub async fn decisions_follow_whoever_their_person_is(books: Books) -> Result<(), Fault> {
    let grants = &books.here.evidence_grants;
    let (kept, absorbed) = (person(1), person(2));
    let decided_by = |person, seed| EvidenceGrantRecord {
        person,
        ..recurring(seed)
    };
    let (theirs, others) = (decided_by(kept, 1), decided_by(absorbed, 2));
    begun(grants, &theirs).await?;
    begun(grants, &others).await?;
    let ids = |found: Vec<EvidenceGrantRecord>| -> Vec<ExchangeId> {
        found.iter().map(|grant| grant.id).collect()
    };
    let of = |person| books.there.evidence_grants.of_person(person, 10);
    assert_eq!(ids(of(kept).await?), [theirs.id]);
    carried_out(&books.here, merge(1)).await?;
    for person in [kept, absorbed] {
        assert_eq!(ids(of(person).await?), [theirs.id, others.id]);
    }
    // What one of them decides anew takes the place of what both had.
    let anew = EvidenceGrantRecord {
        decided: at(9),
        ..decided_by(kept, 3)
    };
    let mut ended = begun(grants, &anew).await?;
    ended.sort();
    assert_eq!(ended, [theirs.id, others.id]);
    carried_out(&books.here, part(2)).await?;
    assert_eq!(ids(of(kept).await?), [anew.id, theirs.id]);
    assert_eq!(ids(of(absorbed).await?), [others.id]);
    Ok(())
}

/// Of fifty who end it, one did.
pub async fn a_grant_ends_once(books: Books) -> Result<(), Fault> {
    let grant = single(1);
    begun(&books.here.evidence_grants, &grant).await?;
    let id = grant.id;
    let ended = race(|turn| {
        let grants = books.node(turn).evidence_grants.clone();
        async move { grants.end(id, EvidenceEnd::GivenBack, at(turn)).await }
    })
    .await?;
    assert_eq!(ended.iter().filter(|one| **one).count(), 1);
    Ok(())
}

/// Of two who take fields away at once one does, and nobody from a grant that ended.
pub async fn a_grant_is_narrowed_as_long_as_it_stands_and_by_one_at_a_time(
    books: Books,
) -> Result<(), Fault> {
    let grant = recurring(1);
    let grants = &books.here.evidence_grants;
    grants.record(&grant).await?;
    let narrowed = race(|turn| {
        let grants = books.node(turn).evidence_grants.clone();
        let (id, before) = (grant.id, grant.terms.clone());
        let after = sealed(&format!("less {turn}"));
        async move { grants.narrow(id, &before, &after, at(1)).await }
    });
    assert_eq!(times(&narrowed.await?, &true), 1);
    let there = &books.there.evidence_grants;
    let kept = there.get(grant.id).await?;
    let terms = kept.map_or_else(|| sealed(""), |kept| kept.terms);
    assert_ne!(terms, grant.terms);
    let nothing = sealed("nothing");
    assert!(
        !there
            .narrow(grant.id, &terms, &nothing, grant.expires)
            .await?
    );
    there.end(grant.id, EvidenceEnd::Revoked, at(2)).await?;
    assert!(!there.narrow(grant.id, &terms, &nothing, at(3)).await?);
    Ok(())
}

/// Those granted more than once; the longest unused first.
pub async fn a_grant_nobody_uses_is_found(books: Books) -> Result<(), Fault> {
    let grants = &books.here.evidence_grants;
    let recurring = |seed| EvidenceGrantRecord {
        client: valid(format!("service-{seed}").parse()),
        ..recurring(seed)
    };
    for seed in 1..=4 {
        begun(grants, &recurring(seed)).await?;
    }
    begun(grants, &single(5)).await?;
    grants.pull(recurring(1).id, &VOUCHER, at(50)).await?;
    grants.pull(recurring(2).id, &VOUCHER, at(100)).await?;
    grants
        .end(recurring(3).id, EvidenceEnd::Unused, at(60))
        .await?;
    let found = grants.unused(at(100), at(100), 10).await?;
    let ids: Vec<ExchangeId> = found.iter().map(|grant| grant.id).collect();
    assert_eq!(ids, [recurring(4).id, recurring(1).id]);
    let none = grants.unused(at(100), recurring(1).expires, 10).await?;
    assert!(none.is_empty());
    // Fetched at its own pace, it is not unused.
    let slow = EvidenceGrantRecord {
        every: Duration::from_secs(500),
        ..recurring(6)
    };
    begun(grants, &slow).await?;
    for (now, is_unused) in [(1001, false), (1002, true)] {
        let found = grants.unused(at(1000), at(now), 10).await?;
        assert_eq!(found.iter().any(|it| it.id == slow.id), is_unused, "{now}");
    }
    Ok(())
}

/// Records a grant whose sign-in is over. Which it ended.
pub(super) async fn begun(
    grants: &Arc<dyn EvidenceGrants>,
    grant: &EvidenceGrantRecord,
) -> Result<Vec<ExchangeId>, Fault> {
    grants.record(grant).await?;
    grants.begin(grant.grant, grant.decided).await
}

/// A grant of one pull, decided at 1, live for long.
pub(super) fn single(seed: u64) -> EvidenceGrantRecord {
    EvidenceGrantRecord {
        id: ExchangeId::from_bytes(bytes16(seed)),
        alias: ExchangeId::from_bytes(bytes16(1_000_000 + seed)),
        grant: GrantId::from_bytes(bytes16(700 + seed)),
        person: PersonId::from_bytes(bytes16(8)),
        client: valid("cantine".parse()),
        data_provider: valid("famille".parse()),
        evidence_type: valid("quotient-familial".parse()),
        terms: sealed("terms"),
        outcome: EvidenceOutcome::Sent,
        decided: at(1),
        begun: None,
        expires: at(100_000),
        max_pulls: 1,
        every: Duration::ZERO,
        pulls: 0,
        last_pull: None,
        ended: None,
        predecessor: None,
    }
}

/// The same of twelve pulls, at any time one after the other.
pub(super) fn recurring(seed: u64) -> EvidenceGrantRecord {
    EvidenceGrantRecord {
        max_pulls: 12,
        every: Duration::from_millis(1),
        ..single(seed)
    }
}
