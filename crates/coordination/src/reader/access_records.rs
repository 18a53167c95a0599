//! Reading who read or tried what, and why; never what was read.
//!
//! The records of a patient are those that concern them; those of an organization concern the patients whose record it
//! keeps, what is its own, and what its people tried and may not do. The index of the access log says which these are.
//! Each is shown if the policy permits it for the patient whom it concerns and the kind of the thread. The policy is asked
//! once for each kind, and what is not shown is not counted: no limit tells how much of it there is. What is shown
//! is recorded itself: for one patient under that patient, for an organization under the organization.

use std::collections::HashMap;
use std::sync::Arc;

use care::ids::{Id, OrganizationId, PatientId, PersonId, ThreadId};
use care::lifecycle::ThreadKind;
use care::words::{Purpose, Role};
use chrono::{DateTime, Utc};
use journal::Position;
use policy::decide::Permit;
use policy::question::ThingFacts;
use policy::visible::{Redact, Visible};
use policy::words::{Action, Read};
use uuid::Uuid;

use crate::access::{About, StoredRecord};
use crate::access_index::{Asked, Place, Scope, Told, Within};
use crate::authorization::Subject;
use crate::authorization::person::PersonFacts;
use crate::fault::Fault;
use crate::read_models::organizations::{self, OrganizationRow};
use crate::reader::filled::{Batch, Keyed};
use crate::reader::page::{Bounds, Connection, Edge, Page, PageProblem};
use crate::reader::under_delegation::UnderDelegation;
use crate::reader::{PatientView, PersonRow, Reader};
use crate::tokens::{Key, List};

/// Which access records of an organization are asked for.
#[derive(Debug, Clone, Default)]
pub struct AccessRecordsAsked {
    /// Only those that are marked for review.
    pub for_review: bool,
    /// Only those that concern this patient, whose record the organization keeps.
    pub patient: Option<PatientId>,
    /// Only what this person read or tried.
    pub by: Option<PersonId>,
    /// Only what concerns this thread.
    pub thread: Option<ThreadId>,
    /// The page.
    pub page: Page,
}

/// Which access records about a patient are asked for.
#[derive(Debug, Clone, Default)]
pub struct PatientAccessAsked {
    /// Only those that are marked for review.
    pub for_review: bool,
    /// Only what others than the reader read or tried.
    pub by_others: bool,
    /// Only what this person read or tried.
    pub by: Option<PersonId>,
    /// Only what concerns this thread.
    pub thread: Option<ThreadId>,
    /// The page.
    pub page: Page,
}

/// A record of the access log, without what was read.
#[derive(Debug)]
pub struct AccessRecordRow {
    /// When it was read or tried.
    pub at: DateTime<Utc>,
    /// What was read, or the command that was given, as the policy names it.
    pub action: String,
    /// Whether that is a command.
    pub is_command: bool,
    /// Whether it was refused; otherwise content was shown.
    pub is_refused: bool,
    /// How many equal tries it stands for.
    pub times: u64,
    /// Whether a review looks at it first.
    pub for_review: bool,
    /// By which standing it was permitted; none if it was refused.
    pub standing: Option<String>,
    /// In which role it was permitted; none if it was refused.
    pub role: Option<Role>,
    /// For which purpose it was permitted; none if it was refused.
    pub purpose: Option<Purpose>,
    /// The patient whom it concerns; none if it concerns nobody whom the list may name.
    pub patient: Option<PatientId>,
    /// The thread that it concerns; none if it concerns none that the list may name.
    pub thread: Option<ThreadId>,
    /// The delegation under which a helper of the patient read; none if it was no helper.
    pub delegation: Option<UnderDelegation>,
}

impl Redact for AccessRecordRow {
    fn redact(self, _: &Permit) -> Self {
        let Self {
            at,
            action,
            is_command,
            is_refused,
            times,
            for_review,
            standing,
            role,
            purpose,
            patient,
            thread,
            delegation,
        } = self;
        Self {
            at,
            action,
            is_command,
            is_refused,
            times,
            for_review,
            standing,
            role,
            purpose,
            patient,
            thread,
            delegation,
        }
    }
}

