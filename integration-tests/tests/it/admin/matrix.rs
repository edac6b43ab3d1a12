//! Every operation of the document, called as every role: what is allowed is what the document says, and
//! nothing else (threats N-68 to N-70).

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};

use super::program::{Api, Program, ROLES, operated};

/// One operation, as the document has it.
struct Operation {
    method: Method,
    path: String,
    roles: Vec<String>,
}

fn operations(document: &Value) -> Result<Vec<Operation>> {
    let mut all = Vec::new();
    for (path, methods) in document["paths"].as_object().context("no paths")? {
        for (method, operation) in methods.as_object().context("no methods")? {
            let roles = match operation["x-guichet-roles"].as_array() {
                Some(roles) => roles
                    .iter()
                    .filter_map(Value::as_str)
                    .map(str::to_owned)
                    .collect(),
                None => ROLES.iter().map(|(role, _)| (*role).to_owned()).collect(),
            };
            all.push(Operation {
                method: method.to_uppercase().parse()?,
                path: path.clone(),
                roles,
            });
        }
    }
    Ok(all)
}

/// What is there to be operated upon, within the reach of the team's roles where anything is.
fn named(path: &str) -> String {
    let thing = match path.split('/').nth(1) {
        Some("providers") => "identite-postale",
        Some("data-providers") => "famille",
        Some("organisations") => "etat",
        Some("teams") => "cartes-grises",
        Some("people") => "no-such-person",
        Some("clients") => "carte-grise",
        Some("keys") => "ES256",
        _ => "nothing",
    };
    path.replace("{id}", thing)
}

#[tokio::test]
async fn every_route_as_every_role_does_what_the_matrix_says() -> Result<()> {
    let programs: Vec<Program> = ROLES
        .iter()
        .map(|(role, _)| Program::new(&format!("as-{}", role.replace('_', "-"))))
        .collect::<Result<_>>()?;
    let borrowed: Vec<&Program> = programs.iter().collect();
    let (demo, _, operator) = operated(&borrowed).await?;
    let document = operator.json("/openapi.json").await?;
    let operations = operations(&document)?;
    ensure!(operations.len() > 25, "{} operations", operations.len());
    let mut wrong = Vec::new();
    for (program, (role, on)) in programs.iter().zip(ROLES) {
        let member = json!({"client_id": program.id, "roles": [{"role": role, "on": on}]});
        let added = operator
            .put(&format!("/people/{}", program.id), &member)
            .await?;
        ensure!(added.status() == 201, "{}", added.text().await?);
        let api = program.api(&demo).await?;
        for operation in &operations {
            let status = tried(&api, operation).await?;
            // Whoever may is told that the request is empty, that there is nothing, or gets it.
            let is_refused = matches!(status, 401 | 403);
            let may = operation.roles.iter().any(|it| it == role);
            if is_refused == may || status >= 500 {
                wrong.push(format!(
                    "{role}: {} {} is {status}",
                    operation.method, operation.path
                ));
            }
        }
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

/// Called with nothing that could change anything: an empty body, a record that was never so.
async fn tried(api: &Api, operation: &Operation) -> Result<u16> {
    let path = named(&operation.path);
    let never = [("if-match", "\"never\"")];
    let body = json!({"no such member": true});
    let is_read = operation.method == Method::GET;
    let headers: &[(&str, &str)] = if is_read { &[] } else { &never };
    let takes = matches!(operation.method, Method::PUT | Method::PATCH);
    let path = if operation.method == Method::POST {
        path.replace("ES256", "no-such-algorithm")
    } else {
        path
    };
    let answer = api
        .call(
            operation.method.clone(),
            &path,
            headers,
            takes.then_some(&body),
        )
        .await?;
    Ok(answer.status().as_u16())
}

#[tokio::test]
async fn without_a_token_every_route_asks_for_one() -> Result<()> {
    let (_demo, _, operator) = operated(&[]).await?;
    let document = operator.json("/openapi.json").await?;
    let nobody = Api {
        token: "nobody".to_owned(),
        ..operator
    };
    for operation in operations(&document)? {
        let status = tried(&nobody, &operation).await?;
        ensure!(
            status == 401,
            "{} {}: {status}",
            operation.method,
            operation.path
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_team_sees_its_own_and_is_told_of_nothing_else() -> Result<()> {
    let owner = Program::new("owner")?;
    let (demo, _, operator) = operated(&[&owner]).await?;
    for (id, organisation) in [("ville", None), ("cantines", Some("ville"))] {
        let (path, body) = match organisation {
            None => (format!("/organisations/{id}"), json!({"name": "Ville"})),
            Some(of) => {
                let body = json!({"organisation": of, "clients": ["cantine"]});
                (format!("/teams/{id}"), body)
            }
        };
        let put = operator.put(&path, &body).await?;
        ensure!(put.status() == 201, "{}", put.text().await?);
    }
    let seat = json!({"role": "team_owner", "on": "team:cartes-grises"});
    let member = json!({"client_id": "owner", "roles": [seat]});
    ensure!(operator.put("/people/owner", &member).await?.status() == 201);
    let api = owner.api(&demo).await?;
    let teams = api.json("/teams").await?;
    let ids: Vec<&str> = teams["items"]
        .as_array()
        .context("no items")?
        .iter()
        .filter_map(|team| team["id"].as_str())
        .collect();
    ensure!(ids == ["cartes-grises"], "{ids:?}");
    for hidden in [
        "/teams/cantines",
        "/organisations/ville",
        "/people/admin",
        "/teams/no-such",
    ] {
        let answer = api.get(hidden).await?;
        ensure!(answer.status() == 404, "{hidden}: {}", answer.status());
    }
    Ok(())
}
