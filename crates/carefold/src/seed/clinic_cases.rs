//! The demo clinic's consultations: what is asked, written, advised and decided about patients.
//!
//! Twenty cases stand along the main road, some in every state, with two hundred messages. The
//! shapes are here; the cases stand in `clinic_cases_<pool>.rs`, one file for each pool that
//! answers. Medical content is made up to be plausible, and is no advice for anybody.
//!
//! To add a case: 1. write it in the file of its pool, naming people and patients by the handles
//! and keys of `clinic_cast.rs`; 2. raise the counts in the tests below, which say what else is
//! missing.

use care::consultation::Survey;
use care::words::{
    Audience, Certainty, Confidentiality, ConsentMethod, ConsultationState, Disposition, InformMethod,
    RecommendationKind, Sensitivity, Topic, Urgency,
};

use crate::seed::{
    clinic_cases_cardiology as cardiology, clinic_cases_dermatology as dermatology,
    clinic_cases_endocrinology as endocrinology, clinic_cases_general_medicine as general_medicine,
};

/// One consultation, up to the state that it has reached.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Case {
    /// A word of its own, from which ids can be derived.
    pub key: &'static str,
    /// Key of the patient.
    pub patient: &'static str,
    /// Handle of the physician who asks.
    pub requester: &'static str,
    /// Key of the pool that is asked.
    pub pool: &'static str,
    /// Handle of the specialist: assigned to from `assigned` on (none: the member of the pool who claims
    /// it), the one who claimed it from `in_review` on.
    pub specialist: Option<&'static str>,
    /// Whole days before the seeding at which it was submitted.
    pub submitted_days_ago: u16,
    pub state: ConsultationState,
    pub topic: Topic,
    pub urgency: Urgency,
    pub confidentiality: Confidentiality,
    pub sensitivities: &'static [Sensitivity],
    pub consent: ConsentMethod,
    pub may_convert: bool,
    pub subject: &'static str,
    pub question: &'static str,
    /// In the order in which they are written, and so in the order of the states.
    pub messages: &'static [Message],
    /// From `answered` on.
    pub advice: Option<Advice>,
    /// From `plan_recorded` on.
    pub plan: Option<Plan>,
    /// From `patient_informed` on.
    pub informed: Option<InformMethod>,
    /// Once it is closed.
    pub survey: Option<Survey>,
}

/// A message, written while the consultation stands in the state `after`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Message {
    /// Handle of the author.
    pub by: &'static str,
    pub audience: Audience,
    pub after: ConsultationState,
    pub text: &'static str,
    /// Hours since the message before, or since the submission.
    pub hours: u16,
}

/// What the specialist answers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Advice {
    pub recommendations: &'static [Recommendation],
    pub come_back_when: Option<&'static str>,
    pub minutes_spent: u16,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Recommendation {
    pub kind: RecommendationKind,
    pub certainty: Certainty,
    pub text: &'static str,
}

/// What the requester makes of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    /// One for each recommendation, in their order.
    pub dispositions: &'static [Disposed],
    pub note: Option<&'static str>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Disposed {
    pub disposition: Disposition,
    /// Unless it is accepted.
    pub reason: Option<&'static str>,
}

pub(crate) const ACCEPTED: Disposed = Disposed { disposition: Disposition::Accepted, reason: None };

pub(crate) const fn modified(reason: &'static str) -> Disposed {
    Disposed { disposition: Disposition::Modified, reason: Some(reason) }
}

pub(crate) const fn rejected(reason: &'static str) -> Disposed {
    Disposed { disposition: Disposition::Rejected, reason: Some(reason) }
}

/// Writes a thread down as it is read: by state, each message with its hours since the last one.
macro_rules! said {
    ($($after:ident { $(+$hours:literal $by:literal to $audience:ident: $text:literal;)+ })+) => {
        &[$($($crate::seed::clinic_cases::Message {
            by: $by,
            audience: ::care::words::Audience::$audience,
            after: ::care::words::ConsultationState::$after,
            text: $text,
            hours: $hours,
        },)+)+]
    };
}
pub(crate) use said;

