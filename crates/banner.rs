//! What the demo prints when it is ready: where to look, who can sign in, and what to try first.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::Path;

/// Who can sign in, and how.
pub(crate) struct Token {
    /// The word for the person.
    pub handle: &'static str,
    /// Who that is, in one line.
    pub who: &'static str,
    /// What signs them in.
    pub token: String,
}

/// What there is to show.
pub(crate) struct Shown<'a> {
    /// Where the server listens.
    pub address: SocketAddr,
    /// Where the clinic lies.
    pub directory: &'a Path,
    /// Everybody's token.
    pub tokens: &'a [Token],
}

/// Writes the banner. Its first line is `listening on http://…`, for whoever starts the demo from
/// a script.
pub(crate) fn write(out: &mut impl Write, shown: &Shown<'_>) -> io::Result<()> {
    let Shown { address, directory, tokens } = shown;
    let place = directory.display();
    writeln!(out, "listening on http://{address}")?;
    writeln!(out)?;
    writeln!(out, "This is a demo: nobody in it exists, and whoever reaches it signs in as anyone.")?;
    writeln!(out, "Its data lies in {place}, and so does the key that opens it (kek.key).")?;
    writeln!(out, "Delete the directory to begin anew.")?;
    writeln!(out)?;
    writeln!(out, "Tokens, good for twelve hours; another is printed by")?;
    writeln!(out, "  carefold token --as HANDLE --data {place}")?;
    for Token { handle, who, token } in tokens.iter() {
        writeln!(out)?;
        writeln!(out, "{handle}: {who}")?;
        writeln!(out, "{token}")?;
    }
    out.flush()
}
