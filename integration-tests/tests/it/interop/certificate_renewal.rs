//! The hub's own certificate is renewed while it runs (threat N-84), over real connections.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use guichet_integration_tests::machine::{free_port, install_tls};
use guichet_integration_tests::wait;
use reqwest::{Certificate, Client};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::deployment::Deployment;

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
    let tls = free_port()?;
    let mut deployment = Deployment::new(&[], &[])?;
    let folder = deployment.folder().to_owned();
    write(&folder, FIRST)?;
    deployment.further = listening(tls, &folder);
    let _node = deployment.start().await?;

    let (before, after) = (trusting(FIRST_AUTHORITY)?, trusting(RENEWED.0)?);
    assert!(serves(&before, tls).await && !serves(&after, tls).await);
    must_keep_the_floor(tls).await.context("before")?;

    write(&folder, RENEWED)?;
    let renewed = async || serves(&after, tls).await.then_some(());
    wait::until("the renewed certificate", renewed).await?;
    // A new connection: the one that is kept alive was made under the old certificate.
    assert!(!serves(&trusting(FIRST_AUTHORITY)?, tls).await);
    must_keep_the_floor(tls).await.context("after")
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

/// Clients that know nothing newer than TLS 1.1 are told `protocol_version` (RFC 8446 §6.2); the same hello
/// with TLS 1.2 in it is answered, so it is the version that is refused.
async fn must_keep_the_floor(port: u16) -> Result<()> {
    for old in [0x0301, 0x0302] {
        let told = answer_to(port, old).await?;
        ensure!(
            (told[0], told[5], told[6]) == (ALERT, FATAL, 70),
            "{told:?}"
        );
    }
    let told = answer_to(port, 0x0303).await?;
    ensure!((told[0], told[5]) == (HANDSHAKE, SERVER_HELLO), "{told:?}");
    Ok(())
}

const ALERT: u8 = 21;
const FATAL: u8 = 2;
const HANDSHAKE: u8 = 22;
const SERVER_HELLO: u8 = 2;

/// The first bytes of what is said to a client whose newest TLS is `version`, and who lacks nothing else.
async fn answer_to(port: u16, version: u16) -> Result<[u8; 7]> {
    let mut hello = version.to_be_bytes().to_vec();
    hello.extend([7; 32]);
    // No session; ECDHE with AES-128-GCM under ECDSA and RSA; no compression.
    hello.extend([0, 0, 4, 0xc0, 0x2b, 0xc0, 0x2f, 1, 0]);
    let extensions: [&[u8]; 3] = [
        // supported_groups: P-256 and X25519
        &[0, 10, 0, 6, 0, 4, 0, 0x17, 0, 0x1d],
        // ec_point_formats: uncompressed
        &[0, 11, 0, 2, 1, 0],
        // signature_algorithms: ECDSA with P-256, RSA-PSS and RSA, all with SHA-256
        &[0, 13, 0, 8, 0, 6, 4, 3, 8, 4, 4, 1],
    ];
    let extensions = extensions.concat();
    hello.extend([0, u8::try_from(extensions.len())?]);
    hello.extend(extensions);
    let length = u8::try_from(hello.len())?;
    let mut record = vec![HANDSHAKE, 0x03, 0x01, 0, length + 4, 1, 0, 0, length];
    record.extend(hello);
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.write_all(&record).await?;
    let mut told = [0; 7];
    stream.read_exact(&mut told).await.context("no answer")?;
    Ok(told)
}

fn listening(tls: u16, folder: &Path) -> String {
    let folder = folder.display();
    format!(
        r#"
[tls]
listen = "127.0.0.1:{tls}"
certificate = "{folder}/chain.pem"
key = "{folder}/key.pem"
refresh = "50ms"
"#
    )
}
