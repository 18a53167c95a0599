//! The viewer: the signed-in person, and their lists.

use std::sync::Arc;

use async_graphql::{Enum, ID, Object, Result, SimpleObject};
use coordination::reader::{self, Page, Reader};

use super::connection::{ConsultationConnection, ThreadConnection, page};
use super::consultation::Consultation;
use super::id::encode_id;
use super::organization::Organization;
use super::patient::Patient;
use super::person::Person;
use super::thread::Thread;
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
        let found = || page(self.0.inbox(&asked)?, |view| Ok(Thread::Consultation(Consultation::of(&self.0, view))));
        Some(found())
    }

    /// A worklist, by due date; empty for who has no work here.
    fn worklist(
        &self,
        list: Worklist,
        first: Option<i32>,
        after: Option<String>,
    ) -> Option<Result<ConsultationConnection>> {
        let asked = Page { first, after, last: None, before: None };
        let found = || page(self.0.worklist(list.into(), &asked)?, |view| Ok(Consultation::of(&self.0, view)));
        Some(found())
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

/// A role, and where it is held.
#[derive(SimpleObject)]
pub struct HeldRole {
    /// The role.
    role: Role,
    /// Where.
    organization: Option<Organization>,
}
