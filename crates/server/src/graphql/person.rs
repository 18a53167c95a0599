//! Persons as others meet them: at work, in a thread, on a care team. What lets the viewer meet a person lets them read
//! the name, also by the person's id alone.

use std::sync::Arc;

use async_graphql::{ID, Object};
use coordination::PersonRow;
use policy::visible::Visible;

use super::id::encode_id;
use super::scalars::{Instant, PersonalText};

/// A person whom the viewer meets.
#[derive(Clone)]
pub struct Person(pub(super) Arc<Visible<PersonRow>>);

/// Somebody who can sign in: a clinician, a social worker, a patient.
#[Object]
impl Person {
    /// Their id.
    pub(super) async fn id(&self) -> ID {
        encode_id(self.0.person)
    }

    /// Their name.
    fn name(&self) -> PersonalText {
        PersonalText::from(&self.0.name)
    }

    /// When their name was last corrected. Null if it never was.
    fn name_corrected_at(&self) -> Option<Instant> {
        self.0.corrected_at.map(Into::into)
    }
}
