//! The citizen's account at the hub: the one room that may ask the hub who is signed in.

use async_trait::async_trait;
use guichet_broker::{CaseEvidence, Chosen, Doubt, Hub, SessionEnded, WayChange as Change};
use guichet_domain::{Acr, Amr, CaseId, ClientId, GrantId, PersonId, Timestamp};
use guichet_portal::{
    AliasShown, CaseKept, Cases, Closed, DeviceShown, Freshness, Frozen, MyWays, NoticeFollowed,
    OpenSession, OpenSessions, Report, SignInKept, SignedIn, Statement, WayChange, WayNotice,
    WayOutcome, WayShown, WaysIn,
};
use guichet_store::Fault;
use guichet_store::durable::MessageRecord;
use guichet_store::durable::cases::Case;
use guichet_web::{Locale, PageError};
use http::{HeaderMap, HeaderValue};

/// The hub's single sign-on session, as the account may ask for it.
pub(crate) struct HubSession(pub(crate) Hub);

#[async_trait]
impl SignedIn for HubSession {
    async fn person(&self, headers: &HeaderMap) -> Result<Option<PersonId>, PageError> {
        self.0.signed_in(headers).await
    }

    async fn fresh(&self, headers: &HeaderMap) -> Result<Option<Freshness>, PageError> {
        let fresh = self.0.freshly_signed_in(headers).await?;
        Ok(fresh.map(|fresh| match fresh {
            Ok(person) => Freshness::Fresh(person),
            Err(Doubt::SignInAgain { level }) => Freshness::SignInAgain { level },
            Err(Doubt::TooNew { until }) => Freshness::TooNew { until },
        }))
    }
}

#[async_trait]
impl OpenSessions for HubSession {
    async fn list(
        &self,
        headers: &HeaderMap,
    ) -> Result<Option<(PersonId, Vec<OpenSession>)>, PageError> {
        let open = self.0.open_sessions(headers).await?;
        Ok(open.map(|(person, open)| (person, open.into_iter().map(shown).collect())))
    }

    async fn close_others(&self, headers: &HeaderMap) -> Result<usize, PageError> {
        self.0.end_other_sessions(headers).await
    }

    async fn close(&self, headers: &HeaderMap, handle: &str) -> Result<Closed, PageError> {
        Ok(match self.0.end_open_session(headers, handle).await? {
            SessionEnded::Here(forget) => Closed::Here(forget),
            SessionEnded::Elsewhere => Closed::Elsewhere,
            SessionEnded::Gone => Closed::Gone,
        })
    }
}

#[async_trait]
impl Cases for HubSession {
    async fn freeze(&self, headers: &HeaderMap, visit: &str) -> Result<Option<Frozen>, PageError> {
        let frozen = self.0.freeze(headers, visit).await?;
        Ok(frozen.map(|frozen| Frozen {
            case: frozen.case,
            forget: frozen.forget,
        }))
    }

    async fn close(
        &self,
        headers: &HeaderMap,
        asked: Timestamp,
    ) -> Result<Option<Frozen>, PageError> {
        let closed = self.0.close_account(headers, asked).await?;
        Ok(closed.map(|closed| Frozen {
            case: closed.case,
            forget: closed.forget,
        }))
    }

    async fn follow_reopening(
        &self,
        case: &str,
        key: &str,
    ) -> Result<Option<HeaderValue>, PageError> {
        self.0.follow_reopening(case, key).await
    }

    async fn follow_notice(&self, key: &str) -> Result<Option<NoticeFollowed>, PageError> {
        let followed = self.0.follow_notice(key).await?;
        Ok(followed.map(|notice| NoticeFollowed {
            visit: notice.visit,
            at: notice.at,
        }))
    }

    async fn freeze_by_notice(&self, key: &str) -> Result<Option<Frozen>, PageError> {
        let frozen = self.0.freeze_by_notice(key).await?;
        Ok(frozen.map(|frozen| Frozen {
            case: frozen.case,
            forget: frozen.forget,
        }))
    }

    async fn unlinked(
        &self,
        person: PersonId,
        client: &ClientId,
        grant: GrantId,
    ) -> Result<(), Fault> {
        self.0.tell_unlinked(person, client, grant).await
    }

    async fn of(&self, headers: &HeaderMap) -> Result<Vec<CaseKept>, PageError> {
        let cases = self.0.own_cases(headers).await?;
        Ok(cases.into_iter().map(case_kept).collect())
    }

    async fn report(&self, from: &str, report: Report) -> Result<Option<CaseId>, PageError> {
        let report = guichet_broker::Report {
            statement: report.statement,
            contact: report.contact,
            visit: report.visit,
        };
        self.0.report_misuse(from, &report).await
    }
}

