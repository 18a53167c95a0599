//! Reading how an organization is staffed: its people and their roles, the members of its pools, and its calendar.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use care::age::AgeGates;
use care::aggregate::Lookups;
use care::calendar::{Calendar, CalendarInForce};
use care::command_name::{CommandName, Named};
use care::conversation::Place;
use care::ids::{Id, OrganizationId, PersonId, PoolId};
use care::organization::{AddPoolMember, OpenPool, RemovePoolMember, RenamePool, SetAgeGates, SetCalendar, SetPhone};
use care::person::{ConfirmRole, CorrectName, DeclineRole, EndRole, GrantRole, RegisterPerson};
use care::words::{GrantBasis, Role};
use chrono::{DateTime, Utc};
use policy::decide::Permit;
use policy::question::ThingFacts;
use policy::visible::Visible;
use policy::words::{Action, Read};
use uuid::Uuid;

use crate::authorization::Subject;
use crate::authorization::index::Mark;
use crate::authorization::lookups::LookupsAt;
use crate::authorization::organization::OrganizationFacts;
use crate::authorization::staff::{AtOrganization, Unconfirmed};
use crate::fault::Fault;
use crate::name_order::sort_by_shown_name;
use crate::read_models::organizations::{OrganizationRow, PoolRow};
use crate::reader::page::PageProblem;
use crate::reader::patient_list::Search;
use crate::reader::{PersonRow, Reader};
use crate::sealing::TextCell;

/// A role that somebody holds at an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GrantedRole {
    /// The role.
    pub role: Role,
    /// Since when.
    pub from: DateTime<Utc>,
    /// When it ends by itself; none if it does not.
    pub until: Option<DateTime<Utc>>,
    /// On whose word it was granted; none if that was not recorded yet.
    pub basis: Option<GrantBasis>,
}

/// A role that an administrator proposed, until another one answers.
pub struct ProposedRole {
    /// For whom.
    pub person: Arc<Visible<PersonRow>>,
    /// The role.
    pub role: Role,
    /// Who proposed it.
    pub proposed_by: Option<Arc<Visible<PersonRow>>>,
    /// When it was proposed.
    pub at: DateTime<Utc>,
    /// When the role would end by itself.
    pub until: Option<DateTime<Utc>>,
    /// When the proposal ends by itself.
    pub expires_at: DateTime<Utc>,
    /// Whether the reader can confirm it: it is neither their own proposal nor for themself.
    pub can_confirm: bool,
}

/// A role that was proposed for a person and not confirmed: it was declined or taken back, or its proposal ended by itself.
pub struct UnconfirmedRole {
    /// The role.
    pub role: Role,
    /// When the proposal ended.
    pub ended_at: DateTime<Utc>,
    /// Who declined it or took it back; none if nobody answered in time.
    pub declined_by: Option<Arc<Visible<PersonRow>>>,
}

/// A person who holds a role at an organization, held one, or had one proposed.
pub struct StaffMember {
    /// The person.
    pub person: Arc<Visible<PersonRow>>,
    /// The roles that they hold now.
    pub roles: Vec<GrantedRole>,
    /// The roles that were proposed for them and not confirmed, oldest first; none if the reader may grant no role there.
    pub unconfirmed: Vec<UnconfirmedRole>,
    /// How many open threads of the organization they own; none if the reader may not know.
    pub open_threads: Option<usize>,
}

/// A member of a pool.
pub struct PoolMember {
    /// The person.
    pub person: Arc<Visible<PersonRow>>,
    /// How many open threads they have from the pool; none if the reader may not know.
    pub open_threads: Option<usize>,
}

/// The commands by which an organization is administered.
const ADMINISTRATION: [CommandName; 13] = [
    SetAgeGates::NAME,
    SetPhone::NAME,
    SetCalendar::NAME,
    OpenPool::NAME,
    RenamePool::NAME,
    AddPoolMember::NAME,
    RemovePoolMember::NAME,
    RegisterPerson::NAME,
    GrantRole::NAME,
    ConfirmRole::NAME,
    DeclineRole::NAME,
    EndRole::NAME,
    CorrectName::NAME,
];

impl Reader {
    /// The permit to do something at an organization, by the state in memory.
    pub(super) fn at(&self, organization: OrganizationId, action: Action) -> Option<Permit> {
        let held = self.held(&Subject::Organization(organization));
        self.decide(action, &ThingFacts::unlabelled(&held))
    }

