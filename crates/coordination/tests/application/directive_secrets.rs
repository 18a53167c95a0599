//! What directives tell, and to whom: nothing of hidden threads, nothing to the people whom a deny names, and nothing to those
//! who have nothing to do with the patient. What is denied ends wholly, and oversight goes on.

use care::consent_directive::{
    DirectiveCommand, DirectiveRefusal, EndDirective, PermitDirective, RecordDeny, Terms, VoidDirective, Whom,
};
use care::consent_text;
use care::ids::{DirectiveId, Id as _, PersonId, ThreadId};
use care::words::{ConsentTextKind, DirectiveEffect, Purpose, Role, Sensitivity, TextLanguage};
use chrono::TimeDelta;
use coordination::TimelineReason;
use coordination::fault::{Failed, Problem, Refusal};
use coordination::following::Followed;
use coordination::reader::{DirectivePreview, Page};

use crate::clinic::{Clinic, Commands, Given, context, later, now, request, sent_by, signed_in, text};
use crate::directives::everybody;
use crate::timeline::guardian;

fn refusal<I: std::fmt::Debug>(given: Given<I>) -> DirectiveRefusal {
    match given.expect_err("refused") {
        Failed::Problem(Problem::Refused(Refusal::Directive(refusal))) => refusal,
        other @ (Failed::Problem(_) | Failed::Fault(_)) => panic!("{other:?}"),
    }
}

/// About psychiatric matters alone.
fn of_psychiatry(whom: Whom) -> Terms {
    Terms { sensitivities: [Sensitivity::Psychiatry].into(), ..everybody(whom) }
}

impl Clinic {
    async fn preview(&self, person: PersonId, terms: &Terms) -> Option<DirectivePreview> {
        let reader = self.reader(person).await;
        let view = reader.patient(self.patient).expect("no fault").expect("the patient");
        reader.preview_directive(&view, DirectiveEffect::Deny, terms)
    }

    async fn known_directives(&self, person: PersonId) -> Vec<DirectiveId> {
        let reader = self.reader(person).await;
        let view = reader.patient(self.patient).expect("no fault").expect("the patient");
        let rows = reader.directives_of(&view).expect("no fault").expect("some may be known");
        rows.iter().map(|row| row.directive).collect()
    }

