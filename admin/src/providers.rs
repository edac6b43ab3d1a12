//! Providers added, changed and disabled by an operator. Running nodes follow within seconds.

use std::sync::Arc;

use guichet_domain::{
    AuditEvent, CivilRegisterPolicy, Clock, EventKind, InvalidMember, Provider, ProviderMetadata,
    Sealed,
};
use guichet_keys::{KeysError, Sealer};
use guichet_ledger::Ledger;
use guichet_store::Fault;
use guichet_store::durable::Registry;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// What a change of a provider is made with.
pub struct ProviderDesk {
    /// Where providers are registered.
    pub registry: Arc<dyn Registry>,
    /// Each change is an entry before it is a change.
    pub ledger: Ledger,
    /// Seals the hub's secrets at providers; the context is the provider's identifier.
    pub secrets: Sealer,
    /// For those that say nothing of the civil register.
    pub register: CivilRegisterPolicy,
    /// What only the hub can judge of a record: whether its rules compile.
    pub usable: fn(&Provider) -> Result<(), InvalidMember>,
    /// Those that the settings declare: each start writes them again.
    pub declared: Vec<String>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// Why a provider was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ProviderChangeError {
    /// There is none of this name.
    #[error("there is no provider {0}")]
    Unknown(String),
    /// There is one of this name already.
    #[error("there is a provider {0} already; `set` changes it")]
    Exists(String),
    /// Somebody else changed it meanwhile.
    #[error("the provider {0} was changed meanwhile: look at it again")]
    Overtaken(String),
    /// It is declared in the settings, and would be active again at the next start.
    #[error("the provider {0} is declared in the settings: set `active = false` there")]
    Declared(String),
    /// A member that does not exist, or of another type.
    #[error("{0}")]
    Malformed(String),
    /// A member that may not be what it is.
    #[error(transparent)]
    Invalid(#[from] InvalidMember),
    /// A secret cannot be sealed.
    #[error("the secret cannot be sealed")]
    Keys(#[from] KeysError),
    /// The store or the audit log.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl ProviderDesk {
    /// The record of a provider, as it would be declared; its secret stays where it is.
    pub async fn show(&self, id: &str) -> Result<ProviderMetadata, ProviderChangeError> {
        Ok(ProviderMetadata::from(&*self.known(id).await?))
    }

    /// Adds a provider.
    pub async fn add(&self, metadata: &ProviderMetadata) -> Result<(), ProviderChangeError> {
        match self.known(&metadata.id).await {
            Ok(known) => Err(ProviderChangeError::Exists(known.id.to_string())),
            Err(ProviderChangeError::Unknown(_)) => self.put(None, metadata, "added").await,
            Err(error) => Err(error),
        }
    }

    /// Changes members of a provider; `null` puts a member back to its default. A changed issuer,
    /// endpoint or `client_id` takes the secret away, which must then be given again (threat N-15).
    pub async fn set(
        &self,
        id: &str,
        changes: Map<String, Value>,
    ) -> Result<(), ProviderChangeError> {
        let known = self.known(id).await?;
        let metadata = changed(&ProviderMetadata::from(&*known), changes)?;
        self.put(Some(&known), &metadata, "changed").await
    }

    /// Makes a provider unusable, for logins under way as well (threat N-05), and for good.
    pub async fn disable(&self, id: &str) -> Result<(), ProviderChangeError> {
        if self.declared.iter().any(|declared| declared == id) {
            return Err(ProviderChangeError::Declared(id.to_owned()));
        }
        let inactive = Map::from_iter([("active".to_owned(), Value::Bool(false))]);
        self.set(id, inactive).await
    }

    /// The record of a provider.
    pub async fn known(&self, id: &str) -> Result<Arc<Provider>, ProviderChangeError> {
        let mut providers = self.registry.providers().await?.into_iter();
        let known = providers.find(|provider| provider.id.as_str() == id);
        known.ok_or_else(|| ProviderChangeError::Unknown(id.to_owned()))
    }

    async fn put(
        &self,
        known: Option<&Provider>,
        metadata: &ProviderMetadata,
        what: &'static str,
    ) -> Result<(), ProviderChangeError> {
        let mut failed = None;
        let seal = |secret: &str| {
            let sealed = self.secrets.seal(metadata.id.as_bytes(), secret.as_bytes());
            sealed.unwrap_or_else(|error| {
                failed = Some(error);
                Sealed::from_bytes(Vec::new())
            })
        };
        let provider = metadata.check_over(known, seal, self.register)?;
        if let Some(error) = failed {
            return Err(error.into());
        }
        (self.usable)(&provider)?;
        let now = self.clock.now();
        let event = AuditEvent::new(EventKind::ProviderChanged, now).provider(&provider.id);
        let event = event
            .detail("change", what)
            .detail("active", provider.active);
        self.ledger.append(event).await?;
        match known {
            None => self.registry.put_provider(&provider, now).await?,
            Some(known)
                if !self
                    .registry
                    .replace_provider(known, &provider, now)
                    .await? =>
            {
                return Err(ProviderChangeError::Overtaken(metadata.id.clone()));
            }
            Some(_) => (),
        }
        Ok(())
    }
}

/// The metadata `known` with `changes` over it.
pub(crate) fn changed<T: Serialize + DeserializeOwned>(
    known: &T,
    changes: Map<String, Value>,
) -> Result<T, ProviderChangeError> {
    let malformed = |error: serde_json::Error| ProviderChangeError::Malformed(told(&error));
    let mut members = match serde_json::to_value(known).map_err(malformed)? {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    for (member, value) in changes {
        if member == "id" {
            return Err(InvalidMember::new("id", "a name is for good: add another").into());
        }
        if value.is_null() {
            members.remove(&member);
        } else {
            members.insert(member, value);
        }
    }
    serde_json::from_value(Value::Object(members)).map_err(malformed)
}

/// What is wrong with a record, and never what stands there: it may be a secret.
pub fn told(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rsplit_once(", expected") {
        Some((what, expected)) if what.starts_with("invalid") => {
            let kind = what.split(':').next().unwrap_or_default();
            format!("{kind}, expected{expected}")
        }
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn known() -> Provider {
        let metadata: ProviderMetadata = serde_json::from_value(json!({
            "id": "postale", "issuer": "https://idp.example", "client_id": "hub",
            "client_secret": "s", "beta": true,
        }))
        .unwrap();
        let seal = |secret: &str| Sealed::from_bytes(secret.as_bytes().to_vec());
        metadata.check(seal, CivilRegisterPolicy::Skip).unwrap()
    }

    fn after(changes: &Value) -> Result<ProviderMetadata, ProviderChangeError> {
        changed(
            &ProviderMetadata::from(&known()),
            changes.as_object().unwrap().clone(),
        )
    }

    #[test]
    fn a_change_touches_what_it_names_and_null_is_the_default_again() {
        let metadata = after(&json!({"name": "Postale", "beta": null})).unwrap();
        assert_eq!(metadata.name.as_deref(), Some("Postale"));
        assert_eq!(metadata.beta, None);
        assert_eq!(metadata.issuer, "https://idp.example");
    }

    #[test]
    fn a_member_that_does_not_exist_and_another_name_are_refused() {
        assert!(matches!(
            after(&json!({"colour": "blue"})),
            Err(ProviderChangeError::Malformed(_))
        ));
        assert!(matches!(
            after(&json!({"id": "other"})),
            Err(ProviderChangeError::Invalid(_))
        ));
        for change in [
            json!({"client_secret": 8_675_309}),
            json!({"name": 8_675_309}),
        ] {
            let told = after(&change).err().unwrap().to_string();
            assert!(!told.contains("8675309"), "{told}");
        }
    }
}
