//! Forms: their fields as a browser sends them, the controls that ask for them, and what binds a form to the person, the
//! thread and the patient that it was made for.
//!
//! To add a kind of control: 1. a variant of [`Kind`]; 2. its markup in `templates/controls.html`.

use std::collections::BTreeMap;

use care::text::Text;
use chrono::{NaiveDateTime, SecondsFormat};
use poem::Request;
use poem::error::ReadBodyError;

use super::outcome::Problem;
use super::session::Session;
use super::texts::Texts;
use super::time::PageTime;
use crate::graphql::problem::ProblemCode;
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

/// One control of a form, with its label and what is wrong with it. Its name is the path of the argument within the
/// input, joined by dots, so that a problem of the API finds it.
#[derive(Debug, Clone)]
pub(crate) struct Control {
    pub name: String,
    pub label: String,
    pub hint: Option<String>,
    pub error: Option<String>,
    /// Whether it has the focus when the page opens.
    pub has_focus: bool,
    pub kind: Kind,
}

/// How a control is asked for.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    /// A text of several lines, or of a few.
    Text { value: String, is_short: bool },
    /// A text of one line.
    Line { value: String },
    /// A whole number.
    Number { value: String, min: i64, max: i64 },
    /// One of several choices, all of which are shown.
    One { choices: Vec<Choice> },
    /// Any of several choices, all of which are shown.
    Many { choices: Vec<Choice> },
    /// A day with the month in words, and a time.
    /// `shown` is the instant at which the page asked first.
    Moment { day: String, months: Vec<Choice>, year: String, time: String, shown: String },
    /// Something to read before the controls that follow.
    Quote,
    /// A value that the page sends along.
    Hidden { value: String },
}

/// One of several choices.
#[derive(Debug, Clone)]
pub(crate) struct Choice {
    pub value: String,
    pub label: String,
    pub hint: Option<String>,
    pub chosen: bool,
    /// Whether it is folded away below the others, because it is seldom meant and there may be many.
    pub is_further: bool,
}

/// A line of the error summary: the words, and the control that they are about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ErrorLine {
    pub words: String,
    pub control: Option<String>,
}

impl Control {
    fn new(name: &str, label: impl Into<String>, kind: Kind) -> Self {
        Self { name: name.to_owned(), label: label.into(), hint: None, error: None, has_focus: false, kind }
    }

    /// A text of several lines.
    pub fn text(name: &str, label: impl Into<String>, fields: &Fields) -> Self {
        Self::new(name, label, Kind::Text { value: fields.get(name).to_owned(), is_short: false })
    }

    /// A text of a few lines.
    pub fn short_text(name: &str, label: impl Into<String>, fields: &Fields) -> Self {
        Self::new(name, label, Kind::Text { value: fields.get(name).to_owned(), is_short: true })
    }

    /// A text of one line.
    pub fn line(name: &str, label: impl Into<String>, fields: &Fields) -> Self {
        Self::new(name, label, Kind::Line { value: fields.get(name).to_owned() })
    }

    /// A whole number.
    pub fn number(name: &str, label: impl Into<String>, fields: &Fields, range: std::ops::RangeInclusive<i64>) -> Self {
        let kind = Kind::Number { value: fields.get(name).to_owned(), min: *range.start(), max: *range.end() };
        Self::new(name, label, kind)
    }

    /// One of several choices. The values are the words of the API.
    pub fn one(name: &str, legend: impl Into<String>, fields: &Fields, mut choices: Vec<Choice>) -> Self {
        for choice in &mut choices {
            choice.chosen = fields.given(name) == Some(choice.value.as_str());
        }
        Self::new(name, legend, Kind::One { choices })
    }

    /// Any of several choices.
    pub fn many(name: &str, legend: impl Into<String>, fields: &Fields, mut choices: Vec<Choice>) -> Self {
        for choice in &mut choices {
            choice.chosen = fields.all(name).any(|value| value == choice.value);
        }
        Self::new(name, legend, Kind::Many { choices })
    }

    /// A day and a time; the page time when nothing was sent.
    pub fn moment(name: &str, legend: impl Into<String>, fields: &Fields, time: &PageTime<'_>) -> Self {
        let now = time.local(time.now);
        Self::moment_at(name, legend, &fields.clone().at(name, now), time)
    }

    /// A day and a time; neither when nothing was sent.
    pub fn moment_at(name: &str, legend: impl Into<String>, fields: &Fields, time: &PageTime<'_>) -> Self {
        let now = time.local(time.now);
        let part = |part: &str| fields.given(&format!("{name}.{part}"));
        let or_now =
            |given: Option<&str>, format: &str| given.map_or_else(|| now.format(format).to_string(), str::to_owned);
        let month = or_now(part("month"), "%-m");
        let months = (1..=12).map(|number: u32| Choice {
            chosen: number.to_string() == month,
            ..Choice::new(number.to_string(), time.month(number))
        });
        let kind = Kind::Moment {
            day: part("day").unwrap_or_default().to_owned(),
            months: months.collect(),
            year: or_now(part("year"), "%Y"),
            time: part("time").unwrap_or_default().to_owned(),
            shown: fields
                .filled(&format!("{name}.shown"))
                .map_or_else(|| time.now.to_rfc3339_opts(SecondsFormat::Millis, true), str::to_owned),
        };
        Self { hint: Some(time.zone_words()), ..Self::new(name, legend, kind) }
    }

