//! Organizations and the pools that can be asked: the directory.

use std::sync::Arc;

use async_graphql::{ID, Object, Result};
use coordination::reader::Reader;
use coordination::{OrganizationRow, PoolRow};
use policy::visible::Visible;

use super::connection::connections;
use super::id::encode_id;
use super::person::Person;

connections! {
    /// A page of pools.
    PoolConnection, PoolEdge of Pool;
}

/// A party of the installation.
pub struct Organization {
    reader: Arc<Reader>,
    row: Visible<OrganizationRow>,
}

impl Organization {
    pub(super) fn of(reader: &Arc<Reader>, row: Visible<OrganizationRow>) -> Self {
        Self { reader: Arc::clone(reader), row }
    }
}

/// A party of the installation: a practice, a hospital, a centre.
#[Object]
impl Organization {
    /// Its id.
    pub(super) async fn id(&self) -> ID {
        encode_id(self.row.organization)
    }

    /// Its public name.
    fn name(&self) -> &str {
        &self.row.name
    }

    /// The telephone number under which people reach it, as it is written. Null if none was set.
    fn phone(&self) -> Option<&str> {
        self.row.phone.as_deref()
    }

    /// Its pools, by name.
    fn pools(&self) -> Option<Result<Vec<Pool>>> {
        let pools = || {
            let rows = self.reader.pools(&self.row)?;
            Ok(rows.into_iter().map(|row| Pool::of(&self.reader, row)).collect())
        };
        Some(pools())
    }
}

/// A group that can own a thread.
pub struct Pool {
    reader: Arc<Reader>,
    row: Visible<PoolRow>,
}

impl Pool {
    pub(super) fn of(reader: &Arc<Reader>, row: Visible<PoolRow>) -> Self {
        Self { reader: Arc::clone(reader), row }
    }
}

/// A group of an organization that can own a thread, and whose members can claim it.
#[Object]
impl Pool {
    /// Its id.
    pub(super) async fn id(&self) -> ID {
        encode_id(self.row.pool)
    }

    /// The name by which you know it: the one among the people of its organization if you work there, else its public
    /// name.
    fn name(&self) -> &str {
        &self.row.name
    }

    /// Its public name, by which patients and other organizations find and know it.
    fn public_name(&self) -> &str {
        &self.row.public_name
    }

    /// Its specialty.
    fn specialty(&self) -> &str {
        &self.row.specialty
    }

    /// Its organization.
    fn organization(&self) -> Option<Result<Organization>> {
        let found = || Ok(self.reader.organization(self.row.organization)?);
        found().map(|row| row.map(|row| Organization::of(&self.reader, row))).transpose()
    }

    /// Its physicians to whom a thread can be assigned. Empty if you do not work at its organization.
    fn physicians(&self) -> Option<Result<Vec<Person>>> {
        let found = || Ok(self.reader.physicians_of(&self.row)?.into_iter().map(Person).collect());
        Some(found())
    }
}
