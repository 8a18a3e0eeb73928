//! The vendor's fields, as its data reference names them.

use super::Access::{Always, Birth, System};
use super::Kind::{Day, Flag, Key, Moment, Money, Number, OneOf, Ref, Text, Texts};
use super::Object::{
    Contact, CreditMemo, CreditMemoItem, Customer, DebitMemo, DebitMemoItem, Invoice, InvoiceItem, Order, OrderProduct,
    PaymentApplication, PriceBookEntry, Product, Subscription,
};
use super::{Access, Kind, Plain};

const fn field(name: &'static str, kind: Kind, access: Access) -> Plain {
    Plain { name, kind, access, required: false }
}

const fn required(name: &'static str, kind: Kind) -> Plain {
    Plain { name, kind, access: Always, required: true }
}

const fn open(name: &'static str, kind: Kind) -> Plain {
    field(name, kind, Always)
}

const fn system(name: &'static str, kind: Kind) -> Plain {
    field(name, kind, System)
}

/// The names of the objects, by their numbers.
pub(super) const NAMES: [&str; 19] = [
    "Customer",
    "Contact",
    "Product",
    "PriceBookEntry",
    "Order",
    "OrderProduct",
    "Subscription",
    "Asset",
    "Entitlement",
    "Invoice",
    "InvoiceItem",
    "CreditMemo",
    "CreditMemoItem",
    "DebitMemo",
    "DebitMemoItem",
    "PaymentApplication",
    "PaymentApplicationItem",
    "TransactionHub",
    "Usage",
];

/// What every record bears.
pub(super) const STAMPS: &[Plain] =
    &[system("id", Key), system("createdDate", Moment), system("lastModifiedDate", Moment)];

/// The fields of the objects, by their numbers.
pub(super) const FIELDS: [&[Plain]; 19] = [
    CUSTOMER,
    CONTACT,
    PRODUCT,
    PRICE_BOOK_ENTRY,
    ORDER,
    ORDER_PRODUCT,
    SUBSCRIPTION,
    ASSET,
    ENTITLEMENT,
    INVOICE,
    INVOICE_ITEM,
    CREDIT_MEMO,
    CREDIT_MEMO_ITEM,
    DEBIT_MEMO,
    DEBIT_MEMO_ITEM,
    PAYMENT_APPLICATION,
    PAYMENT_APPLICATION_ITEM,
    TRANSACTION_HUB,
    USAGE,
];

const CUSTOMER: &[Plain] = &[
    system("externalId", Key),
    system("accountNumber", Key),
    required("name", Text(255)),
    required("recordType", OneOf(&["Business", "Consumer"])),
    open("email", Text(255)),
    open("phone", Text(40)),
    open("fax", Text(40)),
    open("website", Text(255)),
    open("billingStreet", Text(255)),
    open("billingCity", Text(255)),
    open("billingState", Text(255)),
    open("billingPostalCode", Text(20)),
    open("billingCountry", Text(255)),
    open("shippingStreet", Text(255)),
    open("shippingCity", Text(255)),
    open("shippingState", Text(255)),
    open("shippingPostalCode", Text(20)),
    open("shippingCountry", Text(255)),
    open("industry", Text(255)),
    open("type", Text(255)),
    open("ownership", Text(255)),
    open("companySize", Text(255)),
    open("numberOfEmployees", Number),
    open("annualRevenue", Money),
    open("currencyIsoCode", Text(3)),
    open("paymentMethod", OneOf(&["ACH", "Credit Card", "Wire Transfer"])),
    open("paymentTerm", OneOf(&["Net 15", "Net 30", "Net 45", "Net 60"])),
    open("taxExempt", Flag),
    open("billCycleDay", Text(40)),
    open("billCycleStartMonth", Text(40)),
    open("billingProrationEnabled", Flag),
    open("parentCustomerId", Ref(Customer)),
    open("orderPrimaryContactId", Ref(Contact)),
    system("salesAccountId", Text(40)),
    system("todayARR", Money),
    system("todayCMRR", Money),
    system("totalTCV", Money),
];

const CONTACT: &[Plain] = &[
    system("externalId", Key),
    field("customerId", Ref(Customer), Birth),
    open("firstName", Text(40)),
    required("lastName", Text(80)),
    open("name", Text(255)),
    required("email", Key),
    open("title", Text(128)),
    open("phone", Text(40)),
    open("billingStreet", Text(255)),
    open("billingCity", Text(255)),
    open("billingState", Text(255)),
    open("billingPostalCode", Text(20)),
    open("billingCountry", Text(255)),
];

