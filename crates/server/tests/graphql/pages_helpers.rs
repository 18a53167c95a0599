//! Helpers in a browser: the whole road from the invitation with its code to the first message, what each role sees of it,
//! and what a helper, the patient and the team change and end.

use serde_json::json;

use crate::client::Answer;
use crate::clinic::{Clinic, Target};
use crate::organization;
use crate::pages::{Browser, Form, between, encoded, is_done};
use crate::pages_settings::shows;

/// The paths of a clinic at which people see and change who helps the patient.
pub struct Paths {
    pub patient: String,
    pub helpers: String,
    pub invite: String,
}

impl Paths {
    pub fn of(clinic: &Clinic) -> Self {
        let patient = format!("/patients/{}", clinic.patient);
        Self { helpers: format!("{patient}/helpers"), invite: format!("{patient}/invite-helper"), patient }
    }

    /// The page of an act about a helper.
    fn act(&self, act: &str) -> String {
        format!("{}/{act}", self.helpers)
    }

    /// The page of an act about the patient.
    pub fn of_patient(&self, act: &str) -> String {
        format!("{}/{act}", self.patient)
    }
}

/// A form with further fields, some of which have a name twice.
pub fn also(form: &Form, fields: &[(&str, &str)]) -> String {
    format!("{}&{}", form.encoded(), encoded(fields))
}

/// To read and write about clinical advice, whatever was written before.
const REACH: [(&str, &str); 3] =
    [("scope.topics.CLINICAL_ADVICE", "READ"), ("scope.topics.CLINICAL_ADVICE", "WRITE"), ("scope.history", "ALL")];
/// The end of the help.
pub const END: [(&str, &str); 4] =
    [("until.day", "22"), ("until.month", "5"), ("until.year", "2027"), ("until.time", "00:00")];

/// The patient invites a friend: what the form gives, and the page with the code.
async fn invited(mira: &Browser<'_>, paths: &Paths) -> (String, Answer) {
    let form = Form::of(&mira.page(&paths.invite).await, &paths.invite);
    let who = [
        ("contact", "Noor <at home>"),
        ("kind", "PATIENT_AUTHORISED"),
        ("relationship", "FRIEND"),
        ("scope.threadKinds", "CONSULTATION"),
    ];
    let given = also(&form, &[who.as_slice(), &REACH, &END].concat());
    let check = mira.send_text(&paths.invite, &given).await;
    assert_eq!(check.status, 200, "{check:?}");
    shows(
        &check,
        &["Check before you invite", "Noor &#60;at home&#62;", "Clinical advice: read, write", "A question about you"],
    );
    let checked = Form::of(&check, &paths.invite).with(&[("checked", "yes")]);
    let code = mira.send(&paths.invite, &checked).await;
    assert_eq!(code.status, 200, "{code:?}");
    let again = mira.send(&paths.invite, &checked).await;
    let words = |page: &Answer| between(&page.body, "id=\"code\">", "</p>").expect("a code").to_owned();
    assert_eq!(words(&again), words(&code), "the same form answers the same code, and invites nobody twice");
    (words(&code), code)
}

/// The id of the only delegation of the clinic.
async fn delegation(clinic: &Clinic) -> String {
    let query = format!("{{ delegations(patientId: {}) {{ id }} }}", json!(clinic.patient));
    let found = clinic.ask("mira", &query).await;
    assert_eq!(found["delegations"].as_array().map(Vec::len), Some(1), "{found}");
    found["delegations"][0]["id"].as_str().expect("an id").to_owned()
}

/// The friend enters the code and accepts.
async fn accepted(friend: &Browser<'_>, code: &str) {
    let look = Form::of(&friend.page("/invitation").await, "/invitation").with(&[("code", code)]);
    let offer = friend.send("/invitation", &look).await;
    assert_eq!(offer.status, 200, "{offer:?}");
    shows(&offer, &["A patient of Practice", "Clinical advice: read, write", "What you agree to"]);
    assert!(!offer.body.contains("Mira"), "it does not say whose helper it asks for: {offer:?}");
    let form = Form::of(&offer, "/invitation");
    let without = friend.send("/invitation", &form.with(&[("answer", "accept")])).await;
    assert_eq!(without.status, 422, "{without:?}");
    shows(&without, &["class=\"error-summary\"", "href=\"#ownAccount-yes\""]);
    let yes = form.with(&[("ownAccount", "yes"), ("answer", "accept")]);
    is_done(&friend.send("/invitation", &yes).await, "/helping?done=accepted");
}

/// Opens the page of an act, and sends its form with these fields.
async fn act(who: &Browser<'_>, paths: &Paths, act: &str, about: &str, fields: &[(&str, &str)]) -> Answer {
    let path = paths.act(act);
    let page = who.page(&format!("{path}?about={about}")).await;
    who.send_text(&path, &also(&Form::of(&page, &path), fields)).await
}

