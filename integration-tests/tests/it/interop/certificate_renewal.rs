//! The hub's own certificate is renewed while it runs (threat N-84), over real connections.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use guichet_integration_tests::machine::{free_port, install_tls};
use guichet_integration_tests::{Node, wait};
use reqwest::{Certificate, Client};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const FIRST: (&str, &str) = (
    include_str!("fixtures/hub.pem"),
    include_str!("fixtures/hub.key"),
);
const FIRST_AUTHORITY: &str = include_str!("fixtures/authority.pem");
/// Signed by itself: whoever trusts the one trusts not the other.
const RENEWED: (&str, &str) = (
    include_str!("fixtures/hub_renewed.pem"),
    include_str!("fixtures/hub_renewed.key"),
);

#[tokio::test]
async fn a_renewed_certificate_is_shown_without_a_restart_and_under_the_same_floor() -> Result<()> {
    let (listen, management, tls) = (free_port()?, free_port()?, free_port()?);
    let folder = tempfile::tempdir()?;
    write(folder.path(), FIRST)?;
    let settings = settings(folder.path(), listen, management, tls);
    let _node = Node::start(&settings, &format!("http://127.0.0.1:{management}")).await?;

    let (before, after) = (trusting(FIRST_AUTHORITY)?, trusting(RENEWED.0)?);
    assert!(serves(&before, tls).await && !serves(&after, tls).await);
    assert!(refuses_tls_1_1(tls).await?, "before");

    write(folder.path(), RENEWED)?;
    let renewed = async || serves(&after, tls).await.then_some(());
    wait::until("the renewed certificate", renewed).await?;
    // A new connection: the one that is kept alive was made under the old certificate.
    assert!(!serves(&trusting(FIRST_AUTHORITY)?, tls).await);
    assert!(refuses_tls_1_1(tls).await?, "after");
    Ok(())
}

fn write(folder: &Path, (chain, key): (&str, &str)) -> Result<()> {
    fs::write(folder.join("chain.pem"), chain)?;
    fs::write(folder.join("key.pem"), key)?;
    Ok(())
}

/// A client that trusts this certificate and no other.
#[expect(clippy::disallowed_methods, reason = "a client of the tests")]
fn trusting(certificate: &str) -> Result<Client> {
    install_tls();
    let certificate = Certificate::from_pem(certificate.as_bytes())?;
    Ok(Client::builder().tls_certs_only([certificate]).build()?)
}

async fn serves(client: &Client, port: u16) -> bool {
    let discovery = format!("https://localhost:{port}/.well-known/openid-configuration");
    let answer = client.get(discovery).send().await;
    answer.is_ok_and(|answer| answer.status().is_success())
}

/// Whether a client that knows nothing newer than TLS 1.1 is told `protocol_version` (RFC 8446 §6.2).
async fn refuses_tls_1_1(port: u16) -> Result<bool> {
    let mut hello = vec![0x03, 0x02];
    hello.extend([7; 32]);
    // No session; three suites of that time; no compression.
    hello.extend([0, 0, 6, 0xc0, 0x09, 0xc0, 0x13, 0x00, 0x2f, 1, 0]);
    let length = u8::try_from(hello.len())?;
    let mut record = vec![0x16, 0x03, 0x01, 0, length + 4, 1, 0, 0, length];
    record.extend(hello);
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.write_all(&record).await?;
    let mut alert = [0; 7];
    stream.read_exact(&mut alert).await.context("no alert")?;
    // A fatal alert: protocol_version, or handshake_failure for what a hello of that time lacks.
    Ok((alert[0], alert[5]) == (0x15, 2) && [70, 40].contains(&alert[6]))
}

fn settings(folder: &Path, listen: u16, management: u16, tls: u16) -> String {
    let folder = folder.display();
    format!(
        r#"
[hub]
issuer = "http://localhost:{listen}"
listen = "127.0.0.1:{listen}"

[management]
listen = "127.0.0.1:{management}"

[store]
durable = "sqlite:{{folder}}/guichet.db"

[keys]
directory = "{{folder}}/keys"
algorithms = ["ES256"]

[tls]
listen = "127.0.0.1:{tls}"
certificate = "{folder}/chain.pem"
key = "{folder}/key.pem"
refresh = "50ms"
"#
    )
}
