//! Fills a demo clinic: organizations, people, patients, and the threads between them.
//!
//! What happens is written in `examples/clinic`. Here it is read (`read.rs`, into the shapes of `clinic.rs`), checked
//! (`check.rs`), turned into lines with instants and keys (`script.rs`, `times.rs`), and played through the application
//! (`player.rs`). Every command has a key of its own, so a seeding that was cut short goes on where it ended, and
//! seeding a complete clinic changes nothing.

mod check;
mod clinic;
mod family;
#[cfg(test)]
mod played;
mod player;
mod read;
mod report;
mod script;
mod team_thread;
#[cfg(test)]
mod tests;
mod times;
mod written;

use std::sync::Arc;

use anyhow::Context;
use care::words::Role;
use coordination::application::Application;
use policy::identity::Identity;
use server::sign_in::Signer;
use tokio::task::JoinSet;

use crate::directory::{Handles, Mark};
use crate::seed::player::Player;
use crate::seed::times::Past;

/// Somebody who can sign in to the demo.
pub(crate) struct Visitor {
    pub handle: String,
    pub name: String,
    /// Who that is, in one line of the banner.
    pub banner: String,
    /// The roles; none for a patient.
    pub roles: Vec<Role>,
}

/// Everybody who can sign in, in the order in which the banner shows them.
///
/// # Errors
/// Everything that is wrong in the clinic's files.
pub(crate) fn visitors() -> anyhow::Result<Vec<Visitor>> {
    let people = read::embedded()?.people.into_iter();
    let roles = |person: &clinic::Person| person.roles.iter().map(|held| held.role.0).collect();
    Ok(people
        .map(|person| Visitor {
            roles: roles(&person),
            handle: person.handle,
            name: person.name.0,
            banner: person.banner.0,
        })
        .collect())
}

/// Fills the clinic and returns who signs in by which word. `installation` speaks for the program itself until the
/// administrator is registered.
///
/// # Errors
/// Everything that is wrong in the clinic's files, or the command that failed, by its key.
pub(crate) async fn seed(
    application: &Arc<Application>,
    signer: &Signer,
    mark: Mark,
    installation: Identity,
) -> anyhow::Result<Handles> {
    let clinic = Arc::new(read::embedded()?);
    let past = Past::before(mark.anchor_day, mark.seed);
    let mut player = Player::new(Arc::clone(application), installation);
    for line in script::set_up(&clinic, &past) {
        player.set_up(&line, signer).await?;
    }
    let player = Arc::new(player);
    // Before the threads, in which helpers write. Their times come after those of all threads.
    let helps = clinic.threads.len() + clinic.team_threads.len();
    for (number, help) in (u64::try_from(helps).unwrap_or(u64::MAX)..).zip(&clinic.families) {
        player.help(help, past.thread(help.begins_days_ago, number)).await?;
    }
    let told = u64::try_from(helps + clinic.families.len()).unwrap_or(u64::MAX);
    for (number, sent) in (told..).zip(&clinic.outside) {
        player.tell(sent, past.thread(sent.begins_days_ago, number)).await?;
    }
    // Threads do not touch each other, so several are played at the same time.
    let mut playing = JoinSet::new();
    for (number, thread) in (0..).zip(clinic.threads.clone()) {
        room(&mut playing).await?;
        let (clinic, player) = (Arc::clone(&clinic), Arc::clone(&player));
        playing.spawn(async move { player.thread(&script::thread(&clinic, number, &thread, &past)).await });
    }
    let first = u64::try_from(clinic.threads.len()).unwrap_or(u64::MAX);
    for (number, thread) in (first..).zip(clinic.team_threads.clone()) {
        room(&mut playing).await?;
        let (clinic, player) = (Arc::clone(&clinic), Arc::clone(&player));
        let time = past.thread(thread.begins_days_ago, number);
        playing.spawn(async move { player.team_thread(&clinic, &thread, time).await });
    }
    while ended(&mut playing).await? {}
    let mut handles = player.handles();
    for person in &clinic.people {
        if let (Some(also), Some(id)) = (&person.also, handles.get(&person.handle).copied()) {
            handles.insert(also.clone(), id);
        }
    }
    Ok(handles)
}

/// So many threads are played at once: a store that answers slowly has no more to do than with as many people.
const AT_ONCE: usize = 16;

/// Waits until one more thread may be played.
async fn room(playing: &mut JoinSet<anyhow::Result<()>>) -> anyhow::Result<()> {
    while playing.len() >= AT_ONCE {
        ended(playing).await?;
    }
    Ok(())
}

/// Waits until a thread has been played; false if none is.
async fn ended(playing: &mut JoinSet<anyhow::Result<()>>) -> anyhow::Result<bool> {
    let Some(played) = playing.join_next().await else { return Ok(false) };
    played.context("the seeding of a thread broke off")??;
    Ok(true)
}
