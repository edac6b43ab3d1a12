//! Organisations and their teams: who answers for which services.

use serde::{Deserialize, Serialize};

use crate::reason::{Reason, Rule};
use crate::{ClientId, InvalidMember, OrganisationId, TeamId};

/// A legal entity whose services are registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organisation {
    /// Its identifier.
    pub id: OrganisationId,
    /// Its name.
    pub name: String,
    /// Its number in the register of companies, such as a SIREN, where it said one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legal_id: Option<String>,
    /// Whether its teams may do anything at all.
    pub active: bool,
}

impl Organisation {
    /// The sector of its services, unless they say another: a legal entity knows a citizen by one name.
    pub fn sector(&self) -> String {
        format!("organisation:{}", self.id)
    }

    /// Its number, however it is spaced: what tells it from every other.
    pub fn number(&self) -> Option<String> {
        let kept = self.legal_id.as_deref()?.chars();
        let kept = kept.filter(char::is_ascii_alphanumeric);
        Some(kept.map(|it| it.to_ascii_uppercase()).collect())
    }
}

/// The people of an organisation who look after some of its services.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Team {
    /// Its identifier.
    pub id: TeamId,
    /// Its name.
    pub name: String,
    /// Whose it is.
    pub organisation: OrganisationId,
    /// The services it looks after.
    pub clients: Vec<ClientId>,
    /// Whether it may do anything at all.
    pub active: bool,
}

/// An organisation as it is declared.
#[derive(Clone, Debug, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OrganisationMetadata {
    /// Its identifier: 1 to 64 lower-case letters, digits, hyphens and underscores.
    pub id: String,
    /// Its name, 1 to 200 characters; the identifier when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its number in the register of companies: 1 to 32 letters, digits, spaces, dots and hyphens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub legal_id: Option<String>,
    /// Whether its teams may do anything at all (default: yes).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
}

/// A team as it is declared.
#[derive(Clone, Debug, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TeamMetadata {
    /// Its identifier: 1 to 64 lower-case letters, digits, hyphens and underscores.
    pub id: String,
    /// Its name, 1 to 200 characters; the identifier when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The organisation that it is of.
    pub organisation: String,
    /// The services it looks after, by their `client_id`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub clients: Vec<String>,
    /// Whether it may do anything at all (default: yes).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
}

impl OrganisationMetadata {
    /// Checks each member.
    pub fn check(&self) -> Result<Organisation, InvalidMember> {
        Ok(Organisation {
            id: parsed("id", &self.id)?,
            name: name(self.name.as_deref(), &self.id)?,
            legal_id: self.legal_id.as_deref().map(legal_id).transpose()?,
            active: self.active.unwrap_or(true),
        })
    }
}

impl TeamMetadata {
    /// Checks each member.
    pub fn check(&self) -> Result<Team, InvalidMember> {
        let clients: Result<Vec<ClientId>, _> = self
            .clients
            .iter()
            .map(|client| parsed("clients", client))
            .collect();
        let mut clients = clients?;
        clients.sort_unstable();
        clients.dedup();
        Ok(Team {
            id: parsed("id", &self.id)?,
            name: name(self.name.as_deref(), &self.id)?,
            organisation: parsed("organisation", &self.organisation)?,
            clients,
            active: self.active.unwrap_or(true),
        })
    }
}

impl From<&Organisation> for OrganisationMetadata {
    fn from(organisation: &Organisation) -> Self {
        Self {
            id: organisation.id.to_string(),
            name: Some(organisation.name.clone()),
            legal_id: organisation.legal_id.clone(),
            active: Some(organisation.active),
        }
    }
}

impl From<&Team> for TeamMetadata {
    fn from(team: &Team) -> Self {
        Self {
            id: team.id.to_string(),
            name: Some(team.name.clone()),
            organisation: team.organisation.to_string(),
            clients: team.clients.iter().map(ToString::to_string).collect(),
            active: Some(team.active),
        }
    }
}

fn parsed<T>(member: &'static str, text: &str) -> Result<T, InvalidMember>
where
    T: std::str::FromStr<Err: Into<Reason>>,
{
    text.parse()
        .map_err(|error| InvalidMember::new(member, error))
}

fn name(text: Option<&str>, id: &str) -> Result<String, InvalidMember> {
    let text = text.unwrap_or(id).trim();
    let is_name =
        (1..=LONGEST_NAME).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    if is_name {
        Ok(text.to_owned())
    } else {
        Err(InvalidMember::new("name", Rule::OneLine))
    }
}

fn legal_id(text: &str) -> Result<String, InvalidMember> {
    let text = text.trim();
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'.' | b'-');
    if (1..=32).contains(&text.len()) && text.bytes().all(is_plain) {
        Ok(text.to_owned())
    } else {
        let reason = Rule::LegalIdentifier;
        Err(InvalidMember::new("legal_id", reason))
    }
}

const LONGEST_NAME: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    fn team(json: serde_json::Value) -> Result<Team, InvalidMember> {
        serde_json::from_value::<TeamMetadata>(json)
            .unwrap()
            .check()
    }

    #[test]
    fn a_team_survives_the_trip_through_its_metadata() {
        let json = serde_json::json!({
            "id": "mobilites", "organisation": "ville", "clients": ["b", "a", "b"],
        });
        let team = team(json).unwrap();
        assert_eq!(team.name, "mobilites");
        assert_eq!(team.clients.len(), 2);
        assert_eq!(TeamMetadata::from(&team).check().unwrap(), team);
    }

    #[test]
    fn what_is_wrong_is_said_of_its_member() {
        for (json, member) in [
            (serde_json::json!({"id": "A", "organisation": "v"}), "id"),
            (serde_json::json!({"id": "a"}), "organisation"),
            (
                serde_json::json!({"id": "a", "organisation": "v", "name": "a\nb"}),
                "name",
            ),
            (
                serde_json::json!({"id": "a", "organisation": "v", "clients": ["a b"]}),
                "clients",
            ),
        ] {
            assert_eq!(team(json).unwrap_err().member, member);
        }
    }
}
