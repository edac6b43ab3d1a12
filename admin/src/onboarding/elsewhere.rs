//! What a review tool outside agreed to: its organisation, its habilitation, its team, its client and the invitation
//! of its owner, by the functions that the console uses. Everything has a name that follows from the tool's own for
//! it, so that a message that comes again finds it there. The habilitation is validated by the tool's word, as an
//! exception that is named in it, in the register and in the audit log.

use std::fmt::Write as _;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::habilitation::{Approval, Dossier};
use guichet_domain::staff::{OrganisationMetadata, TeamMetadata};
use guichet_domain::{AuditEvent, ClientMetadata, EventKind, InvalidMember, Rule, Timestamp};
use guichet_keys::sha256_of;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::{Onboarding, OnboardingError};
use crate::people::{Card, DoorError, Invited};
use crate::teams::{OrganisationRecords, TeamRecords};
use crate::{Actor, ChangeError, Expected, Records};

/// A habilitation that was approved elsewhere.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Approved {
    /// Its name there: 1 to 64 letters, digits, hyphens and underscores.
    pub(crate) id: String,
    /// The legal entity.
    organisation: Entity,
    /// Who looks after the service from now on.
    owner: Owner,
    /// The service.
    pub(super) client: Service,
    /// Which tool says so: a name like that of a habilitation; `review-tool` without.
    #[serde(default = "some_tool")]
    pub(super) tool: String,
    /// Who decided there, for those who may read the file.
    #[serde(default, rename = "approved_by")]
    pub(super) by: String,
    /// What was asked there, as far as it is told: purposes, legal basis, evidence. The service, its scopes and its
    /// level are those of `client`.
    #[serde(default)]
    pub(super) dossier: Dossier,
}

