//! The demo clinic's people: its two organizations, fifteen persons, eight patients, care teams.
//!
//! Nobody here exists. The care teams differ on purpose, so that two people who look at the same
//! patient see different things. What they ask and write stands in `clinic_cases.rs`; holidays
//! are left to the seeding, since they depend on the year.
//!
//! To add a person: 1. add a row to [`PEOPLE`]; 2. put the handle on the care teams it belongs to
//! in [`PATIENTS`], or name a pool in the row; 3. raise the count in the tests below.

use care::calendar::Hours;
use care::words::{Role, Urgency};

/// Somebody who can sign in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Person {
    /// The word by which a visitor of the demo signs in, and by which the cases name the author.
    pub handle: &'static str,
    pub name: &'static str,
    /// Key of the organization that registers the person, be it as a patient's own account.
    pub organization: &'static str,
    /// Roles, each at an organization.
    pub roles: &'static [Post],
    /// Keys of the pools for which the person answers.
    pub pools: &'static [&'static str],
    /// Who that is, in one line of the banner.
    pub banner: &'static str,
}

/// A role at an organization.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Post {
    /// Key of the organization.
    pub organization: &'static str,
    pub role: Role,
}

/// Somebody who is cared for, and the professionals around them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patient {
    /// The word by which the cases name the patient.
    pub key: &'static str,
    pub name: &'static str,
    /// ISO 8601 calendar day.
    pub birth_date: &'static str,
    /// Handle of the person that the patient is, where the patient has an account.
    pub person: Option<&'static str>,
    /// Handles of the care team; the role of each is the person's first.
    pub care_team: &'static [&'static str],
}

/// A party of the installation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Organization {
    /// The word by which everything here names the organization.
    pub key: &'static str,
    pub name: &'static str,
    /// IANA zone of its calendar.
    pub zone: &'static str,
    /// Office hours, Monday first.
    pub week: [Option<Hours>; 7],
    /// Business minutes to the answer, by urgency.
    pub answer_minutes: [(Urgency, u32); 2],
    pub pools: &'static [Pool],
}

/// A group of specialists who share one worklist.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pool {
    /// The word by which cases and persons name the pool.
    pub key: &'static str,
    pub name: &'static str,
    pub specialty: &'static str,
}

const PRACTICE: &str = "lindenhof";
const CENTRE: &str = "st_anna";

const fn hours(opens: u16, closes: u16) -> Option<Hours> {
    Some(Hours { opens: opens * 60, closes: closes * 60 })
}

const fn at_practice(role: Role) -> Post {
    Post { organization: PRACTICE, role }
}

const fn at_centre(role: Role) -> Post {
    Post { organization: CENTRE, role }
}

/// The practice asks, the centre answers.
pub(crate) static ORGANIZATIONS: [Organization; 2] = [
    Organization {
        key: PRACTICE,
        name: "Lindenhof Family Practice",
        zone: "Europe/Vienna",
        week: [hours(8, 18), hours(8, 16), hours(8, 13), hours(8, 18), hours(8, 13), None, None],
        answer_minutes: [(Urgency::Routine, 3 * 8 * 60), (Urgency::Urgent, 4 * 60)],
        pools: &[],
    },
    Organization {
        key: CENTRE,
        name: "St. Anna Specialist Centre",
        zone: "Europe/Vienna",
        week: [hours(7, 17), hours(7, 17), hours(7, 17), hours(7, 17), hours(7, 14), None, None],
        answer_minutes: [(Urgency::Routine, 5 * 10 * 60), (Urgency::Urgent, 10 * 60)],
        pools: &[
            Pool { key: "cardiology", name: "Cardiology advice", specialty: "cardiology" },
            Pool { key: "dermatology", name: "Dermatology advice", specialty: "dermatology" },
            Pool { key: "endocrinology", name: "Endocrinology advice", specialty: "endocrinology" },
            Pool { key: "general_medicine", name: "General internal medicine", specialty: "internal medicine" },
        ],
    },
];

