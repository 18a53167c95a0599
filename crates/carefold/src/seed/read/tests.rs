//! Every problem of the files of a clinic is reported with its place, and all of them at once.

use super::*;

const CAST: &str = "
administrator: admin
registrar: clerk
organizations:
  - key: north
    name: North
    phone: +43 1 555 0140
    zone: Europe/Vienna
    week: {monday: [{opens: 8, closes: 16}]}
    answer_hours: {routine: 8, urgent: 2}
    pools: [{key: skin, name: Skin, specialty: dermatology}]
people:
  - {handle: admin, name: Ada, organization: north, roles: [{at: north, role: administrator}], banner: runs it}
  - {handle: clerk, name: Dan, organization: north, roles: [{at: north, role: coordinator}], banner: registers}
  - {handle: asks, name: Eva, organization: north, roles: [{at: north, role: physician}], banner: asks}
  - {handle: knows, name: Fay, organization: north, roles: [{at: north, role: physician}], pools: [skin], banner: knows}
  - {handle: ill, name: Gil, organization: north, banner: is ill}
patients:
  - {key: gil, name: Gil, birth_date: 1970-01-02, person: ill, care_team: [asks]}
";

const THREADS: &str = "
threads:
  - key: rash
    begins_days_ago: 9
    state: closed
    steps:
      - by: asks
        request:
          patient: gil
          pool: skin
          topic: results
          urgency: routine
          consent: verbal
          may_convert: true
          subject: Rash
          question: What is it?
      - by: clerk
        after: 1h30m
        assign: {to: knows}
      - by: knows
        after: 2h
        claim: {}
      - by: knows
        post: {audience: clinical_team, text: Looking}
      - by: knows
        after: 30m
        advise: {recommendations: [{kind: treat, certainty: high, text: Cream}], minutes_spent: 4}
      - by: asks
        after: 1h
        plan: {dispositions: [{disposition: accepted}]}
      - by: asks
        after: 1h
        inform: {method: letter}
      - by: asks
        after: 1h
        close: {outcome: new_plan, helpful: 5, educational: 4}
      - by: asks
        after: 0m
        mark_read: {at_most_unread: 3}
";

const TEAM: &str = "
team_threads:
  - key: rota
    begins_days_ago: 4
    state: active
    opened_by: asks
    topic: scheduling
    subject: Rota
    owner: {person: asks}
    participants: [clerk]
    waits_for: {who: {person: clerk}, note: Please, due_days: 2}
    steps:
      - by: clerk
        after: 1h
        post: {text: Done}
";

const FAMILIES: &str = "
families:
  - key: gil_eva
    begins_days_ago: 9
    lasts_days: 30
    state: accepted
    patient: gil
    helper: knows
    kind: patient_authorised
    relationship: friend
    scope: {read: [results], history: all}
    steps:
      - by: asks
        invite: {}
      - by: knows
        after: 1h
        accept: {}
";

#[test]
fn problems_of_what_is_sent_from_outside_are_reported() {
    let outside = "
outside:
  - key: told
    begins_days_ago: 1
    sender: nobody
    organization: nowhere
    patient_name: Gil
    relationship: friend
    text: She is not well.
    matched: {by: asks, patient: gil}
";
    assert_eq!(
        problems_of_all(CAST, THREADS, TEAM, &format!("{FAMILIES}{outside}")).len(),
        3,
        "the sender, the organization, and that what was told is matched to nobody"
    );
}

#[test]
fn problems_of_families_are_reported_with_their_steps() {
    let wrong = FAMILIES
        .replace("state: accepted", "state: active")
        .replace("patient: gil", "patient: bob")
        .replace("        accept: {}", "        suspend: {reason: Unclear}");
    assert_eq!(
        problems_of_all(CAST, THREADS, TEAM, &wrong),
        [
            r#"families.yaml: help gil_eva, patient: "bob" is none of gil"#,
            "families.yaml: help gil_eva, step 2, suspend: the delegation is invited",
            "families.yaml: help gil_eva, state: its steps lead to suspended, not to active",
        ]
    );
}

fn problems_of(cast: &str, threads: &str) -> Vec<String> {
    problems_of_all(cast, threads, TEAM, FAMILIES)
}

