//! What stands in whose inbox.

use super::*;
use crate::read_models::messages::ReadableCounter;
use crate::read_models::testing::{Log, at, by, organization_id, patient_id, person_id, pool_id, sealed, thread_id};
use crate::read_models::threads;
use care::conversation::{Addressed, Closed, HistoryWindow};
use care::event::Stream;
use care::words::{Audience, RemovalReason, Role};
use proptest::prelude::*;

fn threads_of(log: &Log, person: u128) -> Vec<ThreadId> {
    page(log, person, &[Audience::Everyone])
}

/// What concerns a reader who may read these audiences in every thread. Who reads the clinical team is one of it.
fn counters(person: u128, audiences: &[Audience]) -> Vec<Counter> {
    let is_of_team = audiences.contains(&Audience::ClinicalTeam);
    let each = audiences.iter().map(|audience| Counter::of(*audience, person_id(person), is_of_team));
    std::iter::once(Counter::Changes).chain(each).collect()
}

/// The inbox of a reader who may read these audiences in every thread, assembled as by the reader: small pages, with
/// only the entries at the newest activity that they may know of.
fn page(log: &Log, person: u128, audiences: &[Audience]) -> Vec<ThreadId> {
    let (snapshot, counters) = (log.snapshot(), counters(person, audiences));
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let entries = entries(&snapshot, person_id(person), &counters, after, 2).unwrap();
        for entry in &entries.keys {
            let thread = ThreadId::from_uuid(entry.id);
            let row = threads::thread(&snapshot, thread, person_id(person)).unwrap().unwrap();
            if key(thread, row.activity.newest(|counter| counters.contains(&counter))) == *entry {
                found.push(thread);
            }
        }
        after = entries.next;
        if after.is_none() {
            return found;
        }
    }
}

fn own(log: &mut Log, thread: u128, owner: Owner) {
    let changed = OwnerChanged { by: by(1), owner, organization: organization_id(2), claim_by: None, reason: None };
    log.thread(thread, 1, ConversationEvent::OwnerChanged(changed));
}

fn remove(log: &mut Log, thread: u128, person: u128) {
    let removed =
        ParticipantRemoved { by: by(1), person: person_id(person), reason: RemovalReason::Removed, note: None };
    log.thread(thread, 1, ConversationEvent::ParticipantRemoved(removed));
}

#[test]
fn a_place_is_lost_ground_by_ground() {
    let mut log = Log::new();
    log.patient(7, Some(9));
    log.join(7, 2, Role::Nurse);
    log.open(1, Some(7));
    let one = [thread_id(1)];
    assert_eq!(threads_of(&log, 1), one, "the opener");
    assert_eq!(threads_of(&log, 9), one, "the patient");
    assert_eq!(threads_of(&log, 2), one, "the care team");
    assert_eq!(threads_of(&log, 3), []);

    own(&mut log, 1, Owner::Person { person: person_id(2), pool: Some(pool_id(1)) });
    log.add(1, 2, None, false);
    log.leave(7, 2);
    assert_eq!(threads_of(&log, 2), one, "the owner, who takes part");
    own(&mut log, 1, Owner::Pool(pool_id(1)));
    assert_eq!(threads_of(&log, 2), one, "who takes part");
    remove(&mut log, 1, 2);
    assert_eq!(threads_of(&log, 2), []);
    log.join(7, 2, Role::Nurse);
    assert_eq!(threads_of(&log, 2), one, "the care team again");
    assert_eq!(threads_of(&log, 1), one);
}

#[test]
fn a_participant_through_the_care_team_leaves_with_it() {
    let mut log = Log::new();
    log.patient(7, None);
    log.join(7, 2, Role::Nurse);
    log.open(1, Some(7));
    log.add(1, 2, None, true);
    log.leave(7, 2);
    assert_eq!(threads_of(&log, 2), []);
}

#[test]
fn an_invitation_is_a_place_until_it_is_answered_or_ends() {
    let mut log = Log::new();
    log.open(1, None);
    let invited = |person| ParticipantInvited {
        by: by(1),
        person: person_id(person),
        place: crate::read_models::testing::place(Role::Nurse),
        history: HistoryWindow::Full,
        expires_at: at(900),
        reason: None,
    };
    for person in 2..6 {
        log.thread(1, 1, ConversationEvent::ParticipantInvited(invited(person)));
        assert_eq!(threads_of(&log, person), [thread_id(1)]);
    }
    log.thread(1, 2, ConversationEvent::ParticipantDeclined(ParticipantDeclined { by: by(2) }));
    log.thread(1, 1, ConversationEvent::InvitationExpired(InvitationExpired { by: by(1), person: person_id(3) }));
    remove(&mut log, 1, 4);
    log.add(1, 5, None, false);
    assert_eq!([2, 3, 4].map(|person| threads_of(&log, person)), [vec![], vec![], vec![]]);
    assert_eq!(threads_of(&log, 5), [thread_id(1)]);
    remove(&mut log, 1, 5);
    assert_eq!(threads_of(&log, 5), []);
}

