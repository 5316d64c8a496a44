//! Planted bugs. They sit between the machine and the model of the service, so that the product has no switch for
//! them; the checker has to catch each.

use super::checker::Rule;

/// A bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sabotage {
    /// A lost answer is told as stored.
    NoReadBack,
    /// Writes are carried out whatever the policy's tag is.
    NoIfMatch,
    /// Lost requests count as dead at once, so callers are answered while they live.
    AnswerWhileLostLives,
    /// What was asked for is asked for again after its caller was answered.
    ResendForAnswered,
    /// A write is carried out again whenever its tag comes back.
    ApplyTwice,
    /// Callers are told OK when their write is sent.
    AnswerBefore200,
    /// The end of a lease is told as made, and nothing is written.
    EndWithoutWrite,
    /// The end of a lease removes the member whatever end it has by now.
    EndOfRenewed,
    /// Some are answered twice.
    AnsweredTwice,
    /// Some are not answered.
    NeverAnswered,
    /// A grant is written although it is told as not recorded.
    WrittenUnrecorded,
    /// What gives no access is not sent either while nothing can be recorded.
    RemovalsWaitForRecord,
    /// People and devices of a time before a call are told as those of now. No rule of the checker's: the bed itself
    /// looks after that.
    JudgesByWhatWasBefore,
}

impl Sabotage {
    /// Those that the checker has to catch.
    pub(super) const ALL: [Self; 12] = [
        Self::NoReadBack,
        Self::NoIfMatch,
        Self::AnswerWhileLostLives,
        Self::ResendForAnswered,
        Self::ApplyTwice,
        Self::AnswerBefore200,
        Self::EndWithoutWrite,
        Self::EndOfRenewed,
        Self::AnsweredTwice,
        Self::NeverAnswered,
        Self::WrittenUnrecorded,
        Self::RemovalsWaitForRecord,
    ];

    /// The rules that it breaks; one of them has to be found broken.
    pub(super) const fn breaks(self) -> &'static [Rule] {
        match self {
            Self::NoReadBack | Self::AnswerBefore200 => &[Rule::OkIsInEffect],
            Self::NoIfMatch => &[Rule::EveryChangeHasACause, Rule::OthersTextStays],
            Self::AnswerWhileLostLives
            | Self::ResendForAnswered
            | Self::ApplyTwice
            | Self::EndOfRenewed
            | Self::WrittenUnrecorded => &[Rule::EveryChangeHasACause],
            Self::EndWithoutWrite => &[Rule::NoLeaseIsLate],
            Self::AnsweredTwice | Self::NeverAnswered | Self::RemovalsWaitForRecord => {
                &[Rule::OneAnswerInTime]
            }
            Self::JudgesByWhatWasBefore => &[],
        }
    }
}
