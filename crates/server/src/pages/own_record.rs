//! "Is this you?": the records that are proposed to a person as their own, to accept or to decline.

use askama::Template;
use coordination::answer::Recorded;
use poem::http::StatusCode;

use super::controls::{ErrorLine, place};
use super::forms::{Fields, FormSubject, Hidden};
use super::frame::{Frame, Place};
use super::outcome::Problem;
use super::queries::{
    AcceptPatientLink, DeclinePatientLink, RecordProposals, accept_patient_link, decline_patient_link,
};
use super::rows::Contact;
use super::site::{Failed, Screen, Visit, rendered, see_other};
use super::time::Moment;
use crate::graphql::problem::ProblemCode;
use crate::response::Response;

/// The screen `/own-record`: what is proposed.
pub(crate) struct OwnRecord;

/// The screen `/own-record/{id}/{answer}`: the answer to one proposal.
pub(crate) struct OwnRecordAnswer;

#[derive(Template)]
#[template(path = "own_record.html")]
struct Page<'a> {
    frame: Frame<'a>,
    visit: &'a Visit<'a>,
    /// None if they could not be read.
    proposals: Option<Vec<Proposal>>,
    errors: Vec<ErrorLine>,
}

/// A proposed record. It does not say whose name it has.
struct Proposal {
    record: String,
    organization: Option<Contact>,
    by: String,
    at: Moment,
    until: Moment,
    accept: Hidden,
    decline: Hidden,
}

const ACCEPT: &str = "accept-record";
const DECLINE: &str = "decline-record";

impl Page<'_> {
    fn declined(&self) -> bool {
        self.visit.told("done") == Some("decline")
    }
}

async fn page(visit: &Visit<'_>, problems: &[Problem]) -> Result<Recorded<askama::Result<String>>, Failed> {
    let answer = visit.ask::<RecordProposals>(super::queries::record_proposals::Variables {}).await?;
    Ok(answer.map(|answer| {
        let (time, l) = (visit.time(), visit.time().l);
        let proposals = answer.data.viewer.record_proposals.as_ref().map(|proposals| {
            let proposal = |found: &super::queries::record_proposals::RecordProposalsViewerRecordProposals| {
                let hidden = |form| {
                    let record = found.patient_id.as_str();
                    visit.hidden(FormSubject { form, thread: record, patient: record }, "")
                };
                Proposal {
                    record: found.patient_id.clone(),
                    organization: found
                        .organization
                        .as_ref()
                        .map(|at| Contact { name: at.name.clone(), phone: at.phone.clone() }),
                    by: l.role(&found.proposed_by_role),
                    at: time.full(found.proposed_at),
                    until: time.full(found.expires_at),
                    accept: hidden(ACCEPT),
                    decline: hidden(DECLINE),
                }
            };
            proposals.iter().map(proposal).collect()
        });
        let errors = place(problems, &mut [], l);
        rendered(&Page { frame: visit.arrival.frame(Place::Home), visit, proposals, errors })
    }))
}

impl Screen for OwnRecord {
    async fn open(&self, visit: &Visit<'_>) -> Result<Response, Failed> {
        let page = page(visit, &[]).await?;
        visit.page(StatusCode::OK, page)
    }
}

impl Screen for OwnRecordAnswer {
    async fn open(&self, _visit: &Visit<'_>) -> Result<Response, Failed> {
        see_other("/own-record")
    }

    async fn submit(&self, visit: &Visit<'_>, fields: &Fields) -> Result<Response, Failed> {
        let (form, to) = match visit.step.as_str() {
            "accept" => (ACCEPT, "/home?done=record"),
            "decline" => (DECLINE, "/own-record?done=decline"),
            _ => return Err(Failed::NotAvailable),
        };
        let record = visit.id.as_str();
        Hidden::check_about(&visit.session, FormSubject { form, thread: record, patient: record }, fields)?;
        let (id, key) = (visit.id.clone(), fields.get("key").to_owned());
        let outcome = match form {
            ACCEPT => {
                let input = accept_patient_link::AcceptPatientLinkInput { client_mutation_id: key };
                visit.act::<AcceptPatientLink>(accept_patient_link::Variables { id, input }).await?
            }
            _ => {
                let input = decline_patient_link::DeclinePatientLinkInput { client_mutation_id: key };
                visit.act::<DeclinePatientLink>(decline_patient_link::Variables { id, input }).await?
            }
        };
        if outcome.problems.is_empty() {
            return visit.see_done(to);
        }
        if outcome.problems.iter().any(|problem| problem.code == ProblemCode::NotFound) {
            return Err(Failed::NotAvailable);
        }
        let page = page(visit, &outcome.problems).await?;
        visit.page(StatusCode::UNPROCESSABLE_ENTITY, page)
    }
}
