//! `guichet provider list|show|add|set|disable|test`.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Result, bail};
use guichet_admin::{Overview, ProviderDesk, told};
use guichet_broker::claims_mapping::Trial;
use guichet_domain::ProviderMetadata;
use guichet_ledger::Ledger;
use guichet_store::durable::Durable;
use serde_json::{Map, Value, json};

use super::{config, print};
use crate::cli::{ConfigArguments, Exit, Output, ProviderCommand, RegistryCommand};
use crate::clock::SystemClock;
use crate::node::{Ground, Opening, declared, foundation};

/// Runs the command.
pub(crate) async fn run(command: ProviderCommand) -> Result<Exit> {
    match command {
        ProviderCommand::Registered(RegistryCommand::List(arguments)) => list(&arguments).await,
        ProviderCommand::Registered(RegistryCommand::Show { id, config }) => {
            let office = Office::open(&config).await?;
            print::json(&office.desk.show(&id).await?)?;
            office.close().await
        }
        ProviderCommand::Add { file, config } => {
            let metadata: ProviderMetadata = read(&file)?;
            let office = Office::open(&config).await?;
            office.desk.add(&metadata).await?;
            office.tell(&metadata.id, "added").await
        }
        ProviderCommand::Set {
            id,
            members,
            config,
        } => {
            let office = Office::open(&config).await?;
            office.desk.set(&id, changes(members)?).await?;
            office.tell(&id, "changed").await
        }
        ProviderCommand::Disable { id, config } => {
            let office = Office::open(&config).await?;
            office.desk.disable(&id).await?;
            office.tell(&id, "disabled").await
        }
        ProviderCommand::Test { id, claims, config } => {
            try_out(&id, claims.as_deref(), &config).await
        }
    }
}

async fn list(arguments: &ConfigArguments) -> Result<Exit> {
    let durable = Ground::of(&config::load(arguments)?.settings)?
        .durable(Opening::Existing)
        .await?;
    let rows = Overview::providers(&*durable.registry).await?;
    if arguments.output == Output::Json {
        print::json(&rows)?;
    } else {
        print::table(
            ["ID", "NAME", "ISSUER", "LEVELS", "ACTIVE"],
            rows.into_iter().map(|row| {
                [
                    row.id,
                    row.name,
                    row.issuer,
                    row.levels.join(" "),
                    row.active.to_string(),
                ]
            }),
        )?;
    }
    durable.close().await;
    Ok(Exit::Done)
}

/// What the record of a provider makes of claims, rule by rule.
async fn try_out(id: &str, claims: Option<&Path>, arguments: &ConfigArguments) -> Result<Exit> {
    let input = match claims {
        Some(file) => read(file)?,
        None => somebody(),
    };
    let office = Office::open(arguments).await?;
    let record = office.desk.known(id).await?;
    let trial = Trial::run(&record, input)?;
    let holds = trial.rules.iter().all(|rule| rule.error.is_none());
    match office.output {
        Output::Json => print::json(&trial)?,
        Output::Text => in_words(&trial)?,
    }
    office.close().await?;
    Ok(if holds { Exit::Done } else { Exit::Failed })
}

fn in_words(trial: &Trial) -> Result<()> {
    print::line("input")?;
    print::json(&trial.input)?;
    print::line("")?;
    let rules = trial.rules.iter().map(|rule| {
        let outcome = match (&rule.result, &rule.error) {
            (Some(result), _) => result.to_string(),
            (None, error) => format!("✗ {}", error.as_deref().unwrap_or_default()),
        };
        [rule.claim.clone(), outcome, rule.rule.clone()]
    });
    print::table(["CLAIM", "RESULT", "RULE"], rules)?;
    print::line("")?;
    print::line("output")?;
    print::json(&json!({
        "claims": trial.claims,
        "acr": trial.acr,
        "level": trial.level,
        "amr": trial.amr,
        "dropped": trial.dropped,
    }))
}

/// The registry, open for changes.
struct Office {
    desk: ProviderDesk,
    ledger: Ledger,
    durable: Durable,
    output: Output,
}

