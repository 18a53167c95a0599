//! Who can read a conversation, in a browser: until when and by which rule, and what each of them does not see, as far as the
//! reader of the page may know.

use care::words::DelegationHistory;
use serde_json::json;

use crate::client::Answer;
use crate::clinic::Clinic;
use crate::hidden_threads::{Help, begin_help};
use crate::pages::Browser;
use crate::pages_settings::shows;

const HELPER: &str = "stranger";
const OTHER_HELPER: &str = "admin";
/// The name of [`OTHER_HELPER`].
const OTHER_NAME: &str = "Ada Admin";
const UNTIL: &str = "Ends by itself after";
const SINCE: &str = "Only what was written since Monday 23 November 2026";

/// What the page says of a person, in the table or in the list; nothing if it does not name them.
fn of<'p>(page: &'p Answer, name: &str) -> &'p str {
    let (_, from) = page.body.rsplit_once(&format!("<bdi>{name}</bdi>")).unwrap_or_default();
    let ends = ["</tr>", "</li>"].into_iter().filter_map(|end| from.find(end));
    &from[..ends.min().unwrap_or_default()]
}

fn says(page: &Answer, name: &str, parts: &[&str]) {
    for part in parts {
        assert!(of(page, name).contains(part), "{part} of {name}: {page:?}");
    }
}

#[tokio::test]
async fn the_page_says_until_when_by_which_rule_and_what_is_not_seen() {
    let clinic = Clinic::with_pages().await;
    let (id, _) = clinic.asked("q1").await;
    let from_now_on = Help { history: DelegationHistory::FromGrant, ..Help::of(&clinic, HELPER) };
    begin_help(&clinic, &from_now_on).await;
    begin_help(&clinic, &Help::of(&clinic, OTHER_HELPER)).await;
    let path = format!("/t/{id}/audience");

    // Who reads the steps of a delegation knows all of it; who only treats the patient knows its end.
    let nurse = Browser::signed_in(&clinic, "nurse").await.page(&path).await;
    let grant = "daughter or son. The patient wants this help";
    says(&nurse, HELPER, &[grant, "Helps the patient", UNTIL, SINCE, "This conversation is about: Clinical advice"]);
    says(&nurse, HELPER, &["Who helps the patient reads", "Not messages to the clinical team alone"]);
    says(&nurse, OTHER_NAME, &[grant, UNTIL]);
    assert!(!of(&nurse, OTHER_NAME).contains(SINCE), "they see all of it: {nurse:?}");
    says(&nurse, "nurse", &["Who is on the care team reads", "For treatment", "All messages"]);
    assert!(!of(&nurse, "nurse").contains(UNTIL) && !of(&nurse, "nurse").contains("about: "), "{nurse:?}");
    let physician = Browser::signed_in(&clinic, "pcp").await.page(&path).await;
    says(&physician, HELPER, &[grant, UNTIL]);
    assert!(!of(&physician, HELPER).contains(SINCE), "how much of the past is for who reads the steps: {physician:?}");
    let specialist = Browser::signed_in(&clinic, "specialist").await.page(&path).await;
    assert!(!specialist.body.contains(UNTIL), "who may not read who helps knows no end: {specialist:?}");

    // The patient reads the same of both; a helper reads it of themself, and nothing of the other one.
    let mut mira = Browser::signed_in(&clinic, "mira").await;
    let own = mira.page(&path).await;
    says(&own, HELPER, &[grant, UNTIL, SINCE]);
    says(&own, OTHER_NAME, &[grant, UNTIL]);
    let helper = Browser::signed_in(&clinic, HELPER).await.page(&path).await;
    says(&helper, HELPER, &["Helps the patient", UNTIL, SINCE]);
    assert!(of(&helper, OTHER_NAME).is_empty(), "{helper:?}");
    assert_eq!(helper.body.matches(UNTIL).count(), 1, "{helper:?}");
    shows(&helper, &["People whom the patient chose may read it too"]);
    mira.language = "es";
    shows(&mira.page(&path).await, &["Termina por sí solo después del", "Quien ayuda al paciente lee"]);
}

#[tokio::test]
async fn the_api_says_of_a_reader_what_who_asks_may_know() {
    let clinic = Clinic::open().await;
    let (id, _) = clinic.asked("q1").await;
    let from_now_on = Help { history: DelegationHistory::FromGrant, ..Help::of(&clinic, HELPER) };
    let delegation = begin_help(&clinic, &from_now_on).await;
    let query = format!(
        "{{ thread(id: {}) {{ readers(audience: EVERYONE) {{ persons(first: 50) {{ nodes {{
            reason purpose seesFrom until delegation {{ id relationship }} }} }} }} }} }}",
        json!(id)
    );
    let asked = async |who: &str| {
        let found = clinic.ask(who, &query).await;
        let nodes = found["thread"]["readers"]["persons"]["nodes"].as_array().expect("readers").clone();
        let helper = nodes.iter().find(|each| each["reason"] == "DELEGATE").expect("the helper").clone();
        let others = nodes.into_iter().filter(|each| each["reason"] != "DELEGATE");
        let limited = others.filter(|each| ["seesFrom", "until", "delegation"].iter().any(|of| !each[of].is_null()));
        assert_eq!(limited.count(), 0, "{who}: nobody else is limited");
        ["purpose", "seesFrom", "until", "delegation"].map(|of| helper[of].clone())
    };
    let end = json!("2027-01-22T09:00:00.000000Z");
    let under = json!({ "id": delegation, "relationship": "CHILD" });
    let null = json!(null);
    for (who, sees_from, until, under) in [
        ("nurse", true, &end, &under),
        ("mira", true, &end, &under),
        (HELPER, true, &end, &under),
        ("pcp", false, &end, &under),
        ("specialist", false, &null, &null),
    ] {
        let [purpose, from, to, of_delegation] = asked(who).await;
        assert_eq!((from.is_string(), &to, &of_delegation), (sees_from, until, under), "{who}");
        assert_eq!(purpose, json!("FAMILY_REQUEST"), "{who}");
    }
}
