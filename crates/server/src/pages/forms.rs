//! Forms: their fields as a browser sends them, and what binds a form to the person, the thread and the patient that it was
//! made for.

use std::collections::BTreeMap;

use care::text::Text;
use chrono::NaiveDateTime;
use poem::Request;
use poem::error::ReadBodyError;

use super::session::Session;
use crate::transport::BODY_TIME_MAX;

/// The fields of a form in the order in which they were sent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fields(Vec<(String, String)>);

/// The ends of the names of the fields in which people write.
const TYPED: [&str; 21] = [
    "body",
    "text",
    "reason",
    "patientWord",
    "note",
    "outcome",
    "comeBackWhen",
    "subject",
    "question",
    "Name",
    "specialty",
    "phone",
    "holidays",
    "birthDate",
    "BirthDate",
    "query",
    "variables",
    "contact",
    "evidence",
    "employment",
    "document",
];

/// Why the fields of a form could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FieldsProblem {
    TooLong,
    Unreadable,
}

/// The longest body of a form: the longest text, of which a browser writes each byte as three, and the rest of the form.
const BODY_BYTES_MAX: usize = 3 * Text::BODY_BYTES_MAX + 128 * 1024;

impl Fields {
    /// The fields of a query string or of a form's body.
    pub fn parse(text: &[u8]) -> Self {
        // A browser sends each line break of a text as CRLF; the text itself has LF, as the API has it.
        let pairs = form_urlencoded::parse(text);
        Self(pairs.map(|(name, value)| (name.into_owned(), value.replace("\r\n", "\n"))).collect())
    }

    /// Fields with these names and values.
    pub fn of(fields: impl Iterator<Item = (String, String)>) -> Self {
        Self(fields.collect())
    }

    /// The fields of the form in a request.
    ///
    /// # Errors
    /// If it is too long, or did not arrive.
    pub async fn read(request: &mut Request) -> Result<Self, FieldsProblem> {
        let body = request.take_body().into_bytes_limit(BODY_BYTES_MAX);
        match tokio::time::timeout(BODY_TIME_MAX, body).await {
            Ok(Ok(bytes)) => Ok(Self::parse(&bytes)),
            Ok(Err(ReadBodyError::PayloadTooLarge)) => Err(FieldsProblem::TooLong),
            Ok(Err(_)) | Err(_) => Err(FieldsProblem::Unreadable),
        }
    }

    /// The fields in their order.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The value of a field; empty if it was not sent.
    pub fn get(&self, name: &str) -> &str {
        self.given(name).unwrap_or_default()
    }

    /// The value of a field, if it was sent.
    pub fn given(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// All values of a field of which several can be chosen: as a browser sends them, or as a draft keeps them.
    pub fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        let is_kept = move |found: &str| {
            let number = found.strip_prefix(name).and_then(|rest| rest.strip_prefix('.'));
            number.is_some_and(|number| number.parse::<usize>().is_ok())
        };
        let found = self.0.iter().filter(move |(found, _)| found == name || is_kept(found));
        found.map(|(_, value)| value.as_str())
    }

    /// The value of a field that is not empty.
    pub fn filled(&self, name: &str) -> Option<&str> {
        self.given(name).filter(|value| !value.trim().is_empty())
    }

    /// The same with a field that has no value yet.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        if self.given(name).is_none() {
            self.0.push((name.to_owned(), value.into()));
        }
        self
    }

    /// The same with a day and a time, if nothing was sent of them.
    #[must_use]
    pub fn at(mut self, name: &str, moment: NaiveDateTime) -> Self {
        for (part, format) in [("day", "%-d"), ("month", "%-m"), ("year", "%Y"), ("time", "%H:%M")] {
            self = self.with(&format!("{name}.{part}"), moment.format(format).to_string());
        }
        self
    }

    /// The fields that a draft keeps: what was typed and chosen. A draft has each name once, so the further values of a
    /// field get a number.
    pub fn kept(&self) -> Vec<(String, &str)> {
        // Buttons, and what the page itself knows.
        let is_own = |name: &str| {
            Hidden::NAMES.contains(&name)
                || ["more", "discard", "leaving", "messageId"].contains(&name)
                || name.ends_with("recommendationId")
        };
        let mut counts = BTreeMap::<&str, usize>::new();
        let mut kept = Vec::new();
        for (name, value) in self.pairs().filter(|(name, value)| !is_own(name) && !value.trim().is_empty()) {
            let before = counts.entry(name).or_default();
            kept.push((if *before == 0 { name.to_owned() } else { format!("{name}.{before}") }, value));
            *before += 1;
        }
        kept
    }

    /// The texts that a person typed.
    pub fn typed(&self) -> Vec<&str> {
        let own = |name: &str| Hidden::NAMES.contains(&name);
        let spoken = |name: &str| TYPED.iter().any(|end| name.ends_with(end)) || name.starts_with("week.");
        let typed = self.0.iter().filter(|(name, value)| !own(name) && spoken(name) && !value.trim().is_empty());
        typed.map(|(_, value)| value.as_str()).collect()
    }
}