/// Sends the form that makes a helper reach less, and again after the page has said what it would close.
async fn narrowed(who: &Browser<'_>, path: &str, about: &str, fields: &[(&str, &str)], closes: &str) -> Answer {
    let form = Form::of(&who.page(&format!("{path}{about}")).await, path);
    let check = who.send_text(path, &also(&form, fields)).await;
    assert_eq!(check.status, 200, "{check:?}");
    shows(&check, &["What it would change now", closes, "Nothing has changed yet"]);
    who.send_text(path, &also(&Form::of(&check, path), fields)).await
}

const CHECKS: [(&str, &str); 4] = [
    ("checks.necessary", "true"),
    ("checks.relevant", "true"),
    ("checks.safe", "true"),
    ("checks.askedAlone", "ASKED"),
];

/// A friend with access: the id of the delegation.
async fn active(clinic: &Clinic, paths: &Paths) -> String {
    let (mira, friend, nurse) = (
        Browser::signed_in(clinic, "mira").await,
        Browser::signed_in(clinic, "stranger").await,
        Browser::signed_in(clinic, "nurse").await,
    );
    let (code, _) = invited(&mira, paths).await;
    accepted(&friend, &code).await;
    let id = delegation(clinic).await;
    let seen = [("method", "IN_PERSON"), ("level", "HIGH"), ("evidence", "A passport.")];
    is_done(&act(&nurse, paths, "verify-identity", &id, &seen).await, &paths.helpers);
    is_done(&act(&nurse, paths, "pass-check", &id, &CHECKS).await, &paths.helpers);
    is_done(&act(&mira, paths, "consent", &id, &REACH).await, &paths.helpers);
    id
}

#[tokio::test]
async fn a_friend_comes_to_help_from_the_invitation_to_the_first_message() {
    let clinic = Clinic::with_pages().await;
    let paths = Paths::of(&clinic);
    let (thread, _) = clinic.asked("q").await;
    let mira = Browser::signed_in(&clinic, "mira").await;
    shows(&mira.page("/home").await, &[&format!("href=\"{}\"", paths.helpers)]);
    let helpers = mira.page(&paths.helpers).await;
    shows(&helpers, &["People who help me", "Nobody helps now", &format!("href=\"{}\"", paths.invite)]);
    let empty = mira.send(&paths.invite, &Form::of(&mira.page(&paths.invite).await, &paths.invite)).await;
    assert_eq!(empty.status, 422, "{empty:?}");
    let missing = ["href=\"#contact\"", "href=\"#kind-PATIENT_AUTHORISED\"", "href=\"#relationship-PARENT\""];
    shows(&empty, &missing);
    shows(&empty, &["href=\"#scope-topics-CLINICAL_ADVICE-READ\"", "href=\"#until-day\""]);
    let (code, page) = invited(&mira, &paths).await;
    assert!(code.split('-').all(|group| group.len() == 4), "it can be read out: {code}");
    shows(&page, &["It is shown only now", "Practice checks who they are"]);
    assert!(!mira.page(&paths.helpers).await.body.contains(&code), "nothing else tells the code");

    let friend = Browser::signed_in(&clinic, "stranger").await;
    for path in [&paths.helpers, &paths.invite, &paths.act("verify-identity")] {
        assert_eq!(friend.get(path).await.status, 404, "{path}");
    }
    let look = Form::of(&friend.page("/invitation").await, "/invitation");
    let wrong = friend.send("/invitation", &look.with(&[("code", "0000-0000")])).await;
    assert_eq!(wrong.status, 422, "{wrong:?}");
    shows(&wrong, &["There is no invitation any more", "href=\"#code\"", "value=\"0000-0000\""]);
    accepted(&friend, &code.to_uppercase()).await;
    is_done(&friend.get("/home").await, "/helping");
    let waits = friend.page("/helping").await;
    shows(&waits, &["A patient of Practice", "Waiting for the practice to check who you are"]);
    assert!(!waits.body.contains("Mira"), "who has no access is not told the name: {waits:?}");

    let id = delegation(&clinic).await;
    let nurse = Browser::signed_in(&clinic, "nurse").await;
    shows(&nurse.page(&paths.patient).await, &[&format!("href=\"{}\"", paths.helpers)]);
    let verify = format!("{}?about={id}", paths.act("verify-identity"));
    let shown = nurse.page(&paths.helpers).await;
    shows(&shown, &[&format!("data-kind=\"primary\" href=\"{verify}\""), "within five working days"]);
    let nothing = act(&nurse, &paths, "verify-identity", &id, &[]).await;
    assert_eq!(nothing.status, 422);
    shows(&nothing, &["href=\"#method-IN_PERSON\"", "href=\"#level-LOW\""]);
    let seen = [("method", "IN_PERSON"), ("level", "HIGH"), ("evidence", "A passport.")];
    is_done(&act(&nurse, &paths, "verify-identity", &id, &seen).await, &paths.helpers);
    let check = nurse.page(&format!("{}?about={id}", paths.act("pass-check"))).await;
    shows(&check, &["What would open now", "Palpitations", "Is it safe for the patient?"]);
    let unasked = act(&nurse, &paths, "pass-check", &id, &CHECKS[..3]).await;
    assert_eq!(unasked.status, 422);
    shows(&unasked, &["href=\"#checks-askedAlone-ASKED\""]);
    is_done(&act(&nurse, &paths, "pass-check", &id, &CHECKS).await, &paths.helpers);
    shows(&friend.page("/helping").await, &["Only the consent is still missing"]);
    assert_eq!(friend.get(&format!("/t/{thread}")).await.status, 404, "nothing opens before the consent");
    let consent = paths.act("consent");
    let asks = mira.page(&format!("{consent}?about={id}")).await;
    shows(
        &asks,
        &["The text of the consent", "<div lang=\"en\"><p>You agree that the person who is named with this text"],
    );
    let outdated = Form::of(&asks, &consent).with(&[("textVersion", "helper-consent-1")]);
    let outdated = mira.send_text(&consent, &also(&outdated, &REACH)).await;
    assert_eq!(outdated.status, 422, "{outdated:?}");
    shows(&outdated, &["The text of the consent has changed", "name=\"textVersion\" value=\"helper-consent-2\""]);
    is_done(&act(&mira, &paths, "consent", &id, &REACH).await, &paths.helpers);
    shows(&mira.page(&paths.helpers).await, &["The text that was shown", "<p>You agree that the person"]);

    let list = friend.page("/helping").await;
    shows(&list, &["Help Mira Patient", &format!("href=\"/helping/{id}\"")]);
    let mine = friend.page(&format!("/helping/{id}")).await;
    shows(&mine, &["Write about Mira Patient", &format!("href=\"/t/{thread}"), "Clinical advice: read, write"]);
    for part in ["directives", "helpers", "who-could-see"] {
        assert!(!mine.body.contains(&format!("/{part}\"")), "only who represents the patient finds {part}: {mine:?}");
    }
    let reply = format!("/t/{thread}/reply");
    let form = Form::of(&friend.page(&format!("/t/{thread}")).await, &reply);
    let sent = [("body", "She sleeps badly."), ("audience", "EVERYONE")];
    is_done(&friend.send(&reply, &form.with(&sent)).await, &format!("/t/{thread}"));
    shows(&mira.page(&format!("/t/{thread}")).await, &["She sleeps badly."]);
}

