//! `guichet person`.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use guichet_domain::{CaseId, CorrectionId, RightsRequestId};

use super::arguments::{Acting, ConfigArguments};

/// About citizens. A person is named by the identifier in the audit log or by `SUB@SECTOR`.
#[derive(Debug, Subcommand)]
pub(crate) enum PersonCommand {
    /// Shows the rows that lead to a person, and their names in each sector.
    Show {
        /// Whom.
        #[arg(allow_hyphen_values = true)]
        person: String,
        #[command(flatten)]
        acting: Acting,
    },
    /// Lists the latest corrections.
    Corrections(ConfigArguments),
    /// Proposes that two persons are one. The one known for longer is kept; in each sector the older `sub` counts.
    Merge {
        /// One.
        #[arg(allow_hyphen_values = true)]
        person: String,
        /// The other.
        #[arg(allow_hyphen_values = true)]
        other: String,
        /// Why: a ticket's number, never personal data.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        acting: Acting,
    },
    /// Proposes that a row leads to somebody else: whoever it came from by a merge, or somebody new.
    Split {
        /// Whose row.
        #[arg(allow_hyphen_values = true)]
        person: String,
        /// Which, as `person show` numbers them.
        row: usize,
        /// Why: a ticket's number, never personal data.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        acting: Acting,
    },
    /// Freezes a person at once: nobody signs in as them, and nothing they signed in with is good any more.
    Freeze {
        /// Whom.
        #[arg(allow_hyphen_values = true)]
        person: String,
        /// Why: a ticket's number, never personal data.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        acting: Acting,
    },
    /// Closes a person's account at once.
    Close {
        /// Whose.
        #[arg(allow_hyphen_values = true)]
        person: String,
        /// The person died.
        #[arg(long)]
        died: bool,
        /// Why: a ticket's number, never personal data.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        acting: Acting,
    },
    /// Proposes that a case is over: the person may sign in again once another operator confirms it.
    Thaw {
        /// Which case.
        #[arg(allow_hyphen_values = true)]
        case: CaseId,
        /// Why: a ticket's number, never personal data.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        acting: Acting,
    },
    /// Lists the latest cases: who is frozen or closed, and what was reported.
    Cases(ConfigArguments),
    /// Shows a case, with what was there when it was opened.
    Case {
        /// Which.
        #[arg(allow_hyphen_values = true)]
        case: CaseId,
        /// Writes what is on record of the visits it is about into this new folder: `support.csv`, and a file for each
        /// service and each provider with what is theirs to know.
        #[arg(long, value_name = "FOLDER")]
        csv: Option<PathBuf>,
        #[command(flatten)]
        acting: Acting,
    },
    /// Opens every way into a person's identity again, for somebody who locked themselves out: who closed
    /// providers and lost the account at the one that is left. They read of it in their account.
    ReopenWays {
        /// Whose.
        #[arg(allow_hyphen_values = true)]
        person: String,
        /// Why: a ticket's number, never personal data.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        acting: Acting,
    },
    /// Lists what citizens asked by right and what waits for an answer, the most urgent first.
    Requests(ConfigArguments),
    /// Shows what a citizen asked, in their words. That it was read is in the audit log and in their history.
    Request {
        /// Which.
        #[arg(allow_hyphen_values = true)]
        request: RightsRequestId,
        #[command(flatten)]
        acting: Acting,
    },
    /// Answers what a citizen asked: they read it in their account.
    Answer {
        /// Which.
        #[arg(allow_hyphen_values = true)]
        request: RightsRequestId,
        /// What came of it.
        #[arg(long, value_enum)]
        outcome: RequestOutcome,
        /// What the citizen reads: whom it was passed on to, what was done, or the law that a refusal rests on.
        #[arg(long)]
        words: String,
        #[command(flatten)]
        acting: Acting,
    },
    /// Confirms what another operator proposed: from then on it is so, and services are told.
    Confirm {
        /// Which correction.
        #[arg(allow_hyphen_values = true)]
        correction: CorrectionId,
        #[command(flatten)]
        acting: Acting,
    },
    /// Takes back a correction within `identity.undo_window`, or withdraws one that is not confirmed.
    Undo {
        /// Which correction.
        #[arg(allow_hyphen_values = true)]
        correction: CorrectionId,
        #[command(flatten)]
        acting: Acting,
    },
}

/// What comes of a citizen's request.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum RequestOutcome {
    /// Whoever holds the data has it now.
    PassedOn,
    /// It was done.
    Done,
    /// It is refused.
    Refused,
}
