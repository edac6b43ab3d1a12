//! A real token, SoftHSM's, made in a temporary folder.
//!
//! SoftHSM finds its tokens by an environment variable, which one process cannot set for itself safely:
//! each test runs itself again, in a process that has it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use guichet_domain::Timestamp;
use serde_json::json;

use super::*;
use crate::{
    FileCustody, JwkSet, JwsAlg, KeyPlace, KeyStage, Keys, TokenCustody, Typ, TypRule,
    VerifyPolicy, verify,
};

const NOW: Timestamp = Timestamp::from_seconds(1_000_000);
const ALGS: [SigningAlg; 3] = [SigningAlg::Es256, SigningAlg::Rs256, SigningAlg::Ps256];
const PIN: &str = "4711-guichet";
const FOLDER: &str = "GUICHET_TEST_TOKEN_FOLDER";

/// Where Debian, Fedora and others put the module.
fn module() -> PathBuf {
    const PLACES: [&str; 4] = [
        "/usr/lib/softhsm/libsofthsm2.so",
        "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
        "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
        "/usr/lib64/pkcs11/libsofthsm2.so",
    ];
    PLACES
        .into_iter()
        .map(PathBuf::from)
        .find(|place| place.exists())
        .expect(
            "SoftHSM is missing: `cargo xtask test` installs it, as does apt-get install softhsm2",
        )
}

/// Makes a token in a folder of its own and runs `test`, which is ignored otherwise, with it.
#[expect(clippy::disallowed_methods, reason = "a test makes its own folder")]
fn with_a_token(test: &str) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("tokens")).unwrap();
    let configuration = folder.path().join("softhsm2.conf");
    let tokens = folder.path().join("tokens");
    std::fs::write(
        &configuration,
        format!(
            "directories.tokendir = {}\nlog.level = ERROR\n",
            tokens.display()
        ),
    )
    .unwrap();
    let made = Command::new("softhsm2-util")
        .args([
            "--init-token",
            "--free",
            "--label",
            "hub",
            "--so-pin",
            "0000",
        ])
        .args(["--pin", PIN])
        .env("SOFTHSM2_CONF", &configuration)
        .output()
        .expect("softhsm2-util is missing: apt-get install softhsm2");
    assert!(made.status.success(), "{made:?}");
    let run = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("custody::pkcs11::tests::{test}")])
        .args(["--ignored", "--nocapture"])
        .env("SOFTHSM2_CONF", &configuration)
        .env(FOLDER, folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(
        run.status.success() && said.contains("1 passed"),
        "{said}{}",
        String::from_utf8_lossy(&run.stderr)
    );
}

fn settings() -> Pkcs11Settings {
    Pkcs11Settings {
        module: module(),
        label: "hub".into(),
        pin: Zeroizing::new(PIN.into()),
        sessions: 4,
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the folder that the outer test made"
)]
fn folder() -> PathBuf {
    std::env::var_os(FOLDER)
        .expect("run by the test with a token")
        .into()
}

fn node(folder: &Path, algs: &[SigningAlg]) -> Keys {
    let token = Arc::new(Pkcs11Token::open(&settings()).unwrap());
    let blobs = Arc::new(FileCustody::open(&folder.join("keys")).unwrap());
    let custody = Arc::new(TokenCustody::new(blobs, token));
    Keys::open(custody, Arc::new(SystemEntropy), NOW, algs)
        .ok()
        .unwrap()
}

fn signed(keys: &Keys, alg: SigningAlg) -> String {
    keys.ring()
        .sign_jwt(alg, Typ::Jwt, &json!({ "sub": "a" }))
        .unwrap()
}

fn verifies(jwt: &str, keys: &Keys) -> bool {
    let set = JwkSet::parse(&keys.jwks()).unwrap();
    let policy = VerifyPolicy {
        algs: &JwsAlg::ALL,
        typ: TypRule::JwtOrAbsent,
    };
    verify(jwt, &set, policy).is_ok()
}

/// How many private keys the token holds.
fn private_keys() -> usize {
    let token = Pkcs11Token::open(&settings()).unwrap();
    let wanted = [Attribute::Class(cryptoki::object::ObjectClass::PRIVATE_KEY)];
    let count = |open: &sessions::OpenSession| Ok(open.session.find_objects(&wanted)?.len());
    token.sessions.with("be read", count).unwrap()
}

#[test]
fn keys_are_made_used_and_rotated_in_a_token() {
    with_a_token("in_a_token_keys_are_made_used_and_rotated");
}

