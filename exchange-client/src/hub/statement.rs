//! What a party states to the hub about one exchange: signed by it, and beside its signature in the clear.

use guichet_keys::Typ;
use serde_json::{Map, Value};

use super::{Hub, HubError, Proof};
use crate::ExchangeName;

/// A statement.
pub(crate) struct Statement<'a> {
    /// Of which kind.
    pub(crate) typ: Typ,
    /// Where it is taken, after the issuer.
    pub(crate) path: &'static str,
    /// About which exchange, by the name the party knows it by.
    pub(crate) exchange: &'a ExchangeName,
    /// What it says, by the names of claims and fields alike.
    pub(crate) says: Vec<(&'static str, &'a str)>,
    /// The field in which it stands signed.
    pub(crate) signed_as: &'static str,
}

impl Hub {
    /// Signs a statement and hands it over. The hub takes it once however often it comes: worth trying again
    /// when it fails.
    pub(crate) async fn state(&self, statement: Statement<'_>) -> Result<(), HubError> {
        let mut form = vec![statement.exchange.member()];
        form.extend(statement.says);
        let said = form.iter().map(|(name, text)| (*name, Value::from(*text)));
        let mut claims: Map<String, Value> = said.map(|(name, it)| (name.to_owned(), it)).collect();
        claims.insert("iss".to_owned(), self.client_id().into());
        claims.insert("aud".to_owned(), self.issuer().into());
        claims.insert("iat".to_owned(), self.now().seconds().into());
        claims.insert("jti".to_owned(), self.fresh().into());
        let signed = self.means().keys.sign(statement.typ, &claims)?;
        form.push((statement.signed_as, &signed));
        let url = format!("{}{}", self.issuer(), statement.path);
        self.post(&url, &form, Proof::None).await.map(drop)
    }
}
