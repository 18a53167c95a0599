//! Read models can be thrown away: fold them, delete them, fold them again from the log.
//!
//! `cargo run --example rebuild` begins an installation on a log in memory, creates an
//! organization, rebuilds the read models' file and shows that it says the same.

#![expect(clippy::print_stdout, reason = "an example says what it does")]

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, ensure};
use care::idempotency::IdempotencyKey;
use care::ids::Id;
use care::organization::{CreateOrganization, Organization, OrganizationCommand};
use care::time_zone::TimeZones;
use care::words::Channel;
use chrono::{DateTime, Utc};
use coordination::application::{Application, Start, Stores};
use coordination::rebuilding::{read_models_status, rebuild_read_models};
use coordination::{CommandContext, Origin};
use journal::{Access, Clock, Journal, Namespace};
use policy::identity::Identity;
use uuid::Uuid;
use vault::{KeyEncryptionKey, KeyStoreUrl, Vault};

async fn log(namespace: &str, clock: &Clock) -> anyhow::Result<Arc<dyn Journal>> {
    Ok(journal::open("memory:", Namespace::parse(namespace)?, Access::Write, Arc::clone(clock)).await?)
}

async fn folded_to(directory: &Path, care: &Arc<dyn Journal>) -> anyhow::Result<Option<u64>> {
    Ok(read_models_status(directory, care).await?.context("read models")?.position)
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let now: DateTime<Utc> = "2026-11-23T09:00:00Z".parse()?;
    let clock: Clock = Arc::new(move || now);
    let directory = tempfile::tempdir()?;
    let (care, access) = (log("care", &clock).await?, log("access", &clock).await?);
    let vault = Vault::open_at(&KeyStoreUrl::Memory, &KeyEncryptionKey::generate()?, vault::Access::Writer)?;
    let stores = Stores {
        care: Arc::clone(&care),
        access: Arc::clone(&access),
        vault: Arc::new(vault),
        read_models: directory.path().to_owned(),
    };
    let application = Application::open(
        stores,
        Start { node: Uuid::nil(), now, accept_clock: false, time_zones: TimeZones::bundled() },
    )
    .await?;
    let context = CommandContext {
        identity: Identity::installation(),
        key: IdempotencyKey::parse("lindenhof")?,
        input: b"Lindenhof".to_vec(),
        expected: None,
        draft: None,
        origin: Origin::of(Channel::Cli),
        causation: None,
        now,
    };
    let create = OrganizationCommand::from(CreateOrganization { name: "Lindenhof".to_owned() });
    let created = application.execute::<Organization>(&context, None, &create).await?;
    println!("created organization {}", created.target.uuid().simple());
    application.catch_up().await?;
    application.close();

    let before = folded_to(directory.path(), &care).await?;
    let events =
        rebuild_read_models(directory.path(), &care, &access, |done, all| println!("folded {done} of {all}")).await?;
    let after = folded_to(directory.path(), &care).await?;
    ensure!(before == after, "the rebuilt read models stand elsewhere: {before:?}, {after:?}");
    println!("{events} events folded again; the read models stand at position {}", after.unwrap_or(0));
    Ok(())
}
