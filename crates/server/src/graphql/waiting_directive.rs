//! Denies that nobody confirmed in time, as they wait for who is to ask the patient. They lead to their patient, as a patient
//! leads to their directives, so they have a file of their own.

use std::sync::Arc;

use async_graphql::{ID, Object, Result};
use coordination::reader::{DirectiveView, Reader};

use super::directive::ConsentDirective;
use super::id::encode_id;
use super::patient::Patient;
use super::scalars::Instant;

/// A deny that nobody confirmed in time: you are to ask the patient.
pub struct WaitingDirective {
    reader: Arc<Reader>,
    view: DirectiveView,
}

impl WaitingDirective {
    pub(super) fn of(reader: &Arc<Reader>, view: DirectiveView) -> Self {
        Self { reader: Arc::clone(reader), view }
    }
}

/// A deny that staff wrote down and nobody confirmed in time. It holds; you are to ask the patient whether they want it so.
#[Object]
impl WaitingDirective {
    /// The id of the patient.
    fn patient_id(&self) -> ID {
        encode_id(self.view.patient())
    }

    /// The patient. Null if you may not know who they are.
    fn patient(&self) -> Option<Result<Patient>> {
        let found = self.reader.patient_in_directive(&self.view).map_err(Into::into);
        found.map(|view| view.map(|view| Patient::of(&self.reader, view))).transpose()
    }

    /// The directive.
    fn directive(&self) -> Result<ConsentDirective> {
        ConsentDirective::of(&self.reader, &self.view)
    }

    /// By when you are to ask. Null where the organization had no calendar.
    fn due_at(&self) -> Option<Instant> {
        self.view.ask_by.map(Into::into)
    }
}
