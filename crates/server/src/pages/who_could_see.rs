//! Who could see something of a patient, from when to when and why, at `/patients/{id}/who-could-see`: for the patient, and
//! for who represents them. The newest is first; each change of what a helper may see is an entry of its own.

use std::collections::HashMap;

use askama::Template;
use chrono::{DateTime, Utc};
use poem::http::StatusCode;

use super::client::Answer;
use super::delegates::scope::Scope;
use super::directives::said::{Whom, about};
use super::frame::{Frame, Place};
use super::grant::Grant;
use super::lists::{ListState, ThreadShown};
use super::queries::{WhoCouldSee as Query, who_could_see};
use super::rows::{Subject, Who};
use super::site::{Failed, Screen, Visit, rendered};
use super::texts::Texts;
use super::time::{Moment, PageTime};
use crate::graphql::directive_words::DirectiveEffect;
use crate::graphql::words::Role;
use crate::response::Response;

/// The screen `/patients/{id}/who-could-see`.
pub(crate) struct WhoCouldSee;

#[derive(Template)]
#[template(path = "who_could_see.html")]
struct Page<'a> {
    frame: Frame<'a>,
    visit: &'a Visit<'a>,
    patient: Subject,
    periods: Vec<Period>,
    state: ListState,
    /// Whether this page begins with the newest.
    is_newest: bool,
    /// The cursor of the next page.
    next: Option<String>,
}

/// A period in which a person could see something, or was blocked.
struct Period {
    number: usize,
    who: Option<Who>,
    /// Whom a directive is about that names no person, in words.
    whom: Option<String>,
    /// What a directive is about, in words.
    about: Option<String>,
    /// In which role and where, or how they helped.
    place: Option<String>,
    reason: String,
    is_shut_out: bool,
    /// Whether it is in force now.
    is_now: bool,
    from: Moment,
    /// When it ended; none while it goes on.
    to: Option<Moment>,
    /// The last day of an access that goes on.
    until: Option<String>,
    /// What came after it.
    then: Option<String>,
    /// What a helper reached.
    scope: Vec<String>,
    sees_from: Option<Moment>,
    is_in_thread: bool,
    /// The conversation, if the reader of the page finds it.
    thread: Option<ThreadShown>,
}

/// The periods of a page.
const ROWS: i64 = 30;

fn reason(found: &who_could_see::TimelineReason, l: &Texts) -> String {
    use who_could_see::TimelineReason as Reason;
    match found {
        Reason::CareTeam => l.timeline_care_team(),
        Reason::Asks => l.timeline_asks(),
        Reason::Holds => l.timeline_holds(),
        Reason::TakesPart => l.timeline_takes_part(),
        Reason::Helps => l.timeline_helps(),
        Reason::ShutOut => l.timeline_shut_out(),
        Reason::Permitted => l.timeline_permitted(),
        Reason::Other(_) => l.timeline_other(),
    }
    .into_owned()
}

/// What came after a period of help.
fn then(step: &who_could_see::DelegationStepKind, l: &Texts) -> Option<String> {
    use who_could_see::DelegationStepKind as Kind;
    let words = match step {
        Kind::Narrowed => l.timeline_then_narrowed(),
        Kind::Widened => l.timeline_then_widened(),
        Kind::Renewed => l.timeline_then_renewed(),
        Kind::Suspended => l.timeline_then_suspended(),
        Kind::Ended => l.timeline_then_ended(),
        Kind::Offered
        | Kind::Invited
        | Kind::Accepted
        | Kind::IdentityVerified
        | Kind::SafeguardingPassed
        | Kind::WideningChecked
        | Kind::Consented
        | Kind::Activated
        | Kind::Resumed
        | Kind::Other(_) => return None,
    };
    Some(words.into_owned())
}

/// In which role, and where.
fn place(role: Option<Role>, organization: Option<&String>, l: &Texts) -> Option<String> {
    match (role.map(|role| l.role(&role)), organization) {
        (Some(role), Some(at)) => Some(l.role_at(at, role)),
        (Some(role), None) => Some(role),
        (None, at) => at.cloned(),
    }
}

