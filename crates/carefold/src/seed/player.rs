//! Sends the commands of the demo clinic to the application, as a client would.
//!
//! Only this file knows the application. Each command is sent by the person who would do this work, signed in with a
//! token like every user. The installation itself only creates the first organization and registers the administrator.
//!
//! To add a step word: its function in [`Playing`], which turns the step into the command.

mod family;
mod team_thread;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use anyhow::Context;
use care::aggregate::Aggregate;
use care::calendar::Calendar;
use care::care_team::{AddMember, CareTeam, CareTeamCommand};
use care::command_name::Named;
use care::consent_directive::{Deny, DirectiveCommand, Directives};
use care::conversation::{
    AddParticipant as NewParticipant, Addressed, Claim, ConversationCommand, HideFromDelegates, HistoryWindow,
    MarkRead, Opening, Owner, PostMessage,
};
use care::draft::{DraftCommand, Drafts, Form, FormFields, SaveDraft};
use care::event::Addressed as Aimed;
use care::idempotency::IdempotencyKey;
use care::ids::{CommandId, DraftId, Id, MessageId, OrganizationId, PatientId, PersonId, PoolId, ThreadId};
use care::lifecycle::OpenLifecycle;
use care::lifecycle::consultation::{
    Advise as NewAdvice, Assign as Assignment, CloseConsultation, Consent, ConsultationCommand, Disposed,
    InformPatient, Recommended, RecordPlan, RequestConsultation, Survey,
};
use care::organization::{
    AddPoolMember, CreateOrganization, OpenPool, Organization as CareOrganization, OrganizationCommand, PoolNames,
    SetCalendar, SetPhone,
};
use care::party::FormSubject;
use care::patient::{AcceptLink, Patient as CarePatient, PatientCommand, RegisterPatient};
use care::person::{GrantRole, Person as CarePerson, PersonCommand, RegisterPerson};
use care::phone::Phone;
use care::text::{PersonalText, Text};
use care::thread::{Thread, ThreadCommand};
use care::words::{Audience, Channel};
use chrono::TimeDelta;
use coordination::application::Application;
use coordination::fault::Refusal;
use coordination::{CommandContext, CommandOutcome, Origin};
use policy::identity::Identity;
use server::sign_in::Signer;

use crate::clock;
use crate::directory::Handles;
use crate::seed::clinic::{
    Act, AddParticipant, Advise, Assign, Close, Draft, HeldRole, Inform, Organization, Person, Plan, Pool, Post,
    Request,
};
use crate::seed::script::{CareTeamMember, Line, NewPatient, Played, PoolMember, Sender, SetUp};
use crate::seed::written::Body;

/// Tokens of the seeding are valid at the instant at which it creates them.
const TOKEN_TTL: TimeDelta = TimeDelta::minutes(1);

/// Sends the commands, and keeps the ids that they have created so far.
pub(crate) struct Player {
    application: Arc<Application>,
    installation: Identity,
    organizations: HashMap<String, OrganizationId>,
    pools: HashMap<String, PoolId>,
    people: HashMap<String, SignedIn>,
    patients: HashMap<String, PatientId>,
}

/// A registered person, who can send commands.
struct SignedIn {
    person: PersonId,
    identity: Identity,
}

impl Player {
    /// A player of an empty clinic. `installation` is the identity of the program itself, used until the administrator is
    /// registered.
    pub fn new(application: Arc<Application>, installation: Identity) -> Self {
        let (organizations, pools) = (HashMap::new(), HashMap::new());
        let (people, patients) = (HashMap::new(), HashMap::new());
        Self { application, installation, organizations, pools, people, patients }
    }

    /// The persons by their handles.
    pub fn handles(&self) -> Handles {
        self.people.iter().map(|(handle, signed_in)| (handle.clone(), signed_in.person)).collect()
    }

