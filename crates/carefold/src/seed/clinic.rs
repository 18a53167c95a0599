//! The shapes of the demo clinic as it is written down in `examples/clinic`.
//!
//! `read.rs` reads the files into these shapes and `check.rs` checks what a shape alone cannot.
//!
//! To add a step word: 1. its shape here and its line in `step_words!`; 2. follow the compiler through `check.rs`,
//! `script.rs` and `player.rs`; 3. its line in `examples/clinic/README.md`.

use std::collections::{BTreeMap, BTreeSet};

use care::calendar::{Calendar, Hours};
use care::words::{
    Audience, Certainty, ClosingOutcome, Confidentiality, ConsentMethod, ConsultationState, Disposition, InformMethod,
    RecommendationKind, Role, Sensitivity, Topic, Urgency,
};
use chrono::NaiveDate;
use serde::Deserialize;

use crate::seed::family::{Help, Outside};
use crate::seed::team_thread::TeamThread;
use crate::seed::written::{Body, Day, Line, Minutes, Word, step_words};

/// All of the clinic.
#[derive(Debug, Clone)]
pub(crate) struct Clinic {
    /// Handle of the person who creates the organizations and registers people.
    pub administrator: String,
    /// Handle of the person who registers the patients.
    pub registrar: String,
    pub organizations: Vec<Organization>,
    pub people: Vec<Person>,
    pub patients: Vec<Patient>,
    pub threads: Vec<Thread>,
    pub team_threads: Vec<TeamThread>,
    /// Who helps the patients.
    pub families: Vec<Help>,
    /// What people without access write about patients.
    pub outside: Vec<Outside>,
}

impl Clinic {
    /// The person with this handle.
    pub fn person(&self, handle: &str) -> Option<&Person> {
        self.people.iter().find(|person| person.handle == handle)
    }
}

/// An organization of the installation.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Organization {
    /// The word by which the files name it.
    pub key: String,
    pub name: Line,
    /// The telephone number under which people reach it.
    pub phone: Line,
    /// IANA zone of its calendar.
    zone: String,
    week: Week,
    /// Staffed hours to the answer, by urgency.
    answer_hours: BTreeMap<Word<Urgency>, u32>,
    #[serde(default)]
    pub pools: Vec<Pool>,
}

/// Office hours; a day that is missing is a day off.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Week {
    monday: Vec<OfficeHours>,
    tuesday: Vec<OfficeHours>,
    wednesday: Vec<OfficeHours>,
    thursday: Vec<OfficeHours>,
    friday: Vec<OfficeHours>,
    saturday: Vec<OfficeHours>,
    sunday: Vec<OfficeHours>,
}

/// Full hours of a day; over midnight where they close before they open.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct OfficeHours {
    opens: u8,
    closes: u8,
}

impl Organization {
    /// Its calendar, with these days off.
    pub fn calendar(&self, holidays: BTreeSet<NaiveDate>) -> Calendar {
        let Week { monday, tuesday, wednesday, thursday, friday, saturday, sunday } = &self.week;
        let hours =
            |each: &OfficeHours| Hours { opens: u16::from(each.opens) * 60, closes: u16::from(each.closes) * 60 };
        let week = [monday, tuesday, wednesday, thursday, friday, saturday, sunday]
            .map(|day| day.iter().map(hours).collect::<Vec<_>>());
        let minutes = self.answer_hours.iter().map(|(urgency, hours)| (urgency.0, hours.saturating_mul(60)));
        Calendar { zone: self.zone.clone(), week, holidays, answer_minutes: minutes.collect() }
    }
}

/// A group of specialists who share one worklist.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pool {
    /// The word by which the files name it.
    pub key: String,
    /// The name among the people of its organization.
    pub name: Line,
    /// The name for everybody else, if it is another.
    pub public_name: Option<Line>,
    pub specialty: Line,
}

