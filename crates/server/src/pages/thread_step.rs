//! The forms of the steps of a thread: one on a page of its own, what it does, and the page that says that the thread has
//! changed since the form was made.

use askama::Template;
use coordination::answer::Recorded;
use poem::http::StatusCode;

use super::addressees::Addressees;
use super::colleagues::Colleagues;
use super::controls::{Control, ErrorLine, chosen, place, word};
use super::conversation::{Entry, Message, days};
use super::draft::{DraftedForm, FormDraft, Typed, kept};
use super::forms::{ANSWERED, Fields, Hidden};
use super::frame::{Frame, Place};
use super::outcome::{Note, Problem};
use super::site::{Failed, Screen, Visit, own_path, rendered, see_other};
use super::steps::Step;
use super::thread::{Thread, send_words, thread_page};
use super::view::View;
use crate::graphql::problem::ProblemCode;
use crate::graphql::words::Audience;
use crate::response::Response;

/// The screen `/t/{id}/{step}`: the form of one step, and what it does.
pub(crate) struct StepOfThread;

/// The form of one step on a page of its own.
#[derive(Template)]
#[template(path = "step.html")]
struct StepPage<'a> {
    frame: Frame<'a>,
    view: View,
    step: Step,
    hidden: Hidden,
    controls: Vec<Control>,
    errors: Vec<ErrorLine>,
    draft: Option<FormDraft>,
}

/// The thread has changed since the form was made.
#[derive(Template)]
#[template(path = "conflict.html")]
struct ConflictPage<'a> {
    frame: Frame<'a>,
    visit: &'a Visit<'a>,
    view: View,
    step: Step,
    hidden: Hidden,
    controls: Vec<Control>,
    /// The audience to which a reply was to be sent.
    audience: Option<Audience>,
    /// The step that was to be done with the reply.
    then: Option<Step>,
    draft: Option<FormDraft>,
}

impl ConflictPage<'_> {
    fn newest(&self) -> Vec<Message> {
        let messages =
            days(&self.view, self.visit).into_iter().flat_map(|day| day.entries).filter_map(|entry| match entry {
                Entry::Message(message) => Some(message),
                Entry::Question(_) | Entry::Advice(_) => None,
            });
        let mut messages: Vec<Message> = messages.collect();
        messages.drain(..messages.len().saturating_sub(3));
        messages
    }

    fn send_words(&self, audience: &Audience) -> String {
        send_words(&self.view, *audience, &self.frame)
    }

    fn value(&self, audience: &Audience) -> String {
        word(audience)
    }

    /// Whether the step can still be done. Without its patient, no form is shown.
    fn is_possible(&self) -> bool {
        self.step.is_allowed(&self.view) && self.view.is_identified()
    }
}

impl Screen for StepOfThread {
    async fn open(&self, visit: &Visit<'_>) -> Result<Response, Failed> {
        let step = Step::of(&visit.step).filter(|step| step.has_page()).ok_or(Failed::NotAvailable)?;
        let view = with_people(visit, step, Thread::read(visit).await?).await?;
        // A step that is not possible now leads back to the thread, which says whose turn it is.
        if !view.read(|view| step.is_allowed(view) && view.is_identified()) {
            return see_other(&format!("/t/{}", visit.id));
        }
        let page = match view.read(|view| step.drafted(&visit.id, view.consultation().is_some())) {
            Some(form) => view.with(kept(visit, &form).await?, |view, kept| {
                step_page(visit, view, step, &Typed::opened(visit, &form, kept))
            }),
            None => view.map(|view| step_page(visit, view, step, &Typed::nothing())),
        };
        visit.page(StatusCode::OK, page)
    }

