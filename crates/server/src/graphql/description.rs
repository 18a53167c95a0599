//! What holds for the whole API, as the descriptions of `Query` and `Mutation`: codes, limits, positions, keys, versions.
//!
//! The codes and limits come from the code that applies them, and a test compares `docs/api.md` with the same source.
//! To add a limit: 1. its constant where it is applied; 2. its line in [`limits`]; 3. bless the schema, and correct the page.

use std::fmt::Write;
use std::sync::LazyLock;
use std::time::Duration;

use care::idempotency::IdempotencyKey;
use coordination::TRIES_A_MINUTE_MAX;
use coordination::reader::{PAGE_DEFAULT, PAGE_MAX};

use crate::answer_limits::{ANSWER_BYTES_MAX, ANSWER_ROWS_MAX, ANSWER_TIME_MAX};
use crate::connections::{CONNECTIONS_MAX, ConnectionTimes, DESCRIPTORS_RESERVED, PEER_SHARE};
use crate::fault::ErrorCode;
use crate::graphql_request::BODY_BYTES_MAX;
use crate::listen::{HEADERS_BYTES_MAX, REQUESTS_OF_CONNECTION_MAX};
use crate::live::LiveLimits;
use crate::query_cost::{
    ALIASES_MAX, COST_MAX, DEPTH_MAX, DOCUMENT_BYTES_MAX, FIELDS_MAX, FRAGMENTS_MAX, MUTATIONS_MAX, OPERATIONS_MAX,
    ROOT_FIELDS_MAX, SEARCH, TEXT_NESTING_MAX, VARIABLES_MAX,
};
use crate::quotas::{
    ANSWERS_HELD_BYTES_MAX, ASIDE_FROM, COMMANDS_A_MINUTE_MAX, COSTLY, COSTLY_AT_ONCE_MAX, QUERIES_AT_ONCE_MAX,
    QUERIES_OF_PERSON_AT_ONCE_MAX, QUERIES_WAITING_MAX, WRITTEN_BYTES_EACH,
};
use crate::websocket::{ID_BYTES_MAX, MESSAGES_A_SECOND_MAX, SUBSCRIPTIONS_MAX, SocketTimes};

/// A limit, for the author of a client.
struct Limit {
    of: &'static str,
    value: String,
}

/// The limits of a request and its answer.
fn limits() -> Vec<Limit> {
    let kib = |bytes: usize| format!("{} KiB", bytes / 1024);
    let seconds = |time: Duration| format!("{} s", time.as_secs());
    let LiveLimits { streams_max, streams_of_person_max } = LiveLimits::default();
    let SocketTimes { init_max, ping, silence_max, write_max, close_max } = SocketTimes::default();
    let ConnectionTimes { request_max, write_max: taken_max, exchange_max } = ConnectionTimes::default();
    let at_once = |of_person: usize, of_all: usize| {
        format!("{of_person} of one person, {of_all} of everybody; further ones wait")
    };
    let written = usize::try_from(COMMANDS_A_MINUTE_MAX * WRITTEN_BYTES_EACH).unwrap_or(usize::MAX);
    let all = [
        ("cost of an operation", COST_MAX.to_string()),
        ("length of a document", kib(DOCUMENT_BYTES_MAX)),
        ("length of a body", kib(BODY_BYTES_MAX)),
        ("depth of fields", DEPTH_MAX.to_string()),
        ("depth of brackets in the text", TEXT_NESTING_MAX.to_string()),
        ("fields with fragments expanded", FIELDS_MAX.to_string()),
        ("aliases with fragments expanded", ALIASES_MAX.to_string()),
        ("mutations in an operation", MUTATIONS_MAX.to_string()),
        ("root fields of a query", ROOT_FIELDS_MAX.to_string()),
        ("operations in a document", OPERATIONS_MAX.to_string()),
        ("fragments in a document", FRAGMENTS_MAX.to_string()),
        ("variables of an operation", VARIABLES_MAX.to_string()),
        ("rows of a page", format!("{PAGE_MAX}; {PAGE_DEFAULT} if neither `first` nor `last` is given")),
        ("rows read for an answer", ANSWER_ROWS_MAX.to_string()),
        ("texts of an answer; the answer as JSON", kib(ANSWER_BYTES_MAX)),
        ("time for an answer", seconds(ANSWER_TIME_MAX)),
        ("commands of one person", format!("{COMMANDS_A_MINUTE_MAX} in a minute")),
        ("texts of these commands", format!("{} in a minute", kib(written))),
        ("queries at once", at_once(QUERIES_OF_PERSON_AT_ONCE_MAX, QUERIES_AT_ONCE_MAX)),
        ("queries of one person that wait", QUERIES_WAITING_MAX.to_string()),
        ("answers to one person that are not taken yet", kib(ANSWERS_HELD_BYTES_MAX)),
        ("cost from which on a query is costly", COSTLY.to_string()),
        ("costly queries at once", at_once(1, COSTLY_AT_ONCE_MAX)),
        ("cost from which on a mutation waits like a query", ASIDE_FROM.to_string()),
        ("refused tries of one session", format!("{TRIES_A_MINUTE_MAX} in a minute")),
        ("line and headers of a request", kib(usize::try_from(HEADERS_BYTES_MAX).unwrap_or(usize::MAX))),
        ("time for the headers of a request, since the last answer", seconds(request_max)),
        ("time for some of an answer to be taken", seconds(taken_max)),
        ("time for a request without progress", seconds(exchange_max)),
        ("requests at once on a connection of HTTP/2", REQUESTS_OF_CONNECTION_MAX.to_string()),
        ("connections of everybody", format!("{CONNECTIONS_MAX}, or {DESCRIPTORS_RESERVED} less than the descriptors")),
        ("connections of one address of another machine", format!("{} % of those of everybody", 100 / PEER_SHARE)),
        ("subscriptions of a socket", SUBSCRIPTIONS_MAX.to_string()),
        ("messages from a client on a socket", format!("{MESSAGES_A_SECOND_MAX} in a second")),
        ("length of the id of a subscription", format!("{ID_BYTES_MAX} bytes")),
        ("sockets and event streams of one person", streams_of_person_max.to_string()),
        ("sockets and event streams of everybody", streams_max.to_string()),
        ("time until `connection_init`", seconds(init_max)),
        ("time between two pings of a socket", seconds(ping)),
        ("time without a message from the client on a socket", seconds(silence_max)),
        ("time for a message to be taken by the network", seconds(write_max)),
        ("time for a client to answer the close of a socket", seconds(close_max)),
    ];
    all.into_iter().map(|(of, value)| Limit { of, value }).collect()
}

