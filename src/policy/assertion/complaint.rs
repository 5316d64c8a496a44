//! What is wrong with a test, before it is told.

use super::unfit::Unfit;

/// One thing that is wrong with a test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Complaint {
    pub(super) text: String,
    /// It is wrong whatever there is that is not known here.
    pub(super) certain: bool,
}

/// What a source met instead of what was wanted.
pub(super) struct Met {
    /// `Accept`, `Check` or `Drop`.
    pub(super) got: &'static str,
    pub(super) certain: bool,
}

impl Complaint {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), certain: true }
    }

    pub(super) fn unfit(what: &str, unfit: Unfit) -> Self {
        Self { text: format!("{what}: {unfit}"), certain: unfit.is_certain() }
    }

    /// Makes it certain for another reason.
    pub(super) fn or_certain(self, certain: bool) -> Self {
        Self { certain: self.certain || certain, ..self }
    }

    /// Tells what sources met that was not wanted; nothing where there is none of it. One that is certain
    /// is enough.
    pub(super) fn wanted(what: &str, wanted: &str, met: impl Iterator<Item = Met>) -> Option<Self> {
        let mut told: Option<Met> = None;
        for met in met {
            let certain = met.certain;
            if certain || told.is_none() {
                told = Some(met);
            }
            if certain {
                break;
            }
        }
        told.map(|Met { got, certain }| Self { text: format!("{what}: want: {wanted}, got: {got}"), certain })
    }
}
