//! Commands to patients' records and care teams: register, take onto the team, let leave.

use async_graphql::{Context, ID, InputObject, Object, Result};
use care::ids::PatientId;
use chrono::NaiveDate;
use coordination::commands::{NewMember, NewPatient};

use crate::graphql::form::Form;
use crate::graphql::id::named;
use crate::graphql::patient::Patient;
use crate::graphql::payload::{AddCareTeamMemberPayload, RegisterPatientPayload, RemoveCareTeamMemberPayload};
use crate::graphql::words::Role;

#[derive(Default)]
pub struct PatientCommands;

/// A patient to be put on record.
#[derive(InputObject)]
struct RegisterPatientInput {
    /// Your key for this request: a repeat with it is carried out once.
    client_mutation_id: ID,
    /// The organization that keeps the record.
    organization_id: ID,
    /// The person that the patient is, if they sign in.
    person_id: Option<ID>,
    /// Their name.
    name: String,
    /// Their date of birth, as ISO 8601: 1958-03-04.
    birth_date: String,
}

/// Somebody to be taken onto a care team.
#[derive(InputObject)]
struct AddCareTeamMemberInput {
    /// Your key for this request: a repeat with it is carried out once.
    client_mutation_id: ID,
    /// Who.
    person_id: ID,
    /// In which role.
    role: Role,
    /// Of which organization.
    organization_id: ID,
}

/// Somebody who leaves a care team.
#[derive(InputObject)]
struct RemoveCareTeamMemberInput {
    /// Your key for this request: a repeat with it is carried out once.
    client_mutation_id: ID,
    /// Who.
    person_id: ID,
}

#[Object]
impl PatientCommands {
    /// Put a patient on record.
    async fn register_patient(
        &self,
        context: &Context<'_>,
        input: RegisterPatientInput,
    ) -> Result<RegisterPatientPayload> {
        let mut form = Form::open(context, "registerPatient", &input)?;
        let name = form.line(&["input", "name"], &input.name);
        let day = NaiveDate::parse_from_str(&input.birth_date, "%Y-%m-%d");
        let birth_date = form
            .parsed(&["input", "birthDate"], day)
            .and_then(|day| form.line(&["input", "birthDate"], &day.format("%Y-%m-%d").to_string()));
        let (Some(name), Some(birth_date), Some(sent)) = (name, birth_date, form.sent()) else {
            return Ok(form.refused().into());
        };
        let organization = named(&input.organization_id);
        let patient = NewPatient { organization, person: input.person_id.as_ref().map(named), name, birth_date };
        let asking = form.asking();
        let done = asking.desk.register_patient(&asking.identity, &sent, patient).await;
        let answer = form.answer(done, |reader, done| {
            let view = reader.patient(done.command.creates(0))?;
            Ok(view.map(|view| Patient::of(reader, view)))
        });
        Ok(answer.await?.into())
    }

    /// Take a person onto a patient's care team.
    async fn add_care_team_member(
        &self,
        context: &Context<'_>,
        patient_id: ID,
        input: AddCareTeamMemberInput,
    ) -> Result<AddCareTeamMemberPayload> {
        let mut form = Form::open(context, "addCareTeamMember", &input)?;
        let Some(sent) = form.sent() else { return Ok(form.refused().into()) };
        let patient: PatientId = named(&patient_id);
        let (person, organization) = (named(&input.person_id), named(&input.organization_id));
        let member = NewMember { person, role: input.role.into(), organization };
        let asking = form.asking();
        let done = asking.desk.add_care_team_member((&asking.identity, &sent), patient, member).await;
        let answer = form.answer(done, |reader, _| Ok(reader.patient(patient)?.map(|view| Patient::of(reader, view))));
        Ok(answer.await?.into())
    }

    /// Let a person leave a patient's care team.
    async fn remove_care_team_member(
        &self,
        context: &Context<'_>,
        patient_id: ID,
        input: RemoveCareTeamMemberInput,
    ) -> Result<RemoveCareTeamMemberPayload> {
        let mut form = Form::open(context, "removeCareTeamMember", &input)?;
        let Some(sent) = form.sent() else { return Ok(form.refused().into()) };
        let patient: PatientId = named(&patient_id);
        let asking = form.asking();
        let member = named(&input.person_id);
        let done = asking.desk.remove_care_team_member((&asking.identity, &sent), patient, member).await;
        let answer = form.answer(done, |reader, _| Ok(reader.patient(patient)?.map(|view| Patient::of(reader, view))));
        Ok(answer.await?.into())
    }
}
