//! What a scope would open now: the threads, the sensitive ones marked, with the version of the list by which a command says
//! that it was seen.

use coordination::answer::Recorded;

use super::scope::{Scope, scope_input};
use crate::pages::frame::Place;
use crate::pages::queries::{WhatWouldOpen, what_would_open};
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

impl Opened {
    /// What a scope would open about the patient of the page. None if the reader may not check it.
    ///
    /// # Errors
    /// If the query was refused as a whole.
    pub async fn read(visit: &Visit<'_>, scope: &Scope) -> Result<Recorded<Option<Self>>, Failed> {
        let scope = scope_input!(what_would_open, scope);
        let answer = visit.ask::<WhatWouldOpen>(what_would_open::Variables { id: visit.id.clone(), scope }).await?;
        let (l, frame) = (visit.time().l, visit.arrival.frame(Place::Home));
        let is_own = !frame.is_staff() && frame.me.is_some_and(|me| me.records.contains(&visit.id));
        let name = |subject: Option<Wording>| match subject {
            Some(Wording::Text(text)) => text,
            Some(Wording::Erased) => l.erased().into_owned(),
            // The patient knows each by the same words as in their lists.
            Some(Wording::Withheld) | None if is_own => l.question_about_you().into_owned(),
            Some(Wording::Withheld) | None => l.restricted_subject().into_owned(),
        };
        Ok(answer.map(|answer| {
            let opened = answer.data.opened.as_ref()?;
            let thread = |found: &what_would_open::WhatWouldOpenOpenedThreads| {
                let subjects = found.sensitivities.iter().map(|subject| l.sensitivity(subject));
                let marks: Vec<String> = match found.is_sensitive {
                    true => std::iter::once(l.confidentiality(&found.confidentiality)).chain(subjects).collect(),
                    false => Vec::new(),
                };
                OpenedThread {
                    id: found.thread_id.clone(),
                    name: name(found.thread.as_ref().map(|thread| Wording::from(&thread.subject))),
                    opened: found.thread.as_ref().map(|thread| visit.time().moment(thread.created_at)),
                    topic: l.topic(&found.topic),
                    marks: (!marks.is_empty()).then(|| marks.join(", ")),
                    is_sensitive: found.is_sensitive,
                }
            };
            Some(Self { version: opened.version.clone(), threads: opened.threads.iter().map(thread).collect() })
        }))
    }

    /// The sensitive threads, about each of which somebody decides.
    pub fn sensitive(&self) -> impl Iterator<Item = &OpenedThread> {
        self.threads.iter().filter(|thread| thread.is_sensitive)
    }
}
