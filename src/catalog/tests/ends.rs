//! Memberships that end by themselves.

use super::*;

/// What the metadata of the grants on a resource say, by principal.
#[track_caller]
fn check(catalog: &Catalog, resource: &str, expected: &[(&str, &str)]) {
    let (kind, id) = resource.split_once(' ').unwrap();
    let resource = ResourceId::new(kind.parse().unwrap(), id);
    let told: Vec<(String, String)> = catalog
        .grants(&resource)
        .iter()
        .filter(|grant| grant.entitlement.slug != crate::access::Slug::Assigned)
        .map(|grant| {
            let facts: Vec<String> =
                grant.metadata.iter().map(|(name, value)| format!("{name}={value}")).collect();
            (grant.principal.id().to_owned(), facts.join(" "))
        })
        .collect();
    let told: Vec<(&str, &str)> = told.iter().map(|(id, facts)| (id.as_str(), facts.as_str())).collect();
    assert_eq!(told, expected, "{resource}");
}

#[test]
fn grants_tell_their_ends() {
    let text = r#"{
      "groups": {
        "group:eng": [
          "ada@example.com",
          "bob@example.com", // tailgrant: until=2030-01-31T12:00:00Z by=REQ-7
          "cyd@example.com", // tailgrant: until=2030-01-31T13:00:00+01:00
          "dan@example.com", // tailgrant: until=soon by=REQ-8
          "eve@example.com", // tailgrant: by=REQ-9
          "fay@example.com", // tailgrant: until=2030-01-31T12:00:00Z until=2031-01-31T12:00:00Z
        ],
      },
      "tagOwners": { "tag:db": ["group:eng" /* tailgrant: until=2030-01-31T12:00:00Z */, "tag:db"] },
      "acls": [
        // tailgrant: id=web
        { "action": "accept", "dst": ["*:443"], "src": ["*" /* tailgrant: until=2030-01-31T12:00:00Z */, "tag:db"] },
      ],
    }"#;
    let catalog = catalog_of(text);
    let noon = "expires_at=2030-01-31T12:00:00Z";
    let requested = format!("{noon} requested_by=REQ-7");
    check(
        &catalog,
        "group group:eng",
        &[
            ("policy:ada@example.com", ""),
            ("policy:bob@example.com", &requested),
            ("policy:cyd@example.com", noon),
            ("policy:dan@example.com", ""),
            ("policy:eve@example.com", ""),
            ("policy:fay@example.com", ""),
        ],
    );
    check(&catalog, "tag tag:db", &[("group:eng", noon), ("tag:db", "")]);
    check(&catalog, "aclrule acl:web", &[("*", noon), ("tag:db", "")]);
}

#[test]
fn of_several_ends_the_last_counts_and_none_counts_most() {
    let text = r#"{
      "groups": {
        "group:late": [
          "ada@example.com", // tailgrant: until=2030-01-01T00:00:00Z by=first
          "Ada@Example.com", // tailgrant: until=2031-01-01T00:00:00Z by=second
          "ADA@example.com", // tailgrant: until=2029-01-01T00:00:00Z by=third
        ],
        "group:ever": [
          "ada@example.com", // tailgrant: until=2030-01-01T00:00:00Z
          "Ada@Example.com",
        ],
      },
      "acls": [
        // tailgrant: id=web
        {
          "action": "accept", "dst": ["*:443"],
          "src": [
            "ada@example.com", // tailgrant: until=2030-01-01T00:00:00Z
          ],
        },
        // tailgrant: id=web
        {
          "action": "accept", "dst": ["*:443"],
          "src": [
            "ada@example.com", // tailgrant: until=2032-01-01T00:00:00Z
          ],
        },
      ],
    }"#;
    let catalog = catalog(&tailnet(vec![user("u1", "ada@example.com")]), text, Options::default());
    check(&catalog, "group group:late", &[("u1", "expires_at=2031-01-01T00:00:00Z requested_by=second")]);
    check(&catalog, "group group:ever", &[("u1", "")]);
    check(&catalog, "aclrule acl:web", &[("u1", "expires_at=2032-01-01T00:00:00Z")]);
}
