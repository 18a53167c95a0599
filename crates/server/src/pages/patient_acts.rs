//! What is done about a patient as a whole, each at `/patients/{id}/{act}`: somebody joins the care team and says why, a
//! person is blocked, and a block ends. The patient says it themself, or staff write down what the patient said. Staff also
//! record a death, and protect the patient from a person, who is not told.
//!
//! To add an act: 1. its mutation in `queries.rs`, and whether it is permitted in `patient.graphql` and
//! `patient_people.graphql`; 2. a variant of [`Act`], and follow the compiler; 3. its line in `permitted_acts`, by which the
//! page of the patient has its link.

use askama::Template;
use coordination::answer::Recorded;
use poem::http::StatusCode;

use super::client::Answer;
use super::colleagues::CARE_ROLES;
use super::forms::{Choice, Control, ErrorLine, Fields, FormSubject, Hidden, choices, chosen, place};
use super::frame::{Frame, Place};
use super::me::Me;
use super::outcome::{Note, Outcome, Problem};
use super::parties::one_of;
use super::queries::{
    BlockPerson, EndBlock, JoinCareTeam, LiftProtectionNote, PatientPeople, RecordPatientDeath, RecordProtectionNote,
    VoidPatientDeath, WhoHelps, block_person, end_block, join_care_team, lift_protection_note, patient_people,
    record_patient_death, record_protection_note, void_patient_death, who_helps,
};
use super::rows::{Subject, Who};
use super::site::{Failed, Screen, Visit, rendered, see_other};
use super::steps::instant;
use super::texts::Texts;
use super::time::PageTime;
use crate::graphql::directive_words::DirectiveGiver;
use crate::graphql::problem::ProblemCode;
use crate::graphql::words::Role;
use crate::response::Response;

/// The screen `/patients/{id}/{act}`.
pub(crate) struct PatientAct;

/// Something that is done about a patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    /// Add oneself to the care team.
    Join,
    /// Keep a person from everything about the patient.
    Block,
    EndBlock,
    /// Say that a person is a danger to the patient.
    Protect,
    LiftProtection,
    RecordDeath,
    VoidDeath,
}

const ALL: [Act; 7] =
    [Act::Join, Act::Block, Act::EndBlock, Act::Protect, Act::LiftProtection, Act::RecordDeath, Act::VoidDeath];

/// The field of the button by which what was checked is sent.
const CHECKED: &str = "checked";
/// The field of the button by which a person changes what they have given.
const CHANGE: &str = "change";

impl Act {
    /// The act with this word.
    pub fn of(word: &str) -> Option<Self> {
        ALL.into_iter().find(|act| act.word() == word)
    }

    /// Its word in addresses and forms.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Join => "join",
            Self::Block => "block",
            Self::EndBlock => "end-block",
            Self::Protect => "protect",
            Self::LiftProtection => "lift-protection",
            Self::RecordDeath => "record-death",
            Self::VoidDeath => "void-death",
        }
    }

    /// The heading of its page, and the words of the link that leads there.
    pub fn title(self, l: &Texts) -> String {
        match self {
            Self::Join => l.act_join(),
            Self::Block => l.act_block(),
            Self::EndBlock => l.act_end_block(),
            Self::Protect => l.act_protect(),
            Self::LiftProtection => l.act_lift_protection(),
            Self::RecordDeath => l.act_record_death(),
            Self::VoidDeath => l.act_void_death(),
        }
        .into_owned()
    }

    /// What the page of the patient says once it is done.
    pub fn done(self, l: &Texts) -> String {
        match self {
            Self::Join => l.done_join(),
            Self::Block => l.done_block(),
            Self::EndBlock => l.done_end_block(),
            Self::Protect => l.done_protect(),
            Self::LiftProtection => l.done_lift_protection(),
            Self::RecordDeath => l.done_record_death(),
            Self::VoidDeath => l.done_void_death(),
        }
        .into_owned()
    }

    /// The icon of its buttons.
    const fn icon(self) -> &'static str {
        match self {
            Self::Join => "plus",
            Self::Block => "no",
            Self::EndBlock | Self::LiftProtection => "check",
            Self::Protect => "shield",
            Self::RecordDeath | Self::VoidDeath => "edit",
        }
    }

    /// Whether it names somebody who helps the patient, or represents them.
    const fn names_helper(self) -> bool {
        matches!(self, Self::Protect | Self::LiftProtection)
    }

    /// Whether the sender sees what follows from it before it is done.
    const fn is_checked(self) -> bool {
        matches!(self, Self::RecordDeath)
    }

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
                let mut controls = vec![one_of("personId", l.block_whom(), fields, around.people.clone(), l)];
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

    /// A problem of it, with what the page knows beyond the code.
    fn noted(self, problem: Problem) -> Problem {
        if !problem.is_about("personId") {
            return problem;
        }
        match (self, problem.code) {
            (Self::Protect, ProblemCode::AlreadyExists) => problem.noted(Note::AlreadyProtected),
            (Self::LiftProtection, ProblemCode::NotFound) => problem.noted(Note::NoProtection),
            (_, _) => problem,
        }
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

/// Whether a record is somebody's own.
fn is_own(me: &Me, patient: &str) -> bool {
    me.records.iter().any(|record| record == patient)
}

/// A patient, as far as it decides what somebody can do about them.
pub(crate) struct Circumstances<'a> {
    /// The id of the record.
    pub patient: &'a str,
    /// The organization that keeps the record.
    pub keeper: Option<&'a str>,
    /// Who is on the care team now.
    pub team: Vec<&'a str>,
    /// The acts that the API permits.
    pub permitted: Vec<Act>,
}

