//! Roles that wait for a second administrator, in a browser: what the page says of a grant, who confirms or declines, and where
//! somebody whose role was declined is found.

use serde_json::{Value, json};

use crate::clinic::{Clinic, Target};
use crate::organization;
use crate::pages::{Browser, Form};
use crate::pages_settings::{change, confirmed, preview, shows};

/// The centre, with the stranger as its second administrator.
async fn with_two_administrators(clinic: &Clinic) -> String {
    let centre = organization(clinic, "Centre").await;
    let second = Some(Target { argument: "personId", id: clinic.id("stranger") });
    let role = json!({ "clientMutationId": "second", "organizationId": centre, "role": "ADMINISTRATOR" });
    clinic.by("admin").done("grantRole", second, role, "personId").await;
    centre
}

/// The proposed roles of an organization, and the roles of one of its people.
async fn known(clinic: &Clinic, organization: &str, person: &str) -> (Value, Value) {
    let query = format!(
        "{{ organization(id: {}) {{ proposedRoles {{ role person {{ id name {{ text }} }} }}
            staff {{ roles {{ role }} person {{ id }} }} }} }}",
        json!(organization)
    );
    let told = clinic.ask("admin", &query).await["organization"].clone();
    let staff = told["staff"].as_array().expect("staff").clone();
    let roles = staff.iter().find(|member| member["person"]["id"] == person).map(|member| member["roles"].clone());
    (told["proposedRoles"].clone(), roles.unwrap_or_default())
}

#[tokio::test]
async fn a_role_waits_for_another_administrator_and_the_page_says_so() {
    let clinic = Clinic::with_pages().await;
    let centre = with_two_administrators(&clinic).await;
    let (at, specialist) = (format!("/organizations/{centre}"), clinic.id("specialist"));
    let (admin, second) = (Browser::signed_in(&clinic, "admin").await, Browser::signed_in(&clinic, "stranger").await);
    let nurse = [("personId", specialist), ("role", "NURSE"), ("until", "2027-01-31")];
    let follows = [
        "Role proposed for specialist",
        "Sunday 31 January 2027",
        "Nothing changes yet: another administrator of Centre",
    ];
    let after = change(&admin, &format!("{at}/grant"), &nurse, &follows).await;
    shows(
        &after,
        &[
            "The role is proposed. It takes effect once another administrator confirms it",
            "<h2 id=\"proposed\">Proposed roles</h2>",
            "You proposed it, so another administrator must confirm it.",
            "/withdraw-role?personId=",
        ],
    );
    assert!(!after.body.contains("/confirm-role?") && !after.body.contains("The role was granted"), "{after:?}");
    let physician = json!([{ "role": "PHYSICIAN" }]);
    let (proposed, roles) = known(&clinic, &centre, specialist).await;
    assert_eq!((&proposed[0]["role"], &roles), (&json!("NURSE"), &physician), "nothing has changed yet");

    // Who proposed it cannot confirm it, nor the other one take it back.
    let of = |word: &str| format!("{at}/{word}?personId={specialist}&role=NURSE");
    for word in ["confirm-role", "decline-role"] {
        assert_eq!(admin.get(&of(word)).await.status, 404, "{word}");
    }
    assert_eq!(second.get(&of("withdraw-role")).await.status, 404);
    let reader = Browser::signed_in(&clinic, "specialist").await;
    assert!(!reader.page(&at).await.body.contains("Proposed roles"), "others are not told");
    assert_eq!(reader.get(&of("confirm-role")).await.status, 404);

    shows(&second.page(&at).await, &["Proposed by <bdi>Ada Admin</bdi>", "/confirm-role?personId=", "/decline-role?"]);
    let seen = second.page(&of("confirm-role")).await;
    shows(&seen, &["Before: physician", "physician, nurse", "Ada Admin", "Sunday 31 January 2027"]);
    let forged = Form::of(&seen, &format!("{at}/confirm-role")).with(&[("role", "COORDINATOR"), ("confirm", "1")]);
    assert_eq!(second.send(&format!("{at}/confirm-role"), &forged).await.status, 409, "bound to the role");
    let done = confirmed(&second, &of("confirm-role"), &seen).await;
    assert_eq!(done.status, 303, "{done:?}");
    let again = confirmed(&second, &of("confirm-role"), &seen).await;
    assert_eq!((again.status, again.header("location")), (303, done.header("location")), "a repeat: {again:?}");
    let after = second.page(done.header("location").expect("a place")).await;
    shows(&after, &["You confirmed the role, and it was granted", "until Sunday 31 January 2027)"]);
    assert!(!after.body.contains("Proposed roles"), "{after:?}");
    let (proposed, roles) = known(&clinic, &centre, specialist).await;
    assert_eq!((proposed, roles), (json!([]), json!([{ "role": "PHYSICIAN" }, { "role": "NURSE" }])));
}

