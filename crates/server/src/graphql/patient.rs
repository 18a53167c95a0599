//! Patients, and the care team around each.

use std::sync::Arc;

use async_graphql::{ID, Object, Result, SimpleObject};
use care::lifecycle::ThreadKind;
use chrono::{DateTime, Utc};
use coordination::reader::{PatientView, Reader};

use super::id::encode_id;
use super::organization::Organization;
use super::permission::Permission;
use super::person::Person;
use super::scalars::PersonalText;
use super::words::Role;

/// A patient.
pub struct Patient {
    reader: Arc<Reader>,
    view: PatientView,
}

impl Patient {
    pub(super) fn of(reader: &Arc<Reader>, view: PatientView) -> Self {
        Self { reader: Arc::clone(reader), view }
    }

    fn team(&self) -> Result<Option<CareTeam>> {
        let Some(rows) = self.reader.care_team(&self.view)? else { return Ok(None) };
        let mut members = Vec::with_capacity(rows.len());
        for row in rows {
            let organization = self.reader.organization_around(&self.view, row.organization)?;
            members.push(CareTeamMember {
                person: self.reader.person_around(&self.view, row.person)?.map(Person),
                role: row.role.into(),
                organization: organization.map(|row| Organization::of(&self.reader, row)),
                since: row.since,
            });
        }
        Ok(Some(CareTeam { members }))
    }
}

/// A patient, as the subject of care.
#[Object]
impl Patient {
    /// Their id. A patient who signs in has another one as a person.
    pub(super) async fn id(&self) -> ID {
        encode_id(self.view.patient)
    }

    /// Their name.
    fn name(&self) -> PersonalText {
        PersonalText::from(&self.view.name)
    }

    /// Their date of birth, as ISO 8601: a day, or a month or a year if only that is known.
    fn birth_date(&self) -> PersonalText {
        PersonalText::from(&self.view.birth_date)
    }

    /// The organization that keeps their record.
    fn organization(&self) -> Option<Result<Organization>> {
        let found = || Ok(self.reader.organization_around(&self.view, self.view.organization)?);
        found().map(|row| row.map(|row| Organization::of(&self.reader, row))).transpose()
    }

    /// Their care team. Null if you may not know it.
    fn care_team(&self) -> Option<Result<CareTeam>> {
        self.team().transpose()
    }

    /// Whether you can request a consultation about them.
    fn viewer_can_request_consultation(&self) -> Permission {
        Permission::from(self.reader.may_open(&self.view, ThreadKind::Consultation))
    }
}

/// The persons who care for a patient now.
#[derive(SimpleObject)]
pub struct CareTeam {
    /// The members.
    members: Vec<CareTeamMember>,
}

/// A member of a care team.
#[derive(SimpleObject)]
pub struct CareTeamMember {
    /// The person.
    person: Option<Person>,
    /// The role.
    role: Role,
    /// The organization at which the person holds the role.
    organization: Option<Organization>,
    /// The start of the membership.
    since: DateTime<Utc>,
}
