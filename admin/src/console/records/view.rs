//! What templates see of a record's fields: labels and help in the language of the page, groups, values.

use crate::console::reasons::InWords;
use guichet_web::{Locale, Pages};
use serde::Serialize;
use serde_json::{Map, Value};

use super::fields::{Field, FieldKind};
use super::form::{Draft, Wrong, value};
use super::sheet::{Sheet, known_lines};
use crate::console::shown::Shown;

/// A heading and its fields.
#[derive(Serialize)]
pub(super) struct GroupView {
    name: &'static str,
    /// Whether it is open from the start.
    open: bool,
    fields: Vec<FieldView>,
}

/// A field, for reading or for filling in.
#[derive(Serialize)]
pub(super) struct FieldView {
    name: String,
    id: String,
    label: String,
    help: String,
    /// Whether the help is English whatever the page is.
    foreign: bool,
    kind: &'static str,
    options: Vec<String>,
    required: bool,
    /// For reading alone.
    fixed: bool,
    text: String,
    rows: usize,
    shown: Option<Shown>,
    /// What is wrong: in the language of the page, and more in English.
    wrong: Option<String>,
    detail: InWords,
}

/// What a form is filled with.
pub(super) struct Filled<'a> {
    /// The record's members, as they are.
    pub(super) members: &'a Map<String, Value>,
    /// What stands in the fields.
    pub(super) draft: &'a Draft,
    /// What is wrong with it.
    pub(super) wrong: &'a [Wrong],
    /// Which may be changed.
    pub(super) may_change: &'a dyn Fn(&Field) -> bool,
}

/// The groups of a form.
pub(super) fn form<S: Sheet>(pages: &Pages, locale: Locale, filled: &Filled<'_>) -> Vec<GroupView> {
    let mut groups: Vec<GroupView> = Vec::new();
    for field in S::fields() {
        let wrong = filled.wrong.iter();
        let mut wrong = wrong.filter(|it| it.field == field.name || it.field == field.member());
        let mut view = view::<S>(pages, locale, field);
        view.fixed = !(filled.may_change)(field);
        filled.draft.text(&field.name).clone_into(&mut view.text);
        view.shown = value(filled.members, &field.name).map(Shown::of);
        view.rows = view.text.lines().count().clamp(2, 12);
        if let Some(wrong) = wrong.next() {
            view.wrong = Some(pages.text(locale, wrong.text, &[]));
            let detail = wrong.detail.as_ref();
            let words = detail.map(|it| InWords::of(pages, locale, it));
            view.detail = words.unwrap_or(InWords::NOTHING);
        }
        if view.kind == "choice" && !view.text.is_empty() && !view.options.contains(&view.text) {
            view.options.push(view.text.clone());
        }
        let is_wrong = view.wrong.is_some();
        view.required |= field.name == S::NAME;
        put(&mut groups, field.group, view);
        let is_first = groups.len() <= OPEN_FROM_THE_START;
        if let Some(last) = groups.last_mut() {
            last.open |= is_wrong || is_first;
        }
    }
    groups
}

/// The others are a press away, and open by themselves where something is wrong in them.
const OPEN_FROM_THE_START: usize = 2;

/// The groups of a record for reading: what stands in it, and nothing else.
pub(super) fn record<S: Sheet>(
    pages: &Pages,
    locale: Locale,
    members: &Map<String, Value>,
) -> Vec<GroupView> {
    let mut groups: Vec<GroupView> = Vec::new();
    for field in S::fields() {
        let Some(value) = value(members, &field.name) else {
            continue;
        };
        let mut view = view::<S>(pages, locale, field);
        view.shown = Some(Shown::of(value));
        put(&mut groups, field.group, view);
    }
    if let Some(first) = groups.first_mut() {
        first.open = true;
    }
    groups
}

/// The text that names a member of such records, where there is one.
pub(super) fn label_of<S: Sheet>(pages: &Pages, member: &str) -> Option<String> {
    let ids = text_ids::<S>(member).into_iter();
    let mut known = ids.filter(|id| pages.text(Locale::English, id, &[]) != *id);
    known.next()
}

fn put(groups: &mut Vec<GroupView>, name: &'static str, field: FieldView) {
    match groups.last_mut().filter(|group| group.name == name) {
        Some(group) => group.fields.push(field),
        None => groups.push(GroupView {
            name,
            open: false,
            fields: vec![field],
        }),
    }
}

fn view<S: Sheet>(pages: &Pages, locale: Locale, field: &Field) -> FieldView {
    let label = label_of::<S>(pages, &field.name);
    let help = label.as_ref().and_then(|id| {
        let id = format!("{id}.help");
        let help = pages.text(locale, &id, &[]);
        (help != id).then_some(help)
    });
    let foreign = help.is_none() && locale != Locale::English;
    FieldView {
        id: format!("field-{}", field.name.replace('.', "-")),
        label: label.map_or_else(|| field.name.clone(), |id| pages.text(locale, &id, &[])),
        help: help.unwrap_or_else(|| field.doc.replace('`', "")),
        foreign,
        name: field.name.clone(),
        kind: kind(&field.kind),
        options: match &field.kind {
            FieldKind::Choice(choices) => choices.clone(),
            _ => known_lines(&field.name)
                .into_iter()
                .map(str::to_owned)
                .collect(),
        },
        required: field.required,
        fixed: false,
        text: String::new(),
        rows: 2,
        shown: None,
        wrong: None,
        detail: InWords::NOTHING,
    }
}

/// The texts that may name a field: that of its kind of records, then that of all.
fn text_ids<S: Sheet>(field: &str) -> [String; 2] {
    let name = field.replace('.', "-");
    [format!("field-{}-{name}", S::WORD), format!("field-{name}")]
}

const fn kind(kind: &FieldKind) -> &'static str {
    match kind {
        FieldKind::Line => "line",
        FieldKind::Secret => "secret",
        FieldKind::Lines | FieldKind::Pairs => "lines",
        FieldKind::Flag => "flag",
        FieldKind::Number => "number",
        FieldKind::Choice(_) => "choice",
        FieldKind::Json => "json",
    }
}
