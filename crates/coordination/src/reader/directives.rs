//! The directives of a patient as somebody may know them, and what can be done to each.
//!
//! Who may know of directives need not read the patient: a privacy officer does not. Who is to ask a patient about a deny
//! that nobody confirmed in time has a list of them, by due time.

mod preview;

use std::sync::Arc;

use care::aggregate::Lookups as _;
use care::command_name::{Acts as _, Command as _, CommandName, Named as _};
use care::consent_directive::{
    ConfirmSignedPaper, DirectiveAct, DirectiveCommand, DirectiveRefusal, EndDirective, Other, SignedPaper, Terms,
    TightenDirective,
};
use care::conversation::Place;
use care::envelope::Actor;
use care::ids::{DelegationId, DirectiveId, Id, OrganizationId, PatientId, PersonId, ThreadId};
use care::lifecycle::ThreadKind;
use care::words::{DirectiveEffect, DirectiveGiver, Role};
use policy::decide::Permit;
use policy::question::ThingFacts;
use policy::reach::HeldStanding;
use policy::visible::Visible;
use policy::words::{Action, Read, Standing};

use crate::access::About;
use crate::authorization::delegation::DelegationFacts;
use crate::authorization::index::Mark;
use crate::authorization::lookups::LookupsAt;
use crate::authorization::patient::PatientFacts;
use crate::authorization::thread::ThreadFacts;
use crate::authorization::{AuthorizationState, Subject};
use crate::fault::Fault;
use crate::read_models::directives::{self, DirectiveRow};
use crate::read_models::organizations::{self, OrganizationRow};
use crate::reader::patient::PatientView;
use crate::reader::thread::{Can, can_be_given};
use crate::reader::{PersonRow, Reader};

pub use preview::DirectivePreview;

/// A directive as the reader may see it.
pub struct DirectiveView {
    around: Arc<Around>,
    row: Visible<DirectiveRow>,
}

/// What the reader is to the patient of directives, the same for each of them.
struct Around {
    patient: PatientId,
    /// The organization that keeps the patient's record.
    keeper: OrganizationId,
    held: Vec<HeldStanding>,
    permit: Permit,
}

impl std::ops::Deref for DirectiveView {
    type Target = DirectiveRow;
    fn deref(&self) -> &DirectiveRow {
        &self.row
    }
}

impl DirectiveView {
    /// The patient.
    #[must_use]
    pub fn patient(&self) -> PatientId {
        self.around.patient
    }
}

/// Which directives of a patient are asked for.
#[derive(Clone, Copy)]
enum Asked<'a> {
    /// All that the reader may know of.
    All,
    /// Those about which the reader is to ask the patient.
    Waiting,
    /// Of all that the reader may know of, those for which this is true.
    Those(&'a dyn Fn(&DirectiveRow) -> bool),
}

impl Reader {
    /// The directives of a patient, the newest first; none if there is no such patient, or the reader may not know of any.
    /// The patient and a privacy officer see all. Registrars of the organization that keeps the record see what was written
    /// down, and not what the patient has said themself; others on the care team what they wrote down themselves, the
    /// permissions that are about them, and, if they may record a signed paper, the denies about which the patient is to be
    /// asked. Who asks about the patient in an open consultation sees what they wrote down, the permissions that are about
    /// them, and those for what the consultation is about. A deny is kept from the people whom it names, and what is beyond
    /// their scope from who represents the patient.
    ///
    /// # Errors
    /// [`Fault`] if this node fails; never for what is missing or forbidden.
    pub fn directives(&self, patient: PatientId) -> Result<Option<Vec<DirectiveView>>, Fault> {
        let views = self.seen_directives(patient, Asked::All)?;
        if views.is_none() {
            self.refused(Action::Read(Read::ConsentDirectiveRead), patient.uuid())?;
        }
        Ok(views)
    }