/// A record of the access log, with the people in it.
pub struct AccessRecordView {
    row: Visible<AccessRecordRow>,
    /// Who read or tried.
    pub person: Option<Arc<Visible<PersonRow>>>,
    /// For whom they acted; none if it was for themself.
    pub on_behalf_of: Option<Arc<Visible<PersonRow>>>,
    /// The organizations that the record concerns and at which they held the role then in which it was permitted.
    pub organizations: Vec<Visible<OrganizationRow>>,
    /// The person whom the organization knows and whom a refused command was to change, such as by a role.
    pub about_person: Option<Arc<Visible<PersonRow>>>,
}

impl std::ops::Deref for AccessRecordView {
    type Target = AccessRecordRow;
    fn deref(&self) -> &AccessRecordRow {
        &self.row
    }
}

/// A list of access records.
#[derive(Clone, Copy)]
struct Listing {
    /// The patient or the organization in the index; the nil patient for a list in which there is nothing.
    scope: Scope,
    /// The thread alone that it is about.
    thread: Option<ThreadId>,
    for_review: bool,
    /// Whose records alone, and whose not.
    by: Option<PersonId>,
    not_by: Option<PersonId>,
    /// The organization to which it is told; none for the list of a patient.
    organization: Option<OrganizationId>,
    /// Under what its reading is recorded.
    about: About,
    /// What its cursors are bound to.
    digest: Uuid,
}

/// A role that a person held.
struct Held {
    person: PersonId,
    role: Role,
    at: DateTime<Utc>,
}

impl Keyed for Place {
    fn key(&self) -> Key {
        Key { number: self.position.0.cast_signed(), id: Uuid::nil() }
    }
}

/// A place of the list that may be shown.
struct Granted {
    place: Place,
    permit: Arc<Permit>,
}

/// What the policy said of one page: what concerns a patient or nobody, and lies within these threads.
type Permits = HashMap<(Option<PatientId>, Within), Option<Arc<Permit>>>;

