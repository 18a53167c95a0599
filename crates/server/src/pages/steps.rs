//! The steps of a thread: what a person can do to it, each with its form and its command.
//!
//! To add a step: 1. its mutation in `queries.rs`; 2. a variant of [`Step`], and follow the compiler: its word, when it is
//! allowed, its texts, its controls, its command.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use graphql_client::GraphQLQuery;

use super::forms::{Choice, Control, Fields, choices, chosen};
use super::outcome::{Outcome, Problem};
use super::queries::{
    AcceptInvitation, AdviseConsultation, AssignConsultation, ClaimThread, CloseConsultation, CloseThread,
    DeclineInvitation, InformPatient, MarkThreadRead, PostMessage, RecordPlan, accept_invitation, advise_consultation,
    assign_consultation, claim_thread, close_consultation, close_thread, decline_invitation, inform_patient,
    mark_thread_read, post_message, record_plan,
};
use super::rows::Wording;
use super::site::{Failed, Visit};
use super::texts::Texts;
use super::time::PageTime;
use super::view::View;
use crate::graphql::problem::ProblemCode;
use crate::graphql::scalars::Version;
use crate::graphql::words::{
    Audience, Certainty, ClosingOutcome, ConsultationState, Disposition, InformMethod, ReassignReason,
    RecommendationKind,
};

/// Something that a person can do to a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Accept,
    Decline,
    Advise,
    Plan,
    Inform,
    Close,
    Claim,
    Assign,
    /// Write a message. Its form is on the page of the thread.
    Reply,
    /// Note how far one has read.
    Read,
}

/// What came of a form: the outcome of its command, or what the page found wrong before it.
type Submitted = Result<Outcome, Vec<Problem>>;

/// In the order in which one of them is the next step.
const ORDER: [Step; 8] =
    [Step::Accept, Step::Advise, Step::Plan, Step::Inform, Step::Close, Step::Claim, Step::Assign, Step::Decline];

/// The most recommendations of an answer.
const RECOMMENDATIONS_MAX: usize = 20;

impl Step {
    /// The step with this word.
    pub fn of(word: &str) -> Option<Self> {
        ORDER.into_iter().chain([Self::Reply, Self::Read]).find(|step| step.word() == word)
    }

