//! Settings of the whole tailnet that stand in the policy file.

use crate::hujson::Value;
use crate::policy::fields::Fields;
use crate::policy::finding::Findings;
use crate::policy::schema;
use std::borrow::Cow;

/// Settings that are no access rules.
#[derive(Clone, Default)]
pub struct NetworkSettings<'d> {
    /// `derpMap`: relay servers of one's own.
    pub derp_map: Option<DerpMap<'d>>,
    /// `disableIPv4`: the older form of the attribute `disable-ipv4`.
    pub disable_ipv4: Option<bool>,
    /// `OneCGNATRoute`: empty, `mac-always` or `mac-never`.
    pub one_cgnat_route: Option<Cow<'d, str>>,
    /// `randomizeClientPort`: as the attribute of that name on every device.
    pub randomize_client_port: Option<bool>,
}

/// Relay servers.
#[derive(Clone)]
pub struct DerpMap<'d> {
    /// By number, as it is written. A region that is null takes a default one away.
    pub regions: Vec<(Cow<'d, str>, Value<'d>)>,
    /// `omitDefaultRegions`: no relay of the service is used.
    pub omits_default_regions: bool,
}

impl<'d> NetworkSettings<'d> {
    /// Reads the fields of the policy itself.
    pub(in crate::policy) fn read(policy: &Fields<'d>, findings: &mut Findings<'d>) -> Self {
        let there = |name: &str| policy.all(name).next().is_some();
        Self {
            derp_map: there("derpmap").then(|| DerpMap::read(policy.all("derpmap"), findings)),
            disable_ipv4: policy.truth("disableipv4", findings),
            one_cgnat_route: there("onecgnatroute").then(|| policy.text("onecgnatroute", findings)),
            randomize_client_port: policy.truth("randomizeclientport", findings),
        }
    }
}

impl<'d> DerpMap<'d> {
    fn read(sections: impl Iterator<Item = Value<'d>>, findings: &mut Findings<'d>) -> Self {
        let mut map = Self { regions: Vec::new(), omits_default_regions: false };
        for section in sections {
            let fields = Fields::of(section);
            schema::report_unknown(&fields, schema::DERP_MAP, "derpMap", findings);
            let regions = fields.all("regions").flat_map(|regions| Fields::of(regions).into_members());
            map.regions.extend(regions.map(|region| (region.spelling, region.value)));
            map.omits_default_regions |= fields.truth("omitdefaultregions", findings).unwrap_or(false);
        }
        map
    }
}
