//! The account's preferences: what differs from tenant to tenant at the vendor.

/// The account's preferences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// A OneWorld account: customers need a subsidiary.
    pub one_world: bool,
    /// Items without an income account get the default one; otherwise they are refused.
    pub default_income_account: bool,
    /// Items need a subsidiary; otherwise the role's own is taken.
    pub item_subsidiary_required: bool,
    /// Items need a tax schedule.
    pub tax_schedule_required: bool,
    /// How many requests may be in flight in the account.
    pub concurrency: usize,
    /// An external id stands once in its group. No real account is without this: `false` is a planted fault, for
    /// proofs that whoever watches for duplicates can see one.
    pub unique_external_ids: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            one_world: true,
            default_income_account: true,
            item_subsidiary_required: false,
            tax_schedule_required: false,
            concurrency: 15,
            unique_external_ids: true,
        }
    }
}
