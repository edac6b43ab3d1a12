//! The page of kill switches: what is off, and the forms that switch off and on, each confirmed by a fresh
//! sign-in.

use std::sync::Arc;

use async_trait::async_trait;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use guichet_domain::switch::SwitchTarget;
use guichet_domain::{Reason, Rule};
use guichet_web::{Form, PageContext, PageError, Serde, context};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};

use super::confirm::{Caution, Confirmable, Dangerous, Proposal, Row};
use super::reasons::because;
use super::waits::{HOUR, wait};
use super::{Console, Present};
use crate::api::Api;
use crate::people::{Action, Kind};
use crate::{KnownSwitch, SwitchError, SwitchMetadata};

/// What is confirmed here.
pub(super) const OPERATIONS: &[&dyn Confirmable] = &[&SwitchOff, &SwitchOn];

const FORM: &str = "console-switches";
const PATH: &str = "/switches";

/// Something that is off, as the page shows it.
#[derive(Serialize)]
struct Shown {
    target: String,
    /// `hub`, `client` or `provider`: the end of a text's name.
    kind: &'static str,
    message_fr: Option<String>,
    message_en: Option<String>,
    until: Option<i64>,
    since: i64,
    reason: String,
    by: String,
}

/// `GET /switches`
pub(super) async fn show(
    State(api): State<Arc<Api>>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let console = &api.console;
    let present = console.present(&headers).await?;
    console.must(&present, Action::Read, Kind::Switch)?;
    let (browser, _) = console.browser(&headers)?;
    let all = api.switches(present.actor()).list().await;
    let all = all.map_err(|fault| console.fault("read what is switched off", &fault))?;
    let off: Vec<Shown> = all
        .into_iter()
        .map(|off| Shown {
            target: off.target.to_string(),
            kind: match off.target {
                SwitchTarget::Hub => "hub",
                SwitchTarget::Client(_) => "client",
                SwitchTarget::Provider(_) => "provider",
            },
            message_fr: off.message_fr,
            message_en: off.message_en,
            until: off.until.map(guichet_domain::Timestamp::millis),
            since: off.since.millis(),
            reason: off.reason,
            by: off.by,
        })
        .collect();
    let data = context! {
        off => Serde(&off),
        may_change => present.rights.may_somewhere(Action::Change, Kind::Switch),
        csrf => console.form_token(&browser, FORM, &present),
    };
    let page = console.page(page, &present, PATH);
    Ok(console.pages.html(&page, "admin/switches.html", data))
}

/// What is to be switched.
#[derive(Deserialize)]
pub(super) struct Posted {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    act: String,
    #[serde(default)]
    target: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    message_fr: String,
    #[serde(default)]
    message_en: String,
    /// In how many hours it is to come back; blank where nobody knows.
    #[serde(default)]
    hours: String,
}

/// `POST /switches`: what is asked for is shown, and confirmed, before it is done.
pub(super) async fn propose(
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
    Form(posted): Form<Posted>,
) -> Result<Response, PageError> {
    let console = &api.console;
    let present = console.own_form(&headers, FORM, &posted.csrf).await?;
    console.must(&present, Action::Change, Kind::Switch)?;
    let name = posted.target.trim().to_owned();
    if posted.act == "on" {
        let row = Row::said("console-switch-reason", "reason", posted.reason.trim());
        let title = ("console-switch-on-title", name.as_str());
        let input = OnAgain {
            target: name.clone(),
            reason: posted.reason,
        };
        let proposal = Proposal::<SwitchOn>::new(input, title, PATH.to_owned());
        return console
            .propose(&present, proposal.with_rows(vec![row]))
            .await;
    }
    let wanted = posted.wanted(console)?;
    // What cannot stand is said here, before anybody signs in for it.
    let now = console.door.clock.now();
    let checked = wanted.check(&present.actor(), now);
    checked.map_err(|error| refused(console, &error.into()))?;
    let rows = [
        ("console-switch-reason", "reason", Some(&wanted.reason)),
        (
            "console-switch-message-fr",
            "message_fr",
            wanted.message_fr.as_ref(),
        ),
        (
            "console-switch-message-en",
            "message_en",
            wanted.message_en.as_ref(),
        ),
        ("console-switch-until", "until", wanted.until.as_ref()),
    ];
    let rows = rows.into_iter().filter_map(|(label, member, text)| {
        let text = text.filter(|text| !text.trim().is_empty())?;
        Some(Row::said(label, member, text))
    });
    let caution = Caution::new("console-switch-caution", &name);
    let rows = rows.collect();
    let title = ("console-switch-off-title", name.as_str());
    let proposal = Proposal::<SwitchOff>::new(wanted, title, PATH.to_owned());
    let proposal = proposal.with_rows(rows).with_warnings(vec![caution]);
    console.propose(&present, proposal).await
}

impl Posted {
    fn wanted(&self, console: &Console) -> Result<SwitchMetadata, PageError> {
        let wait = wait(&self.hours, (HOUR, 24 * 365)).map_err(|_| bad())?;
        let until = wait.map(|wait| console.door.clock.now().after(wait).to_string());
        Ok(SwitchMetadata {
            target: self.target.trim().to_owned(),
            reason: self.reason.trim().to_owned(),
            message_fr: Some(self.message_fr.clone()),
            message_en: Some(self.message_en.clone()),
            until,
            ..SwitchMetadata::default()
        })
    }
}

/// Switches something off.
pub(super) struct SwitchOff;

#[async_trait]
impl Dangerous for SwitchOff {
    type Input = SwitchMetadata;
    const NAME: &'static str = "switch.off";

    async fn carry_out(
        api: &Arc<Api>,
        by: Present,
        _page: PageContext,
        wanted: SwitchMetadata,
    ) -> Result<Response, PageError> {
        api.console.must(&by, Action::Change, Kind::Switch)?;
        let off = api
            .switches(by.actor())
            .off(&wanted, KnownSwitch::Whatever)
            .await;
        off.map_err(|error| refused(&api.console, &error))?;
        Ok(Redirect::to(PATH).into_response())
    }
}

/// Switches something on again.
pub(super) struct SwitchOn;

/// What is to be on again, and why.
#[derive(Serialize, Deserialize)]
pub(super) struct OnAgain {
    target: String,
    reason: String,
}

#[async_trait]
impl Dangerous for SwitchOn {
    type Input = OnAgain;
    const NAME: &'static str = "switch.on";

    async fn carry_out(
        api: &Arc<Api>,
        by: Present,
        _page: PageContext,
        input: OnAgain,
    ) -> Result<Response, PageError> {
        api.console.must(&by, Action::Change, Kind::Switch)?;
        let target: SwitchTarget = input.target.parse().map_err(|_| bad())?;
        let on = api
            .switches(by.actor())
            .on(&target, &input.reason, KnownSwitch::Whatever)
            .await;
        on.map_err(|error| refused(&api.console, &error))?;
        Ok(Redirect::to(PATH).into_response())
    }
}

fn bad() -> PageError {
    Console::malformed(PATH)
}

fn refused(console: &Console, error: &SwitchError) -> PageError {
    let told = |reason: &Reason| {
        let page = PageError::new(StatusCode::BAD_REQUEST, "console-not-switched");
        because(page, "what", reason).with_way_back(PATH, None)
    };
    match error {
        SwitchError::Unknown => told(&Rule::NotOff.into()),
        SwitchError::Overtaken => told(&Reason::from(error.to_string())),
        SwitchError::Invalid(invalid) => told(&invalid.reason),
        SwitchError::Fault(fault) => console.fault("throw a switch", fault),
    }
}
