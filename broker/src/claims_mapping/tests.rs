//! What rules can do, and what they cannot (threat N-75).

use serde_json::json;

use super::*;

fn mapping(claim: &str, rule: &str) -> Result<ClaimsMapping, RuleError> {
    ClaimsMapping::compile(&BTreeMap::from([(claim.to_owned(), rule.to_owned())]))
}

fn members(json: Value) -> Map<String, Value> {
    match json {
        Value::Object(members) => members,
        _ => unreachable!("an object"),
    }
}

fn made(claim: &str, rule: &str) -> Result<Value, String> {
    let id_token = members(json!({"sub": "u-1", "loa": "2", "sn": "of the token"}));
    let userinfo = members(json!({
        "sn": "MARTIN", "prenoms": "Camille Aimée", "naissance": "12/04/1990", "verified": true,
        "methods": ["pwd", "otp"], "address": {"country": "FR"}, "big": "x".repeat(1000), "rank": 3,
        "nothing": null,
    }));
    let input = Input {
        id_token: &id_token,
        userinfo: Some(&userinfo),
    };
    let mapping = mapping(claim, rule).map_err(|error| error.reason)?;
    let mut made = mapping.apply(&input).map_err(|error| error.reason)?;
    Ok(made.remove(claim).unwrap_or_default())
}

#[test]
fn rules_read_and_compute() {
    for (claim, rule, expected) in [
        ("family_name", "claims.sn", json!("MARTIN")),
        ("family_name", "id_token.sn", json!("of the token")),
        (
            "given_name",
            "claims.prenoms.split(' ')[0]",
            json!("Camille"),
        ),
        (
            "birthdate",
            "claims.naissance.substring(6, 10) + '-' + claims.naissance.substring(3, 5) + '-' + claims.naissance.substring(0, 2)",
            json!("1990-04-12"),
        ),
        ("acr", "'loa' + id_token.loa", json!("loa2")),
        ("acr", "claims.rank > 2 ? 'high' : 'low'", json!("high")),
        ("amr", "claims.methods", json!(["pwd", "otp"])),
        (
            "amr",
            "'otp' in claims.methods ? ['otp'] : []",
            json!(["otp"]),
        ),
        ("email_verified", "claims.verified == true", json!(true)),
        (
            "email",
            "has(claims.mail) ? claims.mail : null",
            Value::Null,
        ),
        ("email", "claims.?mail.orValue(null)", Value::Null),
        ("preferred_username", "claims.nothing", Value::Null),
        (
            "birthcountry",
            "has(claims.address) && claims.address.country == 'FR' ? '99100' : null",
            json!("99100"),
        ),
        (
            "gender",
            "{'F': 'female', 'M': 'male'}['F']",
            json!("female"),
        ),
    ] {
        assert_eq!(made(claim, rule), Ok(expected), "{rule}");
    }
}

#[test]
fn what_iterates_grows_or_is_not_there_does_not_compile() {
    for rule in [
        "claims.methods.map(m, m + m)[0]",
        "claims.methods.exists(m, m == 'pwd') ? 'a' : 'b'",
        "claims.methods.filter(m, m == 'pwd')[0]",
        "claims.methods.all(m, m == 'pwd') ? 'a' : 'b'",
        "claims.sn.replace('A', 'AAAAAAAA')",
        "claims.methods.join('aaaaaaaaa')",
        "'%s%s'.format([claims.sn, claims.sn])",
        "claims.sn.matches('(a*)*b') ? 'a' : 'b'",
        "env('HOME')",
        "now()",
        "request.path",
        "google.protobuf.Duration{seconds: 1}",
        "claims.sn + ",
        "",
    ] {
        assert!(mapping("family_name", rule).is_err(), "{rule}");
    }
}

