//! The banner of the demo: the address, the persons with their tokens, and example requests.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::Path;

use server::http::{HostName, Origin};

/// A person who can sign in.
pub(crate) struct Token {
    /// The handle of the person.
    pub handle: String,
    /// A description of the person in one line.
    pub who: String,
    /// The bearer token of the person.
    pub token: String,
}

/// The content of the banner.
pub(crate) struct Shown<'a> {
    /// The address of the server.
    pub address: SocketAddr,
    /// The directory of the clinic.
    pub directory: &'a Path,
    /// The place of its logs, if they are not in the directory.
    pub log: Option<String>,
    /// The further names that it answers to.
    pub hosts: &'a [HostName],
    /// The origins whose pages may read answers.
    pub origins: &'a [Origin],
    /// The command that prints a token.
    pub token_command: &'a str,
    /// Everybody's token, the family physician's first.
    pub tokens: &'a [Token],
}

/// A consultation of the family physician's. Ids follow from the commands that make a thing, so
/// every demo clinic has the same ones.
const THREAD: &str = "BRgVOg6ukVAFsvI9hPJeUWQ";

/// Writes the banner. Its first line is `listening on http://…`, for a program that starts the demo from
/// a script.
pub(crate) fn write(out: &mut impl Write, shown: &Shown<'_>) -> io::Result<()> {
    let Shown { address, directory, log, hosts, origins, token_command, tokens } = shown;
    let place = directory.display();
    writeln!(out, "listening on http://{address}")?;
    writeln!(out)?;
    writeln!(out, "This is a demo: all persons are invented, and everybody who reaches it can sign in as anyone.")?;
    writeln!(out, "Its data is in {place}, and so is the key that decrypts it (kek.key).")?;
    match log {
        Some(log) => writeln!(out, "Its logs are at {log}. To begin again, use a new directory and an empty log.")?,
        None => writeln!(out, "Delete the directory to begin again.")?,
    }
    for host in *hosts {
        writeln!(out, "It also answers to the host {host}.")?;
    }
    for origin in *origins {
        writeln!(out, "Pages of {origin} may read its answers.")?;
    }
    writeln!(out)?;
    writeln!(out, "Tokens, valid for twelve hours; this command prints another:")?;
    writeln!(out, "  {token_command}")?;
    for Token { handle, who, token } in tokens.iter() {
        writeln!(out)?;
        writeln!(out, "{handle}: {who}")?;
        writeln!(out, "{token}")?;
    }
    // The tokens are long, so the address is said again below them. The requests stay last: scripts stop reading there.
    writeln!(
        out,
        "\nThe clinic is served on http://{address}; open it in a browser to sign in as anyone. Ctrl-C stops it."
    )?;
    requests(out, shown)?;
    out.flush()
}

/// Three requests to copy, as the family physician: the inbox, a thread, a message.
fn requests(out: &mut impl Write, shown: &Shown<'_>) -> io::Result<()> {
    let token = shown.tokens.first().map_or("", |first| first.token.as_str());
    let bodies = [
        r#"{"query":"{ viewer { inbox(first: 5) { nodes { id subject { text } unreadCount } } } }"}"#.to_owned(),
        format!(
            r#"{{"query":"{{ thread(id: \"{THREAD}\") {{ subject {{ text }} messages(last: 3) {{ nodes {{ audience body {{ text }} }} }} }} }}"}}"#
        ),
        format!(
            r#"{{"query":"mutation {{ postMessage(threadId: \"{THREAD}\", input: {{ clientMutationId: \"first\", audience: EVERYONE, body: \"Good morning from the practice.\" }}) {{ replayed problems {{ message }} message {{ id postedAt }} }} }}"}}"#
        ),
    ];
    writeln!(out, "\nTo try, as the family physician:\n")?;
    writeln!(out, "TOKEN={token}")?;
    for body in bodies {
        writeln!(out)?;
        writeln!(out, "curl -s http://{}/graphql -H \"authorization: Bearer $TOKEN\" \\", shown.address)?;
        writeln!(out, "  -H 'content-type: application/json' -d '{body}'")?;
    }
    Ok(())
}
