//! What a scope would open, and what would close if a delegation reached less: counted and listed before it is decided.

use care::aggregate::OpenedList;
use care::command_name::Named as _;
use care::delegation::{NarrowDelegation, RevokeDelegation, SuspendDelegation, TopicVerbs};
use care::ids::{DelegationId, EventId, Id, PatientId, ThreadId};
use care::lifecycle::ThreadKind;
use care::scope::Scope;
use care::shown::Digest;
use care::words::{Confidentiality, DelegationHistory, Sensitivity, Topic};
use policy::decide::Permit;
use policy::visible::{Redact, Visible};
use policy::words::{Action, Read};

use super::DelegationView;
use crate::access::About;
use crate::authorization::certain;
use crate::authorization::involvement::ThreadsAbout;
use crate::authorization::preview::standings_under;
use crate::authorization::thread::ThreadFacts;
use crate::fault::Fault;
use crate::reader::Reader;

/// A thread that a scope would open.
#[derive(Debug)]
pub struct OpenedThreadRow {
    /// The thread.
    pub thread: ThreadId,
    /// Its kind.
    pub kind: ThreadKind,
    /// Its topic.
    pub topic: Topic,
    /// How confidential it is.
    pub confidentiality: Confidentiality,
    /// Its sensitive subjects.
    pub sensitivities: Vec<Sensitivity>,
    /// Whether it is sensitive by one of these.
    pub is_sensitive: bool,
}

impl Redact for OpenedThreadRow {
    fn redact(self, _: &Permit) -> Self {
        let Self { thread, kind, topic, confidentiality, sensitivities, is_sensitive } = self;
        Self { thread, kind, topic, confidentiality, sensitivities, is_sensitive }
    }
}

/// What a scope would open now.
pub struct OpenedListView {
    /// Its version, which who decides names.
    pub version: Digest,
    /// The threads.
    pub threads: Vec<Visible<OpenedThreadRow>>,
}

/// A thread that a scope would open, with its newest event.
struct Opened {
    row: OpenedThreadRow,
    newest: EventId,
}

impl Reader {
    /// What a scope would open about a patient now, if the reader may check who helps them.
    ///
    /// # Errors
    /// [`Fault`] if this node fails; never for what is missing or forbidden.
    pub fn what_would_open(&self, patient: PatientId, scope: &Scope) -> Result<Option<OpenedListView>, Fault> {
        let Some(permit) = self.permit_at_patient(patient, Read::DelegationReadEvidence)? else { return Ok(None) };
        let (list, rows) = self.opened_rows(patient, scope);
        Ok(Some(OpenedListView { version: list.version, threads: self.show_opened(&permit, patient, rows)? }))
    }

    /// How many threads the helper finds by a delegation now and would not find any more if it reached no more than `left`;
    /// without `left`, if it were paused or ended. Who may check what a scope opens has all of them counted, everybody else
    /// those that they find themselves. None if the reader may not narrow, pause or end it.
    ///
    /// # Errors
    /// [`Fault`] if this node fails; never for what is missing or forbidden.
    pub fn threads_that_would_close(&self, id: DelegationId, left: Option<&Scope>) -> Result<Option<usize>, Fault> {
        let takes = [NarrowDelegation::NAME, SuspendDelegation::NAME, RevokeDelegation::NAME];
        let view = self.seen_in_any_way(id)?;
        let Some(view) = view.filter(|view| takes.into_iter().any(|name| self.may_give(name, view))) else {
            self.refused(Action::Read(Read::DelegationRead), id.uuid())?;
            return Ok(None);
        };
        let mut closed = if view.is_active { self.closed_by(&view, left) } else { Vec::new() };
        if !self.reads_evidence(&view) {
            closed.retain(|(thread, _)| self.finds_thread(*thread));
        }
        self.take_rows(closed.len())?;
        if !closed.is_empty() {
            // That there are such threads is content of the record.
            let events = closed.iter().map(|(_, newest)| *newest).collect();
            self.ledger.note(About::patient(view.patient), &view.permit, events)?;
        }
        Ok(Some(closed.len()))
    }

    /// The threads that the helper finds by a delegation now and that `left` does not reach, each with its newest event.
    fn closed_by(&self, view: &DelegationView, left: Option<&Scope>) -> Vec<(ThreadId, EventId)> {
        let state = self.application.projector().authorization();
        let about = state.entity::<ThreadsAbout>(view.patient.uuid());
        let threads = about.into_iter().flat_map(|about| about.threads.iter().copied());
        let threads = threads.filter_map(|id| Some((id, state.thread(id)?)));
        let is_closed = |(id, facts): &(ThreadId, &ThreadFacts)| {
            if left.is_some_and(|left| facts.is_reached_by(left, *id)) {
                return false;
            }
            let held = certain(standings_under(&*state, view.delegation, *id, self.now));
            self.decide(Action::Read(Read::ThreadFind), &facts.asked(&held)).is_some()
        };
        threads.filter(is_closed).map(|(id, facts)| (id, facts.last)).collect()
    }

    /// The threads about a patient that a scope can list one by one, of those that the reader knows of. None if the reader
    /// may not check who helps the patient.
    ///
    /// # Errors
    /// [`Fault`] if this node fails; never for what is missing or forbidden.
    pub fn threads_to_list(&self, patient: PatientId) -> Result<Option<Vec<Visible<OpenedThreadRow>>>, Fault> {
        let Some(permit) = self.permit_at_patient(patient, Read::DelegationReadEvidence)? else { return Ok(None) };
        let threads = {
            let state = self.application.projector().authorization();
            state.entity::<ThreadsAbout>(patient.uuid()).map(|about| about.threads.clone()).unwrap_or_default()
        };
        let widest = Scope {
            topics: Topic::ALL.iter().map(|topic| (*topic, TopicVerbs::READ)).collect(),
            threads,
            sensitivities: Sensitivity::ALL.iter().copied().collect(),
            history: DelegationHistory::All,
            ..Scope::nothing()
        };
        let (_, mut rows) = self.opened_rows(patient, &widest);
        rows.retain(|opened| self.finds_thread(opened.row.thread));
        self.show_opened(&permit, patient, rows).map(Some)
    }

    fn opened_rows(&self, patient: PatientId, scope: &Scope) -> (OpenedList, Vec<Opened>) {
        let state = self.application.projector().authorization();
        let list = state.opened_list(patient, scope);
        let rows = state.opened_by(patient, scope).map(|(thread, facts)| Opened {
            row: OpenedThreadRow {
                thread,
                kind: facts.kind,
                topic: facts.topic,
                confidentiality: facts.confidentiality,
                sensitivities: facts.codes.codes().collect(),
                is_sensitive: list.sensitive.contains(&thread),
            },
            newest: facts.last,
        });
        let rows = rows.collect();
        (list, rows)
    }

    /// That there are such threads, and how they are labelled, is content of the record.
    fn show_opened(
        &self,
        permit: &Permit,
        patient: PatientId,
        rows: Vec<Opened>,
    ) -> Result<Vec<Visible<OpenedThreadRow>>, Fault> {
        self.take_rows(rows.len())?;
        let (threads, events): (Vec<_>, Vec<_>) =
            rows.into_iter().map(|Opened { row, newest }| (permit.show(row), newest)).unzip();
        if !events.is_empty() {
            self.ledger.note(About::patient(patient), permit, events)?;
        }
        Ok(threads)
    }
}
