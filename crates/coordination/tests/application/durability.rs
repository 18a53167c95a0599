//! What survives a restart: everything that happened can be read; what depends on a parked stream is denied; an
//! activated policy stays in force; damage is said and hides nothing else.

use std::num::NonZeroU32;

use bytes::Bytes;
use care::consent_directive::Deny;
use care::ids::Id;
use care::lifecycle::consultation::Assign;
use care::words::{Audience, Disposition, InformMethod, Role};
use coordination::fault::{Failed, Problem};
use coordination::reader::{Page, Worklist};
use coordination::{LifecycleView, TextCell};
use journal::{Append, Direction, EventType, Expected, NewEvent, Revision, StreamName};
use policy::text::PolicyText;
use uuid::Uuid;

use crate::clinic::{Clinic, Commands, OpenAnswer, content, context, new_patient, now, sent_by, signed_in};

impl Clinic {
    /// Appends an event as other software might: with the metadata of the last event of the stream, and with this data.
    pub async fn forge(&self, stream: &str, kind: &str, data: &str) {
        let name = StreamName::parse(stream).expect("a name");
        let last =
            self.installation.care.read_stream(&name, None, Direction::Backward, NonZeroU32::MIN).await.expect("read");
        let last = last.events.first().expect("an event");
        let event = NewEvent {
            id: Uuid::new_v5(&last.id, data.as_bytes()),
            event_type: EventType::parse(kind).expect("a kind"),
            data: Bytes::from(data.to_owned()),
            meta: last.meta.clone(),
        };
        let append = Append { stream: name, expected: Expected::Exact(last.revision), events: vec![event] };
        self.installation.care.append(append).await.expect("appended");
        self.application.catch_up().await.expect("folded");
    }

