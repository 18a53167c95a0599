//! What is done about a patient as a whole, each at `/patients/{id}/{act}`: somebody joins the care team and says why, a
//! person is shut out, and a block ends. The patient shuts out themself, or staff write down what the patient said.
//!
//! To add an act: 1. its mutation in `queries.rs`; 2. a variant of [`Act`], and follow the compiler; 3. its link in
//! `templates/patient.html`.

use askama::Template;
use coordination::answer::Recorded;
use poem::http::StatusCode;

use super::colleagues::CARE_ROLES;
use super::forms::{Choice, Control, ErrorLine, Fields, FormSubject, Hidden, choices, chosen, place};
use super::frame::{Frame, Place};
use super::outcome::{Outcome, Problem};
use super::parties::one_of;
use super::queries::{
    BlockPerson, EndBlock, JoinCareTeam, PatientPeople, block_person, end_block, join_care_team, patient_people,
};
use super::rows::{Subject, Who};
use super::site::{Failed, Screen, Visit, rendered, see_other};
use super::texts::Texts;
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
    /// Shut a person out.
    Block,
    EndBlock,
}

const ALL: [Act; 3] = [Act::Join, Act::Block, Act::EndBlock];

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
        }
    }

    /// The heading of its page, and the words of the link that leads there.
    pub fn title(self, l: &Texts) -> String {
        match self {
            Self::Join => l.act_join(),
            Self::Block => l.act_block(),
            Self::EndBlock => l.act_end_block(),
        }
        .into_owned()
    }

    /// What the page of the patient says once it is done.
    pub fn done(self, l: &Texts) -> String {
        match self {
            Self::Join => l.done_join(),
            Self::Block => l.done_block(),
            Self::EndBlock => l.done_end_block(),
        }
        .into_owned()
    }

    /// The icon of its buttons.
    const fn icon(self) -> &'static str {
        match self {
            Self::Join => "plus",
            Self::Block => "no",
            Self::EndBlock => "check",
        }
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
        }
    }

    /// What its form is bound to, beside the patient.
    fn subject<'f>(self, visit: &'f Visit<'_>, fields: &'f Fields) -> FormSubject<'f> {
        let thread = match self {
            Self::Join | Self::Block => visit.id.as_str(),
            Self::EndBlock => fields.get("blockId"),
        };
        FormSubject { form: self.word(), thread, patient: &visit.id }
    }

    /// Whether this person can do it now.
    fn is_allowed(self, around: &Around, fields: &Fields) -> bool {
        match self {
            Self::Join => around.can_join,
            Self::Block => around.can_block,
            // Only the patient ends what they have said themself.
            Self::EndBlock => {
                around.can_block && around.block(fields).is_some_and(|block| around.is_own || !block.by_patient)
            }
        }
    }

    /// The controls of its form.
    fn controls(self, around: &Around, fields: &Fields, l: &Texts) -> Vec<Control> {
        match self {
            Self::Join => {
                let roles = choices(&around.roles, |role| l.role(role));
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
                if !around.is_own {
                    controls.push(Control::short_text("patientWord", l.block_word(), fields));
                }
                controls
            }
            Self::EndBlock => vec![Control::hidden("blockId", fields.get("blockId"))],
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
                let word = (!is_own(visit) && is_empty("patientWord")).then_some("patientWord");
                is_empty("personId").then_some("personId").into_iter().chain(word).collect()
            }
            Self::EndBlock => Vec::new(),
        };
        absent.into_iter().map(|name| Problem::of_field(ProblemCode::Empty, name)).collect()
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
                let patient_word = fields.filled("patientWord").filter(|_| !is_own(visit)).map(str::to_owned);
                let person_id = fields.get("personId").to_owned();
                let input = block_person::BlockPersonInput { client_mutation_id, person_id, patient_word };
                visit.act::<BlockPerson>(block_person::Variables { id, input }).await
            }
            Self::EndBlock => {
                let block_id = fields.get("blockId").to_owned();
                let input = end_block::EndBlockInput { client_mutation_id, block_id };
                visit.act::<EndBlock>(end_block::Variables { id, input }).await
            }
        }
    }
}

/// Whether the record of a visit is the reader's own.
fn is_own(visit: &Visit<'_>) -> bool {
    visit.session.me.records.contains(&visit.id)
}

/// A patient with the people around them, as the reader may know them.
struct Around {
    patient: Subject,
    /// Whether the record is the reader's own.
    is_own: bool,
    can_join: bool,
    can_block: bool,
    /// The roles in which the reader could join the care team.
    roles: Vec<Role>,
    /// Who could be shut out: the care team now and before, and who takes part in threads about the patient.
    people: Vec<Choice>,
    /// The blocks in force.
    blocks: Vec<Block>,
}

/// A block in force.
struct Block {
    id: String,
    person: Option<String>,
    name: Option<String>,
    by_patient: bool,
}

/// How many threads about the patient are asked who takes part.
const THREADS: i64 = 10;

impl Around {
    async fn read(visit: &Visit<'_>) -> Result<Recorded<Self>, Failed> {
        let variables = patient_people::Variables { id: visit.id.clone(), first: Some(THREADS) };
        let answer = visit.ask::<PatientPeople>(variables).await?;
        // Without date of birth or name it is not certain whom a form would be about.
        let found = answer.map(|answer| {
            let around = Self::of(&answer.data, visit).filter(|around| around.patient.identity().is_some());
            around.ok_or(Failed::NotAvailable)
        });
        found.transpose()
    }