/// The hidden fields of a form.
#[derive(Debug, Clone)]
pub(crate) struct Hidden {
    /// The key of the command, chosen when the form was made: a form that is sent twice has one effect.
    pub key: String,
    /// The version of the thread that the person saw.
    pub version: String,
    pub person: String,
    /// The person's name, so that a form of somebody else can say whose it is.
    pub name: String,
    pub thread: String,
    pub patient: String,
    /// The proof that these belong together and to this session.
    pub bound: String,
}

/// How a form names its draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reference {
    /// By the key that was chosen when the form was made.
    Key(String),
    /// By the id of the draft that the form was opened with.
    Id(String),
}

impl Reference {
    /// The draft that a form names; none if its form keeps none.
    pub fn of(fields: &Fields) -> Option<Self> {
        let (kind, value) = fields.filled("draft")?.split_once(':')?;
        match kind {
            "key" => Some(Self::Key(value.to_owned())),
            "id" => Some(Self::Id(value.to_owned())),
            _ => None,
        }
    }

    /// The value of the field that names it.
    pub fn word(&self) -> String {
        match self {
            Self::Key(key) => format!("key:{key}"),
            Self::Id(id) => format!("id:{id}"),
        }
    }
}

/// What a form is about. Its parts are bound together.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FormSubject<'a> {
    /// The word of the form, such as `reply`.
    pub form: &'a str,
    pub thread: &'a str,
    /// Empty for a thread about no patient.
    pub patient: &'a str,
}

/// Why a form is not accepted, whatever its fields say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unbound {
    /// It was made for somebody else, whose name it has.
    OtherPerson(String),
    /// It was not made for this page.
    OtherPage,
}

/// The field for the person whom the clinical team answers.
pub(crate) const ANSWERED: &str = "answered";

impl Hidden {
    const NAMES: [&'static str; 11] = [
        "key",
        "version",
        "person",
        "name",
        "thread",
        "patient",
        "bound",
        "audience",
        ANSWERED,
        "draft",
        "draftVersion",
    ];

    /// The hidden fields of a new form.
    pub fn new(session: &Session, subject: FormSubject<'_>, version: &str, key: String) -> Self {
        let FormSubject { form, thread, patient } = subject;
        let me = &session.me;
        Self {
            key,
            version: version.to_owned(),
            person: me.id.clone(),
            name: me.name.clone(),
            thread: thread.to_owned(),
            patient: patient.to_owned(),
            bound: session.bind(&[form, &me.id, thread, patient]),
        }
    }

    /// Checks that a form was made for this person, this page, and the patient that it names.
    ///
    /// # Errors
    /// If it was not.
    pub fn check(session: &Session, form: &str, thread: &str, fields: &Fields) -> Result<(), Unbound> {
        Self::check_about(session, FormSubject { form, thread, patient: fields.get("patient") }, fields)
    }

    /// The same for a form whose patient is known from its address.
    ///
    /// # Errors
    /// If it was not made for them.
    pub fn check_about(session: &Session, subject: FormSubject<'_>, fields: &Fields) -> Result<(), Unbound> {
        let FormSubject { form, thread, patient } = subject;
        if fields.get("person") != session.me.id {
            return Err(Unbound::OtherPerson(fields.get("name").to_owned()));
        }
        let is_bound = session.is_bound(&[form, &session.me.id, thread, patient], fields.get("bound"));
        let is_about = fields.get("thread") == thread && fields.get("patient") == patient;
        if is_bound && is_about { Ok(()) } else { Err(Unbound::OtherPage) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_keeps_its_bytes_and_its_line_breaks_are_those_of_the_api() {
        let fields =
            Fields::parse("text=a%0D%0A%C2%B5+%E2%89%A5+b&key=k&empty=&text=second&patientBirthDate=1958".as_bytes());
        assert_eq!(fields.get("text"), "a\nµ ≥ b");
        assert_eq!((fields.given("empty"), fields.filled("empty"), fields.given("none")), (Some(""), None, None));
        assert_eq!(fields.typed(), ["a\nµ ≥ b", "second", "1958"], "what was typed is shown again, and the key is not");
    }
}
