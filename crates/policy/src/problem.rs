//! What can be wrong with a policy text: the reasons, with their file and line.

use std::fmt;

/// A part of the policy text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum PolicyFile {
    /// How a request is compared with a row.
    Model,
    /// The rows.
    Rules,
    /// A file of sentences.
    Cases(String),
    /// A generated table of expected answers.
    Expected(String),
    /// The whole, as one text.
    Whole,
}

impl fmt::Display for PolicyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Model => f.write_str("model.conf"),
            Self::Rules => f.write_str("policy.csv"),
            Self::Cases(name) => write!(f, "cases/{name}"),
            Self::Expected(name) => write!(f, "expected/{name}"),
            Self::Whole => f.write_str("policy"),
        }
    }
}

/// A reason to refuse a policy text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}{}: {problem}", line.map(|line| format!(":{line}")).unwrap_or_default())]
pub struct PolicyProblem {
    /// In which file.
    pub file: PolicyFile,
    /// At which line, from 1, where it is of one line.
    pub line: Option<usize>,
    /// What is wrong.
    pub problem: PolicyDefect,
}

impl PolicyProblem {
    pub(crate) fn of(file: PolicyFile, problem: PolicyDefect) -> Self {
        Self { file, line: None, problem }
    }
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyDefect {
    /// The stored text of a version does not have its form.
    #[error("the text is not a policy text")]
    NotAPolicyText,
    /// A row that is neither a rule nor a group nor a default audience.
    #[error("a row begins with a, p, g, g2, g3 or g4, and a group has a member and a name")]
    RowKind,
    /// A row with a quote: the engine leaves some quotes out, and would hold another row than the one that was reviewed.
    #[error("a row has no quotes")]
    Quoted,
    /// A row has too few or too many cells.
    #[error("the row has {found} cells and wants {wanted}")]
    RowWidth {
        /// Cells in the row.
        found: usize,
        /// Cells wanted.
        wanted: usize,
    },
    /// A cell with a word that is not of its column.
    #[error("{word:?} is not a word of the column {column}")]
    UnknownWord {
        /// The column.
        column: &'static str,
        /// The cell.
        word: String,
    },
    /// A rule is for several standings, so no single standing could be decided by itself.
    #[error("a row names exactly one standing")]
    SeveralStandings,
    /// An id that could not be kept in events.
    #[error("a rule's id is letters and digits")]
    RuleId,
    /// Two rules with one id.
    #[error("the id {id} is that of line {line} too")]
    DuplicateId {
        /// The id.
        id: String,
        /// Where it stands first.
        line: usize,
    },
    /// A group or bundle is called like a word or like another.
    #[error("{name:?} cannot name a group: it is a word already, or names another group")]
    NameTaken {
        /// The name.
        name: String,
    },
    /// A member of a group through more groups than the engine follows.
    #[error("the group {name} has members through more than {groups_max} groups, which the engine does not follow")]
    GroupsTooDeep {
        /// The group.
        name: String,
        /// How many groups the engine follows, this one included.
        groups_max: usize,
    },
    /// The order of confidentiality is not the one that everything else knows.
    #[error("the rows g3 give the order N, R, V, and nothing else")]
    OrderMissing,
    /// More rules than anybody can review.
    #[error("there are more than {rules_max} rules")]
    TooManyRules {
        /// The bound.
        rules_max: usize,
    },
    /// A rule that can never decide anything.
    #[error("the rule {id} never decides: {by} covers it")]
    Shadowed {
        /// The rule.
        id: String,
        /// The broader one.
        by: String,
    },
    /// A role that no rule allows anything, which is probably an oversight.
    #[error("no rule allows the role {role} anything")]
    RoleWithoutRule {
        /// The role's word.
        role: &'static str,
    },
    /// A rule that allows by role alone, or in spite of a directive.
    #[error("a rule cannot allow a person who has no standing or is blocked")]
    AllowWithoutStanding,
    /// A rule that would open something to kinds of thread that are added later.
    #[error("a rule that allows {action} names the kinds of thread, or a group of them, and not any")]
    KindNotNamed {
        /// An action that it allows.
        action: &'static str,
    },
    /// A rule that allows any role.
    #[error("a rule that allows names a role or a group of roles")]
    AllowForEverybody,
    /// Everyone who is signed in, with a standing other than their own.
    #[error("the role person is allowed only with the standing self")]
    PersonBeyondSelf,
    /// An allow that does not say what for.
    #[error("a rule that allows has a purpose")]
    PurposeMissing,
    /// Two default audiences of one standing.
    #[error("the default audience of {standing} in the kind {kind} is said at line {line} too")]
    DefaultAudienceTwice {
        /// The standing's word.
        standing: &'static str,
        /// The kind of thread.
        kind: &'static str,
        /// Where it stands first.
        line: usize,
    },
    /// A default audience that would only ever be refused, or one of a standing that may not post at all.
    #[error("in the kind {kind}, {standing} may never post, or never to this audience")]
    DefaultAudienceRefused {
        /// The standing's word.
        standing: &'static str,
        /// The kind of thread.
        kind: &'static str,
    },
    /// A standing that may post and has no default audience.
    #[error("this rule lets {standing} post in the kind {kind}, and no row a says the default audience")]
    DefaultAudienceMissing {
        /// The standing's word.
        standing: &'static str,
        /// The kind of thread.
        kind: &'static str,
    },
    /// A definition of the model is missing or other than what requests are made for.
    #[error("the definition of {key} is missing or not the expected one")]
    Definition {
        /// Its key in the file.
        key: &'static str,
    },
    /// An effect at which the engine would stop the program.
    #[error("the engine does not have this effect")]
    EffectUnknown,
    /// An effect under which a deny does not win.
    #[error("under this effect a deny does not always win")]
    EffectNotDenyOverride,
    /// A comparison that holds when something is missing.
    #[error("the matcher uses !=, which holds where an attribute is missing")]
    MatcherInequality,
    /// Code in data.
    #[error("the matcher uses eval, which runs what stands in a cell")]
    MatcherEval,
    /// An attribute that the matcher leaves out, so that its column would mean nothing.
    #[error("the matcher does not look at {attribute}")]
    AttributeMissing {
        /// The attribute.
        attribute: String,
    },
    /// The engine cannot be built from the text, or fails on a request.
    #[error("the policy engine failed: {fault}")]
    Engine {
        /// What the engine said; it knows words only, no person.
        fault: String,
    },
    /// The engine decides otherwise than the rows read.
    #[error("the engine decides {request} otherwise than the rows say")]
    EngineDisagrees {
        /// The words of the request.
        request: String,
    },
    /// A file of cases cannot be read.
    #[error("the cases are unreadable: {fault}")]
    CasesUnreadable {
        /// What the reader said.
        fault: String,
    },
    /// A case is not answered as expected.
    #[error("{0}")]
    CaseFails(String),
    /// The rules give an answer that the table does not have.
    #[error("the rules say, and the table does not: {line}")]
    NotExpected {
        /// The line of the generated table.
        line: String,
    },
    /// The table has an answer that the rules do not give.
    #[error("the table says, and the rules do not: {line}")]
    ExpectedOnly {
        /// The line of the kept table.
        line: String,
    },
    /// A kind of thread without any rule.
    #[error("no rule allows anything in this kind of thread: {line}")]
    NobodyMay {
        /// The line of the generated table.
        line: String,
    },
    /// Nobody is left to pass the turn of a thread.
    #[error("no administrator may find a thread of this kind and pass its turn, so a thread can be left with nobody")]
    NoLastResort,
}
