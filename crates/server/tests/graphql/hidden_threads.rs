//! The whole corpus of a delegate, before and after what they may not know of: every query of `examples/queries`, by each
//! id that a delegate can have, the nodes, the errors, the mutations to an id, the streams, and the pages. What differs is a
//! leak.
//!
//! To add a way to ask: 1. a document in `examples/queries` is taken by itself; 2. a page goes to [`PAGES`]; 3. a
//! mutation to [`MUTATIONS`] or [`OF_DELEGATION`]. To add something that a delegate must not notice: a line in the test.

use std::collections::BTreeSet;

use care::consent_text;
use care::delegation::{
    AcceptDelegation, Checks, Delegation, DelegationCommand, InviteDelegate, PassSafeguarding, RecordConsent, Scope,
    TopicVerbs, VerifyIdentity,
};
use care::idempotency::IdempotencyKey;
use care::ids::{DelegationId, Id, PatientId, PersonId, SessionId};
use care::lifecycle::ThreadKind;
use care::shown::{Digest, TextVersion};
use care::text::{PersonalText, Text};
use care::words::{
    AskedAlone, Channel, ConsentBasis, ConsentMethod, ConsentTextKind, DelegationHistory, DelegationKind,
    IdentityLevel, IdentityMethod, Relationship, TextLanguage, Topic,
};
use chrono::TimeDelta;
use coordination::{CommandContext, Origin};
use policy::identity::Identity;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::client::Events;
use crate::client::{Answer, JSON, request};
use crate::clinic::{Clinic, Target, now, uuid_of};
use crate::help_ends::{follow_inbox, follow_thread, notices};
use crate::pages::{Browser, OWN};
use crate::pages_live::{Live, MESSAGE, query_of};

/// Who helps the patient, in these tests, and who helps her too. Neither knows of the other.
pub const DAUGHTER: &str = "stranger";
const SON: &str = "admin";

/// The pages that a delegate can ask for; `ID` is an id of each kind.
const PAGES: [&str; 20] = [
    "/home",
    "/inbox",
    "/inbox?show=done",
    "/drafts",
    "/patients",
    "/organizations",
    "/own-record",
    "/helping",
    "/invitation",
    "/tell",
    "/helping/ID",
    "/helping/ID/give-back",
    "/t/ID",
    "/t/ID/audience",
    "/t/ID/access",
    "/t/ID/named",
    "/t/ID/leave",
    "/t/ID/hide",
    "/t/ID/show",
    "/patients/ID",
];

