//! Those who operate the hub: let in once, changed by nobody unseen.

use guichet_domain::staff::{
    Invitation, On, Organisation, Role, Seat, Sender, StaffMember, Team, Who,
};
use guichet_domain::{Sealed, StaffId};

use super::{at, valid};
use crate::Fault;
use crate::conformance::{Books, bytes32, race};
use crate::durable::Founded;

/// Fifty open one link.
pub async fn an_invitation_lets_one_in_whoever_asks_first(books: Books) -> Result<(), Fault> {
    let staff = &books.here.staff;
    assert!(staff.invite(&invitation("ada", 1, Role::Operator)).await?);
    assert!(!staff.invite(&invitation("ada", 2, Role::Operator)).await?);
    let let_in = race(|turn| {
        let staff = books.node(turn).staff.clone();
        async move {
            staff
                .accept(bytes32(1), &person(&format!("p{turn}")), at(1))
                .await
        }
    })
    .await?;
    let let_in: Vec<StaffMember> = let_in.into_iter().flatten().collect();
    assert_eq!(let_in.len(), 1);
    let there = &books.there.staff;
    assert!(there.members().await? == let_in);
    assert!(there.recognized(&let_in[0].who).await?.as_ref() == Some(&let_in[0]));
    assert!(there.invitations().await?.is_empty());
    assert!(
        !there.invite(&invitation("ada", 3, Role::Operator)).await?,
        "the identifier is a member's"
    );
    Ok(())
}

/// Past its time, or taken back.
pub async fn an_invitation_ends_when_it_said_or_is_withdrawn(books: Books) -> Result<(), Fault> {
    let staff = &books.here.staff;
    let sent = invitation("ada", 1, Role::Operator);
    assert!(staff.invite(&sent).await?);
    assert!(staff.invitation(bytes32(1), at(99)).await?.as_ref() == Some(&sent));
    assert!(staff.invitation(bytes32(1), at(100)).await?.is_none());
    assert!(
        staff
            .accept(bytes32(1), &person("p"), at(100))
            .await?
            .is_none()
    );
    assert!(staff.invitations().await? == [sent.clone()]);
    assert!(staff.withdraw(&sent.id).await?);
    assert!(!staff.withdraw(&sent.id).await?);
    assert!(
        staff
            .accept(bytes32(1), &person("p"), at(1))
            .await?
            .is_none()
    );
    assert!(staff.members().await?.is_empty());
    Ok(())
}

/// Nobody is there twice.
pub async fn whoever_is_there_already_gets_roles_beside_their_own(
    books: Books,
) -> Result<(), Fault> {
    let staff = &books.here.staff;
    assert!(staff.invite(&invitation("ada", 1, Role::Operator)).await?);
    assert!(staff.invite(&invitation("bea", 2, Role::Auditor)).await?);
    staff.accept(bytes32(1), &person("p"), at(1)).await?;
    let member = staff.accept(bytes32(2), &person("p"), at(2)).await?;
    let roles: Vec<Role> = member
        .iter()
        .flat_map(|it| &it.seats)
        .map(|it| it.role)
        .collect();
    assert_eq!(roles, [Role::Operator, Role::Auditor]);
    assert_eq!(staff.members().await?.len(), 1);
    let twice = StaffMember {
        id: valid("cy".parse()),
        ..member.clone().ok_or(Fault::bare("nobody was let in"))?
    };
    assert!(!staff.replace_member(None, &twice, at(3)).await?);
    Ok(())
}

/// Two who change one member: the second is told.
pub async fn a_member_changed_meanwhile_is_not_replaced(books: Books) -> Result<(), Fault> {
    let (here, there) = (&books.here.staff, &books.there.staff);
    let first = StaffMember {
        id: valid("robot".parse()),
        who: Who::Client(valid("robot".parse())),
        card: Sealed::from_bytes(vec![1]),
        seats: Vec::new(),
        since: at(0),
    };
    let second = StaffMember {
        seats: vec![seat(Role::Auditor)],
        ..first.clone()
    };
    assert!(here.replace_member(None, &first, at(1)).await?);
    assert!(!there.replace_member(None, &first, at(1)).await?);
    assert!(there.replace_member(Some(&first), &second, at(2)).await?);
    assert!(!here.replace_member(Some(&first), &first, at(3)).await?);
    assert!(!here.remove_member(&first).await?);
    assert!(here.members().await? == [second.clone()]);
    assert!(here.remove_member(&second).await?);
    assert!(there.members().await?.is_empty());
    Ok(())
}

