//! Persons as they are read: their names.

use std::sync::Arc;

use care::event::Event;
use care::ids::PersonId;
use care::person::{NameCorrected, PersonEvent, Registered};
use chrono::{DateTime, Utc};
use policy::decide::Permit;
use policy::visible::{Opens, Redact};
use rusqlite::params;
use vault::Vault;

use crate::fault::Fault;
use crate::read_models::cells::id;
use crate::read_models::fold::{Fold, Folded};
use crate::read_models::{ReadModel, Shape, Snapshot};
use crate::sealing::TextCell;

const SCHEMA: &str = "
CREATE TABLE person (person BLOB PRIMARY KEY, organization BLOB NOT NULL, name BLOB NOT NULL, corrected_at INTEGER) STRICT, WITHOUT ROWID;
";

/// Persons.
pub(super) struct People;

impl ReadModel for People {
    const SHAPES: &'static [Shape] = &[Shape { schema: SCHEMA, fold_version: 2 }];

    fn fold(fold: &Fold<'_>) -> Folded {
        let Event::Person(event) = fold.event() else { return Ok(()) };
        match event {
            PersonEvent::Registered(Registered { person, organization, name }) => fold.run(
                "INSERT INTO person (person, organization, name) VALUES (?1, ?2, ?3)",
                params![id(*person), id(*organization), fold.cell(name)?],
            ),
            PersonEvent::NameCorrected(NameCorrected { person, name, .. }) => fold.run(
                "UPDATE person SET name = ?2, corrected_at = ?3 WHERE person = ?1",
                params![id(*person), fold.cell(name)?, fold.at],
            ),
            PersonEvent::RoleProposed(_)
            | PersonEvent::RoleDeclined(_)
            | PersonEvent::RoleGranted(_)
            | PersonEvent::RoleEnded(_) => Ok(()),
        }
    }
}

/// A person's name. It is shown with what lets somebody meet the person: a thread, a care team.
#[derive(Debug)]
pub struct PersonRow {
    /// The person.
    pub person: PersonId,
    /// The name.
    pub name: TextCell,
    /// When the name was last corrected; none if it never was.
    pub corrected_at: Option<DateTime<Utc>>,
}

impl Redact for PersonRow {
    fn redact(self, _: &Permit) -> Self {
        let Self { person, name, corrected_at } = self;
        Self { person, name, corrected_at }
    }
}

impl Opens for PersonRow {
    type Text = TextCell;
    fn each_sealed(&mut self, open: &mut dyn FnMut(&mut TextCell)) {
        let Self { person: _, name, corrected_at: _ } = self;
        open(name);
    }
}

/// One person.
pub(crate) fn person(snapshot: &Snapshot, person: PersonId) -> Result<Option<PersonRow>, Fault> {
    let sql = "SELECT person, name, corrected_at FROM person WHERE person = ?1";
    snapshot.one(sql, [id(person)], |cells| {
        Ok(PersonRow { person: cells.id()?, name: cells.cell()?, corrected_at: cells.time_or_none()? })
    })
}

/// Opens the first name that can be opened: names under keys that were destroyed say nothing. What
/// it says goes nowhere.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read_models::testing::{Log, organization_id, person_id, sealed};
    use care::event::Stream;

    #[test]
    fn a_person_is_found_by_id_with_a_sealed_name() {
        let mut log = Log::new();
        let registered =
            Registered { person: person_id(1), organization: organization_id(1), name: sealed("person.name") };
        log.append(Stream::Person(person_id(1)), PersonEvent::Registered(registered));
        let found = person(&log.snapshot(), person_id(1)).unwrap().unwrap();
        assert!(matches!(found.name, TextCell::Sealed(_)));
        assert!(person(&log.snapshot(), person_id(2)).unwrap().is_none());
    }
}