    async fn submit(&self, visit: &Visit<'_>, fields: &Fields) -> Result<Response, Failed> {
        let step = Step::of(&visit.step).ok_or(Failed::NotAvailable)?;
        Hidden::check(&visit.session, step.word(), &visit.id, fields)?;
        if step.has_page() && fields.given("more").is_some() {
            let view = with_people(visit, step, Thread::read(visit).await?).await?;
            if !view.read(|view| step.is_allowed(view) && view.is_identified()) {
                return see_other(&format!("/t/{}", visit.id));
            }
            let typed = Typed::again(visit, drafted(visit, step, fields).as_ref(), fields, &[]);
            return visit.page(StatusCode::OK, view.map(|view| step_page(visit, view, step, &typed)));
        }
        if step == Step::Reply && fields.given("audience") == Some(word(&Audience::Named).as_str()) {
            return choose_readers(visit, fields).await;
        }
        let with = Step::with_reply(fields).filter(|_| step == Step::Reply);
        let submitted = match with {
            Some(then) => then.submit(visit, &as_message(fields)).await?,
            None => step.submit(visit, fields).await?,
        };
        let problems = match submitted {
            Ok(outcome) if outcome.problems.is_empty() => {
                let to = match (&outcome.message, with) {
                    (Some(message), _) => format!("/t/{}?sent={}", visit.id, message.id),
                    (None, Some(then)) => format!("/t/{}?done={}&with=message", visit.id, then.word()),
                    // The page from which it was done says nothing of it.
                    (None, None) => match own_path(fields.get("back")) {
                        Some(back) => return see_other(back),
                        None if step == Step::Read => return see_other(&format!("/t/{}", visit.id)),
                        // Who left a thread, or gave their duties in it to another, may be unable to open it now.
                        None if step == Step::Leave || (step == Step::HandOverRequest && outcome.seen.is_none()) => {
                            format!("/inbox?done={}", step.word())
                        }
                        None => format!("/t/{}?done={}", visit.id, step.word()),
                    },
                };
                return visit.see_done(&to);
            }
            Ok(outcome) => outcome.problems,
            Err(problems) => problems,
        };
        let problems: Vec<Problem> = problems.into_iter().map(|problem| said_of(step, problem)).collect();
        let problems: Vec<Problem> = match with {
            Some(_) => problems.into_iter().map(|problem| problem.renamed("message.body", "body")).collect(),
            None => problems,
        };
        let has = |code| problems.iter().any(|problem| problem.code == code);
        if has(ProblemCode::NotFound) {
            return Err(Failed::NotAvailable);
        }
        let typed = Typed::again(visit, drafted(visit, step, fields).as_ref(), fields, &problems);
        if has(ProblemCode::VersionConflict) || has(ProblemCode::InvalidVersion) {
            let view = with_people(visit, step, Thread::read(visit).await?).await?;
            let page = view.map(|view| conflict_page(visit, view, step, &typed));
            return visit.page(StatusCode::CONFLICT, page);
        }
        form_again(visit, step, typed, StatusCode::UNPROCESSABLE_ENTITY).await
    }
}

/// The form of a step, on its own page or on that of the thread.
fn form_page(visit: &Visit<'_>, view: View, step: Step, typed: &Typed) -> askama::Result<String> {
    if step.has_page() && step.is_allowed(&view) && view.is_identified() {
        step_page(visit, view, step, typed)
    } else {
        thread_page(visit, view, typed)
    }
}

/// The page of a form that was not accepted, with what was typed.
pub(super) async fn form_again(
    visit: &Visit<'_>,
    step: Step,
    typed: Typed,
    status: StatusCode,
) -> Result<Response, Failed> {
    let view = with_people(visit, step, Thread::read(visit).await?).await?;
    visit.page(status, view.map(|view| form_page(visit, view, step, &typed)))
}

/// The page of a form whose draft was saved elsewhere meanwhile.
pub(super) async fn form_beside(visit: &Visit<'_>, step: Step, typed: Recorded<Typed>) -> Result<Response, Failed> {
    let view = with_people(visit, step, Thread::read(visit).await?).await?;
    let page = view.with(typed, |view, typed| form_page(visit, view, step, &typed));
    visit.page(StatusCode::CONFLICT, page)
}

/// The form of a step that was sent, if a draft of it can be kept.
pub(super) fn drafted(visit: &Visit<'_>, step: Step, fields: &Fields) -> Option<DraftedForm> {
    step.drafted(&visit.id, step.is_of_consultation(fields))
}

