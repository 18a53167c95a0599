//! Who helps a patient, at `/patients/{id}/helpers`: for the patient in plain words, for staff with the step that comes next,
//! for a privacy officer with what is suspended first; and who represents the patient by law.
//!
//! `around` reads all of it; `work` has what waits for staff, over all patients. What is done about a helper has a page of its
//! own (`act_page`), and so has the invitation of a new one (`invite`). What helpers see of it is in `helping.rs` and
//! `help_invitation.rs`.

mod act;
mod act_page;
mod around;
mod carry_out;
pub(crate) mod closed;
pub(crate) mod controls;
mod invite;
mod opened;
pub(crate) mod scope;
pub(crate) mod work;

use askama::Template;
use poem::http::StatusCode;

use self::act::Act;
pub(crate) use self::around::name_of;
use self::around::{Around, Authority, Delegate, Step};
use super::frame::{Frame, Place};
use super::site::{Failed, Screen, Visit, rendered};
use super::time::{Due, Moment};
use crate::graphql::delegation_words::{AuthorityState, DelegationState};
use crate::response::Response;

pub(crate) use self::act_page::HelperAct;
pub(crate) use self::invite::InviteScreen;

/// The screen `/patients/{id}/helpers`.
pub(crate) struct Delegates;

#[derive(Template)]
#[template(path = "helpers.html")]
struct Page<'a> {
    frame: Frame<'a>,
    around: Around,
    /// What was just done, in words.
    done: Option<String>,
}

/// The tone of a state.
const fn tone(state: DelegationState) -> &'static str {
    match state {
        DelegationState::Active => "success",
        DelegationState::Suspended => "danger",
        DelegationState::Ended => "none",
        DelegationState::Asked
        | DelegationState::Invited
        | DelegationState::Accepted
        | DelegationState::IdentityVerified
        | DelegationState::SafeguardingChecked => "warning",
    }
}

/// The icon of a state.
const fn icon(state: DelegationState) -> &'static str {
    match state {
        DelegationState::Active => "check",
        DelegationState::Suspended => "pause",
        DelegationState::Ended => "no",
        DelegationState::Asked
        | DelegationState::Invited
        | DelegationState::Accepted
        | DelegationState::IdentityVerified
        | DelegationState::SafeguardingChecked => "clock",
    }
}

impl Page<'_> {
    /// Those that have not ended: what waits for the reader first.
    fn current(&self) -> Vec<&Delegate> {
        let mut current: Vec<&Delegate> = self.around.helpers.iter().filter(|helper| !helper.is_over()).collect();
        current.sort_by_key(|helper| helper.next().is_none());
        current
    }

    /// Those that have ended.
    fn former(&self) -> Vec<&Delegate> {
        self.around.helpers.iter().filter(|helper| helper.is_over()).collect()
    }

    /// Who represents the patient by law, as far as the reader may know it.
    fn authorities(&self) -> &[Authority] {
        self.around.authorities.as_deref().unwrap_or_default()
    }

    fn tone(&self, helper: &Delegate) -> &'static str {
        tone(helper.state)
    }

    fn icon(&self, helper: &Delegate) -> &'static str {
        icon(helper.state)
    }

    /// Since when there is access.
    fn since(&self, helper: &Delegate) -> Option<Moment> {
        helper.since().map(|since| self.frame.time.full(since))
    }

    /// The last day of the access.
    fn until(&self, helper: &Delegate) -> Option<String> {
        helper.until.map(|until| self.frame.time.last_day(until))
    }

    /// When a step was recorded.
    fn at(&self, step: &Step) -> Moment {
        self.frame.time.full(step.at)
    }

    /// The words of the state, with the end where it is known.
    fn state(&self, helper: &Delegate) -> String {
        let l = self.frame.l;
        match helper.until.filter(|_| helper.state == DelegationState::Active) {
            Some(until) => l.helper_active_until(self.frame.time.last_day(until)),
            None => l.delegation_state(&helper.state),
        }
    }

    /// When the next step is due, and how far away that is.
    fn due_at(&self, helper: &Delegate) -> Option<Due> {
        helper.due.map(|due| self.frame.time.due(due))
    }

    /// Since when it waits, and for whom.
    fn due(&self, helper: &Delegate) -> Option<String> {
        let (l, time) = (self.frame.l, self.frame.time);
        match helper.state {
            DelegationState::Invited => {
                let expires = helper.steps.iter().rev().find_map(|step| step.expires)?;
                Some(l.helper_accept_by(time.full(expires).words))
            }
            DelegationState::Accepted | DelegationState::IdentityVerified | DelegationState::Suspended => {
                Some(l.helper_staff_by(time.full(helper.waits_since()?).words))
            }
            DelegationState::Asked | DelegationState::SafeguardingChecked => {
                Some(l.helper_waits_since(time.full(helper.waits_since()?).words))
            }
            DelegationState::Active | DelegationState::Ended => None,
        }
    }

    fn authority_tone(&self, authority: &Authority) -> &'static str {
        match authority.state {
            AuthorityState::Verified => "success",
            AuthorityState::Recorded => "warning",
            AuthorityState::Disputed => "danger",
            AuthorityState::Ended => "none",
        }
    }
}

impl Screen for Delegates {
    async fn open(&self, visit: &Visit<'_>) -> Result<Response, Failed> {
        let l = visit.time().l;
        let around = Around::read(visit).await?;
        let page = around.map(|around| {
            let act = visit.told("done").and_then(Act::of);
            let done = act.map(|act| {
                let about = visit.query.get("about");
                act.done(around.name(act, about, l), l)
            });
            let invited = visit.told("done").filter(|word| *word == invite::WORD);
            let done = done.or_else(|| invited.map(|_| l.helper_invited_done().into_owned()));
            let frame = visit.arrival.frame(Place::of_patient(&visit.session.me));
            rendered(&Page { frame, around, done })
        });
        visit.page(StatusCode::OK, page)
    }
}