#[async_trait]
impl WaysIn for HubSession {
    async fn read(&self, headers: &HeaderMap) -> Result<Option<MyWays>, PageError> {
        let ways = self.0.ways(headers).await?;
        Ok(ways.map(|ways| MyWays {
            person: ways.person,
            providers: ways.providers.into_iter().map(way_shown).collect(),
            others_open: ways.others_open,
            tells_all: ways.tells_all,
            address: ways.address,
            asked: ways.asked,
            devices: ways.devices.into_iter().map(device_shown).collect(),
            aliases: ways.aliases.into_iter().map(alias_shown).collect(),
        }))
    }

    async fn change(
        &self,
        headers: &HeaderMap,
        change: WayChange,
    ) -> Result<Option<WayOutcome>, PageError> {
        let change = match change {
            WayChange::Preferences(said) => Change::Preferences(guichet_broker::Preferences {
                providers: said.providers,
                others_open: said.others_open,
                tells_all: said.tells_all,
            }),
            WayChange::AskAddress { address, locale } => Change::AskAddress { address, locale },
            WayChange::ConfirmAddress { code } => Change::ConfirmAddress { code },
            WayChange::ForgetAddress => Change::ForgetAddress,
            WayChange::Alias { handle, open } => Change::Alias { handle, open },
            WayChange::ForgetDevice { handle } => Change::ForgetDevice { handle },
        };
        let chosen = self.0.change_ways(headers, &change).await?;
        Ok(chosen.map(|chosen| match chosen {
            Chosen::Changed => WayOutcome::Changed,
            Chosen::Unchanged => WayOutcome::Unchanged,
            Chosen::Asked => WayOutcome::Asked,
            Chosen::InUse => WayOutcome::InUse,
            Chosen::Unknown => WayOutcome::Unknown,
            Chosen::NotAnAddress => WayOutcome::NotAnAddress,
            Chosen::WrongCode => WayOutcome::WrongCode,
            Chosen::TooMany => WayOutcome::TooMany,
            Chosen::Doubted(_) => WayOutcome::NotFresh,
        }))
    }

    fn notice(&self, record: &MessageRecord, locale: Locale) -> Option<WayNotice> {
        let notice = self.0.notice(record, locale)?;
        Some(WayNotice {
            kind: notice.kind,
            text: notice.text,
            at: notice.at,
            visit: notice.visit,
        })
    }
}

fn case_kept((case, evidence): (Case, CaseEvidence)) -> CaseKept {
    let sign_in = |seen: guichet_broker::SignInSeen| SignInKept {
        visit: seen.visit,
        provider: seen.provider,
        level: seen.acr,
        at: seen.at,
        services: seen.services,
        is_here: seen.is_here,
    };
    CaseKept {
        case: case.id,
        kind: case.kind.as_str(),
        opened: case.opened.at,
        is_own: case.opened.by == guichet_broker::THE_PERSON,
        ended: case.ended.map(|act| act.at),
        visit: evidence.visit,
        sign_ins: evidence.sign_ins.into_iter().map(sign_in).collect(),
    }
}

fn alias_shown(alias: guichet_broker::AliasShown) -> AliasShown {
    AliasShown {
        handle: alias.handle,
        client: alias.client,
        service: alias.service,
        address: alias.address,
        leads_to: alias.leads_to,
        made: alias.made,
        cut: alias.cut,
    }
}

fn device_shown(used: guichet_broker::Used) -> DeviceShown {
    DeviceShown {
        handle: used.handle,
        name: used.name,
        first: used.first,
        last: used.last,
        is_here: used.is_here,
    }
}

fn way_shown(way: guichet_broker::ProviderWay) -> WayShown {
    WayShown {
        id: way.id,
        name: way.name,
        closed: way.closed,
        in_use: way.in_use,
        spoke: way.spoke,
    }
}

fn shown(session: guichet_broker::OpenSession) -> OpenSession {
    OpenSession {
        handle: session.handle,
        is_here: session.is_here,
        provider: session.provider,
        level: session.acr.as_str(),
        since: session.since,
        used: session.used,
        device: session.device,
        browsing: session.browsing,
        services: session.services,
        told: session.told.into_iter().map(told).collect(),
    }
}

fn told(told: guichet_broker::Statement) -> Statement {
    Statement {
        by: told.by,
        at: told.at.millis(),
        level: told.acr.map(Acr::as_str),
        methods: told.amr.into_iter().map(Amr::as_str).collect(),
        claims: told.claims,
    }
}
