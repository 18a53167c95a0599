//! A thread as its pages and its steps see it.
//!
//! To add a kind of thread: 1. its part of `examples/queries/thread.graphql`, and its state in `words.rs`; 2. follow the
//! compiler through this file, `rows.rs` and `audience.rs`, which say how it is called and what lists show of it; 3. its
//! steps (`steps.rs`), and in `rows.rs` the words for what it waits for; 4. the page that opens it, after `new_thread.rs`,
//! with its link in `home.html` or `patient.html` and its draft in `drafts.rs`.

use chrono::{DateTime, Utc};

use super::addressees::Addressees;
use super::client::Answer;
use super::colleagues::Colleagues;
use super::forms::FormSubject;
use super::queries::thread;
use super::rows::{Awaited, Subject, Who, Wording, is_identified};
use super::texts::Texts;
use super::time::{Moment, PageTime};
use crate::graphql::delegation_words::Relationship;
use crate::graphql::words::{Audience, Role, ThreadStatus};

/// Who may read a message.
pub(crate) struct Reach {
    /// How many besides the reader of the page.
    pub others: i64,
    pub includes_patient: bool,
    /// Whether persons whom the patient chose may read it too, as a delegate is told.
    may_include_others: bool,
    /// The first of them by name, without the reader of the page.
    names: Vec<String>,
}

impl Reach {
    fn of(reach: &thread::Reach) -> Self {
        let listed = reach.persons.iter().flat_map(|list| &list.nodes).filter(|reader| !reader.is_viewer);
        let names = listed.filter_map(|reader| reader.person.as_ref()?.name.text.clone());
        Self {
            others: reach.others,
            includes_patient: reach.includes_patient,
            may_include_others: reach.may_include_others,
            names: names.collect(),
        }
    }

    /// Who they are: names, and how many more.
    pub fn who(&self, l: &Texts) -> String {
        const NAMES: usize = 6;
        let named: Vec<&str> = self.names.iter().map(String::as_str).take(NAMES).collect();
        let more = self.others - i64::try_from(named.len()).unwrap_or(self.others);
        let who = match (named.is_empty(), more) {
            (true, _) => l.readers_unnamed(self.others),
            (false, ..=0) => l.readers_named(named.join(", ")),
            (false, more) => l.readers_named_and_more(more, named.join(", ")),
        };
        if self.may_include_others { l.readers_and_chosen(who) } else { who }
    }
}

/// The one person of a message between the clinical team and one person, written by the reader of the page.
pub(crate) struct OnePerson<'v> {
    pub id: &'v str,
    /// Whether it is the reader of the page, who writes to the team; otherwise the team answers.
    pub is_reader: bool,
}

/// A thread as its pages show it.
pub(crate) struct View {
    pub thread: thread::ThreadThread,
    pub subject: Wording,
    pub patient: Option<Subject>,
    pub awaited: Option<Awaited>,
    /// The person who reads the page.
    pub reader: String,
    /// Who could be added. Empty but for the steps that add somebody.
    pub colleagues: Colleagues,
    /// Who can be named as a reader of a message. Empty but for the step that does.
    pub addressees: Addressees,
    /// What was told from outside and stands in it, as far as this person may read it.
    pub notes: Vec<NoteFromOutside>,
    /// Whether it could be read whole, and as far as this browser has seen.
    pub is_whole: bool,
}

/// What somebody without access told the team.
pub(crate) struct NoteFromOutside {
    pub sender: Option<Who>,
    pub relationship: Relationship,
    pub attached_by: Option<Who>,
    pub text: Wording,
    sent: DateTime<Utc>,
    attached: DateTime<Utc>,
}

impl NoteFromOutside {
    /// When it was sent.
    pub fn sent(&self, time: &PageTime<'_>) -> Moment {
        time.full(self.sent)
    }

    /// When it was attached.
    pub fn attached(&self, time: &PageTime<'_>) -> Moment {
        time.full(self.attached)
    }
}

impl View {
    /// The view of an answer. None if there is no such thread, or this person may not know of it.
    pub fn of(answer: Answer<thread::ResponseData>, reader: &str) -> Option<Self> {
        let notes = answer.data.notes.iter().flatten().map(|note| NoteFromOutside {
            sender: note.sender.as_ref().map(Who::from),
            relationship: note.relationship,
            sent: note.sent_at,
            attached_by: note.attached_by.as_ref().map(Who::from),
            attached: note.attached_at,
            text: Wording::from(&note.text),
        });
        let notes = notes.collect();
        let thread = answer.data.thread?;
        Some(Self {
            subject: (&thread.subject).into(),
            patient: thread.patient.as_ref().map(Into::into),
            awaited: thread.waiting_on.as_ref().map(Into::into),
            thread,
            reader: reader.to_owned(),
            colleagues: Colleagues::default(),
            addressees: Addressees::default(),
            notes,
            is_whole: answer.is_whole,
        })
    }

