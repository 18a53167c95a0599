//! The link of a patient's record and the person whose own it is: proposed by a registrar, and accepted by the person.

use care::ids::{Id as _, PatientId, PersonId};
use care::patient::{
    AcceptLink, CorrectDetails, DeclineLink, EndLink, PatientCommand, PatientRefusal, ProposeLink, RegisterPatient,
    WithdrawLink,
};
use care::person::{CorrectName, PersonCommand, PersonRefusal};
use care::words::Role;
use chrono::TimeDelta;
use coordination::fault::{Failed, Problem, Refusal};
use coordination::reader::Page;
use coordination::{CommandContext, CommandOutcome, TextCell};
use uuid::Uuid;

use crate::clinic::{Clinic, Commands as _, context, line, new_patient, now, request, sent_by, signed_in};

type Answered = Result<CommandOutcome<PatientId>, Failed>;

fn refusal(answered: Answered) -> PatientRefusal {
    match answered {
        Err(Failed::Problem(Problem::Refused(Refusal::Patient(refusal)))) => refusal,
        other => panic!("{other:?}"),
    }
}

fn is_missing(answered: &Answered) -> bool {
    matches!(answered, Err(Failed::Problem(Problem::NotFound)))
}

fn new(clinic: &Clinic, name: &str, person: Option<PersonId>) -> RegisterPatient {
    new_patient(clinic.practice, person, name, "1960-01-01")
}

impl Clinic {
    async fn register_record(&self, name: &str, person: Option<PersonId>) -> Answered {
        let context = sent_by(&signed_in(self.coordinator), &context(name));
        self.application.register_patient(context, new(self, name, person)).await
    }

    async fn record_by(
        &self,
        person: PersonId,
        key: &str,
        patient: PatientId,
        command: impl Into<PatientCommand>,
    ) -> Answered {
        self.application.record(sent_by(&signed_in(person), &context(key)), patient, command.into()).await
    }

    async fn propose(&self, key: &str, patient: PatientId, person: PersonId) -> Answered {
        self.record_by(self.coordinator, key, patient, ProposeLink { person }).await
    }

    /// The records that are proposed to a person.
    async fn proposed(&self, person: PersonId, days: i64) -> Vec<(PatientId, Role)> {
        let reader = self.reader_at(person, now() + TimeDelta::days(days)).await;
        let rows = reader.proposals().expect("no fault");
        rows.iter().map(|row| (row.patient, row.role)).collect()
    }

