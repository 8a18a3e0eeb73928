//! Customers: who they are, who belongs to whom, and who of them is dirt.

use super::places::{PLACES, Place};
use super::{FOREIGN, Options, TERMS, UNKNOWN_TERM, dirt, names};
use crate::books::dice::{Dice, Part};
use crate::books::{Account, AccountStatus, fit};

/// Fewer customers would not show what customers can be.
const FEWEST: usize = 12;

/// Parent, child, grandchild.
const LEVELS: usize = 3;

/// Who may own invoices, as positions among the accounts.
pub(super) struct Owners {
    /// For each posted invoice its account, which is active and clean (but perhaps kept out of the sync).
    pub(super) posted: Vec<usize>,
    /// Accounts that the sync takes, and that can arrive.
    pub(super) arriving: Vec<bool>,
    /// Accounts that cannot arrive in the ERP although they are not kept out of the sync.
    pub(super) stranded: Vec<usize>,
}

/// What is special about an account.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Plain,
    KeptOut,
    Draft,
    Canceled,
    UnknownTerm,
    LongName,
    UnknownCurrency,
}

/// Generates the accounts, and tells which of them own the posted invoices.
pub(super) fn generate(options: &Options) -> (Vec<Account>, Owners) {
    let mut dice = Dice::new(options.seed, Part::Accounts);
    let shares = shares(&mut dice, options.records);
    let roles = roles(&mut Dice::new(options.seed, Part::Roles), options, shares.len());
    let mut owners = Owners { posted: Vec::with_capacity(options.records), arriving: Vec::new(), stranded: Vec::new() };
    let mut accounts = Vec::with_capacity(roles.len());
    let mut family = Family::default();
    let mut names = names::Unique::default();
    let mut shares = shares.into_iter();
    for (position, &role) in roles.iter().enumerate() {
        let place = place(&mut dice, position);
        let mut account = customer(&mut dice, place, position);
        account.parent = family.adopt(&mut dice, position, role == Role::Plain);
        spoil(&mut dice, &mut account, role, place);
        account.name = names.claim(account.name);
        owners.arriving.push(role == Role::Plain);
        if matches!(role, Role::Plain | Role::KeptOut) {
            let share = shares.next().unwrap_or(0);
            owners.posted.extend(std::iter::repeat_n(position, share));
        } else {
            owners.stranded.push(position);
        }
        accounts.push(account);
    }
    (accounts, owners)
}

/// How many of the posted invoices each customer gets.
fn shares(dice: &mut Dice, records: usize) -> Vec<usize> {
    let mut shares = Vec::new();
    let mut left = records;
    while left > 0 {
        let share = usize::try_from(fit::INVOICES_OF_A_CUSTOMER.draw(dice)).unwrap_or(1).min(left);
        shares.push(share);
        left -= share;
    }
    shares.resize(shares.len().max(FEWEST), 0);
    shares
}

/// The role of each account, in random order. The first three stay plain, so that there is always a family, and one
/// that is kept out of the sync stands early, so that it has invoices even in a small book.
fn roles(dice: &mut Dice, options: &Options, customers: usize) -> Vec<Role> {
    let kept_out = (customers / 25).max(1);
    let count = |role, count| std::iter::repeat_n(role, count);
    let mut roles: Vec<Role> = count(Role::Plain, customers - kept_out - 3)
        .chain(count(Role::KeptOut, kept_out - 1))
        .chain([Role::Draft, Role::Canceled])
        .chain(count(Role::UnknownTerm, dirt::share(options.dirt.unknown_terms, customers)))
        .chain(count(Role::LongName, dirt::share(options.dirt.long_names, customers)))
        .chain(count(Role::UnknownCurrency, dirt::share(options.dirt.unknown_currencies, customers)))
        .collect();
    dice.shuffle(&mut roles);
    roles.splice(0..0, [Role::Plain, Role::Plain, Role::KeptOut, Role::Plain]);
    roles
}

/// The accounts that may have children, with their level.
#[derive(Default)]
struct Family(Vec<(usize, usize)>);

impl Family {
    /// Finds a parent for one account in six, and lets it have children itself if it is plain. No child of dirt, then.
    fn adopt(&mut self, dice: &mut Dice, position: usize, plain: bool) -> Option<usize> {
        let forced = plain && self.0.len() < LEVELS;
        let parent = match self.0.last() {
            Some(&last) if forced => Some(last),
            Some(_) if dice.chance(1, 6) => Some(*dice.pick(&self.0)).filter(|parent| parent.1 < LEVELS),
            _ => None,
        };
        if plain {
            self.0.push((position, parent.map_or(1, |parent| parent.1 + 1)));
        }
        parent.map(|parent| parent.0)
    }
}

/// Every place in turn at first, then by weight.
pub(in crate::books) fn place(dice: &mut Dice, position: usize) -> &'static Place {
    let mut rest = dice.below(PLACES.iter().map(|place| place.weight).sum());
    let by_weight = PLACES.iter().find(|place| {
        let here = rest < place.weight;
        rest = rest.saturating_sub(place.weight);
        here
    });
    PLACES.get(position).or(by_weight).unwrap_or(&PLACES[0])
}

fn customer(dice: &mut Dice, place: &Place, position: usize) -> Account {
    let company = dice.chance(17, 20);
    let bill_to = names::contact(dice, place);
    let sold_to = if dice.chance(2, 3) { bill_to.clone() } else { names::contact(dice, place) };
    let person = format!("{} {}", bill_to.first_name, bill_to.last_name);
    Account {
        number: format!("A{:08}", position + 1),
        name: if company { names::company(dice, place) } else { person },
        currency: place.currency.to_owned(),
        term: dice.pick(&TERMS).0.to_owned(),
        parent: None,
        status: AccountStatus::Active,
        sync_to_erp: dice.chance(7, 10).then_some(true),
        company,
        bill_to,
        sold_to,
    }
}

fn spoil(dice: &mut Dice, account: &mut Account, role: Role, place: &Place) {
    match role {
        Role::Plain => {}
        Role::KeptOut => account.sync_to_erp = Some(false),
        Role::Draft => account.status = AccountStatus::Draft,
        Role::Canceled => account.status = AccountStatus::Canceled,
        Role::UnknownTerm => account.term = UNKNOWN_TERM.0.to_owned(),
        Role::UnknownCurrency => account.currency = FOREIGN.code.to_owned(),
        Role::LongName => {
            account.company = true;
            let name = names::company(dice, place);
            account.name = names::lengthen(dice, &name);
        }
    }
}
