//! A thread that is hidden from those who help the patient, what lies outside of a scope, and what a delegate never learns
//! of another delegate: nothing of it changes anything that the delegate gets.

use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::sync::Arc;

use care::conversation::{Addressed, ConversationRefusal, HideFromDelegates, MarkRead, PostMessage, ShowToDelegates};
use care::delegation::{
    Delegation, DelegationCommand, DelegationRefusal, NarrowDelegation, RevokeDelegation, Scope, TopicVerbs,
    WidenDelegation,
};
use care::envelope::Metadata;
use care::ids::{DelegationId, MessageId, PersonId, ThreadId};
use care::person::RegisterPerson;
use care::thread::ThreadRefusal;
use care::words::{
    Audience, Channel, Confidentiality, ConsentMethod, DelegationKind, Relationship, Sensitivity, Topic,
};
use coordination::Origin;
use coordination::fault::{Failed, Problem, Refusal};
use coordination::following::{Followed, Following, NoticeEnd, NoticeTopic, Notices};
use coordination::reader::{InboxFilter, Page};
use futures_util::FutureExt;
use journal::{Direction, StreamName};

use crate::clinic::{Clinic, Commands, Question, context, give, line, now, request, sent_by, signed_in, text};
use crate::help::{Help, scope, shown};

/// A patient with two children who help them, neither of whom knows of the other.
pub struct Family {
    pub clinic: Clinic,
    pub daughter: PersonId,
    pub son: PersonId,
    pub of_daughter: DelegationId,
    /// A thread that both of them see.
    pub thread: ThreadId,
}

impl Family {
    pub async fn open() -> Self {
        let clinic = Clinic::open().await;
        let mut helpers = Vec::new();
        for key in ["daughter", "son"] {
            let new = RegisterPerson { organization: clinic.practice, name: line(key), role: None };
            let by = sent_by(&signed_in(clinic.admin), &context(key));
            let person = clinic.application.register_person(by, new).await.expect("registered").target;
            helpers.push((person, clinic.helped(&Help::by_child(&clinic, person)).await));
        }
        let thread = clinic.ask("both").await;
        clinic.post(clinic.nurse, thread, "hello", Audience::Everyone).await.expect("posted");
        let [(daughter, of_daughter), (son, _)] = helpers.as_slice() else { panic!("two helpers") };
        let (daughter, of_daughter, son) = (*daughter, *of_daughter, *son);
        Self { clinic, daughter, son, of_daughter, thread }
    }

    /// A consultation with changed labels.
    pub async fn ask(&self, key: &str, change: impl FnOnce(&mut Question)) -> ThreadId {
        let Clinic { application, patient, cardiology, pcp, .. } = &self.clinic;
        let mut question = request(*patient, *cardiology);
        change(&mut question);
        let by = sent_by(&signed_in(*pcp), &context(key));
        application.request_consultation(by, question).await.expect("asked").target
    }

    pub async fn in_thread(
        &self,
        by: PersonId,
        thread: ThreadId,
        key: &str,
        command: impl Into<care::conversation::ConversationCommand>,
    ) -> Result<MessageId, Failed> {
        let by = sent_by(&signed_in(by), &context(key));
        let outcome = self.clinic.application.conversation(by, thread, command.into()).await?;
        Ok(outcome.command.creates(0))
    }

    /// A command to the delegation of the daughter.
    async fn to_delegation(
        &self,
        by: PersonId,
        key: &str,
        command: impl Into<DelegationCommand>,
    ) -> Result<DelegationId, Failed> {
        let by = sent_by(&signed_in(by), &context(key));
        let to = Some(self.of_daughter);
        Ok(give::<Delegation>(&self.clinic.application, by, to, command.into()).await?.target)
    }

