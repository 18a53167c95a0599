//! What the demo clinic holds: its counts, that it shows everything there is to show, and that its texts are sound.

use std::collections::{BTreeMap, BTreeSet};

use care::lifecycle::team_thread::TeamThreadState;
use care::words::{Audience, Confidentiality, ConsultationState, DelegationKind, DelegationState, Disposition, Role};
use chrono::{NaiveDate, TimeDelta};

use crate::seed::clinic::{Act, Advise, Clinic, Patient, Person, Plan, Post, Request, Step, Thread};
use crate::seed::read;
use crate::seed::script::{self, Sender};
use crate::seed::team_thread::{Act as TeamAct, TeamThread};
use crate::seed::times::Past;

fn clinic() -> Clinic {
    read::embedded().unwrap()
}

fn person<'a>(clinic: &'a Clinic, handle: &str) -> &'a Person {
    clinic.person(handle).unwrap()
}

fn request(thread: &Thread) -> &Request {
    let Act::Request(request) = &thread.steps[0].act else { panic!("{}: its first step is no request", thread.key) };
    request
}

fn patient<'a>(clinic: &'a Clinic, thread: &Thread) -> &'a Patient {
    clinic.patients.iter().find(|patient| patient.key == request(thread).patient).unwrap()
}

fn posts(thread: &Thread) -> impl Iterator<Item = (&Step, &Post)> {
    thread.steps.iter().filter_map(|step| if let Act::Post(post) = &step.act { Some((step, post)) } else { None })
}

fn advice(thread: &Thread) -> Option<&Advise> {
    thread.steps.iter().find_map(|step| if let Act::Advise(advise) = &step.act { Some(advise) } else { None })
}

fn plan(thread: &Thread) -> Option<&Plan> {
    thread.steps.iter().find_map(|step| if let Act::Plan(plan) = &step.act { Some(plan) } else { None })
}

#[test]
fn the_cast_is_complete_and_the_first_ten_are_those_that_a_visitor_tries_first() {
    let clinic = clinic();
    let handles: Vec<_> = clinic.people.iter().map(|person| person.handle.as_str()).collect();
    assert_eq!((handles.len(), clinic.patients.len(), clinic.organizations.len()), (28, 40, 3));
    let known = "pcp specialist nurse pharmacist coordinator social_worker patient privacy_officer admin auditor";
    assert_eq!(handles[..10].join(" "), known);
}

#[test]
fn physicians_of_the_centre_answer_for_pools_and_every_pool_has_one() {
    let clinic = clinic();
    for person in &clinic.people {
        let answers = person.roles.iter().any(|held| held.role.0 == Role::Physician && held.at == "st_anna");
        assert_eq!(!person.pools.is_empty(), answers, "{}", person.handle);
    }
    for pool in clinic.organizations.iter().flat_map(|organization| &organization.pools) {
        assert!(clinic.people.iter().any(|person| person.pools.contains(&pool.key)), "nobody answers for {}", pool.key);
    }
}

#[test]
fn care_teams_are_made_of_those_who_care_and_differ() {
    let clinic = clinic();
    for patient in &clinic.patients {
        for handle in &patient.care_team {
            let role = person(&clinic, handle).roles[0].role.0;
            let cares = [Role::Physician, Role::Nurse, Role::Pharmacist, Role::Coordinator, Role::SocialWorker];
            assert!(cares.contains(&role), "{}: {handle}", patient.key);
        }
        if let Some(handle) = &patient.person {
            assert_eq!(person(&clinic, handle).name.0, patient.name.0);
        }
    }
    let teams: BTreeSet<_> = clinic.patients.iter().map(|patient| &patient.care_team).collect();
    assert!(teams.len() >= 7, "{} different teams", teams.len());
    let on =
        |handle: &str| clinic.patients.iter().filter(|patient| patient.care_team.iter().any(|on| on == handle)).count();
    assert_eq!((on("nurse"), on("social_worker")), (30, 9), "their banners say how many");
}

#[test]
fn forty_consultations_in_every_state() {
    let mut counts = BTreeMap::new();
    for thread in clinic().threads {
        *counts.entry(thread.state).or_insert(0) += 1;
    }
    let counted: Vec<_> = ConsultationState::ALL.iter().map(|state| counts.get(state).copied()).collect();
    assert_eq!(counted, [3, 5, 8, 7, 4, 3, 10].map(Some));
}

