//! The closed set of codes of top-level errors, and the sanitizing of errors before a response leaves.
//!
//! Problems that a user can correct are data in a payload; the codes here are for errors of the request or
//! of the server. A resolver returns a fault of the application or a page problem with `?`, or raises a
//! code with [`ErrorCode::raise`]. Any other error becomes `INTERNAL`: the caller gets an error id, the
//! text is logged, and nothing from the request is logged or returned.
//!
//! To add a code: 1. add the variant, its name and its status below; 2. add it to
//! `ErrorCode::ALL`; 3. announce it to the authors of clients, who rely on the set being closed.

use std::time::Duration;

use async_graphql::{ErrorExtensionValues, ServerError, Value};
use coordination::fault::{Fault, seconds};
use coordination::reader::PageProblem;
use poem::http::StatusCode;

use crate::trace::TraceId;

/// Why a request or a field of it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorCode {
    /// The document is not GraphQL.
    GraphqlParseFailed,
    /// The document does not fit the schema.
    GraphqlValidationFailed,
    /// The request is malformed, or a variable does not fit its type.
    BadUserInput,
    /// The position in `x-read-after` is from before a restore of the log: the client drops it and repeats the request.
    PositionExpired,
    /// No credential, or one that is not accepted.
    Unauthenticated,
    /// The credential is valid, but does not allow this route.
    Forbidden,
    /// The document exceeds a cost limit.
    QueryTooComplex,
    /// The answer has more rows or bytes than one answer may have; no part of it is sent.
    AnswerTooLarge,
    /// Too many requests in too short a time.
    RateLimited,
    /// The notices of a subscription were not taken in time; the client subscribes again with the position of the error.
    SlowConsumer,
    /// The answer was not ready in time; no part of it is sent.
    Timeout,
    /// A part of the server is not available now; the same request may succeed later.
    Unavailable,
    /// An error of the server.
    Internal,
}

impl ErrorCode {
    /// All codes.
    pub const ALL: [Self; 13] = [
        Self::GraphqlParseFailed,
        Self::GraphqlValidationFailed,
        Self::BadUserInput,
        Self::PositionExpired,
        Self::Unauthenticated,
        Self::Forbidden,
        Self::QueryTooComplex,
        Self::AnswerTooLarge,
        Self::RateLimited,
        Self::SlowConsumer,
        Self::Timeout,
        Self::Unavailable,
        Self::Internal,
    ];

