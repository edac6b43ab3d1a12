//! Reading pages without a browser: just enough HTML to find texts, links and forms.
//!
//! It trusts the pages to be well formed, as the browser tests see to elsewhere.

/// A page taken apart.
#[derive(Clone, Debug, Default)]
pub struct Document {
    elements: Vec<Element>,
}

/// One element of a page.
#[derive(Clone, Debug)]
pub struct Element {
    /// The tag, in lower case.
    pub tag: String,
    /// The attributes, entities resolved; an attribute without a value is empty.
    pub attributes: Vec<(String, String)>,
    /// All text inside, white space folded to single blanks.
    pub text: String,
    parent: Option<usize>,
}

/// A form and the values it would send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// Where it goes, as written (empty: to the page's own address).
    pub action: String,
    /// `get` or `post`.
    pub method: String,
    /// Names and values of its fields, hidden ones included, buttons left out.
    pub fields: Vec<(String, String)>,
    /// Its submit buttons.
    pub buttons: Vec<Button>,
}

/// A button that sends a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Button {
    /// The `id` attribute, empty if it has none.
    pub id: String,
    /// What a person reads on it: the whole, then each part that stands out.
    pub labels: Vec<String>,
    /// What pressing it adds to the form: its name and value.
    pub field: Option<(String, String)>,
    /// An address that replaces the form's (`formaction`).
    pub action: Option<String>,
}

impl Document {
    /// Takes a page apart.
    pub fn parse(html: &str) -> Self {
        let mut document = Self::default();
        let mut open: Vec<usize> = Vec::new();
        let mut rest = html;
        while let Some(start) = rest.find('<') {
            document.add_text(&open, &rest[..start]);
            rest = &rest[start..];
            if let Some(after) = rest.strip_prefix("<!--") {
                rest = after.split_once("-->").map_or("", |(_, after)| after);
                continue;
            }
            let (tag, after) = split_tag(rest);
            rest = after;
            if let Some(name) = tag.strip_prefix('/') {
                let name = name.trim().to_ascii_lowercase();
                if let Some(depth) = open
                    .iter()
                    .rposition(|index| document.elements[*index].tag == name)
                {
                    open.truncate(depth);
                }
                continue;
            }
            if tag.starts_with('!') {
                continue;
            }
            let element = Element::parse(tag, open.last().copied());
            let raw = matches!(element.tag.as_str(), "script" | "style");
            let closed = tag.ends_with('/') || VOID.contains(&element.tag.as_str());
            let end = format!("</{}", element.tag);
            document.elements.push(element);
            if raw {
                rest = rest.find(&end).map_or("", |at| &rest[at..]);
            } else if !closed {
                open.push(document.elements.len() - 1);
            }
        }
        document.add_text(&open, rest);
        for element in &mut document.elements {
            element.text = element
                .text
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ");
        }
        document
    }

    /// The element of that `id`.
    pub fn by_id(&self, id: &str) -> Option<&Element> {
        self.elements
            .iter()
            .find(|element| element.attribute("id") == Some(id))
    }

    /// Every element of that tag.
    pub fn by_tag(&self, tag: &str) -> impl Iterator<Item = &Element> {
        self.elements
            .iter()
            .filter(move |element| element.tag == tag)
    }

    /// What a person would read, head included.
    pub fn text(&self) -> String {
        self.by_tag("html").next().map_or_else(
            || {
                self.elements
                    .iter()
                    .filter(|element| element.parent.is_none())
                    .map(|element| element.text.as_str())
                    .collect::<Vec<_>>()
                    .join(" ")
            },
            |html| html.text.clone(),
        )
    }

    /// The forms, in the order of the page.
    pub fn forms(&self) -> Vec<Form> {
        let forms = self
            .elements
            .iter()
            .enumerate()
            .filter(|(_, element)| element.tag == "form");
        forms
            .map(|(index, element)| self.form(index, element))
            .collect()
    }

    /// The address of a link that has this `id` or reads like this.
    pub fn link(&self, wanted: &str) -> Option<&str> {
        let link = self
            .by_tag("a")
            .find(|link| link.attribute("id") == Some(wanted) || link.text == wanted)?;
        link.attribute("href")
    }

    fn form(&self, index: usize, element: &Element) -> Form {
        let id = element.attribute("id");
        let belongs = |candidate: &&Element| match candidate.attribute("form") {
            Some(form) => Some(form) == id,
            None => self.is_inside(candidate, index),
        };
        let controls: Vec<&Element> = self.elements.iter().filter(belongs).collect();
        Form {
            action: element.attribute("action").unwrap_or_default().to_owned(),
            method: element
                .attribute("method")
                .unwrap_or("get")
                .to_ascii_lowercase(),
            fields: controls
                .iter()
                .filter_map(|control| self.field(control))
                .collect(),
            buttons: controls
                .iter()
                .filter_map(|control| self.button(control))
                .collect(),
        }
    }

