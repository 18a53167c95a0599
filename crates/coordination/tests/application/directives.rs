//! Directives of a patient: whom they block and permit, at once, for how long, and what the others can tell of it.

use std::collections::BTreeSet;
use std::num::NonZeroU32;

use care::consent_directive::{
    ConfirmDirective, Deny, DirectiveCommand, DirectiveRefusal, Directives, EndDirective, PermitDirective, RecordDeny,
    RecordPermit, Terms, VoidDirective, Whom,
};
use care::consent_text;
use care::ids::{DirectiveId, Id as _, PatientId, PersonId, ThreadId};
use care::words::{
    Audience, Confidentiality, ConsentTextKind, DirectiveState, Purpose, Role, Sensitivity, TextLanguage,
};
use chrono::{DateTime, TimeDelta, Utc};
use coordination::CommandContext;
use coordination::fault::{Failed, Problem, Refusal};
use coordination::following::{Followed, NoticeEnd};

use crate::clinic::{
    Clinic, Commands, calendar, context, current_inbox, give, later, now, request, sent_by, signed_in, text,
};

/// Everybody with these places, about everything.
pub fn everybody(whom: Whom) -> Terms {
    Terms { whom, sensitivities: [].into(), purpose: None, from: None, until: None }
}

impl Clinic {
    pub fn deny(&self, terms: Terms) -> DirectiveCommand {
        Deny { patient: self.patient, terms, patient_word: None }.into()
    }

    /// A directive that the patient gives.
    pub async fn gives(&self, key: &str, command: DirectiveCommand) -> DirectiveId {
        self.directive(self.patient_person, key, command).await.expect("given").command.creates(0)
    }

    /// Whether a person reads what the thread is about, beyond that it is there.
    async fn reads_content(&self, person: PersonId, thread: ThreadId) -> bool {
        let reader = self.reader(person).await;
        let view = reader.thread(thread).expect("no fault");
        view.is_some_and(|view| view.topic.is_some())
    }

    async fn in_inbox(&self, person: PersonId) -> usize {
        let reader = self.reader(person).await;
        current_inbox(&reader).edges.len()
    }

    /// A consultation about a psychiatric matter.
    pub async fn ask_about_psychiatry(&self) -> ThreadId {
        let mut question = request(self.patient, self.cardiology);
        question.opening.confidentiality = Confidentiality::Restricted;
        question.opening.sensitivities = vec![Sensitivity::Psychiatry];
        let by = sent_by(&signed_in(self.pcp), &context("psychiatry"));
        self.application.request_consultation(by, question).await.expect("asked").target
    }

    /// The physician writes down whom the patient blocks.
    pub async fn written_down(&self, key: &str, terms: Terms, at: DateTime<Utc>) -> DirectiveId {
        let deny = RecordDeny { patient: self.patient, terms, patient_word: text("Not them.") };
        let by = CommandContext { now: at, ..sent_by(&signed_in(self.pcp), &context(key)) };
        let given = give::<Directives>(&self.application, by, Some(self.patient), deny.into()).await;
        given.expect("written down").command.creates(0)
    }

    /// The denies about which a person is to ask the patient, by due time.
    async fn to_ask(&self, person: PersonId) -> Vec<(DirectiveId, Option<DateTime<Utc>>)> {
        let views = self.reader(person).await.waiting_directives().expect("no fault");
        views.iter().map(|view| (view.directive, view.ask_by)).collect()
    }

    /// The directives that a person may know of, none if they may not know of any.
    async fn known(&self, person: PersonId, patient: PatientId) -> Option<BTreeSet<DirectiveId>> {
        let views = self.reader(person).await.directives(patient).expect("no fault");
        views.map(|views| views.iter().map(|view| view.directive).collect())
    }