    /// The name in `errors[].extensions.code`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::GraphqlParseFailed => "GRAPHQL_PARSE_FAILED",
            Self::GraphqlValidationFailed => "GRAPHQL_VALIDATION_FAILED",
            Self::BadUserInput => "BAD_USER_INPUT",
            Self::PositionExpired => "POSITION_EXPIRED",
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::QueryTooComplex => "QUERY_TOO_COMPLEX",
            Self::AnswerTooLarge => "ANSWER_TOO_LARGE",
            Self::RateLimited => "RATE_LIMITED",
            Self::SlowConsumer => "SLOW_CONSUMER",
            Self::Timeout => "TIMEOUT",
            Self::Unavailable => "UNAVAILABLE",
            Self::Internal => "INTERNAL",
        }
    }

    /// What it means, for the author of a client.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::GraphqlParseFailed => "the document is not GraphQL; the message names line and column",
            Self::GraphqlValidationFailed => "the document does not fit the schema",
            Self::BadUserInput => "the request is malformed, or a variable does not fit its type",
            Self::PositionExpired => {
                "the position in `x-read-after` is from before a restore of the log: drop it, and send the request again without it"
            }
            Self::Unauthenticated => "there is no credential, or it is not accepted",
            Self::Forbidden => "the credential does not allow this route",
            Self::QueryTooComplex => "a limit of the request is exceeded",
            Self::AnswerTooLarge => {
                "the answer has too many rows or bytes, as `extensions.limit` says: ask for less; commands were carried out, so repeat them with the same keys"
            }
            Self::RateLimited => {
                "too much in too short a time; wait for `extensions.retryAfter` seconds, if it is there"
            }
            Self::SlowConsumer => {
                "the notices were not taken in time; subscribe again with `extensions.position` as `after`"
            }
            Self::Timeout => "the answer was not ready in time; no part of it is sent",
            Self::Unavailable => {
                "a part of the server is not available; try again later, after `extensions.retryAfter` seconds if it is there"
            }
            Self::Internal => "an error of the server; `extensions.errorId` names it",
        }
    }

    /// The HTTP status of a request that failed as a whole with this code.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::GraphqlParseFailed
            | Self::GraphqlValidationFailed
            | Self::BadUserInput
            | Self::QueryTooComplex
            | Self::AnswerTooLarge => StatusCode::BAD_REQUEST,
            // The request conflicts with the history that the installation has now.
            Self::PositionExpired => StatusCode::CONFLICT,
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::RateLimited | Self::SlowConsumer => StatusCode::TOO_MANY_REQUESTS,
            Self::Timeout => StatusCode::GATEWAY_TIMEOUT,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Whether the error is in the document or its variables. Such a request was a correct HTTP request, so
    /// a client that accepts `application/json` gets status 200.
    #[must_use]
    pub(crate) const fn is_about_the_document(self) -> bool {
        match self {
            Self::GraphqlParseFailed
            | Self::GraphqlValidationFailed
            | Self::BadUserInput
            | Self::QueryTooComplex
            | Self::AnswerTooLarge => true,
            Self::PositionExpired
            | Self::Unauthenticated
            | Self::Forbidden
            | Self::RateLimited
            | Self::SlowConsumer
            | Self::Timeout
            | Self::Unavailable
            | Self::Internal => false,
        }
    }

    /// The error that a resolver returns. `message` is sent to the caller, so it names the kind of error and
    /// contains no personal data.
    #[must_use]
    pub fn raise(self, message: &'static str) -> async_graphql::Error {
        let mut error = async_graphql::Error::new(message);
        error.extensions = Some(self.extensions());
        error
    }

    fn extensions(self) -> ErrorExtensionValues {
        let mut values = ErrorExtensionValues::default();
        values.set("code", self.name());
        values
    }

    /// The code of a fault of the application.
    const fn of_fault(fault: &Fault) -> Self {
        match fault {
            Fault::Unavailable(_) => Self::Unavailable,
            Fault::OverTime => Self::Timeout,
            Fault::TooMuch { .. } => Self::AnswerTooLarge,
            Fault::TooOften { .. } => Self::RateLimited,
            Fault::Unreadable(_)
            | Fault::Sealing(_)
            | Fault::ReadModels(_)
            | Fault::AccessIndex(_)
            | Fault::Row(_)
            | Fault::Append(_)
            | Fault::Read(_)
            | Fault::Ended
            | Fault::Event(_) => Self::Internal,
        }
    }

    fn of(error: &ServerError) -> Option<Self> {
        match error.extensions.as_ref()?.get("code")? {
            Value::String(name) => Self::ALL.into_iter().find(|code| code.name() == name),
            Value::Null
            | Value::Number(_)
            | Value::Boolean(_)
            | Value::Binary(_)
            | Value::Enum(_)
            | Value::List(_)
            | Value::Object(_) => None,
        }
    }
}

/// A request refused as a whole: no field was executed, or no result of the execution is sent.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}: {}", code.name(), errors.first().map_or("", |error| error.message.as_str()))]
pub struct Refused {
    code: ErrorCode,
    errors: Vec<ServerError>,
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        let mut refused = Self::with_message(ErrorCode::of_fault(&fault), fault.to_string());
        for error in &mut refused.errors {
            error.extensions = Some(extensions_of(&fault));
        }
        refused
    }
}

/// After how many seconds what is unavailable is worth another try: what fails is tried every second.
const RETRY_AFTER_S: u64 = 2;

/// How many errors one refusal lists at most: a document can have a thousand errors, and the first ones are
/// enough to correct it.
const ERRORS_LISTED_MAX: usize = 10;

