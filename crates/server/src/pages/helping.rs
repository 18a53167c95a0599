//! Whom a person helps: the list at `/helping`, from which they choose first whom it is about, the page of one patient at
//! `/helping/{delegation}`, and what they can do about their own help at `/helping/{delegation}/{step}`.
//!
//! Who helps sees their own help only, and never who else helps the patient.

use askama::Template;
use coordination::answer::Recorded;
use poem::http::StatusCode;

use super::client::Answer;
use super::controls::{Control, ErrorLine, place};
use super::delegates::closed::threads_closed;
use super::delegates::scope::{Scope, scope_input};
use super::forms::{Fields, FormSubject, Hidden};
use super::frame::{Frame, Place};
use super::lists::{List, ListState, by_activity, tell_apart};
use super::outcome::Problem;
use super::queries::{
    DeclineDelegation, Helping as Query, NarrowDelegation, Patient as PatientQuery, RevokeDelegation,
    decline_delegation, helping, narrow_delegation, patient, revoke_delegation,
};
use super::reminders::Reminders;
use super::rows::{Contact, Subject};
use super::site::{Failed, Screen, Visit, rendered, see_other};
use super::texts::{Argument, Texts};
use super::time::PageTime;
use crate::graphql::delegation_words::{DelegationKind, DelegationState, Relationship};
use crate::graphql::problem::ProblemCode;
use crate::response::Response;

/// The screen `/helping`.
pub(crate) struct Helping;

/// The screen `/helping/{delegation}`.
pub(crate) struct Helped;

/// The screen `/helping/{delegation}/{step}`.
pub(crate) struct HelpedStep;

/// Help that a person gives, is to give, or gave.
pub(crate) struct Help {
    pub id: String,
    /// None while there is no access.
    pub patient: Option<Subject>,
    pub keeper: Option<Contact>,
    pub kind: DelegationKind,
    pub relationship: Relationship,
    pub state: DelegationState,
    pub scope: Option<Scope>,
    pub until: Option<String>,
    pub is_active: bool,
    steps: Vec<Step>,
}

/// What a person can do about their own help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Reach less.
    Narrow,
    /// Give it back.
    GiveBack,
    /// Give it back before it is active.
    Decline,
}

/// The field for the scope of which the sender has seen what it would close.
const SEEN: &str = "seen";

const STEPS: [Step; 3] = [Step::Narrow, Step::GiveBack, Step::Decline];

impl Step {
    fn of(word: &str) -> Option<Self> {
        STEPS.into_iter().find(|step| step.word() == word)
    }

    /// Its word in addresses and forms.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Narrow => "narrow",
            Self::GiveBack => "give-back",
            Self::Decline => "decline",
        }
    }

    /// The heading of its page and the words of its button, with the name of the patient.
    pub fn title(self, name: impl Argument, l: &Texts) -> String {
        match self {
            Self::Narrow => l.helped_narrow(name),
            Self::GiveBack => l.helped_give_back(name),
            Self::Decline => l.helped_decline(name),
        }
    }

    /// What the list says once it is done.
    fn done(self, l: &Texts) -> String {
        match self {
            Self::Narrow => l.helped_narrow_done(),
            Self::GiveBack => l.helped_give_back_done(),
            Self::Decline => l.helped_decline_done(),
        }
        .into_owned()
    }

    /// What follows from it.
    pub fn explanation(self, l: &Texts) -> String {
        match self {
            Self::Narrow => l.helped_narrow_text(),
            Self::GiveBack => l.helped_give_back_text(),
            Self::Decline => l.helped_decline_text(),
        }
        .into_owned()
    }
}

impl Help {
    fn of(found: &helping::HelpingViewerDelegations, time: &PageTime<'_>) -> Self {
        let can = [
            (Step::Narrow, found.viewer_can_narrow.allowed && found.scope.is_some()),
            (Step::GiveBack, found.viewer_can_revoke.allowed),
            (Step::Decline, found.viewer_can_decline.allowed),
        ];
        Self {
            id: found.id.clone(),
            patient: found.patient.as_ref().map(Subject::from),
            keeper: found.record_keeper.as_ref().map(|at| Contact { name: at.name.clone(), phone: at.phone.clone() }),
            kind: found.kind,
            relationship: found.relationship,
            state: found.state,
            scope: found.scope.as_ref().map(Scope::from),
            until: found.until.map(|until| time.last_day(until)),
            is_active: found.is_active,
            steps: can.into_iter().filter(|(_, can)| *can).map(|(step, _)| step).collect(),
        }
    }

