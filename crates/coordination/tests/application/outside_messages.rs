//! Messages from outside in time: an offer that was matched begins one delegation, one that nobody answers lapses, and what
//! ended is erased, but not what stands in a thread.

use care::delegation::{Delegation, DelegationCommand, RefuseOffer};
use care::ids::{Id as _, OutsideMessageId, PersonId, ThreadId};
use care::outside_message::{
    ClaimOutsideMessage, MatchOutsideMessage, OutsideMessage, OutsideMessageCommand, SendOutsideMessage, Wish,
};
use care::words::{DelegationKind, OutsideEnd, OutsideState, Relationship};
use chrono::{DateTime, TimeDelta, Utc};
use coordination::TextCell;
use vault::Node;

use crate::clinic::{Clinic, MARKER, context, give, line, now, sent_by, signed_in, text};

fn days(days: i64) -> DateTime<Utc> {
    now() + TimeDelta::days(days)
}

const SECOND: TimeDelta = TimeDelta::seconds(1);

fn help() -> Wish {
    Wish::Help { kind: DelegationKind::PatientAuthorised, text: Some(text("I live next door.")) }
}

impl Clinic {
    async fn to_outside_message(
        &self,
        by: PersonId,
        target: Option<OutsideMessageId>,
        command: OutsideMessageCommand,
        key: &str,
    ) -> OutsideMessageId {
        let context = sent_by(&signed_in(by), &context(key));
        give::<OutsideMessage>(&self.application, context, target, command).await.expect("not refused").target
    }

    /// A message of the stranger.
    async fn sent_outside(&self, wish: Wish) -> OutsideMessageId {
        let send = SendOutsideMessage {
            organization: self.practice,
            patient_name: line(&format!("Mira {MARKER}")),
            birth_date: None,
            relationship: Relationship::Neighbour,
            wish,
        };
        self.to_outside_message(self.stranger, None, send.into(), "send").await
    }

    async fn claimed(&self, wish: Wish) -> OutsideMessageId {
        let message = self.sent_outside(wish).await;
        self.to_outside_message(self.nurse, Some(message), ClaimOutsideMessage.into(), "claim").await
    }

    /// The state and the end of a message, as the nurse reads it, with what it says.
    async fn message_at(
        &self,
        message: OutsideMessageId,
        at: DateTime<Utc>,
    ) -> (OutsideState, Option<OutsideEnd>, Option<String>) {
        let reader = self.reader_at(self.nurse, at).await;
        let view = reader.outside_message(message).expect("no fault").expect("it is there");
        let said = view.text.as_ref().map(|cell| match cell {
            TextCell::Open(text) => text.as_str().to_owned(),
            other @ (TextCell::Sealed(_) | TextCell::Withheld | TextCell::Erased) => format!("{other:?}"),
        });
        (view.state, view.end, said)
    }

    async fn notes_at(&self, thread: ThreadId, at: DateTime<Utc>) -> Vec<String> {
        let reader = self.reader_at(self.nurse, at).await;
        let notes = reader.notes_from_outside(thread).expect("no fault").expect("a note");
        let said = notes.rows.iter().map(|note| match &note.text {
            TextCell::Open(text) => text.as_str().replace(&format!(" {MARKER}"), ""),
            other @ (TextCell::Sealed(_) | TextCell::Withheld | TextCell::Erased) => format!("{other:?}"),
        });
        said.collect()
    }

    async fn round_at(&self, at: DateTime<Utc>) -> usize {
        let effects = self.application.run_processes(at).await.expect("no fault");
        self.application.catch_up().await.expect("caught up");
        effects
    }

    fn is_key_destroyed(&self, message: OutsideMessageId) -> bool {
        self.installation.vault.is_destroyed(Node::OutsideMessage(message.uuid())).expect("a key store")
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_offer_that_was_matched_begins_one_delegation_also_over_restarts() {
    let mut clinic = Clinic::open().await;
    let message = clinic.claimed(help()).await;
    let found = MatchOutsideMessage { patient: clinic.patient };
    clinic.to_outside_message(clinic.nurse, Some(message), found.into(), "match").await;
    let waiting = async |clinic: &Clinic| -> Vec<_> {
        let views = clinic.reader(clinic.nurse).await.waiting_delegations().expect("no fault");
        views.iter().map(|view| view.delegation).collect()
    };
    let begun = waiting(&clinic).await;
    let [delegation] = begun.as_slice() else { panic!("{begun:?}") };
    clinic.restart().await;
    assert_eq!(clinic.round_at(now() + TimeDelta::hours(2)).await, 0);
    assert_eq!(waiting(&clinic).await, [*delegation]);
    // It does not begin again when the patient has refused it, whoever looks at everything.
    let refuse = DelegationCommand::from(RefuseOffer { reason: None });
    let by = signed_in(clinic.patient_person);
    let given = give::<Delegation>(&clinic.application, sent_by(&by, &context("no")), Some(*delegation), refuse).await;
    given.expect("refused by the patient");
    clinic.restart().await;
    assert_eq!(clinic.round_at(now() + TimeDelta::hours(4)).await, 0);
    assert!(waiting(&clinic).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_offer_that_nobody_answers_lapses_and_is_erased_with_its_key() {
    let mut clinic = Clinic::open().await;
    let message = clinic.sent_outside(help()).await;
    assert_eq!(clinic.round_at(days(60) - SECOND).await, 0);
    assert_eq!(clinic.message_at(message, days(59)).await.0, OutsideState::Waiting);
    assert_eq!(clinic.round_at(days(60)).await, 1);
    let (state, end, said) = clinic.message_at(message, days(60)).await;
    assert_eq!((state, end), (OutsideState::Ended, Some(OutsideEnd::Lapsed)));
    assert_eq!(said, Some(format!("I live next door. {MARKER}")), "it is kept, so that an error can be found");
    clinic.round_at(days(150) - SECOND).await;
    assert!(!clinic.is_key_destroyed(message));
    clinic.restart().await;
    clinic.round_at(days(150)).await;
    let (state, _, said) = clinic.message_at(message, days(150)).await;
    assert_eq!((state, said), (OutsideState::Erased, None));
    // The key goes in the round after the event that decides so.
    clinic.round_at(days(150) + SECOND).await;
    assert!(clinic.is_key_destroyed(message));
    clinic.restart().await;
    assert_eq!(clinic.round_at(days(151)).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_stands_in_a_thread_is_read_after_the_message_was_erased() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("asked").await;
    let message = clinic.claimed(Wish::Tell { text: text("She fell.") }).await;
    let by = sent_by(&signed_in(clinic.nurse), &context("attach"));
    clinic.application.attach_outside_message(&by, message, thread).await.expect("attached");
    assert_eq!(clinic.notes_at(thread, now()).await, ["She fell."]);
    clinic.round_at(days(90)).await;
    clinic.round_at(days(90) + SECOND).await;
    assert!(clinic.is_key_destroyed(message));
    assert_eq!(clinic.message_at(message, days(91)).await.0, OutsideState::Erased);
    assert_eq!(clinic.notes_at(thread, days(91)).await, ["She fell."]);
}
