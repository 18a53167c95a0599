//! The faults of a disk under a running server: which there are, of which stores, and the switch that puts them.
//!
//! The faults are made by `faults.c`, which stands before the C library of the real program and counts the calls that meet
//! them: a fault that no call meets shows nothing. To add a fault: 1. its letter there; 2. its line in [`FAULTS`]; 3. see
//! each store's test in `faults.rs` fail without its mend.

use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;
use std::process::Command;

use crate::clinic::ended;
use crate::store::Home;

/// How much longer each call takes on the slow disk, in milliseconds.
const SLOWER_MS: u32 = 30;
/// As `faults.c` reads it: a letter, four digits, the name.
const CONTROL_BYTES: usize = 64;
/// Behind that it counts the calls that meet a fault, for each letter.
const LETTERS: usize = 26;
const COUNT_BYTES: usize = size_of::<u32>();
const UNREAD: u8 = b'R';
/// Only for what has no file open yet: a file that is served was opened before, and its first pages are in memory.
pub const UNREAD_LATER: u8 = b'L';
pub const SLOW: u8 = b'S';
/// Logged when all that is proved works again.
const WORKS_AGAIN: &str = "the stores can be read and written again";

/// A way in which a disk fails.
pub struct Fault {
    pub name: &'static str,
    pub letter: u8,
    /// Whether nothing can be written, so that readiness says so also without a request.
    pub stops_writing: bool,
    /// What fails before it, if anything: an open file needs a descriptor only to be opened again.
    pub after: Option<u8>,
}

/// Those that every store can meet.
pub const FAULTS: [Fault; 7] = [
    Fault { name: "busy", letter: b'B', stops_writing: true, after: None },
    Fault { name: "full", letter: b'F', stops_writing: true, after: None },
    Fault { name: "unread", letter: UNREAD, stops_writing: false, after: None },
    Fault { name: "unwritten", letter: b'W', stops_writing: true, after: None },
    Fault { name: "no-descriptors", letter: b'D', stops_writing: false, after: Some(UNREAD) },
    Fault { name: "read-only", letter: b'O', stops_writing: true, after: None },
    Fault { name: "slow", letter: SLOW, stops_writing: false, after: None },
];

/// A flush fails after everything was written, so a commit that failed may be found in the file by the next start. Only a
/// store that flushes each commit meets it.
pub const UNFLUSHED: Fault = Fault { name: "unflushed", letter: b'Y', stops_writing: true, after: None };

/// A store that is taken through the faults.
pub struct Store {
    /// The name of its file.
    pub file: &'static str,
    /// What the log of the server says of it.
    pub says: &'static [&'static str],
    /// The parts of readiness that rest on it. The first is that of reading it.
    pub parts: &'static [&'static str],
    /// The faults that no call of it meets, by name.
    pub unmet: &'static [&'static str],
    /// Whether it is the index of the access log, which only a list of access records reads.
    pub is_index: bool,
    /// Whether each commit is flushed.
    pub is_flushed: bool,
}

impl Store {
    /// The faults that its calls meet.
    pub fn faults(&self) -> impl Iterator<Item = &'static Fault> {
        FAULTS.iter().filter(|fault| !self.unmet.contains(&fault.name))
    }
}

pub const CARE_LOG: Store = Store {
    file: "care.journal",
    says: &["\"store\":\"care log\"", WORKS_AGAIN],
    parts: &["journal", "care-log-writable"],
    unmet: &[],
    is_index: false,
    is_flushed: true,
};

pub const ACCESS_LOG: Store = Store {
    file: "access.journal",
    says: &["\"store\":\"access log\"", WORKS_AGAIN],
    // The index of the access records is folded from it.
    parts: &["access-log", "access-log-writable", "access-index"],
    unmet: &[],
    is_index: false,
    is_flushed: true,
};

pub const READ_MODELS: Store = Store {
    file: "read-models.db",
    says: &["\"store\":\"read models\"", WORKS_AGAIN],
    // What an access record concerns is looked up in them.
    parts: &["read-models", "read-models-writable", "access-index"],
    unmet: &[],
    is_index: false,
    is_flushed: false,
};

pub const KEY_STORE: Store = Store {
    file: "keys.db",
    says: &["\"store\":\"key store\"", WORKS_AGAIN],
    parts: &["keys", "keys-writable"],
    // It has one connection, opened at the start, which has all of this clinic's keys in memory and sees no other writer.
    unmet: &["unread", "no-descriptors"],
    is_index: false,
    is_flushed: true,
};

pub const ACCESS_INDEX: Store = Store {
    file: "access-index.db",
    says: &[
        "the access log is not indexed now; it is tried again",
        "\"store\":\"index of the access log\"",
        WORKS_AGAIN,
    ],
    parts: &["access-index"],
    // Its two connections are opened at the start, and the proof that it can be read again opens a third.
    unmet: &[],
    is_index: true,
    is_flushed: false,
};

/// The switch of the faults of one server.
pub struct Switch {
    library: PathBuf,
    path: PathBuf,
    control: File,
}

impl Switch {
    pub fn new(home: &Home) -> Self {
        let library = home.file("faults.so");
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/acceptance/faults.c");
        let mut made = Command::new("cc");
        made.args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).args([source, "-ldl"]);
        assert_eq!(ended(&made.output().expect("a C compiler")), (0, String::new()));
        let path = home.file("faults");
        fs::write(&path, [0; CONTROL_BYTES + LETTERS * COUNT_BYTES]).expect("a file");
        let control = File::options().read(true).write(true).open(&path).expect("a file");
        let switch = Self { library, path, control };
        switch.off();
        switch
    }

    /// Puts it before the C library of a command that is not started yet.
    pub fn stands_before(&self, command: &mut Command) {
        command.env("LD_PRELOAD", &self.library).env("CAREFOLD_FAULTS", &self.path);
    }

    /// The files of a store have a fault from now on, by its letter.
    pub fn on(&self, letter: u8, store: &Store) {
        self.on_file(letter, store.file);
    }

    /// A file has a fault from now on, by its letter.
    pub fn on_file(&self, letter: u8, file: &str) {
        let how = format!("{SLOWER_MS:04}{file}\0");
        self.control.write_all_at(how.as_bytes(), 1).expect("written");
        self.control.write_all_at(&[letter], 0).expect("written");
    }

    pub fn off(&self) {
        self.control.write_all_at(b" ", 0).expect("written");
    }

    /// How many calls have met this fault so far.
    pub fn met(&self, letter: u8) -> u32 {
        let mut count = [0; COUNT_BYTES];
        let at = CONTROL_BYTES + usize::from(letter - b'A') * COUNT_BYTES;
        self.control.read_exact_at(&mut count, at.try_into().expect("a small number")).expect("read");
        u32::from_ne_bytes(count)
    }
}
