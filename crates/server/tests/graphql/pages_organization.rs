//! The lists of an organization in a browser: its threads, and the records that it keeps.

use crate::clinic::Clinic;
use crate::organization;
use crate::pages::Browser;

#[tokio::test]
async fn the_page_of_an_organization_leads_to_its_threads_and_patients() {
    let clinic = Clinic::with_pages().await;
    let practice = organization(&clinic, "Practice").await;
    let (id, _) = clinic.asked("q1").await;
    let [threads, patients] = ["threads", "patients"].map(|list| format!("/organizations/{practice}/{list}"));
    let (row, record) = (format!("href=\"/t/{id}\""), format!("href=\"/patients/{}\"", clinic.patient));
    for who in ["coordinator", "nurse"] {
        let browser = Browser::signed_in(&clinic, who).await;
        let page = browser.page(&format!("/organizations/{practice}")).await;
        for path in [&threads, &patients] {
            assert!(page.body.contains(&format!("href=\"{path}\"")), "{who}: {page:?}");
        }
        let page = browser.page(&threads).await;
        assert!(page.body.contains(&row) && page.body.contains("<h1>Threads of Practice</h1>"), "{who}: {page:?}");
        assert!(page.body.contains("Mira Patient") && page.body.contains("Complete as of"), "{who}: {page:?}");
    }
    // A coordinator lists the records; a nurse looks one up.
    let coordinator = Browser::signed_in(&clinic, "coordinator").await;
    let page = coordinator.page(&patients).await;
    assert!(page.body.contains(&record) && page.body.contains("<h1>Patients of Practice</h1>"), "{page:?}");
    let nurse = Browser::signed_in(&clinic, "nurse").await;
    let page = nurse.page(&patients).await;
    assert!(!page.body.contains(&record) && page.body.contains("<h2>Search to find a patient</h2>"), "{page:?}");
    let page = nurse.page(&format!("{patients}?q=mira")).await;
    assert!(page.body.contains(&record), "{page:?}");
    let page = nurse.page(&format!("{patients}?q=nobody")).await;
    assert!(page.body.contains("No record here is found by “nobody”"), "{page:?}");
    assert!(page.body.contains(&format!("action=\"{patients}\"")), "the form searches here: {page:?}");
}

#[tokio::test]
async fn who_lists_nothing_of_an_organization_has_the_page_of_what_does_not_exist() {
    let clinic = Clinic::with_pages().await;
    let practice = organization(&clinic, "Practice").await;
    let (id, _) = clinic.asked("q1").await;
    for who in ["admin", "specialist", "mira"] {
        let browser = Browser::signed_in(&clinic, who).await;
        for list in ["threads", "patients"] {
            for at in [practice.as_str(), "none"] {
                let page = browser.get(&format!("/organizations/{at}/{list}")).await;
                assert_eq!(page.status, 404, "{who}: {page:?}");
                assert!(!page.body.contains(&id) && !page.body.contains(&clinic.patient), "{who}: {page:?}");
            }
        }
    }
    let admin = Browser::signed_in(&clinic, "admin").await;
    let page = admin.page(&format!("/organizations/{practice}")).await;
    assert!(!page.body.contains(&format!("/organizations/{practice}/threads")), "no link to it: {page:?}");
}
