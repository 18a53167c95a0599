//! The page of an act about the directives of a patient, at `/patients/{id}/directives/{act}`: what follows from it, what it
//! would change, and its form.

use askama::Template;
use chrono::{DateTime, Utc};
use coordination::answer::Recorded;
use poem::http::StatusCode;

use super::act::Act;
use super::around::{Around, Directive};
use super::chosen::{Chosen, terms_input};
use super::terms::{self, SEEN, placed};
use super::tighten::Tightened;
use crate::graphql::directive_words::DirectiveEffect;
use crate::graphql::problem::ProblemCode;
use crate::pages::colleagues::Colleagues;
use crate::pages::consent_text::{self, ConsentWords, TEXT_LANGUAGE, TEXT_VERSION, text_in};
use crate::pages::controls::{Control, ErrorLine, chosen as chosen_word, place};
use crate::pages::forms::{Fields, FormSubject, Hidden};
use crate::pages::frame::{Frame, Place};
use crate::pages::outcome::{Outcome, Problem};
use crate::pages::queries::{
    ConfirmConsentDirective, ConfirmConsentDirectiveOnPaper, DenyAccess, EndConsentDirective, PermitAccess,
    PreviewDirective, PreviewTightenedDirective, RecordDeniedAccess, RecordPermittedAccess, RefuseConsentDirective,
    TightenConsentDirective, VoidConsentDirective, confirm_consent_directive, confirm_consent_directive_on_paper,
    deny_access, end_consent_directive, permit_access, preview_directive, preview_tightened_directive,
    record_denied_access, record_permitted_access, refuse_consent_directive, tighten_consent_directive,
    void_consent_directive,
};
use crate::pages::rows::{Subject, Who, Wording};
use crate::pages::site::{Failed, Screen, Visit, rendered, see_other};
use crate::pages::time::Moment;
use crate::response::Response;

/// The screen `/patients/{id}/directives/{act}`.
pub(crate) struct DirectiveAct;

/// What a directive would change.
struct Preview {
    changes: Vec<Change>,
    left_alone: i64,
}

/// Somebody whose access a directive would change.
struct Change {
    /// None if the reader may not know them.
    name: Option<Wording>,
    threads: i64,
}

#[derive(Template)]
#[template(path = "directive_act.html")]
struct Page<'a> {
    frame: Frame<'a>,
    act: Act,
    /// The directive that the act is about; none where it begins one.
    directive: Option<Directive>,
    id: String,
    patient: Option<Subject>,
    hidden: Hidden,
    /// What it would change; none before that was asked for.
    preview: Option<Preview>,
    /// The words by which somebody consents; none where nobody does.
    consent: Option<ConsentWords>,
    controls: Vec<Control>,
    errors: Vec<ErrorLine>,
}

impl Page<'_> {
    /// What would change for one person, in words.
    fn change(&self, change: &Change) -> String {
        let l = self.frame.l;
        let name = change.name.as_ref().and_then(Wording::text);
        let name = name.map_or_else(|| l.withheld().into_owned(), str::to_owned);
        let is_permission = self.directive.as_ref().is_some_and(|each| each.effect == DirectiveEffect::Permit);
        if self.act.permits() {
            l.directive_gains(change.threads, name)
        } else if is_permission {
            l.directive_reads_less(change.threads, name)
        } else {
            l.directive_loses(change.threads, name)
        }
    }

    /// An instant in words.
    fn at(&self, at: &DateTime<Utc>) -> Moment {
        self.frame.time.full(*at)
    }

    /// In how many threads nobody else could go on, in words; none if there is none.
    fn left_alone(&self) -> Option<String> {
        let threads = self.preview.as_ref().map(|preview| preview.left_alone).filter(|threads| *threads > 0);
        threads.map(|threads| self.frame.l.directive_left_alone(threads))
    }
}

/// What the form of an act is bound to, beside the patient.
fn subject<'f>(visit: &'f Visit<'_>, act: Act, about: &'f str) -> FormSubject<'f> {
    FormSubject { form: act.word(), thread: about, patient: &visit.id }
}

/// The directive that an act makes tighter; none of another act.
fn tightened<'a>(act: Act, around: &'a Around, about: &str) -> Option<Tightened<'a>> {
    around.directive(about).filter(|_| act == Act::Tighten).and_then(Tightened::of)
}

