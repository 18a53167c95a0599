//! What a delegate may reach: topics with verbs, kinds of threads, listed threads, codes, and how much of the past.
//!
//! A scope is compared with another by [`Scope::is_within`] alone: a narrower scope reaches nothing that the wider one
//! does not. What is in no field is not reached.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::ids::ThreadId;
use crate::lifecycle::ThreadKind;
use crate::words::{DelegationHistory, Sensitivity, Topic};

/// What a delegate may do in threads of a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TopicVerbs {
    /// Read them.
    pub read: bool,
    /// Write in them.
    pub write: bool,
    /// Act for the patient: choose an appointment, decline an offer.
    pub act: bool,
}

impl TopicVerbs {
    /// To read.
    pub const READ: Self = Self { read: true, write: false, act: false };
    /// To read and write.
    pub const WRITE: Self = Self { read: true, write: true, act: false };
    /// To read, write and act.
    pub const ACT: Self = Self { read: true, write: true, act: true };

    fn is_within(self, other: Self) -> bool {
        let Self { read, write, act } = self;
        read <= other.read && write <= other.write && act <= other.act
    }

    fn is_none(self) -> bool {
        self.is_within(Self::default())
    }
}

/// What a delegate may reach.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// The topics, each with what may be done.
    pub topics: BTreeMap<Topic, TopicVerbs>,
    /// The kinds of threads: those of normal confidentiality.
    pub kinds: BTreeSet<ThreadKind>,
    /// Threads that are listed one by one, of whatever confidentiality and kind; their topic is among the topics.
    pub threads: BTreeSet<ThreadId>,
    /// The sensitive subjects that are opened. All others are closed.
    pub sensitivities: BTreeSet<Sensitivity>,
    /// How much of the past.
    pub history: DelegationHistory,
    /// Whether a representative by law may manage the patient's other helpers.
    pub manages_helpers: bool,
}

impl Scope {
    /// Nothing.
    #[must_use]
    pub fn nothing() -> Self {
        Self {
            topics: BTreeMap::new(),
            kinds: BTreeSet::new(),
            threads: BTreeSet::new(),
            sensitivities: BTreeSet::new(),
            history: DelegationHistory::FromGrant,
            manages_helpers: false,
        }
    }

    /// Whether nothing can be reached by it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let no_threads = self.kinds.is_empty() && self.threads.is_empty();
        !self.manages_helpers && (no_threads || self.topics.values().all(|verbs| verbs.is_none()))
    }

    /// Whether everything that it reaches is reached by the other too.
    #[must_use]
    pub fn is_within(&self, other: &Self) -> bool {
        let Self { topics, kinds, threads, sensitivities, history, manages_helpers } = self;
        verbs_within(topics, &other.topics)
            && kinds.is_subset(&other.kinds)
            && threads.is_subset(&other.threads)
            && sensitivities.is_subset(&other.sensitivities)
            && *history <= other.history
            && *manages_helpers <= other.manages_helpers
    }

    /// Whether it lets a delegate do anything but read.
    #[must_use]
    pub fn is_more_than_reading(&self) -> bool {
        self.manages_helpers || self.topics.values().any(|verbs| verbs.write || verbs.act)
    }

    /// The ordinary part of it that is about these topics: no sensitive subject, no thread that is listed by itself, and
    /// no right to manage helpers. As much of the past as before.
    #[must_use]
    pub fn only(&self, kept: &[Topic]) -> Self {
        let (threads, sensitivities) = (BTreeSet::new(), BTreeSet::new());
        let mut scope = Self { threads, sensitivities, manages_helpers: false, ..self.clone() };
        scope.topics.retain(|topic, _| kept.contains(topic));
        scope
    }

    /// Its topics alone, for a reader who may not know the rest.
    #[must_use]
    pub fn topics_alone(self) -> Self {
        Self { topics: self.topics, ..Self::nothing() }
    }
}

/// How far a legal authority goes. What lies outside is in no scope that rests on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorityLimits {
    /// The topics, each with what may be done.
    pub topics: BTreeMap<Topic, TopicVerbs>,
    /// The sensitive subjects that it covers.
    pub sensitivities: BTreeSet<Sensitivity>,
    /// Whether the person may manage the patient's other helpers.
    pub manages_helpers: bool,
}

