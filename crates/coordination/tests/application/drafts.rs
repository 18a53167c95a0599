//! Drafts: what a person has typed and not sent. They are the author's alone, follow their access, end when their form is
//! sent, and cannot be read after that.

use std::sync::Arc;

use care::command_name::{CommandName, Named};
use care::conversation::{Addressed, ConversationCommand, PostMessage};
use care::draft::{DiscardDraft, DraftCommand, DraftRefusal, Drafts, Form, FormFields, SaveDraft};
use care::idempotency::IdempotencyKey;
use care::ids::{DraftId, Id, PersonId, ThreadId};
use care::party::FormSubject;
use care::text::Text;
use care::words::{Audience, Role};
use chrono::{DateTime, TimeDelta, Utc};
use coordination::fault::{Failed, Problem, Refusal};
use coordination::reader::Page;
use coordination::{CommandContext, CommandOutcome, SentDraft};
use journal::{Direction, StreamName};
use std::num::NonZeroU32;
use uuid::Uuid;
use vault::{KeyEncryptionKey, KeyId, KeyState, KeyStoreUrl, Vault};

use crate::clinic::{
    Clinic, Commands, Given, Installation, MARKER, context, current_inbox, give, now, request, sent_by, signed_in, text,
};

fn draft_of(author: PersonId, key: &str) -> DraftId {
    DraftId::of(author, &IdempotencyKey::parse(key).expect("a key"))
}

fn reply(thread: ThreadId) -> Form {
    Form::of(PostMessage::NAME, FormSubject::Thread(thread)).expect("a form")
}

fn typed(words: &str) -> Text {
    let words = format!("{words} {MARKER}");
    FormFields::of([("body", words.as_str())].into_iter()).expect("fields").to_text().expect("a text")
}

fn at(seconds: i64) -> DateTime<Utc> {
    now() + TimeDelta::seconds(seconds)
}

fn refused<I: std::fmt::Debug>(given: Given<I>) -> DraftRefusal {
    match given {
        Err(Failed::Problem(Problem::Refused(Refusal::Draft(refusal)))) => refusal,
        other => panic!("{other:?}"),
    }
}

/// A save of a draft.
struct Save<'a> {
    by: PersonId,
    draft: &'a str,
    form: Form,
    words: &'a str,
    at: DateTime<Utc>,
    version: Option<String>,
}

impl Clinic {
    async fn save(&self, save: Save<'_>) -> Given<PersonId> {
        let Save { by, draft, form, words, at, version } = save;
        let key = format!("{draft}-{words}-{}", at.timestamp());
        let context = CommandContext { expected: version, now: at, ..sent_by(&signed_in(by), &context(&key)) };
        let (draft, content) = (draft_of(by, draft), typed(words).into());
        self.application
            .save_draft(
                &context,
                SaveDraft { draft, may_begin: true, form, content, expected: None, same_as: None, leaving: false },
            )
            .await
    }

    /// The first save of a reply.
    async fn typed(&self, by: PersonId, draft: &str, thread: ThreadId) {
        let save = Save { by, draft, form: reply(thread), words: "half", at: now(), version: None };
        self.save(save).await.expect("saved");
    }

    async fn version(&self, by: PersonId, draft: &str) -> Option<String> {
        let reader = self.reader(by).await;
        let view = reader.draft(draft_of(by, draft)).expect("no fault")?;
        Some(reader.draft_version(&view).expect("a version").0)
    }

    async fn discard(&self, by: PersonId, draft: DraftId, key: &str) -> Given<PersonId> {
        let command = DraftCommand::from(DiscardDraft { draft });
        give::<Drafts>(&self.application, sent_by(&signed_in(by), &context(key)), Some(by), command).await
    }

    async fn send(&self, by: PersonId, thread: ThreadId, key: &str, sent: SentDraft) -> Given<ThreadId> {
        let context = CommandContext { draft: Some(sent), ..sent_by(&signed_in(by), &context(key)) };
        let post = PostMessage { addressed: Addressed::Everyone, body: text("whole") };
        self.application.conversation(context, thread, ConversationCommand::from(post)).await
    }

    /// What a person reads of their own drafts: the text, or nothing where it is withheld.
    async fn texts(&self, person: PersonId) -> Vec<Option<String>> {
        let reader = self.reader(person).await;
        let page = reader.drafts(&Page::default()).expect("no fault").expect("a page");
        let text =
            |fields: FormFields| fields.iter().map(|(_, text)| text.replace(&format!(" {MARKER}"), "")).collect();
        page.edges.iter().map(|edge| edge.node.fields().map(text)).collect()
    }

