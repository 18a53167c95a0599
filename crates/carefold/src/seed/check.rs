//! What a shape alone cannot say: that names are known, and that the steps of a thread fit together.
//!
//! This is not the application's decision, which each step still meets. It is what a writer of the files wants to know
//! at once: what is misspelt, and where a thread does not lead to the state that it says.

use std::collections::BTreeSet;

use care::calendar::CalendarProblem;
use care::lifecycle::team_thread::TeamThreadState;
use care::phone::Phone;
use care::time_zone::TimeZones;
use care::words::{Audience, ConsultationState, DelegationState, Disposition, Role};

use crate::seed::clinic::{Act, Advise, Clinic, Close, Organization, Patient, Person, Plan, Thread};
use crate::seed::family::{Act as HelpAct, Help, Outside};
use crate::seed::report::{Names, Report, step_part};
use crate::seed::team_thread::{Act as TeamAct, TeamThread, Who};

pub(crate) fn organization(organization: &Organization, report: &mut Report<'_>) {
    for problem in organization.calendar(BTreeSet::new()).problems(&TimeZones::bundled()) {
        report.add(if problem == CalendarProblem::UnknownZone { "zone" } else { "" }, problem);
    }
    if let Err(problem) = Phone::parse(&organization.phone.0) {
        report.add("phone", problem);
    }
}

pub(crate) fn person(person: &Person, names: &Names, report: &mut Report<'_>) {
    known(&names.organizations, "organization", &person.organization, report);
    for held in &person.roles {
        known(&names.organizations, "roles", &held.at, report);
    }
    for pool in &person.pools {
        known(&names.pools, "pools", pool, report);
    }
}

pub(crate) fn patient(patient: &Patient, names: &Names, report: &mut Report<'_>) {
    if let Some(handle) = &patient.person {
        known(&names.people, "person", handle, report);
    }
    if patient.birth_date.is_some() == patient.age.is_some() {
        report.add("birth_date", "either it or the age is written");
    }
    for handle in &patient.care_team {
        known(&names.people, "care_team", handle, report);
    }
    for handle in &patient.shuts_out {
        known(&names.people, "shuts_out", handle, report);
    }
    if patient.person.is_none() && !patient.shuts_out.is_empty() {
        report.add("shuts_out", "only a patient who can sign in blocks anybody");
    }
}

/// What the people of the cast have to be for each other.
pub(crate) fn cast(clinic: &Clinic, names: &Names, report: &mut Report<'_>) {
    let has_no_role = |handle: &str| clinic.person(handle).is_some_and(|person| person.roles.is_empty());
    for (field, handle) in [("administrator", &clinic.administrator), ("registrar", &clinic.registrar)] {
        known(&names.people, field, handle, report);
        if has_no_role(handle) {
            report.add(field, format!("{handle} has no role"));
        }
    }
    let mut pools = BTreeSet::new();
    for pool in clinic.organizations.iter().flat_map(|organization| &organization.pools) {
        if !pools.insert(&pool.key) {
            report.add("", format!("the pool key {} is used twice", pool.key));
        }
    }
    for patient in &clinic.patients {
        for handle in patient.care_team.iter().filter(|handle| has_no_role(handle)) {
            report.within(&format!("patient {}", patient.key)).add("care_team", format!("{handle} has no role"));
        }
    }
}

/// Reports a name that nothing has.
fn known(names: &BTreeSet<String>, field: &str, name: &str, report: &mut Report<'_>) {
    if !names.contains(name) {
        let all: Vec<_> = names.iter().map(String::as_str).collect();
        report.add(field, format!("{name:?} is none of {}", all.join(", ")));
    }
}

/// Everything that is wrong with a thread whose steps can be read.
pub(crate) fn thread(thread: &Thread, clinic: &Clinic, names: &Names, report: &mut Report<'_>) {
    let mut course = Course { clinic, state: None, recommendations: 0, messages: Vec::new() };
    for (number, step) in (1..).zip(&thread.steps) {
        let mut report = report.within(&step_part(number));
        known(&names.people, "by", &step.by, &mut report);
        names_of(&step.act, names, &mut report);
        course.take(&step.by, &step.act, &mut report);
    }
    match course.state {
        Some(state) if state == thread.state => {}
        Some(state) => {
            report.add("state", format!("its steps lead to {}, not to {}", state.word(), thread.state.word()))
        }
        None => report.add("steps", "there is none"),
    }
    let minutes: u64 = thread.steps.iter().filter_map(|step| step.after).map(|after| after.0).sum();
    let days = u64::from(thread.begins_days_ago);
    if minutes >= days * 24 * 60 {
        report.add("begins_days_ago", format!("its steps take {} hours, and {days} days are too few", minutes / 60));
    }
}

