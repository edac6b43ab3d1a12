//! The clients that teams make: one for trying out, at once; one for production, from what was granted, with a
//! key or a secret of its own.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::client::Environment;
use guichet_domain::staff::Team;
use guichet_domain::{AuditEvent, Client, ClientId, ClientMetadata, EventKind, Profile};
use serde_json::{Map, Value};

use super::{By, File, Onboarding, OnboardingError, SCOPES, Wrong};
use crate::people::{Action, Grounds, Kind};
use crate::{ChangeError, Expected};

/// What a team says of a client.
#[derive(Clone, Default)]
pub(crate) struct NewClient {
    /// Its identifier: drawn with the form, so that a form sent twice makes one.
    pub(crate) id: String,
    /// The name citizens see.
    pub(crate) name: String,
    /// Where answers may go.
    pub(crate) redirect_uris: Vec<String>,
    /// `standard`, `franceconnect` or `fapi2`.
    pub(crate) profile: String,
    /// How it proves itself.
    pub(crate) credential: Credential,
}

/// How a client proves that it is itself.
#[derive(Clone, Default)]
pub(crate) enum Credential {
    /// A secret, drawn here and shown once.
    #[default]
    Secret,
    /// Its public keys.
    Jwks(String),
    /// Where it publishes them.
    JwksUri(String),
}

/// A client that was made.
pub(crate) struct Made {
    /// As it is registered.
    pub(crate) metadata: ClientMetadata,
    /// Its secret, this once.
    pub(crate) secret: Option<String>,
}

/// Clients that a team tries out at the same time.
const MOST_SANDBOXES: usize = 10;

impl Onboarding {
    /// A client for trying out.
    pub(crate) async fn sandbox(
        &self,
        team: &str,
        new: &NewClient,
        by: &By<'_>,
    ) -> Result<Made, OnboardingError> {
        let team = self.team(team).await?;
        let place = Grounds::team(&team);
        if !by.rights.may(Action::Read, Kind::Team, &place) {
            return Err(OnboardingError::Unknown);
        }
        if !by.rights.may(Action::Add, Kind::Sandbox, &place) {
            return Err(OnboardingError::Forbidden);
        }
        if self.tried_by(&team).await? >= MOST_SANDBOXES {
            return Err(OnboardingError::TooMany);
        }
        let metadata = ClientMetadata {
            environment: Some(Environment::Sandbox),
            scope: Some(format!("openid {}", SCOPES.join(" "))),
            ..ClientMetadata::default()
        };
        self.make(&team, metadata, new, by).await
    }

    /// A client for production, which may ask for what is granted and no more.
    pub(crate) async fn production(
        &self,
        file: &File,
        new: &NewClient,
        by: &By<'_>,
    ) -> Result<Made, OnboardingError> {
        if !by.rights.may(Action::Add, Kind::Production, &file.place()) {
            return Err(OnboardingError::Forbidden);
        }
        let granted = file.habilitation.granted();
        let granted = granted.ok_or(guichet_domain::habilitation::NotNow::State)?;
        let version = file
            .habilitation
            .granting()
            .ok_or(OnboardingError::Unknown)?;
        let dossier = &version.dossier;
        let rights = granted.terms.evidence.iter().map(Into::into).collect();
        let metadata = ClientMetadata {
            environment: Some(Environment::Production),
            habilitation: Some(file.habilitation.id.to_string()),
            sector: Some(file.organisation.sector()),
            scope: Some(granted.terms.scopes.to_string()),
            evidence_rights: Some(rights),
            default_acr_values: Some(vec![granted.terms.level.to_string()]),
            kind: serde_json::from_value(Value::String(dossier.kind.clone())).ok(),
            policy_uri: Some(dossier.privacy_notice.trim().to_owned()),
            ..ClientMetadata::default()
        };
        self.make(&file.team, metadata, new, by).await
    }

    /// Whether what a team says of a client can stand by itself: nothing is made.
    pub(crate) fn try_new(&self, new: &NewClient) -> Result<(), OnboardingError> {
        self.metadata(ClientMetadata::default(), new).map(drop)
    }

    async fn make(
        &self,
        team: &Team,
        metadata: ClientMetadata,
        new: &NewClient,
        by: &By<'_>,
    ) -> Result<Made, OnboardingError> {
        let (mut metadata, secret) = self.metadata(metadata, new)?;
        let desk = self
            .door
            .desk(Arc::clone(&self.clients), Arc::new([]), by.actor());
        // Made first, and out of use: a team takes in what it made, never what somebody else has by this name,
        // and nothing is in use that nobody looks after. The same form, sent again, goes on from where it ended.
        metadata.active = Some(false);
        let expected = if self.left_behind(&metadata).await? {
            Expected::Present
        } else {
            Expected::Absent
        };
        let put = desk.put(&metadata, &expected).await;
        let (record, _) = put.map_err(pointed)?;
        if let Err(error) = self.adopt(team, &record, by).await {
            if matches!(error, OnboardingError::TooMany) {
                self.clients.registry.remove_client(&record.id).await?;
            }
            return Err(error);
        }
        let active = Map::from_iter([("active".to_owned(), Value::Bool(true))]);
        let begun = desk.set(record.id.as_str(), active, &Expected::Present);
        let record = begun.await.map_err(pointed)?;
        if let Some(habilitation) = &record.habilitation {
            // It may have been suspended while this was written.
            self.look_at(habilitation).await?;
        }
        let metadata = ClientMetadata::from(&record);
        Ok(Made { metadata, secret })
    }

