//! Home: for staff what waits for them and what is new; for a patient what is happening and the messages of the team.

use askama::Template;
use poem::http::StatusCode;

use super::client::Answer;
use super::delegates::work::Waiting;
use super::directives::work::ToAsk;
use super::forms::Hidden;
use super::frame::{Frame, Place};
use super::helping::AllHelp;
use super::lists::{AwayForm, List, ListState, by_activity, by_due, claim, tell_apart};
use super::outside_messages::Outside;
use super::queries::{Home as Query, home};
use super::reminders::Reminders;
use super::rows::{Awaited, Row, Subject};
use super::site::{Failed, Screen, Visit, rendered, see_other};
use crate::graphql::thread::fields::PartyKind;
use crate::response::Response;

/// The screen `/home`.
pub(crate) struct Home;

/// The home of staff.
#[derive(Template)]
#[template(path = "home.html")]
struct StaffPage<'a> {
    frame: Frame<'a>,
    visit: &'a Visit<'a>,
    /// The threads to which the reader is invited and has not answered.
    invitations: Vec<Row>,
    /// What about help waits for this person themself, or was announced to them.
    reminders: Reminders,
    mine: List,
    pools: List,
    unread: List,
    /// The helpers of patients who wait for the reader. None if they could not be read.
    helpers: Option<Vec<Waiting>>,
    /// The denies about which the reader is to ask the patient. None if they could not be read.
    to_ask: Option<Vec<ToAsk>>,
    /// The messages from outside that wait for the reader. None if they could not be read.
    outside: Option<Vec<Outside>>,
    patients: Option<Vec<Subject>>,
    /// Whether a record is proposed to this person as their own.
    is_asked: bool,
    /// Whether another organization asks this person to a care team.
    is_asked_to_team: bool,
}

/// The home of a patient: one column, no tables.
#[derive(Template)]
#[template(path = "home_patient.html")]
struct PatientPage<'a> {
    frame: Frame<'a>,
    visit: &'a Visit<'a>,
    own: Option<Subject>,
    /// Whether a record is proposed to this person as their own.
    is_asked: bool,
    list: List,
    /// What about help and directives waits for this person, or was announced to them.
    reminders: Reminders,
    /// Whom the person helps.
    helping: AllHelp,
}

/// How many threads of a list the page shows.
const ROWS: usize = 5;

impl StaffPage<'_> {
    fn claim(&self, row: &Row) -> Option<Hidden> {
        claim(self.visit, row)
    }

    /// A row of the home page has no form that puts it away.
    fn no_form(&self) -> Option<AwayForm> {
        None
    }

    /// Whether all lists are complete as of now, each in the rows that it shows.
    fn is_complete(&self) -> bool {
        let lists = [&self.mine, &self.pools, &self.unread];
        self.patients.is_some()
            && self.helpers.is_some()
            && self.to_ask.is_some()
            && self.outside.is_some()
            && self.reminders.is_complete()
            && lists.iter().all(|list| list.state == ListState::Complete)
    }

    fn first<'r>(&self, list: &'r List) -> std::iter::Take<std::slice::Iter<'r, Row>> {
        list.rows.iter().take(ROWS)
    }

    fn first_outside<'r>(&self, messages: &'r [Outside]) -> std::iter::Take<std::slice::Iter<'r, Outside>> {
        messages.iter().take(ROWS)
    }

    fn first_to_ask<'r>(&self, to_ask: &'r [ToAsk]) -> std::iter::Take<std::slice::Iter<'r, ToAsk>> {
        to_ask.iter().take(ROWS)
    }

    fn first_helpers<'r>(&self, helpers: &'r [Waiting]) -> std::iter::Take<std::slice::Iter<'r, Waiting>> {
        helpers.iter().take(ROWS)
    }
}

impl PatientPage<'_> {
    /// What is new or waits for the patient.
    fn happening(&self) -> Vec<&Row> {
        self.list.rows.iter().filter(|row| self.is_happening(row)).collect()
    }

    /// The other threads with the team, in which nothing is new.
    fn messages(&self) -> Vec<&Row> {
        self.list.rows.iter().filter(|row| row.is_open && !self.is_happening(row)).collect()
    }

    fn is_happening(&self, row: &Row) -> bool {
        let waits = row.awaited.as_ref().is_some_and(|awaited| awaited.party == PartyKind::Patient);
        row.unread > 0 || (row.is_open && waits)
    }

    fn done(&self) -> Vec<&Row> {
        self.list.rows.iter().filter(|row| !row.is_open && !self.is_happening(row)).take(ROWS).collect()
    }

    /// Whether all of it is complete as of now.
    fn is_complete(&self) -> bool {
        self.reminders.is_complete() && self.list.state == ListState::Complete && !self.list.more
    }

    /// Whether the record was just accepted as the person's own.
    fn accepted(&self) -> bool {
        self.visit.told("done") == Some("record")
    }
}

