//! What about help and directives waits for somebody or was announced to them: who has it in their list, who has not, and who
//! is told of it at once.

use care::consent_directive::{Directives, RecordDeny, Terms, Whom};
use care::ids::PersonId;
use care::words::{AuthorityGround, AuthorityKind, DelegationKind, Role};
use chrono::{DateTime, Utc};
use coordination::following::{Followed, Notices};
use coordination::reader::HelpReminderKind as Kind;

use crate::clinic::{Clinic, Commands, context, give, now, sent_by, signed_in, text};
use crate::delegations_in_time::days;
use crate::directives::everybody;
use crate::help::{Document, Help};

impl Clinic {
    /// What a person is reminded of at an instant, with when it is due.
    async fn reminded(&self, person: PersonId, at: DateTime<Utc>) -> Vec<(Kind, Option<DateTime<Utc>>)> {
        let reminders = self.reader_at(person, at).await.help_reminders().expect("no fault");
        reminders.iter().map(|reminder| (reminder.kind, reminder.due)).collect()
    }

    /// How often a person was told that something in their lists may have changed.
    async fn times_told(&self, notices: &mut Notices) -> usize {
        let (told, end) = self.told(notices).await;
        assert!(end.is_none(), "{end:?}");
        told.len()
    }
}

fn person(person: PersonId) -> Terms {
    everybody(Whom { person: Some(person), role: None, organization: None })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_helper_whose_access_was_checked_waits_for_the_patient_and_late_for_who_checked() {
    let clinic = Clinic::open().await;
    clinic.checked_help(&Help::of(&clinic, DelegationKind::PatientAuthorised)).await;
    let due = now() + days(14);
    assert_eq!(clinic.reminded(clinic.patient_person, now()).await, [(Kind::GiveConsent, Some(due))]);
    assert!(clinic.reminded(clinic.nurse, now()).await.is_empty(), "it is not late");
    clinic.processed(due).await;
    assert_eq!(clinic.reminded(clinic.patient_person, due).await, [(Kind::GiveConsent, Some(due))]);
    assert_eq!(clinic.reminded(clinic.nurse, due).await, [(Kind::ConsentOverdue, Some(due))]);
    for other in [clinic.stranger, clinic.social_worker, clinic.pcp, clinic.coordinator] {
        assert!(clinic.reminded(other, due).await.is_empty(), "{other}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_law_says_is_no_consent_that_waits_for_the_patient() {
    let clinic = Clinic::open().await;
    let (kind, ground) = (AuthorityKind::Guardianship, AuthorityGround::LackOfCapacity);
    let authority = clinic.authority(Document::of(&clinic, clinic.patient, kind, ground)).await;
    let help = Help { authority: Some(authority), ..Help::of(&clinic, DelegationKind::LegalRepresentative) };
    clinic.checked_help(&help).await;
    assert!(clinic.reminded(clinic.patient_person, now()).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invitation_waits_for_the_invited_and_late_for_who_invited() {
    let clinic = Clinic::open().await;
    clinic.invite_helper(&Help::of(&clinic, DelegationKind::PatientAuthorised)).await;
    let (late, expires) = (now() + days(7), now() + days(14));
    assert_eq!(clinic.reminded(clinic.stranger, now()).await, [(Kind::AnswerInvitation, Some(expires))]);
    assert!(clinic.reminded(clinic.patient_person, now()).await.is_empty());
    clinic.processed(late).await;
    assert_eq!(clinic.reminded(clinic.patient_person, late).await, [(Kind::InvitationUnanswered, Some(expires))]);
    assert!(clinic.reminded(clinic.nurse, late).await.is_empty(), "the patient invited");
    clinic.processed(expires).await;
    for person in [clinic.stranger, clinic.patient_person] {
        assert!(clinic.reminded(person, expires).await.is_empty(), "it has ended");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_end_of_an_access_is_told_to_the_patient_and_to_who_helps_and_not_to_who_is_blocked() {
    for is_blocked in [false, true] {
        let clinic = Clinic::open().await;
        let help = Help::of(&clinic, DelegationKind::PatientAuthorised);
        clinic.helped(&help).await;
        if is_blocked {
            clinic.gives("block", clinic.deny(person(clinic.stranger))).await;
        }
        let announced = help.until - days(14);
        let mut of_helper = clinic.follow(clinic.stranger, Followed::Inbox, None).await;
        assert!(clinic.reminded(clinic.stranger, now()).await.is_empty(), "it is not announced");
        clinic.processed(announced).await;
        let ends = [(Kind::AccessEnds, Some(help.until))];
        assert_eq!(clinic.reminded(clinic.patient_person, announced).await, ends);
        let told = clinic.times_told(&mut of_helper).await;
        let of_helper = clinic.reminded(clinic.stranger, announced).await;
        if is_blocked {
            assert_eq!((of_helper.len(), told), (0, 0), "who is blocked learns nothing");
        } else {
            assert_eq!((of_helper.as_slice(), told), (ends.as_slice(), 1));
        }
        assert!(clinic.reminded(clinic.nurse, announced).await.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_age_is_told_to_the_minor_alone_and_to_the_helper_separately_until_it_is_reached() {
    let clinic = Clinic::open().await;
    let young = clinic.register(clinic.practice, "young", None).await;
    let patient = clinic.child_with("2014-11-30", Some(young)).await;
    clinic.application.accept_link(signed_in(young), patient).await;
    let (kind, ground) = (AuthorityKind::ParentalResponsibility, AuthorityGround::Minority);
    let authority = clinic.authority(Document::of(&clinic, patient, kind, ground)).await;
    let until = now() + days(360);
    let parent = Help::of(&clinic, DelegationKind::ParentOfMinor);
    clinic.helped(&Help { patient, authority: Some(authority), until, ..parent }).await;
    clinic.processed(now()).await;
    for told in [young, clinic.stranger] {
        assert_eq!(clinic.reminded(told, now()).await, [(Kind::AgeReached, None)], "{told}");
    }
    for other in [clinic.nurse, clinic.coordinator, clinic.patient_person] {
        assert!(clinic.reminded(other, now()).await.is_empty(), "{other}");
    }
    let after = now() + days(30);
    clinic.processed(after).await;
    for told in [young, clinic.stranger] {
        assert!(clinic.reminded(told, after).await.is_empty(), "{told}: it has changed");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_end_of_a_document_is_told_to_whose_access_rests_on_it() {
    let clinic = Clinic::open().await;
    let until = now() + days(80);
    let (kind, ground) = (AuthorityKind::Guardianship, AuthorityGround::LackOfCapacity);
    let authority =
        clinic.authority(Document { until: Some(until), ..Document::of(&clinic, clinic.patient, kind, ground) }).await;
    let help = Help { authority: Some(authority), ..Help::of(&clinic, DelegationKind::LegalRepresentative) };
    clinic.helped(&help).await;
    let announced = until - days(30);
    clinic.processed(announced).await;
    let access = (Kind::AccessEnds, Some(help.until));
    let all = [access, (Kind::DocumentEnds, Some(until))];
    assert_eq!(clinic.reminded(clinic.stranger, announced).await, all);
    assert_eq!(clinic.reminded(clinic.patient_person, announced).await, [access]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_staff_wrote_down_waits_for_the_patient_and_the_end_of_a_directive_is_told_to_them() {
    let clinic = Clinic::open().await;
    let deny = RecordDeny { patient: clinic.patient, terms: person(clinic.stranger), patient_word: text("Not them.") };
    let by = sent_by(&signed_in(clinic.pcp), &context("word"));
    give::<Directives>(&clinic.application, by, Some(clinic.patient), deny.into()).await.expect("written down");
    let until = now() + days(60);
    clinic.gives("own", clinic.deny(Terms { until: Some(until), ..person(clinic.specialist) })).await;
    let (confirm_by, announced) = (now() + days(14), until - days(30));
    let waits = (Kind::ConfirmDirective, Some(confirm_by));
    assert_eq!(clinic.reminded(clinic.patient_person, now()).await, [waits]);
    clinic.processed(confirm_by).await;
    assert_eq!(clinic.reminded(clinic.patient_person, confirm_by).await, [(waits.0, None)], "staff are to ask by now");
    clinic.processed(announced).await;
    let ends = (Kind::DirectiveEnds, Some(until));
    assert_eq!(clinic.reminded(clinic.patient_person, announced).await, [ends, (waits.0, None)]);
    for other in [clinic.stranger, clinic.specialist, clinic.pcp, clinic.nurse] {
        assert!(clinic.reminded(other, announced).await.is_empty(), "{other}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_patient_and_who_verifies_are_told_of_each_step_and_others_of_none() {
    let clinic = Clinic::open().await;
    clinic.gives("block", clinic.deny(person(clinic.social_worker))).await;
    let officer = clinic.register(clinic.practice, "officer", Some(Role::PrivacyOfficer)).await;
    let mut of_patient = clinic.follow(clinic.patient_person, Followed::Inbox, None).await;
    let mut of_nurse = clinic.follow(clinic.nurse, Followed::Worklists, None).await;
    let mut of_blocked = clinic.follow(clinic.social_worker, Followed::Inbox, None).await;
    let mut of_physician = clinic.follow(clinic.pcp, Followed::Inbox, None).await;
    let mut of_officer = clinic.follow(officer, Followed::Inbox, None).await;
    clinic.checked_help(&Help::of(&clinic, DelegationKind::PatientAuthorised)).await;
    // Invited, accepted, identified, checked.
    assert_eq!(clinic.times_told(&mut of_patient).await, 4);
    assert_eq!(clinic.times_told(&mut of_nurse).await, 4);
    clinic.processed(now() + days(14)).await;
    assert_eq!(clinic.times_told(&mut of_patient).await, 1, "the consent is late");
    assert_eq!(clinic.times_told(&mut of_nurse).await, 1);
    for (who, notices) in [("blocked", &mut of_blocked), ("physician", &mut of_physician), ("officer", &mut of_officer)]
    {
        assert_eq!(clinic.times_told(notices).await, 0, "{who}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_patient_is_told_that_staff_wrote_down_a_directive() {
    let clinic = Clinic::open().await;
    let mut of_patient = clinic.follow(clinic.patient_person, Followed::Inbox, None).await;
    let mut of_named = clinic.follow(clinic.stranger, Followed::Inbox, None).await;
    let deny = RecordDeny { patient: clinic.patient, terms: person(clinic.stranger), patient_word: text("Not them.") };
    let by = sent_by(&signed_in(clinic.pcp), &context("word"));
    give::<Directives>(&clinic.application, by, Some(clinic.patient), deny.into()).await.expect("written down");
    assert_eq!(clinic.times_told(&mut of_patient).await, 1);
    assert_eq!(clinic.times_told(&mut of_named).await, 0);
}
