//! Plays the lines of the clinic through the application: each as the command that a client would give.
//!
//! Only this file knows the application. Each command is given by the person whose work it is, signed in by a token
//! like everybody. The installation does only what it may: it creates the first organization and registers the
//! administrator.
//!
//! To add a step word: its function in [`Playing`], which turns the step into the command.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::Context;
use care::calendar::Calendar;
use care::consultation::{Consent, Survey};
use care::idempotency::IdempotencyKey;
use care::ids::{CommandId, Id, MessageId, OrganizationId, PatientId, PersonId, PoolId, ThreadId};
use care::text::Text;
use care::words::Channel;
use chrono::TimeDelta;
use coordination::application::Application;
use coordination::commands::{
    Advice, Assignment, NewMember, NewMessage, NewPatient, NewPerson, NewPool, Plan as NewPlan, Recommended,
    Request as NewRequest,
};
use coordination::fault::Failed;
use coordination::{CommandMetadata, CommandOutcome};
use policy::identity::Identity;
use server::sign_in::Signer;

use crate::clock;
use crate::directory::Handles;
use crate::seed::clinic::{
    Act, AddParticipant, Advise, Assign, Body, Close, HeldRole, Inform, Organization, Patient, Person, Plan, Pool,
    Post, Request,
};
use crate::seed::script::{Line, Played, Sender, SetUp};

/// Tokens of the seeding are good for the instant at which it mints them.
const TOKEN_TTL: TimeDelta = TimeDelta::minutes(1);

/// What gives the commands, and which ids they made so far.
pub(crate) struct Player {
    application: Arc<Application>,
    installation: Identity,
    organizations: HashMap<String, OrganizationId>,
    pools: HashMap<String, PoolId>,
    people: HashMap<String, SignedIn>,
    patients: HashMap<String, PatientId>,
}

/// A registered person, who can give commands.
struct SignedIn {
    person: PersonId,
    identity: Identity,
}

impl Player {
    /// A player of an empty clinic. `installation` speaks for the program itself until the administrator is on record.
    pub fn new(application: Arc<Application>, installation: Identity) -> Self {
        let (organizations, pools) = (HashMap::new(), HashMap::new());
        let (people, patients) = (HashMap::new(), HashMap::new());
        Self { application, installation, organizations, pools, people, patients }
    }

    /// Who signs in by which word.
    pub fn handles(&self) -> Handles {
        self.people.iter().map(|(handle, signed_in)| (handle.clone(), signed_in.person)).collect()
    }

    /// Plays a line that makes the cast.
    ///
    /// # Errors
    /// The line that failed, by its key.
    pub async fn set_up(&mut self, line: &Line<'_, SetUp<'_>>, signer: &Signer) -> anyhow::Result<()> {
        let played = match &line.command {
            SetUp::CreateOrganization(organization) => self.create_organization(line, organization).await,
            SetUp::SetCalendar { organization, calendar } => self.set_calendar(line, organization, calendar).await,
            SetUp::OpenPool { organization, pool } => self.open_pool(line, organization, pool).await,
            SetUp::RegisterPerson(person) => self.register_person(line, person, signer).await,
            SetUp::GrantRole { person, held } => self.grant_role(line, person, held).await,
            SetUp::AddPoolMember { organization, pool, person } => {
                self.add_pool_member(line, organization, (pool, person)).await
            }
            SetUp::RegisterPatient { organization, patient } => {
                self.register_patient(line, organization, patient).await
            }
            SetUp::AddCareTeamMember { patient, person, held } => {
                self.add_care_team_member(line, patient, (person, held)).await
            }
        };
        played.with_context(|| failed(&line.key))
    }

    async fn create_organization<C>(&mut self, line: &Line<'_, C>, new: &Organization) -> anyhow::Result<()> {
        let Given { by, metadata } = self.given(line, "foundOrganization")?;
        let outcome = self.application.found_organization(by, &metadata, new.name.0.clone()).await?;
        self.organizations.insert(new.key.clone(), outcome.command.creates(0));
        Ok(())
    }

    async fn set_calendar<C>(&self, line: &Line<'_, C>, at: &str, calendar: &Calendar) -> anyhow::Result<()> {
        let Given { by, metadata } = self.given(line, "setCalendar")?;
        let organization = self.organization(at)?;
        done(self.application.set_calendar((by, &metadata), organization, calendar.clone()).await)
    }

    async fn open_pool<C>(&mut self, line: &Line<'_, C>, at: &str, pool: &Pool) -> anyhow::Result<()> {
        let Given { by, metadata } = self.given(line, "openPool")?;
        let new = NewPool { name: pool.name.0.clone(), specialty: pool.specialty.0.clone() };
        let outcome = self.application.open_pool((by, &metadata), self.organization(at)?, new).await?;
        self.pools.insert(pool.key.clone(), outcome.command.creates(0));
        Ok(())
    }