/// Fifty operators, each of whom is removed, or loses the role, at the same moment: one stays.
pub async fn somebody_operates_the_hub_whoever_takes_the_role_from_whom(
    books: Books,
) -> Result<(), Fault> {
    let operator = |turn: u64| StaffMember {
        id: valid(format!("op{turn}").parse()),
        who: person(&format!("p{turn}")),
        card: Sealed::from_bytes(vec![1]),
        seats: vec![seat(Role::Operator)],
        since: at(0),
    };
    // A program lets nobody in by itself: it does not count.
    let robot = StaffMember {
        who: Who::Client(valid("robot".parse())),
        ..operator(1_000)
    };
    let staff = &books.here.staff;
    assert!(staff.replace_member(None, &robot, at(1)).await?);
    let all = race(|turn| {
        let (staff, known) = (books.node(turn).staff.clone(), operator(turn));
        async move {
            assert!(staff.replace_member(None, &known, at(1)).await?);
            Ok::<_, Fault>(known)
        }
    })
    .await?;
    let lost = race(|turn| {
        let (staff, known) = (books.node(turn).staff.clone(), operator(turn));
        async move {
            if turn.is_multiple_of(3) {
                return staff.remove_member(&known).await;
            }
            let auditor = StaffMember {
                seats: vec![seat(Role::Auditor)],
                ..known.clone()
            };
            staff.replace_member(Some(&known), &auditor, at(2)).await
        }
    })
    .await?;
    assert_eq!(lost.iter().filter(|lost| **lost).count(), all.len() - 1);
    let left = books.there.staff.members().await?;
    assert_eq!(left.iter().filter(|it| it.operates()).count(), 1);
    Ok(())
}

/// The same of organisations and teams.
pub async fn a_team_changed_meanwhile_is_not_replaced(books: Books) -> Result<(), Fault> {
    let (here, there) = (&books.here.teams, &books.there.teams);
    let ville = Organisation {
        id: valid("ville".parse()),
        name: "Ville".to_owned(),
        legal_id: None,
        active: true,
    };
    assert!(here.replace_organisation(None, &ville, at(1)).await?);
    assert!(!there.replace_organisation(None, &ville, at(1)).await?);
    assert_eq!(there.organisations().await?, [ville]);
    let team = |name: &str| Team {
        id: valid("mobilites".parse()),
        name: name.to_owned(),
        organisation: valid("ville".parse()),
        clients: vec![valid("carte-grise".parse())],
        active: true,
    };
    assert!(here.replace_team(None, &team("a"), at(1)).await?);
    assert!(
        there
            .replace_team(Some(&team("a")), &team("b"), at(2))
            .await?
    );
    assert!(
        !here
            .replace_team(Some(&team("a")), &team("c"), at(3))
            .await?
    );
    assert_eq!(here.teams().await?, [team("b")]);
    Ok(())
}

/// Of fifty who found one with the same number one does, and of one form sent fifty times one counts: whoever is
/// refused leaves nothing behind.
pub async fn an_organisation_is_founded_whole_and_its_number_is_one_s(
    books: Books,
) -> Result<(), Fault> {
    let founded = race(|turn| {
        let teams = books.node(turn).teams.clone();
        async move {
            let id = format!("n{turn}");
            // Half of them are one person.
            let who = if turn % 2 == 0 { "same" } else { &id };
            let (organisation, team, owner) = founding(&id, "213 105 554", who);
            teams.found((&organisation, &team), &owner, at(1)).await
        }
    })
    .await?;
    let done = founded.iter().filter(|it| **it == Founded::Done);
    assert_eq!(done.count(), 1);
    assert_eq!(books.there.teams.organisations().await?.len(), 1);
    assert_eq!(books.there.teams.teams().await?.len(), 1);
    let members = books.there.staff.members().await?;
    let [member] = members.as_slice() else {
        panic!("{} members", members.len());
    };
    let Who::Person(subject) = &member.who else {
        panic!("no person");
    };
    // Whoever is somebody founds nothing, and takes nobody's number.
    let (organisation, team, owner) = founding("again", "999", subject.as_str());
    let teams = &books.here.teams;
    let again = teams.found((&organisation, &team), &owner, at(2)).await?;
    assert_eq!(again, Founded::OwnerKnown);
    let (organisation, team, owner) = founding("other", "999", "other");
    let other = teams.found((&organisation, &team), &owner, at(2)).await?;
    assert_eq!(other, Founded::Done);
    let (organisation, team, owner) = founding("third", "21310 5554", "third");
    let third = teams.found((&organisation, &team), &owner, at(2)).await?;
    assert_eq!(third, Founded::NumberTaken);
    assert_eq!(books.there.teams.organisations().await?.len(), 2);
    Ok(())
}

fn founding(id: &str, number: &str, who: &str) -> (Organisation, Team, StaffMember) {
    let organisation = Organisation {
        id: valid(format!("o-{id}").parse()),
        name: id.to_owned(),
        legal_id: Some(number.to_owned()),
        active: true,
    };
    let team = Team {
        id: valid(format!("t-{id}").parse()),
        name: id.to_owned(),
        organisation: organisation.id.clone(),
        clients: Vec::new(),
        active: true,
    };
    let owner = StaffMember {
        id: valid(id.parse()),
        who: person(who),
        card: Sealed::from_bytes(vec![7]),
        seats: vec![valid(Seat::new(Role::TeamOwner, On::Team(team.id.clone())))],
        since: at(1),
    };
    (organisation, team, owner)
}

fn person(subject: &str) -> Who {
    Who::Person(valid(subject.to_owned().try_into()))
}

fn seat(role: Role) -> Seat {
    valid(Seat::new(role, On::Hub))
}

fn invitation(id: &str, secret: u64, role: Role) -> Invitation {
    let id: StaffId = valid(id.parse());
    Invitation {
        id,
        hash: bytes32(secret),
        card: Sealed::from_bytes(vec![7]),
        seats: vec![seat(role)],
        by: Sender::CommandLine,
        expires: at(100),
    }
}
