//! A new consultation: the patient first, then the pool by its public name, then the question. The form is bound to both.

use askama::Template;
use coordination::answer::Recorded;
use poem::http::StatusCode;

use super::controls::{Choice, Control, ErrorLine, all_choices, chosen, instant, place};
use super::draft::{About, DraftedForm, FormDraft, Typed, kept};
use super::draft_saving::{Changed, change};
use super::forms::{Fields, FormSubject, Hidden, Reference};
use super::frame::{Frame, Place};
use super::lists::ListState;
use super::namesakes::namesakes;
use super::outcome::Problem;
use super::patients::{Found, search_control};
use super::queries::{
    ConsultationForm, PoolSearch, RequestConsultation, consultation_form, pool_search, request_consultation,
};
use super::rows::{Contact, Subject};
use super::site::{Failed, Screen, Visit, rendered, see_other};
use super::time::PageTime;
use crate::graphql::problem::ProblemCode;
use crate::graphql::words::{Confidentiality, ConsentException, ConsentMethod, Sensitivity, Topic, Urgency};
use crate::response::Response;

/// The screen `/new-consultation`.
pub(crate) struct NewConsultation;

/// The screen `/new-consultation/draft`: saves or discards the draft of the form.
pub(crate) struct DraftOfConsultation;

/// The choice of the patient.
#[derive(Template)]
#[template(path = "choose_patient.html")]
pub(crate) struct ChoosePatient<'a> {
    pub frame: Frame<'a>,
    pub visit: &'a Visit<'a>,
    pub found: Found,
    /// The path of the form, to which the patient is added.
    pub path: &'static str,
    pub title: String,
    /// Whether the form may be about no patient.
    pub without_patient: bool,
    pub search: String,
}

/// The choice of the pool.
#[derive(Template)]
#[template(path = "choose_pool.html")]
struct ChoosePool<'a> {
    frame: Frame<'a>,
    visit: &'a Visit<'a>,
    patient: Subject,
    namesakes: Vec<Subject>,
    pools: Vec<Pool>,
    next: Option<String>,
    state: ListState,
    search: String,
}

/// A pool by its public name.
struct Pool {
    id: String,
    name: String,
    specialty: String,
    organization: Option<Contact>,
}

/// A pool of an operation.
macro_rules! pool {
    ($pool:expr) => {
        Pool {
            id: $pool.id.clone(),
            name: $pool.public_name.clone(),
            specialty: $pool.specialty.clone(),
            organization: $pool
                .organization
                .as_ref()
                .map(|at| Contact { name: at.name.clone(), phone: at.phone.clone() }),
        }
    };
}

#[derive(Template)]
#[template(path = "new_consultation.html")]
struct FormPage<'a> {
    frame: Frame<'a>,
    patient: Subject,
    namesakes: Vec<Subject>,
    pool: Pool,
    hidden: Hidden,
    controls: Vec<Control>,
    errors: Vec<ErrorLine>,
    draft: Option<FormDraft>,
}

/// The field of a draft that names the pool.
pub(crate) const POOL: &str = "poolId";

/// The word of the form.
const FORM: &str = "new-consultation";
const ROWS: i64 = 25;

impl ChoosePatient<'_> {
    /// The page of the patients that were found.
    pub fn page(self) -> askama::Result<String> {
        rendered(&self)
    }

    fn control(&self) -> Control {
        search_control(self.visit, self.frame.l.find_patient(), self.frame.l.find_patient_hint())
    }

    /// Whether a patient can be chosen here.
    fn can_choose(&self, row: &super::patients::FoundPatient) -> bool {
        row.patient.identity().is_some() && (self.without_patient || row.can_ask)
    }
}

impl ChoosePool<'_> {
    fn control(&self) -> Control {
        search_control(self.visit, self.frame.l.find_pool(), self.frame.l.find_pool_hint())
    }
}

impl FormPage<'_> {
    fn patient_name(&self) -> &str {
        self.patient.name.text().unwrap_or_default()
    }
}