/// The description of `Query`.
pub(super) static QUERY: LazyLock<String> = LazyLock::new(|| {
    let codes = ErrorCode::ALL.into_iter().fold(String::new(), |mut text, code| {
        // Writing to a text cannot fail.
        _ = write!(text, "\n- `{}` ({}): {}", code.name(), code.status().as_u16(), code.meaning());
        text
    });
    let limits = limits().into_iter().fold(String::new(), |mut text, Limit { of, value }| {
        _ = write!(text, "\n- {of}: {value}");
        text
    });
    format!(
        "The queries. An object is null if it does not exist, and also if you may not know of it.\n\n\
         An error of the request or of the server is in `errors`, with a code of this closed set in `extensions.code`. The \
         number is the HTTP status if the request accepts `application/graphql-response+json`:{codes}\n\n\
         The cost of an operation is its number of fields. The fields below a paged field count as many times as `first` or \
         `last` says, and `accessRecords` and each field with `search` count {SEARCH}. `extensions.cost` has `requested` and `max`. \
         `QUERY_TOO_COMPLEX` and `ANSWER_TOO_LARGE` say how much was asked for and how much is allowed. The limits \
         are:{limits}\n\n\
         `extensions.position` of every answer is how far the answer has read. Send a position in the header `x-read-after` \
         to read at least as far; if the server could not wait long enough, `extensions.stale` has `have` and `want`."
    )
});

/// The description of `Mutation`.
pub(super) static MUTATION: LazyLock<String> = LazyLock::new(|| {
    format!(
        "The commands. They run in order, and each is carried out or not by itself. A mutation without effect says why in \
         its `problems`.\n\n\
         `clientMutationId` is your key for a command: 1 to {} printable ASCII characters. Choose it once for each \
         intention, and send it again with the same input when the answer was lost: a repeat has no further effect and \
         answers `replayed: true`. The same key with another input is the problem `IDEMPOTENCY_MISMATCH`.\n\n\
         `expectedVersion` is the `version` that your user saw. A command that depends on the state requires it; if the \
         object has changed since, the problem is `VERSION_CONFLICT`. A repeat needs no newer version.",
        IdempotencyKey::LENGTH_MAX
    )
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_for_authors_of_clients_has_the_codes_and_limits_of_the_code() {
        let page = include_str!("../../../../docs/api.md");
        for code in ErrorCode::ALL {
            let line = format!("| `{}` | {} | {} |", code.name(), code.meaning(), code.status().as_u16());
            assert!(page.contains(&line), "{line}");
        }
        for Limit { of, value } in limits() {
            assert!(page.contains(&format!("| {of} | {value} |")), "| {of} | {value} |");
        }
    }

    #[test]
    fn the_schema_says_them_too() {
        let sdl = crate::graphql::sdl();
        assert!(sdl.contains("- `POSITION_EXPIRED` (409): ") && sdl.contains("- cost of an operation: 20000"));
        assert!(sdl.contains("1 to 128 printable ASCII characters") && sdl.contains("x-read-after"));
    }
}
