//! Which messages, counts and receipts a viewer sees.

use super::*;
use crate::read_models::testing::{Log, at, message_id, permit, person_id, thread_id};
use proptest::prelude::*;

/// What somebody reads who may read these audiences. Who reads the clinical team is one of it.
fn readable(viewer: u128, audiences: &[(Audience, u32)]) -> Readable {
    let viewer = person_id(viewer);
    let is_of_team = audiences.iter().any(|(audience, _)| *audience == Audience::ClinicalTeam);
    let counter = |(audience, from): &(Audience, u32)| ReadableCounter {
        counter: Counter::of(*audience, viewer, is_of_team),
        from: *from,
        to: None,
    };
    Readable { viewer, counters: audiences.iter().map(counter).collect() }
}

fn named(persons: &[u128]) -> Addressed {
    Addressed::Named(persons.iter().copied().map(person_id).collect())
}

const ALL: MessagePage = MessagePage { after: i64::MIN, before: i64::MAX, from_end: false, rows_max: 1_000 };

fn numbers(log: &Log, readable: &Readable, page: MessagePage) -> Vec<i64> {
    messages(&log.snapshot(), thread_id(1), readable, page).unwrap().into_iter().map(|row| row.number).collect()
}

/// Two to everyone, two to the clinical team, one from 2 to 3 and 4, each by 2.
fn thread() -> Log {
    let mut log = Log::new();
    log.open(1, None);
    log.post(1, 2, 1, Addressed::Everyone);
    log.post(1, 2, 2, Addressed::ClinicalTeam);
    log.post(1, 2, 3, named(&[3, 4]));
    log.post(1, 2, 4, Addressed::Everyone);
    log.post(1, 2, 5, Addressed::ClinicalTeam);
    log
}

const EACH: [(Audience, u32); 3] = [(Audience::Everyone, 0), (Audience::ClinicalTeam, 0), (Audience::Named, 0)];

#[test]
fn a_page_is_the_merge_of_what_may_be_read() {
    let log = thread();
    assert_eq!(numbers(&log, &readable(3, &EACH), ALL), [1, 2, 3, 4, 5]);
    assert_eq!(numbers(&log, &readable(2, &EACH), ALL), [1, 2, 3, 4, 5], "who wrote it may read it");
    assert_eq!(numbers(&log, &readable(9, &EACH), ALL), [1, 2, 4, 5], "named messages are for those named");
    assert_eq!(numbers(&log, &readable(3, &[(Audience::Everyone, 0)]), ALL), [1, 4]);
    assert_eq!(numbers(&log, &readable(3, &[]), ALL), [0; 0]);
    let page = MessagePage { after: 1, before: 5, from_end: true, rows_max: 2 };
    assert_eq!(numbers(&log, &readable(3, &EACH), page), [4, 3]);
}

#[test]
fn an_end_cuts_what_is_after_it() {
    let log = thread();
    let until = |to| {
        let mut readable = readable(3, &EACH);
        readable.counters.iter_mut().for_each(|each| each.to = Some(to));
        readable
    };
    assert_eq!(numbers(&log, &until(3), ALL), [1, 2, 3]);
    let page = MessagePage { from_end: true, rows_max: 2, ..ALL };
    assert_eq!(numbers(&log, &until(4), page), [4, 3]);
    let snapshot = log.snapshot();
    let unread_until = |to| unread(&snapshot, thread_id(1), &until(to)).unwrap();
    assert_eq!([0, 3, 5].map(unread_until), [0, 3, 5]);
    let found = |number: u128| message(&snapshot, thread_id(1), message_id(1 << 32 | number), &until(3)).unwrap();
    assert!(found(3).is_some() && found(4).is_none());
    let shows = |to| show_person(&snapshot, thread_id(1), person_id(2), &until(to), ReceiptsOf::Nobody).unwrap();
    assert!(!shows(0) && shows(1));
    assert!(!until(5).includes(Counter::Everyone), "what comes is not for them");
    // The messages were posted from 2 on.
    let last = |number| last_until(&snapshot, thread_id(1), at(number)).unwrap();
    assert_eq!([1, 3, 5, 6].map(last), [Some(0), Some(2), Some(4), None]);
}

