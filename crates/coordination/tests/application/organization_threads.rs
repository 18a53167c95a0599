//! The threads of an organization and those about a patient: whatever somebody may find is in a list of theirs, nobody
//! else's is, and nothing tells of those that they may not find.

use std::collections::BTreeSet;

use care::ids::{OrganizationId, PatientId, PersonId, ThreadId};
use care::person::EndRole;
use care::words::{Channel, Confidentiality, Role};
use chrono::TimeDelta;
use coordination::CommandContext;
use coordination::answer::{AnswerContext, AnswerLimits};
use coordination::fault::Fault;
use coordination::reader::{Connection, InboxFilter, Page, PageProblem, ThreadView, Worklist};

use crate::clinic::{Clinic, Commands as _, OpenAnswer, context, later, now, request, sent_by, signed_in};

fn whole() -> Page {
    Page { first: Some(100), ..Page::default() }
}

fn ids(page: &Connection<ThreadView>) -> Vec<ThreadId> {
    page.edges.iter().map(|edge| edge.node.thread).collect()
}

fn threads_of(
    reader: &OpenAnswer,
    organization: OrganizationId,
    page: &Page,
) -> Result<Connection<ThreadView>, PageProblem> {
    let row = reader.organization(organization).expect("no fault").expect("staff read the directory");
    reader.threads_of(&row, page).expect("no fault")
}

/// What is in a person's inbox and worklists.
fn own_lists(reader: &OpenAnswer) -> BTreeSet<ThreadId> {
    let inboxes = [InboxFilter::Current, InboxFilter::PutAway, InboxFilter::SentByMe]
        .map(|filter| ids(&reader.inbox(filter, &whole()).expect("no fault").expect("a page")));
    let worklists = [Worklist::Mine, Worklist::MyPools, Worklist::Waiting]
        .map(|list| ids(&reader.worklist(list, &whole()).expect("no fault").expect("a page")));
    inboxes.into_iter().chain(worklists).flatten().collect()
}

