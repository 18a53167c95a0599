//! What the form of each step does.

use graphql_client::GraphQLQuery;

use super::Step;
use super::controls::{ANY_MEMBER, MINUTES_SPENT, RATINGS, RECOMMENDATIONS_MAX, recommendation_count};
use crate::graphql::problem::ProblemCode;
use crate::graphql::scalars::Version;
use crate::graphql::words::{Audience, ClosingOutcome, Disposition, HistoryWindow, InformMethod};
use crate::pages::colleagues::{Colleague, Colleagues};
use crate::pages::controls::{chosen, due, happened, instant, number};
use crate::pages::forms::{ANSWERED, Fields, Reference};
use crate::pages::outcome::{Note, Outcome, Problem};
use crate::pages::parties::ChosenParty;
use crate::pages::queries::{
    AcceptInvitation, AddParticipant, AdviseConsultation, AskForAssignment, AssignConsultation, ChangeHistoryWindow,
    ClaimThread, CloseConsultation, CloseThread, DeclineInvitation, HandOverRequest, HideThreadFromDelegates,
    InformPatient, InviteParticipant, LeaveThread, MarkThreadRead, ParkTeamThread, PassTurn, PostMessage,
    PutThreadAway, RecordPlan, ReleaseThread, RemoveParticipant, ReopenThread, SetWaitingOn, ShowThreadToDelegates,
    TakeOverThread, TransferThread, accept_invitation, add_participant, advise_consultation, ask_for_assignment,
    assign_consultation, change_history_window, claim_thread, close_consultation, close_thread, decline_invitation,
    hand_over_request, hide_thread_from_delegates, inform_patient, invite_participant, leave_thread, mark_thread_read,
    park_team_thread, pass_turn, post_message, put_thread_away, record_plan, release_thread, remove_participant,
    reopen_thread, set_waiting_on, show_thread_to_delegates, take_over_thread, transfer_thread,
};
use crate::pages::site::{Failed, Visit};
use crate::pages::thread::Thread;

/// What came of a form: the outcome of its command, or what the page found wrong before it.
pub(crate) type Submitted = Result<Outcome, Vec<Problem>>;

