//! A form of a record that is open: what was typed is looked at in full, then proposed, or shown again with what is
//! wrong.

use std::sync::Arc;

use axum::response::Response;
use guichet_domain::{Reason, Rule};
use guichet_web::{Locale, PageContext, PageError, Serde, context};
use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value};

use super::edit::Posted;
use super::fields::Field;
use super::form::{Draft, Wrong};
use super::list::home;
use super::operations::{Put, Written};
use super::refused;
use super::sheet::Sheet;
use super::show::{FORM, members};
use super::view::{self, Filled};
use crate::api::Api;
use crate::api::caller::Caller;
use crate::api::problem::Problem;
use crate::api::{intake, shelf};
use crate::checks::Finding;
use crate::console::Present;
use crate::console::confirm::{Caution, Proposal, Row};
use crate::console::reasons::InWords;
use crate::people::{Action, Place};

/// What a form says beside its fields.
pub(super) enum Told {
    Nothing,
    /// Something is wrong, or all of it is, for this reason.
    Wrong(Vec<Wrong>, Option<Reason>),
    /// Somebody else was faster: how what was typed differs from what stands now.
    Overtaken(Vec<Row>),
    /// It is like that already.
    Same,
}

/// A form that is open: on which record, by whom.
pub(super) struct Open<'a, S: Sheet> {
    api: &'a Arc<Api>,
    present: &'a Present,
    caller: &'a Caller,
    known: Option<&'a Arc<S::Record>>,
    pub(super) members: Map<String, Value>,
    tag: Option<String>,
}

impl<'a, S: Sheet> Open<'a, S> {
    pub(super) fn new(
        api: &'a Arc<Api>,
        present: &'a Present,
        caller: &'a Caller,
        known: Option<&'a Arc<S::Record>>,
    ) -> Result<Self, PageError> {
        let tag = known.map(|known| shelf::tag::<S>(api, caller, known));
        Ok(Self {
            api,
            present,
            caller,
            known,
            members: known
                .map(|known| members::<S>(api, known))
                .unwrap_or_default(),
            tag: tag.transpose().map_err(|problem| refused::<S>(&problem))?,
        })
    }

    /// Whether a field may be filled in: names are for good, and some of it is not a team's to say.
    fn may_change(&self, field: &Field) -> bool {
        let is_whole = self.caller.rights.may(Action::Add, S::OF, &Place::Hub);
        let is_name = self.known.is_some() && field.name == S::NAME;
        !is_name && (is_whole || S::of_others().contains(&field.member()))
    }

    /// What was typed, looked at in full: a proposal, or the form again with what is wrong.
    pub(super) async fn review(
        &self,
        page: PageContext,
        headers: &HeaderMap,
        posted: Posted,
    ) -> Result<Response, PageError> {
        let seen = posted.get("tag").cloned().unwrap_or_default();
        let draft = Draft::typed(posted);
        let fields = S::fields().iter().filter(|field| self.may_change(field));
        let mut members = match draft.over(&self.members, fields) {
            Ok(members) => members,
            Err(wrong) => {
                let told = Told::Wrong(wrong, None);
                return self.page(page, headers, &draft, &told);
            }
        };
        let missing = missing::<S>(&members);
        if !missing.is_empty() {
            let told = Told::Wrong(missing, None);
            return self.page(page, headers, &draft, &told);
        }
        let before = self.known.map(|_| &self.members);
        let shows_secret = S::furnish(before, &mut members, &*self.api.console.door.entropy);
        let rows = match self.rows(&members).await {
            Ok(rows) => rows,
            Err(problem) if problem.reference().is_some() => return Err(refused::<S>(&problem)),
            Err(problem) => {
                let told = Told::of_problem(&problem);
                return self.page(page, headers, &draft, &told);
            }
        };
        if rows.is_empty() {
            return self.page(page, headers, &draft, &Told::Same);
        }
        if self.tag.as_ref().is_some_and(|tag| *tag != seen) {
            return self.page(page, headers, &draft, &Told::Overtaken(rows));
        }
        self.propose(members, rows, shows_secret).await
    }

    async fn propose(
        &self,
        members: Map<String, Value>,
        rows: Vec<Row>,
        shows_secret: bool,
    ) -> Result<Response, PageError> {
        let warnings = self.look(&members).await;
        let name = |member: &str| {
            members
                .get(member)
                .and_then(Value::as_str)
                .map(str::to_owned)
        };
        let id = name(S::NAME).unwrap_or_default();
        let titled = name("client_name").or_else(|| name("name"));
        let titled = match self.known {
            Some(known) => S::title(known).to_owned(),
            None => titled.unwrap_or_else(|| id.clone()),
        };
        let (title, back) = if self.known.is_some() {
            (
                format!("record-change-{}", S::WORD),
                format!("{}/{id}/edit", home::<S>()),
            )
        } else {
            (
                format!("record-add-{}", S::WORD),
                format!("/new{}", home::<S>()),
            )
        };
        let input = Written {
            members,
            tag: self.tag.clone(),
            shows_secret,
        };
        let proposal = Proposal::<Put<S>>::new(input, (&title, &titled), back)
            .with_rows(rows)
            .with_warnings(warnings);
        self.api.console.propose(self.present, proposal).await
    }

