//! How ids, instants, words, actors, parties and sealed texts lie in the columns of the read models.
//!
//! Ids are 16 bytes, instants are microseconds since 1970, words are those of the events.

use care::conversation::{Party, Place};
use care::envelope::Actor;
use care::ids::{Id, OrganizationId, PatientId, PersonId, PoolId};
use care::words::{Role, UnknownWord};
use chrono::{DateTime, Utc};
use rusqlite::Row;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde::de::value::StrDeserializer;
use uuid::Uuid;

use crate::fault::Fault;
use crate::sealing::TextCell;

/// Reads typed cells of a row, in the order of the columns.
pub(crate) struct Cells<'a> {
    row: &'a Row<'a>,
    next: usize,
}

impl<'a> Cells<'a> {
    pub fn of(row: &'a Row<'a>) -> Self {
        Self { row, next: 0 }
    }

    fn column(&mut self) -> usize {
        let column = self.next;
        self.next += 1;
        column
    }

    pub fn id<I: Id>(&mut self) -> Result<I, Fault> {
        let bytes: [u8; 16] = self.row.get(self.column())?;
        Ok(I::from_uuid(Uuid::from_bytes(bytes)))
    }

    pub fn id_or_none<I: Id>(&mut self) -> Result<Option<I>, Fault> {
        let bytes: Option<[u8; 16]> = self.row.get(self.column())?;
        Ok(bytes.map(|bytes| I::from_uuid(Uuid::from_bytes(bytes))))
    }

    pub fn time(&mut self) -> Result<DateTime<Utc>, Fault> {
        self.time_or_none()?.ok_or(Fault::Row("an instant is missing"))
    }

    pub fn time_or_none(&mut self) -> Result<Option<DateTime<Utc>>, Fault> {
        let micros: Option<i64> = self.row.get(self.column())?;
        Ok(micros.and_then(DateTime::from_timestamp_micros))
    }

    pub fn number(&mut self) -> Result<i64, Fault> {
        Ok(self.row.get(self.column())?)
    }

    pub fn uuid(&mut self) -> Result<Uuid, Fault> {
        let bytes: [u8; 16] = self.row.get(self.column())?;
        Ok(Uuid::from_bytes(bytes))
    }

    pub fn bytes(&mut self) -> Result<Vec<u8>, Fault> {
        Ok(self.row.get(self.column())?)
    }

    pub fn text(&mut self) -> Result<String, Fault> {
        Ok(self.row.get(self.column())?)
    }

    pub fn text_or_none(&mut self) -> Result<Option<String>, Fault> {
        Ok(self.row.get(self.column())?)
    }

    pub fn word<W>(&mut self, parse: fn(&str) -> Result<W, UnknownWord>) -> Result<W, Fault> {
        self.word_or_none(parse)?.ok_or(Fault::Row("a word is missing"))
    }

    pub fn word_or_none<W>(&mut self, parse: fn(&str) -> Result<W, UnknownWord>) -> Result<Option<W>, Fault> {
        let column = self.column();
        let word = self.row.get_ref(column)?.as_str_or_null().map_err(|_| Fault::Row("a word is no text"))?;
        word.map(parse).transpose().map_err(|_| Fault::Row("an unknown word"))
    }

    pub fn flag(&mut self) -> Result<bool, Fault> {
        Ok(self.number()? != 0)
    }

    /// Words in one column, separated by a space.
    pub fn words<W>(&mut self, parse: fn(&str) -> Result<W, UnknownWord>) -> Result<Vec<W>, Fault> {
        let words = self.text()?;
        words.split_ascii_whitespace().map(parse).collect::<Result<_, _>>().map_err(|_| Fault::Row("an unknown word"))
    }

    pub fn actor(&mut self) -> Result<Actor, Fault> {
        self.actor_or_none()?.ok_or(Fault::Row("an actor is missing"))
    }

