//! Whatever is done in whatever order, once the processes have run an open thread waits for somebody
//! who can go on.

use care::conversation::ReturnToPool;
use care::ids::{OrganizationId, ThreadId};
use care::lifecycle::consultation::Assign;
use care::organization::RemovePoolMember;
use care::person::EndRole;
use care::words::{Audience, Role};
use chrono::TimeDelta;
use coordination::fault::Failed;
use proptest::prelude::*;

use crate::clinic::{Clinic, Commands, context, now, signed_in};

/// What somebody tries. It may be refused.
#[derive(Debug, Clone, Copy)]
enum Step {
    Assign,
    /// By the specialist, or by the other one.
    Claim(bool),
    Post(bool),
    Return(bool),
    LeavePool(bool),
    /// The role of the specialist, or of the other one.
    EndRole(bool),
    RequesterLeaves,
    /// The instants of the claim and the answer go by.
    TimePasses,
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => Just(Step::Assign),
        3 => any::<bool>().prop_map(Step::Claim),
        1 => any::<bool>().prop_map(Step::Post),
        1 => any::<bool>().prop_map(Step::Return),
        1 => any::<bool>().prop_map(Step::LeavePool),
        1 => any::<bool>().prop_map(Step::EndRole),
        1 => Just(Step::RequesterLeaves),
        1 => Just(Step::TimePasses),
    ]
}

impl Clinic {
    /// Tries a step; says whether it was carried out.
    async fn attempt(&self, step: Step, at: usize, thread: ThreadId, centre: OrganizationId) -> bool {
        let who = |first| if first { self.specialist } else { self.other_specialist };
        let context = context(&format!("step-{at}"));
        let admin = signed_in(self.admin);
        let end = |organization| EndRole { organization, role: Role::Physician };
        let application = &self.application;
        let done = match step {
            Step::Assign => {
                let by = signed_in(self.centre_coordinator);
                let assign = Assign { to: None, reason: None };
                application.consultation((&by, &context), thread, assign.into()).await.map(drop)
            }
            Step::Claim(first) => application.claim((&signed_in(who(first)), &context), thread).await.map(drop),
            Step::Post(first) => {
                self.post(who(first), thread, &format!("step-{at}"), Audience::Everyone).await.map(drop)
            }
            Step::Return(first) => {
                let by = signed_in(who(first));
                application.conversation((&by, &context), thread, ReturnToPool.into()).await.map(drop)
            }
            Step::LeavePool(first) => {
                let remove = RemovePoolMember { pool: self.cardiology, person: who(first) };
                application.remove_pool_member((&admin, &context), centre, remove).await.map(drop)
            }
            Step::EndRole(first) => application.end_role((&admin, &context), who(first), end(centre)).await.map(drop),
            Step::RequesterLeaves => {
                application.end_role((&admin, &context), self.pcp, end(self.practice)).await.map(drop)
            }
            Step::TimePasses => {
                application.run_processes(now() + TimeDelta::days(9)).await.map(drop).map_err(Failed::Fault)
            }
        };
        match done {
            Ok(()) => true,
            Err(Failed::Problem(_)) => false,
            Err(Failed::Fault(fault)) => panic!("{step:?}: {fault}"),
        }
    }
}

/// The loose ends after steps; how many of the steps were carried out.
async fn after(steps: &[Step]) -> (Vec<coordination::LooseEnd>, usize) {
    let clinic = Clinic::open().await;
    let centre = clinic.centre().await;
    let thread = clinic.ask("loose ends").await;
    let mut carried_out = 0;
    for (at, step) in steps.iter().enumerate() {
        carried_out += usize::from(clinic.attempt(*step, at, thread, centre).await);
        clinic.application.catch_up().await.expect("caught up");
        // What ends elsewhere is answered when the processes have run. After a step in the thread, as when
        // it is assigned to a pool that nobody is in any more, they run by themselves a moment later.
        match step {
            Step::LeavePool(_) | Step::EndRole(_) | Step::RequesterLeaves => {}
            Step::Assign | Step::Claim(_) | Step::Post(_) | Step::Return(_) | Step::TimePasses => {
                clinic.application.run_processes(now()).await.expect("no fault");
            }
        }
        let loose = clinic.application.loose_ends(now());
        if !loose.is_empty() {
            return (loose, carried_out);
        }
    }
    (Vec::new(), carried_out)
}

fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime").block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn no_step_leaves_a_thread_without_somebody_to_wait_for(steps in prop::collection::vec(any_step(), 1..14)) {
        let (loose, _) = run(after(&steps));
        prop_assert!(loose.is_empty(), "{loose:?}");
    }
}

#[test]
fn the_steps_are_carried_out_where_they_are_allowed() {
    let steps = [Step::Assign, Step::Claim(true), Step::Post(true), Step::EndRole(true), Step::Claim(false)];
    let (loose, carried_out) = run(after(&steps));
    assert_eq!((loose, carried_out), (Vec::new(), steps.len()));
}
