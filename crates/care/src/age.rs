//! The ages at which a minor's helpers lose access, and the instants at which a patient reaches them.
//!
//! An organization sets the ages; a patient's date of birth is sealed. So the instants are computed when they are asked
//! for, and stand in no event: the date of birth would follow from them.

use std::ops::RangeInclusive;

use chrono::{DateTime, Months, NaiveDate, NaiveTime, Utc};
use serde::{Deserialize, Serialize};

use crate::time_zone::Zone;

/// The ages that an organization set, in years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgeGates {
    /// From here on a minor is asked, and access without their consent is cut to appointments and education.
    pub first: u8,
    /// Here access is suspended until it was reviewed with the minor; none if the organization reviews at no age.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<u8>,
    /// Here access by reason of minority ends.
    pub adult: u8,
}

impl Default for AgeGates {
    fn default() -> Self {
        Self { first: 12, review: None, adult: 18 }
    }
}

/// When a patient reaches the ages: at local midnight of the organization that keeps the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgeInstants {
    /// The first gate.
    pub first: DateTime<Utc>,
    /// The review; none where the organization reviews at no age.
    pub review: Option<DateTime<Utc>>,
    /// Adult age.
    pub adult: DateTime<Utc>,
}

/// The ages in years that an organization can set. No law has a later adult age.
pub const AGES: RangeInclusive<u8> = 1..=21;

impl AgeGates {
    /// Whether an organization can set them: at least 1 year, in order, and at most 21.
    #[must_use]
    pub fn can_be_set(self) -> bool {
        let Self { first, review, adult } = self;
        [Some(*AGES.start()), Some(first), review, Some(adult), Some(*AGES.end())].into_iter().flatten().is_sorted()
    }

    /// When somebody who was born on the day reaches each age. None where the calendar or the zone has no such instant.
    #[must_use]
    pub fn instants(self, born: NaiveDate, zone: &Zone) -> Option<AgeInstants> {
        let at = |years: u8| {
            let day = born.checked_add_months(Months::new(u32::from(years).saturating_mul(12)))?;
            zone.instant(day.and_time(NaiveTime::MIN))
        };
        let Self { first, review, adult } = self;
        let review = match review {
            Some(years) => Some(at(years)?),
            None => None,
        };
        Some(AgeInstants { first: at(first)?, review, adult: at(adult)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clinic::TIME_ZONES;

    #[test]
    fn an_age_is_reached_at_local_midnight() {
        let vienna = TIME_ZONES.zone("Europe/Vienna").expect("a zone");
        let born = NaiveDate::from_ymd_opt(2012, 2, 29).expect("a day");
        let gates = AgeGates { first: 12, review: Some(15), adult: 18 };
        let instants = gates.instants(born, &vienna).expect("instants");
        let at = |text: &str| text.parse::<DateTime<Utc>>().expect("a time");
        assert_eq!(instants.first, at("2024-02-28T23:00:00Z"));
        assert_eq!(instants.review, Some(at("2027-02-27T23:00:00Z")), "a year without that day has the day before");
        assert_eq!(instants.adult, at("2030-02-27T23:00:00Z"));
        assert_eq!(AgeGates::default().instants(born, &vienna).and_then(|instants| instants.review), None);
    }
}
