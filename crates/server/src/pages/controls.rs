//! The controls of forms: how each of them asks, how what a person gave in it is read, and where a problem of it stands.
//!
//! To add a kind of control: 1. a variant of [`Kind`]; 2. its markup in `templates/parts.html`.

use async_graphql::resolver_utils::EnumType;
use chrono::{DateTime, NaiveDate, NaiveTime, SecondsFormat, TimeDelta, Utc};

use super::forms::Fields;
use super::outcome::{Note, Problem};
use super::texts::Texts;
use super::time::PageTime;
use crate::graphql::problem::ProblemCode;

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
    fn is_nobody(&self) -> bool {
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

/// The choices among some words of a vocabulary, each with its word in the API.
pub(crate) fn choices<W: serde::Serialize>(words: &[W], say: impl Fn(&W) -> String) -> Vec<Choice> {
    words.iter().map(|each| Choice::new(word(each), say(each))).collect()
}

/// The words of a vocabulary, in the order of the schema.
pub(crate) fn vocabulary<W: EnumType>() -> impl Iterator<Item = W> {
    W::items().iter().map(|item| item.value)
}

/// The choices among all words of a vocabulary, in the order of the schema.
pub(crate) fn all_choices<W: EnumType + serde::Serialize>(say: impl Fn(&W) -> String) -> Vec<Choice> {
    choices(&vocabulary().collect::<Vec<W>>(), say)
}

/// The word of a vocabulary that was chosen.
pub(crate) fn chosen<W: serde::de::DeserializeOwned>(fields: &Fields, name: &str) -> Option<W> {
    serde_json::from_value(serde_json::Value::String(fields.given(name)?.to_owned())).ok()
}

/// The choice among nobody, without which a form can do nothing.
pub(crate) fn nobody(controls: &[Control]) -> Option<&Control> {
    controls.iter().find(|control| control.is_nobody())
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

/// The instant until which somebody is waited for. None if no day was given.
pub(crate) fn due(fields: &Fields, name: &str, time: &PageTime<'_>) -> Result<Option<DateTime<Utc>>, Vec<Problem>> {
    if ["day", "time"].iter().all(|part| fields.filled(&format!("{name}.{part}")).is_none()) {
        return Ok(None);
    }
    instant(fields, name, time).map(Some).map_err(|problem| vec![problem])
}

/// The instant that a person gave, in the zone of the page.
///
/// # Errors
/// What is wrong with it first, at the part that is wrong.
pub(crate) fn instant(fields: &Fields, name: &str, time: &PageTime<'_>) -> Result<DateTime<Utc>, Problem> {
    let named = |part: &str| format!("{name}.{part}");
    let wrong = |part: &str, code, note| Problem::of_field(code, &named(part)).noted(note);
    let malformed = |part: &str, note| wrong(part, ProblemCode::Malformed, note);
    let missing = |part: &str, note| wrong(part, ProblemCode::Empty, note);
    let number = |part: &str| fields.get(&named(part)).trim().parse::<u32>().ok();
    if fields.filled(&named("day")).is_none() {
        return Err(missing("day", Note::DayMissing));
    }
    let year = number("year").and_then(|year| i32::try_from(year).ok()).filter(|year| (1000..=9999).contains(year));
    let year = year.ok_or_else(|| malformed("year", Note::YearForm))?;
    let day = number("month").zip(number("day")).and_then(|(month, day)| NaiveDate::from_ymd_opt(year, month, day));
    let day = day.ok_or_else(|| malformed("day", Note::NoSuchDay))?;
    let clock = fields.filled(&named("time")).ok_or_else(|| missing("time", Note::TimeMissing))?;
    let clock = NaiveTime::parse_from_str(clock.trim(), "%H:%M").map_err(|_| malformed("time", Note::TimeForm))?;
    // In the hour that a zone repeats, the earlier instant is meant.
    time.zone.instant(day.and_time(clock)).ok_or_else(|| malformed("day", Note::NoSuchDay))
}

/// A whole number of a field.
pub(crate) fn number(fields: &Fields, name: &str, range: std::ops::RangeInclusive<i64>) -> Result<i64, Problem> {
    let wrong = |code| Problem::of_field(code, name);
    let text = fields.filled(name).ok_or_else(|| wrong(ProblemCode::Empty))?;
    let number = text.trim().parse::<i64>().map_err(|_| wrong(ProblemCode::Malformed))?;
    if range.contains(&number) { Ok(number) } else { Err(wrong(ProblemCode::OutOfRange)) }
}

/// When something happened, by the minute that a person gave: the end of this minute, but not after the page asked. So what
/// they did before within the same minute comes first. The same form always means the same instant.
pub(crate) fn happened(fields: &Fields, name: &str, time: &PageTime<'_>) -> Result<DateTime<Utc>, Problem> {
    let minute = instant(fields, name, time)?;
    let asked: Option<DateTime<Utc>> = fields.get(&format!("{name}.shown")).parse().ok();
    let end = minute + TimeDelta::milliseconds(59_999);
    Ok(asked.map_or(minute, |asked| end.min(asked).max(minute)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphql::words::Audience;
    use crate::pages::texts::Languages;

    fn fields(text: &str) -> Fields {
        Fields::parse(text.as_bytes())
    }

    #[test]
    fn an_instant_is_read_in_the_zone_of_the_page() {
        let l = Languages::read().unwrap().named("en").unwrap();
        let time = PageTime { now: chrono::DateTime::UNIX_EPOCH, zone: crate::pages::time::vienna(), l };
        let read = |text: &str| instant(&fields(text), "at", &time).map(|at| at.to_rfc3339());
        let wrong =
            |text: &str| read(text).map_err(|problem| (problem.field().unwrap(), problem.note.unwrap())).unwrap_err();
        let at = |day: &str, time: &str| format!("at.day={day}&at.month=12&at.year=2026&at.time={time}");
        assert_eq!(read(&at("3", "14:05")).unwrap(), "2026-12-03T13:05:00+00:00");
        for (day, clock, part, note) in [
            ("32", "14:05", "day", Note::NoSuchDay),
            ("x", "14:05", "day", Note::NoSuchDay),
            ("", "14:05", "day", Note::DayMissing),
            ("3", "", "time", Note::TimeMissing),
            ("3", "8", "time", Note::TimeForm),
            ("3", "25:00", "time", Note::TimeForm),
        ] {
            assert_eq!(wrong(&at(day, clock)), (format!("at.{part}"), note), "{day} {clock}");
        }
        assert_eq!(wrong("at.day=3&at.month=12&at.year=26&at.time=08:00"), ("at.year".to_owned(), Note::YearForm));
        // The clocks of the zone go back on 25 October 2026.
        let twice = "at.day=25&at.month=10&at.year=2026&at.time=02:30";
        assert_eq!(read(twice).unwrap(), "2026-10-25T00:30:00+00:00");
    }

    #[test]
    fn what_happened_in_a_minute_follows_what_was_done_before_in_it() {
        let l = Languages::read().unwrap().named("en").unwrap();
        let time = PageTime { now: DateTime::UNIX_EPOCH, zone: crate::pages::time::vienna(), l };
        let form = |clock: &str| {
            let day = "at.day=3&at.month=12&at.year=2026";
            fields(&format!("{day}&at.time={clock}&at.shown=2026-12-03T13:05:20.500Z"))
        };
        let read = |clock: &str| happened(&form(clock), "at", &time).map(|at| at.to_rfc3339());
        assert_eq!(read("14:05").unwrap(), "2026-12-03T13:05:20.500+00:00", "the minute in which the page asked");
        assert_eq!(read("14:03").unwrap(), "2026-12-03T13:03:59.999+00:00", "an earlier minute");
        assert_eq!(read("14:06").unwrap(), "2026-12-03T13:06:00+00:00", "a later minute");
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
