//! The protocol itself, as the build makes it out of the files that the official client publishes.
//!
//! Nothing here is written by hand; see `build.rs`. It is public for tests that say what no client says. The module tree is that of the packages in
//! those files, because the made code names its neighbours by it.
#![expect(
    missing_docs,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    clippy::large_enum_variant,
    reason = "made by the build"
)]

pub mod google {
    pub mod rpc {
        tonic::include_proto!("google.rpc");
    }
}

pub mod event_store {
    pub mod client {
        tonic::include_proto!("event_store.client");

        pub mod streams {
            tonic::include_proto!("event_store.client.streams");
        }
        pub mod gossip {
            tonic::include_proto!("event_store.client.gossip");
        }
        pub mod server_features {
            tonic::include_proto!("event_store.client.server_features");
        }
    }
}