    /// Sends the command of a set-up line.
    ///
    /// # Errors
    /// The line that failed, by its key.
    pub async fn set_up(&mut self, line: &Line<'_, SetUp<'_>>, signer: &Signer) -> anyhow::Result<()> {
        let played = match &line.command {
            SetUp::CreateOrganization(organization) => self.create_organization(line, organization).await,
            SetUp::SetCalendar { organization, calendar } => self.set_calendar(line, organization, calendar).await,
            SetUp::SetPhone { organization, phone } => self.set_phone(line, organization, phone).await,
            SetUp::OpenPool { organization, pool } => self.open_pool(line, organization, pool).await,
            SetUp::RegisterPerson(person) => self.register_person(line, person, signer).await,
            SetUp::GrantRole { person, held } => self.grant_role(line, person, held).await,
            SetUp::AddPoolMember(member) => self.add_pool_member(line, member).await,
            SetUp::RegisterPatient(new) => self.register_patient(line, new).await,
            SetUp::AcceptLink { patient } => self.accept_link(line, patient).await,
            SetUp::AddCareTeamMember(member) => self.add_care_team_member(line, member).await,
            SetUp::ShutOut { patient, person } => self.shut_out(line, patient, person).await,
        };
        played.with_context(|| failed(&line.key))
    }

    async fn create_organization<C>(&mut self, line: &Line<'_, C>, new: &Organization) -> anyhow::Result<()> {
        let command = OrganizationCommand::from(CreateOrganization { name: new.name.0.clone() });
        let outcome = self.give::<CareOrganization, C>(line, None, &command).await?;
        self.organizations.insert(new.key.clone(), outcome.target);
        Ok(())
    }

    async fn set_calendar<C>(&self, line: &Line<'_, C>, at: &str, calendar: &Calendar) -> anyhow::Result<()> {
        let command = OrganizationCommand::from(SetCalendar { calendar: calendar.clone() });
        self.give::<CareOrganization, C>(line, Some(self.organization(at)?), &command).await?;
        Ok(())
    }

    async fn set_phone<C>(&self, line: &Line<'_, C>, at: &str, phone: &str) -> anyhow::Result<()> {
        let command = OrganizationCommand::from(SetPhone { phone: Some(Phone::parse(phone)?) });
        self.give::<CareOrganization, C>(line, Some(self.organization(at)?), &command).await?;
        Ok(())
    }

    async fn open_pool<C>(&mut self, line: &Line<'_, C>, at: &str, pool: &Pool) -> anyhow::Result<()> {
        let name = pool.name.0.clone();
        let public_name = pool.public_name.as_ref().map_or_else(|| name.clone(), |name| name.0.clone());
        let new = OpenPool { names: PoolNames { name, public_name }, specialty: pool.specialty.0.clone() };
        let command = OrganizationCommand::from(new);
        let outcome = self.give::<CareOrganization, C>(line, Some(self.organization(at)?), &command).await?;
        self.pools.insert(pool.key.clone(), outcome.command.creates(0));
        Ok(())
    }

    /// Registers a person with their first role, and signs them in.
    async fn register_person<C>(&mut self, line: &Line<'_, C>, new: &Person, signer: &Signer) -> anyhow::Result<()> {
        let organization = self.organization(&new.organization)?;
        let role = new.roles.first().map(|held| held.role.0);
        let register = RegisterPerson { organization, name: one_line(&new.name.0)?, role };
        let outcome = self.give::<CarePerson, C>(line, None, &PersonCommand::from(register)).await?;
        let person = outcome.target;
        let token = signer.mint(person.uuid(), line.at, clock::new_id()?, TOKEN_TTL)?;
        let identity = signer.verifier().verify(&token, line.at)?.identity();
        self.people.insert(new.handle.clone(), SignedIn { person, identity });
        Ok(())
    }

    async fn grant_role<C>(&self, line: &Line<'_, C>, person: &str, held: &HeldRole) -> anyhow::Result<()> {
        let grant = GrantRole { organization: self.organization(&held.at)?, role: held.role.0, until: None };
        self.give::<CarePerson, C>(line, Some(self.person(person)?), &PersonCommand::from(grant)).await?;
        Ok(())
    }

    async fn add_pool_member<C>(&self, line: &Line<'_, C>, member: &PoolMember<'_>) -> anyhow::Result<()> {
        let add = AddPoolMember { pool: self.pool(member.pool)?, person: self.person(member.person)? };
        let (organization, command) = (self.organization(member.organization)?, OrganizationCommand::from(add));
        self.give::<CareOrganization, C>(line, Some(organization), &command).await?;
        Ok(())
    }

