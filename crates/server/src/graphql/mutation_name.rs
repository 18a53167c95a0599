//! The mutation by which each command of a thread is given. Problems and threads name commands as the policy does.
//!
//! To add a command: 1. its arm below, which the compiler asks for; 2. its name in `docs/api.md`, which a test asks for. To
//! add a kind: 1. its arms in [`opening`] and [`closing`], which the compiler asks for; 2. the function of its acts, and its
//! line in [`mutation_of`], which the same test asks for.

use care::command_name::{Acts, CommandName, Named};
use care::conversation::{Close, ConversationAct, ConversationCommand};
use care::draft::opened_kind;
use care::lifecycle::ThreadKind;
use care::lifecycle::consultation::{CloseConsultation, ConsultationAct, ConsultationCommand};
use care::lifecycle::team_thread::{TeamThreadAct, TeamThreadCommand};

/// The mutation that gives a command of a thread; none if only the system gives it.
pub(super) fn mutation_of(command: CommandName) -> Option<&'static str> {
    if let Some(kind) = opened_kind(command) {
        return Some(opening(kind));
    }
    let of_conversation = ConversationCommand::named(command).and_then(of_conversation);
    of_conversation
        .or_else(|| ConsultationCommand::named(command).map(of_consultation))
        .or_else(|| TeamThreadCommand::named(command).map(of_team_thread))
}

/// The mutation by which a thread of a kind is opened.
const fn opening(kind: ThreadKind) -> &'static str {
    match kind {
        ThreadKind::Consultation => "requestConsultation",
        ThreadKind::TeamThread => "openTeamThread",
    }
}

/// The command by which threads of a kind are closed.
pub(super) fn closing(kind: ThreadKind) -> CommandName {
    match kind {
        ThreadKind::Consultation => CloseConsultation::NAME,
        ThreadKind::TeamThread => Close::NAME,
    }
}

const fn of_conversation(act: ConversationAct) -> Option<&'static str> {
    Some(match act {
        ConversationAct::AddParticipant => "addParticipant",
        ConversationAct::InviteParticipant => "inviteParticipant",
        ConversationAct::AcceptInvitation => "acceptInvitation",
        ConversationAct::DeclineInvitation => "declineInvitation",
        ConversationAct::ChangeHistoryWindow => "changeHistoryWindow",
        ConversationAct::Leave => "leaveThread",
        ConversationAct::RemoveParticipant => "removeParticipant",
        ConversationAct::PostMessage => "postMessage",
        ConversationAct::MarkRead => "markThreadRead",
        ConversationAct::PutAway => "putThreadAway",
        ConversationAct::HideFromDelegates => "hideThreadFromDelegates",
        ConversationAct::ShowToDelegates => "showThreadToDelegates",
        ConversationAct::Claim => "claimThread",
        ConversationAct::Release => "releaseThread",
        ConversationAct::Transfer => "transferThread",
        ConversationAct::TakeOver => "takeOverThread",
        ConversationAct::SetWaitingOn => "setWaitingOn",
        ConversationAct::PassTurn => "passTurn",
        ConversationAct::Close => "closeThread",
        ConversationAct::Reopen => "reopenThread",
        ConversationAct::ExpireInvitation
        | ConversationAct::ReturnToPool
        | ConversationAct::EndWait
        | ConversationAct::Escalate
        | ConversationAct::NoteDeath => return None,
    })
}

const fn of_consultation(act: ConsultationAct) -> &'static str {
    match act {
        ConsultationAct::Assign => "assignConsultation",
        ConsultationAct::AskForAssignment => "askForAssignment",
        ConsultationAct::HandOverRequest => "handOverRequest",
        ConsultationAct::Advise => "adviseConsultation",
        ConsultationAct::RecordPlan => "recordPlan",
        ConsultationAct::InformPatient => "informPatient",
        ConsultationAct::CloseConsultation => "closeConsultation",
    }
}

const fn of_team_thread(act: TeamThreadAct) -> &'static str {
    match act {
        TeamThreadAct::Park => "parkTeamThread",
    }
}

#[cfg(test)]
mod tests {
    use care::command_name::Command;
    use care::thread::ThreadCommand;

    use super::*;

    #[test]
    fn each_command_of_a_person_is_a_mutation_that_the_page_names() {
        let (sdl, page) = (crate::graphql::sdl(), include_str!("../../../../docs/api.md"));
        let mutations =
            sdl.split("\ntype Mutation ").nth(1).and_then(|after| after.split("\n}").next()).expect("mutations");
        let mut of_system = Vec::new();
        for command in ThreadCommand::names() {
            let word = command.word();
            match mutation_of(command) {
                Some(mutation) => {
                    assert!(mutations.contains(&format!("\n\t{mutation}(")), "{mutation}");
                    assert!(page.contains(&format!("`{word}` is `{mutation}`")), "`{word}` is `{mutation}`");
                }
                None => of_system.push(word),
            }
        }
        let expected = [
            "thread.expire_invitation",
            "thread.return_to_pool",
            "thread.end_wait",
            "thread.escalate",
            "thread.note_death",
        ];
        assert_eq!(of_system, expected);
    }
}