fn problems_of_all(cast: &str, threads: &str, team: &str, families: &str) -> Vec<String> {
    let file = |name, text| File { name, text };
    let threads = [file("threads.yaml", threads)];
    let (team_threads, families) = (file("team.yaml", team), file("families.yaml", families));
    match read(&Files { cast: file("cast.yaml", cast), threads: &threads, team_threads, families }) {
        Ok(_) => Vec::new(),
        Err(Problems(problems)) => problems.iter().map(Problem::to_string).collect(),
    }
}

#[test]
fn problems_of_team_threads_are_reported_with_their_steps() {
    assert_eq!(problems_of_all(CAST, THREADS, TEAM, FAMILIES), [""; 0]);
    let wrong = TEAM
        .replace("state: active", "state: parked")
        .replace("participants: [clerk]", "participants: [ill]")
        .replace("- by: clerk", "- by: nobody");
    assert_eq!(
        problems_of_all(CAST, THREADS, &wrong, FAMILIES),
        [
            r#"team.yaml: team thread rota, participants: "ill" is nobody with a role"#,
            r#"team.yaml: team thread rota, step 1, by: "nobody" is nobody with a role"#,
            "team.yaml: team thread rota, state: its steps lead to active, not to parked",
        ]
    );
}

#[test]
fn the_embedded_clinic_has_no_problem() {
    if let Err(problems) = embedded() {
        panic!("{problems}");
    }
}

#[test]
fn the_clinic_of_these_tests_has_no_problem() {
    assert_eq!(problems_of(CAST, THREADS), Vec::<String>::new());
}

/// One spelling that is changed to another, and the problems that it makes.
struct Broken(&'static str, &'static str, &'static [&'static str]);

fn each_is_reported(text: &str, table: &[Broken], problems_of: impl Fn(&str) -> Vec<String>) {
    for Broken(from, to, problems) in table {
        assert_eq!(text.matches(from).count(), 1, "{from:?} is there once");
        assert_eq!(problems_of(&text.replace(from, to)), *problems, "{from:?} as {to:?}");
    }
}

#[test]
fn each_problem_of_the_cast_is_reported_with_its_place() {
    each_is_reported(CAST, CAST_BROKEN, |cast| problems_of(cast, THREADS));
}

#[test]
fn each_problem_of_a_thread_is_reported_with_its_place() {
    each_is_reported(THREADS, THREADS_BROKEN, |threads| problems_of(CAST, threads));
}

#[test]
fn all_problems_are_reported_at_once() {
    let cast = CAST.replace("role: coordinator", "role: clerk").replace("person: ill", "person: well");
    let threads = THREADS.replace("topic: results", "topic: weather").replace("kind: treat", "kind: wait");
    assert_eq!(problems_of(&cast, &threads).len(), 4);
}

#[test]
fn a_key_is_used_once() {
    let pool = "{key: skin, name: Skin, specialty: dermatology}";
    let cast = CAST.replace(pool, &format!("{pool}, {pool}"));
    assert_eq!(problems_of(&cast, THREADS), ["cast.yaml: the pool key skin is used twice"]);
    let threads = THREADS.to_owned() + THREADS.trim_start().trim_start_matches("threads:");
    assert_eq!(problems_of(CAST, &threads), ["threads.yaml: thread rash, key: is used twice"]);
}

