//! The gossip of a node: its cluster and itself.

use tonic::{Request, Response, Status};

use super::endpoint::Endpoint;
use super::wire::event_store::client::gossip::gossip_server::Gossip;
use super::wire::event_store::client::gossip::member_info::VNodeState;
use super::wire::event_store::client::gossip::{ClusterInfo, EndPoint, MemberInfo};
use super::wire::event_store::client::server_features::server_features_server::ServerFeatures;
use super::wire::event_store::client::server_features::{SupportedMethod, SupportedMethods};
use super::wire::event_store::client::{Empty, Uuid as WireUuid, uuid};

/// The version that the stand-in reports: the last release line that limits appends to 1 MiB.
const VERSION: &str = "25.0.0";

#[tonic::async_trait]
impl Gossip for Endpoint {
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
impl ServerFeatures for Endpoint {
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