fn some_tool() -> String {
    Approval::BY.to_owned()
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Entity {
    /// Its name.
    name: String,
    /// Its number in the register of companies.
    legal_id: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Owner {
    /// Their name.
    name: String,
    /// Where the invitation goes.
    email: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Service {
    /// The name citizens see.
    pub(super) name: String,
    /// Where answers may go.
    redirect_uris: Vec<String>,
    /// Where the browser may go after a sign-out.
    #[serde(default)]
    post_logout_redirect_uris: Vec<String>,
    /// The scopes that were approved.
    pub(super) scope: String,
    /// The level that was approved.
    #[serde(default)]
    pub(super) default_acr_values: Vec<String>,
    /// Its public keys, where it has some; its owner makes a secret otherwise.
    #[serde(default)]
    jwks: Option<Value>,
    /// Where it publishes them.
    #[serde(default)]
    jwks_uri: Option<String>,
}

/// What there is now.
pub(crate) struct Welcomed {
    /// The organisation.
    pub(crate) organisation: String,
    /// Its habilitation.
    pub(crate) habilitation: String,
    /// The number of its latest version.
    pub(crate) version: u32,
    /// Its team.
    pub(crate) team: String,
    /// The client.
    pub(crate) client: String,
    /// The invitation of its owner, where one was made now.
    pub(crate) invited: Option<Invited>,
}

impl Onboarding {
    /// Makes what was approved at `at`, as far as it is not there yet.
    pub(crate) async fn welcome_approved(
        &self,
        (approved, at): (&Approved, Timestamp),
        organisations: &Arc<OrganisationRecords>,
        teams: &Arc<TeamRecords>,
    ) -> Result<Welcomed, OnboardingError> {
        let name = approved.name()?;
        // Whatever is wrong with the letter is said before anything of it is made.
        let card = Card::new(&approved.owner.name, &approved.owner.email);
        let card = card.map_err(ChangeError::from)?;
        if card.address.is_empty() {
            return Err(ChangeError::from(InvalidMember::new("owner", Rule::MailAddress)).into());
        }
        let agreed = self.agreed(approved, at)?;
        let organisation = self.entity(approved, &name).await?;
        let client = self.service(approved, &name, &organisation.id);
        if self.is_missing(&self.clients, &client.client_id).await? {
            self.clients.check(None, &before_its_grant(&client)).await?;
        }
        let event = AuditEvent::new(EventKind::HookTaken, self.door.clock.now())
            .detail("habilitation", &approved.id)
            .detail("by", Actor::ReviewTool);
        self.door.ledger.append(event).await?;
        self.put(organisations, &organisation).await?;
        let habilitation = self.approve(&name, &organisation.id, agreed).await?;
        self.put(&self.clients, &client).await?;
        let team = TeamMetadata {
            id: format!("t-{name}"),
            name: Some(approved.client.name.clone()),
            organisation: organisation.id.clone(),
            clients: vec![client.client_id.clone()],
            active: None,
        };
        self.put(teams, &team).await?;
        let invited = self.door.invite_owner(&name, &card, &team.id).await;
        let invited = match invited {
            Ok(invited) => Some(invited),
            // They are there already.
            Err(DoorError::Taken) => None,
            Err(DoorError::Invalid(invalid)) => return Err(ChangeError::from(invalid).into()),
            Err(DoorError::Keys(error)) => return Err(ChangeError::from(error).into()),
            Err(DoorError::Fault(fault)) => return Err(fault.into()),
            Err(error @ (DoorError::Beyond(_) | DoorError::Gone)) => {
                return Err(ChangeError::Malformed(error.to_string()).into());
            }
        };
        Ok(Welcomed {
            organisation: organisation.id,
            version: habilitation.latest().map_or(0, |it| it.number),
            habilitation: habilitation.id.to_string(),
            team: team.id,
            client: client.client_id,
            invited,
        })
    }

    /// The organisation of this number, or a new one.
    async fn entity(
        &self,
        approved: &Approved,
        name: &str,
    ) -> Result<OrganisationMetadata, ChangeError> {
        let new = OrganisationMetadata {
            id: format!("o-{name}"),
            name: Some(approved.organisation.name.clone()),
            legal_id: Some(approved.organisation.legal_id.clone()),
            active: None,
        };
        let number = new.check()?.number();
        let all = self.door.teams.organisations().await?;
        let known = all.iter().find(|it| it.number() == number);
        if known.is_some_and(|it| !it.active) {
            let reason = "the organisation of this number is disabled here";
            return Err(InvalidMember::new("organisation", reason).into());
        }
        Ok(known.map_or(new, Into::into))
    }

    fn service(&self, approved: &Approved, name: &str, organisation: &str) -> ClientMetadata {
        let said = &approved.client;
        let has_keys = said.jwks.is_some() || said.jwks_uri.is_some();
        // Nobody reads this secret: its owner adds another one in the console, and ends it.
        let secret = || URL_SAFE_NO_PAD.encode(self.door.entropy.bytes32());
        ClientMetadata {
            client_id: format!("c-{name}"),
            client_name: Some(said.name.clone()),
            redirect_uris: said.redirect_uris.clone(),
            post_logout_redirect_uris: said.post_logout_redirect_uris.clone(),
            scope: Some(said.scope.clone()),
            default_acr_values: Some(said.default_acr_values.clone())
                .filter(|levels| !levels.is_empty()),
            sector: Some(format!("organisation:{organisation}")),
            jwks: said.jwks.clone(),
            jwks_uri: said.jwks_uri.clone(),
            token_endpoint_auth_method: has_keys.then(|| "private_key_jwt".to_owned()),
            client_secret: (!has_keys).then(secret),
            habilitation: Some(format!("h-{name}")),
            ..ClientMetadata::default()
        }
    }

    async fn is_missing<R: Records>(
        &self,
        records: &Arc<R>,
        id: &str,
    ) -> Result<bool, ChangeError> {
        let all = records.all().await?;
        Ok(!all.iter().any(|it| R::id_of(it) == id))
    }

    /// Puts one where there is none; what is there stays as somebody may have changed it since.
    async fn put<R: Records>(
        &self,
        records: &Arc<R>,
        metadata: &R::Metadata,
    ) -> Result<(), ChangeError> {
        if !self.is_missing(records, R::id(metadata)).await? {
            return Ok(());
        }
        let by = Actor::ReviewTool;
        let desk = self.door.desk(Arc::clone(records), Arc::new([]), by);
        desk.put(metadata, &Expected::Absent).await.map(drop)
    }
}

/// What can be said of a client before there is what it lives by: all but that.
fn before_its_grant(client: &ClientMetadata) -> ClientMetadata {
    ClientMetadata {
        habilitation: None,
        exception: Some("Approved elsewhere".to_owned()),
        ..client.clone()
    }
}

/// What a member of the message cannot be.
pub(super) fn wrong(member: &'static str, reason: &str) -> OnboardingError {
    ChangeError::from(InvalidMember::new(member, reason)).into()
}

impl Approved {
    /// What everything that comes of it is called: as good a name as the tool's own, and nobody's else.
    fn name(&self) -> Result<String, OnboardingError> {
        for (member, text) in [("id", &self.id), ("tool", &self.tool)] {
            if !Approval::is_name(text) {
                let reason = "1 to 64 letters, digits, hyphens and underscores";
                return Err(wrong(member, reason));
            }
        }
        let digest = sha256_of(&[b"approved elsewhere\0", self.id.as_bytes()]);
        let mut name = String::new();
        for byte in &digest[..8] {
            // To a text nothing fails to be written.
            let _ = write!(name, "{byte:02x}");
        }
        Ok(name)
    }
}
