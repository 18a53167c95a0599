//! Any event is read as it was written: generated events of every type.

use proptest::prelude::*;

use super::*;
use crate::conversation::{
    Addressed, Closed, ConversationEvent, HistoryWindow, MessagePosted, Opened, Owner, OwnerChanged, ParticipantAdded,
    ParticipantInvited, Party, Place, Since, TurnPassed, WaitingOn,
};
use crate::draft::{DraftEvent, Form, Saved};
use crate::ids::PersonId;
use crate::lifecycle::consultation::{
    Advised, Consent, ConsultationEvent, Disposed, PlanRecorded, Recommendation, Submitted,
};
use crate::party::FormSubject;
use crate::patient::{DetailsCorrected, LinkProposed, PatientEvent, PatientRegistered};
use crate::person::{PersonEvent, Registered};
use crate::words::{
    Capacity, Certainty, Confidentiality, ConsentException, ConsentMethod, Disposition, RecommendationKind, Urgency,
};

fn any_id<I: Id>() -> impl Strategy<Value = I> {
    any::<u128>().prop_map(id)
}

fn any_word<W: Copy + std::fmt::Debug + 'static>(words: &'static [W]) -> impl Strategy<Value = W> {
    prop::sample::select(words)
}

fn any_time() -> impl Strategy<Value = DateTime<Utc>> {
    (0_i64..=253_402_300_799, 0_u32..1_000_000_000)
        .prop_map(|(seconds, nanos)| crate::instant::cut(DateTime::from_timestamp(seconds, nanos).expect("a time")))
}

fn any_sealed() -> impl Strategy<Value = PersonalText> {
    ("\\PC{0,20}", "\\PC{0,20}", any::<[u8; 12]>(), any::<Vec<u8>>()).prop_map(|(tag, key, nonce, ciphertext)| {
        PersonalText::Sealed(SealedText { tag: tag.into(), key: key.into(), nonce, ciphertext })
    })
}

fn any_actor() -> impl Strategy<Value = Actor> {
    prop_oneof![
        any_id::<PersonId>().prop_map(Actor::Person),
        any_word(ProcessName::ALL).prop_map(Actor::Process),
        Just(Actor::Installation),
    ]
}

fn any_place() -> impl Strategy<Value = Place> {
    (any_word(Role::ALL), any_id()).prop_map(|(role, organization)| Place { role, organization })
}

fn any_owner() -> impl Strategy<Value = Owner> {
    prop_oneof![
        any_id().prop_map(Owner::Pool),
        (any_id(), prop::option::of(any_id())).prop_map(|(person, pool)| Owner::Person { person, pool }),
    ]
}

fn any_party() -> impl Strategy<Value = Party> {
    prop_oneof![
        any_id().prop_map(Party::Person),
        any_id().prop_map(Party::Pool),
        any_id().prop_map(Party::PoolCoordinator),
        any_place().prop_map(Party::Role),
        any_id().prop_map(Party::Patient),
        Just(Party::Nobody),
    ]
}

fn any_due() -> impl Strategy<Value = Due> {
    (any_time(), any::<u32>(), "\\PC{0,20}", "\\PC{0,20}").prop_map(|(at, calendar_version, zone, zone_rules)| Due {
        at,
        calendar_version,
        zone,
        zone_rules,
    })
}

fn any_since() -> impl Strategy<Value = Option<Since>> {
    prop::option::of((any::<u32>(), any_time()).prop_map(|(number, at)| Since { number, at }))
}

fn any_history() -> impl Strategy<Value = HistoryWindow> {
    prop_oneof![Just(HistoryWindow::Full), Just(HistoryWindow::FromJoin), any_id().prop_map(HistoryWindow::FromMessage),]
}

fn any_addressed() -> impl Strategy<Value = Addressed> {
    prop_oneof![
        Just(Addressed::Everyone),
        Just(Addressed::ClinicalTeam),
        prop::collection::btree_set(any_id(), 0..4).prop_map(Addressed::Named),
        any_id().prop_map(Addressed::TeamAnd),
    ]
}

