//! The conversation of a thread as its page shows it: the question, the messages and the answer in one order, by days.

use chrono::{DateTime, NaiveDate, Utc};

use super::grant::Grant;
use super::queries::thread;
use super::rows::{Who, Wording};
use super::site::Visit;
use super::time::Moment;
use super::view::View;
use super::words::{audience_icon, audience_tone};
use crate::graphql::words::{Audience, Disposition};

/// The conversation of one day.
pub(super) struct Day {
    pub heading: String,
    pub entries: Vec<Entry>,
}

/// Something in the conversation.
pub(super) enum Entry {
    Question(Question),
    Message(Message),
    Advice(Box<Advice>),
}

pub(super) struct Question {
    pub author: Option<Who>,
    pub at: Moment,
    pub text: Wording,
}

pub(super) struct Message {
    pub id: String,
    pub author: Option<Who>,
    pub is_mine: bool,
    pub is_unread: bool,
    /// Whether a link to what is new leads to it: the first that is unread, or the newest.
    pub is_first_new: bool,
    pub role: String,
    pub audience: Audience,
    pub audience_words: String,
    pub at: Moment,
    pub body: Wording,
    pub read_by: Option<String>,
}

pub(super) struct Advice {
    pub author: Option<Who>,
    pub is_mine: bool,
    pub at: Moment,
    pub recommendations: Vec<Recommendation>,
    pub come_back_when: Option<Wording>,
    pub plan_note: Option<Wording>,
}

pub(super) struct Recommendation {
    pub words: String,
    pub text: Wording,
    pub disposition: Option<Disposition>,
    pub reason: Option<Wording>,
}

impl Entry {
    pub fn is_first_new(&self) -> bool {
        match self {
            Self::Message(message) => message.is_first_new,
            Self::Question(_) | Self::Advice(_) => false,
        }
    }
}

impl Message {
    pub fn tone(&self) -> &'static str {
        audience_tone(self.audience)
    }

    pub fn icon(&self) -> &'static str {
        audience_icon(self.audience)
    }

    /// Whether it is not for everyone on the thread.
    pub fn is_private(&self) -> bool {
        self.audience != Audience::Everyone
    }
}

impl Recommendation {
    pub fn tone(&self) -> &'static str {
        match self.disposition {
            Some(Disposition::Accepted) => "success",
            Some(Disposition::Modified) => "info",
            Some(Disposition::Rejected) => "danger",
            None => "warning",
        }
    }

    pub fn icon(&self) -> &'static str {
        match self.disposition {
            Some(Disposition::Accepted) => "check",
            Some(Disposition::Modified) => "edit",
            Some(Disposition::Rejected) => "no",
            None => "clock",
        }
    }
}

/// The conversation by days, the oldest first.
pub(super) fn days(view: &View, visit: &Visit<'_>) -> Vec<Day> {
    let (time, me) = (visit.time(), visit.session.me.id.as_str());
    let mut entries: Vec<(DateTime<Utc>, Entry)> = Vec::new();
    if let Some(own) = view.consultation() {
        let author = own.requester.as_ref().map(Who::from);
        let (at, text) = (time.moment(view.thread.created_at), Wording::from(&own.question));
        let shows_first = !view.thread.messages.as_ref().is_some_and(|list| list.page_info.has_previous_page);
        if shows_first {
            entries.push((view.thread.created_at, Entry::Question(Question { author, at, text })));
        }
        if let Some(advice) = &own.advice {
            entries.push((advice.advised_at, Entry::Advice(Box::new(advice_of(advice, visit)))));
        }
    }
    let shown = || view.thread.messages.iter().flat_map(|list| &list.nodes);
    let first_new = shown().find(|message| !message.is_read).or(shown().last()).map(|message| message.id.as_str());
    for message in shown() {
        let author = message.author.as_ref().map(Who::from);
        let is_author = |id: &str| message.author.as_ref().is_some_and(|author| author.id == id);
        let named = message.addressed_to.iter().filter_map(|person| person.name.text.as_deref());
        let receipts = message
            .read_receipts
            .iter()
            .filter(|receipt| receipt.person.as_ref().is_some_and(|person| person.id != me && !is_author(&person.id)));
        let readers = receipts.filter_map(|receipt| receipt.person.as_ref()?.name.text.as_deref());
        let readers = readers.collect::<Vec<_>>().join(", ");
        let read_by = (!readers.is_empty()).then(|| time.l.read_by(readers));
        let audience_words = match message.audience {
            Audience::Named => time.l.audience_named_persons(named.collect::<Vec<_>>().join(", ")),
            Audience::TeamAndMe => match message.addressed_to.first() {
                Some(one) if one.id == me => time.l.only_team_and_you().into_owned(),
                Some(_) => time.l.only_team_and(named.collect::<Vec<_>>().join(", ")),
                None => time.l.audience(&message.audience),
            },
            Audience::Everyone | Audience::ClinicalTeam => time.l.audience(&message.audience),
        };
        let entry = Message {
            id: message.id.clone(),
            is_mine: author.as_ref().is_some_and(|author| author.id == me),
            author,
            is_unread: !message.is_read,
            is_first_new: first_new == Some(message.id.as_str()),
            role: match (&message.delegate, view.patient_name()) {
                (Some(delegate), Some(patient)) => {
                    let grant = Grant::from(delegate);
                    grant.after(time.l.helps(patient, time.l.relationship(&grant.relationship)), time.l)
                }
                (Some(delegate), None) => Grant::from(delegate).words(time.l),
                (None, _) => time.l.capacity(&message.capacity),
            },
            audience: message.audience,
            audience_words,
            at: time.moment(message.posted_at),
            body: (&message.body).into(),
            read_by,
        };
        entries.push((message.posted_at, Entry::Message(entry)));
    }
    // A stable sort: what happened at one instant keeps its order.
    entries.sort_by_key(|(at, _)| *at);
    let mut days: Vec<(NaiveDate, Day)> = Vec::new();
    for (at, entry) in entries {
        let day = time.local_day(at);
        match days.last_mut() {
            Some((last, known)) if *last == day => known.entries.push(entry),
            Some(_) | None => {
                let weekday = time.weekday(day);
                let heading = if day == time.today() { time.l.day_today(weekday) } else { weekday };
                days.push((day, Day { heading, entries: vec![entry] }));
            }
        }
    }
    days.into_iter().map(|(_, day)| day).collect()
}

fn advice_of(advice: &thread::ThreadThreadOnConsultationAdvice, visit: &Visit<'_>) -> Advice {
    let (time, me) = (visit.time(), visit.session.me.id.as_str());
    let author = advice.adviser.as_ref().map(Who::from);
    let recommendations = advice.recommendations.iter().map(|each| Recommendation {
        words: time.l.kind_and_certainty(time.l.certainty(&each.certainty), time.l.recommendation_kind(&each.kind)),
        text: (&each.text).into(),
        disposition: each.disposition,
        reason: each.reason.as_ref().map(Into::into),
    });
    let note = advice.plan.as_ref().and_then(|plan| plan.note.as_ref());
    Advice {
        is_mine: author.as_ref().is_some_and(|author| author.id == me),
        author,
        at: time.moment(advice.advised_at),
        recommendations: recommendations.collect(),
        come_back_when: advice.come_back_when.as_ref().map(Into::into),
        plan_note: note.map(Into::into),
    }
}
