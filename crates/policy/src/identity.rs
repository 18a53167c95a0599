//! The proof that a person signed in.
//!
//! An [`Identity`] represents a verified sign-in. Only the server's sign-in makes one for a person, after it verified
//! their token, and only the start of the program makes that of the installation. An architecture test refuses it
//! everywhere else.

use care::envelope::Actor;
use care::ids::{PersonId, SessionId};
use care::words::ProcessName;

/// A person whose sign-in was verified, or the installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Identity(Who);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Who {
    Person { person: PersonId, session: SessionId },
    Process(ProcessName),
    Installation,
}

impl Identity {
    /// A person whose sign-in was just verified. Called by the server's sign-in and nowhere else.
    #[must_use]
    pub const fn signed_in(person: PersonId, session: SessionId) -> Self {
        Self(Who::Person { person, session })
    }

    /// A process of this software. Called where processes run and nowhere else.
    #[must_use]
    pub const fn process(process: ProcessName) -> Self {
        Self(Who::Process(process))
    }

    /// The installation itself. Called by the start of the program and nowhere else.
    #[must_use]
    pub const fn installation() -> Self {
        Self(Who::Installation)
    }

    /// The person; none for a process and the installation.
    #[must_use]
    pub const fn person(&self) -> Option<PersonId> {
        match self.0 {
            Who::Person { person, .. } => Some(person),
            Who::Process(_) | Who::Installation => None,
        }
    }

    /// The sign-in; none for a process and the installation.
    #[must_use]
    pub const fn session(&self) -> Option<SessionId> {
        match self.0 {
            Who::Person { session, .. } => Some(session),
            Who::Process(_) | Who::Installation => None,
        }
    }

    /// The actor for the envelope of an event.
    #[must_use]
    pub const fn actor(&self) -> Actor {
        match self.0 {
            Who::Person { person, .. } => Actor::Person(person),
            Who::Process(process) => Actor::Process(process),
            Who::Installation => Actor::Installation,
        }
    }
}
