//! Fuzzing: a target is called with inputs that are made of a small corpus by random changes.
//!
//! `cargo test` tries a fixed number of inputs from a fixed seed; with `CAREFOLD_SOAK=1` a target runs for five minutes
//! from another seed each time, or from that of `CAREFOLD_FUZZ_SEED`. A target fails where it panics or takes too
//! long. The input is then made as short as it can be, and kept in `target/fuzz`; it belongs into the corpus.
//!
//! To add a target: 1. a test beside what it is about, which calls [`Target::run`] with a closure that asserts what
//! holds of every input, and answers in a word what became of it; 2. its corpus, in `tests/corpus/<target>` of its crate;
//! 3. an assertion that the words that matter were answered, so that a target that refuses everything fails.
//!
//! It is our own, because `cargo-fuzz` needs a nightly compiler, `bolero` leaves the changes to such engines, and
//! `proptest` changes no corpus.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the callers are tests, which fail by a panic"
)]

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::fs;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// How long a target runs with `CAREFOLD_SOAK=1`.
const SOAK: Duration = Duration::from_secs(300);
/// No input takes longer.
const ANSWERED_MAX: Duration = Duration::from_secs(5);
/// How long an input that fails is made shorter.
const SHORTENED_MAX: Duration = Duration::from_secs(20);
/// The seed of a normal run.
const SEED: u64 = 1;
/// The inputs that fail are kept here.
const KEPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/fuzz");

/// The inputs in a folder, in the order of its files' names: each file is one, and of a file `*.lines` each line.
///
/// # Panics
/// When the folder cannot be read.
pub fn corpus(folder: impl AsRef<Path>) -> Vec<Vec<u8>> {
    let folder = folder.as_ref();
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    let mut inputs = Vec::new();
    for path in paths {
        let bytes = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        if path.extension().is_some_and(|extension| extension == "lines") {
            let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
            inputs.extend(lines.map(<[u8]>::to_vec));
        } else {
            inputs.push(bytes);
        }
    }
    inputs
}

/// The name of an enum's variant, as a word for what became of an input.
pub fn variant(value: &impl Debug) -> String {
    let shown = format!("{value:?}");
    shown.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default().to_owned()
}

/// What is called with many inputs.
pub struct Target<'a> {
    /// Its name, for the file of an input that fails.
    pub name: &'a str,
    /// The inputs that are tried first, and changed then: those of its [`corpus`], and those that are made for the run.
    pub inputs: Vec<Vec<u8>>,
    /// Words of its language, which are put into inputs.
    pub words: &'a [&'a str],
    /// The longest input that is made.
    pub bytes_max: usize,
    /// How many changed inputs a normal run tries: so many that it takes about a second.
    pub tries: u64,
}

impl Target<'_> {
    /// Calls `check` with one input after the other, and tells how often it answered which word.
    ///
    /// # Panics
    /// When `check` panics or takes longer than five seconds. The message has the seed, the input and where it is kept.
    pub fn run(self, mut check: impl FnMut(&[u8]) -> String) -> BTreeMap<String, u64> {
        let is_soak = std::env::var_os("CAREFOLD_SOAK").is_some_and(|value| value == "1");
        let seed = seed(is_soak);
        let (name, tries, began) = (self.name.to_owned(), self.tries, Instant::now());
        let goes_on = |tried| if is_soak { began.elapsed() < SOAK } else { tried < tries };
        match self.search(seed, goes_on, &mut check) {
            Ok(seen) => seen,
            Err(found) => {
                fs::create_dir_all(KEPT).expect("a folder for inputs");
                let kept = Path::new(KEPT).join(format!("{name}-{seed}"));
                fs::write(&kept, &found.input).expect("the input is kept");
                let shown = String::from_utf8_lossy(&found.input[..found.input.len().min(2_000)]).into_owned();
                panic!("{name}, seed {seed}: {}\nthe input, kept in {}:\n{shown}", found.problem, kept.display());
            }
        }
    }

    /// Calls `check` with the corpus and then with changed inputs, as long as `goes_on` with their number.
    fn search(
        self,
        seed: u64,
        goes_on: impl Fn(u64) -> bool,
        check: &mut impl FnMut(&[u8]) -> String,
    ) -> Result<BTreeMap<String, u64>, Found> {
        let Self { name: _, inputs, words, bytes_max, tries: _ } = self;
        let mut seen = BTreeMap::new();
        for input in &inputs {
            *seen.entry(answer(check, input, ANSWERED_MAX)?).or_insert(0) += 1;
        }
        let mut changes = Changes::new(seed, inputs, words, bytes_max);
        let mut tried = 0;
        while goes_on(tried) {
            let input = changes.another();
            let word = match answer(check, &input, ANSWERED_MAX) {
                Ok(word) => word,
                Err(found) => return Err(shortened(check, found)),
            };
            // An input that is answered in a new way is worth to be changed further.
            if !seen.contains_key(&word) {
                changes.inputs.push(input);
            }
            *seen.entry(word).or_insert(0) += 1;
            tried += 1;
        }
        Ok(seen)
    }
}

