//! Reading the directory: the reader themself, organizations and the pools that can be asked.

use std::sync::Arc;

use care::conversation::Place;
use care::ids::{Id, OrganizationId, PersonId, PoolId};
use care::public_name::search_words;
use care::words::Role;
use policy::decide::Permit;
use policy::question::ThingFacts;
use policy::visible::Visible;
use policy::words::{Action, Read};
use uuid::Uuid;

use crate::authorization::Subject;
use crate::authorization::person::PersonFacts;
use crate::fault::Fault;
use crate::name_order::{sort_by_name, sort_by_shown_name};
use crate::read_models::organizations::{self, NamedPool, OrganizationRow, PoolRow};
use crate::reader::page::{Connection, Edge, Page, PageProblem, connection};
use crate::reader::{PersonRow, Reader};
use crate::tokens::{Key, List};

/// The most words of a search for pools, and its longest text. A name of a pool has fewer.
const SEARCH_WORDS_MAX: usize = 8;
const SEARCH_BYTES_MAX: usize = 400;

impl Reader {
    /// The permit to read the directory, which everybody has who works anywhere here.
    fn directory(&self) -> Option<Permit> {
        let held = self.held(&Subject::Installation);
        self.decide(Action::Read(Read::OrganizationRead), &ThingFacts::unlabelled(&held))
    }

    /// An organization, if the reader may read the directory.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn organization(&self, id: OrganizationId) -> Result<Option<Visible<OrganizationRow>>, Fault> {
        let Some(permit) = self.directory() else {
            self.refused(Action::Read(Read::OrganizationRead), id.uuid())?;
            return Ok(None);
        };
        Ok(organizations::organization(&*self.snapshot()?, id)?.map(|row| permit.show(row)))
    }

    /// All organizations, by name; none if the reader may not read the directory.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn organizations(&self) -> Result<Vec<Visible<OrganizationRow>>, Fault> {
        let Some(permit) = self.directory() else { return Ok(Vec::new()) };
        Ok(organizations::organizations(&*self.snapshot()?)?.into_iter().map(|row| permit.show(row)).collect())
    }

    /// A pool, if the reader may read the directory.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn pool(&self, id: PoolId) -> Result<Option<Visible<PoolRow>>, Fault> {
        let Some(permit) = self.directory() else {
            self.refused(Action::Read(Read::OrganizationRead), id.uuid())?;
            return Ok(None);
        };
        let found = organizations::pool(&*self.snapshot()?, id)?;
        Ok(found.map(|pool| self.shown_pool(&permit, pool)))
    }

    /// A pool by the name that the reader may know: that of its organization's own people is for them alone.
    pub(super) fn shown_pool(&self, permit: &Permit, pool: NamedPool) -> Visible<PoolRow> {
        let works_there = self.my_roles().iter().any(|(organization, _)| *organization == pool.organization());
        permit.show(if works_there { pool.for_its_people() } else { pool.for_others() })
    }

    /// The pools of all organizations that the reader may address, whose public name, specialty or organization has a word
    /// for each beginning in `search`; by public name. None if the reader may address no pool.
    ///
    /// # Errors
    /// [`PageProblem`] for a page that cannot be; [`Fault`] if this node fails.
    pub fn search_pools(
        &self,
        search: &str,
        page: &Page,
    ) -> Result<Result<Connection<Visible<PoolRow>>, PageProblem>, Fault> {
        let beginnings = search_words(search);
        if beginnings.len() > SEARCH_WORDS_MAX || search.len() > SEARCH_BYTES_MAX {
            return Ok(Err(PageProblem::SearchTooLong));
        }
        let filter: Vec<&str> = beginnings.iter().map(String::as_str).collect();
        let list = List::Pools(Uuid::new_v5(&Uuid::nil(), filter.join(" ").as_bytes()));
        let bounds = match self.forward(list, page) {
            Ok(bounds) => bounds,
            Err(problem) => return Ok(Err(problem)),
        };
        let held = self.held(&Subject::Installation);
        let permit = self.decide(Action::Read(Read::PoolSearch), &ThingFacts::unlabelled(&held));
        let Some(permit) = permit else { return Ok(Ok(connection(Vec::new(), bounds))) };
        let after = bounds.after.map(|key| PoolId::from_uuid(key.id));
        let wanted = bounds.rows_max.saturating_add(1);
        let rows = organizations::pools_found(&*self.snapshot()?, &beginnings, after, wanted)?;
        let cursors = self.application.tokens().cursors(list, self.person());
        let edge = |pool: NamedPool| {
            let node = self.shown_pool(&permit, pool);
            // The place of a pool in the list follows from its name, which a cursor need not repeat.
            Edge { cursor: cursors.at(Key { number: 0, id: node.pool.uuid() }), node }
        };
        Ok(Ok(connection(rows.into_iter().map(edge).collect(), bounds)))
    }

    /// The pools of an organization that was shown, by name.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn pools(&self, organization: &Visible<OrganizationRow>) -> Result<Vec<Visible<PoolRow>>, Fault> {
        let Some(permit) = self.directory() else { return Ok(Vec::new()) };
        let rows = organizations::pools(&*self.snapshot()?, organization.organization)?;
        let mut shown: Vec<_> = rows.into_iter().map(|pool| self.shown_pool(&permit, pool)).collect();
        sort_by_name(&mut shown, |pool| &pool.name)?;
        Ok(shown)
    }

    /// The reader's own name, if they are registered.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn me(&self) -> Result<Option<Arc<Visible<PersonRow>>>, Fault> {
        let mine = [policy::reach::HeldStanding::full(policy::words::Standing::Self_, Role::Person)];
        match self.decide(Action::Read(Read::PersonRead), &ThingFacts::unlabelled(&mine)) {
            Some(permit) => self.name_of(&permit, self.person()),
            None => Ok(None),
        }
    }

    /// The reader's own roles now, with where they are held.
    #[must_use]
    pub fn my_roles(&self) -> Vec<(OrganizationId, Role)> {
        let authorization = self.application.projector().authorization();
        let facts = authorization.entity::<PersonFacts>(self.person().uuid());
        let places = facts.into_iter().flat_map(|facts| facts.places(self.now));
        places.map(|place| (place.organization, place.role)).collect()
    }

    /// The members of a pool who may be named to its coordinators: for assigning. By name.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn physicians_of(&self, pool: &Visible<PoolRow>) -> Result<Vec<Arc<Visible<PersonRow>>>, Fault> {
        let held = self.held(&Subject::Organization(pool.organization));
        if self.decide(Action::Read(Read::PersonRead), &ThingFacts::unlabelled(&held)).is_none() {
            return Ok(Vec::new());
        }
        let place = Place { role: Role::Physician, organization: pool.organization };
        let members: Vec<PersonId> = {
            let authorization = self.application.projector().authorization();
            let is_physician = |person: &PersonId| {
                authorization.entity::<PersonFacts>(person.uuid()).is_some_and(|facts| facts.holds(place, self.now))
            };
            authorization.pool_members(pool.pool, self.now).into_iter().filter(is_physician).collect()
        };
        let Some(permit) = self.directory() else { return Ok(Vec::new()) };
        let mut found = Vec::with_capacity(members.len());
        for person in members {
            found.extend(self.name_of(&permit, person)?);
        }
        sort_by_shown_name(&mut found, |row| &row.name)?;
        Ok(found)
    }
}
