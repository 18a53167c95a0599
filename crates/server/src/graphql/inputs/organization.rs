//! Inputs of commands to organizations: create, calendar, telephone number, pools and their members.

use std::collections::BTreeMap;

use async_graphql::{ID, InputObject};
use care::calendar::{Calendar, Hours};
use care::organization::{
    AddPoolMember, CreateOrganization, OpenPool, Organization, OrganizationCommand, PoolNames, RemovePoolMember,
    RenamePool, SetCalendar, SetPhone,
};
use care::words::Urgency;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{CommandInput, CommandOf, Fields};
use crate::graphql::id::decode_id;

/// A new organization.
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateOrganizationInput {
    /// Your key for this request. A repeat with the same key has no further effect.
    #[serde(skip_serializing)]
    pub client_mutation_id: ID,
    /// Its public name: one line of at most 400 characters. No other organization may have a name that looks like it.
    pub name: String,
}

/// The calendar from which an organization's due times are computed.
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetCalendarInput {
    /// Your key for this request. A repeat with the same key has no further effect.
    #[serde(skip_serializing)]
    pub client_mutation_id: ID,
    /// The IANA time zone of the days and hours.
    pub zone: String,
    /// The working hours of each weekday; null for days off.
    pub week: WeekInput,
    /// Days off, as ISO 8601: 2027-12-25.
    #[graphql(default)]
    #[serde(default)]
    pub holidays: Vec<String>,
    /// The business minutes until an answer is due, by urgency.
    pub answer_minutes: AnswerMinutesInput,
}

/// The working hours of a week.
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WeekInput {
    /// On Mondays.
    pub monday: Option<HoursInput>,
    /// On Tuesdays.
    pub tuesday: Option<HoursInput>,
    /// On Wednesdays.
    pub wednesday: Option<HoursInput>,
    /// On Thursdays.
    pub thursday: Option<HoursInput>,
    /// On Fridays.
    pub friday: Option<HoursInput>,
    /// On Saturdays.
    pub saturday: Option<HoursInput>,
    /// On Sundays.
    pub sunday: Option<HoursInput>,
}

/// The working hours of a day, in minutes since midnight.
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HoursInput {
    /// The first working minute.
    pub opens: i32,
    /// The first minute after work, at most 1440.
    pub closes: i32,
}

/// The business minutes until an answer is due.
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AnswerMinutesInput {
    /// For a routine question.
    pub routine: i32,
    /// For an urgent question.
    pub urgent: i32,
}

/// A new pool.
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OpenPoolInput {
    /// Your key for this request. A repeat with the same key has no further effect.
    #[serde(skip_serializing)]
    pub client_mutation_id: ID,
    /// Its name among the people of its organization: one line of at most 400 characters. No other pool of the
    /// organization may have a name, public or not, that looks like it.
    pub name: String,
    /// Its name for patients and other organizations, under the same conditions. Null: the same name.
    pub public_name: Option<String>,
    /// Its specialty.
    pub specialty: String,
}

/// The names that a pool has from now on.
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RenamePoolInput {
    /// Your key for this request. A repeat with the same key has no further effect.
    #[serde(skip_serializing)]
    pub client_mutation_id: ID,
    /// The pool.
    pub pool_id: ID,
    /// Its name among the people of its organization: one line of at most 400 characters. No other pool of the
    /// organization may have a name, public or not, that looks like it.
    pub name: String,
    /// Its name for patients and other organizations, under the same conditions. Null: the same name.
    pub public_name: Option<String>,
}

/// The telephone number of an organization.
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetPhoneInput {
    /// Your key for this request. A repeat with the same key has no further effect.
    #[serde(skip_serializing)]
    pub client_mutation_id: ID,
    /// The number as people write it: `+43 1 234567`, or `(01) 234-567` within the country. 3 to 15 digits, blanks and
    /// the signs `( ) - . /`. Null: the organization has none any more.
    pub phone: Option<String>,
}

/// A new member of a pool.
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AddPoolMemberInput {
    /// Your key for this request. A repeat with the same key has no further effect.
    #[serde(skip_serializing)]
    pub client_mutation_id: ID,
    /// The pool.
    pub pool_id: ID,
    /// The person.
    pub person_id: ID,
}

/// A member who leaves a pool.
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RemovePoolMemberInput {
    /// Your key for this request. A repeat with the same key has no further effect.
    #[serde(skip_serializing)]
    pub client_mutation_id: ID,
    /// The pool.
    pub pool_id: ID,
    /// The person.
    pub person_id: ID,
}