    /// Something to read before the controls that follow.
    pub fn quote(label: impl Into<String>, text: impl Into<String>) -> Self {
        Self { hint: Some(text.into()), ..Self::new("", label, Kind::Quote) }
    }

    /// A choice among nobody.
    pub fn nobody(name: &str, label: impl Into<String>, l: &Texts) -> Self {
        Self { name: name.to_owned(), ..Self::quote(label, l.nobody_to_choose()) }
    }

    /// Whether it would be a choice, and there is nobody to choose.
    pub fn is_nobody(&self) -> bool {
        matches!(self.kind, Kind::Quote) && !self.name.is_empty()
    }

    /// A value that the page sends along.
    pub fn hidden(name: &str, value: &str) -> Self {
        Self::new(name, "", Kind::Hidden { value: value.to_owned() })
    }

    /// The same with a hint.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// The id of its element.
    pub fn id(&self) -> String {
        self.name.replace('.', "-")
    }

    fn choices(&self) -> &[Choice] {
        match &self.kind {
            Kind::One { choices } | Kind::Many { choices } => choices,
            Kind::Text { .. }
            | Kind::Line { .. }
            | Kind::Number { .. }
            | Kind::Moment { .. }
            | Kind::Quote
            | Kind::Hidden { .. } => &[],
        }
    }

    /// How many of its choices are folded away.
    pub fn further(&self) -> usize {
        self.choices().iter().filter(|choice| choice.is_further).count()
    }

    /// Whether some of its choices are not folded away.
    pub fn has_near_choices(&self) -> bool {
        self.choices().iter().any(|choice| !choice.is_further)
    }

    /// Whether the choices that are folded away are shown at once: one of them is chosen, or there are no others.
    pub fn shows_further(&self) -> bool {
        !self.has_near_choices() || self.choices().iter().any(|choice| choice.is_further && choice.chosen)
    }

    /// Whether its choices are so short that they may stand beside each other.
    pub fn is_row(&self) -> bool {
        let short = |choice: &Choice| choice.hint.is_none() && choice.label.chars().count() <= 20;
        self.choices().iter().all(short)
    }

    /// The ids of the elements that describe it.
    pub fn described_by(&self) -> String {
        let id = self.id();
        let hint = self.hint.as_ref().map(|_| format!("{id}-hint"));
        let error = self.error.as_ref().map(|_| format!("{id}-error"));
        hint.into_iter().chain(error).collect::<Vec<_>>().join(" ")
    }

    /// The id of the element that the error summary links to.
    pub fn focus(&self) -> String {
        match &self.kind {
            Kind::One { choices } | Kind::Many { choices } => {
                // What is folded away takes no focus.
                let near = choices.iter().find(|choice| !choice.is_further);
                let first = near.or(choices.first()).map_or("", |choice| choice.value.as_str());
                format!("{}-{first}", self.id())
            }
            Kind::Moment { .. } => format!("{}-day", self.id()),
            Kind::Text { .. } | Kind::Line { .. } | Kind::Number { .. } | Kind::Quote | Kind::Hidden { .. } => {
                self.id()
            }
        }
    }
}

impl Control {
    /// The id of the element that a problem is about: the control, or the part of it that the problem names.
    fn focus_of(&self, problem: &Problem) -> String {
        let part =
            problem.field().and_then(|field| field.strip_prefix(&self.name)?.strip_prefix('.').map(str::to_owned));
        match (&self.kind, part) {
            (Kind::Moment { .. }, Some(part)) => format!("{}-{part}", self.id()),
            (_, _) => self.focus(),
        }
    }

    /// What a problem of it is, in words.
    fn problem(&self, problem: &Problem, l: &Texts) -> String {
        match (problem.note, &self.kind, problem.code) {
            (Some(note), _, _) => l.note(note),
            (None, Kind::Number { min, max, .. }, ProblemCode::OutOfRange | ProblemCode::Malformed) => {
                l.wrong_number(*max, *min)
            }
            // Only what is still to come is asked for with such a control, unless the page knows more.
            (None, Kind::Moment { .. }, ProblemCode::EndsBeforeItBegins) => l.wrong_past().into_owned(),
            (None, _, _) => l.problem(&problem.code),
        }
    }
}

impl Choice {
    /// A choice with this value of the API.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), hint: None, chosen: false, is_further: false }
    }
}

/// A text as the content of `textarea`: a browser leaves out a line break at its beginning, so one is added there.
pub(crate) fn after_first_break(text: &str) -> String {
    if text.starts_with('\n') { format!("\n{text}") } else { text.to_owned() }
}