    async fn is_named(&self, person: PersonId, to: PersonId) -> bool {
        let reader = self.reader(to).await;
        let view = reader.patient(self.patient).expect("no fault").expect("the patient");
        reader.blocked_person(&view, person).expect("no fault").is_some()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_representative_learns_nothing_of_a_hidden_thread_by_a_directive_and_its_work_goes_to_the_pool() {
    let clinic = Clinic::open().await;
    let guardian = guardian(&clinic).await;
    let terms = everybody(Whom { person: None, role: None, organization: Some(clinic.centre().await) });
    let nothing = clinic.preview(guardian, &terms).await.expect("they represent the patient");
    let mut question = request(clinic.patient, clinic.cardiology);
    question.opening.hidden_from_delegates = Some(true);
    let by = sent_by(&signed_in(clinic.pcp), &context("hidden"));
    let hidden: ThreadId = clinic.application.request_consultation(by, question).await.expect("asked").target;
    clinic.assign(hidden).await;
    clinic.claim(clinic.specialist, hidden).await.expect("claimed");

    assert_eq!(clinic.preview(guardian, &terms).await, Some(nothing), "as if there were no such thread");
    let own = clinic.preview(clinic.patient_person, &terms).await.expect("their own");
    assert!(own.persons.contains_key(&clinic.specialist) && own.left_alone == 1, "{own:?}");
    assert!(clinic.is_named(clinic.specialist, clinic.patient_person).await);
    assert!(!clinic.is_named(clinic.specialist, guardian).await, "they meet them in the hidden thread alone");
    let by_patient = clinic.directive(clinic.patient_person, "theirs", clinic.deny(terms.clone())).await;
    assert_eq!(refusal(by_patient), DirectiveRefusal::NobodyLeft(vec![hidden]));
    let denied = clinic.directive(guardian, "guardian", clinic.deny(terms)).await.expect("not refused");
    clinic.application.run_processes(now()).await.expect("no fault");
    let reader = clinic.reader(clinic.patient_person).await;
    let view = reader.thread(hidden).expect("no fault").expect("found");
    assert_eq!(view.owner_person, None, "it is in its pool");
    drop((view, reader));
    let end = EndDirective { patient: clinic.patient, directive: denied.command.creates(0) };
    clinic.gives("end", end.into()).await;
    clinic.claim_again(clinic.other_specialist, hidden).await.expect("claimed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whom_a_deny_names_neither_sees_nor_ends_it() {
    let clinic = Clinic::open().await;
    let (patient, coordinator) = (clinic.patient, clinic.coordinator);
    let record = async |key: &str, whom: Whom| {
        let terms = Terms { from: Some(later()), ..everybody(whom) };
        let record = RecordDeny { patient, terms, patient_word: text("Not them.") };
        let recorded = clinic.directive(clinic.pcp, key, record.into()).await.expect("written down");
        recorded.command.creates::<DirectiveId>(0)
    };
    let of_nurse = record("nurse", Whom::person(clinic.nurse)).await;
    let of_coordinator = record("coordinator", Whom::person(coordinator)).await;
    let of_role = record("role", Whom { role: Some(Role::Coordinator), ..Whom::default() }).await;
    assert_eq!(clinic.known_directives(coordinator).await, [of_nurse]);
    assert_eq!(clinic.known_directives(clinic.patient_person).await.len(), 3);
    let missing = DirectiveId::from_uuid(uuid::Uuid::from_u128(4711));
    for (key, directive) in [("own", of_coordinator), ("by role", of_role), ("missing", missing)] {
        let ended = clinic.directive(coordinator, key, EndDirective { patient, directive }.into()).await;
        assert_eq!(refusal(ended), DirectiveRefusal::NoSuchDirective, "{key}");
    }
    let end = EndDirective { patient, directive: of_nurse };
    clinic.directive(coordinator, "of the nurse", end.into()).await.expect("ended");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_representative_reads_no_directive_about_themself_or_beyond_their_scope() {
    let clinic = Clinic::open().await;
    let guardian = guardian(&clinic).await;
    let ahead = |terms: Terms| Terms { from: Some(later()), ..terms };
    let plain = clinic.gives("plain", clinic.deny(ahead(everybody(Whom::person(clinic.nurse))))).await;
    clinic.gives("code", clinic.deny(of_psychiatry(Whom::person(clinic.nurse)))).await;
    clinic.gives("guardian", clinic.deny(ahead(everybody(Whom::person(guardian))))).await;
    assert_eq!(clinic.known_directives(guardian).await, [plain]);
    assert_eq!(clinic.known_directives(clinic.patient_person).await.len(), 3);
    let shut_out = async |person: PersonId| {
        let reader = clinic.reader(person).await;
        let view = reader.patient(clinic.patient).expect("no fault").expect("the patient");
        let page = Page { first: Some(100), ..Page::default() };
        let page = reader.timeline(&view, &page).expect("no fault").expect("a page").expect("may be read");
        page.edges.iter().filter(|edge| edge.node.said.reason == TimelineReason::ShutOut).count()
    };
    assert_eq!((shut_out(guardian).await, shut_out(clinic.patient_person).await), (1, 3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_oversees_and_treats_is_denied_the_treatment_and_still_oversees() {
    let clinic = Clinic::open().await;
    let officer = clinic.register(clinic.practice, "officer", Some(Role::PrivacyOfficer)).await;
    clinic.grant(officer, clinic.practice, Role::Nurse).await;
    let thread = clinic.ask("treated").await;
    assert!(clinic.finds(officer, thread).await, "as a nurse of the practice");
    let nurses = Whom { person: None, role: Some(Role::Nurse), organization: Some(clinic.practice) };
    let preview = clinic.preview(clinic.patient_person, &everybody(nurses)).await.expect("their own");
    assert_eq!(preview.persons.get(&officer), Some(&1));
    let directive = clinic.gives("nurses", clinic.deny(everybody(nurses))).await;
    assert!(!clinic.finds(officer, thread).await);
    let void = VoidDirective { patient: clinic.patient, directive, reason: text("It is about another patient.") };
    let by_nurse = clinic.directive(clinic.nurse, "nurse", void.clone().into()).await;
    assert!(matches!(by_nurse, Err(Failed::Problem(Problem::NotFound))), "{by_nurse:?}");
    clinic.directive(officer, "officer", void.into()).await.expect("oversight goes on");
    clinic.gives("person", clinic.deny(everybody(Whom::person(officer)))).await;
    assert!(!clinic.finds(officer, thread).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deny_by_code_binds_wholly_at_the_opening_of_a_thread() {
    let clinic = Clinic::open().await;
    let ask = async |key: &str, sensitivities: Vec<Sensitivity>| {
        let mut question = request(clinic.patient, clinic.cardiology);
        question.opening.sensitivities = sensitivities;
        let by = sent_by(&signed_in(clinic.pcp), &context(key));
        clinic.application.request_consultation(by, question).await.map(|outcome| outcome.has_effect)
    };
    assert!(matches!(ask("before", vec![Sensitivity::Psychiatry]).await, Ok(true)));
    clinic.gives("code", clinic.deny(of_psychiatry(Whom::person(clinic.pcp)))).await;
    assert!(matches!(ask("plain", vec![]).await, Ok(true)));
    let denied = ask("psychiatry", vec![Sensitivity::Psychiatry]).await;
    assert!(matches!(denied, Err(Failed::Problem(Problem::NotPermitted))), "{denied:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_who_is_denied_by_a_code_counts_as_somebody_who_could_go_on_with_it() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask_about_psychiatry().await;
    clinic.assign(thread).await;
    clinic.claim(clinic.specialist, thread).await.expect("claimed");
    for person in [clinic.centre_coordinator, clinic.other_specialist, clinic.specialist] {
        clinic.gives(&person.to_string(), clinic.deny(of_psychiatry(Whom::person(person)))).await;
    }
    clinic.application.run_processes(now()).await.expect("no fault");
    let loose = clinic.application.loose_ends(now());
    assert!(loose.is_empty(), "the administrator says who goes on: {loose:?}");
    let last = clinic.deny(of_psychiatry(Whom::person(clinic.admin)));
    let denied = clinic.directive(clinic.patient_person, "last", last).await;
    assert_eq!(refusal(denied), DirectiveRefusal::NobodyLeft(vec![thread]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_directive_only_those_are_told_who_have_to_do_with_the_patient_and_whose_it_is() {
    let clinic = Clinic::open().await;
    clinic.ask("told").await;
    let aide = clinic.register(clinic.practice, "aide", Some(Role::Nurse)).await;
    clinic.gives("social worker", clinic.deny(everybody(Whom::person(clinic.social_worker)))).await;
    let nurses = Whom { role: Some(Role::Nurse), ..Whom::default() };
    let terms = Terms { from: Some(later()), ..everybody(nurses) };
    clinic.application.run_processes(now()).await.expect("no fault");
    let mut of_aide = clinic.follow(aide, Followed::Inbox, None).await;
    let mut of_nurse = clinic.follow(clinic.nurse, Followed::Inbox, None).await;
    let mut of_social_worker = clinic.follow(clinic.social_worker, Followed::Inbox, None).await;
    let mut told = async || {
        let mut count = Vec::new();
        for notices in [&mut of_aide, &mut of_nurse, &mut of_social_worker] {
            count.push(!clinic.told(notices).await.0.is_empty());
        }
        count
    };
    clinic.gives("nurses", clinic.deny(terms)).await;
    assert_eq!(told().await, [false, true, false], "when it is given");
    clinic.application.run_processes(later() + TimeDelta::seconds(1)).await.expect("no fault");
    assert_eq!(told().await, [false, true, false], "when it begins");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_permission_does_not_say_what_the_person_is_whom_it_names() {
    let clinic = Clinic::open().await;
    let permit = |person: PersonId| -> DirectiveCommand {
        let terms = Terms {
            purpose: Some(Purpose::Treatment),
            until: Some(now() + TimeDelta::days(30)),
            ..of_psychiatry(Whom::person(person))
        };
        let text = consent_text::current(ConsentTextKind::Permission, TextLanguage::En).shown();
        PermitDirective { patient: clinic.patient, terms, text }.into()
    };
    let nobody = PersonId::from_uuid(uuid::Uuid::from_u128(77));
    for person in [clinic.nurse, clinic.social_worker, clinic.stranger, nobody] {
        let given = clinic.directive(clinic.patient_person, &person.to_string(), permit(person)).await;
        assert!(given.is_ok_and(|given| given.has_effect), "{person}");
    }
}
