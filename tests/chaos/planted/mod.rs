//! Planted bugs: a history that a real run recorded is changed as if the product had a bug, wherever that surely is one,
//! and the checker has to find each.

mod places;

use std::collections::BTreeMap;

use self::places::Places;
use crate::checker::{Answer, By, History, Op, Rule, Store, Stored, check};

/// A bug, as it shows at the recorder: in an answer, or in a text that the service stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Bug {
    /// Who was refused, or told nothing, is told OK.
    OkWithoutEffect,
    /// What made an OK true was never stored.
    TextDropped,
    /// Who found it so is told to have made it so.
    HeldAsChanged,
    /// A text is stored once more, long after what it made was undone.
    StoredAgain,
    /// Somebody comes twice.
    ComesTwice,
    /// Access ends before its end.
    EndedEarly,
    /// Access stays ten minutes beyond its end.
    EndedLate,
    /// A write brings back the text from before somebody else's edit: of comments, hosts or rules.
    EditLost,
    /// The same, with an edit of who is in a list, or for how long.
    MemberLost,
    /// A write changes bytes outside of all lists.
    BytesOutside,
}

/// In how many places of a history each is planted, one at a time.
const PLANTED: usize = 2;

/// For how long nobody ends what has ended, in milliseconds.
const LATE: u64 = 600_000;

impl Bug {
    pub(crate) const ALL: [Self; 10] = [
        Self::OkWithoutEffect,
        Self::TextDropped,
        Self::HeldAsChanged,
        Self::StoredAgain,
        Self::ComesTwice,
        Self::EndedEarly,
        Self::EndedLate,
        Self::EditLost,
        Self::MemberLost,
        Self::BytesOutside,
    ];

    /// The rule that it breaks, whatever others it breaks besides.
    fn breaks(self) -> Rule {
        match self {
            Self::OkWithoutEffect | Self::TextDropped => Rule::OkIsInEffect,
            Self::HeldAsChanged => Rule::ChangedOrHeld,
            Self::StoredAgain | Self::EndedEarly | Self::MemberLost => Rule::EveryChangeHasACause,
            Self::ComesTwice => Rule::NotTwice,
            Self::EndedLate => Rule::NoLeaseIsLate,
            Self::EditLost | Self::BytesOutside => Rule::OthersTextStays,
        }
    }

    /// The history with the bug, once for each place.
    fn planted<'p>(self, places: &'p Places<'_>) -> Box<dyn Iterator<Item = History> + 'p> {
        let history = places.history;
        match self {
            Self::OkWithoutEffect => Box::new(places.without_effect().map(|call| {
                let mut history = history.clone();
                history.calls[call].answer = Answer::Changed;
                history
            })),
            Self::HeldAsChanged => Box::new(places.found_so().map(|call| {
                let mut history = history.clone();
                history.calls[call].answer = Answer::Changed;
                history
            })),
            Self::TextDropped => Box::new(places.made_by_one_text().map(|text| {
                let mut history = history.clone();
                history.stored.remove(text);
                history
            })),
            Self::StoredAgain => Box::new(places.undone().map(|(text, after)| {
                let again = history.stored[text].clone();
                inserted(history, after, again)
            })),
            Self::ComesTwice => Box::new(places.came().map(|(text, item)| {
                let twice = format!("{0}, {0}", &history.stored[text].text[item.clone()]);
                let mut history = history.clone();
                history.stored[text].text.replace_range(item, &twice);
                history
            })),
            Self::EndedEarly => Box::new(places.leased().map(|(text, line)| {
                let mut early = history.stored[text].text.clone();
                early.replace_range(line, "");
                let by = By::Tailgrant { replica: Some(0), request: None };
                inserted(history, text, Stored { at: 0, by, tag: "ended early".to_owned(), text: early })
            })),
            Self::EndedLate => Box::new(places.ended().map(|text| delayed(history, history.stored[text].at))),
            Self::EditLost | Self::MemberLost => {
                let edits = places.edited(self == Self::MemberLost);
                Box::new(edits.map(|text| {
                    let mut history = history.clone();
                    let Stored { tag, text: before, .. } = history.stored[text - 1].clone();
                    (history.stored[text + 1].tag, history.stored[text + 1].text) = (tag, before);
                    history
                }))
            }
            Self::BytesOutside => Box::new(places.written().map(|text| {
                let mut history = history.clone();
                for stored in &mut history.stored[text..] {
                    stored.text = match history.run.store {
                        Store::Verbatim => stored.text.replacen("\n\n", "\n", 1),
                        Store::Formatted => stored.text.replacen("192.0.2.0/24", "192.0.2.0/25", 1),
                    };
                }
                history
            })),
        }
    }
}

/// The history with another text behind one.
fn inserted(history: &History, after: usize, text: Stored) -> History {
    let mut history = history.clone();
    let at = history.stored[after].at;
    history.stored.insert(after + 1, Stored { at, ..text });
    history
}

/// The history with everything from a time on ten minutes later.
fn delayed(history: &History, from: u64) -> History {
    let mut history = history.clone();
    let late = |at: &mut u64| *at += if *at >= from { LATE } else { 0 };
    history.stored.iter_mut().for_each(|stored| late(&mut stored.at));
    history.lives.iter_mut().for_each(|(at, ..)| late(at));
    for call in &mut history.calls {
        late(&mut call.called);
        call.answered.iter_mut().for_each(late);
    }
    late(&mut history.run.duration);
    history
}

/// How often each bug was planted into a history, and where the checker did not find it.
pub(crate) fn plant(history: &History) -> (BTreeMap<Bug, u64>, Vec<String>) {
    let places = Places::of(history);
    let (mut planted, mut missed) = (BTreeMap::new(), Vec::new());
    for bug in Bug::ALL {
        for (number, history) in bug.planted(&places).take(PLANTED).enumerate() {
            *planted.entry(bug).or_default() += 1;
            let violations = check(&history);
            if !violations.iter().any(|violation| violation.rule == bug.breaks()) {
                let rules: Vec<Rule> = violations.iter().map(|violation| violation.rule).collect();
                missed.push(format!("the planted bug {bug:?} ({number}) was not found, only {rules:?}"));
            }
        }
    }
    (planted, missed)
}

/// Whether somebody wants to be in a list.
fn wants(op: Op) -> bool {
    matches!(op, Op::Grant | Op::Lease { .. })
}
