//! A thread as its pages and its steps see it.

use super::client::Answer;
use super::forms::FormSubject;
use super::queries::thread;
use super::rows::{Awaited, Subject, Wording};
use crate::graphql::words::ThreadStatus;

/// A thread as its pages show it.
pub(crate) struct View {
    pub thread: thread::ThreadThread,
    pub subject: Wording,
    pub patient: Option<Subject>,
    pub awaited: Option<Awaited>,
    /// Whether it could be read whole, and as far as this browser has seen.
    pub is_whole: bool,
}

impl View {
    /// The view of an answer. None if there is no such thread, or this person may not know of it.
    pub fn of(answer: Answer<thread::ResponseData>) -> Option<Self> {
        let thread = answer.data.thread?;
        Some(Self {
            subject: (&thread.subject).into(),
            patient: thread.patient.as_ref().map(Into::into),
            awaited: thread.waiting_on.as_ref().map(Into::into),
            thread,
            is_whole: answer.is_whole,
        })
    }

    /// The consultation, if it is one.
    pub fn consultation(&self) -> Option<&thread::ThreadThreadOnConsultation> {
        match &self.thread.on {
            thread::ThreadThreadOn::Consultation(own) => Some(own),
            thread::ThreadThreadOn::TeamThread(_) => None,
        }
    }

    /// The team thread, if it is one.
    pub fn team_thread(&self) -> Option<&thread::ThreadThreadOnTeamThread> {
        match &self.thread.on {
            thread::ThreadThreadOn::TeamThread(own) => Some(own),
            thread::ThreadThreadOn::Consultation(_) => None,
        }
    }

    /// Whether forms may be shown: whom the thread is about is certain, or it is about nobody.
    pub fn is_identified(&self) -> bool {
        match &self.patient {
            Some(patient) => patient.identity().is_some(),
            None => self.consultation().is_none(),
        }
    }

    /// The name of the patient.
    pub fn patient_name(&self) -> Option<&str> {
        self.patient.as_ref().and_then(|patient| patient.name.text())
    }

    /// What a form of this thread is bound to.
    pub fn form<'v>(&'v self, form: &'v str) -> FormSubject<'v> {
        let patient = self.patient.as_ref().map_or("", |patient| patient.id.as_str());
        FormSubject { form, thread: &self.thread.id, patient }
    }

    /// Whether something is still expected of somebody.
    pub fn is_open(&self) -> bool {
        self.thread.status == ThreadStatus::Open
    }
}
