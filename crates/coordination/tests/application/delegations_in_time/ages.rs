//! The ages of a minor hold at each use of an access by reason of minority, whether or not a process was there.

use super::*;

/// A child who is twelve at midnight, whom a parent or a guardian helps, and a question about each of two topics.
struct Minor {
    delegation: DelegationId,
    clinical: ThreadId,
    scheduling: ThreadId,
}

/// Without a calendar of the practice, midnight is that of Coordinated Universal Time.
fn midnight() -> DateTime<Utc> {
    at("2026-11-30T00:00:00Z")
}

impl Clinic {
    async fn minor(&self, kind: DelegationKind, of: AuthorityKind) -> Minor {
        let patient = self.child("2014-11-30").await;
        let by = signed_in(self.coordinator);
        let add = self.new_member(patient, self.pcp, Role::Physician);
        self.application.add_member(sent_by(&by, &context("pcp")), add).await.expect("added");
        let document = Document::of(self, patient, of, AuthorityGround::Minority);
        let authority = self.authority(document).await;
        let delegation = self.helped(&Help { patient, authority: Some(authority), ..Help::of(self, kind) }).await;
        let ask = async |key, topic| {
            let mut question = crate::clinic::request(patient, self.cardiology);
            question.opening.topic = topic;
            let by = signed_in(self.pcp);
            self.application.request_consultation(sent_by(&by, &context(key)), question).await.expect("asked").target
        };
        let clinical = ask("clinical", Topic::ClinicalAdvice).await;
        let scheduling = ask("scheduling", Topic::Scheduling).await;
        Minor { delegation, clinical, scheduling }
    }

    /// Which of the two questions the helper finds, and whether they are told that the access is active.
    async fn open_to_helper(&self, minor: &Minor, at: DateTime<Utc>) -> [bool; 3] {
        let clinical = self.finds_at(self.stranger, minor.clinical, at).await;
        let scheduling = self.finds_at(self.stranger, minor.scheduling, at).await;
        let reader = self.reader_at(self.stranger, at).await;
        let own = reader.own_delegation(minor.delegation).expect("no fault").expect("theirs");
        [clinical, scheduling, own.is_active]
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_midnight_of_an_age_nothing_is_read_until_it_is_recorded_what_is_left() {
    for (kind, of) in [
        (DelegationKind::ParentOfMinor, AuthorityKind::ParentalResponsibility),
        (DelegationKind::LegalRepresentative, AuthorityKind::Guardianship),
    ] {
        let clinic = Clinic::open().await;
        let minor = clinic.minor(kind, of).await;
        assert_eq!(clinic.open_to_helper(&minor, midnight() - SECOND).await, [true, true, true], "{kind:?}");
        assert_eq!(clinic.open_to_helper(&minor, midnight()).await, [false, false, false], "{kind:?}");
        let stream = format!("delegation-{}", minor.delegation);
        assert!(clinic.stored(&stream, "delegation.narrowed").await.is_empty(), "no process has run");
        clinic.processed(midnight()).await;
        assert_eq!(clinic.stored(&stream, "delegation.narrowed").await.len(), 1);
        assert_eq!(clinic.open_to_helper(&minor, midnight()).await, [false, true, true], "{kind:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_start_a_parent_reads_once_the_age_of_the_child_is_known_again() {
    let mut clinic = Clinic::open().await;
    let minor = clinic.minor(DelegationKind::ParentOfMinor, AuthorityKind::ParentalResponsibility).await;
    assert_eq!(clinic.open_to_helper(&minor, now()).await, [true, true, true]);
    clinic.restart().await;
    assert_eq!(clinic.open_to_helper(&minor, now()).await, [false, false, false], "no round has run yet");
    assert!(clinic.application.run_due_processes(now()).await.expect("no fault").is_some(), "a start has a round");
    assert_eq!(clinic.open_to_helper(&minor, now()).await, [true, true, true]);
}