    /// The same of a patient whom the reader reads already: nobody asked for the directives by the id of the patient, so it
    /// is no try if the reader may not know of any.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn directives_of(&self, view: &PatientView) -> Result<Option<Vec<DirectiveView>>, Fault> {
        self.seen_directives(view.patient, Asked::All)
    }

    /// The denies that nobody confirmed in time, about which the reader is to ask the patient: what is due first comes
    /// first, what has no due time last.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn waiting_directives(&self) -> Result<Vec<DirectiveView>, Fault> {
        let mut views = Vec::new();
        for patient in self.waiting(Mark::DirectiveWaits).into_iter().map(PatientId::from_uuid) {
            // That something waits of a patient tells of a directive, which may be kept from the reader.
            let seen = self.uncounted(|| self.seen_directives(patient, Asked::Waiting))?.found;
            views.extend(seen.unwrap_or_default());
        }
        views.sort_by_key(|view| (view.ask_by.is_none(), view.ask_by, view.at, view.directive));
        Ok(views)
    }

    /// The directives of a patient for which something is true, of those that the reader may know of.
    pub(super) fn directives_that(
        &self,
        patient: PatientId,
        are_so: &dyn Fn(&DirectiveRow) -> bool,
    ) -> Result<Vec<DirectiveView>, Fault> {
        Ok(self.seen_directives(patient, Asked::Those(are_so))?.unwrap_or_default())
    }

    fn seen_directives(&self, patient: PatientId, asked: Asked<'_>) -> Result<Option<Vec<DirectiveView>>, Fault> {
        let Some((around, rows)) = self.known_directives(patient, asked)? else { return Ok(None) };
        self.take_rows(rows.len())?;
        let around = Arc::new(around);
        let view = |row: DirectiveRow| -> Result<DirectiveView, Fault> {
            let row = self.reveal(&around.permit, Some(About::patient(patient)), row)?;
            Ok(DirectiveView { around: Arc::clone(&around), row })
        };
        rows.into_iter().map(view).collect::<Result<_, _>>().map(Some)
    }

    /// The directives that the reader may know of, before anything that was written about them is opened.
    fn known_directives(
        &self,
        patient: PatientId,
        asked: Asked<'_>,
    ) -> Result<Option<(Around, Vec<DirectiveRow>)>, Fault> {
        let subject = Subject::Patient(patient);
        let held = self.held(&subject);
        if self.permit_to_directives(&held, asked).is_none() {
            return Ok(None);
        }
        let held = self.agreed(&subject, held)?;
        let Some(permit) = self.permit_to_directives(&held, asked) else { return Ok(None) };
        let facts = self.snapshot()?.entity::<PatientFacts>(patient.uuid())?;
        let Some(PatientFacts { organization: keeper, .. }) = facts else { return Ok(None) };
        let (asks, places) = (self.asks_patient(&held), self.my_places());
        // Those that are kept from the reader count against no limit.
        let mut rows = self.uncounted(|| directives::directives(&*self.snapshot()?, patient))?.found;
        rows.retain(|row| self.may_know_of(&permit, row.effect, &row.terms));
        let may_see = |row: &DirectiveRow| {
            self.sees_directive(&permit, row, &places)
                || (asks && self.is_to_ask_about(row, &places))
                || self.is_about_own_consultation(patient, row)
        };
        rows.retain(|row| match asked {
            Asked::All => may_see(row),
            Asked::Those(are_so) => are_so(row) && may_see(row),
            Asked::Waiting => self.is_to_ask_about(row, &places),
        });
        Ok(Some((Around { patient, keeper, held, permit }, rows)))
    }

    /// The permit to read directives: all of them, or what is written down.
    fn permit_to_directives(&self, held: &[HeldStanding], asked: Asked<'_>) -> Option<Permit> {
        if matches!(asked, Asked::Waiting) && !self.asks_patient(held) {
            return None;
        }
        let permit = |read| self.decide(Action::Read(read), &ThingFacts::unlabelled(held));
        permit(Read::ConsentDirectiveRead).or_else(|| permit(Read::ConsentDirectiveReadRecorded))
    }

    /// Whether the reader may ask the patient to confirm what staff wrote down: they may record a signed paper.
    fn asks_patient(&self, held: &[HeldStanding]) -> bool {
        self.viewer.may(Action::Command(ConfirmSignedPaper::NAME), None, &ThingFacts::unlabelled(held))
    }

    /// Whether staff, of whom the reader holds these places, are to ask the patient about a directive. A person whom it blocks
    /// is told nothing of it.
    fn is_to_ask_about(&self, row: &DirectiveRow, places: &[Place]) -> bool {
        row.waits_for_staff() && !row.terms.whom.names(self.person(), places)
    }

    fn sees_directive(&self, permit: &Permit, row: &DirectiveRow, places: &[Place]) -> bool {
        if matches!(permit.role(), Role::Person | Role::PrivacyOfficer) {
            return true;
        }
        let sees_recorded = permit.action() == Action::Read(Read::ConsentDirectiveRead);
        let is_permitted = || row.effect == DirectiveEffect::Permit && row.terms.whom.names(self.person(), places);
        (sees_recorded && row.role != Role::Person) || row.by == Actor::Person(self.person()) || is_permitted()
    }

    /// Whether a permission is about an open consultation that the reader asked for and finds, and about no other subject.
    fn is_about_own_consultation(&self, patient: PatientId, row: &DirectiveRow) -> bool {
        if row.effect != DirectiveEffect::Permit {
            return false;
        }
        let state = self.application.projector().authorization();
        let asked_here = |facts: &ThreadFacts| {
            let subjects = &row.terms.sensitivities;
            facts.kind == ThreadKind::Consultation
                && facts.requester == Actor::Person(self.person())
                && row.terms.reaches(row.effect, facts.codes.codes())
                && subjects.iter().all(|code| facts.codes.contains(*code))
        };
        let finds = |thread: ThreadId| state.may_find(&self.viewer, &Subject::Thread(thread), self.now);
        let mut open = state.open_threads_about(patient);
        open.any(|thread| state.thread(thread).is_some_and(asked_here) && finds(thread))
    }

    /// The patient of a directive, if the reader may know who they are. Nobody asked for them by name, so it is no try if the
    /// reader may not.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn patient_in_directive(&self, view: &DirectiveView) -> Result<Option<PatientView>, Fault> {
        self.known_patient(view.patient())
    }

    fn my_places(&self) -> Vec<Place> {
        self.my_roles().into_iter().map(|(organization, role)| Place { role, organization }).collect()
    }

    /// Whom a directive names; none unless they are met around the patient, as with [`Reader::blocked_person`].
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn person_named_by(
        &self,
        view: &DirectiveView,
        person: PersonId,
    ) -> Result<Option<Arc<Visible<PersonRow>>>, Fault> {
        let Around { patient, keeper, permit, .. } = &*view.around;
        if self.is_met(*patient, *keeper, person) { self.name_of(permit, person) } else { Ok(None) }
    }

    /// Who wrote a directive down.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn writer_of(&self, view: &DirectiveView) -> Result<Option<Arc<Visible<PersonRow>>>, Fault> {
        let Some(person) = view.by.person().filter(|_| view.role != Role::Person) else { return Ok(None) };
        self.name_of(&view.around.permit, person)
    }

    /// An organization that a directive names.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn organization_named_by(
        &self,
        view: &DirectiveView,
        id: OrganizationId,
    ) -> Result<Option<Visible<OrganizationRow>>, Fault> {
        Ok(organizations::organization(&*self.snapshot()?, id)?.map(|row| view.around.permit.show(row)))
    }

    /// Whether a directive of these terms is not kept from the reader, whose permit to read directives this is. Nothing is
    /// kept from the patient.
    pub(super) fn may_know_of(&self, permit: &Permit, effect: DirectiveEffect, terms: &Terms) -> bool {
        if permit.standing() == Standing::Self_ {
            return true;
        }
        let state = self.application.projector().authorization();
        let places = self.lookups_at(&state).roles(self.person());
        // A delegation that cannot be read reaches nothing.
        let reached = |grant: DelegationId| {
            let facts = state.entity::<DelegationFacts>(grant.uuid());
            facts.map(|facts| facts.scope.sensitivities.clone()).unwrap_or_default()
        };
        let within = permit.reach().grant.map(reached);
        let other = Other { person: self.person(), role: permit.role(), places: &places, within: within.as_ref() };
        !terms.are_kept_from(effect, &other)
    }

    /// Whether the reader can give a command that is about the directives of a patient as a whole.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn can_begin_directive(&self, view: &PatientView, name: CommandName) -> Result<Can, Fault> {
        self.can_give(view, name, DirectiveCommand::named(name).is_some_and(DirectiveAct::needs_text))
    }

    /// Whether the reader can give a command to a directive now.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn can_change_directive(&self, view: &DirectiveView, name: CommandName) -> Result<Can, Fault> {
        self.can_change_known(&view.around, view, name)
    }

    /// The commands that the reader can give to a directive now, by name; none if they may not know of it. Nothing that was
    /// written about it is opened.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn possible_in_directive(&self, patient: PatientId, id: DirectiveId) -> Result<Vec<CommandName>, Fault> {
        let Some((around, rows)) = self.known_directives(patient, Asked::All)? else { return Ok(Vec::new()) };
        let Some(row) = rows.into_iter().find(|row| row.directive == id) else { return Ok(Vec::new()) };
        can_be_given(DirectiveCommand::names(), |name| self.can_change_known(&around, &row, name))
    }

    fn can_change_known(&self, around: &Around, view: &DirectiveRow, name: CommandName) -> Result<Can, Fault> {
        let Around { patient, held, .. } = around;
        let act = DirectiveCommand::named(name);
        let may = self.viewer.may(Action::Command(name), None, &ThingFacts::unlabelled(held));
        let can = self.can_write(*patient, may, act.is_some_and(DirectiveAct::needs_text))?;
        if can == Can::Yes && !act.is_some_and(|act| act.is_taken_in(view.state)) {
            return Ok(Can::Refused(DirectiveRefusal::NotInState { state: view.state }.into()));
        }
        if can == Can::Yes && name == ConfirmSignedPaper::NAME {
            return Ok(self
                .check_paper(*patient, view)
                .map_or_else(|refusal| Can::Refused(refusal.into()), |()| Can::Yes));
        }
        let is = |standing| held.iter().any(|held| held.standing == standing);
        let by = match (is(Standing::Self_), is(Standing::Representative)) {
            (true, _) => DirectiveGiver::Patient,
            (false, true) => DirectiveGiver::Representative,
            (false, false) => DirectiveGiver::Staff,
        };
        // Who cannot end a permission cannot shorten it.
        let ends_it =
            name == EndDirective::NAME || name == TightenDirective::NAME && view.effect == DirectiveEffect::Permit;
        if can == Can::Yes && ends_it && !view.giver.is_ended_by(by) {
            return Ok(Can::Refused(DirectiveRefusal::NotTheirs.into()));
        }
        Ok(can)
    }

    /// Whether the reader could record now that the patient signed a directive on paper.
    fn check_paper(&self, patient: PatientId, view: &DirectiveRow) -> Result<(), DirectiveRefusal> {
        let state = self.application.projector().authorization();
        let paper = SignedPaper {
            patient,
            effect: view.effect,
            terms: &view.terms,
            written_by: view.by,
            by: Actor::Person(self.person()),
            now: self.now,
            lookups: &self.lookups_at(&state),
        };
        paper.check()
    }

    pub(super) fn lookups_at<'s>(&self, state: &'s AuthorizationState) -> LookupsAt<'s> {
        LookupsAt { state, now: self.now, namesakes: None }
    }
}