    /// Whether those who help the patient do not notice the thread, as far as this person may know.
    pub fn is_hidden(&self) -> bool {
        self.thread.hidden_from_delegates == Some(true)
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

    /// Its state, as a word of its kind.
    pub fn state_words(&self, l: &Texts) -> String {
        match &self.thread.on {
            thread::ThreadThreadOn::Consultation(own) => l.consultation_state(&own.state),
            thread::ThreadThreadOn::TeamThread(own) => l.team_thread_state(&own.progress),
        }
    }

    /// From whom to whom the thread goes, or of which kind it is.
    pub fn kind_words(&self, l: &Texts) -> String {
        match &self.thread.on {
            thread::ThreadThreadOn::Consultation(own) => {
                let from = own.requester.as_ref().and_then(|person| person.name.text.as_deref());
                let pool = own.pool.as_ref().map(|pool| pool.name.as_str());
                match (from, pool) {
                    (Some(from), Some(pool)) => l.consultation_from_to(from, pool),
                    (_, _) => l.kind_consultation().into_owned(),
                }
            }
            thread::ThreadThreadOn::TeamThread(_) => l.kind_team_thread().into_owned(),
        }
    }

    /// The icon of the kind.
    pub fn kind_icon(&self) -> &'static str {
        match &self.thread.on {
            thread::ThreadThreadOn::Consultation(_) => "consult",
            thread::ThreadThreadOn::TeamThread(_) => "people",
        }
    }

    /// What its page says once the reader has opened it.
    pub fn opened_words(&self, l: &Texts) -> String {
        match &self.thread.on {
            thread::ThreadThreadOn::Consultation(_) => l.done_asked(),
            thread::ThreadThreadOn::TeamThread(_) => l.done_opened(),
        }
        .into_owned()
    }

    /// Who sees it, in general.
    pub fn seen_by(&self, l: &Texts) -> String {
        match &self.thread.on {
            thread::ThreadThreadOn::Consultation(_) => l.seen_by_consultation(),
            thread::ThreadThreadOn::TeamThread(_) => l.seen_by_team(),
        }
        .into_owned()
    }

    /// Whether forms may be shown: whom the thread is about is certain, or it is about nobody.
    pub fn is_identified(&self) -> bool {
        is_identified(self.patient.as_ref(), self.thread.is_about_patient)
    }

    /// The audiences to which this person can post, in the same order in every thread.
    pub fn audiences(&self) -> Vec<Audience> {
        let can = [
            (Audience::Everyone, self.thread.post_to_all.allowed),
            (Audience::ClinicalTeam, self.thread.post_to_clinicians.allowed),
            (Audience::TeamAndMe, self.thread.post_to_team_and_me.allowed && self.one_person().is_some()),
        ];
        can.into_iter().filter_map(|(audience, can)| can.then_some(audience)).collect()
    }

    /// Who may read a message to an audience that is posted now. None if this person may not know.
    pub fn reach(&self, audience: Audience) -> Option<Reach> {
        match audience {
            Audience::Everyone => self.thread.to_all.as_ref(),
            Audience::ClinicalTeam => self.thread.to_clinicians.as_ref(),
            Audience::TeamAndMe => self.thread.to_team_and_me.as_ref(),
            Audience::Named => None,
        }
        .map(Reach::of)
    }

    /// With whom the clinical team would share a message of the reader of the page; none if there is nobody.
    pub fn one_person(&self) -> Option<OnePerson<'_>> {
        let readers = self.thread.to_team_and_me.as_ref()?.persons.as_ref()?;
        // Who reads in no role at an organization is the one person.
        let one = readers.nodes.iter().find(|reader| reader.role == Role::Person)?;
        Some(OnePerson { id: &one.person.as_ref()?.id, is_reader: one.is_viewer })
    }

    /// The person whom the clinical team answers; none where the reader of the page writes for themself.
    pub fn answered(&self) -> Option<&str> {
        self.one_person().filter(|one| !one.is_reader).map(|one| one.id)
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
