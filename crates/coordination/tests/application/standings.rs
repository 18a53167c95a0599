//! What a person is to things, and is no longer: each standing by itself, its role, its period,
//! and that a request's own clock makes nothing hold longer.

use care::care_team::{AddMember, RemoveMember};
use care::ids::{OrganizationId, PatientId, PersonId, ThreadId};
use care::lifecycle::consultation::Assign;
use care::organization::{AddPoolMember, OpenPool, OrganizationRefusal, RemovePoolMember};
use care::patient::RegisterPatient;
use care::person::{EndRole, GrantRole, PersonRefusal, RegisterPerson};
use care::words::{Audience, Role};
use chrono::TimeDelta;
use coordination::CommandContext;
use coordination::fault::{Failed, Problem, Refusal};
use coordination::reader::{Page, Worklist};
use policy::identity::Identity;

use crate::clinic::{Clinic, Commands, Installation, MARKER, context, later, line, now, sent_by, signed_in};

impl Clinic {
    /// Somebody more at an organization.
    pub async fn register(&self, organization: OrganizationId, key: &str, role: Option<Role>) -> PersonId {
        let new = RegisterPerson { organization, name: line(&format!("{key} {MARKER}")), role };
        let outcome = self.application.register_person(sent_by(&signed_in(self.admin), &context(key)), new).await;
        outcome.expect("registered").target
    }

    pub async fn grant(&self, person: PersonId, organization: OrganizationId, role: Role) {
        let metadata = context(&format!("{person}-{}", role.word()));
        let grant = GrantRole { organization, role, until: None };
        self.application.grant_role(sent_by(&signed_in(self.admin), &metadata), person, grant).await.expect("granted");
    }

    pub async fn end(&self, person: PersonId, organization: OrganizationId, role: Role) {
        let metadata = CommandContext { now: later(), ..context(&format!("{person}-{}", role.word())) };
        let end = EndRole { organization, role };
        self.application.end_role(sent_by(&signed_in(self.admin), &metadata), person, end).await.expect("ended");
    }

    pub async fn join(&self, person: PersonId, role: Role) {
        let member = self.new_member(self.patient, person, role);
        let metadata = context(&format!("join-{person}"));
        // Nobody adds themself.
        let by = signed_in(if person == self.coordinator { self.pcp } else { self.coordinator });
        self.application.add_member(sent_by(&by, &metadata), member).await.expect("joined");
    }

    /// Registers a person of the clinic as a patient, and asks a consultation about them.
    pub async fn ask_about(&self, person: PersonId) -> (PatientId, ThreadId) {
        let (name, birth_date) = (line("Somebody of the staff"), line("1980-01-01"));
        let new = RegisterPatient {
            organization: self.practice,
            person: Some(person),
            name,
            birth_date,
            confirmed_not_duplicate_of: vec![],
        };
        // Nobody registers themselves, or adds somebody to their own care team.
        let by = if person == self.coordinator {
            self.grant(self.centre_coordinator, self.practice, Role::Coordinator).await;
            signed_in(self.centre_coordinator)
        } else {
            signed_in(self.coordinator)
        };
        let patient =
            self.application.register_patient(sent_by(&by, &context("own")), new).await.expect("registered").target;
        self.application.accept_link(signed_in(person), patient).await;
        let member = self.new_member(patient, self.pcp, Role::Physician);
        self.application.add_member(sent_by(&by, &context("own")), member).await.expect("added");
        let question = crate::clinic::request(patient, self.cardiology);
        let asked =
            self.application.request_consultation(sent_by(&signed_in(self.pcp), &context("own")), question).await;
        (patient, asked.expect("asked").target)
    }

    pub async fn leave(&self, person: PersonId) {
        let metadata = CommandContext { now: later(), ..context(&format!("leave-{person}")) };
        let by = signed_in(self.coordinator);
        let member = RemoveMember { patient: self.patient, person };
        self.application.remove_member(sent_by(&by, &metadata), member).await.expect("left");
    }