/// Somebody who can sign in.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Person {
    /// The word by which a visitor of the demo signs in, and by which the files name the person.
    pub handle: String,
    /// Another word by which a visitor signs in as the person.
    pub also: Option<String>,
    pub name: Line,
    /// Key of the organization that registers the person.
    pub organization: String,
    /// None for patients and their families. Care teams list a person with the first one.
    #[serde(default)]
    pub roles: Vec<HeldRole>,
    /// Keys of the pools for which the person answers.
    #[serde(default)]
    pub pools: Vec<String>,
    /// Who that is, in one line of the banner.
    pub banner: Line,
}

/// A role at an organization.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HeldRole {
    /// Key of the organization.
    pub at: String,
    pub role: Word<Role>,
}

/// Somebody who is cared for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Patient {
    /// The word by which the threads name the patient.
    pub key: String,
    pub name: Line,
    /// `None` where the age is written.
    pub birth_date: Option<Day>,
    /// Years at the clinic's day, for somebody whose rights follow from their age.
    pub age: Option<u8>,
    /// Handle of the person that the patient is, if the patient can sign in.
    pub person: Option<String>,
    /// Handles.
    pub care_team: Vec<String>,
    /// Handles of people whom the patient blocks from everything about them; only for a patient who can sign in.
    #[serde(default)]
    pub shuts_out: Vec<String>,
}

/// A thread: what happened in it, in order.
#[derive(Debug, Clone)]
pub(crate) struct Thread {
    /// A word of its own. Ids of what the thread holds follow from it.
    pub key: String,
    /// Whole days before the clinic's day at which it begins.
    pub begins_days_ago: u16,
    /// The state to which its steps lead.
    pub state: ConsultationState,
    pub steps: Vec<Step>,
}

step_words! {
    request => Request,
    assign => Assign,
    claim => Claim,
    advise => Advise,
    plan => Plan,
    inform => Inform,
    close => Close,
    add_participant => AddParticipant,
    post => Post,
    mark_read => MarkRead,
    draft => Draft,
    hide => Hide,
}

/// A pool is asked for a consultation: the first step of a thread.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    /// Key of the patient.
    pub patient: String,
    /// Key of the pool.
    pub pool: String,
    pub topic: Word<Topic>,
    pub urgency: Word<Urgency>,
    #[serde(default = "normal")]
    pub confidentiality: Word<Confidentiality>,
    #[serde(default)]
    pub sensitivities: Vec<Word<Sensitivity>>,
    pub consent: Word<ConsentMethod>,
    pub may_convert: bool,
    pub subject: Line,
    pub question: Body,
}

fn normal() -> Word<Confidentiality> {
    Word(Confidentiality::Normal)
}

/// The pool accepts it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Assign {
    /// Handle of the member it is meant for. `None` means any member can claim it.
    pub to: Option<String>,
}

/// A member of the pool takes it on.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Claim {}

/// The answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Advise {
    pub recommendations: Vec<Recommendation>,
    pub come_back_when: Option<Body>,
    pub minutes_spent: u16,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Recommendation {
    pub kind: Word<RecommendationKind>,
    pub certainty: Word<Certainty>,
    pub text: Body,
}

/// What the requester does with the advice.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Plan {
    /// One for each recommendation, in their order.
    pub dispositions: Vec<Disposed>,
    pub note: Option<Body>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Disposed {
    pub disposition: Word<Disposition>,
    /// Needed unless it is accepted.
    pub reason: Option<Body>,
}

/// The patient is informed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Inform {
    pub method: Word<InformMethod>,
}

/// The end, with the survey.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Close {
    pub outcome: Word<ClosingOutcome>,
    /// 1 to 5.
    pub helpful: u8,
    /// 1 to 5.
    pub educational: u8,
}

/// Somebody is taken into the thread.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AddParticipant {
    /// Handle.
    pub person: String,
}

/// A message is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Post {
    pub audience: Word<Audience>,
    pub text: Body,
}

/// A message is typed and not sent.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Draft {
    pub audience: Word<Audience>,
    pub text: Body,
}

/// The thread is hidden from everybody who helps the patient, before any of them has read in it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Hide {}

/// Messages are read: up to one that the seed draws, and at least up to the reader's own last one.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MarkRead {
    /// At most this many messages stay unread.
    pub at_most_unread: u64,
}
