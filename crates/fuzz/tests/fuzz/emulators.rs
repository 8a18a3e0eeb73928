//! What a client may send to the emulators: queries, filters, bodies, headers, faults, files of books.

use axum::Router;
use axum::body::Body;
use connectors::Reply;
use fuzz::{Corpus, feed};
use http::{HeaderName, HeaderValue, Method};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::world::{NOW, Sandbox, answer};

/// After so many inputs the emulators are new: what was written into them has no end otherwise.
const LIFE: usize = 500;
/// What an address cannot hold as it is.
const ADDRESS: AsciiSet = CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'`')
    .add(b'{')
    .add(b'}')
    .add(b'|')
    .add(b'^')
    .add(b'\\')
    .add(b'[')
    .add(b']');

/// Two emulators, and the tokens that they gave.
struct Desk {
    runtime: Runtime,
    sandbox: Sandbox,
    zuora_token: String,
    netsuite_token: String,
    asked: usize,
}

impl Desk {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let sandbox = Sandbox::new();
        let mut desk = Self { runtime, sandbox, zuora_token: String::new(), netsuite_token: String::new(), asked: 0 };
        let keys = &desk.sandbox.zuora_keys;
        let form =
            format!("client_id={}&client_secret={}&grant_type=client_credentials", keys.client_id, keys.client_secret);
        desk.zuora_token = desk.token(&desk.sandbox.zuora, "http://zuora.invalid/oauth/token", form);
        let url = "http://netsuite.invalid/services/rest/auth/oauth2/v1/token";
        let form = format!(
            "grant_type=client_credentials&client_assertion_type=\
             urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion={}",
            assertion(&desk.sandbox.netsuite_keys, url)
        );
        desk.netsuite_token = desk.token(&desk.sandbox.netsuite, url, form);
        desk
    }

    fn token(&self, router: &Router, url: &str, form: String) -> String {
        let request = http::Request::post(url).header("host", "netsuite.invalid");
        let request =
            request.header("content-type", "application/x-www-form-urlencoded").body(Body::from(form)).unwrap();
        let reply = self.runtime.block_on(answer(router, request)).unwrap();
        let told: Value = serde_json::from_slice(&reply.body).unwrap();
        told["access_token"].as_str().unwrap_or_else(|| panic!("{told}")).to_owned()
    }

    /// New ones from time to time.
    fn renewed(&mut self) {
        self.asked += 1;
        if self.asked.is_multiple_of(LIFE) {
            *self = Self::new();
        }
    }

    fn ask(&self, router: &Router, mut request: http::Request<Body>, token: &str) -> Option<Reply> {
        if !request.headers().contains_key("authorization") {
            request.headers_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        }
        request.headers_mut().entry("content-type").or_insert(HeaderValue::from_static("application/json"));
        request.headers_mut().insert("host", "netsuite.invalid".parse().unwrap());
        let reply = self.runtime.block_on(answer(router, request));
        if let Some(reply) = &reply {
            let told = String::from_utf8_lossy(&reply.body);
            assert!(!told.contains("sandboxqueryfailed"), "a query panicked");
        }
        reply
    }

    fn zuora(&self, request: http::Request<Body>) -> Option<Reply> {
        self.ask(&self.sandbox.zuora, request, &self.zuora_token)
    }

    fn netsuite(&self, mut request: http::Request<Body>) -> Option<Reply> {
        request.headers_mut().entry("prefer").or_insert(HeaderValue::from_static("transient"));
        self.ask(&self.sandbox.netsuite, request, &self.netsuite_token)
    }
}

fn assertion(keys: &sandbox::netsuite::Access, url: &str) -> String {
    let now = NOW.parse::<jiff::Timestamp>().unwrap().as_second();
    let claims =
        json!({ "iss": keys.client_id, "scope": ["rest_webservices"], "aud": url, "iat": now, "exp": now + 600 });
    let header = Header { kid: Some(keys.ec_certificate_id.clone()), ..Header::new(Algorithm::ES256) };
    let key = EncodingKey::from_ec_pem(keys.ec_private_key_pem.as_bytes()).unwrap();
    jsonwebtoken::encode(&header, &claims, &key).unwrap()
}

