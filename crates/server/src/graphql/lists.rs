//! The lists that lead from a patient to threads, and from an organization to patients and threads. They are queries of
//! their own, since a thread leads to its patient and its organizations, and a patient to the organization.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result};
use coordination::fault::Fault;
use coordination::reader::{Page, Reader};

use super::connection::page;
use super::id::decode_id;
use super::patient::{Patient, PatientConnection};
use super::thread::{Thread, ThreadConnection};

/// The list that leads from something; none if there is no such thing, or the reader may not know of it.
fn list_of<S, L>(
    context: &Context<'_>,
    find: impl FnOnce(&Reader) -> Result<Option<S>, Fault>,
    list: impl FnOnce(&Arc<Reader>, S) -> Result<L>,
) -> Option<Result<L>> {
    let found = || {
        let reader = context.data::<Arc<Reader>>()?;
        find(reader)?.map(|subject| list(reader, subject)).transpose()
    };
    found().transpose()
}

/// The queries of these lists.
#[derive(Default)]
pub struct ListQueries;

#[expect(clippy::too_many_arguments, reason = "a page with a search has three, and the macro adds to them")]
#[Object]
impl ListQueries {
    /// The threads about a patient that you may find, open and closed, the newest first, also those that are not in your
    /// inbox. Null if there is no such patient, or you may not know of them.
    async fn patient_threads(
        &self,
        context: &Context<'_>,
        patient_id: ID,
        #[graphql(desc = "Rows from the start: 1 to 100; 20 without `first`.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the rows begin.")] after: Option<String>,
    ) -> Option<Result<ThreadConnection>> {
        let asked = Page::from_start(first, after);
        let patient = |reader: &Reader| reader.patient(decode_id(&patient_id));
        list_of(context, patient, |reader, patient| {
            page(reader.threads_about(&patient, &asked)?, |view| Ok(Thread::of(reader, view)))
        })
    }

    /// The patients whose record an organization keeps, by name, then date of birth, with the `search` of `Viewer.patients`.
    /// Empty if you may not list them; if you may read each of them, a search with a word of at least three characters or
    /// with a date of birth finds them for you. Null if there is no such organization, or you may not know of it.
    async fn organization_patients(
        &self,
        context: &Context<'_>,
        organization_id: ID,
        #[graphql(desc = "Rows from the start: 1 to 100; 20 without `first`.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the rows begin.")] after: Option<String>,
        #[graphql(
            desc = "Words with spaces between them, at most 400 characters together. Without it, all are listed."
        )]
        search: Option<String>,
    ) -> Option<Result<PatientConnection>> {
        let asked = Page::from_start(first, after);
        let organization = |reader: &Reader| reader.organization(decode_id(&organization_id));
        list_of(context, organization, |reader, organization| {
            let records = reader.records(&organization, &asked, search.as_deref())?;
            page(records, |view| Ok(Patient::of(reader, view)))
        })
    }

    /// The threads of an organization that you may find by working there, open and closed: those that it asks and those that it
    /// answers, the one whose state changed last first. A thread in which you have another place is in your inbox. Empty if
    /// you work elsewhere. Null if there is no such organization, or you may not know of it.
    async fn organization_threads(
        &self,
        context: &Context<'_>,
        organization_id: ID,
        #[graphql(desc = "Rows from the start: 1 to 100; 20 without `first`.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the rows begin.")] after: Option<String>,
    ) -> Option<Result<ThreadConnection>> {
        let asked = Page::from_start(first, after);
        let organization = |reader: &Reader| reader.organization(decode_id(&organization_id));
        list_of(context, organization, |reader, organization| {
            page(reader.threads_of(&organization, &asked)?, |view| Ok(Thread::of(reader, view)))
        })
    }
}
