//! What is done about a patient as a whole, each at `/patients/{id}/{act}`: somebody joins the care team and says why, a
//! person is blocked, and a block ends. The patient says it themself, or staff write down what the patient said. Staff also
//! record a death, and protect the patient from a person, who is not told.
//!
//! To add an act: 1. its mutation in `queries.rs`, and whether it is permitted in `patient.graphql` and
//! `patient_people.graphql`; 2. a variant of [`Act`], and follow the compiler; 3. its line in `permitted_acts` in `act.rs`, by which
//! the page of the patient has its link.

pub(super) mod act;
mod around;

use askama::Template;
use poem::http::StatusCode;

use self::act::{Act, is_own};
use self::around::{Around, Origin};
use super::controls::{Control, ErrorLine, choices, chosen, instant, place};
use super::forms::{Fields, FormSubject, Hidden};
use super::frame::{Frame, Place};
use super::outcome::{Outcome, Problem};
use super::parties::one_of;
use super::queries::{
    BlockPerson, EndBlock, JoinCareTeam, LiftProtectionNote, RecordPatientDeath, RecordProtectionNote,
    VoidPatientDeath, block_person, end_block, join_care_team, lift_protection_note, record_patient_death,
    record_protection_note, void_patient_death,
};
use super::rows::Subject;
use super::site::{Failed, Screen, Visit, rendered, see_other};
use super::texts::Texts;
use super::time::PageTime;
use crate::graphql::problem::ProblemCode;
use crate::graphql::words::Role;
use crate::response::Response;

/// The screen `/patients/{id}/{act}`.
pub(crate) struct PatientAct;

/// The field of the button by which what was checked is sent.
const CHECKED: &str = "checked";
/// The field of the button by which a person changes what they have given.
const CHANGE: &str = "change";

impl Act {
    /// What follows from it.
    fn explanation(self, around: &Around, fields: &Fields, l: &Texts) -> String {
        match self {
            Self::Join => l.join_explained().into_owned(),
            Self::Block => l.block_explained().into_owned(),
            Self::EndBlock => {
                let name = around.block(fields).and_then(|block| block.name.clone());
                l.end_block_explained(name.unwrap_or_else(|| l.withheld().into_owned()))
            }
            Self::Protect => l.protect_explained().into_owned(),
            Self::LiftProtection => l.lift_protection_explained().into_owned(),
            Self::RecordDeath => l.record_death_explained().into_owned(),
            Self::VoidDeath => l.void_death_explained().into_owned(),
        }
    }