    /// Whether this very client was made before and left out of use, with nobody to look after it: whoever
    /// made it did not come to the end.
    async fn left_behind(&self, metadata: &ClientMetadata) -> Result<bool, OnboardingError> {
        let all = self.clients.registry.clients_now().await?;
        let mut all = all.iter();
        let Some(known) = all.find(|it| it.id.as_str() == metadata.client_id) else {
            return Ok(false);
        };
        let there = ClientMetadata::from(&**known);
        let is_same = there.redirect_uris == metadata.redirect_uris
            && there.client_name == metadata.client_name
            && known.is_sandbox() == (metadata.environment == Some(Environment::Sandbox))
            && there.habilitation == metadata.habilitation;
        let teams = self.door.teams.teams().await?;
        let is_somebodys = teams.iter().any(|team| team.clients.contains(&known.id));
        Ok(is_same && !known.active && !is_somebodys)
    }

    /// How many clients a team tries out.
    async fn tried_by(&self, team: &Team) -> Result<usize, OnboardingError> {
        let all = self.clients.registry.clients_now().await?;
        let tried = all
            .iter()
            .filter(|it| it.is_sandbox() && team.clients.contains(&it.id));
        Ok(tried.count())
    }

    fn metadata(
        &self,
        mut metadata: ClientMetadata,
        new: &NewClient,
    ) -> Result<(ClientMetadata, Option<String>), OnboardingError> {
        let mut wrongs = Vec::new();
        let name = new.name.trim();
        let is_line =
            (1..=200).contains(&name.chars().count()) && !name.chars().any(char::is_control);
        if !is_line {
            wrongs.push(Wrong::new("name", "onboarding-wrong-line"));
        }
        let redirect_uris: Vec<String> = new.redirect_uris.clone();
        let is_target = |uri: &String| uri.parse::<guichet_domain::RedirectUri>().is_ok();
        if redirect_uris.is_empty() || !redirect_uris.iter().all(is_target) {
            wrongs.push(Wrong::new("redirect_uris", "onboarding-wrong-redirect"));
        }
        let profile: Option<Profile> =
            serde_json::from_value(Value::String(new.profile.clone())).ok();
        if profile.is_none() {
            wrongs.push(Wrong::new("profile", "onboarding-wrong-choice"));
        }
        let is_new = new.id.starts_with("c-") && new.id.len() <= 64;
        if !is_new || new.id.parse::<ClientId>().is_err() {
            return Err(OnboardingError::Unknown);
        }
        let mut secret = None;
        match &new.credential {
            Credential::Secret if profile == Some(Profile::Fapi2) => {
                wrongs.push(Wrong::new("jwks", "onboarding-wrong-keys"));
            }
            Credential::Secret => {
                secret = Some(URL_SAFE_NO_PAD.encode(self.door.entropy.bytes32()));
                metadata.client_secret.clone_from(&secret);
            }
            Credential::Jwks(text) => {
                metadata.token_endpoint_auth_method = Some("private_key_jwt".to_owned());
                metadata.jwks = serde_json::from_str(text).ok();
                if metadata.jwks.is_none() {
                    wrongs.push(Wrong::new("jwks", "onboarding-wrong-keys"));
                }
            }
            Credential::JwksUri(uri) => {
                metadata.token_endpoint_auth_method = Some("private_key_jwt".to_owned());
                metadata.jwks_uri = Some(uri.trim().to_owned());
            }
        }
        if !wrongs.is_empty() {
            return Err(OnboardingError::Wrong(wrongs));
        }
        metadata.client_id.clone_from(&new.id);
        metadata.client_name = Some(name.to_owned());
        metadata.redirect_uris = redirect_uris;
        metadata.profile = profile;
        Ok((metadata, secret))
    }

    /// The team looks after it: as long as it tries out no more than it may, however many of its members make one
    /// at the same moment.
    async fn adopt(
        &self,
        team: &Team,
        client: &Client,
        by: &By<'_>,
    ) -> Result<(), OnboardingError> {
        const TRIES: usize = 5;
        let id = &client.id;
        for _ in 0..TRIES {
            let known = self.team(team.id.as_str()).await?;
            let mut next = known.clone();
            if next.clients.contains(id) {
                return Ok(());
            }
            if client.is_sandbox() && self.tried_by(&known).await? >= MOST_SANDBOXES {
                return Err(OnboardingError::TooMany);
            }
            next.clients.push(id.clone());
            next.clients.sort_unstable();
            let now = self.door.clock.now();
            let event = AuditEvent::new(EventKind::TeamChanged, now)
                .client(id)
                .detail("team", &team.id)
                .detail("change", "client added")
                .detail("by", by.actor());
            self.door.ledger.append(event).await?;
            if self
                .door
                .teams
                .replace_team(Some(&known), &next, now)
                .await?
            {
                return Ok(());
            }
        }
        Err(OnboardingError::Overtaken)
    }
}

/// What the desk says of a member, at the field of the form that it came from.
fn pointed(error: ChangeError) -> OnboardingError {
    use guichet_domain::client::ClientMetadataError::{Invalid, RedirectUri};
    let member = match &error {
        ChangeError::Client(Invalid { member, .. } | RedirectUri { member, .. }) => member,
        ChangeError::Invalid(invalid) => &invalid.member,
        ChangeError::Overtaken(..) => return OnboardingError::Overtaken,
        _ => return error.into(),
    };
    let wrong = match *member {
        "redirect_uris" => Wrong::new("redirect_uris", "onboarding-wrong-redirect"),
        "sector" => Wrong::new("redirect_uris", "onboarding-wrong-hosts"),
        "jwks" | "jwks_uri" | "client_secret" => Wrong::new("jwks", "onboarding-wrong-own-keys"),
        "habilitation" => return guichet_domain::habilitation::NotNow::State.into(),
        _ => return error.into(),
    };
    OnboardingError::Wrong(vec![wrong])
}
