//! Organizations and the pools that can be asked: the directory, and how an organization is staffed.

use std::sync::Arc;

use async_graphql::{ID, Object, Result, SimpleObject};
use care::age::AgeGates as CareAgeGates;
use care::calendar::{Calendar as CareCalendar, CalendarInForce, Hours as CareHours};
use care::words::Urgency;
use coordination::reader::{self, AccessRecordsAsked, Page, Reader};
use coordination::{OrganizationRow, PoolRow};
use policy::visible::Visible;

use super::access_record::{AccessRecordConnection, listed};
use super::connection::connections;
use super::id::{decode_id, encode_id};
use super::person::Person;
use super::scalars::Instant;
use super::words::{GrantBasis, Role};

connections! {
    /// A page of pools.
    PoolConnection, PoolEdge of Pool;
}

/// A party of the installation.
pub struct Organization {
    reader: Arc<Reader>,
    row: Visible<OrganizationRow>,
}

impl Organization {
    pub(super) fn of(reader: &Arc<Reader>, row: Visible<OrganizationRow>) -> Self {
        Self { reader: Arc::clone(reader), row }
    }
}

/// A party of the installation: a practice, a hospital, a centre.
#[Object]
impl Organization {
    /// Its id.
    pub(super) async fn id(&self) -> ID {
        encode_id(self.row.organization)
    }

    /// Its public name.
    fn name(&self) -> &str {
        &self.row.name
    }

    /// The telephone number under which people reach it, as it is written. Null if none was set.
    fn phone(&self) -> Option<&str> {
        self.row.phone.as_deref()
    }

    /// Its pools, by name.
    fn pools(&self) -> Option<Result<Vec<Pool>>> {
        let pools = || {
            let rows = self.reader.pools(&self.row)?;
            Ok(rows.into_iter().map(|row| Pool::of(&self.reader, row)).collect())
        };
        Some(pools())
    }

    /// The calendar from which its due times are computed. Null while it has none.
    fn calendar(&self) -> Option<Calendar> {
        self.reader.calendar_of(&self.row).map(|calendar| Calendar::of(&self.reader, &calendar))
    }

    /// The ages at which the helpers of a minor lose access, for the records that it keeps.
    fn age_gates(&self) -> AgeGates {
        self.reader.age_gates_of(&self.row).into()
    }

    /// The people who hold a role there now, by name. Empty if you may not know them.
    fn staff(
        &self,
        #[graphql(
            desc = "Words with spaces between them, at most 400 characters together: people are found of whom each word is the beginning of a word of the name, without regard to case and accents. Without it, all are listed."
        )]
        search: Option<String>,
    ) -> Option<Result<Vec<StaffMember>>> {
        let found = || {
            let staff = self.reader.staff_of(&self.row, search.as_deref())??;
            Ok(staff.into_iter().map(Into::into).collect())
        };
        Some(found())
    }

    /// The people who hold no role there now, and held one or had one proposed, by name. Empty if you may grant no role
    /// there.
    fn former_staff(&self) -> Option<Result<Vec<StaffMember>>> {
        let found = || Ok(self.reader.former_staff_of(&self.row)?.into_iter().map(Into::into).collect());
        Some(found())
    }

    /// The roles that were proposed there and not answered, oldest first. Empty if you may confirm none.
    fn proposed_roles(&self) -> Option<Result<Vec<ProposedRole>>> {
        let found = || Ok(self.reader.proposed_roles(&self.row)?.into_iter().map(Into::into).collect());
        Some(found())
    }

    /// Whether a role that you grant there to a person takes effect only once another administrator confirms it. While it does
    /// not, since nobody else administers it, each grant says that one administrator gave it alone.
    fn grant_needs_second_person(
        &self,
        #[graphql(desc = "The person who is to have the role. Without it, a person who is no administrator there.")]
        person_id: Option<ID>,
    ) -> bool {
        self.reader.needs_second_person(self.row.organization, person_id.as_ref().map(decode_id))
    }

    /// Who read or tried what, the newest first; never what was read. It has what concerns the patients whose record the
    /// organization keeps and what is its own, and the refused tries of its people, which do not say what of others they were
    /// aimed at. Null if you may not know.
    #[expect(clippy::too_many_arguments, reason = "a page has two, and each filter is one")]
    async fn access_records(
        &self,
        #[graphql(
            desc = "Only what is marked for review, such as reads of persons who added themselves to a care team, and refused tries to change who may do something."
        )]
        for_review: Option<bool>,
        #[graphql(desc = "Only what concerns this patient, whose record the organization keeps.")] patient_id: Option<
            ID,
        >,
        #[graphql(desc = "Only what this person read or tried.")] person_id: Option<ID>,
        #[graphql(desc = "Only what concerns this thread.")] thread_id: Option<ID>,
        #[graphql(desc = "Rows from the start: 1 to 100; 20 without `first`.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the rows begin.")] after: Option<String>,
    ) -> Option<Result<AccessRecordConnection>> {
        let asked = AccessRecordsAsked {
            for_review: for_review.unwrap_or(false),
            patient: patient_id.as_ref().map(decode_id),
            by: person_id.as_ref().map(decode_id),
            thread: thread_id.as_ref().map(decode_id),
            page: Page::from_start(first, after),
        };
        listed(self.reader.access_records_of(&self.row, &asked).await).transpose()
    }

    /// Whether you administer it: its telephone number, its calendar, its pools and their members, its people and their
    /// roles.
    fn viewer_administers(&self) -> bool {
        self.reader.administers(&self.row)
    }

    /// Whether `organizationThreads` can have rows for you.
    fn viewer_lists_threads(&self) -> bool {
        self.reader.lists_threads(&self.row)
    }

    /// Whether `organizationPatients` lists every record that it keeps to you.
    fn viewer_lists_patients(&self) -> bool {
        self.reader.lists_records(&self.row)
    }

    /// Whether `organizationPatients` finds records that it keeps for you, with a search.
    fn viewer_looks_up_patients(&self) -> bool {
        self.reader.looks_up_records(&self.row)
    }

    /// Whether `accessRecords` is for you.
    fn viewer_reads_access_records(&self) -> Result<bool> {
        Ok(self.reader.reads_access_of(&self.row)?)
    }
}

