//! The demo and its people, whom the sign-in page offers as buttons.
//!
//! A demo exists only on a server that was started as one. Such a server listens on loopback only, answers only to names of
//! this machine, has a data directory that is marked as a demo, and signs its tokens with a key in that directory.

use uuid::Uuid;

use crate::sign_in::Signer;

/// The demo: its people, and the key that signs their tokens.
pub struct Demo {
    /// Signs the tokens.
    pub signer: Signer,
    /// Everybody who can sign in.
    pub visitors: Vec<Visitor>,
    /// The command that prints a token, which the page shows to those who write programs.
    pub token_command: String,
}

/// Somebody who can sign in to the demo.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// The handle, which the button sends.
    pub handle: String,
    /// The id of the person.
    pub person: Uuid,
    /// The name.
    pub name: String,
    /// Who that is, in one line.
    pub about: String,
    /// Under which heading the person stands.
    pub group: Group,
}

/// The headings of the sign-in page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Clinicians.
    Clinicians,
    /// Coordinators and social workers.
    Coordination,
    /// Patients.
    Patients,
    /// Privacy and operation.
    Operation,
}

impl Visitor {
    /// The first letters of the first and the last name.
    pub(crate) fn initials(&self) -> String {
        let mut words = self.name.split_whitespace().filter(|word| !word.ends_with('.'));
        let letter = |word: Option<&str>| word.and_then(|word| word.chars().next());
        let (first, last) = (letter(words.next()), letter(words.next_back()));
        first.into_iter().chain(last).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_leave_titles_out() {
        let visitor = |name: &str| Visitor {
            handle: String::new(),
            person: Uuid::nil(),
            name: name.to_owned(),
            about: String::new(),
            group: Group::Patients,
        };
        assert_eq!(visitor("Dr. Hanna Brückner").initials(), "HB");
        assert_eq!(visitor("Lena Öztürk").initials(), "LÖ");
        assert_eq!(visitor("Ada").initials(), "A");
    }
}
