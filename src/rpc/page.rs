//! Pages that a client can take: cut by encoded size as well as by count.

use prost::Message;
use prost::encoding::encoded_len_varint;

use crate::connector::{Listed, Page, token_after};

/// Writes a page's items as long as they stay below `limit` bytes together, and gives the token of
/// what comes next. The first item is always taken: a listing that stops before it would never end.
pub(super) fn fit<T: Listed, M: Message>(
    page: Page<T>,
    limit: usize,
    write: impl Fn(&T) -> M,
) -> (Vec<M>, String) {
    let mut list = Vec::with_capacity(page.items.len());
    let mut size = 0;
    let mut taken = None;
    for item in &page.items {
        let message = write(item);
        size += field_size(message.encoded_len());
        if let Some(last) = taken.filter(|_| size > limit) {
            return (list, token_after(last));
        }
        list.push(message);
        taken = Some(item);
    }
    (list, page.next)
}

/// What an entry of this length takes in a list: tag, length, content.
fn field_size(length: usize) -> usize {
    1 + encoded_len_varint(length as u64) + length
}

#[cfg(test)]
mod tests {
    use prost_types::ListValue;

    use super::*;
    use crate::access::{Resource, ResourceId, ResourceKind, Trait};
    use crate::proto::c1::connector::v2 as pb;
    use crate::proto::to_pb;

    fn page(ids: &[&str]) -> Page<Resource> {
        let resource = |id: &&str| Resource {
            id: ResourceId::new(ResourceKind::User, *id),
            display_name: "x".repeat(500),
            description: String::new(),
            status: None,
            created: None,
            profile: Vec::new(),
            details: Trait::None,
            raw_id: None,
            aliases: Vec::new(),
        };
        Page { items: ids.iter().map(resource).collect(), next: "next".to_owned() }
    }

    /// Which ids stay, and the item whose token follows; `None`: the page's own token.
    #[track_caller]
    fn check(limit: usize, expected: &[&str], after: Option<&str>) {
        let (list, next) = fit(page(&["a", "b", "c"]), limit, to_pb::resource);
        let response = pb::ResourcesServiceListResourcesResponse { list, ..Default::default() };
        assert!(response.encoded_len() <= limit || expected.len() == 1, "{}", response.encoded_len());
        let ids: Vec<_> = response.list.iter().map(|it| it.id.as_ref().unwrap().resource.as_str()).collect();
        assert_eq!(ids, expected);
        let token = after.map_or("next".to_owned(), |id| token_after(page(&[id]).items.first().unwrap()));
        assert_eq!(next, token);
    }

    #[test]
    fn pages_are_cut_by_size() {
        let one = field_size(to_pb::resource(page(&["a"]).items.first().unwrap()).encoded_len());
        check(3 * one, &["a", "b", "c"], None);
        check(3 * one - 1, &["a", "b"], Some("b"));
        check(2 * one, &["a", "b"], Some("b"));
        check(2 * one - 1, &["a"], Some("a"));
        check(10, &["a"], Some("a"));
    }

    #[test]
    fn an_empty_page_is_the_last() {
        let none = Page::<Resource> { items: Vec::new(), next: String::new() };
        assert_eq!(fit(none, 10, |_| ListValue::default()), (Vec::new(), String::new()));
    }
}
