//! Addresses that stand for a citizen's own, one for each service that they do not want to tell theirs.
//!
//! The service writes to the alias; the operator's mail server asks here where that leads, each time, and
//! hears nothing of one that is unknown or cut. An alias is drawn at random: no two of them say that they
//! are one person's. Where it leads changes by its person's word alone, to an address that a provider
//! verified (threat N-300).

use std::collections::BTreeSet;

use guichet_domain::{
    AuditEvent, ClientId, Entropy, EventKind, IdentityClaims, PersonId, Timestamp,
};
use guichet_store::Fault;
use guichet_store::durable::MailAlias;
use serde::{Deserialize, Serialize};

use super::change::Chosen;
use super::notice::{Notice, What};
use super::seen::handle;
use crate::hub::Hub;
use crate::login::AwaitingConsent;

/// An address that a provider says it verified. No other one is ever led to in the place of another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct VerifiedAddress(String);

impl VerifiedAddress {
    /// The one that a provider states, where it says that it verified it.
    pub(crate) fn stated(claims: &IdentityClaims) -> Option<Self> {
        let address = claims.email.clone()?;
        (claims.email_verified == Some(true)).then_some(Self(address))
    }

    /// In words.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Where mail to an alias goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Target {
    /// The citizen's own address.
    to: String,
    /// Whether a provider verified it.
    #[serde(default)]
    verified: bool,
}

/// What rests sealed beside the digest of an alias.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Leads {
    /// The alias.
    alias: String,
    #[serde(flatten)]
    alone: Target,
    /// Where it was led while its person and others were one; that counts for as long as they are.
    #[serde(default)]
    together: Option<Together>,
    /// Whether the service is told the alias; otherwise it was told their own since.
    given: bool,
}

/// Said as several who were merged.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Together {
    persons: BTreeSet<PersonId>,
    target: Target,
}

impl Leads {
    /// Where it leads, of whoever is one person now.
    fn target(&self, kin: &BTreeSet<PersonId>) -> &Target {
        let together = self.together.as_ref();
        let counts = together.filter(|it| it.persons.is_subset(kin));
        counts.map_or(&self.alone, |it| &it.target)
    }

    fn lead(&mut self, target: Target, kin: &BTreeSet<PersonId>) {
        if kin.len() > 1 {
            let persons = kin.clone();
            self.together = Some(Together { persons, target });
        } else {
            (self.alone, self.together) = (target, None);
        }
    }
}

/// An alias that a service is told.
pub(crate) struct Given {
    /// The alias.
    pub(crate) alias: String,
    /// Where it leads.
    pub(crate) to: String,
    /// Whether that is verified.
    pub(crate) verified: bool,
}

