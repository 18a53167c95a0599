//! Who read or tried what, as it is listed: for the patient, and for those who look after the privacy at an organization.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

use care::care_team::AddMember;
use care::command_name::Named;
use care::draft::{Form, FormFields, SaveDraft};
use care::idempotency::IdempotencyKey;
use care::ids::{DraftId, Id, OrganizationId, PatientId, PersonId, ThreadId};
use care::lifecycle::team_thread::OpenTeamThread;
use care::outside_message::{MatchOutsideMessage, OutsideMessage, OutsideMessageCommand};
use care::party::FormSubject;
use care::person::GrantRole;
use care::words::{Channel, Confidentiality, Purpose, Role};
use coordination::TextCell;
use coordination::answer::{AnswerContext, AnswerLimits};
use coordination::fault::Fault;
use coordination::reader::{AccessRecordView, AccessRecordsAsked, Connection, Page, PageProblem, PatientAccessAsked};
use uuid::Uuid;

use crate::clinic::{Clinic, Commands, OpenAnswer, context, give, new_patient, request, sent_by, signed_in};
use crate::faulty::{FaultyClinic, faulty_clinic};
use crate::outside_messages::{help, tell};

/// What a test compares of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen {
    by: String,
    action: String,
    refused: bool,
    patient: Option<PatientId>,
    thread: Option<ThreadId>,
}

fn seen(view: &AccessRecordView) -> Seen {
    let name = view.person.as_ref().map(|person| match &person.name {
        TextCell::Open(name) => name.as_str().split(' ').next().unwrap_or_default().to_owned(),
        TextCell::Sealed(_) | TextCell::Withheld | TextCell::Erased => String::new(),
    });
    let by = name.unwrap_or_default();
    Seen { by, action: view.action.clone(), refused: view.is_refused, patient: view.patient, thread: view.thread }
}

fn all_seen(page: &Connection<AccessRecordView>) -> Vec<Seen> {
    page.edges.iter().map(|edge| seen(&edge.node)).collect()
}

fn first(rows: i32) -> Page {
    Page { first: Some(rows), ..Page::default() }
}

fn about(page: Page) -> PatientAccessAsked {
    PatientAccessAsked { page, ..PatientAccessAsked::default() }
}

async fn of_patient(reader: &OpenAnswer, patient: PatientId, page: &Page) -> Option<Connection<AccessRecordView>> {
    let view = reader.patient(patient).expect("no fault").expect("the patient");
    reader.access_records_about(&view, &about(page.clone())).await.expect("no fault").expect("a page")
}

async fn of_organization(
    reader: &OpenAnswer,
    organization: OrganizationId,
    asked: &AccessRecordsAsked,
) -> Option<Connection<AccessRecordView>> {
    let row = reader.organization(organization).expect("no fault").expect("an organization");
    reader.access_records_of(&row, asked).await.expect("no fault").expect("a page")
}

fn for_review() -> AccessRecordsAsked {
    AccessRecordsAsked { for_review: true, page: first(100), ..AccessRecordsAsked::default() }
}

fn all() -> AccessRecordsAsked {
    AccessRecordsAsked { page: first(100), ..AccessRecordsAsked::default() }
}

impl Clinic {
    async fn privacy_officer(&self, organization: OrganizationId) -> PersonId {
        self.register(organization, &format!("privacy-{organization}"), Some(Role::PrivacyOfficer)).await
    }

    /// Reads a thread, to the end of the answer.
    async fn reads_thread(&self, person: PersonId, thread: ThreadId) {
        let reader = self.reader(person).await;
        assert!(reader.thread(thread).expect("no fault").is_some());
        reader.finish().await.expect("recorded");
    }

