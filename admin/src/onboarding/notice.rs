//! Mail about steps: to those who wrote, to the contacts of the file, and to reviewers when something waits for
//! them. Subjects are fixed, and nothing of what is asked stands in a mail: it says where to look.

use std::collections::BTreeSet;

use guichet_domain::habilitation::StepKind;
use guichet_domain::staff::{Role, StaffMember};

use super::{File, Onboarding};

impl Onboarding {
    /// Tells whoever should know of a step. What cannot be sent is logged, and stands on the page anyway.
    pub(super) async fn notify(&self, file: &File, step: StepKind) {
        let Some(post) = &self.door.post else {
            return;
        };
        if matches!(step, StepKind::Edit | StepKind::Renew) {
            return;
        }
        let Ok(members) = self.door.staff.members().await else {
            tracing::warn!("notices of a habilitation were not sent");
            return;
        };
        let state = file
            .habilitation
            .under(step)
            .map_or("", |it| it.standing.state().as_str());
        let link = format!("{}/onboarding/{}", self.door.address, file.habilitation.id);
        let text = format!(
            "{NOTICE_FR} {state}\n\n{link}\n\n{NOTICE_EN} {state}\n\n{}\n",
            file.habilitation.id
        );
        for address in self.addresses(file, step, &members) {
            if post.send(&address, SUBJECT, &text).await.is_err() {
                tracing::warn!(habilitation = %file.habilitation.id, "a notice was not sent");
            }
        }
    }

    fn addresses(&self, file: &File, step: StepKind, members: &[StaffMember]) -> BTreeSet<String> {
        let mut addresses = BTreeSet::new();
        let Some(version) = file.habilitation.under(step) else {
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
            let contacts = self.contacts_of(&file.habilitation, version);
            let each = contacts
                .each()
                .map(|(_, contact)| contact.address.trim().to_owned());
            addresses.extend(each);
        }
        addresses.remove("");
        addresses
    }
}

const SUBJECT: &str = "Habilitation – Guichet";
const NOTICE_FR: &str = "Un dossier d’habilitation auquel vous prenez part a changé d’état. État :";
const NOTICE_EN: &str = "A habilitation that you have a part in is in another state. State:";
