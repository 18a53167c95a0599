//! Loads the rules of time zones from the system, once when the program starts.
//!
//! A directory of rules has one file in the format TZif for each zone, as the IANA's `zic` writes it. Its version is that of
//! `tzdata.zi` or `+VERSION`. A machine without rules has those of the program.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};

use care::time_zone::{InstalledRules, TimeZones};
use chrono::{Datelike as _, NaiveDate};

/// Where systems keep their rules, in the order in which they are tried.
const DIRECTORIES: [&str; 3] = ["/usr/share/zoneinfo", "/usr/share/lib/zoneinfo", "/etc/zoneinfo"];

/// The variable that names another directory to all programs of a system.
const TZDIR: &str = "TZDIR";

/// Entries of such a directory that are not zones: copies of all zones, with and without leap seconds, the zone of the
/// machine, and placeholders.
const NO_ZONES: [&str; 5] = ["posix", "right", "posixrules", "localtime", "Factory"];

/// The beginning of a file of rules.
const MAGIC: &[u8] = b"TZif";

/// Directories in a directory: America/Argentina/Ushuaia has two.
const DEPTH_MAX: u32 = 4;

/// A directory that was named and has no rules.
#[derive(Debug, thiserror::Error)]
#[error("there are no time zone rules in {}; name a directory with zone files, or leave `--time-zones` out", .0.display())]
pub(crate) struct NoTimeZones(PathBuf);

/// The rules, and where they come from.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub time_zones: TimeZones,
    pub source: Source,
}

/// Where rules come from.
#[derive(Debug)]
pub(crate) struct Source {
    /// The directory; none if the machine has no rules, and those of the program are used.
    directory: Option<PathBuf>,
    version: String,
    /// The year in which they were published; none if it is not known.
    year: Option<i32>,
    /// Files that could not be read, which leave their zones to the rules of the program.
    unreadable: Vec<String>,
}

/// What an operator should do something about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Finding {
    UnknownVersion,
    OlderThanAYear,
    Unreadable,
}

/// Loads the rules of a directory that is named, or else those of the system, or else those of the program.
///
/// # Errors
/// [`NoTimeZones`] if the named directory has none.
pub(crate) fn load(named: Option<&Path>) -> Result<Loaded, NoTimeZones> {
    if let Some(directory) = named {
        return installed_in(directory).ok_or_else(|| NoTimeZones(directory.to_owned()));
    }
    let of_system = std::env::var_os(TZDIR).into_iter().map(PathBuf::from).chain(DIRECTORIES.map(PathBuf::from));
    let installed = of_system.into_iter().find_map(|directory| installed_in(&directory));
    Ok(installed.unwrap_or_else(|| Loaded::new(TimeZones::bundled(), None, Vec::new())))
}

/// The rules of a directory; none if it has no zone.
fn installed_in(directory: &Path) -> Option<Loaded> {
    let mut reading = Reading { rules: InstalledRules::of_version(version(directory)), unreadable: Vec::new() };
    reading.directory(directory, "", 0);
    let Reading { rules, unreadable } = reading;
    (!rules.is_empty()).then(|| Loaded::new(TimeZones::installed(rules), Some(directory.to_owned()), unreadable))
}

impl Loaded {
    fn new(time_zones: TimeZones, directory: Option<PathBuf>, unreadable: Vec<String>) -> Self {
        let source = Source { directory, version: time_zones.version(), year: time_zones.year(), unreadable };
        Self { time_zones, source }
    }
}

struct Reading {
    rules: InstalledRules,
    unreadable: Vec<String>,
}

impl Reading {
    /// Reads all files of a directory and of those in it; `within` is the part of the zone names before the file names.
    fn directory(&mut self, directory: &Path, within: &str, depth: u32) {
        let Ok(entries) = std::fs::read_dir(directory) else {
            self.unreadable.push(within.to_owned());
            return;
        };
        for entry in entries {
            let Ok(entry) = entry else {
                self.unreadable.push(within.to_owned());
                continue;
            };
            let file_name = entry.file_name();
            let Some(name) = file_name.to_str().filter(|name| depth > 0 || !NO_ZONES.contains(name)) else { continue };
            let (path, zone) = (entry.path(), format!("{within}{name}"));
            if !path.is_dir() {
                self.file(&path, &zone);
            } else if depth < DEPTH_MAX {
                self.directory(&path, &format!("{zone}/"), depth + 1);
            }
        }
    }