#[tokio::test]
async fn each_role_sees_its_own_part_of_who_helps_in_both_languages() {
    let clinic = Clinic::with_pages().await;
    let paths = Paths::of(&clinic);
    clinic.asked("q").await;
    let id = active(&clinic, &paths).await;
    for who in ["specialist", "coordinator", "stranger"] {
        let browser = Browser::signed_in(&clinic, who).await;
        assert_eq!(browser.get(&paths.helpers).await.status, 404, "{who}");
        assert_eq!(browser.get(&format!("/patients/{}/helpers", clinic.pool)).await.status, 404, "{who}");
    }
    let mut mira = Browser::signed_in(&clinic, "mira").await;
    let own = mira.page(&paths.helpers).await;
    shows(&own, &["<bdi>stranger</bdi>, friend", "Active until", "Pause the help of stranger"]);
    shows(&own, &["End the help of stranger", "see who else helps"]);
    assert!(!own.body.contains("verify-identity"), "the patient does not do the work of the practice: {own:?}");
    let nurse = Browser::signed_in(&clinic, "nurse").await.page(&paths.helpers).await;
    shows(&nurse, &["Helpers", "It was verified who they are", "The check was passed"]);
    let physician = Browser::signed_in(&clinic, "pcp").await.page(&paths.helpers).await;
    shows(&physician, &["<bdi>stranger</bdi>, friend", "Clinical advice: read, write"]);
    assert!(!physician.body.contains("The check was passed"), "who treats reads who helps and no more: {physician:?}");
    assert!(!physician.body.contains("/helpers/end?") && !physician.body.contains(&paths.invite), "{physician:?}");
    mira.language = "es";
    shows(&mira.page(&paths.helpers).await, &["Personas que me ayudan", "Consejo", "Pausar la ayuda de stranger"]);
    shows(&mira.page(&paths.invite).await, &["¿Qué puede ver y hacer esta persona?"]);
    let mut friend = Browser::signed_in(&clinic, "stranger").await;
    friend.language = "es";
    shows(&friend.page("/helping").await, &["¿De quién se trata?", "Ayudar a Mira Patient"]);
    shows(&friend.page(&format!("/helping/{id}")).await, &["Escribir sobre Mira Patient", "Dejar de ayudar a"]);
    shows(&friend.page("/invitation").await, &["Una invitación a ayudar"]);
    // Who helps nobody has the same page with nothing in it, and no way to the help of others.
    let other = Browser::signed_in(&clinic, "specialist").await;
    shows(&other.page("/helping").await, &["You help nobody here"]);
    for path in [format!("/helping/{id}"), format!("/helping/{id}/give-back"), "/helping/none".to_owned()] {
        assert_eq!(other.get(&path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn what_a_helper_reaches_is_made_less_paused_given_back_and_ended() {
    let clinic = Clinic::with_pages().await;
    let paths = Paths::of(&clinic);
    let (thread, _) = clinic.asked("q").await;
    let id = active(&clinic, &paths).await;
    let (mira, nurse, friend) = (
        Browser::signed_in(&clinic, "mira").await,
        Browser::signed_in(&clinic, "nurse").await,
        Browser::signed_in(&clinic, "stranger").await,
    );
    // Less begins with what there is, and offers nothing else.
    let narrow = mira.page(&format!("{}?about={id}", paths.act("narrow"))).await;
    shows(
        &narrow,
        &["id=\"scope-topics-CLINICAL_ADVICE-WRITE\" name=\"scope.topics.CLINICAL_ADVICE\" value=\"WRITE\" checked"],
    );
    assert!(!narrow.body.contains("scope.topics.RESULTS"), "{narrow:?}");
    let more = [REACH.as_slice(), &[("scope.topics.RESULTS", "READ")]].concat();
    let (to_narrow, about) = (paths.act("narrow"), format!("?about={id}"));
    let all_stay = "Every conversation that is open to them now stays open.";
    let more = narrowed(&mira, &to_narrow, &about, &more, all_stay).await;
    assert_eq!(more.status, 422, "{more:?}");
    shows(&more, &["class=\"error-summary\""]);
    assert!(!more.body.contains("Nothing has changed yet"), "{more:?}");
    // What changes nothing is done.
    is_done(&narrowed(&mira, &to_narrow, &about, &REACH, all_stay).await, &paths.helpers);
    shows(&friend.page(&format!("/helping/{id}")).await, &["Clinical advice: read, write"]);
    let less = [("scope.topics.CLINICAL_ADVICE", "READ"), ("scope.history", "ALL")];
    is_done(&narrowed(&mira, &to_narrow, &about, &less, all_stay).await, &paths.helpers);
    let shown = friend.page(&format!("/helping/{id}")).await;
    shows(&shown, &["Clinical advice: read"]);
    assert!(!shown.body.contains("Clinical advice: read, write"), "{shown:?}");

    // More is given only after the page has listed what would open.
    let path = paths.act("widen");
    let form = Form::of(&mira.page(&format!("{path}?about={id}")).await, &path);
    let listed = mira.send_text(&path, &also(&form, &REACH)).await;
    assert_eq!(listed.status, 200, "{listed:?}");
    shows(&listed, &["What would open now", "A question about you"]);
    let seen = also(&Form::of(&listed, &path), &REACH);
    is_done(&mira.send_text(&path, &seen).await, &format!("{}?done=widen", paths.helpers));
    shows(&friend.page(&format!("/helping/{id}")).await, &["Clinical advice: read, write"]);

    // A form is bound to the helper whom it is about.
    let path = paths.act("suspend");
    let page = mira.page(&format!("{path}?about={id}")).await;
    shows(&page, &["One conversation is no longer open to them afterwards."]);
    let form = Form::of(&page, &path);
    let other = mira.send(&path, &form.with(&[("about", clinic.id("mira")), ("reason", "No.")])).await;
    assert_eq!(other.status, 409, "{other:?}");
    let silent = mira.send(&path, &form).await;
    assert_eq!(silent.status, 422);
    shows(&silent, &["href=\"#reason\""]);
    let paused = mira.send(&path, &form.with(&[("reason", "A quarrel <at home>.")])).await;
    is_done(&paused, &format!("{}?done=suspend", paths.helpers));
    shows(&mira.page(paused.header("location").expect("a place")).await, &["The help is paused"]);
    let off = friend.page("/helping").await;
    shows(&off, &["Your access is paused"]);
    assert!(!off.body.contains("A quarrel"), "the helper is not told why: {off:?}");
    assert_eq!(friend.get(&format!("/t/{thread}")).await.status, 404);
    // Another person gives it back, and for a patient who took it away with what the patient says now.
    let resume = paths.act("resume");
    assert_eq!(mira.get(&format!("{resume}?about={id}")).await.status, 303);
    let waits = nurse.page(&paths.helpers).await;
    shows(&waits, &[&format!("data-kind=\"primary\" href=\"{resume}?about={id}\""), "Paused; to be reviewed"]);
    let found = [CHECKS.as_slice(), &[("reason", "They made up.")]].concat();
    let unsaid = act(&nurse, &paths, "resume", &id, &found).await;
    assert_eq!(unsaid.status, 422, "{unsaid:?}");
    shows(&unsaid, &["class=\"error-summary\"", "They made up.</textarea>"]);
    let said = [found.as_slice(), &[("patientWord", "I want her help again.")]].concat();
    is_done(&act(&nurse, &paths, "resume", &id, &said).await, &paths.helpers);
    assert_eq!(friend.get(&format!("/t/{thread}")).await.status, 200);

    // The helper gives the help back, and is then told no more than that it ended.
    let give_back = format!("/helping/{id}/give-back");
    let page = friend.page(&give_back).await;
    shows(&page, &["You can no longer open one conversation afterwards."]);
    let form = Form::of(&page, &give_back);
    is_done(&friend.send(&give_back, &form).await, "/helping?done=give-back");
    is_done(&friend.send(&give_back, &form).await, "/helping?done=give-back");
    let ended = friend.page("/helping?done=give-back").await;
    shows(&ended, &["This help has ended"]);
    assert!(!ended.body.contains("Write about"), "{ended:?}");
    shows(&mira.page(&paths.helpers).await, &["Who helped before", "Nobody helps now"]);
}

#[tokio::test]
async fn who_narrows_sees_how_many_conversations_close_and_again_after_another_choice() {
    let clinic = Clinic::with_pages().await;
    let paths = Paths::of(&clinic);
    let (thread, _) = clinic.asked("q").await;
    let id = active(&clinic, &paths).await;
    let nurse = Browser::signed_in(&clinic, "nurse").await;
    let page = nurse.page(&format!("{}?about={id}", paths.act("end"))).await;
    shows(&page, &["One conversation is no longer open to them afterwards."]);

    // The helper: what was seen of one choice does not count for another.
    let friend = Browser::signed_in(&clinic, "stranger").await;
    let path = format!("/helping/{id}/narrow");
    let form = Form::of(&friend.page(&path).await, &path);
    let none = [("scope.history", "ALL")];
    let check = friend.send_text(&path, &also(&form, &none)).await;
    assert_eq!(check.status, 200, "{check:?}");
    shows(&check, &["You can no longer open one conversation afterwards.", "Nothing has changed yet"]);
    let form = Form::of(&check, &path);
    let other = friend.send_text(&path, &also(&form, &REACH)).await;
    assert_eq!(other.status, 200, "{other:?}");
    shows(&other, &["You lose no conversation.", "Nothing has changed yet"]);
    assert_eq!(friend.get(&format!("/t/{thread}")).await.status, 200, "nothing has changed");
    let less = [("scope.topics.CLINICAL_ADVICE", "READ"), ("scope.history", "ALL")];
    let done = narrowed(&friend, &path, "", &less, "You lose no conversation.").await;
    is_done(&done, &format!("/helping/{id}?done=narrow"));
}

#[tokio::test]
async fn single_conversations_are_chosen_and_the_page_says_which_would_not_open() {
    let clinic = Clinic::with_pages().await;
    let paths = Paths::of(&clinic);
    let (thread, _) = clinic.asked("q").await;
    let mira = Browser::signed_in(&clinic, "mira").await;
    let page = mira.page(&paths.invite).await;
    let choice = format!("name=\"scope.threadIds\" value=\"{thread}\"");
    shows(&page, &["Single conversations", &choice, "A question about you"]);
    let form = Form::of(&page, &paths.invite);
    let who = [("contact", "Noor"), ("kind", "PATIENT_AUTHORISED"), ("relationship", "FRIEND")];
    let none = mira.send_text(&paths.invite, &also(&form, &[who.as_slice(), &REACH, &END].concat())).await;
    assert_eq!(none.status, 422, "{none:?}");
    shows(&none, &["href=\"#scope-threadKinds-CONSULTATION\""]);
    let listed = [("scope.threadIds", thread.as_str())];
    let check = mira.send_text(&paths.invite, &also(&form, &[who.as_slice(), &listed, &REACH, &END].concat())).await;
    assert_eq!(check.status, 200, "{check:?}");
    shows(&check, &["A question about you"]);
    assert!(!check.body.contains("does not open"), "{check:?}");
    let other = [("scope.topics.BILLING", "READ"), ("scope.history", "ALL")];
    let closed = mira.send_text(&paths.invite, &also(&form, &[who.as_slice(), &listed, &other, &END].concat())).await;
    shows(&closed, &["One conversation that you chose does not open"]);
}

#[tokio::test]
async fn what_waits_for_staff_stands_on_their_home_page_and_on_a_page_of_its_own() {
    let clinic = Clinic::with_pages().await;
    let paths = Paths::of(&clinic);
    clinic.asked("q").await;
    let mira = Browser::signed_in(&clinic, "mira").await;
    let mut nurse = Browser::signed_in(&clinic, "nurse").await;
    shows(&nurse.page("/helpers-to-do").await, &["No helper waits for you"]);
    let (code, _) = invited(&mira, &paths).await;
    accepted(&Browser::signed_in(&clinic, "stranger").await, &code).await;
    for page in [nurse.page("/helpers-to-do").await, nurse.page("/home").await] {
        shows(&page, &["Verify who stranger is", &format!("href=\"{}\"", paths.helpers), "Mira Patient"]);
    }
    nurse.language = "es";
    shows(&nurse.page("/helpers-to-do").await, &["Personas que ayudan y le esperan", "Verificar quién es stranger"]);
    // Who takes no step has an empty page, and nothing on the home page.
    for who in ["pcp", "coordinator", "stranger"] {
        let browser = Browser::signed_in(&clinic, who).await;
        shows(&browser.page("/helpers-to-do").await, &["No helper waits for you"]);
    }
    assert!(!Browser::signed_in(&clinic, "pcp").await.page("/home").await.body.contains("/helpers-to-do"));
}

#[tokio::test]
async fn staff_put_a_right_by_law_on_file_and_check_it() {
    let clinic = Clinic::with_pages().await;
    let paths = Paths::of(&clinic);
    clinic.asked("q").await;
    active(&clinic, &paths).await;
    let (pcp, nurse) = (Browser::signed_in(&clinic, "pcp").await, Browser::signed_in(&clinic, "nurse").await);
    let record = paths.act("record-authority");
    let form = Form::of(&pcp.page(&record).await, &record);
    let empty = pcp.send(&record, &form).await;
    assert_eq!(empty.status, 422);
    shows(&empty, &["href=\"#kind-PARENTAL_RESPONSIBILITY\"", "href=\"#ground-MINORITY\"", "href=\"#document\""]);
    let given = [
        ("personId", clinic.id("stranger")),
        ("kind", "HEALTH_POWER_OF_ATTORNEY"),
        ("ground", "OWN_WILL"),
        ("document", "Notary Weber, 3 March 2026"),
    ];
    is_done(&pcp.send(&record, &form.with(&given)).await, &paths.helpers);
    let shown = nurse.page(&paths.helpers).await;
    shows(&shown, &["power of attorney for health", "On file; to be checked"]);
    let about = between(&shown.body, "verify-authority?about=", "\"").expect("a link").to_owned();
    let nothing = act(&nurse, &paths, "verify-authority", &about, &[]).await;
    assert_eq!(nothing.status, 422);
    shows(&nothing, &["href=\"#hasEnd-yes\"", "href=\"#evidence\""]);
    shows(&nurse.page(&record).await, &["id=\"document\""]);
    // What the law gives does not go with the patient's own invitation: the patient has no such page.
    let mira = Browser::signed_in(&clinic, "mira").await;
    assert_eq!(mira.get(&record).await.status, 303);
    assert!(!mira.page(&paths.invite).await.body.contains("LEGAL_REPRESENTATIVE"));
}

#[tokio::test]
async fn the_patient_sees_who_could_see_what_and_what_a_helper_sees_and_nobody_else_does() {
    let clinic = Clinic::with_pages().await;
    let paths = Paths::of(&clinic);
    let (thread, _) = clinic.asked("q").await;
    let id = active(&clinic, &paths).await;
    let said = json!({ "clientMutationId": "p", "audience": "EVERYONE", "body": "She sleeps <badly>." });
    let in_thread = Some(Target { argument: "threadId", id: &thread });
    clinic.by("stranger").done("postMessage", in_thread, said, "").await;
    clinic.ask("stranger", &format!("{{ thread(id: {}) {{ subject {{ text }} }} }}", json!(thread))).await;
    let mira = Browser::signed_in(&clinic, "mira").await;
    let (periods, preview) =
        (format!("{}/who-could-see", paths.patient), format!("{}/as-helper?about={id}", paths.patient));
    shows(&mira.page("/home").await, &[&format!("href=\"{periods}\"")]);
    let helpers = mira.page(&paths.helpers).await;
    shows(&helpers, &[&format!("href=\"{periods}\""), &format!("href=\"{preview}\""), "See what stranger sees"]);
    let friend = "friend. The patient wants this help";
    let conversation = format!("href=\"/t/{thread}\"");
    shows(
        &mira.page(&periods).await,
        &[
            "Who could see what",
            friend,
            "Clinical advice: read, write",
            "Ends by itself after",
            "Asked a question about the patient",
            &conversation,
        ],
    );
    let seen = mira.page(&preview).await;
    shows(&seen, &["What stranger sees", "A question about you", "She sleeps &#60;badly&#62;.", friend]);
    assert!(!seen.body.contains("look alike"), "{seen:?}");
    clinic.asked("q2").await;
    shows(&mira.page(&preview).await, &["1 of 2 that look alike", "2 of 2 that look alike"]);
    shows(&mira.page(&format!("/t/{thread}")).await, &["friend, helps Mira Patient. The patient wants this help"]);
    shows(&mira.page(&format!("{}/access", paths.patient)).await, &[friend]);
    let own = mira.page(&format!("{}/access?show=everybody", paths.patient)).await;
    shows(&own, &["What a helper sees, as a preview"]);
    for who in ["nurse", "pcp", "stranger", "specialist"] {
        let other = Browser::signed_in(&clinic, who).await;
        for path in [&periods, &preview] {
            assert_eq!(other.get(path).await.status, 404, "{path} by {who}");
        }
    }
    // A delegation of which there is none, and one beside another patient, have no page.
    for path in ["as-helper", "as-helper?about=none"] {
        assert_eq!(mira.get(&format!("{}/{path}", paths.patient)).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_page_of_who_could_see_what_is_asked_for_by_the_api_too() {
    let clinic = Clinic::with_pages().await;
    let paths = Paths::of(&clinic);
    let (thread, _) = clinic.asked("q").await;
    let id = active(&clinic, &paths).await;
    let query = format!(
        "{{ patient(id: {patient}) {{ viewerReadsTimeline timeline(first: 1) {{ nodes {{ reason endedAt endedBy person {{ id }}
            delegation {{ id kind relationship authority }} scope {{ topics {{ topic }} }} }} pageInfo {{ hasNextPage }} }} }}
            delegation(id: {id}) {{ preview {{ nodes {{ threadId }} }} }} }}",
        patient = json!(clinic.patient),
        id = json!(id),
    );
    let shown = clinic.ask("mira", &query).await;
    let newest = json!([{
        "reason": "HELPS", "endedAt": null, "endedBy": null, "person": { "id": clinic.id("stranger") },
        "delegation": { "id": id, "kind": "PATIENT_AUTHORISED", "relationship": "FRIEND", "authority": null },
        "scope": { "topics": [{ "topic": "CLINICAL_ADVICE" }] },
    }]);
    assert_eq!(shown["patient"]["timeline"]["nodes"], newest);
    assert_eq!(shown["patient"]["timeline"]["pageInfo"]["hasNextPage"], json!(true));
    assert_eq!(shown["delegation"]["preview"]["nodes"], json!([{ "threadId": thread }]));
    let by_nurse = clinic.ask("nurse", &query).await;
    assert_eq!(by_nurse["patient"], json!({ "viewerReadsTimeline": false, "timeline": null }));
    assert_eq!(by_nurse["delegation"], json!({ "preview": null }));
}

