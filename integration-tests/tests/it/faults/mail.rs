//! Mail that was promised arrives, though the relay is down and the hub dies; meanwhile nobody reads it on the disk.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Result, ensure};
use guichet_integration_tests::claims::now;
use guichet_integration_tests::http_citizen::plain_client;
use guichet_integration_tests::machine::free_port;
use guichet_integration_tests::wait;
use guichet_integration_tests::webhook_peers::signed;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::records::python;
use crate::interop::deployment::Deployment;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const ADDRESS: &str = "d.petit@ville.example";
/// What a node that died had in hand comes back after this.
const IN_HAND: Duration = Duration::from_mins(1);

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_that_was_answered_arrives_though_the_hub_dies_before_it_left() -> Result<()>
{
    let port = free_port()?;
    let mut deployment = Deployment::new(&[], &[])?;
    deployment.further = format!(
        "[onboarding]\nreview_secrets = \"{SECRET}\"\n\
         [mail]\nhost = \"127.0.0.1\"\nport = {port}\nsecurity = \"none\"\n\
         from = \"Guichet <no-reply@hub.example>\"\n"
    );
    let mut node = deployment.start().await?;
    // Not before the node began to remember, whose time is finer.
    let (_, said) = approves(&deployment, now() + 2).await?;
    ensure!(said["invited"] == true, "{said}");
    node.kill()?;
    for file in std::fs::read_dir(deployment.folder())? {
        let path = file?.path();
        let bytes = if path.is_file() {
            std::fs::read(&path)?
        } else {
            Vec::new()
        };
        let is_there = bytes
            .windows(ADDRESS.len())
            .any(|it| it == ADDRESS.as_bytes());
        ensure!(!is_there, "{} holds the address", path.display());
    }

    let relay = Arc::new(Mutex::new(String::new()));
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    let server = tokio::spawn(serve(listener, Arc::clone(&relay)));
    node.start_again().await?;
    let text = wait::for_long(IN_HAND, "the mail", async || {
        let text = relay.lock().unwrap_or_else(PoisonError::into_inner).clone();
        text.contains("/invitation/").then_some(text)
    })
    .await?;
    ensure!(text.contains(ADDRESS), "{text}");
    // Once, and then it is nowhere.
    wait::until("an empty outbox", async || {
        let left = python(LEFT, &deployment.database(), &[]).ok()?;
        (left.trim() == "0").then_some(())
    })
    .await?;
    server.abort();
    let text = relay.lock().unwrap_or_else(PoisonError::into_inner).clone();
    ensure!(text.matches("RCPT TO").count() == 1, "{text}");
    Ok(())
}

/// The node dies between the invitation and its mail: whoever sent the approval is told that it failed, sends it
/// again, and the owner is invited.
#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_that_died_before_its_mail_was_left_comes_with_the_next_message() -> Result<()>
{
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let port = listener.local_addr()?.port();
    let mut deployment = Deployment::new(&[], &[])?;
    deployment.further = format!(
        "[onboarding]\nreview_secrets = \"{SECRET}\"\n\
         [mail]\nhost = \"127.0.0.1\"\nport = {port}\nsecurity = \"none\"\n\
         from = \"Guichet <no-reply@hub.example>\"\n"
    );
    let relay = Arc::new(Mutex::new(String::new()));
    let server = tokio::spawn(serve(listener, Arc::clone(&relay)));
    let mut node = deployment.start().await?;
    python(HOLD, &deployment.database(), &[])?;
    let (status, said) = approves(&deployment, now() + 2).await?;
    ensure!(status == 500, "{status} {said}");
    node.kill()?;
    python(RELEASE, &deployment.database(), &[])?;
    node.start_again().await?;
    let (status, said) = approves(&deployment, now() + 3).await?;
    ensure!(status == 200 && said["invited"] == true, "{status} {said}");
    let text = wait::until("the mail", async || {
        let text = relay.lock().unwrap_or_else(PoisonError::into_inner).clone();
        text.contains("/invitation/").then_some(text)
    })
    .await?;
    ensure!(text.contains(ADDRESS), "{text}");
    server.abort();
    Ok(())
}

/// No mail can be left, as if every node died first.
const HOLD: &str = "
db.execute(\"CREATE TRIGGER hold BEFORE INSERT ON outbox BEGIN SELECT RAISE(ABORT, 'held'); END\")
";
const RELEASE: &str = "db.execute('DROP TRIGGER hold')";
const LEFT: &str = "print(db.execute('SELECT count(*) FROM outbox').fetchone()[0])";

/// The review tool says what it approved, at this time; the answer.
async fn approves(deployment: &Deployment, at: i64) -> Result<(u16, Value)> {
    let body = json!({
        "type": "habilitation.approved",
        "data": {
            "id": "datapass-1",
            "organisation": { "name": "Ville", "legal_id": "217500016" },
            "owner": { "name": "Dominique PETIT", "email": ADDRESS },
            "client": {
                "name": "Inscriptions", "scope": "openid",
                "redirect_uris": ["https://ecole.ville.example/callback"],
            },
        },
    })
    .to_string();
    let answer = plain_client()
        .post(format!(
            "{}/api/admin/v1/hooks/habilitations",
            deployment.management()
        ))
        .header("content-type", "application/json")
        .header("webhook-id", "msg_1")
        .header("webhook-timestamp", at.to_string())
        .header("webhook-signature", signed(SECRET, "msg_1", at, &body)?)
        .body(body)
        .send()
        .await?;
    Ok((answer.status().as_u16(), answer.json().await?))
}

/// A relay that takes everything.
async fn serve(listener: TcpListener, said: Arc<Mutex<String>>) -> Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        let said = Arc::clone(&said);
        tokio::spawn(async move { converse(stream, said).await });
    }
}

async fn converse(stream: TcpStream, said: Arc<Mutex<String>>) -> Result<()> {
    let (reads, mut writes) = stream.into_split();
    let mut lines = BufReader::new(reads).lines();
    writes.write_all(b"220 relay\r\n").await?;
    let mut is_mail = false;
    while let Some(line) = lines.next_line().await? {
        said.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend([line.as_str(), "\n"]);
        let answer = match line.as_str() {
            "." if is_mail => {
                is_mail = false;
                "250 taken\r\n"
            }
            _ if is_mail => continue,
            "DATA" => {
                is_mail = true;
                "354 go on\r\n"
            }
            "QUIT" => "221 bye\r\n",
            _ => "250 yes\r\n",
        };
        writes.write_all(answer.as_bytes()).await?;
    }
    Ok(())
}
