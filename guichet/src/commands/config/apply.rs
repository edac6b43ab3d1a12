//! `guichet config apply`: the registry made what files declare.

use anyhow::Result;
use guichet_admin::{Change, Line, Member, Plan, RecordDesk, Records, Unplannable};
use guichet_config::Declarations;
use serde::Serialize;
use serde_json::Value;

use crate::cli::{ApplyArguments, Exit, Output};
use crate::commands::office::Cabinet;
use crate::commands::{clients, data_provider, print, providers};

/// Runs the command. Nothing is written unless all that is declared holds.
pub(super) async fn run(arguments: &ApplyArguments) -> Result<Exit> {
    let declared = Declarations::read(&arguments.files)?;
    let cabinet = Cabinet::open(&arguments.config).await?;
    let clients = cabinet.desk(clients::drawer);
    let providers = cabinet.desk(providers::drawer);
    let mut data_providers = cabinet.desk(data_provider::drawer);

    let mut report = Report::default();
    let prune = arguments.prune;
    let some_clients = report.plan(&clients, declared.clients, prune).await;
    let some_providers = report.plan(&providers, declared.providers, prune).await;
    if let Some(plan) = &some_clients {
        data_providers.records.coming = plan.records().cloned().collect();
    }
    let some_data_providers = report
        .plan(&data_providers, declared.data_providers, prune)
        .await;

    report.refuse_many_gone(arguments.prune_at_most);
    if report.wrong.is_empty() && !arguments.dry_run && !arguments.check {
        // Data providers name clients: those are there first.
        report.carry_out(&clients, some_clients).await;
        report.carry_out(&providers, some_providers).await;
        report.carry_out(&data_providers, some_data_providers).await;
    }
    cabinet.close().await?;
    report.print(arguments.config.output)?;
    let drifted = arguments.check && !report.plan.is_empty();
    Ok(if report.wrong.is_empty() && !drifted {
        Exit::Done
    } else {
        Exit::Failed
    })
}

/// What is to be done, was done, and could not be.
#[derive(Default, Serialize)]
struct Report {
    plan: Vec<Line>,
    unchanged: usize,
    applied: usize,
    wrong: Vec<String>,
}

impl Report {
    /// The plan of one kind; nothing where it is not declared or does not hold.
    async fn plan<R: Records>(
        &mut self,
        desk: &RecordDesk<R>,
        declared: Option<Vec<R::Metadata>>,
        prune: bool,
    ) -> Option<Plan<R>> {
        match desk.plan(&declared?, prune).await {
            Ok(plan) => {
                self.plan.extend(plan.lines());
                self.unchanged += plan.unchanged();
                Some(plan)
            }
            Err(wrong) => {
                self.wrong.extend(wrong.iter().map(Unplannable::to_string));
                None
            }
        }
    }

    /// Refuses a plan by which more would go out of use than somebody who changes records means to: a file that is
    /// not there looks like records that are gone.
    fn refuse_many_gone(&mut self, at_most: Option<usize>) {
        let is_gone = |line: &&Line| matches!(line.change, Change::Disable);
        let gone = self.plan.iter().filter(is_gone).count();
        let all = self.plan.len() + self.unchanged;
        let at_most = at_most.unwrap_or((all / 10).max(FEW));
        if gone > at_most {
            self.wrong.push(format!(
                "{gone} of {all} records would go out of use: is a file missing? `--prune-at-most {gone}` does it"
            ));
        }
    }

    /// Carries out what was planned of one kind, unless something went wrong before.
    async fn carry_out<R: Records>(&mut self, desk: &RecordDesk<R>, plan: Option<Plan<R>>) {
        let Some(plan) = plan.filter(|_| self.wrong.is_empty()) else {
            return;
        };
        match desk.carry_out(plan).await {
            Ok(done) => self.applied += done,
            Err(error) => self.wrong.push(error.to_string()),
        }
    }

    fn print(&self, output: Output) -> Result<()> {
        if output == Output::Json {
            return print::json(self);
        }
        for Line { kind, id, change } in &self.plan {
            match change {
                Change::Add => print::line(&format!("+ {kind} {id}"))?,
                Change::Disable => print::line(&format!("- {kind} {id}: out of use"))?,
                Change::Set(members) => {
                    print::line(&format!("~ {kind} {id}"))?;
                    for member in members {
                        print::line(&format!("    {}", in_words(member)))?;
                    }
                }
            }
        }
        for wrong in &self.wrong {
            print::aside(wrong)?;
        }
        let Self {
            plan,
            unchanged,
            applied,
            ..
        } = self;
        let planned = plan.len();
        print::line(&format!(
            "{planned} to change, {unchanged} as declared, {applied} changed"
        ))
    }
}

/// So many go out of use without being asked about, however few records there are.
const FEW: usize = 3;

fn in_words(
    Member {
        member,
        before,
        after,
    }: &Member,
) -> String {
    let text = |value: &Option<Value>| match value {
        Some(value) => value.to_string(),
        None => "the default".to_owned(),
    };
    if before.is_none() && after.is_none() {
        return format!("{member}: another");
    }
    format!("{member}: {} -> {}", text(before), text(after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(gone: usize, unchanged: usize) -> Report {
        let line = |number: usize| Line {
            kind: "client",
            id: number.to_string(),
            change: Change::Disable,
        };
        Report {
            plan: (0..gone).map(line).collect(),
            unchanged,
            ..Report::default()
        }
    }

    #[test]
    fn a_missing_file_takes_nothing_out_of_use_unless_so_many_are_meant() {
        for (gone, unchanged, at_most, is_refused) in [
            (3, 0, None, false),
            (4, 0, None, true),
            (10, 90, None, false),
            (11, 89, None, true),
            (11, 89, Some(11), false),
            (2, 98, Some(1), true),
        ] {
            let mut report = report(gone, unchanged);
            report.refuse_many_gone(at_most);
            assert_eq!(
                !report.wrong.is_empty(),
                is_refused,
                "{gone} of {unchanged}"
            );
        }
    }
}