    /// What the members would change, or why they cannot stand.
    async fn rows(&self, members: &Map<String, Value>) -> Result<Vec<Row>, Problem> {
        let metadata: S::Metadata = intake::metadata(members)?;
        let known = self.known.map(|known| &**known);
        shelf::guarded::<S>(self.api, self.caller, known, &metadata).await?;
        let desk = shelf::desk::<S>(self.api, self.caller);
        if self.known.is_none() {
            let taken = desk.find(S::id(&metadata)).await;
            let taken = taken.map_err(|error| shelf::said(self.api, &error))?;
            if taken.is_some() {
                let detail = Rule::NameTaken;
                return Err(Problem::pointed(StatusCode::CONFLICT, S::NAME, detail));
            }
        }
        let changed = desk.preview(&metadata).await;
        let changed = changed.map_err(|error| shelf::said(self.api, &error))?;
        let rows = changed.into_iter().map(|it| Row {
            label: view::label_of::<S>(&self.api.console.pages, &it.member),
            member: it.member,
            before: it.before,
            after: it.after,
        });
        Ok(rows.collect())
    }

    /// What is the matter with what they point to.
    async fn look(&self, members: &Map<String, Value>) -> Vec<Caution> {
        let Ok(metadata) = intake::metadata::<S::Metadata>(members) else {
            return Vec::new();
        };
        let (records, _) = S::records(self.api);
        let known = self.known.map(|known| &**known);
        let Ok(record) = records.check(known, &metadata).await else {
            return Vec::new();
        };
        let findings = S::look(self.api, &record).await;
        let findings = findings.into_iter().filter(|it| it.is_wrong);
        findings.map(Finding::into_caution).collect()
    }

    /// The form, filled in.
    pub(super) fn page(
        &self,
        page: PageContext,
        headers: &HeaderMap,
        draft: &Draft,
        told: &Told,
    ) -> Result<Response, PageError> {
        let console = &self.api.console;
        let (browser, _) = console.browser(headers)?;
        let id = self.known.map(|known| S::id_of(known));
        let action = match id {
            Some(id) => format!("{}/{id}/edit", home::<S>()),
            None => format!("/new{}", home::<S>()),
        };
        let wrong = match told {
            Told::Wrong(wrong, _) => wrong.as_slice(),
            _ => &[],
        };
        let filled = Filled {
            members: &self.members,
            draft,
            wrong,
            may_change: &|field| self.may_change(field),
        };
        let data = context! {
            word => S::WORD,
            home => home::<S>(),
            id,
            title => self.known.map(|known| S::title(known)),
            action => action.as_str(),
            groups => Serde(view::form::<S>(&console.pages, page.locale, &filled)),
            wrong => Serde(self.summary(told, page.locale)),
            reason => Serde(&self.reason(told, page.locale)),
            is_wrong => matches!(told, Told::Wrong(..)),
            is_overtaken => matches!(told, Told::Overtaken(_)),
            is_same => matches!(told, Told::Same),
            csrf => console.form_token(&browser, FORM, self.present),
            tag => self.tag.as_deref(),
        };
        let status = match told {
            Told::Nothing | Told::Same => StatusCode::OK,
            Told::Wrong(..) => StatusCode::UNPROCESSABLE_ENTITY,
            Told::Overtaken(_) => StatusCode::CONFLICT,
        };
        let path = guichet_web::LocalPath::parse(&action);
        let page = path.into_iter().fold(page, PageContext::at);
        let page = console.page(page, self.present, &home::<S>());
        let response = console
            .pages
            .html_with(status, &page, "admin/record_form.html", data);
        Ok(response)
    }

    /// Why all of it is wrong, where that is so.
    fn reason(&self, told: &Told, locale: Locale) -> Option<InWords> {
        match told {
            Told::Wrong(_, Some(reason)) => {
                Some(InWords::of(&self.api.console.pages, locale, reason))
            }
            _ => None,
        }
    }

    /// The fields at fault, each with the way to it; or those in which two differ.
    fn summary(&self, told: &Told, locale: Locale) -> Vec<(String, String)> {
        let pages = &self.api.console.pages;
        let named = |member: &str| {
            let label = view::label_of::<S>(pages, member);
            let label = label.map_or_else(|| member.to_owned(), |id| pages.text(locale, &id, &[]));
            (format!("field-{}", member.replace('.', "-")), label)
        };
        match told {
            Told::Wrong(wrong, _) => wrong.iter().map(|it| named(&it.field)).collect(),
            Told::Overtaken(rows) => rows.iter().map(|it| named(&it.member)).collect(),
            Told::Nothing | Told::Same => Vec::new(),
        }
    }
}

/// The fields that must be filled in and are not.
fn missing<S: Sheet>(members: &Map<String, Value>) -> Vec<Wrong> {
    let fields = S::fields().iter();
    let needed = fields.filter(|it| it.required || it.name == S::NAME);
    let missing = needed.filter(|it| !members.contains_key(it.member()));
    let wrong = missing.map(|it| Wrong {
        field: it.name.clone(),
        text: "record-wrong-missing",
        detail: None,
    });
    wrong.collect()
}

impl Told {
    fn of_problem(problem: &Problem) -> Self {
        let wrong = problem.wrong().iter().map(|it| Wrong {
            field: it.pointer.trim_start_matches("#/").to_owned(),
            text: "record-wrong",
            detail: it.reason.clone().or_else(|| Some((&it.detail).into())),
        });
        let wrong: Vec<Wrong> = wrong.collect();
        let said = || {
            problem
                .reason()
                .cloned()
                .or_else(|| Some(problem.detail().into()))
        };
        let reason = if wrong.is_empty() { said() } else { None };
        Self::Wrong(wrong, reason)
    }
}