/// What in an executed answer refuses all of it: the time was over, or there was too much.
pub(crate) fn refusal_of_all(errors: &[ServerError]) -> Option<Refused> {
    errors.iter().find_map(|error| {
        let code = ErrorCode::of(error)?;
        let is_of_all = matches!(code, ErrorCode::Timeout | ErrorCode::AnswerTooLarge);
        is_of_all.then(|| Refused { code, errors: vec![ServerError { path: Vec::new(), ..error.clone() }] })
    })
}

impl Refused {
    /// The answer has more of something than it may have.
    pub(crate) fn too_large(of: &'static str, asked: u64, max: u64) -> Self {
        let fault = Fault::TooMuch { of, asked, max };
        let mut refused = Self::with_message(ErrorCode::AnswerTooLarge, fault.to_string());
        for error in &mut refused.errors {
            error.extensions = Some(extensions_of(&fault));
        }
        refused
    }

    /// A refusal with one message, which is sent to the caller.
    #[must_use]
    pub fn new(code: ErrorCode, message: &'static str) -> Self {
        Self::with_message(code, message)
    }

    /// A refusal with one message that quotes the caller's document or a limit.
    pub(crate) fn with_message(code: ErrorCode, message: impl Into<String>) -> Self {
        Self::with_errors(code, vec![ServerError::new(message, None)])
    }

    /// A refusal with the errors of the parser or the validator.
    pub(crate) fn with_errors(code: ErrorCode, mut errors: Vec<ServerError>) -> Self {
        errors.truncate(ERRORS_LISTED_MAX);
        for error in &mut errors {
            error.extensions = Some(code.extensions());
        }
        Self { code, errors }
    }

    /// Something was done too often.
    pub(crate) fn too_often(what: &'static str, wait: Duration) -> Self {
        Fault::TooOften { what, wait }.into()
    }

    /// After how many seconds the same request may succeed, if it was sent too soon.
    #[must_use]
    pub fn retry_after(&self) -> Option<u64> {
        let given = self.errors.first()?.extensions.as_ref()?.get("retryAfter")?;
        given.clone().into_json().ok()?.as_u64()
    }

    /// The code that all its errors carry.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        self.code
    }

    /// Its errors, with an error id if the code is `INTERNAL`.
    pub(crate) fn into_errors(mut self, trace: TraceId) -> Vec<ServerError> {
        sanitize(&mut self.errors, trace);
        self.errors
    }
}

/// Gives every error a code of the closed set, so that no internal text leaves the server: the message of
/// an error without a code is logged and replaced.
pub(crate) fn sanitize(errors: &mut [ServerError], trace: TraceId) {
    for error in errors {
        if let Some(problem) = error.source::<PageProblem>() {
            let mut extensions = ErrorCode::BadUserInput.extensions();
            extensions.set("problem", page_problem(*problem));
            error.extensions = Some(extensions);
            error.source = None;
            continue;
        }
        let fault = error.source::<Fault>();
        if let Some(fault @ (Fault::TooMuch { .. } | Fault::TooOften { .. } | Fault::Unavailable(_))) = fault {
            error.extensions = Some(extensions_of(fault));
            error.source = None;
            continue;
        }
        let given = ErrorCode::of(error);
        // What they say besides the code stays.
        if let Some(ErrorCode::AnswerTooLarge | ErrorCode::RateLimited | ErrorCode::Unavailable) = given {
            error.source = None;
            continue;
        }
        let code =
            given.or_else(|| error.source::<Fault>().map(ErrorCode::of_fault)).or_else(|| code_of_input_error(error));
        match code {
            Some(code) if code != ErrorCode::Internal => {
                error.extensions = Some(code.extensions());
            }
            Some(_) | None => {
                // The path is not logged: its response keys are chosen by the caller.
                tracing::error!(error_id = %trace, text = %error.message, "a field failed");
                let mut extensions = ErrorCode::Internal.extensions();
                extensions.set("errorId", trace.to_string());
                error.message = "internal error".to_owned();
                error.extensions = Some(extensions);
            }
        }
        error.source = None;
    }
}