/// The ages at which the helpers of a minor lose access, in years. They are reached at local midnight of the organization.
#[derive(SimpleObject)]
pub struct AgeGates {
    /// From here on a minor is asked, and access without their consent is cut to appointments and education.
    first: i32,
    /// Here access is suspended until it was reviewed with the minor. Null if the organization reviews at no age.
    review: Option<i32>,
    /// Here access by reason of minority ends.
    adult: i32,
}

impl From<CareAgeGates> for AgeGates {
    fn from(CareAgeGates { first, review, adult }: CareAgeGates) -> Self {
        Self { first: first.into(), review: review.map(Into::into), adult: adult.into() }
    }
}

/// The calendar from which an organization's due times are computed.
#[derive(SimpleObject)]
pub struct Calendar {
    /// Its version, counted from 1. Null if it is not in force.
    version: Option<u32>,
    /// The IANA time zone of its days and hours.
    zone: String,
    /// The working hours of each weekday.
    week: Week,
    /// Days off, as ISO 8601, the earliest first.
    holidays: Vec<String>,
    /// The business minutes until an answer is due.
    answer_minutes: AnswerMinutes,
    /// The instant at which an answer would be due if a routine question were asked now.
    routine_due: Option<Instant>,
    /// The instant at which an answer would be due if an urgent question were asked now.
    urgent_due: Option<Instant>,
}

/// The working hours of a week. A day off has none.
#[derive(SimpleObject)]
pub struct Week {
    /// On Mondays.
    monday: Vec<Hours>,
    /// On Tuesdays.
    tuesday: Vec<Hours>,
    /// On Wednesdays.
    wednesday: Vec<Hours>,
    /// On Thursdays.
    thursday: Vec<Hours>,
    /// On Fridays.
    friday: Vec<Hours>,
    /// On Saturdays.
    saturday: Vec<Hours>,
    /// On Sundays.
    sunday: Vec<Hours>,
}

/// An interval of working hours, in minutes since midnight. If it closes before it opens, it continues after midnight.
#[derive(SimpleObject)]
pub struct Hours {
    /// The first working minute.
    opens: u16,
    /// The first minute after work; 1440 is the end of the day.
    closes: u16,
}

/// The business minutes until an answer is due.
#[derive(SimpleObject)]
pub struct AnswerMinutes {
    /// For a routine question.
    routine: u32,
    /// For an urgent question.
    urgent: u32,
}

impl Calendar {
    /// A calendar as it would be if it were set; none if its zone has no rules.
    pub(super) fn proposed(reader: &Reader, calendar: CareCalendar) -> Option<Self> {
        let made = reader.in_zone(0, calendar)?;
        Some(Self { version: None, ..Self::of(reader, &made) })
    }

    fn of(reader: &Reader, in_force: &CalendarInForce) -> Self {
        let CalendarInForce { calendar, version, zone: _ } = in_force;
        let due = |urgency| in_force.due(urgency, reader.now()).map(|due| due.at.into());
        let minutes = |urgency| calendar.answer_minutes.get(&urgency).copied().unwrap_or_default();
        let hours =
            |day: &Vec<CareHours>| day.iter().map(|hours| Hours { opens: hours.opens, closes: hours.closes }).collect();
        let [monday, tuesday, wednesday, thursday, friday, saturday, sunday] = calendar.week.each_ref().map(hours);
        Self {
            version: Some(*version),
            zone: calendar.zone.clone(),
            week: Week { monday, tuesday, wednesday, thursday, friday, saturday, sunday },
            holidays: calendar.holidays.iter().map(ToString::to_string).collect(),
            answer_minutes: AnswerMinutes { routine: minutes(Urgency::Routine), urgent: minutes(Urgency::Urgent) },
            routine_due: due(Urgency::Routine),
            urgent_due: due(Urgency::Urgent),
        }
    }
}

