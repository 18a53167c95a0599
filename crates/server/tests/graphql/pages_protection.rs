//! What ends or stops the help of other people, in a browser: a death and its check, protection notes. And the invitation by
//! who represents a patient by law.

use serde_json::json;

use crate::client::Answer;
use crate::clinic::{Clinic, Target};
use crate::delegations::represented;
use crate::hidden_threads::{Help, begin_help};
use crate::pages::{Browser, Form, is_done};
use crate::pages_helpers::{END, Paths, also};
use crate::pages_settings::shows;

fn link(path: &str) -> String {
    format!("href=\"{path}\"")
}

/// The stranger helps the patient from now on: the id of the delegation.
async fn friend(clinic: &Clinic) -> String {
    begin_help(clinic, &Help::of(clinic, "stranger")).await
}

#[tokio::test]
async fn the_api_says_who_may_invite_a_helper_record_a_death_and_protect() {
    let clinic = Clinic::open().await;
    let fields = ["InviteHelper", "RecordDeath", "VoidDeath", "RecordProtectionNote", "LiftProtectionNote"]
        .map(|field| format!("viewerCan{field}"));
    let asked = fields.join(" { allowed } ");
    let query = format!("{{ patient(id: {}) {{ {asked} {{ allowed }} }} }}", json!(clinic.patient));
    let can = async |who: &str| {
        let found = clinic.ask(who, &query).await;
        fields.each_ref().map(|field| found["patient"][field.as_str()]["allowed"].as_bool().expect("says so"))
    };
    assert_eq!(can("nurse").await, [true, true, false, true, true]);
    assert_eq!(can("pcp").await, [false, true, false, false, false]);
    assert_eq!(can("coordinator").await, [false, true, false, false, false], "who is not on the care team");
    assert_eq!(can("mira").await, [true, false, false, false, false]);
    let at = Some(Target { argument: "patientId", id: clinic.patient.as_str() });
    let died = json!({ "clientMutationId": "died", "diedAt": "2026-11-22T09:00:00Z", "source": "A letter." });
    clinic.by("nurse").done("recordPatientDeath", at, died, "").await;
    assert_eq!(can("nurse").await, [true, false, true, true, true]);
    assert_eq!(can("mira").await, [true, false, false, false, false]);
}

#[tokio::test]
async fn who_represents_a_patient_by_law_invites_within_what_they_reach() {
    let clinic = Clinic::with_pages().await;
    let paths = Paths::of(&clinic);
    let help = represented(&clinic).await;
    let guardian = Browser::signed_in(&clinic, "stranger").await;
    shows(&guardian.page(&format!("/helping/{help}")).await, &[&link(&paths.helpers)]);
    shows(&guardian.page(&paths.helpers).await, &[&link(&paths.invite)]);
    let page = guardian.page(&paths.invite).await;
    shows(&page, &["name=\"scope.topics.CLINICAL_ADVICE\"", "value=\"PATIENT_AUTHORISED\""]);
    for other in ["scope.topics.MEDICATIONS", "scope.managesHelpers", "name=\"ground\"", "LEGAL_REPRESENTATIVE"] {
        assert!(!page.body.contains(other), "{other}: {page:?}");
    }
    let who = [
        ("contact", "Noor at home"),
        ("kind", "PATIENT_AUTHORISED"),
        ("relationship", "FRIEND"),
        ("scope.threadKinds", "CONSULTATION"),
    ];
    let send = async |topic: &str| {
        let form = Form::of(&guardian.page(&paths.invite).await, &paths.invite);
        let fields = also(&form, &[who.as_slice(), &[(topic, "READ")], &END].concat());
        let check = guardian.send_text(&paths.invite, &fields).await;
        assert_eq!(check.status, 200, "{check:?}");
        guardian.send(&paths.invite, &Form::of(&check, &paths.invite).with(&[("checked", "yes")])).await
    };
    let wider = send("scope.topics.MEDICATIONS").await;
    assert_eq!(wider.status, 422, "what they do not reach they give to nobody: {wider:?}");
    let invited = send("scope.topics.CLINICAL_ADVICE").await;
    assert_eq!(invited.status, 200, "{invited:?}");
    shows(&invited, &["id=\"code\">"]);
}

