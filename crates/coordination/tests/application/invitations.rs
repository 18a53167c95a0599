//! Who reads of an invitation into a thread: who may list the participants, and the invited person,
//! who may know no more than that there is such a thread.

use care::conversation::HistoryWindow;
use care::ids::{PersonId, ThreadId};
use care::words::Role;
use chrono::TimeDelta;
use coordination::reader::Page;

use crate::clinic::{Clinic, now};

/// Fourteen days after the day of the tests.
const EXPIRES_AT: &str = "2026-12-07T09:00:00Z";

impl Clinic {
    /// An invitation into a consultation, as another kind of thread has them.
    async fn invited(&self, thread: ThreadId, person: PersonId, role: Role) {
        let data = serde_json::json!({
            "by": format!("person-{}", self.pcp), "person": person, "history": "from_join", "expires_at": EXPIRES_AT,
            "place": { "role": role.word(), "organization": self.centre().await },
        });
        self.forge(&format!("thread-{thread}"), "thread.participant_invited", &data.to_string()).await;
    }

    /// It is the turn of the administrators of the centre to say whose turn it is.
    async fn last_resort(&self, thread: ThreadId) {
        let place = serde_json::json!({ "role": "administrator", "organization": self.centre().await });
        let to = serde_json::json!({ "party": { "role": place }, "action": "thread.pass_turn" });
        let data = serde_json::json!({ "by": "process-unclaimed", "to": to });
        self.forge(&format!("thread-{thread}"), "thread.waiting_on", &data.to_string()).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_who_may_list_the_participants_sees_open_invitations_until_they_are_answered() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("invited").await;
    clinic.invited(thread, clinic.admin, Role::Administrator).await;
    let listed = async |person, at| {
        let reader = clinic.reader_at(person, at).await;
        let view = reader.thread(thread).expect("no fault").expect("found");
        let rows = reader.invitations(&view).expect("no fault");
        let shown = |row: &coordination::InvitationRow| (row.person, row.role, row.invited_by.person(), row.history);
        rows.iter().map(|row| shown(row)).collect::<Vec<_>>()
    };
    let row = (clinic.admin, Role::Administrator, Some(clinic.pcp), HistoryWindow::FromJoin);
    for person in [clinic.pcp, clinic.specialist, clinic.patient_person] {
        assert_eq!(listed(person, now()).await, [row]);
    }
    // The process that ends it may come later than its end.
    let end = EXPIRES_AT.parse().expect("an instant");
    assert_eq!(listed(clinic.pcp, end - TimeDelta::seconds(1)).await, [row]);
    assert_eq!(listed(clinic.pcp, end).await, []);
    let declined = format!(r#"{{"by":"person-{}"}}"#, clinic.admin);
    clinic.forge(&format!("thread-{thread}"), "thread.participant_declined", &declined).await;
    assert_eq!(listed(clinic.pcp, now()).await, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_who_only_finds_a_thread_reads_their_own_invitation_but_no_content() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("own").await;
    clinic.last_resort(thread).await;
    let reads = async |own: bool| {
        let reader = clinic.reader(clinic.admin).await;
        let view = reader.thread(thread).expect("no fault").expect("found");
        assert!(view.topic.is_none() && view.labels.is_none());
        assert!(reader.invitations(&view).expect("no fault").is_empty());
        assert!(reader.participants(&view, &Page::default()).expect("no fault").expect("a page").edges.is_empty());
        let invitation = reader.own_invitation(&view).expect("no fault");
        assert_eq!(invitation.is_some(), own);
        if let Some(row) = invitation {
            assert_eq!((row.invited_by.person(), row.role), (Some(clinic.pcp), Role::Administrator));
            let by = reader.person_in(&view, clinic.pcp).expect("no fault").expect("a name");
            assert!(matches!(by.name, coordination::TextCell::Open(_)));
        }
    };
    reads(false).await;
    clinic.invited(thread, clinic.admin, Role::Administrator).await;
    reads(true).await;
    // Another person's invitation is not theirs.
    let reader = clinic.reader(clinic.pcp).await;
    let view = reader.thread(thread).expect("no fault").expect("found");
    assert!(reader.own_invitation(&view).expect("no fault").is_none());
    assert!(view.topic.is_some());
}
