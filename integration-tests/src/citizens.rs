//! The fictional citizens of the demo, as its start page introduces them.

/// A citizen and what the demo's register holds about them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Citizen {
    /// The account name, the same at every identity provider of the demo.
    pub login: &'static str,
    /// All given names, in order.
    pub given_names: &'static str,
    /// The name at birth.
    pub family_name: &'static str,
}

/// The password of every account of the demo.
pub const PASSWORD: &str = "guichet-demo-2026";

/// Two given names, born in Lyon 3e; accounts at both providers, TOTP enrolled at "Compte Citoyen".
pub const CAMILLE: Citizen = citizen("camille", "Camille Aimée", "MARTIN");
/// Born in Ajaccio: a COG code with a letter.
pub const ANGE: Citizen = citizen("ange", "Ange", "CASANOVA");
/// Born abroad: a country, no commune.
pub const LINH: Citizen = citizen("linh", "Linh", "NGUYEN");
/// The day of birth is presumed.
pub const MOUSSA: Citizen = citizen("moussa", "Moussa", "DIALLO");
/// The day and month of birth are presumed.
pub const AWA: Citizen = citizen("awa", "Awa", "DIOP");
/// A given name with a space, a ligature and diacritics.
pub const ANNE_SOPHIE: Citizen = citizen("anne-sophie", "Anne Sophie Zoé", "LEBŒUF");
/// Deceased, says the register.
pub const VICTOR: Citizen = citizen("victor", "Victor", "LEFÈVRE");
/// Unknown to the register.
pub const PAUL: Citizen = citizen("paul", "Paul", "LAMBERT");
/// Several near matches in the register.
pub const JEAN: Citizen = citizen("jean", "Jean", "DUPONT");

const fn citizen(
    login: &'static str,
    given_names: &'static str,
    family_name: &'static str,
) -> Citizen {
    Citizen {
        login,
        given_names,
        family_name,
    }
}
