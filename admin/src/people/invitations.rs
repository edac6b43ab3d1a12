//! Invitations: bound to an address, good once, and worth no more than whoever sent them.

use std::time::Duration;

use guichet_domain::habilitation::Approval;
use guichet_domain::staff::{Invitation, On, Role, Seat, StaffMember, Who};
use guichet_domain::{AuditEvent, EventKind, InvalidMember, StaffId, Timestamp};
use guichet_keys::{HandedOut, HandedOutKind, TokenHash};
use guichet_store::Fault;

use super::records::in_words;
use super::{Card, DoorError, Grounds, Rights, StaffDoor};
use crate::Actor;

/// An invitation that was made.
pub struct Invited {
    /// Whose it will be.
    pub id: StaffId,
    /// The link, where nobody carried it to its address: to be shown once.
    pub link: Option<String>,
}

/// How long an invitation is good.
const INVITED_FOR: Duration = Duration::from_hours(72);

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
            .let_in(
                (Some(by.0), &sender(Some(by.0))),
                &id,
                card,
                seats,
                INVITED_FOR,
            )
            .await?;
        let sent = self.send(card, &link).await;
        Ok(Invited {
            id,
            link: (!sent).then_some(link),
        })
    }

    /// Invites the owner of a team that was approved elsewhere; whether somebody carried the invitation. A name
    /// invites once.
    pub(crate) async fn invite_owner(
        &self,
        name: &str,
        card: &Card,
        team: &str,
    ) -> Result<bool, DoorError> {
        let id = format!("x-{name}").parse();
        let id = id.map_err(|error| InvalidMember::new("id", error))?;
        let team = team.parse();
        let team = team.map_err(|error| InvalidMember::new("team", error))?;
        let seats = vec![Seat::new(Role::TeamOwner, On::Team(team))?];
        let by = (None, &Actor::ReviewTool);
        let link = self.let_in(by, &id, card, seats, INVITED_FOR).await?;
        Ok(self.send(card, &link).await)
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
    pub(super) async fn take_back_all(
        &self,
        of: Option<&StaffId>,
        by: &Actor,
    ) -> Result<(), Fault> {
        for sent in self.staff.invitations().await? {
            if sent.by.as_ref() == of {
                self.take_back(&sent.id, by).await?;
            }
        }
        Ok(())
    }

    pub(super) async fn let_in(
        &self,
        (by, actor): (Option<&StaffId>, &Actor),
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
            .detail("by", actor)
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
        let is_reserved = id.as_str() == Approval::BY;
        Ok(is_reserved
            || members.iter().any(|it| it.id == *id)
            || invitations.iter().any(|it| it.id == *id))
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
}

/// Who sent an invitation, as the audit log names them.
fn sender(by: Option<&StaffId>) -> Actor {
    by.map_or(Actor::CommandLine, |by| Actor::Member(by.clone()))
}

const INVITED: &str = "Invitation – Guichet";
const INVITED_FR: &str = "Vous êtes invité à la console d’exploitation de Guichet. Ouvrez ce lien, une seule fois, \
     dans les trois jours, et connectez-vous avec votre propre identité. Ne le transmettez à personne.";
const INVITED_EN: &str = "You are invited to the Guichet console. Open this link once, within three days, and sign in \
     with your own identity. Do not pass it on.";
