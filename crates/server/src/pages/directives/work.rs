//! The denies that staff wrote down and nobody confirmed in time, at `/helpers-to-do` and on the home page: the reader is to
//! ask the patient. Each with its due time.

use chrono::{DateTime, Utc};

use super::said::Whom;
use crate::pages::queries::{helper_work, home};
use crate::pages::rows::Subject;
use crate::pages::texts::Texts;
use crate::pages::time::{Due, PageTime};

/// A deny about which the reader is to ask the patient.
#[derive(Debug)]
pub(crate) struct ToAsk {
    pub id: String,
    pub patient_id: String,
    /// None if the reader may not know who the patient is.
    pub patient: Option<Subject>,
    whom: Whom,
    due: Option<DateTime<Utc>>,
}

impl ToAsk {
    /// What is to be done, beginning with the verb.
    pub fn what(&self, l: &Texts) -> String {
        l.directive_work_ask(self.whom.words(l))
    }

    /// When it is due, in words.
    pub fn due(&self, time: &PageTime<'_>) -> Option<Due> {
        self.due.map(|due| time.due(due))
    }
}

macro_rules! to_ask { ($($module:ident)+) => {$(
    impl From<&$module::ToAsk> for ToAsk {
        fn from(found: &$module::ToAsk) -> Self {
            Self {
                id: found.directive.id.clone(),
                patient_id: found.patient_id.clone(),
                patient: found.patient.as_ref().map(Subject::from),
                whom: (&found.directive).into(),
                due: found.due_at,
            }
        }
    }
)+} }
to_ask! { helper_work home }
