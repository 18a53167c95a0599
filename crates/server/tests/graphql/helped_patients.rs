//! A person who helps two patients whose conversations look alike: they choose first whom it is about, each list says whom
//! each row is about, and a form for one patient is accepted for that patient alone.

use care::words::DelegationHistory;
use serde_json::{Value, json};

use crate::client::Answer;
use crate::clinic::{Clinic, Target};
use crate::hidden_threads::{Help, begin_help};
use crate::organization;
use crate::pages::{Browser, Form, between};
use crate::pages_settings::shows;

const HELPER: &str = "stranger";
/// The other patient's own account.
const ANNA: &str = "specialist";

/// A patient, the help that is given to them, and a thread about them.
struct Helped {
    name: &'static str,
    delegation: String,
    thread: String,
}

impl Helped {
    fn page(&self) -> String {
        format!("/helping/{}", self.delegation)
    }

    fn address(&self) -> String {
        format!("/t/{}", self.thread)
    }
}

/// A second patient of the practice, with the care team of the first one.
async fn second_patient(clinic: &Clinic) -> String {
    let practice = organization(clinic, "Practice").await;
    let patient = json!({
        "clientMutationId": "anna", "organizationId": practice, "personId": clinic.id(ANNA), "name": "Anna Other",
        "birthDate": "1981-09-12",
    });
    let registered = clinic.by("coordinator").done("registerPatient", None, patient, "patient { id }").await;
    let id = registered["patient"]["id"].as_str().expect("an id").to_owned();
    let of = Some(Target { argument: "patientId", id: &id });
    clinic.by(ANNA).done("acceptPatientLink", of, json!({ "clientMutationId": "own" }), "").await;
    for (handle, role) in [("pcp", "PHYSICIAN"), ("nurse", "NURSE")] {
        let member = json!({
            "clientMutationId": format!("anna-{handle}"), "personId": clinic.id(handle), "role": role,
            "organizationId": practice,
        });
        clinic.by("coordinator").done("addCareTeamMember", of, member, "").await;
    }
    id
}

/// Both patients, each with a thread of the same words.
async fn two(clinic: &Clinic) -> [Helped; 2] {
    let anna = second_patient(clinic).await;
    let mira_help = begin_help(clinic, &Help::of(clinic, HELPER)).await;
    let of_anna = Help { patient: &anna, own: ANNA, helper: HELPER, history: DelegationHistory::All };
    let anna_help = begin_help(clinic, &of_anna).await;
    let (mira_thread, _) = clinic.asked("mira-q").await;
    let mut question = clinic.question("anna-q");
    question["patientId"] = json!(anna);
    let asked = clinic.by("pcp").done("requestConsultation", None, question, "consultation { id }").await;
    let anna_thread = asked["consultation"]["id"].as_str().expect("is shown").to_owned();
    [
        Helped { name: "Mira Patient", delegation: mira_help, thread: mira_thread },
        Helped { name: "Anna Other", delegation: anna_help, thread: anna_thread },
    ]
}

/// The messages of both threads, and what the help reaches.
async fn written(clinic: &Clinic, all: &[Helped; 2]) -> Value {
    let mut found = Vec::new();
    for Helped { thread, .. } in all {
        let query =
            format!("{{ thread(id: {}) {{ messages(first: 9) {{ nodes {{ body {{ text }} }} }} }} }}", json!(thread));
        found.push(clinic.ask("pcp", &query).await["thread"]["messages"]["nodes"].clone());
    }
    let query = "{ viewer { delegations { id state isActive scope { topics { topic read write } } } drafts(first: 9) { nodes { id } } } }";
    json!([found, clinic.ask(HELPER, query).await["viewer"]])
}

/// The row of a list that leads to an address.
fn row<'p>(page: &'p Answer, start: &str, address: &str) -> &'p str {
    let link = format!("href=\"{address}");
    let row = page.body.split(start).skip(1).find(|row| row.contains(&link));
    row.unwrap_or_else(|| panic!("no row of {address}: {page:?}"))
}

