//! Who could see what of a patient, from when to when and why; and what one helper sees, for the patient.

use care::consent_directive::{Deny, DirectiveCommand, Directives};
use care::conversation::{Addressed, HideFromDelegates, PostMessage};
use care::delegation::{Delegation, DelegationCommand, NarrowDelegation, RevokeDelegation, Scope, TopicVerbs};
use care::ids::{DelegationId, MessageId, PersonId, ThreadId};
use care::legal_authority::AuthorityLimits;
use care::words::{
    Audience, AuthorityGround, AuthorityKind, Confidentiality, DelegationKind, OwnWord, Relationship, Role, Topic,
};
use chrono::{DateTime, TimeDelta, Utc};
use coordination::reader::{Page, PatientAccessAsked, PreviewedMessage};
use coordination::{DelegationStepKind, TextCell, TimelineReason};

use crate::clinic::{Clinic, OpenAnswer, context, give, now, sent_by, signed_in, text};
use crate::help::{Document, Help, scope};
use crate::hidden_threads::Family;

/// A thread as somebody reads it.
#[derive(Debug, PartialEq)]
struct Read {
    thread: ThreadId,
    subject: String,
    state: String,
    updated_at: DateTime<Utc>,
    messages: Vec<(MessageId, Option<PersonId>, String)>,
}

fn words(cell: &TextCell) -> String {
    let TextCell::Open(text) = cell else { return format!("{cell:?}") };
    text.as_str().to_owned()
}

/// What a person reads of the conversations about the patient, by their own queries.
fn own(reader: &OpenAnswer, clinic: &Clinic) -> Vec<Read> {
    let Some(patient) = reader.patient(clinic.patient).expect("no fault") else { return Vec::new() };
    let threads = reader.threads_about(&patient, &Page::default()).expect("no fault").expect("a page");
    let read = threads.edges.into_iter().map(|edge| {
        let view = edge.node;
        let messages = reader.messages(&view, &Page { last: Some(20), ..Page::default() });
        let messages = messages.expect("no fault").expect("a page").edges.into_iter().map(|edge| edge.node);
        Read {
            thread: view.thread,
            subject: words(&view.subject),
            state: view.state.clone(),
            updated_at: view.updated_at,
            messages: messages.map(|row| (row.message, row.author.person(), words(&row.body))).collect(),
        }
    });
    read.collect()
}

/// What the patient is shown that a helper reads; none for who may not see it.
fn previewed(reader: &OpenAnswer, delegation: DelegationId) -> Option<Vec<Read>> {
    let view = reader.delegation(delegation).expect("no fault")?;
    let page = reader.preview(&view, &Page::default()).expect("no fault").expect("a page")?;
    let author = |row: &PreviewedMessage| row.author.as_ref().map(|author| author.person);
    let read = page.edges.into_iter().map(|edge| {
        let view = edge.node;
        let messages = view.messages.iter().map(|row| (row.message, author(row), words(&row.body))).collect();
        let (subject, state) = (words(&view.subject), view.state.clone());
        Read { thread: view.thread, subject, state, updated_at: view.updated_at, messages }
    });
    Some(read.collect())
}

impl Family {
    async fn change(&self, key: &str, command: impl Into<DelegationCommand>) {
        let by = sent_by(&signed_in(self.clinic.patient_person), &context(key));
        let target = Some(self.of_daughter);
        give::<Delegation>(&self.clinic.application, by, target, command.into()).await.expect("not refused");
    }