/// An alias, as the account shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AliasShown {
    /// What the account calls it by; says nothing.
    pub handle: String,
    /// At which service.
    pub client: ClientId,
    /// The name of the service.
    pub service: String,
    /// The address it has.
    pub address: String,
    /// The citizen's own that it leads to.
    pub leads_to: String,
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

    /// The alias that a service is told instead of their own, where its person wanted that. Asking changes
    /// nothing: whoever merely arrives has agreed to nothing.
    pub(crate) async fn given_alias(
        &self,
        person: PersonId,
        client: &ClientId,
    ) -> Result<Option<Given>, Fault> {
        if !self.lends_aliases() {
            return Ok(None);
        }
        let Some(kept) = self.parts().mail_aliases.alias_at(person, client).await? else {
            return Ok(None);
        };
        let leads = self.open_alias(&kept)?;
        if leads.given {
            self.given(leads, person).await.map(Some)
        } else {
            Ok(None)
        }
    }

    /// The alias at a service, which is told it from now on; made where there is none, and then it leads to
    /// `own`.
    pub(crate) async fn alias_for(
        &self,
        own: &str,
        verified: bool,
        person: PersonId,
        client: &ClientId,
    ) -> Result<Option<Given>, Fault> {
        let Some(domain) = &self.parts().settings.alias_domain else {
            return Ok(None);
        };
        let alias = format!("{}@{domain}", sixteen_letters(&*self.parts().entropy));
        let alone = Target {
            to: own.to_owned(),
            verified,
        };
        let leads = Leads {
            alias,
            alone,
            together: None,
            given: true,
        };
        if self
            .parts()
            .mail_aliases
            .alias_at(person, client)
            .await?
            .is_none()
        {
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
            self.parts().mail_aliases.keep(&fresh).await?;
        }
        let given = |leads: &mut Leads| leads.given = true;
        match self.change_leads(person, client, given).await? {
            Some(leads) => self.given(leads, person).await.map(Some),
            None => Ok(None),
        }
    }

    /// Changes what is kept of the alias at a service, with what anybody said of it meanwhile; what is kept
    /// then. `None` where there is no alias.
    async fn change_leads(
        &self,
        person: PersonId,
        client: &ClientId,
        change: impl Fn(&mut Leads),
    ) -> Result<Option<Leads>, Fault> {
        let aliases = &self.parts().mail_aliases;
        for _ in 0..TRIES {
            let Some(kept) = aliases.alias_at(person, client).await? else {
                return Ok(None);
            };
            let before = self.open_alias(&kept)?;
            let mut leads = before.clone();
            change(&mut leads);
            if leads == before {
                return Ok(Some(leads));
            }
            let sealed = self.seal_alias(&kept.digest, &leads)?;
            if aliases.lead(&kept.digest, &kept.sealed, &sealed).await? {
                return Ok(Some(leads));
            }
        }
        Err(Fault::bare("too many changes of one alias at once"))
    }

    /// The service is told the person's own address again; mail to the alias goes on arriving until it is
    /// cut.
    pub(crate) async fn give_own_address(
        &self,
        person: PersonId,
        client: &ClientId,
    ) -> Result<(), Fault> {
        let own = |leads: &mut Leads| leads.given = false;
        self.change_leads(person, client, own).await.map(drop)
    }

    /// Where an alias is to lead once its person has agreed to what they see: to the verified address that
    /// they come with, where that is another one and they come as they are known to. `own` is what was
    /// stated of it.
    pub(crate) async fn to_be_led(
        &self,
        awaited: &AwaitingConsent,
        own: Option<VerifiedAddress>,
        given: &Given,
    ) -> Result<Option<VerifiedAddress>, Fault> {
        let Some(own) = own.filter(|own| own.as_str() != given.to && !self.is_alias(own.as_str()))
        else {
            return Ok(None);
        };
        let accustomed = self.accustomed(awaited.person).await?;
        let level = awaited.reached.acr.level;
        let doubt = accustomed.doubts(&awaited.provider, level, self.now());
        Ok(doubt.is_none().then_some(own))
    }

    /// Leads the alias at a service to the address that its person agreed to: on record, and told.
    pub(crate) async fn lead_alias(&self, awaited: &AwaitingConsent) -> Result<(), Fault> {
        let (person, client) = (awaited.person, awaited.trip.request.client());
        let Some(own) = &awaited.leads_to else {
            return Ok(());
        };
        let Some(kept) = self.parts().mail_aliases.alias_at(person, client).await? else {
            return Ok(());
        };
        let kin = self.kin(person).await?;
        let leads = self.open_alias(&kept)?;
        let target = Target {
            to: own.as_str().to_owned(),
            verified: true,
        };
        if *leads.target(&kin) == target {
            return Ok(());
        }
        let event = awaited.trip.event(EventKind::AliasLed, self.now());
        let event = event.provider(&awaited.provider).person(person);
        self.parts().ledger.append(event).await?;
        let notice = Notice {
            what: What::AliasLed {
                service: self.service_name(client),
            },
            at: self.now(),
            visit: awaited.trip.browsing.to_string(),
        };
        // Told first: whoever is cut short does it again, and what leads there already is told no more.
        let choices = self.known_choices(person).await?.counting();
        self.tell(person, &[notice], &choices).await?;
        let lead = |leads: &mut Leads| leads.lead(target.clone(), &kin);
        self.change_leads(person, client, lead).await.map(drop)
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
            Some(kept) => {
                let leads = self.open_alias(&kept)?;
                self.given(leads, kept.person)
                    .await
                    .map(|given| Some(given.to))
            }
            None => Ok(None),
        }
    }

    /// The aliases of a person, the newest first.
    pub(super) async fn aliases_of(&self, person: PersonId) -> Result<Vec<AliasShown>, Fault> {
        let mut shown = Vec::new();
        for kept in self.parts().mail_aliases.aliases_of(person).await? {
            let given = self.given(self.open_alias(&kept)?, person).await?;
            shown.push(AliasShown {
                handle: handle(&kept.digest),
                service: self.service_name(&kept.client),
                client: kept.client,
                address: given.alias,
                leads_to: given.to,
                made: kept.made,
                cut: kept.cut,
            });
        }
        Ok(shown)
    }

    /// Cuts the alias that the account of a person calls `handle_of`, or joins it again; and what they are
    /// told of it.
    pub(super) async fn cut_alias(
        &self,
        person: PersonId,
        handle_of: &str,
        open: bool,
    ) -> Result<(Chosen, Option<What>), Fault> {
        let kept = self.parts().mail_aliases.aliases_of(person).await?;
        let is_meant = |it: &MailAlias| {
            guichet_keys::same(handle(&it.digest).as_bytes(), handle_of.as_bytes())
        };
        let Some(kept) = kept.into_iter().find(is_meant) else {
            return Ok((Chosen::Unknown, None));
        };
        if kept.cut.is_none() == open {
            return Ok((Chosen::Unchanged, None));
        }
        let kind = if open {
            EventKind::AliasJoined
        } else {
            EventKind::AliasCut
        };
        let event = AuditEvent::new(kind, self.now()).person(person);
        let event = event.client(&kept.client);
        self.parts().ledger.append(event).await?;
        let at = (!open).then(|| self.now());
        let is_changed = self.parts().mail_aliases.cut(&kept.digest, at).await?;
        let service = self.service_name(&kept.client);
        Ok(if is_changed {
            (Chosen::Changed, Some(What::Alias { service, open }))
        } else {
            (Chosen::Unchanged, None)
        })
    }

    async fn given(&self, leads: Leads, person: PersonId) -> Result<Given, Fault> {
        // Only what was said as several asks who is one person now.
        let kin = match &leads.together {
            Some(_) => self.kin(person).await?,
            None => BTreeSet::new(),
        };
        let Target { to, verified } = leads.target(&kin).clone();
        let alias = leads.alias;
        Ok(Given {
            alias,
            to,
            verified,
        })
    }

    fn service_name(&self, client: &ClientId) -> String {
        let known = self.parts().clients.client(client.as_str());
        known.map_or_else(|| client.to_string(), |known| known.name.clone())
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

/// How often a change is made anew that another one was quicker than.
const TRIES: usize = 8;

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

    fn persons(seeds: &[u8]) -> BTreeSet<PersonId> {
        let persons = seeds.iter().map(|seed| PersonId::from_bytes([*seed; 16]));
        persons.collect()
    }

    fn target(to: &str) -> Target {
        Target {
            to: to.to_owned(),
            verified: true,
        }
    }

    #[test]
    fn where_an_alias_was_led_while_two_were_one_is_forgotten_once_they_are_parted() {
        let mut leads = Leads {
            alias: "a@relay.example".to_owned(),
            alone: target("camille@example.org"),
            together: None,
            given: true,
        };
        leads.lead(target("linh@example.org"), &persons(&[1, 2]));
        assert_eq!(leads.target(&persons(&[1, 2])).to, "linh@example.org");
        assert_eq!(leads.target(&persons(&[1, 2, 3])).to, "linh@example.org");
        assert_eq!(leads.target(&persons(&[1])).to, "camille@example.org");
        leads.lead(target("new@example.org"), &persons(&[1]));
        assert_eq!(leads.target(&persons(&[1, 2])).to, "new@example.org");
    }

    #[test]
    fn an_address_that_nobody_verified_is_led_to_in_place_of_no_other() {
        let mut claims = crate::login::tests::complete_claims();
        claims.email = Some("thief@evil.example".to_owned());
        for stated in [None, Some(false)] {
            claims.email_verified = stated;
            assert_eq!(VerifiedAddress::stated(&claims), None);
        }
        claims.email_verified = Some(true);
        let stated = VerifiedAddress::stated(&claims).unwrap();
        assert_eq!(stated.as_str(), "thief@evil.example");
    }
}