#[test]
fn a_window_cuts_what_is_before_it() {
    let log = thread();
    assert_eq!(numbers(&log, &readable(3, &[(Audience::Everyone, 2), (Audience::ClinicalTeam, 5)]), ALL), [4, 5]);
    assert_eq!(unread(&log.snapshot(), thread_id(1), &readable(3, &[(Audience::Everyone, 4)])).unwrap(), 1);
    let from_five = readable(3, &[(Audience::Everyone, 5), (Audience::ClinicalTeam, 5), (Audience::Named, 5)]);
    assert_eq!(unread(&log.snapshot(), thread_id(1), &from_five).unwrap(), 1);
}

#[test]
fn a_message_that_may_not_be_read_is_as_missing_and_costs_as_much() {
    let log = thread();
    let found = |readable: &Readable, number: u128| {
        let snapshot = log.snapshot();
        let found = message(&snapshot, thread_id(1), message_id(1 << 32 | number), readable).unwrap();
        (found.map(|row| row.number), snapshot.rows_read())
    };
    assert_eq!(found(&readable(3, &EACH), 3), (Some(3), 3), "with its two names");
    let everyone = readable(3, &[(Audience::Everyone, 0)]);
    assert_eq!(found(&everyone, 2), found(&everyone, 99));
    assert_eq!(found(&readable(9, &EACH), 3), found(&readable(9, &EACH), 99));
    assert_eq!(found(&readable(3, &[(Audience::Everyone, 2)]), 1), (None, 0));
}

#[test]
fn a_person_is_shown_by_the_messages_and_receipts_that_may_be_read() {
    let mut log = thread();
    log.read(1, 8, 4);
    let shown = |person: u128, readable: &Readable, receipts: bool| {
        let snapshot = log.snapshot();
        let receipts = if receipts { ReceiptsOf::All } else { ReceiptsOf::Nobody };
        let shown = show_person(&snapshot, thread_id(1), person_id(person), readable, receipts).unwrap();
        (shown, snapshot.rows_read())
    };
    let all = readable(3, &EACH);
    assert_eq!(shown(2, &all, false), (true, 6), "the author");
    assert_eq!(shown(4, &all, false), (true, 6), "named with the reader");
    assert_eq!(shown(9, &all, true), (false, 6), "as many rows for a stranger");
    assert_eq!((shown(8, &all, true).0, shown(8, &all, false).0), (true, false), "who has read");
    assert!(!shown(4, &readable(9, &EACH), true).0, "named in a message that is not for the reader");
    let late = readable(3, &[(Audience::Everyone, 5), (Audience::ClinicalTeam, 6), (Audience::Named, 4)]);
    assert!(![2, 4, 8].into_iter().any(|person| shown(person, &late, true).0), "before the window");
    assert!(shown(2, &readable(3, &[(Audience::ClinicalTeam, 5)]), true).0);
}

#[test]
fn the_thread_of_a_message_is_found_and_a_missing_one_costs_as_much() {
    let log = thread();
    let found = |message: MessageId| {
        let snapshot = log.snapshot();
        (thread_of(&snapshot, message).unwrap(), snapshot.rows_read())
    };
    assert_eq!(found(message_id(1 << 32 | 3)), (Some(thread_id(1)), 1));
    assert_eq!(found(message_id(7)), (None, 1));
}

#[test]
fn a_message_names_those_to_whom_it_is_addressed() {
    let log = thread();
    let rows = messages(&log.snapshot(), thread_id(1), &readable(3, &EACH), ALL).unwrap();
    let addressed: Vec<_> = rows.into_iter().map(|row| row.addressed).collect();
    let expected =
        [Addressed::Everyone, Addressed::ClinicalTeam, named(&[3, 4]), Addressed::Everyone, Addressed::ClinicalTeam];
    assert_eq!(addressed, expected);
}

#[test]
fn a_body_is_shown_by_the_permit_to_read_messages_alone() {
    let log = thread();
    let is_shown = |read| {
        let rows = messages(&log.snapshot(), thread_id(1), &readable(3, &EACH), ALL).unwrap();
        rows.into_iter().map(|row| permit(read).show(row)).all(|row| matches!(row.body, TextCell::Sealed(_)))
    };
    assert!(is_shown(Read::ThreadReadMessage));
    assert!(!is_shown(Read::ThreadFind) && !is_shown(Read::ThreadRead));
}

