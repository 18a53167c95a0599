//! Commands to organizations: found, calendar, pools and their members.

use std::collections::BTreeMap;

use async_graphql::{Context, ID, InputObject, Object, Result};
use care::calendar::{Calendar, Hours};
use care::ids::{OrganizationId, PersonId, PoolId};
use care::words::Urgency;
use chrono::NaiveDate;
use coordination::commands::NewPool;

use crate::graphql::id::decode_id;
use crate::graphql::mutation_input::MutationInput;
use crate::graphql::organization::{Organization, Pool};
use crate::graphql::payload::{
    AddPoolMemberPayload, FoundOrganizationPayload, OpenPoolPayload, RemovePoolMemberPayload, SetCalendarPayload,
};

#[derive(Default)]
pub struct OrganizationCommands;

/// An organization to be founded.
#[derive(InputObject)]
struct FoundOrganizationInput {
    /// Your key for this request: a repeat with it is carried out once.
    client_mutation_id: ID,
    /// Its public name.
    name: String,
}

/// The calendar that an organization answers by.
#[derive(InputObject)]
struct SetCalendarInput {
    /// Your key for this request: a repeat with it is carried out once.
    client_mutation_id: ID,
    /// The IANA zone in which days and hours are meant.
    zone: String,
    /// The office hours of each weekday; none on days off.
    week: WeekInput,
    /// Days off, as ISO 8601: 2027-12-25.
    #[graphql(default)]
    holidays: Vec<String>,
    /// Business minutes to the answer, by urgency.
    answer_minutes: AnswerMinutesInput,
}

/// The office hours of a week.
#[derive(InputObject)]
struct WeekInput {
    /// On Mondays.
    monday: Option<HoursInput>,
    /// On Tuesdays.
    tuesday: Option<HoursInput>,
    /// On Wednesdays.
    wednesday: Option<HoursInput>,
    /// On Thursdays.
    thursday: Option<HoursInput>,
    /// On Fridays.
    friday: Option<HoursInput>,
    /// On Saturdays.
    saturday: Option<HoursInput>,
    /// On Sundays.
    sunday: Option<HoursInput>,
}

/// Office hours of a day, in minutes since midnight.
#[derive(InputObject)]
struct HoursInput {
    /// First staffed minute.
    opens: i32,
    /// First minute that is not staffed any more, at most 1440.
    closes: i32,
}

/// Business minutes to an answer.
#[derive(InputObject)]
struct AnswerMinutesInput {
    /// To a routine question.
    routine: i32,
    /// To an urgent one.
    urgent: i32,
}

/// A pool to be opened.
#[derive(InputObject)]
struct OpenPoolInput {
    /// Your key for this request: a repeat with it is carried out once.
    client_mutation_id: ID,
    /// Its public name.
    name: String,
    /// What it answers for.
    specialty: String,
}

/// Somebody who becomes a member of a pool.
#[derive(InputObject)]
struct AddPoolMemberInput {
    /// Your key for this request: a repeat with it is carried out once.
    client_mutation_id: ID,
    /// The pool.
    pool_id: ID,
    /// Who.
    person_id: ID,
}

/// Somebody who leaves a pool.
#[derive(InputObject)]
struct RemovePoolMemberInput {
    /// Your key for this request: a repeat with it is carried out once.
    client_mutation_id: ID,
    /// The pool.
    pool_id: ID,
    /// Who.
    person_id: ID,
}

fn hours(mutation: &mut MutationInput, day: &'static str, hours: Option<&HoursInput>) -> Option<Option<Hours>> {
    let Some(hours) = hours else { return Some(None) };
    let opens = mutation.number(&["input", "week", day, "opens"], hours.opens);
    let closes = mutation.number(&["input", "week", day, "closes"], hours.closes);
    Some(Some(Hours { opens: opens?, closes: closes? }))
}

fn calendar(mutation: &mut MutationInput, input: &SetCalendarInput) -> Option<Calendar> {
    let zone = mutation.parsed(&["input", "zone"], input.zone.parse());
    let WeekInput { monday, tuesday, wednesday, thursday, friday, saturday, sunday } = &input.week;
    let monday = hours(mutation, "monday", monday.as_ref());
    let tuesday = hours(mutation, "tuesday", tuesday.as_ref());
    let wednesday = hours(mutation, "wednesday", wednesday.as_ref());
    let thursday = hours(mutation, "thursday", thursday.as_ref());
    let friday = hours(mutation, "friday", friday.as_ref());
    let saturday = hours(mutation, "saturday", saturday.as_ref());
    let sunday = hours(mutation, "sunday", sunday.as_ref());
    let day = |day: &String| mutation.parsed(&["input", "holidays"], NaiveDate::parse_from_str(day, "%Y-%m-%d"));
    let holidays: Vec<Option<NaiveDate>> = input.holidays.iter().map(day).collect();
    let routine = mutation.number(&["input", "answerMinutes", "routine"], input.answer_minutes.routine);
    let urgent = mutation.number(&["input", "answerMinutes", "urgent"], input.answer_minutes.urgent);
    Some(Calendar {
        zone: zone?,
        week: [monday?, tuesday?, wednesday?, thursday?, friday?, saturday?, sunday?],
        holidays: holidays.into_iter().collect::<Option<_>>()?,
        answer_minutes: BTreeMap::from([(Urgency::Routine, routine?), (Urgency::Urgent, urgent?)]),
    })
}

