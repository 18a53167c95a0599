//! The page of an act about a helper or a legal authority, at `/patients/{id}/helpers/{act}`: what follows from it, what
//! would open where that is to be checked, what would close where access is taken away, and its form.

use askama::Template;
use care::words::ConsentTextKind;
use coordination::answer::Recorded;
use poem::http::StatusCode;

use super::act::Act;
use super::around::{Around, Delegate};
use super::carry_out::carry_out;
use super::closed::threads_closed;
use super::controls::{Asked, SEEN, missing};
use super::opened::Opened;
use super::scope::Scope;
use crate::graphql::delegation_words::DelegationState;
use crate::graphql::problem::ProblemCode;
use crate::pages::consent_text::{ConsentWords, shown, text_in};
use crate::pages::controls::{Control, ErrorLine, place};
use crate::pages::forms::{Fields, FormSubject, Hidden};
use crate::pages::frame::{Frame, Place};
use crate::pages::outcome::Problem;
use crate::pages::rows::Subject;
use crate::pages::site::{Failed, Screen, Visit, rendered, see_other};
use crate::response::Response;

/// The screen `/patients/{id}/helpers/{act}`.
pub(crate) struct HelperAct;

#[derive(Template)]
#[template(path = "helper_act.html")]
struct Page<'a> {
    frame: Frame<'a>,
    act: Act,
    /// The name of whom it is about.
    name: String,
    /// The id of the patient.
    id: String,
    patient: Option<Subject>,
    hidden: Hidden,
    /// What the helper reaches or is to reach, in words.
    scope: Vec<String>,
    /// How many conversations close to the helper; none where nothing does, and where the reader may not know.
    closes: Option<i64>,
    /// Whether the sender now sees what it would change, and nothing is done yet.
    is_preview: bool,
    /// What would open; none where that is not asked for.
    opened: Option<Opened>,
    /// The words by which somebody consents; none where nobody does.
    consent: Option<ConsentWords>,
    controls: Vec<Control>,
    errors: Vec<ErrorLine>,
}

/// A patient with their helpers, what would open, and how many conversations would close.
struct Read {
    around: Around,
    opened: Option<Opened>,
    closes: Option<i64>,
}

async fn read(visit: &Visit<'_>, act: Act, about: &str, sent: Option<&Fields>) -> Result<Recorded<Read>, Failed> {
    let around = Around::read(visit).await?;
    let has_access = |helper: &Delegate| helper.state == DelegationState::Active;
    let left = sent.filter(|_| act == Act::Narrow).map(Scope::of);
    let takes = act.closes_all() || left.is_some();
    if takes && around.read(|around| around.helper(about).is_some_and(has_access)) {
        let closes = threads_closed(visit, about, left.as_ref()).await?;
        return Ok(around.with(closes, |around, closes| Read { around, opened: None, closes }));
    }
    let reached = around.read(|around| around.helper(about).and_then(|helper| helper.scope.clone()));
    let asked = if act.widens() { sent.map(Scope::of) } else { reached };
    let Some(scope) = asked.filter(|_| act.is_seen_first()) else {
        return Ok(around.map(|around| Read { around, opened: None, closes: None }));
    };
    let opened = Opened::read(visit, &scope).await?;
    Ok(around.with(opened, |around, opened| Read { around, opened, closes: None }))
}

/// What the form of an act is bound to, beside the patient.
fn subject<'f>(visit: &'f Visit<'_>, act: Act, about: &'f str) -> FormSubject<'f> {
    FormSubject { form: act.word(), thread: about, patient: &visit.id }
}

/// The fields of an empty form: less begins with what there is.
fn first(around: &Around, act: Act, about: &str) -> Fields {
    let helper = around.helper(about);
    let scope = helper.and_then(|helper| helper.scope.as_ref());
    match (act, scope) {
        // The patient widens to what staff checked, or to less.
        (Act::Widen, Some(scope)) => helper.and_then(|helper| helper.checked.as_ref()).unwrap_or(scope).fields(),
        (Act::Narrow | Act::CheckWider | Act::WidenByLaw | Act::Consent, Some(scope)) => scope.fields(),
        _ => Fields::default(),
    }
}

