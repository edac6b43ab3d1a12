//! Mail about steps: to those who wrote, to the contacts of the file, and to reviewers when something waits for
//! them. Subjects are fixed, and nothing of what is asked stands in a mail: it says where to look.

use std::collections::BTreeSet;

use guichet_domain::habilitation::{Habilitation, State, StepKind};
use guichet_domain::staff::{Role, StaffMember};

use guichet_store::Fault;

use super::{Onboarding, OnboardingError};

impl Onboarding {
    /// Tells whoever should know of a step. What could not be left for somebody is told again, to all of them.
    pub(super) async fn notify(
        &self,
        file: &Habilitation,
        step: StepKind,
    ) -> Result<(), OnboardingError> {
        let Some(post) = &self.door.post else {
            return Ok(());
        };
        let members = self.door.staff.members().await?;
        let state = file.under(step);
        let (fr, en) = state.map_or(("", ""), |it| in_words(it.standing.state()));
        let link = format!("{}/onboarding/{}", self.door.address, file.id);
        let text = format!(
            "{NOTICE_FR} {fr}.\n\n{link}\n\n{NOTICE_EN} {en}.\n\n{}\n",
            file.id
        );
        for address in self.addresses(file, step, &members) {
            if post.send(&address, SUBJECT, &text).await.is_err() {
                tracing::warn!(habilitation = %file.id, "a notice was not sent");
                return Err(Fault::bare("a notice could not be left").into());
            }
        }
        Ok(())
    }

    fn addresses(
        &self,
        file: &Habilitation,
        step: StepKind,
        members: &[StaffMember],
    ) -> BTreeSet<String> {
        let mut addresses = BTreeSet::new();
        let Some(version) = file.under(step) else {
            return addresses;
        };
        let reviews = |member: &&StaffMember| {
            let mut seats = member.seats.iter();
            step == StepKind::Submit && seats.any(|seat| seat.role == Role::Reviewer)
        };
        let wrote = |member: &&StaffMember| version.authors.iter().any(|it| it.id == member.id);
        let told = members
            .iter()
            .filter(|member| reviews(member) || wrote(member));
        addresses.extend(told.map(|member| self.door.card(member).address));
        // Contacts hear of what was decided; while it is being written they are only what somebody typed.
        if matches!(
            step,
            StepKind::Sign | StepKind::Suspend | StepKind::Resume | StepKind::Revoke
        ) {
            let contacts = self.contacts_of(file, version);
            let each = contacts
                .each()
                .map(|(_, contact)| contact.address.trim().to_owned());
            addresses.extend(each);
        }
        addresses.remove("");
        addresses
    }
}

/// A state, in French and in English.
const fn in_words(state: State) -> (&'static str, &'static str) {
    match state {
        State::Draft => ("brouillon", "draft"),
        State::Submitted => ("soumis", "submitted"),
        State::ChangesRequested => ("à modifier", "changes requested"),
        State::Validated => ("validé", "validated"),
        State::Refused => ("refusé", "refused"),
        State::Suspended => ("suspendu", "suspended"),
        State::Revoked => ("révoqué", "revoked"),
        State::Superseded => ("remplacé", "superseded"),
    }
}

const SUBJECT: &str = "Habilitation – Guichet";
const NOTICE_FR: &str = "Un dossier d’habilitation auquel vous prenez part a changé d’état. État :";
const NOTICE_EN: &str = "A habilitation that you have a part in is in another state. State:";
