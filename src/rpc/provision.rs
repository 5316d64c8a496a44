//! `GrantManagerService`.

use jiff::Timestamp;
use prost_types::Any;

use super::api::{Api, Call, admit, required};
use super::lease;
use super::status::{self, Status};
use crate::access::{EntitlementId, ResourceId};
use crate::connector::{Error, GrantOutcome, GrantRequest, RevokeOutcome, RevokeRequest};
use crate::proto::annotation::{find, pack};
use crate::proto::c1::connector::v2 as pb;
use crate::proto::{from_pb, to_pb};

impl Api {
    /// `Grant`: OK means that the grant is in the tailnet, whether it was added or there before. An annotation
    /// `tailgrant.v1.Lease` or the call says when it ends by itself.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` for a request out of bounds, ids that cannot be read or do not agree, principals of
    /// a wrong kind, and an end that cannot be or that roles cannot have; otherwise what
    /// [`Connector::grant`](crate::connector::Connector::grant) fails with.
    pub async fn grant(
        &self,
        request: pb::GrantManagerServiceGrantRequest,
        call: &Call,
    ) -> Result<pb::GrantManagerServiceGrantResponse, Status> {
        admit(&request)?;
        self.provisioning()?;
        let entitlement = required("entitlement", request.entitlement.as_ref())?;
        let principal = required("principal", request.principal.as_ref())?;
        let granted = self.connector.grant(GrantRequest {
            entitlement: entitlement_id("entitlement", entitlement)?,
            principal: principal_id("principal", principal)?,
            deadline: call.deadline,
            caller: call.caller.clone(),
            request_id: lease::request_id(&request.annotations, call)?,
            end: lease::end(&request.annotations, call, Timestamp::now())?,
        });
        let granted = granted.await.map_err(|error| status::of(&error))?;
        let annotation = match &granted.outcome {
            GrantOutcome::Added => None,
            GrantOutcome::AlreadyExists => Some(pack(&pb::GrantAlreadyExists {})),
            GrantOutcome::Replaced(replaced) => {
                Some(pack(&pb::GrantReplaced { replaced_grant_id: replaced.to_string() }))
            }
        };
        Ok(pb::GrantManagerServiceGrantResponse {
            annotations: annotation.into_iter().collect(),
            grants: vec![to_pb::grant(&granted.grant)],
        })
    }

    /// `Revoke`: OK means that the grant is not in the tailnet. The grant's own id is never read: clients
    /// may not know it.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` as for [`Api::grant`]; otherwise what
    /// [`Connector::revoke`](crate::connector::Connector::revoke) fails with.
    pub async fn revoke(
        &self,
        request: pb::GrantManagerServiceRevokeRequest,
        call: &Call,
    ) -> Result<pb::GrantManagerServiceRevokeResponse, Status> {
        admit(&request)?;
        self.provisioning()?;
        let grant = required("grant", request.grant.as_ref())?;
        let entitlement = required("grant.entitlement", grant.entitlement.as_ref())?;
        let principal = required("grant.principal", grant.principal.as_ref())?;
        let revoked = self.connector.revoke(RevokeRequest {
            entitlement: entitlement_id("grant.entitlement", entitlement)?,
            principal: principal_id("grant.principal", principal)?,
            logins: logins("grant.principal.annotations", &principal.annotations)?,
            deadline: call.deadline,
            caller: call.caller.clone(),
            request_id: lease::request_id(&request.annotations, call)?,
        });
        let annotations = match revoked.await.map_err(|error| status::of(&error))? {
            RevokeOutcome::Removed => Vec::new(),
            RevokeOutcome::AlreadyRevoked => vec![pack(&pb::GrantAlreadyRevoked {})],
        };
        Ok(pb::GrantManagerServiceRevokeResponse { annotations })
    }

    /// Refuses while provisioning is switched off, as the Go SDK does.
    pub(super) fn provisioning(&self) -> Result<(), Status> {
        if self.settings.provisioning {
            return Ok(());
        }
        Err(status::of(&Error::ProvisioningOff { tailnet: self.connector.tailnet().to_owned() }))
    }
}

fn entitlement_id(field: &str, entitlement: &pb::Entitlement) -> Result<EntitlementId, Status> {
    from_pb::entitlement(entitlement).map_err(|error| status::not_an_id(field, &error))
}

fn principal_id(field: &str, principal: &pb::Resource) -> Result<ResourceId, Status> {
    from_pb::resource(principal).map_err(|error| status::not_an_id(field, &error))
}

/// What the caller knows a person by, in the order login, addresses, aliases; each once.
fn logins(field: &str, annotations: &[Any]) -> Result<Vec<String>, Status> {
    let found = find::<pb::UserTrait>(annotations)
        .map_err(|error| status::invalid(field, format!("the user trait cannot be read: {error}")))?;
    let Some(user) = found else { return Ok(Vec::new()) };
    let addresses = user.emails.into_iter().map(|email| email.address);
    let mut logins: Vec<String> = Vec::new();
    for login in [user.login].into_iter().chain(addresses).chain(user.login_aliases) {
        if !login.is_empty() && !logins.contains(&login) {
            logins.push(login);
        }
    }
    Ok(logins)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_known_by_all_their_logins() {
        let email = |address: &str| pb::user_trait::Email { address: address.to_owned(), is_primary: false };
        let user = pb::UserTrait {
            login: "ada@example.com".to_owned(),
            emails: vec![email("ada@example.com"), email("Ada@example.org"), email("")],
            login_aliases: vec!["ada@old.example.com".to_owned()],
            ..Default::default()
        };
        let annotations = [pack(&pb::RawId { id: "1".to_owned() }), pack(&user)];
        assert_eq!(
            logins("annotations", &annotations).unwrap(),
            ["ada@example.com", "Ada@example.org", "ada@old.example.com"]
        );
        assert_eq!(logins("annotations", &[]).unwrap(), [""; 0]);
    }

    #[test]
    fn a_user_trait_that_cannot_be_read_is_no_absent_one() {
        let mut annotation = pack(&pb::UserTrait { login: "ada".to_owned(), ..Default::default() });
        annotation.value.truncate(3);
        let status = logins("grant.principal.annotations", &[annotation]).unwrap_err();
        assert_eq!(status.code, 3);
        assert!(status.message.starts_with("grant.principal.annotations: "), "{}", status.message);
    }
}