impl Step {
    /// Does it.
    ///
    /// # Errors
    /// If the command was refused as a whole.
    pub async fn submit(self, visit: &Visit<'_>, fields: &Fields) -> Result<Submitted, Failed> {
        let id = visit.id.clone();
        let key = fields.get("key").to_owned();
        let version = version(fields);
        // Each input has its own generated type, with the same two fields first.
        macro_rules! act {
            ($operation:ident, $module:ident, $input:ident { $($field:ident: $value:expr),* $(,)? }) => {
                act::<$operation>(visit, $module::Variables {
                    id,
                    input: $module::$input { client_mutation_id: key, expected_version: version.into(), $($field: $value),* },
                })
                .await
            };
        }
        // The draft of the form ends in the same act.
        let draft = Reference::of(fields);
        macro_rules! message {
            ($module:ident) => {
                match written(fields) {
                    Ok(written) => written.map(|(audience, body)| $module::MessageInput {
                        audience,
                        to: answered(audience, fields),
                        body,
                    }),
                    Err(problems) => return Ok(Err(problems)),
                }
            };
        }
        macro_rules! turn {
            ($module:ident) => {{
                let Some(party) = ChosenParty::of(fields, "to.party") else { return missing(&["to.party"]) };
                let due_at = match due(fields, "to.dueAt", &visit.time()) {
                    Ok(due_at) => due_at,
                    Err(problems) => return Ok(Err(problems)),
                };
                let party = match party {
                    ChosenParty::Person(id) => $module::PartyInput::PersonId(id.to_owned()),
                    ChosenParty::Pool(id) => $module::PartyInput::PoolId(id.to_owned()),
                    ChosenParty::CoordinatorOfPool(id) => $module::PartyInput::CoordinatorOfPoolId(id.to_owned()),
                };
                $module::WaitingOnInput { party, action: POST.to_owned(), due_at }
            }};
        }
        let note = fields.filled("note").map(str::to_owned);
        let reason = fields.get("reason").to_owned();
        match self {
            Self::Accept => act!(AcceptInvitation, accept_invitation, AcceptInvitationInput {}),
            Self::Decline => act!(DeclineInvitation, decline_invitation, DeclineInvitationInput {}),
            Self::Claim => act!(ClaimThread, claim_thread, ClaimThreadInput {}),
            Self::Read => {
                let variables = mark_thread_read::Variables {
                    id,
                    input: mark_thread_read::MarkThreadReadInput {
                        client_mutation_id: key,
                        expected_version: None,
                        message_id: fields.get("messageId").to_owned(),
                    },
                };
                act::<MarkThreadRead>(visit, variables).await
            }
            Self::Reply => {
                let Some(audience) = chosen::<Audience>(fields, "audience") else { return missing(&["audience"]) };
                act!(
                    PostMessage,
                    post_message,
                    PostMessageInput {
                        draft: draft.map(Into::into),
                        audience: Some(audience),
                        to: answered(audience, fields),
                        body: fields.get("body").to_owned()
                    }
                )
            }
            Self::Named => {
                let to: Vec<String> = fields.all("to").map(str::to_owned).collect();
                let absent = [("to", to.is_empty()), ("body", fields.filled("body").is_none())];
                let absent: Vec<&str> = absent.iter().filter(|(_, absent)| *absent).map(|(name, _)| *name).collect();
                if !absent.is_empty() {
                    return missing(&absent);
                }
                act!(
                    PostMessage,
                    post_message,
                    PostMessageInput {
                        draft: draft.map(Into::into),
                        audience: Some(Audience::Named),
                        to: to,
                        body: fields.get("body").to_owned()
                    }
                )
            }
            Self::Assign => {
                let to = fields.filled("to").filter(|to| *to != ANY_MEMBER).map(str::to_owned);
                act!(
                    AssignConsultation,
                    assign_consultation,
                    AssignConsultationInput { to: to, reason: chosen(fields, "reason") }
                )
            }
            Self::AskForAssignment => {
                let input = ask_for_assignment::AskForAssignmentInput { client_mutation_id: key, reason };
                act::<AskForAssignment>(visit, ask_for_assignment::Variables { id, input }).await
            }
            Self::HandOverRequest => {
                let absent = ["to", "reason"].into_iter().filter(|name| fields.filled(name).is_none());
                let absent: Vec<&str> = absent.collect();
                if !absent.is_empty() {
                    return missing(&absent);
                }
                let to = fields.get("to").to_owned();
                act!(HandOverRequest, hand_over_request, HandOverRequestInput { to: to, reason: reason })
            }
            Self::Advise => {
                let minutes = number(fields, "minutesSpent", MINUTES_SPENT);
                let (recommendations, minutes_spent) = match (recommendations(fields), minutes) {
                    (Ok(recommendations), Ok(minutes)) => (recommendations, minutes),
                    (found, minutes) => {
                        let mut problems = found.err().unwrap_or_default();
                        problems.extend(minutes.err());
                        return Ok(Err(problems));
                    }
                };
                act!(
                    AdviseConsultation,
                    advise_consultation,
                    AdviseConsultationInput {
                        draft: draft.map(Into::into),
                        recommendations: recommendations,
                        come_back_when: fields.filled("comeBackWhen").map(str::to_owned),
                        minutes_spent: minutes_spent,
                    }
                )
            }
            Self::Plan => {
                let dispositions = match dispositions(fields) {
                    Ok(dispositions) => dispositions,
                    Err(problems) => return Ok(Err(problems)),
                };
                act!(
                    RecordPlan,
                    record_plan,
                    RecordPlanInput {
                        draft: draft.map(Into::into),
                        dispositions: dispositions,
                        note: fields.filled("note").map(str::to_owned)
                    }
                )
            }
            Self::Inform => {
                let method = chosen::<InformMethod>(fields, "method");
                let (method, told_at) = match (method, happened(fields, "toldAt", &visit.time())) {
                    (Some(method), Ok(told_at)) => (method, told_at),
                    (method, told_at) => {
                        let absent = method.is_none().then(|| Problem::of_field(ProblemCode::Empty, "method"));
                        return Ok(Err(absent.into_iter().chain(told_at.err()).collect()));
                    }
                };
                if method == InformMethod::Portal {
                    let problems = portal_problems(visit, fields).await?;
                    if !problems.is_empty() {
                        return Ok(Err(problems));
                    }
                }
                act!(
                    InformPatient,
                    inform_patient,
                    InformPatientInput {
                        draft: draft.map(Into::into),
                        method: method,
                        told_at: told_at,
                        message: message!(inform_patient)
                    }
                )
            }
            Self::Close if self.is_of_consultation(fields) => {
                let outcome = chosen::<ClosingOutcome>(fields, "outcome");
                let rated = |name: &str| number(fields, name, RATINGS);
                let (outcome, helpful, educational) = match (outcome, rated("helpful"), rated("educational")) {
                    (Some(outcome), Ok(helpful), Ok(educational)) => (outcome, helpful, educational),
                    (outcome, helpful, educational) => {
                        let absent = outcome.is_none().then(|| Problem::of_field(ProblemCode::Empty, "outcome"));
                        return Ok(Err(absent.into_iter().chain(helpful.err()).chain(educational.err()).collect()));
                    }
                };
                act!(
                    CloseConsultation,
                    close_consultation,
                    CloseConsultationInput {
                        draft: draft.map(Into::into),
                        outcome: outcome,
                        helpful: helpful,
                        educational: educational,
                        message: message!(close_consultation)
                    }
                )
            }
            Self::Turn => {
                act!(
                    SetWaitingOn,
                    set_waiting_on,
                    SetWaitingOnInput {
                        draft: draft.map(Into::into),
                        to: turn!(set_waiting_on),
                        note: note,
                        message: message!(set_waiting_on)
                    }
                )
            }
            Self::PassTurn => {
                act!(
                    PassTurn,
                    pass_turn,
                    PassTurnInput { draft: draft.map(Into::into), to: turn!(pass_turn), note: note }
                )
            }
            Self::Park => {
                let review_at = match instant(fields, "reviewAt", &visit.time()) {
                    Ok(review_at) => review_at,
                    Err(problem) => return Ok(Err(vec![problem])),
                };
                act!(
                    ParkTeamThread,
                    park_team_thread,
                    ParkTeamThreadInput {
                        draft: draft.map(Into::into),
                        review_at: review_at,
                        reason: reason,
                        message: message!(park_team_thread)
                    }
                )
            }
            Self::Reopen => {
                act!(
                    ReopenThread,
                    reopen_thread,
                    ReopenThreadInput {
                        draft: draft.map(Into::into),
                        reason: reason,
                        to: turn!(reopen_thread),
                        note: note
                    }
                )
            }
            Self::Add => {
                let Some(person_id) = fields.filled("personId").map(str::to_owned) else {
                    return missing(&["personId"]);
                };
                let colleagues = Colleagues::read(visit, fields.filled("patient")).await?;
                // Who is on the care team joins as on the care team.
                let found = colleagues.read(|colleagues| colleagues.person(&person_id).cloned());
                let found = found.filter(|person| !person.is_on_care_team);
                let place = found.and_then(|person| Some((person.role, person.organization?.id)));
                let place = place.map(|(role, organization_id)| add_participant::PlaceInput { role, organization_id });
                let Some(window) = history(fields) else { return missing(&["history.window"]) };
                let history = add_participant::HistoryInput { window, from_message_id: None };
                act!(
                    AddParticipant,
                    add_participant,
                    AddParticipantInput {
                        draft: draft.map(Into::into),
                        person_id: person_id,
                        place: place,
                        history: history,
                        reason: fields.filled("reason").map(str::to_owned),
                    }
                )
            }
            Self::Invite => {
                let colleagues = Colleagues::read(visit, fields.filled("patient")).await?;
                let found = fields.filled("personId").and_then(|id| colleagues.read(|all| all.person(id).cloned()));
                let Some(Colleague { id: person_id, role, organization: Some(at), .. }) = found else {
                    return missing(&["personId"]);
                };
                let place = invite_participant::PlaceInput { role, organization_id: at.id };
                let Some(window) = history(fields) else { return missing(&["history.window"]) };
                let history = invite_participant::HistoryInput { window, from_message_id: None };
                act!(
                    InviteParticipant,
                    invite_participant,
                    InviteParticipantInput {
                        draft: draft.map(Into::into),
                        person_id: person_id,
                        place: place,
                        history: history,
                        reason: reason
                    }
                )
            }
            Self::History => {
                let person_id = fields.filled("personId").map(str::to_owned);
                let window = chosen::<HistoryWindow>(fields, "history.window");
                let (Some(person_id), Some(window)) = (person_id.clone(), window) else {
                    let absent = [("personId", person_id.is_none()), ("history.window", window.is_none())];
                    let absent: Vec<&str> =
                        absent.iter().filter(|(_, absent)| *absent).map(|(name, _)| *name).collect();
                    return missing(&absent);
                };
                let history = change_history_window::HistoryInput { window, from_message_id: None };
                act!(
                    ChangeHistoryWindow,
                    change_history_window,
                    ChangeHistoryWindowInput {
                        draft: draft.map(Into::into),
                        person_id: person_id,
                        history: history,
                        reason: reason
                    }
                )
            }
            Self::Remove => {
                let Some(person_id) = fields.filled("personId").map(str::to_owned) else {
                    return missing(&["personId"]);
                };
                act!(
                    RemoveParticipant,
                    remove_participant,
                    RemoveParticipantInput {
                        draft: draft.map(Into::into),
                        person_id: person_id,
                        note: fields.get("note").to_owned()
                    }
                )
            }
            Self::Leave => act!(LeaveThread, leave_thread, LeaveThreadInput {}),
            Self::Release => {
                act!(ReleaseThread, release_thread, ReleaseThreadInput { draft: draft.map(Into::into), reason: reason })
            }
            Self::Transfer => {
                let to = match ChosenParty::of(fields, "to") {
                    Some(ChosenParty::Person(id)) => {
                        let person = transfer_thread::OwningPersonInput { person_id: id.to_owned(), pool_id: None };
                        transfer_thread::OwnerInput::Person(person)
                    }
                    Some(ChosenParty::Pool(id)) => transfer_thread::OwnerInput::PoolId(id.to_owned()),
                    Some(ChosenParty::CoordinatorOfPool(_)) | None => return missing(&["to"]),
                };
                act!(
                    TransferThread,
                    transfer_thread,
                    TransferThreadInput { draft: draft.map(Into::into), to: to, reason: reason }
                )
            }
            Self::TakeOver => act!(
                TakeOverThread,
                take_over_thread,
                TakeOverThreadInput { draft: draft.map(Into::into), reason: reason }
            ),
            Self::Hide => act!(
                HideThreadFromDelegates,
                hide_thread_from_delegates,
                HideThreadFromDelegatesInput {
                    basis: fields.filled("basis").map(str::to_owned),
                    known_to: fields.all("knownTo").map(str::to_owned).collect(),
                }
            ),
            Self::Show => act!(
                ShowThreadToDelegates,
                show_thread_to_delegates,
                ShowThreadToDelegatesInput { delegates: fields.get("delegates").to_owned() }
            ),
            Self::PutAway | Self::TakeBack => {
                let away = self == Self::PutAway;
                let input = put_thread_away::PutThreadAwayInput { client_mutation_id: key, away };
                act::<PutThreadAway>(visit, put_thread_away::Variables { id, input }).await
            }
            Self::Close => {
                act!(
                    CloseThread,
                    close_thread,
                    CloseThreadInput {
                        draft: draft.map(Into::into),
                        outcome: fields.get("outcome").to_owned(),
                        message: message!(close_thread)
                    }
                )
            }
        }
    }
}

