//! Messages from outside: an offer that was matched begins one delegation, one that nobody answers ends, and the texts of what
//! ended are erased, but not what stands in a thread; who reads one, and for whom its text is opened; and what its sender does
//! not notice.

use care::consent_directive::Deny;
use care::delegation::{AcceptDelegation, Delegation, DelegationCommand, InviteDelegate, RefuseOffer};
use care::ids::{DelegationId, Id as _, OutsideMessageId, PersonId, ThreadId};
use care::outside_message::{
    ClaimOutsideMessage, MatchOutsideMessage, OutsideMessage, OutsideMessageCommand, SendOutsideMessage, Wish,
};
use care::words::{Audience, DelegationKind, OutsideEnd, OutsideState, Relationship, Role};
use chrono::{DateTime, TimeDelta, Utc};
use coordination::fault::{Failed, Problem};
use coordination::{CommandContext, TextCell};
use uuid::Uuid;
use vault::Node;

use crate::clinic::{Clinic, Commands as _, MARKER, context, give, line, new_patient, now, sent_by, signed_in, text};
use crate::help::{scope, version};

fn days(days: i64) -> DateTime<Utc> {
    now() + TimeDelta::days(days)
}

const SECOND: TimeDelta = TimeDelta::seconds(1);

pub fn help() -> Wish {
    Wish::Help { kind: DelegationKind::PatientAuthorised, text: Some(text("I live next door.")) }
}