/// The word of a vocabulary in the API.
pub(crate) fn word<W: serde::Serialize>(word: &W) -> String {
    serde_json::to_value(word).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The choices of a vocabulary, each with its word in the API.
pub(crate) fn choices<W: serde::Serialize>(words: &[W], say: impl Fn(&W) -> String) -> Vec<Choice> {
    words.iter().map(|each| Choice::new(word(each), say(each))).collect()
}

/// The word of a vocabulary that was chosen.
pub(crate) fn chosen<W: serde::de::DeserializeOwned>(fields: &Fields, name: &str) -> Option<W> {
    serde_json::from_value(serde_json::Value::String(fields.given(name)?.to_owned())).ok()
}

/// Puts each problem at its control, and gives the lines of the summary in the order of the controls. A problem of no
/// control comes first.
pub(crate) fn place(problems: &[Problem], controls: &mut [Control], l: &Texts) -> Vec<ErrorLine> {
    let mut lines = Vec::new();
    let about = |control: &Control, problem: &Problem| problem.is_about(&control.name);
    for problem in problems.iter().filter(|problem| !controls.iter().any(|control| about(control, problem))) {
        let words = problem.note.map_or_else(|| l.problem(&problem.code), |note| l.note(note));
        let line = ErrorLine { words, control: None };
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    for control in controls.iter_mut() {
        if let Some(problem) = problems.iter().find(|problem| about(control, problem)) {
            let words = control.problem(problem, l);
            let said = match control.label.ends_with('?') {
                true => l.question_and_problem(&words, &control.label),
                false => l.label_and_problem(&control.label, &words),
            };
            lines.push(ErrorLine { words: said, control: Some(control.focus_of(problem)) });
            control.error = Some(words);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphql::words::Audience;
    use crate::pages::outcome::Note;
    use crate::pages::texts::Languages;

    #[test]
    fn a_text_keeps_its_bytes_and_its_line_breaks_are_those_of_the_api() {
        let fields =
            Fields::parse("text=a%0D%0A%C2%B5+%E2%89%A5+b&key=k&empty=&text=second&patientBirthDate=1958".as_bytes());
        assert_eq!(fields.get("text"), "a\nµ ≥ b");
        assert_eq!((fields.given("empty"), fields.filled("empty"), fields.given("none")), (Some(""), None, None));
        assert_eq!(fields.typed(), ["a\nµ ≥ b", "second", "1958"], "what was typed is shown again, and the key is not");
    }

    #[test]
    fn a_problem_stands_at_its_control_and_in_the_summary() {
        let l = Languages::read().unwrap().named("en").unwrap();
        let fields = Fields::default();
        let mut controls = [
            Control::one("audience", "Who may read it", &fields, choices(&[Audience::Everyone], |_| "All".to_owned())),
            Control::text("recommendations.1.text", "Recommendation 2", &fields),
        ];
        let path = ["input", "recommendations", "1", "text"];
        let deep: Problem = serde_json::from_value(serde_json::json!({ "code": "EMPTY", "path": path })).unwrap();
        let whole: Problem =
            serde_json::from_value(serde_json::json!({ "code": "THREAD_CLOSED", "path": null })).unwrap();
        let first = Problem::of_field(ProblemCode::Malformed, "audience");
        let lines = place(&[deep, first, whole], &mut controls, l);
        let links: Vec<Option<&str>> = lines.iter().map(|line| line.control.as_deref()).collect();
        assert_eq!(links, [None, Some("audience-EVERYONE"), Some("recommendations-1-text")]);
        assert!(controls.iter().all(|control| control.error.is_some()), "{controls:?}");
        assert_eq!(controls[1].described_by(), "recommendations-1-text-error");
    }

    #[test]
    fn a_problem_says_the_range_of_a_number_and_leads_to_its_part_of_a_date() {
        let l = Languages::read().unwrap().named("en").unwrap();
        let time = PageTime { now: chrono::DateTime::UNIX_EPOCH, zone: crate::pages::time::vienna(), l };
        let fields = Fields::default();
        let mut controls = [
            Control::number("helpful", "How helpful was it?", &fields, 1..=5),
            Control::moment("toldAt", "When?", &fields, &time),
        ];
        let range = Problem::of_field(ProblemCode::OutOfRange, "helpful");
        let clock = Problem::of_field(ProblemCode::Malformed, "toldAt.time").noted(Note::TimeForm);
        let lines = place(&[range, clock], &mut controls, l);
        let said: Vec<(&str, &str)> =
            lines.iter().map(|line| (line.control.as_deref().unwrap(), line.words.as_str())).collect();
        assert_eq!(
            said,
            [
                ("helpful", "How helpful was it? Write a whole number from 1 to 5"),
                ("toldAt-time", "When? Write the time as hours and minutes, for example 09:30"),
            ]
        );
    }
}
