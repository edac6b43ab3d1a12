//! Those who operate the hub and those who look after services; their organisations and teams.

use async_trait::async_trait;
use guichet_domain::staff::{Invitation, Organisation, StaffMember, Team, Who};
use guichet_domain::{StaffId, Timestamp};

use crate::Fault;

/// Those who operate the hub, and what lets them in.
#[async_trait]
pub trait Staff: Send + Sync {
    /// Everybody, by identifier.
    async fn members(&self) -> Result<Vec<StaffMember>, Fault>;

    /// Whoever is recognized by this.
    async fn recognized(&self, who: &Who) -> Result<Option<StaffMember>, Fault>;

    /// Puts a member in the place of the one that the caller knows; where it knows none, there must be
    /// nobody of this identifier, and nobody recognized by the same. Whether that was still so: of any number of
    /// changes at once, none takes away the last person who operates the hub.
    async fn replace_member(
        &self,
        known: Option<&StaffMember>,
        member: &StaffMember,
        now: Timestamp,
    ) -> Result<bool, Fault>;

    /// Removes a member who is still as the caller knows them; whether they were. Never the last person who
    /// operates the hub, whoever removes another at the same time.
    async fn remove_member(&self, known: &StaffMember) -> Result<bool, Fault>;

    /// Keeps an invitation; `false` when its identifier is taken, by an invitation or a member.
    async fn invite(&self, invitation: &Invitation) -> Result<bool, Fault>;

    /// Every invitation that nobody accepted, those past their time included, by identifier.
    async fn invitations(&self) -> Result<Vec<Invitation>, Fault>;

    /// Forgets an invitation; whether there was one.
    async fn withdraw(&self, id: &StaffId) -> Result<bool, Fault>;

    /// The invitation in a link that is still good at `now`. Spends nothing.
    async fn invitation(&self, hash: [u8; 32], now: Timestamp)
    -> Result<Option<Invitation>, Fault>;

    /// Spends an invitation for whoever is recognized by `who`: of any number of callers, one gets it. A
    /// member already there gets its roles beside their own. The member as they are then; `None` when the
    /// invitation is unknown, spent or past its time.
    async fn accept(
        &self,
        hash: [u8; 32],
        who: &Who,
        now: Timestamp,
    ) -> Result<Option<StaffMember>, Fault>;
}

/// What became of an organisation, its team and their owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Founded {
    /// They are there.
    Done,
    /// An organisation has this number.
    NumberTaken,
    /// The owner is somebody already, by what they are recognized.
    OwnerKnown,
}

/// Organisations and their teams.
#[async_trait]
pub trait Teams: Send + Sync {
    /// Every organisation, by identifier.
    async fn organisations(&self) -> Result<Vec<Organisation>, Fault>;

    /// Puts an organisation in the place of the one that the caller knows; where it knows none there must
    /// be none. Whether that was still so.
    async fn replace_organisation(
        &self,
        known: Option<&Organisation>,
        organisation: &Organisation,
        now: Timestamp,
    ) -> Result<bool, Fault>;

    /// Adds an organisation that nobody else has the number of, its team and their owner: all of them or
    /// none, so that of a form sent twice one has an effect.
    async fn found(
        &self,
        what: (&Organisation, &Team),
        owner: &StaffMember,
        now: Timestamp,
    ) -> Result<Founded, Fault>;

    /// Every team, by identifier.
    async fn teams(&self) -> Result<Vec<Team>, Fault>;

    /// The same of a team.
    async fn replace_team(
        &self,
        known: Option<&Team>,
        team: &Team,
        now: Timestamp,
    ) -> Result<bool, Fault>;
}