fn get(url: String) -> http::Request<Body> {
    http::Request::get(url).body(Body::empty()).unwrap()
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

#[test]
fn zoql_may_be_anything() {
    let corpus = Corpus::of([
        "select Id, InvoiceNumber from Invoice where Status = 'Posted' and Amount >= 10.5 or UpdatedDate < '2026-01-01T00:00:00Z'",
        "select Id from Account where Name like '%a_' or Name = null and Id != 'O\\'Brien \\\\'",
        "select Id, ProductRatePlanChargeId from RatePlanCharge where Id = '2c92' or Version = 1 and IsLastSegment = true",
    ]);
    let mut desk = Desk::new();
    let good = corpus.cook(&[0, 0]);
    let mut statuses = [0_u32; 2];
    feed(bolero::check!(), 3_000, &corpus, |input| {
        desk.renewed();
        let body = json!({ "queryString": String::from_utf8_lossy(input) }).to_string();
        let request = http::Request::post("http://zuora.invalid/v1/action/query").body(Body::from(body)).unwrap();
        let reply = desk.zuora(request).unwrap();
        assert!(reply.status < 500, "{}", reply.status);
        assert!(input != good || reply.status == 200);
        statuses[usize::from(reply.status == 200)] += 1;
    });
}

#[test]
fn suiteql_may_be_anything() {
    let corpus = Corpus::of([
        "SELECT id, externalid, TO_CHAR(trandate, 'YYYY-MM-DD\"T\"HH24:MI:SS') AS trandate FROM transaction WHERE (externalid IN ('a', 'b') OR custbodyzuoraid IN ('c')) ORDER BY id",
        "SELECT transaction, COUNT(*) AS linecount FROM transactionline WHERE transaction IN (1, 2) AND mainline = 'F' GROUP BY transaction ORDER BY transaction",
        "SELECT DISTINCT c.companyname, SUM(t.foreigntotal) FROM transaction t INNER JOIN customer c ON t.entity = c.id WHERE t.trandate BETWEEN TO_DATE('1/1/2026', 'MM/DD/YYYY') AND SYSDATE GROUP BY c.companyname HAVING SUM(t.foreigntotal) > 10 FETCH FIRST 5 ROWS ONLY",
        "SELECT CASE WHEN id > 5 THEN NVL(SUBSTR(UPPER(companyname), -3, 2), 'x') ELSE LPAD('1', 3) END, ROUND(1.005 * 10 / 3, -2), ADD_MONTHS(datecreated, 13), TRUNC(SYSDATE, 'MM') FROM customer WHERE NOT (companyname LIKE '%a!_%' ESCAPE '!') AND ROWNUM <= 5",
        "SELECT REPLACE(REPLACE('aaaa', 'a', 'aaaa'), 'a', 'aaaaaaaa') || CONCAT('x', id) FROM currency, subsidiary, customer",
        "SELECT TO_NUMBER('1E5'), TO_CHAR(1234.5, '999,990.00'), DECODE(id, 1, 2, 3), LAST_DAY(SYSDATE) + 99999, GREATEST(1, 2), INSTR('a', 'b') FROM customer",
    ]);
    let corpus = corpus.with_words(&[
        "SELECT",
        "WHERE",
        "(SELECT id FROM customer)",
        "OR",
        "NOT",
        "UNION",
        "JOIN customer ON 1 = 1",
        "IN",
        "BETWEEN",
        "IS NULL",
        "||",
        "*",
        "?",
        "BUILTIN.DF(entity)",
        "'999999999999.9'",
        "'YYYYYYYY'",
        "99999999999",
        "REPLACE",
        "WITH",
        "OVER",
        "REGEXP_LIKE",
        ",",
        "--",
        "/*",
    ]);
    let mut desk = Desk::new();
    feed(bolero::check!(), 2_000, &corpus, |input| {
        desk.renewed();
        let body = json!({ "q": String::from_utf8_lossy(input) }).to_string();
        let request = http::Request::post("http://netsuite.invalid/services/rest/query/v1/suiteql?limit=1000&offset=0");
        let reply = desk.netsuite(request.body(Body::from(body)).unwrap()).unwrap();
        assert!(reply.status != 500, "{}", String::from_utf8_lossy(&reply.body));
    });
}

#[test]
fn a_filter_of_a_collection_may_be_anything() {
    let corpus = Corpus::of([
        "companyName START_WITH \"A\" AND (isInactive IS false OR id GREATER 5)",
        "lastModifiedDate AFTER \"1/31/2026\" OR id ANY_OF [1, 2] AND email EMPTY_NOT",
        "Amount.GT:10",
        "status.EQ:Posted",
        "invoiceDate.GE:2026-01-01",
        "invoiceNumber.SW:INV",
        "id.IN:[2c92,2c93]",
        "name.NE:\u{2}\u{3}",
    ]);
    let corpus =
        corpus.with_words(&["AND", "OR", "(", ")", "[", "NOT", "BETWEEN", "IS", ".IN:", ".LE:", ",", ":", "%"]);
    let mut desk = Desk::new();
    feed(bolero::check!(), 3_000, &corpus, |input| {
        desk.renewed();
        // An address holds 65,000 bytes.
        let text = encoded(&String::from_utf8_lossy(&input[..input.len().min(20_000)]));
        let text = &text[..text.len().min(60_000) / 3 * 3];
        let url = format!("http://netsuite.invalid/services/rest/record/v1/customer?q={text}");
        let told = desk.netsuite(get(url)).unwrap();
        assert!(told.status < 500, "{}", String::from_utf8_lossy(&told.body));
        let text = &text[..text.len().min(18_000)];
        let url =
            format!("http://zuora.invalid/object-query/invoices?filter%5B%5D={text}&sort%5B%5D={text}&cursor={text}");
        let told = desk.zuora(get(url)).unwrap();
        assert!(told.status < 500 || told.status == 501, "{}", String::from_utf8_lossy(&told.body));
    });
}

/// The call that an input is: `POST /path?query`, headers, an empty line, a body. `None`, if no client could send it.
fn call(input: &[u8], host: &str) -> Option<http::Request<Body>> {
    let end = input.windows(2).position(|pair| pair == b"\n\n")?;
    let head = String::from_utf8_lossy(&input[..end]);
    let mut lines = head.lines();
    let (method, path) = lines.next()?.split_once(' ')?;
    let url = format!("http://{host}{}", utf8_percent_encode(path, &ADDRESS));
    let mut request = http::Request::builder()
        .method(Method::from_bytes(method.as_bytes()).ok()?)
        .uri(url)
        .body(Body::empty())
        .ok()?;
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value.trim())) {
            request.headers_mut().append(name, value);
        }
    }
    *request.body_mut() = Body::from(input[end + 2..].to_vec());
    Some(request)
}