#[Object]
impl OrganizationCommands {
    /// Found an organization.
    async fn found_organization(
        &self,
        context: &Context<'_>,
        input: FoundOrganizationInput,
    ) -> Result<FoundOrganizationPayload> {
        let mut mutation = MutationInput::open(context, "foundOrganization", &input)?;
        let name = mutation.name(&["input", "name"], &input.name);
        let (Some(name), Some(metadata)) = (name, mutation.metadata()) else { return Ok(mutation.refused().into()) };
        let request_context = mutation.request_context();
        let outcome = request_context.application.found_organization(&request_context.identity, &metadata, name).await;
        let answer = mutation.answer(outcome, |reader, outcome| {
            let row = reader.organization(outcome.command.creates(0))?;
            Ok(row.map(|row| Organization::of(reader, row)))
        });
        Ok(answer.await?.into())
    }

    /// Set the calendar that an organization answers by. Promises made before stay as they are.
    async fn set_calendar(
        &self,
        context: &Context<'_>,
        organization_id: ID,
        input: SetCalendarInput,
    ) -> Result<SetCalendarPayload> {
        let mut mutation = MutationInput::open(context, "setCalendar", &input)?;
        let calendar = calendar(&mut mutation, &input);
        let (Some(calendar), Some(metadata)) = (calendar, mutation.metadata()) else {
            return Ok(mutation.refused().into());
        };
        let organization: OrganizationId = decode_id(&organization_id);
        let request_context = mutation.request_context();
        let outcome = request_context
            .application
            .set_calendar((&request_context.identity, &metadata), organization, calendar)
            .await;
        let answer = mutation.answer(outcome, |reader, _| {
            Ok(reader.organization(organization)?.map(|row| Organization::of(reader, row)))
        });
        Ok(answer.await?.into())
    }

    /// Open a pool.
    async fn open_pool(
        &self,
        context: &Context<'_>,
        organization_id: ID,
        input: OpenPoolInput,
    ) -> Result<OpenPoolPayload> {
        let mut mutation = MutationInput::open(context, "openPool", &input)?;
        let name = mutation.name(&["input", "name"], &input.name);
        let specialty = mutation.name(&["input", "specialty"], &input.specialty);
        let (Some(name), Some(specialty), Some(metadata)) = (name, specialty, mutation.metadata()) else {
            return Ok(mutation.refused().into());
        };
        let organization: OrganizationId = decode_id(&organization_id);
        let request_context = mutation.request_context();
        let pool = NewPool { name, specialty };
        let outcome =
            request_context.application.open_pool((&request_context.identity, &metadata), organization, pool).await;
        let answer = mutation.answer(outcome, |reader, outcome| {
            Ok(reader.pool(outcome.command.creates(0))?.map(|row| Pool::of(reader, row)))
        });
        Ok(answer.await?.into())
    }

    /// Make a person a member of a pool.
    async fn add_pool_member(
        &self,
        context: &Context<'_>,
        organization_id: ID,
        input: AddPoolMemberInput,
    ) -> Result<AddPoolMemberPayload> {
        let mut mutation = MutationInput::open(context, "addPoolMember", &input)?;
        let Some(metadata) = mutation.metadata() else { return Ok(mutation.refused().into()) };
        let (pool, person): (PoolId, PersonId) = (decode_id(&input.pool_id), decode_id(&input.person_id));
        let organization: OrganizationId = decode_id(&organization_id);
        let request_context = mutation.request_context();
        let by = (&request_context.identity, &metadata);
        let outcome = request_context.application.add_pool_member(by, organization, (pool, person)).await;
        let answer = mutation.answer(outcome, |reader, _| Ok(reader.pool(pool)?.map(|row| Pool::of(reader, row))));
        Ok(answer.await?.into())
    }

    /// Let a person leave a pool.
    async fn remove_pool_member(
        &self,
        context: &Context<'_>,
        organization_id: ID,
        input: RemovePoolMemberInput,
    ) -> Result<RemovePoolMemberPayload> {
        let mut mutation = MutationInput::open(context, "removePoolMember", &input)?;
        let Some(metadata) = mutation.metadata() else { return Ok(mutation.refused().into()) };
        let (pool, person): (PoolId, PersonId) = (decode_id(&input.pool_id), decode_id(&input.person_id));
        let organization: OrganizationId = decode_id(&organization_id);
        let request_context = mutation.request_context();
        let by = (&request_context.identity, &metadata);
        let outcome = request_context.application.remove_pool_member(by, organization, (pool, person)).await;
        let answer = mutation.answer(outcome, |reader, _| Ok(reader.pool(pool)?.map(|row| Pool::of(reader, row))));
        Ok(answer.await?.into())
    }
}
