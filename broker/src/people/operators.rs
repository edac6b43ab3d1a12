//! Operators by name and credential: two of them are two, because each proves who they are.

use guichet_domain::SecretHash;

/// Those who may correct who is who.
#[derive(Default)]
pub struct Operators(Vec<(String, SecretHash)>);

/// An operator who proved who they are. Made by [`Operators::prove`] alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator(String);

impl Operators {
    /// These, by name and hash of their credential; names and credentials are all different.
    pub const fn new(operators: Vec<(String, SecretHash)>) -> Self {
        Self(operators)
    }

    /// Whether `credential` is the one of the operator `name`.
    pub fn prove(&self, name: &str, credential: &str) -> Option<Operator> {
        let presented = guichet_keys::client_secret_hash(credential);
        let (name, _) = self.0.iter().find(|(known, hash)| {
            known == name && guichet_keys::same(hash.as_bytes(), presented.as_bytes())
        })?;
        Some(Operator(name.clone()))
    }
}

impl Operator {
    /// A member of the staff, by the name that the audit log has for them (`staff:` and their identifier): the
    /// console knows who they are, and what they may. No operator of the settings has such a name.
    pub fn of_staff(name: String) -> Self {
        Self(name)
    }

    /// Their name.
    pub fn name(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_needs_its_own_credential() {
        let operators = Operators::new(vec![
            ("alice".to_owned(), guichet_keys::client_secret_hash("a")),
            ("bob".to_owned(), guichet_keys::client_secret_hash("b")),
        ]);
        let name = |name, credential| operators.prove(name, credential).map(|it| it.0);
        assert_eq!(name("alice", "a").as_deref(), Some("alice"));
        assert_eq!(name("alice", "b"), None);
        assert_eq!(name("carol", "a"), None);
        assert_eq!(name("alice", ""), None);
    }
}
