//! What a catalogue says, and what is let into none.

use proptest::prelude::*;
use serde_json::json;

use super::*;

const GOOD: &str = r#"
    version = "1"
    [[provider]]
    id = "impots"
    name = { fr = "Impôts", en = "Taxes" }
    [[purpose]]
    id = "aide"
    sentence = { fr = "Étudier votre demande", en = "To examine your request" }
    legal = { fr = "Une loi", en = "A law" }
    basis = "consent"
    retention_days = 30
    [[evidence]]
    id = "avis"
    provider = "impots"
    label = { fr = "Avis", en = "Notice" }
    fresh_for_days = 365
    [[evidence.field]]
    name = "revenu"
    scope = "dgfip_rfr"
    type = "integer"
    label = { fr = "Revenu", en = "Income" }
    [[evidence.field]]
    name = "imposable"
    type = "boolean"
    label = { fr = "Imposable", en = "Taxable" }
    derived_from = "revenu"
"#;

fn scope(name: &str) -> Scope {
    name.parse().unwrap()
}

fn with(good: &str, bad: &str) -> Result<(), CatalogueError> {
    assert!(GOOD.contains(good), "{good}");
    Catalogue::parse(&GOOD.replace(good, bad)).map(|_| ())
}

#[test]
fn the_built_in_catalogue_is_whole() {
    let catalogue = Catalogue::builtin().unwrap();
    for name in ["cnaf_quotient_familial", "dgfip_rfr", "mi_siv_carte_grise"] {
        let (evidence, _) = catalogue.of_scope(&scope(name)).unwrap();
        assert!(catalogue.holder(evidence).is_some(), "{name}");
    }
    let scopes = catalogue.data_scopes();
    assert!(scopes.len() > 60, "{}", scopes.len());
    assert!(scopes.iter().all(|it| catalogue.label(it, "en").is_some()));
    let purpose = catalogue
        .purpose(&"tarif-cantine".parse().unwrap())
        .unwrap();
    assert_eq!(purpose.basis(), Basis::ExplicitRequest);
}

#[test]
fn a_label_is_read_in_the_language_of_the_page() {
    let catalogue = Catalogue::builtin().unwrap();
    let label = |lang| catalogue.label(&scope("dgfip_rfr"), lang);
    assert_eq!(label("fr"), Some("Revenu fiscal de référence"));
    assert_eq!(label("en-GB"), Some("Reference tax income"));
    assert_eq!(label("de"), label("fr"));
}

#[test]
fn identity_is_not_evidence() {
    let catalogue = Catalogue::builtin().unwrap();
    for name in ["openid", "profile", "email", "nobody_knows"] {
        assert_eq!(catalogue.label(&scope(name), "fr"), None, "{name}");
    }
}

#[test]
fn an_entry_is_read_whole() {
    let catalogue = Catalogue::parse(GOOD).unwrap();
    let (evidence, field) = catalogue.of_scope(&scope("dgfip_rfr")).unwrap();
    assert_eq!(catalogue.version(), "1");
    assert_eq!(catalogue.holder(evidence).unwrap().id(), "impots");
    assert_eq!(evidence.fresh_for(), Duration::from_hours(365 * 24));
    assert_eq!(evidence.label().in_language("en"), "Notice");
    assert_eq!(field.kind(), FieldType::Integer);
    let less = evidence.field(&"imposable".parse().unwrap()).unwrap();
    assert_eq!(less.derived_from(), Some(field.name()));
}

#[test]
fn what_is_published_says_it_all() {
    let published = serde_json::to_value(Catalogue::parse(GOOD).unwrap()).unwrap();
    assert_eq!(published["version"], "1");
    assert_eq!(published["evidence"][0]["fresh_for_days"], 365);
    assert_eq!(
        published["evidence"][0]["fields"][0],
        json!({
            "name": "revenu", "type": "integer", "scope": "dgfip_rfr",
            "label": {"fr": "Revenu", "en": "Income"},
        })
    );
    assert_eq!(published["purposes"][0]["basis"], "consent");
    assert_eq!(published.get("by_scope"), None);
}