    async fn register_patient<C>(&mut self, line: &Line<'_, C>, new: &NewPatient<'_>) -> anyhow::Result<()> {
        let NewPatient { organization, patient: new, born } = new;
        let register = RegisterPatient {
            organization: self.organization(organization)?,
            person: new.person.as_ref().map(|handle| self.person(handle)).transpose()?,
            name: one_line(&new.name.0)?,
            birth_date: care::day::birth_date(born, line.at).context("the birth date")?.into(),
            confirmed_not_duplicate_of: vec![],
        };
        let outcome = self.give::<CarePatient, C>(line, None, &PatientCommand::from(register)).await?;
        self.patients.insert(new.key.clone(), outcome.target);
        Ok(())
    }

    /// The person accepts the record as their own.
    async fn accept_link<C>(&self, line: &Line<'_, C>, patient: &str) -> anyhow::Result<()> {
        let command = PatientCommand::from(AcceptLink {});
        self.give::<CarePatient, C>(line, Some(self.patient(patient)?), &command).await?;
        Ok(())
    }

    async fn add_care_team_member<C>(&self, line: &Line<'_, C>, member: &CareTeamMember<'_>) -> anyhow::Result<()> {
        let CareTeamMember { patient, person, held } = member;
        let (patient, organization) = (self.patient(patient)?, self.organization(&held.at)?);
        let add =
            AddMember { patient, person: self.person(person)?, role: held.role.0, organization, knows_conflict: false };
        self.give::<CareTeam, C>(line, Some(patient), &CareTeamCommand::from(add)).await?;
        Ok(())
    }

    async fn shut_out<C>(&self, line: &Line<'_, C>, patient: &str, person: &str) -> anyhow::Result<()> {
        let patient = self.patient(patient)?;
        let command = DirectiveCommand::from(Deny::of_person(patient, self.person(person)?, None));
        self.give::<Directives, C>(line, Some(patient), &command).await?;
        Ok(())
    }

    /// Sends the commands of a thread's lines.
    ///
    /// # Errors
    /// The line that failed, by its key.
    pub async fn thread(&self, lines: &[Line<'_, Played<'_>>]) -> anyhow::Result<()> {
        let mut playing = Playing { player: self, thread: None, messages: Vec::new(), advised: None };
        for line in lines {
            playing.step(line).await.with_context(|| failed(&line.key))?;
        }
        Ok(())
    }

    /// Sends a command. The line's key serves as the input that identifies a repeat: so a command stays the same, even if a
    /// later version of this program changes its texts.
    async fn give<A: Aimed, C>(
        &self,
        line: &Line<'_, C>,
        target: Option<A::Id>,
        command: &<A as Aggregate>::Command,
    ) -> anyhow::Result<CommandOutcome<A::Id>>
    where
        Refusal: From<A::Refusal>,
    {
        let identity = match line.by {
            Sender::Installation => self.installation,
            Sender::Person(handle) => self.signed_in(handle)?.identity,
        };
        let key = IdempotencyKey::parse(&format!("seed/{}", line.key)).context("that is not an idempotency key")?;
        let input = key.as_str().as_bytes().to_vec();
        let context = CommandContext {
            identity,
            key,
            input,
            expected: None,
            draft: None,
            origin: Origin::of(Channel::Cli),
            causation: None,
            now: line.at,
        };
        Ok(self.application.execute::<A>(&context, target, command).await?)
    }

    fn signed_in(&self, handle: &str) -> anyhow::Result<&SignedIn> {
        self.people.get(handle).with_context(|| format!("{handle} is not registered"))
    }

    fn person(&self, handle: &str) -> anyhow::Result<PersonId> {
        self.signed_in(handle).map(|signed_in| signed_in.person)
    }

    fn organization(&self, key: &str) -> anyhow::Result<OrganizationId> {
        self.organizations.get(key).copied().with_context(|| format!("{key} is not an organization"))
    }

    fn pool(&self, key: &str) -> anyhow::Result<PoolId> {
        self.pools.get(key).copied().with_context(|| format!("{key} is not a pool"))
    }

    fn patient(&self, key: &str) -> anyhow::Result<PatientId> {
        self.patients.get(key).copied().with_context(|| format!("{key} is not a patient"))
    }
}

