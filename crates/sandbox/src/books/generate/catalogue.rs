//! The catalogue: what there is to sell, for how much, and how well it sells.

use rust_decimal::Decimal;

use super::names::Unique;
use crate::books::dice::Dice;
use crate::books::{Charge, ChargeAt, ChargeKind, Plan, Product, fit, money};

const LOOKS: [&str; 20] = [
    "Brass", "Checked", "Classic", "Coastal", "Dotted", "Enamel", "Felt", "Floral", "Folding", "Glazed", "Linen",
    "Midnight", "Oak", "Pastel", "Rustic", "Slate", "Striped", "Vintage", "Walnut", "Woven",
];

const THINGS: [&str; 30] = [
    "Apron",
    "Bird Feeder",
    "Bread Bin",
    "Bunting",
    "Cake Stand",
    "Candle Holder",
    "Coat Hook",
    "Cushion",
    "Desk Lamp",
    "Doormat",
    "Egg Cup",
    "Gift Wrap",
    "Hamper",
    "Jam Jar",
    "Jigsaw",
    "Kettle",
    "Lunch Box",
    "Mirror",
    "Notebook",
    "Parasol",
    "Picture Frame",
    "Plant Pot",
    "Serving Tray",
    "Spice Rack",
    "Storage Tin",
    "Tea Towel",
    "Teapot",
    "Toolbox",
    "Wall Clock",
    "Wind Chime",
];

const PLANS: [&str; 3] = ["Standard", "Plus", "Premium"];

/// The charges of a plan, in this order.
const CHARGES: [(&str, ChargeKind); 3] =
    [("Price", ChargeKind::OneTime), ("Monthly Care", ChargeKind::Recurring), ("Usage", ChargeKind::Usage)];

/// The catalogue and what selling from it takes.
pub(super) struct Catalogue {
    pub(super) products: Vec<Product>,
    goods: Vec<Good>,
    /// Up to and with each of the goods, the weights of all.
    weights: Vec<u64>,
}

/// One charge, as the one who sells it sees it.
pub(super) struct Good {
    pub(super) charge: ChargeAt,
    pub(super) kind: ChargeKind,
    /// The list price in pennies.
    pub(super) pennies: u64,
    /// Whether half a penny comes on top: prices by use may have a third decimal.
    pub(super) half: bool,
}

impl Catalogue {
    /// Generates a catalogue for that many invoices.
    pub(super) fn generate(dice: &mut Dice, records: usize) -> Catalogue {
        let count = (records / 20).clamp(8, 500);
        let mut names = Unique::default();
        let mut catalogue = Catalogue { products: Vec::with_capacity(count), goods: Vec::new(), weights: Vec::new() };
        let mut sales = Vec::new();
        for position in 0..count {
            let product = product(dice, position, &mut names);
            let sold = fit::LINES_OF_A_PRODUCT.draw(dice);
            for (plan, charges) in product.plans.iter().map(|plan| &plan.charges).enumerate() {
                for (charge, kind) in charges.iter().map(|charge| charge.kind).enumerate() {
                    let half = kind == ChargeKind::Usage && dice.chance(1, 2);
                    let charge = ChargeAt { product: position, plan, charge };
                    catalogue.goods.push(Good { charge, kind, pennies: 0, half });
                    sales.push(sold);
                }
            }
            catalogue.products.push(product);
        }
        catalogue.weights = running_sum(&sales);
        catalogue.price(dice);
        catalogue
    }

    /// One of the goods, the well-sold ones more often.
    pub(super) fn draw(&self, dice: &mut Dice) -> &Good {
        let mark = dice.below(self.weights.last().copied().unwrap_or(1));
        &self.goods[self.weights.partition_point(|&weight| weight <= mark)]
    }

    /// The name of a charge.
    pub(super) fn name(&self, at: ChargeAt) -> &str {
        &self.products[at.product].plans[at.plan].charges[at.charge].name
    }

    /// Deals the measured prices out by weight: in a random order of the goods each gets the price that stands where
    /// its share of all sales does, so that the prices *of sold lines*, not of goods, are as measured.
    fn price(&mut self, dice: &mut Dice) {
        let whole = self.weights.last().copied().unwrap_or(1);
        let mut order: Vec<usize> = (0..self.goods.len()).collect();
        dice.shuffle(&mut order);
        let mut dealt = 0;
        for position in order {
            let before = position.checked_sub(1).map_or(0, |before| self.weights[before]);
            let weight = self.weights[position] - before;
            let good = &mut self.goods[position];
            good.pennies = fit::PRICES.quantile(2 * dealt + weight, 2 * whole);
            dealt += weight;
            let at = good.charge;
            self.products[at.product].plans[at.plan].charges[at.charge].price =
                money::price(good.pennies, good.half, 2);
        }
    }
}

fn running_sum(weights: &[u64]) -> Vec<u64> {
    let add = |sum: &mut u64, weight: &u64| {
        *sum += weight;
        Some(*sum)
    };
    weights.iter().scan(0, add).collect()
}

fn product(dice: &mut Dice, position: usize, names: &mut Unique) -> Product {
    let name = names.claim(format!("{} {}", dice.pick(&LOOKS), dice.pick(&THINGS)));
    let description = if dice.chance(3, 4) { format!("{name}, boxed") } else { String::new() };
    let plans = PLANS
        .iter()
        .take(one_to_three(dice))
        .map(|plan| Plan { name: (*plan).to_owned(), charges: charges(dice, &format!("{name} {plan}")) });
    let plans = plans.collect();
    Product { name, sku: format!("SKU-{:05}", position + 1), description, plans }
}

/// The charges of a plan. Their names are unique and at most 60 characters: in the ERP they name items.
fn charges(dice: &mut Dice, plan: &str) -> Vec<Charge> {
    let count = one_to_three(dice);
    let charge = |(name, kind)| Charge { name: format!("{plan} {name}"), kind, price: Decimal::ZERO };
    CHARGES.into_iter().take(count).map(charge).collect()
}

/// Six in ten are one, three are two, one is three.
fn one_to_three(dice: &mut Dice) -> usize {
    [1, 1, 1, 1, 1, 1, 2, 2, 2, 3][dice.index(10)]
}
