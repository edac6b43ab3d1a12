//! Addresses that stand for a citizen's own, one for each service that they do not want to tell theirs.
//!
//! The service writes to the alias; the operator's mail server asks here where that leads, each time, and
//! hears nothing of one that is unknown or cut. An alias is drawn at random: no two of them say that they
//! are one person's.

use guichet_domain::{AuditEvent, ClientId, Entropy, EventKind, PersonId, Timestamp};
use guichet_store::Fault;
use guichet_store::durable::MailAlias;
use guichet_web::PageError;
use http::HeaderMap;
use serde::{Deserialize, Serialize};

use crate::hub::Hub;

/// Where an alias leads, sealed beside its digest.
#[derive(Serialize, Deserialize)]
struct Leads {
    /// The alias.
    alias: String,
    /// The citizen's own address.
    to: String,
    /// Whether the service is told the alias; otherwise it was told their own since.
    given: bool,
}

/// An alias, as the account shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AliasShown {
    /// At which service.
    pub client: ClientId,
    /// The name of the service.
    pub service: String,
    /// The address it has.
    pub address: String,
    /// Since when.
    pub made: Timestamp,
    /// When the citizen cut it.
    pub cut: Option<Timestamp>,
}

impl Hub {
    /// Whether citizens may have aliases here.
    pub(crate) fn lends_aliases(&self) -> bool {
        self.parts().settings.alias_domain.is_some()
    }

    /// Whether an address is an alias of ours.
    pub(crate) fn is_alias(&self, address: &str) -> bool {
        let domain = self.parts().settings.alias_domain.as_deref();
        let host = address.rsplit_once('@').map(|(_, host)| host);
        domain.is_some() && host.is_some_and(|host| Some(host) == domain)
    }

    /// The alias that a service is told instead of `own`, where its person wanted that; from now on it leads
    /// there.
    pub(crate) async fn alias_in_place_of(
        &self,
        own: &str,
        person: PersonId,
        client: &ClientId,
    ) -> Result<Option<String>, Fault> {
        if !self.lends_aliases() {
            return Ok(None);
        }
        let Some(kept) = self.parts().mail_aliases.alias_at(person, client).await? else {
            return Ok(None);
        };
        let mut leads = self.open_alias(&kept)?;
        if !leads.given {
            return Ok(None);
        }
        if leads.to != own && !self.is_alias(own) {
            own.clone_into(&mut leads.to);
            self.lead_alias(&kept, &leads).await?;
        }
        Ok(Some(leads.alias))
    }

    /// The alias at a service, made where there is none, which is told it from now on.
    pub(crate) async fn alias_for(
        &self,
        own: &str,
        person: PersonId,
        client: &ClientId,
    ) -> Result<Option<String>, Fault> {
        let Some(domain) = &self.parts().settings.alias_domain else {
            return Ok(None);
        };
        let alias = format!("{}@{domain}", sixteen_letters(&*self.parts().entropy));
        let leads = Leads {
            alias,
            to: own.to_owned(),
            given: true,
        };
        let digest = self.digest_of(&leads.alias);
        let event = AuditEvent::new(EventKind::AliasMade, self.now());
        let event = event.person(person).client(client);
        self.parts().ledger.append(event).await?;
        let fresh = MailAlias {
            digest,
            person,
            client: client.clone(),
            sealed: self.seal_alias(&digest, &leads)?,
            made: self.now(),
            cut: None,
        };
        let kept = self.parts().mail_aliases.keep(&fresh).await?;
        let leads = Leads {
            alias: self.open_alias(&kept)?.alias,
            ..leads
        };
        self.lead_alias(&kept, &leads).await?;
        Ok(Some(leads.alias))
    }

    /// The service is told the person's own address again; mail to the alias goes on arriving until it is
    /// cut.
    pub(crate) async fn give_own_address(
        &self,
        person: PersonId,
        client: &ClientId,
    ) -> Result<(), Fault> {
        let Some(kept) = self.parts().mail_aliases.alias_at(person, client).await? else {
            return Ok(());
        };
        let mut leads = self.open_alias(&kept)?;
        leads.given = false;
        self.lead_alias(&kept, &leads).await
    }

