//! What stands in a field: amounts, dates, statuses, ids; and the small texts that people write.

use fuzz::{Corpus, feed};
use model::Decimal;
use model::key::ExternalKey;
use model::nearest::did_you_mean;
use model::status::{Status, Transferred};
use model::value::{Record, Value, parse_decimal};

const AMOUNTS: [&str; 12] = [
    "0",
    "-0",
    "12.34",
    "-1234567890.10",
    "1E400",
    "1e-3",
    "12.50e1",
    "0x10",
    "NaN",
    "1_000",
    "79228162514264337593543950335",
    "0.0000000000000000000000000001",
];

/// An amount as a person checks it: sign, digits, places, exponent, in full. `None` where it is no number.
fn by_hand(text: &str) -> Option<(bool, String, i64)> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
        None => (text, 0),
    };
    let negative = mantissa.starts_with('-');
    let (whole, places) = mantissa
        .trim_start_matches(['-', '+'])
        .split_once('.')
        .unwrap_or((mantissa.trim_start_matches(['-', '+']), ""));
    let digits = format!("{whole}{places}").replace('_', "");
    let digits = digits.trim_start_matches('0');
    let zeros = digits.len() - digits.trim_end_matches('0').len();
    let exponent = exponent
        .checked_sub(i64::try_from(places.replace('_', "").len()).ok()?)?
        .checked_add(i64::try_from(zeros).ok()?)?;
    let digits = digits.trim_end_matches('0').to_owned();
    if digits.is_empty() { Some((false, digits, 0)) } else { Some((negative, digits, exponent)) }
}

#[test]
fn an_amount_is_read_to_the_last_digit_or_not_at_all() {
    let corpus = Corpus::of(AMOUNTS);
    feed(bolero::check!(), 8_000, &corpus, |input| {
        let text = String::from_utf8_lossy(input);
        if let Some(number) = parse_decimal(&text) {
            assert_eq!(by_hand(&text), by_hand(&number.to_string()), "{text} was read as {number}");
        }
        let value = Value::text(text.as_ref());
        let _ = (value.as_number(), value.as_bool(), value.show());
    });
}

#[test]
fn a_text_of_a_record_is_read_whatever_it_holds() {
    let examples = [
        "Sync Complete",
        "Creating Invoice",
        "Error Updating Customer",
        "Ignore",
        "Yes",
        "2c92a0f9-A_b",
        "zuora.invoice",
        "a.b.c",
    ];
    feed(bolero::check!(), 4_000, &Corpus::of(examples), |input| {
        let text = String::from_utf8_lossy(input);
        let _ = (Status::read(&text).kind(), Transferred::read(&text).as_str());
        let key = ExternalKey::new("zuora", "Invoice", &text);
        assert!(key.as_str().bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')));
        let short: String = text.chars().take(200).collect();
        let _ = did_you_mean(&short, ["account", "invoice", "subsidiary"]);
        let mut record = Record::default();
        record.set_at(short.as_str(), Value::Number(Decimal::ONE));
        let _ = (record.at(&text).show(), model::mapping::filled_in(&text, &record));
    });
}
