//! The calls of one node: authentication, and the writes with the faults that a test set.

use std::future::pending;
use std::sync::Arc;

use data_encoding::BASE64;
use tokio::sync::watch;
use tonic::Status;
use tonic::metadata::MetadataMap;

use super::access::{Caller, Refusal, not_leader, refusal};
use super::cluster::Cluster;
use super::connection::Switch;
use super::log::{Expected, Outcome, Proposed};

/// Answers the calls of one node.
#[derive(Clone)]
pub struct Endpoint {
    pub cluster: Arc<Cluster>,
    pub node: usize,
    pub switch: Arc<watch::Sender<Switch>>,
}

impl Endpoint {
    /// Authenticates a call.
    pub async fn admit(&self, headers: &MetadataMap) -> Result<Caller, Status> {
        let wait = self.cluster.faults().wait;
        if !wait.is_zero() {
            // The wait on an event that never happens is the delay of a slow server.
            let _ = tokio::time::timeout(wait, std::future::pending::<()>()).await;
        }
        let caller = self.caller(headers)?;
        if text(headers, "requires-leader").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
            match self.cluster.leader() {
                Some((leader, _)) if leader == self.node => {}
                Some((_, address)) => return Err(not_leader(address)),
                None => return Err(refusal(Refusal::NotReady)),
            }
        }
        Ok(caller)
    }

    fn caller(&self, headers: &MetadataMap) -> Result<Caller, Status> {
        let Some(user) = &self.cluster.options.user else { return Ok(Caller::Admin) };
        let Some(said) = text(headers, "authorization") else { return Ok(Caller::Nobody) };
        let expected = BASE64.encode(format!("{}:{}", user.name, user.password).as_bytes());
        match said.strip_prefix("Basic ") {
            Some(said) if said == expected && user.admin => Ok(Caller::Admin),
            Some(said) if said == expected => Ok(Caller::Program),
            Some(_) | None => Err(Status::unauthenticated("Unauthenticated")),
        }
    }

    /// Appends, with the faults that a test set.
    pub async fn write(&self, stream: &str, expected: Expected, events: Vec<Proposed>) -> Result<Outcome, Status> {
        let (lost_before, lost_after) = {
            let mut faults = self.cluster.faults();
            faults.appends += 1;
            if let Some(reason) = faults.refusal {
                return Err(refusal(reason));
            }
            let before = std::mem::take(&mut faults.lose_request);
            (before, !before && std::mem::take(&mut faults.lose_answer))
        };
        if self.cluster.leader().is_none() {
            return Err(refusal(Refusal::NotReady));
        }
        if lost_before {
            return self.disconnect().await;
        }
        let outcome = self.cluster.log().append(stream, expected, events);
        self.cluster.notify();
        if lost_after {
            return self.disconnect().await;
        }
        Ok(outcome)
    }

    /// Cuts the caller's connection, so that no answer arrives.
    async fn disconnect<T>(&self) -> T {
        self.switch.send_modify(|switch| switch.cuts += 1);
        pending().await
    }
}

fn text<'m>(headers: &'m MetadataMap, key: &str) -> Option<&'m str> {
    headers.get(key).and_then(|value| value.to_str().ok())
}