    /// Registers a person with their first role, and signs them in.
    async fn register_person<C>(&mut self, line: &Line<'_, C>, new: &Person, signer: &Signer) -> anyhow::Result<()> {
        let Given { by, metadata } = self.given(line, "registerPerson")?;
        let organization = self.organization(&new.organization)?;
        let role = new.roles.first().map(|held| held.role.0);
        let command = NewPerson { organization, name: Text::line(&new.name.0)?, role };
        let outcome = self.application.register_person(by, &metadata, command).await?;
        let person: PersonId = outcome.command.creates(0);
        let token = signer.mint(person.uuid(), line.at, clock::new_id()?, TOKEN_TTL)?;
        let identity = signer.verifier().verify(&token, line.at)?.identity();
        self.people.insert(new.handle.clone(), SignedIn { person, identity });
        Ok(())
    }

    async fn grant_role<C>(&self, line: &Line<'_, C>, person: &str, held: &HeldRole) -> anyhow::Result<()> {
        let Given { by, metadata } = self.given(line, "grantRole")?;
        let at = (self.organization(&held.at)?, held.role.0);
        done(self.application.grant_role((by, &metadata), self.person(person)?, at, None).await)
    }

    async fn add_pool_member<C>(
        &self,
        line: &Line<'_, C>,
        at: &str,
        (pool, person): (&str, &str),
    ) -> anyhow::Result<()> {
        let Given { by, metadata } = self.given(line, "addPoolMember")?;
        let member = (self.pool(pool)?, self.person(person)?);
        done(self.application.add_pool_member((by, &metadata), self.organization(at)?, member).await)
    }

    async fn register_patient<C>(&mut self, line: &Line<'_, C>, at: &str, new: &Patient) -> anyhow::Result<()> {
        let Given { by, metadata } = self.given(line, "registerPatient")?;
        let command = NewPatient {
            organization: self.organization(at)?,
            person: new.person.as_ref().map(|handle| self.person(handle)).transpose()?,
            name: Text::line(&new.name.0)?,
            birth_date: Text::line(&new.birth_date.to_string())?,
        };
        let outcome = self.application.register_patient(by, &metadata, command).await?;
        self.patients.insert(new.key.clone(), outcome.command.creates(0));
        Ok(())
    }

    async fn add_care_team_member<C>(
        &self,
        line: &Line<'_, C>,
        patient: &str,
        (person, held): (&str, &HeldRole),
    ) -> anyhow::Result<()> {
        let Given { by, metadata } = self.given(line, "addCareTeamMember")?;
        let organization = self.organization(&held.at)?;
        let member = NewMember { person: self.person(person)?, role: held.role.0, organization };
        done(self.application.add_care_team_member((by, &metadata), self.patient(patient)?, member).await)
    }

    /// Plays the lines of a thread.
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

    /// What goes with a command. Its key alone stands for its input: what a key means is fixed, even where a later
    /// version of this program words it otherwise.
    fn given<C>(&self, line: &Line<'_, C>, mutation: &'static str) -> anyhow::Result<Given<'_>> {
        let by = match line.by {
            Sender::Installation => &self.installation,
            Sender::Person(handle) => &self.signed_in(handle)?.identity,
        };
        let key = IdempotencyKey::parse(&format!("seed/{}", line.key)).context("that is not an idempotency key")?;
        let input = key.as_str().as_bytes().to_vec();
        Ok(Given {
            by,
            metadata: CommandMetadata { mutation, key, input, expected: None, channel: Channel::Cli, now: line.at },
        })
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

/// Who gives a command, and what goes with it.
struct Given<'a> {
    by: &'a Identity,
    metadata: CommandMetadata,
}

