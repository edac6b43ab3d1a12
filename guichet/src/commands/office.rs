//! `guichet client|provider|data-provider add|set|disable`: the registry, open for changes.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use guichet_admin::{Actor, Expected, RecordDesk, Records};
use guichet_domain::told;
use guichet_store::durable::{Habilitations, Registry};
use guichet_web::Outgoing;
use serde_json::{Map, Value, json};

use super::books::Books;
use super::print;
use crate::cli::{ConfigArguments, Exit, Output, RecordChange};
use crate::clock::SystemClock;
use crate::node::foundation;
use crate::node::houses::console;

/// What is registered, with what opens and changes it.
pub(super) struct Cabinet {
    pub(super) books: Books,
    pub(super) outgoing: Outgoing,
}

/// Takes the records of one kind out of a cabinet, and names those that the settings declare.
pub(super) type Drawer<R> = fn(&Cabinet) -> (R, Vec<String>);

impl Cabinet {
    pub(super) async fn open(arguments: &ConfigArguments) -> Result<Self> {
        let books = Books::open(arguments).await?;
        let egress = books.ground.egress.clone();
        let outgoing = Outgoing::new(egress).context("egress")?;
        Ok(Self { books, outgoing })
    }

    pub(super) fn registry(&self) -> Arc<dyn Registry> {
        Arc::clone(&self.books.durable.registry)
    }

    pub(super) fn habilitations(&self) -> Arc<dyn Habilitations> {
        Arc::clone(&self.books.durable.habilitations)
    }

    /// The desk at which one kind is changed.
    pub(super) fn desk<R: Records>(&self, drawer: Drawer<R>) -> RecordDesk<R> {
        let (records, declared) = drawer(self);
        RecordDesk {
            records,
            ledger: self.books.ledger.clone(),
            declared: declared.into(),
            tags: console::tags(&self.books.keys),
            by: Actor::CommandLine,
            clock: Arc::new(SystemClock),
        }
    }

    pub(super) async fn close(self) -> Result<()> {
        self.books.close().await
    }
}

/// A cabinet with one drawer open.
pub(super) struct Office<R> {
    pub(super) desk: RecordDesk<R>,
    pub(super) output: Output,
    pub(super) cabinet: Cabinet,
}

impl<R: Records> Office<R> {
    pub(super) async fn open(arguments: &ConfigArguments, drawer: Drawer<R>) -> Result<Self> {
        let cabinet = Cabinet::open(arguments).await?;
        Ok(Self {
            desk: cabinet.desk(drawer),
            output: arguments.output,
            cabinet,
        })
    }

    async fn tell(self, id: &str, what: &'static str) -> Result<Exit> {
        match self.output {
            Output::Json => print::json(&json!({ "id": id, "done": what }))?,
            Output::Text => print::line(&format!("{id}: {what}; running nodes follow"))?,
        }
        self.close().await
    }

    pub(super) async fn close(self) -> Result<Exit> {
        self.cabinet.close().await?;
        Ok(Exit::Done)
    }
}

/// Makes the change.
pub(super) async fn change<R: Records>(change: RecordChange, drawer: Drawer<R>) -> Result<Exit> {
    match change {
        RecordChange::Add { file, config } => {
            let metadata: R::Metadata = read(&file)?;
            let office = Office::open(&config, drawer).await?;
            office.desk.add(&metadata).await?;
            office.tell(R::id(&metadata), "added").await
        }
        RecordChange::Set {
            id,
            members,
            config,
        } => {
            let office = Office::open(&config, drawer).await?;
            office
                .desk
                .set(&id, changes(members)?, &Expected::Unstated)
                .await?;
            office.tell(&id, "changed").await
        }
        RecordChange::Disable { id, config } => {
            let office = Office::open(&config, drawer).await?;
            office.desk.disable(&id, &Expected::Unstated).await?;
            office.tell(&id, "disabled").await
        }
    }
}

/// `member=value` pairs: a value that is JSON is taken as such, any other as text. A secret is a text
/// whatever it looks like, and may stand in a file: `client_secret=@FILE`.
fn changes(members: Vec<(String, String)>) -> Result<Map<String, Value>> {
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