    fn field(&self, control: &Element) -> Option<(String, String)> {
        let name = control
            .attribute("name")
            .filter(|name| !name.is_empty())?
            .to_owned();
        let kind = control.attribute("type").unwrap_or("text");
        let value = match control.tag.as_str() {
            "input" if matches!(kind, "submit" | "button" | "image" | "reset") => return None,
            "input" if matches!(kind, "checkbox" | "radio") => {
                control.attribute("checked")?;
                control.attribute("value").unwrap_or("on").to_owned()
            }
            "input" => control.attribute("value").unwrap_or_default().to_owned(),
            "textarea" => control.text.clone(),
            "select" => self.selected(control)?,
            _ => return None,
        };
        Some((name, value))
    }

    fn selected(&self, select: &Element) -> Option<String> {
        let index = self
            .elements
            .iter()
            .position(|element| std::ptr::eq(element, select))?;
        let options: Vec<&Element> = self
            .by_tag("option")
            .filter(|option| self.is_inside(option, index))
            .collect();
        let chosen = options
            .iter()
            .find(|option| option.attribute("selected").is_some())
            .or(options.first())?;
        Some(chosen.attribute("value").unwrap_or(&chosen.text).to_owned())
    }

    fn button(&self, control: &Element) -> Option<Button> {
        let kind = match control.tag.as_str() {
            "button" => control.attribute("type").unwrap_or("submit"),
            "input" => control.attribute("type")?,
            _ => return None,
        };
        if !matches!(kind, "submit" | "image") || control.attribute("disabled").is_some() {
            return None;
        }
        let value = control.attribute("value").unwrap_or_default();
        let name = control.attribute("name").filter(|name| !name.is_empty());
        Some(Button {
            id: control.attribute("id").unwrap_or_default().to_owned(),
            labels: self.labels(control, value),
            field: name.map(|name| (name.to_owned(), value.to_owned())),
            action: control.attribute("formaction").map(str::to_owned),
        })
    }

    fn labels(&self, control: &Element, value: &str) -> Vec<String> {
        let index = self
            .elements
            .iter()
            .position(|element| std::ptr::eq(element, control));
        let Some(index) = index.filter(|_| control.tag == "button") else {
            return vec![value.to_owned()];
        };
        let parts = self
            .elements
            .iter()
            .filter(|element| self.is_inside(element, index));
        std::iter::once(control)
            .chain(parts)
            .map(|element| element.text.clone())
            .collect()
    }

    fn is_inside(&self, element: &Element, ancestor: usize) -> bool {
        let mut parent = element.parent;
        while let Some(index) = parent {
            if index == ancestor {
                return true;
            }
            parent = self.elements[index].parent;
        }
        false
    }

    fn add_text(&mut self, open: &[usize], text: &str) {
        let text = unescape(text);
        for index in open.iter().rev() {
            let element = &mut self.elements[*index];
            // A blank between the texts of neighbours, as block elements would show it.
            element.text.push(' ');
            element.text.push_str(&text);
            if element.attribute("aria-hidden") == Some("true") {
                break;
            }
        }
    }
}

impl Element {
    fn parse(tag: &str, parent: Option<usize>) -> Self {
        let tag = tag.trim_end_matches('/');
        let name_end = tag.find(char::is_whitespace).unwrap_or(tag.len());
        let mut attributes = Vec::new();
        let mut rest = tag[name_end..].trim_start();
        while !rest.is_empty() {
            let end = rest
                .find(|c: char| c == '=' || c.is_whitespace())
                .unwrap_or(rest.len());
            let name = rest[..end].to_ascii_lowercase();
            rest = rest[end..].trim_start();
            let mut value = "";
            if let Some(after) = rest.strip_prefix('=') {
                (value, rest) = split_value(after.trim_start());
            }
            attributes.push((name, unescape(value)));
            rest = rest.trim_start();
        }
        Self {
            tag: tag[..name_end].to_ascii_lowercase(),
            attributes,
            text: String::new(),
            parent,
        }
    }

    /// The value of an attribute, if the element has it.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(candidate, _)| candidate == name)
            .map(|(_, value)| value.as_str())
    }
}

const VOID: &[&str] = &[
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr",
];

/// The inside of the tag at the start of `rest`, and what follows it; quoted values may hold `>`.
fn split_tag(rest: &str) -> (&str, &str) {
    let mut quote = None;
    for (at, c) in rest.char_indices().skip(1) {
        match (quote, c) {
            (None, '>') => return (&rest[1..at], &rest[at + 1..]),
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            _ => {}
        }
    }
    (&rest[1..], "")
}

