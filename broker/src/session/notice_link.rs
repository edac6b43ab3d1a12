//! The link of a mailed notice: with it, one click freezes the identity of whoever was told, signed in or not. Who
//! took an account over may have locked its person out, and a sign-in takes time that they do not have (threat
//! N-410).
//!
//! The link is sealed, so that nobody else makes one, and holds the name that the account knows its person by. It
//! freezes and does nothing else, for thirty days, and not what was settled since: whoever opened their identity
//! again does not lose it by an old mail.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::{PersonId, Sealed, SubjectIdentifier, Timestamp};
use guichet_keys::SubjectNamespace;
use guichet_store::Fault;
use guichet_store::durable::CaseKind;
use guichet_web::PageError;
use serde::{Deserialize, Serialize};

use super::Frozen;
use crate::hub::Hub;

/// What a link holds: whom, by the name their account knows them by; the code of the visit they were told of; when
/// that was.
#[derive(Serialize, Deserialize)]
struct Link(SubjectIdentifier, String, Timestamp);

/// The notice whose link was followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeFollowed {
    /// The code of the visit that it told of.
    pub visit: String,
    /// When that was.
    pub at: Timestamp,
}

impl Hub {
    /// The link by which `person` freezes what is theirs, when they are told of `visit`; `None` where this hub has
    /// no account for anybody.
    pub(crate) async fn freezing_link(
        &self,
        person: PersonId,
        visit: &str,
        at: Timestamp,
    ) -> Result<Option<String>, Fault> {
        let Some(sector) = self.account_sector() else {
            return Ok(None);
        };
        let subject = self.name_in(&sector, SubjectNamespace::Service, person);
        let link = Link(subject.await?, visit.to_owned(), at);
        let sealed = self.sealers().notice_link.seal_json(CONTEXT, &link);
        let sealed = sealed.map_err(|error| Fault::new("seal the link of a notice", error))?;
        let key = URL_SAFE_NO_PAD.encode(sealed.as_bytes());
        Ok(Some(self.public_url(&format!("/account/freeze/{key}"))))
    }

    /// The notice that this is the link of, while it leads anywhere. Changes nothing: programs open links, too.
    pub async fn follow_notice(&self, key: &str) -> Result<Option<NoticeFollowed>, PageError> {
        let followed = self.behind(key).await;
        let followed =
            followed.map_err(|fault| self.fault("follow the link of a notice", &fault))?;
        Ok(followed.map(|(_, notice)| notice))
    }

    /// Freezes whoever was told by that notice. `None` where its link leads nowhere, or nowhere any more.
    pub async fn freeze_by_notice(&self, key: &str) -> Result<Option<Frozen>, PageError> {
        let followed = self.behind(key).await;
        let followed =
            followed.map_err(|fault| self.fault("follow the link of a notice", &fault))?;
        let Some((person, notice)) = followed else {
            return Ok(None);
        };
        let frozen = self.bar(person, None, CaseKind::Freeze, &notice.visit);
        frozen.await.map(Some)
    }

    async fn behind(&self, key: &str) -> Result<Option<(PersonId, NoticeFollowed)>, Fault> {
        let (Some(Link(subject, visit, at)), Some(sector)) =
            (self.opened_link(key), self.account_sector())
        else {
            return Ok(None);
        };
        if self.now().since(at) >= LEADS_FOR {
            return Ok(None);
        }
        let parts = self.parts();
        let Some(person) = parts.subjects.person(&sector, &subject).await? else {
            return Ok(None);
        };
        let settled = parts.cases.is_settled_since(person, at).await?;
        Ok((!settled).then_some((person, NoticeFollowed { visit, at })))
    }

    fn opened_link(&self, key: &str) -> Option<Link> {
        let sealed = Sealed::from_bytes(URL_SAFE_NO_PAD.decode(key).ok()?);
        let opened = self.sealers().notice_link.open_json(CONTEXT, &sealed);
        opened.ok()
    }
}

const CONTEXT: &[u8] = b"notice link";

/// As long as somebody may be away from their mail.
const LEADS_FOR: Duration = Duration::from_hours(30 * 24);
