//! The demo: a seeded clinic, served on this machine only, where anybody signs in as anyone.
//!
//! Its limits: it listens on loopback only, it refuses a directory that is not marked as a demo, and the key that signs
//! its tokens is in that directory.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use care::ids::Id;
use care::time_zone::TimeZones;
use care::words::Role;
use chrono::TimeDelta;
use coordination::CallerKept;
use policy::identity::Identity;
use server::listen::Bound;
use server::live::{Live, LiveLimits};
use server::pages::{self, Demo, Group, HelpLine, Pages, SessionTimes};
use server::routes::{Served, routes};
use server::sign_in::Signer;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::cli::CallerField;
use crate::directory::{Directory, Handles};
use crate::exit::{FAILED, Refused};
use crate::seed::Visitor;
use crate::stores::Clinic;
use crate::{banner, cli, clock, seed, stores, time_zones};

/// The time zone of the clinic.
const ZONE: &str = "Europe/Vienna";
/// How long a token is valid.
const TOKEN_TTL: TimeDelta = TimeDelta::hours(12);
/// How long a browser may be idle before its session ends.
const SESSION_IDLE: TimeDelta = TimeDelta::minutes(15);
/// How long sockets have to close after the last request has ended.
const SOCKETS_CLOSE_MAX: Duration = Duration::from_secs(10);

/// Creates the clinic if there is none, and serves it until a stop signal. `installation` is the sender of the first
/// commands of a new clinic.
///
/// # Errors
/// The reason why it does not start, or the error that stopped it.
pub(crate) async fn run(asked: &cli::Demo, installation: Identity, out: &mut impl Write) -> anyhow::Result<()> {
    // The address is checked before anything is created.
    if !asked.listen.ip().is_loopback() {
        return Err(Refused::NotLoopback(asked.listen).into());
    }
    let time_zones::Loaded { time_zones, source } = time_zones::load(asked.time_zones.as_deref())?;
    let mut signals = Signals::watch()?;
    // A directory that is refused or in use is the first reason. The address is bound before anything is created.
    let found = Directory::find(&asked.data.directory, asked.seed)?;
    let lock = found.as_ref().map(Directory::lock).transpose()?;
    let bound = Bound::bind(asked.listen).await;
    let bound = bound.context("the server does not start; choose another address with `--listen`")?;
    let directory = Directory::open_or_make(&asked.data.directory, asked.seed, clock::now().date_naive())?;
    let _lock = lock.map_or_else(|| directory.lock(), Ok)?;
    let opened = tokio::select! {
        opened = open(asked, directory, installation, time_zones) => opened,
        // The next start completes an incomplete clinic.
        () = signals.next() => return Ok(()),
    };
    let Opened { directory, clinic, signer } = opened?;
    let application = Arc::clone(&clinic.application);
    source.warn(clock::now().date_naive());
    let handles = directory.handles()?;
    let (tokens, people) = (tokens(&signer, &handles)?, people(&handles)?);
    let program = std::env::args().next().unwrap_or_else(|| "carefold".to_owned());
    let (address, directory) = (bound.address(), directory.path());
    let token_command = format!("{program} token --as HANDLE --data {}", directory.display());
    let log = asked.data.journal.is_some().then(|| stores::shown(&asked.data.journal_url()));
    application.keep_of_callers(CallerKept {
        address: !asked.omit.contains(&CallerField::Address),
        client: !asked.omit.contains(&CallerField::Client),
    });
    banner::write(
        out,
        &banner::Shown {
            address,
            directory,
            log,
            hosts: &asked.hosts,
            origins: &asked.origins,
            token_command: &token_command,
            tokens: &tokens,
        },
    )?;
    let connections = bound.limits().all;
    if connections < asked.streams {
        tracing::warn!(
            connections,
            streams = asked.streams,
            "there are fewer connections than streams; raise the limit of descriptors (`ulimit -n`)"
        );
    }
    let live = Live::new(LiveLimits { streams_max: asked.streams, streams_of_person_max: asked.streams_of_person });
    let verifier = signer.verifier();
    let pages = Pages {
        demo: Demo { signer, visitors: people, token_command },
        times: SessionTimes { idle: SESSION_IDLE, whole: TOKEN_TTL },
        zone: application.time_zones().zone(ZONE).context("there are no rules of the clinic's time zone")?,
        help: HelpLine { name: "Lindenhof Family Practice".to_owned(), telephone: "01 555 0142".to_owned() },
    };
    let served = Served { pages: Some(pages), commands_a_minute: asked.commands_a_minute };
    let routes = routes(Arc::clone(&application), verifier, Arc::new(clock::now), Arc::clone(&live), served)?;
    let routes = routes.with_hosts(asked.hosts.clone()).with_origins(asked.origins.clone());
    application.watch_clock(clock::is_right);
    // Processes do not run during seeding, because its commands have times in the past.
    let processes = application.start_processes(clock::now);
    let mut is_superseded = false;
    let ends = async {
        tokio::select! {
            () = stopped(signals, Arc::clone(&live)) => {}
            () = clinic.serving.superseded() => {
                tracing::error!("another server has begun to serve the log; this one stops");
                is_superseded = true;
                // What is asked of it from now on fails.
                application.close();
                live.stop();
            }
        }
    };
    bound.run(routes, ends).await;
    // The HTTP server does not wait for a connection that was upgraded.
    if tokio::time::timeout(SOCKETS_CLOSE_MAX, live.sockets_closed()).await.is_err() {
        tracing::warn!("some sockets did not close in time");
    }
    processes.abort();
    clinic.close().await;
    if is_superseded {
        return Err(Refused::Superseded { place: stores::shown(&asked.data.journal_url()) }.into());
    }
    Ok(())
}

