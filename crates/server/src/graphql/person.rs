//! Persons as others meet them: in a thread, on a care team, in a pool. Their name rides on what
//! lets the viewer meet them, so a person cannot be asked for by id.

use std::sync::Arc;

use async_graphql::{ID, Object};
use chrono::{DateTime, Utc};
use coordination::PersonRow;
use policy::visible::Visible;

use super::id::encode_id;
use super::scalars::PersonalText;

/// A person whom the viewer meets.
#[derive(Clone)]
pub struct Person(pub(super) Arc<Visible<PersonRow>>);

/// Somebody who can sign in: a clinician, a social worker, a patient.
#[Object]
impl Person {
    /// Their id.
    fn id(&self) -> ID {
        encode_id(self.0.person)
    }

    /// Their name.
    fn name(&self) -> PersonalText {
        PersonalText::from(&self.0.name)
    }

    /// When their name was last corrected. Null if it never was.
    fn name_corrected_at(&self) -> Option<DateTime<Utc>> {
        self.0.corrected_at
    }
}