/// The version that the person saw; a required and an optional field of a generated type take it alike.
struct Seen(Version);

impl From<Seen> for Version {
    fn from(seen: Seen) -> Self {
        seen.0
    }
}

impl From<Seen> for Option<Version> {
    fn from(seen: Seen) -> Self {
        Some(seen.0)
    }
}

fn version(fields: &Fields) -> Seen {
    Seen(Version::of_form(fields.get("version")))
}

async fn act<Q: GraphQLQuery>(visit: &Visit<'_>, variables: Q::Variables) -> Result<Submitted, Failed> {
    Ok(Ok(visit.act::<Q>(variables).await?))
}

fn missing(names: &[&str]) -> Result<Submitted, Failed> {
    Ok(Err(names.iter().map(|name| Problem::of_field(ProblemCode::Empty, name)).collect()))
}

/// Why the portal would not inform the patient: they read nothing here, or the message that goes along is kept from them.
async fn portal_problems(visit: &Visit<'_>, fields: &Fields) -> Result<Vec<Problem>, Failed> {
    let view = Thread::read(visit).await?;
    // Who may not know who reads cannot be told that the patient does not.
    let reads_nothing = view.read(|view| view.reach(Audience::Everyone).is_some_and(|reach| !reach.includes_patient));
    if reads_nothing {
        let problem = Problem::of_field(ProblemCode::NoReachableReader, "method");
        return Ok(vec![problem.noted(Note::PatientReadsNothing)]);
    }
    let is_kept = fields.filled("message.body").is_some()
        && chosen::<Audience>(fields, "message.audience").is_some_and(|audience| match audience {
            // The form lets the team answer nobody but the patient.
            Audience::Everyone | Audience::TeamAndMe => false,
            Audience::ClinicalTeam | Audience::Named => true,
        });
    let problem = || Problem::of_field(ProblemCode::Malformed, "message.audience").noted(Note::PortalWithoutPatient);
    Ok(is_kept.then(problem).into_iter().collect())
}

