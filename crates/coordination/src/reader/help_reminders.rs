//! What about help and directives waits for the reader themself, or was announced to them: as the patient, as who helps, and
//! as who invited or checked.
//!
//! Each reminder is of a thing that the reader sees, as they see it: who is kept from it is not reminded of it. Nobody is told
//! who else was reminded. What staff have to do is in their own lists, `waiting_delegations` and `waiting_directives`.
//!
//! To remind of something else: 1. a variant of [`HelpReminderKind`]; 2. to whom it is told, here; 3. its word in the schema
//! and its sentence on the home page, where the compiler asks for them.

use care::command_name::Named as _;
use care::delegation::{Deadlines, RecordConsent, RefuseOffer};
use care::ids::{DelegationId, DirectiveId, Id, PatientId};
use care::words::DelegationState;
use chrono::{DateTime, Utc};
use policy::visible::Visible;
use policy::words::Read;

use crate::authorization::delegation::{DelegationFacts, DelegationsOf};
use crate::authorization::index::Mark;
use crate::authorization::legal_authority::LegalAuthorityFacts;
use crate::authorization::timers::{AuthorityTimers, DelegationTimers, DirectiveTimers};
use crate::fault::Fault;
use crate::read_models::delegations::HelpInvitationRow;
use crate::read_models::directives::DirectiveRow;
use crate::reader::{DelegationView, DirectiveView, Reader};

/// What a person is reminded of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HelpReminderKind {
    /// The patient is to answer an offer to help.
    AnswerOffer,
    /// The patient is to say whether a helper has access.
    GiveConsent,
    /// The patient is to confirm what staff wrote down.
    ConfirmDirective,
    /// A person is to answer an invitation to help.
    AnswerInvitation,
    /// Nobody answered the invitation that a person gave.
    InvitationUnanswered,
    /// Nobody recorded the consent to an access that a person checked.
    ConsentOverdue,
    /// The access of a helper ends soon.
    AccessEnds,
    /// The patient soon comes of an age at which the access of a helper changes.
    AgeReached,
    /// The document on which the access of a helper rests ends soon.
    DocumentEnds,
    /// A directive of the patient ends soon.
    DirectiveEnds,
}

/// What a reminder is about, as the reader sees it.
pub enum HelpMatter {
    /// A delegation, as the patient and those who look after it see it.
    Delegation(Box<DelegationView>),
    /// The reader's own delegation.
    Own(Box<DelegationView>),
    /// An invitation of the reader.
    Invitation(Box<Visible<HelpInvitationRow>>),
    /// A directive of the reader.
    Directive(Box<DirectiveView>),
}

/// Something about help or a directive that waits for the reader, or was announced to them.
pub struct HelpReminder {
    /// What the reader is reminded of.
    pub kind: HelpReminderKind,
    /// Since when it waits, or since when it is announced.
    pub since: DateTime<Utc>,
    /// When it is due, or ends; none where that is not known or has no instant.
    pub due: Option<DateTime<Utc>>,
    /// What it is about.
    pub about: HelpMatter,
}

/// A reminder without what it is about.
struct Told {
    kind: HelpReminderKind,
    since: DateTime<Utc>,
    due: Option<DateTime<Utc>>,
}

/// What the reader is to a delegation of which they are reminded.
#[derive(Clone, Copy)]
enum Side {
    /// The patient.
    Patient,
    /// Who helps.
    Helper,
    /// Who invited, or checked that the access is safe.
    FollowsUp,
}