#[test]
fn a_receipt_at_a_message_that_may_not_be_read_does_not_show() {
    let mut log = thread();
    log.read(1, 7, 1);
    log.read(1, 7, 2);
    log.read(1, 8, 3);
    let receipts = |readable: &Readable| -> Vec<_> {
        let rows = read_receipts(&log.snapshot(), thread_id(1), readable).unwrap();
        rows.into_iter().map(|row| (row.person, row.number)).collect()
    };
    assert_eq!(receipts(&readable(3, &EACH)), [(person_id(8), 3), (person_id(7), 2)]);
    assert_eq!(receipts(&readable(9, &EACH)), [(person_id(7), 2)]);
    assert_eq!(receipts(&readable(3, &[(Audience::Everyone, 0)])), [(person_id(7), 1)]);
    assert_eq!(receipts(&readable(3, &[(Audience::Everyone, 2), (Audience::Named, 4)])), []);
}

#[derive(Debug, Clone)]
enum Step {
    Post(u128, Addressed),
    Read(u128, usize),
}

fn step() -> impl Strategy<Value = Step> {
    let person = 1_u128..5;
    let addressed = prop_oneof![
        Just(Addressed::Everyone),
        Just(Addressed::ClinicalTeam),
        proptest::collection::btree_set(1_u128..5, 1..3)
            .prop_map(|persons| Addressed::Named(persons.into_iter().map(person_id).collect())),
        (1_u128..5).prop_map(|person| Addressed::TeamAnd(person_id(person))),
    ];
    prop_oneof![
        3 => (person.clone(), addressed).prop_map(|(author, addressed)| Step::Post(author, addressed)),
        1 => (person, any::<usize>()).prop_map(|(person, message)| Step::Read(person, message)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn unread_is_what_a_count_says(
        steps in proptest::collection::vec(step(), 1..40),
        windows in proptest::collection::vec(proptest::option::of(0_u32..20), Audience::ALL.len()),
    ) {
        let mut log = Log::new();
        log.open(1, None);
        let mut posted: Vec<(u128, Addressed)> = Vec::new();
        let mut receipts: Vec<(u128, usize)> = Vec::new();
        for step in steps {
            match step {
                Step::Post(author, addressed) => {
                    posted.push((author, addressed.clone()));
                    log.post(1, author, u32::try_from(posted.len()).unwrap(), addressed);
                }
                Step::Read(person, message) if !posted.is_empty() => {
                    let number = 1 + message % posted.len();
                    // A receipt never goes back.
                    if receipts.iter().all(|(whose, read)| *whose != person || *read < number) {
                        receipts.push((person, number));
                        log.read(1, person, u32::try_from(number).unwrap());
                    }
                }
                Step::Read(..) => {}
            }
        }
        let audiences: Vec<_> =
            Audience::ALL.iter().zip(&windows).filter_map(|(audience, from)| Some((*audience, (*from)?))).collect();
        for viewer in 1..5 {
            let readable = readable(viewer, &audiences);
            let is_of_team = audiences.iter().any(|(audience, _)| *audience == Audience::ClinicalTeam);
            let may_read = |number: usize| {
                let (author, addressed) = &posted[number - 1];
                let addressee = match addressed {
                    Addressed::Everyone | Addressed::ClinicalTeam => true,
                    Addressed::Named(named) => *author == viewer || named.contains(&person_id(viewer)),
                    Addressed::TeamAnd(one) => is_of_team || *one == person_id(viewer),
                };
                let window = audiences.iter().find(|(audience, _)| *audience == addressed.audience());
                addressee && window.is_some_and(|(_, from)| number >= *from as usize)
            };
            let seen: Vec<i64> = (1..=posted.len()).filter(|number| may_read(*number)).map(|number| number as i64).collect();
            prop_assert_eq!(numbers(&log, &readable, ALL), seen);
            let receipt = receipts.iter().filter(|(whose, number)| *whose == viewer && may_read(*number));
            let receipt = receipt.map(|(_, number)| *number).max().unwrap_or(0);
            let count = (receipt + 1..=posted.len())
                .filter(|number| may_read(*number) && posted[*number - 1].0 != viewer)
                .count();
            prop_assert_eq!(unread(&log.snapshot(), thread_id(1), &readable).unwrap(), count as i64);
        }
    }
}

/// After the messages of [`thread`]: 3 writes to the team, 2 answers 3, and 4 writes to the team.
fn thread_with_two_persons() -> Log {
    let mut log = thread();
    log.post(1, 3, 6, Addressed::TeamAnd(person_id(3)));
    log.post(1, 2, 7, Addressed::TeamAnd(person_id(3)));
    log.post(1, 4, 8, Addressed::TeamAnd(person_id(4)));
    log
}

const LAY: [(Audience, u32); 2] = [(Audience::Everyone, 0), (Audience::TeamAndMe, 0)];
const TEAM: [(Audience, u32); 3] = [(Audience::Everyone, 0), (Audience::ClinicalTeam, 0), (Audience::TeamAndMe, 0)];

#[test]
fn what_the_team_shares_with_one_person_is_for_the_team_and_for_this_person_alone() {
    let log = thread_with_two_persons();
    let unread = |readable: &Readable| unread(&log.snapshot(), thread_id(1), readable).unwrap();
    for (viewer, audiences, seen, count) in [
        (3, &LAY[..], vec![1, 4, 6, 7], 3),
        (4, &LAY[..], vec![1, 4, 8], 2),
        (9, &LAY[..], vec![1, 4], 2),
        (9, &TEAM[..], vec![1, 2, 4, 5, 6, 7, 8], 7),
        (2, &TEAM[..], vec![1, 2, 4, 5, 6, 7, 8], 2),
    ] {
        let readable = readable(viewer, audiences);
        assert_eq!((numbers(&log, &readable, ALL), unread(&readable)), (seen.clone(), count), "{viewer}");
        for number in 1..=8 {
            let found = message(&log.snapshot(), thread_id(1), message_id(1 << 32 | number), &readable).unwrap();
            assert_eq!(found.is_some(), seen.contains(&i64::try_from(number).unwrap()), "{viewer} {number}");
        }
    }
    let rows = messages(&log.snapshot(), thread_id(1), &readable(3, &LAY), ALL).unwrap();
    let one: Vec<_> = rows.iter().filter_map(|row| row.addressed.one_person()).collect();
    assert_eq!(one, [person_id(3), person_id(3)]);
}

#[test]
fn who_shares_a_message_with_the_team_is_shown_to_the_team_and_to_no_other_person() {
    let log = thread_with_two_persons();
    let shown = |person: u128, readable: &Readable| {
        let snapshot = log.snapshot();
        let shown = show_person(&snapshot, thread_id(1), person_id(person), readable, ReceiptsOf::All).unwrap();
        (shown, snapshot.rows_read())
    };
    let only = [(Audience::TeamAndMe, 0)];
    let (lay, team) = (readable(3, &only), readable(9, &TEAM));
    assert_eq!([2, 4].map(|person| shown(person, &lay)), [(true, 2), (false, 2)], "who answered, and another");
    assert_eq!([3, 4, 7].map(|person| shown(person, &team)), [(true, 6), (true, 6), (false, 6)]);
    let late = [(Audience::ClinicalTeam, 6), (Audience::TeamAndMe, 8)];
    assert_eq!([3, 4].map(|person| shown(person, &readable(9, &late)).0), [false, true], "before the window");
}

#[test]
fn a_receipt_of_what_is_shared_with_one_person_shows_to_that_person_and_never_goes_back_for_the_team() {
    let mut log = thread_with_two_persons();
    log.read(1, 8, 8);
    log.read(1, 8, 7);
    let receipts = |readable: &Readable| -> Vec<_> {
        let rows = read_receipts(&log.snapshot(), thread_id(1), readable).unwrap();
        rows.into_iter().map(|row| (row.person, row.number)).collect()
    };
    assert_eq!(receipts(&readable(3, &LAY)), [(person_id(8), 7)]);
    assert_eq!(receipts(&readable(4, &LAY)), [(person_id(8), 8)]);
    assert_eq!(receipts(&readable(9, &LAY)), []);
    assert_eq!(receipts(&readable(9, &TEAM)), [(person_id(8), 8)]);
    let unread = unread(&log.snapshot(), thread_id(1), &readable(8, &TEAM)).unwrap();
    assert_eq!(unread, 0, "what was read stays read");
}

#[test]
fn counting_reads_as_much_of_a_long_thread_as_of_a_short_one() {
    let cost = |posts: u32| {
        let mut log = Log::new();
        log.open(1, None);
        for number in 1..=posts {
            log.post(1, 2, number, if number % 3 == 0 { Addressed::ClinicalTeam } else { Addressed::Everyone });
        }
        log.read(1, 3, 4);
        let snapshot = log.snapshot();
        let unread = unread(&snapshot, thread_id(1), &readable(3, &EACH)).unwrap();
        (unread, snapshot.rows_read())
    };
    let ((few, rows), (many, rows_of_many)) = (cost(10), cost(100));
    assert_eq!((few, many), (6, 96));
    assert_eq!(rows, rows_of_many);
}

#[test]
fn every_query_searches_an_index_and_sorts_nothing() {
    let log = thread();
    for sql in [
        "SELECT ordinal FROM message m WHERE thread = ?1 AND m.audience = ?2 AND number <= ?4 ORDER BY number DESC LIMIT 1",
        "SELECT ordinal FROM named_ordinal o WHERE thread = ?1 AND o.person = ?2 AND number <= ?4 ORDER BY number DESC LIMIT 1",
        "SELECT ordinal FROM own_message_ordinal WHERE thread = ?1 AND counter = ?2 AND author = ?3 ORDER BY number DESC LIMIT 1",
        "SELECT m.body FROM message m WHERE m.thread = ?1 AND m.audience = ?2
         AND m.number > ?3 AND m.number < ?4 ORDER BY m.number DESC LIMIT ?5",
        "SELECT m.body FROM named_ordinal o CROSS JOIN message m ON m.thread = o.thread AND m.number = o.number AND m.audience = 'NAMED'
         WHERE o.thread = ?1 AND o.person = ?2 AND o.number > ?3 AND o.number < ?4 ORDER BY o.number DESC LIMIT ?5",
        "SELECT m.body FROM message m WHERE m.thread = ?1 AND m.message = ?2 AND m.audience = ?3 AND m.number > ?4",
        "SELECT m.body FROM message m CROSS JOIN named_ordinal o ON o.thread = m.thread AND o.number = m.number
         WHERE m.thread = ?1 AND m.message = ?2 AND o.person = ?3 AND m.number > ?4",
        "SELECT ordinal FROM team_and_ordinal o WHERE thread = ?1 AND o.person = ?2 AND number <= ?4 ORDER BY number DESC LIMIT 1",
        "SELECT m.body FROM team_and_ordinal o CROSS JOIN message m ON m.thread = o.thread AND m.number = o.number AND m.audience = 'team_and_me'
         WHERE o.thread = ?1 AND o.person = ?2 AND o.number > ?3 AND o.number < ?4 ORDER BY o.number DESC LIMIT ?5",
        "SELECT m.body FROM message m CROSS JOIN team_and_ordinal o ON o.thread = m.thread AND o.number = m.number
         WHERE m.thread = ?1 AND m.message = ?2 AND o.person = ?3 AND m.number > ?4",
        "SELECT 1 FROM team_and_ordinal WHERE thread = ?1 AND person = ?2 AND number > ?3",
        "SELECT thread FROM message WHERE message = ?1",
        "SELECT 1 FROM own_message_ordinal WHERE thread = ?1 AND author = ?2 AND number > ?3 AND counter = ?4",
        "SELECT 1 FROM named_ordinal o CROSS JOIN named_ordinal other ON other.thread = o.thread AND other.number = o.number
         WHERE o.thread = ?1 AND other.person = ?2 AND o.number > ?3 AND o.person = ?4",
    ] {
        log.assert_searched(sql);
    }
}

#[test]
fn a_delegate_who_has_read_or_written_knows_of_the_thread_and_no_other_delegate_sees_their_receipt() {
    let mut log = thread();
    let marked = |person| ReadMarked {
        person: person_id(person),
        capacity: Capacity::Delegate,
        message: crate::read_models::testing::message_id(1 << 32 | 4),
        number: 4,
    };
    log.read(1, 7, 4);
    log.thread(1, 8, ConversationEvent::ReadMarked(marked(8)));
    let snapshot = log.snapshot();
    assert_eq!(known_to_delegates(&snapshot, thread_id(1)).unwrap(), [person_id(8)]);
    let all = readable(3, &EACH);
    let shown = |person, of| show_person(&snapshot, thread_id(1), person_id(person), &all, of).unwrap();
    let of = [ReceiptsOf::Nobody, ReceiptsOf::AllButDelegates, ReceiptsOf::All];
    assert_eq!(of.map(|of| shown(8, of)), [false, false, true], "the delegate");
    assert_eq!(of.map(|of| shown(7, of)), [false, true, true], "the nurse");
}
