//! Whom a step of a thread can name, as the choices of a form: who takes part, and who could be asked to.

use super::colleagues::Place;
use super::controls::{Choice, Control};
use super::forms::Fields;
use super::queries::thread;
use super::rows::Who;
use super::texts::Texts;
use super::time::PageTime;
use super::view::View;
use crate::graphql::words::Role;

/// A party that was chosen: its kind and its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChosenParty<'f> {
    Person(&'f str),
    Pool(&'f str),
    CoordinatorOfPool(&'f str),
}

impl<'f> ChosenParty<'f> {
    /// The party that a field names.
    pub fn of(fields: &'f Fields, name: &str) -> Option<Self> {
        match fields.get(name).split_once(':')? {
            ("person", id) => Some(Self::Person(id)),
            ("pool", id) => Some(Self::Pool(id)),
            ("coordinator", id) => Some(Self::CoordinatorOfPool(id)),
            (_, _) => None,
        }
    }
}

/// A person as the choice of a party.
pub(crate) fn person_party(id: &str, name: impl Into<String>) -> Choice {
    Choice::new(format!("person:{id}"), name)
}

/// A pool as the choice of a party.
pub(crate) fn pool_party(pool: &Place, l: &Texts) -> Choice {
    Choice { hint: Some(l.any_member().into_owned()), ..Choice::new(format!("pool:{}", pool.id), pool.name.clone()) }
}

/// The pools of a thread, the owner first.
fn pools(view: &View) -> Vec<Place> {
    let owner = view.thread.owner.as_ref().and_then(|owner| owner.pool.as_ref());
    let owner = owner.map(|pool| Place { id: pool.id.clone(), name: pool.name.clone() });
    let others = view.thread.pools.iter().map(|pool| Place { id: pool.id.clone(), name: pool.name.clone() });
    let mut pools: Vec<Place> = owner.into_iter().collect();
    for pool in others {
        if !pools.contains(&pool) {
            pools.push(pool);
        }
    }
    pools
}

/// Who takes part now, with the words of the role of each.
pub(crate) fn participants<'v>(view: &'v View, l: &'v Texts) -> impl Iterator<Item = (Who, String)> + use<'v> {
    let all = view.thread.participants.iter().flat_map(|list| &list.nodes);
    all.filter(|participant| participant.ended_at.is_none())
        .filter_map(|participant| Some((participant.person.as_ref()?.into(), place_words(participant, l))))
}

fn place_words(participant: &thread::ThreadThreadParticipantsNodes, l: &Texts) -> String {
    let role = l.role(&participant.role);
    match &participant.organization {
        Some(organization) => l.role_at(&organization.name, role),
        None => role,
    }
}

fn person_choices(view: &View, l: &Texts) -> Vec<Choice> {
    participants(view, l)
        .filter_map(|(person, role)| Some(Choice { hint: Some(role), ..person_party(&person.id, person.name.text()?) }))
        .collect()
}

/// Everybody for whom a thread can wait: who takes part, and the pools.
pub(crate) fn parties(view: &View, l: &Texts) -> Vec<Choice> {
    let mut choices = person_choices(view, l);
    for pool in pools(view) {
        choices.push(pool_party(&pool, l));
        choices.push(Choice::new(format!("coordinator:{}", pool.id), l.coordinators_of(&pool.name)));
    }
    choices
}

/// Everybody who can own a thread: who takes part but the owner, and the pools.
pub(crate) fn owners(view: &View, l: &Texts) -> Vec<Choice> {
    let owner = view.thread.owner.as_ref().and_then(|owner| owner.person.as_ref()).map(|person| person.id.as_str());
    let owner = owner.map(|id| format!("person:{id}"));
    let mut choices = person_choices(view, l);
    choices.retain(|choice| Some(&choice.value) != owner.as_ref());
    choices.extend(pools(view).iter().map(|pool| pool_party(pool, l)));
    choices
}

/// Everybody but the reader of the page of whom it can be changed how much they see, with how much they see now.
pub(crate) fn seen_by(view: &View, time: &PageTime<'_>) -> Vec<Choice> {
    let all = view.thread.participants.iter().flat_map(|list| &list.nodes);
    let others = all.filter_map(|participant| {
        let person = Who::from(participant.person.as_ref().filter(|_| participant.ended_at.is_none())?);
        let name = person.name.text().filter(|_| person.id != view.reader)?.to_owned();
        let sees = match participant.sees_from {
            Some(from) => time.l.sees_from(time.moment(from).words),
            None => time.l.sees_all().into_owned(),
        };
        let words = time.l.role_and_sees(place_words(participant, time.l), sees);
        Some(Choice { hint: Some(words), ..Choice::new(person.id, name) })
    });
    others.collect()
}

/// Everybody who can be removed by another person: who takes part, and who is invited.
pub(crate) fn removable(view: &View, l: &Texts) -> Vec<Choice> {
    let owner = view.thread.owner.as_ref().and_then(|owner| owner.person.as_ref()).map(|person| person.id.as_str());
    let invited = view.thread.invitations.iter().flatten().filter_map(|invitation| {
        let person = Who::from(invitation.person.as_ref()?);
        let name = person.name.text()?.to_owned();
        Some(Choice { hint: Some(l.invited_not_answered().into_owned()), ..Choice::new(person.id, name) })
    });
    let named = participants(view, l).filter(|(person, _)| Some(person.id.as_str()) != owner);
    let named = named.filter_map(|(person, role)| {
        let name = person.name.text()?.to_owned();
        Some(Choice { hint: Some(role), ..Choice::new(person.id, name) })
    });
    named.chain(invited).collect()
}

/// Who can be added or invited: who does not take part and is not invited. Who belongs to an organization that takes
/// part already is added; others are invited.
pub(crate) fn addable(view: &View, l: &Texts, is_invited: bool) -> Vec<Choice> {
    let present: Vec<String> = participants(view, l).map(|(person, _)| person.id).collect();
    let invited = view.thread.invitations.iter().flatten().filter_map(|invitation| invitation.person.as_ref());
    let invited: Vec<&str> = invited.map(|person| person.id.as_str()).collect();
    let all = view.thread.participants.iter().flat_map(|list| &list.nodes);
    let organizations = all.filter(|participant| participant.ended_at.is_none());
    let organizations: Vec<&str> =
        organizations.filter_map(|participant| participant.organization.as_ref().map(|at| at.id.as_str())).collect();
    let people = view.colleagues.people.iter().filter(|person| {
        let takes_part = person.organization.as_ref().is_some_and(|at| organizations.contains(&at.id.as_str()));
        !present.contains(&person.id) && !invited.contains(&person.id.as_str()) && takes_part != is_invited
    });
    people.map(|person| person.choice(l)).collect()
}

/// The physicians to whom the request of a consultation can be handed over: those of the organization that asks.
pub(crate) fn askers(view: &View, l: &Texts) -> Vec<Choice> {
    let Some(own) = view.consultation() else { return Vec::new() };
    let asks = own.requesting_organization.as_ref().map(|at| at.id.as_str());
    let requester = own.requester.as_ref().map(|person| person.id.as_str());
    let people = view.colleagues.people.iter().filter(|person| {
        let is_there = person.organization.as_ref().is_some_and(|at| Some(at.id.as_str()) == asks);
        let is_other = person.id != view.reader && Some(person.id.as_str()) != requester;
        person.role == Role::Physician && is_there && is_other
    });
    people.map(|person| person.choice(l)).collect()
}

/// The control of a form that names one of several, or says that there is nobody.
pub(crate) fn one_of(
    name: &str,
    legend: impl Into<String>,
    fields: &Fields,
    choices: Vec<Choice>,
    l: &Texts,
) -> Control {
    if choices.is_empty() {
        return Control::nobody(name, legend, l);
    }
    Control::one(name, legend, fields, choices)
}
