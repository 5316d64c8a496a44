//! What a run is to be like: drawn first, so that runs differ in kind and not only in detail.

use std::ops::Range;

/// The kind of a run. Times are milliseconds since its beginning.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) replicas: u32,
    /// Changes that callers ask for.
    pub(super) intents: u32,
    /// How likely a request meets a fault.
    pub(super) faults: f64,
    /// How likely a fault of a write is that it is carried out later.
    pub(super) late: f64,
    /// The mean time between edits by somebody else.
    edits: Option<u64>,
    /// How likely somebody takes back everything since a late write was sent, just before it is carried out.
    pub(super) takes_back: f64,
    /// The mean time that a process lives.
    lives: Option<u64>,
    /// How likely a call is for one of few members of few lists.
    pub(super) crowded: f64,
    /// The first of these lists, by its place.
    pub(super) crowd: usize,
    /// Whether somebody else breaks the policy at times.
    pub(super) breaks: bool,
    /// How likely the service, or the policy's tests, are against a call.
    pub(super) objections: f64,
    /// Most grants that may wait at a replica.
    pub(super) queue: usize,
    /// When nothing can be recorded.
    pub(super) outages: Vec<Range<u64>>,
    /// How long a revoke may take, where nothing but that disturbs it.
    pub(super) removal: Option<u64>,
    /// The longest that a request takes on its way there, or back.
    pub(super) latency: u64,
    /// From when on nothing goes wrong any more, and nobody asks for anything.
    pub(super) calm: u64,
    /// The run's end: by then every lease has ended.
    pub(super) end: u64,
}

/// The longest lease.
pub(super) const LONGEST_LEASE: u64 = 200_000;

/// How long a revoke may take that only somebody else's edits and other replicas are in the way of.
const REMOVAL: u64 = 20_000;

/// A time that is so long and begins before `calm`.
fn outage(calm: u64, length: Range<u64>, chance: &mut fastrand::Rng) -> Range<u64> {
    let from = chance.u64(..calm);
    from..from + chance.u64(length)
}

/// Where the lists of a crowd begin: with two groups, or with two rules.
const CROWDS: [usize; 2] = [0, 7];

impl Plan {
    pub(super) fn draw(chance: &mut fastrand::Rng) -> Self {
        let mut one_of = |choices: &[u64]| choices[chance.usize(..choices.len())];
        let lives = one_of(&[0, 0, 60_000, 150_000]);
        let edits = one_of(&[0, 5_000, 20_000, 60_000]);
        let calm = one_of(&[60_000, 180_000, 300_000]);
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        let mut percent = |choices: &[u64]| one_of(choices) as f64 / 100.0;
        let (faults, crowded) = (percent(&[0, 5, 20, 50]), percent(&[0, 50, 90]));
        let (objections, takes_back, late) =
            (percent(&[0, 0, 10]), percent(&[0, 30, 90]), percent(&[0, 0, 60]));
        let outages = if chance.u8(..3) == 0 { chance.u32(1..=3) } else { 0 };
        let outages = (0..outages).map(|_| outage(calm, 5_000..60_000, chance)).collect();
        let plan = Self {
            replicas: chance.u32(1..=3),
            intents: chance.u32(50..=80),
            faults,
            late,
            edits: (edits > 0).then_some(edits),
            takes_back,
            lives: (lives > 0).then_some(lives),
            crowded,
            crowd: CROWDS[chance.usize(..CROWDS.len())],
            breaks: chance.u8(..4) == 0,
            objections,
            queue: if chance.u8(..10) == 0 { 3 } else { 10_000 },
            outages,
            removal: None,
            latency: if chance.bool() { 150 } else { 2_000 },
            calm,
            end: calm + LONGEST_LEASE + 320_000,
        };
        match chance.u8(..8) {
            0 | 1 => plan.entangled(),
            2 => plan.unrecorded(chance),
            _ => plan,
        }
    }

    /// Calls for few members wait for lost requests that undo what they are about, and nothing else disturbs them.
    fn entangled(self) -> Self {
        let (lives, breaks, objections) = (None, false, 0.0);
        let (crowded, faults, late, takes_back) = (0.9, 0.2, 0.6, 0.9);
        Self { faults, late, takes_back, lives, crowded, breaks, objections, ..self }
    }

    /// Nothing is amiss but that for a long time nothing can be recorded.
    fn unrecorded(self, chance: &mut fastrand::Rng) -> Self {
        let (lives, breaks, objections, crowded, faults) = (None, false, 0.0, 0.0, 0.0);
        let (latency, removal, outages) =
            (150, Some(REMOVAL), vec![outage(self.calm, 40_000..90_000, chance)]);
        Self { faults, lives, crowded, breaks, objections, outages, removal, latency, ..self }
    }

    /// When callers ask: alone, or many at once.
    pub(super) fn asks(&self, chance: &mut fastrand::Rng) -> Vec<u64> {
        let mut at = 0;
        (0..self.intents)
            .map(|_| {
                if chance.u8(..3) > 0 {
                    at = chance.u64(..self.calm);
                }
                at
            })
            .collect()
    }

    /// When somebody else edits the policy.
    pub(super) fn edits(&self, chance: &mut fastrand::Rng) -> Vec<u64> {
        let count = self.edits.map_or(0, |mean| self.calm / mean);
        (0..count).map(|_| chance.u64(1..self.calm)).collect()
    }

    /// When a process that is started now ends, if it does.
    pub(super) fn next_end(&self, now: u64, chance: &mut fastrand::Rng) -> Option<u64> {
        let end = now + chance.u64(1..=self.lives? * 2);
        (end < self.calm).then_some(end)
    }
}
