//! Each problem names an argument that its mutation has.

use super::*;
use crate::graphql::mutation_name::mutation_of;

/// The input of the mutation that gives a command; none for what only the system does.
fn input_of(given: CommandName) -> Option<String> {
    let mutation = mutation_of(given)?;
    let (first, rest) = mutation.split_at(1);
    Some(format!("{}{rest}Input", first.to_ascii_uppercase()))
}

#[test]
fn a_problem_names_an_argument_that_the_mutation_has() {
    let sdl = crate::graphql::sdl();
    let mut named = 0;
    for given in ConversationCommand::names() {
        let Some(input) = input_of(given) else { continue };
        let declared = sdl.split(&format!("\ninput {input} {{")).nth(1).expect("an input of the schema");
        let fields = declared.split("\n}").next().expect("its fields");
        let Arguments { person, place, message, owner, pool, party, due, reason } = Arguments::of(given);
        for path in [person, place, message, owner, pool, party, due, reason] {
            let Some(field) = path.get(1) else { continue };
            assert!(fields.contains(&format!("\n\t{field}:")), "{input} has no {field}");
            named += 1;
        }
    }
    assert!(named > 10, "{named}");
}

#[test]
fn a_refusal_is_about_the_argument_by_which_its_command_names_it() {
    use care::conversation::{
        ChangeHistoryWindow, InviteParticipant, Leave, MarkRead, PostMessage, RemoveParticipant, Reopen, Transfer,
    };
    use care::lifecycle::team_thread::OpenTeamThread;
    let about = |refusal, given| {
        let (Problem::Rule(RuleProblem { path, .. }) | Problem::NotFound(NotFoundProblem { path, .. })) =
            conversation(refusal, given)
        else {
            panic!("{refusal:?}")
        };
        path.unwrap_or_default().join(".")
    };
    for (refusal, given, path) in [
        (ConversationRefusal::NoSuchMessage, MarkRead::NAME, "input.messageId"),
        (ConversationRefusal::NoSuchMessage, ChangeHistoryWindow::NAME, "input.history.fromMessageId"),
        (ConversationRefusal::NotAParticipant, PostMessage::NAME, "input.to"),
        (ConversationRefusal::NotAParticipant, Leave::NAME, ""),
        (ConversationRefusal::NoReachableReader, PostMessage::NAME, "input.to"),
        (ConversationRefusal::NoReachableReader, OpenTeamThread::NAME, ""),
        (ConversationRefusal::DuePast, Reopen::NAME, "input.to.dueAt"),
        (ConversationRefusal::DuePast, OpenTeamThread::NAME, "input.waitingOn.dueAt"),
        (ConversationRefusal::OwnerMustTransfer, RemoveParticipant::NAME, "input.personId"),
        (ConversationRefusal::ReasonMissing, RemoveParticipant::NAME, "input.note"),
        (ConversationRefusal::NoSuchRole, InviteParticipant::NAME, "input.place"),
        (ConversationRefusal::PartyCannotAct, Reopen::NAME, "input.to"),
        (ConversationRefusal::NoSuchPool, Transfer::NAME, "input.to"),
        (ConversationRefusal::NoSuchPool, RequestConsultation::NAME, "input.poolId"),
        (ConversationRefusal::NoSuchPool, OpenTeamThread::NAME, "input.owner.poolId"),
    ] {
        assert_eq!(about(refusal, given), path, "{refusal:?} of {}", given.word());
    }
}
