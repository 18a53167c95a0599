//! How an input names a draft and what a form is about.

use async_graphql::{ID, OneofObject};
use care::party::FormSubject;
use serde::{Deserialize, Serialize};

use crate::graphql::id::decode_id;

/// A draft of yours: by the key that your program chose, or by its id. Exactly one.
#[derive(Debug, Clone, OneofObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DraftReferenceInput {
    /// The key that your program chose when the form was opened, 1 to 128 printable ASCII characters without personal
    /// data. Only your own keys count, so it need not be secret.
    Key(ID),
    /// The id of a draft that you have read.
    Id(ID),
}

/// What a form is about. Exactly one.
#[derive(Debug, Clone, OneofObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FormSubjectInput {
    /// The thread that the form is sent to.
    ThreadId(ID),
    /// The patient about whom it opens a thread.
    PatientId(ID),
    /// The organization for which it opens a thread about no patient.
    OrganizationId(ID),
}

impl FormSubjectInput {
    /// What it names.
    pub(in crate::graphql) fn read(&self) -> FormSubject {
        match self {
            Self::ThreadId(id) => FormSubject::Thread(decode_id(id)),
            Self::PatientId(id) => FormSubject::Patient(decode_id(id)),
            Self::OrganizationId(id) => FormSubject::Organization(decode_id(id)),
        }
    }
}
