//! The ways in around the usual one: the first operator, let in from the machine itself, and the glass that is broken in
//! an emergency. Both say why, and whoever operates or audits the hub is told.

use std::time::Duration;

use guichet_domain::staff::{On, Role, Seat, StaffMember};
use guichet_domain::{AuditEvent, EventKind, InvalidMember, Rule, StaffId};

use super::{Action, Card, DoorError, Kind, Rights, StaffDoor};
use crate::Actor;

/// How long the first link is good: whoever made it stands beside the machine.
const BOOTSTRAPPED_FOR: Duration = Duration::from_hours(1);
/// How long a broken glass gives the role.
const GLASS_FOR: Duration = Duration::from_hours(1);

impl StaffDoor {
    /// The link that makes whoever opens it first an operator: for somebody with a shell on the machine. Where
    /// somebody operates the hub already, the others are told, with the reason.
    /// `address` is where notices reach them.
    pub async fn bootstrap(
        &self,
        address: &str,
        reason: Option<&str>,
    ) -> Result<String, DoorError> {
        let card = Card::new("Operator", address)?;
        if card.address.is_empty() {
            return Err(InvalidMember::new("address", Rule::MailAddress).into());
        }
        let members = self.staff.members().await?;
        let is_first = !members.iter().any(StaffMember::operates);
        let reason = match (is_first, reason) {
            (_, Some(reason)) => said(reason)?,
            (true, None) => "nobody operates the hub yet",
            (false, None) => {
                let text = Rule::SomebodyOperates;
                return Err(InvalidMember::new("reason", text).into());
            }
        };
        if !is_first {
            let now = self.clock.now();
            let event = AuditEvent::new(EventKind::StaffBrokeGlass, now)
                .detail("by", Actor::CommandLine)
                .detail("reason", reason);
            self.ledger.append(event).await?;
            self.tell_guardians(&members, reason).await;
        }
        // Links that were made before and lie about.
        self.take_back_all(None, &Actor::CommandLine).await?;
        let id = StaffId::random(&*self.entropy);
        let seats = vec![Seat::new(Role::Operator, On::Hub)?];
        let by = (None, &Actor::CommandLine);
        self.let_in(by, &id, &card, seats, BOOTSTRAPPED_FOR).await
    }

    /// Whether they could be an operator for an hour: they have a role on the hub, and not that one.
    pub(crate) fn may_break_glass(rights: &Rights) -> bool {
        let mut seats = rights.seats().iter();
        seats.any(|seat| !seat.role.is_of_team()) && !rights.holds(Role::Operator)
    }

    /// The reason, where it says something and they could; otherwise why not, and that they tried is on record.
    pub(crate) fn may_break_for<'a>(
        &self,
        by: &StaffId,
        rights: &Rights,
        reason: &'a str,
    ) -> Result<&'a str, DoorError> {
        if !Self::may_break_glass(rights) {
            let actor = Actor::Member(by.clone());
            self.note_refused(&actor, Action::Change, Kind::Person);
            return Err(DoorError::Beyond(Seat::new(Role::Operator, On::Hub)?));
        }
        Ok(said(reason)?)
    }

    /// Makes somebody who has a role on the hub an operator for an hour. They say why; everybody who operates
    /// or audits the hub is told.
    pub async fn break_glass(
        &self,
        member: &StaffMember,
        rights: &Rights,
        reason: &str,
    ) -> Result<(), DoorError> {
        let reason = self.may_break_for(&member.id, rights, reason)?;
        let seat = Seat::new(Role::Operator, On::Hub)?;
        let now = self.clock.now();
        let event = AuditEvent::new(EventKind::StaffBrokeGlass, now)
            .detail("staff", &member.id)
            .detail("by", Actor::Member(member.id.clone()))
            .detail("reason", reason);
        self.ledger.append(event).await?;
        let mut changed = member.clone();
        changed.seats.retain(|seat| seat.is_held(now));
        changed.seats.push(Seat {
            until: Some(now.after(GLASS_FOR)),
            ..seat
        });
        if !self
            .staff
            .replace_member(Some(member), &changed, now)
            .await?
        {
            return Err(DoorError::Gone);
        }
        self.tell_guardians(&self.staff.members().await?, reason)
            .await;
        Ok(())
    }

    /// Tells those who operate and audit the hub that somebody went around the usual way.
    async fn tell_guardians(&self, members: &[StaffMember], reason: &str) {
        let Some(post) = &self.post else {
            return;
        };
        let guards = |role: Role| matches!(role, Role::Operator | Role::Auditor);
        let guardians = members.iter().filter(|member| {
            let mut seats = member.seats.iter();
            seats.any(|seat| guards(seat.role) && seat.until.is_none())
        });
        for guardian in guardians {
            let card = self.card(guardian);
            let text = format!("{GLASS_FR}\n\n{reason}\n\n{GLASS_EN}\n");
            if !card.address.is_empty() && post.send(&card.address, GLASS, &text).await.is_err() {
                tracing::warn!(staff = %guardian.id, "a notice of a broken glass was not sent");
            }
        }
    }
}

/// A reason that says something.
pub(crate) fn said(reason: &str) -> Result<&str, InvalidMember> {
    let reason = reason.trim();
    let says = (10..=500).contains(&reason.chars().count());
    if says && !reason.chars().any(char::is_control) {
        Ok(reason)
    } else {
        let text = Rule::Explained;
        Err(InvalidMember::new("reason", text))
    }
}

const GLASS: &str = "Guichet : accès d’urgence / emergency access";
const GLASS_FR: &str = "Quelqu’un a pris un rôle d’exploitant en urgence. Raison donnée :";
const GLASS_EN: &str = "Somebody took the operator's role in an emergency; the reason stands above. The audit log says who.";