    /// What has a mark that it waits for staff, at the organizations at which the reader holds a role. It permits nothing.
    pub(super) fn waiting(&self, mark: fn(OrganizationId) -> Mark) -> Vec<Uuid> {
        let organizations: BTreeSet<OrganizationId> =
            self.my_roles().into_iter().map(|(organization, _)| organization).collect();
        let state = self.application.projector().authorization();
        organizations.into_iter().flat_map(|at| state.index.under(mark(at))).collect()
    }

    /// Whether the reader may give every command by which the organization is administered.
    #[must_use]
    pub fn administers(&self, organization: &Visible<OrganizationRow>) -> bool {
        ADMINISTRATION.iter().all(|name| self.at(organization.organization, Action::Command(*name)).is_some())
    }

    /// The people who hold a role at an organization now, by name; with a search, those of whom it finds the name; none if
    /// the reader may not read its people.
    ///
    /// # Errors
    /// [`PageProblem`] for a search that cannot be; [`Fault`] if this node fails.
    pub fn staff_of(
        &self,
        organization: &Visible<OrganizationRow>,
        search: Option<&str>,
    ) -> Result<Result<Vec<StaffMember>, PageProblem>, Fault> {
        let search = match Search::read(search) {
            Ok(search) => search,
            Err(problem) => return Ok(Err(problem)),
        };
        let Some(permit) = self.at(organization.organization, Action::Read(Read::PersonRead)) else {
            return Ok(Ok(Vec::new()));
        };
        let mut staff = self.staff(organization.organization, &permit, true)?;
        staff.retain(|member| match &member.person.name {
            TextCell::Open(name) => search.finds(Some(name), None),
            TextCell::Sealed(_) | TextCell::Withheld | TextCell::Erased => search.finds(None, None),
        });
        Ok(Ok(staff))
    }

