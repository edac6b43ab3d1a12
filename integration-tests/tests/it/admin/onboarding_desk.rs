//! Whoever takes part in an onboarding at the console: a team that asks, and those who review it.

use anyhow::{Context as _, Result, ensure};
use guichet_integration_tests::html::Document;
use guichet_integration_tests::http_citizen::Page;
use guichet_integration_tests::{Demo, HttpCitizen};

use super::program::comes_in;

/// A team's member, or a reviewer, at the console.
pub(super) struct Desk<'a> {
    pub(super) demo: &'a Demo,
    pub(super) hands: HttpCitizen,
    pub(super) login: &'static str,
}

impl<'a> Desk<'a> {
    /// Somebody of the demo who has a part in it already.
    pub(super) async fn of(demo: &'a Demo, login: &'static str) -> Result<Self> {
        let door = format!("{}/sign-in", demo.cast.admin);
        let (hands, view) = comes_in(demo, login, &door).await?;
        ensure!(view.url.path() == "/me", "{login}: {view}");
        Ok(Self { demo, hands, login })
    }

    /// A citizen whom nobody invited, who begins a team.
    pub(super) async fn begins(demo: &'a Demo, login: &'static str) -> Result<Self> {
        let first = format!("{}/onboarding/begin", demo.cast.admin);
        let mut stranger = HttpCitizen::new();
        let page = stranger.get(&first).await?;
        ensure!(
            page.body.contains("/sign-in?to=/onboarding/begin"),
            "{}",
            page.body
        );
        let door = format!("{}/sign-in?to=/onboarding/begin", demo.cast.admin);
        let (hands, view) = comes_in(demo, login, &door).await?;
        ensure!(view.url.path() == "/onboarding/begin", "{view}");
        let mut desk = Self { demo, hands, login };
        let values = [
            ("name", "Camille Martin"),
            ("address", "camille@ville.example"),
            ("organisation", "Ville d’Exemple"),
            ("legal_id", "213 105 554"),
            ("team", "Cantines"),
        ];
        let answer = desk
            .send(&first, "/onboarding/begin", None, &values)
            .await?;
        ensure!(answer.status == 303, "{}: {}", answer.status, answer.body);
        Ok(desk)
    }

    pub(super) async fn get(&mut self, path: &str) -> Result<Page> {
        let address = format!("{}{path}", self.demo.cast.admin);
        self.hands.get(&address).await
    }

    /// Fills in the form at `address` that leads to `action` and sends it, by the button with this value.
    pub(super) async fn send(
        &mut self,
        address: &str,
        action: &str,
        act: Option<&str>,
        values: &[(&str, &str)],
    ) -> Result<Page> {
        let page = self.hands.get(address).await?;
        ensure!(page.status == 200, "{address}: {}", page.status);
        self.hands.stand_on(page.clone());
        let forms = Document::parse(&page.body).forms();
        let has_act = |form: &&guichet_integration_tests::html::Form| {
            act.is_none_or(|act| {
                form.buttons
                    .iter()
                    .any(|it| it.field.as_ref().is_some_and(|(_, it)| it == act))
            })
        };
        let form = forms
            .iter()
            .filter(|form| form.action.ends_with(action))
            .find(has_act);
        let form = form.with_context(|| format!("{address} has no form for {action} {act:?}"))?;
        let mut values: Vec<(String, String)> = values
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        values.extend(act.map(|act| ("act".to_owned(), act.to_owned())));
        self.hands.submit(form, None, &values).await
    }

    /// A step on the page of a habilitation.
    pub(super) async fn step(&mut self, file: &str, act: &str, text: &str) -> Result<Page> {
        let address = format!("{}/onboarding/{file}", self.demo.cast.admin);
        let values = [("text", text)];
        let values = if text.is_empty() {
            &values[..0]
        } else {
            &values[..]
        };
        self.send(&address, &format!("/onboarding/{file}"), Some(act), values)
            .await
    }

