//! The changes of an organization: their words in addresses, and what is said of them.

use crate::pages::texts::Texts;

/// A change of an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    Phone,
    Calendar,
    /// The ages at which the helpers of a minor lose access.
    Ages,
    OpenPool,
    RenamePool,
    AddMember,
    RemoveMember,
    Register,
    Grant,
    /// Confirm a role that another administrator proposed.
    ConfirmRole,
    /// Decline a role that another administrator proposed.
    DeclineRole,
    /// Take one's own proposal of a role back.
    WithdrawRole,
    EndRole,
    CorrectName,
}

const ALL: [Change; 14] = [
    Change::Phone,
    Change::Calendar,
    Change::Ages,
    Change::OpenPool,
    Change::RenamePool,
    Change::AddMember,
    Change::RemoveMember,
    Change::Register,
    Change::Grant,
    Change::ConfirmRole,
    Change::DeclineRole,
    Change::WithdrawRole,
    Change::EndRole,
    Change::CorrectName,
];

impl Change {
    /// The change with this word.
    pub fn of(word: &str) -> Option<Self> {
        ALL.into_iter().find(|change| change.word() == word)
    }

    /// Its word in addresses and forms.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Calendar => "calendar",
            Self::Ages => "ages",
            Self::OpenPool => "open-pool",
            Self::RenamePool => "rename-pool",
            Self::AddMember => "add-member",
            Self::RemoveMember => "remove-member",
            Self::Register => "register",
            Self::Grant => "grant",
            Self::ConfirmRole => "confirm-role",
            Self::DeclineRole => "decline-role",
            Self::WithdrawRole => "withdraw-role",
            Self::EndRole => "end-role",
            Self::CorrectName => "correct-name",
        }
    }

    /// The fields that say what it is about. The proof of the form binds them.
    pub const fn about(self) -> &'static [&'static str] {
        match self {
            Self::RenamePool | Self::AddMember => &["poolId"],
            Self::RemoveMember => &["poolId", "personId"],
            Self::EndRole | Self::ConfirmRole | Self::DeclineRole | Self::WithdrawRole => &["personId", "role"],
            Self::CorrectName => &["personId"],
            Self::Phone | Self::Calendar | Self::Ages | Self::OpenPool | Self::Register | Self::Grant => &[],
        }
    }

    /// The heading of its page, and the words of the link that leads there.
    pub fn title(self, l: &Texts) -> String {
        match self {
            Self::Phone => l.change_phone(),
            Self::Calendar => l.change_calendar(),
            Self::Ages => l.change_ages(),
            Self::OpenPool => l.change_open_pool(),
            Self::RenamePool => l.change_rename_pool(),
            Self::AddMember => l.change_add_member(),
            Self::RemoveMember => l.change_remove_member(),
            Self::Register => l.change_register(),
            Self::Grant => l.change_grant(),
            Self::ConfirmRole => l.change_confirm_role(),
            Self::DeclineRole => l.change_decline_role(),
            Self::WithdrawRole => l.change_withdraw_role(),
            Self::EndRole => l.change_end_role(),
            Self::CorrectName => l.change_correct_name(),
        }
        .into_owned()
    }

    /// Whether it gives a role, which can wait for another administrator.
    pub const fn gives_role(self) -> bool {
        matches!(self, Self::Grant | Self::Register)
    }

    /// What the page says once it is made.
    pub fn done(self, l: &Texts) -> String {
        match self {
            Self::Phone => l.changed_phone(),
            Self::Calendar => l.changed_calendar(),
            Self::Ages => l.changed_ages(),
            Self::OpenPool => l.changed_open_pool(),
            Self::RenamePool => l.changed_rename_pool(),
            Self::AddMember => l.changed_add_member(),
            Self::RemoveMember => l.changed_remove_member(),
            Self::Register => l.changed_register(),
            Self::Grant => l.changed_grant(),
            Self::ConfirmRole => l.changed_confirm_role(),
            Self::DeclineRole => l.changed_decline_role(),
            Self::WithdrawRole => l.changed_withdraw_role(),
            Self::EndRole => l.changed_end_role(),
            Self::CorrectName => l.changed_correct_name(),
        }
        .into_owned()
    }
}
