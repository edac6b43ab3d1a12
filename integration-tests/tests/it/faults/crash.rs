//! `kill -9` of a node under load: whatever was answered is on record.

use std::cell::Cell;

use anyhow::{Context as _, Result, ensure};
use futures_util::future::try_join_all;
use guichet_integration_tests::http_citizen::parameter;
use guichet_integration_tests::keys::claims_of;
use guichet_integration_tests::{Hands as _, MockProvider, RawClient, wait};

use super::records;
use crate::interop::deployment::{Deployment, sign_in};

/// How many citizens sign in at once, each at a service of their own.
const CITIZENS: usize = 30;
/// How many whole logins there must have been before the node dies.
const LOGINS: usize = 90;

#[tokio::test]
async fn a_node_killed_under_load_loses_nothing_it_answered() -> Result<()> {
    let provider = MockProvider::start("mock").await?;
    let services: Vec<RawClient> = (0..CITIZENS)
        .map(|number| RawClient::new(&format!("service-{number}")))
        .collect();
    let deployment = Deployment::new(&services.iter().collect::<Vec<_>>(), &[&provider])?;
    let issuer = deployment.issuer.clone();
    let mut node = deployment.start().await?;

    let is_dead = Cell::new(false);
    let answered: Vec<Answered> = services.iter().map(|_| Answered::default()).collect();
    let load = services
        .iter()
        .zip(&answered)
        .map(async |(service, answered)| {
            while !is_dead.get() {
                let login = sign_in_noting(service, &issuer, &provider, answered).await;
                // Only the power cut may break a login.
                if let Err(error) = login
                    && !is_dead.get()
                {
                    return Err(error);
                }
            }
            Ok(())
        });
    let power_cut = async {
        wait::until("enough logins", async || {
            let logins: usize = answered.iter().map(|one| one.userinfos.get()).sum();
            (logins >= LOGINS).then_some(())
        })
        .await?;
        is_dead.set(true);
        node.kill()
    };
    let (load, power_cut) = tokio::join!(try_join_all(load), power_cut);
    load?;
    power_cut?;

    node.start_again().await?;
    let held = records::held(&deployment.database())?;
    for (service, answered) in services.iter().zip(&answered) {
        let id = &service.client_id;
        let entries = held.entries.get(id).context("no entries of a service")?;
        for (kind, answers) in [
            ("service.returned", &answered.codes),
            ("token.issued", &answered.tokens),
            ("userinfo.served", &answered.userinfos),
        ] {
            let written = entries.get(kind).copied().unwrap_or_default();
            let answers = answers.get();
            // One more may have been written whose answer the power cut kept.
            assert!(
                (answers..=answers + 1).contains(&written),
                "{id}: {answers} answers, {written} × {kind}"
            );
        }
        let consents = held.consents.get(id).copied().unwrap_or_default();
        assert!(
            consents >= answered.codes.get(),
            "{id}: {consents} consents"
        );
    }
    let verdict = deployment.say("ledger verify")?;
    assert!(verdict.contains("the audit log is whole"), "{verdict}");

    for (service, answered) in services.iter().zip(&answered).take(5) {
        let again = sign_in(service, &issuer, &provider).await?;
        assert_eq!(answered.sub.take(), again.sub());
    }
    Ok(())
}

/// What a service was answered.
#[derive(Default)]
struct Answered {
    codes: Cell<usize>,
    tokens: Cell<usize>,
    userinfos: Cell<usize>,
    sub: Cell<String>,
}

async fn sign_in_noting(
    service: &RawClient,
    issuer: &str,
    provider: &MockProvider,
    answered: &Answered,
) -> Result<()> {
    let note = |count: &Cell<usize>| count.set(count.get() + 1);
    let attempt = service.attempt(issuer)?;
    let mut citizen = service.citizen();
    let journey = citizen.visit(&attempt.url());
    let view = journey.choose(&provider.button()).agree().await?;
    let code = parameter(&view.url, "code").with_context(|| format!("no code: {view}"))?;
    note(&answered.codes);

    let tokens = service.redeem(issuer, &code, &attempt).await?;
    ensure!(tokens.status == 200, "{}", tokens.body);
    note(&answered.tokens);
    let sub = claims_of(tokens.text("id_token"))?["sub"].clone();
    let sub = sub.as_str().unwrap_or_default().to_owned();

    let userinfo = service
        .userinfo(issuer, tokens.text("access_token"))
        .await?;
    ensure!(userinfo.status == 200, "{}", userinfo.body);
    note(&answered.userinfos);
    let before = answered.sub.replace(sub.clone());
    ensure!(before.is_empty() || before == sub, "two pseudonyms");
    Ok(())
}