fn controls(act: Act, around: &Around, about: &str, fields: &Fields, visit: &Visit<'_>) -> Vec<Control> {
    let (time, l) = (visit.time(), visit.time().l);
    let mut controls = if act.begins() { terms::controls(act, around, fields, &time) } else { Vec::new() };
    if let Some(tightened) = tightened(act, around, about) {
        controls = tightened.controls(around, fields, &time);
    }
    if act.has_word() {
        controls.push(Control::short_text("patientWord", l.block_word(), fields));
    }
    match act {
        Act::ConfirmOnPaper => {
            controls.push(
                Control::short_text("document", l.directive_document(), fields).hint(l.directive_document_hint()),
            );
        }
        Act::Void => controls.push(Control::short_text("reason", l.reason_why(), fields).hint(l.directive_void_hint())),
        Act::Deny
        | Act::Permit
        | Act::RecordDeny
        | Act::DenyForPatient
        | Act::RecordPermit
        | Act::Confirm
        | Act::Refuse
        | Act::Tighten
        | Act::End => {}
    }
    controls.push(Control::hidden("about", about));
    controls
}

/// The text that is missing in a form.
fn missing(act: Act, fields: &Fields) -> Vec<Problem> {
    let needed: &[&str] = match act {
        Act::RecordDeny | Act::DenyForPatient | Act::RecordPermit => &["patientWord"],
        Act::ConfirmOnPaper => &["document"],
        Act::Void => &["reason"],
        Act::Deny | Act::Permit | Act::Confirm | Act::Refuse | Act::Tighten | Act::End => &[],
    };
    let absent = needed.iter().filter(|name| fields.filled(name).is_none());
    absent.map(|name| Problem::of_field(ProblemCode::Empty, name)).collect()
}

/// What an operation says that a directive would change.
macro_rules! previewed {
    ($found:expr) => {
        $found.map(|found| Preview {
            changes: found
                .changes
                .iter()
                .map(|change| Change {
                    name: change.person.as_ref().map(|person| Who::from(person).name),
                    threads: change.thread_count,
                })
                .collect(),
            left_alone: found.threads_left_alone,
        })
    };
}

async fn preview(
    visit: &Visit<'_>,
    act: Act,
    about: &str,
    chosen: &Chosen,
) -> Result<Recorded<Option<Preview>>, Failed> {
    let id = visit.id.clone();
    if act == Act::Tighten {
        let terms = terms_input!(preview_tightened_directive::ConsentDirectiveTermsInput, chosen);
        let variables = preview_tightened_directive::Variables { id, directive: about.to_owned(), terms };
        let answer = visit.ask::<PreviewTightenedDirective>(variables).await?;
        return Ok(answer.map(|answer| previewed!(answer.data.preview.as_ref())));
    }
    let effect = if act.permits() { DirectiveEffect::Permit } else { DirectiveEffect::Deny };
    let terms = terms_input!(preview_directive::ConsentDirectiveTermsInput, chosen);
    let answer = visit.ask::<PreviewDirective>(preview_directive::Variables { id, effect, terms }).await?;
    Ok(answer.map(|answer| previewed!(answer.data.preview.as_ref())))
}

