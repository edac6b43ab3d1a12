//! SIGTERM: what is in flight is finished, nothing new is begun, the last entries are written.

use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use guichet_integration_tests::http_citizen::parameter;
use guichet_integration_tests::{Hands as _, MockProvider, RawClient, wait};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::records;
use crate::interop::deployment::Deployment;

#[tokio::test]
async fn a_token_request_begun_before_the_signal_is_answered() -> Result<()> {
    let provider = MockProvider::start("mock").await?;
    let service = RawClient::new("patient");
    let mut deployment = Deployment::new(&[&service], &[&provider])?;
    deployment.clients[0]["token_endpoint_auth_method"] = "client_secret_post".into();
    let mut node = deployment.start().await?;
    let attempt = service.attempt(&deployment.issuer)?;
    let mut citizen = service.citizen();
    let journey = citizen.visit(&attempt.url());
    let view = journey.choose(&provider.button()).agree().await?;
    let code = parameter(&view.url, "code").context("no code")?;

    let body = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "authorization_code")
        .append_pair("code", &code)
        .append_pair("redirect_uri", &service.redirect_uri)
        .append_pair("code_verifier", &attempt.verifier)
        .append_pair("client_id", &service.client_id)
        .append_pair("client_secret", &service.client_secret)
        .finish();
    let mut stream = TcpStream::connect(("127.0.0.1", deployment.port)).await?;
    let head = format!(
        "POST /token HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: {}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    // The node has read the head and asks for the body: the request is under way.
    let mut start = [0; 64];
    let read = stream.read(&mut start).await?;
    ensure!(start[..read].starts_with(b"HTTP/1.1 100 "), "not under way");

    let id = node.process.id().to_string();
    ensure!(
        Command::new("kill")
            .args(["-TERM", &id])
            .status()?
            .success()
    );
    wait::until("the node to turn newcomers away", async || {
        let refused = TcpStream::connect(("127.0.0.1", deployment.port)).await;
        refused.is_err().then_some(())
    })
    .await?;
    stream.write_all(body.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(answer.contains("\"id_token\""), "{answer}");

    assert!(
        node.process.terminate().await?.success(),
        "{}",
        node.process.log()
    );
    let in_store = records::held(&deployment.database())?;
    assert_eq!(in_store.entries["patient"]["token.issued"], 1);
    deployment.say("ledger verify")?;
    Ok(())
}
