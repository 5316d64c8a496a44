//! Annotations: messages packed into `google.protobuf.Any`.

use prost::{DecodeError, Message, Name};
use prost_types::{Any, Struct};

/// What a type URL begins with; the message's full name follows.
const DOMAIN: &str = "type.googleapis.com/";

/// Packs a message under the type URL `type.googleapis.com/<full name>`.
#[must_use]
pub fn pack<M: Message + Name>(message: &M) -> Any {
    Any { type_url: M::type_url(), value: message.encode_to_vec() }
}

/// The same for a message of a library that does not tell its full name.
#[must_use]
pub fn pack_as(full_name: &str, message: &impl Message) -> Any {
    Any { type_url: format!("{DOMAIN}{full_name}"), value: message.encode_to_vec() }
}

/// Packs named facts.
#[must_use]
pub fn pack_struct(facts: &Struct) -> Any {
    pack_as("google.protobuf.Struct", facts)
}

/// The first annotation of type `M`, whatever stands before the `/` of its type URL.
///
/// # Errors
///
/// Fails when that annotation does not hold a message of its type.
pub fn find<M: Message + Name + Default>(annotations: &[Any]) -> Result<Option<M>, DecodeError> {
    all(annotations).next().transpose()
}

/// All annotations of type `M`, as [`find`] finds the first.
pub fn all<M: Message + Name + Default>(annotations: &[Any]) -> impl Iterator<Item = Result<M, DecodeError>> {
    let name = M::full_name();
    annotations
        .iter()
        .filter(move |any| any.type_url.rsplit('/').next() == Some(&name))
        .map(|any| M::decode(any.value.as_slice()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::c1::connector::v2 as pb;

    #[test]
    fn what_is_packed_is_found() {
        let other = pack(&pb::GrantAlreadyExists {});
        let first = pack(&pb::RawId { id: "1".to_owned() });
        let second = pack(&pb::RawId { id: "2".to_owned() });
        assert_eq!(first.type_url, "type.googleapis.com/c1.connector.v2.RawId");
        let annotations = [other.clone(), first, second];
        let found = find::<pb::RawId>(&annotations).unwrap();
        assert_eq!(found.map(|raw| raw.id).as_deref(), Some("1"));
        let ids: Vec<String> = all::<pb::RawId>(&annotations).map(|raw| raw.unwrap().id).collect();
        assert_eq!(ids, ["1", "2"]);
        assert_eq!(find::<pb::RawId>(&[other]).unwrap(), None);
    }

    #[test]
    fn what_cannot_be_read_is_an_error() {
        let mut any = pack(&pb::RawId { id: "1".to_owned() });
        any.value.truncate(2);
        find::<pb::RawId>(&[any]).unwrap_err();
    }
}
