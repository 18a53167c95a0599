//! The closed set of codes a top-level error may carry, and the last look at a
//! response before it leaves.
//!
//! Problems a person can mend are data in a payload; what is here are faults of
//! the request or of the server. A resolver passes on a fault of the application and a page
//! that cannot be with `?`, or raises a code with [`ErrorCode::raise`].
//! Whatever else goes wrong becomes `INTERNAL`: the caller gets an error id, the
//! text goes to the log, and the request's own words go nowhere.
//!
//! To add a code: 1. add the variant, its name and its status below; 2. add it to
//! `ErrorCode::ALL`; 3. tell the authors of clients, for whom the set is closed.

use async_graphql::{ErrorExtensionValues, ServerError, Value};
use coordination::fault::Fault;
use coordination::reader::PageProblem;
use poem::http::StatusCode;

use crate::trace::TraceId;

/// Why a request, or a field of it, has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorCode {
    /// The document is not GraphQL, or is nested beyond what is parsed.
    GraphqlParseFailed,
    /// The document does not fit the schema.
    GraphqlValidationFailed,
    /// The request is malformed, or a variable does not fit its type.
    BadUserInput,
    /// No credential, or one that is not accepted.
    Unauthenticated,
    /// The credential is good and may not come in by this way.
    Forbidden,
    /// The document exceeds a cost limit.
    QueryTooComplex,
    /// Too much was asked in too short a time.
    RateLimited,
    /// The answer was not ready in time; nothing of it is sent.
    Timeout,
    /// A part of the server is not there now; the same request may succeed later.
    Unavailable,
    /// A fault of ours.
    Internal,
}

impl ErrorCode {
    /// Every code there is.
    pub const ALL: [Self; 10] = [
        Self::GraphqlParseFailed,
        Self::GraphqlValidationFailed,
        Self::BadUserInput,
        Self::Unauthenticated,
        Self::Forbidden,
        Self::QueryTooComplex,
        Self::RateLimited,
        Self::Timeout,
        Self::Unavailable,
        Self::Internal,
    ];

    /// The name clients see in `errors[].extensions.code`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::GraphqlParseFailed => "GRAPHQL_PARSE_FAILED",
            Self::GraphqlValidationFailed => "GRAPHQL_VALIDATION_FAILED",
            Self::BadUserInput => "BAD_USER_INPUT",
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::QueryTooComplex => "QUERY_TOO_COMPLEX",
            Self::RateLimited => "RATE_LIMITED",
            Self::Timeout => "TIMEOUT",
            Self::Unavailable => "UNAVAILABLE",
            Self::Internal => "INTERNAL",
        }
    }

    /// The HTTP status of a request that failed as a whole with this code.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::GraphqlParseFailed | Self::GraphqlValidationFailed | Self::BadUserInput | Self::QueryTooComplex => {
                StatusCode::BAD_REQUEST
            }
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            Self::Timeout => StatusCode::GATEWAY_TIMEOUT,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Whether the fault lies in what the document or its variables say. Such a
    /// request was well formed as HTTP, so a client that asked for
    /// `application/json` gets it with status 200.
    #[must_use]
    pub(crate) const fn is_about_the_document(self) -> bool {
        match self {
            Self::GraphqlParseFailed | Self::GraphqlValidationFailed | Self::BadUserInput | Self::QueryTooComplex => {
                true
            }
            Self::Unauthenticated
            | Self::Forbidden
            | Self::RateLimited
            | Self::Timeout
            | Self::Unavailable
            | Self::Internal => false,
        }
    }

    /// The error a resolver returns. `message` is shown to the caller, so it
    /// names the kind of fault and nothing of a person.
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

    /// What a fault of the application is to the caller.
    const fn of_fault(fault: &Fault) -> Self {
        match fault {
            Fault::Unavailable(_) => Self::Unavailable,
            Fault::Unreadable(_)
            | Fault::Sealing(_)
            | Fault::ReadModels(_)
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

/// A request refused as a whole: no field of it ran, or nothing of what ran is sent.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}: {}", code.name(), errors.first().map_or("", |error| error.message.as_str()))]
pub struct Refused {
    code: ErrorCode,
    errors: Vec<ServerError>,
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Self::worded(ErrorCode::of_fault(&fault), fault.to_string())
    }
}

/// How many errors one refusal lists: a document can be wrong in a thousand
/// places, and its author mends it from the first ones.
const ERRORS_LISTED_MAX: usize = 10;

impl Refused {
    /// A refusal with one message, shown to the caller.
    #[must_use]
    pub fn new(code: ErrorCode, message: &'static str) -> Self {
        Self::worded(code, message)
    }

    /// A refusal that quotes the caller's own document or a bound of it.
    pub(crate) fn worded(code: ErrorCode, message: impl Into<String>) -> Self {
        Self::because(code, vec![ServerError::new(message, None)])
    }

    /// A refusal that lists what the parser or the validator found.
    pub(crate) fn because(code: ErrorCode, mut errors: Vec<ServerError>) -> Self {
        errors.truncate(ERRORS_LISTED_MAX);
        for error in &mut errors {
            error.extensions = Some(code.extensions());
        }
        Self { code, errors }
    }

    /// The code that all its errors carry.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        self.code
    }

    /// Its errors, with an error id added where the fault is ours.
    pub(crate) fn into_errors(mut self, trace: TraceId) -> Vec<ServerError> {
        settle(&mut self.errors, trace);
        self.errors
    }
}

