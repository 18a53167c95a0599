//! What a kind adds to a thread, read once for all the fields that show it.
//!
//! What everybody who finds the thread may know is read without its content. The content is read
//! once, when the first field of it is asked for, so that nothing is recorded as read that was not
//! shown.

use std::sync::OnceLock;

use coordination::LifecycleView;
use coordination::fault::Fault;
use policy::visible::Visible;

use super::ThreadFields;

/// The lifecycle of a thread, as its reader may see it.
pub(super) struct LifecycleOnce {
    pub thread: ThreadFields,
    header: OnceLock<Option<Visible<LifecycleView>>>,
    content: OnceLock<Option<Visible<LifecycleView>>>,
}

impl LifecycleOnce {
    pub fn of(thread: ThreadFields) -> Self {
        Self { thread, header: OnceLock::new(), content: OnceLock::new() }
    }

    /// What everybody who finds the thread may know.
    pub fn header(&self) -> Result<&LifecycleView, Fault> {
        let header = once(&self.header, || self.thread.reader.lifecycle_header(&self.thread.view))?;
        header.ok_or(Fault::Row("a thread without its lifecycle"))
    }

    /// The same with its content; none if this viewer may not read it.
    pub fn content(&self) -> Result<Option<&LifecycleView>, Fault> {
        once(&self.content, || self.thread.reader.lifecycle(&self.thread.view))
    }
}

fn once(
    cell: &OnceLock<Option<Visible<LifecycleView>>>,
    read: impl FnOnce() -> Result<Option<Visible<LifecycleView>>, Fault>,
) -> Result<Option<&LifecycleView>, Fault> {
    if cell.get().is_none() {
        // Fields of one object are resolved one after the other, so nothing is read twice.
        let read = read()?;
        cell.get_or_init(|| read);
    }
    Ok(cell.get().and_then(Option::as_ref).map(|view| &**view))
}
