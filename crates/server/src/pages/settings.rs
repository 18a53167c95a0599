//! The settings of an organization. Each change has a form; then a preview says what changes and what follows; the person
//! confirms the preview, and the change is made.
//!
//! To add a change: 1. its mutation in `queries.rs`; 2. a variant of [`Change`], and follow the compiler: its word and what is
//! said of it in `change.rs`, its controls, its preview, its command in `input.rs`; 3. its link in
//! `templates/organization.html`.

pub(crate) mod change;
mod controls;
pub(crate) mod hours;
mod input;
mod preview;
pub(crate) mod view;

use askama::Template;
use coordination::answer::Recorded;
use poem::http::StatusCode;

use self::change::Change;
use self::controls::{at_control, say_of_calendar};
use self::input::{Checked, NewDue};
use self::preview::Preview;
use self::view::{Found, View, read};
use super::controls::{Control, ErrorLine, chosen, place, word};
use super::forms::{Fields, FormSubject, Hidden};
use super::frame::{Frame, Place};
use super::outcome::Problem;
use super::site::{Failed, Screen, Visit, rendered, see_other};
use crate::graphql::words::Role;
use crate::response::Response;

/// The screen `/organizations/{id}/{change}`.
pub(crate) struct Settings;

#[derive(Template)]
#[template(path = "change.html")]
struct Page<'a> {
    frame: Frame<'a>,
    view: View,
    change: Change,
    hidden: Hidden,
    /// What the change is about, which the page sends along.
    about: Vec<Control>,
    controls: Vec<Control>,
    errors: Vec<ErrorLine>,
    /// What changes; none while the form is filled in.
    preview: Option<Preview>,
    /// The proof of the preview, which its confirmation sends along.
    seen: String,
    /// Whether the preview is not the one that was confirmed, because the organization was changed meanwhile.
    is_other: bool,
}

