//! The names of commands: one word for each, used wherever a command is named.
//!
//! The name of a command is the action that the policy's rules speak of. It also names the command in the journal,
//! in the id of a repeated command, and as what a thread waits for. Names are stored as words, never as positions.
//!
//! To add a command: 1. write its name below, at its place in the order of the alphabet; 2. give it policy rules;
//! 3. renew `policies/expected/` with `CAREFOLD_BLESS=1` and read the difference.

use crate::words::UnknownWord;

/// The name of a command, as `thread.post`: a thing and what is done to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommandName(&'static str);

impl CommandName {
    /// The name with this word. Called where a command is declared; everything else reads [`Self::all`].
    #[must_use]
    pub const fn known(word: &'static str) -> Self {
        Self(word)
    }

    /// The word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        self.0
    }

    /// The name that a word is.
    ///
    /// # Errors
    /// [`UnknownWord`] when no command has exactly this name.
    pub fn parse(word: &str) -> Result<Self, UnknownWord> {
        Self::all().iter().copied().find(|each| each.0 == word).ok_or(UnknownWord { vocabulary: "CommandName" })
    }

    /// Every name, in the order of the alphabet.
    #[must_use]
    pub fn all() -> &'static [Self] {
        ALL
    }

    /// Its position in [`Self::all`], for sets in memory. A position changes when a command is added, so it is never
    /// stored. A name that no command has is at [`usize::MAX`].
    #[must_use]
    pub fn index(self) -> usize {
        Self::all().binary_search(&self).unwrap_or(usize::MAX)
    }
}

macro_rules! command_names {
    ($($constant:ident = $word:literal,)+) => {
        impl CommandName {
            $(#[doc = concat!("`", $word, "`")] pub const $constant: Self = Self::known($word);)+
        }

        const ALL: &[CommandName] = &[$(CommandName::$constant),+];
    };
}

command_names! {
    CARE_TEAM_ADD = "care_team.add",
    CARE_TEAM_REMOVE = "care_team.remove",
    CONSULTATION_ADVISE = "consultation.advise",
    CONSULTATION_ASSIGN = "consultation.assign",
    CONSULTATION_CLOSE = "consultation.close",
    CONSULTATION_INFORM_PATIENT = "consultation.inform_patient",
    CONSULTATION_RECORD_PLAN = "consultation.record_plan",
    CONSULTATION_REQUEST = "consultation.request",
    ORGANIZATION_ADD_POOL_MEMBER = "organization.add_pool_member",
    ORGANIZATION_CREATE = "organization.create",
    ORGANIZATION_OPEN_POOL = "organization.open_pool",
    ORGANIZATION_REMOVE_POOL_MEMBER = "organization.remove_pool_member",
    ORGANIZATION_SET_CALENDAR = "organization.set_calendar",
    PATIENT_REGISTER = "patient.register",
    PERSON_END_ROLE = "person.end_role",
    PERSON_GRANT_ROLE = "person.grant_role",
    PERSON_REGISTER = "person.register",
    POLICY_ACTIVATE = "policy.activate",
    THREAD_ADD_PARTICIPANT = "thread.add_participant",
    THREAD_CLAIM = "thread.claim",
    THREAD_MARK_READ = "thread.mark_read",
    THREAD_POST = "thread.post",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_in_order_and_each_occurs_once() {
        assert!(CommandName::all().is_sorted_by(|one, other| one < other));
    }

    #[test]
    fn a_name_reads_back_from_its_word_and_its_position() {
        for (index, name) in CommandName::all().iter().enumerate() {
            assert_eq!(CommandName::parse(name.word()), Ok(*name));
            assert_eq!(name.index(), index);
        }
        assert!(CommandName::parse("thread.find").is_err());
        assert_eq!(CommandName::known("thread.find").index(), usize::MAX);
    }
}
