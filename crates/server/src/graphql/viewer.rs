//! The viewer: the signed-in person, and their lists.

use std::sync::Arc;

use async_graphql::{Enum, ID, Object, Result, SimpleObject};
use care::command_name::CommandName;
use care::draft::Form;
use coordination::reader::{self, Page, Reader};

use super::connection::page;
use super::delegation::{Delegation, HelpInvitation, OwnDelegation};
use super::draft::{Draft, DraftConnection};
use super::help_reminder::HelpReminder;
use super::id::{encode_id, encode_viewer};
use super::inputs::form::FormSubjectInput;
use super::organization::{Organization, Pool, PoolConnection};
use super::outside_message::OutsideMessage;
use super::patient::{CareTeamQuestion, Patient, PatientConnection, RecordProposal};
use super::person::Person;
use super::thread::ThreadConnection;
use super::thread::{Thread, ThreadKind};
use super::waiting_directive::WaitingDirective;
use super::words::Role;
use crate::graphql::scalars::Instant;

/// The signed-in person.
pub struct Viewer(pub(super) Arc<Reader>);

/// The worklists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Worklist {
    /// Threads that wait for you.
    Mine,
    /// Unclaimed threads of your pools.
    MyPools,
    /// Threads in which you, or the persons for whom you coordinate, wait for somebody.
    Waiting,
}

impl From<Worklist> for reader::Worklist {
    fn from(list: Worklist) -> Self {
        match list {
            Worklist::Mine => Self::Mine,
            Worklist::MyPools => Self::MyPools,
            Worklist::Waiting => Self::Waiting,
        }
    }
}

/// Which threads your inbox lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum InboxFilter {
    /// Those that you put away and in which nothing has arrived for you since.
    PutAway,
    /// Those in which you wrote, by your newest message.
    SentByMe,
}

impl From<InboxFilter> for reader::InboxFilter {
    fn from(filter: InboxFilter) -> Self {
        match filter {
            InboxFilter::PutAway => Self::PutAway,
            InboxFilter::SentByMe => Self::SentByMe,
        }
    }
}

/// The signed-in person.
#[Object]
impl Viewer {
    /// The id of your own lists, for a cache. It is not your id as a person, which `person` has.
    fn id(&self) -> ID {
        encode_viewer(self.0.person())
    }

    /// You, as other persons see you. Null while you are not registered.
    fn person(&self) -> Option<Result<Person>> {
        let me = self.0.me().map_err(Into::into);
        me.map(|row| row.map(Person)).transpose()
    }

    /// The roles that you hold now.
    fn roles(&self) -> Option<Result<Vec<HeldRole>>> {
        let held = self.0.my_roles().into_iter().map(|(organization, role)| {
            let organization = self.0.organization(organization)?.map(|row| Organization::of(&self.0, row));
            Ok(HeldRole { role: role.into(), organization })
        });
        Some(held.collect())
    }

    /// The threads in which you have a place, by newest activity, without those that you put away; or as the filter says.
    fn inbox(
        &self,
        #[graphql(desc = "Which of the threads. Without it, those that you did not put away.")] filter: Option<
            InboxFilter,
        >,
        #[graphql(desc = "Rows from the start: 1 to 100; 20 without `first`.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the rows begin.")] after: Option<String>,
    ) -> Option<Result<ThreadConnection>> {
        let asked = Page::from_start(first, after);
        let filter = filter.map_or(reader::InboxFilter::Current, Into::into);
        let found = || page(self.0.inbox(filter, &asked)?, |view| Ok(Thread::of(&self.0, view)));
        Some(found())
    }

    /// A worklist, by due date. Empty if you have no work here.
    fn worklist(
        &self,
        #[graphql(desc = "Which of the worklists.")] list: Worklist,
        #[graphql(desc = "Rows from the start: 1 to 100; 20 without `first`.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the rows begin.")] after: Option<String>,
    ) -> Option<Result<ThreadConnection>> {
        let asked = Page::from_start(first, after);
        let found = || page(self.0.worklist(list.into(), &asked)?, |view| Ok(Thread::of(&self.0, view)));
        Some(found())
    }

    /// Your drafts, the newest first: what you have typed and not sent.
    fn drafts(
        &self,
        #[graphql(desc = "Rows from the start: 1 to 100; 20 without `first`.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the rows begin.")] after: Option<String>,
    ) -> Option<Result<DraftConnection>> {
        let asked = Page::from_start(first, after);
        let found = || page(self.0.drafts(&asked)?, |view| Ok(Draft::of(&self.0, view)));
        Some(found())
    }

    /// Your draft of one form: the command that sends it, by its name in the policy such as `thread.post`, and what it is
    /// about. Null if there is none.
    fn draft_of(&self, command: String, about: FormSubjectInput) -> Option<Result<Draft>> {
        let command = CommandName::parse(&command).ok()?;
        let form = Form::of(command, about.read()).ok()?;
        let found = self.0.draft_of(&form).map_err(Into::into);
        found.map(|view| view.map(|view| Draft::of(&self.0, view))).transpose()
    }

    /// The loose ends of the organizations that you coordinate or administer: open threads that wait for nobody, or
    /// for somebody who can no longer act.
    fn loose_ends(&self) -> Result<Vec<LooseEnd>> {
        let ends = self.0.loose_ends();
        self.0.take_rows(ends.len())?;
        let shown = ends.into_iter().map(|end| LooseEnd {
            thread_id: encode_id(end.thread),
            kind: end.kind.into(),
            since: end.since.map(Into::into),
            due: end.waiting_on.and_then(|waiting| waiting.due).map(Into::into),
        });
        Ok(shown.collect())
    }

