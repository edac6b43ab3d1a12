//! Every form of the account, posted by another citizen who is signed in, with a token of theirs that counts and all
//! else as it should be, about what is the first citizen's; and by nobody. Nothing leaks, and nothing of the first
//! citizen's changes, while the same form does what it says for whoever posts it about what is theirs (threats N-400
//! to N-404).
//!
//! | what | file |
//! |---|---|
//! | each form, what it acts on, and what comes of it | `rows.rs` |
//! | citizens who own one of everything | `things.rs` |
//! | all that a citizen sees, and all that rests about them | `picture.rs` |
//! | tokens that nobody outside can hold, so that the check behind them is reached | `mint.rs` |

mod mint;
mod picture;
mod rows;
mod things;

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, ensure};
use guichet_integration_tests::citizens::{ANGE, CAMILLE, LINH};
use guichet_integration_tests::html::Form;
use guichet_integration_tests::http_citizen::Page;
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::{Demo, Hands as _, HttpCitizen, wait};
use reqwest::Method;

use super::closing::who_closed_with_an_address;
use super::routes::routes;
use super::ways::{ADDRESS, code_mailed_to};
use crate::login::{COMPTE_CITOYEN, must_read};
use mint::Mint;
use picture::Picture;
use rows::{OWN_ADDRESS, OWN_CODE, On, ROWS, Row, filled};
use things::{Cast, LATER_ADDRESS, Owner, Things};

#[test]
fn every_form_of_the_account_has_a_row() {
    let posts = routes().into_iter().filter(|(method, _)| *method == "POST");
    let posts: BTreeSet<String> = posts.map(|(_, path)| path).collect();
    let rows: BTreeSet<String> = ROWS.iter().map(|row| row.path.to_owned()).collect();
    assert!(posts.len() > 25, "the list was not read: {posts:?}");
    assert_eq!(rows, posts);
}

#[tokio::test]
async fn no_form_of_the_account_does_anything_to_somebody_else() -> Result<()> {
    let cast = Cast::start().await?;
    let (mut camille, mut held) = cast.owner(&CAMILLE).await?;
    cast.gives_addresses(&mut camille).await?;
    let (mut linh, _) = cast.owner(&LINH).await?;
    let before = Picture::settled(&cast.demo, &mut camille).await?;
    before.must_be_whole()?;
    let attack = Attack {
        mint: Mint::of(&cast.demo)?,
        cast: &cast,
        theirs: camille.things.clone(),
    };
    for row in ROWS {
        let mut leaver = match row.on {
            On::Leaver => Some(cast.newcomer(&ANGE).await?),
            _ => None,
        };
        let attacker = leaver.as_mut().unwrap_or(&mut linh);
        attack.turn(row, attacker).await.with_context(|| row.path)?;
        let after = Picture::of(&cast.demo, &mut camille).await?;
        after.must_be(&before, row.path)?;
    }
    cast.must_hold(&mut held).await
}

#[tokio::test]
async fn the_form_behind_a_mailed_link_is_no_use_for_the_account_of_another() -> Result<()> {
    let demo = Demo::start().await?;
    let theirs = who_closed_with_an_address(&demo, &CAMILLE, ADDRESS).await?;
    let own = who_closed_with_an_address(&demo, &LINH, OWN_ADDRESS).await?;
    let parts = |link: &str| -> Result<(String, String)> {
        let mut ends = link.rsplit('/').map(str::to_owned);
        let (key, case) = (ends.next(), ends.next());
        Ok((case.context("no case")?, key.context("no key")?))
    };
    let ((their_case, their_key), (own_case, own_key)) = (parts(&theirs)?, parts(&own)?);
    let mut linh = HttpCitizen::new();
    linh.open(&own).await?;
    let form = linh.page()?.form()?;
    let token = form.fields.iter().find(|(name, _)| name == "csrf");
    let (_, token) = token.context("no token")?;
    let mint = Mint::of(&demo)?;
    ensure!(*token == mint.token(&linh, "reopen", &own_case)?);
    let made = mint.token(&linh, "reopen", &their_case)?;
    for (case, key, csrf, refused) in [
        // The link of the other itself, by a form that was for one's own; and the key of one's own for the other's
        // case, by a form for that, which no page gives.
        (&their_case, &their_key, token, 403),
        (&their_case, &own_key, token, 403),
        (&their_case, &own_key, &made, 404),
        (&own_case, &their_key, token, 404),
    ] {
        let address = demo.hub(&format!("/account/reopen/{case}/{key}"));
        for who in [&mut linh.clone(), &mut HttpCitizen::new()] {
            let is_nobody = who.cookies().is_empty();
            let answer = who.post(&address, &[("csrf", csrf)]).await?;
            let expected = if is_nobody { 403 } else { refused };
            ensure!(answer.status == expected, "{address}: {}", answer.status);
            ensure!(!answer.headers.contains_key("set-cookie"), "{address}");
        }
    }
    let begun = linh.submit(&form, None, &[]).await?;
    let to = begun.location()?.context("her own leads nowhere")?;
    ensure!(to.path() == "/account/sign-in", "{to}");
    // The other's is closed as it was, and opens by the link as it would have.
    let service = demo.service("cantine");
    let mut camille = HttpCitizen::new();
    let barred = camille.visit(service).sign_in_with(COMPTE_CITOYEN);
    let barred = barred.as_citizen(&CAMILLE).land_at(&demo.cast.hub).await?;
    must_read(&barred, "Ce compte est fermé")?;
    let mut back = HttpCitizen::new();
    let opened = back.visit(&theirs).press(Control::Id("begin"));
    opened.choose(COMPTE_CITOYEN).as_citizen(&CAMILLE).await?;
    let data = back.visit(&demo.hub("/account/data")).await?;
    must_read(&data, "Vous y avez mis fin")
}

