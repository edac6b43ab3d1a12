//! What wins over what, and what stops the start.

use super::*;

fn file(text: &str) -> Sources {
    Sources {
        file: Some(("guichet.toml".into(), text.to_owned())),
        ..Sources::default()
    }
}

fn message(sources: Sources) -> String {
    sources
        .load()
        .err()
        .map(|error| error.to_string())
        .unwrap_or_default()
}

#[test]
fn the_examples_load() {
    for example in [crate::MINIMAL_EXAMPLE, crate::PRODUCTION_EXAMPLE] {
        assert_eq!(message(file(example)), "");
    }
}

#[test]
fn flags_win_over_environment_over_file_over_defaults() {
    let mut sources =
        file("[hub]\nissuer = \"https://a.example\"\nname = \"File\"\n[store]\nconnections = 1");
    sources
        .environment
        .push(("GUICHET__HUB__NAME".into(), "Environment".into()));
    sources
        .environment
        .push(("GUICHET__STORE__CONNECTIONS".into(), "2".into()));
    sources.flags.push(("store.connections".into(), "3".into()));
    let loaded = sources.load().ok().unwrap();
    assert_eq!(loaded.settings.hub.name, "Environment");
    assert_eq!(loaded.settings.store.connections, 3);
    let sources: BTreeMap<String, Source> = loaded
        .explain()
        .into_iter()
        .map(|(key, _, source)| (key, source))
        .collect();
    assert_eq!(sources["store.connections"], Source::Flag);
    assert_eq!(
        sources["hub.name"],
        Source::Environment("GUICHET__HUB__NAME".into())
    );
    assert_eq!(sources["hub.issuer"], Source::File("guichet.toml".into()));
    assert_eq!(sources["lifetimes.code"], Source::Default);
}

#[test]
fn a_token_needs_its_module_its_label_and_its_pin() {
    let keys = "[hub]\nissuer = \"https://a.example\"\n[keys]\ncustody = \"pkcs11\"\n";
    let text = message(file(keys));
    for key in ["keys.pkcs11.module", "keys.pkcs11.token", "keys.pkcs11.pin"] {
        assert!(text.contains(key), "{text}");
    }
    let mut sources = file(&format!(
        "{keys}[keys.pkcs11]\nmodule = \"/m.so\"\ntoken = \"hub\""
    ));
    let pin = ("GUICHET__KEYS__PKCS11__PIN".into(), "0042".into());
    sources.environment.push(pin);
    let loaded = sources.load().unwrap();
    let pin = loaded.settings.keys.pkcs11.pin.as_ref().unwrap();
    assert_eq!(pin.expose(), "0042", "a text, zeros in front and all");
    let shown = format!("{:?}", loaded.explain());
    assert!(!shown.contains("0042"), "{shown}");
}

#[test]
fn keys_are_kept_longer_than_tokens_live_and_published_before_they_sign() {
    let keys = |line: &str| {
        message(file(&format!(
            "[hub]\nissuer = \"https://a.example\"\n[keys]\n{line}"
        )))
    };
    assert!(keys("keep_after = \"1m\"").contains("keys.keep_after"));
    let long = "keep_after = \"6m\"\n[lifetimes]\naccess_token = \"10m\"";
    assert!(keys(long).contains("lifetimes.access_token"));
    assert!(keys("rotate_every = \"1h\"").contains("keys.publish_before"));
    assert_eq!(keys("rotate_every = \"7d\""), "");
}

#[test]
fn two_operators_are_two_by_name_and_by_credential() {
    let operators = |declared: &[(&str, &str)]| {
        let declared = declared.iter().map(|(name, digit)| {
            let hash = digit.repeat(64);
            format!("[[operators]]\nname = \"{name}\"\ncredential_sha256 = \"{hash}\"\n")
        });
        let issuer = "[hub]\nissuer = \"https://a.example\"\n".to_owned();
        message(file(&(issuer + &declared.collect::<String>())))
    };
    assert_eq!(operators(&[("alice", "a"), ("bob", "b")]), "");
    for anothers in ["the person", "civil register", "staff:abcd-2345-wxyz"] {
        assert!(
            operators(&[(anothers, "a")]).contains("operators"),
            "{anothers}"
        );
    }
    for twice in [
        [("alice", "a"), ("alice", "b")],
        [("alice", "a"), (" alice ", "b")],
        [("alice", "a"), ("bob", "a")],
        [("alice", "a"), ("bob", "A")],
    ] {
        let text = operators(&twice);
        assert!(
            text.contains("operators") && text.contains("twice"),
            "{text}"
        );
    }
}