#[test]
fn what_is_put_away_comes_back_with_what_others_do_in_an_audience_that_the_person_may_read() {
    let mut log = Log::new();
    log.open(1, None);
    log.add(1, 2, None, false);
    let put = |log: &mut Log, person: u128, away| {
        let put = ThreadPutAway { person: person_id(person), away };
        log.thread(1, person, ConversationEvent::ThreadPutAway(put));
    };
    let is_away = |log: &Log, person: u128, audiences: &[Audience]| {
        let counters =
            counters(person, audiences).into_iter().map(|counter| ReadableCounter { counter, from: 0, to: None });
        let readable = Readable { viewer: person_id(person), counters: counters.collect() };
        is_put_away(&log.snapshot(), thread_id(1), &readable).unwrap()
    };
    let (everyone, all) = (&[Audience::Everyone][..], Audience::ALL);
    put(&mut log, 2, true);
    assert!(is_away(&log, 2, all) && !is_away(&log, 1, all), "for nobody else");
    put(&mut log, 2, false);
    assert!(!is_away(&log, 2, all));
    put(&mut log, 2, true);
    // Their own message, and one that only others may read.
    log.post(1, 2, 1, Addressed::Everyone);
    log.post(1, 1, 2, Addressed::ClinicalTeam);
    log.post(1, 1, 3, Addressed::Named([person_id(3)].into()));
    assert!(is_away(&log, 2, everyone) && !is_away(&log, 2, all));
    log.post(1, 1, 4, Addressed::Everyone);
    assert!(!is_away(&log, 2, everyone));
    put(&mut log, 2, true);
    log.post(1, 1, 5, Addressed::Named([person_id(2)].into()));
    assert!(!is_away(&log, 2, all) && is_away(&log, 2, everyone));
    // Whose turn it is everybody may notice.
    put(&mut log, 2, true);
    own(&mut log, 1, Owner::Pool(pool_id(2)));
    assert!(!is_away(&log, 2, everyone));
    // A place that begins anew begins with the thread in the inbox.
    put(&mut log, 2, true);
    remove(&mut log, 1, 2);
    log.add(1, 2, None, false);
    assert!(!is_away(&log, 2, all));
}

#[test]
fn threads_in_which_a_person_wrote_are_listed_by_their_own_newest_message() {
    let mut log = Log::new();
    for thread in 1..4 {
        log.open(thread, None);
    }
    for (number, (thread, author)) in (1..).zip([(1, 2), (2, 2), (3, 1), (1, 2), (2, 1)]) {
        log.post(thread, author, number, Addressed::Everyone);
    }
    let sent = |after, rows_max| sent(&log.snapshot(), person_id(2), after, rows_max).unwrap();
    let threads = |keys: &[Key]| keys.iter().map(|key| ThreadId::from_uuid(key.id)).collect::<Vec<_>>();
    assert_eq!(threads(&sent(None, 9)), [thread_id(1), thread_id(2)]);
    assert_eq!(threads(&sent(sent(None, 1).pop(), 9)), [thread_id(2)]);
}

#[test]
fn an_opener_who_was_removed_has_no_place_in_the_thread() {
    let mut log = Log::new();
    log.open(1, None);
    log.add(1, 1, None, false);
    remove(&mut log, 1, 1);
    assert_eq!(threads_of(&log, 1), []);
}

#[test]
fn members_of_a_pool_that_takes_part_have_a_place_while_they_are_members() {
    let mut log = Log::new();
    let of_pool = Stream::Organization(organization_id(1));
    let added = |person| {
        let member = PoolMemberAdded { pool: pool_id(3), person: person_id(person) };
        OrganizationEvent::PoolMemberAdded(member)
    };
    log.append(of_pool, added(2));
    let opened = Opened { pools: [pool_id(3), pool_id(4)].into(), ..crate::read_models::testing::opened(None) };
    log.thread(1, 1, ConversationEvent::Opened(opened));
    log.open(2, None);
    log.append(of_pool, added(3));
    assert_eq!((threads_of(&log, 2), threads_of(&log, 3)), (vec![thread_id(1)], vec![thread_id(1)]));
    let removed = PoolMemberRemoved { pool: pool_id(3), person: person_id(2) };
    log.append(of_pool, OrganizationEvent::PoolMemberRemoved(removed));
    assert_eq!((threads_of(&log, 2), threads_of(&log, 3)), (vec![], vec![thread_id(1)]));
}