/// The extensions of a fault, with how much was asked for and may be, if it says so.
fn extensions_of(fault: &Fault) -> ErrorExtensionValues {
    let mut extensions = ErrorCode::of_fault(fault).extensions();
    if let Fault::TooMuch { of, asked, max } = fault {
        extensions.set("limit", async_graphql::value!({ "of": (*of), "asked": (*asked), "max": (*max) }));
    }
    if let Fault::TooOften { wait, .. } = fault {
        extensions.set("retryAfter", seconds(*wait));
    }
    if let Fault::Unavailable(_) = fault {
        extensions.set("retryAfter", RETRY_AFTER_S);
    }
    extensions
}

/// The value of `extensions.problem` for wrong page arguments; the code is `BAD_USER_INPUT`.
const fn page_problem(problem: PageProblem) -> &'static str {
    match problem {
        PageProblem::BothEnds => "PAGE_BOTH_ENDS",
        PageProblem::RowsOutOfRange => "PAGE_ROWS_OUT_OF_RANGE",
        PageProblem::ForeignCursor => "PAGE_FOREIGN_CURSOR",
        PageProblem::ForwardOnly => "PAGE_FORWARD_ONLY",
        PageProblem::SearchTooLong => "PAGE_SEARCH_TOO_LONG",
    }
}

/// The code of the executor's error for an argument that does not parse. The executor reports it with one of
/// two messages and without a source. An error that a resolver returns with `?` always has a source, so the
/// two cannot be confused.
fn code_of_input_error(error: &ServerError) -> Option<ErrorCode> {
    let is_input_error =
        error.message.starts_with("Failed to parse \"") || error.message.starts_with("Expected input type \"");
    (is_input_error && error.source.is_none()).then_some(ErrorCode::BadUserInput)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_is_parsed_from_its_name() {
        for code in ErrorCode::ALL {
            let error = code.raise("x").into_server_error(Default::default());
            assert_eq!(ErrorCode::of(&error), Some(code));
        }
    }

    #[test]
    fn what_is_unavailable_says_when_to_try_again_for_one_field_and_for_all() {
        let of_all = Refused::from(Fault::Unavailable("the key store"));
        assert_eq!((of_all.code(), of_all.retry_after()), (ErrorCode::Unavailable, Some(RETRY_AFTER_S)));
        let sent = of_all.into_errors(TraceId::new([7; 16]));
        let given = sent[0].extensions.as_ref().and_then(|values| values.get("retryAfter")).cloned();
        assert_eq!(given, Some(Value::from(RETRY_AFTER_S)));
        let mut of_field =
            vec![async_graphql::Error::from(Fault::Unavailable("the key store")).into_server_error(Default::default())];
        sanitize(&mut of_field, TraceId::new([7; 16]));
        assert_eq!(ErrorCode::of(&of_field[0]), Some(ErrorCode::Unavailable));
        let given = of_field[0].extensions.as_ref().and_then(|values| values.get("retryAfter")).cloned();
        assert_eq!(given, Some(Value::from(RETRY_AFTER_S)));
    }

    #[test]
    fn the_message_of_an_error_without_a_code_is_replaced() {
        let mut errors = vec![
            ServerError::new("disk /var/x is full", None),
            async_graphql::Error::from("Failed to parse \"secret\"").into_server_error(Default::default()),
            ServerError::new("Failed to parse \"Day\": no such day", None),
        ];
        errors[1].source = Some(std::sync::Arc::new("a resolver's error"));
        sanitize(&mut errors, TraceId::new([7; 16]));
        assert_eq!(errors[0].message, "internal error");
        assert_eq!(errors[1].message, "internal error");
        assert_eq!(ErrorCode::of(&errors[2]), Some(ErrorCode::BadUserInput));
        let id = errors[0].extensions.as_ref().unwrap().get("errorId").cloned();
        assert_eq!(id, Some(Value::from("07".repeat(16))));
    }
}