#[test]
#[ignore = "run by the test above, with a token"]
fn in_a_token_keys_are_made_used_and_rotated() {
    let folder = folder();
    let keys = node(&folder, &ALGS);
    let is_in_token = |held: &crate::Held| held.place == KeyPlace::Token;
    assert!(keys.inventory().iter().all(is_in_token));
    let before: Vec<String> = ALGS.map(|alg| signed(&keys, alg)).into();
    assert!(before.iter().all(|jwt| verifies(jwt, &keys)));

    for alg in ALGS {
        keys.ring().rotate(alg, NOW).unwrap();
        let jwt = signed(&keys, alg);
        assert!(verifies(&jwt, &keys), "{alg}");
        let stage = |stage| {
            keys.ring()
                .keys()
                .into_iter()
                .find(|key| key.alg == alg && key.stage == stage)
        };
        let current = stage(KeyStage::Current).unwrap();
        let kid = keys.ring().verify_own(&jwt, Typ::Jwt, None).unwrap().kid;
        assert_eq!(kid, Some(current.kid), "the next key signs");
        assert!(stage(KeyStage::Previous).is_some() && stage(KeyStage::Next).is_some());
    }
    assert!(
        before.iter().all(|jwt| verifies(jwt, &keys)),
        "old tokens verify"
    );

    let restarted = node(&folder, &ALGS);
    assert_eq!(restarted.jwks(), keys.jwks());
    assert!(verifies(&signed(&restarted, SigningAlg::Es256), &keys));
}

#[test]
fn a_revoked_key_is_gone_from_the_token() {
    with_a_token("in_a_token_a_revoked_key_is_gone");
}

#[test]
#[ignore = "run by the test above, with a token"]
fn in_a_token_a_revoked_key_is_gone() {
    let keys = node(&folder(), &[SigningAlg::Es256]);
    let jwt = signed(&keys, SigningAlg::Es256);
    let kid = keys
        .ring()
        .verify_own(&jwt, Typ::Jwt, None)
        .unwrap()
        .kid
        .unwrap();
    let before = private_keys();
    assert_eq!(before, keys.inventory().len());
    keys.revoke(&kid, NOW).unwrap();
    assert!(!verifies(&jwt, &keys));
    assert!(verifies(&signed(&keys, SigningAlg::Es256), &keys));
    assert_eq!(
        private_keys(),
        before,
        "one key removed, a new next one made"
    );
    assert_eq!(private_keys(), keys.inventory().len());
}

#[test]
fn a_private_key_cannot_be_taken_out_of_the_token() {
    with_a_token("in_a_token_a_private_key_cannot_be_taken_out");
}

#[test]
#[ignore = "run by the test above, with a token"]
fn in_a_token_a_private_key_cannot_be_taken_out() {
    let token = Pkcs11Token::open(&settings()).unwrap();
    for (alg, secret) in [
        (SigningAlg::Es256, AttributeType::Value),
        (SigningAlg::Rs256, AttributeType::PrivateExponent),
    ] {
        let key = token.generate(alg).unwrap();
        let read = token.sessions.with("be read", |open| {
            let handle = open.private_key(&key.id)?;
            let marks = [
                AttributeType::Sensitive,
                AttributeType::AlwaysSensitive,
                AttributeType::Extractable,
                AttributeType::NeverExtractable,
            ];
            let marks = open.session.get_attributes(handle, &marks)?;
            Ok((marks, open.session.get_attributes(handle, &[secret])?))
        });
        let (marks, secret) = read.unwrap();
        assert_eq!(secret, [], "{alg}");
        assert_eq!(
            marks,
            [
                Attribute::Sensitive(true),
                Attribute::AlwaysSensitive(true),
                Attribute::Extractable(false),
                Attribute::NeverExtractable(true),
            ]
        );
    }
}

#[test]
fn many_sign_at_once_through_few_sessions() {
    with_a_token("in_a_token_many_sign_at_once");
}

#[test]
#[ignore = "run by the test above, with a token"]
fn in_a_token_many_sign_at_once() {
    let keys = node(&folder(), &[SigningAlg::Es256]);
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                for _ in 0..20 {
                    assert!(verifies(&signed(&keys, SigningAlg::Es256), &keys));
                }
            });
        }
    });
}

#[test]
fn a_wrong_pin_label_or_key_is_said() {
    with_a_token("in_a_token_a_wrong_pin_label_or_key_is_said");
}

#[test]
#[ignore = "run by the test above, with a token"]
fn in_a_token_a_wrong_pin_label_or_key_is_said() {
    let refusal = |change: &dyn Fn(&mut Pkcs11Settings)| {
        let mut settings = settings();
        change(&mut settings);
        Pkcs11Token::open(&settings).err().unwrap().to_string()
    };
    let wrong_label = refusal(&|settings| settings.label = "other".into());
    assert!(
        wrong_label.contains("no token has this label"),
        "{wrong_label}"
    );
    let wrong_pin = refusal(&|settings| settings.pin = Zeroizing::new("1234".into()));
    assert!(
        wrong_pin.contains("PIN") && !wrong_pin.contains("1234"),
        "{wrong_pin}"
    );
    let no_module = refusal(&|settings| settings.module = "/nowhere.so".into());
    assert!(
        no_module.contains("the token cannot be reached"),
        "{no_module}"
    );

    let token = Pkcs11Token::open(&settings()).unwrap();
    let mut key = token.generate(SigningAlg::Es256).unwrap();
    token.destroy(&key).unwrap();
    assert!(token.sign(SigningAlg::Es256, &key, b"").is_err());
    for no_id in ["", "no base64url"] {
        key.id = no_id.into();
        assert!(token.sign(SigningAlg::Es256, &key, b"").is_err());
        assert!(token.destroy(&key).is_err(), "or it removes keys of others");
    }
}
