//! Records with a similar name and date of birth, so that a registrar is warned before one patient has two.
//!
//! Names are sealed, each under the key of its patient. They are compared by opening them, and nothing that is derived
//! from a name is stored: a stored digest, under whatever key, would still let somebody test a guess of the name after
//! the patient's key was destroyed. So that not every name is opened at every registration, this process keeps a keyed
//! digest of each name in memory. It only selects whose name and date of birth are opened and compared. A record whose
//! key was destroyed does not open, and so is never among those that are found.
//!
//! A comparison is no reading, since nobody is shown what was opened: the sender of the command learns only which of the
//! records that they may read are alike, and reads these, with an access record, like any other record.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock};

use care::aggregate::{PersonalTextOf, Sought};
use care::day;
use care::ids::{EventId, Id, PatientId};
use care::person_name;
use care::text::{PersonalText, Text};
use chrono::NaiveDate;
use policy::decide::Viewer;
use vault::{KeyId, Vault};

use crate::authorization::details::{PatientDetails, PersonDetails, StoredText};
use crate::authorization::{AuthorizationState, Subject};
use crate::lock::locked;
use crate::sealing::SealingFault;
use crate::sha256::first;

/// A keyed digest of the words of a name.
type Digest = [u8; 8];

/// The digests of names by the event that they came in. None for a name whose key was destroyed.
#[derive(Default)]
pub(crate) struct NameDigests(Mutex<HashMap<EventId, Option<Digest>>>);

impl NameDigests {
    /// The names of which this process has no digest yet.
    pub fn missing(&self, state: &AuthorizationState) -> Vec<StoredText> {
        let known = locked(&self.0);
        let names = state.all::<PatientDetails>().map(|(_, details)| &details.name);
        names.filter(|name| !known.contains_key(&name.event)).cloned().collect()
    }

    /// The digest of a name, if this process has it already.
    fn digest(&self, name: &StoredText) -> Option<Option<Digest>> {
        locked(&self.0).get(&name.event).copied()
    }

    /// Learns the digest of a name, which may wait for the key store.
    pub fn learn(&self, vault: &Arc<Vault>, name: &StoredText) -> Result<Option<Digest>, SealingFault> {
        if let Some(digest) = self.digest(name) {
            return Ok(digest);
        }
        let digest = name.opened(vault)?.map(|name| digest_of(vault, name.as_str())).transpose()?.flatten();
        locked(&self.0).insert(name.event, digest);
        Ok(digest)
    }
}

fn digest_of(vault: &Vault, name: &str) -> Result<Option<Digest>, SealingFault> {
    let words = person_name::sorted(name);
    let words: Vec<&str> = words.iter().map(|word| word.as_str()).collect();
    let bytes = zeroize::Zeroizing::new(words.join(" "));
    Ok(vault.mac(&vault.installation(), bytes.as_bytes())?.map(first))
}

/// What a comparison for the sender of a command needs.
pub(crate) struct Namesakes<'a> {
    pub vault: &'a Arc<Vault>,
    pub digests: &'a NameDigests,
    pub viewer: &'a Viewer,
    /// Why names could not be compared. Then the decision does not count.
    pub fault: OnceLock<SealingFault>,
    /// Keys that are needed and not held in memory. A decision holds the authorization state, for which others wait, so it
    /// does not wait for a disk: it does not count, and is made again when these keys are held.
    pub not_held: Mutex<Vec<KeyId>>,
}

impl Namesakes<'_> {
    /// The records that are like the one that is sought, as far as the sender may read them.
    pub fn find(
        &self,
        state: &AuthorizationState,
        sought: Sought<'_>,
        may_read: impl Fn(&Subject) -> bool,
    ) -> Vec<PatientId> {
        let alike = self.alike(state, sought).unwrap_or_else(|fault| {
            self.fault.get_or_init(|| fault);
            Vec::new()
        });
        alike.into_iter().filter(|patient| may_read(&Subject::Patient(*patient))).collect()
    }

    /// Whether the text that is in force is this one. Nobody is shown the one that is in force: the sender may correct it.
    pub fn is_in_force(&self, state: &AuthorizationState, of: PersonalTextOf, text: &PersonalText) -> bool {
        let patient = |patient: PatientId| state.entity::<PatientDetails>(patient.uuid());
        let stored = match of {
            PersonalTextOf::PersonName(person) => {
                state.entity::<PersonDetails>(person.uuid()).map(|details| &details.name)
            }
            PersonalTextOf::PatientName(id) => patient(id).map(|details| &details.name),
            PersonalTextOf::PatientBirthDate(id) => patient(id).map(|details| &details.birth_date),
        };
        let (Some(stored), PersonalText::Open(text)) = (stored, text) else { return false };
        match self.opened(stored) {
            Ok(in_force) => in_force.as_ref() == Some(text),
            Err(fault) => {
                self.fault.get_or_init(|| fault);
                false
            }
        }
    }

    /// The date of birth of a patient; none where it is not known to the day.
    pub fn birth_date(&self, state: &AuthorizationState, patient: PatientId) -> Option<NaiveDate> {
        let details = state.entity::<PatientDetails>(patient.uuid())?;
        match self.opened(&details.birth_date) {
            Ok(text) => text.and_then(|text| day::parse(text.as_str()).ok()),
            Err(fault) => {
                self.fault.get_or_init(|| fault);
                None
            }
        }
    }

    /// Whether a key is held in memory. One that is not is noted.
    fn is_held(&self, key: KeyId) -> bool {
        let is_held = self.vault.holds(&key);
        if !is_held {
            locked(&self.not_held).push(key);
        }
        is_held
    }

    /// The text, for this moment; none if its key was destroyed, or is not held.
    fn opened(&self, stored: &StoredText) -> Result<Option<Text>, SealingFault> {
        let is_held = stored.cell()?.key()?.is_none_or(|key| self.is_held(key));
        if is_held { stored.opened(self.vault) } else { Ok(None) }
    }

    fn alike(&self, state: &AuthorizationState, sought: Sought<'_>) -> Result<Vec<PatientId>, SealingFault> {
        let own = sought.record.and_then(|record| state.entity::<PatientDetails>(record.uuid()));
        let given = |text: Option<&PersonalText>, own: Option<&StoredText>| match (text, own) {
            (Some(PersonalText::Open(text)), _) => Ok(Some(text.clone())),
            (Some(PersonalText::Sealed(_) | PersonalText::Destroyed), _) | (None, None) => Ok(None),
            (None, Some(own)) => self.opened(own),
        };
        let name = given(sought.name, own.map(|own| &own.name))?;
        let birth_date = given(sought.birth_date, own.map(|own| &own.birth_date))?;
        let (Some(name), Some(birth_date)) = (name, birth_date) else { return Ok(Vec::new()) };
        if !self.is_held(self.vault.installation()) {
            return Ok(Vec::new());
        }
        let digest = digest_of(self.vault, name.as_str())?;
        let mut alike = Vec::new();
        for (id, details) in state.all::<PatientDetails>() {
            let patient = PatientId::from_uuid(id);
            if details.organization != sought.organization || sought.record == Some(patient) {
                continue;
            }
            if digest.is_none() || self.digests.digest(&details.name).is_some_and(|known| known != digest) {
                continue;
            }
            let other = (self.opened(&details.name)?, self.opened(&details.birth_date)?);
            if let (Some(other_name), Some(other_date)) = other
                && person_name::are_alike(name.as_str(), other_name.as_str())
                && day::could_be_one(birth_date.as_str(), other_date.as_str())
            {
                alike.push(patient);
            }
        }
        Ok(alike)
    }
}
