//! The memory as the contract sees it.

use std::sync::Arc;

use async_trait::async_trait;

use crate::testing::contract::{self, Backend, Class, Site, StoreTraits};
use crate::{Access, Clock, Journal, OpenError, open};

struct Anywhere;

#[async_trait]
impl Site for Anywhere {
    fn fresh(&self) -> Arc<dyn Site> {
        Arc::new(Self)
    }

    fn traits(&self) -> StoreTraits {
        StoreTraits { dense: true, unique_ids: true, one_writer: false }
    }

    async fn open_as(&self, namespace: &str, access: Access, clock: Clock) -> Result<Arc<dyn Journal>, OpenError> {
        open("memory:", crate::Namespace::parse(namespace).expect("a namespace"), access, clock).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_keeps_the_contract() {
    contract::run(&Backend {
        name: "memory",
        claims: &[Class::Core, Class::Unique],
        unclaimed: &[
            (Class::Reopened, "it ends when it is closed"),
            (Class::Durable, "nothing outlives the process"),
            (Class::Faults, "nothing can fail on the way to a disk"),
        ],
        start: || Arc::new(Anywhere),
    })
    .await;
}
