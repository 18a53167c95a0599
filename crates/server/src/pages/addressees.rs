//! Whom a person can name as the readers of a message.

use coordination::answer::Recorded;

use super::controls::{Choice, Control};
use super::forms::Fields;
use super::queries::{ThreadAddressees, thread_addressees};
use super::site::{Failed, Visit};
use super::texts::Texts;

/// How many persons can be chosen from. More would be too much for one query: it is asked of each whether they may read.
const PERSONS_MAX: i64 = 60;

/// Whom a person can name as the readers of a message.
#[derive(Debug, Clone, Default)]
pub(crate) struct Addressees {
    people: Vec<Choice>,
    /// How many can be named whose names are not shown.
    unnamed: usize,
    /// Whether there are more than were read.
    more: bool,
    /// Whether they could not be read.
    has_failed: bool,
}

impl Addressees {
    /// Those of the thread of a page.
    ///
    /// # Errors
    /// If the query was refused as a whole.
    pub async fn read(visit: &Visit<'_>) -> Result<Recorded<Self>, Failed> {
        let variables = thread_addressees::Variables { id: visit.id.clone(), first: Some(PERSONS_MAX) };
        let answer = visit.ask::<ThreadAddressees>(variables).await?;
        let l = visit.time().l;
        Ok(answer.map(|answer| {
            let persons = answer.data.thread.and_then(|thread| thread.readers?.persons);
            let Some(persons) = persons.filter(|_| answer.is_whole) else {
                return Self { has_failed: true, ..Self::default() };
            };
            let others: Vec<_> = persons.nodes.into_iter().filter(|reader| !reader.is_viewer).collect();
            let count = others.len();
            let people: Vec<Choice> = others
                .into_iter()
                .filter_map(|reader| {
                    let (person, role) = (reader.person?, l.reader_role(&reader.role));
                    Some(Choice { hint: Some(role), ..Choice::new(person.id, person.name.text?) })
                })
                .collect();
            Self { unnamed: count - people.len(), people, more: persons.page_info.has_next_page, has_failed: false }
        }))
    }

    /// The control that chooses among them, or says why nobody can be chosen.
    pub fn control(&self, name: &str, fields: &Fields, l: &Texts) -> Control {
        if self.has_failed {
            return Control::quote(l.named_whom(), l.named_not_read());
        }
        if self.people.is_empty() {
            return Control::quote(l.named_whom(), l.nobody_to_choose());
        }
        let control = Control::many(name, l.named_whom(), fields, self.people.clone());
        if self.more || self.unnamed > 0 { control.hint(l.named_not_all()) } else { control }
    }
}
