//! Turns the protocol of KurrentDB, as its official client publishes it, into the stand-in's side of it.
//!
//! The client's package lies wherever cargo keeps it, and cargo says where. Nothing of it is copied
//! into the project, so the stand-in speaks what the client that we ship speaks, version by version.

use std::env;
use std::error::Error;
use std::path::{Path, PathBuf};

use cargo_metadata::{CargoOpt, MetadataCommand};

/// The services that the stand-in offers; what they import is found beside them.
const SERVICES: &[&str] = &["streams.proto", "serverfeatures.proto", "gossip.proto"];

fn main() -> Result<(), Box<dyn Error>> {
    let package = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let lock = package.join("../../Cargo.lock");
    // Another version of the client lies in another folder, and the lock says that there is another.
    println!("cargo::rerun-if-changed={}", lock.display());
    println!("cargo::rerun-if-changed=build.rs");
    let protos = protos(&package.join("Cargo.toml"))?;
    println!("cargo::rerun-if-changed={}", protos.display());
    let compiled = protox::compile(SERVICES, [&protos])?;
    tonic_build::configure().compile_fds(compiled)?;
    Ok(())
}

/// The folder of protocol files in the package of the client.
fn protos(manifest: &Path) -> Result<PathBuf, Box<dyn Error>> {
    // Only what this machine builds for: nothing else need have been fetched.
    let target = env::var("TARGET")?;
    let metadata = MetadataCommand::new()
        .manifest_path(manifest)
        .features(CargoOpt::AllFeatures)
        .other_options(["--locked".to_owned(), format!("--filter-platform={target}")])
        .exec()?;
    let client = metadata.packages.iter().find(|package| package.name.as_str() == "kurrentdb");
    let manifest = client.ok_or("the client of KurrentDB is not among the packages of this workspace")?;
    let folder = manifest.manifest_path.parent().ok_or("a package without a folder")?;
    Ok(folder.join("protos").into_std_path_buf())
}
