//! The page at `/`: what this is and where to go, for somebody who opens the address in a browser.

use poem::Request;
use poem::http::{HeaderValue, Method, header};

use crate::response::Response;
use crate::router::Handler;

/// Handles `/`.
pub struct FrontPage {
    page: String,
}

const BEFORE_COMMAND: &str = r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Carefold demo</title>
<h1>Carefold demo</h1>
<p>This is the GraphQL API of a demo clinic. Everybody and everything in it is invented. There is no user interface yet.</p>
<ul>
<li>Send GraphQL requests to <code>POST /graphql</code>. The demo printed an example when it started.</li>
<li>Each request needs a token. The demo printed one for each person; this command prints another, for example with the
handle <code>pcp</code> that of the family physician: <code>"#;

const AFTER_COMMAND: &str = r#"</code></li>
<li>The command <code>schema print</code> of the same program prints the schema.</li>
<li><a href="/health/ready">/health/ready</a> says whether the server is ready, <a href="/version">/version</a> its version.</li>
</ul>
</html>
"#;

impl FrontPage {
    /// The page with the command that prints a token.
    #[must_use]
    pub fn new(token_command: &str) -> Self {
        let command = token_command.replace('&', "&amp;").replace('<', "&lt;");
        Self { page: [BEFORE_COMMAND, &command, AFTER_COMMAND].concat() }
    }
}

impl Handler for FrontPage {
    async fn respond(&self, request: Request) -> Response {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return Response::only_read();
        }
        // The page loads nothing and runs nothing, and no other page may frame it.
        let policy = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
        Response::html(self.page.clone()).with_header(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_is_shown_as_text() {
        let page = FrontPage::new("carefold token --data a&b<c>").page;
        assert!(page.contains("<code>carefold token --data a&amp;b&lt;c></code>"), "{page}");
    }
}
