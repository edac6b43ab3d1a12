//! The mailbox from outside: `lettre` sends, the pages and the API show.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use http::Request;
use lettre::message::{MultiPart, SinglePart};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt as _;

use super::*;
use crate::cast::Addresses;
use crate::testing::{NOW, Stopped, surroundings};

/// A listener on a port of its own and a transport that knows it.
async fn listening(inbox: &Inbox) -> AsyncSmtpTransport<Tokio1Executor> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(serve(
        listener,
        inbox.clone(),
        Arc::new(Stopped::default()),
        Limits::default(),
    ));
    AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("127.0.0.1")
        .port(port)
        .build()
}

fn message() -> Message {
    Message::builder()
        .from("Guichet <ne-pas-repondre@guichet.example>".parse().unwrap())
        .to("Camille MARTIN <camille@citoyens.example>".parse().unwrap())
        .subject("Connexion à « Carte grise »")
        .multipart(
            MultiPart::alternative()
                .singlepart(SinglePart::plain(
                    "Bonjour,\n\nUne connexion a eu lieu :\n.\nhttp://localhost:8000/account\n"
                        .to_owned(),
                ))
                .singlepart(SinglePart::html("<p>Bonjour, été</p>".to_owned())),
        )
        .unwrap()
}

async fn get(site: &Router, path: &str) -> (StatusCode, String) {
    let request = Request::get(path).body(Body::empty()).unwrap();
    let response = site.clone().oneshot(request).await.unwrap();
    let status = response.status();
    let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn what_lettre_sends_arrives_whole() {
    let inbox = Inbox::new();
    let transport = listening(&inbox).await;
    transport.send(message()).await.unwrap();
    transport.send(message()).await.unwrap();
    let mails = inbox.newest_first();
    assert_eq!(mails.len(), 2);
    let mail = &mails[1];
    assert_eq!((mail.id, mail.received), (1, NOW));
    assert_eq!(mail.from, "ne-pas-repondre@guichet.example");
    assert_eq!(mail.to, ["camille@citoyens.example"]);
    assert_eq!(mail.subject, "Connexion à « Carte grise »");
    assert_eq!(
        mail.text,
        "Bonjour,\n\nUne connexion a eu lieu :\n.\nhttp://localhost:8000/account"
    );
    assert_eq!(mail.html.as_deref(), Some("<p>Bonjour, été</p>"));
}

#[tokio::test]
async fn a_line_without_end_is_cut_off_and_leaves_no_mail() {
    let inbox = Inbox::new();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let clock = Arc::new(Stopped::default());
    tokio::spawn(serve(listener, inbox.clone(), clock, Limits::default()));
    for start in ["", "EHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<a@b>\r\nDATA\r\n"] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let flood = format!("{start}{}", "x".repeat(1000));
        stream.write_all(flood.as_bytes()).await.unwrap();
        let mut replies = String::new();
        stream.read_to_string(&mut replies).await.unwrap();
        let last = replies.lines().last().unwrap();
        assert!(
            replies.starts_with("220 ") && last.starts_with("500 "),
            "{replies}"
        );
    }
    assert!(inbox.newest_first().is_empty());
}

#[tokio::test]
async fn a_mail_can_be_read_on_a_page_and_by_a_test() {
    let inbox = Inbox::new();
    listening(&inbox).await.send(message()).await.unwrap();
    let site = router(&inbox, &surroundings(Addresses::default())).unwrap();
    let (_, list) = get(&site, "/").await;
    assert!(list.contains("href=\"/mails/1\"") && list.contains("Connexion à « Carte grise »"));
    let (_, page) = get(&site, "/mails/1").await;
    assert!(page.contains("href=\"http://localhost:8000/account\""));
    let (_, json) = get(&site, "/api/mails").await;
    let mails: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(mails[0]["to"][0], "camille@citoyens.example");
    for missing in ["/mails/2", "/mails/x"] {
        assert_eq!(
            get(&site, missing).await.0,
            StatusCode::NOT_FOUND,
            "{missing}"
        );
    }
}
