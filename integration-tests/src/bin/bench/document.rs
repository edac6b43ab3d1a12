//! The table, and `docs/performance.md`, of which the bench writes the part between two marks.

use std::fmt::Write as _;
use std::fs;

use anyhow::{Context, Result};
use guichet_integration_tests::machine::root;

use crate::gauge::Spread;
use crate::options::Options;
use crate::results::{AUDITED_FLOOR, Measure, ON_SERVERS, PLAIN_FLOOR, PRODUCT, Results};

const DOCUMENT: &str = "docs/performance.md";
const BEGIN: &str = "<!-- bench: written by `cargo xtask bench` from here -->";
const END: &str = "<!-- bench: to here -->";

/// The results as a markdown table.
pub(crate) fn table(results: &Results) -> String {
    let on_servers = results.cpu(Measure::SignIn, ON_SERVERS).is_some();
    let contestants: Vec<&'static str> = if on_servers {
        vec![PRODUCT, ON_SERVERS, AUDITED_FLOOR, PLAIN_FLOOR]
    } else {
        vec![PRODUCT, AUDITED_FLOOR, PLAIN_FLOOR]
    };
    let mut rows = vec![
        format!(
            "| CPU, ms | {} | ratio to audited floor |",
            contestants.join(" | ")
        ),
        format!("|---|{}---|", "---|".repeat(contestants.len())),
    ];
    let measured = |measure: &Measure| {
        contestants
            .iter()
            .any(|it| results.cpu(*measure, it).is_some())
    };
    for measure in Measure::ALL.into_iter().filter(measured) {
        let cells = contestants
            .iter()
            .map(|contestant| cell(results.cpu(measure, contestant), 3));
        rows.push(format!(
            "| {} | {} | {} |",
            measure.title(),
            cells.collect::<Vec<_>>().join(" | "),
            ratio(results, measure)
        ));
    }
    let rates = |contestant: &&'static str| cell(results.rate(contestant), 0);
    rows.push(format!(
        "| exchanges of evidence in a second | {} | |",
        contestants
            .iter()
            .map(rates)
            .collect::<Vec<_>>()
            .join(" | ")
    ));
    if let Some((cpu, rate)) = results.ledger_alone() {
        let alone = contestants.iter().skip(1).map(|_| "-").collect::<Vec<_>>();
        rows.push(format!(
            "| one entry of the audit log alone | {} | {} | |",
            cell(Some(cpu), 3),
            alone.join(" | ")
        ));
        rows.push(format!(
            "| entries of the audit log in a second | {} | {} | |",
            cell(Some(rate), 0),
            alone.join(" | ")
        ));
    }
    let memory = |contestant: &&'static str| {
        let memory = results.memory.get(contestant);
        memory.map_or_else(
            || "-".to_owned(),
            |it| format!("{:.0} → {:.0}", it.idle, it.after),
        )
    };
    let logins = results
        .memory
        .values()
        .map(|it| it.logins)
        .max()
        .unwrap_or_default();
    rows.push(format!(
        "| memory in MB, idle → after {logins} logins | {} | |",
        contestants
            .iter()
            .map(memory)
            .collect::<Vec<_>>()
            .join(" | ")
    ));
    let starts = contestants
        .iter()
        .map(|contestant| cell(results.start(contestant), 0));
    rows.push(format!(
        "| cold start to first answer, ms | {} | |",
        starts.collect::<Vec<_>>().join(" | ")
    ));
    rows.join("\n")
}

/// Writes the results into the document, in place of those that were there.
pub(crate) fn write(results: &Results, options: &Options) -> Result<()> {
    let path = root().join(DOCUMENT);
    let document = fs::read_to_string(&path).with_context(|| format!("{DOCUMENT} is not there"))?;
    let written = between_marks(&document, &section(results, options)?)
        .with_context(|| format!("{DOCUMENT} has lost its marks"))?;
    fs::write(&path, written)?;
    println!("written to {DOCUMENT}");
    Ok(())
}

fn section(results: &Results, options: &Options) -> Result<String> {
    let mut text = String::new();
    let servers = if options.servers { " --servers" } else { "" };
    writeln!(
        text,
        "`cargo xtask bench{servers}` on {}: {} turns of {} logins and of {} calls, {} citizens at once; median \
         (least to most). The pages are {} bytes (choice) and {} bytes (consent).\n",
        machine()?,
        results.turns(),
        options.logins,
        options.calls,
        options.citizens,
        results.pages.0,
        results.pages.1
    )?;
    writeln!(text, "{}\n", table(results))?;
    writeln!(text, "```text")?;
    for line in results.lines() {
        writeln!(text, "{line}")?;
    }
    writeln!(text, "```")?;
    Ok(text)
}

/// The processor and how many of its cores this machine has.
fn machine() -> Result<String> {
    let cores = std::thread::available_parallelism()?;
    let processors = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = processors
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    let name = name.map_or("an unnamed processor", |(_, name)| name.trim());
    Ok(format!(
        "{cores} cores of {name}, servers and load on the same machine"
    ))
}

fn between_marks(document: &str, section: &str) -> Option<String> {
    let (before, rest) = document.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n{section}{END}{after}"))
}

fn cell(spread: Option<Spread>, digits: usize) -> String {
    spread.map_or_else(
        || "-".to_owned(),
        |Spread { median, min, max }| {
            format!("{median:.digits$} ({min:.digits$} to {max:.digits$})")
        },
    )
}

fn ratio(results: &Results, measure: Measure) -> String {
    let floor = results.cpu(measure, AUDITED_FLOOR);
    let of = |contestant| Some(results.cpu(measure, contestant)?.median / floor?.median);
    let ratios = [PRODUCT, ON_SERVERS].into_iter().filter_map(of);
    ratios
        .map(|ratio| format!("{ratio:.2}"))
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_between_the_marks_is_replaced() {
        let document = format!("before\n{BEGIN}\nold\n{END}\nafter\n");
        let written = between_marks(&document, "new\n").unwrap();
        assert_eq!(written, format!("before\n{BEGIN}\nnew\n{END}\nafter\n"));
        assert_eq!(between_marks("no marks", "new"), None);
    }
}
