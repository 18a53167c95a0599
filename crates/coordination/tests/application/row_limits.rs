//! The limit of rows for an answer tells nobody of what is kept from them: what they are shown needs the same limit, whether
//! or not there is more. Each test says of what it does not tell.

use care::care_team::AddMember;
use care::consent_directive::{Terms, Whom};
use care::conversation::PutAway;
use care::delegation::{Delegation, InviteDelegate};
use care::ids::{DelegationId, Id as _, MessageId, PersonId};
use care::words::{Audience, Channel, DelegationKind, Relationship, Role, Sensitivity};
use chrono::TimeDelta;
use coordination::answer::{AnswerContext, AnswerLimits};
use coordination::fault::Fault;
use coordination::reader::{InboxFilter, Page, Reader};
use coordination::{InvitationCode, Origin};
use uuid::Uuid;

use crate::clinic::{Clinic, Commands as _, context, give, now, sent_by, signed_in, text};
use crate::directives::everybody;
use crate::help::{Help, scope};
use crate::outside_messages::tell;

/// The patient invites a neighbour: this person, or who gets a code.
fn invitation(clinic: &Clinic, person: Option<PersonId>) -> InviteDelegate {
    let (kind, relationship) = (DelegationKind::PatientAuthorised, Relationship::Neighbour);
    InviteDelegate {
        person,
        code: person.is_none().then(|| InvitationCode::typed(CODE).hash()),
        contact: person.is_none().then(|| text("noor@example.org")),
        ..Help { relationship, scope: scope(), ..Help::of(clinic, kind) }.invitation()
    }
}

const CODE: &str = "0123456789abcdef0123456789abcdef";