#[test]
fn a_new_member_of_the_care_team_finds_the_patients_threads_as_active_as_they_are() {
    let mut log = Log::new();
    log.patient(7, None);
    log.open(1, Some(7));
    log.open(2, Some(7));
    log.open(3, None);
    log.post(1, 1, 1, Addressed::Everyone);
    log.join(7, 2, Role::Nurse);
    assert_eq!(threads_of(&log, 2), [thread_id(1), thread_id(2)]);
}

#[test]
fn a_message_to_others_does_not_change_an_inbox() {
    let mut log = Log::new();
    log.patient(7, Some(9));
    log.open(1, Some(7));
    log.open(2, Some(7));
    log.add(1, 2, None, false);
    log.add(2, 2, None, false);
    let updated = |log: &Log, person: u128, audiences: &[Audience]| {
        let row = threads::thread(&log.snapshot(), thread_id(1), person_id(person)).unwrap().unwrap();
        row.activity.newest(|counter| counters(person, audiences).contains(&counter))
    };
    let (lay, staff) = ([Audience::Everyone, Audience::Named], Audience::ALL);
    let [one, two] = [1, 2].map(thread_id);
    assert_eq!((page(&log, 9, &lay), page(&log, 2, staff)), (vec![two, one], vec![two, one]));
    log.post(1, 1, 1, Addressed::ClinicalTeam);
    assert_eq!((page(&log, 9, &lay), page(&log, 2, staff)), (vec![two, one], vec![one, two]));
    // The registration and the link come before the opening.
    assert_eq!(updated(&log, 9, &lay), at(3));
    assert_eq!(updated(&log, 2, staff), at(7));
    // A message to the patient by name changes only the inboxes of the patient and of the author.
    log.post(2, 1, 1, Addressed::Everyone);
    log.post(1, 1, 2, Addressed::Named([person_id(9)].into()));
    assert_eq!((page(&log, 9, &lay), page(&log, 2, staff)), (vec![one, two], vec![two, one]));
    assert_eq!(page(&log, 1, staff), [one, two]);
    // What the team shares with one person moves it for the team and for this person.
    let lay = [Audience::Everyone, Audience::TeamAndMe];
    log.post(2, 1, 2, Addressed::TeamAnd(person_id(9)));
    let of = |log: &Log| (page(log, 9, &lay), page(log, 2, staff), page(log, 2, &lay));
    assert_eq!(of(&log), (vec![two, one], vec![two, one], vec![two, one]));
    log.post(1, 1, 3, Addressed::TeamAnd(person_id(9)));
    assert_eq!(of(&log), (vec![one, two], vec![one, two], vec![two, one]));
}

#[test]
fn the_threads_of_a_record_are_in_the_inbox_of_the_person_whose_own_it_is_while_it_is() {
    let mut log = Log::new();
    log.patient(7, None);
    log.open(1, Some(7));
    assert_eq!(threads_of(&log, 9), []);
    let stream = Stream::Patient(patient_id(7));
    log.append(stream, PatientEvent::from(LinkAccepted { person: person_id(9) }));
    log.open(2, Some(7));
    assert_eq!(threads_of(&log, 9), [thread_id(2), thread_id(1)]);
    let reason = sealed("patient.link_ended_reason");
    log.append(stream, PatientEvent::from(LinkEnded { by: by(1), person: person_id(9), reason }));
    assert_eq!(threads_of(&log, 9), []);
}

#[test]
fn being_added_gives_a_place_and_moves_the_thread_for_nobody() {
    let mut log = Log::new();
    log.open(1, None);
    log.open(2, None);
    log.add(1, 2, None, false);
    assert_eq!(threads_of(&log, 1), [thread_id(2), thread_id(1)]);
    assert_eq!(threads_of(&log, 2), [thread_id(1)]);
    log.thread(1, 1, ConversationEvent::Closed(Closed { by: by(1), at: at(4), outcome: None }));
    assert_eq!(threads_of(&log, 1), [thread_id(1), thread_id(2)]);
}

#[derive(Debug, Clone)]
struct Post {
    thread: u128,
    author: u128,
    addressed: Addressed,
}

