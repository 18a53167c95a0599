//! "Will you join a care team?": the questions of other organizations to a person of staff, to accept or to decline. A question
//! does not say whose care team it is.

use askama::Template;
use coordination::answer::Recorded;
use poem::http::StatusCode;

use super::controls::{ErrorLine, place};
use super::forms::{Fields, FormSubject, Hidden};
use super::frame::{Frame, Place};
use super::outcome::Problem;
use super::patients::ACCEPT_PLACE;
use super::queries::{
    AcceptCareTeamPlace, CareTeamQuestions as Query, DeclineCareTeamPlace, accept_care_team_place, care_team_questions,
    decline_care_team_place,
};
use super::rows::Contact;
use super::site::{Failed, Screen, Visit, rendered, see_other};
use super::time::Moment;
use crate::graphql::problem::ProblemCode;
use crate::response::Response;

/// The screen `/care-team-questions`: what is asked.
pub(crate) struct CareTeamQuestions;

/// The screen `/care-team-questions/{id}/{answer}`: the answer to one question.
pub(crate) struct CareTeamAnswer;

#[derive(Template)]
#[template(path = "care_team_questions.html")]
struct Page<'a> {
    frame: Frame<'a>,
    visit: &'a Visit<'a>,
    /// None if they could not be read.
    questions: Option<Vec<Question>>,
    errors: Vec<ErrorLine>,
}

/// A question to join a care team.
struct Question {
    record: String,
    organization: Option<Contact>,
    role: String,
    at: Moment,
    until: Moment,
    accept: Hidden,
    decline: Hidden,
}

/// The word of the form that declines a place.
const DECLINE_PLACE: &str = "decline-place";

impl Page<'_> {
    fn declined(&self) -> bool {
        self.visit.told("done") == Some("decline")
    }
}

impl Question {
    fn of(found: &care_team_questions::CareTeamQuestionsViewerCareTeamQuestions, visit: &Visit<'_>) -> Self {
        let time = visit.time();
        let record = found.patient_id.as_str();
        let hidden = |form| visit.hidden(FormSubject { form, thread: record, patient: record }, "");
        let at = found.organization.as_ref();
        Self {
            record: found.patient_id.clone(),
            organization: at.map(|at| Contact { name: at.name.clone(), phone: at.phone.clone() }),
            role: time.l.role(&found.role),
            at: time.full(found.asked_at),
            until: time.full(found.expires_at),
            accept: hidden(ACCEPT_PLACE),
            decline: hidden(DECLINE_PLACE),
        }
    }
}

async fn page(visit: &Visit<'_>, problems: &[Problem]) -> Result<Recorded<askama::Result<String>>, Failed> {
    let answer = visit.ask::<Query>(care_team_questions::Variables {}).await?;
    Ok(answer.map(|answer| {
        let questions = answer.data.viewer.care_team_questions.as_ref();
        let questions = questions.map(|all| all.iter().map(|found| Question::of(found, visit)).collect());
        let errors = place(problems, &mut [], visit.time().l);
        rendered(&Page { frame: visit.arrival.frame(Place::Home), visit, questions, errors })
    }))
}

impl Screen for CareTeamQuestions {
    async fn open(&self, visit: &Visit<'_>) -> Result<Response, Failed> {
        let page = page(visit, &[]).await?;
        visit.page(StatusCode::OK, page)
    }
}

impl Screen for CareTeamAnswer {
    async fn open(&self, _visit: &Visit<'_>) -> Result<Response, Failed> {
        see_other("/care-team-questions")
    }

    async fn submit(&self, visit: &Visit<'_>, fields: &Fields) -> Result<Response, Failed> {
        let form = match visit.step.as_str() {
            "accept" => ACCEPT_PLACE,
            "decline" => DECLINE_PLACE,
            _ => return Err(Failed::NotAvailable),
        };
        let record = visit.id.as_str();
        Hidden::check_about(&visit.session, FormSubject { form, thread: record, patient: record }, fields)?;
        let (id, key) = (visit.id.clone(), fields.get("key").to_owned());
        let (outcome, to) = match form {
            ACCEPT_PLACE => {
                let input = accept_care_team_place::AcceptCareTeamPlaceInput { client_mutation_id: key };
                let variables = accept_care_team_place::Variables { id, input };
                // Who accepted knows whose care team it is.
                (visit.act::<AcceptCareTeamPlace>(variables).await?, format!("/patients/{record}?done={ACCEPT_PLACE}"))
            }
            _ => {
                let input = decline_care_team_place::DeclineCareTeamPlaceInput { client_mutation_id: key };
                let variables = decline_care_team_place::Variables { id, input };
                (visit.act::<DeclineCareTeamPlace>(variables).await?, "/care-team-questions?done=decline".to_owned())
            }
        };
        if outcome.problems.is_empty() {
            return visit.see_done(&to);
        }
        if outcome.problems.iter().any(|problem| problem.code == ProblemCode::NotFound) {
            return Err(Failed::NotAvailable);
        }
        let page = page(visit, &outcome.problems).await?;
        visit.page(StatusCode::UNPROCESSABLE_ENTITY, page)
    }
}
