//! Receipts of citizens, as anybody may paste one into a page: none holds that its hub did not sign, whatever it
//! says of the log, and each is told where it fails.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_exchange::{LONGEST_RECEIPT, ReceiptKeys, verify_receipt};

use crate::{Target, as_text, by_name};

pub(crate) fn target(input: &[u8]) {
    let ways: [(&str, Target); 4] = [
        ("text", |input| as_text(input, |text| forged(text, None))),
        ("claims", claims),
        ("checkpoint", |input| {
            as_text(input, |kept| forged(RECEIPT, Some(kept)));
        }),
        ("keys", keys),
    ];
    by_name(input, &ways, |way, rest| way(rest));
}

/// The keys here never signed a receipt.
fn forged(text: &str, kept: Option<&str>) {
    let verification = verify_receipt(text, &nobodys(), kept);
    assert!(!verification.holds(), "forged");
    let fails = |it: &&guichet_exchange::Checked| it.problem.is_some();
    assert!(
        verification.checks.iter().find(fails).is_some(),
        "and not told where"
    );
    assert!(text.trim().len() <= LONGEST_RECEIPT || verification.says.is_none());
}

/// What is inside a receipt is read whoever signed it.
fn claims(json: &[u8]) {
    let payload = URL_SAFE_NO_PAD.encode(json);
    forged(&format!("e30.{payload}.AA"), None);
}

fn keys(json: &[u8]) {
    if let Ok(keys) = ReceiptKeys::parse(json) {
        assert!(
            !verify_receipt(RECEIPT, &keys, None).holds(),
            "by keys from nowhere"
        );
    }
}

fn nobodys() -> ReceiptKeys {
    ReceiptKeys::parse(KEYS).expect("keys")
}

/// Of a hub that signs nothing; the ledger's key is that of the specification of signed notes.
const KEYS: &[u8] =
    br#"{"keys":[],"ledger":"PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"}"#;
/// Nobody signed it.
const RECEIPT: &str = "e30.e30.AA";
