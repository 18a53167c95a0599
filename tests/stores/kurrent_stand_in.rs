//! The stand-in for KurrentDB as a separate program, for clients in other languages.
//!
//! It prints its connection string in one line, and runs until it is killed. With TLS, the line names the file with the
//! authority to trust, in the machine's folder for temporary files.
#![expect(clippy::print_stdout, reason = "a program of tests that says where it listens")]

use std::io::{Write, stdout};
use std::net::SocketAddr;
use std::thread;

use clap::Parser;
use test_stores::kurrent::{Options, StandIn, User};

/// A stand-in for a KurrentDB server, for tests.
#[derive(Parser)]
struct Arguments {
    /// Its address; port 0 is any free port.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Use TLS.
    #[arg(long)]
    tls: bool,
    /// The only account, an administrator, as NAME:PASSWORD.
    #[arg(long, value_parser = user)]
    user: Option<User>,
}

fn user(text: &str) -> Result<User, &'static str> {
    let (name, password) = text.split_once(':').ok_or("NAME:PASSWORD is expected")?;
    Ok(User { name: name.to_owned(), password: password.to_owned(), admin: true })
}

fn main() -> std::io::Result<()> {
    let Arguments { listen, tls, user } = Arguments::parse();
    let stand_in = StandIn::start(Options { listen, tls, user, ..Options::default() });
    println!("listening on {}", stand_in.url());
    stdout().flush()?;
    loop {
        thread::park();
    }
}
