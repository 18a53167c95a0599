//! Delegations and legal authorities in time: what ends, is suspended and is reminded of by itself, and once.

mod ages;

use std::num::NonZeroU32;

use care::age::AgeGates;
use care::calendar::Calendar;
use care::conversation::ConversationRefusal;
use care::delegation::RevokeDelegation;
use care::ids::{DelegationId, PatientId, PersonId, ThreadId};
use care::legal_authority::{DisputeAuthority, EndAuthority};
use care::organization::{Organization, OrganizationCommand, SetAgeGates};
use care::patient::{LiftProtectionNote, PatientCommand, RecordDeath, RecordProtectionNote, VoidDeath};
use care::person::GrantRole;
use care::thread::ThreadRefusal;
use care::words::{
    AskedAlone, Audience, AuthorityGround, AuthorityKind, DelegationEnd, DelegationKind, Role, SuspensionCause, Topic,
};
use chrono::{DateTime, TimeDelta, Utc};
use coordination::CommandContext;
use coordination::fault::{Failed, Fault, Problem, Refusal};
use coordination::following::{Followed, NoticeTopic};
use coordination::reader::Page;
use journal::{Direction, StreamName};

use crate::clinic::{
    Clinic, Commands, Message, calendar, context, current_inbox, give, new_patient, now, request, sent_by, signed_in,
    text,
};
use crate::faulty::{AppendFault, FaultyClinic, faulty_clinic};
use crate::help::{Document, Help};
use crate::hidden_threads::{follow, told};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

pub fn days(days: i64) -> TimeDelta {
    TimeDelta::days(days)
}

const SECOND: TimeDelta = TimeDelta::seconds(1);

impl Clinic {
    /// A child without an account, with the nurse on their care team.
    async fn child(&self, birth_date: &str) -> PatientId {
        self.child_with(birth_date, None).await
    }

    /// A child, to whom the record is proposed as their own if they have an account, with the nurse on their care team.
    pub async fn child_with(&self, birth_date: &str, person: Option<PersonId>) -> PatientId {
        let new = new_patient(self.practice, person, "Noor Abbas", birth_date);
        let by = signed_in(self.coordinator);
        let registered = self.application.register_patient(sent_by(&by, &context("child")), new).await;
        let patient = registered.expect("registered").target;
        let add = self.new_member(patient, self.nurse, Role::Nurse);
        self.application.add_member(sent_by(&by, &context("child")), add).await.expect("added");
        patient
    }

    async fn about_patient(&self, by: PersonId, key: &str, command: impl Into<PatientCommand>) {
        let context = sent_by(&signed_in(by), &context(key));
        self.application.record(context, self.patient, command.into()).await.expect("not refused");
    }

    async fn set_age_gates(&self, gates: AgeGates, now: DateTime<Utc>) {
        let by = signed_in(self.admin);
        let context = CommandContext { now, ..sent_by(&by, &context(&format!("gates-{}", gates.first))) };
        let command = OrganizationCommand::from(SetAgeGates { gates });
        give::<Organization>(&self.application, context, Some(self.practice), command).await.expect("set");
    }

    /// The events of a stream that have this type, as they are stored.
    async fn stored(&self, stream: &str, event_type: &str) -> Vec<serde_json::Value> {
        let name = StreamName::parse(stream).expect("a name");
        let max = NonZeroU32::new(100).expect("many");
        let page = self.installation.care.read_stream(&name, None, Direction::Forward, max).await.expect("read");
        let of_type = page.events.iter().filter(|event| event.event_type.as_str() == event_type);
        of_type.map(|event| serde_json::from_slice(&event.data).expect("JSON")).collect()
    }

    /// A field of the events of a delegation that have this type.
    async fn fields(&self, delegation: DelegationId, event_type: &str, field: &str) -> Vec<String> {
        let events = self.stored(&format!("delegation-{delegation}"), event_type).await;
        events.iter().map(|event| event[field].as_str().expect("a word").to_owned()).collect()
    }

    /// Why a delegation ended: once, or not yet.
    pub async fn ends_of(&self, delegation: DelegationId) -> Vec<String> {
        self.fields(delegation, "delegation.ended", "reason").await
    }

    async fn reminders_of(&self, delegation: DelegationId) -> Vec<String> {
        self.fields(delegation, "delegation.reminded", "of").await
    }

