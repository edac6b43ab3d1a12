//! The mail that says that the support asks something: a request waits in the account for a day, and whoever is not
//! told of it finds it too late.
//!
//! It says that there is a request, and nothing of it: neither who asks, nor why, nor about which sign-in. Mail is
//! read by others, and what a stranger learns from it is worth a call in the support's name (threat N-370).

use guichet_domain::{AuditEvent, EventKind, PersonId};
use guichet_store::Fault;
use guichet_web::Mail;

use crate::hub::Hub;

impl Hub {
    /// Mails `person`, where they gave an address, that a request of the support waits in their account: on record
    /// first. Nobody's mailbox is flooded by it.
    pub async fn tell_support_asks(&self, person: PersonId) -> Result<(), Fault> {
        let person = self.parts().people.standing(person).await?;
        let choices = self.known_choices(person).await?.counting();
        let Some((address, locale)) = choices.address() else {
            return Ok(());
        };
        if !self.may_mail(person, WHAT).await? {
            return Ok(());
        }
        let event = AuditEvent::new(EventKind::AlertSent, self.now()).person(person);
        let event = event.detail("what", WHAT).detail("mail", true);
        self.parts().ledger.append(event).await?;
        let link = self.public_url("/account/support");
        let pages = &self.parts().pages;
        let mail = Mail {
            to: address.to_owned(),
            subject: pages.text(locale, "notice-support-subject", &[]),
            text: pages.text(locale, "notice-support-mail", &[("link", &link)]),
        };
        self.mail(mail).await;
        Ok(())
    }
}

/// What it is, on record and among the mails that are counted.
const WHAT: &str = "support";