#[test]
fn team_threads_in_every_state_and_one_with_an_invitation() {
    let clinic = clinic();
    let states: BTreeSet<_> = clinic.team_threads.iter().map(|thread| thread.state.0).collect();
    assert_eq!(states.len(), TeamThreadState::ALL.len());
    assert_eq!(clinic.team_threads.len(), 40);
    let organization = |handle: &str| person(&clinic, handle).roles[0].at.clone();
    let invites = |thread: &TeamThread| {
        let of_opener = organization(&thread.opened_by);
        thread.participants.iter().any(|handle| organization(handle) != of_opener)
    };
    assert!(clinic.team_threads.iter().any(invites));
    assert!(clinic.team_threads.iter().any(|thread| thread.about.is_none()));
}

#[test]
fn twelve_hundred_messages_and_no_two_alike() {
    let clinic = clinic();
    let of_consultations = clinic.threads.iter().flat_map(posts).map(|(_, post)| post.text.0.as_str());
    let of_team = clinic.team_threads.iter().flat_map(|thread| &thread.steps);
    let of_team =
        of_team.filter_map(|step| if let TeamAct::Post(post) = &step.act { Some(&*post.text.0) } else { None });
    let texts: Vec<_> = of_consultations.chain(of_team).collect();
    assert_eq!((texts.len(), texts.iter().collect::<BTreeSet<_>>().len()), (1200, 1200));
    for thread in &clinic.threads {
        assert!((6..=20).contains(&posts(thread).count()), "{}", thread.key);
    }
}

#[test]
fn every_state_of_a_delegation_that_a_visitor_can_try_is_there() {
    use DelegationState::{Accepted, Active, Ended, Invited, SafeguardingChecked, Suspended};
    let clinic = clinic();
    let states: BTreeSet<_> = clinic.families.iter().map(|help| help.state.0).collect();
    assert_eq!(states, BTreeSet::from([Invited, Accepted, SafeguardingChecked, Active, Suspended, Ended]));
    let kinds: BTreeSet<_> = clinic.families.iter().map(|help| help.kind.0).collect();
    assert_eq!(kinds.len(), DelegationKind::ALL.len() - 1, "all but the executor, whose patient would be dead");
    let of_carer = clinic.families.iter().filter(|help| help.helper == "carer" && help.state.0 == Active);
    let of_carer: BTreeSet<_> = of_carer.map(|help| help.patient.as_str()).collect();
    assert_eq!(of_carer.len(), 2, "who helps two patients chooses between them");
    let has_thread = |key: &&str| clinic.threads.iter().any(|thread| patient(&clinic, thread).key == **key);
    assert!(of_carer.iter().all(has_thread), "there is something to read about each");
    let professional = clinic.families.iter().find(|help| help.helper == "community_worker").unwrap();
    assert_eq!(professional.lasts_days, 90);
    assert_eq!(person(&clinic, "community_worker").roles[0].at, *professional.organization.as_ref().unwrap());
}

#[test]
fn a_consent_waits_for_a_patient_with_an_account_and_the_access_of_the_delegate_ends_soon() {
    let clinic = clinic();
    let account = |key: &str| clinic.patients.iter().find(|patient| patient.key == key).unwrap().person.clone();
    let waits = |state| clinic.families.iter().filter(move |help| help.state.0 == state);
    let mut asked = waits(DelegationState::SafeguardingChecked).filter(|help| account(&help.patient).is_some());
    assert!(asked.any(|help| help.kind.0 == DelegationKind::PatientAuthorised));
    let delegate = clinic.families.iter().find(|help| help.helper == "daughter").unwrap();
    // The end of an access of more than ninety days is announced thirty days before.
    assert!(delegate.lasts_days > 90 && (10..=30).contains(&(delegate.lasts_days - delegate.begins_days_ago)));
}

