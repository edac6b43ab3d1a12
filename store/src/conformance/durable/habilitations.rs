//! Habilitations: no step is lost, none is taken twice.

use guichet_domain::Acr;
use guichet_domain::habilitation::{Habilitation, Hand, Signatory, State, Step, Terms};
use guichet_domain::staff::Who;

use super::{at, valid};
use crate::Fault;
use crate::conformance::{Books, race};

/// Fifty try to sign by the names of two persons: two signatures are there, of two.
pub async fn two_persons_sign_a_habilitation_and_one_never_twice_whoever_races(
    books: Books,
) -> Result<(), Fault> {
    let drafted = draft("h1");
    let submitted = valid(drafted.after(Step::Submit, &hand("author"), at(1)));
    let store = &books.here.habilitations;
    assert!(store.replace_habilitation(None, &submitted, at(1)).await?);
    let signed = race(|turn| {
        let store = books.node(turn).habilitations.clone();
        let by = if turn % 5 == 0 { "one" } else { "two" };
        async move {
            // Whoever is overtaken looks again, as the console does.
            for _ in 0..60 {
                let Some(known) = store.habilitation(&valid("h1".parse())).await? else {
                    return Err(Fault::bare("the habilitation is gone"));
                };
                let Ok(next) = known.after(sign(), &hand(by), at(2)) else {
                    return Ok(false);
                };
                if store
                    .replace_habilitation(Some(&known), &next, at(2))
                    .await?
                {
                    return Ok(true);
                }
            }
            Ok(false)
        }
    })
    .await?;
    assert_eq!(signed.into_iter().filter(|has| *has).count(), 2);
    let there = books
        .there
        .habilitations
        .habilitation(&valid("h1".parse()))
        .await?;
    let there = there.ok_or(Fault::bare("the habilitation is gone"))?;
    let granted = there.granted().ok_or(Fault::bare("nothing was granted"))?;
    let signed = granted.signatures();
    let [one, two] = signed.ok_or(Fault::bare("nobody signed"))?;
    assert!(!one.by.is(&two.by), "one person signed twice");
    Ok(())
}

/// Whole, on every node, and under one identifier.
pub async fn a_habilitation_comes_back_whole_and_once(books: Books) -> Result<(), Fault> {
    let (here, there) = (&books.here.habilitations, &books.there.habilitations);
    let first = draft("h1");
    assert!(here.replace_habilitation(None, &first, at(1)).await?);
    assert!(!there.replace_habilitation(None, &first, at(1)).await?);
    let next = valid(first.after(Step::Submit, &hand("author"), at(2)));
    assert!(
        there
            .replace_habilitation(Some(&first), &next, at(2))
            .await?
    );
    assert!(
        !here
            .replace_habilitation(Some(&first), &next, at(3))
            .await?
    );
    let all = here.habilitations().await?;
    assert!(all == [next.clone()]);
    let state = all[0].latest().map(|it| it.standing.state());
    assert_eq!(state, Some(State::Submitted));
    assert!(here.habilitation(&valid("other".parse())).await?.is_none());
    Ok(())
}

/// From the step on until it was done, whichever node asks.
pub async fn what_a_step_left_to_be_done_is_found_until_it_was(books: Books) -> Result<(), Fault> {
    let (here, there) = (&books.here.habilitations, &books.there.habilitations);
    let drafted = draft("h1");
    assert!(here.replace_habilitation(None, &drafted, at(1)).await?);
    assert!(there.due().await?.is_empty());
    let submitted = valid(drafted.after(Step::Submit, &hand("author"), at(1)));
    let replaced = here.replace_habilitation(Some(&drafted), &submitted, at(1));
    assert!(replaced.await?);
    assert!(there.due().await? == [submitted.clone()]);
    let relieved = submitted.relieved(&submitted.duties);
    let replaced = there.replace_habilitation(Some(&submitted), &relieved, at(2));
    assert!(replaced.await?);
    assert!(here.due().await?.is_empty());
    Ok(())
}

fn draft(id: &str) -> Habilitation {
    let of = (valid("ville".parse()), valid("cantines".parse()));
    Habilitation::begin(valid(id.parse()), of, signatory("author"), at(0))
}

fn signatory(name: &str) -> Signatory {
    Signatory {
        id: valid(name.parse()),
        who: Who::Person(valid(name.to_owned().try_into())),
    }
}

fn hand(name: &str) -> Hand<'static> {
    Hand {
        signatory: signatory(name),
        seats: &[],
        clients: &[],
    }
}

fn sign() -> Step {
    Step::Sign {
        terms: Terms {
            scopes: valid("openid".parse()),
            evidence: Vec::new(),
            level: Acr::Eidas1,
            retention_months: 1,
        },
        entry: 1,
    }
}
