//! A sample of each event of a conversation.

use super::*;
use crate::conversation::{
    Addressed, Closed, ConversationEvent, HiddenFromDelegates, HistoryWindow, InvitationExpired, Labelled,
    MessagePosted, Opened, Owner, OwnerChanged, ParticipantAdded, ParticipantDeclined, ParticipantInvited,
    ParticipantRemoved, Party, PatientDied, Place, ReadMarked, Released, Reopened, RequesterChanged, ShownToDelegates,
    Since, ThreadPutAway, TurnPassed, WaitingOn, WindowChanged,
};
use crate::words::{Capacity, Confidentiality, RemovalReason};

pub(super) fn samples() -> [ConversationEvent; 20] {
    let nurse = Place { role: Role::Nurse, organization: id(2) };
    let since = Some(Since { number: 1, at: at("2026-11-23T08:00:00Z") });
    [
        ConversationEvent::Opened(Opened {
            by: person(3),
            role: Role::Physician,
            kind: ThreadKind::Consultation,
            patient: Some(id(1)),
            organization: id(2),
            owning_organization: id(7),
            owner: Owner::Pool(id(4)),
            claim_by: Some(due()),
            pools: [id(10)].into(),
            topic: Topic::ClinicalAdvice,
            subject: SPARE,
            confidentiality: Confidentiality::Restricted,
            sensitivities: vec![Sensitivity::Psychiatry],
            hidden_from_delegates: true,
            minor_asked_by: None,
        }),
        ConversationEvent::ParticipantAdded(ParticipantAdded {
            by: person(3),
            person: id(8),
            place: nurse,
            since,
            by_care_team: true,
            reason: Some(SPARE),
        }),
        ConversationEvent::ParticipantInvited(ParticipantInvited {
            by: person(3),
            person: id(8),
            place: nurse,
            history: HistoryWindow::FromMessage(id(6)),
            expires_at: at("2026-12-07T08:00:00Z"),
            reason: Some(SPARE),
        }),
        ConversationEvent::ParticipantDeclined(ParticipantDeclined { by: person(8) }),
        ConversationEvent::InvitationExpired(InvitationExpired {
            by: Actor::Process(ProcessName::Invitations),
            person: id(8),
        }),
        ConversationEvent::WindowChanged(WindowChanged { by: person(3), person: id(8), since, reason: SPARE }),
        ConversationEvent::ParticipantRemoved(ParticipantRemoved {
            by: person(3),
            person: id(8),
            reason: RemovalReason::Removed,
            note: Some(SPARE),
        }),
        ConversationEvent::OwnerChanged(OwnerChanged {
            by: person(3),
            owner: Owner::Person { person: id(8), pool: Some(id(4)) },
            organization: id(7),
            claim_by: Some(due()),
            reason: Some(SPARE),
        }),
        ConversationEvent::RequesterChanged(RequesterChanged {
            by: person(3),
            requester: id(8),
            role: Role::Physician,
            reason: SPARE,
        }),
        ConversationEvent::TurnPassed(TurnPassed {
            by: Actor::Process(ProcessName::Unclaimed),
            to: WaitingOn {
                party: Party::Role(Place { role: Role::Coordinator, organization: id(7) }),
                action: name("thread.pass_turn"),
                due: Some(at("2026-11-30T08:00:00Z")),
            },
            note: Some(SPARE),
            promised: Some(due()),
        }),
        ConversationEvent::Labelled(Labelled {
            by: person(3),
            confidentiality: Confidentiality::VeryRestricted,
            sensitivities: vec![Sensitivity::Psychiatry],
        }),
        ConversationEvent::Released(Released { by: person(3) }),
        ConversationEvent::MessagePosted(MessagePosted {
            by: person(3),
            capacity: Capacity::Nurse,
            delegation: None,
            message: id(6),
            number: 1,
            at: at("2026-11-23T08:00:00Z"),
            addressed: Addressed::Named([id(8)].into()),
            body: SPARE,
        }),
        ConversationEvent::ReadMarked(ReadMarked {
            person: id(3),
            capacity: Capacity::Nurse,
            message: id(6),
            number: 1,
        }),
        ConversationEvent::ThreadPutAway(ThreadPutAway { person: id(3), away: true }),
        ConversationEvent::HiddenFromDelegates(HiddenFromDelegates { by: person(3), basis: Some(SPARE) }),
        ConversationEvent::ShownToDelegates(ShownToDelegates { by: person(8) }),
        ConversationEvent::Closed(Closed { by: person(3), at: at("2026-11-27T15:00:00Z"), outcome: Some(SPARE) }),
        ConversationEvent::Reopened(Reopened { by: Actor::Installation, reason: SPARE }),
        ConversationEvent::PatientDied(PatientDied {
            by: Actor::Process(ProcessName::Deaths),
            died_at: at("2026-11-22T08:00:00Z"),
        }),
    ]
}
