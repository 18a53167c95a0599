//! How ids, instants, words and sealed texts lie in the columns of the read models.

use care::ids::Id;
use care::words::UnknownWord;
use chrono::{DateTime, Utc};
use rusqlite::Row;
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

    pub fn number_or_none(&mut self) -> Result<Option<i64>, Fault> {
        Ok(self.row.get(self.column())?)
    }

    pub fn text(&mut self) -> Result<String, Fault> {
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