fn hours(fields: &mut Fields, day: &'static str, hours: Option<&HoursInput>) -> Option<Option<Hours>> {
    let Some(hours) = hours else { return Some(None) };
    let opens = fields.number(&["input", "week", day, "opens"], hours.opens);
    let closes = fields.number(&["input", "week", day, "closes"], hours.closes);
    Some(Some(Hours { opens: opens?, closes: closes? }))
}

impl CommandInput for SetCalendarInput {
    type Target = Organization;

    sender_fields!(client_mutation_id);

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, zone, week, holidays, answer_minutes } = self;
        let zone = fields.parsed(&["input", "zone"], zone.parse());
        let WeekInput { monday, tuesday, wednesday, thursday, friday, saturday, sunday } = week;
        let monday = hours(fields, "monday", monday.as_ref());
        let tuesday = hours(fields, "tuesday", tuesday.as_ref());
        let wednesday = hours(fields, "wednesday", wednesday.as_ref());
        let thursday = hours(fields, "thursday", thursday.as_ref());
        let friday = hours(fields, "friday", friday.as_ref());
        let saturday = hours(fields, "saturday", saturday.as_ref());
        let sunday = hours(fields, "sunday", sunday.as_ref());
        let day = |day: &String| fields.day(&["input", "holidays"], day);
        let holidays: Vec<Option<NaiveDate>> = holidays.iter().map(day).collect();
        let routine = fields.number(&["input", "answerMinutes", "routine"], answer_minutes.routine);
        let urgent = fields.number(&["input", "answerMinutes", "urgent"], answer_minutes.urgent);
        let calendar = Calendar {
            zone: zone?,
            week: [monday?, tuesday?, wednesday?, thursday?, friday?, saturday?, sunday?],
            holidays: holidays.into_iter().collect::<Option<_>>()?,
            answer_minutes: BTreeMap::from([(Urgency::Routine, routine?), (Urgency::Urgent, urgent?)]),
        };
        Some(OrganizationCommand::from(SetCalendar { calendar }))
    }
}

impl CommandInput for CreateOrganizationInput {
    type Target = Organization;

    sender_fields!(client_mutation_id);

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, name } = self;
        let name = fields.name(&["input", "name"], name)?;
        Some(OrganizationCommand::from(CreateOrganization { name }))
    }
}

impl CommandInput for OpenPoolInput {
    type Target = Organization;

    sender_fields!(client_mutation_id);

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, name, public_name, specialty } = self;
        let names = pool_names(fields, name, public_name.as_deref());
        let specialty = fields.name(&["input", "specialty"], specialty);
        Some(OrganizationCommand::from(OpenPool { names: names?, specialty: specialty? }))
    }
}

/// The names of a pool, which has one for everybody unless another is given for the public.
fn pool_names(fields: &mut Fields, name: &str, public_name: Option<&str>) -> Option<PoolNames> {
    let name = fields.name(&["input", "name"], name);
    match public_name {
        Some(public_name) => {
            let public_name = fields.name(&["input", "publicName"], public_name);
            Some(PoolNames { name: name?, public_name: public_name? })
        }
        None => name.as_deref().map(PoolNames::one),
    }
}

impl CommandInput for RenamePoolInput {
    type Target = Organization;

    sender_fields!(client_mutation_id);

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, pool_id, name, public_name } = self;
        let names = pool_names(fields, name, public_name.as_deref())?;
        Some(OrganizationCommand::from(RenamePool { pool: decode_id(pool_id), names }))
    }
}

impl CommandInput for SetPhoneInput {
    type Target = Organization;

    sender_fields!(client_mutation_id);

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, phone } = self;
        let phone = match phone {
            Some(phone) => Some(fields.phone(&["input", "phone"], phone)?),
            None => None,
        };
        Some(OrganizationCommand::from(SetPhone { phone }))
    }
}

impl CommandInput for AddPoolMemberInput {
    type Target = Organization;

    sender_fields!(client_mutation_id);

    fn read(&self, _fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, pool_id, person_id } = self;
        let (pool, person) = (decode_id(pool_id), decode_id(person_id));
        Some(OrganizationCommand::from(AddPoolMember { pool, person }))
    }
}

impl CommandInput for RemovePoolMemberInput {
    type Target = Organization;

    sender_fields!(client_mutation_id);

    fn read(&self, _fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, pool_id, person_id } = self;
        let (pool, person) = (decode_id(pool_id), decode_id(person_id));
        Some(OrganizationCommand::from(RemovePoolMember { pool, person }))
    }
}
