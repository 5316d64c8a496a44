//! Who else writes the policy file.

/// Another pipeline owns the policy file, as the tailnet's settings say (API reference, 7.6): the service
/// still takes writes, and that pipeline will overwrite them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PolicyPipeline {
    /// Where the policy is changed instead; may be empty.
    pub link: String,
}