fn names_of(act: &Act, names: &Names, report: &mut Report<'_>) {
    match act {
        Act::Request(request) => {
            known(&names.patients, "request.patient", &request.patient, report);
            known(&names.pools, "request.pool", &request.pool, report);
        }
        Act::Assign(assign) => {
            if let Some(handle) = &assign.to {
                known(&names.people, "assign.to", handle, report);
            }
        }
        Act::AddParticipant(add) => known(&names.people, "add_participant.person", &add.person, report),
        Act::Claim(_)
        | Act::Advise(_)
        | Act::Plan(_)
        | Act::Inform(_)
        | Act::Close(_)
        | Act::Post(_)
        | Act::Draft(_)
        | Act::Hide(_)
        | Act::MarkRead(_) => {}
    }
}

/// How far a thread has come.
struct Course<'a> {
    clinic: &'a Clinic,
    /// `None` before it is opened.
    state: Option<ConsultationState>,
    recommendations: usize,
    /// The author and the audience of each message.
    messages: Vec<(String, Audience)>,
}

impl Course<'_> {
    fn take(&mut self, by: &str, act: &Act, report: &mut Report<'_>) {
        use ConsultationState::{Answered, Assigned, Closed, InReview, PatientInformed, PlanRecorded, Submitted};
        match act {
            Act::Request(_) => self.open(report),
            Act::Assign(_) => self.lead(act, &[Submitted, Assigned], Assigned, report),
            Act::Claim(_) => self.lead(act, &[Assigned], InReview, report),
            Act::Advise(advise) => {
                self.lead(act, &[InReview], Answered, report);
                self.advised(advise, report);
            }
            Act::Plan(plan) => {
                self.lead(act, &[Answered], PlanRecorded, report);
                self.planned(plan, report);
            }
            Act::Inform(_) => self.lead(act, &[PlanRecorded], PatientInformed, report),
            Act::Close(close) => {
                self.lead(act, &[PatientInformed], Closed, report);
                closed(close, report);
            }
            Act::AddParticipant(_) => self.open_still(act, report),
            Act::Post(post) => {
                self.open_still(act, report);
                self.messages.push((by.to_owned(), post.audience.0));
            }
            Act::Draft(_) | Act::Hide(_) => self.open_still(act, report),
            Act::MarkRead(_) => {
                if !self.messages.iter().any(|(author, audience)| can_read(self.clinic, by, author, *audience)) {
                    report.add("mark_read", format!("there is no message that {by} can read"));
                }
            }
        }
    }

    fn open(&mut self, report: &mut Report<'_>) {
        if self.state.is_some() {
            report.add("request", "the thread is open already");
        }
        self.state = Some(ConsultationState::Submitted);
    }

    /// A step that leads from one of some states to another.
    fn lead(&mut self, act: &Act, from: &[ConsultationState], to: ConsultationState, report: &mut Report<'_>) {
        if !self.state.is_some_and(|state| from.contains(&state)) {
            self.out_of_order(act, report);
        }
        self.state = Some(to);
    }

    /// A step that leaves the state as it is.
    fn open_still(&self, act: &Act, report: &mut Report<'_>) {
        if self.state.is_none_or(|state| state == ConsultationState::Closed) {
            self.out_of_order(act, report);
        }
    }

    fn out_of_order(&self, act: &Act, report: &mut Report<'_>) {
        let fault = match self.state {
            Some(state) => format!("the consultation is {}", state.word()),
            None => "the thread is not open: its first step is a request".to_owned(),
        };
        report.add(act.word(), fault);
    }

    fn advised(&mut self, advise: &Advise, report: &mut Report<'_>) {
        self.recommendations = advise.recommendations.len();
        if advise.recommendations.is_empty() {
            report.add("advise.recommendations", "there is none");
        }
    }

    fn planned(&self, plan: &Plan, report: &mut Report<'_>) {
        let (given, needed) = (plan.dispositions.len(), self.recommendations);
        if given != needed {
            report.add("plan.dispositions", format!("there are {given}, and the advice has {needed} recommendations"));
        }
        for (index, disposed) in plan.dispositions.iter().enumerate() {
            let accepted = disposed.disposition.0 == Disposition::Accepted;
            if accepted == disposed.reason.is_some() {
                let fault = if accepted { "accepted has no reason" } else { "modified and rejected need a reason" };
                report.add(&format!("plan.dispositions[{index}].reason"), fault);
            }
        }
    }
}

fn closed(close: &Close, report: &mut Report<'_>) {
    for (field, stars) in [("close.helpful", close.helpful), ("close.educational", close.educational)] {
        if !(1..=5).contains(&stars) {
            report.add(field, "ratings go from 1 to 5");
        }
    }
}

/// Whether somebody on a thread can read a message by its author and its audience: patients, their families and social
/// workers read what is for everyone, and their own.
pub(crate) fn can_read(clinic: &Clinic, handle: &str, author: &str, audience: Audience) -> bool {
    let first = clinic.person(handle).and_then(|person| person.roles.first());
    audience == Audience::Everyone || handle == author || first.is_some_and(|held| held.role.0 != Role::SocialWorker)
}

