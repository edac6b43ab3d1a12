//! The fictional citizens: what their identity provider says of them, and what becomes of it at
//! the civil register. Any likeness to living persons is accidental.

use guichet_domain::IdentityClaims;

use super::IdentityProvider;

/// The password of every account of the demo.
pub const PASSWORD: &str = "guichet-demo-2026";

/// The TOTP secret of Camille, and of the staff, at "Compte Citoyen": base32, 20 bytes (RFC 6238: SHA-1, six digits,
/// thirty seconds).
pub const CAMILLE_TOTP_SECRET: &str = "GUICHETDEMOCAMILLETOTPSECRET2345";

/// A citizen of the demo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Citizen {
    /// The account name, the same at every identity provider.
    pub login: &'static str,
    /// All given names, in order, separated by spaces.
    pub given_names: &'static str,
    /// The name at birth.
    pub family_name: &'static str,
    /// The name in use, where it is another one.
    pub preferred_username: Option<&'static str>,
    /// `YYYY-MM-DD`; `00` for a presumed day or month.
    pub birthdate: &'static str,
    /// `female` or `male`.
    pub gender: &'static str,
    /// COG code of the place of birth; empty for a person born abroad.
    pub birthplace: &'static str,
    /// COG code of the country of birth.
    pub birthcountry: &'static str,
    /// Where they have an account.
    pub accounts: &'static [IdentityProvider],
    /// The secret of their authenticator application at "Compte Citoyen", if they have one.
    pub totp_secret: Option<&'static str>,
    /// What the civil register answers about them.
    pub register: InTheRegister,
}

/// What the civil register answers about a citizen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InTheRegister {
    /// Found, as stated.
    Found,
    /// Found, and deceased.
    Deceased,
    /// Not found.
    NotFound,
    /// Several people nearly match, none exactly.
    SeveralNearMatches,
}

impl Citizen {
    /// The claims their identity provider asserts.
    pub fn claims(&self) -> IdentityClaims {
        let text = |value: &str| Some(value.to_owned());
        IdentityClaims {
            given_name: text(self.given_names),
            given_name_array: None,
            family_name: text(self.family_name),
            preferred_username: self.preferred_username.map(str::to_owned),
            gender: text(self.gender),
            birthdate: text(self.birthdate),
            idp_birthdate: None,
            idp_id: None,
            birthplace: text(self.birthplace),
            birthcountry: text(self.birthcountry),
            email: Some(self.email()),
            email_verified: Some(true),
            phone_number: None,
        }
    }

    /// Where mails reach them: the mailbox of the demo takes whatever is sent.
    pub fn email(&self) -> String {
        format!("{}@citoyens.example", self.login)
    }

    /// Whether they have an account at `provider`.
    pub fn has_account_at(&self, provider: IdentityProvider) -> bool {
        self.accounts.contains(&provider)
    }
}

/// Everybody. Each has an account at "Compte Citoyen".
pub const CITIZENS: [Citizen; 9] = [
    Citizen {
        accounts: BOTH,
        totp_secret: Some(CAMILLE_TOTP_SECRET),
        ..citizen(
            "camille",
            "Camille Aimée",
            "MARTIN",
            "female",
            "1990-04-12",
            "69383",
        )
    },
    citizen("ange", "Ange", "CASANOVA", "male", "1985-08-15", "2A004"),
    Citizen {
        accounts: BOTH,
        birthcountry: "99243",
        ..citizen("linh", "Linh", "NGUYEN", "female", "1994-02-03", ABROAD)
    },
    Citizen {
        accounts: BOTH,
        birthcountry: "99335",
        ..citizen("moussa", "Moussa", "DIALLO", "male", "1978-03-00", ABROAD)
    },
    Citizen {
        birthcountry: "99341",
        preferred_username: Some("NDIAYE"),
        ..citizen("awa", "Awa", "DIOP", "female", "1969-00-00", ABROAD)
    },
    citizen(
        "anne-sophie",
        "Anne Sophie Zoé",
        "LEBŒUF",
        "female",
        "1988-12-24",
        "29019",
    ),
    Citizen {
        register: InTheRegister::Deceased,
        ..citizen("victor", "Victor", "LEFÈVRE", "male", "1931-02-26", "59350")
    },
    Citizen {
        register: InTheRegister::NotFound,
        ..citizen("paul", "Paul", "LAMBERT", "male", "1992-07-07", "35238")
    },
    Citizen {
        register: InTheRegister::SeveralNearMatches,
        ..citizen("jean", "Jean", "DUPONT", "male", "1975-06-01", "75114")
    },
];

/// Those who have a part in operating the hub: whoever operates it, whoever looks after a service, and two who
/// review what services ask for. They
/// are known at "Compte Citoyen" like anybody, with the second factor that the console asks for.
pub const STAFF: [Citizen; 4] = [
    Citizen {
        totp_secret: Some(CAMILLE_TOTP_SECRET),
        ..citizen(
            "admin",
            "Dominique",
            "ROUSSEL",
            "female",
            "1979-11-03",
            "44109",
        )
    },
    Citizen {
        totp_secret: Some(CAMILLE_TOTP_SECRET),
        ..citizen(
            "partenaire",
            "Yann",
            "BERNARD",
            "male",
            "1983-05-21",
            "67482",
        )
    },
    Citizen {
        totp_secret: Some(CAMILLE_TOTP_SECRET),
        ..citizen(
            "instruction",
            "Inès",
            "GARNIER",
            "female",
            "1981-02-17",
            "35238",
        )
    },
    Citizen {
        totp_secret: Some(CAMILLE_TOTP_SECRET),
        ..citizen("controle", "Karim", "HADDAD", "male", "1976-09-09", "13055")
    },
];

const BOTH: &[IdentityProvider] = &[
    IdentityProvider::CompteCitoyen,
    IdentityProvider::IdentitePostale,
];
const ABROAD: &str = "";

/// A citizen like most: born in France, one account, found in the register.
const fn citizen(
    login: &'static str,
    given_names: &'static str,
    family_name: &'static str,
    gender: &'static str,
    birthdate: &'static str,
    birthplace: &'static str,
) -> Citizen {
    Citizen {
        login,
        given_names,
        family_name,
        preferred_username: None,
        birthdate,
        gender,
        birthplace,
        birthcountry: "99100",
        accounts: &[IdentityProvider::CompteCitoyen],
        totp_secret: None,
        register: InTheRegister::Found,
    }
}

#[cfg(test)]
mod tests {
    use guichet_domain::PivotIdentity;

    use super::*;

    #[test]
    fn every_citizen_is_somebody_the_hub_can_recognize() {
        for citizen in CITIZENS.into_iter().chain(STAFF) {
            let identity = PivotIdentity::from_claims(&citizen.claims()).map(|_| ());
            assert_eq!(identity, Ok(()), "{}", citizen.login);
        }
    }

    #[test]
    fn everybody_can_sign_in_somewhere() {
        for citizen in CITIZENS {
            assert!(
                citizen.has_account_at(IdentityProvider::CompteCitoyen),
                "{}",
                citizen.login
            );
        }
    }

    #[test]
    fn the_secret_of_camille_is_long_enough_for_rfc_4226() {
        let is_base32 = |byte: u8| byte.is_ascii_uppercase() || (b'2'..=b'7').contains(&byte);
        assert!(CAMILLE_TOTP_SECRET.bytes().all(is_base32));
        assert_eq!(CAMILLE_TOTP_SECRET.len() * 5 / 8, 20);
    }
}
