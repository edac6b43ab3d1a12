//! The members of the cast and where each is found.

/// A member of the cast that has an address of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Member {
    /// The hub, with the citizen's account and the start page.
    Hub,
    /// The admin console and API.
    Admin,
    /// The mailbox.
    Mailbox,
    /// The identity provider "Compte Citoyen".
    CompteCitoyen,
    /// The identity provider "Identité Postale".
    IdentitePostale,
    /// The service "Carte grise".
    CarteGrise,
    /// The service "Plainte en ligne".
    Plainte,
    /// The service "Cantine".
    Cantine,
    /// The service "Banque".
    Banque,
    /// The data provider "Famille".
    Famille,
    /// The data provider "Impôts".
    Impots,
    /// The data provider "Véhicules".
    Vehicules,
    /// The civil register.
    Register,
}

impl Member {
    /// Everybody, by port.
    pub const ALL: [Self; 13] = [
        Self::Hub,
        Self::Admin,
        Self::Mailbox,
        Self::CompteCitoyen,
        Self::IdentitePostale,
        Self::CarteGrise,
        Self::Plainte,
        Self::Cantine,
        Self::Banque,
        Self::Famille,
        Self::Impots,
        Self::Vehicules,
        Self::Register,
    ];

    /// The name citizens see.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hub => "Guichet",
            Self::Admin => "Guichet Admin",
            Self::Mailbox => "Boîte aux lettres",
            Self::CompteCitoyen => "Compte Citoyen",
            Self::IdentitePostale => "Identité Postale",
            Self::CarteGrise => "Carte grise",
            Self::Plainte => "Plainte en ligne",
            Self::Cantine => "Cantine",
            Self::Banque => "Banque",
            Self::Famille => "Famille",
            Self::Impots => "Impôts",
            Self::Vehicules => "Véhicules",
            Self::Register => "Registre d’état civil",
        }
    }

    /// A short name in plain ASCII, for cookies, identifiers and logs.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Hub => "hub",
            Self::Admin => "admin",
            Self::Mailbox => "mailbox",
            Self::CompteCitoyen => "compte-citoyen",
            Self::IdentitePostale => "identite-postale",
            Self::CarteGrise => "carte-grise",
            Self::Plainte => "plainte",
            Self::Cantine => "cantine",
            Self::Banque => "banque",
            Self::Famille => "famille",
            Self::Impots => "impots",
            Self::Vehicules => "vehicules",
            Self::Register => "register",
        }
    }

    /// The port it has unless told otherwise.
    pub const fn default_port(self) -> u16 {
        match self {
            Self::Hub => 8000,
            Self::Admin => 8001,
            Self::Mailbox => 8002,
            Self::CompteCitoyen => 8010,
            Self::IdentitePostale => 8011,
            Self::CarteGrise => 8020,
            Self::Plainte => 8021,
            Self::Cantine => 8022,
            Self::Banque => 8023,
            Self::Famille => 8030,
            Self::Impots => 8031,
            Self::Vehicules => 8032,
            Self::Register => 8040,
        }
    }
}

/// The base URL of every member: scheme, host and port, without a trailing slash, as issuers are
/// written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses([String; Member::ALL.len()]);

impl Addresses {
    /// Everybody on `localhost`, each at the port `port` says.
    pub fn on_localhost(port: impl Fn(Member) -> u16) -> Self {
        Self(Member::ALL.map(|member| format!("http://localhost:{}", port(member))))
    }

    /// The base URL of `member`.
    pub fn of(&self, member: Member) -> &str {
        &self.0[member as usize]
    }

    /// A page of `member`; `path` begins with a slash.
    pub fn at(&self, member: Member, path: &str) -> String {
        format!("{}{path}", self.of(member))
    }

    /// With `member` at another base URL, such as a hub whose issuer has a path.
    #[must_use]
    pub fn with(mut self, member: Member, base_url: &str) -> Self {
        base_url
            .trim_end_matches('/')
            .clone_into(&mut self.0[member as usize]);
        self
    }
}

impl Default for Addresses {
    fn default() -> Self {
        Self::on_localhost(Member::default_port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_is_where_the_contract_says() {
        let addresses = Addresses::default();
        assert_eq!(addresses.of(Member::Hub), "http://localhost:8000");
        assert_eq!(addresses.of(Member::Register), "http://localhost:8040");
        assert_eq!(
            addresses.at(Member::Banque, "/callback"),
            "http://localhost:8023/callback"
        );
    }

    #[test]
    fn no_two_members_share_a_port_or_a_short_name() {
        let mut ports: Vec<_> = Member::ALL.map(Member::default_port).to_vec();
        ports.dedup();
        assert_eq!(ports.len(), Member::ALL.len());
        let mut slugs: Vec<_> = Member::ALL.map(Member::slug).to_vec();
        slugs.sort_unstable();
        slugs.dedup();
        assert_eq!(slugs.len(), Member::ALL.len());
    }

    #[test]
    fn a_member_can_be_elsewhere() {
        let addresses = Addresses::default().with(Member::Hub, "https://hub.example/api/v2/");
        assert_eq!(addresses.of(Member::Hub), "https://hub.example/api/v2");
    }
}