pub fn tell() -> Wish {
    Wish::Tell { text: text("She fell.") }
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

    fn message_saying(&self, wish: Wish) -> OutsideMessageCommand {
        let send = SendOutsideMessage {
            organization: self.practice,
            patient_name: line(&format!("Mira {MARKER}")),
            birth_date: None,
            relationship: Relationship::Neighbour,
            wish,
        };
        send.into()
    }

    /// A message of the stranger, whose key is the word of the wish.
    async fn sent_outside(&self, wish: Wish) -> OutsideMessageId {
        let key = wish.word().word();
        self.to_outside_message(self.stranger, None, self.message_saying(wish), key).await
    }

    /// The same, taken by somebody.
    pub async fn claimed_by(&self, person: PersonId, wish: Wish) -> OutsideMessageId {
        let message = self.sent_outside(wish).await;
        self.to_outside_message(person, Some(message), ClaimOutsideMessage.into(), "claim").await
    }

    pub async fn claimed(&self, wish: Wish) -> OutsideMessageId {
        self.claimed_by(self.nurse, wish).await
    }

    pub async fn attached(&self, message: OutsideMessageId, thread: ThreadId) {
        let by = sent_by(&signed_in(self.nurse), &context("attach"));
        self.application.attach_outside_message(&by, message, thread).await.expect("attached");
    }

    async fn reads_message(&self, person: PersonId, message: OutsideMessageId) -> bool {
        self.reader(person).await.outside_message(message).expect("no fault").is_some()
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

    /// The delegations that wait for staff, as the nurse finds them.
    async fn waiting_delegations(&self) -> Vec<DelegationId> {
        let views = self.reader(self.nurse).await.waiting_delegations().expect("no fault");
        views.iter().map(|view| view.delegation).collect()
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
    let begun = clinic.waiting_delegations().await;
    let [delegation] = begun.as_slice() else { panic!("{begun:?}") };
    clinic.restart().await;
    assert_eq!(clinic.round_at(now() + TimeDelta::hours(2)).await, 0);
    assert_eq!(clinic.waiting_delegations().await, [*delegation]);
    // It does not begin again when the patient has refused it, whoever looks at everything.
    let refuse = DelegationCommand::from(RefuseOffer { reason: None });
    let by = signed_in(clinic.patient_person);
    let given = give::<Delegation>(&clinic.application, sent_by(&by, &context("no")), Some(*delegation), refuse).await;
    given.expect("refused by the patient");
    clinic.restart().await;
    assert_eq!(clinic.round_at(now() + TimeDelta::hours(4)).await, 0);
    assert!(clinic.waiting_delegations().await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_offer_does_not_stop_its_sender_from_accepting_an_invitation_and_ends_by_it() {
    let clinic = Clinic::open().await;
    let message = clinic.claimed(help()).await;
    let found = MatchOutsideMessage { patient: clinic.patient };
    clinic.to_outside_message(clinic.nurse, Some(message), found.into(), "match").await;
    let waiting = clinic.waiting_delegations().await;
    let [offer] = waiting.as_slice() else { panic!("{waiting:?}") };
    let invite = InviteDelegate {
        patient: clinic.patient,
        answers: None,
        person: Some(clinic.stranger),
        code: None,
        contact: None,
        kind: DelegationKind::PatientAuthorised,
        relationship: Relationship::Neighbour,
        scope: scope(),
        until: days(100),
        organization: None,
        authority: None,
        ground: None,
        is_relative: false,
    };
    let by = sent_by(&signed_in(clinic.patient_person), &context("invite"));
    let invited = give::<Delegation>(&clinic.application, by, None, invite.into()).await.expect("invited").target;
    let accept = AcceptDelegation { code: None, terms_version: version(), own_account: true };
    let by = sent_by(&signed_in(clinic.stranger), &context("accept"));
    give::<Delegation>(&clinic.application, by, Some(invited), accept.into()).await.expect("accepted");
    clinic.application.catch_up().await.expect("caught up");
    assert_eq!(clinic.waiting_delegations().await, [invited]);
    assert_eq!(clinic.ends_of(*offer).await, ["offer_not_needed"]);
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
    let message = clinic.claimed(tell()).await;
    clinic.attached(message, thread).await;
    assert_eq!(clinic.notes_at(thread, now()).await, ["She fell."]);
    clinic.round_at(days(90)).await;
    clinic.round_at(days(90) + SECOND).await;
    assert!(clinic.is_key_destroyed(message));
    assert_eq!(clinic.message_at(message, days(91)).await.0, OutsideState::Erased);
    assert_eq!(clinic.notes_at(thread, days(91)).await, ["She fell."]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whom_the_patient_blocks_reads_nothing_of_a_message_once_it_is_about_the_patient() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("asked").await;
    let (told, waiting) = (clinic.claimed(tell()).await, clinic.sent_outside(help()).await);
    clinic.attached(told, thread).await;
    assert!(clinic.reads_message(clinic.nurse, told).await);
    let deny = Deny::of_person(clinic.patient, clinic.nurse, None);
    clinic.directive(clinic.patient_person, "deny", deny.into()).await.expect("given");
    assert!(!clinic.reads_message(clinic.nurse, told).await);
    assert!(clinic.reads_message(clinic.social_worker, told).await);
    // Of this one nobody knows yet about whom it is.
    assert!(clinic.reads_message(clinic.nurse, waiting).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn staff_who_are_the_patient_read_nothing_of_an_offer_about_them() {
    let clinic = Clinic::open().await;
    let new = new_patient(clinic.practice, Some(clinic.social_worker), "Works here", "1970-01-01");
    let by = sent_by(&signed_in(clinic.coordinator), &context("own"));
    let own = clinic.application.register_patient(by, new).await.expect("registered").target;
    clinic.application.accept_link(signed_in(clinic.social_worker), own).await;
    let message = clinic.claimed(help()).await;
    assert!(clinic.reads_message(clinic.social_worker, message).await, "nobody knows yet about whom it is");
    let found = MatchOutsideMessage { patient: own };
    clinic.to_outside_message(clinic.nurse, Some(message), found.into(), "match").await;
    assert!(!clinic.reads_message(clinic.social_worker, message).await);
    assert!(clinic.reads_message(clinic.nurse, message).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_told_something_does_not_read_it_in_the_thread_as_one_of_the_clinical_team() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("asked").await;
    clinic.grant(clinic.stranger, clinic.practice, Role::Nurse).await;
    let add = clinic.new_member(clinic.patient, clinic.stranger, Role::Nurse);
    let by = sent_by(&signed_in(clinic.coordinator), &context("team"));
    clinic.application.add_member(by, add).await.expect("added");
    let message = clinic.claimed(tell()).await;
    clinic.attached(message, thread).await;
    clinic.post(clinic.nurse, thread, "among-us", Audience::ClinicalTeam).await.expect("posted");
    assert_eq!(clinic.messages(clinic.stranger, thread).await, ["among-us"], "they are of the team");
    assert_eq!(clinic.notes_at(thread, now()).await, ["She fell."]);
    assert!(clinic.reader(clinic.stranger).await.notes_from_outside(thread).expect("no fault").is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_told_is_opened_for_nobody_who_may_not_attach_it() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("asked").await;
    let message = clinic.claimed(tell()).await;
    // A text that cannot be opened says who came so far.
    assert_eq!(clinic.file().execute("UPDATE outside_message SET text = x'00'", []), Ok(1));
    let attach = async |person: PersonId, thread: ThreadId| {
        let by = sent_by(&signed_in(person), &context("attach"));
        clinic.application.attach_outside_message(&by, message, thread).await
    };
    let missing = ThreadId::from_uuid(Uuid::from_u128(9));
    for (person, thread) in [(clinic.stranger, thread), (clinic.specialist, thread), (clinic.nurse, missing)] {
        let given = attach(person, thread).await;
        assert!(matches!(given, Err(Failed::Problem(Problem::NotFound))), "{given:?}");
    }
    let given = attach(clinic.nurse, thread).await;
    assert!(matches!(given, Err(Failed::Fault(_))), "{given:?}");
}

/// What a sender is answered who repeats an offer.
#[derive(Debug, PartialEq, Eq)]
enum Repeated {
    /// It was processed before.
    Replayed,
    /// It was processed before with another input.
    OtherInput,
}

/// What the stranger is answered who repeats the offer with the same input, and with another one.
async fn repeated(clinic: &Clinic) -> [Repeated; 2] {
    let give = async |context: CommandContext| {
        let by = sent_by(&signed_in(clinic.stranger), &context);
        match give::<OutsideMessage>(&clinic.application, by, None, clinic.message_saying(help())).await {
            Ok(outcome) if outcome.replayed => Repeated::Replayed,
            Err(Failed::Problem(Problem::IdempotencyMismatch)) => Repeated::OtherInput,
            other => panic!("{other:?}"),
        }
    };
    let other = CommandContext { input: b"something else".to_vec(), ..context("help") };
    [give(context("help")).await, give(other).await]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_repeats_an_offer_does_not_notice_that_it_was_erased() {
    let mut clinic = Clinic::open().await;
    let message = clinic.sent_outside(help()).await;
    assert_eq!(repeated(&clinic).await, [Repeated::Replayed, Repeated::OtherInput]);
    for (day, seconds) in [(60, 0), (150, 0), (150, 1)] {
        clinic.round_at(days(day) + TimeDelta::seconds(seconds)).await;
    }
    assert!(clinic.is_key_destroyed(message));
    assert_eq!(repeated(&clinic).await, [Repeated::Replayed, Repeated::OtherInput]);
    clinic.restart().await;
    assert_eq!(repeated(&clinic).await, [Repeated::Replayed, Repeated::OtherInput]);
}