impl Clinic {
    async fn gives_invitation(&self, key: &str, invite: InviteDelegate) -> DelegationId {
        let by = sent_by(&signed_in(self.patient_person), &context(key));
        give::<Delegation>(&self.application, by, None, invite.into()).await.expect("invited").target
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_directives_of_a_patient_that_are_kept_from_them() {
    let clinic = Clinic::open().await;
    let recorded = clinic.written_down("recorded", everybody(Whom::person(clinic.specialist)), now()).await;
    let read = |reader: &Reader| -> Result<(), Fault> {
        let views = reader.directives(clinic.patient)?.expect("some may be known");
        assert!(views.len() == 1 && views.iter().all(|view| view.directive == recorded));
        Ok(())
    };
    let before = clinic.rows_needed(clinic.coordinator, now(), read).await;
    // What the patient says themself, who keeps the record does not see.
    for person in [clinic.nurse, clinic.social_worker, clinic.other_specialist] {
        clinic.gives(&person.to_string(), clinic.deny(everybody(Whom::person(person)))).await;
    }
    assert_eq!(clinic.rows_needed(clinic.coordinator, now(), read).await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_patient_whom_they_would_ask_about_a_deny_of_themself() {
    let clinic = Clinic::open().await;
    let overdue = now() + TimeDelta::days(15);
    let read = |reader: &Reader| -> Result<(), Fault> {
        assert!(reader.waiting_directives()?.is_empty());
        Ok(())
    };
    let before = clinic.rows_needed(clinic.social_worker, overdue, read).await;
    let psychiatry =
        Terms { sensitivities: [Sensitivity::Psychiatry].into(), ..everybody(Whom::person(clinic.social_worker)) };
    clinic.written_down("deny", psychiatry, now()).await;
    clinic.application.run_processes(overdue).await.expect("no fault");
    let nurses = clinic.reader_at(clinic.nurse, overdue).await.waiting_directives().expect("no fault");
    assert_eq!(nurses.len(), 1, "it waits for the others");
    assert_eq!(clinic.rows_needed(clinic.social_worker, overdue, read).await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_what_stands_in_a_thread_from_themself() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("asked").await;
    clinic.grant(clinic.stranger, clinic.practice, Role::Nurse).await;
    let (patient, person, organization) = (clinic.patient, clinic.stranger, clinic.practice);
    let add = AddMember { patient, person, role: Role::Nurse, organization, knows_conflict: false };
    let by = sent_by(&signed_in(clinic.coordinator), &context("team"));
    clinic.application.add_member(by, add).await.expect("added");
    let read = |reader: &Reader| -> Result<(), Fault> {
        assert!(reader.notes_from_outside(thread)?.is_none());
        Ok(())
    };
    let before = clinic.rows_needed(clinic.stranger, now(), read).await;
    let message = clinic.claimed(tell()).await;
    clinic.attached(message, thread).await;
    let nurses = clinic.reader(clinic.nurse).await.notes_from_outside(thread).expect("no fault");
    assert_eq!(nurses.map(|notes| notes.rows.len()), Some(1));
    assert_eq!(clinic.rows_needed(clinic.stranger, now(), read).await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_helpers_who_are_only_invited() {
    let clinic = Clinic::open().await;
    let read = |reader: &Reader| -> Result<(), Fault> {
        assert!(reader.delegations(clinic.patient)?.is_some_and(|views| views.is_empty()), "none is active");
        Ok(())
    };
    let neighbour = clinic.register(clinic.practice, "neighbour", None).await;
    clinic.gives_invitation("one", invitation(&clinic, Some(clinic.stranger))).await;
    let before = clinic.rows_needed(clinic.pcp, now(), read).await;
    clinic.gives_invitation("other", invitation(&clinic, Some(neighbour))).await;
    assert_eq!(clinic.rows_needed(clinic.pcp, now(), read).await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_patient_who_blocks_them() {
    let clinic = Clinic::open().await;
    let list = |reader: &Reader| -> Result<(), Fault> {
        assert!(reader.patients(&Page::default(), None)?.expect("a page").edges.is_empty());
        Ok(())
    };
    let missing = PersonId::from_uuid(Uuid::from_u128(4711));
    let person = |reader: &Reader| -> Result<(), Fault> {
        assert!(reader.person_by_id(missing)?.is_none());
        Ok(())
    };
    let by_id = clinic.rows_needed(clinic.nurse, now(), person).await;
    clinic.gives("nurse", clinic.deny(everybody(Whom::person(clinic.nurse)))).await;
    let nobodys = clinic.rows_needed(clinic.admin, now(), list).await;
    assert_eq!(clinic.rows_needed(clinic.nurse, now(), list).await, nobodys, "as for who has no patient");
    assert_eq!(clinic.rows_needed(clinic.nurse, now(), person).await, by_id);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_what_the_team_writes_and_reads_among_themselves() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("asked").await;
    clinic.post(clinic.nurse, thread, "hello", Audience::Everyone).await.expect("posted");
    let by = sent_by(&signed_in(clinic.patient_person), &context("away"));
    clinic.application.conversation(by, thread, PutAway { away: true }.into()).await.expect("put away");
    let read = |reader: &Reader| -> Result<(), Fault> {
        let page = reader.inbox(InboxFilter::PutAway, &Page::default())?.expect("a page");
        assert_eq!(page.edges.len(), 1);
        let view = reader.thread(thread)?.expect("found");
        assert!(reader.read_receipts(&view)?.iter().all(|receipt| receipt.person != clinic.pcp));
        Ok(())
    };
    let before = clinic.rows_needed(clinic.patient_person, now(), read).await;
    let posted = clinic.post(clinic.nurse, thread, "among-us", Audience::ClinicalTeam).await.expect("posted");
    let message: MessageId = posted.command.creates(0);
    let by = sent_by(&signed_in(clinic.pcp), &context("read"));
    clinic.application.mark_read(by, thread, message).await.expect("marked");
    assert_eq!(clinic.rows_needed(clinic.patient_person, now(), read).await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_what_the_patient_says_of_others_while_the_answer_is_made() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("asked").await;
    // Without a first directive, no directive is read from the read models.
    clinic.gives("first", clinic.deny(everybody(Whom::person(clinic.other_specialist)))).await;
    let read = |reader: &Reader| -> Result<(), Fault> {
        assert!(reader.thread(thread)?.is_some());
        Ok(())
    };
    let rows_max = clinic.rows_needed(clinic.nurse, now(), read).await;
    let limits = AnswerLimits { rows_max, ..AnswerLimits::none() };
    let origin = Origin::of(Channel::GraphQl);
    let context = AnswerContext { identity: signed_in(clinic.nurse), now: now(), origin };
    let clinic = &clinic;
    let answer = clinic.application.answer(context, |reads| async move {
        // What is read was taken before the directives of the patient changed, so these are read from there as well.
        let reader = reads.within(limits).reader(None).await?;
        clinic.gives("other", clinic.deny(everybody(Whom::person(clinic.social_worker)))).await;
        clinic.application.catch_up().await.expect("caught up");
        read(&reader)
    });
    let answered = answer.await.expect("recorded").into_inner();
    assert!(answered.is_ok(), "{answered:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_delegation_that_gives_no_access_yet() {
    let clinic = Clinic::open().await;
    let invited = clinic.gives_invitation("invite", invitation(&clinic, Some(clinic.stranger))).await;
    let by_nurse = clinic.reader(clinic.nurse).await.delegation(invited).expect("no fault");
    assert!(by_nurse.is_some(), "who takes the steps sees it");
    let read = |id: DelegationId| {
        move |reader: &Reader| -> Result<(), Fault> {
            assert!(reader.delegation(id)?.is_none());
            assert!(reader.possible_in_delegation(id)?.is_empty());
            Ok(())
        }
    };
    let missing = DelegationId::from_uuid(Uuid::from_u128(4711));
    let of_missing = clinic.rows_needed(clinic.pcp, now(), read(missing)).await;
    assert_eq!(clinic.rows_needed(clinic.pcp, now(), read(invited)).await, of_missing);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_an_invitation_that_can_no_longer_be_accepted() {
    let clinic = Clinic::open().await;
    clinic.gives_invitation("invite", invitation(&clinic, None)).await;
    let (code, other) = (InvitationCode::typed(CODE), InvitationCode::typed("no such code"));
    let found = clinic.reader(clinic.stranger).await.help_invitation(&code).expect("no fault");
    assert!(found.is_some(), "it can be accepted first");
    let too_late = now() + TimeDelta::days(59);
    let read = |code: InvitationCode| {
        move |reader: &Reader| -> Result<(), Fault> {
            assert!(reader.help_invitation(&code)?.is_none());
            Ok(())
        }
    };
    let of_none = clinic.rows_needed(clinic.stranger, too_late, read(other)).await;
    assert_eq!(clinic.rows_needed(clinic.stranger, too_late, read(code)).await, of_none);
}