/// Everybody who can sign in, the ten handles that a visitor tries first at the top.
pub(crate) static PEOPLE: [Person; 15] = [
    Person {
        handle: "pcp",
        name: "Dr. Hanna Brückner",
        organization: PRACTICE,
        roles: &[at_practice(Role::Physician)],
        pools: &[],
        banner: "family physician at Lindenhof; asks the specialists and keeps the plan",
    },
    Person {
        handle: "specialist",
        name: "Dr. Tomasz Wieczorek",
        organization: CENTRE,
        roles: &[at_centre(Role::Physician)],
        pools: &["cardiology", "general_medicine"],
        banner: "cardiologist at St. Anna; claims from the cardiology and general medicine pools",
    },
    Person {
        handle: "nurse",
        name: "Lena Öztürk",
        organization: PRACTICE,
        roles: &[at_practice(Role::Nurse)],
        pools: &[],
        banner: "practice nurse at Lindenhof; on six of the eight care teams",
    },
    Person {
        handle: "pharmacist",
        name: "Ruben Achterberg",
        organization: PRACTICE,
        roles: &[at_practice(Role::Pharmacist)],
        pools: &[],
        banner: "clinical pharmacist at Lindenhof; reviews interactions, also where labels restrict a thread",
    },
    Person {
        handle: "coordinator",
        name: "Birgit Hofstätter",
        organization: PRACTICE,
        roles: &[at_practice(Role::Coordinator)],
        pools: &[],
        banner: "care coordinator at Lindenhof; sees where everything stands, gives no advice",
    },
    Person {
        handle: "social_worker",
        name: "Amira Haddad",
        organization: PRACTICE,
        roles: &[at_practice(Role::SocialWorker)],
        pools: &[],
        banner: "social worker on three care teams; reads what is for everyone, never the clinical asides",
    },
    Person {
        handle: "patient",
        name: "Josef Grünwald",
        organization: PRACTICE,
        roles: &[],
        pools: &[],
        banner: "patient with four consultations, and a great many questions",
    },
    Person {
        handle: "privacy_officer",
        name: "Klara Weidinger",
        organization: PRACTICE,
        roles: &[at_practice(Role::PrivacyOfficer), at_centre(Role::PrivacyOfficer)],
        pools: &[],
        banner: "privacy officer of both organizations; sees who read what, never what was read",
    },
    Person {
        handle: "admin",
        name: "Stefan Moser",
        organization: PRACTICE,
        roles: &[at_practice(Role::Administrator), at_centre(Role::Administrator)],
        pools: &[],
        banner: "administrator of both organizations; runs pools and calendars, reads no content",
    },
    Person {
        handle: "auditor",
        name: "Ines Paulović",
        organization: PRACTICE,
        roles: &[at_practice(Role::Auditor), at_centre(Role::Auditor)],
        pools: &[],
        banner: "auditor of both organizations; verifies the journal and the access records",
    },
    Person {
        handle: "second_pcp",
        name: "Dr. Mateo Álvarez",
        organization: PRACTICE,
        roles: &[at_practice(Role::Physician)],
        pools: &[],
        banner: "the other family physician at Lindenhof; has patients that the first one cannot see",
    },
    Person {
        handle: "dermatologist",
        name: "Dr. Yuki Tanabe",
        organization: CENTRE,
        roles: &[at_centre(Role::Physician)],
        pools: &["dermatology"],
        banner: "dermatologist at St. Anna",
    },
    Person {
        handle: "endocrinologist",
        name: "Dr. Samuel Adeyemi",
        organization: CENTRE,
        roles: &[at_centre(Role::Physician)],
        pools: &["endocrinology", "general_medicine"],
        banner: "endocrinologist at St. Anna; shares the general medicine pool with the cardiologist",
    },
    Person {
        handle: "centre_coordinator",
        name: "Petra Nováková",
        organization: CENTRE,
        roles: &[at_centre(Role::Coordinator)],
        pools: &[],
        banner: "coordinator at St. Anna; assigns what comes in, writes in no thread",
    },
    Person {
        handle: "second_patient",
        name: "Mirjam Sölle",
        organization: PRACTICE,
        roles: &[],
        pools: &[],
        banner: "a second patient, who must not see anything of the first",
    },
];

