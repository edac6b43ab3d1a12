//! Addresses that stand for citizens' own, as the operator's mail server asks about them: Postfix's socketmap.

use anyhow::{Context as _, Result};
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::machine::free_port;
use guichet_integration_tests::mock_provider::someone;
use guichet_integration_tests::{Hands as _, MockProvider, RawClient};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::interop::deployment::{Deployment, finish};

/// What the node answers to one question on an open connection.
async fn ask(stream: &mut TcpStream, question: &str) -> Result<String> {
    let asked = format!("{}:{question},", question.len());
    // In two pieces, as a network may bring it.
    let (one, other) = asked.as_bytes().split_at(asked.len() / 2);
    stream.write_all(one).await?;
    stream.flush().await?;
    stream.write_all(other).await?;
    let mut read = Vec::new();
    loop {
        let byte = stream.read_u8().await?;
        read.push(byte);
        let text = String::from_utf8_lossy(&read).into_owned();
        if let Some((length, said)) = text.split_once(':')
            && said.len() == length.parse::<usize>()? + 1
        {
            return Ok(said.trim_end_matches(',').to_owned());
        }
    }
}

#[tokio::test]
async fn a_mail_server_hears_where_an_alias_leads_until_it_is_cut() -> Result<()> {
    let provider = MockProvider::start("mock").await?;
    let other = MockProvider::start("other").await?;
    let service = RawClient::new("cantine");
    let mut deployment = Deployment::new(&[&service], &[&provider, &other])?;
    let lookup = free_port()?;
    deployment.further = format!(
        "[mail]\nalias_domain = \"relay.example\"\nalias_lookup = \"127.0.0.1:{lookup}\"\n"
    );
    let _node = deployment.start().await?;
    let issuer = deployment.issuer.clone();
    let mut papers = someone();
    papers["email"] = "camille@example.org".into();
    provider.present(papers.clone());
    let attempt = service.attempt(&issuer)?.with("scope", "openid email");
    let mut citizen = service.citizen();
    citizen
        .visit(&attempt.url())
        .choose(&provider.button())
        .press(Control::Id("tell-alias"))
        .agree()
        .await?;
    let signed_in = finish(&service, &issuer, citizen, &attempt).await?;
    let alias = signed_in.userinfo.text("email").to_owned();
    assert!(alias.ends_with("@relay.example"), "{alias}");

    let mut mail_server = TcpStream::connect(("127.0.0.1", lookup)).await?;
    let question = format!("alias {alias}");
    assert_eq!(
        ask(&mut mail_server, &question).await?,
        "OK camille@example.org"
    );
    for nobody in [
        "alias nobody@relay.example",
        "alias @relay.example",
        "alias camille@example.org",
    ] {
        assert_eq!(
            ask(&mut mail_server, nobody).await?,
            "NOTFOUND ",
            "{nobody}"
        );
    }
    // A thief, by a provider that takes them for the same citizen and states their own address (N-300).
    papers["email"] = "thief@evil.example".into();
    papers["email_verified"] = true.into();
    other.present(papers);
    let attempt = service.attempt(&issuer)?.with("scope", "openid email");
    let mut thief = service.citizen();
    let arrived = thief.visit(&attempt.url()).choose(&other.button()).await?;
    assert!(arrived.html.contains(&alias), "{arrived}");
    assert!(!arrived.html.contains("thief@evil.example"), "{arrived}");
    thief.here().agree().await?;
    finish(&service, &issuer, thief, &attempt).await?;
    assert_eq!(
        ask(&mut mail_server, &question).await?,
        "OK camille@example.org"
    );
    let other_map = ask(&mut mail_server, &format!("people {alias}")).await?;
    assert!(other_map.starts_with("PERM"), "{other_map}");
    let mut citizen = signed_in.citizen;
    let page = citizen.get(&format!("{issuer}/account/ways")).await?;
    let forms = page.document().forms().into_iter();
    let mut forms = forms.filter(|form| form.action.contains("/ways/aliases/"));
    let cuts = forms.next().context("no form that cuts it")?;
    citizen.stand_on(page);
    let close = [("way".to_owned(), "close".to_owned())];
    let cut = citizen.submit(&cuts, None, &close).await?;
    assert_eq!(cut.status, 303, "{}", cut.body);
    assert_eq!(ask(&mut mail_server, &question).await?, "NOTFOUND ");
    // What is no question ends the connection, and no other one.
    let mut noise = TcpStream::connect(("127.0.0.1", lookup)).await?;
    noise.write_all(b"GET / HTTP/1.1\r\n\r\n").await?;
    let mut rest = Vec::new();
    noise.read_to_end(&mut rest).await.context("it hangs")?;
    assert!(rest.is_empty());
    assert_eq!(ask(&mut mail_server, &question).await?, "NOTFOUND ");
    Ok(())
}