/// What is turned against the first citizen.
struct Attack<'a> {
    cast: &'a Cast,
    mint: Mint,
    theirs: Things,
}

impl Attack<'_> {
    /// A form against the first citizen, by somebody who is signed in and by nobody; then by the attacker about what
    /// is their own.
    async fn turn(&self, row: &Row, attacker: &mut Owner) -> Result<()> {
        let code = match row.fields {
            [(_, OWN_CODE)] => code_mailed_to(&self.cast.demo, OWN_ADDRESS).await?,
            _ => String::new(),
        };
        let fields = filled(row, &self.theirs, &code);
        let there = row.at(row.path, &self.theirs);
        if let On::MailedLink = row.on {
            return Ok(());
        }
        if let On::Service = row.on {
            for who in [&mut attacker.citizen, &mut HttpCitizen::new()] {
                let answer = self.post(who, &there, &fields).await?;
                ensure!(answer.status == 401, "{}: {}", answer.status, answer.body);
            }
            return Ok(());
        }
        let here = row.at(row.path, &attacker.things);
        let form = self.form(row, attacker, &here).await?;
        let mut sent = form.fields.clone();
        sent.retain(|(name, _)| Some(name.as_str()) != row.unticked);
        for (name, text) in &fields {
            sent.retain(|(other, _)| other != name);
            sent.push((name.clone(), text.clone()));
        }
        self.by_nobody(&there, &sent).await?;
        if let On::Thing { refused, .. } = row.on {
            ensure!(here != there, "it is of both: {here}");
            let answer = self.post(&mut attacker.citizen, &there, &sent).await?;
            ensure!(answer.status == 403, "{}: {}", answer.status, answer.body);
            let made = self.made(row, attacker, &sent)?;
            let answer = self.post(&mut attacker.citizen, &there, &made).await?;
            ensure!(
                answer.status == refused,
                "{}: {}",
                answer.status,
                answer.body
            );
        }
        self.for_oneself(row, attacker, &here, &sent).await
    }

    /// The form as its own page gives it to the attacker.
    async fn form(&self, row: &Row, attacker: &Owner, action: &str) -> Result<Form> {
        let mut citizen = attacker.citizen.clone();
        if let On::Nobody = row.on {
            citizen.lose_cookies(|name| name == "hub-session");
        }
        let page = row.at(row.page, &attacker.things);
        let page = citizen.get(&self.cast.demo.hub(&page)).await?;
        let mut forms = page.document().forms().into_iter();
        let own = forms.find(|form| form.action == action);
        let own = own.with_context(|| format!("no form to {action}: {}", page.body))?;
        let has_token = own.fields.iter().any(|(name, _)| name == "csrf");
        ensure!(has_token, "no token: {own:?}");
        Ok(own)
    }

    /// What was sent, with the token that the hub would give the attacker for the first citizen's thing.
    fn made(
        &self,
        row: &Row,
        attacker: &Owner,
        sent: &[(String, String)],
    ) -> Result<Vec<(String, String)>> {
        let On::Thing {
            of,
            form,
            of_person,
            ..
        } = row.on
        else {
            return Ok(sent.to_vec());
        };
        let token = |thing: &str| {
            let subject = if of_person {
                format!("{}.{thing}", attacker.things.person)
            } else {
                thing.to_owned()
            };
            self.mint.token(&attacker.citizen, form, &subject)
        };
        let of_own = ("csrf".to_owned(), token(of(&attacker.things))?);
        ensure!(
            sent.contains(&of_own),
            "tokens are made otherwise: {sent:?}"
        );
        let mut made = sent.to_vec();
        made.retain(|field| *field != of_own);
        made.push(("csrf".to_owned(), token(of(&self.theirs))?));
        Ok(made)
    }

    /// Nobody is led to a sign-in, or told that this is nothing for them.
    async fn by_nobody(&self, path: &str, sent: &[(String, String)]) -> Result<()> {
        let mut nobody = HttpCitizen::new();
        let stranger = self.post(&mut nobody, path, sent).await?;
        nobody.get(&self.cast.demo.hub("/account")).await?;
        let known = self.post(&mut nobody, path, sent).await?;
        for answer in [stranger, known] {
            let refused = [400, 401, 403, 404, 410].contains(&answer.status);
            let to = answer.location()?;
            let to_a_page = to.is_some_and(|to| SIGNED_OUT.contains(&to.path()));
            ensure!(refused || to_a_page, "{}: {}", answer.status, answer.body);
        }
        Ok(())
    }

    /// The same form about what is the attacker's own does what it says.
    async fn for_oneself(
        &self,
        row: &Row,
        attacker: &mut Owner,
        path: &str,
        sent: &[(String, String)],
    ) -> Result<()> {
        let demo = &self.cast.demo;
        let before = Picture::of(demo, attacker).await?;
        let answer = self.post(&mut attacker.citizen, path, sent).await?;
        let to = answer.location()?;
        let to = to.map(|to| match to.query() {
            Some(query) if row.leads.is_some_and(|it| it.contains('?')) => {
                format!("{}?{query}", to.path())
            }
            _ => to.path().to_owned(),
        });
        let is_led = match (row.leads, &to) {
            (Some(leads), Some(to)) => to == leads || leads.ends_with('/') && to.starts_with(leads),
            (None, _) => answer.status < 400,
            (Some(_), None) => false,
        };
        ensure!(is_led, "its own: {} {to:?} {}", answer.status, answer.body);
        if row.changes {
            // What is in the history is there a moment later.
            wait::until("its own to change", async || {
                let after = Picture::of(demo, attacker).await.ok()?;
                (after != before).then_some(())
            })
            .await?;
        }
        if let Some(status) = row.again {
            let again = self.post(&mut attacker.citizen, path, sent).await?;
            ensure!(again.status == status, "again: {}", again.status);
            // Whoever reads that nothing was done finds what there is.
            let is_led_back = status == 303 || again.body.contains(&format!("{}\"", row.page));
            ensure!(is_led_back, "no way back: {}", again.body);
        }
        Ok(())
    }

    /// Posts a form, and says besides whom it should be about. What comes back has nothing of the first citizen's.
    async fn post(
        &self,
        who: &mut HttpCitizen,
        path: &str,
        sent: &[(String, String)],
    ) -> Result<Page> {
        let mut sent = sent.to_vec();
        for (name, text) in [
            ("person", &self.theirs.person),
            ("subject", &self.theirs.sub),
        ] {
            sent.push((name.to_owned(), text.clone()));
        }
        let address = self.cast.demo.hub(path);
        let answer = who.send(Method::POST, &address, Some(&sent)).await?;
        let (sub, words) = (self.theirs.sub.as_str(), self.theirs.words.as_str());
        for secret in [sub, words, "MARTIN", "Camille", ADDRESS, LATER_ADDRESS] {
            ensure!(!answer.body.contains(secret), "{secret}: {}", answer.body);
        }
        Ok(answer)
    }
}

/// The pages that say that nobody is signed in.
const SIGNED_OUT: [&str; 11] = [
    "/account",
    "/account/close",
    "/account/data",
    "/account/history",
    "/account/not-me",
    "/account/requests",
    "/account/rights",
    "/account/sessions",
    "/account/support",
    "/account/ways",
    "/account/sign-in",
];
