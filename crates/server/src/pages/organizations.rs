//! The organizations of the installation, and one of them with its telephone number, calendar, pools and people. Who
//! administers it finds the way to each change there, and the roles that wait for another administrator; others read.

use askama::Template;
use poem::http::StatusCode;

use super::controls::word;
use super::frame::{Frame, Place};
use super::queries::{Organizations as ListQuery, organization, organizations};
use super::rows::{Who, Wording};
use super::settings::change::Change;
use super::settings::hours::{duration_words, hours_words};
use super::settings::view::{Found, Proposal, View, name, read, week};
use super::site::{Failed, Screen, Visit, rendered};
use super::time::Moment;
use crate::fault::{ErrorCode, Refused};
use crate::graphql::words::Role;
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
    /// What was just done, in words.
    done: Option<String>,
}

/// A role that waits for another administrator.
struct Waiting {
    person: Wording,
    role: String,
    by: Option<Wording>,
    at: Moment,
    /// Until when it can be confirmed.
    ends: Moment,
    /// The last day of the role itself, if it has one.
    last_day: Option<String>,
    /// What the query of an address says of it.
    query: String,
    /// What this reader can do with it.
    changes: Vec<Change>,
    /// Why they cannot confirm it.
    why_not: Option<String>,
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

    fn waiting(&self) -> Vec<Waiting> {
        let (time, l) = (&self.frame.time, self.frame.l);
        let me = self.frame.me.map(|me| me.id.as_str());
        let waiting = |proposal: &Proposal| {
            let is_mine = proposal.proposed_by.as_ref().is_some_and(|by| Some(by.id.as_str()) == me);
            let changes = match (is_mine, proposal.viewer_can_confirm) {
                (true, _) => vec![Change::WithdrawRole],
                (false, true) => vec![Change::ConfirmRole, Change::DeclineRole],
                (false, false) => vec![Change::DeclineRole],
            };
            let why_not = match (is_mine, proposal.viewer_can_confirm) {
                (true, _) => Some(l.waits_for_second().into_owned()),
                (false, true) => None,
                (false, false) => Some(l.waits_for_others().into_owned()),
            };
            let query = form_urlencoded::Serializer::new(String::new())
                .append_pair("personId", &proposal.person.id)
                .append_pair("role", &word(&proposal.role))
                .finish();
            Waiting {
                person: (&proposal.person.name).into(),
                role: l.role(&proposal.role),
                by: proposal.proposed_by.as_ref().map(|by| (&by.name).into()),
                at: time.full(proposal.proposed_at),
                ends: time.full(proposal.expires_at),
                last_day: proposal.until.map(|until| time.last_day(until)),
                query,
                changes,
                why_not,
            }
        };
        self.view.proposed_roles.iter().flatten().map(waiting).collect()
    }

    /// What became of a role that was proposed and not confirmed, in words.
    fn unconfirmed(&self, ended: &organization::StaffUnconfirmedRoles) -> String {
        let (l, role) = (self.frame.l, self.frame.l.role(&ended.role));
        let at = self.frame.time.full(ended.ended_at).words;
        match &ended.declined_by {
            Some(by) => l.role_declined(at, name(&Who::from(by), l), role),
            None => l.role_unanswered(at, role),
        }
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

/// What the page says of a change that was just made. Of a role it says what it is now: granted, or waiting for another
/// administrator.
fn said(visit: &Visit<'_>, change: Change, view: &View) -> String {
    let l = visit.time().l;
    let (Some(person), Some(role)) = (visit.told("person"), visit.told("role")) else { return change.done(l) };
    let is_of = |of: &str, found: &Role| of == person && word(found) == role;
    let mut proposed = view.proposed_roles.iter().flatten();
    let mut held = view.staff.iter().flatten();
    if proposed.any(|proposal| is_of(&proposal.person.id, &proposal.role)) {
        match change == Change::Register {
            true => l.changed_register_proposed(),
            false => l.changed_propose(),
        }
        .into_owned()
    } else if held.any(|member| member.roles.iter().any(|held| is_of(&member.person.id, &held.role))) {
        change.done(l)
    } else {
        l.changed_see_below().into_owned()
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
        let change = visit.told("done").and_then(Change::of);
        let page = read(visit, None).await?.map(|Found { view, is_whole }| {
            let done = change.map(|change| said(visit, change, &view));
            rendered(&OnePage { frame: visit.arrival.frame(Place::Organizations), view, is_whole, done })
        });
        visit.page(StatusCode::OK, page)
    }
}
