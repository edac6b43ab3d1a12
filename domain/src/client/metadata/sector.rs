//! The sector of a client: who knows a citizen by the same name (OIDC Core §8.1).

use super::value::invalid;
use super::{ClientMetadata, ClientMetadataError};
use crate::client::{Environment, SubjectType};
use crate::member::web_url;
use crate::reason::Rule;
use crate::{RedirectUri, Sector};

impl ClientMetadata {
    /// The declared sector; else the host of `sector_identifier_uri`; else that of the redirect URIs
    /// (OIDC Core §8.1), which must be one. Public subjects are those of one sector for all.
    pub(super) fn sector_of(
        &self,
        subject_type: SubjectType,
        redirect_uris: &[RedirectUri],
    ) -> Result<Sector, ClientMetadataError> {
        let of = |text: &str| text.parse().map_err(|error| invalid("sector", error));
        let is_sandbox = self.environment == Some(Environment::Sandbox);
        if is_sandbox && (self.sector.is_some() || subject_type == SubjectType::Public) {
            let reason = Rule::SandboxSector;
            return Err(invalid("sector", reason));
        }
        if subject_type == SubjectType::Public {
            return of(PUBLIC_SECTOR);
        }
        if let Some(sector) = &self.sector {
            let is_kept = sector == PUBLIC_SECTOR
                || sector == Sector::of_console().as_str()
                || sector.starts_with(SANDBOX);
            return if is_kept {
                Err(invalid("sector", Rule::KeptSector))
            } else {
                of(sector)
            };
        }
        let own = format!("client:{}", self.client_id);
        if let Some(uri) = web_url(
            "sector_identifier_uri",
            self.sector_identifier_uri.as_deref(),
        )? {
            return if is_sandbox {
                of(&format!("{SANDBOX}{}", self.client_id))
            } else {
                of(uri.host_str().unwrap_or(&own))
            };
        }
        // Without a host, or on a laptop whose services share one, the client is its own sector.
        let sector_at = |uri: &RedirectUri| uri.site().unwrap_or_else(|| own.clone());
        let mut sectors: Vec<String> = redirect_uris.iter().map(sector_at).collect();
        sectors.sort_unstable();
        sectors.dedup();
        match sectors.as_slice() {
            // By what citizens are called in the sandbox they are called nowhere else.
            [] | [_] if is_sandbox => of(&format!("{SANDBOX}{}", self.client_id)),
            [] => of(&own),
            [sector] => of(sector),
            _ => Err(invalid("sector", Rule::SeveralHosts)),
        }
    }
}

/// How sectors of the sandbox begin. No host is named so.
const SANDBOX: &str = "sandbox:";
/// The sector of all clients with public subjects. No host is named so.
const PUBLIC_SECTOR: &str = "public:";
