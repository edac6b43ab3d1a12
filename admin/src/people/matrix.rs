//! What each role may do to each kind of thing, as data; and the one function that reads it.

use guichet_domain::staff::{On, Role};

use super::Place;

/// A kind of thing that is operated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// How the node is.
    Status,
    /// Which evidence there is.
    Catalogue,
    /// Services.
    Client,
    /// Identity providers.
    Provider,
    /// Data providers.
    DataProvider,
    /// Legal entities.
    Organisation,
    /// Those of them who look after services.
    Team,
    /// Those who operate the hub or are of a team, and invitations.
    Person,
    /// What an organisation asks for, and what was granted.
    Habilitation,
    /// The word of those who look at it.
    Review,
    /// Services that are tried out.
    Sandbox,
    /// Services that go into production by what was granted.
    Production,
    /// Signing keys.
    Key,
    /// The audit log.
    Ledger,
    /// How many sign-ins there were.
    Statistics,
    /// What is switched off.
    Switch,
    /// What happened at a login that a citizen asks about, and what is done about it at once.
    Support,
    /// Who is who, and who may act again: proposed, confirmed by another, taken back.
    Correction,
    /// Who is told of events.
    Webhook,
}

/// What is done to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Looking at it.
    Read,
    /// Adding one.
    Add,
    /// Changing one.
    Change,
    /// Making one unusable, or removing it.
    Disable,
}

use Action::{Add, Change, Disable, Read};
use Role::{Auditor, Operator, Reviewer, Support, TeamOwner, TeamReader, TeamTechnician};

const EVERYBODY: &[Role] = &Role::ALL;
const HUB: &[Role] = &[Operator, Reviewer, Auditor, Support];
const OPERATOR: &[Role] = &[Operator];
const HELPDESK: &[Role] = &[Operator, Support];

/// Who may do what. Whatever does not stand here, nobody may. An operator may all that anybody may, so that
/// no role they give exceeds their own.
pub const MATRIX: &[(Kind, Action, &[Role])] = &[
    (Kind::Status, Read, EVERYBODY),
    (Kind::Catalogue, Read, EVERYBODY),
    (Kind::Client, Read, EVERYBODY),
    (Kind::Client, Add, OPERATOR),
    (Kind::Client, Change, &[Operator, TeamOwner, TeamTechnician]),
    (Kind::Client, Disable, &[Operator, TeamOwner]),
    (Kind::Provider, Read, HUB),
    (Kind::Provider, Add, OPERATOR),
    (Kind::Provider, Change, OPERATOR),
    (Kind::Provider, Disable, OPERATOR),
    (Kind::DataProvider, Read, HUB),
    (Kind::DataProvider, Add, OPERATOR),
    (Kind::DataProvider, Change, OPERATOR),
    (Kind::DataProvider, Disable, OPERATOR),
    (Kind::Organisation, Read, EVERYBODY),
    (Kind::Organisation, Add, OPERATOR),
    (Kind::Organisation, Change, OPERATOR),
    (Kind::Organisation, Disable, OPERATOR),
    (Kind::Team, Read, EVERYBODY),
    (Kind::Team, Add, OPERATOR),
    (Kind::Team, Change, OPERATOR),
    (Kind::Team, Disable, OPERATOR),
    (Kind::Person, Read, &[Operator, Auditor, TeamOwner]),
    (Kind::Person, Add, &[Operator, TeamOwner]),
    (Kind::Person, Change, &[Operator, TeamOwner]),
    (Kind::Person, Disable, &[Operator, TeamOwner]),
    (Kind::Habilitation, Read, EVERYBODY),
    (
        Kind::Habilitation,
        Add,
        &[Operator, TeamOwner, TeamTechnician],
    ),
    (
        Kind::Habilitation,
        Change,
        &[Operator, TeamOwner, TeamTechnician],
    ),
    (Kind::Review, Change, &[Operator, Reviewer]),
    (Kind::Review, Disable, &[Operator, Reviewer]),
    (Kind::Sandbox, Add, &[Operator, TeamOwner, TeamTechnician]),
    (Kind::Production, Add, &[Operator, TeamOwner]),
    (Kind::Key, Read, &[Operator, Auditor, Support]),
    (Kind::Key, Change, OPERATOR),
    (Kind::Ledger, Read, &[Operator, Auditor]),
    (Kind::Statistics, Read, EVERYBODY),
    (Kind::Switch, Read, HUB),
    (Kind::Switch, Change, OPERATOR),
    (Kind::Support, Read, HELPDESK),
    (Kind::Support, Change, HELPDESK),
    (Kind::Correction, Read, HELPDESK),
    (Kind::Correction, Add, HELPDESK),
    (Kind::Correction, Change, HELPDESK),
    (
        Kind::Webhook,
        Read,
        &[Operator, Auditor, TeamOwner, TeamTechnician, TeamReader],
    ),
    (Kind::Webhook, Add, &[Operator, TeamOwner, TeamTechnician]),
    (
        Kind::Webhook,
        Change,
        &[Operator, TeamOwner, TeamTechnician],
    ),
    (
        Kind::Webhook,
        Disable,
        &[Operator, TeamOwner, TeamTechnician],
    ),
];

