//! What a helper may reach, and what a legal authority covers.

use std::collections::BTreeMap;

use async_graphql::{ID, SimpleObject};
use care::scope::{Scope, TopicVerbs};

use super::delegation_words::DelegationHistory;
use super::id::encode_id;
use super::thread_kind::ThreadKind;
use super::words::{Sensitivity, Topic};

/// What a helper may do in threads of a topic.
#[derive(SimpleObject)]
pub struct TopicAccess {
    /// The topic.
    topic: Topic,
    /// Whether they read them.
    read: bool,
    /// Whether they write in them.
    write: bool,
    /// Whether they act for the patient, such as to choose an appointment.
    act: bool,
}

/// The topics of a scope, or of what a legal authority covers.
pub fn topics(topics: &BTreeMap<care::words::Topic, TopicVerbs>) -> Vec<TopicAccess> {
    let access = |(topic, verbs): (&care::words::Topic, &TopicVerbs)| {
        let TopicVerbs { read, write, act } = *verbs;
        TopicAccess { topic: (*topic).into(), read, write, act }
    };
    topics.iter().map(access).collect()
}

/// What a helper may reach. What is in no field is not reached.
#[derive(SimpleObject)]
pub struct DelegationScope {
    /// The topics, each with what they may do.
    topics: Vec<TopicAccess>,
    /// The kinds of threads: of these, threads of normal confidentiality.
    thread_kinds: Vec<ThreadKind>,
    /// The ids of threads that are listed one by one, of whatever kind and confidentiality. Without those that you may not know of.
    thread_ids: Vec<ID>,
    /// The sensitive subjects that are opened. All others are closed.
    sensitivities: Vec<Sensitivity>,
    /// How much of the past.
    history: DelegationHistory,
    /// Whether a representative by law manages the patient's other helpers.
    manages_helpers: bool,
}

impl From<&Scope> for DelegationScope {
    fn from(scope: &Scope) -> Self {
        Self {
            topics: topics(&scope.topics),
            thread_kinds: scope.kinds.iter().map(|kind| (*kind).into()).collect(),
            thread_ids: scope.threads.iter().copied().map(encode_id).collect(),
            sensitivities: scope.sensitivities.iter().map(|code| (*code).into()).collect(),
            history: scope.history.into(),
            manages_helpers: scope.manages_helpers,
        }
    }
}
