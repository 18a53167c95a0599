//! A sample of each event of organizations, persons, patients, care teams and drafts.

use chrono::NaiveDate;

use super::*;
use crate::age::AgeGates;
use crate::calendar::{Calendar, Hours};
use crate::care_team::{
    CareTeamEvent, ConflictRecorded, MemberAdded, MemberAsked, MemberDeclined, MemberJoined, MemberRemoved,
};
use crate::draft::{DraftEvent, Ended, Form, Saved};
use crate::organization::{
    AgeGatesSet, CalendarSet, Created, OrganizationEvent, PhoneSet, PoolMemberAdded, PoolMemberRemoved, PoolOpened,
    PoolRenamed,
};
use crate::party::FormSubject;
use crate::patient::{
    DetailsCorrected, LinkAccepted, LinkDeclined, LinkEnded, LinkProposed, LinkWithdrawn, PatientEvent,
    PatientRegistered,
};
use crate::person::{NameCorrected, PersonEvent, Registered, RoleDeclined, RoleEnded, RoleGranted, RoleProposed};
use crate::phone::Phone;
use crate::words::{DraftEnd, GrantBasis, Urgency};

pub(super) fn organizations() -> [OrganizationEvent; 8] {
    let day = || vec![Hours { opens: 9 * 60, closes: 12 * 60 }, Hours { opens: 13 * 60, closes: 17 * 60 }];
    let night = vec![Hours { opens: 22 * 60, closes: 6 * 60 }];
    let calendar = Calendar {
        zone: "Europe/Vienna".into(),
        week: [day(), day(), day(), day(), day(), night, vec![]],
        holidays: BTreeSet::from([NaiveDate::from_ymd_opt(2026, 12, 25).expect("a day")]),
        answer_minutes: BTreeMap::from([(Urgency::Routine, 2400), (Urgency::Urgent, 480)]),
    };
    [
        OrganizationEvent::Created(Created { organization: id(2), name: "Lindenhof Practice".into() }),
        OrganizationEvent::CalendarSet(CalendarSet { version: 1, calendar }),
        OrganizationEvent::PhoneSet(PhoneSet { phone: Some(Phone::parse("+43 1 234567").expect("a number")) }),
        OrganizationEvent::PoolOpened(PoolOpened {
            pool: id(4),
            name: "Cardiology".into(),
            public_name: "Heart advice".into(),
            specialty: "cardiology".into(),
        }),
        OrganizationEvent::PoolRenamed(PoolRenamed {
            pool: id(4),
            name: "Cardiology".into(),
            public_name: "Heart advice".into(),
        }),
        OrganizationEvent::PoolMemberAdded(PoolMemberAdded { pool: id(4), person: id(3) }),
        OrganizationEvent::PoolMemberRemoved(PoolMemberRemoved { pool: id(4), person: id(3) }),
        OrganizationEvent::AgeGatesSet(AgeGatesSet { gates: AgeGates { first: 12, review: Some(15), adult: 18 } }),
    ]
}

pub(super) fn persons() -> [PersonEvent; 6] {
    [
        PersonEvent::RoleProposed(RoleProposed {
            person: id(3),
            organization: id(2),
            role: Role::Physician,
            until: Some(at("2027-11-23T08:00:00Z")),
            by: id(9),
            expires_at: at("2026-12-07T08:00:00Z"),
        }),
        PersonEvent::RoleDeclined(RoleDeclined {
            person: id(3),
            organization: id(2),
            role: Role::Physician,
            by: person(9),
        }),
        PersonEvent::Registered(Registered { person: id(3), organization: id(2), name: SPARE }),
        PersonEvent::RoleGranted(RoleGranted {
            person: id(3),
            organization: id(2),
            role: Role::Physician,
            from: at("2026-11-23T08:00:00Z"),
            until: Some(at("2027-11-23T08:00:00Z")),
            basis: Some(GrantBasis::TwoAdministrators),
            proposed_by: Some(id(9)),
        }),
        PersonEvent::RoleEnded(RoleEnded { person: id(3), organization: id(2), role: Role::Physician }),
        PersonEvent::NameCorrected(NameCorrected { person: id(3), organization: id(2), name: SPARE, reason: SPARE }),
    ]
}

pub(super) fn patients() -> [PatientEvent; 7] {
    [
        PatientEvent::PatientRegistered(PatientRegistered {
            patient: id(1),
            organization: id(2),
            name: SPARE,
            birth_date: SPARE,
            confirmed_not_duplicate_of: vec![id(9)],
        }),
        PatientEvent::DetailsCorrected(DetailsCorrected {
            by: person(3),
            name: Some(SPARE),
            birth_date: Some(SPARE),
            reason: SPARE,
            confirmed_not_duplicate_of: vec![id(9)],
        }),
        PatientEvent::LinkProposed(LinkProposed {
            by: person(3),
            role: Role::Coordinator,
            person: id(8),
            expires_at: at("2026-12-07T08:00:00Z"),
        }),
        PatientEvent::LinkWithdrawn(LinkWithdrawn { by: person(3) }),
        PatientEvent::LinkAccepted(LinkAccepted { person: id(8) }),
        PatientEvent::LinkDeclined(LinkDeclined { person: id(8) }),
        PatientEvent::LinkEnded(LinkEnded { by: person(3), person: id(8), reason: SPARE }),
    ]
}

pub(super) fn drafts() -> [DraftEvent; 2] {
    [
        DraftEvent::Saved(Saved {
            draft: id(21),
            form: Form { command: name("thread.post"), subject: FormSubject::Thread(id(5)) },
            patient: Some(id(1)),
            organization: Some(id(2)),
            number: 2,
            at: at("2026-11-23T09:10:00Z"),
            content: SPARE,
        }),
        DraftEvent::Ended(Ended { draft: id(21), how: DraftEnd::Sent }),
    ]
}

pub(super) fn care_teams() -> [CareTeamEvent; 6] {
    [
        CareTeamEvent::MemberJoined(MemberJoined {
            patient: id(1),
            person: id(3),
            role: Role::Nurse,
            organization: id(2),
            reason: SPARE,
        }),
        CareTeamEvent::MemberAsked(MemberAsked {
            patient: id(1),
            person: id(3),
            role: Role::Physician,
            organization: id(7),
            by: person(9),
            expires_at: at("2026-12-07T08:00:00Z"),
        }),
        CareTeamEvent::MemberDeclined(MemberDeclined { patient: id(1), person: id(3), by: person(3) }),
        CareTeamEvent::MemberAdded(MemberAdded {
            patient: id(1),
            person: id(3),
            role: Role::SocialWorker,
            organization: id(2),
        }),
        CareTeamEvent::MemberRemoved(MemberRemoved { patient: id(1), person: id(3) }),
        CareTeamEvent::ConflictRecorded(ConflictRecorded { patient: id(1), person: id(3), by: person(9) }),
    ]
}
