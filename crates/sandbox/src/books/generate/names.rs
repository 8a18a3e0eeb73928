//! Word lists, made up for this purpose, and what is built from them.

use std::collections::HashSet;

use super::places::Place;
use crate::books::Contact;
use crate::books::dice::Dice;
use crate::books::dirt::ERP_NAME_LIMIT;

const GIVEN: [&str; 40] = [
    "Ada", "Aoife", "Arjun", "Beatrix", "Björn", "Callum", "Chloë", "Daisuke", "Dora", "Edwin", "Elif", "Emeka",
    "Fiona", "Gaspar", "Greta", "Hana", "Henrik", "Ines", "Jasper", "Jolanta", "José", "Kenji", "Leona", "Lorcan",
    "Maeve", "Marek", "Mei", "Nadia", "Niels", "Olive", "Oskar", "Priya", "Quentin", "Renée", "Rosalind", "Silas",
    "Tamsin", "Ulrike", "Viktor", "Yusuf",
];

const FAMILY: [&str; 48] = [
    "Abernethy",
    "Achterberg",
    "Ashdown",
    "Barleycorn",
    "Bellweather",
    "Brandvold",
    "Carrow",
    "Copperfield",
    "Dabrowski",
    "D'Amico",
    "Dunmore",
    "Eastlake",
    "Falkenrath",
    "Fennimore",
    "Garvagh",
    "Greenhalgh",
    "Halvorsen",
    "Hartwell",
    "Ibáñez",
    "Jellicoe",
    "Kettleby",
    "Kowalczyk",
    "Lachapelle",
    "Larkspur",
    "Lindqvist",
    "MacAllan",
    "Merriweather",
    "Møller",
    "Nakagawa",
    "Nightingale",
    "O'Driscoll",
    "Okonjo",
    "Oyelaran",
    "Pemberton",
    "Quillfeather",
    "Rademaker",
    "Rowntree",
    "Sakamoto",
    "Saltmarsh",
    "Schönfeld",
    "Szabó",
    "Tanaka-Webb",
    "Thistlewood",
    "Umarov",
    "Van den Berg",
    "Weatherby",
    "Winterbourne",
    "Yarrow",
];

const WORDS: [&str; 36] = [
    "Amber",
    "Anchor",
    "Aspen",
    "Beacon",
    "Bluebell",
    "Bramble",
    "Cedar",
    "Cobalt",
    "Compass",
    "Copper",
    "Crescent",
    "Dovetail",
    "Ember",
    "Evergreen",
    "Falcon",
    "Foxglove",
    "Granite",
    "Harvest",
    "Heron",
    "Ivory",
    "Juniper",
    "Kestrel",
    "Lantern",
    "Meadow",
    "Nimbus",
    "Northgate",
    "Otter",
    "Pinnacle",
    "Quayside",
    "Redwood",
    "Saffron",
    "Summit",
    "Thimble",
    "Umber",
    "Willow",
    "Zephyr",
];

const TRADES: [&str; 32] = [
    "Analytics",
    "Bakery",
    "Biotech",
    "Books",
    "Brewing",
    "Catering",
    "Ceramics",
    "Cycles",
    "Dental",
    "Electrical",
    "Fabrics",
    "Freight",
    "Furniture",
    "Garden Centre",
    "Gifts",
    "Hardware",
    "Hospitality",
    "Interiors",
    "Joinery",
    "Logistics",
    "Marine",
    "Media",
    "Motors",
    "Optics",
    "Packaging",
    "Paper & Print",
    "Robotics",
    "Software",
    "Stationery",
    "Toys",
    "Veterinary",
    "Wholesale",
];

/// The name of a company: two families or a word, a trade, a legal form. Some hold an ampersand, an apostrophe or a
/// letter beyond ASCII: no dirt, but a trap for careless escaping.
pub(in crate::books) fn company(dice: &mut Dice, place: &Place) -> String {
    let owner = match dice.below(3) {
        0 => (*dice.pick(&WORDS)).to_owned(),
        1 => (*dice.pick(&FAMILY)).to_owned(),
        _ => format!("{} & {}", dice.pick(&FAMILY), dice.pick(&FAMILY)),
    };
    format!("{owner} {} {}", dice.pick(&TRADES), dice.pick(place.forms))
}

/// Makes a name too long for the ERP, in the manner of the real ones: a group, its holding and its department.
pub(in crate::books) fn lengthen(dice: &mut Dice, name: &str) -> String {
    let mut long = format!("{name} trading as");
    while long.chars().count() <= ERP_NAME_LIMIT {
        long = format!("{long} {} {}", dice.pick(&WORDS), dice.pick(&TRADES));
    }
    long
}

/// Names that were given out, so that none is given twice.
#[derive(Default)]
pub(in crate::books) struct Unique(HashSet<String>);

impl Unique {
    /// The name, or the name with the first free number.
    pub(in crate::books) fn claim(&mut self, name: String) -> String {
        let mut free = name.clone();
        let mut number = 2;
        while !self.0.insert(free.clone()) {
            free = format!("{name} {number}");
            number += 1;
        }
        free
    }
}

/// A person with an address in a place.
pub(in crate::books) fn contact(dice: &mut Dice, place: &Place) -> Contact {
    let (first_name, last_name) = (*dice.pick(&GIVEN), *dice.pick(&FAMILY));
    let (town, state) = *dice.pick(place.towns);
    let (number, street, domain) = (dice.below(180) + 1, dice.pick(place.streets), *dice.pick(&WORDS));
    let email = format!("{}.{}@{}.example", plain(first_name), plain(last_name), plain(domain));
    Contact {
        first_name: first_name.to_owned(),
        last_name: last_name.to_owned(),
        email: if dice.chance(9, 10) { email } else { String::new() },
        address1: if place.number_first { format!("{number} {street}") } else { format!("{street} {number}") },
        city: town.to_owned(),
        state: state.to_owned(),
        postal_code: postal_code(dice, place.postal_code),
        country: place.country.to_owned(),
    }
}

fn postal_code(dice: &mut Dice, form: &str) -> String {
    const LETTERS: [char; 20] =
        ['A', 'B', 'D', 'E', 'F', 'G', 'H', 'J', 'L', 'N', 'P', 'Q', 'R', 'S', 'T', 'U', 'W', 'X', 'Y', 'Z'];
    const DIGITS: [char; 9] = ['1', '2', '3', '4', '5', '6', '7', '8', '9'];
    let sign = |sign| match sign {
        'A' => *dice.pick(&LETTERS),
        '9' => *dice.pick(&DIGITS),
        other => other,
    };
    form.chars().map(sign).collect()
}

/// What of a name may stand in a mail address.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphabetic).map(|letter| letter.to_ascii_lowercase()).collect()
}
