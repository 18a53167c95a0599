//! The viewer: the signed-in person, and their lists.

use std::sync::Arc;

use async_graphql::{Enum, ID, Object, Result, SimpleObject};
use care::command_name::CommandName;
use care::draft::Form;
use chrono::{DateTime, Utc};
use coordination::reader::{self, Page, Reader};

use super::connection::page;
use super::draft::{Draft, DraftConnection};
use super::id::{encode_id, encode_viewer};
use super::inputs::form::FormSubjectInput;
use super::organization::Organization;
use super::patient::Patient;
use super::person::Person;
use super::thread::ThreadConnection;
use super::thread::{Thread, ThreadKind};
use super::words::Role;

/// The signed-in person.
pub struct Viewer(pub(super) Arc<Reader>);

/// The worklists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum Worklist {
    /// Threads that wait for you.
    Mine,
    /// Unclaimed threads of your pools.
    MyPools,
    /// Threads in which you, or the persons for whom you coordinate, wait for somebody.
    Waiting,
}

impl From<Worklist> for reader::Worklist {
    fn from(list: Worklist) -> Self {
        match list {
            Worklist::Mine => Self::Mine,
            Worklist::MyPools => Self::MyPools,
            Worklist::Waiting => Self::Waiting,
        }
    }
}

/// The signed-in person.
#[Object]
impl Viewer {
    /// The id of your own lists, for a cache. It is not your id as a person, which `person` has.
    fn id(&self) -> ID {
        encode_viewer(self.0.person())
    }

    /// You, as other persons see you. Null while you are not registered.
    fn person(&self) -> Option<Result<Person>> {
        let me = self.0.me().map_err(Into::into);
        me.map(|row| row.map(Person)).transpose()
    }

    /// The roles that you hold now.
    fn roles(&self) -> Option<Result<Vec<HeldRole>>> {
        let held = self.0.my_roles().into_iter().map(|(organization, role)| {
            let organization = self.0.organization(organization)?.map(|row| Organization::of(&self.0, row));
            Ok(HeldRole { role: role.into(), organization })
        });
        Some(held.collect())
    }

    /// The threads in which you have a place, by newest activity.
    fn inbox(&self, first: Option<i32>, after: Option<String>) -> Option<Result<ThreadConnection>> {
        let asked = Page { first, after, last: None, before: None };
        let found = || page(self.0.inbox(&asked)?, |view| Ok(Thread::of(&self.0, view)));
        Some(found())
    }

    /// A worklist, by due date. Empty if you have no work here.
    fn worklist(&self, list: Worklist, first: Option<i32>, after: Option<String>) -> Option<Result<ThreadConnection>> {
        let asked = Page { first, after, last: None, before: None };
        let found = || page(self.0.worklist(list.into(), &asked)?, |view| Ok(Thread::of(&self.0, view)));
        Some(found())
    }

    /// Your drafts, the newest first: what you have typed and not sent.
    fn drafts(&self, first: Option<i32>, after: Option<String>) -> Option<Result<DraftConnection>> {
        let asked = Page { first, after, last: None, before: None };
        let found = || page(self.0.drafts(&asked)?, |view| Ok(Draft::of(&self.0, view)));
        Some(found())
    }

    /// Your draft of one form: the command that sends it, by its name in the policy such as `thread.post`, and what it is
    /// about. Null if there is none.
    fn draft_of(&self, command: String, about: FormSubjectInput) -> Option<Result<Draft>> {
        let command = CommandName::parse(&command).ok()?;
        let form = Form::of(command, about.read()).ok()?;
        let found = self.0.draft_of(&form).map_err(Into::into);
        found.map(|view| view.map(|view| Draft::of(&self.0, view))).transpose()
    }

    /// The loose ends of the organizations that you coordinate or administer: open threads that wait for nobody, or
    /// for somebody who can no longer act.
    fn loose_ends(&self) -> Vec<LooseEnd> {
        let ends = self.0.loose_ends().into_iter();
        ends.map(|end| LooseEnd {
            thread_id: encode_id(end.thread),
            kind: end.kind.into(),
            since: end.since,
            due: end.waiting_on.and_then(|waiting| waiting.due),
        })
        .collect()
    }

    /// The patients whom you care for, and yourself if you are a patient, by name; two hundred at most.
    fn patients(&self) -> Option<Result<Vec<Patient>>> {
        let found = || Ok(self.0.patients()?.into_iter().map(|view| Patient::of(&self.0, view)).collect());
        Some(found())
    }

    /// The organizations of this installation, by name. Empty if you work at none of them.
    fn organizations(&self) -> Option<Result<Vec<Organization>>> {
        let found = || Ok(self.0.organizations()?.into_iter().map(|row| Organization::of(&self.0, row)).collect());
        Some(found())
    }
}

/// An open thread on which nobody can act.
#[derive(SimpleObject)]
pub struct LooseEnd {
    /// The id of the thread.
    thread_id: ID,
    /// Its kind.
    kind: ThreadKind,
    /// Since when it waits for the party that cannot act. Null if it waits for nobody.
    since: Option<DateTime<Utc>>,
    /// The due instant. Null if there is no target.
    due: Option<DateTime<Utc>>,
}

/// A role at an organization.
#[derive(SimpleObject)]
pub struct HeldRole {
    /// The role.
    role: Role,
    /// The organization.
    organization: Option<Organization>,
}
