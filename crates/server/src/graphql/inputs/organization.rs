//! Inputs of commands to organizations: create, calendar, telephone number, pools and their members.

use std::collections::BTreeMap;

use async_graphql::{ID, InputObject};
use care::age::AgeGates;
use care::calendar::{Calendar, Hours};
use care::organization::{
    AddPoolMember, CreateOrganization, OpenPool, Organization, OrganizationCommand, PoolNames, RemovePoolMember,
    RenamePool, SetAgeGates, SetCalendar, SetPhone,
};
use care::words::Urgency;
use serde::{Deserialize, Serialize};

use super::{CommandInput, CommandOf, Fields};
use crate::graphql::id::decode_id;

command_inputs! {
    /// A new organization.
    CreateOrganizationInput {
        /// Its public name: one line of at most 400 characters. No other organization may have a name that looks like it.
        pub name: String,
    }

    /// The calendar from which an organization's due times are computed.
    SetCalendarInput {
        /// The IANA time zone of the days and hours.
        pub zone: String,
        /// The working hours of each weekday.
        pub week: WeekInput,
        /// Days off, as ISO 8601: 2027-12-25; each once. Hours that began on the day before continue until they close.
        #[graphql(default)]
        #[serde(default)]
        pub holidays: Vec<String>,
        /// The business minutes until an answer is due, by urgency: urgent at most as long as routine, and both at most what
        /// 260 weeks have without their holidays.
        pub answer_minutes: AnswerMinutesInput,
    }
}

/// The working hours of a week: for each weekday at most 24 intervals, which do not overlap, also not with the night
/// before; null or none for a day off.
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WeekInput {
    /// On Mondays.
    pub monday: Option<Vec<HoursInput>>,
    /// On Tuesdays.
    pub tuesday: Option<Vec<HoursInput>>,
    /// On Wednesdays.
    pub wednesday: Option<Vec<HoursInput>>,
    /// On Thursdays.
    pub thursday: Option<Vec<HoursInput>>,
    /// On Fridays.
    pub friday: Option<Vec<HoursInput>>,
    /// On Saturdays.
    pub saturday: Option<Vec<HoursInput>>,
    /// On Sundays.
    pub sunday: Option<Vec<HoursInput>>,
}

/// An interval of working hours, in minutes since midnight. If it closes before it opens, it continues after midnight, and
/// belongs to the day on which it begins. The whole day is 0 to 1440.
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HoursInput {
    /// The first working minute, at most 1439.
    pub opens: i32,
    /// The first minute after work, at most 1440, which is the end of the day; never the same as `opens`.
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

command_inputs! {
    /// A new pool.
    OpenPoolInput {
        /// Its name among the people of its organization: one line of at most 400 characters. No other pool of the
        /// organization may have a name, public or not, that looks like it.
        pub name: String,
        /// Its name for patients and other organizations, under the same conditions. Null: the same name.
        pub public_name: Option<String>,
        /// Its specialty.
        pub specialty: String,
    }

    /// The names that a pool has from now on.
    RenamePoolInput {
        /// The pool.
        pub pool_id: ID,
        /// Its name among the people of its organization: one line of at most 400 characters. No other pool of the
        /// organization may have a name, public or not, that looks like it.
        pub name: String,
        /// Its name for patients and other organizations, under the same conditions. Null: the same name.
        pub public_name: Option<String>,
    }

    /// The telephone number of an organization.
    SetPhoneInput {
        /// The number as people write it: `+43 1 234567`, or `(01) 234-567` within the country. 3 to 15 digits, blanks and
        /// the signs `( ) - . /`. Null: the organization has none any more.
        pub phone: Option<String>,
    }

    /// The ages at which the helpers of a minor lose access, in years: at least 1, in order, and at most 21.
    SetAgeGatesInput {
        /// From here on a minor is asked, and access without their consent is cut to appointments and education.
        pub first: i32,
        /// Here access is suspended until it was reviewed with the minor. Null: at no age.
        pub review: Option<i32>,
        /// Here access by reason of minority ends.
        pub adult: i32,
    }

    /// A new member of a pool.
    AddPoolMemberInput {
        /// The pool.
        pub pool_id: ID,
        /// The person.
        pub person_id: ID,
    }

    /// A member who leaves a pool.
    RemovePoolMemberInput {
        /// The pool.
        pub pool_id: ID,
        /// The person.
        pub person_id: ID,
    }
}

/// The hours of a day. A number that is no minute is one that no day has, so that it is reported with its place.
fn hours(day: Option<&[HoursInput]>) -> Vec<Hours> {
    let minute = |number: i32| u16::try_from(number).unwrap_or(u16::MAX);
    day.unwrap_or_default()
        .iter()
        .map(|hours| Hours { opens: minute(hours.opens), closes: minute(hours.closes) })
        .collect()
}

impl CommandInput for SetCalendarInput {
    type Target = Organization;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, zone, week, holidays, answer_minutes } = self;
        let WeekInput { monday, tuesday, wednesday, thursday, friday, saturday, sunday } = week;
        // A target below zero is reported like one of zero.
        let minutes = |number: i32| u32::try_from(number).unwrap_or(0);
        let calendar = Calendar {
            zone: zone.clone(),
            week: [monday, tuesday, wednesday, thursday, friday, saturday, sunday].map(|day| hours(day.as_deref())),
            holidays: fields.days(&["input", "holidays"], holidays),
            answer_minutes: BTreeMap::from([
                (Urgency::Routine, minutes(answer_minutes.routine)),
                (Urgency::Urgent, minutes(answer_minutes.urgent)),
            ]),
        };
        fields.calendar(&calendar);
        Some(OrganizationCommand::from(SetCalendar { calendar }))
    }
}

impl CommandInput for CreateOrganizationInput {
    type Target = Organization;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, name } = self;
        let name = fields.name(&["input", "name"], name)?;
        Some(OrganizationCommand::from(CreateOrganization { name }))
    }
}

impl CommandInput for OpenPoolInput {
    type Target = Organization;

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

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, pool_id, name, public_name } = self;
        let names = pool_names(fields, name, public_name.as_deref())?;
        Some(OrganizationCommand::from(RenamePool { pool: decode_id(pool_id), names }))
    }
}

impl CommandInput for SetPhoneInput {
    type Target = Organization;

    fn read(&self, fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, phone } = self;
        let phone = match phone {
            Some(phone) => Some(fields.phone(&["input", "phone"], phone)?),
            None => None,
        };
        Some(OrganizationCommand::from(SetPhone { phone }))
    }
}

impl CommandInput for SetAgeGatesInput {
    type Target = Organization;

    fn read(&self, _fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, first, review, adult } = self;
        // A number that is no age is one that is refused.
        let age = |years: i32| u8::try_from(years).unwrap_or(u8::MAX);
        let gates = AgeGates { first: age(*first), review: review.map(age), adult: age(*adult) };
        Some(OrganizationCommand::from(SetAgeGates { gates }))
    }
}

impl CommandInput for AddPoolMemberInput {
    type Target = Organization;

    fn read(&self, _fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, pool_id, person_id } = self;
        let (pool, person) = (decode_id(pool_id), decode_id(person_id));
        Some(OrganizationCommand::from(AddPoolMember { pool, person }))
    }
}

impl CommandInput for RemovePoolMemberInput {
    type Target = Organization;

    fn read(&self, _fields: &mut Fields) -> Option<CommandOf<Self>> {
        let Self { client_mutation_id: _, pool_id, person_id } = self;
        let (pool, person) = (decode_id(pool_id), decode_id(person_id));
        Some(OrganizationCommand::from(RemovePoolMember { pool, person }))
    }
}
