//! Bodies that are made from a small corpus by random changes: each is answered in time, and never by an error of the server.

use std::sync::Arc;

use poem::Endpoint;
use poem::http::Method;
use test_fuzz::{Target, corpus};

use crate::client::bearer;
use crate::toy;

#[test]
fn changed_bodies_are_answered_and_never_by_an_error_of_the_server() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let routes = runtime.block_on(toy::routes(Arc::default(), || true));
    let target = Target {
        name: "bodies",
        inputs: corpus(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus/bodies")),
        words: &["{", "}", "[", "(", "\"", "\\", "\\u005c", "$", "...", "null", "1e999"],
        bytes_max: 32 * 1024,
        tries: 300,
    };
    let seen = target.run(|body| {
        let request = poem::Request::builder()
            .method(Method::POST)
            .uri_str("/graphql")
            .header("host", "localhost")
            .header("authorization", bearer(toy::TOKEN))
            .header("content-type", "application/json")
            .header("accept", "application/graphql-response+json")
            .body(body.to_vec());
        let status = runtime.block_on(routes.get_response(request)).status().as_u16();
        assert!(matches!(status, 200 | 400 | 413 | 429), "{status}");
        status.to_string()
    });
    assert!(seen.contains_key("200") && seen.contains_key("400"), "{seen:?}");
}