    /// What its form is bound to, beside the patient.
    fn subject<'f>(self, visit: &'f Visit<'_>, fields: &'f Fields) -> FormSubject<'f> {
        let thread = match self {
            Self::Join | Self::Block | Self::Protect | Self::LiftProtection | Self::RecordDeath | Self::VoidDeath => {
                visit.id.as_str()
            }
            Self::EndBlock => fields.get("blockId"),
        };
        FormSubject { form: self.word(), thread, patient: &visit.id }
    }

    /// Whether this person can do it now.
    fn is_allowed(self, around: &Around, fields: &Fields) -> bool {
        match self {
            Self::EndBlock => around.block(fields).is_some_and(|block| block.can_end),
            Self::Join | Self::Block | Self::Protect | Self::LiftProtection | Self::RecordDeath | Self::VoidDeath => {
                around.can.can(self)
            }
        }
    }

    /// The controls of its form.
    fn controls(self, around: &Around, fields: &Fields, time: &PageTime<'_>) -> Vec<Control> {
        let l = time.l;
        let why = || Control::short_text("reason", l.reason_why(), fields);
        let whom = |label: String| one_of("personId", label, fields, around.people.clone(), l);
        match self {
            Self::Join => {
                let roles = choices(&around.can.joins_as, |role| l.role(role));
                // Who holds one role only has chosen it.
                let fields = match roles.as_slice() {
                    [only] => fields.clone().with("role", only.value.clone()),
                    _ => fields.clone(),
                };
                vec![
                    Control::one("role", l.join_role(), &fields, roles),
                    Control::short_text("reason", l.reason_why(), &fields).hint(l.join_reason_hint()),
                ]
            }
            Self::Block => {
                let mut controls = vec![whom(l.block_whom().into_owned())];
                if !around.can.is_own {
                    controls.push(Control::short_text("patientWord", l.block_word(), fields));
                }
                // A form that is shown again has the same people.
                let from = ["after", "participants"].into_iter();
                controls.extend(from.filter_map(|name| Some(Control::hidden(name, fields.filled(name)?))));
                controls
            }
            Self::EndBlock => vec![Control::hidden("blockId", fields.get("blockId"))],
            Self::Protect => vec![whom(l.protect_whom().into_owned()), why().hint(l.protect_reason_hint())],
            Self::LiftProtection => vec![whom(l.lift_protection_whom().into_owned()), why()],
            Self::RecordDeath => vec![
                Control::moment_at("diedAt", l.death_when(), fields, time),
                Control::short_text("source", l.death_source(), fields),
            ],
            Self::VoidDeath => vec![why()],
        }
    }

    /// What is missing in its form: all at once.
    fn missing(self, visit: &Visit<'_>, fields: &Fields) -> Vec<Problem> {
        let is_empty = |name: &str| fields.filled(name).is_none();
        let absent: Vec<&str> = match self {
            Self::Join => {
                let role = chosen::<Role>(fields, "role").is_none().then_some("role");
                role.into_iter().chain(is_empty("reason").then_some("reason")).collect()
            }
            Self::Block => {
                let word = (!is_own(&visit.session.me, &visit.id) && is_empty("patientWord")).then_some("patientWord");
                is_empty("personId").then_some("personId").into_iter().chain(word).collect()
            }
            Self::EndBlock => Vec::new(),
            Self::Protect | Self::LiftProtection => {
                ["personId", "reason"].into_iter().filter(|name| is_empty(name)).collect()
            }
            Self::RecordDeath => is_empty("source").then_some("source").into_iter().collect(),
            Self::VoidDeath => is_empty("reason").then_some("reason").into_iter().collect(),
        };
        let when = match self {
            Self::RecordDeath => instant(fields, "diedAt", &visit.time()).err(),
            Self::Join | Self::Block | Self::EndBlock | Self::Protect | Self::LiftProtection | Self::VoidDeath => None,
        };
        let absent = absent.into_iter().map(|name| Problem::of_field(ProblemCode::Empty, name));
        when.into_iter().chain(absent).collect()
    }

    /// Does it.
    async fn make(self, visit: &Visit<'_>, fields: &Fields) -> Result<Outcome, Failed> {
        let (id, client_mutation_id) = (visit.id.clone(), fields.get("key").to_owned());
        match self {
            Self::Join => {
                let Some(role) = chosen::<Role>(fields, "role") else {
                    return Ok(Outcome::refused(Problem::of_field(ProblemCode::Empty, "role")));
                };
                let reason = fields.get("reason").to_owned();
                let input = join_care_team::JoinCareTeamInput { client_mutation_id, role, reason };
                visit.act::<JoinCareTeam>(join_care_team::Variables { id, input }).await
            }
            Self::Block => {
                let patient_word =
                    fields.filled("patientWord").filter(|_| !is_own(&visit.session.me, &visit.id)).map(str::to_owned);
                let person_id = fields.get("personId").to_owned();
                let input = block_person::BlockPersonInput { client_mutation_id, person_id, patient_word };
                visit.act::<BlockPerson>(block_person::Variables { id, input }).await
            }
            Self::EndBlock => {
                let block_id = fields.get("blockId").to_owned();
                let input = end_block::EndBlockInput { client_mutation_id, block_id };
                visit.act::<EndBlock>(end_block::Variables { id, input }).await
            }
            Self::Protect => {
                let (person_id, reason) = (fields.get("personId").to_owned(), fields.get("reason").to_owned());
                let input = record_protection_note::RecordProtectionNoteInput { client_mutation_id, person_id, reason };
                visit.act::<RecordProtectionNote>(record_protection_note::Variables { id, input }).await
            }
            Self::LiftProtection => {
                let (person_id, reason) = (fields.get("personId").to_owned(), fields.get("reason").to_owned());
                let input = lift_protection_note::LiftProtectionNoteInput { client_mutation_id, person_id, reason };
                visit.act::<LiftProtectionNote>(lift_protection_note::Variables { id, input }).await
            }
            Self::RecordDeath => {
                let died_at = match instant(fields, "diedAt", &visit.time()) {
                    Ok(died_at) => died_at,
                    Err(problem) => return Ok(Outcome::refused(problem)),
                };
                let source = fields.get("source").to_owned();
                let input = record_patient_death::RecordPatientDeathInput { client_mutation_id, died_at, source };
                visit.act::<RecordPatientDeath>(record_patient_death::Variables { id, input }).await
            }
            Self::VoidDeath => {
                let reason = fields.get("reason").to_owned();
                let input = void_patient_death::VoidPatientDeathInput { client_mutation_id, reason };
                visit.act::<VoidPatientDeath>(void_patient_death::Variables { id, input }).await
            }
        }
    }
}

#[derive(Template)]
#[template(path = "patient_act.html")]
struct Page<'a> {
    frame: Frame<'a>,
    act: Act,
    patient: Subject,
    explanation: String,
    hidden: Hidden,
    controls: Vec<Control>,
    errors: Vec<ErrorLine>,
    /// From where the people are who can be chosen, if the form names one.
    people_from: Option<PeopleFrom>,
}