impl Screen for NewConsultation {
    async fn open(&self, visit: &Visit<'_>) -> Result<Response, Failed> {
        let Some(patient) = visit.query.filled("patient") else {
            let page = Found::search(visit).await?.map(|found| {
                let frame = visit.arrival.frame(Place::Patients);
                let title = frame.l.new_consultation().into_owned();
                let search = visit.query.get("q").to_owned();
                let path = "/new-consultation?patient=";
                ChoosePatient { frame, visit, found, path, title, without_patient: false, search }.page()
            });
            return visit.page(StatusCode::OK, page);
        };
        match visit.query.filled("pool") {
            None => visit.page(StatusCode::OK, pools(visit, patient).await?),
            Some(pool) => {
                let form = drafted(patient, pool);
                let heading = Heading::read(visit, &Asked { patient, pool }).await?;
                let page = heading.with(kept(visit, &form).await?, |heading, kept| {
                    heading.page(visit, &Typed::opened(visit, &form, kept))
                });
                visit.page(StatusCode::OK, page)
            }
        }
    }

    async fn submit(&self, visit: &Visit<'_>, fields: &Fields) -> Result<Response, Failed> {
        let asked = Asked::checked(visit, fields)?;
        let problems = match input(&asked, fields, &visit.time()) {
            Err(problems) => problems,
            Ok(input) => {
                let variables = request_consultation::Variables { input };
                let outcome = visit.act::<RequestConsultation>(variables).await?;
                if let (true, Some(opened)) = (outcome.problems.is_empty(), &outcome.opened) {
                    return visit.see_done(&format!("/t/{}?opened=1", opened.id));
                }
                outcome.problems
            }
        };
        let typed = Typed::again(visit, Some(&drafted(asked.patient, asked.pool)), fields, &problems);
        let page = Heading::read(visit, &asked).await?.map(|heading| heading.page(visit, &typed));
        visit.page(StatusCode::UNPROCESSABLE_ENTITY, page)
    }
}

impl Screen for DraftOfConsultation {
    async fn open(&self, visit: &Visit<'_>) -> Result<Response, Failed> {
        see_other(&drafted(visit.query.get("patient"), visit.query.get("pool")).path(None))
    }

    async fn submit(&self, visit: &Visit<'_>, fields: &Fields) -> Result<Response, Failed> {
        let asked = Asked::checked(visit, fields)?;
        match change(visit, &drafted(asked.patient, asked.pool), fields).await? {
            Changed::Answered(response) => Ok(response),
            Changed::Again(typed) => {
                let page = Heading::read(visit, &asked).await?.map(|heading| heading.page(visit, &typed));
                visit.page(StatusCode::UNPROCESSABLE_ENTITY, page)
            }
            Changed::Beside(typed) => {
                let page =
                    Heading::read(visit, &asked).await?.with(*typed, |heading, typed| heading.page(visit, &typed));
                visit.page(StatusCode::CONFLICT, page)
            }
        }
    }
}

/// The form about a patient to a pool. A person has one draft of a new consultation for each patient.
pub(crate) fn drafted(patient: &str, pool: &str) -> DraftedForm {
    let query: String =
        form_urlencoded::Serializer::new(String::new()).extend_pairs([("patient", patient), ("pool", pool)]).finish();
    DraftedForm {
        word: FORM,
        command: "consultation.request",
        about: About::Patient(patient.to_owned()),
        page: format!("/new-consultation?{query}"),
        place: "",
        action: format!("/new-consultation/draft?{query}"),
        needs_text: true,
        also: Some((POOL, pool.to_owned())),
    }
}

/// Whom a consultation is about, and whom it asks.
struct Asked<'a> {
    patient: &'a str,
    pool: &'a str,
}

impl<'a> Asked<'a> {
    /// What the address names, if the form was made for it.
    fn checked(visit: &'a Visit<'_>, fields: &Fields) -> Result<Self, Failed> {
        let asked = Self { patient: visit.query.get("patient"), pool: visit.query.get("pool") };
        let subject = FormSubject { form: FORM, thread: asked.pool, patient: asked.patient };
        Hidden::check_about(&visit.session, subject, fields)?;
        Ok(asked)
    }
}

/// The patient of the form. None if this person may not ask about them, or cannot be sure who they are.
fn certain(patient: Subject, can_ask: bool) -> Option<Subject> {
    Some(patient).filter(|patient| can_ask && patient.identity().is_some())
}

