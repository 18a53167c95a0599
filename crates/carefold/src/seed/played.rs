//! The demo clinic, played once into real stores: who can sign in, and where every delegation stands afterwards.
//!
//! Each step is decided by the rules of care and by the policy, so a step that they refuse fails here by its key.

use std::collections::{BTreeMap, BTreeSet};

use care::ids::Id as _;
use care::time_zone::TimeZones;
use care::words::{Channel, DelegationKind, DelegationState};
use chrono::{DateTime, TimeDelta, Utc};
use coordination::Origin;
use coordination::answer::{AnswerContext, Reads};
use coordination::fault::Fault;
use policy::identity::Identity;

use crate::clock;
use crate::directory::Directory;
use crate::seed::{self, read};
use crate::stores::{self, Clinic};

/// A helper's own delegations, and how many invitations they have to answer.
#[derive(Debug, Default, PartialEq, Eq)]
struct Helps {
    delegations: Vec<(DelegationKind, DelegationState)>,
    invitations: usize,
}

/// The handles of the list of people in the README: the first column of its table.
fn handles_of_readme() -> BTreeSet<&'static str> {
    let readme = include_str!("../../../../README.md");
    let (_, from) = readme.split_once("\n## The people of the demo\n").unwrap();
    let section = from.split("\n## ").next().unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.flat_map(|row| row.split('|').next()).flat_map(|cell| cell.split('`').step_by(2)).map(str::trim).collect()
}

async fn helps(clinic: &Clinic, identity: Identity, now: DateTime<Utc>) -> Helps {
    let context = AnswerContext { identity, now, origin: Origin::of(Channel::Cli) };
    let read = |reads: Reads| async move {
        let reader = reads.reader(None).await?;
        let mut delegations: Vec<_> = reader.own_delegations()?.iter().map(|view| (view.kind, view.state)).collect();
        delegations.sort();
        Ok::<_, Fault>(Helps { delegations, invitations: reader.help_invitations()?.len() })
    };
    let found = clinic.application.answer(context, read).await.unwrap().transpose().unwrap();
    found.read(|helps| Helps { delegations: helps.delegations.clone(), invitations: helps.invitations })
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_of_the_readme_signs_in_and_every_delegation_is_in_its_state() {
    let place = tempfile::tempdir().unwrap();
    // The application compares its clock with the log, so the clinic's day is today.
    let now = clock::now();
    let mut directory = Directory::open_or_make(&place.path().join("clinic"), Some(1), now.date_naive()).unwrap();
    let _lock = directory.lock().unwrap();
    let journal = stores::sqlite_in(directory.path());
    let clinic = stores::application(&mut directory, &journal, std::time::Duration::ZERO, TimeZones::bundled(), false);
    let clinic = clinic.await.unwrap();
    let signer = stores::signer(&directory).unwrap();
    let handles = seed::seed(&clinic.application, &signer, directory.mark(), Identity::installation()).await.unwrap();
    clinic.application.catch_up().await.unwrap();

    assert_eq!(handles_of_readme(), handles.keys().map(String::as_str).collect::<BTreeSet<_>>());
    assert_eq!(handles["delegate"], handles["daughter"]);
    let written = read::embedded().unwrap();
    let mut expected: BTreeMap<&str, Helps> = BTreeMap::new();
    for help in &written.families {
        let of = expected.entry(&help.helper).or_default();
        if help.state.0 == DelegationState::Invited {
            of.invitations += 1;
        } else {
            of.delegations.push((help.kind.0, help.state.0));
        }
    }
    let none = Helps::default();
    expected.values_mut().for_each(|helps| helps.delegations.sort());
    for (handle, person) in &handles {
        let token = signer.mint(person.uuid(), now, clock::new_id().unwrap(), TimeDelta::minutes(5)).unwrap();
        let identity = signer.verifier().verify(&token, now).unwrap().identity();
        let named = if handle == "delegate" { "daughter" } else { handle.as_str() };
        let expected = expected.get(named).unwrap_or(&none);
        assert_eq!(&helps(&clinic, identity, now).await, expected, "{handle}");
    }
    clinic.close().await;
}
