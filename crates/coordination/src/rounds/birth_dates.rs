//! The dates of birth of minors with helpers, from which it follows when they reach the ages. Each is opened once, off the
//! threads of the runtime, and kept in memory for an hour at most; it is stored nowhere, and in no log. The ages that
//! follow are kept in memory longer, for each use of an access (`authorization/ages.rs`).

use std::collections::HashMap;
use std::sync::Arc;

use care::day;
use care::ids::EventId;
use chrono::NaiveDate;
use vault::Vault;

use crate::authorization::details::StoredText;
use crate::fault::Fault;
use crate::waiting::apart;

/// Dates of birth by the event that they came in. None for one that is not known to the day, or whose key was destroyed.
#[derive(Default)]
pub(crate) struct BirthDates(HashMap<EventId, Option<NaiveDate>>);

impl std::fmt::Debug for BirthDates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} dates of birth", self.0.len())
    }
}

impl BirthDates {
    /// The date of birth that is sealed here.
    pub async fn of(&mut self, vault: &Arc<Vault>, sealed: StoredText) -> Result<Option<NaiveDate>, Fault> {
        if let Some(known) = self.0.get(&sealed.event) {
            return Ok(*known);
        }
        let (event, vault) = (sealed.event, Arc::clone(vault));
        let text = apart("the key store", move || sealed.opened(&vault)).await??;
        let born = text.and_then(|text| day::parse(text.as_str()).ok());
        self.0.insert(event, born);
        Ok(born)
    }

    /// Forgets one, whose key was destroyed.
    pub fn forget(&mut self, sealed: &StoredText) {
        self.0.remove(&sealed.event);
    }
}
