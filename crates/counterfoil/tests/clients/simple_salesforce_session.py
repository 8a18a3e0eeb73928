"""A session of simple-salesforce, a public client, against the emulated Salesforce: it knows nothing of ours.

    python3 simple_salesforce_session.py URL CLIENT_ID CLIENT_SECRET

The client speaks https alone; one adapter sends its calls to the emulator's address. Each line tells what was seen; the
first thing that is not as the vendor documents it ends the session.
"""

import importlib.metadata
import json
import sys
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceMalformedRequest, SalesforceResourceNotFound

URL, CLIENT_ID, CLIENT_SECRET = sys.argv[1:4]


class ToEmulator(HTTPAdapter):
    """Sends a call to the emulator, whatever host it names."""

    def send(self, request, **options):
        there, path = urlsplit(URL), urlsplit(request.url)
        request.url = urlunsplit((there.scheme, there.netloc, path.path, path.query, ""))
        request.headers["Host"] = there.netloc
        return super().send(request, **options)


def session():
    made = requests.Session()
    made.trust_env = False
    made.mount("https://", ToEmulator())
    return made


def told(words):
    print(f"saw: {words}", flush=True)


def refused(code, call, *arguments, **options):
    """The call must be refused with the vendor's code; gives the first error."""
    try:
        call(*arguments, **options)
    except (SalesforceMalformedRequest, SalesforceResourceNotFound) as error:
        first = error.content[0]
        assert first["errorCode"] == code, f"{first} in place of {code}"
        told(f"{code}: {first['message'].splitlines()[-1][:90]}")
        return first
    raise AssertionError(f"no {code}")


def settings(change):
    answer = requests.put(f"{URL}/_sandbox/settings", data=json.dumps(change), timeout=30)
    answer.raise_for_status()


print(f"simple-salesforce {importlib.metadata.version('simple-salesforce')}")
salesforce = Salesforce(consumer_key=CLIENT_ID, consumer_secret=CLIENT_SECRET, domain="sandbox", session=session())
told("a log-in by client credentials")

# Creates, reads, changes.
account = salesforce.Account.create({"Name": "Aïcha & Co", "Nue_Id__c": "client-1"})
assert account["success"], account
account_id = account["id"]
assert salesforce.Account.get(account_id)["Name"] == "Aïcha & Co"
contacts = [salesforce.Contact.create({"LastName": name, "AccountId": account_id})["id"] for name in ("Ada", "Grace")]
assert salesforce.Account.update(account_id, {"Phone": "+44 20 7946 0000"}) == 204
assert salesforce.Account.get_by_custom_id("Nue_Id__c", "client-1")["Phone"] == "+44 20 7946 0000"
described = salesforce.Account.describe()
key = next(field for field in described["fields"] if field["name"] == "Nue_Id__c")
assert key["externalId"] and key["unique"], key
told(f"an account and {len(contacts)} contacts made, read, changed, found by their key; a describe of {len(described['fields'])} fields")

# Upserts: the first makes, the second changes.
assert salesforce.Account.upsert("Nue_Id__c/client-2", {"Name": "Second"}) == 201
assert salesforce.Account.upsert("Nue_Id__c/client-2", {"Name": "Second, changed"}) in (200, 204)
held = salesforce.query("SELECT Id, Name FROM Account WHERE Nue_Id__c = 'client-2'")
assert held["totalSize"] == 1 and held["records"][0]["Name"] == "Second, changed", held
told("an upsert that makes, and one that changes")

# Queries: to the parent, to the children, page after page.
rows = salesforce.query(f"SELECT LastName, Account.Name FROM Contact WHERE AccountId = '{account_id}' ORDER BY LastName")
assert [row["LastName"] for row in rows["records"]] == ["Ada", "Grace"], rows
assert rows["records"][0]["Account"]["Name"] == "Aïcha & Co", rows
rows = salesforce.query(f"SELECT Name, (SELECT LastName FROM Contacts) FROM Account WHERE Id = '{account_id}'")
assert rows["records"][0]["Contacts"]["totalSize"] == 2, rows
told("a query by relationship, and a child subquery")

# Bulk API 2.0: more rows than a page holds.
many = [{"LastName": f"Row {place:04}", "Email": f"row{place}@example.com"} for place in range(2500)]
jobs = salesforce.bulk2.Contact.insert(records=many)
assert sum(job["numberRecordsProcessed"] for job in jobs) == 2500, jobs
assert sum(job["numberRecordsFailed"] for job in jobs) == 0, jobs
told("2,500 contacts made by bulk2")
first = salesforce.query("SELECT Id FROM Contact WHERE LastName LIKE 'Row %'")
assert not first["done"] and first["totalSize"] == 2500 and len(first["records"]) == 2000, first["totalSize"]
assert len(salesforce.query_all("SELECT Id FROM Contact WHERE LastName LIKE 'Row %'")["records"]) == 2500
told("query_all: 2,500 records in two parts by a locator")
parts = list(salesforce.bulk2.Contact.query("SELECT Id, LastName FROM Contact WHERE LastName LIKE 'Row %'"))
lines = sum(len(part.strip().splitlines()) - 1 for part in parts)
assert lines == 2500, lines
told("2,500 contacts read by bulk2")

# The vendor's errors.
first = refused("DUPLICATE_VALUE", salesforce.Account.create, {"Name": "Twin", "Nue_Id__c": "CLIENT-1"})
assert account_id in first["message"], first
first = refused("REQUIRED_FIELD_MISSING", salesforce.Contact.create, {"FirstName": "Nobody"})
assert first["fields"] == ["LastName"], first
refused("INVALID_FIELD", salesforce.Account.create, {"Name": "A", "No_Such_Field__c": "x"})
refused("INVALID_FIELD", salesforce.query, "SELECT No_Such_Field__c FROM Account")
refused("MALFORMED_QUERY", salesforce.query, "SELECT FROM Account")
refused("STRING_TOO_LONG", salesforce.Account.update, account_id, {"AccountNumber": "9" * 41})
refused("NOT_FOUND", salesforce.Account.get, "001000000000000AAA")
settings({"duplicate_rules": [{"object": "Account", "fields": ["Name"]}]})
first = refused("DUPLICATES_DETECTED", salesforce.Account.create, {"Name": "aïcha & CO"})
assert first["duplicateResult"]["matchResults"][0]["matchRecords"], first
settings({"duplicate_rules": []})
failed = salesforce.bulk2.Contact.insert(records=[{"LastName": "Fine", "Email": "fine@example.com"}, {"LastName": "", "Email": "x@example.com"}])
assert failed[0]["numberRecordsFailed"] == 1, failed
rows = salesforce.bulk2.Contact.get_failed_records(failed[0]["job_id"])
assert "REQUIRED_FIELD_MISSING" in rows, rows
told("a row that bulk2 refuses, with its reason")
print("all as the vendor documents it")