#[tokio::test]
async fn who_administers_alone_grants_at_once_and_is_told_that_it_is_noted() {
    let clinic = Clinic::with_pages().await;
    let centre = organization(&clinic, "Centre").await;
    let admin = Browser::signed_in(&clinic, "admin").await;
    let nurse = [("personId", clinic.id("specialist")), ("role", "NURSE")];
    let path = format!("/organizations/{centre}/grant");
    let seen = preview(&admin, &path, &nurse).await;
    shows(&seen, &["the record says that you granted it alone"]);
    // A second administrator comes between the preview and its confirmation: the preview is shown anew.
    with_two_administrators(&clinic).await;
    let other = confirmed(&admin, &path, &seen).await;
    assert_eq!(other.status, 409, "{other:?}");
    shows(&other, &["Nothing changes yet", "Read the new preview"]);
    let done = confirmed(&admin, &path, &other).await;
    assert_eq!(done.status, 303, "{done:?}");
    shows(&admin.page(done.header("location").expect("a place")).await, &["The role is proposed."]);
}

#[tokio::test]
async fn whose_role_was_declined_is_found_and_it_can_be_proposed_again() {
    let clinic = Clinic::with_pages().await;
    let centre = with_two_administrators(&clinic).await;
    let at = format!("/organizations/{centre}");
    let (admin, second) = (Browser::signed_in(&clinic, "admin").await, Browser::signed_in(&clinic, "stranger").await);
    let nora = [("newName", "Nora Neu"), ("role", "NURSE")];
    let follows = ["The role takes effect once another administrator confirms it, within fourteen days."];
    let after = change(&admin, &format!("{at}/register"), &nora, &follows).await;
    shows(&after, &["The person was registered. The role takes effect once another administrator confirms it"]);
    let (proposed, _) = known(&clinic, &centre, "").await;
    assert_eq!(proposed[0]["person"]["name"]["text"], "Nora Neu");
    let nora = proposed[0]["person"]["id"].as_str().expect("an id").to_owned();
    let of = |word: &str| format!("{at}/{word}?personId={nora}&role=NURSE");

    let after = change(&second, &of("decline-role"), &[], &["Nora Neu does not get the role."]).await;
    let declined = "nurse: declined or taken back by stranger, Monday 23 November 2026, 10:00";
    shows(&after, &["The role was declined", "<h2 id=\"former\">People without a role</h2>", "Nora Neu", declined]);
    assert!(!after.body.contains("Proposed roles"), "{after:?}");
    let reader = Browser::signed_in(&clinic, "specialist").await;
    assert!(!reader.page(&at).await.body.contains("Nora Neu"), "others are not told");

    let again = [("personId", nora.as_str()), ("role", "NURSE")];
    let after = change(&admin, &format!("{at}/grant"), &again, &["Role proposed for Nora Neu"]).await;
    shows(&after, &["The role is proposed.", "People without a role"]);
    assert!(!after.body.contains(declined), "{after:?}");
    let after = change(&admin, &of("withdraw-role"), &[], &["It can be proposed again."]).await;
    shows(&after, &["The proposal was taken back", "nurse: declined or taken back by Ada Admin"]);
    assert_eq!(second.get(&of("confirm-role")).await.status, 404, "nothing is proposed any more");
}