#[test]
fn a_helper_writes_after_their_access_began_about_topics_that_they_may_write_about() {
    let clinic = clinic();
    let past = Past::before(NaiveDate::from_ymd_opt(2026, 11, 22).unwrap(), 1);
    let mut private = 0;
    for (number, thread) in (0..).zip(&clinic.threads) {
        let patient = patient(&clinic, thread);
        for line in script::thread(&clinic, number, thread, &past) {
            let (Sender::Person(by), Act::Post(post)) = (line.by, line.command.act) else { continue };
            let Some(help) = clinic.families.iter().find(|help| help.patient == patient.key && help.helper == by)
            else {
                continue;
            };
            let minutes: u64 = help.steps.iter().filter_map(|step| step.after).map(|after| after.0).sum();
            // The seed adds less than a quarter of an hour to each step, and up to six hours to the first.
            let minutes = minutes + 15 * u64::try_from(help.steps.len()).unwrap() + 6 * 60;
            let began = past.thread(help.begins_days_ago, 0).now() + TimeDelta::minutes(minutes.try_into().unwrap());
            assert!(help.state.0 == DelegationState::Active && began < line.at, "{}: {by}", thread.key);
            let verbs = help.scope.scope().topics.get(&request(thread).topic.0).copied();
            assert!(verbs.is_some_and(|verbs| verbs.write), "{}: {by}", thread.key);
            private += usize::from(post.audience.0 == Audience::TeamAndMe);
        }
    }
    assert!(private >= 12, "{private} words of helpers to the team alone");
}

#[test]
fn the_young_patient_is_fifteen_and_has_a_thread_that_no_parent_reads() {
    let clinic = clinic();
    let young = clinic.patients.iter().find(|patient| patient.person.as_deref() == Some("teen")).unwrap();
    assert_eq!(young.age, Some(15));
    let day = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
    assert_eq!(day.years_since(Past::before(day, 1).birthday(15)), Some(15));
    let of_young = clinic.threads.iter().filter(|thread| request(thread).patient == young.key);
    let confidential: Vec<_> =
        of_young.filter(|thread| request(thread).confidentiality.0 > Confidentiality::Normal).collect();
    assert_eq!(confidential.len(), 1);
    let parents = ["mother", "father"];
    assert!(posts(confidential[0]).all(|(step, _)| !parents.contains(&step.by.as_str())));
    assert!(posts(confidential[0]).any(|(step, _)| step.by == "teen"));
    let is_hidden_by_him = |step: &Step| step.by == "teen" && matches!(step.act, Act::Hide(_));
    assert_eq!(confidential[0].steps.iter().position(is_hidden_by_him), Some(1), "before anything is written");
}

#[test]
fn only_people_on_the_thread_write() {
    let clinic = clinic();
    for thread in &clinic.threads {
        let patient = patient(&clinic, thread);
        let mut on_thread: BTreeSet<&str> = [thread.steps[0].by.as_str()].into();
        on_thread.extend(patient.person.as_deref());
        let helps = clinic.families.iter().filter(|help| help.patient == patient.key);
        on_thread.extend(helps.map(|help| help.helper.as_str()));
        for step in &thread.steps {
            match &step.act {
                Act::Claim(_) => assert!(on_thread.insert(&step.by), "{}", thread.key),
                Act::AddParticipant(add) => {
                    assert!(patient.care_team.contains(&add.person), "{}: {}", thread.key, add.person);
                    assert!(on_thread.insert(&add.person), "{}: {} is added twice", thread.key, add.person);
                }
                Act::Post(_) => assert!(on_thread.contains(step.by.as_str()), "{}: {}", thread.key, step.by),
                Act::Request(_)
                | Act::Assign(_)
                | Act::Advise(_)
                | Act::Plan(_)
                | Act::Inform(_)
                | Act::Close(_)
                | Act::Draft(_)
                | Act::Hide(_)
                | Act::MarkRead(_) => {}
            }
        }
    }
}

#[test]
fn patients_families_and_social_workers_do_not_write_to_the_clinical_team() {
    let clinic = clinic();
    for thread in &clinic.threads {
        let request = request(thread);
        let restricted = request.confidentiality.0 > Confidentiality::Normal || !request.sensitivities.is_empty();
        for (step, post) in posts(thread) {
            let roles = &person(&clinic, &step.by).roles;
            let social_worker = roles.iter().any(|held| held.role.0 == Role::SocialWorker);
            if roles.is_empty() || social_worker {
                let is_theirs = post.audience.0 == Audience::Everyone
                    || roles.is_empty() && post.audience.0 == Audience::TeamAndMe
                    || step.by == "community_worker" && post.audience.0 == Audience::TeamAndMe;
                assert!(is_theirs, "{}: {}", thread.key, post.text.0);
            }
            assert!(!(social_worker && restricted), "{}: a social worker cannot see it", thread.key);
        }
    }
}

