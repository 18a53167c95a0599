//! What a scope would open now: the threads, the sensitive ones marked, with the version of the list by which a command says
//! that it was seen; and the threads that a scope can list one by one.

use coordination::answer::Recorded;

use super::scope::{Scope, scope_input};
use crate::pages::forms::Choice;
use crate::pages::queries::{ThreadsToList, WhatWouldOpen, threads_to_list, what_would_open};
use crate::pages::rows::Wording;
use crate::pages::site::{Failed, Visit};
use crate::pages::texts::Texts;

/// What would open.
pub(crate) struct Opened {
    pub version: String,
    pub threads: Vec<OpenedThread>,
}

/// A thread that would open.
pub(crate) struct OpenedThread {
    pub id: String,
    /// The subject. None if the reader may not know more of it.
    pub subject: Option<Wording>,
    pub topic: String,
    /// How confidential it is and what sensitive subjects it has, in words; none if it is neither.
    pub marks: Option<String>,
    pub is_sensitive: bool,
}

impl OpenedThread {
    /// What it is called in a form.
    pub fn name(&self, l: &Texts) -> String {
        let subject = self.subject.as_ref().and_then(Wording::text);
        subject.map_or_else(|| l.restricted_subject().into_owned(), str::to_owned)
    }
}

/// A thread of a list, in the words of the page.
macro_rules! opened_thread {
    ($found:expr, $l:expr) => {{
        let subjects = $found.sensitivities.iter().map(|subject| $l.sensitivity(subject));
        let marks: Vec<String> = match $found.is_sensitive {
            true => std::iter::once($l.confidentiality(&$found.confidentiality)).chain(subjects).collect(),
            false => Vec::new(),
        };
        OpenedThread {
            id: $found.thread_id.clone(),
            subject: $found.thread.as_ref().map(|thread| Wording::from(&thread.subject)),
            topic: $l.topic(&$found.topic),
            marks: (!marks.is_empty()).then(|| marks.join(", ")),
            is_sensitive: $found.is_sensitive,
        }
    }};
}

/// The threads that a scope about the patient of the page can list one by one, as choices; those alone of which the reader
/// reads what they are about.
///
/// # Errors
/// If the query was refused as a whole.
pub(crate) async fn choices_to_list(visit: &Visit<'_>) -> Result<Recorded<Vec<Choice>>, Failed> {
    let answer = visit.ask::<ThreadsToList>(threads_to_list::Variables { id: visit.id.clone() }).await?;
    let l = visit.time().l;
    Ok(answer.map(|answer| {
        let found = answer.data.listed.iter().flatten().map(|found| opened_thread!(found, l));
        let choice = |thread: OpenedThread| {
            let subject = thread.subject.as_ref().and_then(Wording::text)?.to_owned();
            let hint = match thread.marks {
                Some(marks) => l.label_and_problem(thread.topic, l.opened_sensitive(marks)),
                None => thread.topic,
            };
            Some(Choice { hint: Some(hint), ..Choice::new(thread.id, subject) })
        };
        found.filter_map(choice).collect()
    }))
}

impl Opened {
    /// What a scope would open about the patient of the page. None if the reader may not check it.
    ///
    /// # Errors
    /// If the query was refused as a whole.
    pub async fn read(visit: &Visit<'_>, scope: &Scope) -> Result<Recorded<Option<Self>>, Failed> {
        let scope = scope_input!(what_would_open, scope);
        let answer = visit.ask::<WhatWouldOpen>(what_would_open::Variables { id: visit.id.clone(), scope }).await?;
        let l = visit.time().l;
        Ok(answer.map(|answer| {
            let opened = answer.data.opened.as_ref()?;
            let threads = opened.threads.iter().map(|found| opened_thread!(found, l)).collect();
            Some(Self { version: opened.version.clone(), threads })
        }))
    }

    /// How many of the threads that a scope lists would not open: their topic or a sensitive subject is not in it.
    pub fn closed_of(&self, scope: &Scope) -> usize {
        scope.threads.iter().filter(|id| !self.threads.iter().any(|thread| thread.id == **id)).count()
    }

    /// The sensitive threads, about each of which somebody decides.
    pub fn sensitive(&self) -> impl Iterator<Item = &OpenedThread> {
        self.threads.iter().filter(|thread| thread.is_sensitive)
    }
}
