//! The acts about a patient: their words, and which of them somebody can do.

use crate::graphql::problem::ProblemCode;
use crate::graphql::words::Role;
use crate::pages::colleagues::CARE_ROLES;
use crate::pages::me::Me;
use crate::pages::outcome::{Note, Problem};
use crate::pages::texts::Texts;

/// Something that is done about a patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    /// Add oneself to the care team.
    Join,
    /// Keep a person from everything about the patient.
    Block,
    EndBlock,
    /// Say that a person is a danger to the patient.
    Protect,
    LiftProtection,
    RecordDeath,
    VoidDeath,
}

const ALL: [Act; 7] =
    [Act::Join, Act::Block, Act::EndBlock, Act::Protect, Act::LiftProtection, Act::RecordDeath, Act::VoidDeath];

impl Act {
    /// The act with this word.
    pub fn of(word: &str) -> Option<Self> {
        ALL.into_iter().find(|act| act.word() == word)
    }

    /// Its word in addresses and forms.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Join => "join",
            Self::Block => "block",
            Self::EndBlock => "end-block",
            Self::Protect => "protect",
            Self::LiftProtection => "lift-protection",
            Self::RecordDeath => "record-death",
            Self::VoidDeath => "void-death",
        }
    }

    /// The heading of its page, and the words of the link that leads there.
    pub fn title(self, l: &Texts) -> String {
        match self {
            Self::Join => l.act_join(),
            Self::Block => l.act_block(),
            Self::EndBlock => l.act_end_block(),
            Self::Protect => l.act_protect(),
            Self::LiftProtection => l.act_lift_protection(),
            Self::RecordDeath => l.act_record_death(),
            Self::VoidDeath => l.act_void_death(),
        }
        .into_owned()
    }

    /// What the page of the patient says once it is done.
    pub fn done(self, l: &Texts) -> String {
        match self {
            Self::Join => l.done_join(),
            Self::Block => l.done_block(),
            Self::EndBlock => l.done_end_block(),
            Self::Protect => l.done_protect(),
            Self::LiftProtection => l.done_lift_protection(),
            Self::RecordDeath => l.done_record_death(),
            Self::VoidDeath => l.done_void_death(),
        }
        .into_owned()
    }

    /// The icon of its buttons.
    pub const fn icon(self) -> &'static str {
        match self {
            Self::Join => "plus",
            Self::Block => "no",
            Self::EndBlock | Self::LiftProtection => "check",
            Self::Protect => "shield",
            Self::RecordDeath | Self::VoidDeath => "edit",
        }
    }

    /// Whether it names somebody who helps the patient, or represents them.
    pub const fn names_helper(self) -> bool {
        matches!(self, Self::Protect | Self::LiftProtection)
    }

    /// Whether the sender sees what follows from it before it is done.
    pub const fn is_checked(self) -> bool {
        matches!(self, Self::RecordDeath)
    }

    /// A problem of it, with what the page knows beyond the code.
    pub fn noted(self, problem: Problem) -> Problem {
        if !problem.is_about("personId") {
            return problem;
        }
        match (self, problem.code) {
            (Self::Protect, ProblemCode::AlreadyExists) => problem.noted(Note::AlreadyProtected),
            (Self::LiftProtection, ProblemCode::NotFound) => problem.noted(Note::NoProtection),
            (_, _) => problem,
        }
    }
}

/// Whether a record is somebody's own.
pub(super) fn is_own(me: &Me, patient: &str) -> bool {
    me.records.iter().any(|record| record == patient)
}

/// A patient, as far as it decides what somebody can do about them.
pub(crate) struct Circumstances<'a> {
    /// The id of the record.
    pub patient: &'a str,
    /// The organization that keeps the record.
    pub keeper: Option<&'a str>,
    /// Who is on the care team now.
    pub team: Vec<&'a str>,
    /// The acts that the API permits.
    pub permitted: Vec<Act>,
}

/// The acts that the API permits about a patient, of an operation that asks for it.
macro_rules! permitted_acts {
    ($patient:expr) => {{
        let patient = $patient;
        let permissions = [
            ($crate::pages::patient_acts::act::Act::Join, patient.viewer_can_join_care_team.allowed),
            ($crate::pages::patient_acts::act::Act::Block, patient.viewer_can_block.allowed),
            ($crate::pages::patient_acts::act::Act::Protect, patient.viewer_can_record_protection_note.allowed),
            ($crate::pages::patient_acts::act::Act::LiftProtection, patient.viewer_can_lift_protection_note.allowed),
            ($crate::pages::patient_acts::act::Act::RecordDeath, patient.viewer_can_record_death.allowed),
            ($crate::pages::patient_acts::act::Act::VoidDeath, patient.viewer_can_void_death.allowed),
        ];
        permissions.into_iter().filter(|(_, allowed)| *allowed).map(|(act, _)| act).collect::<Vec<_>>()
    }};
}
pub(in crate::pages) use permitted_acts;