impl Screen for Home {
    async fn open(&self, visit: &Visit<'_>) -> Result<Response, Failed> {
        let answer = visit.ask::<Query>(home::Variables { first: Some(50) }).await?;
        if !visit.session.me.roles.is_empty() {
            let reminders = Reminders::read(visit).await?;
            let page = answer.with(reminders, |answer, reminders| staff_page(visit, &answer, reminders));
            return visit.page(StatusCode::OK, page);
        }
        let helping = AllHelp::read(visit).await?;
        // Who has no record of their own and helps somebody chooses first whom it is about.
        if visit.session.me.records.is_empty() && helping.read(|helping| !helping.is_empty()) {
            return see_other("/helping");
        }
        let reminders = Reminders::read(visit).await?;
        let own = helping.with(reminders, |helping, reminders| Own { helping, reminders });
        visit.page(StatusCode::OK, answer.with(own, |answer, own| own_page(visit, &answer, own)))
    }
}

macro_rules! list {
    ($answer:expr, $name:ident) => {{
        let found = $answer.data.viewer.$name.as_ref();
        List::of(found.map(|list| (list.nodes.as_slice(), list.page_info.has_next_page)), $answer.is_whole)
    }};
}

fn patients(answer: &Answer<home::ResponseData>) -> Option<Vec<Subject>> {
    let patients = answer.data.viewer.patients.as_ref();
    patients.map(|patients| patients.nodes.iter().map(Subject::from).collect())
}

fn is_asked(answer: &Answer<home::ResponseData>) -> bool {
    answer.data.viewer.record_proposals.as_ref().is_some_and(|proposals| !proposals.is_empty())
}

fn staff_page(visit: &Visit<'_>, answer: &Answer<home::ResponseData>, reminders: Reminders) -> askama::Result<String> {
    let questions = answer.data.viewer.care_team_questions.as_ref();
    let (mut mine, mut pools, inbox) = (list!(answer, mine), list!(answer, pools), list!(answer, inbox));
    mine.sort(&visit.time());
    // What waits for this person stands above already.
    pools.rows.retain(|row| !mine.rows.iter().any(|known| known.id == row.id));
    pools.sort(&visit.time());
    let invited = inbox.only(|row| row.is_open && row.awaited.as_ref().is_some_and(Awaited::is_invitation));
    let (mut invitations, mut unread) = (invited.rows, inbox.only(|row| row.is_open && row.unread > 0));
    let frame = visit.arrival.frame(Place::Home);
    tell_apart(invitations.iter_mut().chain(&mut mine.rows).chain(&mut pools.rows), |row| by_due(row, &frame));
    tell_apart(&mut unread.rows, |row| by_activity(row, &frame));
    rendered(&StaffPage {
        frame,
        visit,
        invitations,
        reminders,
        mine,
        pools,
        unread,
        helpers: answer.data.viewer.waiting_delegations.as_ref().map(|all| all.iter().map(Waiting::from).collect()),
        to_ask: answer.data.viewer.waiting_directives.as_ref().map(|all| all.iter().map(ToAsk::from).collect()),
        outside: answer.data.viewer.outside_messages.as_ref().map(|all| all.iter().map(Outside::from).collect()),
        patients: patients(answer),
        is_asked: is_asked(answer),
        is_asked_to_team: questions.is_some_and(|questions| !questions.is_empty()),
    })
}

/// What is about a person themself.
struct Own {
    helping: AllHelp,
    reminders: Reminders,
}

fn own_page(visit: &Visit<'_>, answer: &Answer<home::ResponseData>, about: Own) -> askama::Result<String> {
    let Own { helping, reminders } = about;
    let frame = visit.arrival.frame(Place::Home);
    let own = patients(answer).and_then(|patients| patients.into_iter().find(|patient| frame.is_own(patient)));
    let mut list = list!(answer, inbox);
    tell_apart(&mut list.rows, |row| by_activity(row, &frame));
    rendered(&PatientPage { frame, visit, own, is_asked: is_asked(answer), list, reminders, helping })
}
