//! How people come in and go out: invitations bound to an address, the first operator, the glass that is
//! broken in an emergency, and the way out.

use std::sync::Arc;
use std::time::Duration;

use guichet_domain::staff::{Invitation, On, Role, Seat, StaffMember, Who};
use guichet_domain::{AuditEvent, Clock, Entropy, EventKind, InvalidMember, StaffId, Timestamp};
use guichet_keys::{HandedOut, HandedOutKind, KeysError, Sealer, TokenHash};
use guichet_ledger::Ledger;
use guichet_store::Fault;
use guichet_store::durable::{PersonGate, Staff, Subjects, Teams};

use super::records::{in_words, is_last_operator, last_operator};
use super::{Action, Card, Grounds, Kind, Rights, StaffPost};
use crate::Actor;

/// What the door is made of.
#[derive(Clone)]
pub struct StaffDoor {
    /// Who is in.
    pub staff: Arc<dyn Staff>,
    /// What roles can be on.
    pub teams: Arc<dyn Teams>,
    /// The audit log.
    pub ledger: Ledger,
    /// Seals names and addresses.
    pub cards: Sealer,
    /// Carries invitations; without it their links are shown to whoever invites.
    pub post: Option<Arc<dyn StaffPost>>,
    /// Who is behind the names that the console knows persons by.
    pub subjects: Arc<dyn Subjects>,
    /// Which persons may act at all.
    pub gate: Arc<dyn PersonGate>,
    /// Where the console is, without a slash.
    pub address: String,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
}

/// An invitation that was made.
pub struct Invited {
    /// Whose it will be.
    pub id: StaffId,
    /// The link, where nobody carried it to its address: to be shown once.
    pub link: Option<String>,
}

