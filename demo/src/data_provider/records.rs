//! What each data provider holds, by the account name of a citizen. Fictional, like the citizens.

use guichet_exchange_client::{FieldValue, Fields};

use crate::cast::{CITIZENS, DataProvider};

/// The evidence that `provider` holds of a citizen, if it holds any.
pub(super) fn held(provider: DataProvider, login: &str) -> Option<Fields> {
    match provider {
        DataProvider::Famille => of(FAMILIES, login).map(|(quotient, children)| {
            fields([
                ("quotient", quotient.into()),
                ("tranche", bracket(quotient).into()),
                ("enfants", children.into()),
            ])
        }),
        DataProvider::Impots => of(INCOMES, login)
            .map(|(income, shares)| fields([("rfr", income.into()), ("parts", shares.into())])),
        DataProvider::Vehicules => of(VEHICLES, login).map(|(plate, model, since)| {
            fields([
                ("immatriculation", plate.into()),
                ("modele", model.into()),
                ("premiere_immatriculation", since.into()),
            ])
        }),
    }
}

/// Whose rows there are in the register of `provider`; one was written twice, so that doubt can be seen.
pub(super) fn register(provider: DataProvider) -> impl Iterator<Item = &'static str> {
    let all = CITIZENS.iter().map(|citizen| citizen.login);
    let held = all.filter(move |login| held(provider, login).is_some());
    held.chain((provider == DataProvider::Impots).then_some("moussa"))
}

type Table<T> = &'static [(&'static str, T)];

/// Quotient and children.
const FAMILIES: Table<(i64, i64)> = &[
    ("camille", (620, 2)),
    ("linh", (1240, 1)),
    ("moussa", (410, 3)),
    ("awa", (860, 0)),
    ("anne-sophie", (1580, 2)),
];

/// Reference tax income, in euros, and shares.
const INCOMES: Table<(i64, &str)> = &[
    ("camille", (18_450, "2,5")),
    ("ange", (23_900, "1")),
    ("linh", (41_200, "2,5")),
    ("moussa", (15_300, "3,5")),
    ("awa", (12_750, "1")),
    ("anne-sophie", (64_800, "3")),
];

/// Plate, model, first registration.
const VEHICLES: Table<(&str, &str, &str)> = &[
    ("camille", ("GH-123-JK", "Peugeot 208", "2021-05-17")),
    ("ange", ("CX-456-LM", "Renault Clio", "2013-09-02")),
    ("moussa", ("EZ-789-NP", "Dacia Duster", "2018-11-30")),
];

fn of<T: Copy>(table: Table<T>, login: &str) -> Option<T> {
    let row = table.iter().find(|(owner, _)| *owner == login)?;
    Some(row.1)
}

fn fields<const N: usize>(values: [(&str, FieldValue); N]) -> Fields {
    let named = values.map(|(name, value)| (name.to_owned(), value));
    Fields::from(named)
}

/// What suffices where the exact quotient is not needed.
const fn bracket(quotient: i64) -> &'static str {
    match quotient {
        ..500 => "A",
        500..800 => "B",
        800..1100 => "C",
        1100..1500 => "D",
        _ => "E",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_citizens_of_the_demo_have_files_and_no_one_has_two_of_a_kind() {
        for provider in DataProvider::ALL {
            let with_a_file = CITIZENS
                .iter()
                .filter(|citizen| held(provider, citizen.login).is_some());
            let rows = match provider {
                DataProvider::Famille => FAMILIES.len(),
                DataProvider::Impots => INCOMES.len(),
                DataProvider::Vehicules => VEHICLES.len(),
            };
            assert_eq!(with_a_file.count(), rows, "{provider:?}");
        }
    }

    #[test]
    fn somebody_has_no_file_so_that_this_can_be_seen_too() {
        assert_eq!(held(DataProvider::Famille, "ange"), None);
        assert_eq!(held(DataProvider::Vehicules, "linh"), None);
    }
}
