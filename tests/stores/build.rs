//! Generates the server code of the stand-in from the protocol files of KurrentDB's official client.
//!
//! Cargo knows the folder of the client's package. Nothing of it is copied into the project, so the stand-in always
//! implements the protocol version of the client that we use.

use std::env;
use std::error::Error;
use std::path::{Path, PathBuf};

use cargo_metadata::{CargoOpt, MetadataCommand};

/// The services of the stand-in; their imports are in the same folder.
const SERVICES: &[&str] = &["streams.proto", "serverfeatures.proto", "gossip.proto"];

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let lock = folder.join("../../Cargo.lock");
    // Another version of the client is in another folder; then the lock file has changed.
    println!("cargo::rerun-if-changed={}", lock.display());
    println!("cargo::rerun-if-changed=build.rs");
    let protos = protos(&folder.join("Cargo.toml"))?;
    println!("cargo::rerun-if-changed={}", protos.display());
    let compiled = protox::compile(SERVICES, [&protos])?;
    tonic_build::configure().compile_fds(compiled)?;
    Ok(())
}

/// The folder of protocol files in the package of the client.
fn protos(manifest: &Path) -> Result<PathBuf, Box<dyn Error>> {
    // Only this machine's target: packages of other targets may not have been fetched.
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
