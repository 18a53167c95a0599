//! Patients, and the care team around each.

use std::sync::Arc;

use async_graphql::{Enum, ID, Object, Result, SimpleObject};
use care::care_team::JoinCareTeam;
use care::command_name::Named as _;
use care::consent_directive::{Deny, EndDirective, PermitDirective, RecordDeny, Terms};
use care::delegation::InviteDelegate;
use care::lifecycle::ThreadKind;
use care::patient::{CorrectDetails, LiftProtectionNote, ProposeLink, RecordProtectionNote};
use coordination::reader::{self, Page, PatientAccessAsked, PatientView, Reader};
use coordination::{ProposalRow, QuestionRow};
use policy::visible::Visible;

use super::access_record::{AccessRecordConnection, listed};
use super::connection::connections;
use super::directive::{ConsentDirective, directives};
use super::directive_words::DirectiveGiver;
use super::id::{decode_id, encode_id};
use super::organization::Organization;
use super::permission::Permission;
use super::person::Person;
use super::scalars::{Instant, PersonalText, Version};
use super::timeline::{TimelineConnection, periods};
use super::words::Role;

/// A patient.
pub struct Patient {
    reader: Arc<Reader>,
    view: PatientView,
}

impl Patient {
    pub(super) fn of(reader: &Arc<Reader>, view: PatientView) -> Self {
        Self { reader: Arc::clone(reader), view }
    }

    fn corrected(&self) -> Result<Vec<PatientCorrection>> {
        let mut corrections = Vec::new();
        for row in self.reader.corrections(&self.view)? {
            let corrected_by = match row.by.person() {
                Some(person) => self.reader.person_around(&self.view, person)?.map(Person),
                None => None,
            };
            corrections.push(PatientCorrection {
                corrected_at: row.at.into(),
                corrected_by,
                reason: PersonalText::from(&row.reason),
                previous_name: PersonalText::from(&row.name_before),
                previous_birth_date: PersonalText::from(&row.birth_date_before),
            });
        }
        Ok(corrections)
    }

    fn team(&self) -> Result<Option<CareTeam>> {
        let Some(rows) = self.reader.care_team(&self.view)? else { return Ok(None) };
        let conflicts = self.reader.care_team_conflicts(&self.view)?;
        let conflict_of = |person: care::ids::PersonId| -> Result<Option<CareTeamConflict>> {
            let Some(found) = conflicts.iter().find(|row| row.person == person) else { return Ok(None) };
            let by = match found.by.person() {
                Some(by) => self.reader.person_around(&self.view, by)?.map(Person),
                None => None,
            };
            Ok(Some(CareTeamConflict { recorded_by: by, recorded_at: found.at.into() }))
        };
        let (mut members, mut former_members) = (Vec::new(), Vec::new());
        for row in rows {
            let organization = self.reader.organization_around(&self.view, row.organization)?;
            let member = CareTeamMember {
                person: self.reader.person_around(&self.view, row.person)?.map(Person),
                role: row.role.into(),
                organization: organization.map(|row| Organization::of(&self.reader, row)),
                since: row.since.into(),
                ended_at: row.ended_at.map(Into::into),
                joined_by_themselves: row.joined,
                reason: row.reason.as_ref().map(PersonalText::from),
                conflict: if row.ended_at.is_none() { conflict_of(row.person)? } else { None },
            };
            if row.ended_at.is_some() { former_members.push(member) } else { members.push(member) }
        }
        let mut asked = Vec::new();
        for row in self.reader.asked_to_care_team(&self.view)? {
            let organization = self.reader.organization_around(&self.view, row.organization)?;
            asked.push(AskedMember {
                person: self.reader.person_around(&self.view, row.person)?.map(Person),
                role: row.role.into(),
                organization: organization.map(|row| Organization::of(&self.reader, row)),
                asked_at: row.at.into(),
                expires_at: row.expires_at.into(),
                conflict: conflict_of(row.person)?,
            });
        }
        Ok(Some(CareTeam { members, former_members, asked }))
    }

    fn blocked(&self) -> Result<Option<Vec<Block>>> {
        let Some(rows) = self.reader.directives_of(&self.view)? else { return Ok(None) };
        let mut blocks = Vec::with_capacity(rows.len());
        for row in rows {
            // Only what shuts one person out of everything is a block.
            let Some(person) = row.terms.whom.person.filter(|person| row.terms == Terms::whole(*person)) else {
                continue;
            };
            if row.effect != care::words::DirectiveEffect::Deny {
                continue;
            }
            blocks.push(Block {
                id: encode_id(row.directive),
                person: self.reader.person_named_by(&row, person)?.map(Person),
                by_patient: row.giver == care::words::DirectiveGiver::Patient,
                giver: row.giver.into(),
                written_by: self.reader.writer_of(&row)?.map(Person),
                patient_word: row.patient_word.as_ref().map(PersonalText::from),
                since: row.at.into(),
                ended_at: row.ended_at.map(Into::into),
                viewer_can_end: self.reader.can_change_directive(&row, EndDirective::NAME)?.into(),
            });
        }
        Ok(Some(blocks))
    }
}

