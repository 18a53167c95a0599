//! Reading who could see something of a patient, from when to when and why: for the patient, and for who represents them.
//!
//! Each period is shown as far as its reader may know of its thing: a place on the care team with the care team, a part in a
//! conversation with the conversation, help with the delegation, and whom the patient blocked with the directives. What
//! is not shown takes no place on a page and counts against no limit.

use std::sync::Arc;

use care::ids::{DelegationId, Id, PersonId};
use care::scope::Scope;
use care::words::DirectiveEffect;
use chrono::{DateTime, Utc};
use policy::decide::Permit;
use policy::question::ThingFacts;
use policy::visible::Visible;
use policy::words::{Action, Read};

use crate::authorization::Subject;
use crate::fault::Fault;
use crate::read_models::organizations::OrganizationRow;
use crate::read_models::timeline::{self, PeriodRow, TimelineReason};
use crate::reader::delegations::KnownHelp;
use crate::reader::filled::{Batch, Keyed};
use crate::reader::page::{Connection, Page, PageProblem};
use crate::reader::thread::ListRestsOn;
use crate::reader::under_delegation::UnderDelegation;
use crate::reader::{PatientView, PersonRow, Reader};
use crate::tokens::{Key, List};

/// A period in which people could see something of a patient, or were blocked.
pub struct TimelineView {
    row: Visible<PeriodRow>,
    /// Who; none if they are not registered, if the reader does not meet them, or if a directive names no person.
    pub person: Option<Arc<Visible<PersonRow>>>,
    /// Of which organization.
    pub organization: Option<Visible<OrganizationRow>>,
    /// How a delegate helped.
    pub under: Option<UnderDelegation>,
    /// What a delegate reached, without the threads that the reader may not know of.
    pub scope: Option<Scope>,
    /// When it ended; none while it goes on.
    pub ended_at: Option<DateTime<Utc>>,
}

impl std::ops::Deref for TimelineView {
    type Target = PeriodRow;
    fn deref(&self) -> &PeriodRow {
        &self.row
    }
}

impl Keyed for PeriodRow {
    fn key(&self) -> Key {
        self.key()
    }
}

/// The permits by which the reader knows of what is about the patient as a whole.
struct Around {
    timeline: Permit,
    care_team: Option<Permit>,
    directives: Option<Permit>,
}

impl Reader {
    /// Whether the reader may know who could see what of a patient.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn reads_timeline(&self, view: &PatientView) -> Result<bool, Fault> {
        Ok(self.around(view)?.is_some())
    }

    /// Who could see something of a patient, and why, the newest period first; none if the reader may not know.
    ///
    /// # Errors
    /// [`PageProblem`] for a page that cannot be; [`Fault`] if this node fails.
    pub fn timeline(
        &self,
        view: &PatientView,
        page: &Page,
    ) -> Result<Result<Option<Connection<TimelineView>>, PageProblem>, Fault> {
        let Some(around) = self.around(view)? else {
            self.refused(Action::Read(Read::PatientReadTimeline), view.patient.uuid())?;
            return Ok(Ok(None));
        };
        let list = List::Timeline(view.patient);
        let bounds = match self.forward(list, page) {
            Ok(bounds) => bounds,
            Err(problem) => return Ok(Err(problem)),
        };
        let read = |after, rows_max| -> Result<_, Fault> {
            let periods = timeline::periods(&*self.snapshot()?, view.patient, after, rows_max)?;
            Ok(Batch::of(periods, rows_max))
        };
        self.filled(list, bounds, read, |period| self.known_period(view, &around, period)).map(|page| Ok(Some(page)))
    }

    fn around(&self, view: &PatientView) -> Result<Option<Around>, Fault> {
        let subject = Subject::Patient(view.patient);
        let held = self.agreed(&subject, self.held(&subject))?;
        let permit = |read| self.decide(Action::Read(read), &ThingFacts::unlabelled(&held));
        let Some(timeline) = permit(Read::PatientReadTimeline) else { return Ok(None) };
        let (care_team, directives) = (permit(Read::CareTeamRead), permit(Read::ConsentDirectiveRead));
        Ok(Some(Around { timeline, care_team, directives }))
    }

    fn named(&self, permit: &Permit, person: Option<PersonId>) -> Result<Option<Arc<Visible<PersonRow>>>, Fault> {
        person.map_or(Ok(None), |person| self.name_of(permit, person))
    }

    /// A period, if the reader may know of its thing.
    fn known_period(
        &self,
        view: &PatientView,
        around: &Around,
        mut period: PeriodRow,
    ) -> Result<Option<TimelineView>, Fault> {
        let (person, reason) = (period.person, period.said.reason);
        let mut help = None;
        let person = match reason {
            TimelineReason::CareTeam => match &around.care_team {
                Some(permit) => self.named(permit, person)?,
                None => return Ok(None),
            },
            TimelineReason::ShutOut | TimelineReason::Permitted => {
                let is_deny = reason == TimelineReason::ShutOut;
                let effect = if is_deny { DirectiveEffect::Deny } else { DirectiveEffect::Permit };
                let (Some(permit), Some(terms)) = (&around.directives, &period.said.directive) else { return Ok(None) };
                if !self.may_know_of(permit, effect, terms) {
                    return Ok(None);
                }
                person.map_or(Ok(None), |person| self.blocked_person(view, person))?
            }
            TimelineReason::Helps => {
                let scope = period.said.scope.take();
                let Some(known) = self.known_help(DelegationId::from_uuid(period.thing), scope)? else {
                    return Ok(None);
                };
                let person = self.named(&known.permit, person)?;
                help = Some(known);
                person
            }
            TimelineReason::Asks | TimelineReason::Holds | TimelineReason::TakesPart => {
                let Some(thread) = period.thread() else { return Ok(None) };
                let found = self.listed(thread, ListRestsOn::Fact)?.filter(|found| self.names_patient(found));
                let Some(permit) = found.and_then(|found| self.lists_participants(&found)) else { return Ok(None) };
                self.named(&permit, person)?
            }
        };
        let organization = match period.said.organization {
            Some(organization) => self.organization_around(view, organization)?,
            None => None,
        };
        // An access ends at its instant, whether or not a process has recorded it, and however much later.
        let is_over = |until: &DateTime<Utc>| *until <= self.now;
        let ended_at = [period.ended_at, period.said.until.filter(is_over)].into_iter().flatten().min();
        let (under, scope) = match help {
            Some(KnownHelp { permit: _, under, scope }) => (under, scope),
            None => (None, None),
        };
        let row = around.timeline.show(period);
        Ok(Some(TimelineView { row, person, organization, under, scope, ended_at }))
    }
}