    pub async fn finds_at(&self, person: PersonId, thread: ThreadId, at: DateTime<Utc>) -> bool {
        self.reader_at(person, at).await.thread(thread).expect("no fault").is_some()
    }

    pub async fn processed(&self, at: DateTime<Utc>) -> usize {
        let effects = self.application.run_processes(at).await.expect("no fault");
        self.application.catch_up().await.expect("caught up");
        effects
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_access_ends_at_its_instant_without_a_process() {
    let clinic = Clinic::open().await;
    let help = Help::of(&clinic, DelegationKind::PatientAuthorised);
    let delegation = clinic.helped(&help).await;
    let thread = clinic.ask("helped").await;
    assert!(clinic.finds_at(clinic.stranger, thread, help.until - SECOND).await);
    assert!(!clinic.finds_at(clinic.stranger, thread, help.until).await);
    assert!(clinic.ends_of(delegation).await.is_empty(), "nothing has recorded it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invitation_is_reminded_of_and_ends_once_also_over_restarts() {
    let mut clinic = Clinic::open().await;
    let delegation = clinic.invite_helper(&Help::of(&clinic, DelegationKind::PatientAuthorised)).await;
    let (reminded, expired) = (now() + days(7), now() + days(14));
    assert_eq!(clinic.processed(reminded - SECOND).await, 0);
    assert_eq!(clinic.processed(reminded).await, 1);
    clinic.restart().await;
    assert_eq!(clinic.processed(reminded).await, 0);
    assert_eq!(clinic.reminders_of(delegation).await, ["invitation"]);
    assert_eq!(clinic.processed(expired - SECOND).await, 0);
    assert_eq!(clinic.processed(expired).await, 1);
    assert_eq!(clinic.processed(expired + days(90)).await, 0);
    clinic.restart().await;
    assert_eq!(clinic.processed(expired + days(90)).await, 0);
    assert_eq!(clinic.ends_of(delegation).await, ["invitation_expired"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_end_of_an_access_is_announced_and_recorded_once_also_by_two_nodes() {
    let clinic = Clinic::open().await;
    let help = Help::of(&clinic, DelegationKind::PatientAuthorised);
    let delegation = clinic.helped(&help).await;
    // An access of sixty days is a short one.
    let announced = help.until - days(14);
    let due = async |at| clinic.application.run_due_processes(at).await.expect("no fault");
    clinic.processed(announced - SECOND).await;
    assert_eq!(due(announced - SECOND).await, None, "there is nothing to look at before");
    assert_eq!(due(announced).await, Some(1));
    assert_eq!(due(announced).await, None);
    assert_eq!(clinic.reminders_of(delegation).await, ["end_ahead"]);
    let elsewhere = clinic.installation.elsewhere();
    let other = elsewhere.open().await.expect("another node");
    let (here, there) = tokio::join!(clinic.application.run_processes(help.until), other.run_processes(help.until));
    assert!(here.is_ok() && there.is_ok(), "{here:?} {there:?}");
    assert_eq!(clinic.ends_of(delegation).await, ["expired"]);
    other.close();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fault_delays_no_other_delegation_and_what_was_written_is_not_written_again() {
    // Of what was written and is not known to be, the journal says so as often as it is asked.
    for (fault, times, written) in [(AppendFault::Unavailable, 1, 1), (AppendFault::WrittenButUnknown, 5, 2)] {
        let FaultyClinic { clinic, care, access: _ } = faulty_clinic().await;
        let other = clinic.register(clinic.practice, "other", None).await;
        let help = |helper| Help { helper, ..Help::of(&clinic, DelegationKind::PatientAuthorised) };
        let invited = [clinic.invite_helper(&help(clinic.stranger)).await, clinic.invite_helper(&help(other)).await];
        let expired = now() + days(14);
        care.next(std::iter::repeat_n(fault, times));
        let first = clinic.application.run_processes(expired).await;
        assert!(matches!(first, Err(Fault::Unavailable(_))), "{first:?}");
        clinic.application.catch_up().await.expect("caught up");
        let mut ended = 0;
        for delegation in invited {
            ended += clinic.ends_of(delegation).await.len();
        }
        assert_eq!(ended, written, "the other one ended all the same");
        assert_eq!(clinic.processed(expired).await, 0, "what failed is left alone for a moment");
        clinic.processed(expired + TimeDelta::minutes(2)).await;
        for delegation in invited {
            assert_eq!(clinic.ends_of(delegation).await, ["invitation_expired"], "{fault:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_local_midnight_of_the_first_gate_the_access_to_a_minor_is_narrowed_once() {
    let clinic = Clinic::open().await;
    let vienna = Calendar { zone: "Europe/Vienna".to_owned(), ..calendar() };
    let by = signed_in(clinic.admin);
    clinic.application.set_calendar(sent_by(&by, &context("zone")), clinic.practice, vienna).await.expect("set");
    let patient = clinic.child("2014-11-30").await;
    let (kind, ground) = (AuthorityKind::ParentalResponsibility, AuthorityGround::Minority);
    let authority = clinic.authority(Document::of(&clinic, patient, kind, ground)).await;
    let help = Help {
        patient,
        authority: Some(authority),
        until: now() + days(360),
        ..Help::of(&clinic, DelegationKind::ParentOfMinor)
    };
    let delegation = clinic.helped(&help).await;
    let midnight = at("2026-11-29T23:00:00Z");
    let narrowed = async || clinic.stored(&format!("delegation-{delegation}"), "delegation.narrowed").await;
    clinic.processed(midnight - SECOND).await;
    assert_eq!(clinic.reminders_of(delegation).await, ["age_gate_ahead"]);
    assert!(narrowed().await.is_empty());
    // The practice has the gate later, and then as before: the instants follow.
    clinic.set_age_gates(AgeGates { first: 14, review: None, adult: 18 }, midnight - SECOND).await;
    assert_eq!(clinic.processed(midnight).await, 0);
    clinic.set_age_gates(AgeGates { first: 12, review: None, adult: 18 }, midnight).await;
    let events = narrowed().await;
    let [event] = events.as_slice() else { panic!("{events:?}") };
    let topics = event["scope"]["topics"].as_object().expect("topics");
    assert_eq!(topics.keys().collect::<Vec<_>>(), ["scheduling"]);
    assert_eq!(event["by"].as_str(), Some("process-delegations"));
    assert_eq!(clinic.processed(midnight).await, 0);
    assert_eq!(narrowed().await.len(), 1);
    // No instant of an age is in the log: the date of birth would follow from it.
    let passed = clinic.stored(&format!("delegation-{delegation}"), "delegation.reminded").await;
    assert!(!format!("{passed:?}").contains("2026-11-29T23"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_clock_alone_wakes_the_process_at_an_age() {
    let clinic = Clinic::open().await;
    let patient = clinic.child("2014-11-30").await;
    let (kind, ground) = (AuthorityKind::ParentalResponsibility, AuthorityGround::Minority);
    let authority = clinic.authority(Document::of(&clinic, patient, kind, ground)).await;
    let help = Help { patient, authority: Some(authority), ..Help::of(&clinic, DelegationKind::ParentOfMinor) };
    let delegation = clinic.helped(&help).await;
    // Without a calendar of the practice, midnight is that of Coordinated Universal Time.
    let midnight = at("2026-11-30T00:00:00Z");
    let due = async |at| clinic.application.run_due_processes(at).await.expect("no fault");
    clinic.processed(midnight - SECOND).await;
    assert_eq!(due(midnight - SECOND).await, None);
    assert_eq!(due(midnight).await, Some(1));
    assert_eq!(due(midnight).await, None);
    let narrowed = clinic.stored(&format!("delegation-{delegation}"), "delegation.narrowed").await;
    assert_eq!(narrowed.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_death_ends_every_access_but_an_executors_and_its_correction_that_one() {
    let clinic = Clinic::open().await;
    let delegation = clinic.helped(&Help::of(&clinic, DelegationKind::PatientAuthorised)).await;
    let died = RecordDeath { at: now() - days(1), source: text("A letter of the hospital.") };
    clinic.about_patient(clinic.coordinator, "died", died).await;
    // The command is answered when it has ended.
    assert_eq!(clinic.ends_of(delegation).await, ["patient_died"]);

    let (kind, ground) = (AuthorityKind::Estate, AuthorityGround::Death);
    let authority = clinic.authority(Document::of(&clinic, clinic.patient, kind, ground)).await;
    let help = Help { authority: Some(authority), ..Help::of(&clinic, DelegationKind::Executor) };
    let executor = clinic.helped(&help).await;
    let has_access = async || {
        let reader = clinic.reader(clinic.stranger).await;
        reader.own_delegation(executor).expect("no fault").is_some_and(|own| own.is_active)
    };
    assert!(has_access().await);
    let after_the_death = clinic.ask("estate").await;
    assert!(!clinic.finds(clinic.stranger, after_the_death).await);
    clinic.about_patient(clinic.nurse, "lives", VoidDeath { reason: text("It was her sister.") }).await;
    assert_eq!(clinic.ends_of(executor).await, ["death_voided"]);
    assert!(!has_access().await);
    // What had ended does not come back.
    assert_eq!(clinic.processed(now()).await, 0);
    assert_eq!(clinic.ends_of(delegation).await, ["patient_died"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_executor_reads_what_there_was_at_the_death_and_notices_nothing_later() {
    let clinic = Clinic::open().await;
    let died = RecordDeath { at: now(), source: text("A letter of the hospital.") };
    clinic.about_patient(clinic.coordinator, "died", died).await;
    let (kind, ground) = (AuthorityKind::Estate, AuthorityGround::Death);
    let authority = clinic.authority(Document::of(&clinic, clinic.patient, kind, ground)).await;
    clinic.helped(&Help { authority: Some(authority), ..Help::of(&clinic, DelegationKind::Executor) }).await;
    // It was opened at the instant of the death.
    let thread = clinic.ask("before").await;
    clinic.post(clinic.pcp, thread, "before", Audience::Everyone).await.expect("posted");
    let later = now() + TimeDelta::hours(1);
    let seen = async |ids: &[ThreadId]| {
        let reader = clinic.reader_at(clinic.stranger, later).await;
        let finds: Vec<bool> = ids.iter().map(|id| reader.thread(*id).expect("no fault").is_some()).collect();
        let view = reader.thread(thread).expect("no fault").expect("found");
        let messages = reader.messages(&view, &Page::default()).expect("no fault").expect("a page").edges.len();
        let unread = reader.unread(&view).expect("no fault");
        let lists = current_inbox(&reader);
        let listed: Vec<ThreadId> = lists.edges.iter().map(|edge| edge.node.thread).collect();
        let persons = reader.person_by_id(clinic.nurse).expect("no fault").is_some();
        (finds, messages, unread, view.updated_at, listed, persons)
    };
    let before = seen(&[thread]).await;
    assert_eq!((&before.0, before.1, before.2, &before.4), (&vec![true], 1, 1, &vec![thread]));
    let mut inbox = follow(&clinic, clinic.stranger, Followed::Inbox).await;

    let by = |person, key: &str| CommandContext { now: later, ..sent_by(&signed_in(person), &context(key)) };
    let message = |key| Message { audience: Some(Audience::Everyone), body: text(key) };
    let posted = clinic.application.post_message(by(clinic.nurse, "after"), thread, message("after")).await;
    let posted = posted.expect("posted").command.creates(0);
    let question = request(clinic.patient, clinic.cardiology);
    let opened = clinic.application.request_consultation(by(clinic.pcp, "later"), question).await;
    let opened = opened.expect("asked").target;
    assert_eq!(seen(&[thread]).await, before);
    assert_eq!(seen(&[thread, opened]).await.0, [true, false]);
    assert_eq!(told(&clinic, &mut inbox).await, (vec![], false));
    let reader = clinic.reader_at(clinic.stranger, later).await;
    assert!(reader.message_by_id(posted).expect("no fault").is_none());
    drop(reader);
    assert_eq!(clinic.messages(clinic.nurse, thread).await, ["before", "after"]);
    assert_eq!(clinic.messages(clinic.stranger, thread).await, ["before"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_death_nothing_is_read_though_no_process_has_run() {
    let clinic = Clinic::open().await;
    let delegation = clinic.helped(&Help::of(&clinic, DelegationKind::PatientAuthorised)).await;
    let thread = clinic.ask("helped").await;
    assert!(clinic.finds(clinic.stranger, thread).await);
    let sealed =
        r#"{"t":"patient.death_source","k":"t:00000000000000000000000000000005:1","n":"AQIDBAUGBwgJCgsM","c":"AA"}"#;
    let died = format!(
        r#"{{"by":"person-{}","role":"nurse","at":"2026-11-22T09:00:00.000000Z","source":{{"$sealed":{sealed}}}}}"#,
        clinic.nurse
    );
    clinic.forge(&format!("patient-{}", clinic.patient), "patient.death_recorded", &died).await;
    assert!(!clinic.finds(clinic.stranger, thread).await);
    assert!(clinic.ends_of(delegation).await.is_empty());
    // The delegation ends, and the thread says it.
    assert_eq!(clinic.processed(now()).await, 2);
    assert_eq!(clinic.processed(now()).await, 0);
    assert_eq!(clinic.ends_of(delegation).await, ["patient_died"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_note_that_protects_nothing_is_read_though_no_process_has_run() {
    let clinic = Clinic::open().await;
    let delegation = clinic.helped(&Help::of(&clinic, DelegationKind::PatientAuthorised)).await;
    let thread = clinic.ask("helped").await;
    assert!(clinic.finds(clinic.stranger, thread).await);
    let sealed = r#"{"t":"patient.protection_note_reason","k":"t:00000000000000000000000000000005:1","n":"AQIDBAUGBwgJCgsM","c":"AA"}"#;
    let note = format!(
        r#"{{"by":"person-{}","role":"nurse","against":"{}","reason":{{"$sealed":{sealed}}}}}"#,
        clinic.nurse, clinic.stranger
    );
    clinic.forge(&format!("patient-{}", clinic.patient), "patient.protection_note_recorded", &note).await;
    assert!(!clinic.finds(clinic.stranger, thread).await);
    assert!(clinic.stored(&format!("delegation-{delegation}"), "delegation.suspended").await.is_empty());
    assert_eq!(clinic.processed(now()).await, 1);
    assert_eq!(clinic.fields(delegation, "delegation.suspended", "cause").await, ["protection_note"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_end_of_an_employment_ends_what_rests_on_it() {
    for by_itself in [false, true] {
        let clinic = Clinic::open().await;
        let centre = clinic.centre().await;
        let until = now() + TimeDelta::minutes(30);
        let grant = GrantRole { organization: centre, role: Role::SocialWorker, until: by_itself.then_some(until) };
        let by = signed_in(clinic.admin);
        clinic.application.grant_role(sent_by(&by, &context("aide")), clinic.stranger, grant).await.expect("granted");
        let help = Help { organization: Some(centre), ..Help::of(&clinic, DelegationKind::ProfessionalHelper) };
        let delegation = clinic.helped(&help).await;
        assert_eq!(clinic.processed(now()).await, 0);
        if by_itself {
            assert_eq!(clinic.processed(until - SECOND).await, 0);
            assert_eq!(clinic.application.run_due_processes(until).await.expect("no fault"), Some(1));
            assert_eq!(clinic.processed(until).await, 0);
        } else {
            clinic.end(clinic.stranger, centre, Role::SocialWorker).await;
        }
        assert_eq!(clinic.ends_of(delegation).await, ["employment_ended"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disputed_authority_suspends_what_rests_on_it_and_its_end_ends_that() {
    let clinic = Clinic::open().await;
    let (kind, ground) = (AuthorityKind::Guardianship, AuthorityGround::LackOfCapacity);
    let authority = clinic.authority(Document::of(&clinic, clinic.patient, kind, ground)).await;
    let help = Help { authority: Some(authority), ..Help::of(&clinic, DelegationKind::LegalRepresentative) };
    let delegation = clinic.helped(&help).await;
    let thread = clinic.ask("helped").await;
    assert!(clinic.finds(clinic.stranger, thread).await);
    let dispute = DisputeAuthority { reason: text("There is a newer decree.") };
    clinic.to_authority(clinic.nurse, Some(authority), dispute.into()).await;
    assert_eq!(clinic.fields(delegation, "delegation.suspended", "cause").await, ["authority_disputed"]);
    assert!(!clinic.finds(clinic.stranger, thread).await);
    assert_eq!(clinic.processed(now()).await, 0);
    let end = EndAuthority { reason: text("The court says so."), ended_at: now() };
    clinic.to_authority(clinic.nurse, Some(authority), end.into()).await;
    assert_eq!(clinic.ends_of(delegation).await, ["authority_ended"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_rests_on_a_disputed_or_ended_authority_is_not_read_though_no_process_has_run() {
    for is_ended in [false, true] {
        let clinic = Clinic::open().await;
        let (kind, ground) = (AuthorityKind::Guardianship, AuthorityGround::LackOfCapacity);
        let authority = clinic.authority(Document::of(&clinic, clinic.patient, kind, ground)).await;
        let help = Help { authority: Some(authority), ..Help::of(&clinic, DelegationKind::LegalRepresentative) };
        let delegation = clinic.helped(&help).await;
        let thread = clinic.ask("helped").await;
        // By their own lists, and by the list of who would see it that the patient is shown.
        let sees = async || {
            let reader = clinic.reader(clinic.stranger).await;
            let lists = current_inbox(&reader);
            let is_listed = lists.edges.iter().any(|edge| edge.node.thread == thread);
            let own = reader.own_delegation(delegation).expect("no fault").expect("theirs").is_active;
            drop((lists, reader));
            let reader = clinic.reader(clinic.patient_person).await;
            let view = reader.thread(thread).expect("no fault").expect("found");
            let of = reader.thread_delegates(&view).expect("no fault").expect("may hide it");
            let would_see = of.would_see.iter().any(|row| row.person == clinic.stranger);
            (clinic.finds(clinic.stranger, thread).await, is_listed, own, would_see)
        };
        assert_eq!(sees().await, (true, true, true, true));
        let mut inbox = follow(&clinic, clinic.stranger, Followed::Inbox).await;
        let mut of_thread = follow(&clinic, clinic.stranger, Followed::Thread(thread)).await;
        let sealed = |tag| {
            let key = "t:00000000000000000000000000000005:1";
            format!(r#"{{"$sealed":{{"t":"legal_authority.{tag}","k":"{key}","n":"AQIDBAUGBwgJCgsM","c":"AA"}}}}"#)
        };
        let by = format!(r#""by":"person-{}","role":"nurse""#, clinic.nurse);
        let (event_type, data) = if is_ended {
            let at = r#""how":"ended","at":"2026-11-23T08:00:00.000000Z""#;
            ("legal_authority.ended", format!(r#"{{{at},{by},"reason":{}}}"#, sealed("ended_reason")))
        } else {
            ("legal_authority.disputed", format!(r#"{{{by},"reason":{}}}"#, sealed("disputed_reason")))
        };
        clinic.forge(&format!("legal_authority-{authority}"), event_type, &data).await;
        assert_eq!(sees().await, (false, false, false, false), "{event_type}");
        assert_eq!(told(&clinic, &mut inbox).await, (vec![Some(NoticeTopic::Changed)], false), "{event_type}");
        assert_eq!(told(&clinic, &mut of_thread).await, (vec![], true), "{event_type}");
        for recorded in ["delegation.suspended", "delegation.ended"] {
            assert!(clinic.stored(&format!("delegation-{delegation}"), recorded).await.is_empty());
        }
        assert_eq!(clinic.processed(now()).await, 1);
        let recorded = if is_ended { "delegation.ended" } else { "delegation.suspended" };
        assert_eq!(clinic.stored(&format!("delegation-{delegation}"), recorded).await.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_legal_authority_is_reminded_of_and_ends_once() {
    let mut clinic = Clinic::open().await;
    let until = now() + days(200);
    let (kind, ground) = (AuthorityKind::Guardianship, AuthorityGround::LackOfCapacity);
    let patient = clinic.patient;
    let authority =
        clinic.authority(Document { until: Some(until), ..Document::of(&clinic, patient, kind, ground) }).await;
    let stream = format!("legal_authority-{authority}");
    let announced = until - days(30);
    assert_eq!(clinic.processed(announced - SECOND).await, 0);
    assert_eq!(clinic.processed(announced).await, 1);
    clinic.restart().await;
    assert_eq!(clinic.processed(until - SECOND).await, 0);
    assert_eq!(clinic.processed(until).await, 1);
    clinic.restart().await;
    assert_eq!(clinic.processed(until + days(1)).await, 0);
    let ended = clinic.stored(&stream, "legal_authority.ended").await;
    assert_eq!(ended.iter().map(|event| event["how"].as_str()).collect::<Vec<_>>(), [Some("expired")]);
    assert_eq!(clinic.stored(&stream, "legal_authority.reminded").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_protection_note_suspends_the_access_of_that_person_alone() {
    let clinic = Clinic::open().await;
    let other = clinic.register(clinic.practice, "other", None).await;
    let delegation = clinic.helped(&Help::of(&clinic, DelegationKind::PatientAuthorised)).await;
    let of_other = clinic.helped(&Help { helper: other, ..Help::of(&clinic, DelegationKind::PatientAuthorised) }).await;
    let note = RecordProtectionNote { against: clinic.stranger, reason: text("She is afraid of him.") };
    clinic.about_patient(clinic.nurse, "note", note).await;
    assert_eq!(clinic.fields(delegation, "delegation.suspended", "cause").await, ["protection_note"]);
    assert!(clinic.stored(&format!("delegation-{of_other}"), "delegation.suspended").await.is_empty());
    assert_eq!(clinic.processed(now()).await, 0);
    // Who reviews delegations takes it back, though they do not read the record.
    let officer = clinic.register(clinic.practice, "officer", Some(Role::PrivacyOfficer)).await;
    let lift = LiftProtectionNote { against: clinic.stranger, reason: text("It was a mistake.") };
    clinic.about_patient(officer, "lift", lift).await;
    assert_eq!(clinic.processed(now()).await, 0, "nobody gives an access back but a person");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn why_an_access_was_taken_away_is_told_to_who_checks_it_and_not_to_an_auditor() {
    let clinic = Clinic::open().await;
    let delegation = clinic.helped(&Help::of(&clinic, DelegationKind::PatientAuthorised)).await;
    let note = RecordProtectionNote { against: clinic.stranger, reason: text("She is afraid of him.") };
    clinic.about_patient(clinic.nurse, "note", note).await;
    let revoke = RevokeDelegation { reason: Some(text("It stays so.")) };
    clinic.to_delegation(clinic.nurse, Some(delegation), revoke.into()).await;
    let officer = clinic.register(clinic.practice, "officer", Some(Role::PrivacyOfficer)).await;
    let auditor = clinic.register(clinic.practice, "auditor", Some(Role::Auditor)).await;
    let told = async |person| {
        let reader = clinic.reader(person).await;
        let view = reader.delegation(delegation).expect("no fault").expect("found");
        let steps = reader.delegation_steps(&view).expect("no fault").expect("may be read");
        let alone = steps.iter().find_map(|step| step.said.asked_alone);
        let cause = steps.iter().find_map(|step| step.said.cause);
        let end = steps.iter().find_map(|step| step.said.end);
        (steps.len(), alone, cause, end)
    };
    let all = (Some(AskedAlone::Asked), Some(SuspensionCause::ProtectionNote), Some(DelegationEnd::Revoked));
    for person in [clinic.patient_person, clinic.nurse, officer] {
        assert_eq!(told(person).await, (8, all.0, all.1, all.2));
    }
    assert_eq!(told(auditor).await, (8, None, None, None), "the steps, and no reason");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_opens_a_consultation_about_a_minor_whom_a_parent_helps_asks_them_whether_it_is_hidden() {
    let clinic = Clinic::open().await;
    let patient = clinic.child("2014-11-30").await;
    let add = clinic.new_member(patient, clinic.pcp, Role::Physician);
    let by = sent_by(&signed_in(clinic.coordinator), &context("physician"));
    clinic.application.add_member(by, add).await.expect("added");
    let (kind, ground) = (AuthorityKind::ParentalResponsibility, AuthorityGround::Minority);
    let authority = clinic.authority(Document::of(&clinic, patient, kind, ground)).await;
    let help = Help { patient, authority: Some(authority), ..Help::of(&clinic, DelegationKind::ParentOfMinor) };
    clinic.helped(&help).await;
    let ask = async |key: &str, now: DateTime<Utc>, answer: Option<bool>| {
        let mut question = request(patient, clinic.cardiology);
        question.opening.hidden_from_delegates = answer;
        let by = CommandContext { now, ..sent_by(&signed_in(clinic.pcp), &context(key)) };
        clinic.application.request_consultation(by, question).await
    };
    // A child is not asked yet.
    ask("child", now(), None).await.expect("opened");
    let minor = at("2026-11-30T09:00:00Z");
    let refused = ask("unasked", minor, None).await.err();
    let Some(Failed::Problem(Problem::Refused(Refusal::Thread(ThreadRefusal::Conversation(refusal))))) = refused else {
        panic!("not refused so: {refused:?}")
    };
    assert_eq!(refusal, ConversationRefusal::HidingNotAnswered);
    let hidden = ask("asked", minor, Some(true)).await.expect("opened").target;
    let opened = clinic.stored(&format!("thread-{hidden}"), "thread.opened").await;
    let asked_by = opened.first().and_then(|opened| opened["minor_asked_by"].as_str());
    assert_eq!(asked_by, Some(clinic.pcp.to_string().as_str()));
}
