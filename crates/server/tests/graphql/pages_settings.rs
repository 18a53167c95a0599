//! The settings of an organization in a browser: who sees them, and each change from its form over its preview to its
//! effect.

use serde_json::{Value, json};

use crate::client::Answer;
use crate::clinic::{Clinic, Target};
use crate::organization;
use crate::pages::{Browser, Form};

/// Fills in the form of a change and gives its preview.
pub async fn preview(browser: &Browser<'_>, path: &str, fields: &[(&str, &str)]) -> Answer {
    let action = path.split('?').next().expect("a path");
    let page = browser.page(path).await;
    browser.send(action, &Form::of(&page, action).with(fields)).await
}

/// Confirms a preview.
pub async fn confirmed(browser: &Browser<'_>, path: &str, preview: &Answer) -> Answer {
    let action = path.split('?').next().expect("a path");
    browser.send(action, &Form::of(preview, action).with(&[("confirm", "1")])).await
}

/// Makes a change, and gives the page after it.
pub async fn change(browser: &Browser<'_>, path: &str, fields: &[(&str, &str)], follows: &[&str]) -> Answer {
    let seen = if fields.is_empty() { browser.page(path).await } else { preview(browser, path, fields).await };
    assert_eq!(seen.status, 200, "{seen:?}");
    assert!(seen.body.contains("<h1>Check your answers</h1>"), "{seen:?}");
    for part in follows {
        assert!(seen.body.contains(part), "{part}: {seen:?}");
    }
    let done = confirmed(browser, path, &seen).await;
    assert_eq!(done.status, 303, "{done:?}");
    let after = browser.page(done.header("location").expect("a place")).await;
    assert!(after.body.contains("role=\"status\" tabindex=\"-1\""), "{after:?}");
    after
}

pub fn shows(page: &Answer, parts: &[&str]) {
    for part in parts {
        assert!(page.body.contains(part), "{part}: {page:?}");
    }
}

