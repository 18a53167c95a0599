//! What a calendar would bring before it is set.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use care::organization::OrganizationCommand;
use coordination::reader::Reader;

use super::id::decode_id;
use super::inputs;
use super::inputs::organization::SetCalendarInput;
use super::organization::Calendar;
use super::problem::Problem;
use crate::session::RequestContext;

/// The query of the preview.
#[derive(Default)]
pub struct PreviewQueries;

#[Object]
impl PreviewQueries {
    /// What `setCalendar` would bring with this input, which changes nothing here: all that is wrong with it, or the calendar
    /// that it makes. Null if there is no such organization, or you may not know of it.
    async fn preview_calendar(
        &self,
        context: &Context<'_>,
        organization_id: ID,
        #[graphql(desc = "The calendar.")] input: SetCalendarInput,
    ) -> Option<Result<CalendarPreview>> {
        let preview = || {
            let (request, reader) = (RequestContext::of(context)?, context.data::<Arc<Reader>>()?);
            if reader.organization(decode_id(&organization_id))?.is_none() {
                return Ok(None);
            }
            let read = inputs::read(&input, request.now, request.application.time_zones());
            let problems = match read {
                Ok(command) => {
                    let OrganizationCommand::SetCalendar(set) = command else { return Ok(None) };
                    let calendar = Calendar::proposed(reader, set.calendar.in_order());
                    return Ok(Some(CalendarPreview { problems: Vec::new(), calendar }));
                }
                Err(problems) => problems,
            };
            Ok(Some(CalendarPreview { problems, calendar: None }))
        };
        preview().transpose()
    }
}

/// What a calendar would bring.
#[derive(SimpleObject)]
pub struct CalendarPreview {
    /// Why it cannot be set. Empty if it can.
    problems: Vec<Problem>,
    /// The calendar. Null if it has problems.
    calendar: Option<Calendar>,
}