/// A patient, as the subject of care.
#[Object]
impl Patient {
    /// Their id. A patient who signs in has another one as a person.
    pub(super) async fn id(&self) -> ID {
        encode_id(self.view.patient)
    }

    /// Their name.
    fn name(&self) -> PersonalText {
        PersonalText::from(&self.view.name)
    }

    /// Their date of birth, as ISO 8601: a day, or a month or a year if only that is known.
    fn birth_date(&self) -> PersonalText {
        PersonalText::from(&self.view.birth_date)
    }

    /// When they died, as it is recorded. Null while they live.
    fn died_at(&self) -> Option<Instant> {
        self.view.died_at.map(Into::into)
    }

    /// Whether `patient` finds them for you. Where it does not, you know them from a thread alone.
    fn is_open_to_viewer(&self) -> bool {
        self.reader.finds_patient(&self.view)
    }

    /// The version of their name and date of birth, for `expectedVersion` of a correction.
    fn version(&self) -> Result<Version> {
        Ok(self.reader.patient_version(&self.view)?.into())
    }

    /// The corrections of their name and date of birth, newest first. Empty if there were none.
    fn corrections(&self) -> Option<Result<Vec<PatientCorrection>>> {
        Some(self.corrected())
    }

    /// The organization that keeps their record.
    fn organization(&self) -> Option<Result<Organization>> {
        let found = || Ok(self.reader.organization_around(&self.view, self.view.organization)?);
        found().map(|row| row.map(|row| Organization::of(&self.reader, row))).transpose()
    }

    /// Whose own the record is, or is proposed to be. Null if it is nobody's, and if you may not propose it.
    fn link(&self) -> Option<Result<PatientLink>> {
        let link = self.reader.link(&self.view).map_err(Into::into);
        link.map(|link| link.map(PatientLink::from)).transpose()
    }

    /// Their care team. Null if you may not know it.
    fn care_team(&self) -> Option<Result<CareTeam>> {
        self.team().transpose()
    }

    /// Whom they block, the newest first, with blocks that have ended. Null if you may not know. Who writes down a patient's
    /// word sees what was written down, and not what the patient has said themself.
    fn blocks(&self) -> Option<Result<Vec<Block>>> {
        self.blocked().transpose()
    }

    /// Their directives, as the query `consentDirectives` has them, which is also for who may not read the patient.
    fn consent_directives(&self) -> Option<Result<Vec<ConsentDirective>>> {
        let found = || directives(&self.reader, self.reader.directives_of(&self.view)?);
        found().transpose()
    }

    /// Who read or tried what about them, the newest first; never what was read. Null if you may not know. Nothing is listed
    /// of a thread of a kind that you may not know of.
    #[expect(clippy::too_many_arguments, reason = "a page has two, and each filter is one")]
    async fn access_records(
        &self,
        #[graphql(desc = "Only what is marked for review.")] for_review: Option<bool>,
        #[graphql(desc = "Only what others than you read or tried.")] by_others: Option<bool>,
        #[graphql(desc = "Only what this person read or tried.")] person_id: Option<ID>,
        #[graphql(desc = "Only what concerns this thread.")] thread_id: Option<ID>,
        #[graphql(desc = "Rows from the start: 1 to 100; 20 without `first`.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the rows begin.")] after: Option<String>,
    ) -> Option<Result<AccessRecordConnection>> {
        let asked = PatientAccessAsked {
            for_review: for_review.unwrap_or(false),
            by_others: by_others.unwrap_or(false),
            by: person_id.as_ref().map(decode_id),
            thread: thread_id.as_ref().map(decode_id),
            page: Page::from_start(first, after),
        };
        listed(self.reader.access_records_about(&self.view, &asked).await).transpose()
    }

    /// Who could see something of them, from when to when and why, the newest period first. For the patient, and
    /// for a person who represents them, as far as they may know of each. Null for everybody else.
    fn timeline(
        &self,
        #[graphql(desc = "Rows from the start: 1 to 100; 20 without `first`.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the rows begin.")] after: Option<String>,
    ) -> Option<Result<TimelineConnection>> {
        periods(self.reader.timeline(&self.view, &Page::from_start(first, after))).transpose()
    }

