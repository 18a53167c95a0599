//! The viewer: the signed-in person, and their lists.

use std::sync::Arc;

use async_graphql::{Enum, ID, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use coordination::reader::{self, Page, Reader};

use super::connection::page;
use super::id::encode_id;
use super::organization::Organization;
use super::patient::Patient;
use super::person::Person;
use super::thread::ThreadConnection;
use super::thread::{Thread, ThreadKind};
use super::words::Role;

/// The signed-in person.
pub struct Viewer(pub(super) Arc<Reader>);

/// Which worklist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum Worklist {
    /// What I have to act on next.
    Mine,
    /// What lies unclaimed in my pools.
    MyPools,
    /// What I, or those whom I coordinate for, wait for.
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

/// You, the signed-in person.
#[Object]
impl Viewer {
    /// Your id as a person.
    fn id(&self) -> ID {
        encode_id(self.0.person())
    }

    /// You, as others meet you; null while you are not on record.
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

    /// The threads that you have a place in, by newest activity.
    fn inbox(&self, first: Option<i32>, after: Option<String>) -> Option<Result<ThreadConnection>> {
        let asked = Page { first, after, last: None, before: None };
        let found = || page(self.0.inbox(&asked)?, |view| Ok(Thread::of(&self.0, view)));
        Some(found())
    }

    /// A worklist, by due date; empty for who has no work here.
    fn worklist(&self, list: Worklist, first: Option<i32>, after: Option<String>) -> Option<Result<ThreadConnection>> {
        let asked = Page { first, after, last: None, before: None };
        let found = || page(self.0.worklist(list.into(), &asked)?, |view| Ok(Thread::of(&self.0, view)));
        Some(found())
    }

    /// The open threads of the organizations that you coordinate or administer that wait for nobody, or
    /// for somebody who can no longer act. Empty if there is none, and if you do neither.
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

    /// The patients whom you care for, or who you are; two hundred at most.
    fn patients(&self) -> Option<Result<Vec<Patient>>> {
        let found = || Ok(self.0.patients()?.into_iter().map(|view| Patient::of(&self.0, view)).collect());
        Some(found())
    }

    /// The organizations of this installation, by name; none for who does not work here.
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

/// A role, and where it is held.
#[derive(SimpleObject)]
pub struct HeldRole {
    /// The role.
    role: Role,
    /// Where.
    organization: Option<Organization>,
}