    /// What the person can do about it.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Whom it is about: the patient by name, or the place that keeps their record.
    pub fn name(&self, l: &Texts) -> String {
        let name = self.patient.as_ref().and_then(|patient| patient.name.text()).map(str::to_owned);
        let keeper = || self.keeper.as_ref().map(|at| l.helped_patient_of(&at.name));
        name.or_else(keeper).unwrap_or_else(|| l.helped_patient().into_owned())
    }

    /// What the person has to wait for, or what has become of it.
    pub fn state_words(&self, l: &Texts) -> String {
        match self.state {
            // Who offered their help is told nothing before they are invited.
            DelegationState::Asked | DelegationState::Invited => l.helped_invited(),
            DelegationState::Accepted => l.helped_accepted(),
            DelegationState::IdentityVerified => l.helped_verified(),
            DelegationState::SafeguardingChecked => l.helped_checked(),
            DelegationState::Active => l.helped_active(),
            DelegationState::Suspended => l.helped_suspended(),
            DelegationState::Ended => l.helped_ended(),
        }
        .into_owned()
    }

    /// What the person may see and do, in words.
    pub fn can(&self, l: &Texts) -> Vec<String> {
        self.scope.as_ref().map(|scope| scope.words(l)).unwrap_or_default()
    }
}

/// Whom a person helps, and how many invite them by name.
pub(crate) struct AllHelp {
    pub help: Vec<Help>,
    pub invitations: usize,
    pub is_whole: bool,
}

impl AllHelp {
    /// All help of the reader.
    ///
    /// # Errors
    /// If the query was refused as a whole.
    pub async fn read(visit: &Visit<'_>) -> Result<Recorded<Self>, Failed> {
        let answer = visit.ask::<Query>(helping::Variables {}).await?;
        Ok(answer.map(|answer| Self::of(&answer, &visit.time())))
    }

    fn of(answer: &Answer<helping::ResponseData>, time: &PageTime<'_>) -> Self {
        let viewer = &answer.data.viewer;
        let help = viewer.delegations.iter().flatten().map(|found| Help::of(found, time));
        let invitations = viewer.help_invitations.as_ref().map_or(0, Vec::len);
        let is_whole = answer.is_whole && viewer.delegations.is_some() && viewer.help_invitations.is_some();
        Self { help: help.collect(), invitations, is_whole }
    }

    /// Those with access now, among whom the reader chooses.
    pub fn active(&self) -> impl Iterator<Item = &Help> {
        self.help.iter().filter(|help| help.is_active)
    }

    /// Those that wait or are paused.
    pub fn waiting(&self) -> impl Iterator<Item = &Help> {
        self.help.iter().filter(|help| !help.is_active && help.state != DelegationState::Ended)
    }

    /// Those that have ended.
    pub fn ended(&self) -> impl Iterator<Item = &Help> {
        self.help.iter().filter(|help| !help.is_active && help.state == DelegationState::Ended)
    }

    /// Whether there is anything to tell.
    pub fn is_empty(&self) -> bool {
        self.help.is_empty() && self.invitations == 0
    }
}

#[derive(Template)]
#[template(path = "helping.html")]
struct ListPage<'a> {
    frame: Frame<'a>,
    visit: &'a Visit<'a>,
    all: AllHelp,
    /// What waits for the reader, or was announced to them.
    reminders: Reminders,
    /// What was just done, in words.
    done: Option<String>,
}

#[derive(Template)]
#[template(path = "helped.html")]
struct Page<'a> {
    frame: Frame<'a>,
    visit: &'a Visit<'a>,
    help: Help,
    /// None while there is no access.
    found: Option<Found>,
    /// What was just done, in words.
    done: Option<String>,
}

/// What the person finds of the patient.
struct Found {
    threads: List,
    /// Whether there is a page of the patient's directives for the person.
    has_directives: bool,
    /// Whether the person may know who else helps the patient.
    has_helpers: bool,
    /// Whether the person may know who could see what.
    has_timeline: bool,
}

impl Found {
    /// Whether the person represents the patient, and so finds more than conversations.
    fn has_pages(&self) -> bool {
        self.has_directives || self.has_helpers || self.has_timeline
    }
}

