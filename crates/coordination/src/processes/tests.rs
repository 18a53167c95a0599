//! How long a look at many threads takes.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use care::words::{Confidentiality, Role, Topic};
use policy::question::CodeSet;
use policy::text::PolicyText;
use uuid::Uuid;

use super::*;
use crate::authorization::organization::{OrganizationFacts, PoolHome};
use crate::authorization::person::PersonFacts;
use crate::authorization::thread::Participation;
use crate::authorization::{Entities, Held, Period, certain};

fn id<I: Id>(kind: u128, number: u128) -> I {
    I::from_uuid(Uuid::from_u128(kind << 64 | number))
}

/// Ten organizations of a hundred people and two pools each; threads of a pool or of a physician who
/// has it from there, which wait for either, for the coordinators or for who asked.
fn state(threads: u128, now: DateTime<Utc>) -> AuthorizationState {
    let mut state = AuthorizationState::default();
    let organization = |number: u128| id::<OrganizationId>(1, number % 10);
    let person = |number: u128| id::<PersonId>(2, number % 1000);
    let pool = |number: u128| id::<PoolId>(3, number % 20);
    let period = Period::since(now - chrono::TimeDelta::days(1));
    for number in 0..1000 {
        let role = if number % 100 < 10 { Role::Coordinator } else { Role::Physician };
        let place = Place { role, organization: organization(number) };
        certain(state.put(person(number).uuid(), Some(PersonFacts { roles: vec![Held { place, period }] })));
    }
    for number in 0..10 {
        let pools = [number, number + 10].map(|which| {
            let members = (0..10).map(|member| (person(which + 10 * (member + 20)), period));
            (pool(which), members.collect::<BTreeMap<_, _>>())
        });
        let facts = OrganizationFacts { calendar: None, pools: pools.into() };
        certain(state.put(organization(number).uuid(), Some(facts)));
    }
    for number in 0..20 {
        certain(state.put(pool(number).uuid(), Some(PoolHome { organization: organization(number) })));
    }
    for number in 0..threads {
        let asked = number + 1;
        let owning = Place { role: Role::Coordinator, organization: organization(number) };
        let member = person(number % 20 + 200);
        let (owner, party) = match number % 4 {
            0 => (Owner::Pool(pool(number)), Party::Pool(pool(number))),
            1 => (Owner::Pool(pool(number)), Party::Role(owning)),
            2 => (Owner::Person { person: member, pool: Some(pool(number)) }, Party::Person(member)),
            _ => (Owner::Person { person: member, pool: Some(pool(number)) }, Party::Person(person(asked))),
        };
        let on = WaitingOn { party, action: PostMessage::NAME, due: None };
        let place = Place { role: Role::Physician, organization: organization(asked) };
        let joined = Participation { place, period, since: None, by_care_team: false };
        let facts = ThreadFacts {
            kind: ThreadKind::TeamThread,
            patient: None,
            opened_by: Actor::Person(person(asked)),
            organization: organization(asked),
            owning_organization: organization(number),
            owner,
            owners: BTreeSet::new(),
            pools: BTreeSet::new(),
            topic: Topic::ClinicalAdvice,
            confidentiality: Confidentiality::Normal,
            codes: CodeSet::NONE,
            released: false,
            hidden_from_delegates: false,
            participants: BTreeMap::from([(person(asked + 300), joined)]),
            invitations: BTreeMap::new(),
            closed: false,
            waiting: Some(Waiting { on, since: now }),
            last: id(5, number),
        };
        certain(state.put(id::<ThreadId>(4, number).uuid(), Some(facts)));
    }
    state
}

#[test]
#[ignore = "a measurement"]
fn measures_a_look_at_ten_thousand_open_threads() {
    let now = DateTime::<Utc>::UNIX_EPOCH + chrono::TimeDelta::days(20_000);
    let state = state(10_000, now);
    let policy = ActivePolicy::load(PolicyText::shipped()).expect("the shipped policy");
    for of in ["all threads", "all threads again"] {
        let begun = Instant::now();
        let due: usize = state.open_threads().map(|thread| tidy(&state, &policy, thread, now).len()).sum();
        println!("{of}: {:?}, {due} commands due", begun.elapsed());
    }
    let begun = Instant::now();
    let touched = state.threads_resting_on(id(2, 203));
    let looked = touched.iter().filter_map(|thread| Some((*thread, state.thread(*thread)?)));
    let due: usize = looked.map(|thread| tidy(&state, &policy, thread, now).len()).sum();
    println!("the {} of one person: {:?}, {due} commands due", touched.len(), begun.elapsed());
}