impl Clinic {
    async fn ask_labelled(&self, key: &str, confidentiality: Confidentiality, minutes: i64) -> ThreadId {
        let mut question = request(self.patient, self.cardiology);
        question.opening.confidentiality = confidentiality;
        let ask = CommandContext { now: now() + TimeDelta::minutes(minutes), ..context(key) };
        self.application
            .request_consultation(sent_by(&signed_in(self.pcp), &ask), question)
            .await
            .expect("asked")
            .target
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_somebody_may_find_is_in_a_list_of_theirs() {
    let clinic = Clinic::open().await;
    let centre = clinic.centre().await;
    let nurse = clinic.register(clinic.practice, "off_team_nurse", Some(Role::Nurse)).await;
    let other_coordinator = clinic.register(clinic.practice, "other_coordinator", Some(Role::Coordinator)).await;
    let others = [
        (clinic.practice, "physician_off_team", Role::Physician),
        (clinic.practice, "pharmacist", Role::Pharmacist),
        (clinic.practice, "auditor", Role::Auditor),
        (clinic.practice, "privacy_officer", Role::PrivacyOfficer),
        (centre, "physician_without_pool", Role::Physician),
        (centre, "centre_nurse", Role::Nurse),
    ];
    let mut people = vec![nurse, other_coordinator];
    for (organization, key, role) in others {
        people.push(clinic.register(organization, key, Some(role)).await);
    }
    people.extend([clinic.admin, clinic.pcp, clinic.nurse, clinic.social_worker, clinic.coordinator]);
    people.extend([clinic.centre_coordinator, clinic.specialist, clinic.other_specialist]);
    people.extend([clinic.patient_person, clinic.stranger]);

    let asked = clinic.ask("asked").await;
    let claimed = clinic.ask("claimed").await;
    clinic.assign(claimed).await;
    clinic.claim(clinic.specialist, claimed).await.expect("claimed");
    let closed = clinic.ask("closed").await;
    clinic.assign(closed).await;
    clinic.claim(clinic.specialist, closed).await.expect("claimed");
    let recommendation = clinic.advise(closed).await;
    clinic.plan(closed, recommendation).await;
    clinic.inform(closed).await;
    clinic.close_consultation(closed).await;
    let restricted = clinic.ask_labelled("restricted", Confidentiality::Restricted, 0).await;
    let very_restricted = clinic.ask_labelled("very restricted", Confidentiality::VeryRestricted, 0).await;
    let threads = [asked, claimed, closed, restricted, very_restricted];

    let mut by_organization: BTreeSet<(PersonId, ThreadId)> = BTreeSet::new();
    let mut found = 0;
    for person in &people {
        let reader = clinic.reader(*person).await;
        let own = own_lists(&reader);
        let mut listed = BTreeSet::new();
        for organization in [clinic.practice, centre] {
            if let Some(row) = reader.organization(organization).expect("no fault") {
                let page = reader.threads_of(&row, &whole()).expect("no fault").expect("a page");
                assert!(page.edges.is_empty() || reader.lists_threads(&row), "the list says that it has rows");
                listed.extend(ids(&page));
            }
        }
        for thread in threads {
            let finds = reader.thread(thread).expect("no fault").is_some();
            found += u32::from(finds);
            let is_listed = own.contains(&thread) || listed.contains(&thread);
            assert_eq!(finds, is_listed, "{person} and {thread}, {threads:?}");
            if finds && !own.contains(&thread) {
                by_organization.insert((*person, thread));
            }
        }
    }
    assert!(found > 30, "{found} were found");
    // What no other list has: a colleague's in the pool, what is closed or waits for who asked, and a nurse's.
    for (person, thread) in [
        (clinic.other_specialist, claimed),
        (clinic.other_specialist, closed),
        (clinic.centre_coordinator, claimed),
        (clinic.centre_coordinator, closed),
        (other_coordinator, closed),
        (nurse, asked),
        (nurse, closed),
    ] {
        assert!(by_organization.contains(&(person, thread)), "{person} and {thread}, {threads:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_list_of_an_organization_is_of_who_works_there_and_its_cursors_are_of_no_other_list() {
    let clinic = Clinic::open().await;
    let centre = clinic.centre().await;
    for key in ["one", "two", "three"] {
        clinic.ask(key).await;
    }
    let reader = clinic.reader(clinic.specialist).await;
    assert_eq!(threads_of(&reader, centre, &whole()).expect("a page").edges.len(), 3);
    assert_eq!(threads_of(&reader, clinic.practice, &whole()).expect("a page").edges.len(), 0, "works elsewhere");

    clinic.grant(clinic.centre_coordinator, clinic.practice, Role::Coordinator).await;
    let reader = clinic.reader(clinic.centre_coordinator).await;
    let two = Page { first: Some(2), ..Page::default() };
    let first = threads_of(&reader, centre, &two).expect("a page");
    assert!(first.has_next && first.given_up_at.is_none());
    let cursor = first.edges.last().expect("a row").cursor.token().expect("a token").0;
    let after = Page { after: Some(cursor), ..two };
    let second = threads_of(&reader, centre, &after).expect("a page");
    assert!(!second.has_next);
    let all: BTreeSet<ThreadId> = ids(&first).into_iter().chain(ids(&second)).collect();
    assert_eq!(all.len(), 3);
    assert_eq!(threads_of(&reader, clinic.practice, &after).err(), Some(PageProblem::ForeignCursor));
    let inbox = reader.inbox(InboxFilter::Current, &after).expect("no fault");
    assert_eq!(inbox.err(), Some(PageProblem::ForeignCursor));

    // Whoever works there no more has no list.
    let end = EndRole { organization: clinic.practice, role: Role::Coordinator };
    let metadata = sent_by(&signed_in(clinic.admin), &CommandContext { now: later(), ..context("no more") });
    clinic.application.end_role(metadata, clinic.centre_coordinator, end).await.expect("ended");
    let reader = clinic.reader_at(clinic.centre_coordinator, later()).await;
    assert_eq!(threads_of(&reader, clinic.practice, &whole()).expect("a page").edges.len(), 0);
    assert_eq!(threads_of(&reader, centre, &whole()).expect("a page").edges.len(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn among_many_threads_that_are_not_theirs_a_page_is_full_and_reads_no_row_of_them() {
    let clinic = Clinic::open().await;
    let nurse = clinic.register(clinic.practice, "off_team_nurse", Some(Role::Nurse)).await;
    let ordinary = clinic.ask("ordinary").await;
    for number in 0..205 {
        clinic.ask_labelled(&format!("restricted-{number}"), Confidentiality::Restricted, 1).await;
    }
    let reader = clinic.reader_at(nurse, later()).await;
    let found = threads_of(&reader, clinic.practice, &Page { first: Some(1), ..Page::default() }).expect("a page");
    assert_eq!((ids(&found), found.has_next, found.given_up_at.is_none()), (vec![ordinary], false, true));
    // Each of them costs the row of its place.
    assert!(reader.work().rows < 300, "{:?}", reader.work());
}

/// What a page says, with the least limit of rows with which there is an answer.
#[derive(Debug, PartialEq, Eq)]
struct Answered {
    threads: Vec<ThreadId>,
    has_next: bool,
    is_given_up: bool,
    rows_max: u64,
}

/// The first rows of a list.
#[derive(Debug, Clone, Copy)]
enum Asked {
    About(PatientId),
    Of(OrganizationId),
}

impl Clinic {
    async fn answered(&self, person: PersonId, asked: Asked) -> Answered {
        self.application.catch_up().await.expect("caught up");
        for rows_max in 1..1_000 {
            let limits = AnswerLimits { rows_max, ..AnswerLimits::none() };
            let origin = coordination::Origin::of(Channel::GraphQl);
            let context = AnswerContext { identity: signed_in(person), now: later(), origin };
            let answer = self.application.answer(context, |reads| async move {
                let reader = reads.within(limits).reader(None).await?;
                let page = Page { first: Some(2), ..Page::default() };
                let found = match asked {
                    Asked::About(patient) => {
                        let view = reader.patient(patient)?.expect("the patient");
                        reader.threads_about(&view, &page)?
                    }
                    Asked::Of(organization) => {
                        let row = reader.organization(organization)?.expect("the organization");
                        reader.threads_of(&row, &page)?
                    }
                };
                let page = found.expect("a page");
                let is_given_up = page.given_up_at.is_some();
                Ok::<_, Fault>(Answered { threads: ids(&page), has_next: page.has_next, is_given_up, rows_max })
            });
            match answer.await.expect("recorded").into_inner() {
                Ok(answered) => return answered,
                Err(Fault::TooMuch { of: "rows", .. }) => {}
                Err(fault) => panic!("{fault}"),
            }
        }
        panic!("never an answer");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_limit_and_no_page_tells_whether_there_are_threads_that_are_not_theirs() {
    let clinic = Clinic::open().await;
    let nurse = clinic.register(clinic.practice, "off_team_nurse", Some(Role::Nurse)).await;
    let ordinary = clinic.ask("ordinary").await;
    let (patient, of_patient) = (clinic.patient_person, Asked::About(clinic.patient));
    let before = clinic.answered(patient, of_patient).await;
    assert!(before.threads == [ordinary] && !before.has_next && !before.is_given_up, "{before:?}");
    for number in 0..6 {
        clinic.open_team(clinic.of_two(&format!("team-{number}"))).await.expect("opened");
    }
    assert_eq!(clinic.answered(patient, of_patient).await, before);

    let of_practice = Asked::Of(clinic.practice);
    let before = clinic.answered(nurse, of_practice).await;
    assert!(before.threads == [ordinary] && !before.has_next && !before.is_given_up, "{before:?}");
    for number in 0..6 {
        clinic.ask_labelled(&format!("restricted-{number}"), Confidentiality::Restricted, 1).await;
    }
    assert_eq!(clinic.answered(nurse, of_practice).await, before);
}