/// Does what a form says that has all it needs.
async fn carry_out(act: Act, chosen: Option<&Chosen>, visit: &Visit<'_>, fields: &Fields) -> Result<Outcome, Failed> {
    let (id, client_mutation_id) = (visit.id.clone(), fields.get("key").to_owned());
    let text = |name: &str| fields.get(name).to_owned();
    let directive_id = text("about");
    let language = chosen_word(fields, TEXT_LANGUAGE);
    match (act, chosen) {
        (Act::Deny, Some(chosen)) => {
            let input = terms_input!(deny_access::DenyAccessInput, chosen,
                client_mutation_id: client_mutation_id, patient_word: None);
            visit.act::<DenyAccess>(deny_access::Variables { id, input }).await
        }
        (Act::Permit, Some(chosen)) => {
            let input = terms_input!(permit_access::PermitAccessInput, chosen,
                client_mutation_id: client_mutation_id, text_version: text(TEXT_VERSION), text_language: language);
            visit.act::<PermitAccess>(permit_access::Variables { id, input }).await
        }
        (Act::RecordDeny, Some(chosen)) => {
            let input = terms_input!(record_denied_access::RecordDeniedAccessInput, chosen,
                client_mutation_id: client_mutation_id, patient_word: text("patientWord"));
            visit.act::<RecordDeniedAccess>(record_denied_access::Variables { id, input }).await
        }
        (Act::DenyForPatient, Some(chosen)) => {
            let input = terms_input!(deny_access::DenyAccessInput, chosen,
                client_mutation_id: client_mutation_id, patient_word: Some(text("patientWord")));
            visit.act::<DenyAccess>(deny_access::Variables { id, input }).await
        }
        (Act::Tighten, Some(chosen)) => {
            let input = terms_input!(tighten_consent_directive::TightenConsentDirectiveInput, chosen,
                client_mutation_id: client_mutation_id, directive_id: directive_id);
            visit.act::<TightenConsentDirective>(tighten_consent_directive::Variables { id, input }).await
        }
        (Act::RecordPermit, Some(chosen)) => {
            let input = terms_input!(record_permitted_access::RecordPermittedAccessInput, chosen,
                client_mutation_id: client_mutation_id, patient_word: text("patientWord"));
            visit.act::<RecordPermittedAccess>(record_permitted_access::Variables { id, input }).await
        }
        (Act::Deny | Act::Permit | Act::RecordDeny | Act::DenyForPatient | Act::RecordPermit | Act::Tighten, None) => {
            Ok(Outcome::refused(Problem::of_field(ProblemCode::Empty, terms::WHOM)))
        }
        (Act::Confirm, _) => {
            let input = confirm_consent_directive::ConfirmConsentDirectiveInput {
                client_mutation_id,
                directive_id,
                text_version: text(TEXT_VERSION),
                text_language: language,
            };
            visit.act::<ConfirmConsentDirective>(confirm_consent_directive::Variables { id, input }).await
        }
        (Act::ConfirmOnPaper, _) => {
            let input = confirm_consent_directive_on_paper::ConfirmConsentDirectiveOnPaperInput {
                client_mutation_id,
                directive_id,
                document: text("document"),
            };
            let variables = confirm_consent_directive_on_paper::Variables { id, input };
            visit.act::<ConfirmConsentDirectiveOnPaper>(variables).await
        }
        (Act::Refuse, _) => {
            let input = refuse_consent_directive::RefuseConsentDirectiveInput { client_mutation_id, directive_id };
            visit.act::<RefuseConsentDirective>(refuse_consent_directive::Variables { id, input }).await
        }
        (Act::End, _) => {
            let input = end_consent_directive::EndConsentDirectiveInput { client_mutation_id, directive_id };
            visit.act::<EndConsentDirective>(end_consent_directive::Variables { id, input }).await
        }
        (Act::Void, _) => {
            let reason = text("reason");
            let input = void_consent_directive::VoidConsentDirectiveInput { client_mutation_id, directive_id, reason };
            visit.act::<VoidConsentDirective>(void_consent_directive::Variables { id, input }).await
        }
    }
}

/// What a form that is shown is made of, beside the page itself.
struct Shown<'s> {
    fields: &'s Fields,
    problems: &'s [Problem],
    preview: Option<Preview>,
    /// What the form sends along once it was seen.
    seen: Option<String>,
}

fn page(visit: &Visit<'_>, act: Act, about: &str, around: Around, shown: Shown<'_>) -> askama::Result<String> {
    let Shown { fields, problems, preview, seen } = shown;
    let l = visit.time().l;
    let mut controls = controls(act, &around, about, fields, visit);
    controls.extend(seen.map(|seen| Control::hidden(SEEN, &seen)));
    let directive = around.directives.into_iter().find(|directive| directive.id == about);
    let consent = act.consents(directive.as_ref().map(|directive| directive.effect));
    let text = consent.map(|consent| text_in(consent, l));
    let errors = place(problems, &mut controls, l);
    // What is wrong with the text is said of the whole form.
    controls.extend(text.iter().flat_map(consent_text::shown));
    rendered(&Page {
        frame: visit.arrival.frame(Place::of_patient(&visit.session.me)),
        act,
        hidden: visit.hidden(subject(visit, act, about), ""),
        preview,
        controls,
        errors,
        directive,
        consent: text.as_ref().map(ConsentWords::from),
        id: around.id,
        patient: around.patient,
    })
}