#[test]
fn a_call_to_zuora_may_be_anything() {
    let corpus = Corpus::of([
        "POST /v1/action/update?rejectUnknownFields=true\n\n{\"type\":\"Invoice\",\"objects\":[{\"Id\":\"2c92\",\"Body\":\"x\",\"fieldsToNull\":[\"Comments\"]}]}",
        "POST /v1/action/create\n\n{\"type\":\"Account\",\"objects\":[{\"Name\":\"a\",\"Currency\":\"GBP\",\"BillCycleDay\":1,\"Status\":\"Draft\"}]}",
        "POST /v1/action/delete\n\n{\"type\":\"Account\",\"ids\":[\"2c92\"]}",
        "POST /v1/action/query\nX-Zuora-WSDL-Version: 69\n\n{\"queryString\":\"select Id from Account\",\"conf\":{\"batchSize\":2}}",
        "POST /v1/action/queryMore\n\n{\"queryLocator\":\"a-2\"}",
        "POST /v1/accounts\nIdempotency-Key: k\n\n{\"name\":\"A\",\"currency\":\"GBP\",\"billCycleDay\":1,\"billToContact\":{\"firstName\":\"a\",\"lastName\":\"b\",\"country\":\"GB\"}}",
        "PUT /v1/object/account/2c92\n\n{\"Name\":\"b\",\"IntegrationStatus__NS\":\"Ignore\"}",
        "GET /v1/invoices/INV00000001?pageSize=5\n\n",
        "GET /v1/describe/Invoice\n\n",
        "GET /object-query/invoices/INV00000001?expand%5B%5D=account&fields%5B%5D=id\n\n",
        "GET /v1/catalog/products?page=1&pageSize=10\nAuthorization: Bearer x\n\n",
        "POST /oauth/token\nContent-Type: application/x-www-form-urlencoded\nAuthorization: Basic eDp5\n\nclient_id=a&client_secret=b&grant_type=client_credentials",
        "PUT /_sandbox/faults\n\n[{\"kind\":\"lag\",\"ms\":5,\"method\":\"POST\",\"path\":\"/v1/**\",\"percent\":\"2.5\",\"seed\":7,\"from\":0,\"until\":9,\"times\":3}]",
    ]);
    let mut desk = Desk::new();
    feed(bolero::check!(), 3_000, &corpus, |input| {
        desk.renewed();
        // What a fault breaks off or keeps waiting on purpose tells nothing of the reader.
        let is_harmless =
            !input.windows(16).any(|part| part == b"/_sandbox/faults") || input.windows(3).any(|part| part == b"lag");
        if let Some(request) = call(input, "zuora.invalid").filter(|_| is_harmless) {
            desk.zuora(request);
        }
    });
}