#[derive(Template)]
#[template(path = "helped_step.html")]
struct StepPage<'a> {
    frame: Frame<'a>,
    help: Help,
    step: Step,
    hidden: Hidden,
    /// How many conversations the reader loses; none where they lose nothing that they have now.
    closes: Option<i64>,
    /// Whether the sender now sees what it would change, and nothing is done yet.
    is_preview: bool,
    controls: Vec<Control>,
    errors: Vec<ErrorLine>,
}

/// How many threads the page of a patient shows.
const THREADS: i64 = 20;

impl Screen for Helping {
    async fn open(&self, visit: &Visit<'_>) -> Result<Response, Failed> {
        let all = AllHelp::read(visit).await?;
        let l = visit.time().l;
        let done = match visit.told("done") {
            Some("accepted") => Some(l.help_accepted_done().into_owned()),
            Some(word) => Step::of(word).map(|step| step.done(l)),
            None => None,
        };
        let reminders = Reminders::read(visit).await?;
        let frame = visit.arrival.frame(Place::of_help(&visit.session.me));
        let page = all.with(reminders, |all, reminders| rendered(&ListPage { frame, visit, all, reminders, done }));
        visit.page(StatusCode::OK, page)
    }
}

/// The help with the id of the page.
async fn own(visit: &Visit<'_>) -> Result<Recorded<Help>, Failed> {
    let all = AllHelp::read(visit).await?;
    let own = all.map(|all| all.help.into_iter().find(|help| help.id == visit.id).ok_or(Failed::NotAvailable));
    own.transpose()
}

impl Page<'_> {
    /// Whether the reader works somewhere and has no access to the patient by that while they help.
    fn gives_up_work(&self) -> bool {
        let has_accepted = match self.help.state {
            DelegationState::Accepted
            | DelegationState::IdentityVerified
            | DelegationState::SafeguardingChecked
            | DelegationState::Active
            | DelegationState::Suspended => true,
            DelegationState::Asked | DelegationState::Invited | DelegationState::Ended => false,
        };
        has_accepted && !self.visit.session.me.roles.is_empty()
    }
}

impl Screen for Helped {
    async fn open(&self, visit: &Visit<'_>) -> Result<Response, Failed> {
        let help = own(visit).await?;
        let l = visit.time().l;
        let done = visit.told("done").and_then(Step::of).map(|step| step.done(l));
        let page = |help: Help, found: Option<Found>| {
            rendered(&Page { frame: visit.arrival.frame(Place::of_help(&visit.session.me)), visit, help, found, done })
        };
        let id = help.read(|help| help.patient.as_ref().filter(|_| help.is_active).map(|patient| patient.id.clone()));
        let Some(id) = id else {
            return visit.page(StatusCode::OK, help.map(|help| page(help, None)));
        };
        let variables = patient::Variables { id: id.clone(), first: Some(THREADS), after: None };
        let answer = visit.ask::<PatientQuery>(variables).await?;
        let page = help.with(answer, |help, answer| {
            let about = answer.data.threads.as_ref();
            let found = about.map(|list| (list.nodes.as_slice(), list.page_info.has_next_page));
            let mut list = List::of(found, answer.is_whole);
            tell_apart(&mut list.rows, |row| by_activity(row, &visit.arrival.frame(Place::Home)));
            let patient = answer.data.patient.as_ref();
            let found = Found {
                threads: list,
                has_directives: patient.is_some_and(|patient| patient.blocks.is_some()),
                has_helpers: answer.data.helpers.is_some(),
                has_timeline: patient.is_some_and(|patient| patient.viewer_reads_timeline),
            };
            page(help, Some(found))
        });
        visit.page(StatusCode::OK, page)
    }
}

fn subject<'v>(visit: &'v Visit<'_>, step: Step) -> FormSubject<'v> {
    FormSubject { form: step.word(), thread: &visit.id, patient: "" }
}

/// Help, and how much of it a step takes away.
struct Taken {
    help: Help,
    /// How many conversations the reader loses. None if that is not known before a form is sent, or nothing is taken.
    closes: Option<i64>,
}

/// The help with the id of the page, and what a step takes of it: a form that narrows it is sent first.
async fn taken(visit: &Visit<'_>, step: Step, sent: Option<&Fields>) -> Result<Recorded<Taken>, Failed> {
    let help = own(visit).await?;
    let left = sent.filter(|_| step == Step::Narrow).map(Scope::of);
    let takes = step == Step::GiveBack || left.is_some();
    if !takes || !help.read(|help| help.is_active) {
        return Ok(help.map(|help| Taken { help, closes: None }));
    }
    let closes = threads_closed(visit, &visit.id, left.as_ref()).await?;
    Ok(help.with(closes, |help, closes| Taken { help, closes }))
}

