//! Citizens whose identity does not look like most: each arrives as the register knows them.

use anyhow::Result;
use guichet_integration_tests::citizens::{ANGE, ANNE_SOPHIE, AWA, Citizen, LINH, MOUSSA};
use guichet_integration_tests::{Browser, Demo, Hands};

use super::{COMPTE_CITOYEN, IDENTITE_POSTALE, must_not_read, must_read};

/// Who, through which provider, as the consent page says it, as the service receives it: whole dates, with the first
/// for a day or month that nobody knows.
const UNUSUAL: [(Citizen, &str, &[&str], &[&str]); 5] = [
    (
        ANGE,
        COMPTE_CITOYEN,
        &["15 août 1985", "2A004"],
        &["1985-08-15", "2A004", "99100"],
    ),
    (
        LINH,
        IDENTITE_POSTALE,
        &["3 février 1994", "À l’étranger", "99243"],
        &["1994-02-03", "99243"],
    ),
    (
        MOUSSA,
        IDENTITE_POSTALE,
        &["1er mars 1978"],
        &["1978-03-01", "99335"],
    ),
    (
        AWA,
        COMPTE_CITOYEN,
        &["1er janvier 1969", "Sénégal"],
        &["1969-01-01", "99341"],
    ),
    (
        ANNE_SOPHIE,
        COMPTE_CITOYEN,
        &["Anne Sophie Zoé", "LEBŒUF"],
        &["Anne Sophie Zoé", "LEBŒUF", "1988-12-24"],
    ),
];

#[tokio::test]
async fn citizens_with_unusual_identities_sign_in_and_arrive_as_they_are() -> Result<()> {
    let demo = Demo::start().await?;
    let mut browser = Browser::start().await?;
    for (citizen, provider, on_consent, at_service) in UNUSUAL {
        super::forget_cookies(&browser).await?;
        let consent = browser
            .visit(demo.service("carte-grise"))
            .sign_in_with(provider)
            .as_citizen(&citizen)
            .land_at(&demo.cast.hub)
            .await?;
        // A name in use is nothing this service asked for.
        must_not_read(&consent, "NDIAYE")?;
        for words in on_consent {
            must_read(&consent, words)?;
        }
        let home = browser
            .here()
            .agree()
            .land_at(demo.service("carte-grise"))
            .await?;
        for words in at_service
            .iter()
            .chain(&[citizen.given_names, citizen.family_name])
        {
            must_read(&home, words)?;
        }
    }
    Ok(())
}