#[test]
fn resources_have_a_name_that_tokens_can_bear_and_each_its_own() {
    let resources = |identifiers: &[&str]| {
        let declared = identifiers
            .iter()
            .map(|it| format!("[[resources]]\nidentifier = \"{it}\"\nscopes = [\"a\"]\n"));
        let issuer = "[hub]\nissuer = \"https://a.example\"\n".to_owned();
        message(file(&(issuer + &declared.collect::<String>())))
    };
    let (one, other) = ("https://famille.example/api", "urn:impots");
    assert_eq!(resources(&[one, other]), "");
    for bad in [
        &["famille"][..],
        &["https://famille.example/#api"],
        &[one, one],
    ] {
        assert!(resources(bad).contains("resources"), "{bad:?}");
    }
}

#[test]
fn unknown_keys_stop_the_start_and_name_the_nearest() {
    let issuer = "[hub]\nissuer = \"https://a.example\"\n";
    let text = message(file(&format!("{issuer}[lifetime]\ncode = \"1m\"")));
    assert!(
        text.contains("`lifetime`") && text.contains("`lifetimes`"),
        "{text}"
    );
    let mut sources = file(issuer);
    sources
        .environment
        .push(("GUICHET__HUB__ISUER".into(), "x".into()));
    let text = message(sources);
    assert!(
        text.contains("GUICHET__HUB__ISUER") && text.contains("`hub.issuer`"),
        "{text}"
    );
}

#[test]
fn a_value_that_looks_like_a_number_stays_text_where_text_is_meant() {
    let mut sources = file("[hub]\nissuer = \"https://a.example\"");
    sources
        .environment
        .push(("GUICHET__HUB__NAME".into(), "0012345".into()));
    assert_eq!(sources.load().ok().unwrap().settings.hub.name, "0012345");
}

#[test]
fn a_wrong_value_names_its_key_and_source() {
    let text = message(file(
        "[hub]\nissuer = \"https://a.example\"\n[lifetimes]\ncode = \"soon\"",
    ));
    assert!(
        text.contains("lifetimes.code") && text.contains("guichet.toml"),
        "{text}"
    );
    let mut sources = file("[hub]\nissuer = \"https://a.example\"");
    sources
        .flags
        .push(("store.connections".into(), "many".into()));
    assert!(message(sources).contains("store.connections"));
}

#[test]
fn an_issuer_that_could_not_be_one_is_refused() {
    for issuer in [
        "",
        "hub.example",
        "http://hub.example",
        "https://hub.example/",
        "https://h.example?x=1",
    ] {
        let text = message(file(&format!("[hub]\nissuer = \"{issuer}\"")));
        assert!(text.starts_with("hub.issuer"), "{issuer}: {text}");
    }
}

#[test]
fn a_register_that_is_needed_must_have_an_address() {
    let text = message(file(
        "[hub]\nissuer = \"https://a.example\"\n[[providers]]\nid = \"p\"\nissuer = \"https://p.example\"\nclient_id = \"c\"\nclient_secret = \"s\"",
    ));
    assert!(text.starts_with("civil_register.url"), "{text}");
}

#[test]
fn secrets_are_not_explained() {
    let loaded = file(
        "[hub]\nissuer = \"https://a.example\"\n[store]\ndurable = \"postgres://guichet:hunter2@db/guichet\"\n\
         [[clients]]\nclient_id = \"c\"\nclient_secret = \"hunter2-hunter2-hunter2\"\nredirect_uris = [\"https://c.example/cb\"]",
    )
    .load()
    .ok()
    .unwrap();
    let shown = format!("{:?}", loaded.explain());
    assert!(!shown.contains("hunter2"), "{shown}");
    assert!(loaded.settings.store.durable.expose().contains("hunter2"));
}
