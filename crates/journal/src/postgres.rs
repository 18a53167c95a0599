//! The log on PostgreSQL.

use std::sync::Arc;

use uuid::Uuid;

use crate::clock::Clock;
use crate::{Access, Journal, LogIdentity, Namespace, OpenError};

/// Opens the log of a namespace.
pub(crate) async fn open(
    _url: &str,
    _namespace: Namespace,
    _access: Access,
    _clock: Clock,
) -> Result<Arc<dyn Journal>, OpenError> {
    Err(not_yet())
}

/// Makes the log where there is none.
pub(crate) async fn init(_url: &str, _namespace: Namespace, _identity: LogIdentity) -> Result<LogIdentity, OpenError> {
    Err(not_yet())
}

/// Begins a new epoch.
pub(crate) async fn renew_epoch(_url: &str, _namespace: Namespace, _epoch: Uuid) -> Result<LogIdentity, OpenError> {
    Err(not_yet())
}

fn not_yet() -> OpenError {
    OpenError::Unavailable { reason: "this backend is being built".into() }
}