    /// Where mail to an address goes: for the operator's mail server. `None` where there is no such alias,
    /// or it is cut.
    pub async fn mail_leads(&self, address: &str) -> Result<Option<String>, Fault> {
        let address = address.to_ascii_lowercase();
        if !self.is_alias(&address) {
            return Ok(None);
        }
        let digest = self.digest_of(&address);
        let kept = self.parts().mail_aliases.alias(&digest).await?;
        match kept.filter(|kept| kept.cut.is_none()) {
            Some(kept) => Ok(Some(self.open_alias(&kept)?.to)),
            None => Ok(None),
        }
    }

    /// The aliases of a person, the newest first.
    pub(super) async fn aliases_of(&self, person: PersonId) -> Result<Vec<AliasShown>, Fault> {
        let kept = self.parts().mail_aliases.aliases_of(person).await?;
        let shown = kept.iter().map(|kept| {
            let client = self.parts().clients.client(kept.client.as_str());
            Ok(AliasShown {
                client: kept.client.clone(),
                service: client.map_or_else(|| kept.client.to_string(), |it| it.name.clone()),
                address: self.open_alias(kept)?.alias,
                made: kept.made,
                cut: kept.cut,
            })
        });
        shown.collect()
    }

    /// Cuts the alias at a service of whoever is signed in, or joins it again; whether it changed. `None`
    /// where nobody is signed in.
    pub async fn cut_alias(
        &self,
        headers: &HeaderMap,
        client: &ClientId,
        cut: bool,
    ) -> Result<Option<bool>, PageError> {
        let Some(here) = self.account_session(headers).await? else {
            return Ok(None);
        };
        let person = self.standing(here.session.person).await?;
        let done = async {
            let Some(kept) = self.parts().mail_aliases.alias_at(person, client).await? else {
                return Ok(false);
            };
            let kind = if cut {
                EventKind::AliasCut
            } else {
                EventKind::AliasJoined
            };
            let event = AuditEvent::new(kind, self.now())
                .person(person)
                .client(client);
            self.parts().ledger.append(event).await?;
            let at = cut.then(|| self.now());
            self.parts().mail_aliases.cut(&kept.digest, at).await
        };
        let done: Result<bool, Fault> = done.await;
        done.map(Some)
            .map_err(|fault| self.fault("cut a mail alias", &fault))
    }

    async fn lead_alias(&self, kept: &MailAlias, leads: &Leads) -> Result<(), Fault> {
        let sealed = self.seal_alias(&kept.digest, leads)?;
        self.parts().mail_aliases.lead(&kept.digest, &sealed).await
    }

    fn seal_alias(
        &self,
        digest: &[u8; 32],
        leads: &Leads,
    ) -> Result<guichet_domain::Sealed, Fault> {
        let sealed = self.sealers().ways.seal_json(&context(digest), leads);
        sealed.map_err(|error| Fault::new("seal a mail alias", error))
    }

    fn open_alias(&self, kept: &MailAlias) -> Result<Leads, Fault> {
        let opened = self
            .sealers()
            .ways
            .open_json(&context(&kept.digest), &kept.sealed);
        opened.map_err(|error| Fault::new("open a mail alias", error))
    }

    fn digest_of(&self, alias: &str) -> [u8; 32] {
        self.sealers().used.tag(&[b"alias", alias.as_bytes()])
    }
}

fn context(digest: &[u8; 32]) -> Vec<u8> {
    [b"alias ".as_slice(), digest].concat()
}

/// Eighty bits that no mail server spells otherwise: local parts may come back in other cases.
fn sixteen_letters(entropy: &dyn Entropy) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let mut bytes = [0; 16];
    entropy.fill(&mut bytes);
    let letters = bytes
        .iter()
        .map(|byte| char::from(LETTERS[usize::from(byte % 32)]));
    letters.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::login::tests::Counting;

    #[test]
    fn an_alias_is_spelt_in_one_case_and_no_two_are_alike() {
        let entropy = Counting::default();
        let (one, other) = (sixteen_letters(&entropy), sixteen_letters(&entropy));
        assert_eq!(one.len(), 16);
        assert_eq!(one, one.to_ascii_lowercase());
        assert_ne!(one, other);
    }
}