fn post() -> impl Strategy<Value = Post> {
    let addressed = prop_oneof![
        Just(Addressed::Everyone),
        Just(Addressed::ClinicalTeam),
        (2_u128..5).prop_map(|person| Addressed::Named([person_id(person)].into())),
        (2_u128..5).prop_map(|person| Addressed::TeamAnd(person_id(person))),
    ];
    (1_u128..6, 2_u128..5, addressed).prop_map(|(thread, author, addressed)| Post { thread, author, addressed })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn an_inbox_is_the_same_without_what_its_reader_may_not_read(posts in proptest::collection::vec(post(), 0..25)) {
        // `None` posts all messages; otherwise only those that the viewer may read, at the same instants.
        let history = |only: Option<(u128, &[Audience])>| {
            let mut log = Log::new();
            for thread in 1..6 {
                log.open(thread, None);
                for person in 2..5 {
                    log.add(thread, person, None, false);
                }
            }
            let mut numbers = [0; 6];
            for Post { thread, author, addressed } in &posts {
                let seen = only.is_none_or(|(viewer, audiences)| {
                    let addressee = match addressed {
                        Addressed::Everyone | Addressed::ClinicalTeam => true,
                        Addressed::Named(named) => *author == viewer || named.contains(&person_id(viewer)),
                        Addressed::TeamAnd(one) => {
                            audiences.contains(&Audience::ClinicalTeam) || *one == person_id(viewer)
                        }
                    };
                    addressee && audiences.contains(&addressed.audience())
                });
                if seen {
                    numbers[usize::try_from(*thread).unwrap()] += 1;
                    log.post(*thread, *author, numbers[usize::try_from(*thread).unwrap()], addressed.clone());
                } else {
                    log.pass();
                }
            }
            log
        };
        let whole = history(None);
        for viewer in 2..5 {
            let lay = [Audience::Everyone, Audience::Named, Audience::TeamAndMe];
            for audiences in [&[Audience::Everyone][..], &[Audience::Everyone, Audience::Named], &lay, Audience::ALL] {
                let seen = history(Some((viewer, audiences)));
                prop_assert_eq!(page(&whole, viewer, audiences), page(&seen, viewer, audiences));
                prop_assert_eq!(page(&whole, viewer, audiences).len(), 5);
            }
        }
    }
}

#[test]
fn a_page_searches_an_index_and_sorts_nothing() {
    Log::new().assert_searched(
        "SELECT at, thread FROM inbox WHERE person = ?1 AND audience = ?2 AND at <= ?3 AND (at < ?3 OR thread > ?4)
         ORDER BY at DESC, thread LIMIT ?5",
    );
}

fn activated() -> DelegationEvent {
    use care::delegation::{Activated, Scope};
    DelegationEvent::Activated(Activated { scope: Scope::nothing(), from: at(1), until: at(90_000) })
}

fn ended() -> DelegationEvent {
    use care::delegation::Ended;
    use care::words::DelegationEnd;
    DelegationEvent::Ended(Ended { reason: DelegationEnd::Revoked, by: by(9), role: Role::Person, note: None })
}

#[test]
fn who_helps_a_patient_has_a_place_from_the_beginning_of_the_access_to_its_end() {
    use care::delegation::Offered;
    use care::words::{DelegationKind, Relationship};
    let mut log = Log::new();
    log.patient(7, Some(9));
    log.open(1, Some(7));
    log.open(2, Some(8));
    let delegation = |number: u128| DelegationId::from_uuid(Uuid::from_u128(number));
    for number in [60, 61] {
        let offered = Offered {
            delegation: delegation(number),
            patient: patient_id(7),
            person: person_id(5),
            kind: DelegationKind::PatientAuthorised,
            relationship: Relationship::Child,
            at: at(1),
        };
        log.append(Stream::Delegation(delegation(number)), DelegationEvent::Offered(offered));
    }
    assert_eq!(threads_of(&log, 5), [], "before there is access");
    log.append(Stream::Delegation(delegation(60)), activated());
    assert_eq!(threads_of(&log, 5), [thread_id(1)]);
    log.open(3, Some(7));
    assert_eq!(threads_of(&log, 5), [thread_id(3), thread_id(1)], "and what is opened since");
    log.append(Stream::Delegation(delegation(61)), activated());
    log.append(Stream::Delegation(delegation(60)), ended());
    assert_eq!(threads_of(&log, 5), [thread_id(3), thread_id(1)], "by the other delegation");
    log.append(Stream::Delegation(delegation(61)), ended());
    assert_eq!(threads_of(&log, 5), []);
    log.open(4, Some(7));
    assert_eq!(threads_of(&log, 5), []);
}