/// The directives of the patient, with the further people whom a patient can have meant who said it to staff.
async fn read(visit: &Visit<'_>, act: Act) -> Result<Recorded<Around>, Failed> {
    let around = Around::read(visit).await?;
    if !matches!(act, Act::RecordDeny | Act::DenyForPatient) {
        return Ok(around);
    }
    let colleagues = Colleagues::read(visit, None).await?;
    let (reader, l) = (visit.session.me.id.as_str(), visit.time().l);
    Ok(around.with(colleagues, |around, colleagues| around.with_colleagues(&colleagues, reader, l)))
}

/// What a form says that a directive is to be about, or what is wrong in it; none of an act that does not ask. What becomes
/// tighter is compared with what it is about now.
async fn given(
    visit: &Visit<'_>,
    act: Act,
    about: &str,
    fields: &Fields,
) -> Result<Option<Result<Chosen, Vec<Problem>>>, Failed> {
    if act.begins() {
        return Ok(Some(terms::given(act, fields, &visit.time())));
    }
    if act != Act::Tighten {
        return Ok(None);
    }
    let around = Around::read(visit).await?;
    let given =
        around.read(|around| tightened(act, around, about).map(|tightened| tightened.given(fields, &visit.time())));
    given.map_or(Err(Failed::NotAvailable), |given| Ok(Some(given)))
}

impl Screen for DirectiveAct {
    async fn open(&self, visit: &Visit<'_>) -> Result<Response, Failed> {
        let act = Act::of(&visit.step).ok_or(Failed::NotAvailable)?;
        let about = visit.query.get("about");
        let around = read(visit, act).await?;
        // An act that is not possible now leads back to the directives.
        if !around.read(|around| around.is_allowed(act, about)) {
            return see_other(&format!("/patients/{}/directives", visit.id));
        }
        let page = around.map(|around| {
            let tightened = tightened(act, &around, about);
            let fields = tightened.map(|tightened| tightened.fields(&visit.time())).unwrap_or_default();
            page(visit, act, about, around, Shown { fields: &fields, problems: &[], preview: None, seen: None })
        });
        visit.page(StatusCode::OK, page)
    }

    async fn submit(&self, visit: &Visit<'_>, fields: &Fields) -> Result<Response, Failed> {
        let act = Act::of(&visit.step).ok_or(Failed::NotAvailable)?;
        let about = fields.get("about");
        Hidden::check_about(&visit.session, subject(visit, act, about), fields)?;
        let mut problems = missing(act, fields);
        let chosen = match given(visit, act, about, fields).await? {
            Some(Ok(chosen)) => Some(chosen),
            Some(Err(wrong)) => {
                problems.extend(wrong);
                None
            }
            None => None,
        };
        // A directive is given only after its sender has seen what it would change.
        let unseen = chosen.as_ref().filter(|chosen| act.is_seen_first() && fields.get(SEEN) != chosen.seen());
        if problems.is_empty() && unseen.is_none() {
            let outcome = carry_out(act, chosen.as_ref(), visit, fields).await?;
            if outcome.problems.is_empty() {
                return visit.see_done(&format!("/patients/{}/directives?done={}", visit.id, act.word()));
            }
            problems = outcome.problems.into_iter().map(placed).collect();
        }
        if problems.iter().any(|problem| problem.code == ProblemCode::NotFound) {
            return Err(Failed::NotAvailable);
        }
        let around = read(visit, act).await?;
        let Some(chosen) = unseen.filter(|_| problems.is_empty()) else {
            let shown = Shown { fields, problems: &problems, preview: None, seen: None };
            let page = around.map(|around| page(visit, act, about, around, shown));
            return visit.page(StatusCode::UNPROCESSABLE_ENTITY, page);
        };
        let preview = preview(visit, act, about, chosen).await?;
        let seen = Some(chosen.seen());
        let page = around.with(preview, |around, preview| {
            page(visit, act, about, around, Shown { fields, problems: &[], preview, seen })
        });
        visit.page(StatusCode::OK, page)
    }
}
