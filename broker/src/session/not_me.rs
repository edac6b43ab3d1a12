//! "It was not me": a person freezes their own identity from a session of theirs; and whoever has no account
//! can say so too.

use std::time::Duration;

use guichet_domain::{CaseId, ClientId, GrantId, PersonId, SessionId, Timestamp};
use guichet_store::Fault;
use guichet_store::durable::CaseKind;
use guichet_store::durable::cases::Case;
use guichet_web::PageError;
use http::{HeaderMap, HeaderValue};

use super::{LiveSession, OpenSession};
use crate::hub::Hub;
use crate::logout::Ending;
use crate::people::{CaseEvidence, OpenedBy, SignInSeen};

/// What a person froze.
#[derive(Debug)]
pub struct Frozen {
    /// The case: what they read out to an agent.
    pub case: CaseId,
    /// The cookie that forgets their session.
    pub forget: HeaderValue,
}

/// What somebody without an account says.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// What happened.
    pub statement: String,
    /// Where they can be reached.
    pub contact: String,
    /// The identification code of a visit, if they have one.
    pub visit: String,
}

impl Hub {
    /// Freezes whoever is signed in to their account at this browser: their sessions end, everywhere, and
    /// a case is opened with what was open. `visit` is the code of the visit that was not theirs, where
    /// they have it. `None` where nobody is signed in.
    pub async fn freeze(
        &self,
        headers: &HeaderMap,
        visit: &str,
    ) -> Result<Option<Frozen>, PageError> {
        match self.account_session(headers).await? {
            Some(here) => self
                .bar_oneself(here, CaseKind::Freeze, visit)
                .await
                .map(Some),
            None => Ok(None),
        }
    }

    /// Closes the account of whoever is signed in to it at this browser: nobody acts as them any more, and
    /// for [`REOPENED_WITHIN`](crate::REOPENED_WITHIN) they can open it again as they would what they froze.
    /// `None` where nobody is signed in, or was not freshly when they `asked`: whoever finds a browser open
    /// closes nothing, and what is ended before takes its time.
    pub async fn close_account(
        &self,
        headers: &HeaderMap,
        asked: Timestamp,
    ) -> Result<Option<Frozen>, PageError> {
        match self.session_fresh_at(headers, asked).await? {
            Some(Ok(fresh)) => {
                let (live, _) = fresh.into_parts();
                let closed = self.bar_oneself(live, CaseKind::Closure, "");
                closed.await.map(Some)
            }
            Some(Err(_)) | None => Ok(None),
        }
    }

    /// The cases there were about whoever is signed in to their account at this browser, the newest first.
    pub async fn own_cases(
        &self,
        headers: &HeaderMap,
    ) -> Result<Vec<(Case, CaseEvidence)>, PageError> {
        let Some(here) = self.account_session(headers).await? else {
            return Ok(Vec::new());
        };
        let cases = self.parts().cases.of(here.session.person).await;
        cases.map_err(|fault| self.fault("read a person's cases", &fault))
    }

    /// Tells a service that a person took back what they let it have: whoever is signed in there as them is to
    /// be signed out.
    pub async fn tell_unlinked(
        &self,
        person: PersonId,
        client: &ClientId,
        grant: GrantId,
    ) -> Result<(), Fault> {
        let cases = &self.parts().cases;
        cases.tell_unlinked(person, client, grant).await?;
        let hub = self.clone();
        self.tasks().spawn(async move { hub.deliver_due().await });
        Ok(())
    }

    async fn bar_oneself(
        &self,
        here: LiveSession,
        kind: CaseKind,
        visit: &str,
    ) -> Result<Frozen, PageError> {
        let (person, here) = (here.session.person, here.id);
        self.bar(person, Some(here), kind, visit).await
    }

