//! The steps of a thread: what a person can do to it, each with its form and its command.
//!
//! To add a step: 1. its mutation in `queries.rs`, and whether it is permitted in `thread.graphql`; 2. its line among the
//! [`Step`]s, at its place in their order, and follow the compiler: when it is allowed, its texts, its controls in
//! `steps/controls.rs`, its command in `steps/submit.rs`; 3. if a message can go along, its place in [`WITH_MESSAGE`]; 4. if
//! a thread can wait for it, its words in `rows.rs`; 5. its line in `tests/browser/table.mjs`.

mod controls;
mod submit;

use super::draft::{About, DraftedForm};
use super::forms::Fields;
use super::texts::Texts;
use super::view::View;
use crate::graphql::words::ConsultationState;

/// Makes the steps: the enum, all of them, and the word of each in addresses and forms.
macro_rules! steps {
    ($($(#[$meta:meta])* $name:ident = $word:literal,)+) => {
        /// Something that a person can do to a thread, in the order in which one of them is the next step.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Step { $($(#[$meta])* $name,)+ }

        impl Step {
            const ALL: &'static [Self] = &[$(Self::$name),+];

            /// Its word in addresses and forms.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word),+ }
            }
        }
    };
}

steps! {
    Accept = "accept",
    Advise = "advise",
    Plan = "plan",
    Inform = "inform",
    Close = "close",
    Claim = "claim",
    Assign = "assign",
    /// Ask the side that answers to assign a consultation.
    AskForAssignment = "ask-for-assignment",
    Decline = "decline",
    /// Say whose turn it is, asked for because whom the thread waited for can no longer act.
    PassTurn = "pass-turn",
    /// Say whose turn it is.
    Turn = "turn",
    Park = "park",
    Reopen = "reopen",
    Add = "add",
    Invite = "invite",
    /// Change how much a participant sees.
    History = "history",
    Remove = "remove",
    Release = "release",
    Transfer = "transfer",
    /// Make another physician the one who asks.
    HandOverRequest = "hand-over-request",
    TakeOver = "take-over",
    Leave = "leave",
    PutAway = "put-away",
    TakeBack = "take-back",
    /// Hide the thread from those who help the patient.
    Hide = "hide",
    /// Show it to them again.
    Show = "show",
    /// Write a message. Its form is on the page of the thread.
    Reply = "reply",
    /// Write a message to persons whom one chooses.
    Named = "named",
    /// Note how far one has read.
    Read = "read",
}

/// What can be done together with a message, in one act.
const WITH_MESSAGE: [Step; 4] = [Step::Turn, Step::Inform, Step::Park, Step::Close];

impl Step {
    /// The field by which the draft of a message to chosen persons is known from that of a reply, which sends the same
    /// command.
    const NAMED_FIELD: &'static str = "named";

    /// The step with this word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|step| step.word() == word)
    }

    /// The command by its name in the policy, if a thread can wait for it.
    pub const fn command(self) -> Option<&'static str> {
        match self {
            Self::Accept => Some("thread.accept_invitation"),
            Self::Advise => Some("consultation.advise"),
            Self::Plan => Some("consultation.record_plan"),
            Self::Inform => Some("consultation.inform_patient"),
            Self::Close => Some("consultation.close"),
            Self::Claim => Some("thread.claim"),
            Self::Assign => Some("consultation.assign"),
            Self::Reply => Some("thread.post"),
            Self::PassTurn => Some("thread.pass_turn"),
            Self::TakeOver => Some("thread.take_over"),
            Self::Decline
            | Self::AskForAssignment
            | Self::HandOverRequest
            | Self::Turn
            | Self::Park
            | Self::Reopen
            | Self::Add
            | Self::Invite
            | Self::History
            | Self::Remove
            | Self::Release
            | Self::Transfer
            | Self::Leave
            | Self::PutAway
            | Self::TakeBack
            | Self::Hide
            | Self::Show
            | Self::Named
            | Self::Read => None,
        }
    }

    /// Whether it has a form on a page of its own. Others are one button.
    pub const fn has_page(self) -> bool {
        match self {
            Self::Advise
            | Self::Plan
            | Self::Inform
            | Self::Close
            | Self::Assign
            | Self::AskForAssignment
            | Self::HandOverRequest
            | Self::Turn
            | Self::PassTurn
            | Self::Park
            | Self::Reopen
            | Self::Add
            | Self::Invite
            | Self::History
            | Self::Remove
            | Self::Release
            | Self::Transfer
            | Self::TakeOver
            | Self::Leave
            | Self::Hide
            | Self::Show
            | Self::Named => true,
            Self::Accept | Self::Decline | Self::Claim | Self::PutAway | Self::TakeBack | Self::Reply | Self::Read => {
                false
            }
        }
    }

    /// The command of the form of which a draft can be kept; none for a form without text.
    const fn draft_command(self, is_consultation: bool) -> Option<&'static str> {
        match self {
            Self::Advise | Self::Plan | Self::Inform | Self::Reply | Self::PassTurn | Self::TakeOver => self.command(),
            Self::Close if is_consultation => self.command(),
            Self::Close => Some("thread.close"),
            Self::Turn => Some("thread.set_waiting_on"),
            Self::Park => Some("team_thread.park"),
            Self::Reopen => Some("thread.reopen"),
            Self::Add => Some("thread.add_participant"),
            Self::Invite => Some("thread.invite_participant"),
            Self::History => Some("thread.change_history_window"),
            Self::Named => Self::Reply.command(),
            Self::Remove => Some("thread.remove_participant"),
            Self::Release => Some("thread.release"),
            Self::Transfer => Some("thread.transfer"),
            Self::Accept
            | Self::Decline
            | Self::Claim
            | Self::Assign
            | Self::AskForAssignment
            | Self::HandOverRequest
            | Self::Leave
            | Self::PutAway
            | Self::TakeBack
            | Self::Hide
            | Self::Show
            | Self::Read => None,
        }
    }

    /// Its form in a thread, if a draft of it can be kept.
    pub fn drafted(self, thread: &str, is_consultation: bool) -> Option<DraftedForm> {
        let word = self.word();
        let (page, place) = match self.has_page() {
            true => (format!("/t/{thread}/{word}"), ""),
            false => (format!("/t/{thread}"), "#reply"),
        };
        Some(DraftedForm {
            word,
            command: self.draft_command(is_consultation)?,
            about: About::Thread(thread.to_owned()),
            page,
            place,
            action: format!("/t/{thread}/{word}/draft"),
            needs_text: matches!(self, Self::Reply | Self::Named),
            also: (self == Self::Named).then(|| (Self::NAMED_FIELD, "1".to_owned())),
        })
    }

    /// The step whose form sends this command. The fields of the draft, if they are shown, tell two forms of one command
    /// apart.
    pub fn of_draft(command: &str, fields: Option<&Fields>) -> Option<Self> {
        let found = Self::ALL
            .iter()
            .copied()
            .find(|step| [true, false].iter().any(|kind| step.draft_command(*kind) == Some(command)));
        let is_named = fields.is_some_and(|fields| fields.given(Self::NAMED_FIELD).is_some());
        if found == Some(Self::Reply) && is_named { Some(Self::Named) } else { found }
    }

    /// Whether its form was made for a consultation.
    pub fn is_of_consultation(self, fields: &Fields) -> bool {
        self != Self::Close || fields.given("helpful").is_some()
    }

    /// Whether its form names persons who need not take part yet.
    pub const fn names_colleagues(self) -> bool {
        matches!(self, Self::Add | Self::Invite | Self::HandOverRequest)
    }

    /// The step that a reply is sent together with, if the form names one.
    pub fn with_reply(fields: &Fields) -> Option<Self> {
        WITH_MESSAGE.into_iter().find(|step| step.word() == fields.get("then"))
    }

    /// What this person can do together with a reply: say whose turn it is, park it, close it.
    pub fn after_reply(view: &View) -> impl Iterator<Item = Self> {
        WITH_MESSAGE.into_iter().filter(|step| *step != Self::Inform && step.is_allowed(view))
    }

    /// Whether this person can do it now.
    pub fn is_allowed(self, view: &View) -> bool {
        let (thread, own) = (&view.thread, view.consultation());
        match self {
            Self::Accept => thread.viewer_can_accept_invitation.allowed,
            Self::Decline => thread.viewer_can_decline_invitation.allowed,
            Self::Advise => own.is_some_and(|own| own.viewer_can_advise.allowed),
            Self::Plan => own.is_some_and(|own| own.viewer_can_record_plan.allowed),
            Self::Inform => own.is_some_and(|own| own.viewer_can_inform_patient.allowed),
            Self::Close => thread.viewer_can_close.allowed,
            Self::Claim => thread.viewer_can_claim.allowed,
            Self::Assign => own.is_some_and(|own| own.viewer_can_assign.allowed),
            // Who assigns need not ask for it.
            Self::AskForAssignment => {
                own.is_some_and(|own| own.viewer_can_ask_for_assignment.allowed && !own.viewer_can_assign.allowed)
            }
            Self::HandOverRequest => own.is_some_and(|own| own.viewer_can_hand_over_request.allowed),
            Self::Turn => thread.viewer_can_set_waiting_on.allowed,
            Self::PassTurn => thread.viewer_can_pass_turn.allowed,
            Self::Park => view.team_thread().is_some_and(|own| own.viewer_can_park.allowed),
            Self::Reopen => thread.viewer_can_reopen.allowed,
            Self::Add => thread.viewer_can_add_participant.allowed,
            Self::Invite => thread.viewer_can_invite_participant.allowed,
            Self::History => thread.viewer_can_change_history_window.allowed,
            Self::Remove => thread.viewer_can_remove_participant.allowed,
            Self::Release => thread.viewer_can_release.allowed,
            Self::Transfer => thread.viewer_can_transfer.allowed,
            Self::TakeOver => thread.viewer_can_take_over.allowed,
            Self::Leave => thread.viewer_can_leave.allowed,
            // Who is only invited has nothing to put away yet.
            Self::PutAway => thread.viewer_invitation.is_none() && !thread.is_put_away,
            Self::TakeBack => thread.viewer_invitation.is_none() && thread.is_put_away,
            Self::Hide => thread.viewer_can_hide_from_delegates.allowed && thread.delegates.is_some(),
            Self::Show => thread.viewer_can_show_to_delegates.allowed && thread.delegates.is_some(),
            Self::Reply => thread.post_to_all.allowed || thread.post_to_clinicians.allowed,
            Self::Named => thread.post_to_named.allowed,
            Self::Read => true,
        }
    }

    /// What this person can do now, the next step first. A message, and what is marked as read, have their place elsewhere
    /// on the page.
    pub fn allowed(view: &View) -> impl Iterator<Item = Self> {
        let listed = Self::ALL.iter().copied().filter(|step| !matches!(step, Self::Reply | Self::Named | Self::Read));
        listed.filter(|step| step.is_allowed(view))
    }

    /// The next step of this person: what the thread waits for, or what only they can bring about.
    pub fn next(view: &View) -> Option<Self> {
        let awaited = view.awaited.as_ref().map(|awaited| awaited.action.as_str());
        let is_optional = |step: &Self| {
            // A team thread is closed when its people say so, and an assigned consultation is seldom assigned again.
            let again = view.consultation().is_some_and(|own| own.state != ConsultationState::Submitted);
            match step {
                Self::Close => view.consultation().is_none(),
                Self::Assign => again,
                Self::Accept | Self::Advise | Self::Plan | Self::Inform | Self::Claim | Self::PassTurn => false,
                Self::Decline
                | Self::AskForAssignment
                | Self::HandOverRequest
                | Self::Turn
                | Self::Park
                | Self::Reopen
                | Self::Add
                | Self::Invite
                | Self::History
                | Self::Remove
                | Self::Release
                | Self::Transfer
                | Self::TakeOver
                | Self::Leave
                | Self::PutAway
                | Self::TakeBack
                | Self::Hide
                | Self::Show
                | Self::Reply
                | Self::Named
                | Self::Read => true,
            }
        };
        Self::first_of(&Self::allowed(view).collect::<Vec<_>>(), awaited, is_optional)
    }

    /// What is awaited, or the first that is not optional. Who can pass the turn on and can also take the step of the
    /// lifecycle takes it.
    fn first_of(allowed: &[Self], awaited: Option<&str>, is_optional: impl Fn(&Self) -> bool) -> Option<Self> {
        let is_awaited = |step: &&Self| **step != Self::PassTurn && awaited.is_some() && step.command() == awaited;
        let first = allowed.iter().find(is_awaited).or_else(|| allowed.iter().find(|step| !is_optional(step)));
        first.copied()
    }

    /// The heading of its page, and the words of the button that leads there.
    pub fn title(self, l: &Texts) -> String {
        match self {
            Self::Accept => l.step_accept(),
            Self::Decline => l.step_decline(),
            Self::Advise => l.step_advise(),
            Self::Plan => l.step_plan(),
            Self::Inform => l.step_inform(),
            Self::Close => l.step_close(),
            Self::Claim => l.step_claim(),
            Self::Assign => l.step_assign(),
            Self::AskForAssignment => l.step_ask_for_assignment(),
            Self::HandOverRequest => l.step_hand_over_request(),
            Self::Turn => l.step_turn(),
            Self::PassTurn => l.step_pass_turn(),
            Self::Park => l.step_park(),
            Self::Reopen => l.step_reopen(),
            Self::Add => l.step_add(),
            Self::Invite => l.step_invite(),
            Self::History => l.step_history(),
            Self::Remove => l.step_remove(),
            Self::Release => l.step_release(),
            Self::Transfer => l.step_transfer(),
            Self::TakeOver => l.step_take_over(),
            Self::Leave => l.step_leave(),
            Self::PutAway => l.step_put_away(),
            Self::TakeBack => l.step_take_back(),
            Self::Hide => l.step_hide(),
            Self::Show => l.step_show(),
            Self::Reply => l.step_reply(),
            Self::Named => l.step_named(),
            Self::Read => l.step_read(),
        }
        .into_owned()
    }

    /// What the page says once it is done.
    pub fn done(self, l: &Texts) -> String {
        match self {
            Self::Accept => l.done_accept(),
            Self::Decline => l.done_decline(),
            Self::Advise => l.done_advise(),
            Self::Plan => l.done_plan(),
            Self::Inform => l.done_inform(),
            Self::Close => l.done_close(),
            Self::Claim => l.done_claim(),
            Self::Assign => l.done_assign(),
            Self::AskForAssignment => l.done_ask_for_assignment(),
            Self::HandOverRequest => l.done_hand_over_request(),
            Self::Turn => l.done_turn(),
            Self::PassTurn => l.done_pass_turn(),
            Self::Park => l.done_park(),
            Self::Reopen => l.done_reopen(),
            Self::Add => l.done_add(),
            Self::Invite => l.done_invite(),
            Self::History => l.done_history(),
            Self::Remove => l.done_remove(),
            Self::Release => l.done_release(),
            Self::Transfer => l.done_transfer(),
            Self::TakeOver => l.done_take_over(),
            Self::Leave => l.done_leave(),
            Self::PutAway => l.done_put_away(),
            Self::TakeBack => l.done_take_back(),
            Self::Hide => l.done_hide(),
            Self::Show => l.done_show(),
            Self::Reply => l.done_reply(),
            Self::Named => l.done_reply(),
            Self::Read => l.done_read(),
        }
        .into_owned()
    }

    /// The words of the button that does it: the act, and the patient.
    pub fn button(self, view: &View, l: &Texts) -> String {
        match view.patient_name() {
            // Beside who will read it, the name of the patient could be taken for a reader.
            _ if self == Self::Named => l.send_named().into_owned(),
            Some(patient) => l.act_about(self.title(l), patient),
            None => self.title(l),
        }
    }

    /// The icon of its buttons.
    pub const fn icon(self) -> &'static str {
        match self {
            Self::Accept | Self::Plan | Self::Close | Self::Read => "check",
            Self::Decline | Self::Remove => "no",
            Self::Advise | Self::Reply | Self::Named => "edit",
            Self::History | Self::Show => "eye",
            Self::Hide => "lock",
            Self::Inform => "phone",
            Self::Claim | Self::TakeOver | Self::TakeBack => "now",
            Self::Assign | Self::Add | Self::Invite => "people",
            Self::AskForAssignment => "message",
            Self::Turn | Self::PassTurn | Self::Reopen | Self::Transfer | Self::HandOverRequest => "forward",
            Self::Park => "pause",
            Self::Release | Self::Leave => "back",
            Self::PutAway => "inbox",
        }
    }

    /// Whether its form can ask for more of the same.
    pub fn more(self, l: &Texts) -> Option<String> {
        (self == Self::Advise).then(|| l.advise_more().into_owned())
    }

    /// What the form says before its controls.
    pub fn explanation(self, l: &Texts) -> Option<String> {
        match self {
            Self::Leave => Some(l.leave_explained().into_owned()),
            Self::Release => Some(l.release_explained().into_owned()),
            Self::TakeOver => Some(l.take_over_explained().into_owned()),
            Self::Invite => Some(l.invite_explained().into_owned()),
            Self::Park => Some(l.park_explained().into_owned()),
            Self::History => Some(l.history_explained().into_owned()),
            Self::Hide => Some(l.hide_explained().into_owned()),
            Self::Show => Some(l.show_explained().into_owned()),
            Self::Named => Some(l.named_explained().into_owned()),
            Self::AskForAssignment => Some(l.ask_for_assignment_explained().into_owned()),
            Self::HandOverRequest => Some(l.hand_over_request_explained().into_owned()),
            Self::Accept
            | Self::Decline
            | Self::Advise
            | Self::Plan
            | Self::Inform
            | Self::Close
            | Self::Claim
            | Self::Assign
            | Self::Turn
            | Self::PassTurn
            | Self::Reopen
            | Self::Add
            | Self::Remove
            | Self::Transfer
            | Self::PutAway
            | Self::TakeBack
            | Self::Reply
            | Self::Read => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use care::command_name::CommandName;
    use care::lifecycle::ThreadKind;

    use super::*;

    #[test]
    fn each_command_that_a_kind_adds_has_a_step() {
        let gives = |step: &Step, word| {
            let forms = [step.command(), step.draft_command(true), step.draft_command(false)];
            forms.contains(&Some(word))
        };
        let of_kinds = ThreadKind::ALL.iter().flat_map(|kind| kind.command_names().into_iter().skip(1));
        let words = of_kinds.map(CommandName::word);
        let without: Vec<_> = words.filter(|word| !Step::ALL.iter().any(|step| gives(step, *word))).collect();
        // Both are steps; no thread waits for them, and no draft of them is kept.
        assert_eq!(without, ["consultation.ask_for_assignment", "consultation.hand_over_request"]);
    }

    #[test]
    fn every_step_is_found_by_its_word() {
        for step in Step::ALL {
            assert_eq!(Step::of(step.word()), Some(*step));
        }
        assert_eq!(Step::of("void"), None);
    }

    #[test]
    fn the_step_of_the_lifecycle_comes_before_passing_the_turn_on() {
        let next = |allowed: &[Step], awaited| Step::first_of(allowed, Some(awaited), |step| *step == Step::Turn);
        let both = [Step::Assign, Step::PassTurn, Step::Turn];
        assert_eq!(next(&both, "thread.pass_turn"), Some(Step::Assign));
        assert_eq!(next(&both[1..], "thread.pass_turn"), Some(Step::PassTurn));
        assert_eq!(next(&[Step::Claim, Step::Assign], "consultation.assign"), Some(Step::Assign));
        assert_eq!(next(&both[2..], "consultation.assign"), None);
    }
}