    fn key_of(&self, draft: DraftId) -> KeyState {
        let key: KeyId = format!("d:{draft}:1").parse().expect("a key's id");
        self.installation.vault.key_state(&key).expect("a state")
    }

    /// The types of the events in the stream of a person's drafts.
    async fn events(&self, author: PersonId) -> Vec<String> {
        let name = StreamName::parse(&format!("drafts-{author}")).expect("a name");
        let max = NonZeroU32::new(200).expect("many");
        let page = self.installation.care.read_stream(&name, None, Direction::Forward, max).await.expect("read");
        page.events.iter().map(|event| event.event_type.as_str().to_owned()).collect()
    }

    async fn round(&self) {
        self.application.run_processes(at(60)).await.expect("no fault");
        self.application.catch_up().await.expect("caught up");
    }
}

/// A draft that its sender's program named by its key, and one that was read before.
fn by_key(draft: DraftId) -> SentDraft {
    SentDraft { id: draft, may_be_unsaved: true }
}
fn by_id(draft: DraftId) -> SentDraft {
    SentDraft { id: draft, may_be_unsaved: false }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_is_its_authors_alone_and_changes_nothing_in_the_thread() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("drafted").await;
    let seen = async || {
        let reader = clinic.reader(clinic.nurse).await;
        let view = reader.thread(thread).expect("no fault").expect("found");
        let inbox = current_inbox(&reader);
        let cursors: Vec<_> = inbox.edges.iter().map(|edge| edge.cursor.token().expect("a token").0).collect();
        (reader.version(&view).expect("a version").0, view.updated_at, reader.unread(&view).expect("no fault"), cursors)
    };
    let before = seen().await;
    clinic.typed(clinic.pcp, "one", thread).await;
    assert_eq!(clinic.texts(clinic.pcp).await, [Some("half".to_owned())]);
    assert_eq!(seen().await, before);
    let draft = draft_of(clinic.pcp, "one");
    for person in [clinic.nurse, clinic.admin, clinic.patient_person, clinic.stranger, clinic.coordinator] {
        let reader = clinic.reader(person).await;
        let mut works = Vec::new();
        for id in [draft, DraftId::from_uuid(Uuid::from_u128(7)), DraftId::from_uuid(Uuid::nil())] {
            let before = reader.work();
            assert!(reader.draft(id).expect("no fault").is_none());
            let after = reader.work();
            works.push((after.rows - before.rows, after.decisions - before.decisions, after.texts - before.texts));
        }
        assert!(works.windows(2).all(|pair| pair[0] == pair[1]), "{works:?}");
        assert!(reader.draft_of(&reply(thread)).expect("no fault").is_none());
        assert!(clinic.texts(person).await.is_empty());
        // Nor can they end it, or send it.
        let missing = clinic.discard(person, draft, "discard-another's").await;
        assert_eq!(refused(missing), DraftRefusal::Missing);
    }
    assert_eq!(refused(clinic.send(clinic.nurse, thread, "another's", by_id(draft)).await), DraftRefusal::Missing);
    assert_eq!(clinic.texts(clinic.pcp).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_save_appends_only_what_changed_and_at_most_every_ten_seconds() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("saved").await;
    clinic.typed(clinic.pcp, "one", thread).await;
    let save = async |words: &str, seconds: i64, version: Option<String>| {
        let (by, form) = (clinic.pcp, reply(thread));
        clinic.save(Save { by, draft: "one", form, words, at: at(seconds), version }).await
    };
    let first = clinic.version(clinic.pcp, "one").await;
    let same = save("half", 60, first.clone()).await.expect("accepted");
    assert!(!same.has_effect && !same.replayed);
    assert_eq!(refused(save("more", 9, first.clone()).await), DraftRefusal::TooSoon { next: at(10) });
    assert!(save("more", 10, first.clone()).await.expect("saved").has_effect);
    assert_eq!(clinic.events(clinic.pcp).await, ["draft.saved", "draft.saved"]);
    assert_eq!(clinic.texts(clinic.pcp).await, [Some("more".to_owned())]);
    // A repeat is answered, and a save from a version that was overtaken is a conflict.
    assert!(save("more", 10, first.clone()).await.expect("repeated").replayed);
    assert_eq!(refused(save("other", 30, first).await), DraftRefusal::Changed);
    // A second device that begins the same form finds the draft that is there.
    let (by, form) = (clinic.pcp, reply(thread));
    let other = Save { by, draft: "two", form, words: "else", at: at(40), version: None };
    assert_eq!(refused(clinic.save(other).await), DraftRefusal::Exists(draft_of(by, "one")));
    let foreign = save("other", 50, Some("x".repeat(80))).await;
    assert!(matches!(foreign, Err(Failed::Problem(Problem::InvalidVersion))), "{foreign:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_that_is_sent_is_gone_with_its_key_also_over_a_restart() {
    let mut clinic = Clinic::open().await;
    let thread = clinic.ask("sent").await;
    let draft = draft_of(clinic.pcp, "one");
    clinic.typed(clinic.pcp, "one", thread).await;
    let version = clinic.version(clinic.pcp, "one").await;
    let posted = clinic.send(clinic.pcp, thread, "send", by_id(draft)).await.expect("posted");
    // It is gone for the author as soon as the message is there, and nothing brings it back.
    assert!(clinic.texts(clinic.pcp).await.is_empty());
    let late = Save { by: clinic.pcp, draft: "one", form: reply(thread), words: "late", at: at(60), version };
    assert_eq!(refused(clinic.save(late).await), DraftRefusal::Ended);
    assert_eq!(refused(clinic.send(clinic.pcp, thread, "again", by_key(draft)).await), DraftRefusal::Ended);
    assert!(clinic.send(clinic.pcp, thread, "send", by_id(draft)).await.expect("repeated").replayed);
    // The node is killed before the draft has ended: it ends after the next start.
    assert_eq!(clinic.key_of(draft), KeyState::Known);
    clinic.restart().await;
    assert!(clinic.texts(clinic.pcp).await.is_empty());
    clinic.round().await;
    assert_eq!(clinic.events(clinic.pcp).await, ["draft.saved", "draft.ended"]);
    assert!(matches!(clinic.key_of(draft), KeyState::Destroyed { .. }));
    clinic.round().await;
    clinic.restart().await;
    clinic.round().await;
    assert_eq!(clinic.events(clinic.pcp).await.len(), 2);
    assert_eq!(refused(clinic.send(clinic.pcp, thread, "third", by_key(draft)).await), DraftRefusal::Ended);
    assert_eq!(refused(clinic.send(clinic.pcp, thread, "fourth", by_id(draft)).await), DraftRefusal::Ended);
    assert!(clinic.send(clinic.pcp, thread, "send", by_id(draft)).await.expect("repeated").replayed);
    assert_eq!(clinic.messages(clinic.pcp, thread).await, ["whole"]);
    assert_eq!(posted.target, thread);
    // The form is free for the next draft.
    clinic.typed(clinic.pcp, "two", thread).await;
    assert_eq!(clinic.texts(clinic.pcp).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_that_two_devices_send_at_once_is_sent_once() {
    let clinic = Clinic::open().await;
    let command = CommandName::parse("consultation.request").expect("a name");
    let form = Form::of(command, FormSubject::Patient(clinic.patient)).expect("a form");
    clinic
        .save(Save { by: clinic.pcp, draft: "one", form, words: "half", at: now(), version: None })
        .await
        .expect("saved");
    // Each would open a thread of its own, so no stream keeps them apart.
    let send = async |key: &str| {
        let context = sent_by(&signed_in(clinic.pcp), &context(key));
        let context = CommandContext { draft: Some(by_id(draft_of(clinic.pcp, "one"))), ..context };
        clinic.application.request_consultation(context, request(clinic.patient, clinic.cardiology)).await
    };
    let (one, two) = tokio::join!(send("here"), send("there"));
    assert_eq!(usize::from(one.is_ok()) + usize::from(two.is_ok()), 1, "{one:?} {two:?}");
    assert_eq!(refused(if one.is_ok() { two } else { one }), DraftRefusal::Ended);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_that_is_sent_before_its_first_save_arrives_leaves_no_draft() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("fast").await;
    let draft = draft_of(clinic.pcp, "one");
    assert_eq!(refused(clinic.send(clinic.pcp, thread, "by id", by_id(draft)).await), DraftRefusal::Missing);
    clinic.send(clinic.pcp, thread, "send", by_key(draft)).await.expect("posted");
    for rounds in 0..2 {
        let save =
            Save { by: clinic.pcp, draft: "one", form: reply(thread), words: "late", at: at(rounds), version: None };
        assert_eq!(refused(clinic.save(save).await), DraftRefusal::Ended);
        clinic.round().await;
    }
    assert!(clinic.texts(clinic.pcp).await.is_empty());
    assert_eq!(clinic.events(clinic.pcp).await, ["draft.ended"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_that_has_ended_is_not_sent_while_the_read_models_are_late() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("late").await;
    clinic.typed(clinic.pcp, "one", thread).await;
    let draft = draft_of(clinic.pcp, "one");
    assert_eq!(clinic.texts(clinic.pcp).await.len(), 1);
    // Nothing can be folded into the read models any more.
    let file = clinic.installation.directory.path().join("read-models.db");
    let other = rusqlite::Connection::open(file).expect("opens");
    other.execute_batch("BEGIN IMMEDIATE").expect("locked");
    clinic.discard(clinic.pcp, draft, "discard").await.expect("discarded");
    assert_eq!(refused(clinic.send(clinic.pcp, thread, "late", by_key(draft)).await), DraftRefusal::Ended);
    assert_eq!(refused(clinic.send(clinic.pcp, thread, "late by id", by_id(draft)).await), DraftRefusal::Ended);
    other.execute_batch("COMMIT").expect("let go");
    clinic.application.catch_up().await.expect("caught up");
    assert!(clinic.messages(clinic.pcp, thread).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_is_sent_by_the_command_and_to_the_thread_of_its_form() {
    let clinic = Clinic::open().await;
    let (thread, other) = (clinic.ask("this").await, clinic.ask("other").await);
    clinic.typed(clinic.pcp, "one", thread).await;
    let draft = draft_of(clinic.pcp, "one");
    for sent in [by_id(draft), by_key(draft)] {
        assert_eq!(refused(clinic.send(clinic.pcp, other, "swapped", sent).await), DraftRefusal::OtherForm);
    }
    assert!(clinic.messages(clinic.pcp, other).await.is_empty());
    assert_eq!(clinic.texts(clinic.pcp).await.len(), 1, "the text is kept");
    // A form that opens a thread is bound to the patient.
    let command = CommandName::parse("consultation.request").expect("a name");
    let form = Form::of(command, FormSubject::Patient(clinic.patient)).expect("a form");
    let save = Save { by: clinic.pcp, draft: "new", form, words: "half", at: now(), version: None };
    clinic.save(save).await.expect("saved");
    let draft = draft_of(clinic.pcp, "new");
    assert_eq!(refused(clinic.send(clinic.pcp, thread, "no reply", by_id(draft)).await), DraftRefusal::OtherForm);
    let context = sent_by(&signed_in(clinic.pcp), &context("new"));
    let context = CommandContext { draft: Some(by_id(draft)), ..context };
    let asked = clinic.application.request_consultation(context, request(clinic.patient, clinic.cardiology)).await;
    let asked: CommandOutcome<ThreadId> = asked.expect("asked");
    assert!(asked.has_effect);
    assert_eq!(clinic.texts(clinic.pcp).await.len(), 1);
    clinic.round().await;
    assert!(matches!(clinic.key_of(draft), KeyState::Destroyed { .. }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_discarded_draft_cannot_be_read_and_a_repeat_discards_nothing_else() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("discarded").await;
    clinic.typed(clinic.pcp, "one", thread).await;
    let draft = draft_of(clinic.pcp, "one");
    clinic.discard(clinic.pcp, draft, "discard").await.expect("discarded");
    assert!(clinic.texts(clinic.pcp).await.is_empty());
    assert!(matches!(clinic.key_of(draft), KeyState::Destroyed { .. }));
    assert!(clinic.discard(clinic.pcp, draft, "discard").await.expect("repeated").replayed);
    let again = clinic.discard(clinic.pcp, draft, "discard-again").await.expect("accepted");
    assert!(!again.has_effect && !again.replayed);
    assert_eq!(clinic.events(clinic.pcp).await, ["draft.saved", "draft.ended"]);
    // The same key with another draft is another input, whether that draft was ever saved or not.
    for other in [draft_of(clinic.pcp, "never"), draft_of(clinic.pcp, "two")] {
        let mixed = CommandContext {
            input: other.uuid().as_bytes().to_vec(),
            ..sent_by(&signed_in(clinic.pcp), &context("discard"))
        };
        let given =
            give::<Drafts>(&clinic.application, mixed, Some(clinic.pcp), DiscardDraft { draft: other }.into()).await;
        assert!(matches!(given, Err(Failed::Problem(Problem::IdempotencyMismatch))), "{given:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_outlived_its_draft_is_destroyed_when_the_keys_are_gone_through() {
    let directory = tempfile::tempdir().expect("a directory");
    let kek = KeyEncryptionKey::generate().expect("a key");
    let open = |name: &str| {
        let url = KeyStoreUrl::Sqlite(directory.path().join(name));
        Arc::new(Vault::open_at(&url, &kek, vault::Access::Writer).expect("a vault"))
    };
    let mut installation = Installation::new().await;
    installation.vault = open("keys.db");
    let mut clinic = Clinic::on(installation).await;
    let thread = clinic.ask("restored").await;
    clinic.typed(clinic.pcp, "one", thread).await;
    clinic.typed(clinic.nurse, "one", thread).await;
    // A copy of the key store that is older than the end of the draft, and is put back after it.
    for suffix in ["", "-wal"] {
        let path = |name: &str| directory.path().join(format!("{name}{suffix}"));
        std::fs::copy(path("keys.db"), path("restored.db")).expect("copied");
    }
    let ended = draft_of(clinic.pcp, "one");
    clinic.discard(clinic.pcp, ended, "discard").await.expect("discarded");
    assert!(matches!(clinic.key_of(ended), KeyState::Destroyed { .. }));
    clinic.installation.vault = open("restored.db");
    clinic.restart().await;
    assert_eq!(clinic.key_of(ended), KeyState::Known);
    clinic.round().await;
    assert!(matches!(clinic.key_of(ended), KeyState::Destroyed { .. }));
    assert_eq!(clinic.key_of(draft_of(clinic.nurse, "one")), KeyState::Known);
    assert_eq!(clinic.texts(clinic.nurse).await, [Some("half".to_owned())]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_loses_access_loses_sight_of_the_draft_and_can_still_discard_it() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("lost").await;
    clinic.typed(clinic.nurse, "one", thread).await;
    let draft = draft_of(clinic.nurse, "one");
    clinic.end(clinic.nurse, clinic.practice, Role::Nurse).await;
    assert_eq!(clinic.texts(clinic.nurse).await, [None]);
    let reader = clinic.reader(clinic.nurse).await;
    let view = reader.draft(draft).expect("no fault").expect("found");
    assert!(view.form().is_none() && view.fields().is_none());
    let work = reader.work();
    assert_eq!(work.texts, 0);
    let save = Save { by: clinic.nurse, draft: "one", form: reply(thread), words: "more", at: at(60), version: None };
    let saved = clinic.save(save).await;
    assert!(matches!(saved, Err(Failed::Problem(Problem::NotFound | Problem::NotPermitted))), "{saved:?}");
    assert!(clinic.send(clinic.nurse, thread, "send", by_id(draft)).await.is_err());
    clinic.discard(clinic.nurse, draft, "discard").await.expect("discarded");
    assert!(clinic.texts(clinic.nurse).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_cannot_tell_whether_a_thread_exists_nor_be_kept_where_nothing_may_be_sent() {
    let clinic = Clinic::open().await;
    let thread = clinic.ask("hidden").await;
    for id in [thread, ThreadId::from_uuid(Uuid::from_u128(7)), ThreadId::from_uuid(Uuid::nil())] {
        let save = Save { by: clinic.stranger, draft: "one", form: reply(id), words: "half", at: now(), version: None };
        let saved = clinic.save(save).await;
        assert!(matches!(saved, Err(Failed::Problem(Problem::NotFound))), "{saved:?}");
    }
    // The patient finds the thread, and may post in it, but gives no advice.
    let command = CommandName::parse("consultation.advise").expect("a name");
    let advise = Form::of(command, FormSubject::Thread(thread)).expect("a form");
    let by = clinic.patient_person;
    let saved = clinic.save(Save { by, draft: "advice", form: advise, words: "half", at: now(), version: None }).await;
    assert!(matches!(saved, Err(Failed::Problem(Problem::NotPermitted))), "{saved:?}");
    clinic.typed(by, "reply", thread).await;
    assert_eq!(clinic.texts(by).await.len(), 1);
    assert!(clinic.installation.vault.drafts().expect("drafts").len() == 1, "a refused save makes no key");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_read_models_of_drafts_come_out_the_same_when_they_are_folded_again() {
    let mut clinic = Clinic::open().await;
    let threads = [clinic.ask("one").await, clinic.ask("two").await, clinic.ask("three").await];
    for (index, thread) in threads.iter().enumerate() {
        clinic.typed(clinic.pcp, &format!("draft-{index}"), *thread).await;
    }
    clinic.discard(clinic.pcp, draft_of(clinic.pcp, "draft-0"), "discard").await.expect("discarded");
    clinic.send(clinic.pcp, threads[1], "send", by_id(draft_of(clinic.pcp, "draft-1"))).await.expect("posted");
    clinic.round().await;
    clinic.application.close();
    clinic.installation.rebuild().await.expect("folded again");
    clinic.restart().await;
    assert_eq!(clinic.texts(clinic.pcp).await, [Some("half".to_owned())]);
    assert!(clinic.post(clinic.pcp, threads[2], "after", Audience::Everyone).await.is_ok());
}