/// A thread that is played.
struct Playing<'a> {
    player: &'a Player,
    thread: Option<ThreadId>,
    messages: Vec<MessageId>,
    /// The command that gave the advice: ids of the recommendations follow from it.
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
        }
    }

    async fn request(&mut self, line: &Step<'_>, request: &Request) -> anyhow::Result<()> {
        let Given { by, metadata } = self.player.given(line, "requestConsultation")?;
        let command = NewRequest {
            patient: self.player.patient(&request.patient)?,
            pool: self.player.pool(&request.pool)?,
            topic: request.topic.0,
            subject: Text::line(&request.subject.0)?,
            question: Text::body(&request.question.0)?,
            urgency: request.urgency.0,
            consent: Consent::Given { method: request.consent.0, at: line.at },
            may_convert: request.may_convert,
            confidentiality: request.confidentiality.0,
            sensitivities: request.sensitivities.iter().map(|code| code.0).collect(),
        };
        let outcome = self.player.application.request_consultation(by, &metadata, command).await?;
        self.thread = Some(outcome.command.creates(0));
        Ok(())
    }

    async fn assign(&self, line: &Step<'_>, assign: &Assign) -> anyhow::Result<()> {
        let Given { by, metadata } = self.player.given(line, "assignConsultation")?;
        let to = assign.to.as_ref().map(|handle| self.player.person(handle)).transpose()?;
        let command = Assignment { to, reason: None };
        done(self.player.application.assign_consultation((by, &metadata), self.thread()?, command).await)
    }

    async fn claim(&self, line: &Step<'_>) -> anyhow::Result<()> {
        let Given { by, metadata } = self.player.given(line, "claimThread")?;
        done(self.player.application.claim(by, &metadata, self.thread()?).await)
    }

    async fn advise(&mut self, line: &Step<'_>, advise: &Advise) -> anyhow::Result<()> {
        let Given { by, metadata } = self.player.given(line, "adviseConsultation")?;
        let recommended = advise.recommendations.iter().map(|each| {
            Ok(Recommended { kind: each.kind.0, certainty: each.certainty.0, text: Text::body(&each.text.0)? })
        });
        let command = Advice {
            recommendations: recommended.collect::<anyhow::Result<_>>()?,
            come_back_when: optional(advise.come_back_when.as_ref())?,
            minutes_spent: advise.minutes_spent,
        };
        let outcome = self.player.application.advise((by, &metadata), self.thread()?, command).await?;
        self.advised = Some(outcome.command);
        Ok(())
    }

    async fn plan(&self, line: &Step<'_>, plan: &Plan) -> anyhow::Result<()> {
        let Given { by, metadata } = self.player.given(line, "recordPlan")?;
        let advised = self.advised.context("there is no advice")?;
        let dispositions = (0..).zip(&plan.dispositions).map(|(index, disposed)| {
            Ok((advised.creates(index), disposed.disposition.0, optional(disposed.reason.as_ref())?))
        });
        let dispositions = dispositions.collect::<anyhow::Result<_>>()?;
        let command = NewPlan { dispositions, note: optional(plan.note.as_ref())? };
        done(self.player.application.record_plan((by, &metadata), self.thread()?, command).await)
    }

    async fn inform(&self, line: &Step<'_>, inform: &Inform) -> anyhow::Result<()> {
        let Given { by, metadata } = self.player.given(line, "informPatient")?;
        let told = (inform.method.0, line.at);
        done(self.player.application.inform_patient((by, &metadata), self.thread()?, told).await)
    }

    async fn close(&self, line: &Step<'_>, close: &Close) -> anyhow::Result<()> {
        let Given { by, metadata } = self.player.given(line, "closeConsultation")?;
        let survey = Survey { outcome: close.outcome.0, helpful: close.helpful, educational: close.educational };
        done(self.player.application.close_consultation((by, &metadata), self.thread()?, survey).await)
    }

    async fn add_participant(&self, line: &Step<'_>, add: &AddParticipant) -> anyhow::Result<()> {
        let Given { by, metadata } = self.player.given(line, "addParticipant")?;
        let person = self.player.person(&add.person)?;
        done(self.player.application.add_participant((by, &metadata), self.thread()?, person).await)
    }

    async fn post(&mut self, line: &Step<'_>, post: &Post) -> anyhow::Result<()> {
        let Given { by, metadata } = self.player.given(line, "postMessage")?;
        let command = NewMessage { audience: Some(post.audience.0), body: Text::body(&post.text.0)? };
        let outcome = self.player.application.post_message((by, &metadata), self.thread()?, command).await?;
        self.messages.push(outcome.command.creates(0));
        Ok(())
    }

    async fn mark_read(&self, line: &Step<'_>) -> anyhow::Result<()> {
        let Given { by, metadata } = self.player.given(line, "markRead")?;
        let last = line.command.reads.and_then(|index| self.messages.get(index)).context("there is no message")?;
        done(self.player.application.mark_read((by, &metadata), self.thread()?, *last).await)
    }

    fn thread(&self) -> anyhow::Result<ThreadId> {
        self.thread.context("the thread is not open")
    }
}

fn optional(text: Option<&Body>) -> anyhow::Result<Option<Text>> {
    Ok(text.map(|text| Text::body(&text.0)).transpose()?)
}

fn done(outcome: Result<CommandOutcome, Failed>) -> anyhow::Result<()> {
    outcome?;
    Ok(())
}

fn failed(key: &str) -> String {
    format!("the clinic cannot be seeded, at {key}")
}