/// A person who works at an organization, did, or was proposed to.
#[derive(SimpleObject)]
pub struct StaffMember {
    /// The person.
    person: Person,
    /// The roles that they hold there now.
    roles: Vec<GrantedRole>,
    /// The roles that were proposed for them there and not confirmed, oldest first. Empty if you may grant no role there.
    unconfirmed_roles: Vec<UnconfirmedRole>,
    /// How many open threads of the organization they own. Null if you may not know.
    open_threads: Option<usize>,
}

/// A role that somebody holds at an organization.
#[derive(SimpleObject)]
pub struct GrantedRole {
    /// The role.
    role: Role,
    /// Since when.
    from: Instant,
    /// When it ends by itself. Null if it does not.
    until: Option<Instant>,
    /// On whose word it was granted. Null if that was not recorded yet.
    basis: Option<GrantBasis>,
}

/// A role that was proposed and not confirmed: it was declined or taken back, or nobody answered in time. It can be proposed
/// again.
#[derive(SimpleObject)]
pub struct UnconfirmedRole {
    /// The role.
    role: Role,
    /// When the proposal ended.
    ended_at: Instant,
    /// Who declined it or took it back. Null if nobody answered in time.
    declined_by: Option<Person>,
}

/// A role that an administrator proposed, and another one is to confirm.
#[derive(SimpleObject)]
pub struct ProposedRole {
    /// The person who is to have it.
    person: Person,
    /// The role.
    role: Role,
    /// Who proposed it.
    proposed_by: Option<Person>,
    /// When.
    proposed_at: Instant,
    /// When the role would end by itself. Null if it would not.
    until: Option<Instant>,
    /// When the proposal ends by itself.
    expires_at: Instant,
    /// Whether you can confirm it: it is neither your own proposal nor for yourself.
    viewer_can_confirm: bool,
}

impl From<reader::ProposedRole> for ProposedRole {
    fn from(proposed: reader::ProposedRole) -> Self {
        let reader::ProposedRole { person, role, proposed_by, at, until, expires_at, can_confirm } = proposed;
        Self {
            person: Person(person),
            role: role.into(),
            proposed_by: proposed_by.map(Person),
            proposed_at: at.into(),
            until: until.map(Into::into),
            expires_at: expires_at.into(),
            viewer_can_confirm: can_confirm,
        }
    }
}

impl From<reader::StaffMember> for StaffMember {
    fn from(member: reader::StaffMember) -> Self {
        let reader::StaffMember { person, roles, unconfirmed, open_threads } = member;
        let granted = |held: reader::GrantedRole| GrantedRole {
            role: held.role.into(),
            from: held.from.into(),
            until: held.until.map(Into::into),
            basis: held.basis.map(Into::into),
        };
        let ended = |ended: reader::UnconfirmedRole| UnconfirmedRole {
            role: ended.role.into(),
            ended_at: ended.ended_at.into(),
            declined_by: ended.declined_by.map(Person),
        };
        Self {
            person: Person(person),
            roles: roles.into_iter().map(granted).collect(),
            unconfirmed_roles: unconfirmed.into_iter().map(ended).collect(),
            open_threads,
        }
    }
}

/// A member of a pool.
#[derive(SimpleObject)]
pub struct PoolMember {
    /// The person.
    person: Person,
    /// How many open threads they have from the pool. Null if you may not know.
    open_threads: Option<usize>,
}

impl From<reader::PoolMember> for PoolMember {
    fn from(member: reader::PoolMember) -> Self {
        let reader::PoolMember { person, open_threads } = member;
        Self { person: Person(person), open_threads }
    }
}

/// A group that can own a thread.
pub struct Pool {
    reader: Arc<Reader>,
    row: Visible<PoolRow>,
}

impl Pool {
    pub(super) fn of(reader: &Arc<Reader>, row: Visible<PoolRow>) -> Self {
        Self { reader: Arc::clone(reader), row }
    }
}

/// A group of an organization that can own a thread, and whose members can claim it.
#[Object]
impl Pool {
    /// Its id.
    pub(super) async fn id(&self) -> ID {
        encode_id(self.row.pool)
    }

    /// The name by which you know it: the one among the people of its organization if you work there, else its public
    /// name.
    fn name(&self) -> &str {
        &self.row.name
    }

    /// Its public name, by which patients and other organizations find and know it.
    fn public_name(&self) -> &str {
        &self.row.public_name
    }

    /// Its specialty.
    fn specialty(&self) -> &str {
        &self.row.specialty
    }

    /// Its organization.
    fn organization(&self) -> Option<Result<Organization>> {
        let found = || Ok(self.reader.organization(self.row.organization)?);
        found().map(|row| row.map(|row| Organization::of(&self.reader, row))).transpose()
    }

    /// Its physicians to whom a thread can be assigned. Empty if you do not work at its organization.
    fn physicians(&self) -> Option<Result<Vec<Person>>> {
        let found = || Ok(self.reader.physicians_of(&self.row)?.into_iter().map(Person).collect());
        Some(found())
    }

    /// Its members, by name. Empty if you may not know the people of its organization.
    fn members(&self) -> Option<Result<Vec<PoolMember>>> {
        let found = || Ok(self.reader.members_of(&self.row)?.into_iter().map(Into::into).collect());
        Some(found())
    }
}