    /// Reads a file; one without the beginning of a file of rules, such as `zone.tab`, is left out.
    fn file(&mut self, path: &Path, zone: &str) {
        match rules_of(path) {
            Ok(Some(file)) if self.rules.add(zone, &file).is_ok() => {}
            Ok(None) => {}
            Ok(Some(_)) | Err(_) => self.unreadable.push(zone.to_owned()),
        }
    }
}

/// The bytes of a file of rules; none of another file.
fn rules_of(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let mut file = File::open(path)?;
    let mut bytes = Vec::new();
    file.by_ref().take(MAGIC.len() as u64).read_to_end(&mut bytes)?;
    if bytes != MAGIC {
        return Ok(None);
    }
    file.read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

/// The version that a directory of rules says in one of two ways.
fn version(directory: &Path) -> Option<String> {
    let first_line = |name: &str| {
        let mut line = String::new();
        BufReader::new(File::open(directory.join(name)).ok()?.take(100)).read_line(&mut line).ok()?;
        Some(line)
    };
    let of_source = first_line("tzdata.zi").and_then(|line| Some(line.strip_prefix("# version ")?.to_owned()));
    let version = of_source.or_else(|| first_line("+VERSION"))?;
    let version = version.trim();
    let is_plain = version.chars().all(|each| each.is_ascii_alphanumeric() || "-.+".contains(each));
    (!version.is_empty() && is_plain).then(|| version.to_owned())
}

impl Source {
    /// What should be done something about. A version tells its year alone, and the time of a file is that of its packaging,
    /// so rules count as older than a year from July of the year after theirs on.
    fn finding(&self, today: NaiveDate) -> Option<Finding> {
        let Some(year) = self.year else { return Some(Finding::UnknownVersion) };
        if (today.year(), today.month()) >= (year.saturating_add(1), 7) {
            return Some(Finding::OlderThanAYear);
        }
        (!self.unreadable.is_empty()).then_some(Finding::Unreadable)
    }

    /// Warns in one line if there is something to do.
    pub fn warn(&self, today: NaiveDate) {
        let Some(finding) = self.finding(today) else { return };
        let from = self.directory.as_ref().map_or_else(|| "the program".to_owned(), |path| path.display().to_string());
        let found = match finding {
            Finding::UnknownVersion => "the version of the time zone rules is unknown",
            Finding::OlderThanAYear => "the time zone rules are older than a year",
            Finding::Unreadable => "some time zone rules cannot be read, and those of the program are used instead",
        };
        let version = self.version.as_str();
        let unreadable = (!self.unreadable.is_empty()).then(|| self.unreadable.join(" "));
        tracing::warn!(version, from, unreadable, "{found}: renew the system's time zone database, then start again");
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use care::calendar::{Calendar, CalendarInForce, Hours};
    use care::words::Urgency;
    use chrono::{DateTime, Days, Utc};

    use super::*;

    /// The directory of rules for tests, of this version.
    fn rules(version: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/time_zones").join(version)
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// When an urgent question is due in Vancouver, where every Monday before 2027-01-04 is a holiday.
    fn due(time_zones: &TimeZones) -> (DateTime<Utc>, String) {
        let mondays = std::iter::successors(Some(day("2026-11-23")), |monday| Some(*monday + Days::new(7)));
        let holidays: BTreeSet<NaiveDate> = mondays.take_while(|monday| *monday < day("2027-01-04")).collect();
        let mut calendar = Calendar {
            zone: "America/Vancouver".into(),
            week: Default::default(),
            holidays,
            answer_minutes: BTreeMap::from([(Urgency::Routine, 480), (Urgency::Urgent, 60)]),
        };
        calendar.week[0] = vec![Hours { opens: 9 * 60, closes: 17 * 60 }];
        assert_eq!(calendar.problems(time_zones), []);
        let zone = time_zones.zone(&calendar.zone).unwrap();
        let due =
            CalendarInForce { calendar, version: 1, zone }.due(Urgency::Urgent, at("2026-11-23T08:00:00Z")).unwrap();
        (due.at, due.zone_rules)
    }

    #[test]
    fn newer_rules_change_a_due_time_without_a_new_program() {
        let due_by = |version| due(&load(Some(&rules(version))).unwrap().time_zones);
        assert_eq!(due_by("2026f"), (at("2027-01-04T17:00:00Z"), "2026f".to_owned()));
        assert_eq!(due_by("2025b"), (at("2027-01-04T18:00:00Z"), "2025b".to_owned()));
    }

    #[test]
    fn a_directory_of_a_system_is_read_as_a_whole_and_what_is_no_zone_is_left_out() {
        let system = tempfile::tempdir().unwrap();
        let vancouver = std::fs::read(rules("2026f").join("America/Vancouver")).unwrap();
        for name in ["America/Vancouver", "America/Argentina/Ushuaia", "UTC", "posix/UTC", "right/UTC", "localtime"] {
            let path = system.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, &vancouver).unwrap();
        }
        std::fs::write(system.path().join("zone.tab"), "# a list").unwrap();
        std::fs::write(system.path().join("Europe"), b"TZif, cut").unwrap();
        let Loaded { time_zones, source } = load(Some(system.path())).unwrap();
        assert_eq!(source.unreadable, ["Europe"]);
        let version = |name: &str| time_zones.zone(name).map(|zone| zone.version().to_owned());
        for installed in ["America/Vancouver", "America/Argentina/Ushuaia", "UTC"] {
            assert_eq!(version(installed).as_deref(), Some("unknown"), "{installed}");
        }
        assert!(["posix/UTC", "right/UTC", "localtime", "zone.tab"].into_iter().all(|name| version(name).is_none()));
        // A zone that the system does not have is known all the same.
        assert!(version("Europe/Vienna").unwrap().ends_with("(bundled)"));
    }

    #[test]
    fn a_version_is_the_first_line_of_one_of_two_files() {
        let place = tempfile::tempdir().unwrap();
        let read = |file: &str, text: &str| {
            std::fs::write(place.path().join(file), text).unwrap();
            version(place.path())
        };
        assert_eq!(version(place.path()), None);
        assert_eq!(read("+VERSION", "2024a\n").as_deref(), Some("2024a"));
        assert_eq!(read("tzdata.zi", "# version 2026a\nR C 1974").as_deref(), Some("2026a"));
        assert_eq!(read("tzdata.zi", "R C 1974").as_deref(), Some("2024a"));
        assert_eq!(read("+VERSION", "\n"), None);
        assert_eq!(read("+VERSION", "{\"x\": 1}"), None);
    }

    #[test]
    fn a_directory_that_is_named_must_have_rules() {
        let empty = tempfile::tempdir().unwrap();
        for place in [empty.path().to_owned(), empty.path().join("nowhere")] {
            assert!(load(Some(&place)).unwrap_err().to_string().starts_with("there are no time zone rules in /"));
        }
    }

    #[test]
    fn rules_that_are_older_than_a_year_or_of_an_unknown_version_are_found() {
        let found = |year, unreadable: &[&str], today| {
            let unreadable = unreadable.iter().map(|name| (*name).to_owned()).collect();
            Source { directory: None, version: String::new(), year, unreadable }.finding(day(today))
        };
        assert_eq!(found(Some(2026), &[], "2027-06-30"), None);
        assert_eq!(found(Some(2026), &["UTC"], "2027-06-30"), Some(Finding::Unreadable));
        assert_eq!(found(Some(2026), &[], "2027-07-01"), Some(Finding::OlderThanAYear));
        assert_eq!(found(Some(2026), &["UTC"], "2028-01-01"), Some(Finding::OlderThanAYear));
        assert_eq!(found(Some(2027), &[], "2026-12-31"), None);
        assert_eq!(found(None, &[], "2026-11-23"), Some(Finding::UnknownVersion));
    }

    #[test]
    fn a_machine_without_rules_has_those_of_the_program() {
        let Loaded { time_zones, source } = Loaded::new(TimeZones::bundled(), None, Vec::new());
        assert!(source.version.ends_with("(bundled)") && source.year.is_some_and(|year| year >= 2026));
        assert_eq!(due(&time_zones).0, at("2027-01-04T17:00:00Z"));
    }
}