/// Every case, pool by pool.
pub(crate) fn cases() -> impl Iterator<Item = &'static Case> {
    cardiology::CASES.iter().chain(&dermatology::CASES).chain(&endocrinology::CASES).chain(&general_medicine::CASES)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::seed::clinic_cast::{ORGANIZATIONS, PATIENTS, PEOPLE, Patient, Person};
    use care::text::Text;
    use care::words::Role;

    fn patient(case: &Case) -> &'static Patient {
        PATIENTS.iter().find(|patient| patient.key == case.patient).expect("the case names a patient")
    }

    fn person(handle: &str) -> &'static Person {
        PEOPLE.iter().find(|person| person.handle == handle).expect("the case names a person")
    }

    fn all_messages() -> impl Iterator<Item = (&'static Case, &'static Message)> {
        cases().flat_map(|case| case.messages.iter().map(move |message| (case, message)))
    }

    #[test]
    fn twenty_cases_stand_in_every_state() {
        let keys: BTreeSet<_> = cases().map(|case| case.key).collect();
        assert_eq!((cases().count(), keys.len()), (20, 20));
        let mut counts = BTreeMap::new();
        for case in cases() {
            *counts.entry(case.state).or_insert(0) += 1;
        }
        let counted: Vec<_> = ConsultationState::ALL.iter().map(|state| counts.get(state).copied()).collect();
        assert_eq!(counted, [2, 3, 4, 3, 3, 2, 3].map(Some));
    }

    #[test]
    fn two_hundred_messages_and_no_two_alike() {
        let texts: BTreeSet<_> = all_messages().map(|(_, message)| message.text).collect();
        assert_eq!((all_messages().count(), texts.len()), (200, 200));
        for case in cases() {
            assert!((6..=16).contains(&case.messages.len()), "{}: {}", case.key, case.messages.len());
        }
    }

    #[test]
    fn who_writes_is_on_the_thread() {
        for (case, message) in all_messages() {
            let claimed = message.after >= ConsultationState::InReview;
            let on_thread = message.by == case.requester
                || (claimed && case.specialist == Some(message.by))
                || patient(case).care_team.contains(&message.by)
                || patient(case).person == Some(message.by);
            assert!(on_thread, "{}: {} is not on the thread", case.key, message.by);
        }
    }

    #[test]
    fn patients_and_social_workers_write_to_everyone_only() {
        for (case, message) in all_messages() {
            let author = person(message.by);
            let social_worker = author.roles.iter().any(|post| post.role == Role::SocialWorker);
            if author.roles.is_empty() || social_worker {
                assert_eq!(message.audience, Audience::Everyone, "{}: {}", case.key, message.text);
            }
            let restricted = case.confidentiality > Confidentiality::Normal || !case.sensitivities.is_empty();
            assert!(!(social_worker && restricted), "{}: a social worker cannot see it", case.key);
        }
    }

    #[test]
    fn messages_follow_the_road_and_end_before_the_seeding() {
        for case in cases() {
            assert!(case.messages.is_sorted_by_key(|message| message.after), "{}: states go back", case.key);
            let last = case.messages.iter().map(|message| message.after).max().expect("messages");
            assert!(last <= case.state, "{}: written in a state not reached", case.key);
            assert!(last < ConsultationState::Closed, "{}: written after closing", case.key);
            let hours: u16 = case.messages.iter().map(|message| message.hours).sum();
            assert!(hours < case.submitted_days_ago * 24, "{}: {hours} hours of messages", case.key);
        }
    }

    #[test]
    fn pools_and_specialists_belong_together() {
        for case in cases() {
            assert!(ORGANIZATIONS.iter().flat_map(|site| site.pools).any(|pool| pool.key == case.pool));
            assert!(person(case.requester).roles.iter().any(|post| post.role == Role::Physician), "{}", case.key);
            if let Some(handle) = case.specialist {
                assert!(person(handle).pools.contains(&case.pool), "{}: {handle}", case.key);
            }
            assert!(case.specialist.is_none() || case.state >= ConsultationState::Assigned, "{}", case.key);
            assert!(case.specialist.is_some() || case.state <= ConsultationState::Assigned, "{}", case.key);
        }
    }

    #[test]
    fn each_case_holds_what_its_state_needs_and_no_more() {
        for case in cases() {
            let reached = |state| case.state >= state;
            assert_eq!(case.advice.is_some(), reached(ConsultationState::Answered), "{}", case.key);
            assert_eq!(case.plan.is_some(), reached(ConsultationState::PlanRecorded), "{}", case.key);
            assert_eq!(case.informed.is_some(), reached(ConsultationState::PatientInformed), "{}", case.key);
            assert_eq!(case.survey.is_some(), reached(ConsultationState::Closed), "{}", case.key);
            let rated =
                |survey: Survey| [survey.helpful, survey.educational].iter().all(|stars| (1..=5).contains(stars));
            assert!(case.survey.is_none_or(rated), "{}: ratings go from 1 to 5", case.key);
        }
    }

    #[test]
    fn recommendations_and_dispositions_match() {
        for case in cases() {
            let Some(advice) = case.advice else { continue };
            assert!((1..=4).contains(&advice.recommendations.len()), "{}", case.key);
            let Some(plan) = case.plan else { continue };
            assert_eq!(plan.dispositions.len(), advice.recommendations.len(), "{}", case.key);
            for disposed in plan.dispositions {
                assert_eq!(disposed.reason.is_none(), disposed.disposition == Disposition::Accepted, "{}", case.key);
            }
        }
        let disposed: BTreeSet<_> = cases()
            .filter_map(|case| case.plan)
            .flat_map(|plan| plan.dispositions)
            .map(|each| each.disposition)
            .collect();
        assert_eq!(disposed.len(), Disposition::ALL.len(), "each disposition is shown");
    }

    #[test]
    fn labels_go_with_restriction() {
        for case in cases() {
            let restricted = case.confidentiality > Confidentiality::Normal;
            assert_eq!(restricted, !case.sensitivities.is_empty(), "{}", case.key);
        }
        assert_eq!(cases().filter(|case| !case.sensitivities.is_empty()).count(), 3);
    }

    #[test]
    fn every_text_is_accepted() {
        for case in cases() {
            assert!(Text::line(case.subject).is_ok(), "{}", case.subject);
            let words = case.question.split_whitespace().count();
            assert!((60..=150).contains(&words), "{}: a question of {words} words", case.key);
            let advised = case
                .advice
                .iter()
                .flat_map(|advice| advice.recommendations.iter().map(|each| each.text).chain(advice.come_back_when));
            let planned = case
                .plan
                .iter()
                .flat_map(|plan| plan.dispositions.iter().filter_map(|each| each.reason).chain(plan.note));
            let written = case.messages.iter().map(|message| message.text);
            for body in written.chain(advised).chain(planned).chain([case.question]) {
                assert!(Text::body(body).is_ok(), "{body}");
                // A line wrapped in the source without its space would glue two words together.
                assert!(!body.contains("  "), "{body}");
            }
        }
        for (case, message) in all_messages() {
            let words = message.text.split_whitespace().count();
            assert!((5..=120).contains(&words), "{}: a message of {words} words: {}", case.key, message.text);
        }
    }
}