/// An input that fails.
#[derive(Debug)]
struct Found {
    input: Vec<u8>,
    problem: String,
}

fn seed(is_soak: bool) -> u64 {
    if let Ok(text) = std::env::var("CAREFOLD_FUZZ_SEED") {
        return text.parse().expect("CAREFOLD_FUZZ_SEED is a number");
    }
    if !is_soak {
        return SEED;
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time after 1970");
    now.as_secs()
}

/// What `check` answers, unless it panics or takes longer than it may.
fn answer(check: &mut impl FnMut(&[u8]) -> String, input: &[u8], answered_max: Duration) -> Result<String, Found> {
    let found = |problem| Found { input: input.to_vec(), problem };
    let began = Instant::now();
    let word = catch_unwind(AssertUnwindSafe(|| check(input))).map_err(|panic| found(message(panic.as_ref())))?;
    let took = began.elapsed();
    if took > answered_max { Err(found(format!("it took {took:?}"))) } else { Ok(word) }
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic without words").to_owned()
}

/// A shorter input that fails, if one is found by leaving out parts.
fn shortened(check: &mut impl FnMut(&[u8]) -> String, mut found: Found) -> Found {
    let ends = Instant::now() + SHORTENED_MAX;
    let mut part = found.input.len().div_ceil(2);
    while part > 0 {
        let mut at = 0;
        while at < found.input.len() {
            if Instant::now() > ends {
                return found;
            }
            let after = (at + part).min(found.input.len());
            let shorter = [&found.input[..at], &found.input[after..]].concat();
            match answer(check, &shorter, ANSWERED_MAX) {
                Err(still) => found = still,
                Ok(_) => at = after,
            }
        }
        part /= 2;
    }
    found
}

/// Makes inputs of others by random changes. Equal seeds make equal inputs.
pub struct Changes<'a> {
    dice: Dice,
    inputs: Vec<Vec<u8>>,
    words: &'a [&'a str],
    bytes_max: usize,
}

impl<'a> Changes<'a> {
    /// Changes `inputs`, with `words` to put into them.
    ///
    /// # Panics
    /// Without an input.
    pub fn new(seed: u64, inputs: Vec<Vec<u8>>, words: &'a [&'a str], bytes_max: usize) -> Self {
        assert!(!inputs.is_empty(), "there is something to change");
        Self { dice: Dice::new(seed), inputs, words, bytes_max }
    }

    /// Another input.
    pub fn another(&mut self) -> Vec<u8> {
        let mut input = self.inputs[self.dice.below(self.inputs.len())].clone();
        for _ in 0..=self.dice.below(4) {
            self.change(&mut input);
            input.truncate(self.bytes_max);
        }
        input
    }

    fn change(&mut self, input: &mut Vec<u8>) {
        let range = self.range(input.len());
        let at = range.start;
        match self.dice.below(8) {
            0 => {
                if let Some(byte) = input.get_mut(at) {
                    *byte ^= 1 << self.dice.below(8);
                }
            }
            1 => {
                if let Some(byte) = input.get_mut(at) {
                    *byte = u8::try_from(self.dice.below(256)).unwrap();
                }
            }
            2 => drop(input.drain(range)),
            3 => {
                let part = input[range].to_vec();
                let fills = self.bytes_max / part.len().max(1);
                let times = if self.dice.below(4) == 0 { fills } else { self.dice.below(40).min(fills) };
                drop(input.splice(at..at, part.repeat(times)));
            }
            4 => {
                let other = self.inputs[self.dice.below(self.inputs.len())].clone();
                let part = self.range(other.len());
                drop(input.splice(range, other[part].iter().copied()));
            }
            5 => {
                let word = self.words.get(self.dice.below(self.words.len())).copied().unwrap_or_default();
                drop(input.splice(range, word.bytes()));
            }
            6 => input.truncate(at),
            // A line of another input, before a line of this one.
            _ => {
                let other = &self.inputs[self.dice.below(self.inputs.len())];
                let lines: Vec<&[u8]> = other.split_inclusive(|byte| *byte == b'\n').collect();
                let line = lines.get(self.dice.below(lines.len())).copied().unwrap_or_default();
                let begins = input[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |before| before + 1);
                drop(input.splice(begins..begins, line.iter().copied()));
            }
        }
    }

    /// A range of `length` bytes, mostly a short one.
    fn range(&mut self, length: usize) -> Range<usize> {
        let from = self.dice.below(length + 1);
        let rest = length - from;
        let longest = if self.dice.below(4) == 0 { rest } else { rest.min(16) };
        from..from + self.dice.below(longest + 1)
    }
}

