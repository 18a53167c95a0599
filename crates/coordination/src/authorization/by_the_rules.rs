//! Who may read what, compared with the rules in plain words, after every step of random histories.
//!
//! `by_the_rules/rules.rs` says for each person and each message whether the rules let them read it: it reads the list of
//! all events and shares no code with the authorization. `clinic.rs` gives random commands of `steps.rs` and `directives.rs`
//! by random people as the program gives them. A difference in either direction is a failure: nobody reads more than the
//! rules say, and nobody less.
//!
//! `cargo test` runs a few dozen histories; with `CAREFOLD_SOAK=1` they are five thousand. That it can fail is tested too:
//! an authorization that learns nothing of one kind of event is found out by a short history.

mod clinic;
mod directives;
mod rules;
mod steps;

use policy::words::{Action, Read};
use std::collections::BTreeSet;

use care::conversation::Since;
use care::delegation::TopicVerbs;
use care::envelope::Actor;
use care::ids::{PersonId, ThreadId};
use care::lifecycle::ThreadKind;
use care::words::{Confidentiality, DelegationHistory, DelegationKind, Purpose, Sensitivity, Topic};
use proptest::prelude::*;
use proptest::test_runner::{TestCaseError, TestCaseResult};

use super::*;
use crate::read_models::counter::Counter;
use clinic::{Clinic, viewer};
use directives::{Said, Word};
use rules::{Message, Why};
use steps::{Change, For, Step, Wanted};

/// How many histories are tried.
const HISTORIES: u32 = 48;
const HISTORIES_SOAK: u32 = 5_000;

/// What is compared.
#[derive(Debug)]
#[expect(dead_code, reason = "a failure prints it")]
enum Text {
    Message(Message),
    /// What a thread says first, such as its question.
    Opening(ThreadId),
}

/// A text that the rules let a person read and the authorization does not, or the other way.
#[derive(Debug)]
#[expect(dead_code, reason = "a failure prints it")]
struct Difference {
    person: &'static str,
    /// Why the rules let them read it; nothing if they do not.
    by_the_rules: Vec<Why>,
    text: Text,
    is_permitted: bool,
}

/// Whether the authorization permits a person to read a message now.
fn permits(clinic: &Clinic, person: PersonId, message: &Message) -> bool {
    let Some(facts) = clinic.state.thread(message.thread) else { return false };
    let actor = Actor::Person(person);
    let held = clinic.state.standings(&Subject::Thread(message.thread), actor, clinic.history.now);
    let (asked, viewer) = (facts.asked(&held), viewer(person));
    if viewer.decide(&asked.asking(Action::Read(Read::ThreadFind), None)).is_none() {
        return false;
    }
    let readable = viewer.readable_messages(&asked);
    let posted = &message.posted;
    Counter::all_of(&posted.addressed, posted.by.person()).into_iter().any(|counter| {
        let shows = |audience| {
            let is_readers = counter == Counter::of(audience, person, readable.is_of_team());
            is_readers && readable.shows(audience, Since { number: posted.number, at: message.at })
        };
        counter.audience().is_some_and(shows)
    })
}

/// Whether the authorization permits a person to read what a thread says first.
fn permits_opening(clinic: &Clinic, person: PersonId, thread: ThreadId) -> bool {
    let Some(facts) = clinic.state.thread(thread) else { return false };
    let held = clinic.state.standings(&Subject::Thread(thread), Actor::Person(person), clinic.history.now);
    let asked = facts.asked(&held).asking(Action::Read(Read::ThreadRead), None);
    viewer(person).decide(&asked).is_some_and(|read| read.reach().covers_opening(facts.opened_at))
}

/// The first difference between the rules and the authorization.
fn difference(clinic: &Clinic) -> Option<Difference> {
    let people = clinic.people.all().into_iter().zip(NAMES);
    let threads = clinic.history.threads();
    for (person, name) in people {
        for thread in &threads {
            let ways = clinic.history.ways(person, thread);
            // Who reads the answer, the policy says beside the messages; but nobody reads from before their window.
            let is_cut = !ways.is_empty() && !ways.iter().any(|way| way.shows_opening(thread));
            if is_cut && permits_opening(clinic, person, thread.id) {
                let by_the_rules = ways.iter().map(|way| way.why).collect();
                let text = Text::Opening(thread.id);
                return Some(Difference { person: name, by_the_rules, text, is_permitted: true });
            }
            for message in clinic.history.messages(thread.id) {
                let by_the_rules = ways.iter().any(|way| way.shows(person, &message));
                let is_permitted = permits(clinic, person, &message);
                if by_the_rules != is_permitted {
                    let by_the_rules = ways.iter().filter(|way| way.shows(person, &message)).map(|way| way.why);
                    let by_the_rules = by_the_rules.collect();
                    let text = Text::Message(message);
                    return Some(Difference { person: name, by_the_rules, text, is_permitted });
                }
            }
        }
    }
    None
}