#[test]
fn a_call_to_netsuite_may_be_anything() {
    let sandbox = Sandbox::new();
    let token = "/services/rest/auth/oauth2/v1/token";
    let jwt = assertion(&sandbox.netsuite_keys, &format!("http://netsuite.invalid{token}"));
    let corpus = Corpus::of([
        "POST /services/rest/record/v1/customer\nX-NetSuite-PropertyNameValidation: Error\n\n{\"externalId\":\"e\",\"companyName\":\"A\",\"subsidiary\":{\"id\":\"1\"},\"currency\":{\"id\":\"1\"},\"addressBook\":{\"items\":[{\"addressBookAddress\":{\"country\":{\"id\":\"GB\"},\"zip\":\"x\"}}]}}".to_owned(),
        "POST /services/rest/record/v1/invoice\n\n{\"externalId\":\"i\",\"entity\":{\"id\":\"1\"},\"tranDate\":\"2026-11-20\",\"exchangeRate\":1.5,\"item\":{\"items\":[{\"item\":{\"id\":\"1\"},\"quantity\":2,\"rate\":10.25,\"amount\":20.5}]}}".to_owned(),
        "PATCH /services/rest/record/v1/customer/1?replace=addressBook\n\n{\"email\":\"a@b.c\",\"creditLimit\":1e3,\"isInactive\":true}".to_owned(),
        "PUT /services/rest/record/v1/customer/eid:x\n\n{\"companyName\":\"B\"}".to_owned(),
        "GET /services/rest/record/v1/invoice/1?expandSubResources=true&fields=tranId,item\n\n".to_owned(),
        "GET /services/rest/record/v1/customer?q=id+EQUAL+1&limit=5&offset=5\n\n".to_owned(),
        "POST /services/rest/record/v1/invoice/1/!transform/creditMemo\n\n{\"externalId\":\"c\"}".to_owned(),
        "GET /services/rest/record/v1/metadata-catalog/invoice\nAccept: application/schema+json\n\n".to_owned(),
        "POST /services/rest/query/v1/suiteql?limit=5&offset=0\nPrefer: transient\n\n{\"q\":\"SELECT id FROM customer WHERE id = ?\",\"params\":[1]}".to_owned(),
        "DELETE /services/rest/record/v1/customer/1\n\n".to_owned(),
        "GET /services/rest/record/v1/customer/1\nAuthorization: OAuth realm=\"1\", oauth_consumer_key=\"a\", oauth_nonce=\"b\", oauth_signature_method=\"HMAC-SHA256\", oauth_timestamp=\"1\", oauth_token=\"c\", oauth_version=\"1.0\", oauth_signature=\"d%3D\"\n\n".to_owned(),
        format!("POST {token}\nContent-Type: application/x-www-form-urlencoded\n\ngrant_type=client_credentials&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion={jwt}"),
    ]);
    let mut desk = Desk::new();
    feed(bolero::check!(), 3_000, &corpus, |input| {
        desk.renewed();
        if let Some(request) = call(input, "netsuite.invalid") {
            desk.netsuite(request);
        }
    });
}

#[test]
fn fault_rules_may_be_anything() {
    let corpus = Corpus::of([
        r#"[{"kind":"slow","ms":300,"method":"POST","path":"/v1/*/x/**","nth":2,"times":1,"from":0,"until":5}]"#,
        r#"{"kind":"page","status":502,"percent":2.5,"seed":18446744073709551615}"#,
        r#"[{"kind":"error-after-save","status":"internal","every":3}]"#,
    ]);
    feed(bolero::check!(), 2_000, &corpus, |input| {
        let _ = sandbox::faults::parse(&String::from_utf8_lossy(input));
    });
}

#[test]
fn books_may_hold_anything() {
    let corpus = Corpus::of([
        "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n536365,85123A,\"WHITE, HOLDER\",6,2010-12-01 08:26:00,2.55,17850,United Kingdom\nC536379,D,Discount,-1,2010-12-01 09:41:00,27.5,14527,United Kingdom\n",
        "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country\n536365,85123A,X,6,12/1/2010 8:26,2.55,17850,France\n",
    ]);
    let folder = tempfile::tempdir().unwrap();
    feed(bolero::check!(), 400, &corpus, |input| {
        std::fs::write(folder.path().join("books.csv"), input).unwrap();
        if let Err(error) = sandbox::books::import::import(folder.path()) {
            assert!(error.to_string().len() <= 4_000, "an error of {} bytes", error.to_string().len());
        }
    });
}