/// Everybody who is cared for, all registered by the practice.
pub(crate) static PATIENTS: [Patient; 8] = [
    Patient {
        key: "gruenwald",
        name: "Josef Grünwald",
        birth_date: "1957-03-14",
        person: Some("patient"),
        care_team: &["pcp", "nurse", "pharmacist", "coordinator", "social_worker"],
    },
    Patient {
        key: "soelle",
        name: "Mirjam Sölle",
        birth_date: "1991-07-02",
        person: Some("second_patient"),
        care_team: &["second_pcp", "nurse", "coordinator"],
    },
    Patient {
        key: "kirchner",
        name: "Adelheid Kirchner",
        birth_date: "1942-11-20",
        person: None,
        care_team: &["pcp", "nurse", "pharmacist", "social_worker"],
    },
    Patient {
        key: "demir",
        name: "Emre Demir",
        birth_date: "1984-05-09",
        person: None,
        care_team: &["second_pcp", "pharmacist"],
    },
    Patient {
        key: "lacher",
        name: "Veronika Lacher",
        birth_date: "1969-01-27",
        person: None,
        care_team: &["pcp", "nurse", "pharmacist"],
    },
    Patient {
        key: "osei",
        name: "Kwame Osei",
        birth_date: "1975-09-30",
        person: None,
        care_team: &["second_pcp", "nurse", "coordinator"],
    },
    Patient {
        key: "pichler",
        name: "Franziska Pichler",
        birth_date: "2003-12-11",
        person: None,
        care_team: &["pcp", "coordinator"],
    },
    Patient {
        key: "stojanovic",
        name: "Dragan Stojanović",
        birth_date: "1962-06-18",
        person: None,
        care_team: &["second_pcp", "nurse", "pharmacist", "coordinator", "social_worker"],
    },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use care::text::Text;

    #[test]
    fn the_cast_is_complete_and_nobody_is_there_twice() {
        let handles: BTreeSet<_> = PEOPLE.iter().map(|person| person.handle).collect();
        assert_eq!(handles.len(), 15);
        let first = PEOPLE.map(|person| person.handle);
        let known = "pcp specialist nurse pharmacist coordinator social_worker patient privacy_officer admin auditor";
        assert_eq!(first[..10].join(" "), known);
        let patients: BTreeSet<_> = PATIENTS.iter().map(|patient| patient.key).collect();
        assert_eq!(patients.len(), 8);
    }

    #[test]
    fn every_key_leads_somewhere() {
        let pools: Vec<_> = ORGANIZATIONS.iter().flat_map(|site| site.pools.iter().map(|pool| pool.key)).collect();
        let sites = ORGANIZATIONS.map(|site| site.key);
        for person in &PEOPLE {
            assert!(sites.contains(&person.organization), "{}", person.handle);
            assert!(person.roles.iter().all(|post| sites.contains(&post.organization)), "{}", person.handle);
            assert!(person.pools.iter().all(|pool| pools.contains(pool)), "{}", person.handle);
            let answers = person.roles.iter().any(|post| post.role == Role::Physician && post.organization == CENTRE);
            assert_eq!(!person.pools.is_empty(), answers, "{}", person.handle);
        }
        for pool in pools {
            assert!(PEOPLE.iter().any(|person| person.pools.contains(&pool)), "nobody answers for {pool}");
        }
        for patient in &PATIENTS {
            let is_care_role = |role| match role {
                Role::Physician | Role::Nurse | Role::Pharmacist | Role::Coordinator | Role::SocialWorker => true,
                Role::PrivacyOfficer | Role::Administrator | Role::Auditor | Role::Service | Role::Person => false,
            };
            let can_care = |handle: &&str| {
                let person = PEOPLE.iter().find(|person| person.handle == *handle);
                person.and_then(|person| person.roles.first()).is_some_and(|post| is_care_role(post.role))
            };
            assert!(patient.care_team.iter().all(can_care), "{}", patient.key);
            if let Some(handle) = patient.person {
                let person = PEOPLE.iter().find(|person| person.handle == handle).expect("a person");
                assert_eq!(person.name, patient.name);
            }
        }
    }

    #[test]
    fn care_teams_differ() {
        let teams: BTreeSet<_> = PATIENTS.iter().map(|patient| patient.care_team).collect();
        assert!(teams.len() >= 7, "{} different teams", teams.len());
        let nurse = PATIENTS.iter().filter(|patient| patient.care_team.contains(&"nurse")).count();
        assert_eq!(nurse, 6, "the nurse's banner counts her teams");
        let social_worker = PATIENTS.iter().filter(|patient| patient.care_team.contains(&"social_worker")).count();
        assert_eq!(social_worker, 3, "so does the social worker's");
    }

    #[test]
    fn names_and_birth_dates_are_accepted() {
        for line in PEOPLE.iter().flat_map(|person| [person.name, person.banner]) {
            assert!(Text::line(line).is_ok(), "{line}");
        }
        for patient in &PATIENTS {
            assert!(Text::line(patient.name).is_ok());
            assert!(patient.birth_date.parse::<chrono::NaiveDate>().is_ok(), "{}", patient.birth_date);
        }
    }
}