#[tokio::test]
async fn what_waits_for_a_patient_and_what_was_announced_to_a_helper_stands_on_their_first_page() {
    let clinic = Clinic::with_pages().await;
    clinic.asked("q").await;
    let paths = Paths::of(&clinic);
    let (mut mira, friend, nurse) = (
        Browser::signed_in(&clinic, "mira").await,
        Browser::signed_in(&clinic, "stranger").await,
        Browser::signed_in(&clinic, "nurse").await,
    );
    let (code, _) = invited(&mira, &paths).await;
    accepted(&friend, &code).await;
    let id = delegation(&clinic).await;
    let seen = [("method", "IN_PERSON"), ("level", "HIGH"), ("evidence", "A passport.")];
    is_done(&act(&nurse, &paths, "verify-identity", &id, &seen).await, &paths.helpers);
    let words = "for your answer";
    assert!(!mira.page("/home").await.body.contains(words), "it waits for the practice");
    is_done(&act(&nurse, &paths, "pass-check", &id, &CHECKS).await, &paths.helpers);
    let link = format!("href=\"{}\">Say whether stranger may help you</a>", paths.helpers);
    shows(&mira.page("/home").await, &["1 thing waits for your answer", &link, "in 14 days"]);
    let word = json!({ "clientMutationId": "word", "personId": clinic.id("nurse"), "patientWord": "Not them." });
    let patient = Some(Target { argument: "patientId", id: clinic.patient.as_str() });
    clinic.by("pcp").done("recordDeniedAccess", patient, word, "patient { id }").await;
    let directives = format!("href=\"{}/directives\">", paths.patient);
    shows(&mira.page("/home").await, &["2 things wait for your answer", &link, &directives, "wrote it down: nurse"]);
    mira.language = "es";
    shows(&mira.page("/home").await, &["2 asuntos esperan su respuesta", "Decir si stranger puede ayudarle"]);
    mira.language = "en";
    assert!(!nurse.page("/home").await.body.contains(words), "it is the patient whom it waits for");
    is_done(&act(&mira, &paths, "consent", &id, &REACH).await, &paths.helpers);
    shows(&mira.page("/home").await, &["1 thing waits for your answer"]);

    // The access is a long one: its end is announced thirty days before.
    assert!(!friend.page("/helping").await.body.contains("Last day"), "it is not announced");
    let announced = "2027-04-22T00:00:00Z".parse().expect("an instant");
    clinic.application.run_processes(announced).await.expect("no fault");
    clinic.application.catch_up().await.expect("caught up");
    let own = format!("href=\"/helping/{id}\">Your access for Mira Patient ends. Last day: Friday 21 May 2027</a>");
    shows(&friend.page("/helping").await, &["What you should know about help", &own]);
    let of_patient =
        format!("href=\"{}\">The access of stranger ends. Last day: Friday 21 May 2027</a>", paths.helpers);
    shows(&mira.page("/home").await, &[&of_patient]);
}

