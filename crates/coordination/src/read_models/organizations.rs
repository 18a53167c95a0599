//! Organizations and their pools as they are read: the directory.

use care::event::{Event, Stream};
use care::ids::{OrganizationId, PoolId};
use care::organization::{Created, OrganizationEvent, PoolOpened};
use policy::decide::Permit;
use policy::visible::Redact;
use rusqlite::params;

use crate::fault::Fault;
use crate::name_order::sort_by_name;
use crate::read_models::cells::{Cells, id};
use crate::read_models::fold::{Fold, Folded};
use crate::read_models::{ReadModel, Shape, Snapshot};

const SCHEMA: &str = "
CREATE TABLE organization (organization BLOB PRIMARY KEY, name TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE pool (pool BLOB PRIMARY KEY, organization BLOB NOT NULL, name TEXT NOT NULL, specialty TEXT NOT NULL) STRICT, WITHOUT ROWID;
";

/// Organizations and pools.
pub(super) struct Organizations;

impl ReadModel for Organizations {
    const SHAPES: &'static [Shape] = &[Shape { schema: SCHEMA, fold_version: 1 }];

    fn fold(fold: &Fold<'_>) -> Folded {
        let (Stream::Organization(organization), Event::Organization(event)) = (fold.stream(), fold.event()) else {
            return Ok(());
        };
        match event {
            OrganizationEvent::Created(Created { organization, name }) => fold
                .run("INSERT INTO organization (organization, name) VALUES (?1, ?2)", params![id(*organization), name]),
            OrganizationEvent::PoolOpened(PoolOpened { pool, name, specialty }) => fold.run(
                "INSERT INTO pool (pool, organization, name, specialty) VALUES (?1, ?2, ?3, ?4)",
                params![id(*pool), id(organization), name, specialty],
            ),
            OrganizationEvent::CalendarSet(_)
            | OrganizationEvent::PoolMemberAdded(_)
            | OrganizationEvent::PoolMemberRemoved(_) => Ok(()),
        }
    }
}

/// An organization.
#[derive(Debug)]
pub struct OrganizationRow {
    /// The organization.
    pub organization: OrganizationId,
    /// Its public name.
    pub name: String,
}

impl Redact for OrganizationRow {
    fn redact(self, _: &Permit) -> Self {
        let Self { organization, name } = self;
        Self { organization, name }
    }
}

/// A pool that can be asked.
#[derive(Debug)]
pub struct PoolRow {
    /// The pool.
    pub pool: PoolId,
    /// The organization that it belongs to.
    pub organization: OrganizationId,
    /// Its public name.
    pub name: String,
    /// What it answers for.
    pub specialty: String,
}

impl Redact for PoolRow {
    fn redact(self, _: &Permit) -> Self {
        let Self { pool, organization, name, specialty } = self;
        Self { pool, organization, name, specialty }
    }
}

fn organization_row(cells: &mut Cells<'_>) -> Result<OrganizationRow, Fault> {
    Ok(OrganizationRow { organization: cells.id()?, name: cells.text()? })
}

/// One organization.
pub(crate) fn organization(
    snapshot: &Snapshot,
    organization: OrganizationId,
) -> Result<Option<OrganizationRow>, Fault> {
    let sql = "SELECT organization, name FROM organization WHERE organization = ?1";
    snapshot.one(sql, [id(organization)], organization_row)
}

/// All organizations, by name.
pub(crate) fn organizations(snapshot: &Snapshot) -> Result<Vec<OrganizationRow>, Fault> {
    let mut found = Vec::new();
    snapshot.each("SELECT organization, name FROM organization", [], |cells| {
        found.push(organization_row(cells)?);
        Ok(())
    })?;
    sort_by_name(&mut found, |row: &OrganizationRow| &row.name)?;
    Ok(found)
}

const POOL_COLUMNS: &str = "pool, organization, name, specialty";

fn pool_row(cells: &mut Cells<'_>) -> Result<PoolRow, Fault> {
    Ok(PoolRow { pool: cells.id()?, organization: cells.id()?, name: cells.text()?, specialty: cells.text()? })
}

/// One pool.
pub(crate) fn pool(snapshot: &Snapshot, pool: PoolId) -> Result<Option<PoolRow>, Fault> {
    snapshot.one(&format!("SELECT {POOL_COLUMNS} FROM pool WHERE pool = ?1"), [id(pool)], pool_row)
}

/// The pools of an organization, by name.
pub(crate) fn pools(snapshot: &Snapshot, organization: OrganizationId) -> Result<Vec<PoolRow>, Fault> {
    let mut found = Vec::new();
    let sql = format!("SELECT {POOL_COLUMNS} FROM pool WHERE organization = ?1");
    snapshot.each(&sql, [id(organization)], |cells| {
        found.push(pool_row(cells)?);
        Ok(())
    })?;
    sort_by_name(&mut found, |row: &PoolRow| &row.name)?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read_models::testing::{Log, organization_id, pool_id};

    #[test]
    fn an_organization_and_its_pools_are_listed_by_name() {
        let mut log = Log::new();
        for (number, name) in [(1, "Valley Clinic"), (2, "Harbour Hospital"), (3, "\u{c9}cole Clinic")] {
            let organization = organization_id(number);
            let created = Created { organization, name: name.to_owned() };
            log.append(Stream::Organization(organization), OrganizationEvent::Created(created));
        }
        for (number, name) in [(1, "Nephrology"), (2, "Cardiology"), (3, "\u{c4}rzte")] {
            let opened = PoolOpened { pool: pool_id(number), name: name.to_owned(), specialty: name.to_lowercase() };
            log.append(Stream::Organization(organization_id(1)), OrganizationEvent::PoolOpened(opened));
        }
        let snapshot = log.snapshot();
        let names: Vec<_> = organizations(&snapshot).unwrap().into_iter().map(|row| row.name).collect();
        assert_eq!(names, ["\u{c9}cole Clinic", "Harbour Hospital", "Valley Clinic"]);
        let names: Vec<_> = pools(&snapshot, organization_id(1)).unwrap().into_iter().map(|row| row.name).collect();
        assert_eq!(names, ["\u{c4}rzte", "Cardiology", "Nephrology"]);
        let found = pool(&snapshot, pool_id(2)).unwrap().unwrap();
        assert_eq!((found.organization, found.specialty.as_str()), (organization_id(1), "cardiology"));
        assert!(pool(&snapshot, pool_id(4)).unwrap().is_none());
        assert_eq!(organization(&snapshot, organization_id(2)).unwrap().unwrap().name, "Harbour Hospital");
    }
}
