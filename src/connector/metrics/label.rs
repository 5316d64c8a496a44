//! The words that tell series apart. Each is one of a few, known here: nothing from outside becomes a label.

use std::fmt;

use prometheus_client::encoding::{EncodeLabel, EncodeLabelSet, LabelSetEncoder};

/// Makes an enum of the values of one label.
macro_rules! label {
    ($(#[$doc:meta])* $name:ident as $key:literal { $($(#[$about:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(in crate::connector) enum $name {
            $($(#[$about])* $variant,)+
        }

        impl $name {
            /// Every value, so that each series is there before something is counted: an alert on an increase
            /// would else miss the first one.
            pub(super) const ALL: &'static [Self] = &[$(Self::$variant,)+];

            const fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl EncodeLabelSet for $name {
            fn encode(&self, encoder: &mut LabelSetEncoder<'_>) -> fmt::Result {
                ($key, self.word()).encode(encoder.encode_label())
            }
        }
    };
}

label! {
    /// How a policy write ended.
    WriteEnd as "outcome" {
        /// Answered 200.
        Stored = "stored",
        /// Judged in its place, and accepted: a dry run.
        Rehearsed = "rehearsed",
        /// Answered 412: somebody else was faster.
        Conflict = "conflict",
        /// Not answered, or with a server error: it may count or not.
        Lost = "lost",
        /// Answered with another 4xx.
        Refused = "refused",
        /// No connection or no access token: certainly not carried out.
        NotSent = "not_sent",
    }
}

label! {
    /// Why a change was refused that had reached the writer.
    Refusal as "reason" {
        /// The policy's text does not allow it.
        Impossible = "impossible",
        /// The policy's own tests or rules would fail, as was seen before anything was sent.
        Foreseen = "foreseen",
        /// Tailscale refuses the policy with the change.
        Rejected = "rejected",
        /// Tailscale refuses the policy as it is, or nobody can read it.
        Broken = "broken",
        /// The edit could not be proved: a defect of this program.
        Unproved = "unproved",
        /// A call failed.
        Failed = "failed",
        /// Somebody else kept changing the policy until the deadline.
        Contended = "contended",
        /// Whether it counts is not known.
        OutcomeUnknown = "outcome_unknown",
        /// Too many grants wait already.
        QueueFull = "queue_full",
        /// The daemon is stopping.
        Draining = "draining",
    }
}

label! {
    /// How a load of the tailnet ended.
    LoadEnd as "outcome" {
        /// It is the newest snapshot.
        Loaded = "loaded",
        /// It failed; syncs that begin fail too.
        Failed = "failed",
    }
}

label! {
    /// How much time a lease has left.
    Left as "left" {
        /// Its end has come.
        Overdue = "overdue",
        /// At most an hour.
        Hour = "1h",
        /// At most a day.
        Day = "24h",
        /// At most a week.
        Week = "7d",
        /// More than a week.
        Later = "later",
        /// Its end cannot be read: it never ends.
        Unreadable = "unreadable",
    }
}