#[tokio::test]
async fn staff_check_on_a_page_that_a_helper_can_act_and_the_patient_begins_with_what_they_checked() {
    let clinic = Clinic::with_pages().await;
    let paths = Paths::of(&clinic);
    clinic.asked("q").await;
    let id = active(&clinic, &paths).await;
    let (mira, nurse, friend) = (
        Browser::signed_in(&clinic, "mira").await,
        Browser::signed_in(&clinic, "nurse").await,
        Browser::signed_in(&clinic, "stranger").await,
    );
    let more = [REACH.as_slice(), &[("scope.topics.CLINICAL_ADVICE", "ACT")]].concat();
    // Both pages list what would open before anything is done.
    let listed_then_sent = async |who: &Browser<'_>, act: &str, fields: &[(&str, &str)]| {
        let path = paths.act(act);
        let form = Form::of(&who.page(&format!("{path}?about={id}")).await, &path);
        let listed = who.send_text(&path, &also(&form, fields)).await;
        assert_eq!(listed.status, 200, "{listed:?}");
        shows(&listed, &["What would open now", "A question about you"]);
        who.send_text(&path, &also(&Form::of(&listed, &path), fields)).await
    };
    let alone = listed_then_sent(&mira, "widen", &more).await;
    assert_eq!(alone.status, 422, "{alone:?}");
    shows(&alone, &["Staff have to check this first"]);
    let check = paths.act("check-wider");
    assert_eq!(mira.get(&format!("{check}?about={id}")).await.status, 303, "the patient does not do the work of staff");
    let form = Form::of(&nurse.page(&format!("{check}?about={id}")).await, &check);
    let unanswered = nurse.send_text(&check, &also(&form, &more)).await;
    assert_eq!(unanswered.status, 422, "{unanswered:?}");
    shows(&unanswered, &["href=\"#checks-necessary-true\""]);
    let answered = [more.as_slice(), &CHECKS].concat();
    let listed = nurse.send_text(&check, &also(&form, &answered)).await;
    assert_eq!(listed.status, 200, "{listed:?}");
    shows(&listed, &["What would open now", "Palpitations"]);
    let sent = nurse.send_text(&check, &also(&Form::of(&listed, &check), &answered)).await;
    is_done(&sent, &format!("{}?done=check-wider", paths.helpers));
    shows(&nurse.page(&paths.helpers).await, &["It was checked that more can be reached"]);
    let before = friend.page(&format!("/helping/{id}")).await;
    assert!(!before.body.contains("act for the patient"), "the check gives nothing: {before:?}");
    let first = mira.page(&format!("{}?about={id}", paths.act("widen"))).await;
    shows(&first, &["name=\"scope.topics.CLINICAL_ADVICE\" value=\"ACT\" checked"]);
    is_done(&listed_then_sent(&mira, "widen", &more).await, &format!("{}?done=widen", paths.helpers));
    shows(&friend.page(&format!("/helping/{id}")).await, &["act for the patient"]);
}