/// The acts that the API permits about a patient, of an operation that asks for it.
macro_rules! permitted_acts {
    ($patient:expr) => {{
        let patient = $patient;
        let permissions = [
            ($crate::pages::patient_acts::Act::Join, patient.viewer_can_join_care_team.allowed),
            ($crate::pages::patient_acts::Act::Block, patient.viewer_can_block.allowed),
            ($crate::pages::patient_acts::Act::Protect, patient.viewer_can_record_protection_note.allowed),
            ($crate::pages::patient_acts::Act::LiftProtection, patient.viewer_can_lift_protection_note.allowed),
            ($crate::pages::patient_acts::Act::RecordDeath, patient.viewer_can_record_death.allowed),
            ($crate::pages::patient_acts::Act::VoidDeath, patient.viewer_can_void_death.allowed),
        ];
        permissions.into_iter().filter(|(_, allowed)| *allowed).map(|(act, _)| act).collect::<Vec<_>>()
    }};
}
pub(super) use permitted_acts;

/// What somebody can do about a patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Can {
    /// Whether the record is their own.
    is_own: bool,
    /// The roles in which they can join the care team. Empty if they cannot.
    joins_as: Vec<Role>,
    /// What the API permits.
    permitted: Vec<Act>,
}

impl Can {
    /// What this person can do.
    pub fn of(me: &Me, about: &Circumstances<'_>) -> Self {
        let is_there = |at: Option<&str>| about.keeper.is_some() && at == about.keeper;
        let held = me.roles.iter().filter(|held| is_there(held.organization.as_ref().map(|at| at.id.as_str())));
        let can_join = about.permitted.contains(&Act::Join) && !about.team.contains(&me.id.as_str());
        let roles = held.map(|held| held.role).filter(|role| can_join && CARE_ROLES.contains(role));
        let permitted = about.permitted.clone();
        Self { is_own: is_own(me, about.patient), joins_as: roles.collect(), permitted }
    }

    /// The acts that the page of the patient has a link to.
    pub fn acts(&self) -> impl Iterator<Item = Act> {
        ALL.into_iter().filter(|act| self.can(*act))
    }

    /// Whether they can do an act about the patient as a whole. A block is ended one by one.
    fn can(&self, act: Act) -> bool {
        match act {
            Act::Join => !self.joins_as.is_empty(),
            Act::EndBlock => false,
            Act::Block | Act::Protect | Act::LiftProtection | Act::RecordDeath | Act::VoidDeath => {
                self.permitted.contains(&act)
            }
        }
    }
}

/// A patient with the people around them, as the reader may know them.
struct Around {
    patient: Subject,
    can: Can,
    /// Who could be named: to be blocked, the care team now and before, and who takes part in a page of the threads about the
    /// patient or is accountable for one of them; in a protection note, who helps the patient or represents them.
    people: Vec<Choice>,
    /// From where the next people are read. None after the last.
    next: Option<Origin>,
    /// Whether all of it could be read.
    is_whole: bool,
    /// The blocks in force.
    blocks: Vec<Block>,
}

/// A block in force.
struct Block {
    id: String,
    person: Option<String>,
    name: Option<String>,
    giver: DirectiveGiver,
    /// Whether the reader can end it.
    can_end: bool,
}

/// From where the people of a page are read: the threads after a cursor, and the first of them after a participant. Whoever
/// takes part in a thread comes up on some page, and each page has at most ten threads with fifty participants.
#[derive(Debug, Clone, Default)]
struct Origin {
    /// The cursor of the thread before these.
    after: Option<String>,
    /// The cursor of a participant of the first of these threads, which is then the only one of the page.
    participants: Option<String>,
}

impl Origin {
    /// What a form or an address names.
    fn of(fields: &Fields) -> Self {
        let cursor = |name| fields.filled(name).map(str::to_owned);
        Self { after: cursor("after"), participants: cursor("participants") }
    }

