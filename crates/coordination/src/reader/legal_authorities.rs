//! Reading legal authorities about a patient. Each has a document, so who may read it reads what was written about it.

use std::sync::Arc;

use care::command_name::{Acts as _, Command as _, CommandName};
use care::ids::{AuthorityId, Id, PatientId, PersonId};
use care::legal_authority::{LegalAuthorityCommand, LegalAuthorityRefusal};
use care::words::AuthorityState;
use policy::decide::Permit;
use policy::question::ThingFacts;
use policy::reach::HeldStanding;
use policy::visible::Visible;
use policy::words::{Action, Read};
use vault::Node;

use crate::access::About;
use crate::authorization::Subject;
use crate::authorization::legal_authority::{AuthoritiesAbout, LegalAuthorityFacts};
use crate::fault::Fault;
use crate::read_models::legal_authorities::{self, AuthorityRow, AuthorityStepRow};
use crate::reader::thread::{Can, can_be_given};
use crate::reader::{PersonRow, Reader};
use crate::sealing;

/// A legal authority as the reader may see it.
pub struct AuthorityView {
    row: Visible<AuthorityRow>,
    held: Vec<HeldStanding>,
    permit: Permit,
    /// What was done, the oldest first.
    pub steps: Vec<Visible<AuthorityStepRow>>,
}

impl std::ops::Deref for AuthorityView {
    type Target = AuthorityRow;
    fn deref(&self) -> &AuthorityRow {
        &self.row
    }
}

/// What the reader may know of a legal authority, before anything that was written about it is opened.
struct Known {
    held: Vec<HeldStanding>,
    permit: Permit,
    facts: LegalAuthorityFacts,
}

/// A legal authority to which a command is given.
struct Changed<'a> {
    authority: AuthorityId,
    state: AuthorityState,
    held: &'a [HeldStanding],
}

impl Reader {
    /// A legal authority, if the reader may read it.
    ///
    /// # Errors
    /// [`Fault`] if this node fails; never for what is missing or forbidden.
    pub fn legal_authority(&self, id: AuthorityId) -> Result<Option<AuthorityView>, Fault> {
        let view = self.legal_authority_after(id)?;
        if view.is_none() {
            self.refused(Action::Read(Read::LegalAuthorityRead), id.uuid())?;
        }
        Ok(view)
    }

    /// A legal authority after a command to it: who puts a document on file need not be who may read it.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn legal_authority_after(&self, id: AuthorityId) -> Result<Option<AuthorityView>, Fault> {
        let Some(Known { held, permit, facts }) = self.known_authority(id)? else { return Ok(None) };
        let about = Some(About::patient(facts.patient));
        let rows = legal_authorities::steps(&*self.snapshot()?, id)?;
        let steps = rows.into_iter().map(|row| self.reveal(&permit, about, row)).collect::<Result<_, _>>()?;
        let row = permit.show(AuthorityRow::of(id, facts));
        Ok(Some(AuthorityView { row, held, permit, steps }))
    }

    fn known_authority(&self, id: AuthorityId) -> Result<Option<Known>, Fault> {
        let permitted = self.permitted(&Subject::LegalAuthority(id), Read::LegalAuthorityRead)?;
        let Some((held, permit)) = permitted else { return Ok(None) };
        let facts = self.snapshot()?.entity::<LegalAuthorityFacts>(id.uuid())?;
        Ok(facts.map(|facts| Known { held, permit, facts }))
    }

    /// The legal authorities about a patient, the newest first; none if the reader may not know of them.
    ///
    /// # Errors
    /// [`Fault`] if this node fails; never for what is missing or forbidden.
    pub fn legal_authorities(&self, patient: PatientId) -> Result<Option<Vec<AuthorityView>>, Fault> {
        if self.permit_at_patient(patient, Read::LegalAuthorityRead)?.is_none() {
            return Ok(None);
        }
        let about = self.snapshot()?.entity::<AuthoritiesAbout>(patient.uuid())?;
        let mut views = Vec::new();
        for id in about.into_iter().flat_map(|about| about.all) {
            views.extend(self.legal_authority_after(id)?);
        }
        let recorded_at = |view: &AuthorityView| view.steps.first().map(|step| step.at);
        views.sort_by_key(|view| (std::cmp::Reverse(recorded_at(view)), view.authority));
        Ok(Some(views))
    }

    /// Whether the reader can give a command to the legal authority, as its state is.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn can_change_authority(&self, view: &AuthorityView, name: CommandName) -> Result<Can, Fault> {
        self.can_change(&Changed { authority: view.authority, state: view.state, held: &view.held }, name)
    }

    /// The commands that the reader can give to a legal authority now, by name; none if they may not know of it. Nothing that
    /// was written about it is opened.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn possible_in_authority(&self, id: AuthorityId) -> Result<Vec<CommandName>, Fault> {
        let Some(Known { held, facts, .. }) = self.known_authority(id)? else { return Ok(Vec::new()) };
        let changed = Changed { authority: id, state: facts.state, held: &held };
        can_be_given(LegalAuthorityCommand::names(), |name| self.can_change(&changed, name))
    }

    fn can_change(&self, changed: &Changed<'_>, name: CommandName) -> Result<Can, Fault> {
        let Changed { authority, state, held } = *changed;
        let may = self.viewer.may(Action::Command(name), None, &ThingFacts::unlabelled(held));
        let Some(act) = LegalAuthorityCommand::named(name).filter(|_| may) else { return Ok(Can::NotPermitted) };
        if !act.is_taken_in(state) {
            return Ok(Can::Refused(LegalAuthorityRefusal::NotInState { state }.into()));
        }
        let node = Node::LegalAuthority(authority.uuid());
        let is_erased = act.needs_text() && sealing::is_destroyed(self.application.vault(), node)?;
        Ok(if is_erased { Can::Erased } else { Can::Yes })
    }

    /// Somebody whom the reader meets in a legal authority.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn person_in_authority(
        &self,
        view: &AuthorityView,
        person: PersonId,
    ) -> Result<Option<Arc<Visible<PersonRow>>>, Fault> {
        self.name_of(&view.permit, person)
    }
}
