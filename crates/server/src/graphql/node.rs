//! The objects that can be asked for by their id alone.

use async_graphql::{ID, Interface};

use super::draft::Draft;
use super::message::Message;
use super::organization::{Organization, Pool};
use super::patient::Patient;
use super::person::Person;
use super::thread::consultation::Consultation;
use super::thread::team_thread::TeamThread;
use super::thread::{Recommendation, Thread};

/// Every object that can be queried by its id alone.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "Its id."))]
pub enum Node {
    /// A consultation.
    Consultation(Consultation),
    /// A team thread.
    TeamThread(TeamThread),
    /// A patient.
    Patient(Patient),
    /// An organization.
    Organization(Organization),
    /// A pool.
    Pool(Pool),
    /// A person.
    Person(Person),
    /// A message of a thread.
    Message(Message),
    /// A recommendation of a consultation.
    Recommendation(Recommendation),
    /// A draft of the viewer.
    Draft(Draft),
}

impl From<Thread> for Node {
    fn from(thread: Thread) -> Self {
        match thread {
            Thread::Consultation(consultation) => Self::Consultation(consultation),
            Thread::TeamThread(thread) => Self::TeamThread(thread),
        }
    }
}