/// Which page of a change is shown.
enum Shown<'a> {
    Form(&'a [Problem]),
    Preview { due: NewDue, problems: &'a [Problem], is_other: bool },
}

fn subject_of(change: Change, id: &str, fields: &Fields) -> String {
    std::iter::once(id).chain(change.about().iter().map(|name| fields.get(name))).collect::<Vec<_>>().join("/")
}

/// The proof that a preview was shown, which binds its confirmation to all that it showed.
fn proof(visit: &Visit<'_>, change: Change, fields: &Fields, key: &str, preview: &Preview) -> String {
    let subject = subject_of(change, &visit.id, fields);
    let parts = ["preview", change.word(), &subject, key].into_iter().chain(preview.bound());
    visit.session.bind(&parts.collect::<Vec<_>>())
}

fn page(visit: &Visit<'_>, change: Change, view: View, fields: &Fields, shown: Shown<'_>) -> askama::Result<String> {
    let time = visit.time();
    let fields = &change.filled(&view, fields);
    let mut controls = change.controls(&view, fields, &time);
    let (problems, preview, is_other) = match shown {
        Shown::Form(problems) => (problems, None, false),
        Shown::Preview { due, problems, is_other } => {
            (problems, Some(change.preview(&view, fields, due, visit)), is_other)
        }
    };
    let problems: Vec<Problem> = problems.iter().map(|problem| at_control(problem, &controls)).collect();
    let mut errors = place(&problems, &mut controls, time.l);
    if change == Change::Calendar {
        say_of_calendar(&mut controls, &mut errors, time.l);
    }
    let subject = subject_of(change, &visit.id, fields);
    let mut hidden = visit.hidden(FormSubject { form: change.word(), thread: &subject, patient: "" }, "");
    // The same command keeps its key from the form to its confirmation.
    if let Some(key) = fields.filled("key").filter(|_| problems.is_empty()) {
        hidden.key = key.to_owned();
    }
    let seen = preview.as_ref().map(|preview| proof(visit, change, fields, &hidden.key, preview)).unwrap_or_default();
    let about = change.about().iter().map(|name| Control::hidden(name, fields.get(name))).collect();
    let controls = match preview {
        None => controls,
        Some(_) => controls.iter().map(|control| Control::hidden(&control.name, fields.get(&control.name))).collect(),
    };
    let frame = visit.arrival.frame(Place::Organizations);
    rendered(&Page { frame, view, change, hidden, about, controls, errors, preview, seen, is_other })
}

/// The organization, if this person administers it and what the change is about is there.
async fn administered(visit: &Visit<'_>, change: Change, fields: &Fields) -> Result<Recorded<View>, Failed> {
    let found = read(visit, fields.filled("personId")).await?.map(|Found { view, is_whole }| {
        // A form over a part of what is there could show a change that is none.
        let is_about_something = change.is_about_something(&view, fields, &visit.session.me.id);
        let is_ready = is_whole && view.viewer_administers && is_about_something;
        if is_ready { Ok(view) } else { Err(Failed::NotAvailable) }
    });
    found.transpose()
}

/// Where a change leads: to the organization, which says what became of it. A role is granted or waits for another
/// administrator, so its page is told of which role of whom.
fn after(visit: &Visit<'_>, change: Change, fields: &Fields, person: Option<&str>) -> String {
    let role = chosen::<Role>(fields, "role").filter(|_| change.gives_role());
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("done", change.word());
    if let (Some(person), Some(role)) = (person, role) {
        query.append_pair("person", person).append_pair("role", &word(&role));
    }
    format!("/organizations/{}?{}", visit.id, query.finish())
}

impl Screen for Settings {
    async fn open(&self, visit: &Visit<'_>) -> Result<Response, Failed> {
        let change = Change::of(&visit.step).ok_or(Failed::NotAvailable)?;
        let fields =
            change.about().iter().fold(Fields::default(), |fields, name| fields.with(name, visit.query.get(name)));
        let view = administered(visit, change, &fields).await?;
        let page = view.map(|view| {
            let shown = if change.controls(&view, &fields, &visit.time()).is_empty() {
                Shown::Preview { due: NewDue::default(), problems: &[], is_other: false }
            } else {
                Shown::Form(&[])
            };
            page(visit, change, view, &fields, shown)
        });
        visit.page(StatusCode::OK, page)
    }

    async fn submit(&self, visit: &Visit<'_>, fields: &Fields) -> Result<Response, Failed> {
        let change = Change::of(&visit.step).ok_or(Failed::NotAvailable)?;
        Hidden::check(&visit.session, change.word(), &subject_of(change, &visit.id, fields), fields)?;
        let show = |status, view: Recorded<View>, shown| {
            visit.page(status, view.map(|view| page(visit, change, view, fields, shown)))
        };
        if fields.given("confirm").is_none() {
            let view = administered(visit, change, fields).await?;
            if fields.given("edit").is_some() {
                return show(StatusCode::OK, view, Shown::Form(&[]));
            }
            let Checked { problems, due } = change.check(visit, fields).await?;
            if !problems.is_empty() {
                return show(StatusCode::UNPROCESSABLE_ENTITY, view, Shown::Form(&problems));
            }
            return show(StatusCode::OK, view, Shown::Preview { due, problems: &[], is_other: false });
        }
        let view = read(visit, fields.filled("personId")).await?.map(|Found { view, .. }| view);
        let seen = view.read(|view| {
            let fields = change.filled(view, fields);
            let preview = change.preview(view, &fields, NewDue::default(), visit);
            proof(visit, change, &fields, fields.get("key"), &preview)
        });
        if seen != fields.get("seen") {
            // A repeat finds the organization as the confirmation left it.
            if let Some(path) = visit.done_before(fields) {
                return see_other(&path);
            }
            let Checked { problems, due } = change.check(visit, fields).await?;
            let view = administered(visit, change, fields).await?;
            // Only what can be done is offered to be confirmed.
            if !problems.is_empty() {
                return show(StatusCode::UNPROCESSABLE_ENTITY, view, Shown::Form(&problems));
            }
            return show(StatusCode::CONFLICT, view, Shown::Preview { due, problems: &[], is_other: true });
        }
        let outcome = change.make(visit, fields).await?;
        if outcome.problems.is_empty() {
            return visit.see_done_by(fields, &after(visit, change, fields, outcome.person_id.as_deref()));
        }
        let view = administered(visit, change, fields).await?;
        let has_form = view.read(|view| !change.controls(view, fields, &visit.time()).is_empty());
        let problems = &outcome.problems;
        let shown = match has_form {
            true => Shown::Form(problems),
            false => Shown::Preview { due: NewDue::default(), problems, is_other: false },
        };
        show(StatusCode::UNPROCESSABLE_ENTITY, view, shown)
    }
}
