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
    /// `address` is where notices reach them.
    pub async fn bootstrap(
        &self,
        address: &str,
        reason: Option<&str>,
    ) -> Result<String, DoorError> {
        let card = Card::new("Operator", address)?;
        if card.address.is_empty() {
            return Err(InvalidMember::new("address", "an e-mail address").into());
        }
        let members = self.staff.members().await?;
        let is_first = !members.iter().any(StaffMember::operates);
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
        // Links that were made before and lie about.
        self.take_back_all(None, &Actor::CommandLine).await?;
        let id = StaffId::random(&*self.entropy);
        let seats = vec![Seat::new(Role::Operator, On::Hub)?];
        self.let_in(None, &id, &card, seats, BOOTSTRAPPED_FOR).await
    }

    /// What a link that is still good says. Spends nothing.
    pub async fn look(&self, text: &str) -> Result<Option<(Invitation, Card)>, Fault> {
        let hash = TokenHash::of(HandedOutKind::MailLink, text);
        let now = self.clock.now();
        let Some(invitation) = self.staff.invitation(*hash.as_bytes(), now).await? else {
            return Ok(None);
        };
        if !self.could_still_send(&invitation).await? {
            return Ok(None);
        }
        let card = Card::open(&self.cards, &invitation.id, &invitation.card);
        Ok(Some((invitation, card)))
    }

    /// Whether whoever sent it is there and may give all of it at this moment: what they may no longer, their
    /// invitations may not either (threat N-326).
    async fn could_still_send(&self, invitation: &Invitation) -> Result<bool, Fault> {
        let Some(by) = &invitation.by else {
            return Ok(true);
        };
        let members = self.staff.members().await?;
        let Some(sender) = members.iter().find(|member| member.id == *by) else {
            return Ok(false);
        };
        let grounds = Grounds::of(&*self.teams).await?;
        let rights = Rights::of(&sender.seats, &grounds, self.clock.now());
        let mut seats = invitation.seats.iter();
        Ok(seats.all(|seat| rights.may_give(seat, &grounds)))
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
        let known = self.staff.recognized(who).await?;
        let id = known.map_or_else(|| invitation.id.clone(), |known| known.id);
        let event = AuditEvent::new(EventKind::StaffAdmitted, now)
            .detail("staff", id)
            .detail("invitation", &invitation.id)
            .detail("by", sender(invitation.by.as_ref()))
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
        self.take_back(id, &Actor::Member(by.0.clone())).await?;
        Ok(())
    }

    async fn take_back(&self, id: &StaffId, by: &Actor) -> Result<(), Fault> {
        let event = AuditEvent::new(EventKind::StaffInvitationWithdrawn, self.clock.now())
            .detail("invitation", id)
            .detail("by", by);
        self.ledger.append(event).await?;
        self.staff.withdraw(id).await?;
        Ok(())
    }

    /// Takes back every invitation that `of` sent; nobody, for the command line.
    async fn take_back_all(&self, of: Option<&StaffId>, by: &Actor) -> Result<(), Fault> {
        for sent in self.staff.invitations().await? {
            if sent.by.as_ref() == of {
                self.take_back(&sent.id, by).await?;
            }
        }
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
        let actor = Actor::Member(by.0.clone());
        let event = AuditEvent::new(EventKind::StaffRemoved, self.clock.now())
            .detail("staff", &member.id)
            .detail("by", &actor);
        self.ledger.append(event).await?;
        if !self.staff.remove_member(member).await? {
            return Err(DoorError::Gone);
        }
        self.take_back_all(Some(&member.id), &actor).await?;
        Ok(())
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
        if self.is_somebody_s(id).await? {
            return Err(DoorError::Taken);
        }
        let event = AuditEvent::new(EventKind::StaffInvited, now)
            .detail("invitation", id)
            .detail("by", sender(by))
            .detail("roles", in_words(&invitation.seats));
        self.ledger.append(event).await?;
        if self.staff.invite(&invitation).await? {
            Ok(format!("{}/invitation/{}", self.address, text.text()))
        } else {
            Err(DoorError::Taken)
        }
    }

    async fn is_somebody_s(&self, id: &StaffId) -> Result<bool, Fault> {
        let members = self.staff.members().await?;
        let invitations = self.staff.invitations().await?;
        Ok(members.iter().any(|it| it.id == *id) || invitations.iter().any(|it| it.id == *id))
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

/// Who sent an invitation, as the audit log names them.
fn sender(by: Option<&StaffId>) -> Actor {
    by.map_or(Actor::CommandLine, |by| Actor::Member(by.clone()))
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