    async fn states(&self) -> Vec<DirectiveState> {
        let reader = self.reader(self.patient_person).await;
        let rows = reader.directives(self.patient).expect("no fault").expect("the patient may know");
        rows.iter().map(|row| row.state).collect()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deny_by_role_for_one_organization_removes_a_nurse_at_once_and_looks_as_if_nothing_were_there() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("denied").await;
    let missing = ThreadId::from_uuid(uuid::Uuid::from_u128(4711));
    let mut notices = clinic.follow(clinic.nurse, Followed::Thread(thread), None).await;
    assert!(clinic.finds_at(clinic.nurse, thread, now()).await && clinic.in_inbox(clinic.nurse).await == 1);
    let nurses = Whom { person: None, role: Some(Role::Nurse), organization: Some(clinic.practice) };
    clinic.gives("nurses", clinic.deny(everybody(nurses))).await;
    assert!(!clinic.finds_at(clinic.nurse, thread, now()).await);
    assert_eq!(clinic.in_inbox(clinic.nurse).await, 0);
    assert!(clinic.reader(clinic.nurse).await.patient(clinic.patient).expect("no fault").is_none());
    let (told, end) = clinic.told(&mut notices).await;
    assert!(told.is_empty() && matches!(end, Some(NoticeEnd::Closed)), "{told:?} {end:?}");
    let mut answers = Vec::new();
    for (key, thread) in [("there", thread), ("missing", missing)] {
        let posted = clinic.post(clinic.nurse, thread, key, Audience::ClinicalTeam).await;
        answers.push(format!("{:?}", posted.expect_err("refused")));
    }
    assert_eq!(answers[0], answers[1]);
    // Who holds another role there is not concerned.
    assert!(clinic.finds_at(clinic.pcp, thread, now()).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deny_by_code_hides_what_has_the_code_and_nothing_else() {
    let clinic = Clinic::open().await;
    let (plain, psychiatric) = (clinic.ask("plain").await, clinic.ask_about_psychiatry().await);
    for thread in [plain, psychiatric] {
        clinic.assign(thread).await;
        assert!(clinic.finds_at(clinic.other_specialist, thread, now()).await);
    }
    let terms =
        Terms { sensitivities: [Sensitivity::Psychiatry].into(), ..everybody(Whom::person(clinic.other_specialist)) };
    clinic.gives("code", clinic.deny(terms)).await;
    assert!(clinic.finds_at(clinic.other_specialist, plain, now()).await);
    assert!(!clinic.finds_at(clinic.other_specialist, psychiatric, now()).await);
    assert!(clinic.finds_at(clinic.specialist, psychiatric, now()).await);
    let claimed = clinic.claim(clinic.other_specialist, psychiatric).await;
    assert!(matches!(claimed, Err(Failed::Problem(Problem::NotFound))), "{claimed:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deny_of_the_owner_moves_their_work_to_the_pool_at_once_and_when_its_period_begins() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("owned").await;
    clinic.assign(thread).await;
    clinic.claim(clinic.specialist, thread).await.expect("claimed");
    let terms = Terms { from: Some(later()), ..everybody(Whom::person(clinic.specialist)) };
    clinic.gives("later", clinic.deny(terms)).await;
    let early = clinic.claim_again(clinic.other_specialist, thread).await;
    assert!(early.is_err(), "the owner still holds it: {early:?}");
    clinic.application.run_processes(later()).await.expect("no fault");
    let key = sent_by(&signed_in(clinic.other_specialist), &context("after"));
    clinic.application.claim(key, thread).await.expect("it is in the pool");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_period_begins_and_ends_at_its_instant() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("period").await;
    let (from, until) = (later(), later() + TimeDelta::hours(1));
    let terms = Terms { from: Some(from), until: Some(until), ..everybody(Whom::person(clinic.nurse)) };
    clinic.gives("period", clinic.deny(terms)).await;
    let before = TimeDelta::microseconds(1);
    let mut found = Vec::new();
    for at in [now(), from - before, from, until - before, until] {
        found.push(clinic.finds_at(clinic.nurse, thread, at).await);
    }
    assert_eq!(found, [true, true, false, false, true]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deny_for_treatment_leaves_what_is_done_for_another_purpose() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("purpose").await;
    let organization = Some(clinic.practice);
    let terms = Terms {
        purpose: Some(Purpose::Treatment),
        ..everybody(Whom { person: None, role: Some(Role::Nurse), organization })
    };
    clinic.gives("purpose", clinic.deny(terms)).await;
    assert!(!clinic.finds_at(clinic.nurse, thread, now()).await, "a nurse reads for treatment alone");
    let terms = Terms {
        purpose: Some(Purpose::Treatment),
        ..everybody(Whom { person: None, role: Some(Role::Coordinator), organization })
    };
    clinic.gives("another", clinic.deny(terms)).await;
    assert!(clinic.finds_at(clinic.coordinator, thread, now()).await, "a coordinator reads to coordinate");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_permission_opens_what_a_rule_asks_the_patient_for_until_a_deny_or_its_end() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask_about_psychiatry().await;
    assert!(clinic.finds_at(clinic.nurse, thread, now()).await && !clinic.reads_content(clinic.nurse, thread).await);
    let terms = Terms {
        sensitivities: [Sensitivity::Psychiatry].into(),
        purpose: Some(Purpose::Treatment),
        until: Some(later()),
        ..everybody(Whom::person(clinic.nurse))
    };
    let text = consent_text::current(ConsentTextKind::Permission, TextLanguage::En).shown();
    let permit = |terms: Terms| -> DirectiveCommand {
        PermitDirective { patient: clinic.patient, terms, text: text.clone() }.into()
    };
    let not_asked = permit(Terms { purpose: Some(Purpose::CareCoordination), ..terms.clone() });
    let refused = clinic.directive(clinic.patient_person, "not asked", not_asked).await;
    let not_permittable = Refusal::Directive(DirectiveRefusal::NotPermittable);
    assert!(matches!(refused, Err(Failed::Problem(Problem::Refused(found))) if found == not_permittable));
    // A permission of what is not sensitive opens nothing sensitive.
    clinic.gives("plain", permit(Terms { sensitivities: [].into(), ..terms.clone() })).await;
    assert!(!clinic.reads_content(clinic.nurse, thread).await);
    clinic.gives("permit", permit(terms)).await;
    assert!(clinic.reads_content(clinic.nurse, thread).await);
    let deny = clinic.gives("deny", clinic.deny(everybody(Whom::person(clinic.nurse)))).await;
    assert!(!clinic.finds_at(clinic.nurse, thread, now()).await, "a deny wins over a permission");
    let end = EndDirective { patient: clinic.patient, directive: deny };
    clinic.gives("end", end.into()).await;
    assert!(clinic.reads_content(clinic.nurse, thread).await);
    let reader = clinic.reader_at(clinic.nurse, later()).await;
    assert!(reader.thread(thread).expect("no fault").is_some_and(|view| view.topic.is_none()), "it is over");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_makes_a_directive_tighter_sees_who_would_lose_what_by_it_and_nobody_else_does() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask_about_psychiatry().await;
    let terms = Terms {
        sensitivities: [Sensitivity::Psychiatry, Sensitivity::Hiv].into(),
        purpose: Some(Purpose::Treatment),
        until: Some(later()),
        ..everybody(Whom::person(clinic.nurse))
    };
    let text = consent_text::current(ConsentTextKind::Permission, TextLanguage::En).shown();
    let permit = PermitDirective { patient: clinic.patient, terms: terms.clone(), text };
    let permitted = clinic.gives("permit", permit.into()).await;
    assert!(clinic.reads_content(clinic.nurse, thread).await);
    let tried = async |person: PersonId, directive: DirectiveId, terms: &Terms| {
        let reader = clinic.reader(person).await;
        let view = reader.patient(clinic.patient).expect("no fault").expect("the patient");
        reader.preview_tightened(&view, directive, terms)
    };
    let loses = async |directive: DirectiveId, terms: &Terms| {
        tried(clinic.patient_person, directive, terms).await.expect("the patient's own").persons
    };
    // A permission without the subject, and one that still has it.
    let without = Terms { sensitivities: [Sensitivity::Hiv].into(), ..terms.clone() };
    assert_eq!(loses(permitted, &without).await, [(clinic.nurse, 1)].into());
    let still = Terms { sensitivities: [Sensitivity::Psychiatry].into(), ..terms.clone() };
    assert_eq!(loses(permitted, &still).await, [].into());

    // A deny of one subject that becomes one of everything: what it denies already is not lost again.
    let subject = Terms { sensitivities: [Sensitivity::Psychiatry].into(), ..everybody(Whom::person(clinic.nurse)) };
    let denied = clinic.gives("deny", clinic.deny(subject.clone())).await;
    clinic.ask("plain").await;
    assert_eq!(loses(denied, &everybody(Whom::person(clinic.nurse))).await, [(clinic.nurse, 1)].into());
    assert_eq!(loses(denied, &subject).await, [].into());

    assert_eq!(tried(clinic.pcp, permitted, &still).await, None, "staff give nothing for the patient");
    let missing = DirectiveId::from_uuid(uuid::Uuid::from_u128(4711));
    assert_eq!(tried(clinic.patient_person, missing, &still).await, None);
    let end = EndDirective { patient: clinic.patient, directive: denied };
    clinic.gives("end", end.into()).await;
    assert_eq!(tried(clinic.patient_person, denied, &subject).await, None, "it has ended");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn staff_write_down_a_deny_that_holds_and_a_permission_that_waits_for_the_patient() {
    let clinic = Clinic::open().await;
    let (patient, thread) = (clinic.patient, clinic.ask_about_psychiatry().await);
    let terms = Terms {
        sensitivities: [Sensitivity::Psychiatry].into(),
        purpose: Some(Purpose::Treatment),
        until: Some(now() + TimeDelta::days(60)),
        ..everybody(Whom::person(clinic.nurse))
    };
    let permission = RecordPermit { patient, terms, patient_word: text("She may read it.") };
    let by_herself = clinic.directive(clinic.nurse, "own", permission.clone().into()).await;
    let own = Refusal::Directive(DirectiveRefusal::SelfNotAllowed);
    assert!(matches!(by_herself, Err(Failed::Problem(Problem::Refused(found))) if found == own));
    let recorded = clinic.directive(clinic.pcp, "permission", permission.into()).await.expect("written down");
    assert!(!clinic.reads_content(clinic.nurse, thread).await);
    let directive = recorded.command.creates(0);
    let shown = consent_text::current(ConsentTextKind::Permission, TextLanguage::Es).shown();
    let confirm = ConfirmDirective { patient, directive, text: shown };
    let by_staff = clinic.directive(clinic.pcp, "not theirs", confirm.clone().into()).await;
    assert!(matches!(by_staff, Err(Failed::Problem(Problem::NotPermitted))), "{by_staff:?}");
    clinic.gives("confirm", confirm.into()).await;
    assert!(clinic.reads_content(clinic.nurse, thread).await);
    let deny =
        RecordDeny { patient, terms: everybody(Whom::person(clinic.nurse)), patient_word: text("Not her any more.") };
    clinic.directive(clinic.pcp, "deny", deny.into()).await.expect("written down");
    assert!(!clinic.finds_at(clinic.nurse, thread, now()).await);
    // Who wrote it down reads it; another of the care team does not.
    let rows = async |person: PersonId| {
        let reader = clinic.reader(person).await;
        reader.directives(patient).expect("no fault").map(|rows| rows.len())
    };
    assert_eq!(rows(clinic.pcp).await, Some(2));
    assert_eq!(rows(clinic.social_worker).await, Some(0));
    let void = VoidDirective { patient, directive, reason: text("About somebody else.") };
    let by_staff = clinic.directive(clinic.pcp, "void", void.into()).await;
    assert!(matches!(by_staff, Err(Failed::Problem(Problem::NotPermitted))), "{by_staff:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_confirms_is_reminded_of_and_ends_or_stays_and_a_period_ends_by_itself() {
    let clinic = Clinic::open().await;
    let patient = clinic.patient;
    let days = |days| now() + TimeDelta::days(days);
    let terms =
        Terms { purpose: Some(Purpose::Treatment), until: Some(days(60)), ..everybody(Whom::person(clinic.nurse)) };
    let permission = RecordPermit { patient, terms: terms.clone(), patient_word: text("She may.") };
    clinic.directive(clinic.pcp, "permission", permission.into()).await.expect("written down");
    let deny = RecordDeny { patient, terms, patient_word: text("Not for treatment.") };
    clinic.directive(clinic.pcp, "deny", deny.into()).await.expect("written down");
    let mut effects = Vec::new();
    for day in [6, 7, 7, 14, 14, 60, 60] {
        effects.push(clinic.application.run_processes(days(day)).await.expect("no fault"));
    }
    // Two reminders; the end of the permission and the note that the deny is overdue; the end of the period.
    assert_eq!(effects, [0, 2, 0, 2, 0, 1, 0]);
    let mut states = clinic.states().await;
    states.sort_unstable();
    assert_eq!(states, [DirectiveState::Ended, DirectiveState::Refused]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_privacy_officer_reads_all_directives_of_a_patient_whom_they_may_not_read_and_voids_one() {
    let clinic = Clinic::open().await;
    let (patient, nurse) = (clinic.patient, clinic.nurse);
    let officer = clinic.register(clinic.practice, "officer", Some(Role::PrivacyOfficer)).await;
    let own = clinic.gives("own", clinic.deny(everybody(Whom::person(nurse)))).await;
    let recorded = clinic.written_down("recorded", everybody(Whom::person(clinic.specialist)), now()).await;
    // Who is blocked, who works elsewhere or nowhere, and who runs the practice: the answer is that for what is missing.
    let missing = PatientId::from_uuid(uuid::Uuid::from_u128(4711));
    for person in [nurse, clinic.specialist, clinic.stranger, clinic.admin, clinic.centre_coordinator] {
        assert_eq!((clinic.known(person, patient).await, clinic.known(person, missing).await), (None, None));
    }
    // Who keeps the record does not see what the patient said themself.
    assert_eq!(clinic.known(clinic.coordinator, patient).await, Some([recorded].into()));

    let reader = clinic.reader(officer).await;
    assert!(reader.patient(patient).expect("no fault").is_none());
    assert!(reader.directives(missing).expect("no fault").is_none());
    let views = reader.directives(patient).expect("no fault").expect("they oversee it");
    assert_eq!(views.iter().map(|view| view.directive).collect::<BTreeSet<_>>(), [own, recorded].into());
    for view in &views {
        let whom = view.terms.whom.person.expect("a person");
        let is_named = reader.person_named_by(view, whom).expect("no fault").is_some();
        assert_eq!(is_named, whom == nurse, "only who is met around the patient is named");
        assert!(reader.patient_in_directive(view).expect("no fault").is_none());
        assert_eq!(reader.writer_of(view).expect("no fault").is_some(), view.directive == recorded);
    }
    drop(views);
    reader.finish().await.expect("recorded");
    let log = clinic.installation.access.read_log(None, NonZeroU32::new(1000).expect("many")).await.expect("read");
    let told: Vec<_> = log.events.iter().map(|event| String::from_utf8_lossy(&event.data)).collect();
    let is_read = |data: &str| data.contains("consent_directive.read") && data.contains("HOPERAT");
    assert!(told.iter().any(|data| is_read(data) && data.contains(&patient.to_string())), "{told:?}");

    let void = VoidDirective { patient, directive: own, reason: text("About somebody else.") };
    clinic.directive(officer, "void", void.into()).await.expect("voided");
    assert!(clinic.states().await.contains(&DirectiveState::Voided));
    assert!(clinic.reader(nurse).await.patient(patient).expect("no fault").is_some(), "it blocks nobody any more");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deny_that_nobody_confirmed_waits_for_who_asks_patients_and_not_for_whom_it_blocks() {
    let clinic = Clinic::open().await;
    let (patient, nurse) = (clinic.patient, clinic.nurse);
    let by = sent_by(&signed_in(clinic.admin), &context("practice"));
    clinic.application.set_calendar(by, clinic.practice, calendar()).await.expect("set");
    let days = |days| now() + TimeDelta::days(days);
    // The social worker reads the patient still, and is not to learn of it.
    let psychiatry =
        Terms { sensitivities: [Sensitivity::Psychiatry].into(), ..everybody(Whom::person(clinic.social_worker)) };
    let first = clinic.written_down("first", psychiatry, now()).await;
    let second = clinic.written_down("second", everybody(Whom::person(clinic.specialist)), days(1)).await;
    clinic.application.run_processes(days(13)).await.expect("no fault");
    assert!(clinic.to_ask(nurse).await.is_empty(), "it still waits for the patient");
    assert_eq!(clinic.known(nurse, patient).await, Some([].into()), "others wrote it down");
    for day in [14, 15] {
        clinic.application.run_processes(days(day)).await.expect("no fault");
    }
    // Five business days after Monday and Tuesday.
    let (of_first, of_second) = ((first, Some(days(21))), (second, Some(days(22))));
    assert_eq!(clinic.to_ask(nurse).await, [of_first, of_second]);
    assert_eq!(clinic.known(nurse, patient).await, Some([first, second].into()));
    assert_eq!(clinic.to_ask(clinic.social_worker).await, [of_second]);
    assert_eq!(clinic.known(clinic.social_worker, patient).await, Some([second].into()));
    for person in [clinic.pcp, clinic.coordinator, clinic.specialist, clinic.admin, clinic.patient_person] {
        assert!(clinic.to_ask(person).await.is_empty(), "{person} asks no patient");
    }
    let shown = consent_text::current(ConsentTextKind::Block, TextLanguage::En).shown();
    clinic.gives("confirm", ConfirmDirective { patient, directive: first, text: shown }.into()).await;
    assert_eq!(clinic.to_ask(nurse).await, [of_second]);
    let end = EndDirective { patient, directive: second };
    clinic.directive(clinic.pcp, "end", end.into()).await.expect("ended");
    assert!(clinic.to_ask(nurse).await.is_empty());
}
