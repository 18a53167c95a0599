//! What a scope would open now: the threads, the sensitive ones marked, with the version of the list by which a command says
//! that it was seen; and the threads that a scope can list one by one.

use coordination::answer::Recorded;

use super::scope::{Scope, scope_input};
use crate::pages::controls::Choice;
use crate::pages::frame::Place;
use crate::pages::queries::{ThreadsToList, WhatWouldOpen, threads_to_list, what_would_open};
use crate::pages::rows::Wording;
use crate::pages::site::{Failed, Visit};
use crate::pages::time::Moment;

/// What would open.
pub(crate) struct Opened {
    pub version: String,
    pub threads: Vec<OpenedThread>,
}

/// A thread that would open.
pub(crate) struct OpenedThread {
    pub id: String,
    /// What it is called: its subject, or what the reader may know of it.
    pub name: String,
    /// When it was opened. None if the reader may not know more of it.
    pub opened: Option<Moment>,
    pub topic: String,
    /// How confidential it is and what sensitive subjects it has, in words; none if it is neither.
    pub marks: Option<String>,
    pub is_sensitive: bool,
}

/// A thread of a list, in the words of the page.
macro_rules! opened_thread {
    ($found:expr, $name:expr, $time:expr) => {{
        let (found, time) = ($found, $time);
        let subjects = found.sensitivities.iter().map(|subject| time.l.sensitivity(subject));
        let marks: Vec<String> = match found.is_sensitive {
            true => std::iter::once(time.l.confidentiality(&found.confidentiality)).chain(subjects).collect(),
            false => Vec::new(),
        };
        OpenedThread {
            id: found.thread_id.clone(),
            name: $name,
            opened: found.thread.as_ref().map(|thread| time.moment(thread.created_at)),
            topic: time.l.topic(&found.topic),
            marks: (!marks.is_empty()).then(|| marks.join(", ")),
            is_sensitive: found.is_sensitive,
        }
    }};
}

/// The threads that a scope about the patient of the page can list one by one, as choices: for staff those alone of which
/// they read the subject, for the patient all, each by the same words as in their lists.
///
/// # Errors
/// If the query was refused as a whole.
pub(crate) async fn choices_to_list(visit: &Visit<'_>) -> Result<Recorded<Vec<Choice>>, Failed> {
    let answer = visit.ask::<ThreadsToList>(threads_to_list::Variables { id: visit.id.clone() }).await?;
    let (time, frame) = (visit.time(), visit.arrival.frame(Place::Home));
    Ok(answer.map(|answer| {
        let choice = |found: &threads_to_list::ThreadsToListListed| {
            let subject = Wording::from(&found.thread.as_ref()?.subject);
            let is_named = match subject {
                Wording::Text(_) => true,
                Wording::Withheld => frame.is_read_by_patient(&visit.id),
                Wording::Erased => false,
            };
            if !is_named {
                return None;
            }
            let name = frame.subject_of_record(&subject, &visit.id).into_owned();
            let thread = opened_thread!(found, name, &time);
            let opened = thread.opened.map(|opened| time.l.access_opened(opened.words));
            let about: Vec<String> = std::iter::once(thread.topic).chain(opened).collect();
            let hint = match thread.marks {
                Some(marks) => time.l.label_and_problem(about.join(", "), time.l.opened_sensitive(marks)),
                None => about.join(", "),
            };
            Some(Choice { hint: Some(hint), ..Choice::new(thread.id, thread.name) })
        };
        answer.data.listed.iter().flatten().filter_map(choice).collect()
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
        let (time, frame) = (visit.time(), visit.arrival.frame(Place::Home));
        Ok(answer.map(|answer| {
            let opened = answer.data.opened.as_ref()?;
            let thread = |found: &what_would_open::WhatWouldOpenOpenedThreads| {
                let subject = found.thread.as_ref().map(|thread| Wording::from(&thread.subject));
                let name = frame.subject_of_record(&subject.unwrap_or(Wording::Withheld), &visit.id).into_owned();
                opened_thread!(found, name, &time)
            };
            Some(Self { version: opened.version.clone(), threads: opened.threads.iter().map(thread).collect() })
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
