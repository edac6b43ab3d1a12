//! What is changed by the API is what its caller knows: `ETag` out, `If-Match` in (RFC 9110 §13.1, RFC 6585 §3).

use anyhow::{Context as _, Result, ensure};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use super::program::{Api, operated};

/// The `ETag` of an answer.
fn tag(answer: &Response) -> Result<String> {
    let tag = answer.headers().get("etag").context("no ETag")?;
    Ok(tag.to_str()?.to_owned())
}

/// What there is at `path`, and its tag; which also says that it did not change.
async fn known(api: &Api, path: &str) -> Result<(String, Value)> {
    let answer = api.get(path).await?;
    ensure!(answer.status() == 200, "{path}: {}", answer.status());
    let tag = tag(&answer)?;
    let again = [("if-none-match", tag.as_str())];
    let again = api.call(Method::GET, path, &again, None).await?;
    ensure!(again.status() == 304, "{path}: {}", again.status());
    Ok((tag, answer.json().await?))
}

/// What a request with this condition comes to; none where it says nothing.
async fn tried(
    api: &Api,
    (method, path): (Method, &str),
    known: Option<(&str, &str)>,
    body: Option<&Value>,
) -> Result<u16> {
    let headers: Vec<(&str, &str)> = known.into_iter().collect();
    let answer = api.call(method, path, &headers, body).await?;
    Ok(answer.status().as_u16())
}

#[tokio::test]
async fn what_is_changed_by_the_api_is_what_its_caller_knows() -> Result<()> {
    let (_demo, _, api) = operated(&[]).await?;
    of_a_habilitation(&api).await?;
    of_a_switch(&api).await?;
    of_a_test(&api).await?;
    of_an_invitation(&api).await
}

async fn of_a_habilitation(api: &Api) -> Result<()> {
    let path = "/habilitations/h-known";
    let draft = |service: &str| json!({"team": "cartes-grises", "dossier": {"service": service}, "contacts": {}});
    let put = async |known, service: &str| {
        tried(api, (Method::PUT, path), known, Some(&draft(service))).await
    };
    ensure!(
        put(Some(("if-match", "*")), "One").await? == 412,
        "none yet"
    );
    ensure!(put(Some(("if-none-match", "*")), "One").await? == 201);
    ensure!(put(Some(("if-none-match", "*")), "One").await? == 412);
    let (first, shown) = known(api, path).await?;
    let steps = shown["steps"].clone();
    ensure!(put(None, "One").await? == 200, "the same, asked again");
    let (still, shown) = known(api, path).await?;
    ensure!(
        still == first && shown["steps"] == steps,
        "nothing was done"
    );
    ensure!(put(None, "Two").await? == 428, "written over");
    ensure!(put(Some(("if-match", "\"other\"")), "Two").await? == 412);
    ensure!(put(Some(("if-match", first.as_str())), "Two").await? == 200);
    ensure!(
        put(Some(("if-match", first.as_str())), "Three").await? == 412,
        "overtaken"
    );
    let (_, shown) = known(api, path).await?;
    ensure!(shown["dossier"]["service"] == "Two", "{shown}");
    Ok(())
}

async fn of_a_switch(api: &Api) -> Result<()> {
    let (path, on) = ("/switches/client:cantine", "/switches/client:cantine/on");
    let because = |reason: &str| json!({"target": "client:cantine", "reason": reason});
    let off = async |known, reason: &str| {
        tried(
            api,
            (Method::POST, "/switches"),
            known,
            Some(&because(reason)),
        )
        .await
    };
    ensure!(api.get(path).await?.status() == 404);
    ensure!(off(Some(("if-match", "\"x\"")), "one").await? == 412);
    ensure!(off(Some(("if-none-match", "*")), "one").await? == 200);
    ensure!(off(Some(("if-none-match", "*")), "two").await? == 412);
    let (first, _) = known(api, path).await?;
    ensure!(off(None, "an emergency").await? == 200, "waits for nobody");
    ensure!(off(Some(("if-match", first.as_str())), "two").await? == 412);
    let (second, shown) = known(api, path).await?;
    ensure!(shown["reason"] == "an emergency", "{shown}");
    let over = json!({"reason": "it is over"});
    let switched_on = async |known| tried(api, (Method::POST, on), known, Some(&over)).await;
    ensure!(switched_on(Some(("if-match", first.as_str()))).await? == 412);
    ensure!(switched_on(Some(("if-match", second.as_str()))).await? == 204);
    ensure!(switched_on(None).await? == 404);
    Ok(())
}

async fn of_a_test(api: &Api) -> Result<()> {
    let begun = api
        .call(Method::POST, "/clients/cantine/tests", &[], None)
        .await?;
    let begun: Value = begun.json().await?;
    let path = format!("/tests/{}", begun["id"].as_str().context("no id")?);
    let next = async |known, case: &str| {
        let body = json!({"next": case});
        tried(api, (Method::PATCH, path.as_str()), known, Some(&body)).await
    };
    let (first, _) = known(api, &path).await?;
    ensure!(next(None, "alg_none").await? == 428);
    ensure!(next(Some(("if-match", "\"x\"")), "alg_none").await? == 412);
    ensure!(next(Some(("if-match", first.as_str())), "alg_none").await? == 200);
    ensure!(next(Some(("if-match", first.as_str())), "honest").await? == 412);
    ensure!(next(Some(("if-match", "*")), "expired").await? == 200);
    let (_, shown) = known(api, &path).await?;
    ensure!(shown["next"] == "expired", "{shown}");
    Ok(())
}

async fn of_an_invitation(api: &Api) -> Result<()> {
    let path = "/invitations/guest";
    let guest = json!({
        "name": "Guest", "address": "guest@city.example",
        "roles": [{"role": "auditor", "on": "hub"}],
    });
    let put = async |known| tried(api, (Method::PUT, path), known, Some(&guest)).await;
    ensure!(put(Some(("if-match", "*"))).await? == 412);
    ensure!(put(Some(("if-none-match", "*"))).await? == 201);
    ensure!(put(Some(("if-none-match", "*"))).await? == 412);
    ensure!(put(None).await? == 200, "the same, asked again");
    let (tag, _) = known(api, path).await?;
    let withdrawn = async |known| tried(api, (Method::DELETE, path), known, None).await;
    ensure!(withdrawn(Some(("if-match", "\"x\""))).await? == 412);
    ensure!(withdrawn(Some(("if-match", tag.as_str()))).await? == 204);
    Ok(())
}

/// N-363: what is done under the tool's name was done by the tool.
#[tokio::test]
async fn nobody_goes_by_the_name_of_the_review_tool() -> Result<()> {
    let (_demo, robot, api) = operated(&[]).await?;
    let auditor = json!([{"role": "auditor", "on": "hub"}]);
    let member = json!({"client_id": robot.id, "roles": auditor});
    let refused = api.put("/people/review-tool", &member).await?;
    ensure!(refused.status() == 422, "{}", refused.status());
    let guest = json!({"name": "Guest", "address": "guest@city.example", "roles": auditor});
    let refused = api.put("/invitations/review-tool", &guest).await?;
    ensure!(refused.status() == 409, "{}", refused.status());
    Ok(())
}