    /// The ids of the patient records that are your own.
    fn own_record_ids(&self) -> Vec<ID> {
        self.0.own_records().into_iter().map(encode_id).collect()
    }

    /// The patients whom you care for, and yourself if you are a patient, by name, then date of birth. `search` finds those
    /// of whom each of its words is the date of birth, or the beginning of a word of the name without regard to case and accents.
    fn patients(
        &self,
        #[graphql(desc = "Rows from the start: 1 to 100; 20 without `first`.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the rows begin.")] after: Option<String>,
        #[graphql(
            desc = "Words with spaces between them, at most 400 characters together. Without it, all are listed."
        )]
        search: Option<String>,
    ) -> Option<Result<PatientConnection>> {
        let asked = Page::from_start(first, after);
        let found = || page(self.0.patients(&asked, search.as_deref())?, |view| Ok(Patient::of(&self.0, view)));
        Some(found())
    }

    /// The records that are proposed to you as your own, oldest first.
    fn record_proposals(&self) -> Option<Result<Vec<RecordProposal>>> {
        let found = || self.0.proposals()?.iter().map(|row| RecordProposal::of(&self.0, row)).collect();
        Some(found())
    }

    /// The care teams to which other organizations ask you, oldest first.
    fn care_team_questions(&self) -> Option<Result<Vec<CareTeamQuestion>>> {
        let found = || self.0.care_team_questions()?.iter().map(|row| CareTeamQuestion::of(&self.0, row)).collect();
        Some(found())
    }

    /// The pools of all organizations that you may address, by public name: those whose public name, specialty or
    /// organization has words that begin as the words of `search` do. Without `search`, all of them. Empty if you may
    /// address none.
    fn pools(
        &self,
        #[graphql(desc = "Rows from the start: 1 to 100; 20 without `first`.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the rows begin.")] after: Option<String>,
        #[graphql(
            desc = "At most 8 words with spaces between them, at most 400 characters together. Without it, all are listed."
        )]
        search: Option<String>,
    ) -> Option<Result<PoolConnection>> {
        let asked = Page::from_start(first, after);
        let search = search.unwrap_or_default();
        let found = || page(self.0.search_pools(&search, &asked)?, |row| Ok(Pool::of(&self.0, row)));
        Some(found())
    }

    /// The organizations of this installation, by name. Empty if you work at none of them.
    fn organizations(&self) -> Option<Result<Vec<Organization>>> {
        let found = || Ok(self.0.organizations()?.into_iter().map(|row| Organization::of(&self.0, row)).collect());
        Some(found())
    }

    /// The patients whom you help, or are to help, and whom you helped: those that have not ended first, then the newest first.
    /// Without open invitations.
    fn delegations(&self) -> Option<Result<Vec<OwnDelegation>>> {
        let views = self.0.own_delegations().map_err(Into::into);
        Some(views.map(|views| views.into_iter().map(|view| OwnDelegation::of(&self.0, view)).collect()))
    }

    /// The delegations that wait for you as staff where the patient's record is kept: to verify who the helper is,
    /// to check the access, to record a consent, to review what was suspended, to answer an offer. In the order of
    /// their due times; those without one are last.
    fn waiting_delegations(&self) -> Option<Result<Vec<Delegation>>> {
        let views = self.0.waiting_delegations().map_err(Into::into);
        Some(views.map(|views| views.into_iter().map(|view| Delegation::of(&self.0, view)).collect()))
    }

    /// The denies that staff wrote down and nobody confirmed in time, about which you have to ask the patient, for staff who
    /// record a signed paper (`confirmConsentDirectiveOnPaper`). In the order of their due times; those without one are last.
    fn waiting_directives(&self) -> Option<Result<Vec<WaitingDirective>>> {
        let views = self.0.waiting_directives().map_err(Into::into);
        Some(views.map(|views| views.into_iter().map(|view| WaitingDirective::of(&self.0, view)).collect()))
    }

    /// The messages from outside that have not ended, of the organizations at which you can claim them. In the
    /// order of their due times; those without one are last.
    fn outside_messages(&self) -> Option<Result<Vec<OutsideMessage>>> {
        let views = self.0.outside_messages().map_err(Into::into);
        Some(views.map(|views| views.into_iter().map(|view| OutsideMessage::of(&self.0, view)).collect()))
    }

    /// The invitations to help a patient that name you, oldest first.
    fn help_invitations(&self) -> Option<Result<Vec<HelpInvitation>>> {
        let found = || self.0.help_invitations()?.iter().map(|row| HelpInvitation::of(&self.0, row)).collect();
        Some(found())
    }

    /// What about helpers and directives waits for you yourself, or was announced to you: as the patient, as who helps, and
    /// as who invited or checked. In the order of their due times; those without one are last.
    fn help_reminders(&self) -> Option<Result<Vec<HelpReminder>>> {
        let found = || self.0.help_reminders()?.into_iter().map(|one| HelpReminder::of(&self.0, one)).collect();
        Some(found())
    }
}

/// An open thread on which nobody can act.
#[derive(SimpleObject)]
pub struct LooseEnd {
    /// The id of the thread.
    thread_id: ID,
    /// Its kind.
    kind: ThreadKind,
    /// Since when it waits for the party that cannot act. Null if it waits for nobody.
    since: Option<Instant>,
    /// The due instant. Null if there is no target.
    due: Option<Instant>,
}

/// A role at an organization.
#[derive(SimpleObject)]
pub struct HeldRole {
    /// The role.
    role: Role,
    /// The organization.
    organization: Option<Organization>,
}