/// Why the door stays shut.
#[derive(Debug, thiserror::Error)]
pub enum DoorError {
    /// A role that whoever gives it does not have to give.
    #[error("the role {0} is not yours to give or to take")]
    Beyond(Seat),
    /// The identifier is somebody's, or of another invitation.
    #[error("the identifier is taken")]
    Taken,
    /// There is no such invitation or member, or none any more.
    #[error("there is no such invitation or member any more")]
    Gone,
    /// What was said cannot stand.
    #[error(transparent)]
    Invalid(#[from] InvalidMember),
    /// A card cannot be sealed.
    #[error("the card cannot be sealed")]
    Keys(#[from] KeysError),
    /// The store or the audit log.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// How long an invitation is good.
const INVITED_FOR: Duration = Duration::from_hours(72);
/// How long the first link is: whoever made it stands beside the machine.
const BOOTSTRAPPED_FOR: Duration = Duration::from_hours(1);
/// How long a broken glass gives the role.
const GLASS_FOR: Duration = Duration::from_hours(1);

impl StaffDoor {
    /// Invites somebody. Nobody gives what exceeds their own (threat N-68). `id` is theirs from then on;
    /// made here when there is none.
    pub async fn invite(
        &self,
        by: (&StaffId, &Rights),
        id: Option<StaffId>,
        card: &Card,
        seats: Vec<Seat>,
    ) -> Result<Invited, DoorError> {
        let grounds = Grounds::of(&*self.teams).await?;
        self.within(by, &seats, |seat| by.1.may_give(seat, &grounds))?;
        if seats.is_empty() {
            return Err(InvalidMember::new("roles", "at least one is needed").into());
        }
        if card.address.is_empty() {
            return Err(InvalidMember::new("address", "an e-mail address").into());
        }
        let id = id.unwrap_or_else(|| StaffId::random(&*self.entropy));
        let link = self
            .let_in(Some(by.0), &id, card, seats, INVITED_FOR)
            .await?;
        let sent = self.send(card, &link).await;
        Ok(Invited {
            id,
            link: (!sent).then_some(link),
        })
    }

    /// The link that makes whoever opens it first an operator: for somebody with a shell on the machine. Where
    /// somebody operates the hub already, the others are told, with the reason.
    pub async fn bootstrap(&self, reason: Option<&str>) -> Result<String, DoorError> {
        let members = self.staff.members().await?;
        let is_first = !members.iter().any(super::records::is_operator);
        let reason = match (is_first, reason) {
            (_, Some(reason)) => said(reason)?,
            (true, None) => "nobody operates the hub yet",
            (false, None) => {
                let text = "somebody operates the hub already: say why another way in is needed";
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
        let id = StaffId::random(&*self.entropy);
        let card = Card {
            name: "Operator".to_owned(),
            address: String::new(),
        };
        let seats = vec![Seat::new(Role::Operator, On::Hub)?];
        self.let_in(None, &id, &card, seats, BOOTSTRAPPED_FOR).await
    }

    /// What a link that is still good says. Spends nothing.
    pub async fn look(&self, text: &str) -> Result<Option<(Invitation, Card)>, Fault> {
        let hash = TokenHash::of(HandedOutKind::MailLink, text);
        let now = self.clock.now();
        let invitation = self.staff.invitation(*hash.as_bytes(), now).await?;
        Ok(invitation.map(|invitation| {
            let card = Card::open(&self.cards, &invitation.id, &invitation.card);
            (invitation, card)
        }))
    }

    /// Lets in whoever brings the link, once (threat N-71). The entry is there before they are.
    pub async fn accept(&self, text: &str, who: &Who) -> Result<Option<StaffMember>, Fault> {
        let now = self.clock.now();
        if !self.may_act(who, now).await? {
            return Ok(None);
        }
        let Some((invitation, _)) = self.look(text).await? else {
            return Ok(None);
        };
        let event = AuditEvent::new(EventKind::StaffAdmitted, now)
            .detail("invitation", &invitation.id)
            .detail("roles", in_words(&invitation.seats));
        self.ledger.append(event).await?;
        self.staff.accept(invitation.hash, who, now).await
    }

    /// Takes an invitation back.
    pub async fn withdraw(&self, by: (&StaffId, &Rights), id: &StaffId) -> Result<(), DoorError> {
        let invitations = self.staff.invitations().await?;
        let found = invitations.into_iter().find(|it| it.id == *id);
        let invitation = found.ok_or(DoorError::Gone)?;
        let grounds = Grounds::of(&*self.teams).await?;
        self.within(by, &invitation.seats, |seat| by.1.may_take(seat, &grounds))?;
        let event = AuditEvent::new(EventKind::StaffInvitationWithdrawn, self.clock.now())
            .detail("invitation", id)
            .detail("by", Actor::Member(by.0.clone()));
        self.ledger.append(event).await?;
        self.staff.withdraw(id).await?;
        Ok(())
    }

    /// Removes a member all of whose roles are the caller's to take. The last operator stays.
    pub async fn remove(
        &self,
        by: (&StaffId, &Rights),
        member: &StaffMember,
    ) -> Result<(), DoorError> {
        let grounds = Grounds::of(&*self.teams).await?;
        self.within(by, &member.seats, |seat| by.1.may_take(seat, &grounds))?;
        if is_last_operator(member, &self.staff.members().await?) {
            return Err(last_operator().into());
        }
        let event = AuditEvent::new(EventKind::StaffRemoved, self.clock.now())
            .detail("staff", &member.id)
            .detail("by", Actor::Member(by.0.clone()));
        self.ledger.append(event).await?;
        if self.staff.remove_member(member).await? {
            Ok(())
        } else {
            Err(DoorError::Gone)
        }
    }

    /// Makes somebody who has a role on the hub an operator for an hour. They say why; everybody who operates
    /// or audits the hub is told.
    pub async fn break_glass(
        &self,
        member: &StaffMember,
        rights: &Rights,
        reason: &str,
    ) -> Result<(), DoorError> {
        let on_hub = [Role::Operator, Role::Reviewer, Role::Auditor, Role::Support];
        let seat = Seat::new(Role::Operator, On::Hub)?;
        if !on_hub.into_iter().any(|role| rights.holds(role)) {
            return Err(DoorError::Beyond(seat));
        }
        let reason = said(reason)?;
        let now = self.clock.now();
        let event = AuditEvent::new(EventKind::StaffBrokeGlass, now)
            .detail("staff", &member.id)
            .detail("by", Actor::Member(member.id.clone()))
            .detail("reason", reason);
        self.ledger.append(event).await?;
        let mut changed = member.clone();
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

    /// Name and address of a member.
    pub fn card(&self, member: &StaffMember) -> Card {
        Card::open(&self.cards, &member.id, &member.card)
    }

    /// Name and address on an invitation.
    pub fn card_of(&self, invitation: &Invitation) -> Card {
        Card::open(&self.cards, &invitation.id, &invitation.card)
    }

    /// Whether those of these that are held are all the caller's, as `is_theirs` has it; what is not is on record.
    fn within(
        &self,
        by: (&StaffId, &Rights),
        seats: &[Seat],
        is_theirs: impl Fn(&Seat) -> bool,
    ) -> Result<(), DoorError> {
        let now = self.clock.now();
        let mut held = seats.iter().filter(|seat| seat.is_held(now));
        match held.find(|seat| !is_theirs(seat)) {
            Some(beyond) => {
                let actor = Actor::Member(by.0.clone());
                self.note_refused(&actor, Action::Change, Kind::Person);
                Err(DoorError::Beyond(beyond.clone()))
            }
            None => Ok(()),
        }
    }

    async fn let_in(
        &self,
        by: Option<&StaffId>,
        id: &StaffId,
        card: &Card,
        seats: Vec<Seat>,
        lasts: Duration,
    ) -> Result<String, DoorError> {
        let now = self.clock.now();
        let text = HandedOut::fresh(&*self.entropy, HandedOutKind::MailLink);
        let invitation = Invitation {
            id: id.clone(),
            hash: *text.hash().as_bytes(),
            card: card.seal(&self.cards, id)?,
            seats,
            by: by.cloned(),
            expires: now.after(lasts),
        };
        self.forget_past(now).await?;
        let actor = by.map_or(Actor::CommandLine, |by| Actor::Member(by.clone()));
        let event = AuditEvent::new(EventKind::StaffInvited, now)
            .detail("invitation", id)
            .detail("by", actor)
            .detail("roles", in_words(&invitation.seats));
        self.ledger.append(event).await?;
        if self.staff.invite(&invitation).await? {
            Ok(format!("{}/invitation/{}", self.address, text.text()))
        } else {
            Err(DoorError::Taken)
        }
    }

    /// Invitations past their time keep no address and no identifier.
    async fn forget_past(&self, now: Timestamp) -> Result<(), Fault> {
        for past in self.staff.invitations().await? {
            if past.expires <= now {
                self.staff.withdraw(&past.id).await?;
            }
        }
        Ok(())
    }

    /// Whether somebody carried it.
    async fn send(&self, card: &Card, link: &str) -> bool {
        let Some(post) = &self.post else {
            return false;
        };
        let text = format!("{INVITED_FR}\n\n{link}\n\n{INVITED_EN}\n");
        post.send(&card.address, INVITED, &text).await.is_ok()
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
fn said(reason: &str) -> Result<&str, InvalidMember> {
    let reason = reason.trim();
    let says = (10..=500).contains(&reason.chars().count());
    if says && !reason.chars().any(char::is_control) {
        Ok(reason)
    } else {
        let text = "10 to 500 characters on one line, and nobody's personal data";
        Err(InvalidMember::new("reason", text))
    }
}

const INVITED: &str = "Invitation – Guichet";
const INVITED_FR: &str = "Vous êtes invité à la console d’exploitation de Guichet. Ouvrez ce lien, une seule fois, \
     dans les trois jours, et connectez-vous avec votre propre identité. Ne le transmettez à personne.";
const INVITED_EN: &str = "You are invited to the Guichet console. Open this link once, within three days, and sign in \
     with your own identity. Do not pass it on.";
const GLASS: &str = "Guichet : accès d’urgence / emergency access";
const GLASS_FR: &str = "Quelqu’un a pris un rôle d’exploitant en urgence. Raison donnée :";
const GLASS_EN: &str = "Somebody took the operator's role in an emergency; the reason stands above. The audit log says who.";

#[cfg(test)]
mod tests;