/// Brings every error into the closed set, so that what a resolver let slip
/// cannot leave: a text without a code of ours is logged and replaced.
pub(crate) fn settle(errors: &mut [ServerError], trace: TraceId) {
    for error in errors {
        if let Some(problem) = error.source::<PageProblem>() {
            let mut extensions = ErrorCode::BadUserInput.extensions();
            extensions.set("problem", page_problem(*problem));
            error.extensions = Some(extensions);
            error.source = None;
            continue;
        }
        let code = ErrorCode::of(error)
            .or_else(|| error.source::<Fault>().map(ErrorCode::of_fault))
            .or_else(|| complaint_about_input(error));
        match code {
            Some(code) if code != ErrorCode::Internal => {
                error.extensions = Some(code.extensions());
            }
            Some(_) | None => {
                // The path is left out: its response keys are the caller's words.
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

/// The code of a page that cannot be, in `extensions.problem` beside `BAD_USER_INPUT`.
const fn page_problem(problem: PageProblem) -> &'static str {
    match problem {
        PageProblem::BothEnds => "PAGE_BOTH_ENDS",
        PageProblem::RowsOutOfRange => "PAGE_ROWS_OUT_OF_RANGE",
        PageProblem::ForeignCursor => "PAGE_FOREIGN_CURSOR",
        PageProblem::ForwardOnly => "PAGE_FORWARD_ONLY",
    }
}

/// The executor parses arguments as it reaches them and reports a scalar that
/// does not parse as an error without a source, in one of two wordings.
/// A resolver's `?` always leaves a source, so the two cannot be confused.
fn complaint_about_input(error: &ServerError) -> Option<ErrorCode> {
    let worded = error.message.starts_with("Failed to parse \"") || error.message.starts_with("Expected input type \"");
    (worded && error.source.is_none()).then_some(ErrorCode::BadUserInput)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_found_by_its_name() {
        for code in ErrorCode::ALL {
            let error = code.raise("x").into_server_error(Default::default());
            assert_eq!(ErrorCode::of(&error), Some(code));
        }
    }

    #[test]
    fn a_text_without_a_code_does_not_leave() {
        let mut errors = vec![
            ServerError::new("disk /var/x is full", None),
            async_graphql::Error::from("Failed to parse \"secret\"").into_server_error(Default::default()),
            ServerError::new("Failed to parse \"Day\": no such day", None),
        ];
        errors[1].source = Some(std::sync::Arc::new("a resolver's error"));
        settle(&mut errors, TraceId::new([7; 16]));
        assert_eq!(errors[0].message, "internal error");
        assert_eq!(errors[1].message, "internal error");
        assert_eq!(ErrorCode::of(&errors[2]), Some(ErrorCode::BadUserInput));
        let id = errors[0].extensions.as_ref().unwrap().get("errorId").cloned();
        assert_eq!(id, Some(Value::from("07".repeat(16))));
    }
}
