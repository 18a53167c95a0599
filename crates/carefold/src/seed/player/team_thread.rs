//! Plays a team thread of the clinic: each step as the command that a client would give.

use anyhow::Context;
use care::command_name::Named;
use care::conversation::{
    AcceptInvitation, Addressed, Claim, Close, ConversationCommand, HistoryWindow, MarkRead, Opening, Owner, Party,
    Place, PostMessage, SetWaitingOn, WaitingOn,
};
use care::ids::{MessageId, ThreadId};
use care::lifecycle::OpenLifecycle;
use care::lifecycle::team_thread::{NewParticipant, OpenTeamThread, Park, TeamThreadCommand};
use care::thread::{Thread, ThreadCommand};
use chrono::{DateTime, TimeDelta, Utc};

use super::{Player, failed, one_line, text};
use crate::seed::clinic::Clinic;
use crate::seed::script::{Line, Sender};
use crate::seed::team_thread::{Act, Step, TeamThread, Wait, Who};
use crate::seed::times::ThreadTime;

impl Player {
    /// Plays a team thread from its opening on.
    ///
    /// # Errors
    /// The step that failed, by its key.
    pub async fn team_thread(&self, clinic: &Clinic, written: &TeamThread, mut time: ThreadTime) -> anyhow::Result<()> {
        let opening = Line {
            by: Sender::Person(&written.opened_by),
            at: time.now(),
            key: written.key.clone(),
            command: self.opening(clinic, written, time.now()).with_context(|| failed(&written.key))?,
        };
        let opened = self.give::<Thread, _>(&opening, None, &opening.command).await;
        let thread = opened.with_context(|| failed(&written.key))?.target;
        let mut playing = Playing { player: self, thread, messages: Vec::new() };
        for (number, step) in (1..).zip(&written.steps) {
            if let Some(after) = step.after {
                time.pass(after.0);
            }
            let key = format!("{}/{}/{number}", written.key, step.act.word());
            playing.step(step, &key, time.now()).await.with_context(|| failed(&key))?;
        }
        Ok(())
    }

    fn opening(&self, clinic: &Clinic, written: &TeamThread, at: DateTime<Utc>) -> anyhow::Result<ThreadCommand> {
        let opening = Opening {
            patient: written.about.as_ref().map(|key| self.patient(key)).transpose()?,
            organization: None,
            topic: written.topic.0,
            subject: one_line(&written.subject.0)?,
            confidentiality: written.confidentiality.0,
            sensitivities: written.sensitivities.iter().map(|code| code.0).collect(),
            owner: match &written.owner {
                Who::Person(handle) => Owner::Person { person: self.person(handle)?, pool: None },
                Who::Pool(key) => Owner::Pool(self.pool(key)?),
            },
            pools: written.pools.iter().map(|key| self.pool(key)).collect::<anyhow::Result<_>>()?,
            hidden_from_delegates: None,
        };
        let participants = written.participants.iter().map(|handle| {
            let held = clinic.person(handle).and_then(|person| person.roles.first());
            let held = held.with_context(|| format!("{handle} has no role"))?;
            let place = Place { role: held.role.0, organization: self.organization(&held.at)? };
            Ok(NewParticipant { person: self.person(handle)?, place, history: HistoryWindow::Full })
        });
        let open = OpenTeamThread {
            participants: participants.collect::<anyhow::Result<_>>()?,
            waiting_on: self.waiting_on(&written.waits_for, at)?,
            note: text(&written.waits_for.note)?,
        };
        Ok(ThreadCommand::Open(Box::new(opening), Box::new(OpenLifecycle::TeamThread(open))))
    }

    fn waiting_on(&self, wait: &Wait, at: DateTime<Utc>) -> anyhow::Result<WaitingOn> {
        let party = match &wait.who {
            Who::Person(handle) => Party::Person(self.person(handle)?),
            Who::Pool(key) => Party::Pool(self.pool(key)?),
        };
        let due = wait.due_days.map(|days| at + TimeDelta::days(i64::from(days)));
        Ok(WaitingOn { party, action: PostMessage::NAME, due })
    }
}

/// A team thread that is played.
struct Playing<'a> {
    player: &'a Player,
    thread: ThreadId,
    messages: Vec<MessageId>,
}

impl Playing<'_> {
    async fn step(&mut self, step: &Step, key: &str, at: DateTime<Utc>) -> anyhow::Result<()> {
        let command: ThreadCommand = match &step.act {
            Act::Post(post) => {
                let post = PostMessage { addressed: Addressed::Everyone, body: text(&post.text)? };
                ConversationCommand::from(post).into()
            }
            Act::Read(_) => {
                let message = *self.messages.last().context("there is no message")?;
                ConversationCommand::from(MarkRead { message }).into()
            }
            Act::Accept(_) => ConversationCommand::from(AcceptInvitation).into(),
            Act::Claim(_) => ConversationCommand::from(Claim).into(),
            Act::Wait(wait) => {
                let to = self.player.waiting_on(wait, at)?;
                ConversationCommand::from(SetWaitingOn { to, note: Some(text(&wait.note)?) }).into()
            }
            Act::Park(park) => {
                let review_at = at + TimeDelta::days(i64::from(park.days));
                TeamThreadCommand::from(Park { review_at, reason: text(&park.reason)? }).into()
            }
            Act::Close(close) => ConversationCommand::from(Close { outcome: text(&close.outcome)? }).into(),
        };
        let line = Line { by: Sender::Person(&step.by), at, key: key.to_owned(), command };
        let outcome = self.player.give::<Thread, _>(&line, Some(self.thread), &line.command).await?;
        if let Act::Post(_) = step.act {
            self.messages.push(outcome.command.creates(0));
        }
        Ok(())
    }
}
