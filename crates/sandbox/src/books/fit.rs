//! What real trade looks like: the distributions of the Online Retail data, as integer tables.
//!
//! How the numbers came about (2026-11-21): the two files of the slice 2010-12-01 .. 2011-05-31 (209,029 lines, 10,783
//! documents) were read with a small script, grouped by InvoiceNo and split by the sign of a document's total into
//! sales, returns and write-offs. Each table is a plain count: how many observations are no greater than a value. No
//! curve was fitted through them, so a drawn sample has the quantiles of the real books, at every listed value exactly.
//! Left out as singular: prices above 500.00 (46 lines) and quantities above 3,000 (8 lines).
//!
//! Data: Chen, D. (2015). Online Retail. UCI Machine Learning Repository. <https://doi.org/10.24432/C5BW33>, CC BY 4.0.

use super::dice::Dice;

/// A measured distribution: `counts[i]` observations are no greater than `values[i]`.
#[derive(Debug, Clone, Copy)]
pub struct Spread {
    /// Rising upper bounds of the classes; the first is the smallest observation.
    pub values: &'static [u64],
    /// Observations up to and with each bound.
    pub counts: &'static [u64],
}

impl Spread {
    /// How many observations were measured.
    pub fn observations(&self) -> u64 {
        self.counts.last().copied().unwrap_or(0)
    }

    /// The value below which `part` of `whole` lie; inside a class values are taken as evenly spread.
    pub fn quantile(&self, part: u64, whole: u64) -> u64 {
        let (whole, last) = (u128::from(whole.max(1)), self.values.len() - 1);
        let place = u128::from(part) * u128::from(self.observations());
        let class = self.counts.partition_point(|&count| u128::from(count) * whole <= place).min(last);
        if class == 0 {
            return self.values[0];
        }
        let below = u128::from(self.counts[class - 1]) * whole;
        let size = u128::from(self.counts[class] - self.counts[class - 1]) * whole;
        let width = u128::from(self.values[class] - self.values[class - 1]);
        let step = (width * place.saturating_sub(below) / size.max(1)).min(width - 1);
        self.values[class - 1] + 1 + u64::try_from(step).unwrap_or(0)
    }

    /// A value at random.
    pub(super) fn draw(&self, dice: &mut Dice) -> u64 {
        const FINE: u64 = 1 << 40;
        self.quantile(dice.below(FINE), FINE)
    }
}

/// Documents whose total is above zero, of 10,783.
pub const SALES: u64 = 8126;
/// Documents whose total is below zero (credit notes).
pub const RETURNS: u64 = 1677;
/// Documents of zero: stock written off, one line each, without a price.
pub const WRITE_OFFS: u64 = 980;
/// Lines of sales that cost nothing...
pub const FREE_LINES: u64 = 308;
/// ...among all lines of sales.
pub const LINES_OF_SALES: u64 = 204_261;

/// Lines in a sale: median 15, mean 25.1.
pub static LINES_OF_A_SALE: Spread = Spread {
    values: &[
        1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 18, 20, 22, 24, 27, 30, 35, 40, 50, 60, 80, 100, 150, 200, 300, 400,
        500, 675,
    ],
    counts: &[
        695, 1033, 1344, 1625, 1929, 2187, 2421, 2673, 2931, 3143, 3594, 3990, 4447, 4804, 5177, 5469, 5730, 6010,
        6305, 6642, 6888, 7288, 7546, 7790, 7877, 7974, 8047, 8083, 8096, 8111, 8126,
    ],
};

/// Lines in a return: median 1, mean 2.3.
pub static LINES_OF_A_RETURN: Spread = Spread {
    values: &[1, 2, 3, 4, 5, 6, 8, 10, 13, 16, 20, 25, 30, 45],
    counts: &[945, 1292, 1469, 1532, 1571, 1598, 1628, 1639, 1649, 1661, 1667, 1672, 1674, 1677],
};

/// Documents of one (identified) customer in half a year: median 2, mean 3.3.
pub static INVOICES_OF_A_CUSTOMER: Spread = Spread {
    values: &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 16, 18, 20, 25, 30, 40, 50, 65, 90],
    counts: &[
        1170, 1743, 2053, 2268, 2395, 2480, 2531, 2589, 2626, 2641, 2660, 2674, 2690, 2703, 2724, 2733, 2735, 2746,
        2754, 2759, 2761, 2764, 2767,
    ],
};

/// How often one product is sold: median 27, mean 59.5. Weights of the catalogue.
pub static LINES_OF_A_PRODUCT: Spread = Spread {
    values: &[1, 2, 3, 4, 5, 7, 10, 14, 20, 28, 40, 56, 80, 110, 150, 200, 260, 330, 430, 550, 700, 900, 1167],
    counts: &[
        255, 414, 551, 658, 756, 911, 1102, 1305, 1545, 1798, 2090, 2378, 2681, 2967, 3146, 3290, 3388, 3438, 3477,
        3501, 3510, 3512, 3514,
    ],
};