    async fn reads(&self, person: PersonId, patient: PatientId) -> bool {
        self.reader(person).await.patient(patient).expect("no fault").is_some()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_is_a_persons_own_only_after_they_accepted_it() {
    let clinic = Clinic::open().await;
    let patient = clinic.register_record("Noor", Some(clinic.stranger)).await.expect("registered").target;
    assert_eq!(clinic.proposed(clinic.stranger, 0).await, [(patient, Role::Coordinator)]);
    assert!(!clinic.reads(clinic.stranger, patient).await, "a person who may be the wrong one learns no name");
    let member = clinic.new_member(patient, clinic.pcp, Role::Physician);
    let by = signed_in(clinic.coordinator);
    clinic.application.add_member(sent_by(&by, &context("member")), member).await.expect("joined");
    let by = sent_by(&signed_in(clinic.pcp), &context("about them"));
    let asked = clinic.application.request_consultation(by, request(patient, clinic.cardiology)).await;
    let thread = asked.expect("asked").target;
    assert!(!clinic.finds(clinic.stranger, thread).await, "nor of any thread about the patient");
    let reader = clinic.reader(clinic.stranger).await;
    let proposal = reader.proposals().expect("no fault").into_iter().next().expect("proposed");
    assert_eq!(reader.organization_proposing(&proposal).expect("no fault").expect("shown").name, "practice");
    drop(reader);
    // Nobody else answers it, and they learn as little as of a record that is not there.
    let missing = PatientId::from_uuid(Uuid::from_u128(5));
    for person in [clinic.specialist, clinic.patient_person] {
        for record in [patient, missing] {
            let key = record.to_string();
            assert!(is_missing(&clinic.record_by(person, &key, record, AcceptLink {}).await), "{record}");
        }
    }
    let by_registrar = clinic.record_by(clinic.coordinator, "own", patient, AcceptLink {}).await;
    assert!(matches!(by_registrar, Err(Failed::Problem(Problem::NotPermitted))), "{by_registrar:?}");

    clinic.record_by(clinic.stranger, "own", patient, AcceptLink {}).await.expect("accepted");
    assert!(clinic.reads(clinic.stranger, patient).await);
    assert!(clinic.finds(clinic.stranger, thread).await);
    assert_eq!(clinic.proposed(clinic.stranger, 0).await, []);
    let again = clinic.record_by(clinic.stranger, "own", patient, AcceptLink {}).await.expect("accepted");
    assert!(again.replayed);
    let end = EndLink { reason: line("It is her sister.") };
    clinic.record_by(clinic.coordinator, "end", patient, end).await.expect("ended");
    assert!(!clinic.reads(clinic.stranger, patient).await);
    assert!(!clinic.finds(clinic.stranger, thread).await);
    assert!(clinic.record_by(clinic.stranger, "own", patient, AcceptLink {}).await.expect("known").replayed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_registrar_makes_no_record_a_nurses_own_without_the_nurse() {
    let clinic = Clinic::open().await;
    let patient = clinic.register_record("Noor", Some(clinic.nurse)).await.expect("registered").target;
    let is_own = async || {
        let page = clinic.reader(clinic.nurse).await.patients(&Page::default(), None).expect("no fault");
        page.expect("a page").edges.iter().any(|edge| edge.node.patient == patient)
    };
    assert!(clinic.reads(clinic.nurse, patient).await, "as a nurse of the organization");
    assert!(!is_own().await);
    clinic.record_by(clinic.nurse, "own", patient, AcceptLink {}).await.expect("accepted");
    assert!(is_own().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_has_one_record_at_an_organization_also_if_two_are_proposed_at_once() {
    let clinic = Clinic::open().await;
    let refused = clinic.register_record("Noor", Some(clinic.patient_person)).await;
    assert_eq!(refusal(refused), PatientRefusal::OtherRecord);
    let [one, two] = [clinic.register_record("Noor", None).await, clinic.register_record("Aliya", None).await]
        .map(|registered| registered.expect("registered").target);
    assert_eq!(refusal(clinic.propose("again", one, clinic.patient_person).await), PatientRefusal::OtherRecord);
    assert_eq!(refusal(clinic.propose("again", clinic.patient, clinic.stranger).await), PatientRefusal::LinkExists);
    for round in 0..8 {
        let (key_one, key_two) = (format!("one-{round}"), format!("two-{round}"));
        let (first, second) = tokio::join!(
            clinic.propose(&key_one, one, clinic.stranger),
            clinic.propose(&key_two, two, clinic.stranger)
        );
        let (record, lost) = if first.is_ok() { (one, second) } else { (two, first) };
        assert_eq!(refusal(lost), PatientRefusal::OtherRecord);
        assert_eq!(clinic.proposed(clinic.stranger, 0).await, [(record, Role::Coordinator)]);
        let key = format!("back-{round}");
        clinic.record_by(clinic.coordinator, &key, record, WithdrawLink {}).await.expect("taken back");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proposal_is_declined_taken_back_or_ends_by_itself() {
    let clinic = Clinic::open().await;
    let patient = clinic.register_record("Noor", Some(clinic.stranger)).await.expect("registered").target;
    let declined = clinic.record_by(clinic.stranger, "no", patient, DeclineLink {}).await.expect("declined");
    assert!(!declined.replayed);
    assert_eq!(clinic.proposed(clinic.stranger, 0).await, []);
    assert!(clinic.record_by(clinic.stranger, "no", patient, DeclineLink {}).await.expect("declined").replayed);
    assert!(is_missing(&clinic.record_by(clinic.stranger, "yes", patient, AcceptLink {}).await));

    clinic.propose("again", patient, clinic.stranger).await.expect("proposed");
    clinic.record_by(clinic.coordinator, "back", patient, WithdrawLink {}).await.expect("taken back");
    assert!(is_missing(&clinic.record_by(clinic.stranger, "yes", patient, AcceptLink {}).await));

    clinic.propose("last", patient, clinic.stranger).await.expect("proposed");
    assert_eq!(clinic.proposed(clinic.stranger, 13).await.len(), 1);
    assert_eq!(clinic.proposed(clinic.stranger, 14).await, []);
    let late = CommandContext { now: now() + TimeDelta::days(14), ..context("yes") };
    let late = sent_by(&signed_in(clinic.stranger), &late);
    assert!(is_missing(&clinic.application.record(late, patient, AcceptLink {}.into()).await));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proposal_does_not_tell_whether_there_is_such_a_person() {
    let clinic = Clinic::open().await;
    let nobody = PersonId::from_uuid(Uuid::from_u128(77));
    let mut shown = Vec::new();
    for (name, person) in [("Noor", clinic.specialist), ("Aliya", nobody)] {
        let registered = clinic.register_record(name, Some(person)).await.expect("registered");
        let (patient, replayed, has_effect) = (registered.target, registered.replayed, registered.has_effect);
        let reader = clinic.reader(clinic.coordinator).await;
        let view = reader.patient(patient).expect("no fault").expect("found");
        let link = reader.link(&view).expect("no fault").expect("proposed");
        shown.push((replayed, has_effect, link.person.is_some(), link.proposal.is_some()));
    }
    assert_eq!(shown, [(false, true, false, true); 2]);
    // A person of the organization is named.
    let registered = clinic.register_record("Sami", Some(clinic.stranger)).await.expect("registered");
    let reader = clinic.reader(clinic.coordinator).await;
    let view = reader.patient(registered.target).expect("no fault").expect("found");
    assert!(reader.link(&view).expect("no fault").expect("proposed").person.is_some());
    // A nurse reads who the patient is, and not to whom the record is proposed.
    let reader = clinic.reader(clinic.nurse).await;
    let view = reader.patient(registered.target).expect("no fault").expect("found");
    assert!(reader.link(&view).expect("no fault").is_none());
}

fn open(cell: &TextCell) -> &str {
    match cell {
        TextCell::Open(text) => text.as_str(),
        TextCell::Sealed(_) | TextCell::Withheld | TextCell::Erased => "",
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_correction_is_shown_and_what_was_before_stays_in_the_history() {
    let clinic = Clinic::open().await;
    let correct = |name: Option<&str>, birth_date: Option<&str>| CorrectDetails {
        name: name.map(line),
        birth_date: birth_date.map(line),
        reason: line("A typing error."),
        confirmed_not_duplicate_of: vec![],
    };
    let version = {
        let reader = clinic.reader(clinic.coordinator).await;
        let view = reader.patient(clinic.patient).expect("no fault").expect("found");
        reader.patient_version(&view).expect("a token")
    };
    let relying = |key: &str| CommandContext { expected: Some(version.0.clone()), ..context(key) };
    let by = signed_in(clinic.coordinator);
    let give = async |context: &CommandContext, command: CorrectDetails| {
        clinic.application.record(sent_by(&by, context), clinic.patient, command.into()).await
    };
    give(&relying("name"), correct(Some("Mira Adler"), None)).await.expect("corrected");
    assert!(give(&relying("name"), correct(Some("Mira Adler"), None)).await.expect("corrected").replayed);
    let conflict = give(&relying("date"), correct(None, Some("1959-03-04"))).await;
    assert!(matches!(conflict, Err(Failed::Problem(Problem::VersionConflict))), "{conflict:?}");
    give(&context("date"), correct(None, Some("1959-03-04"))).await.expect("corrected");
    // What is so already is answered as done, and moves neither the version nor the history.
    let version = {
        let reader = clinic.reader(clinic.coordinator).await;
        let view = reader.patient(clinic.patient).expect("no fault").expect("found");
        reader.patient_version(&view).expect("a token")
    };
    let relying = |key: &str| CommandContext { expected: Some(version.0.clone()), ..context(key) };
    for key in ["same", "same again"] {
        let same = give(&relying(key), correct(Some("Mira Adler"), Some("1959-03-04"))).await.expect("so already");
        assert!(!same.has_effect && !same.replayed, "{same:?}");
        let again = give(&relying(key), correct(Some("Mira Adler"), Some("1959-03-04"))).await.expect("so already");
        assert!(again.replayed, "{again:?}");
    }
    let by_nurse = clinic.record_by(clinic.nurse, "name", clinic.patient, correct(Some("Mara"), None)).await;
    assert!(matches!(by_nurse, Err(Failed::Problem(Problem::NotPermitted))), "{by_nurse:?}");
    let by_stranger = clinic.record_by(clinic.stranger, "name", clinic.patient, correct(Some("Mara"), None)).await;
    assert!(is_missing(&by_stranger));

    let read = async |person| {
        let reader = clinic.reader(person).await;
        let view = reader.patient(clinic.patient).expect("no fault").expect("found");
        let shown = (open(&view.name).to_owned(), open(&view.birth_date).to_owned());
        let corrections = reader.corrections(&view).expect("no fault");
        let before = corrections
            .iter()
            .map(|row| [&row.name_before, &row.birth_date_before, &row.reason].map(|cell| open(cell).to_owned()));
        (shown, before.collect::<Vec<_>>())
    };
    let shown = ("Mira Adler".to_owned(), "1959-03-04".to_owned());
    let first = format!("Mira {}", crate::clinic::MARKER);
    let reason = "A typing error.";
    let before =
        [["Mira Adler", "1958-03-04", reason], [&first, "1958-03-04", reason]].map(|row| row.map(str::to_owned));
    for person in [clinic.coordinator, clinic.patient_person] {
        assert_eq!(read(person).await, (shown.clone(), before.to_vec()));
    }
    // A nurse sees that and when it was corrected.
    assert_eq!(read(clinic.nurse).await, (shown, vec![["", "", ""].map(str::to_owned); 2]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_administrator_corrects_the_name_of_a_person_whom_their_organization_knows() {
    let clinic = Clinic::open().await;
    let correct = |organization| {
        PersonCommand::from(CorrectName { organization, name: line("Noor Adler"), reason: line("She married.") })
    };
    let give = async |key: &str, person: PersonId, organization| {
        let context = sent_by(&signed_in(clinic.admin), &context(&format!("{key}-{person}-{organization}")));
        clinic.application.execute::<care::person::Person>(&context, Some(person), &correct(organization)).await
    };
    assert!(give("first", clinic.nurse, clinic.practice).await.expect("corrected").has_effect);
    let same = give("second", clinic.nurse, clinic.practice).await.expect("so already");
    assert!(!same.has_effect && !same.replayed, "{same:?}");
    let reader = clinic.reader(clinic.nurse).await;
    let me = reader.me().expect("no fault").expect("registered");
    assert_eq!((open(&me.name), me.corrected_at), ("Noor Adler", Some(now())));
    for person in [clinic.specialist, PersonId::from_uuid(Uuid::from_u128(77))] {
        let foreign = give("foreign", person, clinic.practice).await;
        let refused =
            matches!(foreign, Err(Failed::Problem(Problem::Refused(Refusal::Person(PersonRefusal::Missing)))));
        assert!(refused, "{foreign:?}");
    }
}