/// The thread whose commands are being sent.
struct Playing<'a> {
    player: &'a Player,
    thread: Option<ThreadId>,
    messages: Vec<MessageId>,
    /// The command that gave the advice; the ids of the recommendations are derived from it.
    advised: Option<CommandId>,
}

/// A line of a thread.
type Step<'a> = Line<'a, Played<'a>>;

impl Playing<'_> {
    async fn step(&mut self, line: &Step<'_>) -> anyhow::Result<()> {
        match line.command.act {
            Act::Request(request) => self.request(line, request).await,
            Act::Assign(assign) => self.assign(line, assign).await,
            Act::Claim(_) => self.claim(line).await,
            Act::Advise(advise) => self.advise(line, advise).await,
            Act::Plan(plan) => self.plan(line, plan).await,
            Act::Inform(inform) => self.inform(line, inform).await,
            Act::Close(close) => self.close(line, close).await,
            Act::AddParticipant(add) => self.add_participant(line, add).await,
            Act::Post(post) => self.post(line, post).await,
            Act::MarkRead(_) => self.mark_read(line).await,
            Act::Draft(draft) => self.draft(line, draft).await,
            Act::Hide(_) => self.hide(line).await,
        }
    }

    async fn request(&mut self, line: &Step<'_>, request: &Request) -> anyhow::Result<()> {
        let opening = Opening {
            patient: Some(self.player.patient(&request.patient)?),
            organization: None,
            topic: request.topic.0,
            subject: one_line(&request.subject.0)?,
            confidentiality: request.confidentiality.0,
            sensitivities: request.sensitivities.iter().map(|code| code.0).collect(),
            owner: Owner::Pool(self.player.pool(&request.pool)?),
            pools: BTreeSet::new(),
            hidden_from_delegates: Some(false),
        };
        let request = RequestConsultation {
            question: text(&request.question)?,
            urgency: request.urgency.0,
            consent: Consent::Given { method: request.consent.0, at: line.at },
            may_convert: request.may_convert,
        };
        let command = ThreadCommand::Open(Box::new(opening), Box::new(OpenLifecycle::Consultation(request)));
        let outcome = self.player.give::<Thread, _>(line, None, &command).await?;
        self.thread = Some(outcome.target);
        Ok(())
    }

    async fn assign(&self, line: &Step<'_>, assign: &Assign) -> anyhow::Result<()> {
        let to = assign.to.as_ref().map(|handle| self.player.person(handle)).transpose()?;
        self.give(line, ConsultationCommand::from(Assignment { to, reason: None })).await?;
        Ok(())
    }

    async fn claim(&self, line: &Step<'_>) -> anyhow::Result<()> {
        self.give(line, ConversationCommand::from(Claim)).await?;
        Ok(())
    }

    async fn advise(&mut self, line: &Step<'_>, advise: &Advise) -> anyhow::Result<()> {
        let recommended = advise
            .recommendations
            .iter()
            .map(|each| Ok(Recommended { kind: each.kind.0, certainty: each.certainty.0, text: text(&each.text)? }));
        let advice = NewAdvice {
            recommendations: recommended.collect::<anyhow::Result<_>>()?,
            come_back_when: advise.come_back_when.as_ref().map(text).transpose()?,
            minutes_spent: advise.minutes_spent,
        };
        let outcome = self.give(line, ConsultationCommand::from(advice)).await?;
        self.advised = Some(outcome.command);
        Ok(())
    }

    async fn plan(&self, line: &Step<'_>, plan: &Plan) -> anyhow::Result<()> {
        let advised = self.advised.context("there is no advice")?;
        let dispositions = (0..).zip(&plan.dispositions).map(|(index, disposed)| {
            Ok(Disposed {
                recommendation: advised.creates(index),
                disposition: disposed.disposition.0,
                reason: disposed.reason.as_ref().map(text).transpose()?,
            })
        });
        let dispositions = dispositions.collect::<anyhow::Result<_>>()?;
        let command = RecordPlan { dispositions, note: plan.note.as_ref().map(text).transpose()? };
        self.give(line, ConsultationCommand::from(command)).await?;
        Ok(())
    }

    async fn inform(&self, line: &Step<'_>, inform: &Inform) -> anyhow::Result<()> {
        let command = InformPatient { method: inform.method.0, told_at: line.at };
        self.give(line, ConsultationCommand::from(command)).await?;
        Ok(())
    }

    async fn close(&self, line: &Step<'_>, close: &Close) -> anyhow::Result<()> {
        let survey = Survey { outcome: close.outcome.0, helpful: close.helpful, educational: close.educational };
        self.give(line, ConsultationCommand::from(CloseConsultation { survey })).await?;
        Ok(())
    }

    async fn add_participant(&self, line: &Step<'_>, add: &AddParticipant) -> anyhow::Result<()> {
        let person = self.player.person(&add.person)?;
        let command = NewParticipant { person, place: None, history: HistoryWindow::Full, reason: None };
        self.give(line, ConversationCommand::from(command)).await?;
        Ok(())
    }

    async fn post(&mut self, line: &Step<'_>, post: &Post) -> anyhow::Result<()> {
        let addressed = match post.audience.0 {
            Audience::Everyone => Addressed::Everyone,
            Audience::ClinicalTeam => Addressed::ClinicalTeam,
            Audience::TeamAndMe => {
                let Sender::Person(handle) = line.by else { anyhow::bail!("the installation writes nothing") };
                Addressed::TeamAnd(self.player.person(handle)?)
            }
            Audience::Named => anyhow::bail!("the clinic posts no message to chosen persons"),
        };
        let outcome =
            self.give(line, ConversationCommand::from(PostMessage { addressed, body: text(&post.text)? })).await?;
        self.messages.push(outcome.command.creates(0));
        Ok(())
    }

    async fn mark_read(&self, line: &Step<'_>) -> anyhow::Result<()> {
        let last = line.command.reads.and_then(|index| self.messages.get(index)).context("there is no message")?;
        self.give(line, ConversationCommand::from(MarkRead { message: *last })).await?;
        Ok(())
    }

    /// Whoever hides was shown that no helper has read in the thread, which the command is refused for otherwise.
    async fn hide(&self, line: &Step<'_>) -> anyhow::Result<()> {
        let hide = HideFromDelegates { basis: None, known_to: BTreeSet::new() };
        self.give(line, ConversationCommand::from(hide)).await?;
        Ok(())
    }

    async fn draft(&self, line: &Step<'_>, typed: &Draft) -> anyhow::Result<()> {
        let Sender::Person(handle) = line.by else { anyhow::bail!("the installation types nothing") };
        let author = self.player.person(handle)?;
        let thread = self.thread.context("the thread is not open")?;
        let audience = match typed.audience.0 {
            Audience::Everyone => "EVERYONE",
            Audience::ClinicalTeam => "CLINICAL_TEAM",
            Audience::Named => "NAMED",
            Audience::TeamAndMe => "TEAM_AND_ME",
        };
        // As the fields are named in the form of the pages.
        let fields = [("shown", audience), ("body", typed.text.0.as_str())];
        let fields = FormFields::of(fields.into_iter()).map_err(|unfit| unfit.problem)?;
        let save = SaveDraft {
            draft: DraftId::of(author, &IdempotencyKey::parse(&format!("seed/{}", line.key))?),
            may_begin: true,
            form: Form::of(PostMessage::NAME, FormSubject::Thread(thread))?,
            content: fields.to_text()?.into(),
            expected: None,
            same_as: None,
            leaving: true,
        };
        self.player.give::<Drafts, _>(line, Some(author), &DraftCommand::from(save)).await?;
        Ok(())
    }

    async fn give(
        &self,
        line: &Step<'_>,
        command: impl Into<ThreadCommand>,
    ) -> anyhow::Result<CommandOutcome<ThreadId>> {
        let thread = self.thread.context("the thread is not open")?;
        self.player.give::<Thread, _>(line, Some(thread), &command.into()).await
    }
}

fn one_line(text: &str) -> anyhow::Result<PersonalText> {
    Ok(Text::line(text)?.into())
}

fn text(text: &Body) -> anyhow::Result<PersonalText> {
    Ok(Text::body(&text.0)?.into())
}

fn failed(key: &str) -> String {
    format!("the clinic cannot be seeded, at {key}")
}
