//! What an entity of the authorization state is, where entities are kept, and periods in which something
//! in them holds.

use std::borrow::Cow;
use std::convert::Infallible;

use care::age::AgeInstants;
use care::conversation::Place;
use care::ids::DelegationId;
use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::index::Mark;

/// What is known of one thing, folded from events.
pub(crate) trait Entity: Serialize + DeserializeOwned + Clone + PartialEq + Send + Sync + 'static {
    /// Its name in the table of entities.
    const TABLE: &'static str;
    /// Counted up when its written form changes: read models of another form are folded again.
    const SHAPE: u32;

    /// By what it is found in memory; some marks may come twice.
    fn marks(&self) -> Vec<Mark> {
        Vec::new()
    }
}

/// Where entities are kept.
pub(crate) trait Entities {
    /// What can go wrong in asking.
    type Fault;

    /// The entity of an id; none if there is none.
    fn get<E: Entity>(&self, id: Uuid) -> Result<Option<Cow<'_, E>>, Self::Fault>;

    /// When the patient reaches the ages, where a delegation rests on minority; none where that is not known here.
    fn ages(&self, delegation: DelegationId) -> Option<AgeInstants>;

    /// Puts an entity in its place, or takes it away.
    fn put<E: Entity>(&mut self, id: Uuid, entity: Option<E>) -> Result<(), Self::Fault>;

    /// Replaces an entity by what `fold` makes of it.
    fn update<E: Entity>(&mut self, id: Uuid, fold: impl FnOnce(Option<E>) -> Option<E>) -> Result<(), Self::Fault> {
        let before = self.get::<E>(id)?.map(Cow::into_owned);
        self.put(id, fold(before))
    }
}

/// When something held: from, up to but not including until, unless it was ended before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Period {
    pub from: DateTime<Utc>,
    /// Whether that was still to come when its event was recorded. All else holds from its event on, by its place in the
    /// log, whatever a clock says that was set back since.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub begins_later: bool,
    /// When it ends by itself; none if it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
    /// When somebody ended it; none if nobody has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<DateTime<Utc>>,
}

impl Period {
    pub fn since(from: DateTime<Utc>) -> Self {
        Self { from, begins_later: false, until: None, ended_at: None }
    }

    /// Ends it by somebody's word; the first word stays.
    pub fn end(&mut self, at: DateTime<Utc>) {
        self.ended_at.get_or_insert(at);
    }

    /// Whether it holds. What somebody ended holds at no instant any more: a request whose clock is
    /// behind, or which began before and comes after, finds it ended all the same.
    pub fn holds(self, now: DateTime<Utc>) -> bool {
        let has_begun = !self.begins_later || self.from <= now;
        has_begun && self.until.is_none_or(|until| now < until) && self.ended_at.is_none()
    }

    /// Whether it held at an instant before now, also if somebody ended it since.
    pub fn held(self, at: DateTime<Utc>) -> bool {
        let has_begun = !self.begins_later || self.from <= at;
        has_begun && self.until.is_none_or(|until| at < until) && self.ended_at.is_none_or(|ended| at < ended)
    }
}

/// A role at an organization, held in a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Held {
    pub place: Place,
    pub period: Period,
}

/// An answer of the state in memory, which cannot fail.
pub(crate) fn certain<T>(answer: Result<T, Infallible>) -> T {
    match answer {
        Ok(answer) => answer,
        Err(never) => match never {},
    }
}
