//! Destroys again, at each start and before anything is served, the keys that the log says are destroyed.

use care::event::Stream;
use vault::Vault;

use crate::fault::Fault;
use crate::read_models::ReadModels;
use crate::sealing;

/// Destroys again each key that the log says is destroyed and the key store has, such as a restored one.
pub(crate) fn carry_out_again(read_models: &ReadModels, vault: &Vault) -> Result<(), Fault> {
    for (name, event) in read_models.keys_destroyed()? {
        let stream = Stream::parse(&name).map_err(|_| Fault::Row("a stream's name"))?;
        let Some(node) = sealing::node_of(&stream, None) else { continue };
        if !sealing::is_destroyed(vault, node)? {
            tracing::warn!("a destroyed key was in the key store again, as after a restore; it is destroyed again");
            vault.destroy(node, event).map_err(Fault::from)?;
        }
    }
    Ok(())
}