fn step_page(
    visit: &Visit<'_>,
    step: Step,
    Taken { help, closes }: Taken,
    sent: Option<(&Fields, &[Problem])>,
) -> askama::Result<String> {
    let l = visit.time().l;
    let empty = help.scope.as_ref().map(Scope::fields).unwrap_or_default();
    let (fields, problems) = sent.unwrap_or((&empty, &[]));
    let mut controls = match step {
        Step::Narrow => Scope::controls(fields, help.scope.as_ref(), true, l),
        Step::GiveBack => {
            let why = Control::short_text("reason", l.reason_why(), fields);
            vec![why.hint(l.helped_reason_hint())]
        }
        Step::Decline => Vec::new(),
    };
    let is_preview = step == Step::Narrow && sent.is_some() && problems.is_empty();
    if is_preview {
        controls.push(Control::hidden(SEEN, &Scope::of(fields).seen()));
    }
    let errors = place(problems, &mut controls, l);
    let hidden = visit.hidden(subject(visit, step), "");
    rendered(&StepPage {
        frame: visit.arrival.frame(Place::of_help(&visit.session.me)),
        help,
        step,
        hidden,
        closes,
        is_preview,
        controls,
        errors,
    })
}

impl Screen for HelpedStep {
    async fn open(&self, visit: &Visit<'_>) -> Result<Response, Failed> {
        let step = Step::of(&visit.step).ok_or(Failed::NotAvailable)?;
        let taken = taken(visit, step, None).await?;
        if !taken.read(|taken| taken.help.steps.contains(&step)) {
            return see_other(&format!("/helping/{}", visit.id));
        }
        visit.page(StatusCode::OK, taken.map(|taken| step_page(visit, step, taken, None)))
    }

    async fn submit(&self, visit: &Visit<'_>, fields: &Fields) -> Result<Response, Failed> {
        let step = Step::of(&visit.step).ok_or(Failed::NotAvailable)?;
        Hidden::check_about(&visit.session, subject(visit, step), fields)?;
        let (id, client_mutation_id) = (visit.id.clone(), fields.get("key").to_owned());
        // Less is done only after the sender has seen what it would close.
        if step == Step::Narrow && fields.get(SEEN) != Scope::of(fields).seen() {
            let taken = taken(visit, step, Some(fields)).await?;
            return visit.page(StatusCode::OK, taken.map(|taken| step_page(visit, step, taken, Some((fields, &[])))));
        }
        let outcome = match step {
            Step::Narrow => {
                let scope = scope_input!(narrow_delegation, &Scope::of(fields));
                let input = narrow_delegation::NarrowDelegationInput { client_mutation_id, scope };
                visit.act::<NarrowDelegation>(narrow_delegation::Variables { id, input }).await?
            }
            Step::GiveBack => {
                let reason = fields.filled("reason").map(str::to_owned);
                let input = revoke_delegation::RevokeDelegationInput { client_mutation_id, reason };
                visit.act::<RevokeDelegation>(revoke_delegation::Variables { id, input }).await?
            }
            Step::Decline => {
                let input = decline_delegation::DeclineDelegationInput { client_mutation_id, code: None };
                visit.act::<DeclineDelegation>(decline_delegation::Variables { id, input }).await?
            }
        };
        if outcome.problems.is_empty() {
            let to = match step {
                Step::Narrow => format!("/helping/{}?done={}", visit.id, step.word()),
                Step::GiveBack | Step::Decline => format!("/helping?done={}", step.word()),
            };
            return visit.see_done(&to);
        }
        if outcome.problems.iter().any(|problem| problem.code == ProblemCode::NotFound) {
            return Err(Failed::NotAvailable);
        }
        let problems: Vec<Problem> = outcome.problems.into_iter().map(Scope::problem).collect();
        let taken = taken(visit, step, None).await?;
        let page = taken.map(|taken| step_page(visit, step, taken, Some((fields, &problems))));
        visit.page(StatusCode::UNPROCESSABLE_ENTITY, page)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_of_ones_own_help_is_found_by_its_word() {
        for step in STEPS {
            assert_eq!(Step::of(step.word()), Some(step));
        }
        assert_eq!(Step::of("widen"), None);
    }
}