    pub async fn invite(
        &self,
        thread: ThreadId,
        person: PersonId,
    ) -> Result<coordination::CommandOutcome<ThreadId>, Failed> {
        let metadata = context(&format!("invite-{person}"));
        self.application.add_participant(sent_by(&signed_in(self.pcp), &metadata), thread, person).await
    }

    /// The organization that answers.
    pub async fn centre(&self) -> OrganizationId {
        let reader = self.reader(self.specialist).await;
        reader.pool(self.cardiology).expect("no fault").expect("a pool").organization
    }

    pub async fn finds(&self, person: PersonId, thread: ThreadId) -> bool {
        self.reader(person).await.thread(thread).expect("no fault").is_some()
    }

    pub async fn restart(&mut self) {
        self.application.close();
        self.application = self.installation.open().await.expect("opened again");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_participant_is_one_while_on_the_care_team_also_over_a_restart() {
    let mut clinic = Clinic::open().await;
    // So confidential that the care team alone does not read it, and who was taken in does.
    let mut request = crate::clinic::request(clinic.patient, clinic.cardiology);
    request.opening.confidentiality = care::words::Confidentiality::VeryRestricted;
    let by = signed_in(clinic.pcp);
    let asked = clinic.application.request_consultation(sent_by(&by, &context("secret")), request).await;
    let thread = asked.expect("asked").target;
    let pharmacist = clinic.register(clinic.practice, "pharmacist", Some(Role::Pharmacist)).await;
    clinic.join(pharmacist, Role::Pharmacist).await;
    assert!(!clinic.finds(pharmacist, thread).await);
    clinic.invite(thread, pharmacist).await.expect("invited");
    assert!(clinic.finds(pharmacist, thread).await);
    clinic.restart().await;
    assert!(clinic.finds(pharmacist, thread).await);
    clinic.leave(pharmacist).await;
    assert!(!clinic.finds(pharmacist, thread).await);
    clinic.restart().await;
    assert!(!clinic.finds(pharmacist, thread).await);
    // On the team again, they have no place in the thread until somebody gives them one.
    let by = signed_in(clinic.coordinator);
    let (patient, role, organization) = (clinic.patient, Role::Pharmacist, clinic.practice);
    let member = AddMember { patient, person: pharmacist, role, organization, knows_conflict: false };
    clinic.application.add_member(sent_by(&by, &context("again")), member).await.expect("joined");
    assert!(!clinic.finds(pharmacist, thread).await);
    let by = signed_in(clinic.pcp);
    clinic.application.add_participant(sent_by(&by, &context("again")), thread, pharmacist).await.expect("added");
    assert!(clinic.finds(pharmacist, thread).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_standing_counts_with_the_role_and_at_the_organization_that_it_comes_from() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("which").await;
    let centre = clinic.centre().await;
    let nurse_there = clinic.register(centre, "nurse-there", Some(Role::Nurse)).await;
    assert!(!clinic.finds(nurse_there, thread).await, "a nurse of the other organization");
    // On the care team as a social worker; another role there, that could read more, does not stand in.
    let aide = clinic.register(clinic.practice, "aide", Some(Role::SocialWorker)).await;
    clinic.join(aide, Role::SocialWorker).await;
    assert!(clinic.finds(aide, thread).await);
    clinic.grant(aide, clinic.practice, Role::Auditor).await;
    clinic.end(aide, clinic.practice, Role::SocialWorker).await;
    assert!(!clinic.finds(aide, thread).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ended_role_stays_ended_after_a_restart() {
    let mut clinic = Clinic::open().await;
    let thread = clinic.ask("ended").await;
    let centre = clinic.centre().await;
    let read_patient = async |clinic: &Clinic, person| {
        clinic.reader(person).await.patient(clinic.patient).expect("no fault").is_some()
    };
    assert!(read_patient(&clinic, clinic.social_worker).await && clinic.finds(clinic.nurse, thread).await);
    clinic.leave(clinic.social_worker).await;
    clinic.end(clinic.nurse, clinic.practice, Role::Nurse).await;
    let by = signed_in(clinic.admin);
    let remove = context("r");
    clinic
        .application
        .remove_pool_member(
            sent_by(&by, &remove),
            centre,
            RemovePoolMember { pool: clinic.cardiology, person: clinic.other_specialist },
        )
        .await
        .expect("removed");
    let claimed = clinic.claim(clinic.other_specialist, thread).await;
    assert!(matches!(claimed, Err(Failed::Problem(Problem::NotFound))), "{claimed:?}");
    for _ in 0..2 {
        assert!(
            !read_patient(&clinic, clinic.social_worker).await && !clinic.finds(clinic.social_worker, thread).await
        );
        assert!(!clinic.finds(clinic.nurse, thread).await && !clinic.finds(clinic.other_specialist, thread).await);
        assert!(clinic.finds(clinic.specialist, thread).await && clinic.finds(clinic.patient_person, thread).await);
        let reader = clinic.reader(clinic.pcp).await;
        let view = reader.patient(clinic.patient).expect("no fault").expect("found");
        let team = reader.care_team(&view).expect("no fault").expect("permitted");
        // Who left is still listed, as somebody who did.
        let now_there = || team.iter().filter(|member| member.ended_at.is_none());
        assert!(now_there().all(|member| member.person != clinic.social_worker));
        assert_eq!((now_there().count(), team.len()), (2, 3));
        drop((team, view, reader));
        clinic.restart().await;
    }
    let invited = clinic.invite(thread, clinic.social_worker).await;
    assert!(matches!(invited, Err(Failed::Problem(Problem::Refused(_)))), "{invited:?}");
    let (person, organization) = (clinic.social_worker, clinic.practice);
    let back =
        AddMember { patient: clinic.patient, person, role: Role::SocialWorker, organization, knows_conflict: false };
    let own_way_back =
        clinic.application.add_member(sent_by(&signed_in(clinic.social_worker), &context("self")), back).await;
    assert!(matches!(own_way_back, Err(Failed::Problem(Problem::NotFound))), "{own_way_back:?}");
    // Neither who left the pool nor who is no physician answers for it.
    let there = clinic.register(centre, "nurse-there", Some(Role::Nurse)).await;
    clinic
        .application
        .add_pool_member(sent_by(&by, &context("n")), centre, AddPoolMember { pool: clinic.cardiology, person: there })
        .await
        .expect("added");
    for person in [clinic.other_specialist, there] {
        let assign = context(&person.to_string());
        let to = Assign { to: Some(person), reason: None };
        let by = signed_in(clinic.centre_coordinator);
        let refused = clinic.application.consultation(sent_by(&by, &assign), thread, to.into()).await;
        assert!(matches!(refused, Err(Failed::Problem(Problem::Refused(_)))), "{refused:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revocation_binds_a_request_whose_clock_is_behind_it() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("behind").await;
    clinic.end(clinic.nurse, clinic.practice, Role::Nurse).await;
    clinic.leave(clinic.social_worker).await;
    // Both were ended an hour after the instant at which these requests say that they run.
    for person in [clinic.nurse, clinic.social_worker] {
        let refused = clinic.post(person, thread, "early", Audience::Everyone).await;
        assert!(matches!(refused, Err(Failed::Problem(Problem::NotFound))), "{refused:?}");
        assert!(!clinic.finds(person, thread).await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_holds_from_its_event_up_to_its_last_instant() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("period").await;
    let locum = clinic.register(clinic.practice, "locum", None).await;
    let grant = context("locum");
    let by = signed_in(clinic.admin);
    clinic
        .application
        .grant_role(
            sent_by(&by, &grant),
            locum,
            GrantRole { organization: clinic.practice, role: Role::Nurse, until: Some(later()) },
        )
        .await
        .expect("granted");
    let tick = TimeDelta::microseconds(1);
    for (at, holds) in [(now() - tick, true), (now(), true), (later() - tick, true), (later(), false)] {
        let reader = clinic.reader_at(locum, at).await;
        assert_eq!(reader.thread(thread).expect("no fault").is_some(), holds, "{at}");
        drop(reader);
        let post = crate::clinic::Message { audience: None, body: crate::clinic::text("hello") };
        let metadata = CommandContext { now: at, ..context(&at.timestamp_micros().to_string()) };
        assert_eq!(
            clinic.application.post_message(sent_by(&signed_in(locum), &metadata), thread, post).await.is_ok(),
            holds,
            "{at}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_needs_its_snapshot_and_authority_to_agree() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("agree").await;
    let aide = clinic.register(clinic.practice, "aide", Some(Role::SocialWorker)).await;
    let before = clinic.reader(aide).await;
    clinic.join(aide, Role::SocialWorker).await;
    assert!(before.thread(thread).expect("no fault").is_none());
    assert!(before.patient(clinic.patient).expect("no fault").is_none());
    let after = clinic.reader(aide).await;
    assert!(after.thread(thread).expect("no fault").is_some());
    clinic.leave(aide).await;
    assert!(after.thread(thread).expect("no fault").is_none());
    assert!(after.patient(clinic.patient).expect("no fault").is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_installation_begins_one_organization_with_one_administrator() {
    let application = Installation::new().await.open().await.expect("an application");
    let by = Identity::installation();
    let first = application.create_organization(sent_by(&by, &context("one")), "One").await.expect("created");
    let second = application.create_organization(sent_by(&by, &context("two")), "Two").await;
    let not_the_first = Refusal::Organization(OrganizationRefusal::NotTheFirst);
    assert!(
        matches!(&second, Err(Failed::Problem(Problem::Refused(refusal))) if *refusal == not_the_first),
        "{second:?}"
    );
    let organization = first.target;
    let person = async |key: &str, role| {
        let new = RegisterPerson { organization, name: line(key), role };
        application.register_person(sent_by(&by, &context(key)), new).await
    };
    for role in [None, Some(Role::Physician)] {
        let refused = person("physician", role).await;
        let not_the_first = Refusal::Person(PersonRefusal::NotTheFirst);
        assert!(
            matches!(&refused, Err(Failed::Problem(Problem::Refused(refusal))) if *refusal == not_the_first),
            "{refused:?}"
        );
    }
    assert!(!person("admin", Some(Role::Administrator)).await.expect("registered").replayed);
    assert!(person("admin", Some(Role::Administrator)).await.expect("registered").replayed);
    let refused = person("another", Some(Role::Administrator)).await;
    assert!(matches!(refused, Err(Failed::Problem(Problem::NotFound))), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_administrator_stands_in_only_where_there_is_none_and_is_answered_when_they_repeat() {
    let clinic = Clinic::open().await;
    let by = signed_in(clinic.admin);
    let outcome = clinic.application.create_organization(sent_by(&by, &context("third")), "Third").await;
    let third = outcome.expect("created").target;
    let first = clinic.register(third, "first-admin", Some(Role::Administrator)).await;
    // Neither does anybody else work there first, nor is it left without an administrator afterwards.
    let (other, by) = (clinic.register(clinic.practice, "other", None).await, signed_in(first));
    let grant = GrantRole { organization: third, role: Role::Administrator, until: Some(later()) };
    clinic.application.grant_role(sent_by(&by, &context("for a time")), other, grant).await.expect("granted");
    let end = EndRole { organization: third, role: Role::Administrator };
    let ended = clinic.application.end_role(sent_by(&by, &context("last")), first, end).await;
    let last = Problem::Refused(Refusal::Person(PersonRefusal::LastAdministrator));
    assert!(matches!(&ended, Err(Failed::Problem(problem)) if *problem == last), "{ended:?}");
    // The answer was lost; it is heard now, though the place has its own administrator meanwhile.
    assert_eq!(clinic.register(third, "first-admin", Some(Role::Administrator)).await, first);
    for (by, organization) in [(clinic.admin, third), (first, clinic.practice)] {
        let new = RegisterPerson { organization, name: line("nobody"), role: Some(Role::Physician) };
        let refused = clinic.application.register_person(sent_by(&signed_in(by), &context("no")), new).await;
        assert!(matches!(refused, Err(Failed::Problem(Problem::NotFound))), "{refused:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worklist_has_each_thread_once_on_pages_that_follow_each_other() {
    let clinic = Clinic::open().await;
    let [one, two] = [clinic.ask("one").await, clinic.ask("two").await];
    clinic.grant(clinic.pcp, clinic.practice, Role::Coordinator).await;
    let reader = clinic.reader(clinic.pcp).await;
    // Asked by this person and by the organization that they coordinate: there on both grounds.
    let whole = reader.worklist(Worklist::Waiting, &Page::default()).expect("no fault").expect("a page");
    assert_eq!(whole.edges.len(), 2);
    let mut page = Page { first: Some(1), ..Page::default() };
    let mut seen = Vec::new();
    for _ in 0..3 {
        let got = reader.worklist(Worklist::Waiting, &page).expect("no fault").expect("a page");
        seen.extend(got.edges.iter().map(|edge| edge.node.thread));
        let Some(last) = got.edges.last().filter(|_| got.has_next) else { break };
        page.after = Some(last.cursor.token().expect("a token").0);
    }
    seen.sort_unstable();
    let mut both = vec![one, two];
    both.sort_unstable();
    assert_eq!(seen, both);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_patient_acts_on_their_own_record_only_as_the_patient() {
    let clinic = Clinic::open().await;
    // A physician of the pool that is asked, and so otherwise somebody who reads and claims.
    let (_, thread) = clinic.ask_about(clinic.specialist).await;
    for (key, audience) in [("all", Audience::Everyone), ("team", Audience::ClinicalTeam)] {
        clinic.post(clinic.pcp, thread, key, audience).await.expect("posted");
    }
    assert_eq!(clinic.messages(clinic.specialist, thread).await, ["all"]);
    assert_eq!(clinic.messages(clinic.other_specialist, thread).await, ["all", "team"]);
    clinic.assign(thread).await;
    let claimed = clinic.claim(clinic.specialist, thread).await;
    assert!(matches!(claimed, Err(Failed::Problem(Problem::NotPermitted))), "{claimed:?}");
    let posted = clinic.post(clinic.specialist, thread, "as a colleague", Audience::ClinicalTeam).await;
    assert!(matches!(posted, Err(Failed::Problem(Problem::NotPermitted))), "{posted:?}");
    clinic.post(clinic.specialist, thread, "as the patient", Audience::Everyone).await.expect("posted");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_patient_neither_manages_their_own_record_nor_opens_threads_about_it() {
    let clinic = Clinic::open().await;
    let (patient, _) = clinic.ask_about(clinic.coordinator).await;
    let by = signed_in(clinic.coordinator);
    for person in [clinic.nurse, clinic.coordinator] {
        let add = clinic.new_member(patient, person, Role::Nurse);
        let added = clinic.application.add_member(sent_by(&by, &context(&format!("own-{person}"))), add).await;
        assert!(matches!(added, Err(Failed::Problem(Problem::NotPermitted))), "{added:?}");
    }
    clinic.grant(clinic.coordinator, clinic.practice, Role::Physician).await;
    let asked = crate::clinic::request(patient, clinic.cardiology);
    let asked = clinic.application.request_consultation(sent_by(&by, &context("about me")), asked).await;
    assert!(matches!(asked, Err(Failed::Problem(Problem::NotPermitted))), "{asked:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_administrators_who_end_each_others_role_at_once_one_stays() {
    let clinic = Clinic::open().await;
    let application = &clinic.application;
    for round in 0..8 {
        let key = |name: &str| context(&format!("{name} {round}"));
        let installer = signed_in(clinic.admin);
        let made =
            application.create_organization(sent_by(&installer, &key("branch")), &format!("Branch {round}")).await;
        let organization = made.expect("created").target;
        let register = async |by, name: &str| {
            let new = RegisterPerson { organization, name: line(name), role: Some(Role::Administrator) };
            application.register_person(sent_by(&signed_in(by), &key(name)), new).await.expect("registered").target
        };
        let one = register(clinic.admin, "one").await;
        let two = register(one, "two").await;
        let end = async |by, whose| {
            let end = EndRole { organization, role: Role::Administrator };
            application.end_role(sent_by(&signed_in(by), &key("end")), whose, end).await
        };
        let (first, second) = tokio::join!(end(one, two), end(two, one));
        assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_stands_in_for_a_new_organization_only_appoints_its_first_administrator() {
    let clinic = Clinic::open().await;
    let (application, by) = (&clinic.application, signed_in(clinic.admin));
    let made = application.create_organization(sent_by(&by, &context("branch")), "Branch").await;
    let branch = made.expect("created").target;
    let not_permitted = |given: Result<(), Failed>| {
        assert!(matches!(given, Err(Failed::Problem(Problem::NotPermitted))), "{given:?}");
    };
    let calendar = crate::clinic::calendar;
    not_permitted(application.set_calendar(sent_by(&by, &context("c")), branch, calendar()).await.map(drop));
    let pool = || OpenPool { names: care::organization::PoolNames::one("Wounds"), specialty: "wounds".into() };
    not_permitted(application.open_pool(sent_by(&by, &context("p")), branch, pool()).await.map(drop));
    let end = EndRole { organization: branch, role: Role::Administrator };
    not_permitted(application.end_role(sent_by(&by, &context("e")), clinic.nurse, end).await.map(drop));
    let grant = |role| GrantRole { organization: branch, role, until: None };
    let staff = signed_in(clinic.pcp);
    let by_staff =
        application.grant_role(sent_by(&staff, &context("s")), clinic.nurse, grant(Role::Administrator)).await;
    assert!(matches!(by_staff, Err(Failed::Problem(Problem::NotFound))), "{by_staff:?}");
    let nurse = application.grant_role(sent_by(&by, &context("n")), clinic.nurse, grant(Role::Nurse)).await;
    assert!(matches!(nurse, Err(Failed::Problem(Problem::Refused(_)))), "{nurse:?}");
    let first = application.grant_role(sent_by(&by, &context("g")), clinic.nurse, grant(Role::Administrator)).await;
    first.expect("granted");
    // From then on it is the administrator's to run.
    let run = signed_in(clinic.nurse);
    application.set_calendar(sent_by(&run, &context("c2")), branch, calendar()).await.expect("set");
    let another = application.grant_role(sent_by(&by, &context("a")), clinic.pcp, grant(Role::Administrator)).await;
    assert!(matches!(another, Err(Failed::Problem(Problem::NotFound))), "{another:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_coordinator_stays_while_their_organization_has_a_pool_or_an_open_thread() {
    let clinic = Clinic::open().await;
    let centre = clinic.centre().await;
    let ends = async |key: &str, person, organization| {
        let end = EndRole { organization, role: Role::Coordinator };
        match clinic.application.end_role(sent_by(&signed_in(clinic.admin), &context(key)), person, end).await {
            Ok(_) => true,
            Err(Failed::Problem(Problem::Refused(Refusal::Person(PersonRefusal::LastCoordinator)))) => false,
            Err(other) => panic!("{other}"),
        }
    };
    assert!(!ends("pool", clinic.centre_coordinator, centre).await);
    let another = clinic.register(centre, "another", Some(Role::Coordinator)).await;
    assert!(ends("two", another, centre).await);
    assert!(!ends("one", clinic.centre_coordinator, centre).await, "the other one's role has ended");
    let thread = clinic.ask("work").await;
    assert!(!ends("open", clinic.coordinator, clinic.practice).await);
    // The threads and pools of other organizations are no work of a new one.
    let by = signed_in(clinic.admin);
    let made = clinic.application.create_organization(sent_by(&by, &context("branch")), "Branch").await;
    let branch = made.expect("created").target;
    clinic.grant(clinic.admin, branch, Role::Administrator).await;
    let idle = clinic.register(branch, "idle", Some(Role::Coordinator)).await;
    assert!(ends("idle", idle, branch).await);
    clinic.assign(thread).await;
    clinic.claim(clinic.specialist, thread).await.expect("claimed");
    let recommendation = clinic.advise(thread).await;
    clinic.plan(thread, recommendation).await;
    clinic.inform(thread).await;
    clinic.close_consultation(thread).await;
    assert!(ends("closed", clinic.coordinator, clinic.practice).await);
}