    pub fn file(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.installation.directory.path().join("read-models.db")).expect("opens")
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_consultation_can_be_read_completely_before_and_after_a_restart() {
    let mut clinic = Clinic::open().await;
    let thread = clinic.ask("all").await;
    let posted = clinic.post(clinic.pcp, thread, "hello", Audience::Everyone).await.expect("posted");
    let mark = context("mark");
    let (by, message) = (signed_in(clinic.nurse), posted.command.creates(0));
    clinic.application.mark_read(sent_by(&by, &mark), thread, message).await.expect("marked");
    let assign = context("to");
    let to = Assign { to: Some(clinic.specialist), reason: None };
    let by = signed_in(clinic.centre_coordinator);
    clinic.application.consultation(sent_by(&by, &assign), thread, to.into()).await.expect("assigned");
    clinic.claim(clinic.specialist, thread).await.expect("claimed");
    let recommendation = clinic.advise(thread).await;
    clinic.plan(thread, recommendation).await;
    clinic.inform(thread).await;
    for _ in 0..2 {
        let reader = clinic.reader(clinic.nurse).await;
        let view = reader.thread(thread).expect("no fault").expect("found");
        let header = reader.lifecycle_header(&view).expect("no fault").expect("a consultation");
        let LifecycleView::Consultation(row) = &*header else { panic!("a consultation") };
        assert_eq!((row.assigned_to, view.owner_person), (Some(clinic.specialist), Some(clinic.specialist)));
        assert_eq!(reader.unread(&view).expect("no fault"), 0);
        let marks = reader.read_receipts(&view).expect("no fault");
        assert!(matches!(marks.as_slice(), [mark] if mark.person == clinic.nurse && mark.read_at == now()));
        let pool = reader.pool_in(&view, clinic.cardiology).expect("no fault").expect("a pool");
        assert_eq!((pool.name.as_str(), pool.specialty.as_str()), ("Cardiology", "cardiology"));
        let organization =
            reader.organization_in(&view, view.organization.expect("shown")).expect("no fault").expect("named");
        assert_eq!(organization.name, "practice");
        let people = reader.participants(&view, &Page::default()).expect("no fault").expect("a page");
        assert!(matches!(people.edges.as_slice(), [edge] if edge.node.person == clinic.pcp));
        let name = reader.person_in(&view, clinic.specialist).expect("no fault").expect("named");
        assert!(matches!(&name.name, TextCell::Open(text) if text.as_str().starts_with("specialist")));
        drop((name, organization, pool, header, view, reader));

        // The patient was informed, so they may read it.
        let reader = clinic.reader(clinic.patient_person).await;
        let view = reader.thread(thread).expect("no fault").expect("found");
        assert!(matches!(view.subject, TextCell::Open(_)));
        let lifecycle = reader.lifecycle(&view).expect("no fault").expect("released");
        let content = content(&lifecycle);
        let advice = content.advice.as_ref().expect("answered");
        assert_eq!(advice.by.person(), Some(clinic.specialist));
        let informed = content.informed.as_ref().expect("informed");
        assert_eq!((informed.method, informed.told_at), (InformMethod::Telephone, now()));
        let plan = content.plan.as_ref().expect("planned");
        assert!(plan.by.person() == Some(clinic.pcp) && matches!(plan.note, Some(TextCell::Open(_))));
        let each = advice.recommendations.first().expect("one");
        assert_eq!(each.disposition, Some(Disposition::Modified));
        assert!(matches!(each.reason, Some(TextCell::Open(_))));
        drop((lifecycle, view, reader));
        clinic.restart().await;
    }
    // The calendar that answers are promised by was loaded as well, and so were the pool's members.
    let next = clinic.ask("next").await;
    assert!(clinic.finds(clinic.specialist, next).await);
    let reader = clinic.reader(clinic.specialist).await;
    let mine = reader.worklist(Worklist::MyPools, &Page::default()).expect("no fault").expect("a page");
    assert!(matches!(mine.edges.as_slice(), [edge] if edge.node.thread == next));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn access_that_depends_on_a_parked_stream_is_denied_before_and_after_a_restart() {
    let streams: [(&str, &str); 4] = [
        ("care_team", "care_team.member_removed"),
        ("patient", "patient.registered"),
        ("person", "person.role_ended"),
        ("organization", "organization.pool_member_removed"),
    ];
    for (category, kind) in streams {
        let mut clinic = Clinic::open().await;
        let thread = clinic.ask("parked").await;
        let centre = clinic.centre().await;
        let (id, denied) = match category {
            "care_team" => (clinic.patient.to_string(), clinic.social_worker),
            "patient" => (clinic.patient.to_string(), clinic.patient_person),
            "person" => (clinic.nurse.to_string(), clinic.nurse),
            _ => (centre.to_string(), clinic.specialist),
        };
        assert!(clinic.finds(denied, thread).await, "{category}");
        clinic.forge(&format!("{category}-{id}"), kind, r#"{"no":1}"#).await;
        assert!(!clinic.finds(denied, thread).await, "{category}");
        assert!(clinic.finds(clinic.pcp, thread).await, "{category}");
        clinic.restart().await;
        assert!(!clinic.finds(denied, thread).await, "{category} after a restart");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_process_removes_anything_because_a_stream_is_parked() {
    for (category, kind) in [
        ("person", "person.role_ended"),
        ("organization", "organization.pool_member_removed"),
        ("consent_directive", "consent_directive.ended"),
    ] {
        let clinic = Clinic::open().await;
        let centre = clinic.centre().await;
        let owned = clinic.ask("owned").await;
        clinic.assign(owned).await;
        clinic.claim(clinic.specialist, owned).await.expect("claimed");
        let joined = clinic.ask("joined").await;
        let by = signed_in(clinic.pcp);
        let added = clinic.application.add_participant(sent_by(&by, &context("add")), joined, clinic.nurse).await;
        added.expect("added");
        let streams = match category {
            "person" => vec![clinic.nurse.to_string(), clinic.specialist.to_string()],
            "consent_directive" => {
                let deny = Deny::of_person(clinic.patient, clinic.stranger, None);
                clinic.directive(clinic.patient_person, "deny", deny.into()).await.expect("denied");
                vec![clinic.patient.to_string()]
            }
            _ => vec![centre.to_string()],
        };
        for id in streams {
            clinic.forge(&format!("{category}-{id}"), kind, r#"{"no":1}"#).await;
        }
        clinic.application.catch_up().await.expect("caught up");
        let before = clinic.installation.care.head().await.expect("a head");
        assert_eq!(clinic.application.run_processes(now()).await.expect("no fault"), 0, "{category}");
        assert_eq!(clinic.installation.care.head().await.expect("a head"), before, "{category}");
        // Coordinators are told nevertheless that nobody can go on; without their pool, their owner can.
        let loose = clinic.application.loose_ends(now());
        let is_loose = loose.iter().any(|end| end.thread == owned);
        assert_eq!(is_loose, category != "organization", "{loose:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_after_the_malformed_event_of_a_stream_is_folded() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("parked").await;
    let aide = clinic.register(clinic.practice, "aide", Some(Role::SocialWorker)).await;
    let stream = format!("care_team-{}", clinic.patient);
    clinic.forge(&stream, "care_team.member_added", r#"{"no":1}"#).await;
    for person in [aide, clinic.social_worker] {
        let added = format!(
            r#"{{"patient":"{}","person":"{person}","role":"social_worker","organization":"{}"}}"#,
            clinic.patient, clinic.practice
        );
        clinic.forge(&stream, "care_team.member_added", &added).await;
        assert!(!clinic.finds(person, thread).await);
    }
    let members: i64 =
        clinic.file().query_row("SELECT count(*) FROM care_team", [], |row| row.get(0)).expect("a count");
    assert_eq!(members, 3);
    // The same event in a whole stream is folded: it was not refused for its form.
    let whole = new_patient(clinic.practice, None, "Noor", "1990-01-01");
    let by = signed_in(clinic.coordinator);
    let outcome = clinic.application.register_patient(sent_by(&by, &context("noor")), whole).await.expect("registered");
    let patient = outcome.target;
    let member = clinic.new_member(patient, clinic.pcp, Role::Physician);
    clinic.application.add_member(sent_by(&by, &context("noor")), member).await.expect("added");
    let added = format!(
        r#"{{"patient":"{patient}","person":"{aide}","role":"social_worker","organization":"{}"}}"#,
        clinic.practice
    );
    clinic.forge(&format!("care_team-{patient}"), "care_team.member_added", &added).await;
    assert!(clinic.reader(aide).await.patient(patient).expect("no fault").is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_activated_policy_is_in_force_before_and_after_a_restart() {
    let mut clinic = Clinic::open().await;
    let thread = clinic.ask("policy").await;
    let shipped = PolicyText::shipped();
    // One rule less: nurses of the organization that asked, and of the care team.
    let kept = |line: &&str| !["p, R201", "p, R403", "p, R416"].iter().any(|row| line.starts_with(row));
    let rules = shipped.rules.lines().filter(kept).collect::<Vec<_>>().join("\n") + "\n";
    let text = PolicyText { rules, ..shipped };
    assert!(clinic.finds(clinic.nurse, thread).await);
    clinic.application.activate_policy(&signed_in(clinic.admin), text.clone(), now()).await.expect("activated");
    for _ in 0..2 {
        assert_eq!(clinic.application.readiness().policy_version, text.version());
        assert!(!clinic.finds(clinic.nurse, thread).await && clinic.finds(clinic.pcp, thread).await);
        clinic.restart().await;
    }
    // Read models that were thrown away are folded again, and the log is not begun a second time.
    clinic.application.close();
    clinic.installation.directory = tempfile::tempdir().expect("a directory");
    clinic.restart().await;
    assert_eq!(clinic.application.readiness().policy_version, text.version());
    let kept = "SELECT data FROM entity WHERE name = 'policy'";
    let kept: Vec<u8> = clinic.file().query_row(kept, [], |row| row.get(0)).expect("one");
    assert!(String::from_utf8_lossy(&kept).contains(&text.version()));
    let refused = clinic.application.activate_policy(&signed_in(clinic.pcp), PolicyText::shipped(), now()).await;
    assert!(matches!(refused, Err(Failed::Problem(Problem::NotPermitted))), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_policy_that_cannot_be_read_stops_the_node() {
    let clinic = Clinic::open().await;
    let name = StreamName::parse(&format!("policy-{}", Uuid::nil().simple())).expect("a name");
    let last =
        clinic.installation.care.read_stream(&name, None, Direction::Backward, NonZeroU32::MIN).await.expect("read");
    let last = last.events.first().expect("an event");
    let event = NewEvent {
        id: Uuid::from_u128(80),
        event_type: last.event_type.clone(),
        data: Bytes::from_static(b"{}"),
        meta: last.meta.clone(),
    };
    let append = Append { stream: name, expected: Expected::Exact(Revision(0)), events: vec![event] };
    clinic.installation.care.append(append).await.expect("appended");
    assert!(clinic.application.catch_up().await.is_err());
    assert!(clinic.application.readiness().stopped.is_some_and(|reason| reason.contains("policy")));
    assert!(OpenAnswer::begin(&clinic.application, signed_in(clinic.pcp), None, now()).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_text_is_withheld_alone_and_a_rebuild_repairs_it() {
    let mut clinic = Clinic::open().await;
    let thread = clinic.ask("damaged").await;
    clinic.post(clinic.nurse, thread, "whole", Audience::Everyone).await.expect("posted");
    clinic.post(clinic.nurse, thread, "second", Audience::Everyone).await.expect("posted");
    clinic.application.catch_up().await.expect("caught up");
    let changed = "UPDATE message SET body = CAST(substr(body, 1, length(body) - 1) || x'00' AS BLOB)
        WHERE number = (SELECT min(number) FROM message)";
    assert_eq!(clinic.file().execute(changed, []), Ok(1), "one byte of one message");
    let reader = clinic.reader(clinic.pcp).await;
    let view = reader.thread(thread).expect("no fault").expect("found");
    let page = reader.messages(&view, &Page::default()).expect("no fault").expect("a page");
    let withheld = page.edges.iter().filter(|edge| matches!(edge.node.body, TextCell::Withheld));
    assert_eq!((withheld.count(), page.edges.len()), (1, 2), "the other is shown");
    drop((page, view, reader));
    clinic.application.close();
    clinic.installation.rebuild().await.expect("rebuilt");
    clinic.application = clinic.installation.open().await.expect("opened again");
    assert_eq!(clinic.messages(clinic.pcp, thread).await, ["whole", "second"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_who_leaves_the_care_team_loses_their_place_in_the_inbox() {
    let clinic = Clinic::open().await;
    clinic.ask("inbox").await;
    let places = |clinic: &Clinic| -> i64 {
        let person = clinic.social_worker.uuid().into_bytes();
        let sql = "SELECT count(*) FROM inbox_place WHERE person = ?1";
        clinic.file().query_row(sql, [person], |row| row.get(0)).expect("a count")
    };
    assert_eq!(places(&clinic), 1);
    clinic.leave(clinic.social_worker).await;
    assert_eq!(places(&clinic), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refused_tries_that_are_only_counted_are_recorded_when_the_node_stops() {
    let clinic = Clinic::open().await;
    let nobody = Id::from_uuid(Uuid::from_u128(7));
    let reader = clinic.reader(clinic.stranger).await;
    for _ in 0..4 {
        assert!(reader.thread(nobody).expect("no fault").is_none());
    }
    drop(reader);
    clinic.application.close();
    let page = clinic.installation.access.read_log(None, NonZeroU32::new(1_000).expect("many")).await.expect("read");
    let refused = page.events.iter().filter(|event| event.event_type.as_str() == "access.refused");
    let times: Vec<_> = refused.map(|event| String::from_utf8_lossy(&event.data).contains("\"times\":3")).collect();
    assert_eq!(times, [false, true]);
}
