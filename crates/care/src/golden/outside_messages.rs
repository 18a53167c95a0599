//! A sample of each event of messages from outside, with its tags and how many words stand in it.

use super::*;
use crate::outside_message::{Attached, Claimed, Closed, Erased, Matched, OutsideMessageEvent, Sent};
use crate::words::{DelegationKind, OutsideEnd, OutsideWish, Relationship};

pub(super) fn samples() -> Vec<Sample<Event>> {
    let (by, role, at) = (person(3), Role::Nurse, at("2026-11-23T08:00:00Z"));
    let sample = |event: OutsideMessageEvent, tags, words| Sample { event: Event::OutsideMessage(event), tags, words };
    let sent = Sent {
        message: id(24),
        organization: id(2),
        person: id(8),
        wish: OutsideWish::Help,
        kind: Some(DelegationKind::PatientAuthorised),
        relationship: Relationship::Child,
        patient_name: SPARE,
        birth_date: Some(SPARE),
        text: Some(SPARE),
        at,
        due: Some(due()),
    };
    let texts: &[&str] = &["outside_message.patient_name", "outside_message.birth_date", "outside_message.text"];
    let attached = Attached { by, role, thread: id(5), patient: id(1), text: SPARE, at };
    let closed = Closed { by, role, how: OutsideEnd::Unmatched, reason: Some(SPARE), at };
    vec![
        sample(sent.into(), texts, 3),
        sample(Claimed { by, role }.into(), &[], 2),
        sample(Matched { by, role, patient: id(1), at }.into(), &[], 2),
        sample(attached.into(), &["outside_message.attached_text"], 2),
        sample(closed.into(), &["outside_message.closed_reason"], 3),
        sample(Erased { message: id(24) }.into(), &[], 0),
    ]
}