/// A complete clinic.
struct Opened {
    directory: Directory,
    clinic: Clinic,
    signer: Signer,
}

async fn open(
    asked: &cli::Demo,
    mut directory: Directory,
    installation: Identity,
    time_zones: TimeZones,
) -> anyhow::Result<Opened> {
    let wait = Duration::from_secs(asked.wait);
    let clinic =
        stores::application(&mut directory, &asked.data.journal_url(), wait, time_zones, asked.accept_clock).await?;
    let application = &clinic.application;
    let signer = stores::signer(&directory)?;
    if !directory.is_seeded() {
        tracing::info!("seeding the clinic");
        let handles = seed::seed(application, &signer, directory.mark(), installation).await?;
        directory.set_seeded(&handles)?;
    }
    // Timers that became due while no server ran are handled before the first request.
    application.run_processes(clock::now()).await.context("the processes could not run")?;
    Ok(Opened { directory, clinic, signer })
}

/// A token for one person of a clinic.
///
/// # Errors
/// When there is no such person or no such clinic.
pub(crate) fn token(asked: &cli::Token) -> anyhow::Result<String> {
    let directory = Directory::open(&asked.directory)?;
    let handles = directory.handles()?;
    let person = handles.get(&asked.handle).with_context(|| {
        let known: Vec<&str> = handles.keys().map(String::as_str).collect();
        format!("nobody in the demo is called {:?}; there are {}", asked.handle, known.join(", "))
    })?;
    mint(&stores::signer(&directory)?, person.uuid())
}

/// A token for each person, in the order of the demo's list.
fn tokens(signer: &Signer, handles: &Handles) -> anyhow::Result<Vec<banner::Token>> {
    let mut tokens = Vec::new();
    for Visitor { handle, banner, .. } in seed::visitors()? {
        if let Some(id) = handles.get(&handle) {
            tokens.push(banner::Token { handle, who: banner, token: mint(signer, id.uuid())? });
        }
    }
    Ok(tokens)
}

/// Everybody whom the sign-in page offers, in the order of the demo's list.
fn people(handles: &Handles) -> anyhow::Result<Vec<pages::Visitor>> {
    let people = seed::visitors()?.into_iter().filter_map(|Visitor { handle, name, banner, roles }| {
        let person = handles.get(&handle)?.uuid();
        Some(pages::Visitor { handle, person, name, about: sentence(&banner), group: group(&roles) })
    });
    Ok(people.collect())
}

/// The text with a capital letter first.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn group(roles: &[Role]) -> Group {
    let group = roles.first().map(|role| match role {
        Role::Physician | Role::Nurse | Role::Pharmacist => Group::Clinicians,
        Role::Coordinator | Role::SocialWorker => Group::Coordination,
        Role::PrivacyOfficer | Role::Administrator | Role::Auditor | Role::Service => Group::Operation,
        Role::Person => Group::Patients,
    });
    group.unwrap_or(Group::Patients)
}

fn mint(signer: &Signer, person: uuid::Uuid) -> anyhow::Result<String> {
    signer.mint(person, clock::now(), clock::new_id()?, TOKEN_TTL).context("the token cannot be signed")
}

/// Waits for the stop signal. After it, no request is accepted; a second signal ends the program at once.
async fn stopped(mut signals: Signals, live: Arc<Live>) {
    signals.next().await;
    tracing::info!("stopping");
    live.stop();
    tokio::spawn(async move {
        signals.next().await;
        std::process::exit(i32::from(FAILED));
    });
}

/// The signals that ask the program to stop.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn watch() -> anyhow::Result<Self> {
        let watch = |kind| signal(kind).context("signals cannot be watched");
        Ok(Self { interrupt: watch(SignalKind::interrupt())?, terminate: watch(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
