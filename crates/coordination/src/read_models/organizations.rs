//! Organizations and their pools as they are read: the directory.

use std::collections::BTreeSet;

use care::event::{Event, Stream};
use care::ids::{OrganizationId, PoolId};
use care::organization::{Created, OrganizationEvent, PhoneSet, PoolOpened, PoolRenamed};
use care::public_name::search_words;
use policy::decide::Permit;
use policy::visible::Redact;
use rusqlite::params;

use crate::fault::Fault;
use crate::name_order::sort_by_name;
use crate::read_models::cells::{Cells, id};
use crate::read_models::fold::{Fold, Folded};
use crate::read_models::{ReadModel, Shape, Snapshot};

const SCHEMA: &str = "
CREATE TABLE organization (organization BLOB PRIMARY KEY, name TEXT NOT NULL, phone TEXT) STRICT, WITHOUT ROWID;
CREATE TABLE pool (pool BLOB PRIMARY KEY, organization BLOB NOT NULL, name TEXT NOT NULL, public_name TEXT NOT NULL, specialty TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX pool_of_organization ON pool (organization);
-- The words of what everybody may know of a pool: its public name, its specialty, its organization's name.
CREATE TABLE pool_word (pool BLOB, word TEXT, PRIMARY KEY (pool, word)) STRICT, WITHOUT ROWID;
";

/// Organizations and pools.
pub(super) struct Organizations;

impl ReadModel for Organizations {
    const SHAPES: &'static [Shape] = &[Shape { schema: SCHEMA, fold_version: 2 }];

    fn fold(fold: &Fold<'_>) -> Folded {
        let (Stream::Organization(organization), Event::Organization(event)) = (fold.stream(), fold.event()) else {
            return Ok(());
        };
        match event {
            OrganizationEvent::Created(Created { organization, name }) => fold
                .run("INSERT INTO organization (organization, name) VALUES (?1, ?2)", params![id(*organization), name]),
            OrganizationEvent::PhoneSet(PhoneSet { phone }) => fold.run(
                "UPDATE organization SET phone = ?2 WHERE organization = ?1",
                params![id(organization), phone.as_ref().map(|phone| phone.as_str())],
            ),
            OrganizationEvent::PoolOpened(PoolOpened { pool, name, public_name, specialty }) => {
                fold.run(
                    "INSERT INTO pool (pool, organization, name, public_name, specialty) VALUES (?1, ?2, ?3, ?4, ?5)",
                    params![id(*pool), id(organization), name, public_name, specialty],
                )?;
                set_pool_words(fold, *pool)
            }
            OrganizationEvent::PoolRenamed(PoolRenamed { pool, name, public_name }) => {
                fold.run(
                    "UPDATE pool SET name = ?2, public_name = ?3 WHERE pool = ?1",
                    params![id(*pool), name, public_name],
                )?;
                set_pool_words(fold, *pool)
            }
            OrganizationEvent::CalendarSet(_)
            | OrganizationEvent::PoolMemberAdded(_)
            | OrganizationEvent::PoolMemberRemoved(_)
            | OrganizationEvent::AgeGatesSet(_) => Ok(()),
        }
    }
}

/// Sets the words by which a pool is found.
fn set_pool_words(fold: &Fold<'_>, pool: PoolId) -> Folded {
    let sql = "SELECT p.public_name, p.specialty, o.name FROM pool p JOIN organization o USING (organization) WHERE p.pool = ?1";
    let mut words = BTreeSet::new();
    fold.each(sql, [id(pool)], |row| {
        for column in 0..3 {
            words.extend(search_words(&row.get::<_, String>(column)?));
        }
        Ok(())
    })?;
    fold.run("DELETE FROM pool_word WHERE pool = ?1", [id(pool)])?;
    let insert = "INSERT INTO pool_word (pool, word) VALUES (?1, ?2)";
    words.iter().try_for_each(|word| fold.run(insert, params![id(pool), word]))
}

/// An organization.
#[derive(Debug)]
pub struct OrganizationRow {
    /// The organization.
    pub organization: OrganizationId,
    /// Its public name.
    pub name: String,
    /// The telephone number under which people reach it, if it has one.
    pub phone: Option<String>,
}

impl Redact for OrganizationRow {
    fn redact(self, _: &Permit) -> Self {
        // The number is for everybody who may know of the organization.
        let Self { organization, name, phone } = self;
        Self { organization, name, phone }
    }
}

/// A pool that can be asked.
#[derive(Debug)]
pub struct PoolRow {
    /// The pool.
    pub pool: PoolId,
    /// The organization that it belongs to.
    pub organization: OrganizationId,
    /// The name by which the reader knows it: its public name, or that of its organization's own people if the reader is
    /// one of them.
    pub name: String,
    /// Its public name.
    pub public_name: String,
    /// What it answers for.
    pub specialty: String,
}

impl Redact for PoolRow {
    fn redact(self, _: &Permit) -> Self {
        let Self { pool, organization, name, public_name, specialty } = self;
        Self { pool, organization, name, public_name, specialty }
    }
}

fn organization_row(cells: &mut Cells<'_>) -> Result<OrganizationRow, Fault> {
    Ok(OrganizationRow { organization: cells.id()?, name: cells.text()?, phone: cells.text_or_none()? })
}

/// One organization.
pub(crate) fn organization(
    snapshot: &Snapshot,
    organization: OrganizationId,
) -> Result<Option<OrganizationRow>, Fault> {
    let sql = "SELECT organization, name, phone FROM organization WHERE organization = ?1";
    snapshot.one(sql, [id(organization)], organization_row)
}

/// All organizations, by name.
pub(crate) fn organizations(snapshot: &Snapshot) -> Result<Vec<OrganizationRow>, Fault> {
    let mut found = Vec::new();
    snapshot.each("SELECT organization, name, phone FROM organization", [], |cells| {
        found.push(organization_row(cells)?);
        Ok(())
    })?;
    sort_by_name(&mut found, |row: &OrganizationRow| &row.name)?;
    Ok(found)
}

const POOL_COLUMNS: &str = "pool, organization, name, public_name, specialty";

/// A pool with both its names, before it is known which of them the reader may know.
#[derive(Debug)]
pub(crate) struct NamedPool {
    row: PoolRow,
}

impl NamedPool {
    /// The organization that it belongs to.
    pub fn organization(&self) -> OrganizationId {
        self.row.organization
    }

    /// For the people of its organization.
    pub fn for_its_people(self) -> PoolRow {
        self.row
    }

    /// For everybody else.
    pub fn for_others(self) -> PoolRow {
        PoolRow { name: self.row.public_name.clone(), ..self.row }
    }
}

fn named_pool(cells: &mut Cells<'_>) -> Result<NamedPool, Fault> {
    let row = PoolRow {
        pool: cells.id()?,
        organization: cells.id()?,
        name: cells.text()?,
        public_name: cells.text()?,
        specialty: cells.text()?,
    };
    Ok(NamedPool { row })
}

/// One pool.
pub(crate) fn pool(snapshot: &Snapshot, pool: PoolId) -> Result<Option<NamedPool>, Fault> {
    snapshot.one(&format!("SELECT {POOL_COLUMNS} FROM pool WHERE pool = ?1"), [id(pool)], named_pool)
}

/// The pools of all organizations that have a word for each of these beginnings, by public name. A page follows a pool
/// that was shown, or starts the list.
///
/// The database cannot order names as people read them, so the names of all pools that match are read, and only the rows of the
/// page are read whole.
pub(crate) fn pools_found(
    snapshot: &Snapshot,
    beginnings: &BTreeSet<String>,
    after: Option<PoolId>,
    rows_max: usize,
) -> Result<Vec<NamedPool>, Fault> {
    let mut found: Vec<(PoolId, String)> = Vec::new();
    let has_word = "EXISTS (SELECT 1 FROM pool_word w WHERE w.pool = p.pool AND w.word >= ? AND w.word < ?)";
    let conditions: String = beginnings.iter().map(|_| format!(" AND {has_word}")).collect();
    // The pool after which the page begins has its place in the order even if it does not match any more.
    let sql = format!("SELECT p.pool, p.public_name FROM pool p WHERE p.pool = ? OR (true{conditions})");
    let begun = after.map(id);
    let mut values: Vec<rusqlite::types::Value> =
        vec![begun.map_or(rusqlite::types::Value::Null, |id| id.to_vec().into())];
    for beginning in beginnings {
        values.push(beginning.clone().into());
        values.push(format!("{beginning}\u{10ffff}").into());
    }
    snapshot.each(&sql, rusqlite::params_from_iter(values), |cells| {
        found.push((cells.id()?, cells.text()?));
        Ok(())
    })?;
    found.sort_unstable_by_key(|(pool, _)| *pool);
    sort_by_name(&mut found, |(_, name)| name)?;
    let start = after.and_then(|after| found.iter().position(|(pool, _)| *pool == after));
    let page = found.into_iter().skip(start.map_or(0, |at| at.saturating_add(1))).take(rows_max);
    page.filter_map(|(each, _)| pool(snapshot, each).transpose()).collect()
}

/// The pools of an organization, in no order: that depends on which of their names is shown.
pub(crate) fn pools(snapshot: &Snapshot, organization: OrganizationId) -> Result<Vec<NamedPool>, Fault> {
    let mut found = Vec::new();
    let sql = format!("SELECT {POOL_COLUMNS} FROM pool WHERE organization = ?1");
    snapshot.each(&sql, [id(organization)], |cells| {
        found.push(named_pool(cells)?);
        Ok(())
    })?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use care::phone::Phone;

    use super::*;
    use crate::read_models::testing::{Log, organization_id, pool_id};

    /// Three organizations; the first has three pools.
    fn directory() -> Log {
        let mut log = Log::new();
        for (number, name) in [(1, "Valley Clinic"), (2, "Harbour Hospital"), (3, "\u{c9}cole Clinic")] {
            let organization = organization_id(number);
            let created = Created { organization, name: name.to_owned() };
            log.append(Stream::Organization(organization), OrganizationEvent::Created(created));
        }
        for (number, at, name, specialty) in [
            (1, 1, "Nephrology", "kidneys"),
            (2, 1, "Cardiology", "heart"),
            (3, 1, "\u{c4}rzte", "general medicine"),
            (4, 2, "Heart failure", "cardiology"),
        ] {
            let (pool, public_name) = (pool_id(number), name.to_owned());
            let (name, specialty) = (format!("Team {number}"), specialty.to_owned());
            let opened = PoolOpened { pool, name, public_name, specialty };
            log.append(Stream::Organization(organization_id(at)), OrganizationEvent::PoolOpened(opened));
        }
        log
    }

    #[test]
    fn an_organization_has_its_name_its_telephone_number_and_its_pools() {
        let mut log = directory();
        let names: Vec<_> = organizations(&log.snapshot()).unwrap().into_iter().map(|row| row.name).collect();
        assert_eq!(names, ["\u{c9}cole Clinic", "Harbour Hospital", "Valley Clinic"]);
        assert_eq!(pools(&log.snapshot(), organization_id(1)).unwrap().len(), 3);
        let found = pool(&log.snapshot(), pool_id(2)).unwrap().unwrap().for_its_people();
        assert_eq!((found.organization, found.specialty.as_str()), (organization_id(1), "heart"));
        assert_eq!((found.name.as_str(), found.public_name.as_str()), ("Team 2", "Cardiology"));
        let found = pool(&log.snapshot(), pool_id(2)).unwrap().unwrap().for_others();
        assert_eq!((found.name.as_str(), found.public_name.as_str()), ("Cardiology", "Cardiology"));
        assert!(pool(&log.snapshot(), pool_id(5)).unwrap().is_none());

        let phone = |log: &Log| organization(&log.snapshot(), organization_id(2)).unwrap().unwrap().phone;
        assert_eq!(phone(&log), None);
        for number in [Some("+43 1 234567"), None] {
            let set = PhoneSet { phone: number.map(|number| Phone::parse(number).unwrap()) };
            log.append(Stream::Organization(organization_id(2)), OrganizationEvent::PhoneSet(set));
            assert_eq!(phone(&log).as_deref(), number);
        }
    }

    fn found(log: &Log, search: &str, after: Option<u128>, rows_max: usize) -> Vec<String> {
        let after = after.map(pool_id);
        let found = pools_found(&log.snapshot(), &search_words(search), after, rows_max).unwrap();
        found.into_iter().map(|pool| pool.row.public_name).collect()
    }

    #[test]
    fn pools_are_found_by_the_beginnings_of_words_that_everybody_may_know() {
        let log = directory();
        for (search, names) in [
            ("", &["\u{c4}rzte", "Cardiology", "Heart failure", "Nephrology"][..]),
            ("card", &["Cardiology", "Heart failure"]),
            ("HEART valley", &["Cardiology"]),
            ("arzte", &["\u{c4}rzte"]),
            ("clinic k", &["Nephrology"]),
            // The middle of a word, and what only the people of the organization call it.
            ("ology", &[]),
            ("team", &[]),
        ] {
            assert_eq!(found(&log, search, None, 10), names, "{search}");
        }
    }

    #[test]
    fn a_page_of_pools_follows_the_last_one_that_was_shown() {
        let mut log = directory();
        assert_eq!(found(&log, "", None, 2), ["\u{c4}rzte", "Cardiology"]);
        assert_eq!(found(&log, "", Some(2), 2), ["Heart failure", "Nephrology"]);
        assert_eq!(found(&log, "", Some(1), 2), [""; 0]);
        // The last one shown has another name now: the page follows its new place, and it is found by that name alone.
        let (name, public_name) = ("Team 2".to_owned(), "Kardiologie".to_owned());
        let renamed = PoolRenamed { pool: pool_id(2), name, public_name };
        log.append(Stream::Organization(organization_id(1)), OrganizationEvent::PoolRenamed(renamed));
        assert_eq!(found(&log, "card", None, 10), ["Heart failure"]);
        assert_eq!(found(&log, "card", Some(2), 10), [""; 0]);
        assert_eq!(found(&log, "heart", None, 10), ["Heart failure", "Kardiologie"]);
    }
}