#[test]
fn the_clinic_has_a_thread_of_every_kind() {
    let kinds: BTreeSet<ThreadKind> = Clinic::open(None).history.threads().iter().map(|thread| thread.kind).collect();
    assert_eq!(
        kinds,
        ThreadKind::ALL.iter().copied().collect::<BTreeSet<_>>(),
        "who reads a kind that is in no history, nothing compares"
    );
}

/// What the people of the clinic are called, in the order of `People::all`.
const NAMES: [&str; 14] = [
    "admin",
    "physician",
    "nurse",
    "other nurse",
    "social worker",
    "coordinator",
    "officer",
    "specialist",
    "centre coordinator",
    "mira",
    "elif",
    "daughter",
    "son",
    "aide",
];

/// Takes the steps, and finds the first difference after any of them.
fn walk(clinic: &mut Clinic, steps: &[Step]) -> Option<Difference> {
    for step in steps {
        steps::take(clinic, step);
        clinic.settles();
        if let Some(found) = difference(clinic) {
            return Some(found);
        }
    }
    None
}

fn histories() -> ProptestConfig {
    let is_soak = std::env::var_os("CAREFOLD_SOAK").is_some_and(|value| value == "1");
    ProptestConfig::with_cases(if is_soak { HISTORIES_SOAK } else { HISTORIES })
}

proptest! {
    #![proptest_config(histories())]
    #[test]
    fn each_person_reads_exactly_what_the_rules_let_them_read(steps in steps::any_steps()) {
        agrees(&steps)?;
    }
}

fn agrees(steps: &[Step]) -> TestCaseResult {
    match walk(&mut Clinic::open(None), steps) {
        None => Ok(()),
        Some(found) => Err(TestCaseError::fail(format!("{found:#?}"))),
    }
}

/// Topics, codes and the past, as the daughter of Mira has them.
fn wanted(history: DelegationHistory) -> Wanted {
    Wanted {
        topics: [(Topic::ClinicalAdvice, TopicVerbs::WRITE)].into(),
        of_kind: true,
        lists_threads: false,
        codes: BTreeSet::new(),
        history,
    }
}

/// Somebody helps the patient from now on, for forty days.
fn helps(patient: u8, kind: DelegationKind, history: DelegationHistory) -> Step {
    Step::Help { patient, helper: 0, kind, wanted: wanted(history), days: 40, steps: 5 }
}

/// The daughter of Mira helps her, and sees all of the past.
fn daughter_helps() -> Step {
    helps(0, DelegationKind::PatientAuthorised, DelegationHistory::All)
}

/// What is done to the first delegation by the patient.
fn change(change: Change) -> Step {
    Step::Change { delegation: 0, by: 0, change }
}

/// The patient says something about whom, at once and about everything.
fn about(whom: u8) -> Said {
    Said { by_staff: false, whom, codes: BTreeSet::new(), purpose: None, ahead: 0, days: None }
}

/// A short history that rests on one kind of event.
struct Rests {
    on: &'static str,
    steps: Vec<Step>,
}

