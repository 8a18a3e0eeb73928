//! Where the made-up customers live.

/// A country with what an address there looks like.
pub(in crate::books) struct Place {
    pub(super) country: &'static str,
    pub(in crate::books) currency: &'static str,
    /// Of a hundred customers, how many live here.
    pub(super) weight: u64,
    /// Towns, with their state where addresses have one.
    pub(super) towns: &'static [(&'static str, &'static str)],
    /// The form of a postal code: `9` stands for a digit, `A` for a letter.
    pub(super) postal_code: &'static str,
    pub(super) streets: &'static [&'static str],
    /// Whether the house number stands before the street.
    pub(super) number_first: bool,
    /// Legal forms of companies.
    pub(super) forms: &'static [&'static str],
}

/// One country for each currency first, so that even a small book has them all.
pub(in crate::books) const PLACES: [Place; 9] = [
    Place {
        country: "United Kingdom",
        currency: "GBP",
        weight: 50,
        towns: &[("Leeds", ""), ("Bristol", ""), ("Norwich", ""), ("Dundee", ""), ("Swansea", ""), ("Hexham", "")],
        postal_code: "AA9 9AA",
        streets: &["Mill Lane", "Station Road", "Orchard Way", "Quarry Hill", "Weaver Street", "Bell Yard"],
        number_first: true,
        forms: &["Ltd", "Limited", "LLP", "PLC"],
    },
    Place {
        country: "Germany",
        currency: "EUR",
        weight: 10,
        towns: &[("Münster", ""), ("Erfurt", ""), ("Lübeck", ""), ("Augsburg", ""), ("Göttingen", "")],
        postal_code: "99999",
        streets: &["Gartenstraße", "Am Mühlbach", "Lindenweg", "Bergallee", "Hafenstraße"],
        number_first: false,
        forms: &["GmbH", "AG", "KG", "GmbH & Co. KG"],
    },
    Place {
        country: "United States",
        currency: "USD",
        weight: 15,
        towns: &[
            ("Boise", "Idaho"),
            ("Tulsa", "Oklahoma"),
            ("Dayton", "Ohio"),
            ("Eugene", "Oregon"),
            ("Mobile", "Alabama"),
            ("Albany", "New York"),
        ],
        postal_code: "99999",
        streets: &["Maple Avenue", "Canal Street", "Ridge Road", "Prairie Drive", "Harbor Boulevard"],
        number_first: true,
        forms: &["Inc.", "LLC", "Corp."],
    },
    Place {
        country: "Japan",
        currency: "JPY",
        weight: 5,
        towns: &[("Sendai", ""), ("Kobe", ""), ("Nagoya", ""), ("Matsue", "")],
        postal_code: "999-9999",
        streets: &["Chuo", "Honcho", "Sakuragaoka", "Minamimachi"],
        number_first: true,
        forms: &["K.K.", "G.K."],
    },
    Place {
        country: "France",
        currency: "EUR",
        weight: 6,
        towns: &[("Angers", ""), ("Béziers", ""), ("Nîmes", ""), ("Orléans", "")],
        postal_code: "99999",
        streets: &["rue des Tanneurs", "avenue du Moulin", "place de l'Étang", "chemin des Vignes"],
        number_first: true,
        forms: &["SARL", "SA", "SAS"],
    },
    Place {
        country: "Ireland",
        currency: "EUR",
        weight: 5,
        towns: &[("Cork", ""), ("Sligo", ""), ("Athlone", ""), ("Tralee", "")],
        postal_code: "A99 A9A9",
        streets: &["Shannon Terrace", "Chapel Hill", "Harbour View", "Turf Road"],
        number_first: true,
        forms: &["DAC", "Teoranta", "Ltd"],
    },
    Place {
        country: "Netherlands",
        currency: "EUR",
        weight: 4,
        towns: &[("Zwolle", ""), ("Breda", ""), ("Leiden", ""), ("Assen", "")],
        postal_code: "9999 AA",
        streets: &["Molenweg", "Kerkplein", "Oude Gracht", "Dijkstraat"],
        number_first: false,
        forms: &["B.V.", "N.V.", "V.O.F."],
    },
    Place {
        country: "Spain",
        currency: "EUR",
        weight: 3,
        towns: &[("Gijón", ""), ("Lleida", ""), ("Cádiz", ""), ("Burgos", "")],
        postal_code: "99999",
        streets: &["Calle del Olivo", "Paseo de la Ribera", "Plaza del Trigo"],
        number_first: false,
        forms: &["S.L.", "S.A."],
    },
    Place {
        country: "Finland",
        currency: "EUR",
        weight: 2,
        towns: &[("Turku", ""), ("Jyväskylä", ""), ("Kuopio", "")],
        postal_code: "99999",
        streets: &["Koivukatu", "Järvitie", "Myllypolku"],
        number_first: false,
        forms: &["Oy", "Oyj"],
    },
];