impl Reader {
    /// Whether the reader may read the access records that concern a patient.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn reads_access_about(&self, view: &PatientView) -> Result<bool, Fault> {
        Ok(self.access_permit(&Subject::Patient(view.patient), None)?.is_some())
    }

    /// Whether the reader may read the access records of an organization.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn reads_access_of(&self, organization: &Visible<OrganizationRow>) -> Result<bool, Fault> {
        Ok(self.access_permit(&Subject::Organization(organization.organization), None)?.is_some())
    }

    /// The access records that concern a patient, the newest first; none if the reader may not read them.
    ///
    /// # Errors
    /// [`PageProblem`] for a page that cannot be; [`Fault`] if this node fails.
    pub async fn access_records_about(
        &self,
        view: &PatientView,
        asked: &PatientAccessAsked,
    ) -> Result<Result<Option<Connection<AccessRecordView>>, PageProblem>, Fault> {
        let PatientAccessAsked { for_review, by_others, by, thread, page } = asked;
        let patient = view.patient;
        if !self.reads_access_about(view)? {
            return Ok(Ok(None));
        }
        let (by_person, in_thread) = (by.map_or(Uuid::nil(), Id::uuid), thread.map_or(Uuid::nil(), Id::uuid));
        let flags = [u8::from(*by_others), u8::from(*for_review), u8::from(thread.is_some())];
        let bound_to = [by_person.as_bytes().as_slice(), in_thread.as_bytes(), &flags].concat();
        let listing = Listing {
            scope: Scope::Patient(patient),
            thread: *thread,
            for_review: *for_review,
            by: *by,
            not_by: by_others.then(|| self.person()),
            organization: None,
            about: About::patient(patient),
            digest: Uuid::new_v5(&patient.uuid(), &bound_to),
        };
        self.access_page(listing, page).await
    }

    /// The access records of an organization, the newest first; none if the reader may not read them. Of a patient whose
    /// record is kept elsewhere there are none, as of one who is missing.
    ///
    /// # Errors
    /// [`PageProblem`] for a page that cannot be; [`Fault`] if this node fails.
    pub async fn access_records_of(
        &self,
        organization: &Visible<OrganizationRow>,
        asked: &AccessRecordsAsked,
    ) -> Result<Result<Option<Connection<AccessRecordView>>, PageProblem>, Fault> {
        let AccessRecordsAsked { for_review, patient, by, thread, page } = asked;
        let id = organization.organization;
        if !self.reads_access_of(organization)? {
            return Ok(Ok(None));
        }
        let (of_patient, by_person) = (patient.map_or(Uuid::nil(), Id::uuid), by.map_or(Uuid::nil(), Id::uuid));
        let (scope, about) = match *patient {
            None => (Scope::Organization(id), About::organization(id)),
            Some(patient) => {
                let keeper = self.application.projector().authorization().keeper(patient);
                let listed = if keeper == Some(id) { patient } else { PatientId::from_uuid(Uuid::nil()) };
                (Scope::Patient(listed), About::patient(patient))
            }
        };
        let in_thread = thread.map_or(Uuid::nil(), Id::uuid);
        let flags = [u8::from(*for_review), u8::from(thread.is_some())];
        let ids = [of_patient, by_person, in_thread].map(Uuid::into_bytes).concat();
        let bound_to = [ids.as_slice(), &flags].concat();
        let listing = Listing {
            scope,
            thread: *thread,
            for_review: *for_review,
            by: *by,
            not_by: None,
            organization: Some(id),
            about,
            digest: Uuid::new_v5(&id.uuid(), &bound_to),
        };
        self.access_page(listing, page).await
    }

    async fn access_page(
        &self,
        listing: Listing,
        page: &Page,
    ) -> Result<Result<Option<Connection<AccessRecordView>>, PageProblem>, Fault> {
        let list = List::AccessRecords(listing.digest);
        let bounds = match self.forward(list, page) {
            Ok(bounds) => bounds,
            Err(problem) => return Ok(Err(problem)),
        };
        let index = self.application.access_index();
        index.catch_up().await?;
        let Connection { edges, has_next, has_previous, given_up_at } = self.granted(listing, list, bounds)?;
        let places: Vec<&Place> = edges.iter().map(|edge| &edge.node.place).collect();
        let mut records = index.records(&places).await?;
        let mut shown = Vec::with_capacity(edges.len());
        for Edge { node: Granted { place, permit }, cursor } in edges {
            let record = records.remove(&place.position).ok_or(Fault::Row("an access record was not read"))?;
            shown.push(Edge { node: self.shown_access(listing, &permit, place.told, record)?, cursor });
        }
        Ok(Ok(Some(Connection { edges: shown, has_next, has_previous, given_up_at })))
    }

    /// A page of places that may be shown.
    fn granted(&self, listing: Listing, list: List, bounds: Bounds) -> Result<Connection<Granted>, Fault> {
        let Listing { scope, thread, for_review, by, not_by, organization, about: _, digest: _ } = listing;
        let mut permits = Permits::new();
        let mut within = Within::all();
        if let Scope::Patient(patient) = scope {
            for each in Within::all() {
                let permit = self.place_permit(Some(patient), each, organization)?;
                permits.insert((Some(patient), each), permit.map(Arc::new));
            }
            within.retain(|each| permits.get(&(Some(patient), *each)).is_some_and(Option::is_some));
        }
        let read = |after: Option<Key>, rows_max| -> Result<_, Fault> {
            let before = after.map(|key| Position(key.number.cast_unsigned()));
            let asked = Asked { scope, thread, within: &within, for_review, by, not_by, before, rows_max };
            Ok(Batch::of(self.application.access_index().places(&asked)?, rows_max))
        };
        let see = |place: Place| -> Result<_, Fault> {
            let Told { patient, thread: _, within } = place.told;
            let known = permits.get(&(patient, within)).cloned();
            let permit = match known {
                Some(permit) => permit,
                None => {
                    let permit = self.place_permit(patient, within, organization)?.map(Arc::new);
                    permits.insert((patient, within), permit.clone());
                    permit
                }
            };
            Ok(permit.map(|permit| Granted { place, permit }))
        };
        self.filled(list, bounds, read, see)
    }

    /// The permit to read the access records of a subject, outside threads or in a thread of a kind.
    fn access_permit(&self, subject: &Subject, kind: Option<ThreadKind>) -> Result<Option<Permit>, Fault> {
        let held = self.agreed(subject, self.held(subject))?;
        Ok(self.decide(Action::Read(Read::AccessRead), &ThingFacts { kind, ..ThingFacts::unlabelled(&held) }))
    }

    /// The permit to read those that concern a patient or nobody, and lie within these threads.
    fn place_permit(
        &self,
        patient: Option<PatientId>,
        within: Within,
        organization: Option<OrganizationId>,
    ) -> Result<Option<Permit>, Fault> {
        let of_organization = organization.map(Subject::Organization);
        let Some(subject) = patient.map(Subject::Patient).or(of_organization) else { return Ok(None) };
        let mut permit = None;
        for kind in within.kinds() {
            permit = self.access_permit(&subject, kind)?;
            if permit.is_none() {
                break;
            }
        }
        Ok(permit)
    }

    fn shown_access(
        &self,
        listing: Listing,
        permit: &Permit,
        told: Told,
        StoredRecord { id, at, said }: StoredRecord,
    ) -> Result<AccessRecordView, Fault> {
        self.ledger.note(listing.about, permit, vec![id])?;
        let named = |person: Option<PersonId>| match person {
            Some(person) => self.name_of(permit, person),
            None => Ok(None),
        };
        let target = said.target.map(PersonId::from_uuid).filter(|_| told.patient.is_none() && told.thread.is_none());
        let about = target.zip(listing.organization).filter(|(person, at)| self.is_known_at(*person, *at));
        let person = named(Some(said.person))?;
        let on_behalf_of = named(said.on_behalf_of)?;
        let about_person = named(about.map(|(person, _)| person))?;
        let organizations = match said.role {
            Some(role) => {
                let held = Held { person: said.person, role, at };
                self.workplaces(permit, held, listing.organization, told)?
            }
            None => Vec::new(),
        };
        let row = permit.show(AccessRecordRow {
            at,
            is_command: said.is_command(),
            is_refused: said.is_refused(),
            for_review: said.is_for_review(),
            times: said.times,
            action: said.action,
            standing: said.standing,
            role: said.role,
            purpose: said.purpose,
            patient: told.patient,
            thread: told.thread,
            delegation: said.delegation.filter(|_| told.patient.is_some()).and_then(|id| self.under_delegation(id)),
        });
        Ok(AccessRecordView { row, person, on_behalf_of, organizations, about_person })
    }

    /// The organizations at which a person held a role at an instant, of those that the record concerns: where else they
    /// work is nothing that the list may tell.
    fn workplaces(
        &self,
        permit: &Permit,
        Held { person, role, at }: Held,
        listed_at: Option<OrganizationId>,
        told: Told,
    ) -> Result<Vec<Visible<OrganizationRow>>, Fault> {
        let ids: Vec<OrganizationId> = {
            let state = self.application.projector().authorization();
            let mut around = state.organizations_around(told.patient, told.thread, person);
            around.extend(listed_at);
            let roles = state.entity::<PersonFacts>(person.uuid()).into_iter().flat_map(|facts| &facts.roles);
            let held = roles.filter(|held| held.place.role == role && held.period.held(at));
            held.map(|held| held.place.organization).filter(|at| around.contains(at)).collect()
        };
        let snapshot = self.snapshot()?;
        let mut shown = Vec::with_capacity(ids.len());
        for id in ids {
            shown.extend(organizations::organization(&snapshot, id)?.map(|row| permit.show(row)));
        }
        Ok(shown)
    }
}