/// Unit prices of sold lines in pennies, free lines apart: median 210, mean 386. Price points are classes of their own.
pub static PRICES: Spread = Spread {
    values: &[
        6, 20, 41, 42, 54, 55, 60, 64, 65, 82, 83, 84, 85, 100, 124, 125, 144, 145, 162, 163, 164, 165, 166, 194, 195,
        200, 207, 208, 209, 210, 245, 246, 250, 251, 254, 255, 294, 295, 328, 329, 350, 374, 375, 412, 413, 424, 425,
        494, 495, 578, 579, 594, 595, 600, 794, 795, 900, 994, 995, 1000, 1200, 1800, 2500, 3500, 5000, 7500, 10000,
        15000, 25000, 49879,
    ],
    counts: &[
        1, 539, 3576, 12549, 13141, 15930, 15930, 16017, 19258, 20528, 24630, 24694, 37814, 38434, 39235, 58058, 58608,
        62981, 63646, 67737, 67739, 80801, 83221, 85626, 91995, 92001, 92024, 94744, 94747, 102279, 102918, 108184,
        108413, 111122, 111161, 117230, 117745, 130545, 131597, 135159, 138004, 138041, 144935, 146352, 151311, 154563,
        157328, 157969, 164194, 167657, 170182, 171642, 175231, 175235, 180259, 184338, 190547, 190760, 193330, 193622,
        195891, 201909, 202805, 203241, 203449, 203491, 203507, 203652, 203842, 203907,
    ],
};

/// Quantities sold at a unit price in pennies: what is cheap is bought by the dozen, what is dear by the piece.
pub fn quantities(pennies: u64) -> &'static Spread {
    match pennies {
        0..=99 => &QUANTITY_TO_99,
        100..=209 => &QUANTITY_TO_209,
        210..=424 => &QUANTITY_TO_424,
        _ => &QUANTITY_ABOVE,
    }
}

/// Quantities at up to 0.99: median 12, mean 20.3.
static QUANTITY_TO_99: Spread = Spread {
    values: &[
        1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 16, 18, 20, 23, 24, 25, 32, 36, 47, 48, 60, 71, 72, 95, 96, 99, 100,
        143, 144, 199, 200, 288, 500, 1000, 2880,
    ],
    counts: &[
        6266, 9910, 11913, 13437, 14389, 16140, 16449, 17101, 17260, 18594, 18718, 26039, 26179, 26764, 26879, 27323,
        27367, 32426, 34310, 34651, 35257, 35330, 36486, 36690, 36709, 36998, 37039, 37367, 37367, 37522, 37714, 37920,
        38005, 38044, 38202, 38291, 38372, 38408,
    ],
};

/// Quantities at 1.00 to 2.09: median 6, mean 12.3.
static QUANTITY_TO_209: Spread = Spread {
    values: &[
        1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 16, 18, 20, 23, 24, 25, 32, 36, 47, 48, 60, 71, 72, 95, 96, 99, 100,
        143, 144, 199, 200, 288, 500, 1000, 2000,
    ],
    counts: &[
        11234, 18317, 21664, 24467, 25770, 29128, 29420, 31208, 31430, 36668, 36758, 48462, 48568, 49116, 49266, 50215,
        50240, 52791, 52814, 53144, 53511, 53688, 54299, 54533, 54601, 54917, 54950, 55255, 55255, 55710, 55803, 56000,
        56093, 56172, 56253, 56312, 56329, 56336,
    ],
};

/// Quantities at 2.10 to 4.24: median 3, mean 6.3.
static QUANTITY_TO_424: Spread = Spread {
    values: &[
        1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 16, 18, 20, 23, 24, 25, 32, 36, 47, 48, 60, 71, 72, 95, 96, 99, 100,
        143, 144, 199, 200, 288, 500, 1000, 1930,
    ],
    counts: &[
        20393, 29436, 33476, 39023, 40675, 50059, 50406, 52200, 52422, 52942, 53038, 56211, 56332, 56626, 56909, 57044,
        57099, 57884, 57913, 58271, 58519, 58751, 59043, 59263, 59323, 59432, 59482, 59548, 59551, 59593, 59655, 59692,
        59730, 59738, 59767, 59794, 59805, 59814,
    ],
};

/// Quantities at 4.25 and more: median 2, mean 3.5.
static QUANTITY_ABOVE: Spread = Spread {
    values: &[
        1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 16, 18, 20, 23, 24, 25, 32, 36, 47, 48, 60, 71, 72, 95, 96, 99, 100,
        143, 144, 199, 200, 288, 500, 670,
    ],
    counts: &[
        21675, 33708, 38499, 42669, 43252, 45284, 45444, 46143, 46327, 46939, 46993, 47830, 47891, 48239, 48357, 48473,
        48514, 48827, 48838, 48976, 49054, 49099, 49180, 49231, 49249, 49273, 49289, 49309, 49310, 49324, 49350, 49355,
        49366, 49371, 49379, 49384, 49390,
    ],
};

/// Quantities on lines of returns, without their sign: median 2, mean 9.8.
pub static QUANTITY_RETURNED: Spread = Spread {
    values: &[
        1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 16, 18, 20, 23, 24, 25, 32, 36, 47, 48, 60, 71, 72, 95, 96, 99, 100,
        143, 144, 199, 200, 288, 500, 1000, 2000,
    ],
    counts: &[
        1762, 2332, 2570, 2765, 2846, 3050, 3081, 3147, 3166, 3225, 3238, 3428, 3442, 3461, 3477, 3491, 3497, 3593,
        3607, 3622, 3643, 3652, 3687, 3701, 3702, 3716, 3721, 3733, 3733, 3742, 3746, 3757, 3761, 3766, 3768, 3771,
        3776, 3780,
    ],
};