/// Whether `role`, held on `on`, may do `action` to something of `kind` at `place`.
pub fn may(role: Role, on: &On, action: Action, (kind, place): (Kind, &Place)) -> bool {
    let mut rows = MATRIX.iter();
    rows.any(|(of, what, roles)| *of == kind && *what == action && roles.contains(&role))
        && place.is_within(on)
}

/// The roles that a role may give to others, on what is within its own reach.
pub(super) const fn gives(role: Role) -> &'static [Role] {
    match role {
        Operator => &Role::ALL,
        TeamOwner => &[TeamOwner, TeamTechnician, TeamReader],
        Reviewer | Auditor | Support | TeamTechnician | TeamReader => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KINDS: [Kind; 19] = [
        Kind::Status,
        Kind::Catalogue,
        Kind::Client,
        Kind::Provider,
        Kind::DataProvider,
        Kind::Organisation,
        Kind::Team,
        Kind::Person,
        Kind::Habilitation,
        Kind::Review,
        Kind::Sandbox,
        Kind::Production,
        Kind::Key,
        Kind::Ledger,
        Kind::Statistics,
        Kind::Switch,
        Kind::Support,
        Kind::Correction,
        Kind::Webhook,
    ];
    const ACTIONS: [Action; 4] = [Read, Add, Change, Disable];

    /// The same as a picture: one line a kind, one column a role, in the order of [`Role::ALL`]; in each
    /// the letters of what is allowed. Whoever changes a right changes it in two places, on purpose.
    const PICTURE: &str = "
        Status       r r r r r r r
        Catalogue    r r r r r r r
        Client       racd r r r rcd rc r
        Provider     racd r r r - - -
        DataProvider racd r r r - - -
        Organisation racd r r r r r r
        Team         racd r r r r r r
        Person       racd - r - racd - -
        Habilitation rac r r r rac rac r
        Review       cd cd - - - - -
        Sandbox      a - - - a a -
        Production   a - - - a - -
        Key          rc - r r - - -
        Ledger       r - r - - - -
        Statistics   r r r r r r r
        Switch       rc r r r - - -
        Support      rc - - rc - - -
        Correction   rac - - rac - - -
        Webhook      racd - r - racd racd r
    ";

    #[test]
    fn every_role_may_what_the_picture_says_and_nothing_else() {
        let lines: Vec<&str> = PICTURE.trim().lines().map(str::trim).collect();
        assert_eq!(lines.len(), KINDS.len());
        for (kind, line) in KINDS.into_iter().zip(lines) {
            let mut cells = line.split_whitespace();
            assert_eq!(cells.next().unwrap(), format!("{kind:?}"));
            for role in Role::ALL {
                let cell = cells.next().unwrap();
                for (action, letter) in ACTIONS.into_iter().zip("racd".chars()) {
                    let may = may(role, &On::Hub, action, (kind, &Place::Hub));
                    assert_eq!(may, cell.contains(letter), "{role} {action:?} {kind:?}");
                }
            }
        }
    }

    #[test]
    fn no_role_gives_what_exceeds_its_own() {
        for giver in Role::ALL {
            for given in gives(giver) {
                for (kind, action, roles) in MATRIX {
                    let exceeds = roles.contains(given) && !roles.contains(&giver);
                    assert!(!exceeds, "{giver} gives {given}: {action:?} {kind:?}");
                }
            }
        }
    }

    #[test]
    fn nothing_stands_in_the_matrix_twice() {
        for (place, (kind, action, _)) in MATRIX.iter().enumerate() {
            let mut earlier = MATRIX[..place].iter();
            assert!(!earlier.any(|(of, what, _)| of == kind && what == action));
        }
    }
}