    /// Whether it begins with the newest thread.
    fn is_newest(&self) -> bool {
        self.after.is_none() && self.participants.is_none()
    }
}

/// How many threads about the patient are asked for one page who takes part.
const THREADS: i64 = 10;

impl Around {
    /// The patient and the people whom an act can name: of the page of threads that a form names, or who help the patient.
    async fn read(visit: &Visit<'_>, act: Act, fields: &Fields) -> Result<Recorded<Self>, Failed> {
        let around = Self::of_threads(visit, fields).await?;
        if !act.names_helper() {
            return Ok(around);
        }
        let helpers = NotedPeople::read(visit).await?;
        Ok(around.with(helpers, |around, NotedPeople { people, is_whole }| Self {
            people,
            // They are all of them, and from no thread.
            next: None,
            is_whole: around.is_whole && is_whole,
            ..around
        }))
    }

    async fn of_threads(visit: &Visit<'_>, fields: &Fields) -> Result<Recorded<Self>, Failed> {
        let origin = Origin::of(fields);
        let first = if origin.participants.is_some() { 1 } else { THREADS };
        let Origin { after, participants } = origin.clone();
        let variables = patient_people::Variables { id: visit.id.clone(), first: Some(first), after, participants };
        let answer = visit.ask::<PatientPeople>(variables).await?;
        // Without date of birth or name it is not certain whom a form would be about.
        let found = answer.map(|answer| {
            let around = Self::of(&answer, visit, origin).filter(|around| around.patient.identity().is_some());
            around.ok_or(Failed::NotAvailable)
        });
        found.transpose()
    }

    /// None if there is no such patient, or this person may not know of them.
    fn of(answer: &Answer<patient_people::ResponseData>, visit: &Visit<'_>, origin: Origin) -> Option<Self> {
        let (found, l, me) = (answer.data.patient.as_ref()?, visit.time().l, &visit.session.me);
        let team = || found.care_team.iter();
        let members = team().flat_map(|team| &team.members).filter_map(|member| member.person.as_ref());
        let about = Circumstances {
            patient: &visit.id,
            keeper: found.organization.as_ref().map(|at| at.id.as_str()),
            team: members.map(|person| person.id.as_str()).collect(),
            permitted: permitted_acts!(found),
        };
        let can = Can::of(me, &about);
        let blocks = found.blocks.iter().flatten().filter(|block| block.ended_at.is_none()).map(|block| Block {
            id: block.id.clone(),
            person: block.person.as_ref().map(|person| person.id.clone()),
            name: block.person.as_ref().and_then(|person| person.name.text.clone()),
            giver: block.giver,
            can_end: block.viewer_can_end.allowed,
        });
        let blocks: Vec<Block> = blocks.collect();
        // What staff wrote down becomes the patient's own when they say it themself.
        let is_blocked = |id: &str| {
            let mut of_person = blocks.iter().filter(|block| block.person.as_deref() == Some(id));
            of_person.any(|block| block.giver != DirectiveGiver::Staff || !can.is_own)
        };
        let mut people: Vec<Choice> = Vec::new();
        let mut add = |person: Option<&patient_people::Who>, words: String| {
            let Some(person) = person.map(Who::from) else { return };
            let Some(name) = person.name.text().map(str::to_owned) else { return };
            let is_known = people.iter().any(|known| known.value == person.id);
            if !is_known && person.id != me.id && !is_blocked(&person.id) {
                people.push(Choice { hint: Some(words), ..Choice::new(person.id, name) });
            }
        };
        let role_words = |role: &Role, at: Option<&str>| match at {
            Some(at) => l.role_at(at, l.role(role)),
            None => l.role(role),
        };
        let members = team().flat_map(|team| team.members.iter().chain(&team.former_members));
        for member in members.filter(|member| member.role != Role::Person) {
            let at = member.organization.as_ref().map(|at| at.name.as_str());
            add(member.person.as_ref(), role_words(&member.role, at));
        }
        let threads = answer.data.threads.as_ref();
        let mut before = origin.after;
        let mut rest = None;
        for edge in threads.into_iter().flat_map(|list| &list.edges) {
            let thread = &edge.node;
            let all = thread.participants.iter().flat_map(|list| &list.nodes);
            for each in all.filter(|each| each.role != Role::Person) {
                let at = each.organization.as_ref().map(|at| at.name.as_str());
                add(each.person.as_ref(), role_words(&each.role, at));
            }
            // Who has claimed a thread is accountable for it, and need not be one of those.
            let owner = thread.owner.as_ref().and_then(|owner| owner.person.as_ref());
            add(owner, l.column_owner().into_owned());
            let more = thread.participants.as_ref().map(|list| &list.page_info).filter(|info| info.has_next_page);
            if let Some(info) = more {
                // Only one thread is gone through at a time, so the others follow after it.
                rest = Some(Origin { after: before.take(), participants: info.end_cursor.clone() });
                break;
            }
            before = Some(edge.cursor.clone());
        }
        let info = threads.map(|list| &list.page_info).filter(|info| info.has_next_page);
        let older = info.map(|info| Origin { after: info.end_cursor.clone(), participants: None });
        Some(Self {
            patient: (&found.subject).into(),
            people,
            next: rest.or(older).filter(|next| !next.is_newest()),
            is_whole: answer.is_whole,
            blocks,
            can,
        })
    }

