//! What the stand-in takes the server to do, and where each rule is known from.

/// A rule of the server.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// What the server does, in our words.
    pub says: &'static str,
    /// Where that is written: a source file of the server or of a client, or a page of its documentation.
    pub known_from: &'static str,
}

/// The rules that the stand-in keeps.
pub const RULES: &[Rule] = &[];