/// The short histories: if the authorization learned nothing of that kind of event, somebody would read too much or too
/// little. The threads of the clinic are counted: 0 about Mira, 1 about Noor, 2 about Elif, 3 of the team about Mira, then
/// those of the history.
fn short_histories() -> Vec<Rests> {
    let rests = |on, steps| Rests { on, steps };
    let by_law = |kind| helps(0, kind, DelegationHistory::All);
    let from_now = || helps(0, DelegationKind::PatientAuthorised, DelegationHistory::FromGrant);
    let resume = || Step::Change { delegation: 0, by: 1, change: Change::Resume };
    let more = || Wanted { topics: [(Topic::Scheduling, TopicVerbs::READ)].into(), ..wanted(DelegationHistory::All) };
    // The child is twelve in twelve days.
    let parent_helps = || Step::Help {
        patient: 1,
        helper: 0,
        kind: DelegationKind::ParentOfMinor,
        wanted: Wanted {
            topics: [(Topic::ClinicalAdvice, TopicVerbs::READ), (Topic::Scheduling, TopicVerbs::READ)].into(),
            ..wanted(DelegationHistory::All)
        },
        days: 40,
        steps: 5,
    };
    let about_scheduling = |patient| Step::Ask {
        patient,
        topic: Topic::Scheduling,
        class: Confidentiality::Normal,
        codes: BTreeSet::new(),
        is_hidden: false,
    };
    let post = |thread| Step::Post { thread, by: 0, to: For::Everyone };
    let label = |class| Step::Label { thread: 0, class, codes: BTreeSet::new() };
    let coded = Step::Label { thread: 0, class: Confidentiality::Normal, codes: [Sensitivity::Hiv].into() };
    let days = |days: i64| Step::Wait { hours: days * 24 };
    let widened = || vec![daughter_helps(), about_scheduling(0), post(4), change(Change::Widen(more()))];
    let suspended = || vec![daughter_helps(), change(Change::Suspend)];
    let died = || vec![daughter_helps(), Step::Die { patient: 0 }];
    let word = |word| Step::Directive { patient: 0, word };
    let deny = |said: Said| word(Word::Deny(said));
    let shut_out = || vec![daughter_helps(), deny(about(0))];
    let of_treatment = || Said { purpose: Some(Purpose::Treatment), ..about(4) };
    let later = || Said { ahead: 5, ..about(0) };
    let with_code = || Said { codes: [Sensitivity::Hiv].into(), ..about(0) };
    // The other nurse is on the care team, and reads of what is restricted what the patient permits.
    let permitted_by = |by_staff| {
        let permit = word(Word::Permit(Said { by_staff, ..about(4) }));
        vec![Step::Join { patient: 0, knows: false }, label(Confidentiality::Restricted), permit]
    };
    let permitted = || permitted_by(false);
    let confirmed = || {
        let mut steps = permitted_by(true);
        steps.push(word(Word::Confirm(0)));
        steps
    };
    let hidden = || vec![daughter_helps(), Step::Hide { thread: 0, by: 0 }];
    // The other nurse, the third of the helpers, has accepted to help, which gives nothing yet.
    let nurse_accepts = || {
        let (kind, wanted) = (DelegationKind::PatientAuthorised, wanted(DelegationHistory::All));
        vec![Step::Help { patient: 0, helper: 2, kind, wanted, days: 40, steps: 2 }]
    };
    let known = || [nurse_accepts(), vec![Step::Join { patient: 0, knows: true }]].concat();
    let in_team_thread = || vec![Step::Join { patient: 0, knows: false }, Step::Add { thread: 3, from_now: false }];
    let then = |mut steps: Vec<Step>, step| {
        steps.push(step);
        steps
    };
    vec![
        rests("delegation.activated", vec![daughter_helps()]),
        rests("delegation.widened", widened()),
        rests("delegation.narrowed", then(widened(), change(Change::Narrow(3)))),
        rests("delegation.renewed", vec![daughter_helps(), change(Change::Renew { days: 300 }), days(41)]),
        rests("delegation.suspended", suspended()),
        rests("delegation.resumed", then(suspended(), resume())),
        rests("delegation.ended", vec![daughter_helps(), change(Change::Revoke)]),
        // Without the event nobody knows what is left to the parent, and so nothing is.
        rests("delegation.narrowed", vec![parent_helps(), about_scheduling(1), post(4), days(12)]),
        rests("patient.death_recorded", died()),
        rests("patient.death_voided", then(died(), Step::Live { patient: 0 })),
        rests("patient.protection_note_recorded", vec![daughter_helps(), Step::Protect { patient: 0, from: 0 }]),
        rests(
            "legal_authority.disputed",
            vec![by_law(DelegationKind::LegalRepresentative), Step::Dispute { authority: 0 }],
        ),
        rests(
            "legal_authority.ended",
            vec![by_law(DelegationKind::LegalRepresentative), Step::EndAuthority { authority: 0 }],
        ),
        rests("person.role_ended", vec![by_law(DelegationKind::ProfessionalHelper), Step::StopWork]),
        rests("consent_directive.activated", shut_out()),
        rests("consent_directive.ended", then(shut_out(), word(Word::End(0)))),
        rests("consent_directive.voided", then(shut_out(), word(Word::Void(0)))),
        rests("consent_directive.tightened", vec![daughter_helps(), deny(with_code()), word(Word::Tighten(0))]),
        rests("consent_directive.activated", vec![daughter_helps(), deny(later()), days(6)]),
        rests("consent_directive.activated", vec![Step::Join { patient: 0, knows: false }, deny(of_treatment())]),
        rests("consent_directive.activated", permitted()),
        rests("consent_directive.ended", then(permitted(), word(Word::End(0)))),
        rests("consent_directive.proposed", confirmed()),
        rests("consent_directive.confirmed", confirmed()),
        rests("thread.hidden_from_delegates", hidden()),
        rests("thread.shown_to_delegates", then(hidden(), Step::Show { thread: 0 })),
        rests("thread.labelled", vec![daughter_helps(), coded]),
        rests("thread.labelled", vec![label(Confidentiality::Restricted)]),
        rests("thread.message_posted", vec![post(0), from_now()]),
        rests("thread.owner_changed", vec![Step::Claim { thread: 0 }, label(Confidentiality::VeryRestricted)]),
        rests("thread.participant_added", in_team_thread()),
        rests("thread.participant_removed", then(in_team_thread(), Step::Remove { thread: 3 })),
        rests("delegation.accepted", nurse_accepts()),
        rests("delegation.ended", then(nurse_accepts(), change(Change::Revoke))),
        rests("care_team.conflict_recorded", known()),
        rests("care_team.member_removed", vec![Step::Leave { patient: 0, who: 1 }]),
    ]
}

#[test]
fn an_authorization_that_misses_one_kind_of_event_is_found_out() {
    for Rests { on, steps } in short_histories() {
        let right = walk(&mut Clinic::open(None), &steps);
        assert!(right.is_none(), "{on}: {right:#?}");
        let wrong = walk(&mut Clinic::open(Some(on)), &steps);
        assert!(wrong.is_some(), "nobody would notice that {on} is missed");
    }
}
