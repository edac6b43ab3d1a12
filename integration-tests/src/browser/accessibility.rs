//! axe-core, the stock judge of accessibility, asked about the page at hand.

use std::fmt::Write as _;
use std::fs;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::Browser;
use crate::machine::{PREPARE, root};

/// Every rule axe has for WCAG 2.0 to 2.2, A and AA, and its own good practice.
const RUN: &str = "axe.run(document, { resultTypes: ['violations'], \
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })\
    .then((results) => results.violations)";

impl Browser {
    /// Fails, naming rule and elements, if axe finds any violation on the page.
    pub async fn must_be_accessible(&self) -> Result<()> {
        let axe = root().join("integration-tests/peers/npm/node_modules/axe-core/axe.min.js");
        let axe = fs::read_to_string(axe).context(PREPARE)?;
        // Through the DevTools, where the page's own policy does not reach.
        self.evaluate(&format!("{axe}; 0")).await?;
        let violations = self.evaluate(RUN).await?;
        let violations = violations.as_array().context("axe gave no answer")?;
        let url = self.driver().current_url().await?;
        ensure!(
            violations.is_empty(),
            "{url} is not accessible:\n{}",
            listed(violations)
        );
        Ok(())
    }
}

fn listed(violations: &[Value]) -> String {
    let mut lines = String::new();
    for violation in violations {
        let _ = writeln!(lines, "  {}: {}", violation["id"], violation["help"]);
        for node in violation["nodes"].as_array().into_iter().flatten() {
            let _ = writeln!(lines, "    {}", node["html"]);
        }
    }
    lines
}