    /// The same, confirmed by a fresh sign-in: where that leads.
    pub(super) async fn confirms(&mut self, file: &str, act: &str, text: &str) -> Result<u16> {
        let proposed = self.step(file, act, text).await?;
        if proposed.status != 303 {
            return Ok(proposed.status);
        }
        let shown = self.hands.follow(proposed).await?;
        ensure!(shown.url.path().starts_with("/confirm/"), "{}", shown.url);
        self.hands.stand_on(shown);
        self.anew().await
    }

    /// Signs in anew, with the next code: one is good once.
    pub(super) async fn anew(&mut self) -> Result<u16> {
        let view = super::program::confirm(self.demo, &mut self.hands, self.login).await?;
        view.status.context("no status")
    }

    /// The state of a habilitation, as its page has it.
    pub(super) async fn state(&mut self, file: &str) -> Result<String> {
        let page = self.get(&format!("/onboarding/{file}")).await?;
        let state = page.body.split("data-state=\"").nth(1);
        let state = state.and_then(|rest| rest.split('"').next());
        Ok(state.with_context(|| page.body.clone())?.to_owned())
    }

    /// A habilitation written part by part, by its identifier.
    pub(super) async fn asks(&mut self, service: &str) -> Result<String> {
        let list = format!("{}/onboarding", self.demo.cast.admin);
        let begun = self.send(&list, "/onboarding", None, &[]).await?;
        let file = begun.location()?.context("no file was begun")?;
        let file = file
            .path()
            .split('/')
            .nth(2)
            .context("no identifier")?
            .to_owned();
        for (part, values) in dossier(service) {
            let path = format!("/onboarding/{file}/part/{part}");
            let address = format!("{}{path}", self.demo.cast.admin);
            let kept = self.send(&address, &path, Some("on"), &values).await?;
            let to = kept.location()?.context("nowhere")?;
            ensure!(!to.as_str().contains("checked"), "{part}: {to}");
        }
        Ok(file)
    }
}

/// What a sound file says, part by part.
pub(super) fn dossier(service: &str) -> Vec<(&'static str, Vec<(&'static str, &str)>)> {
    vec![
        (
            "service",
            vec![
                ("service", service),
                (
                    "description",
                    "Inscription à la cantine et calcul du tarif.",
                ),
                ("kind", "public"),
            ],
        ),
        (
            "contacts",
            vec![
                ("controller.name", "Anne Dupuis"),
                ("controller.address", "anne@ville.example"),
                ("dpo.name", "Paul Riou"),
                ("dpo.address", "dpo@ville.example"),
                ("technical.name", "Léa Roy"),
                ("technical.address", "lea@ville.example"),
                ("security.name", "Marc Petit"),
                ("security.address", "rssi@ville.example"),
            ],
        ),
        (
            "purposes",
            vec![
                ("basis", "public_task"),
                ("legal_reference", "Code de l’éducation, article R531-52"),
                ("purpose", "Inscrire un enfant à la cantine scolaire."),
            ],
        ),
        (
            "data",
            vec![
                ("scope.given_name", "yes"),
                ("why.scope.given_name", "Nommer le parent responsable."),
                ("scope.family_name", "yes"),
                ("why.scope.family_name", "Nommer le parent responsable."),
            ],
        ),
        (
            "guarantees",
            vec![
                ("retention_months", "12"),
                ("level", "eidas1"),
                (
                    "alternative",
                    "Au guichet de la mairie, du lundi au vendredi.",
                ),
                ("privacy_notice", "https://ville.example/donnees"),
            ],
        ),
        (
            "tests",
            vec![(
                "test_report",
                "Connexion, refus, déconnexion : tous les essais ont réussi.",
            )],
        ),
    ]
}

/// The configuration that the page of a new client shows.
pub(super) fn shown(page: &Page) -> Result<(String, String, String)> {
    let document = page.document();
    let text = |id: &str| -> Result<String> {
        let element = document
            .by_id(id)
            .with_context(|| format!("{id}: {}", page.body))?;
        Ok(element.text.trim().to_owned())
    };
    Ok((text("issuer")?, text("client_id")?, text("client_secret")?))
}
