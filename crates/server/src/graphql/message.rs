//! Messages, and how far each reader of a thread has read. A message is met in its thread only.

use std::sync::Arc;

use async_graphql::{ID, Object, SimpleObject};
use chrono::{DateTime, Utc};
use coordination::fault::Fault;
use coordination::reader::{Reader, ThreadView};
use coordination::{MessageRow, ReadMarkRow};
use policy::visible::Visible;

use super::id::encode_id;
use super::person::Person;
use super::scalars::PersonalText;
use super::words::{Audience, Capacity};

/// A message that the viewer may read.
pub struct Message {
    row: Visible<MessageRow>,
    author: Option<Person>,
    is_read: bool,
    marks: Arc<Marks>,
}

/// How far each has read in a thread, looked up once for all messages of an answer.
pub(super) struct Marks(Vec<(ReadMarkRow, Option<Person>)>);

impl Marks {
    pub fn of(reader: &Reader, view: &ThreadView) -> Result<Arc<Self>, Fault> {
        let marks = reader.read_marks(view)?.into_iter();
        let decode_id = marks.map(|mark| Ok((mark, reader.person_in(view, mark.person)?.map(Person))));
        Ok(Arc::new(Self(decode_id.collect::<Result<_, Fault>>()?)))
    }
}

impl Message {
    pub(super) fn of(
        (reader, view): (&Reader, &ThreadView),
        marks: &Arc<Marks>,
        row: Visible<MessageRow>,
    ) -> Result<Self, Fault> {
        let me = reader.person();
        let mine = |(mark, _): &(ReadMarkRow, _)| mark.person == me && mark.covers(&row);
        Ok(Self {
            author: reader.person_in(view, row.author)?.map(Person),
            is_read: row.author == me || marks.0.iter().any(mine),
            marks: Arc::clone(marks),
            row,
        })
    }
}

/// A message of a thread.
#[Object]
impl Message {
    /// Its id within the thread.
    fn id(&self) -> ID {
        encode_id(self.row.message)
    }

    /// Who wrote it.
    fn author(&self) -> Option<&Person> {
        self.author.as_ref()
    }

    /// In which capacity, as it was then.
    fn capacity(&self) -> Capacity {
        self.row.capacity.into()
    }

    /// Who among those who see the thread may read it.
    fn audience(&self) -> Audience {
        self.row.audience.into()
    }

    /// What it says.
    fn body(&self) -> PersonalText {
        PersonalText::from(&self.row.body)
    }

    /// When it was posted.
    fn posted_at(&self) -> DateTime<Utc> {
        self.row.posted_at
    }

    /// Whether you wrote it or have read as far.
    fn is_read(&self) -> bool {
        self.is_read
    }

    /// Who has read as far, as far as you may know.
    fn read_by(&self) -> Vec<ReadMark> {
        let covering = self.marks.0.iter().filter(|(mark, _)| mark.covers(&self.row));
        covering.map(|(mark, person)| ReadMark { person: person.clone(), at: mark.read_at }).collect()
    }
}

/// That somebody has read.
#[derive(SimpleObject)]
pub struct ReadMark {
    /// Who.
    person: Option<Person>,
    /// When they said so.
    at: DateTime<Utc>,
}
