//! Fills a demo clinic: organizations, people, patients, and the twenty consultations between them.
//!
//! Everything is done by the commands of the application, each by the person whose work it is, signed in
//! by a token like anybody. The installation does only what it may: it founds the first
//! organization and registers the administrator. Every command has a key of its own, so a seeding
//! that was cut short goes on where it ended, and seeding a complete clinic changes nothing.
//!
//! What happens is in `seed/clinic_cast.rs` and `seed/clinic_cases.rs`; when it happens is in
//! `seed/times.rs`; how one consultation is played is in `seed/case.rs`.

mod case;
mod clinic_cases;
mod clinic_cases_cardiology;
mod clinic_cases_dermatology;
mod clinic_cases_endocrinology;
mod clinic_cases_general_medicine;
pub(crate) mod clinic_cast;
mod times;

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::Context;
use care::calendar::Calendar;
use care::idempotency::IdempotencyKey;
use care::ids::{Id, OrganizationId, PatientId, PersonId, PoolId};
use care::text::Text;
use care::words::{Channel, Role};
use chrono::{DateTime, Utc};
use coordination::application::Application;
use coordination::commands::{NewMember, NewPatient, NewPerson, NewPool};
use coordination::{CommandMetadata, CommandOutcome};
use policy::identity::Identity;
use server::graphql::inputs::CommandInput;
use server::graphql::inputs::organization::{
    AddPoolMemberInput, FoundOrganizationInput, OpenPoolInput, SetCalendarInput,
};
use server::graphql::inputs::patient::{AddCareTeamMemberInput, RegisterPatientInput};
use server::graphql::inputs::person::{GrantRoleInput, RegisterPersonInput};
use server::sign_in::Signer;
use tokio::task::JoinSet;

use crate::clock;
use crate::directory::{Handles, Mark};
use crate::seed::clinic_cases::cases;
use crate::seed::clinic_cast::{ORGANIZATIONS, Organization, PATIENTS, PEOPLE, Person, Post};
use crate::seed::times::{Past, holidays};

/// Tokens of the seeding are good for the instant at which it mints them.
const TOKEN_TTL: chrono::TimeDelta = chrono::TimeDelta::minutes(1);
/// Handle of the person who runs both organizations.
const ADMINISTRATOR: &str = "admin";

/// A clinic in the making: who is who by the words of the cast.
pub(crate) struct Clinic {
    pub application: Arc<Application>,
    organizations: HashMap<&'static str, OrganizationId>,
    pools: HashMap<&'static str, PoolId>,
    people: HashMap<&'static str, (PersonId, Identity)>,
    patients: HashMap<&'static str, PatientId>,
}

/// Fills the clinic and returns who signs in by which word. `installation` speaks for the
/// program itself until the administrator is on record.
///
/// # Errors
/// The command that failed, by its key.
pub(crate) async fn seed(
    application: &Arc<Application>,
    signer: &Signer,
    mark: Mark,
    installation: Identity,
) -> anyhow::Result<Handles> {
    let past = Past::before(mark.anchor_day, mark.seed);
    let mut clinic = Clinic {
        application: Arc::clone(application),
        organizations: HashMap::new(),
        pools: HashMap::new(),
        people: HashMap::new(),
        patients: HashMap::new(),
    };
    let mut founding = Founding { clinic: &mut clinic, signer, at: past.founded(), installation };
    founding.organizations(mark).await?;
    founding.people().await?;
    founding.pools().await?;
    founding.patients().await?;
    let clinic = Arc::new(clinic);
    // Consultations do not touch each other, so they are played at the same time.
    let mut playing = JoinSet::new();
    for (number, case) in (0..).zip(cases()) {
        playing.spawn(case::play(Arc::clone(&clinic), case, past.case(case, number)));
    }
    while let Some(played) = playing.join_next().await {
        played.context("the seeding of a consultation broke off")??;
    }
    Ok(clinic.people.iter().map(|(handle, (person, _))| ((*handle).to_owned(), *person)).collect())
}

impl Clinic {
    /// Who signs in by this word.
    pub fn person(&self, handle: &str) -> anyhow::Result<PersonId> {
        self.people.get(handle).map(|(person, _)| *person).with_context(|| format!("nobody is called {handle}"))
    }