    /// Whether you can block a person from everything about them.
    fn viewer_can_block(&self) -> Result<Permission> {
        Ok(self.reader.can_give(&self.view, Deny::NAME, true)?.into())
    }

    /// Whether you can permit somebody what a rule of the policy asks the patient for.
    fn viewer_can_permit(&self) -> Result<Permission> {
        Ok(self.reader.can_begin_directive(&self.view, PermitDirective::NAME)?.into())
    }

    /// Whether you can write down whom they block, or permit something.
    fn viewer_can_record_directive(&self) -> Result<Permission> {
        Ok(self.reader.can_begin_directive(&self.view, RecordDeny::NAME)?.into())
    }

    /// Whether you can add yourself to their care team, with a reason.
    fn viewer_can_join_care_team(&self) -> Result<Permission> {
        Ok(self.reader.can_give(&self.view, JoinCareTeam::NAME, true)?.into())
    }

    /// Whether you can correct their name and date of birth.
    fn viewer_can_correct_details(&self) -> Result<Permission> {
        Ok(self.reader.can_keep(&self.view, CorrectDetails::NAME)?.into())
    }

    /// Whether you can propose the record to a person as their own.
    fn viewer_can_propose_link(&self) -> Result<Permission> {
        Ok(self.reader.can_keep(&self.view, ProposeLink::NAME)?.into())
    }

    /// Whether you can invite a person to help them.
    fn viewer_can_invite_helper(&self) -> Result<Permission> {
        Ok(self.reader.can_give(&self.view, InviteDelegate::NAME, false)?.into())
    }

    /// Whether you can record that they died.
    fn viewer_can_record_death(&self) -> Result<Permission> {
        Ok(self.reader.can_record_death(&self.view)?.into())
    }

    /// Whether you can take back the record of their death, which was an error.
    fn viewer_can_void_death(&self) -> Result<Permission> {
        Ok(self.reader.can_void_death(&self.view)?.into())
    }

    /// Whether you can write down that a person is a danger to them. It does not tell whether there is a note.
    fn viewer_can_record_protection_note(&self) -> Result<Permission> {
        Ok(self.reader.can_keep(&self.view, RecordProtectionNote::NAME)?.into())
    }

    /// Whether you can take a protection note back. It does not tell whether there is one.
    fn viewer_can_lift_protection_note(&self) -> Result<Permission> {
        Ok(self.reader.can_keep(&self.view, LiftProtectionNote::NAME)?.into())
    }

    /// Whether you can request a consultation about them.
    fn viewer_can_request_consultation(&self) -> Result<Permission> {
        Ok(self.reader.can_open(&self.view, ThreadKind::Consultation)?.into())
    }

    /// Whether you can read `timeline`.
    fn viewer_reads_timeline(&self) -> Result<bool> {
        Ok(self.reader.reads_timeline(&self.view)?)
    }

    /// Whether `accessRecords` is for you.
    fn viewer_reads_access_records(&self) -> Result<bool> {
        Ok(self.reader.reads_access_about(&self.view)?)
    }
}

/// A correction of a patient's name or date of birth.
#[derive(SimpleObject)]
pub struct PatientCorrection {
    /// When.
    corrected_at: Instant,
    /// The person who corrected them. Null if it was no person.
    corrected_by: Option<Person>,
    /// Why. Withheld if you may not read the history of the record.
    reason: PersonalText,
    /// The name before. Withheld if you may not read the history of the record.
    previous_name: PersonalText,
    /// The date of birth before. Withheld if you may not read the history of the record.
    previous_birth_date: PersonalText,
}

/// Whether a person accepted a record as their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PatientLinkState {
    /// It is proposed to them.
    Proposed,
    /// They accepted it.
    Accepted,
}

/// The link of a record to the person whose own it is.
#[derive(SimpleObject)]
pub struct PatientLink {
    /// Whether they accepted it.
    state: PatientLinkState,
    /// The person. Null if your organization does not know them, until they accept.
    person: Option<Person>,
    /// When it was proposed. Null once they accepted it.
    proposed_at: Option<Instant>,
    /// The instant at which the proposal ends by itself. Null once they accepted it.
    expires_at: Option<Instant>,
}

impl From<reader::PatientLink> for PatientLink {
    fn from(link: reader::PatientLink) -> Self {
        let reader::PatientLink { person, proposal } = link;
        let state = if proposal.is_some() { PatientLinkState::Proposed } else { PatientLinkState::Accepted };
        Self {
            state,
            person: person.map(Person),
            proposed_at: proposal.as_ref().map(|proposal| proposal.at.into()),
            expires_at: proposal.as_ref().map(|proposal| proposal.expires_at.into()),
        }
    }
}