#[tokio::test]
async fn who_helps_two_patients_chooses_first_and_each_list_says_whom_a_row_is_about() {
    let clinic = Clinic::with_pages().await;
    let all = two(&clinic).await;
    let helper = Browser::signed_in(&clinic, HELPER).await;
    assert_eq!(helper.get("/home").await.header("location"), Some("/helping"), "nobody is chosen for them");
    let choice = helper.page("/helping").await;
    let inbox = helper.page("/inbox").await;
    for (own, other) in [(&all[0], &all[1]), (&all[1], &all[0])] {
        let card = row(&choice, "<article class=\"card\"", &own.page());
        let card = card.split("</section>").next().unwrap_or_default();
        assert!(card.contains(&format!("Help {}", own.name)) && !card.contains(other.name), "{card}");
        let page = helper.page(&own.page()).await;
        shows(&page, &[&format!("Write about {}", own.name), &format!("href=\"{}", own.address())]);
        assert!(!page.body.contains(other.name) && !page.body.contains(&other.address()), "{page:?}");
        let line = row(&inbox, "<li class=\"row\"", &own.address());
        let line = line.split("</li>").next().unwrap_or_default();
        assert!(line.contains(own.name) && !line.contains(other.name), "{line}");
        let thread = helper.page(&own.address()).await;
        let banner = between(&thread.body, "<section class=\"patient\"", "</section>").expect("a banner");
        assert!(banner.contains(own.name) && !thread.body.contains(other.name), "{thread:?}");
        assert!(between(&thread.body, "<title>", "</title>").expect("a title").contains(own.name), "{thread:?}");
    }
    assert!(!choice.body.contains("<textarea"), "nothing is written before: {choice:?}");

    let query = "{ viewer { delegations { id patient { name { text } } }
        inbox(first: 9) { nodes { id patient { name { text } } } } } }";
    let viewer = clinic.ask(HELPER, query).await["viewer"].clone();
    for each in &all {
        let named = json!({ "name": { "text": each.name } });
        for (list, id) in [(&viewer["delegations"], &each.delegation), (&viewer["inbox"]["nodes"], &each.thread)] {
            let list = list.as_array().expect("a list");
            let found = list.iter().find(|row| row["id"] == id.as_str()).expect("a row");
            assert_eq!((list.len(), &found["patient"]), (2, &named), "{viewer}");
        }
    }
    // A patient who helps somebody: what is about themself says no name, and what is about another one does.
    let of_anna = all[1].thread.as_str();
    let patient = clinic.ask("pcp", &format!("{{ thread(id: {}) {{ patient {{ id }} }} }}", json!(of_anna))).await;
    let anna = patient["thread"]["patient"]["id"].as_str().expect("shown").to_owned();
    let help = Help { patient: &anna, own: ANNA, helper: "mira", history: DelegationHistory::All };
    begin_help(&clinic, &help).await;
    let mira = Browser::signed_in(&clinic, "mira").await;
    let home = mira.page("/home").await;
    let cards = |address: &str| {
        let card = row(&home, "<div class=\"card\"", address);
        card.split("</div>").next().unwrap_or_default().to_owned()
    };
    assert!(cards(&all[1].address()).contains("Anna Other"), "{home:?}");
    assert!(!cards(&all[0].address()).contains("Mira Patient"), "{home:?}");
}

#[tokio::test]
async fn a_form_of_one_patient_is_refused_for_another_one_and_writes_nothing() {
    let clinic = Clinic::with_pages().await;
    let all = two(&clinic).await;
    let helper = Browser::signed_in(&clinic, HELPER).await;
    let before = written(&clinic, &all).await;
    for (own, other) in [(&all[0], &all[1]), (&all[1], &all[0])] {
        let (page, others) = (helper.page(&own.address()).await, helper.page(&other.address()).await);
        let form = Form::of(&page, &format!("{}/reply", own.address()));
        let others = Form::of(&others, &format!("{}/reply", other.address()));
        assert!(!form.get("patient").is_empty() && form.get("patient") != others.get("patient"));
        let form = form.with(&[("body", "Two tablets <at noon>."), ("audience", "EVERYONE")]);
        let patient = [("patient", others.get("patient"))];
        let thread = [("thread", other.thread.as_str())];
        let both = [patient[0], thread[0]];
        let (reply, draft) = (format!("{}/reply", other.address()), format!("{}/reply/draft", other.address()));
        for (path, form) in [
            (&reply, form.clone()),
            (&reply, form.with(&thread)),
            (&reply, form.with(&both)),
            (&draft, form.with(&thread)),
            (&format!("{}/reply", own.address()), form.with(&patient)),
        ] {
            let refused = helper.send(path, &form).await;
            assert_eq!(refused.status, 409, "{path}: {refused:?}");
            let kept = "Two tablets &#60;at noon&#62;.</textarea>";
            shows(&refused, &["This form belongs to another patient or thread", kept]);
        }
        for step in ["narrow", "give-back"] {
            let path = format!("{}/{step}", own.page());
            let form = Form::of(&helper.page(&path).await, &path);
            let refused = helper.send(&format!("{}/{step}", other.page()), &form).await;
            assert_eq!(refused.status, 409, "{step}: {refused:?}");
            shows(&refused, &["This form belongs to another patient or thread"]);
        }
        assert_eq!(written(&clinic, &all).await, before, "nothing is written about either");
    }
    // Each is accepted for its own patient.
    for (number, own) in all.iter().enumerate() {
        let path = format!("{}/reply", own.address());
        let form = Form::of(&helper.page(&own.address()).await, &path);
        let sent = helper.send(&path, &form.with(&[("body", own.name), ("audience", "EVERYONE")])).await;
        assert_eq!(sent.status, 303, "{sent:?}");
        assert_eq!(written(&clinic, &all).await[0][number], json!([{ "body": { "text": own.name } }]));
    }
    // The end of one help is not the end of the other.
    let path = format!("{}/give-back", all[0].page());
    let sent = helper.send(&path, &Form::of(&helper.page(&path).await, &path)).await;
    assert_eq!(sent.status, 303, "{sent:?}");
    assert_eq!(helper.get(&all[0].address()).await.status, 404);
    helper.page(&all[1].address()).await;
}