    /// The sign-in of that person.
    pub fn identity(&self, handle: &str) -> anyhow::Result<&Identity> {
        self.people.get(handle).map(|(_, identity)| identity).with_context(|| format!("nobody is called {handle}"))
    }

    pub fn patient(&self, key: &str) -> anyhow::Result<PatientId> {
        self.patients.get(key).copied().with_context(|| format!("no patient is called {key}"))
    }

    pub fn pool(&self, key: &str) -> anyhow::Result<PoolId> {
        self.pools.get(key).copied().with_context(|| format!("no pool is called {key}"))
    }

    fn organization(&self, key: &str) -> anyhow::Result<OrganizationId> {
        self.organizations.get(key).copied().with_context(|| format!("no organization is called {key}"))
    }
}

/// A command of the seeding. Its key alone stands for its input: what a key means is fixed, even
/// where a later version of this program words it otherwise.
pub(crate) fn metadata(mutation: &'static str, key: &str, now: DateTime<Utc>) -> anyhow::Result<CommandMetadata> {
    let key = IdempotencyKey::parse(&format!("seed/{key}")).with_context(|| format!("seed/{key} is no key"))?;
    let input = key.as_str().as_bytes().to_vec();
    Ok(CommandMetadata { mutation, key, input, expected: None, channel: Channel::Cli, now })
}

/// The years before anybody asks anything: who founds, registers and opens what.
struct Founding<'a> {
    clinic: &'a mut Clinic,
    signer: &'a Signer,
    /// When the next command is given; a minute passes with each.
    at: DateTime<Utc>,
    installation: Identity,
}