async fn pools(visit: &Visit<'_>, patient: &str) -> Result<Recorded<askama::Result<String>>, Failed> {
    let search = visit.query.filled("q").map(str::to_owned);
    let after = visit.query.filled("after").map(str::to_owned);
    let variables = pool_search::Variables { patient: patient.to_owned(), search, first: Some(ROWS), after };
    let answer = visit.ask::<PoolSearch>(variables).await?;
    let patient = answer.read(|answer| {
        let patient = answer.data.patient.as_ref()?;
        certain((&patient.subject).into(), patient.viewer_can_request_consultation.allowed)
    });
    let patient = patient.ok_or(Failed::NotAvailable)?;
    let similar = namesakes(visit, &patient).await?;
    Ok(answer.with(similar, |answer, namesakes| {
        let list = answer.data.viewer.pools.as_ref();
        let state = ListState::of(list.is_some(), answer.is_whole);
        let pools = list.iter().flat_map(|list| &list.nodes).map(|pool| pool!(pool));
        let info = list.map(|list| &list.page_info).filter(|info| info.has_next_page);
        let (pools, next) = (pools.collect(), info.and_then(|info| info.end_cursor.clone()));
        let (frame, search) = (visit.arrival.frame(Place::Patients), visit.query.get("q").to_owned());
        rendered(&ChoosePool { frame, visit, patient, namesakes, pools, next, state, search })
    }))
}

/// What stands above the form.
struct Heading {
    patient: Subject,
    namesakes: Vec<Subject>,
    pool: Pool,
}

impl Heading {
    async fn read(visit: &Visit<'_>, asked: &Asked<'_>) -> Result<Recorded<Self>, Failed> {
        let variables = consultation_form::Variables { patient: asked.patient.to_owned(), pool: asked.pool.to_owned() };
        let answer = visit.ask::<ConsultationForm>(variables).await?;
        let patient = answer.read(|answer| {
            let patient = answer.data.patient.as_ref()?;
            certain((&patient.subject).into(), patient.viewer_can_request_consultation.allowed)
        });
        let patient = patient.ok_or(Failed::NotAvailable)?;
        let similar = namesakes(visit, &patient).await?;
        let heading = answer.with(similar, |answer, namesakes| {
            let pool = answer.data.pool.as_ref().ok_or(Failed::NotAvailable)?;
            Ok::<_, Failed>(Self { patient, namesakes, pool: pool!(pool) })
        });
        heading.transpose()
    }

    /// The page with the form below.
    fn page(self, visit: &Visit<'_>, typed: &Typed) -> askama::Result<String> {
        let Self { patient, namesakes, pool } = self;
        let mut controls = controls(&typed.fields, &visit.time());
        let mut errors = typed.lines.clone();
        errors.extend(place(&typed.problems, &mut controls, visit.time().l));
        let subject = FormSubject { form: FORM, thread: &pool.id, patient: &patient.id };
        let (frame, hidden) = (visit.arrival.frame(Place::Patients), visit.hidden(subject, ""));
        let draft = typed.draft.clone();
        rendered(&FormPage { frame, patient, namesakes, pool, hidden, controls, errors, draft })
    }
}

/// The choices that label a thread, as every form for a new one has them.
pub(crate) fn label_controls(fields: &Fields, time: &PageTime<'_>) -> Vec<Control> {
    let l = time.l;
    let with_default = fields.clone().with("confidentiality", "NORMAL");
    vec![
        Control::one("confidentiality", l.ask_confidentiality(), &with_default, {
            all_choices(|word| l.confidentiality(word))
        }),
        Control::many("sensitivities", l.ask_sensitivities(), fields, all_choices(|word| l.sensitivity(word)))
            .hint(l.ask_sensitivities_hint()),
    ]
}

/// The choice of the topic.
pub(crate) fn topic_control(fields: &Fields, time: &PageTime<'_>) -> Control {
    Control::one("topic", time.l.ask_topic(), fields, all_choices(|word| time.l.topic(word)))
}

/// How confidential the thread is; none if the word is unknown. A form without it has the choice that is made in advance.
pub(crate) fn confidentiality(fields: &Fields) -> Option<Confidentiality> {
    match fields.given("confidentiality") {
        None => Some(Confidentiality::Normal),
        Some(_) => chosen(fields, "confidentiality"),
    }
}