    /// The people who hold no role at an organization now, and held one or had one proposed, by name, so that one can be
    /// granted or proposed again; none if the reader may grant no role there.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn former_staff_of(&self, organization: &Visible<OrganizationRow>) -> Result<Vec<StaffMember>, Fault> {
        match self.at(organization.organization, Action::Command(GrantRole::NAME)) {
            Some(permit) => self.staff(organization.organization, &permit, false),
            None => Ok(Vec::new()),
        }
    }

    fn staff(&self, organization: OrganizationId, permit: &Permit, works: bool) -> Result<Vec<StaffMember>, Fault> {
        let owned = self.owned(organization, |_| true);
        let grants = self.at(organization, Action::Command(GrantRole::NAME));
        let people = self.application.projector().authorization().people_at(organization, self.now);
        let mut found = Vec::new();
        for (person, AtOrganization { roles: held, unconfirmed }) in people {
            let now = held.iter().filter(|(held, _)| held.period.holds(self.now));
            let granted = now.map(|(held, basis)| GrantedRole {
                role: held.place.role,
                from: held.period.from,
                until: held.period.until,
                basis: *basis,
            });
            let mut roles: Vec<GrantedRole> = granted.collect();
            if roles.is_empty() == works {
                continue;
            }
            self.take_rows(1)?;
            roles.sort_unstable_by_key(|granted| granted.role);
            let open_threads = owned.as_ref().map(|owned| owned.get(&person).copied().unwrap_or_default());
            let mut ended = Vec::new();
            if let Some(permit) = &grants {
                for Unconfirmed { role, ended_at, declined_by } in unconfirmed {
                    let declined_by = declined_by.map(|person| self.name_of(permit, person)).transpose()?.flatten();
                    ended.push(UnconfirmedRole { role, ended_at, declined_by });
                }
            }
            let name = self.name_of(permit, person)?;
            found.extend(name.map(|person| StaffMember { person, roles, unconfirmed: ended, open_threads }));
        }
        sort_by_shown_name(&mut found, |member| &member.person.name)?;
        Ok(found)
    }

    /// The roles that were proposed at an organization and not answered, oldest first; none if the reader may confirm none.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn proposed_roles(&self, organization: &Visible<OrganizationRow>) -> Result<Vec<ProposedRole>, Fault> {
        let organization = organization.organization;
        let confirm = Action::Command(ConfirmRole::NAME);
        let Some(permit) = self.at(organization, confirm) else { return Ok(Vec::new()) };
        let mut open = self.application.projector().authorization().proposed_at(organization, self.now);
        open.sort_by_key(|(person, proposal)| (proposal.at, *person));
        let mut found = Vec::with_capacity(open.len());
        for (person, proposal) in open {
            self.take_rows(1)?;
            let proposed_by = self.name_of(&permit, proposal.by)?;
            let can_confirm = ![person, proposal.by].contains(&self.person());
            found.extend(self.name_of(&permit, person)?.map(|person| ProposedRole {
                person,
                role: proposal.place.role,
                proposed_by,
                at: proposal.at,
                until: proposal.until,
                expires_at: proposal.expires_at,
                can_confirm,
            }));
        }
        Ok(found)
    }

    /// Whether a role that the reader grants to a person there takes effect only once another administrator confirms it.
    #[must_use]
    pub fn needs_second_person(&self, organization: OrganizationId, person: Option<PersonId>) -> bool {
        let state = self.application.projector().authorization();
        let lookups = LookupsAt { state: &state, now: self.now, namesakes: None };
        let administrators = lookups.holders(Place { role: Role::Administrator, organization });
        administrators.into_iter().any(|other| other != self.person() && Some(other) != person)
    }

    /// The members of a pool, by name; none if the reader may not read the people of its organization.
    ///
    /// # Errors
    /// [`Fault`] if this node fails.
    pub fn members_of(&self, pool: &Visible<PoolRow>) -> Result<Vec<PoolMember>, Fault> {
        let Some(permit) = self.at(pool.organization, Action::Read(Read::PersonRead)) else { return Ok(Vec::new()) };
        let owned = self.owned(pool.organization, |from| from == Some(pool.pool));
        let members = self.application.projector().authorization().pool_members(pool.pool, self.now);
        let mut found = Vec::with_capacity(members.len());
        for person in members {
            self.take_rows(1)?;
            let open_threads = owned.as_ref().map(|owned| owned.get(&person).copied().unwrap_or_default());
            let name = self.name_of(&permit, person)?;
            found.extend(name.map(|person| PoolMember { person, open_threads }));
        }
        sort_by_shown_name(&mut found, |member| &member.person.name)?;
        Ok(found)
    }

    /// How many open threads of an organization each person owns, of those that they have from such a pool; none if the
    /// reader may not count them.
    fn owned(
        &self,
        organization: OrganizationId,
        counts: impl Fn(Option<PoolId>) -> bool,
    ) -> Option<BTreeMap<PersonId, usize>> {
        self.at(organization, Action::Read(Read::OrganizationCountWork)).is_some().then_some(())?;
        let state = self.application.projector().authorization();
        let mut owned = BTreeMap::new();
        for (_, facts) in state.threads_of(organization) {
            if let Some(person) = facts.owner.person().filter(|_| counts(facts.owner.pool())) {
                *owned.entry(person).or_default() += 1;
            }
        }
        Some(owned)
    }

    /// The calendar of an organization that was shown; none if it has none.
    #[must_use]
    pub fn calendar_of(&self, organization: &Visible<OrganizationRow>) -> Option<CalendarInForce> {
        let (version, calendar) = {
            let state = self.application.projector().authorization();
            state.entity::<OrganizationFacts>(organization.organization.uuid())?.calendar.clone()?
        };
        self.in_zone(version, calendar)
    }

    /// The ages at which the helpers of a minor lose access, as an organization that was shown set them, or as they hold where
    /// it set none.
    #[must_use]
    pub fn age_gates_of(&self, organization: &Visible<OrganizationRow>) -> AgeGates {
        let state = self.application.projector().authorization();
        let facts = state.entity::<OrganizationFacts>(organization.organization.uuid());
        facts.and_then(|facts| facts.age_gates).unwrap_or_default()
    }

    /// A calendar as it would be if it were set: by the rules of its zone today. None if its zone has no rules.
    #[must_use]
    pub fn in_zone(&self, version: u32, calendar: Calendar) -> Option<CalendarInForce> {
        let zone = self.application.time_zones().zone(&calendar.zone)?;
        Some(CalendarInForce { calendar, version, zone })
    }

    /// The instant at which the reader reads.
    #[must_use]
    pub const fn now(&self) -> DateTime<Utc> {
        self.now
    }
}