    pub fn actor_or_none(&mut self) -> Result<Option<Actor>, Fault> {
        let text: Option<String> = self.row.get(self.column())?;
        let actor = |text: String| {
            Actor::deserialize(StrDeserializer::<serde::de::value::Error>::new(&text))
                .map_err(|_| Fault::Row("an unknown actor"))
        };
        text.map(actor).transpose()
    }

    pub fn party_or_none(&mut self) -> Result<Option<Party>, Fault> {
        let text: Option<String> = self.row.get(self.column())?;
        text.map(|text| parse_party(&text).ok_or(Fault::Row("an unknown party"))).transpose()
    }

    pub fn json<T: DeserializeOwned>(&mut self) -> Result<T, Fault> {
        let column = self.column();
        let text = self.row.get_ref(column)?.as_str().map_err(|_| Fault::Row("no text"))?;
        serde_json::from_str(text).map_err(|_| Fault::Row("a state cannot be read"))
    }

    pub fn cell(&mut self) -> Result<TextCell, Fault> {
        self.cell_or_none()?.ok_or(Fault::Row("a sealed text is missing"))
    }

    pub fn cell_or_none(&mut self) -> Result<Option<TextCell>, Fault> {
        let column = self.column();
        let bytes = self.row.get_ref(column)?.as_blob_or_null().map_err(|_| Fault::Row("a sealed text is no blob"))?;
        Ok(bytes.map(TextCell::read).transpose()?)
    }
}

/// An id as a parameter of a query.
pub(crate) fn id(id: impl Id) -> [u8; 16] {
    id.uuid().into_bytes()
}

/// A limit as a parameter of a query.
pub(crate) fn limit(rows_max: usize) -> i64 {
    i64::try_from(rows_max).unwrap_or(i64::MAX)
}

/// A party in a column.
pub(crate) fn party_text(party: Party) -> String {
    match party {
        Party::Person(person) => Actor::Person(person).to_string(),
        Party::Pool(pool) => format!("pool-{pool}"),
        Party::PoolCoordinator(pool) => format!("pool_coordinator-{pool}"),
        Party::Role(Place { role, organization }) => format!("role-{}-{organization}", role.word()),
        Party::Patient(patient) => format!("patient-{patient}"),
        Party::Nobody => "nobody".to_owned(),
    }
}

fn parse_party(text: &str) -> Option<Party> {
    if text == "nobody" {
        return Some(Party::Nobody);
    }
    let (word, id) = text.rsplit_once('-')?;
    match word {
        "person" => PersonId::parse(id).ok().map(Party::Person),
        "pool" => PoolId::parse(id).ok().map(Party::Pool),
        "pool_coordinator" => PoolId::parse(id).ok().map(Party::PoolCoordinator),
        "patient" => PatientId::parse(id).ok().map(Party::Patient),
        role => {
            let role = Role::parse(role.strip_prefix("role-")?).ok()?;
            Some(Party::Role(Place { role, organization: OrganizationId::parse(id).ok()? }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_party_reads_back(bits: u128, role in proptest::sample::select(Role::ALL)) {
            let uuid = Uuid::from_u128(bits);
            let organization = OrganizationId::from_uuid(uuid);
            for party in [
                Party::Person(PersonId::from_uuid(uuid)),
                Party::Pool(PoolId::from_uuid(uuid)),
                Party::PoolCoordinator(PoolId::from_uuid(uuid)),
                Party::Role(Place { role, organization }),
                Party::Patient(PatientId::from_uuid(uuid)),
                Party::Nobody,
            ] {
                prop_assert_eq!(parse_party(&party_text(party)), Some(party));
            }
        }
    }

    #[test]
    fn an_invalid_party_is_refused() {
        let id = Uuid::nil().simple();
        for text in ["", "nobody-", "person", "person-", "role-", &format!("role-midwife-{id}"), &format!("bed-{id}")] {
            assert_eq!(parse_party(text), None, "{text}");
        }
    }
}