const PRODUCT: &[Plain] = &[
    system("externalId", Key),
    system("name", Text(255)),
    system("sku", Key),
    system("recordType", OneOf(&["Product", "Service", "Bundle"])),
    system("description", Text(4000)),
    system("longDescription", Text(4000)),
    system("configurable", Flag),
    system("soldIndependently", Flag),
    system("imageUrl", Text(1000)),
    system("lastPublishedDate", Moment),
    system("status", OneOf(&["Active", "Inactive", "Draft"])),
    system("publishStatus", OneOf(&["Published", "Unpublished", "Outdated"])),
    system("productCategory", Text(40)),
    system("priceModel", Text(40)),
];

const PRICE_BOOK_ENTRY: &[Plain] = &[
    system("productId", Ref(Product)),
    system("currencyIsoCode", Text(3)),
    system("listPrice", Money),
    system("active", Flag),
];

const ORDER: &[Plain] = &[
    system("externalId", Key),
    system("orderNumber", Key),
    open("name", Text(80)),
    open("description", Text(255)),
    system("status", OneOf(&["Draft", "Activated", "Canceled"])),
    field("customerId", Ref(Customer), Birth),
    field("billToContactId", Ref(Contact), Birth),
    system("currencyIsoCode", Text(3)),
    field("effectiveDate", Day, Birth),
    field("orderStartDate", Day, Birth),
    system("orderPlacedDate", Day),
    system("activatedDate", Moment),
    field("subscriptionStartDate", Day, Birth),
    field("subscriptionEndDate", Day, Birth),
    field("subscriptionTerm", Number, Birth),
    system("listTotal", Money),
    system("subtotal", Money),
    system("discountAmount", Money),
    system("taxAmount", Money),
    system("totalAmount", Money),
    system("orderACV", Money),
    system("orderTCV", Money),
    open("poNumber", Text(255)),
    open("poDate", Day),
];

const ORDER_PRODUCT: &[Plain] = &[
    system("externalId", Key),
    system("orderId", Ref(Order)),
    field("priceBookEntryId", Ref(PriceBookEntry), Birth),
    system("productId", Ref(Product)),
    field("quantity", Number, Birth),
    system("listPrice", Money),
    system("totalPrice", Money),
    field("subscriptionStartDate", Day, Birth),
    field("subscriptionEndDate", Day, Birth),
    field("subscriptionTerm", Number, Birth),
    system("changeType", Text(40)),
    system("assetNumber", Key),
];

const SUBSCRIPTION: &[Plain] = &[
    system("externalId", Key),
    system("externalName", Text(80)),
    system("name", Key),
    system("subscriptionCompositeId", Text(80)),
    system("subscriptionVersion", Number),
    system("status", Text(40)),
    system("customerId", Ref(Customer)),
    system("orderId", Ref(Order)),
    system("orderProductId", Ref(OrderProduct)),
    system("productId", Ref(Product)),
    system("priceBookEntryId", Ref(PriceBookEntry)),
    system("subscriptionLevel", Number),
    system("quantity", Number),
    system("listPrice", Money),
    system("totalPrice", Money),
    system("bundled", Flag),
    system("billingPeriod", Text(40)),
    system("billingTiming", Text(40)),
    system("billCycleDay", Text(40)),
    system("orderOnDate", Day),
    system("nextBillingDate", Day),
    system("subscriptionStartDate", Day),
    system("subscriptionEndDate", Day),
    system("subscriptionTerm", Number),
    system("actualSubscriptionTerm", Number),
    system("renewalTerm", Number),
    open("autoRenew", Flag),
    system("evergreen", Flag),
    system("cancellationDate", Day),
];

const ASSET: &[Plain] = &[
    system("externalId", Key),
    system("assetNumber", Key),
    system("status", Text(40)),
    system("customerId", Ref(Customer)),
    system("orderId", Ref(Order)),
    system("orderProductId", Ref(OrderProduct)),
    system("productId", Ref(Product)),
    system("quantity", Number),
    system("price", Money),
];

const ENTITLEMENT: &[Plain] = &[
    system("externalId", Key),
    system("entitlementNumber", Key),
    system("name", Text(255)),
    system("status", Text(40)),
    system("customerId", Ref(Customer)),
    system("orderId", Ref(Order)),
    system("orderProductId", Ref(OrderProduct)),
    system("productId", Ref(Product)),
    system("productCategory", Text(40)),
    system("quantity", Number),
    system("startDate", Day),
    system("endDate", Day),
];

const INVOICE: &[Plain] = &[
    system("name", Key),
    system("status", Text(40)),
    system("paymentStatus", Text(40)),
    system("source", Text(40)),
    system("amount", Money),
    system("amountWithoutTax", Money),
    system("taxAmount", Money),
    system("taxStatus", Text(40)),
    system("balance", Money),
    system("currencyIsoCode", Text(3)),
    system("customerId", Ref(Customer)),
    system("orderId", Ref(Order)),
    open("billToContactId", Ref(Contact)),
    open("invoiceDate", Day),
    open("dueDate", Day),
    open("startDate", Day),
    open("endDate", Day),
    system("targetDate", Day),
    system("activatedTime", Moment),
    system("salesAccountId", Text(40)),
    system("isCatchUp", Flag),
    open("poNumbers", Texts),
    open("poDates", Texts),
    open("comments", Text(4000)),
    system("cancellationDate", Day),
    system("syncTime", Moment),
];

