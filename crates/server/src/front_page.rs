//! The page at `/`: what this is and where to go, for somebody who opens the address in a browser.

use poem::Request;
use poem::http::{HeaderValue, Method, header};

use crate::response::Response;
use crate::router::Handler;

/// Handles `/`.
pub struct FrontPage;

const PAGE: &str = r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Carefold demo</title>
<h1>Carefold demo</h1>
<p>This is the GraphQL API of a demo clinic. Everybody and everything in it is invented.</p>
<ul>
<li>Send GraphQL requests to <code>POST /graphql</code>. The demo printed an example when it started.</li>
<li>Each request needs a token: <code>carefold token --as pcp</code> prints the family physician's.</li>
<li><code>carefold schema print</code> prints the schema.</li>
<li><a href="/health/ready">/health/ready</a> says whether the server is ready, <a href="/version">/version</a> its version.</li>
</ul>
</html>
"#;

impl Handler for FrontPage {
    async fn respond(&self, request: Request) -> Response {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return Response::only_read();
        }
        // The page loads nothing and runs nothing, and no other page may frame it.
        let policy = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
        Response::html(PAGE).with_header(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy))
    }
}
