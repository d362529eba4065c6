//! Pages of the operator's console.

use std::sync::Arc;

use askama::Template;
use db::Tenant;
use edge::Frame;

/// All tenants, for the operator.
#[derive(Template)]
#[template(path = "console/tenants.html")]
pub struct TenantsPage {
    pub frame: Frame,
    pub tenants: Vec<Arc<Tenant>>,
}