    /// None if there is no such patient, or this person may not know of them.
    fn of(data: &patient_people::ResponseData, visit: &Visit<'_>) -> Option<Self> {
        let (found, l, me) = (data.patient.as_ref()?, visit.time().l, &visit.session.me);
        let is_own = is_own(visit);
        let blocks = found.blocks.iter().flatten().filter(|block| block.ended_at.is_none()).map(|block| Block {
            id: block.id.clone(),
            person: block.person.as_ref().map(|person| person.id.clone()),
            name: block.person.as_ref().and_then(|person| person.name.text.clone()),
            by_patient: block.by_patient,
        });
        let blocks: Vec<Block> = blocks.collect();
        // What staff wrote down becomes the patient's own when they say it themself.
        let is_blocked = |id: &str| {
            let mut of_person = blocks.iter().filter(|block| block.person.as_deref() == Some(id));
            of_person.any(|block| block.by_patient || !is_own)
        };
        let mut people: Vec<Choice> = Vec::new();
        let mut add = |person: Option<&patient_people::Who>, role: Role, at: Option<&str>| {
            let Some(person) = person.map(Who::from) else { return };
            let Some(name) = person.name.text().map(str::to_owned) else { return };
            let is_known = people.iter().any(|known| known.value == person.id);
            if is_known || person.id == me.id || role == Role::Person || is_blocked(&person.id) {
                return;
            }
            let words = at.map_or_else(|| l.role(&role), |at| l.role_at(at, l.role(&role)));
            people.push(Choice { hint: Some(words), ..Choice::new(person.id, name) });
        };
        let team = || found.care_team.iter();
        for member in team().flat_map(|team| team.members.iter().chain(&team.former_members)) {
            add(member.person.as_ref(), member.role, member.organization.as_ref().map(|at| at.name.as_str()));
        }
        for thread in data.threads.iter().flat_map(|list| &list.nodes) {
            for each in thread.participants.iter().flat_map(|list| &list.nodes) {
                add(each.person.as_ref(), each.role, each.organization.as_ref().map(|at| at.name.as_str()));
            }
        }
        let keeper = found.organization.as_ref().map(|at| at.id.as_str());
        let mine = data.viewer.roles.iter().flatten();
        let there =
            mine.filter(|held| keeper.is_some() && held.organization.as_ref().map(|at| at.id.as_str()) == keeper);
        let roles: Vec<Role> = there.map(|held| held.role).filter(|role| CARE_ROLES.contains(role)).collect();
        let is_me = |member: &patient_people::Member| member.person.as_ref().is_some_and(|person| person.id == me.id);
        let is_member = team().flat_map(|team| &team.members).any(is_me);
        Some(Self {
            patient: (&found.subject).into(),
            is_own,
            can_join: found.viewer_can_join_care_team.allowed && !is_member && !roles.is_empty(),
            can_block: found.viewer_can_block.allowed,
            roles,
            people,
            blocks,
        })
    }

    /// The block that a form names.
    fn block(&self, fields: &Fields) -> Option<&Block> {
        self.blocks.iter().find(|block| block.id == fields.get("blockId"))
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
}

impl Page<'_> {
    /// The choice among nobody, without which the form can do nothing.
    fn nobody(&self) -> Option<&Control> {
        self.controls.iter().find(|control| control.is_nobody())
    }
}

fn page(visit: &Visit<'_>, act: Act, around: Around, fields: &Fields, problems: &[Problem]) -> askama::Result<String> {
    let l = visit.time().l;
    let mut controls = act.controls(&around, fields, l);
    let errors = place(problems, &mut controls, l);
    rendered(&Page {
        frame: visit.arrival.frame(Place::of_patient(&visit.session.me)),
        act,
        explanation: act.explanation(&around, fields, l),
        hidden: visit.hidden(act.subject(visit, fields), ""),
        controls,
        errors,
        patient: around.patient,
    })
}

impl Screen for PatientAct {
    async fn open(&self, visit: &Visit<'_>) -> Result<Response, Failed> {
        let act = Act::of(&visit.step).ok_or(Failed::NotAvailable)?;
        let around = Around::read(visit).await?;
        let fields = Fields::default().with("blockId", visit.query.get("blockId"));
        // An act that is not possible now leads back to the patient.
        if !around.read(|around| act.is_allowed(around, &fields)) {
            return see_other(&format!("/patients/{}", visit.id));
        }
        visit.page(StatusCode::OK, around.map(|around| page(visit, act, around, &fields, &[])))
    }

    async fn submit(&self, visit: &Visit<'_>, fields: &Fields) -> Result<Response, Failed> {
        let act = Act::of(&visit.step).ok_or(Failed::NotAvailable)?;
        Hidden::check_about(&visit.session, act.subject(visit, fields), fields)?;
        let mut problems = act.missing(visit, fields);
        if problems.is_empty() {
            let outcome = act.make(visit, fields).await?;
            if outcome.problems.is_empty() {
                return visit.see_done(&format!("/patients/{}?done={}", visit.id, act.word()));
            }
            problems = outcome.problems;
        }
        if problems.iter().any(|problem| problem.code == ProblemCode::NotFound) {
            return Err(Failed::NotAvailable);
        }
        let around = Around::read(visit).await?;
        let page = around.map(|around| page(visit, act, around, fields, &problems));
        visit.page(StatusCode::UNPROCESSABLE_ENTITY, page)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_act_is_found_by_its_word() {
        for act in ALL {
            assert_eq!(Act::of(act.word()), Some(act));
        }
        assert_eq!(Act::of("void"), None);
    }
}