/// Pseudo-random numbers with a fixed seed.
pub struct Dice(u64);

impl Dice {
    /// From a seed.
    pub fn new(seed: u64) -> Self {
        // The generator stays at zero, and near seeds begin alike.
        Self(seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `bound`; 0 where there is none below it.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 11) % bound.max(1) as u64).unwrap()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target<'a>(inputs: &[&str], words: &'a [&'a str]) -> Target<'a> {
        let inputs = inputs.iter().map(|input| input.as_bytes().to_vec()).collect();
        Target { name: "test_fuzz", inputs, words, bytes_max: 1_000, tries: 2_000 }
    }

    #[test]
    fn an_input_that_fails_is_found_made_short_and_kept() {
        let check = |input: &[u8]| {
            let text = String::from_utf8_lossy(input);
            assert!(!text.contains("wrong"), "it is wrong");
            "right".to_owned()
        };
        let run = || target(&["all of it is right"], &["wrong"]).run(check);
        let panic = catch_unwind(AssertUnwindSafe(run)).expect_err("the word is put in");
        let told = message(panic.as_ref());
        assert!(told.starts_with("test_fuzz, seed ") && told.contains(": it is wrong\n"), "{told}");
        let kept = told.split("kept in ").nth(1).and_then(|rest| rest.split_once(":\n")).expect("a path and the input");
        assert_eq!((fs::read(kept.0).expect("kept"), kept.1), (b"wrong".to_vec(), "wrong"));
        fs::remove_file(kept.0).expect("removed");
    }

    #[test]
    fn an_input_of_the_corpus_that_fails_is_shown_as_it_is() {
        let mut check = |input: &[u8]| {
            assert_ne!(input, b"all of it", "known");
            String::new()
        };
        let found = target(&["a", "all of it"], &[]).search(1, |_| false, &mut check).expect_err("it fails");
        assert_eq!(found.input, b"all of it");
    }

    #[test]
    fn an_input_that_takes_too_long_fails() {
        let mut check = |_: &[u8]| String::new();
        assert!(answer(&mut check, b"", Duration::MAX).is_ok());
        let found = answer(&mut check, b"long", Duration::ZERO).expect_err("any time is too long");
        assert!(found.input == b"long" && found.problem.starts_with("it took "), "{found:?}");
    }

    #[test]
    fn every_input_of_a_corpus_is_tried_before_any_other_and_counted_by_its_answer() {
        let place = tempfile::tempdir().expect("a directory");
        fs::write(place.path().join("b.lines"), "two\nthree\n").expect("written");
        fs::write(place.path().join("a.txt"), "one\n\n").expect("written");
        let inputs = corpus(place.path());
        assert_eq!(inputs, [b"one\n\n".to_vec(), b"two".to_vec(), b"three".to_vec()]);
        let mut tried = Vec::new();
        let mut check = |input: &[u8]| {
            tried.push(input.to_vec());
            String::from(if input.len() < 5 { "short" } else { "long" })
        };
        let target = Target { inputs: inputs.clone(), ..target(&[], &[]) };
        let seen = target.search(1, |tried| tried < 7, &mut check).expect("nothing fails");
        assert_eq!(seen.values().sum::<u64>(), 3 + 7);
        assert_eq!((tried.len(), &tried[..3]), (3 + 7, &inputs[..]));
    }

    #[test]
    fn equal_seeds_make_equal_inputs_and_no_input_is_too_long() {
        let made = |seed| {
            let inputs = vec![b"one line\nand another\n".to_vec(), Vec::new()];
            let mut changes = Changes::new(seed, inputs, &["word"], 100);
            (0..2_000).map(|_| changes.another()).collect::<Vec<_>>()
        };
        assert_eq!(made(7), made(7));
        assert_ne!(made(7), made(8));
        assert!(made(7).iter().all(|input| input.len() <= 100));
        assert!(made(7).iter().any(|input| input.len() == 100), "a part is repeated until it is full");
    }

    #[test]
    fn a_variant_is_named_without_its_fields() {
        #[derive(Debug)]
        enum Said {
            Nothing,
            Something { word: &'static str },
        }
        let something = Said::Something { word: "secret" };
        assert_eq!((variant(&Said::Nothing), variant(&something)), ("Nothing".to_owned(), "Something".to_owned()));
        let Said::Something { word } = something else { panic!("it was made so") };
        assert_eq!(word, "secret");
    }
}