#[test]
fn physicians_ask_and_members_of_the_pool_answer() {
    let clinic = clinic();
    for thread in &clinic.threads {
        let requester = &thread.steps[0].by;
        let pool = &request(thread).pool;
        assert!(person(&clinic, requester).roles.iter().any(|held| held.role.0 == Role::Physician), "{}", thread.key);
        for step in &thread.steps {
            let member = match &step.act {
                Act::Assign(assign) => assign.to.as_ref(),
                Act::Claim(_) | Act::Advise(_) => Some(&step.by),
                Act::Plan(_) | Act::Inform(_) | Act::Close(_) | Act::AddParticipant(_) => {
                    assert_eq!(&step.by, requester, "{}: {}", thread.key, step.act.word());
                    None
                }
                Act::Request(_) | Act::Post(_) | Act::Draft(_) | Act::Hide(_) | Act::MarkRead(_) => None,
            };
            if let Some(handle) = member {
                assert!(person(&clinic, handle).pools.contains(pool), "{}: {handle}", thread.key);
            }
        }
    }
}

#[test]
fn a_message_is_typed_and_not_sent_by_somebody_who_writes_in_the_thread() {
    let clinic = clinic();
    let drafts = clinic.threads.iter().flat_map(|thread| thread.steps.iter().map(move |step| (thread, step)));
    let drafts: Vec<_> = drafts.filter(|(_, step)| matches!(step.act, Act::Draft(_))).collect();
    assert_eq!(drafts.len(), 1);
    for (thread, step) in drafts {
        assert!(posts(thread).any(|(post, _)| post.by == step.by), "{}", thread.key);
    }
}

#[test]
fn everybody_who_writes_has_read_at_the_end() {
    for thread in clinic().threads {
        let writers: BTreeSet<_> = posts(&thread).map(|(step, _)| &step.by).collect();
        let readers = thread.steps.iter().rev().take_while(|step| matches!(step.act, Act::MarkRead(_)));
        assert_eq!(readers.map(|step| &step.by).collect::<BTreeSet<_>>(), writers, "{}", thread.key);
    }
}

#[test]
fn each_disposition_and_four_labels_are_shown() {
    let clinic = clinic();
    let disposed = clinic.threads.iter().filter_map(plan).flat_map(|plan| &plan.dispositions);
    let disposed: BTreeSet<_> = disposed.map(|each| each.disposition.0).collect();
    assert_eq!(disposed.len(), Disposition::ALL.len());
    for thread in &clinic.threads {
        let request = request(thread);
        let restricted = request.confidentiality.0 > Confidentiality::Normal;
        assert_eq!(restricted, !request.sensitivities.is_empty(), "{}", thread.key);
    }
    let labelled = clinic.threads.iter().filter(|thread| !request(thread).sensitivities.is_empty());
    assert_eq!(labelled.count(), 4);
}

#[test]
fn texts_have_a_readable_length_and_no_gaps() {
    let words = |text: &str| text.split_whitespace().count();
    for thread in clinic().threads {
        let question = &request(&thread).question;
        assert!((60..=150).contains(&words(&question.0)), "{}: {} words", thread.key, words(&question.0));
        if let Some(advice) = advice(&thread) {
            assert!((1..=4).contains(&advice.recommendations.len()), "{}", thread.key);
        }
        for (_, post) in posts(&thread) {
            assert!((5..=120).contains(&words(&post.text.0)), "{}: {}", thread.key, post.text.0);
        }
        let advised = advice(&thread).into_iter();
        let advised =
            advised.flat_map(|each| each.recommendations.iter().map(|one| &one.text).chain(&each.come_back_when));
        let planned = plan(&thread).into_iter();
        let planned =
            planned.flat_map(|plan| plan.dispositions.iter().filter_map(|each| each.reason.as_ref()).chain(&plan.note));
        let bodies = posts(&thread).map(|(_, post)| &post.text).chain(advised).chain(planned).chain([question]);
        for body in bodies {
            assert!(!body.0.contains("  ") && body.0.trim() == body.0, "{}: {}", thread.key, body.0);
        }
    }
}
