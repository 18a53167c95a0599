//! A registrar is warned before one patient gets a second record at an organization.

use care::ids::PatientId;
use care::patient::{CorrectDetails, PatientCommand, PatientRefusal, RegisterPatient};
use coordination::fault::{Failed, Problem, Refusal};
use uuid::Uuid;
use vault::Node;

use crate::clinic::{Clinic, Commands as _, context, line, new_patient, sent_by, signed_in};

/// The record, or those that are alike.
type Registered = Result<PatientId, Vec<PatientId>>;

fn registered(answered: Result<coordination::CommandOutcome<PatientId>, Failed>) -> Registered {
    match answered {
        Ok(outcome) => Ok(outcome.target),
        Err(Failed::Problem(Problem::Refused(Refusal::Patient(PatientRefusal::PossibleDuplicates(alike))))) => {
            Err(alike)
        }
        Err(other) => panic!("{other:?}"),
    }
}

impl Clinic {
    async fn enter(&self, key: &str, name: &str, birth_date: &str, confirmed: &[PatientId]) -> Registered {
        let new = RegisterPatient {
            organization: self.practice,
            person: None,
            name: line(name),
            birth_date: line(birth_date),
            confirmed_not_duplicate_of: confirmed.to_vec(),
        };
        let context = sent_by(&signed_in(self.coordinator), &context(key));
        registered(self.application.register_patient(context, new).await)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_with_a_like_name_and_birth_date_is_compared_before_it_is_registered() {
    let clinic = Clinic::open().await;
    let one = clinic.enter("one", "Zo\u{eb} Gr\u{fc}nwald", "1958-03-04", &[]).await.expect("the first");
    for (key, name, birth_date) in
        [("a", "GRUNWALD, Zoe", "1958-03-04"), ("b", "Zoe Gr\u{fc}nwald", "1958"), ("c", "Zoe Grunwald", "1958-03")]
    {
        assert_eq!(clinic.enter(key, name, birth_date, &[]).await, Err(vec![one]), "{name} {birth_date}");
    }
    clinic.enter("d", "Zoe Grunwald", "1958-03-05", &[]).await.expect("another day");
    clinic.enter("e", "Zoe Grunewald", "1958-03-04", &[]).await.expect("another name");
    // The same key with the confirmation is no other input of an accepted command: the first had no effect.
    let two = clinic.enter("a", "GRUNWALD, Zoe", "1958-03-04", &[one]).await.expect("confirmed");
    let mut alike = clinic.enter("f", "Zoe Grunwald", "1958-03-04", &[one]).await.expect_err("another is alike now");
    alike.sort_unstable();
    let mut both = vec![one, two];
    both.sort_unstable();
    assert_eq!(alike, both);
    // Nor does it depend on which keys are in memory.
    clinic.installation.vault.forget();
    let mut alike = clinic.enter("g", "Zoe Grunwald", "1958-03-04", &[one]).await.expect_err("they are alike");
    alike.sort_unstable();
    assert_eq!(alike, both);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_registrations_at_once_one_is_warned() {
    let clinic = Clinic::open().await;
    for round in 0..4 {
        let name = format!("Noor {round}");
        let [one, two] = ["one", "two"].map(|key| format!("{key}-{round}"));
        let (one, two) =
            tokio::join!(clinic.enter(&one, &name, "1960", &[]), clinic.enter(&two, &name, "1960-05-06", &[]));
        assert_eq!([one.is_ok(), two.is_ok()].iter().filter(|is_ok| **is_ok).count(), 1, "{one:?} {two:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_of_another_organization_and_erased_ones_are_not_compared() {
    let clinic = Clinic::open().await;
    let one = clinic.enter("one", "Noor Haddad", "1960-05-06", &[]).await.expect("the first");
    let elsewhere = new_patient(clinic.centre().await, None, "Noor Haddad", "1960-05-06");
    // They may read the first record too, so it is not the policy that keeps it from the comparison.
    clinic.grant(clinic.centre_coordinator, clinic.practice, care::words::Role::Coordinator).await;
    let context_there = sent_by(&signed_in(clinic.centre_coordinator), &context("elsewhere"));
    registered(clinic.application.register_patient(context_there, elsewhere).await).expect("another organization");
    // A correction makes it like the other record, or unlike.
    let other = clinic.enter("other", "Noor Hadad", "1960-05-06", &[]).await.expect("another name");
    let correct = async |key: &str, name: &str, confirmed: Vec<PatientId>| {
        let command = PatientCommand::from(CorrectDetails {
            name: Some(line(name)),
            birth_date: None,
            reason: line("A typing error."),
            confirmed_not_duplicate_of: confirmed,
        });
        let context = sent_by(&signed_in(clinic.coordinator), &context(key));
        registered(clinic.application.record(context, other, command).await)
    };
    assert_eq!(correct("alike", "noor haddad", vec![]).await, Err(vec![one]));
    correct("alike", "noor haddad", vec![one]).await.expect("confirmed");
    correct("unlike", "Noor Hadid", vec![]).await.expect("it is not like itself");
    assert_eq!(clinic.enter("again", "Noor Hadid", "1960", &[]).await, Err(vec![other]));
    clinic
        .installation
        .vault
        .destroy(Node::Patient(care::ids::Id::uuid(other)), Uuid::from_u128(3))
        .expect("destroyed");
    clinic.enter("again", "Noor Hadid", "1960", &[]).await.expect("nothing is left of the other");
}
