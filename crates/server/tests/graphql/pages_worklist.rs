//! The worklist in a browser: its counters, its pages, and the sheet of paper for when the system is down.

use serde_json::json;

use crate::client::Answer;
use crate::clinic::{Clinic, Target};
use crate::organization;
use crate::pages::{Browser, Form, between};

/// The number of a counter.
fn counter<'p>(page: &'p Answer, filter: &str) -> &'p str {
    let link = between(&page.body, &format!("href=\"/worklist?show={filter}#list\""), "</a>");
    let link = link.unwrap_or_else(|| panic!("no counter {filter}: {page:?}"));
    between(link, &format!("class=\"number\" data-counter=\"{filter}\">"), "<").expect("a number")
}

/// The subjects of the rows.
fn rows(page: &Answer) -> usize {
    page.body.matches("class=\"table-title\"").count()
}

#[tokio::test]
async fn counters_filter_the_list_and_a_row_has_its_owner_or_a_button_to_claim() {
    let clinic = Clinic::with_pages().await;
    let (first, _) = clinic.asked("q1").await;
    clinic.asked("q2").await;
    let own = clinic.id("specialist");
    // The side that answers assigns; the side that asks may only ask for it.
    let coordinator = Browser::signed_in(&clinic, "centre_coordinator").await;
    coordinator.step(&first, "assign", &[("to", own)]).await;
    let specialist = Browser::signed_in(&clinic, "specialist").await;
    let all = specialist.page("/worklist").await;
    for (filter, number) in
        [("all", "2"), ("mine", "1"), ("pools", "2"), ("unowned", "2"), ("waiting", "0"), ("overdue", "0")]
    {
        assert_eq!(counter(&all, filter), number, "{filter}: {all:?}");
    }
    let claim = format!("/t/{first}/claim");
    assert_eq!(specialist.send(&claim, &Form::of(&all, &claim)).await.status, 303);
    let after = specialist.page("/worklist?show=unowned").await;
    assert_eq!((counter(&after, "unowned"), counter(&after, "mine"), rows(&after)), ("1", "1", 1));
    let mine = specialist.page("/worklist?show=mine").await;
    assert!(mine.body.contains("1 result for “Your turn”") && mine.body.contains("specialist</bdi>"), "{mine:?}");
    assert!(!mine.body.contains(&claim), "what has an owner is not claimed: {mine:?}");
    assert!(mine.body.contains("data-label=\"Whose turn\"><div>With specialist</div>"), "{mine:?}");
    assert!(mine.body.contains("href=\"/worklist/print?show=mine\""), "{mine:?}");
    let sheet = specialist.page("/worklist/print?show=mine").await;
    assert!(
        sheet.body.contains("<h1>Worklist: Your turn</h1>") && sheet.body.contains("1 thread for “Your turn”."),
        "{sheet:?}"
    );
    assert_eq!(sheet.body.matches("<th scope=\"row\">").count(), 1, "{sheet:?}");
    let none = specialist.page("/worklist?show=overdue").await;
    assert!(none.body.contains("0 results for “Overdue”") && none.body.contains("Complete as of"), "{none:?}");
}

#[tokio::test]
async fn all_rows_are_counted_paged_and_printed() {
    let clinic = Clinic::with_pages().await;
    for number in 0..104 {
        clinic.asked(&format!("q{number}")).await;
    }
    let mut urgent = clinic.question("urgent");
    urgent["urgency"] = json!("URGENT");
    clinic.by("pcp").done("requestConsultation", None, urgent, "consultation { id }").await;
    let centre = organization(&clinic, "Centre").await;
    let phone = json!({ "clientMutationId": "p", "phone": "01 555 0177" });
    let on = Some(Target { argument: "organizationId", id: centre.as_str() });
    clinic.by("admin").done("setPhone", on, phone, "organization { id }").await;

    let pcp = Browser::signed_in(&clinic, "pcp").await;
    let first = pcp.page("/worklist?show=waiting").await;
    assert_eq!((counter(&first, "waiting"), counter(&first, "all"), rows(&first)), ("105", "105", 50));
    assert!(first.body.contains("1 to 50 of 105") && first.body.contains("show=waiting&amp;page=2"), "{first:?}");
    let urgent_first = first.body.find("data-tone=\"danger\"><svg").is_some();
    assert!(urgent_first && first.body.contains("Next page") && !first.body.contains("Previous page"), "{first:?}");
    for (page, words, number) in
        [("3", "101 to 105 of 105", 5), ("99", "101 to 105 of 105", 5), ("x", "1 to 50 of 105", 50)]
    {
        let shown = pcp.page(&format!("/worklist?show=waiting&page={page}")).await;
        assert!(shown.body.contains(words) && rows(&shown) == number, "{page}: {shown:?}");
    }

    let sheet = pcp.page("/worklist/print").await;
    assert!(first.body.contains("href=\"/worklist/print?show=waiting\""));
    for part in [
        "All 105 threads that wait.",
        "Complete as of Monday 23 November 2026, 10:00 (Vienna time).",
        "Printed by pcp on Monday 23 November 2026, 10:00 (Vienna time)",
        "Mira Patient",
        "born 4 March 1958",
        "Waiting for a coordinator of Centre",
        "Centre: <b>01 555 0177</b>",
        "Practice: No telephone number",
        "Help with this software, Practice: <b>01 555 0142</b>",
        "<b>Urgent.</b>",
        "(Vienna time)</td>",
    ] {
        assert!(sheet.body.contains(part), "{part}: {}", sheet.body.get(..6000).unwrap_or(&sheet.body));
    }
    assert_eq!(sheet.body.matches("<th scope=\"row\">").count(), 105);
    assert!(sheet.body.find("<b>Urgent.</b>") < sheet.body.find("Palpitations"), "most pressing first");
    assert!(!sheet.body.contains("<form") && !sheet.body.contains(" style="), "a sheet of paper");

    let mira = Browser::signed_in(&clinic, "mira").await;
    let empty = mira.page("/worklist/print").await;
    assert!(empty.body.contains("All 0 threads that wait.") && !empty.body.contains("Mira Patient"), "{empty:?}");
}
