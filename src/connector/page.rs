//! Pages of a listing.
//!
//! A page token is a version and the key of the last item it follows, so that a listing continues in
//! whatever snapshot is current, on any replica: what came before the key is not repeated, what comes
//! after it is not left out.

use super::Error;
use crate::access::{Entitlement, Grant, Resource, ResourceId, Slug};

/// Items of a page when the caller leaves the choice to us. A page of the largest resources of a usual
/// tailnet stays well below the 4 MiB a gRPC client takes; the transport cuts by size besides.
const DEFAULT_SIZE: usize = 1_000;

/// First part of every token; a change of the key's form changes it.
const VERSION: &str = "1:";

/// A page of a listing: at most `size` items (0: the server's choice), after `token` (empty: from the
/// beginning).
#[derive(Clone, Debug, Default)]
pub struct PageRequest {
    /// Most items, 0 for the server's choice.
    pub size: usize,
    /// Where the page before ended, as [`Page::next`] or [`token_after`] gave it.
    pub token: String,
}

/// One page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The items, in the order of their keys.
    pub items: Vec<T>,
    /// Token of the page that follows; empty when this is the last one.
    pub next: String,
}

/// Something that is listed in pages, in the order of its key.
pub trait Listed: Clone {
    /// What the listing is sorted by.
    type Key: Ord;

    /// The item's key.
    fn key(&self) -> Self::Key;

    /// The key as a token carries it.
    fn write(key: &Self::Key) -> String;

    /// Reads what [`Listed::write`] wrote.
    fn read(text: &str) -> Option<Self::Key>;
}

impl Listed for Resource {
    type Key = String;

    fn key(&self) -> String {
        self.id.id().to_owned()
    }

    fn write(key: &String) -> String {
        key.clone()
    }

    fn read(text: &str) -> Option<String> {
        (!text.is_empty()).then(|| text.to_owned())
    }
}

impl Listed for Entitlement {
    type Key = Slug;

    fn key(&self) -> Slug {
        self.id.slug
    }

    fn write(key: &Slug) -> String {
        key.to_string()
    }

    fn read(text: &str) -> Option<Slug> {
        text.parse().ok()
    }
}

impl Listed for Grant {
    type Key = (Slug, ResourceId);

    fn key(&self) -> (Slug, ResourceId) {
        (self.entitlement.slug, self.principal.clone())
    }

    fn write((slug, principal): &(Slug, ResourceId)) -> String {
        format!("{slug}:{principal}")
    }

    fn read(text: &str) -> Option<(Slug, ResourceId)> {
        let (slug, rest) = text.split_once(':')?;
        let (kind, id) = rest.split_once(':')?;
        (!id.is_empty()).then_some(())?;
        Some((slug.parse().ok()?, ResourceId::new(kind.parse().ok()?, id)))
    }
}

/// The token of the page that begins after `last`: for a transport that ends a page before its last
/// item.
#[must_use]
pub fn token_after<T: Listed>(last: &T) -> String {
    format!("{VERSION}{}", T::write(&last.key()))
}

/// Cuts a page out of a sorted listing.
///
/// # Errors
///
/// Fails with [`Error::Invalid`] when the token is not one of ours.
pub(super) fn cut<T: Listed>(items: &[T], request: &PageRequest) -> Result<Page<T>, Error> {
    let start = match request.token.as_str() {
        "" => 0,
        token => {
            let last = token.strip_prefix(VERSION).and_then(T::read).ok_or_else(|| {
                Error::Invalid(
                    "the page token is not one of this connector; begin the listing again".to_owned(),
                )
            })?;
            items.partition_point(|item| item.key() <= last)
        }
    };
    let size = if request.size == 0 { DEFAULT_SIZE } else { request.size };
    let rest = items.get(start..).unwrap_or_default();
    let items = rest.get(..size).unwrap_or(rest).to_vec();
    let next = if items.len() < rest.len() {
        items.last().map(token_after).unwrap_or_default()
    } else {
        String::new()
    };
    Ok(Page { items, next })
}

#[cfg(test)]
mod tests;