/// Everything that is wrong with a team thread that can be read.
pub(crate) fn team_thread(thread: &TeamThread, clinic: &Clinic, names: &Names, report: &mut Report<'_>) {
    // A person who cannot be read is reported by themselves.
    let is_without_role = |handle: &str| clinic.person(handle).is_some_and(|person| person.roles.is_empty());
    let person = |field: &str, handle: &str, report: &mut Report<'_>| {
        if !names.people.contains(handle) || is_without_role(handle) {
            report.add(field, format!("{handle:?} is nobody with a role"));
        }
    };
    let pool = |field: &str, key: &str, report: &mut Report<'_>| {
        if !names.pools.contains(key) {
            report.add(field, format!("{key:?} is no pool"));
        }
    };
    let who = |field: &str, who: &Who, report: &mut Report<'_>| match who {
        Who::Person(handle) => person(field, handle, report),
        Who::Pool(key) => pool(field, key, report),
    };
    person("opened_by", &thread.opened_by, report);
    thread.participants.iter().for_each(|handle| person("participants", handle, report));
    thread.pools.iter().for_each(|key| pool("pools", key, report));
    who("owner", &thread.owner, report);
    who("waits_for", &thread.waits_for.who, report);
    if let Some(key) = thread.about.as_ref().filter(|key| !names.patients.contains(*key)) {
        report.add("about", format!("{key:?} is no patient"));
    }
    let mut state = TeamThreadState::Active;
    for (number, step) in (1..).zip(&thread.steps) {
        let mut report = report.within(&step_part(number));
        person("by", &step.by, &mut report);
        if state == TeamThreadState::Closed && !matches!(step.act, TeamAct::Read(_)) {
            report.add(step.act.word(), "the thread is closed");
        }
        match &step.act {
            TeamAct::Wait(wait) => {
                who("wait_for", &wait.who, &mut report);
                state = TeamThreadState::Active;
            }
            TeamAct::Park(_) => state = TeamThreadState::Parked,
            TeamAct::Close(_) => state = TeamThreadState::Closed,
            TeamAct::Post(_) | TeamAct::Read(_) | TeamAct::Accept(_) | TeamAct::Claim(_) => {}
        }
    }
    if state != thread.state.0 {
        report.add("state", format!("its steps lead to {}, not to {}", state.word(), thread.state.0.word()));
    }
}

/// Everything that is wrong with a delegation that can be read.
pub(crate) fn help(help: &Help, names: &Names, report: &mut Report<'_>) {
    known(&names.patients, "patient", &help.patient, report);
    known(&names.people, "helper", &help.helper, report);
    if let Some(key) = &help.organization {
        known(&names.organizations, "organization", key, report);
    }
    let mut state = None;
    for (number, step) in (1..).zip(&help.steps) {
        let mut report = report.within(&step_part(number));
        known(&names.people, "by", &step.by, &mut report);
        if let HelpAct::Consent(consent) = &step.act
            && let Some(handle) = &consent.witness
        {
            known(&names.people, "consent.witness", handle, &mut report);
        }
        let Some((from, to)) = led(&step.act) else { continue };
        if state != from {
            report
                .add(step.act.word(), format!("the delegation is {}", state.map_or("not begun", |state| state.word())));
        }
        state = Some(to);
    }
    if state != Some(help.state.0) {
        let led = state.map_or("nothing", |state| state.word());
        report.add("state", format!("its steps lead to {led}, not to {}", help.state.0.word()));
    }
}

/// Everything that is wrong with a message from outside that can be read.
pub(crate) fn outside(sent: &Outside, names: &Names, report: &mut Report<'_>) {
    known(&names.people, "sender", &sent.sender, report);
    known(&names.organizations, "organization", &sent.organization, report);
    let Some(found) = &sent.matched else { return };
    known(&names.people, "matched.by", &found.by, report);
    known(&names.patients, "matched.patient", &found.patient, report);
    if sent.kind.is_none() {
        report.add("matched", "only an offer to help is matched");
    }
}

/// The state from which a step leads, and the one to which. `None` for a step that concerns only the legal authority.
fn led(act: &HelpAct) -> Option<(Option<DelegationState>, DelegationState)> {
    use DelegationState::{Accepted, Active, Ended, IdentityVerified, Invited, SafeguardingChecked, Suspended};
    match act {
        HelpAct::RecordAuthority(_) | HelpAct::VerifyAuthority(_) => None,
        HelpAct::Invite(_) => Some((None, Invited)),
        HelpAct::Accept(_) => Some((Some(Invited), Accepted)),
        HelpAct::VerifyIdentity(_) => Some((Some(Accepted), IdentityVerified)),
        HelpAct::PassSafeguarding(_) => Some((Some(IdentityVerified), SafeguardingChecked)),
        HelpAct::Consent(_) => Some((Some(SafeguardingChecked), Active)),
        HelpAct::Suspend(_) => Some((Some(Active), Suspended)),
        HelpAct::Revoke(_) => Some((Some(Active), Ended)),
    }
}
