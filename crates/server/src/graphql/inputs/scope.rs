//! Inputs that say what a helper reaches, and how far a legal authority goes.

use std::collections::BTreeMap;

use async_graphql::{ID, InputObject};
use care::scope::{AuthorityLimits, Scope, TopicVerbs};
use serde::{Deserialize, Serialize};

use super::Fields;
use crate::graphql::delegation_words::DelegationHistory;
use crate::graphql::id::decode_id;
use crate::graphql::thread_kind::ThreadKind;
use crate::graphql::words::{Sensitivity, Topic};

/// What a helper may do in threads of a topic.
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TopicAccessInput {
    /// The topic.
    pub topic: Topic,
    /// Whether they read them.
    #[graphql(default)]
    #[serde(default)]
    pub read: bool,
    /// Whether they write in them.
    #[graphql(default)]
    #[serde(default)]
    pub write: bool,
    /// Whether they act for the patient.
    #[graphql(default)]
    #[serde(default)]
    pub act: bool,
}

/// What a helper may reach. What is in no field is not reached.
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DelegationScopeInput {
    /// The topics, each once with what they may do.
    #[graphql(default)]
    #[serde(default)]
    pub topics: Vec<TopicAccessInput>,
    /// The kinds of threads: of these, threads of normal confidentiality.
    #[graphql(default)]
    #[serde(default)]
    pub thread_kinds: Vec<ThreadKind>,
    /// Threads that are listed one by one, of whatever kind and confidentiality; their topic is among the topics.
    #[graphql(default)]
    #[serde(default)]
    pub thread_ids: Vec<ID>,
    /// The sensitive subjects that are opened.
    #[graphql(default)]
    #[serde(default)]
    pub sensitivities: Vec<Sensitivity>,
    /// How much of the past.
    pub history: DelegationHistory,
    /// Whether a representative by law manages the patient's other helpers.
    #[graphql(default)]
    #[serde(default)]
    pub manages_helpers: bool,
}

/// How far a legal authority goes.
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AuthorityLimitsInput {
    /// The topics, each once with what may be done.
    #[graphql(default)]
    #[serde(default)]
    pub topics: Vec<TopicAccessInput>,
    /// The sensitive subjects that it covers.
    #[graphql(default)]
    #[serde(default)]
    pub sensitivities: Vec<Sensitivity>,
    /// Whether the person may manage the patient's other helpers.
    #[graphql(default)]
    #[serde(default)]
    pub manages_helpers: bool,
}

/// A topic stands in a list twice: the second place of it.
#[derive(Debug)]
pub(in crate::graphql) struct TopicTwice(usize);

impl TopicTwice {
    /// Says it of the list at a path of the input.
    fn said(&self, fields: &mut Fields, path: &[&str]) {
        let index = self.0.to_string();
        let path = [path, &["topics", index.as_str()]].concat();
        _ = fields.parsed::<(), _>(&path, Err("the topic stands there twice"));
    }
}

/// The topics, each once, with what may be done.
fn topics(given: &[TopicAccessInput]) -> Result<BTreeMap<care::words::Topic, TopicVerbs>, TopicTwice> {
    let mut topics = BTreeMap::new();
    for (index, each) in given.iter().enumerate() {
        let TopicAccessInput { topic, read, write, act } = each;
        let verbs = TopicVerbs { read: *read, write: *write, act: *act };
        if topics.insert((*topic).into(), verbs).is_some() {
            return Err(TopicTwice(index));
        }
    }
    Ok(topics)
}

impl DelegationScopeInput {
    /// The scope.
    ///
    /// # Errors
    /// [`TopicTwice`]
    pub(in crate::graphql) fn scope(&self) -> Result<Scope, TopicTwice> {
        let Self { topics: given, thread_kinds, thread_ids, sensitivities, history, manages_helpers } = self;
        Ok(Scope {
            topics: topics(given)?,
            kinds: thread_kinds.iter().map(|kind| (*kind).into()).collect(),
            threads: thread_ids.iter().map(decode_id).collect(),
            sensitivities: sensitivities.iter().map(|code| (*code).into()).collect(),
            history: (*history).into(),
            manages_helpers: *manages_helpers,
        })
    }

    /// The scope as a part of an input; `None` if it is invalid.
    pub(super) fn read(&self, fields: &mut Fields, path: &[&str]) -> Option<Scope> {
        self.scope().map_err(|twice| twice.said(fields, path)).ok()
    }
}

impl AuthorityLimitsInput {
    /// The limits; `None` if they are invalid.
    pub(super) fn read(&self, fields: &mut Fields, path: &[&str]) -> Option<AuthorityLimits> {
        let Self { topics: given, sensitivities, manages_helpers } = self;
        let topics = topics(given).map_err(|twice| twice.said(fields, path)).ok()?;
        Some(AuthorityLimits {
            topics,
            sensitivities: sensitivities.iter().map(|code| (*code).into()).collect(),
            manages_helpers: *manages_helpers,
        })
    }
}