/// Mutations to a thread, with what their input has beside the key. They are sent to ids of which the sender may not know.
const MUTATIONS: [(&str, &str); 7] = [
    ("putThreadAway", "{}"),
    ("leaveThread", r#"{"expectedVersion":"none"}"#),
    ("claimThread", r#"{"expectedVersion":"none"}"#),
    ("postMessage", r#"{"audience":"EVERYONE","body":"hello"}"#),
    ("postMessage", r#"{"body":"to whom?"}"#),
    ("hideThreadFromDelegates", "{}"),
    ("showThreadToDelegates", r#"{"delegates":"0000000000000000000000000000000000000000000000000000000000000000"}"#),
];

/// Mutations to a delegation, with what their input has beside the key.
const OF_DELEGATION: [(&str, &str); 6] = [
    ("acceptDelegation", r#"{"termsVersion":"2026-11","ownAccount":true}"#),
    ("declineDelegation", "{}"),
    ("narrowDelegation", r#"{"scope":{"threadIds":[],"history":"FROM_GRANT"}}"#),
    ("suspendDelegation", r#"{"reason":"No."}"#),
    (
        "renewDelegation",
        r#"{"until":"2027-05-23T09:00:00Z","method":"WRITTEN","textVersion":"helper-consent-2","textLanguage":"EN"}"#,
    ),
    ("revokeDelegation", "{}"),
];

/// The fields whose value is a token: only their length is compared.
const TOKENS: [&str; 8] =
    ["version", "currentVersion", "cursor", "startCursor", "endCursor", "position", "trace", "traceId"];

fn context(by: PersonId, key: &str) -> CommandContext {
    CommandContext {
        identity: Identity::signed_in(by, SessionId::from_uuid(by.uuid())),
        key: IdempotencyKey::parse(key).expect("a key"),
        input: key.as_bytes().to_vec(),
        expected: None,
        draft: None,
        origin: Origin::of(Channel::GraphQl),
        causation: None,
        now: now(),
    }
}

fn text(text: &str) -> PersonalText {
    Text::body(text).expect("a text").into()
}

/// Somebody who helps a patient.
pub struct Help<'a> {
    /// The id of the patient.
    pub patient: &'a str,
    /// The handle of the patient's own account.
    pub own: &'a str,
    pub helper: &'a str,
    pub history: DelegationHistory,
}

impl<'a> Help<'a> {
    /// Of the patient of the clinic, and of everything that was written.
    pub fn of(clinic: &'a Clinic, helper: &'a str) -> Self {
        Self { patient: &clinic.patient, own: "mira", helper, history: DelegationHistory::All }
    }

    fn scope(&self) -> Scope {
        Scope {
            topics: [(Topic::ClinicalAdvice, TopicVerbs::WRITE), (Topic::Results, TopicVerbs::WRITE)].into(),
            kinds: [ThreadKind::Consultation].into(),
            threads: [].into(),
            sensitivities: [].into(),
            history: self.history,
            manages_helpers: false,
        }
    }

    /// The version of the list of what would open now.
    async fn opens(&self, clinic: &Clinic) -> Digest {
        let history = match self.history {
            DelegationHistory::All => "ALL",
            DelegationHistory::FromGrant => "FROM_GRANT",
        };
        let query = "query($id: ID!, $scope: DelegationScopeInput!) { whatWouldOpen(patientId: $id, scope: $scope) { version } }";
        let topics = ["CLINICAL_ADVICE", "RESULTS"].map(|topic| json!({ "topic": topic, "read": true, "write": true }));
        let scope = json!({ "topics": topics, "threadKinds": ["CONSULTATION"], "history": history });
        let variables = json!({ "id": self.patient, "scope": scope });
        let answer = clinic.post("nurse", &json!({ "query": query, "variables": variables }), &[]).await.json();
        let version = answer.pointer("/data/whatWouldOpen/version").and_then(Value::as_str).expect("a version");
        Digest::parse(version).expect("a digest")
    }
}

/// Begins a delegation: the id of it.
pub async fn begin_help(clinic: &Clinic, help: &Help<'_>) -> String {
    let Help { patient, own, helper, history: _ } = *help;
    let person = |handle: &str| PersonId::from_uuid(uuid_of(clinic.id(handle)));
    let step = async |by: &str, target: Option<DelegationId>, word: &str, command: DelegationCommand| {
        let by = context(person(by), &format!("{own}-{helper}-{word}"));
        clinic.application.execute::<Delegation>(&by, target, &command).await.expect("not refused").target
    };
    let version = || TextVersion::parse("2026-11").expect("a version");
    let invite = InviteDelegate {
        patient: PatientId::from_uuid(uuid_of(patient)),
        answers: None,
        person: Some(person(helper)),
        code: None,
        contact: None,
        kind: DelegationKind::PatientAuthorised,
        relationship: Relationship::Child,
        scope: help.scope(),
        until: now() + TimeDelta::days(60),
        organization: None,
        authority: None,
        ground: None,
        is_relative: false,
    };
    let to = Some(step(own, None, "invite", invite.into()).await);
    let accept = AcceptDelegation { code: None, terms_version: version(), own_account: true };
    step(helper, to, "accept", accept.into()).await;
    let verify = VerifyIdentity {
        method: IdentityMethod::InPerson,
        level: IdentityLevel::High,
        evidence: Some(text("Their passport.")),
        authority: None,
        employment: None,
        is_relative: false,
    };
    step("nurse", to, "verify", verify.into()).await;
    let checks = Checks { necessary: true, relevant: true, safe: true, asked_alone: AskedAlone::Asked };
    let seen = help.opens(clinic).await;
    let pass = PassSafeguarding { scope: None, checks, seen, accepted: [].into(), is_relative: false };
    step("nurse", to, "pass", pass.into()).await;
    let consent = RecordConsent {
        basis: ConsentBasis::Patient,
        method: ConsentMethod::Written,
        text: consent_text::current(ConsentTextKind::Help, TextLanguage::En).shown(),
        scope: help.scope(),
        at: now(),
        patient_says: None,
        witness: None,
    };
    step(own, to, "consent", consent.into()).await;
    let query = format!("{{ delegations(patientId: {}) {{ id person {{ id }} }} }}", json!(patient));
    let all = clinic.ask(own, &query).await;
    let all = all["delegations"].as_array().expect("delegations");
    let found = all.iter().find(|each| each["person"]["id"] == clinic.id(helper)).expect("the new one");
    found["id"].as_str().expect("an id").to_owned()
}

/// A query of the examples, with the variables that it needs.
struct Document {
    name: String,
    text: String,
    ids: Vec<String>,
}

/// Every query of the examples whose required variables are ids or texts.
fn documents() -> Vec<Document> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/queries");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the examples") {
        let path = entry.expect("an example").path();
        let text = std::fs::read_to_string(&path).expect("a document");
        let head: String = text.lines().filter(|line| !line.starts_with('#')).take(1).collect();
        if !head.starts_with("query") {
            continue;
        }
        let variables = head.split_once('(').and_then(|(_, after)| after.split_once(") {")).map_or("", |(all, _)| all);
        let required: Vec<(&str, &str)> = variables
            .split(", ")
            .filter_map(|each| each.trim_start_matches('$').split_once(": "))
            .filter(|(_, ty)| ty.ends_with('!'))
            .collect();
        if required.iter().all(|(_, ty)| *ty == "ID!") {
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            let ids = required.iter().map(|(name, _)| (*name).to_owned()).collect();
            found.push(Document { name, text, ids });
        }
    }
    found.sort_by(|one, other| one.name.cmp(&other.name));
    found
}

/// A value with each token as its length.
fn without_tokens(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields.iter_mut() {
                let token = value.as_str().filter(|_| TOKENS.contains(&name.as_str()));
                match token.map(str::len) {
                    Some(length) => *value = json!(length),
                    None => without_tokens(value),
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(without_tokens),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A page with each word that can be a token as its length, and without the reference of its request.
pub fn page_without_tokens(page: &str) -> String {
    let (before, after) = page.split_once("<span class=\"ref\">").unwrap_or((page, ""));
    let after = after.split_once("</span>").map_or(after, |(_, after)| after);
    let is_of_token = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '=' | '.');
    let mut all = String::with_capacity(page.len());
    for word in [before, after].into_iter().flat_map(|part| part.split_inclusive(|letter| !is_of_token(letter))) {
        let token = word.trim_end_matches(|letter| !is_of_token(letter));
        if token.len() >= 20 && token.chars().any(|letter| letter.is_ascii_digit() || letter.is_ascii_uppercase()) {
            all.push_str(&format!("<{}>{}", token.len(), &word[token.len()..]));
        } else {
            all.push_str(word);
        }
    }
    all
}

/// An answer to a question, to be compared.
#[derive(Debug, PartialEq)]
pub struct Answered {
    pub asked: String,
    status: u16,
    pub body: String,
    /// Whether it shows anything. A person has only so many refused tries in a minute, and time stands still here.
    finds: bool,
}

/// Which questions are asked.
pub enum Asked<'a> {
    All,
    /// Those that found something.
    Of(&'a BTreeSet<String>),
}

impl Asked<'_> {
    fn includes(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Of(names) => names.contains(name),
        }
    }
}

/// Everything that a delegate gets who has these ids.
pub async fn corpus(clinic: &Clinic, browser: &Browser<'_>, ids: &[&str], which: &Asked<'_>) -> Vec<Answered> {
    let mut all = Vec::new();
    let mut asked = Vec::new();
    for Document { name, text, ids: variables } in documents() {
        if variables.is_empty() {
            asked.push((name, text, json!({})));
            continue;
        }
        for id in ids {
            let variables: Map<String, Value> = variables.iter().map(|name| (name.clone(), json!(id))).collect();
            asked.push((format!("{name} {id}"), text.clone(), Value::Object(variables)));
        }
    }
    for id in ids {
        let node = "query Node($id: ID!) { node(id: $id) { __typename id } }";
        asked.push((format!("node {id}"), node.to_owned(), json!({ "id": id })));
    }
    asked.retain(|(name, _, _)| which.includes(name));
    for (name, query, variables) in asked {
        let answer = clinic.post(DAUGHTER, &json!({ "query": query, "variables": variables }), &[]).await;
        let mut body = answer.json();
        assert!(!answer.body.contains("RATE_LIMITED"), "{name}: nothing is compared: {answer:?}");
        without_tokens(&mut body);
        let finds = body["data"].as_object().is_some_and(|data| data.values().any(|value| !value.is_null()));
        all.push(Answered { asked: name, status: answer.status, body: body.to_string(), finds });
    }
    for path in PAGES {
        let of: Vec<String> = match path.contains("ID") {
            true => ids.iter().map(|id| path.replace("ID", id)).collect(),
            false => vec![path.to_owned()],
        };
        for path in of.into_iter().filter(|path| which.includes(path)) {
            let page = browser.get(&path).await;
            assert_ne!(page.status, 429, "{path}: nothing is compared");
            // A step that is not possible leads back to its thread: that shows that there is one.
            let (body, finds) = (page_without_tokens(&page.body), page.status != 404);
            all.push(Answered { asked: path, status: page.status, body, finds });
        }
    }
    all
}

/// The bytes of the streams that follow what a delegate may not know of. They end at once.
async fn streams_of(clinic: &Clinic, browser: &Browser<'_>, id: &str) -> Vec<Answered> {
    let (credential, cookie) =
        (format!("authorization: {}", clinic.credential(DAUGHTER)), format!("cookie: {}", browser.cookie));
    let query = format!("subscription {{ threadEvents(threadId: {}) {{ position topic isOwn }} }}", json!(id));
    let headers = [JSON, "accept: text/event-stream", &credential];
    let body = json!({ "query": query }).to_string();
    let api = request(clinic.address, "POST /graphql", &headers, &body).await;
    let page = request(clinic.address, &format!("GET /live?thread={id}"), &[&cookie, OWN], "").await;
    assert!(api.body.contains("event: complete") && page.body.contains("event: ended"), "{api:?} {page:?}");
    let answered = |(asked, answer): (&str, Answer)| Answered {
        asked: asked.to_owned(),
        status: answer.status,
        // A sign of life comes in its own time, before the end or after it.
        body: answer.body.replace("3\r\n:\n\n\r\n", "").replace("14\r\nevent: beat\ndata: \n\n\r\n", ""),
        finds: false,
    };
    [("threadEvents", api), ("/live", page)].map(answered).into()
}

/// What is answered about an id, in which the id itself stands no more.
async fn about(clinic: &Clinic, browser: &Browser<'_>, id: &str, key: &str) -> Vec<Answered> {
    let mut all = corpus(clinic, browser, &[id], &Asked::All).await;
    // What is asked without an id was compared before.
    all.retain(|answered| answered.asked.contains(id));
    let of_threads = MUTATIONS.into_iter().map(|(mutation, input)| (mutation, input, "threadId", "thread { id }"));
    let of_delegations = OF_DELEGATION.into_iter().map(|(mutation, input)| (mutation, input, "delegationId", ""));
    for (number, (mutation, input, argument, select)) in of_threads.chain(of_delegations).enumerate() {
        let mut input: Value = serde_json::from_str(input).expect("JSON");
        input["clientMutationId"] = json!(format!("{key}-{number}"));
        let to = Target { argument, id };
        let mut payload = clinic.by(DAUGHTER).act(mutation, Some(to), input, select).await;
        payload["clientMutationId"] = Value::Null;
        // A refusal says the position of the log, whatever is in it.
        without_tokens(&mut payload);
        all.push(Answered {
            asked: format!("{mutation} {number}"),
            status: 200,
            body: payload.to_string(),
            finds: false,
        });
    }
    all.extend(streams_of(clinic, browser, id).await);
    for answered in &mut all {
        answered.asked = answered.asked.replace(id, "ID");
        answered.body = answered.body.replace(id, "ID");
    }
    all
}

/// What a delegate is answered who narrows their own scope and lists a thread by its id.
async fn listing(clinic: &Clinic, own: &str, id: &str, key: &str) -> String {
    let topics = json!([{ "topic": "CLINICAL_ADVICE", "read": true, "write": false }]);
    let scope =
        json!({ "topics": topics, "threadKinds": ["CONSULTATION"], "threadIds": [id], "history": "FROM_GRANT" });
    let input = json!({ "clientMutationId": format!("{key}-list"), "scope": scope });
    let to = Some(Target { argument: "delegationId", id: own });
    let mut payload = clinic.by(DAUGHTER).act("narrowDelegation", to, input, "").await;
    assert_eq!(crate::codes(&payload), ["NOT_NARROWER"], "{key}");
    payload["clientMutationId"] = Value::Null;
    without_tokens(&mut payload);
    payload.to_string().replace(id, "ID")
}

/// What a delegate follows who has these streams open all the time.
struct Follows {
    of_thread: Events,
    of_inbox: Events,
    page: Live,
}

impl Follows {
    /// From a position on, so that nothing is lost before a stream is open.
    async fn begin(clinic: &Clinic, browser: &Browser<'_>, thread: &str, after: &str) -> Self {
        let query = query_of(browser, &format!("/t/{thread}")).await;
        Self {
            of_thread: follow_thread(clinic, DAUGHTER, thread, after).await,
            of_inbox: follow_inbox(clinic, DAUGHTER, after).await,
            page: Live::open(browser, &query, "").await,
        }
    }

    /// Ends when a message is told in each stream, of which it is the first notice.
    async fn are_told_of_one_message(mut self) {
        for stream in [&mut self.of_thread, &mut self.of_inbox] {
            let notices = notices(stream, 1).await;
            assert!(notices.len() == 1 && notices[0]["topic"] == "MESSAGE", "{notices:?}");
        }
        let mut events = self.page.until("thread", 1).await;
        if events.iter().all(|event| event.event != "inbox") {
            events.extend(self.page.until("inbox", 1).await);
        }
        assert!(events.len() == 2 && events.iter().all(|event| event.data == MESSAGE), "{events:?}");
    }
}

#[track_caller]
fn assert_same(before: &[Answered], after: &[Answered], why: &str) {
    assert_eq!(before.len(), after.len(), "{why}");
    for (before, after) in before.iter().zip(after) {
        assert_eq!(before, after, "{why}: {}", before.asked);
    }
}

/// A thread, and a message in it.
async fn thread_from_before(clinic: &Clinic) -> (String, String) {
    let (thread, _) = clinic.asked("earlier").await;
    let to = Some(Target { argument: "threadId", id: &thread });
    let input = json!({ "clientMutationId": "earlier", "audience": "EVERYONE", "body": "from before" });
    let posted = clinic.by("nurse").done("postMessage", to, input, "message { id }").await;
    let message = posted["message"]["id"].as_str().expect("shown").to_owned();
    (thread, message)
}

/// Nothing that the daughter gets differs by what she may not know of.
async fn nothing_is_betrayed(history: DelegationHistory) {
    let clinic = Clinic::with_pages().await;
    let earlier = match history {
        DelegationHistory::All => None,
        // Of a thread from before, she reads what is written from now on.
        DelegationHistory::FromGrant => Some(thread_from_before(&clinic).await),
    };
    let own = begin_help(&clinic, &Help { history, ..Help::of(&clinic, DAUGHTER) }).await;
    let others = begin_help(&clinic, &Help::of(&clinic, SON)).await;
    let seen = match &earlier {
        None => clinic.asked("seen").await.0,
        Some((thread, _)) => thread.clone(),
    };
    let to = Some(Target { argument: "threadId", id: &seen });
    let everyone = |key: &str| json!({ "clientMutationId": key, "audience": "EVERYONE", "body": "for all" });
    let hello = clinic.by("nurse").done("postMessage", to, everyone("hello"), "message { id }").await;
    let browser = Browser::signed_in(&clinic, DAUGHTER).await;
    if let Some((_, earlier)) = &earlier {
        let page = browser.page(&format!("/t/{seen}")).await;
        assert!(page.body.contains("for all") && !page.body.contains("from before"), "{page:?}");
        assert!(!page.body.contains(earlier.as_str()), "{page:?}");
    }
    let ids = [
        seen.as_str(),
        own.as_str(),
        clinic.id("nurse"),
        clinic.patient.as_str(),
        clinic.id(SON),
        clinic.id("specialist"),
    ];
    let mut before = corpus(&clinic, &browser, &ids, &Asked::All).await;
    for path in [format!("node {seen}"), format!("/t/{seen}"), format!("/helping/{own}"), "/tell".to_owned()] {
        let found = before.iter().any(|answered| answered.asked == path && answered.finds);
        assert!(found, "the delegate gets {path}");
    }
    before.retain(|answered| answered.finds);
    let names: BTreeSet<String> = before.iter().map(|answered| answered.asked.clone()).collect();
    let again = async || corpus(&clinic, &browser, &ids, &Asked::Of(&names)).await;
    assert_same(&before, &again().await, "nothing happened");
    let missing_id = missing_like(&seen);
    let missing = about(&clinic, &browser, &missing_id, "missing").await;
    let not_listed = listing(&clinic, &own, &missing_id, "missing").await;
    // The help of another delegate is as missing as any. All tries would be more than one session may have refused.
    clinic.sign_in_again(DAUGHTER, 1);
    let no_help = about(&clinic, &browser, &missing_like(&others), "no-help").await;
    assert_same(&no_help, &about(&clinic, &browser, &others, "other-help").await, "the help of another delegate");
    let after = hello["position"].as_str().expect("a position");
    let follows = Follows::begin(&clinic, &browser, &seen, after).await;

    let variants: [(&str, Value); 4] = [
        ("hidden", json!({ "hiddenFromDelegates": true })),
        ("topic", json!({ "topic": "BILLING" })),
        ("code", json!({ "sensitivities": ["PSYCHIATRY"] })),
        ("label", json!({ "confidentiality": "RESTRICTED" })),
    ];
    for (session, (key, change)) in (2..).zip(variants) {
        let mut question = clinic.question(key);
        question["subject"] = json!("Nobody else knows");
        for (name, value) in change.as_object().expect("fields") {
            question[name] = value.clone();
        }
        let asked = clinic.by("pcp").done("requestConsultation", None, question, "consultation { id }").await;
        let other = asked["consultation"]["id"].as_str().expect("is shown").to_owned();
        let to = Some(Target { argument: "threadId", id: &other });
        let input =
            |who: &str| json!({ "clientMutationId": format!("{key}-{who}"), "audience": "EVERYONE", "body": "quiet" });
        let posted = clinic.by("pcp").done("postMessage", to, input("pcp"), "message { id }").await;
        clinic.by("mira").done("postMessage", to, input("mira"), "message { id }").await;
        assert_same(&before, &again().await, key);
        // Its id, and that of its message, are as missing as others.
        clinic.sign_in_again(DAUGHTER, session);
        assert_same(&missing, &about(&clinic, &browser, &other, &format!("{key}-thread")).await, key);
        assert_eq!(not_listed, listing(&clinic, &own, &other, key).await, "{key}");
        let message = posted["message"]["id"].as_str().expect("shown");
        let of_message = clinic.ask(DAUGHTER, &format!("{{ node(id: {}) {{ id }} }}", json!(message))).await;
        assert_eq!(of_message["node"], Value::Null, "{key}");
    }
    // What another delegate does.
    let word = json!({ "clientMutationId": "word", "audience": "TEAM_AND_ME", "body": "She forgets her tablets." });
    let posted = clinic.by(SON).done("postMessage", to, word, "message { id delegate { kind relationship } }").await;
    assert_eq!(posted["message"]["delegate"], json!({ "kind": "PATIENT_AUTHORISED", "relationship": "CHILD" }));
    let message = posted["message"]["id"].as_str().expect("shown");
    let read = json!({ "clientMutationId": "read", "messageId": message });
    clinic.by(SON).act("markThreadRead", to, read, "thread { id }").await;
    assert_same(&before, &again().await, "another delegate");
    // No stream told of any of it.
    clinic.by("nurse").done("postMessage", to, everyone("at-last"), "message { id }").await;
    follows.are_told_of_one_message().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_answer_to_a_delegate_changes_by_what_they_may_not_know() {
    nothing_is_betrayed(DelegationHistory::All).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_answer_to_a_delegate_who_reads_from_now_on_changes_by_what_they_may_not_know() {
    nothing_is_betrayed(DelegationHistory::FromGrant).await;
}

/// Another id of the same kind.
pub fn missing_like(id: &str) -> String {
    let bytes = data_encoding::BASE64URL_NOPAD.decode(id.as_bytes()).expect("an id");
    let other = Uuid::new_v5(&Uuid::nil(), &bytes);
    data_encoding::BASE64URL_NOPAD.encode(&[&bytes[..1], other.as_bytes()].concat())
}

#[tokio::test]
async fn a_delegate_names_the_audience_and_the_patient_hides_and_shows() {
    let clinic = Clinic::open().await;
    begin_help(&clinic, &Help::of(&clinic, DAUGHTER)).await;
    let (thread, _) = clinic.asked("seen").await;
    let to = Some(Target { argument: "threadId", id: &thread });
    let codes = |payload: &Value| -> Vec<String> {
        let problems = payload["problems"].as_array().expect("problems");
        problems.iter().map(|problem| problem["code"].as_str().expect("a code").to_owned()).collect()
    };
    let daughter = clinic.by(DAUGHTER);
    let without = json!({ "clientMutationId": "without", "body": "hello" });
    let refused = daughter.act("postMessage", to, without, "thread { id }").await;
    assert_eq!(
        (codes(&refused), &refused["problems"][0]["path"]),
        (vec!["AUDIENCE_MISSING".to_owned()], &json!(["input", "audience"]))
    );
    let with = json!({ "clientMutationId": "with", "body": "hello", "audience": "EVERYONE" });
    daughter.done("postMessage", to, with, "thread { id }").await;
    let own = "thread { defaultAudience hiddenFromDelegates delegates { version } viewerCanHideFromDelegates { allowed } readers(audience: EVERYONE) { mayIncludeOthers } }";
    let put = json!({ "clientMutationId": "see", "away": false });
    let seen = daughter.act("putThreadAway", to, put.clone(), own).await;
    let expected = json!({
        "defaultAudience": null, "hiddenFromDelegates": null, "delegates": null,
        "viewerCanHideFromDelegates": { "allowed": false }, "readers": { "mayIncludeOthers": true },
    });
    assert_eq!(seen["thread"], expected);

    let mira = clinic.by("mira");
    let select = "thread { hiddenFromDelegates delegates { version knownTo { id } wouldSee { id } } }";
    let hide = |key: &str, known: Value| json!({ "clientMutationId": key, "knownTo": known });
    let refused = mira.act("hideThreadFromDelegates", to, hide("h1", json!([])), select).await;
    assert_eq!(codes(&refused), ["DELEGATE_HAS_READ"]);
    let known = refused["thread"]["delegates"]["knownTo"].clone();
    let known = if known.is_null() { json!([{ "id": clinic.id(DAUGHTER) }]) } else { known };
    let ids: Vec<Value> = known.as_array().expect("persons").iter().map(|person| person["id"].clone()).collect();
    let nurse = clinic.by("nurse").act("hideThreadFromDelegates", to, hide("h2", json!(ids)), select).await;
    assert_eq!(codes(&nurse), ["BASIS_MISSING"]);
    let hidden = mira.done("hideThreadFromDelegates", to, hide("h3", json!(ids)), select).await;
    assert_eq!(hidden["thread"]["hiddenFromDelegates"], true);
    let again = mira.act("hideThreadFromDelegates", to, hide("h4", json!(ids)), select).await;
    assert_eq!(codes(&again), ["ALREADY_HIDDEN"]);
    let gone = clinic.ask(DAUGHTER, &format!("{{ thread(id: {}) {{ id }} }}", json!(thread))).await;
    assert_eq!(gone["thread"], Value::Null);

    let show = |key: &str, version: &str| json!({ "clientMutationId": key, "delegates": version });
    let other = mira.act("showThreadToDelegates", to, show("s1", &"0".repeat(64)), select).await;
    assert_eq!(codes(&other), ["LIST_CHANGED"]);
    let version = hidden["thread"]["delegates"]["version"].as_str().expect("a version");
    let shown = mira.done("showThreadToDelegates", to, show("s2", version), select).await;
    assert_eq!(shown["thread"]["hiddenFromDelegates"], false);
    let again = mira.act("showThreadToDelegates", to, show("s3", version), select).await;
    assert_eq!(codes(&again), ["NOT_HIDDEN"]);
    let back = clinic.ask(DAUGHTER, &format!("{{ thread(id: {}) {{ id }} }}", json!(thread))).await;
    assert_eq!(back["thread"]["id"], json!(thread));
}

#[tokio::test]
async fn the_patient_hides_a_thread_and_shows_it_by_the_pages() {
    let clinic = Clinic::with_pages().await;
    begin_help(&clinic, &Help::of(&clinic, DAUGHTER)).await;
    let (thread, _) = clinic.asked("seen").await;
    let path = format!("/t/{thread}");
    let (mira, daughter) = (Browser::signed_in(&clinic, "mira").await, Browser::signed_in(&clinic, DAUGHTER).await);
    let page = daughter.page(&path).await;
    assert!(page.body.contains("name=\"shown\" value=\"EVERYONE\">"), "a delegate chooses the audience: {page:?}");
    assert!(page.body.contains("People whom the patient chose may read it too."), "{page:?}");
    assert!(!page.body.contains(&format!("{path}/hide")), "{page:?}");
    assert!(mira.page(&path).await.body.contains("name=\"shown\" value=\"EVERYONE\" checked>"));
    mira.step(&thread, "hide", &[]).await;
    assert_eq!(daughter.get(&path).await.status, 404);
    let hidden = mira.page(&path).await;
    assert!(hidden.body.contains("Those who help the patient do not see this thread."), "{hidden:?}");
    let list = mira.page(&format!("{path}/show")).await;
    assert!(list.body.contains(DAUGHTER), "who would see it is named: {list:?}");
    mira.step(&thread, "show", &[]).await;
    daughter.page(&path).await;
}