#[test]
fn a_value_is_of_its_fields_type() {
    let long = "x".repeat(2001);
    for (kind, good, bad) in [
        (FieldType::Integer, json!(-3), json!(1.5)),
        (FieldType::String, json!("B"), json!(long)),
        (FieldType::Boolean, json!(false), json!("false")),
    ] {
        assert!(kind.takes(&good), "{good}");
        assert!(!kind.takes(&bad), "{kind:?}");
        assert!(!kind.takes(&json!(null)) && !kind.takes(&json!([good])));
    }
}

#[test]
fn each_fault_is_refused_by_name() {
    let name = |name: &str| name.to_owned();
    let identity = |scope: &str| Err(CatalogueError::Identity(name(scope)));
    assert_eq!(with("dgfip_rfr", "profile"), identity("profile"));
    assert_eq!(with("dgfip_rfr", "openid"), identity("openid"));
    assert_eq!(
        with("\"impots\"\n    name", "\"Impôts\"\n    name"),
        Err(CatalogueError::ProviderId(name("Impôts")))
    );
    assert_eq!(with("365", "0"), Err(CatalogueError::Days(name("avis"))));
    assert_eq!(
        with("= 30", "= 4000"),
        Err(CatalogueError::Days(name("aide")))
    );
    assert_eq!(
        with("\"Revenu\"", "\" \""),
        Err(CatalogueError::Text(name("revenu")))
    );
    assert_eq!(
        with("Taxes", "a\\u0007"),
        Err(CatalogueError::Text(name("impots")))
    );
    let long = "x".repeat(121);
    assert_eq!(
        with("Étudier votre demande", &long),
        Err(CatalogueError::Text(name("aide")))
    );
    assert_eq!(
        with("\"avis\"", "\"Avis\""),
        Err(CatalogueError::Name(name("Avis")))
    );
    assert_eq!(
        with("derived_from = \"revenu\"", "derived_from = \"impot\""),
        Err(CatalogueError::Derived(name("imposable")))
    );
    assert!(matches!(
        with("dgfip_rfr", "a b"),
        Err(CatalogueError::Scope { .. })
    ));
    assert!(matches!(
        with("provider = \"impots\"", "provider = \"autre\""),
        Err(CatalogueError::Nobody { .. })
    ));
    for (good, bad) in [
        (", en = \"Income\"", ""),
        ("fresh_for_days", "fresh_for"),
        ("version", "versions"),
        ("\"consent\"", "\"because\""),
        ("\"boolean\"", "\"number\""),
    ] {
        assert!(
            matches!(with(good, bad), Err(CatalogueError::Shape(_))),
            "{bad}"
        );
    }
}

#[test]
fn nothing_stands_there_twice_and_nobody_for_nothing() {
    let again = |marker: &str| {
        let start = GOOD.find(marker).unwrap();
        let end = GOOD[start + 2..]
            .find("[[")
            .map_or(GOOD.len(), |end| start + 2 + end);
        format!("{GOOD}\n{}", &GOOD[start..end])
    };
    let read = |text: String| Catalogue::parse(&text).map(|_| ());
    let twice = |name: &str| Err(CatalogueError::Twice(name.to_owned()));
    assert_eq!(read(again("[[provider]]")), twice("impots"));
    assert_eq!(read(again("[[purpose]]")), twice("aide"));
    assert_eq!(read(again("[[evidence.field]]")), twice("revenu"));
    let other_name = again("[[evidence.field]]").replacen("\"revenu\"", "\"autre\"", 1);
    let derived = other_name.replace("derived_from = \"revenu\"", "");
    assert_eq!(read(derived), twice("dgfip_rfr"));
    let idle = again("[[provider]]").replacen("\"impots\"", "\"autre\"", 1);
    assert_eq!(read(idle), Err(CatalogueError::Nothing("autre".into())));
    let empty = &GOOD[..GOOD.find("[[evidence.field]]").unwrap()];
    assert_eq!(
        read(empty.to_owned()),
        Err(CatalogueError::Nothing("avis".into()))
    );
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_fall_over(text in ".{0,80}", value in "\\PC{0,20}") {
        let _ = Catalogue::parse(&text);
        let value = toml::Value::String(value).to_string();
        if let Ok(catalogue) = Catalogue::parse(&GOOD.replace("\"dgfip_rfr\"", &value)) {
            prop_assert!(catalogue.data_scopes().iter().all(|scope| scope.claims().is_empty()));
        }
    }
}
