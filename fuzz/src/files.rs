//! Files that operators write: settings with what stands around them, and the catalogue of evidence. A bad
//! one is refused with a reason; what a good one names can be looked up.

use std::path::PathBuf;

use guichet_config::Sources;
use guichet_exchange::Catalogue;

use crate::{Target, as_text, by_name, cut};

pub(crate) fn target(input: &[u8]) {
    let ways: [(&str, Target); 3] = [
        ("settings", |input| as_text(input, settings)),
        ("environment", |input| as_text(input, environment)),
        ("catalogue", |input| as_text(input, catalogue)),
    ];
    by_name(input, &ways, |way, rest| way(rest));
}

fn settings(file: &str) {
    load(Sources {
        file: Some((PathBuf::from("guichet.toml"), file.to_owned())),
        environment: Vec::new(),
        flags: Vec::new(),
    });
}

/// A name on the first line, its value on the rest: as a variable, and as a flag.
fn environment(text: &str) {
    let (name, value) = cut(text.as_bytes());
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    load(Sources {
        file: None,
        environment: vec![(format!("GUICHET__{}", text(name)), text(value))],
        flags: Vec::new(),
    });
    load(Sources {
        file: None,
        environment: Vec::new(),
        flags: vec![(text(name), text(value))],
    });
}

fn load(sources: Sources) {
    if let Err(error) = sources.load() {
        assert!(!error.to_string().is_empty());
    }
}

fn catalogue(toml: &str) {
    if let Ok(catalogue) = Catalogue::parse(toml) {
        for scope in catalogue.data_scopes() {
            assert!(catalogue.of_scope(&scope).is_some());
            assert!(
                catalogue
                    .label(&scope, "fr")
                    .is_some_and(|label| !label.is_empty())
            );
        }
    }
}
