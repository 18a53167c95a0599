//! Who changes who may: nobody for themself, two administrators where there are two, the patient above all.

use care::care_team::{AcceptPlace, AddMember, CareTeam, CareTeamCommand, CareTeamRefusal, JoinCareTeam, RemoveMember};
use care::consent_directive::{Deny, DirectiveCommand, Directives, EndDirective};
use care::ids::{Id as _, PatientId, PersonId};
use care::lifecycle::consultation::{AskForAssignment, Assign, HandOverRequest};
use care::person::{ConfirmRole, DeclineRole, GrantRole, Person, PersonCommand, PersonRefusal, RegisterPerson};
use care::words::{Audience, Confidentiality, GrantBasis, Role};
use coordination::fault::{Failed, Problem, Refusal};
use coordination::reader::UnconfirmedRole;

use crate::clinic::{Clinic, Commands, Given, context, give, line, sent_by, signed_in, text};

impl Clinic {
    async fn member(&self, by: PersonId, key: &str, command: CareTeamCommand) -> Given<PatientId> {
        give::<CareTeam>(&self.application, sent_by(&signed_in(by), &context(key)), Some(self.patient), command).await
    }

    pub async fn directive(&self, by: PersonId, key: &str, command: DirectiveCommand) -> Given<PatientId> {
        give::<Directives>(&self.application, sent_by(&signed_in(by), &context(key)), Some(self.patient), command).await
    }

    async fn block(&self, person: PersonId) {
        let deny = Deny::of_person(self.patient, person, None);
        self.directive(self.patient_person, &format!("block-{person}"), deny.into()).await.expect("blocked");
    }

    async fn role(&self, by: PersonId, key: &str, person: PersonId, command: PersonCommand) -> Given<PersonId> {
        give::<Person>(&self.application, sent_by(&signed_in(by), &context(key)), Some(person), command).await
    }

    async fn roles_of(&self, person: PersonId) -> Vec<Role> {
        self.reader(person).await.my_roles().into_iter().map(|(_, role)| role).collect()
    }

    /// The refused tries that are marked for review, once there are so many.
    async fn marked(&self, count: usize) -> Vec<String> {
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
        loop {
            let page = self.installation.access.read_log(None, std::num::NonZeroU32::new(500).expect("many")).await;
            let events = page.expect("read").events;
            let data = events.iter().map(|event| String::from_utf8_lossy(&event.data).into_owned());
            let marked: Vec<String> =
                data.filter(|data| data.contains("\"refused\"") && data.contains("audit:high")).collect();
            if marked.len() >= count || std::time::Instant::now() > deadline {
                return marked;
            }
            tokio::task::yield_now().await;
        }
    }
}

fn refused<I: std::fmt::Debug>(given: Given<I>) -> Refusal {
    match given {
        Err(Failed::Problem(Problem::Refused(refusal))) => refusal,
        other => panic!("{other:?}"),
    }
}