/// A record that an organization proposes to you as your own. It does not say whose name it has.
#[derive(SimpleObject)]
pub struct RecordProposal {
    /// The id of the record, for your answer. You may see the patient once you accepted it.
    patient_id: ID,
    /// The organization that keeps the record.
    organization: Option<Organization>,
    /// The role of the person who proposed it.
    proposed_by_role: Role,
    /// When it was proposed.
    proposed_at: Instant,
    /// The instant at which the proposal ends by itself.
    expires_at: Instant,
}

impl RecordProposal {
    pub(super) fn of(reader: &Arc<Reader>, row: &Visible<ProposalRow>) -> Result<Self> {
        Ok(Self {
            patient_id: encode_id(row.patient),
            organization: reader.organization_proposing(row)?.map(|row| Organization::of(reader, row)),
            proposed_by_role: row.role.into(),
            proposed_at: row.at.into(),
            expires_at: row.expires_at.into(),
        })
    }
}

/// The persons who care for a patient now, and those who did.
#[derive(SimpleObject)]
pub struct CareTeam {
    /// The members.
    members: Vec<CareTeamMember>,
    /// Memberships that ended, by their start.
    former_members: Vec<CareTeamMember>,
    /// Who is asked and has not answered. Empty if you may not ask.
    asked: Vec<AskedMember>,
}

/// A person of another organization who is asked to a care team.
#[derive(SimpleObject)]
pub struct AskedMember {
    /// The person.
    person: Option<Person>,
    /// The role.
    role: Role,
    /// The organization at which the person holds the role.
    organization: Option<Organization>,
    /// When they were asked.
    asked_at: Instant,
    /// The instant at which the question ends by itself.
    expires_at: Instant,
    /// That they help the patient, and who knows it. Null if none was recorded, or you may not add members.
    conflict: Option<CareTeamConflict>,
}

/// That a person of a care team helps the patient under a delegation, and who wants them on the team all the same
/// (`knowsConflict`).
#[derive(SimpleObject)]
pub struct CareTeamConflict {
    /// Who recorded that they know it. Null if you may not know them.
    recorded_by: Option<Person>,
    /// When it was recorded.
    recorded_at: Instant,
}

/// A care team to which another organization asks you. It does not say whose it is.
#[derive(SimpleObject)]
pub struct CareTeamQuestion {
    /// The id of the record, for your answer. You may see the patient once you accepted.
    patient_id: ID,
    /// The organization that keeps the record, and asks.
    organization: Option<Organization>,
    /// The role in which you are asked.
    role: Role,
    /// When you were asked.
    asked_at: Instant,
    /// The instant at which the question ends by itself.
    expires_at: Instant,
}

impl CareTeamQuestion {
    pub(super) fn of(reader: &Arc<Reader>, row: &Visible<QuestionRow>) -> Result<Self> {
        Ok(Self {
            patient_id: encode_id(row.patient),
            organization: reader.organization_asking(row)?.map(|row| Organization::of(reader, row)),
            role: row.role.into(),
            asked_at: row.at.into(),
            expires_at: row.expires_at.into(),
        })
    }
}

/// A person whom a patient blocks.
#[derive(SimpleObject)]
pub struct Block {
    /// Its id, by which it is ended.
    id: ID,
    /// Who is blocked. Null if you may not know them.
    person: Option<Person>,
    /// Whether the patient gave or confirmed it themself.
    by_patient: bool,
    /// Who gave or confirmed it.
    giver: DirectiveGiver,
    /// Who wrote it down. Null if the patient or who represents them gave it.
    written_by: Option<Person>,
    /// What the patient said, where another person wrote it down.
    patient_word: Option<PersonalText>,
    /// Since when.
    since: Instant,
    /// Until when. Null while it is in force.
    ended_at: Option<Instant>,
    /// Whether you can end it.
    viewer_can_end: Permission,
}

/// A member of a care team.
#[derive(SimpleObject)]
pub struct CareTeamMember {
    /// The person.
    person: Option<Person>,
    /// The role.
    role: Role,
    /// The organization at which the person holds the role.
    organization: Option<Organization>,
    /// The start of the membership.
    since: Instant,
    /// The end of the membership. Null while it holds.
    ended_at: Option<Instant>,
    /// Whether they added themself.
    joined_by_themselves: bool,
    /// Why they added themself. Null if another person added them.
    reason: Option<PersonalText>,
    /// That they help the patient, and who knows it. Null if none was recorded, if the membership has ended, or if you may not
    /// add members.
    conflict: Option<CareTeamConflict>,
}

connections! {
    /// A page of patients.
    PatientConnection, PatientEdge of Patient;
}
