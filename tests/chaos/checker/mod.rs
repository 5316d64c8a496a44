//! Judges what happened: every OK was in effect at its place in the order, every refusal was not, unknowns were one
//! or the other; edits of others survived, to the byte outside the lists; nothing took effect again that was undone;
//! leases ended neither early nor late.
//!
//! It takes a [`History`] and shares no code with the product: texts are read by a reader of its own. The service's
//! log says how each membership stood at each time, so nothing has to be guessed: each change that a replica wrote
//! has to be the doing of a call that could still take effect ([`cause`]), or of an end that had come; each OK has to
//! have been true between call and answer ([`answers`]), and say rightly who made it so ([`told`]); each call has one
//! answer, in time ([`replies`]); and a text of ours may differ from the one before it in the changed lists alone, and
//! inside them in what was asked for ([`writes`], [`layout`]).
//!
//! What the law allows is allowed here: a call whose caller was told `outcome_unknown`, or nothing, may take effect
//! for as long as its last request may live, whatever other replicas, or this one after a restart, did meanwhile. And
//! a request of which a replica believes that it was carried out, since it reads exactly the text that it sent, may
//! still live if somebody else had stored the same on the same base.

mod answers;
mod cause;
mod history;
mod layout;
mod leases;
pub(crate) mod lists;
mod replies;
#[cfg(test)]
mod tests;
mod timeline;
pub(crate) mod tokens;
mod told;
mod writes;

use std::fmt;

pub(crate) use history::{Answer, By, Call, Event, History, Op, Run, Store, Stored};

use timeline::Timeline;

/// Something that must not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    /// Which rule is broken.
    pub(crate) rule: Rule,
    /// What is wrong, in words.
    pub(crate) what: String,
    /// The events concerned.
    pub(crate) events: Vec<String>,
}

/// What is demanded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rule {
    /// What was answered OK was so between call and answer, and as the order of the calls has it.
    OkIsInEffect,
    /// Who was told `Changed` made the change, who was told `Held` found it so.
    ChangedOrHeld,
    /// Each call is answered once, by the time at which that is due, unless its process or its caller is gone.
    OneAnswerInTime,
    /// A change that a replica wrote is the doing of a call that could still take effect, or of an end.
    EveryChangeHasACause,
    /// Outside the lists whose members or ends a write changes the text is the others', to the byte.
    OthersTextStays,
    /// In these lists other elements, their layout and all comments stay as they are.
    OthersElementsStay,
    /// No selector stands twice in a list by our doing.
    NotTwice,
    /// A lease ends soon after its end.
    NoLeaseIsLate,
}

/// Checks a run; nothing: all is well.
pub(crate) fn check(history: &History) -> Vec<Violation> {
    let timeline = Timeline::of(history);
    let mut violations = writes::check(history, &timeline);
    violations.extend(cause::check(history, &timeline));
    violations.extend(answers::check(history, &timeline));
    violations.extend(told::check(history, &timeline));
    violations.extend(replies::check(history));
    violations.extend(leases::check(history, &timeline));
    violations
}

impl fmt::Display for Violation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:?}: {}", self.rule, self.what)?;
        self.events.iter().try_for_each(|event| write!(out, "\n    {event}"))
    }
}