impl Office {
    async fn open(arguments: &ConfigArguments) -> Result<Self> {
        let settings = config::load(arguments)?.settings;
        let ground = Ground::of(&settings)?;
        let keys = ground.keys(Opening::Existing)?;
        let durable = ground.durable(Opening::Existing).await?;
        let ledger = ground.ledger(&keys, &durable).await?;
        Ok(Self {
            desk: ProviderDesk {
                registry: Arc::clone(&durable.registry),
                ledger: ledger.clone(),
                secrets: keys.sealer(guichet_broker::PROVIDER_SECRET),
                register: settings.civil_register.default,
                usable: declared::rules_compile,
                declared: settings.providers.iter().map(|it| it.id.clone()).collect(),
                clock: Arc::new(SystemClock),
            },
            ledger,
            durable,
            output: arguments.output,
        })
    }

    async fn tell(self, id: &str, what: &'static str) -> Result<Exit> {
        match self.output {
            Output::Json => print::json(&json!({ "id": id, "done": what }))?,
            Output::Text => print::line(&format!("{id}: {what}; running nodes follow"))?,
        }
        self.close().await
    }

    async fn close(self) -> Result<Exit> {
        self.ledger.flush().await?;
        self.durable.close().await;
        Ok(Exit::Done)
    }
}

/// `member=value` pairs: a value that is JSON is taken as such, any other as text. A secret is a text
/// whatever it looks like, and may stand in a file: `client_secret=@FILE`.
pub(super) fn changes(members: Vec<(String, String)>) -> Result<Map<String, Value>> {
    let value = |member: &str, text: String| -> Result<Value> {
        if member != SECRET {
            return Ok(serde_json::from_str(&text).unwrap_or(Value::String(text)));
        }
        Ok(match text.strip_prefix('@') {
            Some(file) => Value::String(secret_in(Path::new(file))?),
            None if text == "null" => Value::Null,
            None => Value::String(text),
        })
    };
    members
        .into_iter()
        .map(|(member, text)| {
            let value = value(&member, text)?;
            Ok((member, value))
        })
        .collect()
}

const SECRET: &str = "client_secret";

fn secret_in(file: &Path) -> Result<String> {
    let bytes = foundation::read(file, SECRET)?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text.trim_end().to_owned()),
        Err(_) => bail!("{}: not text", file.display()),
    }
}

pub(super) fn read<T: serde::de::DeserializeOwned>(file: &Path) -> Result<T> {
    let text = foundation::read(file, "file")?;
    match serde_json::from_slice(&text) {
        Ok(read) => Ok(read),
        Err(error) => bail!("{}: {}", file.display(), told(&error)),
    }
}

/// Claims of nobody in particular.
fn somebody() -> Value {
    json!({
        "id_token": {"sub": "example", "acr": "eidas1", "amr": ["pwd"]},
        "userinfo": {
            "sub": "example", "given_name": "Camille Aimée", "family_name": "MARTIN",
            "birthdate": "1990-04-12", "gender": "female", "birthplace": "69383",
            "birthcountry": "99100", "email": "camille@example.org", "email_verified": true,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_json_where_it_can_be_and_text_where_not() {
        let pair = |member: &str, value: &str| (member.to_owned(), value.to_owned());
        let changes = changes(vec![
            pair("active", "false"),
            pair("levels", "[\"eidas1\"]"),
            pair("name", "La Poste"),
            pair("maintenance", "null"),
            pair("client_secret", "123"),
        ])
        .unwrap();
        assert_eq!(changes["client_secret"], json!("123"));
        assert_eq!(changes["active"], json!(false));
        assert_eq!(changes["levels"], json!(["eidas1"]));
        assert_eq!(changes["name"], json!("La Poste"));
        assert_eq!(changes["maintenance"], Value::Null);
    }

    #[test]
    #[expect(
        clippy::disallowed_methods,
        reason = "stands for the operator's editor"
    )]
    fn a_secret_may_stand_in_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        std::fs::write(&file, "s3cret\n").unwrap();
        let member = (SECRET.to_owned(), format!("@{}", file.display()));
        assert_eq!(changes(vec![member]).unwrap()[SECRET], json!("s3cret"));
        let nowhere = (SECRET.to_owned(), "@/nowhere/at/all".to_owned());
        assert!(changes(vec![nowhere]).is_err());
    }
}