fn any_opened() -> impl Strategy<Value = ConversationEvent> {
    let who = (any_actor(), any_word(Role::ALL), any_word(ThreadKind::ALL), prop::option::of(any_id()), any_owner());
    let organizations = (any_id(), any_id(), prop::collection::btree_set(any_id(), 0..3));
    let labels = (
        any_word(Confidentiality::ALL),
        prop::collection::vec(any_word(Sensitivity::ALL), 0..4),
        any_word(Topic::ALL),
        any::<bool>(),
        prop::option::of(any_id()),
    );
    (who, organizations, labels, any_sealed(), prop::option::of(any_due())).prop_map(
        |(who, organizations, labels, subject, claim_by)| {
            let (by, role, kind, patient, owner) = who;
            let (organization, owning_organization, pools) = organizations;
            let (confidentiality, sensitivities, topic, hidden_from_delegates, minor_asked_by) = labels;
            ConversationEvent::Opened(Opened {
                by,
                role,
                kind,
                patient,
                organization,
                owning_organization,
                owner,
                claim_by,
                pools,
                topic,
                subject,
                confidentiality,
                sensitivities,
                hidden_from_delegates,
                minor_asked_by,
            })
        },
    )
}

fn any_conversation() -> impl Strategy<Value = Event> {
    let text = || prop::option::of(any_sealed());
    let added = (any_actor(), any_id(), any_place(), any_since(), any::<bool>(), text()).prop_map(
        |(by, person, place, since, by_care_team, reason)| {
            ConversationEvent::ParticipantAdded(ParticipantAdded { by, person, place, since, by_care_team, reason })
        },
    );
    let invited = (any_actor(), any_id(), any_place(), any_history(), any_time(), text()).prop_map(
        |(by, person, place, history, expires_at, reason)| {
            let invited = ParticipantInvited { by, person, place, history, expires_at, reason };
            ConversationEvent::ParticipantInvited(invited)
        },
    );
    let owner = (any_actor(), any_owner(), any_id(), prop::option::of(any_due()), text()).prop_map(
        |(by, owner, organization, claim_by, reason)| {
            ConversationEvent::OwnerChanged(OwnerChanged { by, owner, organization, claim_by, reason })
        },
    );
    let to = (any_party(), any_word(CommandName::all()), prop::option::of(any_time()))
        .prop_map(|(party, action, due)| WaitingOn { party, action, due });
    let turn = (any_actor(), to, text(), prop::option::of(any_due()))
        .prop_map(|(by, to, note, promised)| ConversationEvent::TurnPassed(TurnPassed { by, to, note, promised }));
    let posted = (
        (any_actor(), any_word(Capacity::ALL), prop::option::of(any_id()), any_id()),
        (any::<u32>(), any_time(), any_addressed(), any_sealed()),
    )
        .prop_map(|((by, capacity, delegation, message), (number, at, addressed, body))| {
            let posted = MessagePosted { by, capacity, delegation, message, number, at, addressed, body };
            ConversationEvent::MessagePosted(posted)
        });
    let closed = (any_actor(), any_time(), text())
        .prop_map(|(by, at, outcome)| ConversationEvent::Closed(Closed { by, at, outcome }));
    prop_oneof![any_opened(), added, invited, owner, turn, posted, closed].prop_map(|event| Event::Thread(event.into()))
}

fn any_consent() -> impl Strategy<Value = Consent> {
    prop_oneof![
        (any_word(ConsentMethod::ALL), any_time()).prop_map(|(method, at)| Consent::Given { method, at }),
        any_word(ConsentException::ALL).prop_map(|reason| Consent::Exception { reason }),
    ]
}

fn any_submitted() -> impl Strategy<Value = Event> {
    (any_sealed(), any_word(Urgency::ALL), any_consent(), any::<bool>(), any_due()).prop_map(
        |(question, urgency, consent, may_convert, due)| {
            let submitted = Submitted { question, urgency, consent, may_convert, due };
            Event::Thread(ConsultationEvent::Submitted(submitted).into())
        },
    )
}