/// The view with those whom the step can add, or who can be named as readers of a message, if the step asks for them.
async fn with_people(visit: &Visit<'_>, step: Step, view: Recorded<View>) -> Result<Recorded<View>, Failed> {
    if step == Step::Named {
        let addressees = Addressees::read(visit).await?;
        return Ok(view.with(addressees, |view, addressees| View { addressees, ..view }));
    }
    if !step.names_colleagues() {
        return Ok(view);
    }
    let patient = view.read(|view| view.patient.as_ref().map(|patient| patient.id.clone()));
    let colleagues = Colleagues::read(visit, patient.as_deref()).await?;
    Ok(view.with(colleagues, |view, colleagues| View { colleagues, ..view }))
}

/// The form that asks for the readers of a message, with what was typed in the form for a reply.
async fn choose_readers(visit: &Visit<'_>, fields: &Fields) -> Result<Response, Failed> {
    if Step::with_reply(fields).is_some() {
        let line = ErrorLine { words: visit.time().l.named_without_step().into_owned(), control: None };
        let typed = Typed::again(visit, drafted(visit, Step::Reply, fields).as_ref(), fields, &[]);
        let typed = Typed { lines: vec![line], ..typed };
        return form_again(visit, Step::Reply, typed, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let view = with_people(visit, Step::Named, Thread::read(visit).await?).await?;
    if !view.read(|view| Step::Named.is_allowed(view) && view.is_identified()) {
        return see_other(&format!("/t/{}", visit.id));
    }
    let typed = Typed::again(visit, drafted(visit, Step::Named, fields).as_ref(), fields, &[]);
    visit.page(StatusCode::OK, view.map(|view| step_page(visit, view, Step::Named, &typed)))
}

/// A problem of the API with what the page of a step knows about it.
fn said_of(step: Step, problem: Problem) -> Problem {
    match (step, problem.code) {
        (Step::Inform, ProblemCode::EndsBeforeItBegins) => problem.noted(Note::ToldBeforeAnswer),
        (_, _) => problem,
    }
}

/// The fields of a reply as those of a message that goes along with a step.
fn as_message(fields: &Fields) -> Fields {
    // An empty message is a mistake here, and not a message that was left out.
    let (body, audience) = (fields.get("body").to_owned(), fields.get("audience").to_owned());
    fields.clone().with("message.body", body).with("message.audience", audience).with("message.required", "1")
}

fn step_page(visit: &Visit<'_>, view: View, step: Step, typed: &Typed) -> askama::Result<String> {
    let (time, Typed { fields, draft, problems, lines }) = (visit.time(), typed);
    let mut errors = lines.clone();
    let mut controls = step.form(&view, fields, &time);
    errors.extend(place(problems, &mut controls, time.l));
    step.focus_on_more(&mut controls, fields);
    // The same command keeps its key, so that a second press of its button has no second effect.
    let mut hidden = visit.hidden(view.form(step.word()), view.thread.version.as_str());
    if let Some(key) = fields.filled("key").filter(|_| problems.is_empty()) {
        hidden.key = key.to_owned();
    }
    let (frame, draft) = (visit.arrival.frame(Place::Inbox), draft.clone());
    rendered(&StepPage { frame, view, step, hidden, controls, errors, draft })
}

fn conflict_page(visit: &Visit<'_>, view: View, step: Step, typed: &Typed) -> askama::Result<String> {
    let (time, Typed { fields, draft, .. }) = (visit.time(), typed);
    let then = Step::with_reply(fields).filter(|then| step == Step::Reply && then.is_allowed(&view));
    let mut controls = step.form(&view, fields, &time);
    controls.extend(then.iter().flat_map(|then| then.controls(&view, fields, &time)));
    controls.extend(then.map(|then| Control::hidden("then", then.word())));
    controls.extend(view.answered().filter(|_| step == Step::Reply).map(|one| Control::hidden(ANSWERED, one)));
    let hidden = visit.hidden(view.form(step.word()), view.thread.version.as_str());
    let audience = chosen(fields, "audience");
    let frame = visit.arrival.frame(Place::Inbox);
    rendered(&ConflictPage { frame, visit, view, step, hidden, controls, audience, then, draft: draft.clone() })
}