    /// The records of an organization, once a test finds what it waits for: refused tries are recorded a moment later.
    async fn listed(
        &self,
        officer: PersonId,
        organization: OrganizationId,
        asked: &AccessRecordsAsked,
        is_there: impl Fn(&[Seen]) -> bool,
    ) -> Vec<Seen> {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let reader = self.reader(officer).await;
            let page = of_organization(&reader, organization, asked).await.expect("the officer may");
            let found = all_seen(&page);
            if is_there(&found) || Instant::now() > deadline {
                return found;
            }
            tokio::task::yield_now().await;
        }
    }

    async fn about_me(&self) -> Vec<Seen> {
        let reader = self.reader(self.patient_person).await;
        all_seen(&of_patient(&reader, self.patient, &first(100)).await.expect("the patient may"))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_patient_and_the_privacy_officer_see_who_read_and_nobody_else_does() {
    let clinic = Clinic::open().await;
    let (practice, centre) = (clinic.practice, clinic.centre().await);
    let (officer, elsewhere) = (clinic.privacy_officer(practice).await, clinic.privacy_officer(centre).await);
    let thread = clinic.ask("seen").await;
    clinic.reads_thread(clinic.nurse, thread).await;
    clinic.reads_thread(clinic.pcp, thread).await;

    let reader = clinic.reader(clinic.patient_person).await;
    let page = of_patient(&reader, clinic.patient, &first(100)).await.expect("the patient may");
    let by_nurse = page.edges.iter().find(|edge| seen(&edge.node).by == "nurse" && edge.node.thread == Some(thread));
    let read = &by_nurse.expect("the nurse's").node;
    assert_eq!(
        (read.role, read.purpose, read.standing.as_deref()),
        (Some(Role::Nurse), Some(Purpose::Treatment), Some("care_team"))
    );
    assert_eq!((read.is_command, read.is_refused, read.times, read.for_review), (false, false, 1, false));
    assert_eq!((read.patient, read.at), (Some(clinic.patient), crate::clinic::now()));
    assert!(read.on_behalf_of.is_none() && read.about_person.is_none());
    assert_eq!(read.organizations.iter().map(|at| at.organization).collect::<Vec<_>>(), [practice]);
    let readers: Vec<String> =
        all_seen(&page).into_iter().filter(|one| one.thread.is_some()).map(|one| one.by).collect();
    let place = |who: &str| readers.iter().position(|by| by == who).expect("listed");
    assert!(place("pcp") < place("nurse"), "the newest is first: {readers:?}");
    drop((page, reader));

    for person in [clinic.nurse, clinic.pcp, clinic.coordinator] {
        let reader = clinic.reader(person).await;
        assert!(of_patient(&reader, clinic.patient, &Page::default()).await.is_none());
        assert!(of_organization(&reader, practice, &all()).await.is_none());
    }
    for person in [clinic.admin, elsewhere, clinic.specialist] {
        assert!(of_organization(&clinic.reader(person).await, practice, &all()).await.is_none());
    }
    let found = clinic.listed(officer, practice, &all(), |_| true).await;
    assert!(found.iter().any(|one| one.by == "nurse" && one.thread == Some(thread)), "{found:?}");
    // The centre answers the question, and does not keep the record.
    let found = clinic.listed(elsewhere, centre, &all(), |_| true).await;
    assert!(found.iter().all(|one| one.patient.is_none() && one.thread.is_none()), "{found:?}");
    let missing = PatientId::from_uuid(Uuid::from_u128(1));
    for patient in [clinic.patient, missing] {
        let asked = AccessRecordsAsked { patient: Some(patient), ..all() };
        let reader = clinic.reader(elsewhere).await;
        let page = of_organization(&reader, centre, &asked).await.expect("the officer may");
        assert!(page.edges.is_empty() && !page.has_next && !page.has_previous);
    }
    let asked = AccessRecordsAsked { patient: Some(clinic.patient), ..all() };
    let found = clinic.listed(officer, practice, &asked, |_| true).await;
    assert!(!found.is_empty() && found.iter().all(|one| one.patient == Some(clinic.patient)), "{found:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_names_no_employer_that_has_nothing_to_do_with_it() {
    let clinic = Clinic::open().await;
    let (practice, centre) = (clinic.practice, clinic.centre().await);
    let by = signed_in(clinic.admin);
    let made = clinic.application.create_organization(sent_by(&by, &context("branch")), "Branch").await;
    let branch = made.expect("created").target;
    clinic.grant(clinic.admin, branch, Role::Administrator).await;
    clinic.grant(clinic.nurse, branch, Role::Nurse).await;
    clinic.grant(clinic.specialist, branch, Role::Physician).await;
    let (officer, of_branch) = (clinic.privacy_officer(practice).await, clinic.privacy_officer(branch).await);
    clinic.grant(of_branch, practice, Role::PrivacyOfficer).await;
    let thread = clinic.ask("seen").await;
    clinic.reads_thread(clinic.nurse, thread).await;
    clinic.reads_thread(clinic.specialist, thread).await;
    let reader = clinic.reader(clinic.nurse).await;
    drop(reader.patient(clinic.patient).expect("no fault").expect("the patient"));
    reader.finish().await.expect("recorded");
    let reader = clinic.reader(of_branch).await;
    drop(of_organization(&reader, practice, &all()).await.expect("the officer may"));
    reader.finish().await.expect("recorded");

    let named = |page: &Connection<AccessRecordView>, who: &str, role: Role| {
        let of_person = page.edges.iter().map(|edge| &edge.node).filter(|view| seen(view).by == who);
        let named = |view: &AccessRecordView| view.organizations.iter().map(|at| at.organization).collect::<Vec<_>>();
        let records = of_person.filter(|view| view.role == Some(role));
        records.map(|view| (view.thread.is_some(), named(view))).collect::<BTreeSet<_>>()
    };
    let in_thread_and_record = |at| BTreeSet::from([(false, vec![at]), (true, vec![at])]);
    let reader = clinic.reader(clinic.patient_person).await;
    let page = of_patient(&reader, clinic.patient, &first(100)).await.expect("the patient may");
    assert_eq!(named(&page, "nurse", Role::Nurse), in_thread_and_record(practice));
    assert_eq!(named(&page, "specialist", Role::Physician), BTreeSet::from([(true, vec![centre])]));
    let reader = clinic.reader(officer).await;
    let page = of_organization(&reader, practice, &all()).await.expect("the officer may");
    assert_eq!(named(&page, "nurse", Role::Nurse), in_thread_and_record(practice));
    let name = format!("privacy-{branch}");
    assert_eq!(named(&page, &name, Role::PrivacyOfficer), BTreeSet::from([(false, vec![practice])]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_try_to_change_who_may_is_found_for_review_and_says_whom_it_was_about() {
    let clinic = Clinic::open().await;
    let (practice, centre) = (clinic.practice, clinic.centre().await);
    let (officer, elsewhere) = (clinic.privacy_officer(practice).await, clinic.privacy_officer(centre).await);
    let grant = GrantRole { organization: practice, role: Role::Administrator, until: None };
    for (key, person) in [("by-nurse", clinic.nurse), ("by-specialist", clinic.specialist)] {
        let context = sent_by(&signed_in(person), &context(key));
        clinic.application.grant_role(context, clinic.stranger, grant).await.expect_err("refused");
    }
    let add = AddMember {
        patient: clinic.patient,
        person: clinic.stranger,
        role: Role::Nurse,
        organization: practice,
        knows_conflict: false,
    };
    let by_stranger = sent_by(&signed_in(clinic.stranger), &context("team"));
    clinic.application.add_member(by_stranger, add).await.expect_err("refused");
    // No change of who may.
    assert!(
        clinic.reader(clinic.nurse).await.thread(ThreadId::from_uuid(Uuid::from_u128(9))).expect("no fault").is_none()
    );

    let try_of = |by: &str, action: &str, patient| Seen {
        by: by.to_owned(),
        action: action.to_owned(),
        refused: true,
        patient,
        thread: None,
    };
    let tries = [
        try_of("nurse", "person.grant_role", None),
        try_of("specialist", "person.grant_role", None),
        try_of("stranger", "care_team.add", Some(clinic.patient)),
    ];
    let has_all = |found: &[Seen]| tries.iter().all(|one| found.contains(one));
    let found = clinic.listed(officer, practice, &for_review(), has_all).await;
    assert!(has_all(&found) && found.iter().all(|one| one.action != "thread.find"), "{found:?}");
    let reader = clinic.reader(officer).await;
    let page = of_organization(&reader, practice, &for_review()).await.expect("the officer may");
    let grant = page.edges.iter().map(|edge| &edge.node).find(|view| view.action == "person.grant_role");
    let grant = grant.expect("a refused grant");
    assert_eq!(grant.about_person.as_ref().map(|person| person.person), Some(clinic.stranger));
    assert!(grant.is_command && grant.for_review && grant.role.is_none() && grant.purpose.is_none());
    drop((page, reader));
    // The patient sees who tried to put somebody on their care team.
    assert!(clinic.about_me().await.contains(&tries[2]));
    // Who employs the one who tried is told that, and not what it was aimed at.
    let found = clinic.listed(elsewhere, centre, &for_review(), |found| !found.is_empty()).await;
    assert_eq!(found, [try_of("specialist", "person.grant_role", None)]);
    let reader = clinic.reader(elsewhere).await;
    let page = of_organization(&reader, centre, &for_review()).await.expect("the officer may");
    assert!(page.edges.iter().all(|edge| edge.node.about_person.is_none()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_try_at_what_is_kept_elsewhere_is_listed_like_one_at_what_is_missing() {
    let clinic = Clinic::open().await;
    let (practice, centre) = (clinic.practice, clinic.centre().await);
    let (officer, elsewhere) = (clinic.privacy_officer(practice).await, clinic.privacy_officer(centre).await);
    let new = new_patient(centre, None, "Kept elsewhere", "1970");
    let by = sent_by(&signed_in(clinic.centre_coordinator), &context("elsewhere"));
    let kept = clinic.application.register_patient(by, new).await.expect("registered").target;
    let missing = PatientId::from_uuid(Uuid::from_u128(1));
    for patient in [kept, missing] {
        assert!(clinic.reader(clinic.nurse).await.patient(patient).expect("no fault").is_none());
    }
    let of_nurse = |found: &[Seen]| -> Vec<Seen> {
        found.iter().filter(|one| one.by == "nurse" && one.refused).cloned().collect()
    };
    let found = clinic.listed(officer, practice, &all(), |found| of_nurse(found).len() == 2).await;
    let tries = of_nurse(&found);
    assert!(tries.len() == 2 && tries[0] == tries[1] && tries[0].patient.is_none(), "{tries:?}");
    let found = clinic.listed(elsewhere, centre, &all(), |found| !of_nurse(found).is_empty()).await;
    assert_eq!(of_nurse(&found).into_iter().map(|one| one.patient).collect::<Vec<_>>(), [Some(kept)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_try_is_recorded_with_what_was_not_permitted_also_beside_the_target_of_the_command() {
    let clinic = Clinic::open().await;
    let officer = clinic.privacy_officer(clinic.practice).await;
    let new = new_patient(clinic.practice, None, "Of others", "1970-01-01");
    let by = sent_by(&signed_in(clinic.coordinator), &context("others"));
    let other = clinic.application.register_patient(by, new).await.expect("registered").target;
    let mut question = request(clinic.patient, clinic.cardiology);
    question.opening.confidentiality = Confidentiality::Restricted;
    let by = sent_by(&signed_in(clinic.pcp), &context("restricted"));
    let restricted = clinic.application.request_consultation(by, question).await.expect("asked").target;

    let offer = clinic.claimed_by(clinic.social_worker, help()).await;
    for person in [clinic.social_worker, clinic.specialist] {
        let by = sent_by(&signed_in(person), &context("match"));
        let found = OutsideMessageCommand::from(MatchOutsideMessage { patient: other });
        give::<OutsideMessage>(&clinic.application, by, Some(offer), found).await.expect_err("refused");
    }
    let told = clinic.claimed_by(clinic.social_worker, tell()).await;
    let by = sent_by(&signed_in(clinic.social_worker), &context("attach"));
    clinic.application.attach_outside_message(&by, told, restricted).await.expect_err("refused");

    let try_of = |by: &str, action: &str, patient, thread| Seen {
        by: by.to_owned(),
        action: action.to_owned(),
        refused: true,
        patient,
        thread,
    };
    let tries = [
        try_of("social_worker", "outside_message.match", Some(other), None),
        try_of("social_worker", "outside_message.attach", Some(clinic.patient), Some(restricted)),
        // They do not handle the message, so nothing that they name was looked at.
        try_of("specialist", "outside_message.match", None, None),
    ];
    let has_all = |found: &[Seen]| tries.iter().all(|one| found.contains(one));
    let found = clinic.listed(officer, clinic.practice, &all(), has_all).await;
    assert!(has_all(&found), "{found:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_records_of_a_team_thread_are_not_for_the_patient_who_may_not_know_of_it() {
    let clinic = Clinic::open().await;
    let officer = clinic.privacy_officer(clinic.practice).await;
    let team = clinic.open_team(clinic.of_two("team")).await.expect("opened").target;
    clinic.reads_thread(clinic.nurse, team).await;
    let found = clinic.listed(officer, clinic.practice, &all(), |_| true).await;
    assert!(found.iter().any(|one| one.thread == Some(team)), "{found:?}");
    let mine = clinic.about_me().await;
    assert!(mine.iter().all(|one| one.thread != Some(team)), "{mine:?}");
    // A page that is full without them says so: nobody counts what they may not know of.
    let reader = clinic.reader(clinic.patient_person).await;
    let rows = i32::try_from(mine.len().max(1)).expect("few");
    let page = of_patient(&reader, clinic.patient, &first(rows)).await.expect("the patient may");
    assert_eq!((all_seen(&page), page.has_next), (mine, false));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_read_through_a_team_thread_or_in_a_draft_of_one_is_not_for_the_patient_either() {
    let clinic = Clinic::open().await;
    let officer = clinic.privacy_officer(clinic.practice).await;
    let team = clinic.open_team(clinic.of_two("team")).await.expect("opened").target;
    let before = clinic.about_me().await;

    let reader = clinic.reader(clinic.nurse).await;
    let view = reader.thread(team).expect("no fault").expect("the thread");
    assert!(reader.patient_of(&view).expect("no fault").is_some());
    reader.finish().await.expect("recorded");

    let form = Form::of(OpenTeamThread::NAME, FormSubject::Patient(clinic.patient)).expect("a form");
    let draft = DraftId::of(clinic.nurse, &IdempotencyKey::parse("draft").expect("a key"));
    let content = FormFields::of([("note", "half")].into_iter()).expect("fields").to_text().expect("a text").into();
    let save = SaveDraft { draft, may_begin: true, form, content, expected: None, same_as: None, leaving: false };
    let by_nurse = sent_by(&signed_in(clinic.nurse), &context("draft"));
    clinic.application.save_draft(&by_nurse, save).await.expect("saved");
    let reader = clinic.reader(clinic.nurse).await;
    assert!(reader.draft(draft).expect("no fault").expect("the draft").fields().is_some());
    reader.finish().await.expect("recorded");

    let asked = AccessRecordsAsked { patient: Some(clinic.patient), ..all() };
    let found = clinic.listed(officer, clinic.practice, &asked, |_| true).await;
    let has = |action: &str, thread: Option<ThreadId>| {
        found.iter().any(|one| one.by == "nurse" && one.action == action && one.thread == thread)
    };
    assert!(has("patient.read", Some(team)) && has("draft.read", None), "{found:?}");
    assert_eq!(clinic.about_me().await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_limit_tells_the_patient_how_many_records_they_may_not_know_of() {
    let clinic = Clinic::open().await;
    let patient = clinic.patient;
    let team = clinic.open_team(clinic.of_two("team")).await.expect("opened").target;
    // So many that a page has nothing but the patient's own readings of this list.
    for _ in 0..6 {
        let reader = clinic.reader(clinic.patient_person).await;
        assert!(of_patient(&reader, patient, &first(2)).await.is_some());
        reader.finish().await.expect("recorded");
    }
    // The least limit of rows with which there is an answer.
    let rows_needed = async || {
        let mut rows_max = 0;
        loop {
            rows_max += 1;
            let limits = AnswerLimits { rows_max, ..AnswerLimits::none() };
            let (identity, origin) = (signed_in(clinic.patient_person), coordination::Origin::of(Channel::GraphQl));
            let context = AnswerContext { identity, now: crate::clinic::now(), origin };
            let answer = clinic.application.answer(context, |reads| async move {
                let reader = reads.within(limits).reader(None).await?;
                let view = reader.patient(patient)?.expect("the patient");
                reader.access_records_about(&view, &about(first(2))).await.map(drop)
            });
            match answer.await.expect("recorded").into_inner() {
                Ok(()) => return rows_max,
                Err(Fault::TooMuch { of: "rows", .. }) if rows_max < 1_000 => {}
                Err(fault) => panic!("{fault}"),
            }
        }
    };
    let before = rows_needed().await;
    for person in [clinic.nurse, clinic.pcp] {
        clinic.reads_thread(person, team).await;
    }
    assert_eq!(rows_needed().await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_leave_out_nothing_and_repeat_nothing_while_new_records_arrive() {
    let clinic = Clinic::open().await;
    let mut threads = Vec::new();
    for number in 0..12 {
        threads.push(clinic.ask(&format!("paged-{number}")).await);
        clinic.reads_thread(clinic.nurse, threads[number]).await;
    }
    let expected = clinic.about_me().await;
    let of_nurse = |found: &[Seen]| found.iter().filter(|one| one.by == "nurse" && one.thread.is_some()).count();
    assert!(of_nurse(&expected) >= 12, "{expected:?}");
    let (mut found, mut after) = (Vec::new(), None::<String>);
    for number in 0.. {
        let reader = clinic.reader(clinic.patient_person).await;
        let page = of_patient(&reader, clinic.patient, &Page { after, ..first(5) }).await.expect("the patient may");
        assert_eq!(page.has_previous, number > 0);
        found.extend(all_seen(&page));
        after = page.edges.last().map(|edge| edge.cursor.token().expect("a token").0);
        if !page.has_next {
            break;
        }
        assert_eq!(page.edges.len(), 5);
        // Somebody else reads meanwhile.
        if let Some(thread) = threads.get(number) {
            clinic.reads_thread(clinic.pcp, *thread).await;
        }
    }
    assert_eq!(found, expected);
    assert!(clinic.about_me().await.len() > expected.len());

    // A cursor is of its list and its reader.
    let cursor = after.expect("a cursor");
    let reader = clinic.reader(clinic.patient_person).await;
    let view = reader.patient(clinic.patient).expect("no fault").expect("the patient");
    for page in [
        Page { after: Some("x".to_owned()), ..Page::default() },
        Page { last: Some(5), ..Page::default() },
        Page { first: Some(101), ..Page::default() },
    ] {
        assert!(reader.access_records_about(&view, &about(page)).await.expect("no fault").is_err());
    }
    drop((view, reader));
    let officer = clinic.privacy_officer(clinic.practice).await;
    let reader = clinic.reader(officer).await;
    let row = reader.organization(clinic.practice).expect("no fault").expect("an organization");
    let foreign = AccessRecordsAsked {
        patient: Some(clinic.patient),
        page: Page { after: Some(cursor), ..Page::default() },
        ..AccessRecordsAsked::default()
    };
    let problem = reader.access_records_of(&row, &foreign).await.expect("no fault").err();
    assert_eq!(problem, Some(PageProblem::ForeignCursor));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_can_have_what_one_person_did_alone_or_what_others_did() {
    let clinic = Clinic::open().await;
    let officer = clinic.privacy_officer(clinic.practice).await;
    let (me, nurse) = (clinic.patient_person, clinic.nurse);
    let thread = clinic.ask("by").await;
    for person in [nurse, clinic.pcp] {
        clinic.reads_thread(person, thread).await;
    }
    // To read who read is a read of its own.
    let reader = clinic.reader(me).await;
    of_patient(&reader, clinic.patient, &first(1)).await.expect("the patient may");
    reader.finish().await.expect("recorded");
    let listed = async |asked: PatientAccessAsked| {
        let reader = clinic.reader(me).await;
        let view = reader.patient(clinic.patient).expect("no fault").expect("the patient");
        let page = reader.access_records_about(&view, &asked).await.expect("no fault").expect("a page");
        all_seen(&page.expect("the patient may"))
    };
    let of = |found: &[Seen], is_wanted: &dyn Fn(&str) -> bool| -> Vec<Seen> {
        found.iter().filter(|one| is_wanted(&one.by)).cloned().collect()
    };
    let everything = listed(about(first(100))).await;
    for by in ["nurse", "pcp", "patient"] {
        assert!(everything.iter().any(|one| one.by == by), "{by}: {everything:?}");
    }
    let others = listed(PatientAccessAsked { by_others: true, ..about(first(100)) }).await;
    assert_eq!(others, of(&everything, &|by| by != "patient"));
    let by_nurse = listed(PatientAccessAsked { by: Some(nurse), ..about(first(100)) }).await;
    assert_eq!(by_nurse, of(&everything, &|by| by == "nurse"));
    let nobody = listed(PatientAccessAsked { by_others: true, by: Some(me), ..about(first(100)) }).await;
    assert_eq!(nobody, []);

    // A cursor is of the list with the same filter.
    let reader = clinic.reader(me).await;
    let view = reader.patient(clinic.patient).expect("no fault").expect("the patient");
    let asked = PatientAccessAsked { by_others: true, ..about(first(1)) };
    let page = reader.access_records_about(&view, &asked).await.expect("no fault").expect("a page").expect("may");
    let after = page.edges.last().map(|edge| edge.cursor.token().expect("a token").0);
    let next = Page { after, ..first(1) };
    let asked = PatientAccessAsked { by_others: true, ..about(next.clone()) };
    let second = reader.access_records_about(&view, &asked).await.expect("no fault").expect("a page").expect("may");
    assert_eq!(all_seen(&second), others[1..2]);
    for asked in [about(next.clone()), PatientAccessAsked { by: Some(nurse), ..about(next) }] {
        let found = reader.access_records_about(&view, &asked).await.expect("no fault");
        assert_eq!(found.err(), Some(PageProblem::ForeignCursor));
    }
    drop((view, reader));

    let everything = clinic.listed(officer, clinic.practice, &all(), |_| true).await;
    let asked = AccessRecordsAsked { by: Some(nurse), ..all() };
    let by_nurse = clinic.listed(officer, clinic.practice, &asked, |_| true).await;
    assert!(!by_nurse.is_empty() && by_nurse.len() < everything.len(), "{everything:?}");
    assert_eq!(by_nurse, of(&everything, &|by| by == "nurse"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_can_have_what_concerns_one_thread_alone() {
    let clinic = Clinic::open().await;
    let (practice, me) = (clinic.practice, clinic.patient_person);
    let officer = clinic.privacy_officer(practice).await;
    let (thread, other) = (clinic.ask("one").await, clinic.ask("other").await);
    for (person, read) in [(clinic.nurse, thread), (clinic.pcp, other), (clinic.pcp, thread)] {
        clinic.reads_thread(person, read).await;
    }
    let who = |found: Vec<Seen>| -> Vec<(String, Option<ThreadId>)> {
        let read = found.into_iter().filter(|one| one.action.starts_with("thread."));
        read.map(|one| (one.by, one.thread)).collect()
    };
    let reader = clinic.reader(me).await;
    let view = reader.patient(clinic.patient).expect("no fault").expect("the patient");
    let listed = async |asked: PatientAccessAsked| {
        reader.access_records_about(&view, &asked).await.expect("no fault").map(|page| page.expect("the patient may"))
    };
    let of_thread = |thread, page| PatientAccessAsked { thread: Some(thread), ..about(page) };
    let found = who(all_seen(&listed(of_thread(thread, first(100))).await.expect("a page")));
    assert!(found.iter().all(|(_, of)| *of == Some(thread)), "{found:?}");
    for name in ["pcp", "nurse"] {
        assert!(found.iter().any(|(by, _)| by == name), "{name}: {found:?}");
    }
    let nil = ThreadId::from_uuid(Uuid::nil());
    assert!(listed(of_thread(nil, first(100))).await.expect("a page").edges.is_empty(), "no thread has no id");

    // A cursor is of the list of its thread.
    let page = listed(of_thread(thread, first(1))).await.expect("a page");
    let after = page.edges.last().map(|edge| edge.cursor.token().expect("a token").0);
    let next = Page { after, ..first(1) };
    assert!(listed(of_thread(thread, next.clone())).await.is_ok());
    let marked = PatientAccessAsked { for_review: true, ..of_thread(thread, next.clone()) };
    for asked in [of_thread(other, next.clone()), about(next), marked] {
        assert_eq!(listed(asked).await.err(), Some(PageProblem::ForeignCursor));
    }
    drop((view, reader));
    let asked = AccessRecordsAsked { thread: Some(other), ..all() };
    let at_practice = who(clinic.listed(officer, practice, &asked, |found| !found.is_empty()).await);
    assert!(!at_practice.is_empty() && at_practice.iter().all(|(_, of)| *of == Some(other)), "{at_practice:?}");
    let nurse = clinic.reader(clinic.nurse).await;
    let view = nurse.patient(clinic.patient).expect("no fault").expect("the patient");
    let asked = of_thread(thread, first(100));
    let refused = nurse.access_records_about(&view, &asked).await.expect("no fault").expect("a page");
    assert!(refused.is_none(), "who works in a thread does not read who read it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_reads_access_records_is_recorded_and_listed_too() {
    let clinic = Clinic::open().await;
    let officer = clinic.privacy_officer(clinic.practice).await;
    let thread = clinic.ask("read").await;
    clinic.reads_thread(clinic.nurse, thread).await;
    let reader = clinic.reader(clinic.patient_person).await;
    assert!(!all_seen(&of_patient(&reader, clinic.patient, &first(100)).await.expect("may")).is_empty());
    reader.finish().await.expect("recorded");
    let reader = clinic.reader(officer).await;
    assert!(!all_seen(&of_organization(&reader, clinic.practice, &all()).await.expect("may")).is_empty());
    reader.finish().await.expect("recorded");

    let of_access = |found: Vec<Seen>| -> Vec<Seen> {
        found.into_iter().filter(|one| one.action == "access.read" && !one.refused).collect()
    };
    let mine = of_access(clinic.about_me().await);
    assert_eq!(
        mine.iter().map(|one| (one.by.as_str(), one.patient)).collect::<Vec<_>>(),
        [("patient", Some(clinic.patient))]
    );
    let found = of_access(clinic.listed(officer, clinic.practice, &for_review(), |_| true).await);
    assert!(found.len() == 1 && found[0].by.starts_with("privacy") && found[0].patient.is_none(), "{found:?}");

    // An answer that ended reads nothing more.
    let answer = clinic.reader(officer).await;
    let kept = std::sync::Arc::clone(&answer.reader);
    let row = kept.organization(clinic.practice).expect("no fault").expect("an organization");
    answer.finish().await.expect("recorded");
    assert!(kept.access_records_of(&row, &all()).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_records_of_a_page_that_are_near_each_other_are_read_from_the_log_together() {
    let FaultyClinic { clinic, access, .. } = faulty_clinic().await;
    for number in 0..15 {
        let thread = clinic.ask(&format!("together-{number}")).await;
        clinic.reads_thread(clinic.nurse, thread).await;
    }
    let reads = || access.reads.load(SeqCst) + access.log_reads.load(SeqCst);
    let before = reads();
    assert!(clinic.about_me().await.len() >= 15);
    let read = reads() - before;
    assert!((1..=4).contains(&read), "{read} reads");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_lists_are_the_same_after_a_restart_and_after_the_index_was_deleted() {
    let mut clinic = Clinic::open().await;
    let officer = clinic.privacy_officer(clinic.practice).await;
    let thread = clinic.ask("kept").await;
    clinic.reads_thread(clinic.nurse, thread).await;
    let grant = GrantRole { organization: clinic.practice, role: Role::Administrator, until: None };
    let by_nurse = sent_by(&signed_in(clinic.nurse), &context("grant"));
    clinic.application.grant_role(by_nurse, clinic.stranger, grant).await.expect_err("refused");
    let is_there = |found: &[Seen]| found.iter().any(|one| one.action == "person.grant_role");
    let before = (clinic.listed(officer, clinic.practice, &all(), is_there).await, clinic.about_me().await);
    assert!(is_there(&before.0) && !before.1.is_empty(), "{before:?}");
    // Whose people they were when they tried stays, also when they work there no more.
    clinic.end(clinic.nurse, clinic.practice, Role::Nurse).await;
    for is_deleted in [false, true] {
        clinic.application.close();
        if is_deleted {
            for suffix in ["", "-wal", "-shm"] {
                let path = clinic.installation.directory.path().join(format!("access-index.db{suffix}"));
                drop(std::fs::remove_file(path));
            }
        }
        clinic.application = clinic.installation.open().await.expect("opened again");
        let after = (clinic.listed(officer, clinic.practice, &all(), is_there).await, clinic.about_me().await);
        assert_eq!(after, before, "deleted: {is_deleted}");
        assert!(!clinic.application.readiness().access_index_late);
    }
}
