//! Whom a patient blocks and whom they permit something, at `/patients/{id}/directives`: for the patient in plain words, for
//! staff what was written down, for a privacy officer all of it, so that they void what was entered in error.
//!
//! `around` reads all of it, `said` has its words, `terms` and `tighten` the forms that ask what it is about; `work` has what waits for staff, over all patients. What is done about a
//! directive has a page of its own (`act_page`), with what it would change before the patient gives it.

mod act;
mod act_page;
mod around;
mod chosen;
pub(crate) mod said;
mod terms;
mod tighten;
pub(crate) mod work;

use askama::Template;
use chrono::{DateTime, Utc};
use poem::http::StatusCode;

use self::act::Act;
use self::around::{Around, Directive};
use super::frame::{Frame, Place};
use super::site::{Failed, Screen, Visit, rendered};
use super::time::Moment;
use crate::graphql::directive_words::{DirectiveEffect, DirectiveState};
use crate::response::Response;

pub(crate) use self::act_page::DirectiveAct;

/// The screen `/patients/{id}/directives`.
pub(crate) struct Directives;

#[derive(Template)]
#[template(path = "directives.html")]
struct Page<'a> {
    frame: Frame<'a>,
    around: Around,
    /// What was just done, in words.
    done: Option<String>,
}

/// A part of the page: a heading with some of the directives.
struct Part<'p> {
    id: &'static str,
    title: String,
    none: Option<String>,
    directives: Vec<&'p Directive>,
}

impl Page<'_> {
    /// What waits to be confirmed first, then who is blocked, who is permitted something, and what has ended.
    fn parts(&self) -> Vec<Part<'_>> {
        let l = self.frame.l;
        let waiting = self.those(|each| each.state == DirectiveState::Proposed);
        let in_force = |each: &Directive, effect: DirectiveEffect| {
            each.effect == effect && matches!(each.state, DirectiveState::Active | DirectiveState::UnconfirmedDeny)
        };
        let denied = self.those(|each| in_force(each, DirectiveEffect::Deny));
        let permitted = self.those(|each| in_force(each, DirectiveEffect::Permit));
        let over = self.those(|each| {
            matches!(each.state, DirectiveState::Ended | DirectiveState::Refused | DirectiveState::Voided)
        });
        // Only the patient knows all of them: for everybody else an empty list does not say that there is none.
        let (nobody_denied, nobody_permitted) = if self.around.is_own {
            (l.directives_denied_none(), l.directives_permitted_none())
        } else {
            (l.directives_denied_none_shown(), l.directives_permitted_none_shown())
        };
        let part = |id, title: String, none: Option<String>, directives| Part { id, title, none, directives };
        let all = vec![
            part("waiting", l.directives_waiting().into_owned(), None, waiting),
            part("denied", l.directives_denied().into_owned(), Some(nobody_denied.into_owned()), denied),
            part("permitted", l.directives_permitted().into_owned(), Some(nobody_permitted.into_owned()), permitted),
            part("over", l.directives_over().into_owned(), None, over),
        ];
        all.into_iter().filter(|part| part.none.is_some() || !part.directives.is_empty()).collect()
    }

    fn those(&self, is: impl Fn(&Directive) -> bool) -> Vec<&Directive> {
        self.around.directives.iter().filter(|each| is(each)).collect()
    }

    /// An instant in words.
    fn at(&self, at: &DateTime<Utc>) -> Moment {
        self.frame.time.full(*at)
    }

    /// What can be done beside what can be done about each directive.
    fn acts(&self) -> Vec<Act> {
        self.around.begins().collect()
    }
}

impl Screen for Directives {
    async fn open(&self, visit: &Visit<'_>) -> Result<Response, Failed> {
        let around = Around::read(visit).await?;
        let page = around.map(|around| {
            let l = visit.time().l;
            let done = visit.told("done").and_then(Act::of).map(|act| act.done(l));
            let frame = visit.arrival.frame(Place::of_patient(&visit.session.me));
            rendered(&Page { frame, around, done })
        });
        visit.page(StatusCode::OK, page)
    }
}