    /// Its word in addresses and forms.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Decline => "decline",
            Self::Advise => "advise",
            Self::Plan => "plan",
            Self::Inform => "inform",
            Self::Close => "close",
            Self::Claim => "claim",
            Self::Assign => "assign",
            Self::Reply => "reply",
            Self::Read => "read",
        }
    }

    /// The command by its name in the policy, if a thread can wait for it.
    pub const fn command(self) -> Option<&'static str> {
        match self {
            Self::Accept => Some("thread.accept_invitation"),
            Self::Advise => Some("consultation.advise"),
            Self::Plan => Some("consultation.record_plan"),
            Self::Inform => Some("consultation.inform_patient"),
            Self::Close => Some("consultation.close"),
            Self::Claim => Some("thread.claim"),
            Self::Assign => Some("consultation.assign"),
            Self::Reply => Some("thread.post"),
            Self::Decline | Self::Read => None,
        }
    }

    /// Whether it has a form on a page of its own. Others are one button.
    pub const fn has_page(self) -> bool {
        match self {
            Self::Advise | Self::Plan | Self::Inform | Self::Close | Self::Assign => true,
            Self::Accept | Self::Decline | Self::Claim | Self::Reply | Self::Read => false,
        }
    }

    /// Whether this person can do it now.
    pub fn is_allowed(self, view: &View) -> bool {
        let (thread, own) = (&view.thread, view.consultation());
        match self {
            Self::Accept => thread.viewer_can_accept_invitation.allowed,
            Self::Decline => thread.viewer_can_decline_invitation.allowed,
            Self::Advise => own.is_some_and(|own| own.viewer_can_advise.allowed),
            Self::Plan => own.is_some_and(|own| own.viewer_can_record_plan.allowed),
            Self::Inform => own.is_some_and(|own| own.viewer_can_inform_patient.allowed),
            Self::Close => thread.viewer_can_close.allowed,
            Self::Claim => thread.viewer_can_claim.allowed,
            Self::Assign => own.is_some_and(|own| own.viewer_can_assign.allowed),
            Self::Reply => thread.post_to_all.allowed || thread.post_to_clinicians.allowed,
            Self::Read => true,
        }
    }

    /// What this person can do now, the next step first.
    pub fn allowed(view: &View) -> impl Iterator<Item = Self> {
        ORDER.into_iter().filter(|step| step.is_allowed(view))
    }

    /// The next step of this person: what the thread waits for, or what only they can bring about.
    pub fn next(view: &View) -> Option<Self> {
        let awaited = view.awaited.as_ref().map(|awaited| awaited.action.as_str());
        let is_optional = |step: &Self| {
            // A team thread is closed when its people say so, and an assigned consultation is seldom assigned again.
            let again = view.consultation().is_some_and(|own| own.state != ConsultationState::Submitted);
            (*step == Self::Close && view.consultation().is_none())
                || (*step == Self::Assign && again)
                || *step == Self::Decline
        };
        Self::allowed(view)
            .find(|step| awaited.is_some() && step.command() == awaited)
            .or_else(|| Self::allowed(view).find(|step| !is_optional(step)))
    }

    /// The heading of its page, and the words of the button that leads there.
    pub fn title(self, l: &Texts) -> String {
        match self {
            Self::Accept => l.step_accept(),
            Self::Decline => l.step_decline(),
            Self::Advise => l.step_advise(),
            Self::Plan => l.step_plan(),
            Self::Inform => l.step_inform(),
            Self::Close => l.step_close(),
            Self::Claim => l.step_claim(),
            Self::Assign => l.step_assign(),
            Self::Reply => l.step_reply(),
            Self::Read => l.step_read(),
        }
        .into_owned()
    }

    /// What the page says once it is done.
    pub fn done(self, l: &Texts) -> String {
        match self {
            Self::Accept => l.done_accept(),
            Self::Decline => l.done_decline(),
            Self::Advise => l.done_advise(),
            Self::Plan => l.done_plan(),
            Self::Inform => l.done_inform(),
            Self::Close => l.done_close(),
            Self::Claim => l.done_claim(),
            Self::Assign => l.done_assign(),
            Self::Reply => l.done_reply(),
            Self::Read => l.done_read(),
        }
        .into_owned()
    }

    /// The words of the button that does it: the act, and the patient.
    pub fn button(self, view: &View, l: &Texts) -> String {
        match view.patient_name() {
            Some(patient) => l.act_about(self.title(l), patient),
            None => self.title(l),
        }
    }

    /// The icon of its buttons.
    pub const fn icon(self) -> &'static str {
        match self {
            Self::Accept | Self::Plan | Self::Close | Self::Read => "check",
            Self::Decline => "no",
            Self::Advise | Self::Reply => "edit",
            Self::Inform => "phone",
            Self::Claim => "now",
            Self::Assign => "people",
        }
    }

    /// Whether its form can ask for more of the same.
    pub fn more(self, l: &Texts) -> Option<String> {
        (self == Self::Advise).then(|| l.advise_more().into_owned())
    }

    /// The controls of its form.
    pub fn controls(self, view: &View, fields: &Fields, time: &PageTime<'_>) -> Vec<Control> {
        let l = time.l;
        match self {
            Self::Advise => advise_controls(view, fields, l),
            Self::Plan => plan_controls(view, fields, l),
            Self::Inform => vec![
                Control::one("method", l.inform_method_label(), fields, {
                    let all =
                        [InformMethod::InPerson, InformMethod::Telephone, InformMethod::Portal, InformMethod::Letter];
                    choices(&all, |word| l.inform_method(word))
                }),
                Control::moment("toldAt", l.inform_when(), fields, time),
            ],
            Self::Close if view.consultation().is_some() => vec![
                Control::one("outcome", l.close_outcome(), fields, {
                    let all = [
                        ClosingOutcome::NewPlan,
                        ClosingOutcome::PlanConfirmed,
                        ClosingOutcome::ReferralAvoided,
                        ClosingOutcome::ReferralStillNeeded,
                        ClosingOutcome::NewReferral,
                    ];
                    choices(&all, |word| l.closing_outcome(word))
                }),
                Control::number("helpful", l.close_helpful(), fields, 1..=5).hint(l.close_scale()),
                Control::number("educational", l.close_educational(), fields, 1..=5).hint(l.close_scale()),
            ],
            Self::Close => vec![Control::text("outcome", l.close_in_words(), fields)],
            Self::Assign => assign_controls(view, fields, l),
            Self::Reply => vec![Control::text("body", l.reply_label(), fields).hint(l.reply_hint())],
            Self::Accept | Self::Decline | Self::Claim | Self::Read => Vec::new(),
        }
    }

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
                    PostMessageInput { audience: Some(audience), to: Vec::new(), body: fields.get("body").to_owned() }
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
            Self::Advise => {
                let minutes = fields.get("minutesSpent").trim().parse().ok();
                let (recommendations, minutes_spent) = match (recommendations(fields), minutes) {
                    (Ok(recommendations), Some(minutes)) => (recommendations, minutes),
                    (found, minutes) => {
                        let mut problems = found.err().unwrap_or_default();
                        problems
                            .extend(minutes.is_none().then(|| Problem::of_field(ProblemCode::Empty, "minutesSpent")));
                        return Ok(Err(problems));
                    }
                };
                act!(
                    AdviseConsultation,
                    advise_consultation,
                    AdviseConsultationInput {
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
                    RecordPlanInput { dispositions: dispositions, note: fields.filled("note").map(str::to_owned) }
                )
            }
            Self::Inform => {
                let method = chosen::<InformMethod>(fields, "method");
                let told_at = happened(fields, "toldAt", &visit.time());
                let (Some(method), Some(told_at)) = (method, told_at) else {
                    let absent = [("method", method.is_none()), ("toldAt", told_at.is_none())];
                    return missing(
                        &absent.into_iter().filter_map(|(name, absent)| absent.then_some(name)).collect::<Vec<_>>(),
                    );
                };
                act!(
                    InformPatient,
                    inform_patient,
                    InformPatientInput { method: method, told_at: told_at, message: None }
                )
            }
            Self::Close if fields.given("helpful").is_some() => {
                let outcome = chosen::<ClosingOutcome>(fields, "outcome");
                let number = |name: &str| fields.get(name).trim().parse::<i64>().ok();
                let (helpful, educational) = (number("helpful"), number("educational"));
                let (Some(outcome), Some(helpful), Some(educational)) = (outcome, helpful, educational) else {
                    let absent = [
                        ("outcome", outcome.is_none()),
                        ("helpful", helpful.is_none()),
                        ("educational", educational.is_none()),
                    ];
                    return missing(
                        &absent.into_iter().filter_map(|(name, absent)| absent.then_some(name)).collect::<Vec<_>>(),
                    );
                };
                act!(
                    CloseConsultation,
                    close_consultation,
                    CloseConsultationInput {
                        outcome: outcome,
                        helpful: helpful,
                        educational: educational,
                        message: None
                    }
                )
            }
            Self::Close => {
                act!(
                    CloseThread,
                    close_thread,
                    CloseThreadInput { outcome: fields.get("outcome").to_owned(), message: None }
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

/// The value for "any member".
const ANY_MEMBER: &str = "any";

fn assign_controls(view: &View, fields: &Fields, l: &Texts) -> Vec<Control> {
    let Some(own) = view.consultation() else { return Vec::new() };
    let physicians = own.pool.iter().flat_map(|pool| pool.physicians.iter().flatten());
    let named = physicians.filter_map(|person| Some(Choice::new(person.id.clone(), person.name.text.clone()?)));
    let any = Choice { hint: Some(l.assign_any_hint().into_owned()), ..Choice::new(ANY_MEMBER, l.assign_any()) };
    let fields = fields.clone().with("to", ANY_MEMBER);
    let to = Control::one("to", l.assign_to(), &fields, std::iter::once(any).chain(named).collect());
    if own.state == ConsultationState::Submitted {
        return vec![to];
    }
    let all = [
        ReassignReason::Workload,
        ReassignReason::Absence,
        ReassignReason::Expertise,
        ReassignReason::ConflictOfInterest,
    ];
    vec![to, Control::one("reason", l.assign_reason(), &fields, choices(&all, |word| l.reassign_reason(word)))]
}

/// How many recommendations the form asks for: as many as it had, one more if it was asked for.
fn recommendation_count(fields: &Fields) -> usize {
    let had =
        (0..RECOMMENDATIONS_MAX).filter(|number| fields.given(&format!("recommendations.{number}.text")).is_some());
    let more = usize::from(fields.given("more").is_some());
    (had.count() + more).clamp(1, RECOMMENDATIONS_MAX)
}

fn advise_controls(view: &View, fields: &Fields, l: &Texts) -> Vec<Control> {
    let mut controls = Vec::new();
    if let Some(question) = view.consultation().map(|own| Wording::from(&own.question)).as_ref().and_then(Wording::text)
    {
        controls.push(Control::quote(l.advise_question(), question));
    }
    let kinds = [
        RecommendationKind::Treat,
        RecommendationKind::Test,
        RecommendationKind::Refer,
        RecommendationKind::Visit,
        RecommendationKind::Reassure,
    ];
    let certainties = [Certainty::High, Certainty::Moderate, Certainty::Low];
    for number in 0..recommendation_count(fields) {
        let (name, shown) = (|part: &str| format!("recommendations.{number}.{part}"), number + 1);
        controls.push(Control::short_text(&name("text"), l.advise_text(shown), fields));
        controls.push(Control::one(&name("kind"), l.advise_kind(shown), fields, {
            choices(&kinds, |word| l.recommendation_kind(word))
        }));
        controls.push(Control::one(&name("certainty"), l.advise_certainty(shown), fields, {
            choices(&certainties, |word| l.certainty(word))
        }));
    }
    controls.push(Control::short_text("comeBackWhen", l.advise_come_back(), fields).hint(l.optional()));
    controls.push(Control::number("minutesSpent", l.advise_minutes(), fields, 1..=600));
    controls
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

fn plan_controls(view: &View, fields: &Fields, l: &Texts) -> Vec<Control> {
    let advice = view.consultation().and_then(|own| own.advice.as_ref());
    let all = [Disposition::Accepted, Disposition::Modified, Disposition::Rejected];
    let mut controls = Vec::new();
    for (number, each) in advice.iter().flat_map(|advice| &advice.recommendations).enumerate() {
        let (name, shown) = (|part: &str| format!("dispositions.{number}.{part}"), number + 1);
        let text = Wording::from(&each.text);
        controls.push(Control::quote(l.plan_recommendation(shown), text.text().unwrap_or_default()));
        controls.push(Control::hidden(&name("recommendationId"), &each.id));
        controls.push(Control::one(&name("disposition"), l.plan_decision(shown), fields, {
            choices(&all, |word| l.disposition(word))
        }));
        controls.push(Control::short_text(&name("reason"), l.plan_reason(shown), fields).hint(l.plan_reason_hint()));
    }
    controls.push(Control::short_text("note", l.plan_note(), fields).hint(l.optional()));
    controls
}

fn dispositions(fields: &Fields) -> Result<Vec<record_plan::DispositionInput>, Vec<Problem>> {
    let (mut found, mut problems) = (Vec::new(), Vec::new());
    for number in 0..RECOMMENDATIONS_MAX {
        let name = |part: &str| format!("dispositions.{number}.{part}");
        let Some(recommendation_id) = fields.filled(&name("recommendationId")) else { break };
        match chosen(fields, &name("disposition")) {
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

/// The instant that a person gave, in the zone of the page. None if there is no such day or time.
fn instant(fields: &Fields, name: &str, time: &PageTime<'_>) -> Option<DateTime<Utc>> {
    let number = |part: &str| fields.get(&format!("{name}.{part}")).trim().parse::<u32>().ok();
    let year = i32::try_from(number("year")?).ok()?;
    let day = NaiveDate::from_ymd_opt(year, number("month")?, number("day")?)?;
    let clock = NaiveTime::parse_from_str(fields.get(&format!("{name}.time")).trim(), "%H:%M").ok()?;
    // In the hour that a zone repeats, the earlier instant is meant.
    time.zone.instant(day.and_time(clock))
}

/// When something happened, by the minute that a person gave: the end of this minute, but not after the page asked. So what
/// they did before within the same minute comes first. The same form always means the same instant.
fn happened(fields: &Fields, name: &str, time: &PageTime<'_>) -> Option<DateTime<Utc>> {
    let minute = instant(fields, name, time)?;
    let asked: Option<DateTime<Utc>> = fields.get(&format!("{name}.shown")).parse().ok();
    let end = minute + TimeDelta::milliseconds(59_999);
    Some(asked.map_or(minute, |asked| end.min(asked).max(minute)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::texts::Languages;

    fn fields(text: &str) -> Fields {
        Fields::parse(text.as_bytes())
    }

    #[test]
    fn every_step_is_found_by_its_word() {
        for step in ORDER.into_iter().chain([Step::Reply, Step::Read]) {
            assert_eq!(Step::of(step.word()), Some(step));
        }
        assert_eq!(Step::of("void"), None);
    }

    #[test]
    fn an_instant_is_read_in_the_zone_of_the_page() {
        let l = Languages::read().unwrap().named("en").unwrap();
        let time = PageTime { now: chrono::DateTime::UNIX_EPOCH, zone: crate::pages::time::vienna(), l };
        let read = |text: &str| instant(&fields(text), "at", &time).map(|at| at.to_rfc3339());
        let at = |day: &str, time: &str| format!("at.day={day}&at.month=12&at.year=2026&at.time={time}");
        assert_eq!(read(&at("3", "14:05")).unwrap(), "2026-12-03T13:05:00+00:00");
        assert_eq!(read(&at("32", "14:05")), None);
        assert_eq!(read(&at("3", "25:00")), None);
        // The clocks of the zone go back on 25 October 2026.
        let twice = "at.day=25&at.month=10&at.year=2026&at.time=02:30";
        assert_eq!(read(twice).unwrap(), "2026-10-25T00:30:00+00:00");
    }

    #[test]
    fn what_happened_in_a_minute_follows_what_was_done_before_in_it() {
        let l = Languages::read().unwrap().named("en").unwrap();
        let time = PageTime { now: DateTime::UNIX_EPOCH, zone: crate::pages::time::vienna(), l };
        let form = |clock: &str| {
            let day = "at.day=3&at.month=12&at.year=2026";
            fields(&format!("{day}&at.time={clock}&at.shown=2026-12-03T13:05:20.500Z"))
        };
        let read = |clock: &str| happened(&form(clock), "at", &time).map(|at| at.to_rfc3339());
        assert_eq!(read("14:05").unwrap(), "2026-12-03T13:05:20.500+00:00", "the minute in which the page asked");
        assert_eq!(read("14:03").unwrap(), "2026-12-03T13:03:59.999+00:00", "an earlier minute");
        assert_eq!(read("14:06").unwrap(), "2026-12-03T13:06:00+00:00", "a later minute");
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