#[test]
fn rules_that_are_too_long_too_deep_or_too_wide_do_not_compile() {
    let deep = format!("{}claims.sn{}", "(".repeat(500), ")".repeat(500));
    let conditions = format!("{}'b'", "true ? 'a' : ".repeat(140));
    let wide = vec!["claims.sn"; 40].join("+");
    let long = format!("'{}'", "a".repeat(2000));
    for rule in [deep, conditions, wide, long] {
        assert!(mapping("family_name", &rule).is_err(), "{}", &rule[..20]);
    }
}

#[test]
fn the_deepest_rule_there_may_be_fits_the_stack() {
    let brackets = format!("{}claims.sn{}", "(".repeat(20), ")".repeat(20));
    let lists = format!(
        "{}claims.sn{}{}",
        "[".repeat(6),
        "]".repeat(6),
        "[0]".repeat(6)
    );
    let conditions = format!("{}claims.sn", "claims.rank > 5 ? 'a' : ".repeat(13));
    for rule in [brackets, lists, conditions] {
        assert_eq!(made("family_name", &rule), Ok(json!("MARTIN")), "{rule}");
    }
}

#[test]
fn what_comes_out_is_what_the_claim_is() {
    for (claim, rule) in [
        ("family_name", "claims.rank"),
        ("family_name", "claims.methods"),
        ("family_name", "claims.address"),
        ("family_name", "claims.big + claims.big"),
        ("email_verified", "'true'"),
        ("amr", "'pwd'"),
        ("amr", "[1, 2]"),
    ] {
        assert!(made(claim, rule).is_err(), "{claim}: {rule}");
    }
}

#[test]
fn a_rule_that_fails_names_the_member_and_no_value() {
    assert_eq!(
        made("family_name", "claims.surname"),
        Err("there is no member surname".to_owned())
    );
    let told = made("family_name", "claims.sn - claims.rank")
        .err()
        .unwrap();
    assert!(!told.contains("MARTIN"), "{told}");
    for computed in [
        "claims[claims.sn]",
        "{'a': 'b'}[claims.sn]",
        "claims[claims.sn].b",
    ] {
        let told = made("family_name", computed).err().unwrap();
        assert_eq!(told, "there is no such member", "{computed}");
    }
    assert_eq!(
        made("family_name", "claims['surname']"),
        Err("there is no member surname".to_owned())
    );
}

#[test]
fn what_would_take_long_over_a_long_text_does_not_compile() {
    let split = |times| vec!["claims.sn.split('')[0]"; times].join("+");
    assert!(mapping("family_name", &split(4)).is_ok());
    let reason = |rule: &str| mapping("family_name", rule).err().unwrap().reason;
    assert!(reason(&split(5)).contains("4 times at most"));
    assert!(mapping("family_name", "string(claims.sn.indexOf('A'))").is_ok());
    for rule in [
        "string(claims.sn.indexOf(claims.rank))",
        "string(claims.sn.lastIndexOf(claims.sn + 'a'))",
    ] {
        assert!(reason(rule).contains("that the rule names"), "{rule}");
    }
}

#[test]
fn the_widest_rule_over_the_largest_answer_is_refused_for_its_size() {
    let rule = vec!["claims.big"; 14].join("+");
    let mapping = mapping("family_name", &rule).ok().unwrap();
    let apply = |size| {
        let (empty, answer) = (Map::new(), members(json!({"big": "x".repeat(size)})));
        let input = Input {
            id_token: &empty,
            userinfo: Some(&answer),
        };
        mapping.apply(&input)
    };
    let made = apply(73).ok().unwrap();
    assert_eq!(made["family_name"], "x".repeat(14 * 73));
    for size in [74, 16_000] {
        let refused = apply(size).err().unwrap();
        assert_eq!(refused.claim, "family_name");
        assert!(refused.reason.contains("1024"), "{}", refused.reason);
    }
    // So large that no rule is even begun.
    let refused = apply(16_400).err().unwrap();
    assert_eq!(refused.claim, "*");
}