    /// Bars a person by their own word, given at the browser that has the session `here`, or at one that has none.
    pub(super) async fn bar(
        &self,
        person: PersonId,
        here: Option<SessionId>,
        kind: CaseKind,
        visit: &str,
    ) -> Result<Frozen, PageError> {
        let alive = self.alive_of(person).await?;
        let seen = alive.iter().map(|live| self.describe(live, here));
        let evidence = match kind {
            // Whoever leaves leaves nothing behind that nobody needs.
            CaseKind::Closure => CaseEvidence::default(),
            _ => CaseEvidence {
                visit: tidy_code(visit),
                sign_ins: seen.map(sign_in_seen).collect(),
                ..CaseEvidence::default()
            },
        };
        let cases = &self.parts().cases;
        let opened = cases.open(person, kind, OpenedBy::Person, &evidence).await;
        let case = opened.map_err(|fault| self.fault("bar a person", &fault))?;
        if kind == CaseKind::Closure
            && let Err(error) = self.mail_reopening(&case).await
        {
            // Whoever follows what was left mails it.
            tracing::error!(%error, "the link that opens an account again was not mailed");
        }
        // Nothing can be done with them any more; now their services hear of it.
        for live in alive {
            self.end_for_good(live, Ending::Barred).await?;
        }
        let hub = self.clone();
        self.tasks().spawn(async move { hub.deliver_due().await });
        Ok(Frozen {
            case: case.id,
            forget: self.forget_session()?,
        })
    }

    /// Keeps what somebody without an account reports, from the address `from`; `None` when too many came
    /// from there lately. Says nothing of whether anybody is known.
    pub async fn report_misuse(
        &self,
        from: &str,
        report: &Report,
    ) -> Result<Option<CaseId>, PageError> {
        let attempts = &self.parts().attempts;
        let until = self.now().after(REPORT_WINDOW);
        let counted = attempts.count(REPORTS, from.as_bytes(), until).await;
        let counted = counted.map_err(|fault| self.fault("count reports", &fault))?;
        if counted > MOST_REPORTS {
            return Ok(None);
        }
        let evidence = CaseEvidence {
            visit: tidy_code(&report.visit),
            sign_ins: Vec::new(),
            statement: cut(&report.statement, LONGEST_STATEMENT),
            contact: cut(&report.contact, LONGEST_CONTACT),
        };
        let opened = self.parts().cases.report(&evidence).await;
        opened
            .map(Some)
            .map_err(|fault| self.fault("keep a report", &fault))
    }
}

fn sign_in_seen(open: OpenSession) -> SignInSeen {
    SignInSeen {
        visit: open.browsing,
        provider: open.provider,
        acr: open.acr.as_str().to_owned(),
        at: open.since,
        services: open.services,
        is_here: open.is_here,
    }
}

/// An identification code as people type it; nothing where it cannot be one.
fn tidy_code(text: &str) -> Option<String> {
    let letters = text.chars().filter(char::is_ascii_alphanumeric);
    let letters: Vec<char> = letters.map(|it| it.to_ascii_uppercase()).collect();
    (letters.len() == 12).then(|| {
        let groups = letters.chunks(4).map(|group| group.iter().collect());
        groups.collect::<Vec<String>>().join("-")
    })
}

/// The first so many characters, without what prints nothing.
fn cut(text: &str, most: usize) -> String {
    let shown = |letter: &char| !letter.is_control() || *letter == '\n';
    text.trim().chars().filter(shown).take(most).collect()
}

const REPORTS: &str = "misuse report";
/// How many reports one address may send in a while.
const MOST_REPORTS: u64 = 5;
const REPORT_WINDOW: Duration = Duration::from_hours(1);
const LONGEST_STATEMENT: usize = 2000;
const LONGEST_CONTACT: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let code = Some("ABCD-2345-WXYZ".to_owned());
        for typed in ["ABCD-2345-WXYZ", " abcd 2345 wxyz", "abcd2345wxyz."] {
            assert_eq!(tidy_code(typed), code);
        }
        for typed in ["", "ABCD-2345", "ABCD-2345-WXYZ-2"] {
            assert_eq!(tidy_code(typed), None);
        }
    }

    #[test]
    fn a_statement_is_kept_whole_but_not_without_end() {
        assert_eq!(
            cut(" on a signé\nà ma place\u{7} ", 99),
            "on a signé\nà ma place"
        );
        assert_eq!(cut(&"é".repeat(99), 10).chars().count(), 10);
    }
}