fn split_value(rest: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(inner) = rest.strip_prefix(quote) {
            return inner.split_once(quote).unwrap_or((inner, ""));
        }
    }
    let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
    rest.split_at(end)
}

/// Resolves numeric entities and the handful of names that pages use.
fn unescape(text: &str) -> String {
    let mut parts = text.split('&');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let entity = part
            .split_once(';')
            .and_then(|(name, after)| Some((entity(name)?, after)));
        if let Some((character, after)) = entity {
            plain.push(character);
            plain.push_str(after);
        } else {
            plain.push('&');
            plain.push_str(part);
        }
    }
    plain
}

fn entity(name: &str) -> Option<char> {
    if let Some(hexadecimal) = name.strip_prefix("#x").or(name.strip_prefix("#X")) {
        return char::from_u32(u32::from_str_radix(hexadecimal, 16).ok()?);
    }
    if let Some(decimal) = name.strip_prefix('#') {
        return char::from_u32(decimal.parse().ok()?);
    }
    let known = [
        ("amp", '&'),
        ("lt", '<'),
        ("gt", '>'),
        ("quot", '"'),
        ("apos", '\''),
        ("nbsp", ' '),
        ("laquo", '«'),
        ("raquo", '»'),
        ("hellip", '…'),
        ("rsquo", '’'),
    ];
    known
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, character)| *character)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = r#"<!doctype html><html><head><title>T</title><style>p > a {}</style></head><body>
        <!-- <form> --><p id=greeting class="a b">Bonjour <b>Camille</b> &amp; Aim&#233;e</p>
        <a href="/next?a=1&amp;b=2" id="go">Continuer</a>
        <form method="POST" action="/sign-in"><input type="hidden" name="csrf" value="a>b">
          <input name="login"><input type="checkbox" name="stay" checked>
          <input type="checkbox" name="no"><select name="lang"><option>fr<option value="en" selected>English</select>
          <button id="ok" name="go" value="1">Se <i>connecter</i></button>
          <button type="button">Rien</button></form>
        <input name="late" form="f2"><form id="f2"><input type="submit" value="Ok"></form></body></html>"#;

    #[test]
    fn texts_and_links_are_read_as_people_read_them() {
        let page = Document::parse(PAGE);
        assert_eq!(
            page.by_id("greeting").unwrap().text,
            "Bonjour Camille & Aimée"
        );
        assert_eq!(page.link("Continuer"), Some("/next?a=1&b=2"));
        assert_eq!(page.link("go"), page.link("Continuer"));
        assert!(
            page.text()
                .starts_with("T Bonjour Camille & Aimée Continuer"),
            "{}",
            page.text()
        );
    }

    #[test]
    fn a_form_has_the_values_it_would_send() {
        let forms = Document::parse(PAGE).forms();
        assert_eq!(
            (forms[0].method.as_str(), forms[0].action.as_str()),
            ("post", "/sign-in")
        );
        let fields: Vec<(&str, &str)> = forms[0]
            .fields
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        assert_eq!(
            fields,
            [
                ("csrf", "a>b"),
                ("login", ""),
                ("stay", "on"),
                ("lang", "en")
            ]
        );
        assert_eq!(forms[0].buttons.len(), 1);
        assert_eq!(forms[0].buttons[0].labels, ["Se connecter", "connecter"]);
        assert_eq!(
            forms[0].buttons[0].field,
            Some(("go".to_owned(), "1".to_owned()))
        );
    }

    #[test]
    fn a_control_may_stand_outside_its_form() {
        let forms = Document::parse(PAGE).forms();
        assert_eq!(forms[1].fields, [("late".to_owned(), String::new())]);
        assert_eq!(forms[1].buttons[0].labels, ["Ok"]);
    }

    #[test]
    fn what_is_hidden_from_readers_is_no_part_of_a_label() {
        let page = r#"<form><button id="p"><i aria-hidden="true">C</i><b>Compte</b> <i>hint</i></button>
            <button disabled>Non</button></form>"#;
        let forms = Document::parse(page).forms();
        assert_eq!(forms[0].buttons.len(), 1);
        assert_eq!(forms[0].buttons[0].labels[0], "Compte hint");
        assert!(forms[0].buttons[0].labels.contains(&"Compte".to_owned()));
    }

    #[test]
    fn broken_markup_is_no_panic() {
        for broken in [
            "<",
            "<a",
            "<a href=\"",
            "</x>",
            "&",
            "&#;",
            "<p>&#x110000;</p>",
            "<!--",
            "<script>",
        ] {
            let _ = Document::parse(broken).text();
        }
    }
}
