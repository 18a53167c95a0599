//! Commands to organizations: found, calendar, pools and their members.

use std::collections::BTreeMap;

use async_graphql::{Context, ID, InputObject, Object, Result};
use care::calendar::{Calendar, Hours};
use care::ids::{OrganizationId, PersonId, PoolId};
use care::words::Urgency;
use chrono::NaiveDate;
use coordination::commands::NewPool;

use crate::graphql::form::Form;
use crate::graphql::id::named;
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

fn hours(form: &mut Form, day: &'static str, hours: Option<&HoursInput>) -> Option<Option<Hours>> {
    let Some(hours) = hours else { return Some(None) };
    let opens = form.number(&["input", "week", day, "opens"], hours.opens);
    let closes = form.number(&["input", "week", day, "closes"], hours.closes);
    Some(Some(Hours { opens: opens?, closes: closes? }))
}

fn calendar(form: &mut Form, input: &SetCalendarInput) -> Option<Calendar> {
    let zone = form.parsed(&["input", "zone"], input.zone.parse());
    let WeekInput { monday, tuesday, wednesday, thursday, friday, saturday, sunday } = &input.week;
    let monday = hours(form, "monday", monday.as_ref());
    let tuesday = hours(form, "tuesday", tuesday.as_ref());
    let wednesday = hours(form, "wednesday", wednesday.as_ref());
    let thursday = hours(form, "thursday", thursday.as_ref());
    let friday = hours(form, "friday", friday.as_ref());
    let saturday = hours(form, "saturday", saturday.as_ref());
    let sunday = hours(form, "sunday", sunday.as_ref());
    let day = |day: &String| form.parsed(&["input", "holidays"], NaiveDate::parse_from_str(day, "%Y-%m-%d"));
    let holidays: Vec<Option<NaiveDate>> = input.holidays.iter().map(day).collect();
    let routine = form.number(&["input", "answerMinutes", "routine"], input.answer_minutes.routine);
    let urgent = form.number(&["input", "answerMinutes", "urgent"], input.answer_minutes.urgent);
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
        let mut form = Form::open(context, "foundOrganization", &input)?;
        let name = form.name(&["input", "name"], &input.name);
        let (Some(name), Some(sent)) = (name, form.sent()) else { return Ok(form.refused().into()) };
        let asking = form.asking();
        let done = asking.desk.found_organization(&asking.identity, &sent, name).await;
        let answer = form.answer(done, |reader, done| {
            let row = reader.organization(done.command.creates(0))?;
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
        let mut form = Form::open(context, "setCalendar", &input)?;
        let calendar = calendar(&mut form, &input);
        let (Some(calendar), Some(sent)) = (calendar, form.sent()) else { return Ok(form.refused().into()) };
        let organization: OrganizationId = named(&organization_id);
        let asking = form.asking();
        let done = asking.desk.set_calendar((&asking.identity, &sent), organization, calendar).await;
        let answer = form
            .answer(done, |reader, _| Ok(reader.organization(organization)?.map(|row| Organization::of(reader, row))));
        Ok(answer.await?.into())
    }

    /// Open a pool.
    async fn open_pool(
        &self,
        context: &Context<'_>,
        organization_id: ID,
        input: OpenPoolInput,
    ) -> Result<OpenPoolPayload> {
        let mut form = Form::open(context, "openPool", &input)?;
        let name = form.name(&["input", "name"], &input.name);
        let specialty = form.name(&["input", "specialty"], &input.specialty);
        let (Some(name), Some(specialty), Some(sent)) = (name, specialty, form.sent()) else {
            return Ok(form.refused().into());
        };
        let organization: OrganizationId = named(&organization_id);
        let asking = form.asking();
        let pool = NewPool { name, specialty };
        let done = asking.desk.open_pool((&asking.identity, &sent), organization, pool).await;
        let answer = form
            .answer(done, |reader, done| Ok(reader.pool(done.command.creates(0))?.map(|row| Pool::of(reader, row))));
        Ok(answer.await?.into())
    }

    /// Make a person a member of a pool.
    async fn add_pool_member(
        &self,
        context: &Context<'_>,
        organization_id: ID,
        input: AddPoolMemberInput,
    ) -> Result<AddPoolMemberPayload> {
        let mut form = Form::open(context, "addPoolMember", &input)?;
        let Some(sent) = form.sent() else { return Ok(form.refused().into()) };
        let (pool, person): (PoolId, PersonId) = (named(&input.pool_id), named(&input.person_id));
        let organization: OrganizationId = named(&organization_id);
        let asking = form.asking();
        let by = (&asking.identity, &sent);
        let done = asking.desk.add_pool_member(by, organization, (pool, person)).await;
        let answer = form.answer(done, |reader, _| Ok(reader.pool(pool)?.map(|row| Pool::of(reader, row))));
        Ok(answer.await?.into())
    }

    /// Let a person leave a pool.
    async fn remove_pool_member(
        &self,
        context: &Context<'_>,
        organization_id: ID,
        input: RemovePoolMemberInput,
    ) -> Result<RemovePoolMemberPayload> {
        let mut form = Form::open(context, "removePoolMember", &input)?;
        let Some(sent) = form.sent() else { return Ok(form.refused().into()) };
        let (pool, person): (PoolId, PersonId) = (named(&input.pool_id), named(&input.person_id));
        let organization: OrganizationId = named(&organization_id);
        let asking = form.asking();
        let by = (&asking.identity, &sent);
        let done = asking.desk.remove_pool_member(by, organization, (pool, person)).await;
        let answer = form.answer(done, |reader, _| Ok(reader.pool(pool)?.map(|row| Pool::of(reader, row))));
        Ok(answer.await?.into())
    }
}
