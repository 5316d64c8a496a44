//! What planted bugs do that the product does not.

use std::time::Duration;

use super::asking::intent;
use super::checker::Answer as Told;
use super::world::{DEADLINE, Process, World};
use crate::connector::writer::answer::Done;
use crate::connector::writer::machine::Input;
use crate::connector::writer::queue::Ticket;
use crate::connector::writer::{Origin, Wanted};

impl World {
    /// A call is handed in again, for nobody.
    pub(super) fn resend(&mut self, process: Process, index: usize) {
        let Some(call) = self.history.calls.get(index).cloned() else { return };
        let deadline = self.instant() + Duration::from_millis(DEADLINE);
        let Some(replica) = self.process(process) else { return };
        let ticket = replica.machine.ticket();
        let (intent, origin) = (intent(&call), Origin::default());
        self.tell(process, Input::Submit { ticket, wanted: Wanted { intent, origin, deadline, ends: None } });
    }

    /// Somebody is told OK before the machine says so.
    pub(super) fn answered_at_once(&mut self, process: Process, ticket: Ticket) {
        self.answered(process, ticket, Told::Changed);
        // What the machine says of it is not heard.
        let caller = self.process(process).and_then(|replica| replica.callers.remove(&ticket));
        if let Some((_, Some(end))) = caller {
            self.ended(process, end, Ok(Done::Written));
        }
    }
}