#[tokio::test]
async fn who_helps_without_a_right_by_law_lets_nobody_else_in() {
    let clinic = Clinic::with_pages().await;
    let paths = Paths::of(&clinic);
    let help = friend(&clinic).await;
    let friend = Browser::signed_in(&clinic, "stranger").await;
    let own = friend.page(&format!("/helping/{help}")).await;
    assert!(!own.body.contains(&link(&paths.helpers)), "{own:?}");
    for path in [&paths.helpers, &paths.invite] {
        assert_eq!(friend.get(path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn an_invitation_begins_with_what_is_usual_and_an_end_says_how_much_closes() {
    let clinic = Clinic::with_pages().await;
    let paths = Paths::of(&clinic);
    clinic.asked("q").await;
    let help = friend(&clinic).await;
    let mira = Browser::signed_in(&clinic, "mira").await;
    let empty = mira.page(&paths.invite).await;
    shows(&empty, &[&link(&format!("{}?kind=PROFESSIONAL_HELPER", paths.invite))]);
    assert!(!empty.body.contains("kind=LEGAL_REPRESENTATIVE"), "{empty:?}");
    let usual = mira.page(&format!("{}?kind=PROFESSIONAL_HELPER", paths.invite)).await;
    shows(&usual, &["value=\"PROFESSIONAL_HELPER\" checked"]);
    let chosen = |page: &Answer, topic: &str| {
        let name = format!("name=\"scope.topics.{topic}\"");
        page.body.split("<input").any(|input| {
            let input = input.split('>').next().unwrap_or_default();
            input.contains(&name) && input.contains("checked")
        })
    };
    assert!(chosen(&usual, "SOCIAL") && chosen(&usual, "SCHEDULING"), "{usual:?}");
    assert!(!chosen(&usual, "RESULTS") && !chosen(&empty, "SOCIAL"), "{usual:?}");
    for act in ["end", "suspend"] {
        let page = mira.page(&format!("{}/{act}?about={help}", paths.helpers)).await;
        shows(&page, &["One conversation is no longer open to them afterwards."]);
    }
}

#[tokio::test]
async fn a_protection_note_is_written_and_lifted_from_the_page_of_the_patient() {
    let clinic = Clinic::with_pages().await;
    let paths = Paths::of(&clinic);
    let (thread, _) = clinic.asked("q").await;
    friend(&clinic).await;
    let nurse = Browser::signed_in(&clinic, "nurse").await;
    let friend = Browser::signed_in(&clinic, "stranger").await;
    let (protect, lift) = (paths.of_patient("protect"), paths.of_patient("lift-protection"));
    shows(&nurse.page(&paths.patient).await, &[&link(&protect), &link(&lift)]);
    for who in ["pcp", "mira"] {
        let browser = Browser::signed_in(&clinic, who).await;
        let page = browser.page(&paths.patient).await;
        assert!(!page.body.contains(&link(&protect)) && !page.body.contains(&link(&lift)), "{who}: {page:?}");
        assert_eq!(browser.get(&protect).await.status, 303, "{who}");
    }
    assert_eq!(friend.get(&protect).await.status, 303);
    assert_eq!(friend.get(&format!("/t/{thread}")).await.status, 200);

    let form = Form::of(&nurse.page(&protect).await, &protect);
    let empty = nurse.send(&protect, &form).await;
    assert_eq!(empty.status, 422);
    let person = clinic.id("stranger");
    shows(&empty, &[&format!("href=\"#personId-{person}\""), "href=\"#reason\""]);
    let given = [("personId", person), ("reason", "There was a <threat>.")];
    let done = format!("{}?done=protect", paths.patient);
    is_done(&nurse.send(&protect, &form.with(&given)).await, &done);
    let told = nurse.page(&done).await;
    shows(&told, &["The protection note is written"]);
    assert!(!told.body.contains("threat"), "no page shows what was written: {told:?}");
    assert_eq!(friend.get(&format!("/t/{thread}")).await.status, 404, "it takes the access away at once");
    let again = Form::of(&nurse.page(&protect).await, &protect).with(&given);
    let again = nurse.send(&protect, &again).await;
    assert_eq!(again.status, 422);
    shows(&again, &["There is a protection note about this person already", "There was a &#60;threat&#62;."]);

    let by_friend = friend.get(&lift).await;
    assert_eq!(by_friend.status, 404, "without access there is no patient: {by_friend:?}");
    let given = [("personId", person), ("reason", "It was a mistake.")];
    let form = Form::of(&nurse.page(&lift).await, &lift).with(&given);
    is_done(&nurse.send(&lift, &form).await, &format!("{}?done=lift-protection", paths.patient));
    let form = Form::of(&nurse.page(&lift).await, &lift).with(&given);
    let nothing = nurse.send(&lift, &form).await;
    assert_eq!(nothing.status, 422);
    shows(&nothing, &["There is no protection note about this person"]);
}

#[tokio::test]
async fn a_death_is_checked_before_it_is_recorded_and_taken_back_where_it_was_an_error() {
    let clinic = Clinic::with_pages().await;
    let paths = Paths::of(&clinic);
    let (thread, _) = clinic.asked("q").await;
    friend(&clinic).await;
    let nurse = Browser::signed_in(&clinic, "nurse").await;
    let friend = Browser::signed_in(&clinic, "stranger").await;
    let (record, void) = (paths.of_patient("record-death"), paths.of_patient("void-death"));
    let lives = nurse.page(&paths.patient).await;
    assert!(lives.body.contains(&link(&record)) && !lives.body.contains(&link(&void)), "{lives:?}");
    assert_eq!(nurse.get(&void).await.status, 303, "there is nothing to take back");
    let mira = Browser::signed_in(&clinic, "mira").await;
    assert!(!mira.page(&paths.patient).await.body.contains(&link(&record)));

    let form = Form::of(&nurse.page(&record).await, &record);
    let when = [("diedAt.day", "22"), ("diedAt.month", "11"), ("diedAt.year", "2026"), ("diedAt.time", "10:00")];
    let empty = nurse.send(&record, &form.with(&when)).await;
    assert_eq!(empty.status, 422);
    shows(&empty, &["href=\"#source\""]);
    let given = form.with(&when).with(&[("source", "A letter <of> the hospital")]);
    let check = nurse.send(&record, &given).await;
    assert_eq!(check.status, 200);
    shows(&check, &["All help by other people ends at once.", "What is on the way stops"]);
    shows(&check, &["A letter &#60;of&#62; the hospital", "22 November 2026"]);
    assert_eq!(friend.get(&format!("/t/{thread}")).await.status, 200, "nothing is recorded yet");
    let sent = Form::of(&check, &record).with(&[("source", "A letter <of> the hospital")]);
    let changed = nurse.send(&record, &sent.with(&[("change", "yes")])).await;
    assert_eq!(changed.status, 200);
    shows(&changed, &["A letter &#60;of&#62; the hospital</textarea>"]);
    let done = format!("{}?done=record-death", paths.patient);
    let sent = sent.with(&[("checked", "yes")]);
    is_done(&nurse.send(&record, &sent).await, &done);
    is_done(&nurse.send(&record, &sent).await, &done);
    let died = nurse.page(&done).await;
    shows(&died, &["The death is recorded", "<dt>Died</dt><dd>22 November 2026</dd>", &link(&void)]);
    assert!(!died.body.contains(&link(&record)), "{died:?}");
    assert_eq!(friend.get(&format!("/t/{thread}")).await.status, 404, "the help has ended");

    let form = Form::of(&nurse.page(&void).await, &void);
    assert_eq!(nurse.send(&void, &form).await.status, 422, "it says why");
    let why = form.with(&[("reason", "It was another patient.")]);
    is_done(&nurse.send(&void, &why).await, &format!("{}?done=void-death", paths.patient));
    assert!(!nurse.page(&paths.patient).await.body.contains("<dt>Died</dt>"));
}