fn page(
    visit: &Visit<'_>,
    act: Act,
    about: &str,
    Read { around, opened, closes }: Read,
    sent: Option<(&Fields, &[Problem])>,
) -> askama::Result<String> {
    let (time, l) = (visit.time(), visit.time().l);
    let empty = first(&around, act, about);
    let (fields, problems) = sent.unwrap_or((&empty, &[]));
    let asked =
        Asked { around: &around, about, opened: opened.as_ref(), fields, time, reader: visit.session.me.id.as_str() };
    let mut controls = asked.controls(act);
    let is_preview = act == Act::Narrow && sent.is_some() && problems.is_empty();
    if is_preview {
        controls.push(Control::hidden(SEEN, &Scope::of(fields).seen()));
    }
    let errors = place(problems, &mut controls, l);
    // What is wrong with the text is said of the whole form.
    let text = act.consents().then(|| text_in(ConsentTextKind::Help, l));
    controls.extend(text.iter().flat_map(shown));
    let has_words = matches!(act, Act::PassCheck | Act::Resume | Act::VerifyIdentity | Act::Renew);
    let scope = around.helper(about).filter(|_| has_words).map(|helper| helper.can(l)).unwrap_or_default();
    rendered(&Page {
        frame: visit.arrival.frame(Place::of_patient(&visit.session.me)),
        act,
        name: around.name(act, about, l),
        hidden: visit.hidden(subject(visit, act, about), ""),
        scope,
        consent: text.as_ref().map(ConsentWords::from),
        controls,
        errors,
        id: around.id,
        patient: around.patient,
        closes,
        is_preview,
        opened,
    })
}

impl Screen for HelperAct {
    async fn open(&self, visit: &Visit<'_>) -> Result<Response, Failed> {
        let act = Act::of(&visit.step).ok_or(Failed::NotAvailable)?;
        let about = visit.query.get("about");
        let read = read(visit, act, about, None).await?;
        // An act that is not possible now leads back to the helpers.
        if !read.read(|read| read.around.is_allowed(act, about)) {
            return see_other(&format!("/patients/{}/helpers", visit.id));
        }
        visit.page(StatusCode::OK, read.map(|read| page(visit, act, about, read, None)))
    }

    async fn submit(&self, visit: &Visit<'_>, fields: &Fields) -> Result<Response, Failed> {
        let act = Act::of(&visit.step).ok_or(Failed::NotAvailable)?;
        let about = fields.get("about");
        Hidden::check_about(&visit.session, subject(visit, act, about), fields)?;
        let is_own = visit.session.me.records.contains(&visit.id);
        let mut problems = missing(act, is_own, visit, fields);
        // More is done only after the sender has seen what it would open, and less after they have seen what it would close.
        let is_seen = if act == Act::Narrow {
            fields.get(SEEN) == Scope::of(fields).seen()
        } else {
            !act.widens() || fields.filled(SEEN).is_some()
        };
        if problems.is_empty() && is_seen {
            let outcome = carry_out(act, is_own, visit, fields).await?;
            if outcome.problems.is_empty() {
                let about: String = form_urlencoded::byte_serialize(about.as_bytes()).collect();
                let done = format!("/patients/{}/helpers?done={}&about={about}", visit.id, act.word());
                return visit.see_done(&done);
            }
            problems = outcome.problems.into_iter().map(Scope::problem).collect();
        }
        if problems.iter().any(|problem| problem.code == ProblemCode::NotFound) {
            return Err(Failed::NotAvailable);
        }
        let read = read(visit, act, about, Some(fields)).await?;
        let page = read.map(|read| page(visit, act, about, read, Some((fields, &problems))));
        let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        visit.page(status, page)
    }
}