async fn person_of_staff(clinic: &Clinic, organization: &str, name: &str) -> String {
    let query =
        format!("{{ organization(id: {}) {{ staff {{ person {{ id name {{ text }} }} }} }} }}", json!(organization));
    let told = clinic.ask("admin", &query).await;
    let staff = told.pointer("/organization/staff").and_then(Value::as_array).expect("staff").clone();
    let found = staff.iter().find(|member| member["person"]["name"]["text"] == name);
    found.unwrap_or_else(|| panic!("{name}: {staff:?}"))["person"]["id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn who_administers_an_organization_changes_it_and_others_read() {
    let clinic = Clinic::with_pages().await;
    let centre = organization(&clinic, "Centre").await;
    let at = format!("/organizations/{centre}");
    let admin = Browser::signed_in(&clinic, "admin").await;
    let home = admin.page("/home").await;
    shows(&home, &["class=\"button\" data-kind=\"primary\" href=\"/organizations\""]);
    assert!(!home.body.contains("New consultation") && !home.body.contains("Your patients"), "{home:?}");
    let list = admin.page("/organizations").await;
    shows(&list, &["Practice", "Centre", "You administer it", &format!("href=\"{at}\"")]);
    let own = admin.page(&at).await;
    shows(
        &own,
        &["Cardiology", "09:00–17:00", "25 December 2026", "specialist", "40 hours of working time", "Open a pool"],
    );

    let specialist = Browser::signed_in(&clinic, "specialist").await;
    let read = specialist.page(&at).await;
    shows(&read, &["You may read this", "specialist", "Cardiology"]);
    assert!(!read.body.contains("/open-pool\"") && !read.body.contains("Open threads"), "{read:?}");
    // Of another organization the people stay unknown.
    let coordinator = Browser::signed_in(&clinic, "coordinator").await;
    let foreign = coordinator.page(&at).await;
    shows(&foreign, &["Cardiology", "You may not see who works here", "Nobody yet"]);
    assert!(!foreign.body.contains("specialist"), "{foreign:?}");
    for path in ["phone", "calendar", "ages", "open-pool", "register", "grant", "elsewhere"] {
        assert_eq!(specialist.get(&format!("{at}/{path}")).await.status, 404, "{path}");
    }
    let form = Form::of(&admin.page(&format!("{at}/phone")).await, &format!("{at}/phone"));
    assert_eq!(specialist.send(&format!("{at}/phone"), &form).await.status, 409, "the form of another person");

    let mira = Browser::signed_in(&clinic, "mira").await;
    let mut same = Vec::new();
    for path in ["/organizations", at.as_str(), "/organizations/AwAAAAAAAAAAAAAAAAAAAAA", "/organizations/x"] {
        let answer = mira.get(path).await;
        assert_eq!(answer.status, 404, "{path}");
        let reference = answer.header("x-request-id").expect("an id").to_owned();
        let groups: Vec<&str> = (0..8).filter_map(|at| reference.get(at * 4..at * 4 + 4)).collect();
        same.push(answer.body.replace(&groups.join(" "), "").replace(path, ""));
    }
    assert!(same.iter().all(|body| *body == same[0]), "missing and forbidden are the same page");
}

#[tokio::test]
async fn the_ages_of_minors_are_shown_checked_and_changed() {
    let clinic = Clinic::with_pages().await;
    let centre = organization(&clinic, "Centre").await;
    let path = format!("/organizations/{centre}/ages");
    let admin = Browser::signed_in(&clinic, "admin").await;
    let given = [("first", "14"), ("review", "16"), ("adult", "18")];
    let (number, order) = ("Write a whole number from 1 to 21", "Write an age that is not below the one before it");
    let cases = [
        ("first", "many", number),
        ("review", "0", number),
        ("adult", "22", number),
        ("adult", "15", order),
        ("review", "13", order),
    ];
    for (field, value, said) in cases {
        let given = given.map(|(name, right)| (name, if name == field { value } else { right }));
        let checked = preview(&admin, &path, &given).await;
        assert_eq!(checked.status, 422, "{field} {value}");
        shows(&checked, &["class=\"error-summary\"", &format!("href=\"#{field}\""), said]);
        assert_eq!(checked.body.matches("data-state=\"error\"").count(), 1, "{field} {value}: {checked:?}");
    }
    let after = change(&admin, &path, &given, &["Before: 12", "Before: At no age"]).await;
    shows(&after, &["The ages were changed", "<dd>14</dd>", "<dd>16</dd>", "<dd>18</dd>"]);
    let given = given.map(|(name, value)| (name, if name == "review" { "" } else { value }));
    let without = change(&admin, &path, &given, &["Before: 16", "At no age"]).await;
    shows(&without, &["<dd>14</dd>", "<dd>At no age</dd>"]);
}

#[tokio::test]
async fn a_telephone_number_is_previewed_confirmed_and_compared_with_what_was_seen() {
    let clinic = Clinic::with_pages().await;
    let centre = organization(&clinic, "Centre").await;
    let path = format!("/organizations/{centre}/phone");
    let admin = Browser::signed_in(&clinic, "admin").await;
    let wrong = preview(&admin, &path, &[("phone", "front <desk>")]).await;
    assert_eq!(wrong.status, 422);
    shows(&wrong, &["class=\"error-summary\"", "href=\"#phone\"", "value=\"front &#60;desk&#62;\""]);
    let after =
        change(&admin, &path, &[("phone", "01 555 0100")], &["Before: No telephone number", "01 555 0100"]).await;
    shows(&after, &["The telephone number was changed", "01 555 0100"]);

    let seen = preview(&admin, &path, &[("phone", "01 555 0200")]).await;
    let edit = admin.send(&path, &Form::of(&seen, &path).with(&[("edit", "1")])).await;
    shows(&edit, &["value=\"01 555 0200\"", "<label"]);
    let on = Some(Target { argument: "organizationId", id: centre.as_str() });
    let by_api = json!({ "clientMutationId": "other", "phone": "01 555 0300" });
    clinic.by("admin").done("setPhone", on, by_api, "organization { phone }").await;
    let conflict = confirmed(&admin, &path, &seen).await;
    assert_eq!(conflict.status, 409);
    shows(&conflict, &["Before: 01 555 0300", "01 555 0200", "Read the new preview"]);
    let done = confirmed(&admin, &path, &conflict).await;
    assert_eq!(done.status, 303, "{done:?}");
    let again = confirmed(&admin, &path, &conflict).await;
    assert_eq!((again.status, again.header("location")), (303, done.header("location")), "a repeat: {again:?}");
    // The same form with another number is no repeat.
    let other = Form::of(&conflict, &path).with(&[("confirm", "1"), ("phone", "01 555 0400")]);
    let other = admin.send(&path, &other).await;
    assert_eq!(other.status, 409, "{other:?}");
    shows(&other, &["Before: 01 555 0200", "01 555 0400"]);
    let query = format!("{{ organization(id: {}) {{ phone }} }}", json!(centre));
    assert_eq!(clinic.ask("pcp", &query).await["organization"]["phone"], "01 555 0200");
    let unbound = admin.send(&path, &Form::of(&conflict, &path).with(&[("bound", ""), ("confirm", "1")])).await;
    assert_eq!(unbound.status, 409);
}

#[tokio::test]
async fn a_calendar_says_all_that_is_wrong_and_by_when_an_answer_would_be_due() {
    let clinic = Clinic::with_pages().await;
    let centre = organization(&clinic, "Centre").await;
    let path = format!("/organizations/{centre}/calendar");
    let admin = Browser::signed_in(&clinic, "admin").await;
    let form = admin.page(&path).await;
    shows(&form, &["value=\"09:00-17:00\"", "value=\"Europe/Berlin\"", "2026-12-25</textarea>"]);
    let filled = |text: &[(&str, &str)]| Form::of(&form, &path).with(text);
    let week: Vec<(&str, &str)> = [
        ("week.monday", "08:00-12:00, 13:00-17:00"),
        ("week.tuesday", "9:00-17:00"),
        ("zone", "Europe/Berlin"),
        ("holidays", "2026-12-25\n2027-01-01"),
        ("answerMinutes.routine", "480"),
        ("answerMinutes.urgent", "60"),
    ]
    .to_vec();
    let wrong = [
        ("week.monday", "08:00-12:00, 11:00-13:00"),
        ("zone", "Europe/Springfield"),
        ("holidays", "soon"),
        ("answerMinutes.routine", "many"),
    ];
    let refused = admin.send(&path, &filled(&[&week[..], &wrong].concat())).await;
    assert_eq!(refused.status, 422);
    for (field, kept) in [
        ("zone", "Europe/Springfield"),
        ("week-monday", "08:00-12:00, 11:00-13:00"),
        ("holidays", "soon"),
        ("answerMinutes-routine", "many"),
    ] {
        shows(&refused, &[&format!("href=\"#{field}\""), kept]);
    }
    let unread = admin.send(&path, &filled(&[&week[..], &[("week.friday", "all day")]].concat())).await;
    shows(&unread, &["href=\"#week-friday\"", "value=\"all day\""]);
    assert!(!unread.body.contains("href=\"#week-monday\""), "{unread:?}");

    let follows = [
        "Before: 09:00–17:00",
        "08:00–12:00, 13:00–17:00",
        "Before: 25 December 2026",
        "25 December 2026; 1 January 2027",
        // It is Monday, 10:00; Thursday and Friday have become days off.
        "A routine question asked now would be due Tuesday 24 November 2026, 11:00 (Vienna time). Before: Friday 27 November 2026, 17:00",
        "Due times that were set before stay as they are",
        "Day off",
    ];
    let seen = admin.send(&path, &filled(&week)).await;
    shows(&seen, &follows[..4]);
    let after = change(&admin, &path, &[&week[..], &[("week.wednesday", "")]].concat(), &follows[2..4]).await;
    shows(&after, &["The calendar was changed", "08:00–12:00, 13:00–17:00", "8 hours of working time"]);
    let nothing = preview(&admin, &path, &[&week[..], &[("week.wednesday", "")]].concat()).await;
    shows(&nothing, &["Nothing changes."]);
    let query = format!(
        "{{ organization(id: {}) {{ calendar {{ version zone holidays week {{ monday {{ opens closes }} wednesday {{ opens }} }} }} }} }}",
        json!(centre)
    );
    let told = clinic.ask("pcp", &query).await["organization"]["calendar"].clone();
    let monday = json!([{ "opens": 480, "closes": 720 }, { "opens": 780, "closes": 1020 }]);
    let calendar = json!({ "version": 2, "zone": "Europe/Berlin", "holidays": ["2026-12-25", "2027-01-01"], "week": { "monday": monday, "wednesday": [] } });
    assert_eq!(told, calendar);
}

#[tokio::test]
async fn pools_and_people_are_changed_each_with_what_follows() {
    let clinic = Clinic::with_pages().await;
    let centre = organization(&clinic, "Centre").await;
    let at = format!("/organizations/{centre}");
    let admin = Browser::signed_in(&clinic, "admin").await;
    let path = |word: &str| format!("{at}/{word}");

    // A second person of the pool, so that work has somewhere to go.
    let named = [("newName", "Nora Neu"), ("role", "COORDINATOR")];
    let page =
        change(&admin, &path("register"), &named, &["Nora Neu", "coordinator", "works at Centre from now on"]).await;
    shows(&page, &["The person was registered", "Nora Neu"]);
    let nora = person_of_staff(&clinic, &centre, "Nora Neu").await;
    let empty = preview(&admin, &path("register"), &[("newName", " ")]).await;
    shows(&empty, &["href=\"#newName\"", "href=\"#role-PHYSICIAN\""]);

    let taken = preview(&admin, &path("open-pool"), &[("newName", "CARDIOLOGY"), ("specialty", "heart")]).await;
    let refused = confirmed(&admin, &path("open-pool"), &taken).await;
    assert_eq!(refused.status, 422);
    shows(&refused, &["href=\"#newName\"", "value=\"CARDIOLOGY\"", "value=\"heart\""]);
    change(
        &admin,
        &path("open-pool"),
        &[("newName", "Team K"), ("publicName", "Kidney advice"), ("specialty", "nephrology")],
        &["Kidney advice"],
    )
    .await;
    let rename = format!("{}?poolId={}", path("rename-pool"), clinic.pool);
    let page = change(
        &admin,
        &rename,
        &[("newName", "Team 3"), ("publicName", "Heart advice")],
        &["Before: Cardiology", "Team 3", "Heart advice"],
    )
    .await;
    shows(&page, &["Team 3", "Heart advice"]);

    let add = format!("{}?poolId={}", path("add-member"), clinic.pool);
    change(
        &admin,
        &add,
        &[("personId", &nora)],
        &["Nora Neu is no member", "Nora Neu is a member", "Nora Neu can see and claim the threads of Team 3"],
    )
    .await;
    let (thread, _) = clinic.asked("q1").await;
    let own = clinic.id("specialist");
    Browser::signed_in(&clinic, "centre_coordinator").await.step(&thread, "assign", &[("to", own)]).await;
    let specialist = Browser::signed_in(&clinic, "specialist").await;
    let claim = format!("/t/{thread}/claim");
    let claimed = specialist.send(&claim, &Form::of(&specialist.page(&format!("/t/{thread}")).await, &claim)).await;
    assert_eq!(claimed.status, 303, "{claimed:?}");
    let remove = format!("{}?poolId={}&personId={own}", path("remove-member"), clinic.pool);
    let follows = "1 open thread goes back to the pool.";
    change(
        &admin,
        &remove,
        &[],
        &["specialist is no member", "specialist can no longer see threads by Team 3 alone", follows],
    )
    .await;
    assert_eq!(admin.get(&remove).await.status, 404, "who is no member is not removed");
    let nobody = admin.page(&format!("{at}?done=remove-member")).await;
    assert!(!nobody.body.contains("role=\"status\" tabindex"), "an address tells of no act: {nobody:?}");

    let specialist = clinic.id("specialist").to_owned();
    let grant = [("personId", specialist.as_str()), ("role", "NURSE"), ("until", "2027-01-31")];
    let page = change(
        &admin,
        &path("grant"),
        &grant,
        &[
            "Before: physician",
            "physician, nurse",
            "Last day",
            "Sunday 31 January 2027",
            "specialist can do what the role allows at Centre",
        ],
    )
    .await;
    shows(&page, &["until Sunday 31 January 2027)"]);
    let wrong = preview(&admin, &path("grant"), &[("until", "soon")]).await;
    shows(&wrong, &["href=\"#personId-", "href=\"#role-PHYSICIAN\"", "href=\"#until\"", "value=\"soon\""]);
    for (role, word) in [("NURSE", "nurse"), ("PHYSICIAN", "physician")] {
        let follows = format!("specialist can no longer do what the role {word} allows");
        let end = format!("{}?personId={specialist}&role={role}", path("end-role"));
        let page = change(&admin, &end, &[], &["This takes effect at once", &follows]).await;
        assert!(!page.body.contains("You will not administer"), "{page:?}");
    }
    let again = [("personId", specialist.as_str()), ("role", "PHYSICIAN")];
    change(&admin, &path("grant"), &again, &["Before: No role", "No end"]).await;
    let last = format!("{}?personId={}&role=ADMINISTRATOR", path("end-role"), clinic.id("admin"));
    let seen = admin.page(&last).await;
    shows(&seen, &["You will not administer Centre any more", "Ada Admin holds no role at Centre then"]);
    let refused = confirmed(&admin, &last, &seen).await;
    assert_eq!(refused.status, 422);
    shows(&refused, &["The organization would be without an administrator"]);

    let correct = format!("{}?personId={nora}", path("correct-name"));
    let page = change(
        &admin,
        &correct,
        &[("newName", "Nora Neumann"), ("reason", "Misspelt.")],
        &["Before: Nora Neu", "Nora Neumann", "Misspelt."],
    )
    .await;
    shows(&page, &["Nora Neumann"]);
    // A last day that cannot be read, confirmed without its preview, is not left out.
    let seen = preview(&admin, &path("grant"), &grant).await;
    let forged = Form::of(&seen, &path("grant")).with(&[("confirm", "1"), ("until", "soon")]);
    let forged = admin.send(&path("grant"), &forged).await;
    assert_eq!(forged.status, 422, "{forged:?}");
    shows(&forged, &["href=\"#until\"", "value=\"soon\""]);
    let none = preview(&admin, &correct, &[("newName", ""), ("reason", "")]).await;
    shows(&none, &["href=\"#newName\"", "href=\"#reason\""]);
}

#[tokio::test]
async fn a_confirmation_is_bound_to_what_the_preview_said_would_follow() {
    let clinic = Clinic::with_pages().await;
    let centre = organization(&clinic, "Centre").await;
    let admin = Browser::signed_in(&clinic, "admin").await;
    let specialist = clinic.id("specialist");
    let path = format!("/organizations/{centre}/end-role?personId={specialist}&role=PHYSICIAN");
    let preview = admin.page(&path).await;
    shows(&preview, &["They own no open thread here."]);

    let (thread, _) = clinic.asked("q1").await;
    Browser::signed_in(&clinic, "centre_coordinator").await.step(&thread, "assign", &[("to", specialist)]).await;
    let browser = Browser::signed_in(&clinic, "specialist").await;
    let claim = format!("/t/{thread}/claim");
    let form = Form::of(&browser.page(&format!("/t/{thread}")).await, &claim);
    assert_eq!(browser.send(&claim, &form).await.status, 303);

    let other = confirmed(&admin, &path, &preview).await;
    assert_eq!(other.status, 409, "{other:?}");
    shows(&other, &["They own 1 open thread here.", "Read the new preview", "<h1>Check your answers</h1>"]);
    let action = path.split('?').next().expect("a path");
    let forged = Form::of(&preview, action).with(&[("confirm", "1"), ("seen", "")]);
    assert_eq!(admin.send(action, &forged).await.status, 409, "a preview that was never shown");
    let done = confirmed(&admin, &path, &other).await;
    assert_eq!(done.status, 303, "{done:?}");
    let again = confirmed(&admin, &path, &other).await;
    assert_eq!((again.status, again.header("location")), (303, done.header("location")), "a repeat: {again:?}");
}

#[tokio::test]
async fn an_organization_tells_its_people_only_to_its_people_and_counts_only_for_who_administers_it() {
    let clinic = Clinic::open().await;
    let centre = organization(&clinic, "Centre").await;
    let fields =
        "viewerAdministers staff { openThreads roles { role } person { name { text } } } formerStaff { person { id } }
        pools { members { openThreads person { name { text } } } }";
    let told = async |who: &str| {
        let query = format!("{{ organization(id: {}) {{ {fields} }} }}", json!(centre));
        clinic.ask(who, &query).await["organization"].clone()
    };
    let admin = told("admin").await;
    let staff = json!([
        { "openThreads": 0, "roles": [{ "role": "ADMINISTRATOR" }], "person": { "name": { "text": "Ada Admin" } } },
        { "openThreads": 0, "roles": [{ "role": "COORDINATOR" }], "person": { "name": { "text": "centre_coordinator" } } },
        { "openThreads": 0, "roles": [{ "role": "PHYSICIAN" }], "person": { "name": { "text": "specialist" } } },
    ]);
    assert_eq!((&admin["staff"], &admin["viewerAdministers"]), (&staff, &json!(true)));
    assert_eq!(
        admin["pools"],
        json!([{ "members": [{ "openThreads": 0, "person": { "name": { "text": "specialist" } } }] }])
    );
    let specialist = told("specialist").await;
    assert_eq!(
        (&specialist["viewerAdministers"], &specialist["staff"][2]["openThreads"]),
        (&json!(false), &Value::Null)
    );
    assert_eq!(specialist["staff"][2]["person"]["name"]["text"], "specialist");
    let foreign = told("pcp").await;
    assert_eq!(
        (&foreign["staff"], &foreign["pools"], &foreign["formerStaff"]),
        (&json!([]), &json!([{ "members": [] }]), &json!([]))
    );
    assert_eq!(told("mira").await, Value::Null);

    let on = Some(Target { argument: "personId", id: clinic.id("specialist") });
    let end = json!({ "clientMutationId": "e", "organizationId": centre, "role": "PHYSICIAN" });
    clinic.by("admin").done("endRole", on, end, "personId").await;
    let after = told("admin").await;
    assert_eq!(after["formerStaff"], json!([{ "person": { "id": clinic.id("specialist") } }]));
    assert_eq!(after["staff"].as_array().map(Vec::len), Some(2));
    assert_eq!(after["pools"], json!([{ "members": [] }]), "who holds no role works in no pool");
}
