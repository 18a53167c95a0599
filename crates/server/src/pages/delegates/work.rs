//! The helpers about whom staff are to do something, at `/helpers-to-do` and on the home page: to verify who they are, to
//! check the access, to record a consent, to answer an offer; for a privacy officer what is suspended. Each with its due time.

use chrono::{DateTime, Utc};

use super::act::Act;
use super::around::name_of;
use crate::graphql::delegation_words::DelegationState;
use crate::pages::queries::{helper_work, home};
use crate::pages::rows::{Subject, Who};
use crate::pages::texts::Texts;
use crate::pages::time::{Due, PageTime};

/// A helper who waits for the reader.
#[derive(Debug)]
pub(crate) struct Waiting {
    pub id: String,
    pub patient_id: String,
    /// None if the reader looks after helpers and may not know who the patient is.
    pub patient: Option<Subject>,
    pub person: Option<Who>,
    pub state: DelegationState,
    due: Option<DateTime<Utc>>,
}

impl Waiting {
    /// What is to be done, beginning with the verb.
    pub fn what(&self, l: &Texts) -> String {
        let name = name_of(self.person.as_ref(), l);
        match self.state {
            DelegationState::Accepted => Act::VerifyIdentity.title(name, l),
            DelegationState::IdentityVerified => Act::PassCheck.title(name, l),
            DelegationState::SafeguardingChecked => Act::Consent.title(name, l),
            DelegationState::Suspended => l.helper_work_review(name),
            DelegationState::Asked => l.helper_work_answer(name),
            DelegationState::Invited | DelegationState::Active | DelegationState::Ended => l.helpers().into_owned(),
        }
    }

    /// When it is due, in words.
    pub fn due(&self, time: &PageTime<'_>) -> Option<Due> {
        self.due.map(|due| time.due(due))
    }
}

macro_rules! waiting { ($($module:ident)+) => {$(
    impl From<&$module::Waiting> for Waiting {
        fn from(found: &$module::Waiting) -> Self {
            Self {
                id: found.id.clone(),
                patient_id: found.patient_id.clone(),
                patient: found.patient.as_ref().map(Subject::from),
                person: found.person.as_ref().map(Who::from),
                state: found.state,
                due: found.due_at,
            }
        }
    }
)+} }
waiting! { helper_work home }