    /// Everything that a person gets of their lists, of the patient, and of threads; `ids` are asked for one by one.
    pub async fn corpus(&self, person: PersonId, ids: &[ThreadId], persons: &[PersonId]) -> Vec<String> {
        let reader = self.clinic.reader(person).await;
        let mut all = Vec::new();
        let mut views = Vec::new();
        for filter in [InboxFilter::Current, InboxFilter::PutAway, InboxFilter::SentByMe] {
            for first in [1, 100] {
                let page = Page { first: Some(first), ..Page::default() };
                let page = reader.inbox(filter, &page).expect("no fault").expect("a page");
                let cursors = page.edges.iter().map(|edge| edge.cursor.token().expect("a token").0.len());
                all.push(format!("{filter:?} {} {:?}", page.has_next, cursors.collect::<Vec<_>>()));
                views.extend(page.edges.into_iter().map(|edge| edge.node));
            }
        }
        if let Some(patient) = reader.patient(self.clinic.patient).expect("no fault") {
            let page = reader.threads_about(&patient, &Page::default()).expect("no fault").expect("a page");
            all.push(format!("about {} {}", page.edges.len(), page.has_next));
            views.extend(page.edges.into_iter().map(|edge| edge.node));
        }
        for id in ids {
            let view = reader.thread(*id).expect("no fault");
            all.push(format!("{id} {}", view.is_some()));
            views.extend(view);
        }
        for view in &views {
            let messages = reader.messages(view, &Page::default()).expect("no fault").expect("a page");
            let messages: Vec<_> = messages.edges.iter().map(|edge| (edge.node.message, edge.node.author)).collect();
            let receipts = reader.read_receipts(view).expect("no fault");
            let receipts: Vec<_> = receipts.iter().map(|receipt| (receipt.person, receipt.read_at)).collect();
            let participants = reader.participants(view, &Page::default()).expect("no fault").expect("a page");
            let participants: Vec<_> = participants.edges.iter().map(|edge| edge.node.person).collect();
            let readers = Audience::ALL.iter().map(|audience| {
                let readers = reader.message_readers(view, *audience, None);
                readers.map(|readers| (readers.count(), readers.others(), readers.may_include_others()))
            });
            let readers: Vec<_> = readers.collect();
            let (unread, version) =
                (reader.unread(view).expect("no fault"), reader.version(view).expect("a version").0);
            let hiding = (view.hidden_from_delegates, reader.thread_delegates(view).expect("no fault").is_some());
            all.push(format!(
                "{} {} {messages:?} {receipts:?} {participants:?} {readers:?} {unread} {} {hiding:?}",
                view.thread,
                view.updated_at,
                version.len()
            ));
        }
        for person in persons {
            all.push(format!("{person} {}", reader.person_by_id(*person).expect("no fault").is_some()));
        }
        all
    }
}

