//! The engine: casbin, which decides one point at a time.
//!
//! This module translates a request for casbin and notes which rows matched. An error and a panic of casbin both become
//! an [`EngineFault`], which every caller treats as a refusal. Its constructor is an `async` function that never waits, so
//! it is polled once.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use casbin::{CoreApi, DefaultEffector, DefaultModel, EffectKind, Effector, EffectorStream, Enforcer, StringAdapter};

use crate::lint;
use crate::problem::PolicyProblem;
use crate::question::Tuple;
use crate::rules::Answer;

/// The engine failed; the message contains only words of the policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum EngineFault {
    #[error("{0}")]
    Refused(String),
    #[error("it panicked")]
    Panicked,
    #[error("it waits for something")]
    Waits,
    #[error("it allowed without a rule")]
    NoRule,
}

impl From<casbin::Error> for EngineFault {
    fn from(error: casbin::Error) -> Self {
        Self::Refused(error.to_string())
    }
}

/// casbin with one policy version in it.
pub(crate) struct Engine {
    /// Asked under a lock, because what matched is noted beside it; only first answers come here.
    enforcer: Mutex<Enforcer>,
    matched: Arc<Mutex<Vec<(u16, EffectKind)>>>,
}

impl Engine {
    /// Parses the model as casbin does, or returns its error.
    pub fn lint(text: &str) -> Result<Vec<PolicyProblem>, EngineFault> {
        let model = guarded(async { Ok(DefaultModel::from_str(text).await?) })?;
        Ok(lint::model(&model, text))
    }

    /// An engine with this model and these rows.
    pub fn build(model: &str, rows: &str) -> Result<Self, EngineFault> {
        let mut enforcer = guarded(async {
            let model = DefaultModel::from_str(model).await?;
            Ok(Enforcer::new(model, StringAdapter::new(rows)).await?)
        })?;
        let matched = Arc::new(Mutex::new(Vec::new()));
        enforcer.set_effector(Box::new(Noting { matched: Arc::clone(&matched) }));
        Ok(Self { enforcer: Mutex::new(enforcer), matched })
    }

    /// What casbin says about one point.
    pub fn ask(&self, tuple: &Tuple) -> Result<Answer, EngineFault> {
        let enforcer = lock(&self.enforcer);
        lock(&self.matched).clear();
        let [role, standing, action, kind, audience, label, code, released] = tuple.request();
        let request = (role, standing, action, kind, audience, label, code, released);
        let allowed =
            catch_unwind(AssertUnwindSafe(|| enforcer.enforce(request))).map_err(|_| EngineFault::Panicked)??;
        let first = |wanted| lock(&self.matched).iter().find(|(_, effect)| *effect == wanted).map(|(rule, _)| *rule);
        if allowed {
            first(EffectKind::Allow).map(Answer::Allow).ok_or(EngineFault::NoRule)
        } else {
            Ok(first(EffectKind::Deny).map_or(Answer::Nothing, Answer::Deny))
        }
    }
}

#[cfg(test)]
impl Engine {
    /// The rows that it holds of a definition of a section of its model.
    pub fn held(&self, section: &str, definition: &str) -> Vec<Vec<String>> {
        lock(&self.enforcer).get_model().get_policy(section, definition)
    }
}

/// What a future gives that never waits and may panic.
fn guarded<T>(work: impl Future<Output = Result<T, EngineFault>>) -> Result<T, EngineFault> {
    let mut work = pin!(work);
    let mut context = Context::from_waker(Waker::noop());
    match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(&mut context))) {
        Ok(Poll::Ready(result)) => result,
        Ok(Poll::Pending) => Err(EngineFault::Waits),
        Err(_) => Err(EngineFault::Panicked),
    }
}

/// Locks data that is rewritten at each use, so that it is valid after a panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// casbin's own effects, with a note of each row that matched.
struct Noting {
    matched: Arc<Mutex<Vec<(u16, EffectKind)>>>,
}

impl Effector for Noting {
    fn new_stream(&self, expression: &str, rows: usize) -> Box<dyn EffectorStream> {
        let stream = DefaultEffector.new_stream(expression, rows);
        Box::new(NotingStream { stream, matched: Arc::clone(&self.matched), row: 0 })
    }
}

struct NotingStream {
    stream: Box<dyn EffectorStream>,
    matched: Arc<Mutex<Vec<(u16, EffectKind)>>>,
    row: u16,
}

impl EffectorStream for NotingStream {
    fn next(&self) -> bool {
        self.stream.next()
    }

    fn push_effect(&mut self, effect: EffectKind) -> bool {
        if effect != EffectKind::Indeterminate {
            lock(&self.matched).push((self.row, effect));
        }
        self.row = self.row.saturating_add(1);
        self.stream.push_effect(effect)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use care::command_name::Named as _;
    use care::conversation::Claim;
    use care::lifecycle::ThreadKind;
    use care::words::{Confidentiality, Role};

    use super::*;
    use crate::question::Domain;
    use crate::rules::Rules;
    use crate::text::PolicyText;
    use crate::words::{Action, Standing};

    /// A request that the shipped rules allow.
    pub fn allowed() -> Tuple {
        Tuple {
            role: Role::Physician,
            standing: Standing::PoolMember,
            action: Action::Command(Claim::NAME),
            kind: Some(ThreadKind::Consultation),
            audience: None,
            confidentiality: Confidentiality::Normal,
            code: None,
            released: false,
        }
    }

    /// The shipped model with a broken matcher or effect, without the linter.
    pub fn spoilt(from: &str, to: &str) -> Engine {
        let shipped = PolicyText::shipped();
        assert!(shipped.model.contains(from));
        let (rules, _) = Rules::read(&shipped.rules, &Domain::of(Action::all()));
        Engine::build(&shipped.model.replace(from, to), rules.rows()).expect("an engine")
    }

    #[test]
    fn an_error_of_the_engine_is_a_fault_and_no_answer() {
        let engine = spoilt("p.act == \"any\"", "p.nothing == \"any\"");
        assert!(matches!(engine.ask(&allowed()), Err(EngineFault::Refused(_))));
    }

    #[test]
    fn a_panic_of_the_engine_is_a_fault_and_it_can_be_asked_again() {
        let engine = spoilt("some(where (p.eft == allow)) &&", "some(where (p.eft == allow)) ||");
        assert_eq!(engine.ask(&allowed()), Err(EngineFault::Panicked));
        assert_eq!(engine.ask(&allowed()), Err(EngineFault::Panicked));
    }

    #[test]
    fn a_model_that_cannot_be_compiled_is_a_fault() {
        assert!(Engine::build("[matchers]\nm = (((", "").is_err());
    }
}
