//! Cases of repeats: the same append again is answered again, and nothing that only resembles it is written.

use std::sync::Arc;

use super::{Site, append, at, event, ids, opened, read_all};
use crate::{AppendError, Appended, Expected, Revision};

pub(super) async fn a_repeat_is_answered_like_the_first_time(site: Arc<dyn Site>) {
    let journal = opened(&site).await;
    for (expected, numbers) in [(Expected::NoStream, [1, 2]), (at(1), [3, 4])] {
        let first = journal.append(append("a-1", expected, numbers)).await.expect("appended");
        let again = journal.append(append("a-1", expected, numbers)).await.expect("appended");
        assert_eq!(again, first);
    }
    assert_eq!(ids(&read_all(&journal).await), [1, 2, 3, 4]);
}

pub(super) async fn a_repeat_after_later_events_is_answered_like_the_first_time(site: Arc<dyn Site>) {
    let journal = opened(&site).await;
    let first = journal.append(append("a-1", Expected::NoStream, [1, 2])).await.expect("appended");
    journal.append(append("b-1", Expected::NoStream, [9])).await.expect("appended");
    journal.append(append("a-1", at(1), [3])).await.expect("appended");
    let again = journal.append(append("a-1", Expected::NoStream, [1, 2])).await.expect("appended");
    assert_eq!(again, first);
    assert_eq!(ids(&read_all(&journal).await), [1, 2, 9, 3]);
}

pub(super) async fn a_partial_overlap_writes_nothing(site: Arc<dyn Site>) {
    let journal = opened(&site).await;
    journal.append(append("a-1", Expected::NoStream, [1, 2, 3])).await.expect("appended");
    for (expected, numbers) in [
        (Expected::NoStream, vec![1, 2, 3, 4]),
        (Expected::NoStream, vec![1, 9]),
        (at(0), vec![2, 9]),
        (at(1), vec![3, 4]),
    ] {
        let refused = journal.append(append("a-1", expected, numbers.clone())).await;
        assert!(is_refusal(&refused), "{expected:?} {numbers:?}: {refused:?}");
    }
    assert_eq!(ids(&read_all(&journal).await), [1, 2, 3]);
}

pub(super) async fn an_id_used_before_is_refused_at_the_end_of_its_stream(site: Arc<dyn Site>) {
    let journal = opened(&site).await;
    journal.append(append("a-1", Expected::NoStream, [1, 2, 3])).await.expect("appended");
    for numbers in [vec![3, 4], vec![4, 1]] {
        let used = event(if numbers[0] == 3 { 3 } else { 1 }).id;
        let refused = journal.append(append("a-1", at(2), numbers)).await;
        assert_eq!(refused, Err(AppendError::IdReused { id: used }));
    }
    assert_eq!(ids(&read_all(&journal).await), [1, 2, 3]);
}

pub(super) async fn reordered_ids_write_nothing(site: Arc<dyn Site>) {
    let journal = opened(&site).await;
    journal.append(append("a-1", Expected::NoStream, [1, 2, 3])).await.expect("appended");
    for numbers in [[2, 1, 3], [3, 2, 1], [1, 3, 2]] {
        assert!(is_refusal(&journal.append(append("a-1", Expected::NoStream, numbers)).await), "{numbers:?}");
    }
    assert_eq!(ids(&read_all(&journal).await), [1, 2, 3]);
}

pub(super) async fn the_beginning_of_an_earlier_append_is_a_repeat(site: Arc<dyn Site>) {
    let journal = opened(&site).await;
    let all = journal.append(append("a-1", Expected::NoStream, [1, 2, 3])).await.expect("appended");
    let part = journal.append(append("a-1", Expected::NoStream, [1, 2])).await.expect("a repeat");
    assert_eq!((part.first, part.last), (Revision(0), Revision(1)));
    assert!(part.position < all.position);
    assert_eq!(ids(&read_all(&journal).await), [1, 2, 3]);
}

pub(super) async fn an_id_of_another_stream_is_refused(site: Arc<dyn Site>) {
    let journal = opened(&site).await;
    journal.append(append("a-1", Expected::NoStream, [1])).await.expect("appended");
    let refused = journal.append(append("b-1", Expected::NoStream, [2, 1])).await;
    assert_eq!(refused, Err(AppendError::IdReused { id: event(1).id }));
    journal.append(append("b-1", Expected::NoStream, [3])).await.expect("the stream is as it was");
    assert_eq!(ids(&read_all(&journal).await), [1, 3]);
}

pub(super) async fn two_equal_appends_at_once_have_one_effect(site: Arc<dyn Site>) {
    let journal = opened(&site).await;
    for round in 0..20 {
        let name = format!("a-{round}");
        let one = append(&name, Expected::NoStream, [2 * round, 2 * round + 1]);
        let (one, other) = tokio::join!(journal.append(one.clone()), journal.append(one));
        let (one, other) = (one.expect("appended"), other.expect("appended"));
        assert_eq!(one, other, "one wrote it, the other found it");
    }
    assert_eq!(read_all(&journal).await.len(), 40);
}

fn is_refusal(outcome: &Result<Appended, AppendError>) -> bool {
    matches!(outcome, Err(AppendError::Conflict { .. } | AppendError::IdReused { .. }))
}