    async fn says(&self, by: PersonId, key: &str, addressed: Addressed) {
        let message = PostMessage { addressed, body: text(key) };
        self.in_thread(by, self.thread, key, message).await.expect("posted");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_preview_of_a_helper_is_what_the_helper_reads() {
    let family = Family::open().await;
    let Family { clinic, daughter, son, of_daughter, thread } = &family;
    let restricted = |question: &mut crate::clinic::Question| {
        question.opening.confidentiality = Confidentiality::Restricted;
    };
    family.ask("restricted", restricted).await;
    family.ask("hidden", |question| question.opening.hidden_from_delegates = Some(true)).await;
    family.ask("billing", |question| question.opening.topic = Topic::Billing).await;
    let results = family.ask("results", |question| question.opening.topic = Topic::Results).await;
    clinic.post(clinic.nurse, *thread, "among-us", Audience::ClinicalTeam).await.expect("posted");
    for (by, key) in [(*daughter, "hers"), (*son, "his"), (clinic.patient_person, "the-patients")] {
        family.says(by, key, Addressed::Everyone).await;
    }
    let expected = own(&clinic.reader(*daughter).await, clinic);
    assert_eq!(expected.len(), 2);
    assert!(expected.iter().any(|read| read.thread == results));
    let both = expected.iter().find(|read| read.thread == *thread).expect("found");
    assert_eq!(both.messages.len(), 4, "all but what the team wrote among themselves");
    let shown = previewed(&clinic.reader(clinic.patient_person).await, *of_daughter).expect("shown");
    assert_eq!(shown, expected);

    // What she and the team say to each other alone is not the patient's to read, and leaves no trace.
    family.says(*daughter, "for-the-team", Addressed::TeamAnd(*daughter)).await;
    family.says(clinic.nurse, "for-her", Addressed::TeamAnd(*daughter)).await;
    let own_now = own(&clinic.reader(*daughter).await, clinic);
    assert_ne!(own_now, expected, "she reads them");
    assert_eq!(previewed(&clinic.reader(clinic.patient_person).await, *of_daughter), Some(expected));

    // It is narrowed with the delegation, and ends with it.
    let less = Scope { topics: [(Topic::Results, TopicVerbs::READ)].into(), ..scope() };
    family.change("narrow", NarrowDelegation { scope: less }).await;
    let narrower = previewed(&clinic.reader(clinic.patient_person).await, *of_daughter).expect("shown");
    assert_eq!(narrower, own(&clinic.reader(*daughter).await, clinic));
    assert_eq!(narrower.iter().map(|read| read.thread).collect::<Vec<_>>(), [results]);
    family.change("revoke", RevokeDelegation { reason: None }).await;
    assert_eq!(previewed(&clinic.reader(clinic.patient_person).await, *of_daughter), Some(vec![]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_preview_is_the_patients_alone_and_is_recorded_as_theirs() {
    let family = Family::open().await;
    let Family { clinic, daughter, son, of_daughter, .. } = &family;
    let officer = clinic.register(clinic.practice, "officer", Some(Role::PrivacyOfficer)).await;
    for other in [clinic.nurse, clinic.pcp, clinic.social_worker, officer, *daughter, *son, clinic.admin] {
        assert_eq!(previewed(&clinic.reader(other).await, *of_daughter), None);
    }
    let reader: OpenAnswer = clinic.reader(clinic.patient_person).await;
    assert!(previewed(&reader, *of_daughter).is_some_and(|shown| !shown.is_empty()));
    reader.finish().await.expect("recorded");
    let reader = clinic.reader(clinic.patient_person).await;
    let patient = reader.patient(clinic.patient).expect("no fault").expect("found");
    let asked =
        PatientAccessAsked { page: Page { first: Some(100), ..Page::default() }, ..PatientAccessAsked::default() };
    let listed = reader.access_records_about(&patient, &asked).await.expect("no fault").expect("a page");
    let listed = listed.expect("may be read");
    let who = |record: &coordination::reader::AccessRecordView| record.person.as_ref().map(|row| row.person);
    let previews = listed.edges.iter().filter(|edge| edge.node.action == "delegation.preview" && !edge.node.is_refused);
    let previews: Vec<_> = previews.map(|edge| (who(&edge.node), edge.node.standing.clone())).collect();
    assert!(!previews.is_empty());
    let own = (Some(clinic.patient_person), Some("self".to_owned()));
    assert!(previews.iter().all(|preview| *preview == own), "{previews:?}");
    let mut shown = listed.edges.iter().filter(|edge| !edge.node.is_refused);
    assert!(shown.all(|edge| who(&edge.node) != Some(*daughter)), "she has read nothing");
}

/// A row of the timeline: who, why, whether it goes on, and the step that ended it.
#[derive(Debug, PartialEq)]
struct Told {
    person: Option<PersonId>,
    reason: TimelineReason,
    goes_on: bool,
    ended_by: Option<DelegationStepKind>,
}

fn told_to(reader: &OpenAnswer, clinic: &Clinic) -> Option<Vec<Told>> {
    let patient = reader.patient(clinic.patient).expect("no fault")?;
    let page = Page { first: Some(100), ..Page::default() };
    let page = reader.timeline(&patient, &page).expect("no fault").expect("a page")?;
    let told = page.edges.iter().map(|edge| Told {
        person: edge.node.person.as_ref().map(|row| row.person),
        reason: edge.node.said.reason,
        goes_on: edge.node.ended_at.is_none(),
        ended_by: edge.node.ended_by,
    });
    Some(told.collect())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_patient_reads_who_could_see_what_and_when() {
    let family = Family::open().await;
    let Family { clinic, daughter, son, .. } = &family;
    // Of a thread of the team the patient knows nothing.
    clinic.open_team(clinic.of_two("team")).await.expect("opened");
    let less = Scope { topics: [(Topic::Results, TopicVerbs::READ)].into(), ..scope() };
    family.change("narrow", NarrowDelegation { scope: less }).await;
    let by = sent_by(&signed_in(clinic.patient_person), &context("deny"));
    let deny = Deny::of_person(clinic.patient, *son, None);
    let to = Some(clinic.patient);
    give::<Directives>(&clinic.application, by, to, DirectiveCommand::from(deny)).await.expect("not refused");

    let told = told_to(&clinic.reader(clinic.patient_person).await, clinic).expect("may be read");
    let row = |person, reason, ended_by: Option<DelegationStepKind>| Told {
        person: Some(person),
        reason,
        goes_on: ended_by.is_none(),
        ended_by,
    };
    let expected = [
        row(*son, TimelineReason::ShutOut, None),
        row(*daughter, TimelineReason::Helps, None),
        row(clinic.pcp, TimelineReason::Asks, None),
        row(*son, TimelineReason::Helps, None),
        row(*daughter, TimelineReason::Helps, Some(DelegationStepKind::Narrowed)),
        row(clinic.social_worker, TimelineReason::CareTeam, None),
        row(clinic.nurse, TimelineReason::CareTeam, None),
        row(clinic.pcp, TimelineReason::CareTeam, None),
    ];
    assert_eq!(told, expected);
    // Page by page it is the same, and an access ends at its instant without a process.
    let reader = clinic.reader_at(clinic.patient_person, now() + TimeDelta::days(61)).await;
    let patient = reader.patient(clinic.patient).expect("no fault").expect("found");
    let (mut after, mut rows) = (None, 0);
    loop {
        let page = Page { first: Some(3), after: after.clone(), ..Page::default() };
        let page = reader.timeline(&patient, &page).expect("no fault").expect("a page").expect("may be read");
        for edge in &page.edges {
            let helps = edge.node.said.reason == TimelineReason::Helps;
            assert_eq!(edge.node.ended_at.is_some(), helps, "{:?}", edge.node.said);
            assert_eq!(edge.node.scope.is_some(), helps);
        }
        rows += page.edges.len();
        after = page.edges.last().map(|edge| edge.cursor.token().expect("a token").0);
        if !page.has_next {
            break;
        }
    }
    assert_eq!(rows, expected.len());

    let officer = clinic.register(clinic.practice, "officer", Some(Role::PrivacyOfficer)).await;
    for other in [clinic.nurse, clinic.pcp, clinic.coordinator, officer, *daughter, *son, clinic.stranger] {
        assert_eq!(told_to(&clinic.reader(other).await, clinic), None);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_access_ended_at_its_end_however_late_a_process_recorded_it() {
    let family = Family::open().await;
    let clinic = &family.clinic;
    let days = |days| now() + TimeDelta::days(days);
    clinic.application.run_processes(days(70)).await.expect("no fault");
    let reader = clinic.reader_at(clinic.patient_person, days(71)).await;
    let patient = reader.patient(clinic.patient).expect("no fault").expect("found");
    let page = Page { first: Some(100), ..Page::default() };
    let page = reader.timeline(&patient, &page).expect("no fault").expect("a page").expect("may be read");
    let helped = page.edges.iter().map(|edge| &edge.node).filter(|node| node.said.reason == TimelineReason::Helps);
    let ends: Vec<_> = helped.map(|node| (node.ended_by.is_some(), node.ended_at)).collect();
    assert_eq!(ends, [(true, Some(days(60))); 2], "both ends were recorded ten days later");
}

/// Represents the patient by law and manages the other helpers, from now on.
pub async fn guardian(clinic: &Clinic) -> PersonId {
    let guardian = clinic.register(clinic.practice, "guardian", None).await;
    let (kind, ground) = (AuthorityKind::HealthPowerOfAttorney, AuthorityGround::OwnWill);
    let limits = AuthorityLimits { topics: scope().topics, sensitivities: [].into(), manages_helpers: true };
    let of_patient = Document::of(clinic, clinic.patient, kind, ground);
    let authority = clinic.authority(Document { person: guardian, limits, ..of_patient }).await;
    let help = Help {
        kind: DelegationKind::LegalRepresentative,
        relationship: Relationship::Guardian,
        scope: Scope { manages_helpers: true, ..scope() },
        authority: Some(authority),
        patient_says: Some(OwnWord::Consents),
        ..Help::by_child(clinic, guardian)
    };
    clinic.helped(&help).await;
    guardian
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_represents_the_patient_reads_of_it_what_they_may_know() {
    let clinic = Clinic::open().await;
    let guardian = guardian(&clinic).await;
    let thread = clinic.ask("seen").await;
    let row = |person, reason| Told { person: Some(person), reason, goes_on: true, ended_by: None };
    // Who is on the care team is not theirs to read.
    let (asks, helps) = (row(clinic.pcp, TimelineReason::Asks), row(guardian, TimelineReason::Helps));
    assert_eq!(told_to(&clinic.reader(guardian).await, &clinic), Some(vec![asks, helps]));
    let hide = HideFromDelegates { basis: None, known_to: [].into() };
    let by = sent_by(&signed_in(clinic.patient_person), &context("hide"));
    let hidden = crate::clinic::Commands::conversation(&clinic.application, by, thread, hide.into()).await;
    hidden.expect("hidden");
    let helps = row(guardian, TimelineReason::Helps);
    assert_eq!(told_to(&clinic.reader(guardian).await, &clinic), Some(vec![helps]), "nothing of a hidden thread");
}