/// What was given of an act, and what follows from it, before it is done.
#[derive(Template)]
#[template(path = "patient_act_check.html")]
struct CheckPage<'a> {
    frame: Frame<'a>,
    act: Act,
    patient: Subject,
    hidden: Hidden,
    when: String,
    source: String,
    /// What was given, which goes along.
    given: Vec<(String, String)>,
}

/// From which threads the people are who can be chosen, beside the care team.
struct PeopleFrom {
    /// Whether they are not the newest ones.
    is_older: bool,
    /// From where the next ones are.
    next: Option<Origin>,
    /// Whether all of them could be read.
    is_whole: bool,
}

fn page(visit: &Visit<'_>, act: Act, around: Around, fields: &Fields, problems: &[Problem]) -> askama::Result<String> {
    let (time, l) = (visit.time(), visit.time().l);
    let mut controls = act.controls(&around, fields, &time);
    let errors = place(problems, &mut controls, l);
    let is_older = act == Act::Block && !Origin::of(fields).is_newest();
    let people_from = PeopleFrom { is_older, next: around.next.clone(), is_whole: around.is_whole };
    rendered(&Page {
        people_from: (act == Act::Block || act.names_helper()).then_some(people_from),
        frame: visit.arrival.frame(Place::of_patient(&visit.session.me)),
        act,
        explanation: act.explanation(&around, fields, l),
        hidden: visit.hidden(act.subject(visit, fields), ""),
        controls,
        errors,
        patient: around.patient,
    })
}

fn check(visit: &Visit<'_>, act: Act, around: Around, fields: &Fields) -> askama::Result<String> {
    let time = visit.time();
    let is_given = |name: &str| name.starts_with("diedAt.") || name == "source";
    let given = fields.pairs().filter(|(name, _)| is_given(name));
    rendered(&CheckPage {
        frame: visit.arrival.frame(Place::of_patient(&visit.session.me)),
        act,
        hidden: visit.hidden(act.subject(visit, fields), ""),
        when: instant(fields, "diedAt", &time).map(|at| time.full(at).words).unwrap_or_default(),
        source: fields.get("source").to_owned(),
        given: given.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        patient: around.patient,
    })
}

impl Screen for PatientAct {
    async fn open(&self, visit: &Visit<'_>) -> Result<Response, Failed> {
        let act = Act::of(&visit.step).ok_or(Failed::NotAvailable)?;
        let fields = Fields::default().with("blockId", visit.query.get("blockId"));
        let fields = fields.with("after", visit.query.get("after"));
        let fields = fields.with("participants", visit.query.get("participants"));
        let around = Around::read(visit, act, &fields).await?;
        // An act that is not possible now leads back to the patient.
        if !around.read(|around| act.is_allowed(around, &fields)) {
            return see_other(&format!("/patients/{}", visit.id));
        }
        visit.page(StatusCode::OK, around.map(|around| page(visit, act, around, &fields, &[])))
    }

    async fn submit(&self, visit: &Visit<'_>, fields: &Fields) -> Result<Response, Failed> {
        let act = Act::of(&visit.step).ok_or(Failed::NotAvailable)?;
        Hidden::check_about(&visit.session, act.subject(visit, fields), fields)?;
        let is_changed = act.is_checked() && fields.given(CHANGE).is_some();
        let mut problems = if is_changed { Vec::new() } else { act.missing(visit, fields) };
        if problems.is_empty() && act.is_checked() && (is_changed || fields.given(CHECKED).is_none()) {
            let around = Around::read(visit, act, fields).await?;
            if !around.read(|around| act.is_allowed(around, fields)) {
                return see_other(&format!("/patients/{}", visit.id));
            }
            let shown = around.map(|around| match is_changed {
                true => page(visit, act, around, fields, &[]),
                false => check(visit, act, around, fields),
            });
            return visit.page(StatusCode::OK, shown);
        }
        if problems.is_empty() {
            let outcome = act.make(visit, fields).await?;
            if outcome.problems.is_empty() {
                return visit.see_done(&format!("/patients/{}?done={}", visit.id, act.word()));
            }
            problems = outcome.problems.into_iter().map(|problem| act.noted(problem)).collect();
        }
        if problems.iter().any(|problem| problem.code == ProblemCode::NotFound && problem.note.is_none()) {
            return Err(Failed::NotAvailable);
        }
        let around = Around::read(visit, act, fields).await?;
        let page = around.map(|around| page(visit, act, around, fields, &problems));
        visit.page(StatusCode::UNPROCESSABLE_ENTITY, page)
    }
}