/// The sensitive subjects that were chosen; none if a word is unknown.
pub(crate) fn sensitivities(fields: &Fields) -> Option<Vec<Sensitivity>> {
    let words = fields.all("sensitivities");
    words.map(|word| serde_json::from_value(serde_json::Value::String(word.to_owned())).ok()).collect()
}

fn controls(fields: &Fields, time: &PageTime<'_>) -> Vec<Control> {
    let l = time.l;
    let fields = fields.clone().with("urgency", "ROUTINE").with("topic", "CLINICAL_ADVICE").with("mayConvert", NO);
    let mut consent = all_choices(|word| l.consent_method(word));
    consent.extend(all_choices(|word| l.consent_exception(word)));
    let mut controls = vec![
        Control::line("subject", l.ask_subject(), &fields).hint(l.ask_subject_hint()),
        Control::text("question", l.ask_question(), &fields).hint(l.ask_question_hint()),
        topic_control(&fields, time),
        Control::one("urgency", l.ask_urgency(), &fields, all_choices(|word| l.urgency(word)))
            .hint(l.ask_urgency_hint()),
        Control::one("agreed", l.ask_consent(), &fields, consent),
        Control::moment("consent.given.at", l.ask_consent_when(), &fields, time),
        Control::one("mayConvert", l.ask_convert(), &fields, {
            vec![Choice::new(YES, l.yes()), Choice::new(NO, l.no())]
        }),
    ];
    controls.extend(label_controls(&fields, time));
    let hidden = vec![Choice::new(YES, l.yes()), Choice::new(NO, l.no())];
    controls.push(Control::one("hiddenFromDelegates", l.ask_hidden(), &fields, hidden).hint(l.ask_hidden_hint()));
    controls
}

const YES: &str = "yes";
const NO: &str = "no";

/// The input of the command, or every control that is not right yet.
fn input(
    asked: &Asked<'_>,
    fields: &Fields,
    time: &PageTime<'_>,
) -> Result<request_consultation::RequestConsultationInput, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut check = |name: &str, is_given: bool| {
        if !is_given {
            problems.push(Problem::of_field(ProblemCode::Empty, name));
        }
    };
    let (topic, urgency) = (chosen::<Topic>(fields, "topic"), chosen::<Urgency>(fields, "urgency"));
    let (method, exception) = (chosen::<ConsentMethod>(fields, "agreed"), chosen::<ConsentException>(fields, "agreed"));
    let agreed_at = instant(fields, "consent.given.at", time);
    check("subject", fields.filled("subject").is_some());
    check("question", fields.filled("question").is_some());
    check("topic", topic.is_some());
    check("urgency", urgency.is_some());
    check("agreed", method.is_some() || exception.is_some());
    // A label that narrows who may read is never left out because its word was not understood.
    let (confidential, labels) = (confidentiality(fields), sensitivities(fields));
    check("confidentiality", confidential.is_some());
    check("sensitivities", labels.is_some());
    if method.is_some() {
        problems.extend(agreed_at.as_ref().err().cloned());
    }
    let consent = match (method, exception, agreed_at) {
        (Some(method), _, Ok(at)) => {
            Some(request_consultation::ConsentInput::Given(request_consultation::GivenConsentInput { method, at }))
        }
        (None, Some(reason), _) => {
            let exception = request_consultation::ConsentExceptionInput { reason };
            Some(request_consultation::ConsentInput::Exception(exception))
        }
        (_, _, _) => None,
    };
    let (Some(topic), Some(urgency), Some(consent), Some(confidentiality), Some(sensitivities), true) =
        (topic, urgency, consent, confidential, labels, problems.is_empty())
    else {
        return Err(problems);
    };
    Ok(request_consultation::RequestConsultationInput {
        draft: Reference::of(fields).map(Into::into),
        client_mutation_id: fields.get("key").to_owned(),
        patient_id: asked.patient.to_owned(),
        pool_id: asked.pool.to_owned(),
        topic,
        subject: fields.get("subject").to_owned(),
        question: fields.get("question").to_owned(),
        urgency,
        consent,
        may_convert: fields.get("mayConvert") == YES,
        confidentiality,
        sensitivities,
        hidden_from_delegates: match fields.given("hiddenFromDelegates") {
            Some(YES) => Some(true),
            Some(NO) => Some(false),
            Some(_) | None => None,
        },
    })
}