const CAST_BROKEN: &[Broken] = &[
    Broken(
        "registrar: clerk",
        "registrar: disk",
        &[r#"cast.yaml: registrar: "disk" is none of admin, asks, clerk, ill, knows"#],
    ),
    Broken("registrar: clerk", "registrar: ill", &["cast.yaml: registrar: ill has no role"]),
    Broken(
        "phone: +43 1 555 0140",
        "phone: front desk",
        &[
            "cast.yaml: organization north, phone: may only have digits, a plus at its beginning, blanks, and the signs ( ) - . /",
        ],
    ),
    Broken(
        "zone: Europe/Vienna",
        "zone: Europe/Wien",
        &["cast.yaml: organization north, zone: is not the name of an IANA time zone"],
    ),
    Broken(
        "opens: 8, closes: 16",
        "opens: 8, closes: 8",
        &["cast.yaml: organization north: monday[0] opens in minute 0 to 1439 and closes in another, up to 1440"],
    ),
    Broken(
        "monday: [",
        "moonday: [",
        &[
            "cast.yaml: organization north, week.moonday: unknown field `moonday`, expected one of `monday`, `tuesday`, `wednesday`, `thursday`, `friday`, `saturday`, `sunday`",
        ],
    ),
    Broken(
        "routine: 8, urgent: 2",
        "routine: 8",
        &["cast.yaml: organization north: the urgent target is between a minute and 527040 minutes"],
    ),
    Broken(
        "routine: 8, urgent: 2",
        "routine: 8, urgent: 2, soon: 4",
        &[r#"cast.yaml: organization north, answer_hours.soon: "soon" is not a word of Urgency"#],
    ),
    Broken("name: Skin", "name: '  '", &["cast.yaml: organization north, pools[0].name: is empty"]),
    Broken(
        "roles: [{at: north, role: coordinator}]",
        "roles: [{at: south, role: coordinator}]",
        &[r#"cast.yaml: person clerk, roles: "south" is none of north"#],
    ),
    Broken(
        "role: coordinator",
        "role: coordinater",
        &[r#"cast.yaml: person clerk, roles[0].role: "coordinater" is not a word of Role"#],
    ),
    Broken("pools: [skin]", "pools: [heart]", &[r#"cast.yaml: person knows, pools: "heart" is none of skin"#]),
    Broken(
        "banner: registers",
        "banner: registers, colour: red",
        &[
            "cast.yaml: person clerk, colour: unknown field `colour`, expected one of `handle`, `also`, `name`, `organization`, `roles`, `pools`, `banner`",
        ],
    ),
    Broken(
        "handle: ill",
        "handle: knows",
        &[
            "cast.yaml: person knows, handle: is used twice",
            r#"cast.yaml: patient gil, person: "ill" is none of admin, asks, clerk, knows"#,
        ],
    ),
    Broken(
        "organization: north, banner: is ill",
        "organization: west, banner: is ill",
        &[r#"cast.yaml: person ill, organization: "west" is none of north"#],
    ),
    Broken(
        "birth_date: 1970-01-02",
        "birth_date: 1970-02-30",
        &["cast.yaml: patient gil, birth_date: is not a date as ISO 8601"],
    ),
    Broken(
        "birth_date: 1970-01-02",
        "birth_date: 970-01-02",
        &["cast.yaml: patient gil, birth_date: is not a date as ISO 8601"],
    ),
    Broken(
        "birth_date: 1970-01-02",
        "birth_date: 1970-01-02, age: 15",
        &["cast.yaml: patient gil, birth_date: either it or the age is written"],
    ),
    Broken(
        "person: ill",
        "person: well",
        &[r#"cast.yaml: patient gil, person: "well" is none of admin, asks, clerk, ill, knows"#],
    ),
    Broken(
        "care_team: [asks]",
        "care_team: [asks, nurse]",
        &[r#"cast.yaml: patient gil, care_team: "nurse" is none of admin, asks, clerk, ill, knows"#],
    ),
    Broken("care_team: [asks]", "care_team: [ill]", &["cast.yaml: patient gil, care_team: ill has no role"]),
];

const THREADS_BROKEN: &[Broken] = &[
    Broken(
        "state: closed",
        "state: shut",
        &[r#"threads.yaml: thread rash, state: "shut" is not a word of ConsultationState"#],
    ),
    Broken(
        "state: closed",
        "state: answered",
        &["threads.yaml: thread rash, state: its steps lead to closed, not to answered"],
    ),
    Broken(
        "begins_days_ago: 9",
        "begins_days_ago: 0",
        &["threads.yaml: thread rash, begins_days_ago: its steps take 7 hours, and 0 days are too few"],
    ),
    Broken(
        "      - by: asks\n        request:",
        "      - by: nobody\n        request:",
        &[r#"threads.yaml: thread rash, step 1, by: "nobody" is none of admin, asks, clerk, ill, knows"#],
    ),
    Broken(
        "patient: gil",
        "patient: gill",
        &[r#"threads.yaml: thread rash, step 1, request.patient: "gill" is none of gil"#],
    ),
    Broken(
        "pool: skin",
        "pool: heart",
        &[r#"threads.yaml: thread rash, step 1, request.pool: "heart" is none of skin"#],
    ),
    Broken(
        "topic: results",
        "topic: result",
        &[r#"threads.yaml: thread rash, step 1, request.topic: "result" is not a word of Topic"#],
    ),
    Broken(
        "may_convert: true",
        "may_convert: maybe",
        &[
            r#"threads.yaml: thread rash, step 1, request.may_convert: invalid type: string "maybe", expected a boolean"#,
        ],
    ),
    Broken(
        "question: What is it?",
        "questions: What is it?",
        &[
            "threads.yaml: thread rash, step 1, request.questions: unknown field `questions`, expected one of `patient`, `pool`, `topic`, `urgency`, `confidentiality`, `sensitivities`, `consent`, `may_convert`, `subject`, `question`",
        ],
    ),
    Broken("subject: Rash", "subject: ''", &["threads.yaml: thread rash, step 1, request.subject: is empty"]),
    Broken(
        "assign: {to: knows}",
        "assign: {to: fay}",
        &[r#"threads.yaml: thread rash, step 2, assign.to: "fay" is none of admin, asks, clerk, ill, knows"#],
    ),
    Broken(
        "assign: {to: knows}",
        "asign: {to: knows}",
        &[
            "threads.yaml: thread rash, step 2, asign: unknown field `asign`, expected one of `by`, `after`, `request`, `assign`, `claim`, `advise`, `plan`, `inform`, `close`, `add_participant`, `post`, `mark_read`, `draft`, `hide`",
        ],
    ),
    Broken(
        "claim: {}",
        "claim: {by: knows}",
        &["threads.yaml: thread rash, step 3, claim.by: unknown field `by`, there are no fields"],
    ),
    Broken(
        "claim: {}",
        "claim: {}\n        assign: {}",
        &[
            "threads.yaml: thread rash, step 3: a step has exactly one of request, assign, claim, advise, plan, inform, close, add_participant, post, mark_read, draft, hide, and this one has assign and claim",
        ],
    ),
    Broken(
        "        claim: {}\n",
        "",
        &[
            "threads.yaml: thread rash, step 3: a step has exactly one of request, assign, claim, advise, plan, inform, close, add_participant, post, mark_read, draft, hide, and this one has none",
        ],
    ),
    Broken(
        "after: 1h30m",
        "after: 90",
        &["threads.yaml: thread rash, step 2, after: invalid type: integer `90`, expected a string"],
    ),
    Broken(
        "after: 1h30m",
        "after: an hour",
        &[r#"threads.yaml: thread rash, step 2, after: "an hour" is not a time such as 2h, 30m or 1h30m"#],
    ),
    Broken(
        "audience: clinical_team",
        "audience: clinicians",
        &[r#"threads.yaml: thread rash, step 4, post.audience: "clinicians" is not a word of Audience"#],
    ),
    Broken(
        "kind: treat",
        "kind: treet",
        &[
            r#"threads.yaml: thread rash, step 5, advise.recommendations[0].kind: "treet" is not a word of RecommendationKind"#,
        ],
    ),
    Broken(
        "plan: {dispositions: [{disposition: accepted}]}",
        "plan: {dispositions: []}",
        &["threads.yaml: thread rash, step 6, plan.dispositions: there are 0, and the advice has 1 recommendations"],
    ),
    Broken(
        "plan: {dispositions: [{disposition: accepted}]}",
        "plan: {dispositions: [{disposition: rejected}]}",
        &["threads.yaml: thread rash, step 6, plan.dispositions[0].reason: modified and rejected need a reason"],
    ),
    Broken(
        "plan: {dispositions: [{disposition: accepted}]}",
        "inform: {method: portal}",
        &[
            "threads.yaml: thread rash, step 6, inform: the consultation is answered",
            "threads.yaml: thread rash, step 7, inform: the consultation is patient_informed",
        ],
    ),
    Broken("helpful: 5", "helpful: 6", &["threads.yaml: thread rash, step 8, close.helpful: ratings go from 1 to 5"]),
    Broken(
        "post: {audience: clinical_team, text: Looking}",
        "mark_read: {at_most_unread: 0}",
        &[
            "threads.yaml: thread rash, step 4, mark_read: there is no message that knows can read",
            "threads.yaml: thread rash, step 9, mark_read: there is no message that asks can read",
        ],
    ),
    Broken("threads:", "thread:", &["threads.yaml: unknown field `thread`, expected `threads` at line 2 column 1"]),
    Broken(
        "  - key: rash",
        "  key: rash\n  - ",
        &["threads.yaml: threads: invalid type: map, expected a sequence at line 3 column 3"],
    ),
];
