//! Persons, organizations and pools as they are read: the directory.

use std::sync::Arc;

use care::ids::{OrganizationId, PersonId, PoolId};
use policy::decide::Permit;
use policy::visible::{Opens, Redact};
use vault::Vault;

use crate::fault::Fault;
use crate::read_models::Snapshot;
use crate::read_models::cells::id;
use crate::sealing::TextCell;

/// A person's name. It rides on what lets somebody meet the person: a thread, a care team.
#[derive(Debug)]
pub struct PersonRow {
    /// The person.
    pub person: PersonId,
    /// The name.
    pub name: TextCell,
}

impl Redact for PersonRow {
    fn redact(self, _: &Permit) -> Self {
        let Self { person, name } = self;
        Self { person, name }
    }
}

impl Opens for PersonRow {
    type Text = TextCell;
    fn each_sealed(&mut self, open: &mut dyn FnMut(&mut TextCell)) {
        let Self { person: _, name } = self;
        open(name);
    }
}

/// One person.
pub(crate) fn person(snapshot: &Snapshot, person: PersonId) -> Result<Option<PersonRow>, Fault> {
    let sql = "SELECT person, name FROM person WHERE person = ?1";
    snapshot.one(sql, [id(person)], |cells| Ok(PersonRow { person: cells.id()?, name: cells.cell()? }))
}

/// Opens the first name that can be: names under keys that were destroyed say nothing. What it says goes nowhere.
pub(crate) fn any_name(snapshot: &Snapshot, vault: &Arc<Vault>) -> Result<(), Fault> {
    let mut opened = false;
    snapshot.each("SELECT name FROM person", [], |cells| {
        if !opened {
            let mut name = cells.cell()?;
            name.open(vault)?;
            opened = matches!(name, TextCell::Open(_));
        }
        Ok(())
    })
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
    /// Whose it is.
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

/// One organization.
pub(crate) fn organization(
    snapshot: &Snapshot,
    organization: OrganizationId,
) -> Result<Option<OrganizationRow>, Fault> {
    let sql = "SELECT organization, name FROM organization WHERE organization = ?1";
    snapshot
        .one(sql, [id(organization)], |cells| Ok(OrganizationRow { organization: cells.id()?, name: cells.text()? }))
}

/// All organizations, by name.
pub(crate) fn organizations(snapshot: &Snapshot) -> Result<Vec<OrganizationRow>, Fault> {
    let mut found = Vec::new();
    snapshot.each("SELECT organization, name FROM organization ORDER BY name", [], |cells| {
        found.push(OrganizationRow { organization: cells.id()?, name: cells.text()? });
        Ok(())
    })?;
    Ok(found)
}

const POOL_COLUMNS: &str = "pool, organization, name, specialty";

fn pool_row(cells: &mut crate::read_models::cells::Cells<'_>) -> Result<PoolRow, Fault> {
    Ok(PoolRow { pool: cells.id()?, organization: cells.id()?, name: cells.text()?, specialty: cells.text()? })
}

/// One pool.
pub(crate) fn pool(snapshot: &Snapshot, pool: PoolId) -> Result<Option<PoolRow>, Fault> {
    snapshot.one(&format!("SELECT {POOL_COLUMNS} FROM pool WHERE pool = ?1"), [id(pool)], pool_row)
}

/// The pools of an organization, by name.
pub(crate) fn pools(snapshot: &Snapshot, organization: OrganizationId) -> Result<Vec<PoolRow>, Fault> {
    let mut found = Vec::new();
    let sql = format!("SELECT {POOL_COLUMNS} FROM pool WHERE organization = ?1 ORDER BY name");
    snapshot.each(&sql, [id(organization)], |cells| {
        found.push(pool_row(cells)?);
        Ok(())
    })?;
    Ok(found)
}
