//! Whom an act about a patient can name: the care team and who takes part in the threads about the patient, or who helps and
//! represents the patient.

use coordination::answer::Recorded;

use super::act::{Act, Can, Circumstances, permitted_acts};
use crate::graphql::directive_words::DirectiveGiver;
use crate::graphql::words::Role;
use crate::pages::client::Answer;
use crate::pages::controls::Choice;
use crate::pages::forms::Fields;
use crate::pages::me::Me;
use crate::pages::queries::{PatientPeople, WhoHelps, patient_people, who_helps};
use crate::pages::rows::{Subject, Who};
use crate::pages::site::{Failed, Visit};

/// A patient with the people around them, as the reader may know them.
pub(super) struct Around {
    pub patient: Subject,
    pub can: Can,
    /// Who could be named: to be blocked, the care team now and before, and who takes part in a page of the threads about the
    /// patient or is accountable for one of them; in a protection note, who helps the patient or represents them.
    pub people: Vec<Choice>,
    /// From where the next people are read. None after the last.
    pub next: Option<Origin>,
    /// Whether all of it could be read.
    pub is_whole: bool,
    /// The blocks in force.
    blocks: Vec<Block>,
}

/// A block in force.
pub(super) struct Block {
    id: String,
    person: Option<String>,
    pub name: Option<String>,
    giver: DirectiveGiver,
    /// Whether the reader can end it.
    pub can_end: bool,
}

/// From where the people of a page are read: the threads after a cursor, and the first of them after a participant. Whoever
/// takes part in a thread comes up on some page, and each page has at most ten threads with fifty participants.
#[derive(Debug, Clone, Default)]
pub(super) struct Origin {
    /// The cursor of the thread before these.
    pub after: Option<String>,
    /// The cursor of a participant of the first of these threads, which is then the only one of the page.
    pub participants: Option<String>,
}

impl Origin {
    /// What a form or an address names.
    pub fn of(fields: &Fields) -> Self {
        let cursor = |name| fields.filled(name).map(str::to_owned);
        Self { after: cursor("after"), participants: cursor("participants") }
    }

    /// Whether it begins with the newest thread.
    pub fn is_newest(&self) -> bool {
        self.after.is_none() && self.participants.is_none()
    }
}

/// How many threads about the patient are asked for one page who takes part.
const THREADS: i64 = 10;

impl Around {
    /// The patient and the people whom an act can name: of the page of threads that a form names, or who help the patient.
    pub async fn read(visit: &Visit<'_>, act: Act, fields: &Fields) -> Result<Recorded<Self>, Failed> {
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
            let person = person.map(Who::from).filter(|person| !is_blocked(&person.id));
            people.extend(person.and_then(|person| another(&people, me, person, words)));
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
    pub fn block(&self, fields: &Fields) -> Option<&Block> {
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
                people.extend(person.and_then(|person| another(&people, me, person.into(), words)));
            }
            let is_whole = answer.is_whole && answer.data.delegations.is_some();
            Self { people, is_whole }
        }))
    }
}

/// One more person to choose; none if they are among those already, are the reader, or have no name that may be read.
fn another(known: &[Choice], me: &Me, person: Who, words: String) -> Option<Choice> {
    let is_new = person.id != me.id && known.iter().all(|choice| choice.value != person.id);
    let name = person.name.text().filter(|_| is_new)?.to_owned();
    Some(Choice { hint: Some(words), ..Choice::new(person.id, name) })
}