impl Period {
    fn of(found: &who_could_see::Period, number: usize, around: &Around<'_>) -> Self {
        let (time, l) = (&around.time, around.time.l);
        let full = |at: DateTime<Utc>| time.full(at);
        let grant = found.delegation.as_ref().map(Grant::from);
        let directive = found.directive.as_ref();
        // Who is named without a person has their role and organization in the words for whom.
        let whom = directive.filter(|directive| !directive.names_person).map(|directive| Whom {
            names_person: false,
            name: None,
            role: found.role,
            names_organization: directive.names_organization,
            organization: found.organization_name.clone(),
        });
        let role = whom.is_none().then(|| place(found.role, found.organization_name.as_ref(), l)).flatten();
        let is_shut_out = matches!(found.reason, who_could_see::TimelineReason::ShutOut);
        let effect = if is_shut_out { DirectiveEffect::Deny } else { DirectiveEffect::Permit };
        Self {
            number,
            who: found.person.as_ref().map(Who::from),
            whom: whom.map(|whom| whom.words(l)),
            about: directive.map(|directive| about(effect, &directive.sensitivities, directive.purpose, l)),
            place: grant.map(|grant| grant.words(l)).or(role),
            reason: reason(&found.reason, l),
            is_shut_out,
            is_now: found.ended_at.is_none() && found.from <= time.now,
            from: full(found.from),
            to: found.ended_at.map(full),
            until: found.until.filter(|_| found.ended_at.is_none()).map(|until| time.last_day(until)),
            then: found.ended_by.as_ref().and_then(|step| then(step, l)),
            scope: found.scope.as_ref().map(|scope| Scope::from(scope).words(l)).unwrap_or_default(),
            sees_from: found.sees_from.map(full),
            is_in_thread: found.thread_id.is_some(),
            thread: found.thread_id.as_deref().and_then(|id| around.threads.get(id).cloned()),
        }
    }
}

/// What the periods of a page are made with.
struct Around<'a> {
    threads: HashMap<String, ThreadShown>,
    time: PageTime<'a>,
}

impl Page<'_> {
    fn is_own(&self) -> bool {
        self.frame.is_own(&self.patient)
    }

    fn heading(&self) -> String {
        let l = self.frame.l;
        if self.is_own() { l.timeline_own() } else { l.timeline_of_record() }.into_owned()
    }

    fn older(&self, after: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("after", after);
        format!("/patients/{}/who-could-see?{}", self.patient.id, query.finish())
    }

    fn newest(&self) -> String {
        format!("/patients/{}/who-could-see", self.patient.id)
    }
}

impl Screen for WhoCouldSee {
    async fn open(&self, visit: &Visit<'_>) -> Result<Response, Failed> {
        let after = visit.query.filled("after").map(str::to_owned);
        let variables = who_could_see::Variables { id: visit.id.clone(), first: Some(ROWS), after };
        let answer = visit.ask::<Query>(variables).await?;
        let page = answer.map(|answer| page(visit, &answer));
        visit.page(StatusCode::OK, page.transpose()?)
    }
}

fn page(visit: &Visit<'_>, answer: &Answer<who_could_see::ResponseData>) -> Result<askama::Result<String>, Failed> {
    let patient = answer.data.patient.as_ref().filter(|patient| patient.viewer_reads_timeline);
    let Some(patient) = patient else { return Err(Failed::NotAvailable) };
    let list = patient.timeline.as_ref();
    let time = visit.time();
    let threads = answer.data.threads.iter().flat_map(|list| &list.nodes).map(|thread| {
        let (id, opened) = (thread.id.clone(), time.moment(thread.created_at));
        (id.clone(), ThreadShown { id, subject: (&thread.subject).into(), opened, alike: None })
    });
    let around = Around { threads: threads.collect(), time };
    let found = list.into_iter().flat_map(|list| &list.nodes).enumerate();
    let mut periods: Vec<Period> = found.map(|(number, period)| Period::of(period, number, &around)).collect();
    ThreadShown::tell_apart(periods.iter_mut().filter_map(|period| period.thread.as_mut()));
    Ok(rendered(&Page {
        frame: visit.arrival.frame(Place::of_patient(&visit.session.me)),
        visit,
        patient: (&patient.subject).into(),
        periods,
        state: ListState::of(list.is_some(), answer.is_whole),
        is_newest: visit.query.filled("after").is_none(),
        next: list.and_then(|list| list.page_info.end_cursor.clone().filter(|_| list.page_info.has_next_page)),
    }))
}