fn any_advised() -> impl Strategy<Value = Event> {
    let recommendation = (any_id(), any_word(RecommendationKind::ALL), any_word(Certainty::ALL), any_sealed())
        .prop_map(|(recommendation, kind, certainty, text)| Recommendation { recommendation, kind, certainty, text });
    let recommendations = prop::collection::vec(recommendation, 0..4);
    (any_actor(), recommendations, prop::option::of(any_sealed()), any::<u16>(), prop::option::of(any_time())).prop_map(
        |(by, recommendations, come_back_when, minutes_spent, at)| {
            let advised = Advised { by, recommendations, come_back_when, minutes_spent, at };
            Event::Thread(ConsultationEvent::Advised(advised).into())
        },
    )
}

fn any_plan() -> impl Strategy<Value = Event> {
    let disposed = (any_id(), any_word(Disposition::ALL), prop::option::of(any_sealed()))
        .prop_map(|(recommendation, disposition, reason)| Disposed { recommendation, disposition, reason });
    (any_actor(), prop::collection::vec(disposed, 0..4), prop::option::of(any_sealed())).prop_map(
        |(by, dispositions, note)| {
            let recorded = PlanRecorded { by, dispositions, note };
            Event::Thread(ConsultationEvent::PlanRecorded(recorded).into())
        },
    )
}

fn any_registered() -> impl Strategy<Value = Event> {
    let others = || prop::collection::vec(any_id(), 0..3);
    let patient = (any_id(), any_id(), any_sealed(), any_sealed(), others()).prop_map(
        |(patient, organization, name, birth_date, confirmed_not_duplicate_of)| {
            let registered = PatientRegistered { patient, organization, name, birth_date, confirmed_not_duplicate_of };
            Event::Patient(PatientEvent::PatientRegistered(registered))
        },
    );
    let text = || prop::option::of(any_sealed());
    let corrected = (any_actor(), text(), text(), any_sealed(), others()).prop_map(
        |(by, name, birth_date, reason, confirmed_not_duplicate_of)| {
            let corrected = DetailsCorrected { by, name, birth_date, reason, confirmed_not_duplicate_of };
            Event::Patient(PatientEvent::DetailsCorrected(corrected))
        },
    );
    let proposed =
        (any_actor(), any_word(Role::ALL), any_id(), any_time()).prop_map(|(by, role, person, expires_at)| {
            Event::Patient(PatientEvent::LinkProposed(LinkProposed { by, role, person, expires_at }))
        });
    let person = (any_id(), any_id(), any_sealed()).prop_map(|(person, organization, name)| {
        Event::Person(PersonEvent::Registered(Registered { person, organization, name }))
    });
    prop_oneof![patient, corrected, proposed, person]
}

fn any_draft() -> impl Strategy<Value = Event> {
    let subject = prop_oneof![
        any_id().prop_map(FormSubject::Thread),
        any_id().prop_map(FormSubject::Patient),
        any_id().prop_map(FormSubject::Organization),
    ];
    let form = (any_word(CommandName::all()), subject).prop_map(|(command, subject)| Form { command, subject });
    let about = (prop::option::of(any_id()), prop::option::of(any_id()));
    (any_id(), form, about, any::<u32>(), any_time(), any_sealed()).prop_map(
        |(draft, form, (patient, organization), number, at, content)| {
            Event::Drafts(DraftEvent::Saved(Saved { draft, form, patient, organization, number, at, content }))
        },
    )
}

proptest! {
    #[test]
    fn written_data_reads_back(
        event in prop_oneof![any_conversation(), any_submitted(), any_advised(), any_plan(), any_registered(), any_draft()]
    ) {
        let stored = event.encode().expect("sealed");
        prop_assert_eq!(Event::read(event.kind(), event.version(), &stored), Ok(event));
    }
}
