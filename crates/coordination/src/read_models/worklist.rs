//! The worklists of consultations: what waits for me, for my pools, and what I wait for, by due
//! date. A list is the merge of a few indexed ranges, one for each ground on which a row is in it.

use care::ids::{OrganizationId, PersonId, PoolId};

use crate::fault::Fault;
use crate::read_models::Snapshot;
use crate::read_models::cells::id;
use crate::read_models::thread::{THREAD_COLUMNS, ThreadRow, thread_row};
use crate::tokens::Key;

/// Why a row stands in a list. To add one: 1. a variant; 2. its condition, with a partial index of
/// the same words in `schema.sql`.
#[derive(Debug, Clone, Copy)]
pub(crate) enum WorklistCriterion {
    /// I claimed it and have to answer.
    ToAnswer(PersonId),
    /// I asked and have to act on the answer.
    ToFinish(PersonId),
    /// It lies in the pool, unclaimed.
    Unclaimed(PoolId),
    /// I asked, and others have to act.
    Asked(PersonId),
    /// I answered, and the requester has to act.
    Answered(PersonId),
    /// My organization asked, and others have to act.
    AskedByOrganization(OrganizationId),
}

impl WorklistCriterion {
    fn condition(self) -> (&'static str, [u8; 16]) {
        match self {
            Self::ToAnswer(person) => ("t.assignee = ?1 AND t.state = 'in_review'", id(person)),
            Self::ToFinish(person) => {
                ("t.requester = ?1 AND t.state IN ('answered', 'plan_recorded', 'patient_informed')", id(person))
            }
            Self::Unclaimed(pool) => ("t.pool = ?1 AND t.state IN ('submitted', 'assigned')", id(pool)),
            Self::Asked(person) => {
                ("t.requester = ?1 AND t.state IN ('submitted', 'assigned', 'in_review')", id(person))
            }
            Self::Answered(person) => {
                ("t.assignee = ?1 AND t.state IN ('answered', 'plan_recorded', 'patient_informed')", id(person))
            }
            Self::AskedByOrganization(organization) => {
                ("t.requesting = ?1 AND t.state IN ('submitted', 'assigned', 'in_review')", id(organization))
            }
        }
    }
}

/// A page of the list that these grounds make, after a key, most urgent first.
pub(crate) fn worklist(
    snapshot: &Snapshot,
    criteria: &[WorklistCriterion],
    after: Option<Key>,
    rows_max: usize,
) -> Result<Vec<ThreadRow>, Fault> {
    let after = after.unwrap_or(Key { number: i64::MIN, id: uuid::Uuid::nil() });
    let limit = i64::try_from(rows_max).unwrap_or(i64::MAX);
    let mut rows: Vec<ThreadRow> = Vec::new();
    for criterion in criteria {
        let (condition, of) = criterion.condition();
        let sql = format!(
            "SELECT {THREAD_COLUMNS} FROM thread t WHERE {condition} AND (t.due, t.thread) > (?2, ?3) ORDER BY t.due, t.thread LIMIT ?4"
        );
        snapshot.each(&sql, rusqlite::params![of, after.number, after.id.into_bytes(), limit], |cells| {
            rows.push(thread_row(cells)?);
            Ok(())
        })?;
    }
    rows.sort_unstable_by_key(key_order);
    rows.dedup_by_key(|row| row.thread);
    rows.truncate(rows_max);
    Ok(rows)
}

fn key_order(row: &ThreadRow) -> (i64, uuid::Uuid) {
    (row.due_at.timestamp_micros(), row.sort_id())
}

/// The key of a row in this order.
pub(crate) fn key(row: &ThreadRow) -> Key {
    let (number, id) = key_order(row);
    Key { number, id }
}

/// The pools that a person may work for: as a member, or as a coordinator of their organization.
pub(crate) fn pools_of(snapshot: &Snapshot, person: PersonId, now: i64) -> Result<Vec<PoolId>, Fault> {
    let sql = "SELECT pool FROM pool_member WHERE person = ?1 AND since <= ?2 AND (until IS NULL OR until > ?2)
               UNION SELECT p.pool FROM pool p JOIN role r ON r.organization = p.organization
               WHERE r.person = ?1 AND r.role = 'coordinator' AND r.since <= ?2 AND (r.until IS NULL OR r.until > ?2)";
    let mut pools = Vec::new();
    snapshot.each(sql, rusqlite::params![id(person), now], |cells| {
        pools.push(cells.id()?);
        Ok(())
    })?;
    Ok(pools)
}

/// The organizations for which a person coordinates.
pub(crate) fn coordinated_by(snapshot: &Snapshot, person: PersonId, now: i64) -> Result<Vec<OrganizationId>, Fault> {
    let sql = "SELECT organization FROM role WHERE person = ?1 AND role = 'coordinator' AND since <= ?2 AND (until IS NULL OR until > ?2)";
    let mut organizations = Vec::new();
    snapshot.each(sql, rusqlite::params![id(person), now], |cells| {
        organizations.push(cells.id()?);
        Ok(())
    })?;
    Ok(organizations)
}
