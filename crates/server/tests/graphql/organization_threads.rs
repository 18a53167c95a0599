//! The threads of an organization over GraphQL: for whom they are listed, and whose cursors are whose.

use serde_json::{Value, json};

use crate::clinic::{Clinic, Target};
use crate::{organization, text};

/// The ids in a list, or none if it is null.
fn ids(list: &Value) -> Option<Vec<&str>> {
    list["nodes"].as_array().map(|nodes| nodes.iter().map(|node| text(node, "/id")).collect())
}

async fn list(clinic: &Clinic, who: &str, organization: &str, arguments: &str) -> Value {
    let of = format!("organizationId: {}{arguments}", json!(organization));
    let query = format!("{{ organizationThreads({of}) {{ nodes {{ id }} pageInfo {{ hasNextPage endCursor }} }} }}");
    clinic.ask(who, &query).await["organizationThreads"].clone()
}

#[tokio::test]
async fn whoever_may_open_a_thread_by_working_at_an_organization_finds_it_in_the_list_there() {
    let clinic = Clinic::open().await;
    let (practice, centre) = (organization(&clinic, "Practice").await, organization(&clinic, "Centre").await);
    let (id, version) = clinic.asked("q1").await;
    let assign = json!({ "clientMutationId": "s", "expectedVersion": version });
    let on = Some(Target { argument: "consultationId", id: id.as_str() });
    let select = "consultation { version }";
    let assigned = clinic.by("centre_coordinator").done("assignConsultation", on, assign, select).await;
    let claim = json!({ "clientMutationId": "c", "expectedVersion": text(&assigned, "/consultation/version") });
    let thread = Some(Target { argument: "threadId", id: id.as_str() });
    clinic.by("specialist").done("claimThread", thread, claim, "thread { id }").await;

    // After a claim the worklist of the coordinator who assigned it does not have it any more.
    let worklists =
        "{ viewer { mine: worklist(list: MINE) { nodes { id } } pools: worklist(list: MY_POOLS) { nodes { id } } } }";
    let own = clinic.ask("centre_coordinator", worklists).await;
    assert_eq!((ids(&own["viewer"]["mine"]), ids(&own["viewer"]["pools"])), (Some(vec![]), Some(vec![])));
    let here = [
        ("pcp", &practice),
        ("nurse", &practice),
        ("coordinator", &practice),
        ("specialist", &centre),
        ("centre_coordinator", &centre),
    ];
    for (who, at) in here {
        assert_eq!(ids(&list(&clinic, who, at, "").await), Some(vec![id.as_str()]), "{who}");
        let says = format!("{{ organization(id: {}) {{ viewerListsThreads }} }}", json!(at));
        assert_eq!(clinic.ask(who, &says).await["organization"]["viewerListsThreads"], json!(true), "{who}");
    }
    let elsewhere = [("specialist", &practice), ("pcp", &centre), ("admin", &practice), ("admin", &centre)];
    for (who, at) in elsewhere {
        assert_eq!(ids(&list(&clinic, who, at, "").await), Some(vec![]), "{who}");
        let says = format!("{{ organization(id: {}) {{ viewerListsThreads }} }}", json!(at));
        assert_eq!(clinic.ask(who, &says).await["organization"]["viewerListsThreads"], json!(false), "{who}");
    }
    // Who knows of no directory has the answer of an organization that does not exist.
    for (who, at) in [("mira", practice.as_str()), ("stranger", centre.as_str()), ("pcp", "none")] {
        assert_eq!(list(&clinic, who, at, "").await, Value::Null, "{who}");
    }
}

#[tokio::test]
async fn a_cursor_of_the_list_belongs_to_its_organization_and_reader() {
    let clinic = Clinic::open().await;
    let (practice, centre) = (organization(&clinic, "Practice").await, organization(&clinic, "Centre").await);
    for key in ["q1", "q2", "q3"] {
        clinic.asked(key).await;
    }
    let first = list(&clinic, "coordinator", &practice, ", first: 2").await;
    assert_eq!((ids(&first).map(|ids| ids.len()), &first["pageInfo"]["hasNextPage"]), (Some(2), &json!(true)));
    let cursor = first["pageInfo"]["endCursor"].clone();
    let rest = list(&clinic, "coordinator", &practice, &format!(", after: {cursor}")).await;
    assert_eq!((ids(&rest).map(|ids| ids.len()), &rest["pageInfo"]["hasNextPage"]), (Some(1), &json!(false)));
    let of = |name: &str, id: &str| format!("{{ {name}: {}, after: {cursor}) {{ nodes {{ id }} }} }}", json!(id));
    for (who, query) in [
        ("coordinator", of("organizationThreads(organizationId", &centre)),
        ("nurse", of("organizationThreads(organizationId", &practice)),
        ("coordinator", of("organizationPatients(organizationId", &practice)),
        ("coordinator", of("patientThreads(patientId", &clinic.patient)),
    ] {
        let foreign = clinic.post(who, &json!({ "query": query }), &[]).await.json();
        assert_eq!(foreign["errors"][0]["extensions"]["problem"], "PAGE_FOREIGN_CURSOR", "{query}: {foreign}");
    }
}
