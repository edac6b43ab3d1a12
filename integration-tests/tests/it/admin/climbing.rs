//! Those who would keep, stretch or borrow a right: a request held back until its caller is out, a team that
//! switches its service on, a technician with the keys of a program, somebody frozen (threats N-320 to N-324).

use anyhow::{Context, Result, ensure};
use guichet_integration_tests::{Demo, Hands as _};
use reqwest::{Method, Url};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::path::is_on_record;
use super::program::{Api, Program, id, operated, operator};

const ANY: [(&str, &str); 1] = [("if-match", "*")];
const TEAM: &str = "team:cartes-grises";

/// A member that is a program, with one role.
async fn employ(operator: &Api, program: &Program, role: &str, on: &str) -> Result<()> {
    let member = json!({"client_id": program.id, "roles": [{"role": role, "on": on}]});
    let path = format!("/people/{}", program.id);
    let added = operator.put(&path, &member).await?;
    ensure!(added.status() == 201, "{}", added.text().await?);
    Ok(())
}

/// A request whose head the console has read, and which waits for its body.
async fn held_back(demo: &Demo, api: &Api, path: &str, length: usize) -> Result<TcpStream> {
    let console = Url::parse(&demo.cast.admin)?;
    let host = console.host_str().context("no host")?;
    let port = console.port_or_known_default().context("no port")?;
    let mut stream = TcpStream::connect((host, port)).await?;
    let head = format!(
        "PUT /api/admin/v1{path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\
         Authorization: Bearer {}\r\nExpect: 100-continue\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n",
        api.token
    );
    stream.write_all(head.as_bytes()).await?;
    let mut start = [0; 64];
    let read = stream.read(&mut start).await?;
    let start = String::from_utf8_lossy(&start[..read]);
    ensure!(start.starts_with("HTTP/1.1 100 "), "not asked on: {start}");
    Ok(stream)
}

#[tokio::test]
async fn a_request_held_back_until_its_caller_is_out_does_nothing() -> Result<()> {
    let leaving = Program::new("leaving")?;
    let (demo, _, api) = operated(&[&leaving]).await?;
    employ(&api, &leaving, "operator", "hub").await?;
    let leaver = leaving.api(&demo).await?;
    let body = json!({"client_id": "robot-2", "roles": [{"role": "operator", "on": "hub"}]});
    let body = body.to_string();
    let mut parked = held_back(&demo, &leaver, "/people/backdoor", body.len()).await?;
    let removed = api
        .call(Method::DELETE, "/people/leaving", &[], None)
        .await?;
    ensure!(removed.status() == 204, "{}", removed.status());
    parked.write_all(body.as_bytes()).await?;
    let mut answer = String::new();
    parked.read_to_string(&mut answer).await?;
    ensure!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
    let backdoor = api.get("/people/backdoor").await?;
    ensure!(backdoor.status() == 404, "{}", backdoor.status());
    Ok(())
}

#[tokio::test]
async fn a_team_takes_its_service_out_of_use_and_an_operator_alone_puts_it_back() -> Result<()> {
    let (owner, technician) = (Program::new("owner")?, Program::new("technician")?);
    let (demo, _, api) = operated(&[&owner, &technician]).await?;
    employ(&api, &owner, "team_owner", TEAM).await?;
    employ(&api, &technician, "team_technician", TEAM).await?;
    let service = json!({
        "redirect_uris": ["https://permis.example/cb"],
        "client_secret": "0123456789abcdef0123456789abcdef",
    });
    ensure!(api.put("/clients/permis", &service).await?.status() == 201);
    look_after(&api, "permis").await?;
    let switched = async |by: &Api, active: bool| -> Result<u16> {
        let body = json!({"active": active});
        let answer = by
            .call(Method::PATCH, "/clients/permis", &ANY, Some(&body))
            .await?;
        Ok(answer.status().as_u16())
    };
    let technician = technician.api(&demo).await?;
    ensure!(switched(&technician, false).await? == 403);
    is_on_record(&api, "operation.refused", "staff:technician").await?;
    let owner = owner.api(&demo).await?;
    let gone = owner
        .call(Method::DELETE, "/clients/permis", &[], None)
        .await?;
    ensure!(gone.status() == 204, "{}", gone.status());
    ensure!(switched(&owner, true).await? == 403);
    ensure!(api.json("/clients/permis").await?["active"] == false);
    ensure!(switched(&api, true).await? == 200);
    Ok(())
}

#[tokio::test]
async fn a_technician_with_a_program_among_their_services_does_not_get_its_roles() -> Result<()> {
    let (technician, helper) = (Program::new("technician")?, Program::new("helper")?);
    let (demo, _, api) = operated(&[&technician]).await?;
    employ(&api, &technician, "team_technician", TEAM).await?;
    let registered = api.put("/clients/helper", &helper.metadata()).await?;
    ensure!(registered.status() == 201, "{}", registered.text().await?);
    look_after(&api, "helper").await?;
    let technician = technician.api(&demo).await?;
    let own = Program::new("helper")?;
    let turned = json!({"jwks": own.metadata()["jwks"]});
    let turns = async |by: &Api| -> Result<u16> {
        let answer = by
            .call(Method::PATCH, "/clients/helper", &ANY, Some(&turned))
            .await?;
        Ok(answer.status().as_u16())
    };
    employ(&api, &helper, "operator", "hub").await?;
    ensure!(turns(&technician).await? == 403, "the keys of an operator");
    is_on_record(&api, "operation.refused", "staff:technician").await?;
    ensure!(own.asks(&demo, &[]).await?.status == 401);
    ensure!(turns(&api).await? == 200, "who may give the role");
    ensure!(own.asks(&demo, &[]).await?.status == 200);
    Ok(())
}

#[tokio::test]
async fn whoever_is_frozen_is_out_of_the_console_at_once() -> Result<()> {
    let demo = Demo::start().await?;
    let mut admin = operator(&demo).await?;
    let me = format!("{}/me", demo.cast.admin);
    ensure!(admin.get(&me).await?.status == 200);
    let mut at_home = admin.clone();
    let not_me = demo.hub("/account/not-me");
    at_home.visit(&not_me).press(id("confirm")).await?;
    ensure!(admin.get(&me).await?.status == 401);
    let api = format!("{}/api/admin/v1/me", demo.cast.admin);
    ensure!(admin.get(&api).await?.status == 401);
    Ok(())
}

/// The team looks after this service as well.
async fn look_after(api: &Api, client: &str) -> Result<()> {
    let team: Value = api.json("/teams/cartes-grises").await?;
    let mut clients = team["clients"].as_array().cloned().unwrap_or_default();
    clients.push(client.into());
    let body = json!({"clients": clients});
    let changed = api
        .call(Method::PATCH, "/teams/cartes-grises", &ANY, Some(&body))
        .await?;
    ensure!(changed.status() == 200, "{}", changed.text().await?);
    Ok(())
}
