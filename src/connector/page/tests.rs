use super::*;
use crate::access::{EntitlementId, ResourceKind};

fn rule() -> EntitlementId {
    EntitlementId { resource: ResourceId::new(ResourceKind::SshRule, "ssh:1"), slug: Slug::Member }
}

fn grant(kind: ResourceKind, id: &str) -> Grant {
    Grant {
        entitlement: rule(),
        principal: ResourceId::new(kind, id),
        expandable: None,
        immutable: false,
        metadata: Vec::new(),
    }
}

fn grants() -> Vec<Grant> {
    let mut all = vec![
        grant(ResourceKind::User, "u1"),
        grant(ResourceKind::User, "u2"),
        grant(ResourceKind::Group, "group:dev:ops"),
        grant(ResourceKind::Autogroup, "user:*@example.com"),
        grant(ResourceKind::Tag, "tag:db"),
    ];
    all.sort_by_key(Listed::key);
    all
}

fn request(size: usize, token: &str) -> PageRequest {
    PageRequest { size, token: token.to_owned() }
}

#[test]
fn pages_put_together_are_the_listing() {
    let all = grants();
    for size in 1..=all.len() + 1 {
        let (mut seen, mut token) = (Vec::new(), String::new());
        loop {
            let page = cut(&all, &request(size, &token)).unwrap();
            assert!(page.items.len() <= size);
            seen.extend(page.items);
            token = page.next;
            if token.is_empty() {
                break;
            }
        }
        assert_eq!(seen, all, "pages of {size}");
    }
}

#[test]
fn a_token_continues_where_its_item_is_gone() {
    let mut all = grants();
    let page = cut(&all, &request(2, "")).unwrap();
    let rest = all.split_off(2);
    all.pop();
    all.extend(rest.clone());
    assert_eq!(cut(&all, &request(0, &page.next)).unwrap().items, rest);
}

#[test]
fn the_size_is_ours_when_nothing_is_said() {
    let all: Vec<Grant> = (0..=DEFAULT_SIZE).map(|n| grant(ResourceKind::User, &format!("{n:05}"))).collect();
    let page = cut(&all, &request(0, "")).unwrap();
    assert_eq!(page.items.len(), DEFAULT_SIZE);
    assert_eq!(page.next, "1:member:user:00999");
}

#[track_caller]
fn check_refused<T: Listed + std::fmt::Debug>(token: &str) {
    let answer = cut::<T>(&[], &request(0, token));
    assert!(matches!(answer, Err(Error::Invalid(_))), "{token:?}: {answer:?}");
}

#[test]
fn foreign_tokens_are_refused() {
    for token in ["1", "1:", "2:u1", "u1", "1 :u1"] {
        check_refused::<Resource>(token);
        check_refused::<Grant>(token);
        check_refused::<Entitlement>(token);
    }
    for token in ["1:member", "1:member:user", "1:member:user:", "1:chief:user:u1", "1:member:planet:u1"] {
        check_refused::<Grant>(token);
    }
    check_refused::<Entitlement>("1:chief");
}