impl Founding<'_> {
    async fn organizations(&mut self, mark: Mark) -> anyhow::Result<()> {
        let administrator = PEOPLE.iter().find(|person| person.handle == ADMINISTRATOR).context("no administrator")?;
        for site in &ORGANIZATIONS {
            let first = !self.clinic.people.contains_key(ADMINISTRATOR);
            let founder = if first { self.installation } else { *self.clinic.identity(ADMINISTRATOR)? };
            let metadata = self.next(FoundOrganizationInput::NAME, site.key)?;
            let outcome = self.clinic.application.found_organization(&founder, &metadata, site.name.to_owned()).await;
            self.clinic.organizations.insert(site.key, told(outcome, site.key)?.command.creates(0));
            if first {
                self.person(founder, administrator).await?;
            }
            let admin = *self.clinic.identity(ADMINISTRATOR)?;
            let post = administrator.roles.iter().find(|post| post.organization == site.key);
            if let Some(post) = post.filter(|_| !first) {
                self.grant(admin, administrator, post).await?;
            }
            self.run(admin, site, mark).await?;
        }
        Ok(())
    }

    /// Sets an organization's calendar and opens its pools.
    async fn run(&mut self, admin: Identity, site: &'static Organization, mark: Mark) -> anyhow::Result<()> {
        let organization = self.clinic.organization(site.key)?;
        let calendar = Calendar {
            zone: site.zone.parse().with_context(|| format!("{} is no zone", site.zone))?,
            week: site.week,
            holidays: holidays(mark.anchor_day),
            answer_minutes: site.answer_minutes.into_iter().collect(),
        };
        let metadata = self.next(SetCalendarInput::NAME, site.key)?;
        let outcome = self.clinic.application.set_calendar((&admin, &metadata), organization, calendar).await;
        told(outcome, site.key)?;
        for pool in site.pools {
            let metadata = self.next(OpenPoolInput::NAME, pool.key)?;
            let new = NewPool { name: pool.name.to_owned(), specialty: pool.specialty.to_owned() };
            let outcome = self.clinic.application.open_pool((&admin, &metadata), organization, new).await;
            self.clinic.pools.insert(pool.key, told(outcome, pool.key)?.command.creates(0));
        }
        Ok(())
    }

    async fn people(&mut self) -> anyhow::Result<()> {
        let admin = *self.clinic.identity(ADMINISTRATOR)?;
        for person in PEOPLE.iter().filter(|person| person.handle != ADMINISTRATOR) {
            self.person(admin, person).await?;
            for post in person.roles.iter().skip(1) {
                self.grant(admin, person, post).await?;
            }
        }
        Ok(())
    }

    /// Registers a person with their first role, and signs them in.
    async fn person(&mut self, by: Identity, person: &'static Person) -> anyhow::Result<()> {
        let role = person.roles.first().map(|post| post.role);
        let organization = self.clinic.organization(person.organization)?;
        let new = NewPerson { organization, name: Text::line(person.name)?, role };
        let metadata = self.next(RegisterPersonInput::NAME, person.handle)?;
        let outcome = told(self.clinic.application.register_person(&by, &metadata, new).await, person.handle)?;
        let id: PersonId = outcome.command.creates(0);
        let token = self.signer.mint(id.uuid(), metadata.now, clock::new_id()?, TOKEN_TTL)?;
        let identity = self.signer.verifier().verify(&token, metadata.now)?.identity();
        self.clinic.people.insert(person.handle, (id, identity));
        Ok(())
    }

    async fn grant(&mut self, by: Identity, person: &Person, post: &Post) -> anyhow::Result<()> {
        let key = format!("{}/{}/{}", person.handle, post.organization, post.role.word());
        let metadata = self.next(GrantRoleInput::NAME, &key)?;
        let at = (self.clinic.organization(post.organization)?, post.role);
        let id = self.clinic.person(person.handle)?;
        told(self.clinic.application.grant_role((&by, &metadata), id, at, None).await, &key).map(drop)
    }

    async fn pools(&mut self) -> anyhow::Result<()> {
        let admin = *self.clinic.identity(ADMINISTRATOR)?;
        for person in &PEOPLE {
            for pool in person.pools {
                let key = format!("{pool}/{}", person.handle);
                let metadata = self.next(AddPoolMemberInput::NAME, &key)?;
                let organization = self.clinic.organization(person.organization)?;
                let member = (self.clinic.pool(pool)?, self.clinic.person(person.handle)?);
                told(self.clinic.application.add_pool_member((&admin, &metadata), organization, member).await, &key)?;
            }
        }
        Ok(())
    }

    /// The coordinator of the practice registers its patients and puts together their care teams.
    async fn patients(&mut self) -> anyhow::Result<()> {
        let practice = ORGANIZATIONS.first().context("no organization")?.key;
        let coordinator = *self.clinic.identity(coordinator_of(practice)?)?;
        let organization = self.clinic.organization(practice)?;
        for patient in &PATIENTS {
            let person = patient.person.map(|handle| self.clinic.person(handle)).transpose()?;
            let (name, birth_date) = (Text::line(patient.name)?, Text::line(patient.birth_date)?);
            let metadata = self.next(RegisterPatientInput::NAME, patient.key)?;
            let new = NewPatient { organization, person, name, birth_date };
            let outcome = self.clinic.application.register_patient(&coordinator, &metadata, new).await;
            let id = told(outcome, patient.key)?.command.creates(0);
            self.clinic.patients.insert(patient.key, id);
            for handle in patient.care_team {
                let key = format!("{}/{handle}", patient.key);
                let metadata = self.next(AddCareTeamMemberInput::NAME, &key)?;
                let post = PEOPLE.iter().find(|person| person.handle == *handle).and_then(|one| one.roles.first());
                let post = post.with_context(|| format!("{handle} has no role"))?;
                let organization = self.clinic.organization(post.organization)?;
                let member = NewMember { person: self.clinic.person(handle)?, role: post.role, organization };
                told(self.clinic.application.add_care_team_member((&coordinator, &metadata), id, member).await, &key)?;
            }
        }
        Ok(())
    }

    fn next(&mut self, mutation: &'static str, key: &str) -> anyhow::Result<CommandMetadata> {
        self.at += chrono::TimeDelta::minutes(1);
        metadata(mutation, key, self.at)
    }
}

/// Handle of the coordinator of an organization.
pub(crate) fn coordinator_of(organization: &str) -> anyhow::Result<&'static str> {
    let is_coordinator = |post: &Post| post.role == Role::Coordinator && post.organization == organization;
    let found = PEOPLE.iter().find(|person| person.roles.iter().any(is_coordinator));
    found.map(|person| person.handle).with_context(|| format!("{organization} has no coordinator"))
}

/// What was done, or which command of the seeding failed.
pub(crate) fn told(
    outcome: Result<CommandOutcome, coordination::fault::Failed>,
    key: &str,
) -> anyhow::Result<CommandOutcome> {
    outcome.with_context(|| format!("the clinic cannot be seeded, at {key}"))
}
