//! What people write: flow files with their rules, and the expressions in them.

use std::collections::{HashMap, HashSet};

use fuzz::{Corpus, feed};
use model::expression::Expression;
use model::flow::Flow;
use model::mapping::{draft, expectations};
use model::rule::Context;
use model::status::Operation;
use model::value::{Record, Value};

use crate::corpus;

fn invoice() -> Record {
    let mut account = Record::default();
    account.set("Id", Value::text("a1"));
    account.set("Currency", Value::text("GBP"));
    account.set("IntegrationId__NS", Value::text("7"));
    let mut line = Record::default();
    line.set("ChargeAmount", Value::Number("12.34".parse().unwrap()));
    let mut record = Record::default();
    record.set("Id", Value::text("i1"));
    record.set("Status", Value::text("Posted"));
    record.set("Amount", Value::Number("79228162514264337593543950335".parse().unwrap()));
    record.set("Tax", Value::Number("-0.1".parse().unwrap()));
    record.set("InvoiceDate", Value::text("2026-11-21"));
    record.set("account", Value::record(account));
    record.set("items", Value::List(vec![line.clone(), line]));
    record
}

#[test]
fn a_flow_file_may_hold_anything() {
    let record = invoice();
    let (lists, forecast) = (HashMap::new(), HashSet::new());
    let corpus = Corpus::of(corpus::flows()).with_words(&[
        "{ field = \"Amount\" }",
        "{ constant = 1.5 }",
        "{ expression = \"1/0\" }",
        "{ parent = \"account\" }",
        "negate = true",
        "{ count = [\"items\"] }",
        "[[equal]]",
        "[destination.fields]",
        "\"a.b.c\"",
        "'''",
        "\"\"\"",
        "max = -1",
        "1979-05-27T07:32:00Z",
    ]);
    feed(bolero::check!(), 2_000, &corpus, |input| {
        let Ok(text) = std::str::from_utf8(input) else { return };
        match Flow::read(text, "hostile.toml") {
            Err(error) => assert!(error.to_string().len() <= 20_000, "an error of {} bytes", error.to_string().len()),
            Ok(flow) => {
                let context = Context { lists: &lists, forecast: &forecast, destination: "netsuite" };
                if let Ok(draft) = draft(&flow, &record, Operation::Create, context) {
                    let _ = expectations(&flow, &record, Some(&draft), context);
                }
            }
        }
    });
}

#[test]
fn an_expression_may_be_anything() {
    let record = invoice();
    let corpus = Corpus::of([
        r#"Status == "Canceled" && account.Currency == "GBP""#,
        "if Amount > 0.5 { round(Amount * Tax, 2) } else { -Amount.abs() }",
        "{ let x = [1]; loop { x += x; } }",
        "switch Status { \"Posted\" => 1, _ => Amount / 4 }",
        "\"x\".pad(10, \"y\") + `a ${Amount}`",
        "blob(100, 1).len() + 3 ** 4 % 5",
        "Amount.sqrt().exp().ln().sin()",
        "(0..10).reverse() == #{a: [1, 2], b: ()}",
        "{ let f = |x| x + 1; f.call(2) }",
        "Status.split(\"o\")[0].to_upper().parse_decimal(1)",
    ]);
    let corpus = corpus.with_words(&[
        "99999999999999",
        "pow",
        "pad",
        "blob",
        "loop",
        "while",
        "for x in",
        "fn",
        "exp",
        "split",
        "repeat",
        "parse_int",
        "call",
        "**",
        "timestamp()",
        "sleep(9)",
        "import \"x\"",
        "eval(\"1\")",
        "<<",
        "to_json",
        "tan",
        "log",
        "1000000",
        "chop",
        "truncate",
        "insert",
    ]);
    feed(bolero::check!(), 4_000, &corpus, |input| {
        let Ok(text) = std::str::from_utf8(input) else { return };
        if let Ok(expression) = text.parse::<Expression>() {
            let _ = (expression.evaluate(&record), expression.holds(&Record::default()));
        }
    });
}