/// The command that is awaited of whom a thread waits for.
const POST: &str = "thread.post";

/// The person whom the clinical team answers, as the form names them; nobody where a person writes for themself, and for
/// every other audience.
fn answered(audience: Audience, fields: &Fields) -> Vec<String> {
    match audience {
        Audience::TeamAndMe => fields.filled(ANSWERED).map(str::to_owned).into_iter().collect(),
        Audience::Everyone | Audience::ClinicalTeam | Audience::Named => Vec::new(),
    }
}

/// The message that goes along with a step, if one was written.
fn written(fields: &Fields) -> Result<Option<(Audience, String)>, Vec<Problem>> {
    // The message of a reply must be there; a message beside a step may be left out.
    let is_required = fields.given("message.required").is_some();
    let Some(body) = fields.filled("message.body") else {
        return if is_required { Err(vec![Problem::of_field(ProblemCode::Empty, "message.body")]) } else { Ok(None) };
    };
    match chosen(fields, "message.audience") {
        Some(audience) => Ok(Some((audience, body.to_owned()))),
        None => Err(vec![Problem::of_field(ProblemCode::Empty, "message.audience")]),
    }
}

/// How much a person sees of what was written before; none if the word is unknown. A form without it has the choice that is
/// made in advance.
fn history(fields: &Fields) -> Option<HistoryWindow> {
    match fields.given("history.window") {
        None => Some(HistoryWindow::Full),
        Some(_) => chosen(fields, "history.window"),
    }
}