/// What somebody can do about a patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Can {
    /// Whether the record is their own.
    pub is_own: bool,
    /// The roles in which they can join the care team. Empty if they cannot.
    pub joins_as: Vec<Role>,
    /// What the API permits.
    permitted: Vec<Act>,
}

impl Can {
    /// What this person can do.
    pub fn of(me: &Me, about: &Circumstances<'_>) -> Self {
        let is_there = |at: Option<&str>| about.keeper.is_some() && at == about.keeper;
        let held = me.roles.iter().filter(|held| is_there(held.organization.as_ref().map(|at| at.id.as_str())));
        let can_join = about.permitted.contains(&Act::Join) && !about.team.contains(&me.id.as_str());
        let roles = held.map(|held| held.role).filter(|role| can_join && CARE_ROLES.contains(role));
        let permitted = about.permitted.clone();
        Self { is_own: is_own(me, about.patient), joins_as: roles.collect(), permitted }
    }

    /// The acts that the page of the patient has a link to.
    pub fn acts(&self) -> impl Iterator<Item = Act> {
        ALL.into_iter().filter(|act| self.can(*act))
    }

    /// Whether they can do an act about the patient as a whole. A block is ended one by one.
    pub fn can(&self, act: Act) -> bool {
        match act {
            Act::Join => !self.joins_as.is_empty(),
            Act::EndBlock => false,
            Act::Block | Act::Protect | Act::LiftProtection | Act::RecordDeath | Act::VoidDeath => {
                self.permitted.contains(&act)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::me::{MyOrganization, MyRole};

    #[test]
    fn every_act_is_found_by_its_word() {
        for act in ALL {
            assert_eq!(Act::of(act.word()), Some(act));
        }
        assert_eq!(Act::of("void"), None);
    }

    fn somebody(role: Role, at: &str) -> Me {
        let organization = Some(MyOrganization { id: at.to_owned(), name: "Practice".to_owned() });
        let roles = vec![MyRole { role, organization }];
        Me { id: "me".to_owned(), name: "Ada".to_owned(), roles, records: vec!["own".to_owned()] }
    }

    fn about<'a>(patient: &'a str, team: &[&'a str]) -> Circumstances<'a> {
        let permitted = vec![Act::Join, Act::Block];
        Circumstances { patient, keeper: Some("keeper"), team: team.to_vec(), permitted }
    }

    #[test]
    fn who_joins_holds_a_role_of_care_where_the_record_is_kept() {
        let joins = |role, at, about: &Circumstances<'_>| Can::of(&somebody(role, at), about).can(Act::Join);
        let other = about("other", &["nurse"]);
        assert!(joins(Role::Coordinator, "keeper", &other));
        assert!(!joins(Role::Coordinator, "elsewhere", &other), "another organization");
        assert!(!joins(Role::Administrator, "keeper", &other), "no role of care");
        assert!(!joins(Role::Coordinator, "keeper", &about("other", &["nurse", "me"])), "a member");
        let forbidden = Circumstances { permitted: vec![Act::Block], ..about("other", &[]) };
        assert!(!joins(Role::Coordinator, "keeper", &forbidden), "the API does not permit it");
        let unknown = Circumstances { keeper: None, ..about("other", &[]) };
        assert!(!joins(Role::Coordinator, "keeper", &unknown), "it is not known who keeps the record");
        let acts: Vec<Act> = Can::of(&somebody(Role::Coordinator, "elsewhere"), &other).acts().collect();
        assert_eq!(acts, [Act::Block], "the page has no link to what cannot be done");
    }

    #[test]
    fn a_death_and_a_note_have_a_link_for_whom_the_api_permits_them() {
        let permitted = vec![Act::VoidDeath, Act::Protect];
        let about = Circumstances { permitted, ..about("other", &["me"]) };
        let acts: Vec<Act> = Can::of(&somebody(Role::Nurse, "keeper"), &about).acts().collect();
        assert_eq!(acts, [Act::Protect, Act::VoidDeath]);
    }
}