impl AuthorityLimits {
    /// Whether the scope lies within the limits.
    #[must_use]
    pub fn cover(&self, scope: &Scope) -> bool {
        let Self { topics, sensitivities, manages_helpers } = self;
        verbs_within(&scope.topics, topics)
            && scope.sensitivities.is_subset(sensitivities)
            && scope.manages_helpers <= *manages_helpers
    }

    /// Whether they cover nothing.
    #[must_use]
    pub fn are_empty(&self) -> bool {
        self.topics.values().all(|verbs| verbs.is_none())
    }
}

fn verbs_within(topics: &BTreeMap<Topic, TopicVerbs>, others: &BTreeMap<Topic, TopicVerbs>) -> bool {
    topics.iter().all(|(topic, verbs)| verbs.is_within(others.get(topic).copied().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Id as _;
    use uuid::Uuid;

    fn wide() -> Scope {
        Scope {
            topics: [(Topic::Results, TopicVerbs::ACT), (Topic::Billing, TopicVerbs::READ)].into(),
            kinds: [ThreadKind::Consultation].into(),
            threads: [ThreadId::from_uuid(Uuid::from_u128(1))].into(),
            sensitivities: [Sensitivity::Hiv].into(),
            history: DelegationHistory::All,
            manages_helpers: true,
        }
    }

    /// The scope, each time with one thing less.
    fn narrower() -> Vec<Scope> {
        vec![
            Scope { topics: [(Topic::Results, TopicVerbs::ACT)].into(), ..wide() },
            Scope {
                topics: [(Topic::Results, TopicVerbs::WRITE), (Topic::Billing, TopicVerbs::READ)].into(),
                ..wide()
            },
            Scope { kinds: [].into(), ..wide() },
            Scope { threads: [].into(), ..wide() },
            Scope { sensitivities: [].into(), ..wide() },
            Scope { history: DelegationHistory::FromGrant, ..wide() },
            Scope { manages_helpers: false, ..wide() },
        ]
    }

    #[test]
    fn a_scope_with_one_thing_less_lies_within_and_not_the_other_way() {
        assert!(wide().is_within(&wide()));
        for less in narrower() {
            assert!(less.is_within(&wide()), "{less:?}");
            assert!(!wide().is_within(&less), "{less:?}");
            assert!(Scope::nothing().is_within(&less), "{less:?}");
        }
        let no_verbs = Scope { topics: [(Topic::Social, TopicVerbs::default())].into(), ..wide() };
        assert!(no_verbs.is_within(&wide()), "a topic without a verb is none");
    }

    #[test]
    fn nothing_is_reached_without_a_verb_or_without_a_thread() {
        let lay = Scope { manages_helpers: false, ..wide() };
        assert!(!wide().is_empty() && !lay.is_empty());
        assert!(Scope::nothing().is_empty());
        assert!(Scope { topics: [].into(), ..lay.clone() }.is_empty());
        assert!(Scope { topics: [(Topic::Results, TopicVerbs::default())].into(), ..lay.clone() }.is_empty());
        assert!(Scope { kinds: [].into(), threads: [].into(), ..lay.clone() }.is_empty());
        assert!(!Scope { kinds: [].into(), ..lay }.is_empty(), "listed threads are something");
    }

    #[test]
    fn the_limits_of_an_authority_cover_topics_verbs_codes_and_helpers() {
        let Scope { topics, sensitivities, .. } = wide();
        let limits = AuthorityLimits { topics, sensitivities, manages_helpers: true };
        assert!(limits.cover(&wide()));
        for less in [
            AuthorityLimits { topics: [(Topic::Results, TopicVerbs::ACT)].into(), ..limits.clone() },
            AuthorityLimits { sensitivities: [].into(), ..limits.clone() },
            AuthorityLimits { manages_helpers: false, ..limits.clone() },
        ] {
            assert!(!less.cover(&wide()), "{less:?}");
        }
    }

    #[test]
    fn the_part_about_some_topics_lies_within_and_manages_nobody() {
        let part = wide().only(&[Topic::Billing]);
        assert!(part.is_within(&wide()) && !part.manages_helpers);
        assert_eq!(part.topics, [(Topic::Billing, TopicVerbs::READ)].into());
        assert!(part.sensitivities.is_empty() && part.threads.is_empty(), "what was opened by name is not ordinary");
        assert_eq!((&part.kinds, part.history), (&wide().kinds, wide().history));
        assert!(wide().is_more_than_reading() && !part.is_more_than_reading());
    }
}
