//! The link that is mailed to whoever closed their account: for thirty days it stands in for one of the two words
//! that open it again (`thaw.rs`). Beside it, their person signs in as they are used to, there and then; the link
//! alone opens nothing, nor does it open what was frozen (threat N-330).
//!
//! Nothing is kept of it: it is the case, and a tag that the hub alone can make. Once its case has ended it leads
//! nowhere, and a later closing has another.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::{Acr, CaseId, PersonId, Provider, Timestamp};
use guichet_oidc::AcceptedRequest;
use guichet_store::Fault;
use guichet_store::durable::cases::Case;
use guichet_web::{CookieLife, Mail, PageError, date_and_time};
use http::{HeaderMap, HeaderValue};

use crate::hub::Hub;
use crate::people::REOPENED_WITHIN;

impl Hub {
    /// Mails the link to whoever closed their account, where they gave an address: however often, they have it
    /// once. Until it is on its way, the case counts as one that was left.
    pub(crate) async fn mail_reopening(&self, case: &Case) -> Result<(), Fault> {
        let cases = &self.parts().cases;
        if let Some(person) = case.person
            && cases.may_reopen(case.id).await?
        {
            self.mail_link(person, case).await?;
        }
        cases.mailed(case.id).await
    }

    async fn mail_link(&self, person: PersonId, case: &Case) -> Result<(), Fault> {
        let choices = self.known_choices(person).await?.counting();
        let Some((address, locale)) = choices.address() else {
            return Ok(());
        };
        let link = format!("/account/reopen/{}/{}", case.id, self.key_of(case.id));
        let link = self.public_url(&link);
        let time = |at: Timestamp| date_and_time(locale, at.millis());
        let closed = time(case.opened.at);
        let until = time(case.opened.at.after(REOPENED_WITHIN));
        let pages = &self.parts().pages;
        let arguments = [("link", &*link), ("time", &*closed), ("until", &*until)];
        let mail = Mail {
            to: address.to_owned(),
            subject: pages.text(locale, "reopen-mail-subject", &[]),
            text: pages.text(locale, "reopen-mail", &arguments),
        };
        let mailer = &self.parts().mailer;
        let left = mailer.send_once(*case.id.as_bytes(), &mail).await;
        left.map_err(|error| Fault::new("mail the link that opens an account again", error))
    }

    /// What a browser remembers of a link that was followed, for the sign-in that comes next; `None` where it
    /// leads nowhere, or nowhere any more.
    pub async fn follow_reopening(
        &self,
        case: &str,
        key: &str,
    ) -> Result<Option<HeaderValue>, PageError> {
        let Some(id) = self.case_of_link(case, key) else {
            return Ok(None);
        };
        let may = self.parts().cases.may_reopen(id).await;
        if !may.map_err(|fault| self.fault("read a case", &fault))? {
            return Ok(None);
        }
        let cookies = &self.parts().cookies;
        let cookie = cookies.set(
            COOKIE,
            &format!("{case}.{key}"),
            CookieLife::For(FOLLOWED_FOR),
        );
        let cookie = cookie.map_err(|error| self.fault("make a cookie", &error))?;
        Ok(Some(cookie))
    }

    /// The account whose link this browser brought, where the request is to open one.
    pub(crate) fn reopening(
        &self,
        request: &AcceptedRequest,
        headers: &HeaderMap,
    ) -> Option<CaseId> {
        if !self.begins_thaw(request) {
            return None;
        }
        let brought = self.parts().cookies.get(headers, COOKIE)?;
        let (case, key) = brought.split_once('.')?;
        self.case_of_link(case, key)
    }

    /// Whether the link of `case` and a sign-in by `provider` at `level` open the account of `person`: it is
    /// what keeps them out, nothing else does, and they sign in as they are used to.
    pub(crate) async fn is_reopened_by_link(
        &self,
        person: PersonId,
        case: CaseId,
        (provider, level): (&Provider, Acr),
    ) -> Result<bool, PageError> {
        let fault = |fault| self.fault("read what keeps a person out", &fault);
        let cases = &self.parts().cases;
        let closed = cases.is_kept_out_by_own_closure(person, case);
        if !closed.await.map_err(fault)? {
            return Ok(false);
        }
        let accustomed = self.accustomed(person).await.map_err(fault)?;
        let doubt = accustomed.doubts(&provider.id, level, self.now());
        Ok(doubt.is_none())
    }

    fn case_of_link(&self, case: &str, key: &str) -> Option<CaseId> {
        let id: CaseId = case.parse().ok()?;
        guichet_keys::same(self.key_of(id).as_bytes(), key.as_bytes()).then_some(id)
    }

    fn key_of(&self, case: CaseId) -> String {
        URL_SAFE_NO_PAD.encode(self.sealers().reopening.tag(&[case.as_bytes()]))
    }
}

/// The cookie that remembers a link that was followed.
const COOKIE: &str = "reopening";
/// As long as a sign-in lasts that is not hurried.
const FOLLOWED_FOR: Duration = Duration::from_mins(15);
