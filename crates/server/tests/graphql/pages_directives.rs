//! The pages of directives: who finds them, what they say, and each of their forms in a browser.

use crate::clinic::Clinic;
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