#[tokio::test]
async fn who_works_there_and_helps_reads_why_their_work_gives_nothing_and_the_team_page_says_who_knows_it() {
    let clinic = Clinic::with_pages().await;
    let paths = Paths::of(&clinic);
    clinic.asked("q").await;
    let id = active(&clinic, &paths).await;
    let friend = Browser::signed_in(&clinic, "stranger").await;
    let why = "your work gives you no access to this person";
    assert!(!friend.page(&format!("/helping/{id}")).await.body.contains(why), "they do not work there");
    let practice = organization(&clinic, "Practice").await;
    let role = json!({ "clientMutationId": "nurse", "organizationId": practice, "role": "NURSE" });
    let of = Some(Target { argument: "personId", id: clinic.id("stranger") });
    clinic.by("admin").done("grantRole", of, role, "personId").await;
    let friend = Browser::signed_in(&clinic, "stranger").await;
    shows(&friend.page(&format!("/helping/{id}")).await, &[why]);
    let member = json!({
        "clientMutationId": "add", "personId": clinic.id("stranger"), "role": "NURSE", "organizationId": practice,
        "knowsConflict": true,
    });
    let of = Some(Target { argument: "patientId", id: clinic.patient.as_str() });
    clinic.by("coordinator").done("addCareTeamMember", of, member, "").await;
    let patient = format!("/patients/{}", clinic.patient);
    let page = Browser::signed_in(&clinic, "coordinator").await.page(&patient).await;
    shows(&page, &["Helps the patient too. coordinator knows it and recorded it: "]);
    // Who may put nobody on the team does not learn it there.
    let page = Browser::signed_in(&clinic, "nurse").await.page(&patient).await;
    assert!(page.body.contains("stranger") && !page.body.contains("Helps the patient too"), "{page:?}");
}
