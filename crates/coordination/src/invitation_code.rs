//! The code of an invitation to help, for a person who is not known here.
//!
//! It is taken once, by the delegation, and says nothing about anybody. It follows from the id of the command under the
//! installation's key, so that nothing draws it and a repeat of the command answers the same code. Only its hash is stored.

use aws_lc_rs::digest::{SHA256, digest};
use care::command_name::Command as _;
use care::delegation::{Delegation, DelegationCommand, InviteDelegate};
use care::event::Addressed;
use care::ids::{CommandId, Id as _};
use care::shown::Digest;
use uuid::Uuid;

use crate::application::Application;
use crate::command_context::CommandContext;
use crate::fault::Fault;
use crate::sha256::{bytes_of, first};

/// A code of an invitation: 32 hexadecimal digits.
#[derive(Clone, PartialEq, Eq)]
pub struct InvitationCode(String);

impl InvitationCode {
    /// The code that somebody typed: spaces, hyphens and upper case count for nothing. Whether it is one is not said here.
    #[must_use]
    pub fn typed(text: &str) -> Self {
        let counts = |letter: &char| !letter.is_whitespace() && *letter != '-';
        Self(text.chars().filter(counts).flat_map(char::to_lowercase).collect())
    }

    /// The code, to be passed on.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its hash, as the invitation keeps it.
    #[must_use]
    pub fn hash(&self) -> Digest {
        Digest::of_bytes(bytes_of(&digest(&SHA256, self.0.as_bytes())))
    }
}

impl Application {
    /// The code of the invitation that a command makes.
    ///
    /// # Errors
    /// [`Fault`] when the vault fails.
    pub fn invitation_code(&self, command: CommandId) -> Result<InvitationCode, Fault> {
        let made_of = [b"code of an invitation".as_slice(), command.uuid().as_bytes()].concat();
        let vault = self.vault();
        let bytes = vault.mac(&vault.installation(), &made_of)?;
        let bytes = bytes.ok_or(Fault::Unavailable("the installation's key"))?;
        Ok(InvitationCode(Uuid::from_bytes(first(bytes)).simple().to_string()))
    }

    /// An invitation that names nobody, with the hash of its code; every other command as it is.
    ///
    /// # Errors
    /// [`Fault`] when the vault fails.
    pub fn with_invitation_code(
        &self,
        context: &CommandContext,
        target: Option<<Delegation as Addressed>::Id>,
        command: DelegationCommand,
    ) -> Result<DelegationCommand, Fault> {
        let id = self.command_id(context, command.keyed_as(), target.map(care::ids::Id::uuid));
        if let DelegationCommand::InviteDelegate(invite) = &command
            && invite.person.is_none()
            && invite.answers.is_none()
        {
            let code = Some(self.invitation_code(id)?.hash());
            return Ok(InviteDelegate { code, ..invite.clone() }.into());
        }
        Ok(command)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_typed_in_several_ways_and_has_one_hash() {
        let code = InvitationCode::typed("0123456789abcdef0123456789abcdef");
        for typed in ["0123 4567 89AB CDEF 0123 4567 89AB CDEF", " 01234567-89abcdef-01234567-89abcdef\n"] {
            assert_eq!(InvitationCode::typed(typed).hash(), code.hash(), "{typed}");
        }
        assert_ne!(InvitationCode::typed("0123456789abcdef0123456789abcdee").hash(), code.hash());
        assert_ne!(code.hash().to_string(), code.as_str(), "what is stored is not the code");
    }
}