fn recommendations(fields: &Fields) -> Result<Vec<advise_consultation::RecommendationInput>, Vec<Problem>> {
    let (mut found, mut problems) = (Vec::new(), Vec::new());
    for number in 0..recommendation_count(fields) {
        let name = |part: &str| format!("recommendations.{number}.{part}");
        let (kind, certainty) = (chosen(fields, &name("kind")), chosen(fields, &name("certainty")));
        let text = fields.filled(&name("text"));
        // An empty recommendation that was asked for and not needed is left out.
        if number > 0 && text.is_none() && kind.is_none() && certainty.is_none() {
            continue;
        }
        match (kind, certainty, text) {
            (Some(kind), Some(certainty), Some(text)) => {
                found.push(advise_consultation::RecommendationInput { kind, certainty, text: text.to_owned() });
            }
            (kind, certainty, text) => {
                let absent = [("text", text.is_none()), ("kind", kind.is_none()), ("certainty", certainty.is_none())];
                let absent = absent.into_iter().filter(|(_, absent)| *absent).map(|(part, _)| name(part));
                problems.extend(absent.map(|name| Problem::of_field(ProblemCode::Empty, &name)));
            }
        }
    }
    if problems.is_empty() { Ok(found) } else { Err(problems) }
}

fn dispositions(fields: &Fields) -> Result<Vec<record_plan::DispositionInput>, Vec<Problem>> {
    let (mut found, mut problems) = (Vec::new(), Vec::new());
    for number in 0..RECOMMENDATIONS_MAX {
        let name = |part: &str| format!("dispositions.{number}.{part}");
        // One that its reader cannot read has no place in the form.
        let Some(recommendation_id) = fields.filled(&name("recommendationId")) else { continue };
        match chosen(fields, &name("disposition")) {
            Some(Disposition::Modified | Disposition::Rejected) if fields.filled(&name("reason")).is_none() => {
                problems.push(Problem::of_field(ProblemCode::ReasonMissing, &name("reason")));
            }
            Some(disposition) => found.push(record_plan::DispositionInput {
                recommendation_id: recommendation_id.to_owned(),
                disposition,
                reason: fields.filled(&name("reason")).map(str::to_owned),
            }),
            None => problems.push(Problem::of_field(ProblemCode::Empty, &name("disposition"))),
        }
    }
    if problems.is_empty() { Ok(found) } else { Err(problems) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(text: &str) -> Fields {
        Fields::parse(text.as_bytes())
    }

    #[test]
    fn decisions_are_read_beside_a_recommendation_without_one() {
        let of = |number| {
            let name = format!("dispositions.{number}");
            format!("{name}.recommendationId=r{number}&{name}.disposition=ACCEPTED")
        };
        let found = dispositions(&fields(&format!("{}&{}&dispositions.1.reason=x", of(0), of(2)))).unwrap();
        assert_eq!(found.iter().map(|each| each.recommendation_id.as_str()).collect::<Vec<_>>(), ["r0", "r2"]);
        let rejected = |number| of(number).replace("ACCEPTED", "REJECTED");
        let problems = dispositions(&fields(&format!("{}&{}&{}", rejected(0), of(1), rejected(2)))).unwrap_err();
        let named: Vec<Option<String>> = problems.iter().map(Problem::field).collect();
        let reason = |number| Some(format!("dispositions.{number}.reason"));
        assert_eq!(named, [reason(0), reason(2)], "each recommendation that is not followed needs its reason");
    }

    #[test]
    fn a_recommendation_that_was_begun_must_be_complete() {
        let whole = "recommendations.0.text=Rest&recommendations.0.kind=TREAT&recommendations.0.certainty=HIGH";
        assert_eq!(recommendations(&fields(whole)).unwrap().len(), 1);
        let blank = format!("{whole}&recommendations.1.text=");
        assert_eq!(recommendations(&fields(&blank)).unwrap().len(), 1, "an unused one is left out");
        let begun = format!("{whole}&recommendations.1.text=Echo");
        let problems = recommendations(&fields(&begun)).unwrap_err();
        let names: Vec<String> = problems.iter().filter_map(Problem::field).collect();
        assert_eq!(names, ["recommendations.1.kind", "recommendations.1.certainty"]);
        assert_eq!(recommendation_count(&fields(&format!("{begun}&more=1"))), 3);
        assert_eq!(recommendations(&fields("")).unwrap_err().len(), 3);
    }
}
