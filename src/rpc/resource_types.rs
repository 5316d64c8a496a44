//! `ResourceTypesService`.

use super::api::{Api, Call, admit};
use super::status::{self, Status};
use crate::access::ResourceType;
use crate::proto::c1::connector::v2 as pb;
use crate::proto::to_pb;

/// Version of the page tokens; the id of the last type follows.
const TOKEN: &str = "1:";

impl Api {
    /// `ListResourceTypes`: every type, in a fixed order. Never asks the tailnet.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` for a request out of bounds or a token that is not ours.
    #[expect(clippy::unused_async, reason = "all operations look alike to a transport")]
    pub async fn list_resource_types(
        &self,
        request: pb::ResourceTypesServiceListResourceTypesRequest,
        _call: &Call,
    ) -> Result<pb::ResourceTypesServiceListResourceTypesResponse, Status> {
        admit(&request)?;
        let types = self.connector.resource_types();
        let (page, next_page_token) = cut(types, request.page_size, &request.page_token)?;
        let list = page.iter().map(|of| to_pb::resource_type(of, self.settings.new_traits)).collect();
        Ok(pb::ResourceTypesServiceListResourceTypesResponse { list, next_page_token, ..Default::default() })
    }
}

/// The page of a static list, and the token of the next one.
fn cut<'a>(
    types: &'a [ResourceType],
    size: u32,
    token: &str,
) -> Result<(&'a [ResourceType], String), Status> {
    let rest = match token {
        "" => types,
        _ => after(types, token).ok_or_else(|| {
            status::invalid("page_token", "is not one of this connector; begin the listing again")
        })?,
    };
    let size = usize::try_from(size).ok().filter(|&size| size > 0).unwrap_or(rest.len());
    match rest.split_at_checked(size) {
        Some((page @ [.., last], [_, ..])) => Ok((page, format!("{TOKEN}{}", last.kind))),
        _ => Ok((rest, String::new())),
    }
}

fn after<'a>(types: &'a [ResourceType], token: &str) -> Option<&'a [ResourceType]> {
    let last = token.strip_prefix(TOKEN)?;
    let at = types.iter().position(|it| it.kind.as_str() == last)?;
    types.get(at + 1..)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{ListsNothing, ResourceKind};

    const fn of(kind: ResourceKind) -> ResourceType {
        ResourceType {
            kind,
            display_name: "",
            description: "",
            traits: &[],
            lists_nothing: ListsNothing::No,
            provisioning: false,
        }
    }

    const TYPES: [ResourceType; 3] =
        [of(ResourceKind::User), of(ResourceKind::Role), of(ResourceKind::Group)];

    #[track_caller]
    fn check(size: u32, token: &str, expected: Result<(&[ResourceKind], &str), i32>) {
        let page = cut(&TYPES, size, token);
        let page = page.map(|(page, next)| (page.iter().map(|it| it.kind).collect::<Vec<_>>(), next));
        let expected = expected.map(|(kinds, next)| (kinds.to_vec(), next.to_owned()));
        assert_eq!(page.map_err(|status| status.code), expected);
    }

    #[test]
    fn pages_of_types() {
        use ResourceKind::{Group, Role, User};
        check(0, "", Ok((&[User, Role, Group], "")));
        check(3, "", Ok((&[User, Role, Group], "")));
        check(2, "", Ok((&[User, Role], "1:role")));
        check(2, "1:role", Ok((&[Group], "")));
        check(1, "1:user", Ok((&[Role], "1:role")));
        check(1, "1:group", Ok((&[], "")));
        check(1, "1:device", Err(3));
        check(1, "role", Err(3));
    }
}
