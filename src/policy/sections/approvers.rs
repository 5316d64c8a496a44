//! `autoApprovers`: who may offer routes, exit nodes and services without an admin's consent.

use crate::hujson::{Kind, Value};
use crate::policy::fields::Fields;
use crate::policy::finding::Findings;
use crate::policy::list::{List, Named};
use crate::policy::schema;

/// Approvers. Adding somebody is not retroactive, and removing somebody takes no route back.
#[derive(Clone, Default)]
pub struct AutoApprovers<'d> {
    /// By prefix; whoever approves a prefix approves what lies in it.
    pub routes: Vec<Named<'d>>,
    /// Of exit nodes.
    pub exit_node: Option<List<'d>>,
    /// By `svc:name` or tag: who may host the service.
    pub services: Vec<Named<'d>>,
}

impl<'d> AutoApprovers<'d> {
    pub(in crate::policy) fn read(
        sections: impl Iterator<Item = Value<'d>>,
        findings: &mut Findings<'d>,
    ) -> Self {
        let (mut routes, mut exit_node, mut services) = (Vec::new(), Vec::new(), Vec::new());
        for section in sections {
            if !matches!(section.kind(), Kind::Object | Kind::Null) {
                findings.report(section, "autoApprovers is no object: nothing in it counts");
            }
            let fields = Fields::of(section);
            schema::report_unknown(&fields, schema::AUTO_APPROVERS, "autoApprovers", findings);
            routes.extend(fields.all("routes"));
            exit_node.extend(fields.all("exitnode"));
            services.extend(fields.all("services"));
        }
        Self {
            routes: Named::read_all("autoApprovers.routes", routes.into_iter(), false, findings),
            exit_node: List::read_all(exit_node.into_iter(), "exitNode", findings),
            services: Named::read_all("autoApprovers.services", services.into_iter(), false, findings),
        }
    }
}