impl Reader {
    /// What about help and directives waits for the reader themself, or was announced to them: what is due first comes first,
    /// what has no due time last.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn help_reminders(&self) -> Result<Vec<HelpReminder>, Fault> {
        // Of what nobody is reminded, nothing counts.
        let mut found = self.uncounted(|| self.all_told())?.found;
        self.take_rows(found.len())?;
        found.sort_by_key(|reminder| (reminder.due.is_none(), reminder.due, reminder.since));
        Ok(found)
    }

    fn all_told(&self) -> Result<Vec<HelpReminder>, Fault> {
        let mut found = Vec::new();
        for record in self.own_records() {
            for id in self.open_help_of(record)? {
                found.extend(self.told_of(id, Side::Patient)?);
            }
            found.extend(self.told_of_directives(record)?);
        }
        for id in self.delegations_that_name_me() {
            found.extend(self.open_invitation(id)?.map(|row| HelpReminder {
                kind: HelpReminderKind::AnswerInvitation,
                since: row.invited_at,
                due: Some(row.expires_at),
                about: HelpMatter::Invitation(Box::new(row)),
            }));
            found.extend(self.told_of(id, Side::Helper)?);
        }
        for id in self.followed_up_by_me() {
            found.extend(self.told_of(id, Side::FollowsUp)?);
        }
        Ok(found)
    }

    /// The delegations of a patient that name a person and have not ended.
    fn open_help_of(&self, patient: PatientId) -> Result<Vec<DelegationId>, Fault> {
        let of = self.snapshot()?.entity::<DelegationsOf>(patient.uuid())?;
        Ok(of.into_iter().flat_map(|of| of.helpers.into_values().flatten()).collect())
    }

    fn followed_up_by_me(&self) -> Vec<DelegationId> {
        let state = self.application.projector().authorization();
        state.index.under(Mark::FollowsUp(self.person())).map(DelegationId::from_uuid).collect()
    }

    fn told_of(&self, id: DelegationId, side: Side) -> Result<Vec<HelpReminder>, Fault> {
        let read = match side {
            Side::Helper => Read::DelegationReadOwn,
            Side::Patient | Side::FollowsUp => Read::DelegationRead,
        };
        let Some(view) = self.seen_delegation(id, read)? else { return Ok(Vec::new()) };
        let timers = self.snapshot()?.entity::<DelegationTimers>(id.uuid())?;
        let Some(DelegationTimers { deadlines }) = timers else { return Ok(Vec::new()) };
        let told = match side {
            Side::Patient => self.told_to_patient(&view, &deadlines),
            Side::Helper => self.told_to_helper(&view, &deadlines)?,
            Side::FollowsUp => told_to_who_follows_up(&view, &deadlines),
        };
        let (mut view, mut reminders) = (Some(view), Vec::with_capacity(told.len()));
        for Told { kind, since, due } in told {
            // A view is shown once, so that of a second reminder is asked for anew.
            let seen = match view.take() {
                Some(view) => Some(view),
                None => self.seen_delegation(id, read)?,
            };
            let about = seen.map(Box::new).map(|view| match side {
                Side::Helper => HelpMatter::Own(view),
                Side::Patient | Side::FollowsUp => HelpMatter::Delegation(view),
            });
            reminders.extend(about.map(|about| HelpReminder { kind, since, due, about }));
        }
        Ok(reminders)
    }

    fn told_to_patient(&self, view: &DelegationView, deadlines: &Deadlines) -> Vec<Told> {
        let waits = |kind| Told { kind, since: view.since, due: view.due };
        if !view.is_of_reader() {
            return Vec::new();
        }
        match view.state {
            DelegationState::Asked if self.may_give(RefuseOffer::NAME, view) => {
                vec![waits(HelpReminderKind::AnswerOffer)]
            }
            // Of a kind by law staff record what the law says.
            DelegationState::SafeguardingChecked
                if !view.kind.is_by_law() && self.may_give(RecordConsent::NAME, view) =>
            {
                vec![waits(HelpReminderKind::GiveConsent)]
            }
            DelegationState::Active => self.announced(view, deadlines),
            DelegationState::Asked
            | DelegationState::Invited
            | DelegationState::Accepted
            | DelegationState::IdentityVerified
            | DelegationState::SafeguardingChecked
            | DelegationState::Suspended
            | DelegationState::Ended => Vec::new(),
        }
    }

    fn told_to_helper(&self, view: &DelegationView, deadlines: &Deadlines) -> Result<Vec<Told>, Fault> {
        let mut told = self.announced(view, deadlines);
        // Who helps is not shown the document. It is theirs, and they are told when it ends.
        let facts = self.snapshot()?.entity::<DelegationFacts>(view.delegation.uuid())?;
        if let Some(authority) = facts.and_then(|facts| facts.authority).filter(|_| view.is_active) {
            let timers = self.snapshot()?.entity::<AuthorityTimers>(authority.uuid())?;
            let document = self.snapshot()?.entity::<LegalAuthorityFacts>(authority.uuid())?;
            let since = timers.and_then(|timers| timers.deadlines.end_announced_at());
            let due = document.and_then(|document| document.until);
            told.extend(since.map(|since| Told { kind: HelpReminderKind::DocumentEnds, since, due }));
        }
        Ok(told)
    }

    /// What was announced of an access, to the patient and to who helps alike: neither is told of the other.
    fn announced(&self, view: &DelegationView, deadlines: &Deadlines) -> Vec<Told> {
        if !view.is_active {
            return Vec::new();
        }
        let end = deadlines.end_announced_at();
        let end = end.map(|since| Told { kind: HelpReminderKind::AccessEnds, since, due: view.until });
        // The instant follows from a sealed date of birth, and is in no event.
        let age = deadlines.age_announced_at(self.now);
        let age = age.map(|since| Told { kind: HelpReminderKind::AgeReached, since, due: None });
        end.into_iter().chain(age).collect()
    }

    fn told_of_directives(&self, record: PatientId) -> Result<Vec<HelpReminder>, Fault> {
        let timers = self.snapshot()?.entity::<DirectiveTimers>(record.uuid())?;
        let announced = |id: DirectiveId| timers.as_ref()?.deadlines.get(&id)?.end_announced_at();
        let ends = |row: &DirectiveRow| row.terms.until.is_some_and(|until| self.now < until);
        let is_told = |row: &DirectiveRow| row.waits_for_patient() || (ends(row) && announced(row.directive).is_some());
        let reminder = |view: DirectiveView| {
            let Told { kind, since, due } = if view.waits_for_patient() {
                Told { kind: HelpReminderKind::ConfirmDirective, since: view.at, due: view.confirm_by }
            } else {
                let since = announced(view.directive).map_or(view.at, |at| at.max(view.at));
                Told { kind: HelpReminderKind::DirectiveEnds, since, due: view.terms.until }
            };
            HelpReminder { kind, since, due, about: HelpMatter::Directive(Box::new(view)) }
        };
        Ok(self.directives_that(record, &is_told)?.into_iter().map(reminder).collect())
    }
}

/// What is told to who invited, or checked that the access is safe, and may read the steps.
fn told_to_who_follows_up(view: &DelegationView, deadlines: &Deadlines) -> Vec<Told> {
    if !view.has_scope || !deadlines.is_reminded() {
        return Vec::new();
    }
    let kind = match view.state {
        DelegationState::Invited => HelpReminderKind::InvitationUnanswered,
        DelegationState::SafeguardingChecked => HelpReminderKind::ConsentOverdue,
        DelegationState::Asked
        | DelegationState::Accepted
        | DelegationState::IdentityVerified
        | DelegationState::Active
        | DelegationState::Suspended
        | DelegationState::Ended => return Vec::new(),
    };
    vec![Told { kind, since: view.since, due: view.due }]
}