fn refused(outcome: &Result<MessageId, Failed>, expected: ConversationRefusal) {
    let Err(Failed::Problem(Problem::Refused(Refusal::Thread(ThreadRefusal::Conversation(refusal))))) = outcome else {
        panic!("{expected:?}: {outcome:?}")
    };
    assert_eq!(*refusal, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_delegate_may_not_know_changes_nothing_that_they_get() {
    let family = Family::open().await;
    let Family { clinic, daughter, son, thread, .. } = &family;
    let missing: ThreadId = care::ids::Id::from_uuid(uuid::Uuid::from_u128(7));
    type Change = fn(&mut Question);
    let variants: [(&str, Change); 5] = [
        ("hidden", |question| question.opening.hidden_from_delegates = Some(true)),
        ("topic", |question| question.opening.topic = Topic::Billing),
        ("code", |question| question.opening.sensitivities = vec![Sensitivity::Psychiatry]),
        ("restricted", |question| question.opening.confidentiality = Confidentiality::Restricted),
        ("very", |question| question.opening.confidentiality = Confidentiality::VeryRestricted),
    ];
    let persons = [*son, clinic.specialist];
    let before = family.corpus(*daughter, &[*thread], &persons).await;
    assert!(before.iter().any(|line| line.contains(&thread.to_string())), "{before:?}");
    for (key, change) in variants {
        let other = family.ask(key, change).await;
        clinic.post(clinic.pcp, other, &format!("{key}-post"), Audience::Everyone).await.expect("posted");
        let written = clinic.post(clinic.patient_person, other, &format!("{key}-own"), Audience::Everyone).await;
        written.expect("the patient is in it");
        assert_eq!(family.corpus(*daughter, &[*thread], &persons).await, before, "{key}");
        // Its id is as missing as another.
        let of = async |id| family.corpus(*daughter, &[id], &[]).await[7..].to_vec();
        let same = |lines: Vec<String>, id: ThreadId| lines.join("\n").replace(&id.to_string(), "id");
        assert_eq!(same(of(other).await, other), same(of(missing).await, missing), "{key}");
        for (id, try_) in [(other, "other"), (missing, "missing")] {
            let tried = clinic.post(*daughter, id, &format!("{key}-{try_}"), Audience::Everyone).await;
            assert!(matches!(tried, Err(Failed::Problem(Problem::NotFound))), "{key}: {tried:?}");
        }
    }
    // What another delegate reads, and writes to the team alone.
    let hello = family.clinic.reader(*son).await;
    let view = hello.thread(*thread).expect("no fault").expect("found");
    let message = hello.messages(&view, &Page::default()).expect("no fault").expect("a page").edges[0].node.message;
    drop((view, hello));
    family.in_thread(*son, *thread, "son-reads", MarkRead { message }).await.expect("marked");
    clinic.post(*son, *thread, "son-writes", Audience::TeamAndMe).await.expect("posted");
    assert_eq!(family.corpus(*daughter, &[*thread], &persons).await, before, "another delegate");
    assert_eq!(clinic.messages(clinic.nurse, *thread).await, ["hello", "son-writes"]);
    // What they write to everyone shows them, and not that they have read.
    clinic.post(*son, *thread, "son-tells", Audience::Everyone).await.expect("posted");
    let reader = clinic.reader(*daughter).await;
    let view = reader.thread(*thread).expect("no fault").expect("found");
    assert!(reader.person_by_id(*son).expect("no fault").is_some());
    assert!(reader.read_receipts(&view).expect("no fault").iter().all(|receipt| receipt.person != *son));
    assert_eq!(clinic.messages(*daughter, *thread).await, ["hello", "son-tells"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_read_is_told_to_the_patient_and_staff_by_name_and_to_a_delegate_in_one_sentence() {
    let family = Family::open().await;
    let Family { clinic, daughter, son, thread, .. } = &family;
    let readers = async |person: PersonId, audience| {
        let reader = clinic.reader(person).await;
        let view = reader.thread(*thread).expect("no fault").expect("found");
        let found = reader.message_readers(&view, audience, None).expect("may read");
        let page = reader.listed_readers(&view, &found, &Page { first: Some(100), ..Page::default() });
        let rows = page.expect("no fault").expect("a page").edges;
        let named: BTreeSet<PersonId> =
            rows.iter().filter_map(|edge| edge.node.person.as_ref().map(|person| person.person)).collect();
        (named, found.count(), found.may_include_others())
    };
    let (of_nurse, count, others) = readers(clinic.nurse, Audience::Everyone).await;
    assert!(of_nurse.contains(daughter) && of_nurse.contains(son) && !others, "{of_nurse:?}");
    let (of_patient, _, others) = readers(clinic.patient_person, Audience::Everyone).await;
    assert!(of_patient.contains(daughter) && of_patient.contains(son) && !others, "{of_patient:?}");
    let (of_daughter, to_daughter, others) = readers(*daughter, Audience::Everyone).await;
    assert!(of_daughter.contains(daughter) && !of_daughter.contains(son), "{of_daughter:?}");
    assert_eq!((to_daughter, others), (count - 1, true));
    let (_, _, others) = readers(*daughter, Audience::TeamAndMe).await;
    assert!(!others, "nobody else reads a word to the team");
    // A delegate has no default audience.
    for (person, expected) in [
        (*daughter, None),
        (clinic.patient_person, Some(Audience::Everyone)),
        (clinic.nurse, Some(Audience::ClinicalTeam)),
    ] {
        let reader = clinic.reader(person).await;
        let view = reader.thread(*thread).expect("no fault").expect("found");
        assert_eq!(reader.default_audience(&view), expected);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_patient_hides_a_thread_that_a_delegate_knows_and_shows_it_to_those_of_the_list() {
    let family = Family::open().await;
    let Family { clinic, daughter, son, thread, .. } = &family;
    clinic.post(*daughter, *thread, "hers", Audience::Everyone).await.expect("posted");
    let finds = async |person: PersonId| clinic.reader(person).await.thread(*thread).expect("no fault").is_some();
    let hide = |known: &[PersonId]| HideFromDelegates { basis: None, known_to: known.iter().copied().collect() };
    let patient = clinic.patient_person;
    refused(&family.in_thread(patient, *thread, "hide", hide(&[])).await, ConversationRefusal::DelegateHasRead);
    let denied = family.in_thread(*daughter, *thread, "hide-it", hide(&[*daughter])).await;
    assert!(matches!(denied, Err(Failed::Problem(Problem::NotPermitted))), "{denied:?}");
    refused(
        &family.in_thread(clinic.nurse, *thread, "no-basis", hide(&[*daughter])).await,
        ConversationRefusal::BasisMissing,
    );
    family.in_thread(patient, *thread, "hide-now", hide(&[*daughter])).await.expect("hidden");
    refused(&family.in_thread(patient, *thread, "again", hide(&[*daughter])).await, ConversationRefusal::AlreadyHidden);
    assert!(!finds(*daughter).await && !finds(*son).await && finds(patient).await && finds(clinic.nurse).await);
    let list = async || {
        let reader = clinic.reader(patient).await;
        let view = reader.thread(*thread).expect("no fault").expect("found");
        assert_eq!(view.hidden_from_delegates, Some(true));
        let of = reader.thread_delegates(&view).expect("no fault").expect("may show it");
        let ids = |rows: &[Arc<policy::visible::Visible<coordination::reader::PersonRow>>]| {
            rows.iter().map(|row| row.person).collect::<BTreeSet<_>>()
        };
        (ids(&of.known_to), ids(&of.would_see), of.version)
    };
    let (known, would_see, shown) = list().await;
    assert_eq!((known, would_see), ([*daughter].into(), [*daughter, *son].into()));
    // The list changes when a delegate of it goes.
    let by = sent_by(&signed_in(patient), &context("revoke"));
    let revoke = DelegationCommand::from(RevokeDelegation { reason: None });
    give::<Delegation>(&clinic.application, by, Some(family.of_daughter), revoke).await.expect("revoked");
    let show = family.in_thread(patient, *thread, "show", ShowToDelegates { shown }).await;
    refused(&show, ConversationRefusal::ListChanged);
    let (_, would_see, shown) = list().await;
    assert_eq!(would_see, [*son].into());
    let denied = family.in_thread(clinic.nurse, *thread, "nurse-shows", ShowToDelegates { shown }).await;
    assert!(matches!(denied, Err(Failed::Problem(Problem::NotPermitted))), "{denied:?}");
    family.in_thread(patient, *thread, "show-now", ShowToDelegates { shown }).await.expect("shown");
    refused(
        &family.in_thread(patient, *thread, "show-again", ShowToDelegates { shown }).await,
        ConversationRefusal::NotHidden,
    );
    assert!(finds(*son).await && !finds(*daughter).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_narrows_their_scope_keeps_the_listed_thread_that_is_hidden_from_them_and_does_not_learn_of_it() {
    let family = Family::open().await;
    let Family { clinic, daughter, of_daughter, .. } = &family;
    let patient = clinic.patient_person;
    let restricted = |question: &mut Question| question.opening.confidentiality = Confidentiality::Restricted;
    let listed = family.ask("listed", restricted).await;
    let wide = Scope { threads: [listed].into(), ..scope() };
    let opens = clinic.reader(patient).await.what_would_open(clinic.patient, &wide).expect("no fault");
    let seen = opens.expect("the patient's own").version;
    let widen = WidenDelegation { scope: wide, method: ConsentMethod::Electronic, text: shown(), seen };
    family.to_delegation(patient, "widen", widen).await.expect("widened");
    let finds = async || clinic.reader(*daughter).await.thread(listed).expect("no fault").is_some();
    assert!(finds().await);
    let hide = HideFromDelegates { basis: None, known_to: [].into() };
    family.in_thread(patient, listed, "hide", hide).await.expect("hidden");

    let less = Scope { topics: [(Topic::ClinicalAdvice, TopicVerbs::WRITE)].into(), ..scope() };
    let missing: ThreadId = care::ids::Id::from_uuid(uuid::Uuid::from_u128(7));
    for (key, thread) in [("names-hidden", listed), ("names-missing", missing)] {
        let narrow = NarrowDelegation { scope: Scope { threads: [thread].into(), ..less.clone() } };
        let refused = family.to_delegation(*daughter, key, narrow).await.expect_err("refused");
        let Failed::Problem(Problem::Refused(Refusal::Delegation(refusal))) = refused else { panic!("{refused:?}") };
        assert_eq!(refusal, DelegationRefusal::NotNarrower, "{key}");
    }
    let narrow = NarrowDelegation { scope: less.clone() };
    family.to_delegation(*daughter, "narrow", narrow).await.expect("narrowed");
    let hers = clinic.reader(*daughter).await.own_delegation(*of_daughter).expect("no fault").expect("hers");
    assert_eq!(hers.scope, less);
    let reader = clinic.reader(patient).await;
    let whole = reader.delegation(*of_daughter).expect("no fault").expect("found");
    assert_eq!(whole.scope, Scope { threads: [listed].into(), ..less });
    let view = reader.thread(listed).expect("no fault").expect("found");
    let shown = reader.thread_delegates(&view).expect("no fault").expect("may show it").version;
    drop((view, whole, reader));
    family.in_thread(patient, listed, "show", ShowToDelegates { shown }).await.expect("shown");
    assert!(finds().await, "what was given is there again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_delegate_writes_names_the_delegation_and_for_whom() {
    let family = Family::open().await;
    let Family { clinic, daughter, thread, of_daughter, .. } = &family;
    let message = PostMessage { addressed: Addressed::Everyone, body: text("She sleeps badly.") };
    let message = family.in_thread(*daughter, *thread, "hers", message).await.expect("posted");
    let reader = clinic.reader(clinic.patient_person).await;
    let view = reader.thread(*thread).expect("no fault").expect("found");
    let row = reader.message(&view, message).expect("no fault").expect("may be read");
    let helper = reader.helper(&row).expect("by a delegate");
    assert_eq!((helper.kind, helper.relationship), (DelegationKind::PatientAuthorised, Relationship::Child));
    let all = reader.messages(&view, &Page::default()).expect("no fault").expect("a page");
    assert!(reader.helper(&all.edges[0].node).is_none(), "the nurse is no delegate");
    let name = StreamName::parse(&format!("thread-{thread}")).expect("a name");
    let stream = clinic.installation.care.read_stream(&name, None, Direction::Backward, NonZeroU32::MIN).await;
    let stream = stream.expect("read");
    let last = stream.events.first().expect("an event");
    let (metadata, _) = Metadata::decode(&last.meta).expect("metadata");
    let expected = (Some(clinic.patient_person), Some(*of_daughter));
    assert_eq!((metadata.on_behalf_of, metadata.delegation), expected);
}

pub async fn follow(clinic: &Clinic, person: PersonId, followed: Followed) -> Notices {
    let following =
        Following { followed, identity: signed_in(person), after: None, origin: Origin::of(Channel::GraphQl) };
    clinic.application.follow(following, Arc::new(now)).await.expect("followed")
}

/// What waits to be told, and whether it has ended.
pub async fn told(clinic: &Clinic, notices: &mut Notices) -> (Vec<Option<NoticeTopic>>, bool) {
    clinic.application.catch_up().await.expect("caught up");
    drop(clinic.reader(clinic.admin).await);
    let mut topics = Vec::new();
    loop {
        match tokio::task::unconstrained(notices.next()).now_or_never() {
            Some(Ok(notice)) => topics.push(notice.topic),
            Some(Err(NoticeEnd::Closed)) => return (topics, true),
            Some(Err(end)) => panic!("{end:?}"),
            None => return (topics, false),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delegate_is_told_of_what_they_see_and_of_the_end_and_of_nothing_hidden() {
    let family = Family::open().await;
    let Family { clinic, daughter, son, thread, .. } = &family;
    let mut inbox = follow(clinic, *daughter, Followed::Inbox).await;
    let mut of_thread = follow(clinic, *daughter, Followed::Thread(*thread)).await;
    clinic.post(clinic.nurse, *thread, "for-everyone", Audience::Everyone).await.expect("posted");
    let message = (vec![Some(NoticeTopic::Message)], false);
    assert_eq!(told(clinic, &mut inbox).await, message);
    assert_eq!(told(clinic, &mut of_thread).await, message);
    // Neither what another delegate does, nor a thread that is hidden.
    clinic.post(*son, *thread, "to-the-team", Audience::TeamAndMe).await.expect("posted");
    let hidden = family.ask("hidden", |question| question.opening.hidden_from_delegates = Some(true)).await;
    clinic.post(clinic.nurse, hidden, "hidden-post", Audience::Everyone).await.expect("posted");
    assert_eq!(told(clinic, &mut inbox).await, (vec![], false));
    assert_eq!(told(clinic, &mut of_thread).await, (vec![], false));
    let mut of_hidden = follow(clinic, *daughter, Followed::Thread(hidden)).await;
    assert_eq!(told(clinic, &mut of_hidden).await, (vec![], true));
    let hide = HideFromDelegates { basis: None, known_to: [*son].into() };
    family.in_thread(clinic.patient_person, *thread, "hide", hide).await.expect("hidden");
    assert_eq!(told(clinic, &mut inbox).await, (vec![Some(NoticeTopic::Changed)], false), "it left the inbox");
    assert_eq!(told(clinic, &mut of_thread).await, (vec![], true));
}

/// The work of a question to a reader.
fn work_of(reader: &coordination::reader::Reader, ask: impl FnOnce()) -> [u64; 3] {
    let before = reader.work();
    ask();
    let after = reader.work();
    [after.rows - before.rows, after.decisions - before.decisions, after.texts - before.texts]
}

/// The work of what a delegate asks for who knows of one thread.
async fn work_with(family: &Family) -> Vec<(&'static str, [u64; 3])> {
    let Family { clinic, daughter, thread, .. } = family;
    let reader = clinic.reader(*daughter).await;
    let page = Page { first: Some(20), ..Page::default() };
    let patient = reader.patient(clinic.patient).expect("no fault").expect("found");
    let mut all = Vec::new();
    for (name, filter) in [("inbox", InboxFilter::Current), ("put away", InboxFilter::PutAway)] {
        all.push((name, work_of(&reader, || drop(reader.inbox(filter, &page).expect("no fault").expect("a page")))));
    }
    let about = || drop(reader.threads_about(&patient, &page).expect("no fault").expect("a page"));
    all.push(("about the patient", work_of(&reader, about)));
    let view = reader.thread(*thread).expect("no fault").expect("found");
    all.push(("a thread", work_of(&reader, || drop(reader.thread(*thread).expect("no fault").expect("found")))));
    let messages = || drop(reader.messages(&view, &page).expect("no fault").expect("a page"));
    all.push(("messages", work_of(&reader, messages)));
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thread_that_a_delegate_may_not_know_takes_the_work_of_a_missing_one_and_adds_the_look_at_a_row_to_a_list() {
    let family = Family::open().await;
    let Family { clinic, daughter, .. } = &family;
    let before = work_with(&family).await;
    let is_empty = |name: &str| name == "put away";
    assert!(before.iter().all(|(name, work)| is_empty(name) || *work != [0; 3]), "{before:?}");
    type Change = fn(&mut Question);
    let variants: [(&str, Change); 4] = [
        ("hidden", |question| question.opening.hidden_from_delegates = Some(true)),
        ("topic", |question| question.opening.topic = Topic::Billing),
        ("code", |question| question.opening.sensitivities = vec![Sensitivity::Psychiatry]),
        ("restricted", |question| question.opening.confidentiality = Confidentiality::Restricted),
    ];
    let missing: ThreadId = care::ids::Id::from_uuid(uuid::Uuid::from_u128(7));
    for (number, (key, change)) in (1_u64..).zip(variants) {
        let other = family.ask(key, change).await;
        clinic.post(clinic.pcp, other, &format!("{key}-post"), Audience::Everyone).await.expect("posted");
        let reader = clinic.reader(*daughter).await;
        let find = |id| work_of(&reader, || assert!(reader.thread(id).expect("no fault").is_none()));
        assert_eq!(find(other), find(missing), "{key}");
        drop(reader);
        for ((name, before), (_, after)) in before.iter().zip(work_with(&family).await) {
            // Each row of a list is looked at before it is known whose it is; no text of it is opened.
            let added = [after[0] - before[0], after[1] - before[1], after[2] - before[2]];
            let most = if ["a thread", "messages"].contains(name) { [0; 3] } else { [2 * number, number, 0] };
            assert!(added.iter().zip(most).all(|(added, most)| *added <= most), "{key}, {name}: {added:?}");
        }
    }
}
