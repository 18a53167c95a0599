//! What is due to the directives of patients: people are reminded in time, permissions that nobody confirmed end, and it
//! is recorded that a period has begun or is over. Who may is compared with the period at each use, whatever is recorded
//! here.
//!
//! Each command is given because of the newest event of the patient's directives, and the aggregate accepts it only while
//! it is due. So it takes effect once, also when a node was killed after it.

use care::consent_directive::{DirectiveCommand, Directives};
use care::ids::{Id as _, PatientId};
use care::words::ProcessName;
use chrono::{DateTime, Utc};

use super::timed::Found;
use crate::application::Application;
use crate::authorization::AuthorizationState;
use crate::authorization::timers::DirectiveTimers;
use crate::fault::Fault;
use crate::rounds::Rounds;
use crate::rounds::schedule::Timed;

/// What is due to each directive of a patient that has anything ahead.
fn look_at(state: &AuthorizationState, patient: PatientId, now: DateTime<Utc>) -> Vec<Found<DirectiveCommand>> {
    let Some(DirectiveTimers { deadlines, last }) = state.entity::<DirectiveTimers>(patient.uuid()) else {
        return Vec::new();
    };
    let found = deadlines.iter().map(|(directive, deadlines)| {
        let ahead = deadlines.ahead();
        let due = ahead.iter().filter(|(at, _)| *at <= now).map(|(_, due)| due.command(patient, *directive));
        Found {
            process: ProcessName::Directives,
            cause: *last,
            of: Some(directive.uuid()),
            due: due.collect(),
            wakes_at: ahead.iter().map(|(at, _)| *at).filter(|at| now < *at).min(),
        }
    });
    found.collect()
}

impl Application {
    /// Gives what is due to the directives of a patient, until one command has an effect: then they are looked at anew.
    pub(super) async fn keep_directives(
        &self,
        rounds: &mut Rounds,
        patient: PatientId,
        now: DateTime<Utc>,
    ) -> Result<bool, Fault> {
        let found = look_at(&self.projector().authorization(), patient, now);
        let wakes_at = found.iter().filter_map(|found| found.wakes_at).min();
        let mut has_effect = false;
        for each in found {
            has_effect = self.try_each::<Directives>(patient, Some(each), now).await?;
            if has_effect {
                break;
            }
        }
        rounds.looked_at(Timed::Directives(patient), wakes_at);
        Ok(has_effect)
    }
}