const INVOICE_ITEM: &[Plain] = &[
    system("invoiceItemNumber", Key),
    system("invoiceId", Ref(Invoice)),
    system("invoiceNumber", Text(80)),
    system("productId", Ref(Product)),
    system("transactionDate", Day),
    system("transactionQuantity", Number),
    system("transactionAmount", Money),
    system("taxAmount", Money),
    system("balance", Money),
];

const CREDIT_MEMO: &[Plain] = &[
    system("name", Key),
    system("creditMemoNumber", Key),
    field("creditMemoDate", Day, Birth),
    system("status", Text(40)),
    system("paymentStatus", Text(40)),
    system("source", Text(40)),
    field("amount", Money, Birth),
    system("amountWithoutTax", Money),
    system("taxAmount", Money),
    system("balance", Money),
    system("currencyIsoCode", Text(3)),
    field("customerId", Ref(Customer), Birth),
    field("invoiceId", Ref(Invoice), Birth),
    system("dueDate", Day),
    system("activatedTime", Moment),
    open("comments", Text(4000)),
    system("cancellationDate", Day),
    system("syncTime", Moment),
];

const CREDIT_MEMO_ITEM: &[Plain] = &[
    system("creditMemoItemNumber", Key),
    system("creditMemoId", Ref(CreditMemo)),
    system("creditMemoNumber", Text(80)),
    field("productId", Ref(Product), Birth),
    field("transactionDate", Day, Birth),
    field("transactionQuantity", Number, Birth),
    field("transactionAmount", Money, Birth),
    system("taxAmount", Money),
    system("balance", Money),
];

const DEBIT_MEMO: &[Plain] = &[
    system("name", Key),
    open("debitMemoDate", Day),
    system("status", Text(40)),
    system("paymentStatus", Text(40)),
    system("source", Text(40)),
    system("amount", Money),
    system("amountWithoutTax", Money),
    system("taxAmount", Money),
    system("balance", Money),
    system("currencyIsoCode", Text(3)),
    system("customerId", Ref(Customer)),
    system("invoiceId", Ref(Invoice)),
    open("dueDate", Day),
    system("activatedTime", Moment),
    open("comments", Text(4000)),
    system("cancellationDate", Day),
    system("syncTime", Moment),
];

const DEBIT_MEMO_ITEM: &[Plain] = &[
    system("debitMemoItemNumber", Key),
    system("debitMemoId", Ref(DebitMemo)),
    system("debitMemoNumber", Text(80)),
    system("productId", Ref(Product)),
    system("transactionDate", Day),
    system("transactionQuantity", Number),
    system("transactionAmount", Money),
    system("taxAmount", Money),
    system("balance", Money),
];

const PAYMENT_APPLICATION: &[Plain] = &[
    system("name", Key),
    system("type", Text(40)),
    system("status", Text(40)),
    system("amount", Money),
    system("currencyIsoCode", Text(3)),
    system("customerId", Ref(Customer)),
    system("invoiceId", Ref(Invoice)),
    system("creditMemoId", Ref(CreditMemo)),
    system("paymentMethod", Text(40)),
    system("paymentSource", Text(40)),
    system("applicationDate", Day),
    system("syncTime", Moment),
];

const PAYMENT_APPLICATION_ITEM: &[Plain] = &[
    system("paymentApplicationId", Ref(PaymentApplication)),
    system("invoiceId", Ref(Invoice)),
    system("invoiceItemId", Ref(InvoiceItem)),
    system("creditMemoItemId", Ref(CreditMemoItem)),
    system("debitMemoItemId", Ref(DebitMemoItem)),
    system("amount", Money),
];

const TRANSACTION_HUB: &[Plain] = &[
    required("transactionType", Key),
    required("nueId", Key),
    required("externalSystem", Key),
    required("externalSystemId", Text(255)),
    required("externalId", Key),
    open("direction", OneOf(&["inbound", "outbound"])),
    open("description", Text(255)),
    system("customerId", Ref(Customer)),
    system("status", Text(40)),
    system("errorCode", Text(80)),
    system("errorMessage", Text(255)),
];

const USAGE: &[Plain] = &[
    system("name", Key),
    open("usageId", Text(255)),
    required("customerId", Ref(Customer)),
    system("salesAccountId", Text(40)),
    open("subscriptionId", Ref(Subscription)),
    required("quantity", Number),
    open("timestamp", Moment),
    open("transactionId", Key),
    open("properties", Text(4000)),
];
