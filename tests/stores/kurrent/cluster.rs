//! What the nodes of a stand-in share: the log, who leads, and the faults that were asked for.
//!
//! Replication is not in it. An append is on all nodes at once, and an election is what a test
//! says it is.

use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tonic::{Request, Response, Status};

use super::Options;
use super::access::Refusal;
use super::log::Log;
use super::wire::event_store::client::gossip::gossip_server::Gossip;
use super::wire::event_store::client::gossip::member_info::VNodeState;
use super::wire::event_store::client::gossip::{ClusterInfo, EndPoint, MemberInfo};
use super::wire::event_store::client::server_features::server_features_server::ServerFeatures;
use super::wire::event_store::client::server_features::{SupportedMethod, SupportedMethods};
use super::wire::event_store::client::{Empty, Uuid as WireUuid, uuid};

use super::node::NodeCalls;

/// The version that the stand-in claims: the last line of servers whose appends end at 1 MiB.
const VERSION: &str = "25.0.0";

/// What is wrong on purpose.
#[derive(Default)]
pub struct Knobs {
    /// How many appends have come.
    pub appends: u64,
    pub lose_answer: bool,
    pub lose_request: bool,
    pub end_after: Option<u64>,
    pub search_end_after: Option<usize>,
    pub refusal: Option<Refusal>,
    pub wait: Duration,
}

/// One node as the others see it.
#[derive(Clone, Copy)]
pub struct Member {
    pub address: SocketAddr,
    pub alive: bool,
}

/// What the nodes share.
pub struct Cluster {
    pub options: Options,
    log: Mutex<Log>,
    knobs: Mutex<Knobs>,
    members: Mutex<(Vec<Member>, Option<usize>)>,
    /// Changes whenever a subscription should look again.
    stirred: watch::Sender<()>,
}

impl Cluster {
    pub fn new(options: Options) -> Self {
        let log = Log::new(options.first_position, options.noisy);
        let members = Mutex::new((Vec::new(), Some(0)));
        Self { options, log: Mutex::new(log), knobs: Mutex::default(), members, stirred: watch::Sender::new(()) }
    }

    pub fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn knobs(&self) -> MutexGuard<'_, Knobs> {
        self.knobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes subscriptions look again.
    pub fn stir(&self) {
        self.stirred.send_replace(());
    }

    pub fn stirred(&self) -> watch::Receiver<()> {
        self.stirred.subscribe()
    }

    /// A node has begun to listen.
    pub fn join(&self, node: usize, address: SocketAddr) {
        let (members, _) = &mut *self.members();
        let member = Member { address, alive: true };
        match members.get_mut(node) {
            Some(place) => *place = member,
            None => members.push(member),
        }
    }

    /// A node is dead.
    pub fn bury(&self, node: usize) {
        let (members, leader) = &mut *self.members();
        if let Some(member) = members.get_mut(node) {
            member.alive = false;
        }
        if *leader == Some(node) {
            *leader = None;
        }
    }

    pub fn elect(&self, node: usize) {
        self.members().1 = Some(node);
    }

    /// Who leads, and where it listens.
    pub fn leader(&self) -> Option<(usize, SocketAddr)> {
        let (members, leader) = &*self.members();
        leader.and_then(|node| members.get(node).map(|member| (node, member.address)))
    }

    fn members(&self) -> MutexGuard<'_, (Vec<Member>, Option<usize>)> {
        self.members.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[tonic::async_trait]
impl Gossip for NodeCalls {
    async fn read(&self, _: Request<Empty>) -> Result<Response<ClusterInfo>, Status> {
        let (members, leader) = &*self.cluster.members();
        let seen = members.iter().enumerate().map(|(node, member)| {
            let state = match (*leader, member.alive) {
                (_, false) => VNodeState::Unknown,
                (Some(leader), true) if leader == node => VNodeState::Leader,
                (Some(_), true) => VNodeState::Follower,
                (None, true) => VNodeState::Unknown,
            };
            let id = format!("00000000-0000-4000-8000-{node:012}");
            MemberInfo {
                instance_id: Some(WireUuid { value: Some(uuid::Value::String(id)) }),
                time_stamp: 0,
                state: state.into(),
                is_alive: member.alive,
                http_end_point: Some(EndPoint {
                    address: member.address.ip().to_string(),
                    port: member.address.port().into(),
                }),
            }
        });
        Ok(Response::new(ClusterInfo { members: seen.collect() }))
    }
}

#[tonic::async_trait]
impl ServerFeatures for NodeCalls {
    async fn get_supported_methods(&self, _: Request<Empty>) -> Result<Response<SupportedMethods>, Status> {
        let streams = [
            ("read", vec!["position", "events"]),
            ("append", vec![]),
            ("batchappend", vec!["deadline_duration"]),
            ("delete", vec![]),
            ("tombstone", vec![]),
        ];
        let streams = streams.map(|(method, features)| (method, "event_store.client.streams.streams", features));
        let others = [
            ("read", "event_store.client.gossip.gossip", vec![]),
            ("getsupportedmethods", "event_store.client.server_features.serverfeatures", vec![]),
        ];
        let methods = streams.into_iter().chain(others).map(|(method, service, features)| SupportedMethod {
            method_name: method.to_owned(),
            service_name: service.to_owned(),
            features: features.into_iter().map(str::to_owned).collect(),
        });
        let methods = methods.collect();
        Ok(Response::new(SupportedMethods { methods, event_store_server_version: VERSION.to_owned() }))
    }
}
