//! The organizations of the installation, and one of them with its telephone number, calendar, pools and people. Who
//! administers it finds the way to each change there; others read.

use askama::Template;
use poem::http::StatusCode;

use super::frame::{Frame, Place};
use super::queries::{Organizations as ListQuery, organization, organizations};
use super::rows::Wording;
use super::settings::change::Change;
use super::settings::hours::{duration_words, hours_words};
use super::settings::view::{Found, View, read, week};
use super::site::{Failed, Screen, Visit, rendered};
use crate::fault::{ErrorCode, Refused};
use crate::response::Response;

/// The screen `/organizations`.
pub(crate) struct Organizations;

/// The screen `/organizations/{id}`.
pub(crate) struct Organization;

#[derive(Template)]
#[template(path = "organizations.html")]
struct ListPage<'a> {
    frame: Frame<'a>,
    list: Vec<organizations::OrganizationsViewerOrganizations>,
    is_whole: bool,
}

#[derive(Template)]
#[template(path = "organization.html")]
struct OnePage<'a> {
    frame: Frame<'a>,
    view: View,
    is_whole: bool,
    done: Option<Change>,
}

/// A weekday with its hours in words.
struct Day {
    name: String,
    hours: String,
}

impl OnePage<'_> {
    fn days(&self, calendar: &organization::Calendar) -> Vec<Day> {
        let l = self.frame.l;
        let day = |(name, hours): (String, &Vec<organization::Hours>)| Day { name, hours: hours_words(hours, l) };
        week(calendar, &self.frame.time).into_iter().map(day).collect()
    }

    fn name(&self, person: &organization::Who) -> Wording {
        (&person.name).into()
    }

    fn holidays(&self, calendar: &organization::Calendar) -> Vec<String> {
        calendar.holidays.iter().map(|day| self.frame.time.birth_date(day)).collect()
    }

    fn due(&self, at: &chrono::DateTime<chrono::Utc>) -> String {
        let time = &self.frame.time;
        self.frame.l.moment_in_zone(time.full(*at).words, time.zone_words())
    }

    fn duration(&self, minutes: &i64) -> String {
        duration_words(*minutes, self.frame.l)
    }

    fn until(&self, at: &chrono::DateTime<chrono::Utc>) -> String {
        self.frame.time.last_day(*at)
    }
}

impl Screen for Organizations {
    async fn open(&self, visit: &Visit<'_>) -> Result<Response, Failed> {
        let answer = visit.ask::<ListQuery>(organizations::Variables {}).await?;
        let page = answer.map(|answer| {
            let unread = || Refused::new(ErrorCode::Unavailable, "the organizations could not be read");
            let list = answer.data.viewer.organizations.ok_or_else(unread)?;
            // Who works nowhere knows of no directory.
            if list.is_empty() {
                return Err(Failed::NotAvailable);
            }
            Ok(rendered(&ListPage {
                frame: visit.arrival.frame(Place::Organizations),
                list,
                is_whole: answer.is_whole,
            }))
        });
        visit.page(StatusCode::OK, page.transpose()?)
    }
}

impl Screen for Organization {
    async fn open(&self, visit: &Visit<'_>) -> Result<Response, Failed> {
        let done = visit.told("done").and_then(Change::of);
        let page = read(visit).await?.map(|Found { view, is_whole }| {
            rendered(&OnePage { frame: visit.arrival.frame(Place::Organizations), view, is_whole, done })
        });
        visit.page(StatusCode::OK, page)
    }
}
