//! What the operator does beside the policy: an administrator where there is none any more, and the destruction of a key.

use std::num::NonZeroU32;

use care::envelope::{Actor, Metadata};
use care::event::Stream;
use care::ids::PersonId;
use care::words::{Channel, GrantBasis, Role};
use coordination::fault::Fault;
use coordination::restoring::NotRestored;
use journal::{Direction, Journal as _, StreamName};

use crate::clinic::{Clinic, now};
use crate::faulty::{AppendFault, FaultyClinic, faulty_clinic, length};

impl Clinic {
    async fn restore(&self, person: PersonId) -> Result<(), NotRestored> {
        self.application.restore_administrator(self.practice, person, now()).await
    }

    async fn administers(&self, person: PersonId) -> bool {
        self.reader(person).await.my_roles().contains(&(self.practice, Role::Administrator))
    }
}

/// A clinic whose practice lost its only administrator, which no command does.
async fn without_administrator() -> FaultyClinic {
    let faulty = faulty_clinic().await;
    let Clinic { admin, practice, .. } = faulty.clinic;
    let ended = format!(r#"{{"person":"{admin}","organization":"{practice}","role":"administrator"}}"#);
    faulty.clinic.forge(&format!("person-{admin}"), "person.role_ended", &ended).await;
    faulty
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_operator_makes_somebody_an_administrator_where_there_is_none_any_more() {
    let FaultyClinic { clinic, care, access: _ } = without_administrator().await;
    assert!(!clinic.administers(clinic.admin).await);
    // The centre knows the specialist, and the practice does not.
    let unknown = clinic.restore(clinic.specialist).await;
    assert!(matches!(unknown, Err(NotRestored::NotKnown)), "{unknown:?}");
    clinic.restore(clinic.admin).await.expect("restored");
    assert!(clinic.administers(clinic.admin).await);

    let name = StreamName::parse(&Stream::Person(clinic.admin).to_string()).expect("a name");
    let last = care.read_stream(&name, None, Direction::Backward, NonZeroU32::MIN).await.expect("read");
    let last = last.events.first().expect("an event");
    let (metadata, _) = Metadata::decode(&last.meta).expect("metadata");
    assert_eq!(last.event_type.as_str(), "person.role_granted");
    assert_eq!((metadata.actor, metadata.channel), (Actor::Installation, Channel::Cli));
    let reader = clinic.reader(clinic.admin).await;
    let row = reader.organization(clinic.practice).expect("no fault").expect("an organization");
    let staff = reader.staff_of(&row, None).expect("no fault").expect("a search");
    let member = staff.iter().find(|member| member.person.person == clinic.admin).expect("a member of staff");
    assert!(matches!(&member.roles[..], [role] if role.basis == Some(GrantBasis::Operator)), "{:?}", member.roles);
    drop(reader);

    let events = length(&clinic.installation.care).await;
    for person in [clinic.admin, clinic.stranger] {
        let again = clinic.restore(person).await;
        assert!(matches!(again, Err(NotRestored::HasAdministrator)), "{again:?}");
    }
    assert_eq!(length(&clinic.installation.care).await, events);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_operator_does_is_decided_again_after_another_append_and_is_there_once() {
    let FaultyClinic { clinic, care, access: _ } = without_administrator().await;
    let thread = clinic.ask("destroyed").await;
    let events = length(&clinic.installation.care).await;
    care.next([AppendFault::Conflict; 8]);
    let busy = clinic.restore(clinic.admin).await;
    assert!(matches!(busy, Err(NotRestored::Fault(Fault::Unavailable(_)))), "{busy:?}");
    assert!(care.all_met() && !clinic.administers(clinic.admin).await);
    care.next([AppendFault::Conflict, AppendFault::WrittenButUnknown]);
    clinic.restore(clinic.admin).await.expect("restored");
    care.next([AppendFault::Conflict, AppendFault::WrittenButUnknown]);
    clinic.application.destroy_key(Stream::Thread(thread), now()).await.expect("destroyed");
    clinic.application.destroy_key(Stream::Thread(thread), now()).await.expect("it is destroyed");
    assert_eq!(length(&clinic.installation.care).await, events + 2);
}