    /// The block that a form names.
    fn block(&self, fields: &Fields) -> Option<&Block> {
        self.blocks.iter().find(|block| block.id == fields.get("blockId"))
    }
}

/// Who helps a patient, is to help or did, and who represents them by law, as the choices of a form.
struct NotedPeople {
    people: Vec<Choice>,
    /// Whether all of them could be read.
    is_whole: bool,
}

impl NotedPeople {
    async fn read(visit: &Visit<'_>) -> Result<Recorded<Self>, Failed> {
        let answer = visit.ask::<WhoHelps>(who_helps::Variables { id: visit.id.clone() }).await?;
        let (l, me) = (visit.time().l, &visit.session.me);
        Ok(answer.map(|answer| {
            let helpers = answer.data.delegations.iter().flatten();
            let helpers = helpers.map(|helper| (helper.person.as_ref(), l.relationship(&helper.relationship)));
            let by_law = answer.data.legal_authorities.iter().flatten();
            let by_law = by_law.map(|authority| (authority.person.as_ref(), l.authority_kind(&authority.kind)));
            let mut people: Vec<Choice> = Vec::new();
            for (person, words) in helpers.chain(by_law) {
                let Some(person) = person.map(Who::from) else { continue };
                let Some(name) = person.name.text().map(str::to_owned) else { continue };
                let is_known = people.iter().any(|known| known.value == person.id);
                if !is_known && person.id != me.id {
                    people.push(Choice { hint: Some(words), ..Choice::new(person.id, name) });
                }
            }
            let is_whole = answer.is_whole && answer.data.delegations.is_some();
            Self { people, is_whole }
        }))
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

impl Page<'_> {
    /// The choice among nobody, without which the form can do nothing.
    fn nobody(&self) -> Option<&Control> {
        self.controls.iter().find(|control| control.is_nobody())
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::me::{MyOrganization, MyRole};

    #[test]
    fn every_act_is_found_by_its_word() {
        for act in ALL {
            assert_eq!(Act::of(act.word()), Some(act));
        }
        assert_eq!(Act::of("void"), None);
    }

    fn somebody(role: Role, at: &str) -> Me {
        let organization = Some(MyOrganization { id: at.to_owned(), name: "Practice".to_owned() });
        let roles = vec![MyRole { role, organization }];
        Me { id: "me".to_owned(), name: "Ada".to_owned(), roles, records: vec!["own".to_owned()] }
    }

    fn about<'a>(patient: &'a str, team: &[&'a str]) -> Circumstances<'a> {
        let permitted = vec![Act::Join, Act::Block];
        Circumstances { patient, keeper: Some("keeper"), team: team.to_vec(), permitted }
    }

    #[test]
    fn who_joins_holds_a_role_of_care_where_the_record_is_kept() {
        let joins = |role, at, about: &Circumstances<'_>| Can::of(&somebody(role, at), about).can(Act::Join);
        let other = about("other", &["nurse"]);
        assert!(joins(Role::Coordinator, "keeper", &other));
        assert!(!joins(Role::Coordinator, "elsewhere", &other), "another organization");
        assert!(!joins(Role::Administrator, "keeper", &other), "no role of care");
        assert!(!joins(Role::Coordinator, "keeper", &about("other", &["nurse", "me"])), "a member");
        let forbidden = Circumstances { permitted: vec![Act::Block], ..about("other", &[]) };
        assert!(!joins(Role::Coordinator, "keeper", &forbidden), "the API does not permit it");
        let unknown = Circumstances { keeper: None, ..about("other", &[]) };
        assert!(!joins(Role::Coordinator, "keeper", &unknown), "it is not known who keeps the record");
        let acts: Vec<Act> = Can::of(&somebody(Role::Coordinator, "elsewhere"), &other).acts().collect();
        assert_eq!(acts, [Act::Block], "the page has no link to what cannot be done");
    }

    #[test]
    fn a_death_and_a_note_have_a_link_for_whom_the_api_permits_them() {
        let permitted = vec![Act::VoidDeath, Act::Protect];
        let about = Circumstances { permitted, ..about("other", &["me"]) };
        let acts: Vec<Act> = Can::of(&somebody(Role::Nurse, "keeper"), &about).acts().collect();
        assert_eq!(acts, [Act::Protect, Act::VoidDeath]);
    }
}