fn is_missing<I: std::fmt::Debug>(given: &Given<I>) -> bool {
    matches!(given, Err(Failed::Problem(Problem::NotFound)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_administrator_grants_nothing_to_themself_and_the_try_is_marked_for_review() {
    let clinic = Clinic::open().await;
    let grant = GrantRole { organization: clinic.practice, role: Role::Physician, until: None };
    let given = clinic.role(clinic.admin, "self", clinic.admin, grant.into()).await;
    assert_eq!(refused(given), Refusal::Person(PersonRefusal::SelfNotAllowed));
    let marked = clinic.marked(1).await;
    assert!(marked.len() == 1 && marked[0].contains("person.grant_role"), "{marked:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_there_are_two_administrators_a_role_takes_effect_once_the_other_one_confirms_it() {
    let clinic = Clinic::open().await;
    let organization = clinic.practice;
    let admin = |key: &str| sent_by(&signed_in(clinic.admin), &context(key));
    let new = RegisterPerson { organization, name: line("Second"), role: Some(Role::Administrator) };
    let second = clinic.application.register_person(admin("second"), new).await.expect("registered").target;
    let grant = GrantRole { organization, role: Role::Physician, until: None };
    clinic.role(clinic.admin, "grant", clinic.stranger, grant.into()).await.expect("proposed");
    assert_eq!(clinic.roles_of(clinic.stranger).await, []);
    let reader = clinic.reader(second).await;
    let row = reader.organization(organization).expect("no fault").expect("an organization");
    let proposed = reader.proposed_roles(&row).expect("no fault");
    assert!(proposed.len() == 1 && proposed[0].can_confirm && reader.needs_second_person(organization, None));
    drop(reader);
    let confirm = PersonCommand::from(ConfirmRole { organization, role: Role::Physician });
    let own = clinic.role(clinic.admin, "own", clinic.stranger, confirm.clone()).await;
    assert_eq!(refused(own), Refusal::Person(PersonRefusal::SelfNotAllowed));
    clinic.role(second, "confirm", clinic.stranger, confirm).await.expect("confirmed");
    assert_eq!(clinic.roles_of(clinic.stranger).await, [Role::Physician]);
    let reader = clinic.reader(second).await;
    let row = reader.organization(organization).expect("no fault").expect("an organization");
    let staff = reader.staff_of(&row, None).expect("no fault").expect("a search");
    let basis = |person: PersonId| {
        let member = staff.iter().find(|member| member.person.person == person).expect("a member of staff");
        member.roles.first().and_then(|role| role.basis)
    };
    assert_eq!(basis(clinic.stranger), Some(GrantBasis::TwoAdministrators));
    assert_eq!(basis(clinic.nurse), Some(GrantBasis::OneAdministrator));
    assert_eq!(basis(clinic.admin), Some(GrantBasis::Installation));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whose_role_was_declined_or_not_answered_stays_findable_for_administrators() {
    let clinic = Clinic::open().await;
    let organization = clinic.practice;
    let admin = |key: &str| sent_by(&signed_in(clinic.admin), &context(key));
    let second = RegisterPerson { organization, name: line("Second"), role: Some(Role::Administrator) };
    let second = clinic.application.register_person(admin("second"), second).await.expect("registered").target;
    let new = RegisterPerson { organization, name: line("New"), role: Some(Role::Nurse) };
    let new = clinic.application.register_person(admin("new"), new).await.expect("proposed").target;
    // What a person's roles are said to be: held none, and what became of their proposals.
    let found = async |who: PersonId| {
        let reader = clinic.reader(who).await;
        let row = reader.organization(organization).expect("no fault").expect("an organization");
        let former = reader.former_staff_of(&row).expect("no fault");
        let member = former.iter().find(|member| member.person.person == new);
        member.map(|member| {
            assert!(member.roles.is_empty());
            let by = |ended: &UnconfirmedRole| ended.declined_by.as_ref().map(|person| person.person);
            member.unconfirmed.iter().map(|ended| (ended.role, by(ended))).collect::<Vec<_>>()
        })
    };
    assert_eq!(found(clinic.admin).await, Some(Vec::new()), "while it is proposed");
    let decline = PersonCommand::from(DeclineRole { organization, role: Role::Nurse });
    clinic.role(second, "decline", new, decline).await.expect("declined");
    assert_eq!(found(clinic.admin).await, Some(vec![(Role::Nurse, Some(second))]));
    assert_eq!(found(clinic.nurse).await, None, "who may grant no role is not told");
    let again = GrantRole { organization, role: Role::Nurse, until: None };
    clinic.role(clinic.admin, "again", new, again.into()).await.expect("proposed");
    assert_eq!(found(clinic.admin).await, Some(Vec::new()), "a new proposal is newer than the decline");
    let confirm = PersonCommand::from(ConfirmRole { organization, role: Role::Nurse });
    clinic.role(second, "confirm", new, confirm).await.expect("confirmed");
    assert_eq!(found(clinic.admin).await, None, "who works there is no former staff");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_puts_themself_on_a_care_team_says_why_reads_what_is_ordinary_and_stays_visible() {
    let clinic = Clinic::open().await;
    let (patient, coordinator) = (clinic.patient, clinic.coordinator);
    let add = clinic.new_member(patient, coordinator, Role::Coordinator);
    let given = clinic.member(coordinator, "add", add.into()).await;
    assert_eq!(refused(given), Refusal::CareTeam(CareTeamRefusal::SelfNotAllowed));
    let join = JoinCareTeam { patient, role: Role::Coordinator, reason: text("I cover for a colleague.") };
    clinic.member(coordinator, "join", join.into()).await.expect("joined");
    let remove = RemoveMember { patient, person: coordinator };
    clinic.member(coordinator, "leave", remove.into()).await.expect("left");
    for reads in [clinic.patient_person, clinic.nurse] {
        let reader = clinic.reader(reads).await;
        let view = reader.patient(patient).expect("no fault").expect("the patient");
        let team = reader.care_team(&view).expect("no fault").expect("a team");
        let past = team.iter().find(|member| member.person == coordinator).expect("still visible");
        assert!(past.joined && past.ended_at.is_some() && past.reason.is_some(), "{past:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_physician_of_another_organization_is_on_the_care_team_once_they_accept() {
    let clinic = Clinic::open().await;
    let (patient, specialist) = (clinic.patient, clinic.specialist);
    let centre = clinic.reader(specialist).await.my_roles().first().map(|(organization, _)| *organization);
    let organization = centre.expect("a role");
    let add = AddMember { patient, person: specialist, role: Role::Physician, organization, knows_conflict: false };
    clinic.member(clinic.coordinator, "ask", add.into()).await.expect("asked");
    let reader = clinic.reader(specialist).await;
    assert!(reader.patient(patient).expect("no fault").is_none());
    assert_eq!(reader.care_team_questions().expect("no fault").len(), 1);
    drop(reader);
    clinic.member(specialist, "accept", AcceptPlace { patient }.into()).await.expect("accepted");
    let reader = clinic.reader(specialist).await;
    assert!(reader.patient(patient).expect("no fault").is_some());
    assert_eq!(reader.care_team_questions().expect("no fault").len(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_blocked_by_the_patient_is_told_nothing_and_their_work_goes_to_others() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("blocked").await;
    clinic.assign(thread).await;
    clinic.claim(clinic.specialist, thread).await.expect("claimed");
    clinic.post(clinic.nurse, thread, "before", Audience::ClinicalTeam).await.expect("posted");
    assert!(clinic.finds(clinic.nurse, thread).await && clinic.finds(clinic.specialist, thread).await);
    clinic.block(clinic.nurse).await;
    clinic.block(clinic.specialist).await;
    for person in [clinic.nurse, clinic.specialist] {
        assert!(!clinic.finds(person, thread).await);
        assert!(clinic.reader(person).await.patient(clinic.patient).expect("no fault").is_none());
        let again = clinic.post(person, thread, "before", Audience::ClinicalTeam).await;
        assert!(is_missing(&again), "also a repeat is missing: {again:?}");
    }
    // What the specialist had is in the pool again, and a colleague claims it.
    assert!(clinic.finds(clinic.other_specialist, thread).await);
    clinic.claim_again(clinic.other_specialist, thread).await.expect("claimed by another");
    let reader = clinic.reader(clinic.patient_person).await;
    let blocks = reader.directives(clinic.patient).expect("no fault").expect("the patient may know");
    assert_eq!(blocks.len(), 2);
    let ends = blocks.iter().find(|row| row.terms.whom.person == Some(clinic.nurse)).expect("a block").directive;
    drop(reader);
    let end = EndDirective { patient: clinic.patient, directive: ends };
    let by_registrar = clinic.directive(clinic.coordinator, "not theirs", end.into()).await;
    assert!(matches!(refused(by_registrar), Refusal::Directive(_)));
    clinic.directive(clinic.patient_person, "end", end.into()).await.expect("ended");
    assert!(clinic.finds(clinic.nurse, thread).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restricted_consultation_is_for_those_who_are_involved_in_it() {
    let clinic = Clinic::open().await;
    let mut question = crate::clinic::request(clinic.patient, clinic.cardiology);
    question.opening.confidentiality = Confidentiality::Restricted;
    let by = signed_in(clinic.pcp);
    let asked = clinic.application.request_consultation(sent_by(&by, &context("restricted")), question).await;
    let thread = asked.expect("asked").target;
    // A nurse of the practice and of the care team, and the coordinators, see the header; nobody of them reads it.
    for person in [clinic.nurse, clinic.coordinator, clinic.centre_coordinator] {
        let reader = clinic.reader(person).await;
        let view = reader.thread(thread).expect("no fault").expect("the header");
        assert!(view.topic.is_none() && view.labels.is_none());
    }
    clinic.assign(thread).await;
    clinic.claim(clinic.specialist, thread).await.expect("claimed");
    let reader = clinic.reader(clinic.other_specialist).await;
    assert!(reader.thread(thread).expect("no fault").expect("the header").topic.is_none());
    drop(reader);
    // Once off the care team, a nurse knows nothing of it by being employed there.
    let remove = RemoveMember { patient: clinic.patient, person: clinic.nurse };
    clinic.member(clinic.coordinator, "off", remove.into()).await.expect("removed");
    assert!(!clinic.finds(clinic.nurse, thread).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_asking_side_asks_for_an_assignment_and_hands_the_request_over() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("ask").await;
    let by = |person: PersonId, key: &str| sent_by(&signed_in(person), &context(key));
    let assign = Assign { to: None, reason: None };
    let given = clinic.application.consultation(by(clinic.coordinator, "assign"), thread, assign.into()).await;
    assert!(matches!(given, Err(Failed::Problem(Problem::NotPermitted))), "{given:?}");
    let ask = AskForAssignment { reason: text("It is urgent.") };
    clinic.application.consultation(by(clinic.coordinator, "ask"), thread, ask.into()).await.expect("asked");

    let admin = |key: &str| by(clinic.admin, key);
    let new = RegisterPerson { organization: clinic.practice, name: line("Partner"), role: Some(Role::Physician) };
    let partner = clinic.application.register_person(admin("partner"), new).await.expect("registered").target;
    let hand_over = || HandOverRequest { to: partner, reason: text("I am on leave.") };
    let early = clinic.application.consultation(by(clinic.coordinator, "early"), thread, hand_over().into()).await;
    assert!(matches!(early, Err(Failed::Problem(Problem::Refused(_)))), "{early:?}");
    assert!(!clinic.finds(partner, thread).await);
    clinic.application.consultation(by(clinic.pcp, "over"), thread, hand_over().into()).await.expect("handed over");
    assert!(clinic.finds(partner, thread).await);
    let remove = RemoveMember { patient: clinic.patient, person: clinic.pcp };
    clinic.member(clinic.coordinator, "off", remove.into()).await.expect("removed");
    assert!(!clinic.finds(clinic.pcp, thread).await, "who handed over and left the team has lost it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_writes_down_whom_a_patient_blocks_does_not_learn_whether_there_is_such_a_person() {
    let clinic = Clinic::open().await;
    let (patient, coordinator) = (clinic.patient, clinic.coordinator);
    let nobody = PersonId::from_uuid(uuid::Uuid::from_u128(77));
    let named = async |person: PersonId| {
        let reader = clinic.reader(coordinator).await;
        let view = reader.patient(patient).expect("no fault").expect("the patient");
        reader.blocked_person(&view, person).expect("no fault").is_some()
    };
    let mut answered = Vec::new();
    for person in [clinic.other_specialist, nobody] {
        let key = person.to_string();
        let add = clinic.new_member(patient, person, Role::Nurse);
        let added = refused(clinic.member(coordinator, &key, add.into()).await);
        let deny = Deny::of_person(patient, person, Some(text("Not them.")));
        let denied = clinic.directive(coordinator, &key, deny.into()).await.expect("written down");
        answered.push((added, denied.has_effect, named(person).await));
    }
    let [of_another_organization, of_nobody] = answered.try_into().expect("two");
    assert_eq!(of_another_organization, of_nobody);
    assert!(!of_nobody.2);
    // Who is met around the patient is named: in a thread once they have claimed it, and on the staff.
    let thread = clinic.ask("met").await;
    clinic.assign(thread).await;
    assert!(!named(clinic.specialist).await);
    clinic.claim(clinic.specialist, thread).await.expect("claimed");
    assert!(named(clinic.specialist).await && named(clinic.nurse).await);
}
