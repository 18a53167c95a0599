//! Lists the files of cases and of expected tables that are built into the program: all that lie in their folders.

use std::fmt::Write as _;
use std::io::{Error, Result};
use std::path::Path;

fn main() -> Result<()> {
    let policies = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies");
    let out = std::env::var_os("OUT_DIR").ok_or_else(|| Error::other("cargo names no OUT_DIR"))?;
    for (folder, suffix) in [("cases", "yaml"), ("expected", "txt")] {
        let folder_path = policies.join(folder);
        println!("cargo::rerun-if-changed={}", folder_path.display());
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&folder_path)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if Path::new(&name).extension().is_some_and(|extension| extension == suffix) {
                names.push(name);
            }
        }
        names.sort();
        // One expression, which `text.rs` includes.
        let mut list = String::from("vec![\n");
        for name in names {
            let path = folder_path.join(&name);
            writeln!(list, "CaseFile {{ name: {name:?}.to_owned(), text: include_str!({path:?}).to_owned() }},")
                .map_err(Error::other)?;
        }
        list.push(']');
        std::fs::write(Path::new(&out).join(format!("{folder}.rs")), list)?;
    }
    Ok(())
}
