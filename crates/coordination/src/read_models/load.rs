//! The authorization state as the read models hold it: read once at start, so that nothing is replayed.

use std::collections::BTreeMap;

use care::calendar::Calendar;
use care::words::{Confidentiality, Role, ThreadKind};
use policy::question::CodeSet;

use crate::authorization_state::{AuthorizationState, Pool, ThreadParties};
use crate::fault::Fault;
use crate::read_models::Snapshot;
use crate::read_models::cells::Cells;
use crate::standing::{Membership, PatientFacts, Period, RoleHeld, ThreadFacts};

/// The columns of [`ThreadFacts`], in the order in which [`thread_facts`] reads them.
pub(super) const THREAD_FACTS: &str =
    "kind, patient, requester, requesting, receiving, pool, assignee, confidentiality, codes, released";

pub(super) fn thread_facts(cells: &mut Cells<'_>) -> Result<ThreadFacts, Fault> {
    Ok(ThreadFacts {
        kind: cells.word(ThreadKind::parse)?,
        patient: cells.id()?,
        requester: cells.id()?,
        requesting: cells.id()?,
        receiving: cells.id()?,
        pool: cells.id()?,
        assignee: cells.id_or_none()?,
        confidentiality: cells.word(Confidentiality::parse)?,
        codes: u8::try_from(cells.number()?).ok().and_then(CodeSet::from_bits).ok_or(Fault::Row("unknown codes"))?,
        released: cells.number()? != 0,
    })
}

pub(super) fn period(cells: &mut Cells<'_>) -> Result<Period, Fault> {
    Ok(Period { from: cells.time()?, until: cells.time_or_none()? })
}

/// Reads the whole the authorization state out of a snapshot.
pub(crate) fn authorization(snapshot: &Snapshot) -> Result<AuthorizationState, Fault> {
    let mut authorization = AuthorizationState::default();
    snapshot.each("SELECT organization, calendar_version, calendar FROM organization", [], |cells| {
        let organization = cells.id()?;
        let version = cells.number_or_none()?.and_then(|version| u32::try_from(version).ok());
        let calendar = match version {
            None => None,
            Some(version) => {
                let calendar: Calendar =
                    serde_json::from_str(&cells.text()?).map_err(|_| Fault::Row("a calendar cannot be read"))?;
                Some((version, calendar))
            }
        };
        authorization.organizations.insert(organization, calendar);
        Ok(())
    })?;
    snapshot.each("SELECT pool, organization FROM pool", [], |cells| {
        authorization.pools.insert(cells.id()?, Pool { organization: cells.id()?, members: BTreeMap::new() });
        Ok(())
    })?;
    snapshot.each("SELECT pool, person, since, until FROM pool_member", [], |cells| {
        if let Some(pool) = authorization.pools.get_mut(&cells.id()?) {
            pool.members.insert(cells.id()?, period(cells)?);
        }
        Ok(())
    })?;
    snapshot.each("SELECT person FROM person", [], |cells| {
        authorization.people.insert(cells.id()?, Vec::new());
        Ok(())
    })?;
    snapshot.each("SELECT person, organization, role, since, until FROM role", [], |cells| {
        let person = cells.id()?;
        let held = RoleHeld { organization: cells.id()?, role: cells.word(Role::parse)?, period: period(cells)? };
        authorization.people.entry(person).or_default().push(held);
        Ok(())
    })?;
    snapshot.each("SELECT patient, organization, person FROM patient", [], |cells| {
        let patient = cells.id()?;
        authorization.patients.insert(patient, PatientFacts { organization: cells.id()?, person: cells.id_or_none()? });
        Ok(())
    })?;
    snapshot.each("SELECT patient, person, role, organization, since, until FROM care_team", [], |cells| {
        let (patient, person) = (cells.id()?, cells.id()?);
        let member = Membership { role: cells.word(Role::parse)?, organization: cells.id()?, period: period(cells)? };
        authorization.care_teams.entry(patient).or_default().insert(person, member);
        Ok(())
    })?;
    snapshot.each(&format!("SELECT thread, {THREAD_FACTS} FROM thread"), [], |cells| {
        let thread = cells.id()?;
        let parties = ThreadParties { facts: thread_facts(cells)?, participants: BTreeMap::new() };
        authorization.threads.insert(thread, parties);
        Ok(())
    })?;
    snapshot.each("SELECT thread, person, role, organization FROM participant", [], |cells| {
        if let Some(thread) = authorization.threads.get_mut(&cells.id()?) {
            thread.participants.insert(cells.id()?, (cells.word(Role::parse)?, cells.id()?));
        }
        Ok(())
    })?;
    snapshot.each("SELECT version FROM policy", [], |cells| {
        authorization.policy_version = Some(cells.text()?);
        Ok(())
    })?;
    // What rests on a parked stream is denied: it may have lost a revocation.
    snapshot.each("SELECT stream FROM parked", [], |cells| {
        authorization.park(&cells.text()?);
        Ok(())
    })?;
    Ok(authorization)
}
