//! Remarks about a policy, and where they stand.

use crate::hujson::{Document, Position, Value};
use std::ops::Range;

/// Something in the policy that is odd but never stops a sync.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is about.
    pub kind: FindingKind,
    /// Where it stands.
    pub position: Position,
    /// What is odd, and how it was read.
    pub message: String,
}

/// What a finding is about, where programs have to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FindingKind {
    /// An `until` beside a member does not count: the membership never ends by itself.
    NeverEnds,
    /// Anything else.
    Other,
}

/// Collects findings while a document is read.
pub(super) struct Findings<'d> {
    document: &'d Document<'d>,
    list: Vec<Finding>,
    claimed: Vec<Range<usize>>,
}

impl<'d> Findings<'d> {
    pub(super) fn new(document: &'d Document<'d>) -> Self {
        Self { document, list: Vec::new(), claimed: Vec::new() }
    }

    pub(super) fn report(&mut self, value: Value<'_>, message: impl Into<String>) {
        self.report_at(value.span().start, message);
    }

    pub(super) fn report_at(&mut self, offset: usize, message: impl Into<String>) {
        self.report_kind(FindingKind::Other, offset, message.into());
    }

    pub(super) fn report_kind(&mut self, kind: FindingKind, offset: usize, message: String) {
        let position = self.document.position(offset);
        self.list.push(Finding { kind, position, message });
    }

    /// Notes that the directives in this comment belong to something.
    pub(super) fn claim(&mut self, comment: Range<usize>) {
        self.claimed.push(comment);
    }

    /// The comments with directives that belong to something, in the order of the text.
    pub(super) fn claimed(&self) -> Vec<Range<usize>> {
        let mut claimed = self.claimed.clone();
        claimed.sort_unstable_by_key(|comment| comment.start);
        claimed
    }

    /// The findings in the order of the text.
    pub(super) fn into_sorted(mut self) -> Vec<Finding> {
        self.list.sort_by_key(|finding| finding.position);
        self.list
    }
}
