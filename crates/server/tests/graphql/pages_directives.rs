//! The pages of directives: who finds them, what they say, and each of their forms in a browser.

use serde_json::json;

use crate::clinic::{Clinic, Target};
use crate::delegations::represented;
use crate::pages::Browser;
use crate::pages_settings::shows;

#[tokio::test]
async fn who_represents_a_patient_goes_from_their_help_to_what_they_may_know_of_the_patient() {
    let clinic = Clinic::with_pages().await;
    let help = format!("/helping/{}", represented(&clinic).await);
    let patient = format!("/patients/{}", clinic.patient);
    let guardian = Browser::signed_in(&clinic, "stranger").await;
    let page = guardian.page(&help).await;
    for part in ["directives", "helpers", "who-could-see"] {
        let path = format!("{patient}/{part}");
        shows(&page, &[&format!("href=\"{path}\"")]);
        assert_eq!(guardian.get(&path).await.status, 200, "{path}");
    }
    shows(&guardian.page(&patient).await, &[&format!("href=\"{patient}/who-could-see\"")]);
}

#[tokio::test]
async fn a_block_by_who_represents_the_patient_is_theirs_and_the_patient_ends_it() {
    let clinic = Clinic::with_pages().await;
    represented(&clinic).await;
    let of = Some(Target { argument: "patientId", id: clinic.patient.as_str() });
    let block = json!({ "clientMutationId": "block", "personId": clinic.id("nurse") });
    let select = "patient { blocks { byPatient giver writtenBy { id } } }";
    let blocked = clinic.by("stranger").done("blockPerson", of, block, select).await;
    let expected = json!([{ "byPatient": false, "giver": "REPRESENTATIVE", "writtenBy": null }]);
    assert_eq!(blocked["patient"]["blocks"], expected);
    let patient = format!("/patients/{}", clinic.patient);
    for who in ["mira", "stranger"] {
        let page = Browser::signed_in(&clinic, who).await.page(&patient).await;
        shows(&page, &["By a person who represents the patient by law, since today", "/end-block?blockId="]);
    }
    let page = Browser::signed_in(&clinic, "mira").await.page(&format!("{patient}/block")).await;
    assert!(
        !page.body.contains(&format!("value=\"{}\"", clinic.id("nurse"))),
        "to say it again adds nothing: {page:?}"
    );
}
