#include "listen/sheet.h"
#include "listen/words.h"

static void note_no_dates(reading *r, heard_as *as) {
    as->notes =
        str_fmt(r->life, "without a date of its own a row holds as of %.*s; say the day of the export with \"as_of\"\n",
                STR_ARG(date_str(r->life, zone_days(r->z, r->as_of_us))));
}

// HubSpot. Contacts and companies share the numbers of "Record ID" but not the people, so a company's number is marked.

// clang-format off
enum {
    ID, FIRST, LAST, NAME, EMAIL, MORE_EMAILS, PHONE, MOBILE, CREATED, EDITED, COUNTRY, CITY, STAGE, OWNER, COMPANY,
    DOMAIN, INDUSTRY, SIZE, PARENT, LANGUAGE, STREET, ZIP, BORN,
};
static const char *const hubspot_columns[] = {
    [ID] = "Record ID|Contact ID|Record ID - Contact", [FIRST] = "First Name", [LAST] = "Last Name",
    [NAME] = "Company name|Name", [EMAIL] = "Email|Email Address", [MORE_EMAILS] = "Additional email addresses",
    [PHONE] = "Phone Number|Phone", [MOBILE] = "Mobile Phone Number", [CREATED] = "Create Date",
    [EDITED] = "Last Modified Date", [COUNTRY] = "Country/Region|Country", [CITY] = "City",
    [STAGE] = "Lifecycle Stage", [OWNER] = "Contact owner|Company owner",
    [COMPANY] = "Associated Company|Company Name", [DOMAIN] = "Company Domain Name", [INDUSTRY] = "Industry",
    [SIZE] = "Number of Employees", [PARENT] = "Parent Company ID", [LANGUAGE] = "Preferred language",
    [STREET] = "Street Address", [ZIP] = "Postal Code", [BORN] = "Date of birth",
};
// clang-format on

static double hubspot_contacts_sure(const glance *g) {
    static const char *const own[] = {"Lifecycle Stage",
                                      "Contact owner",
                                      "Lead Status",
                                      "Create Date",
                                      "Associated Company",
                                      "Last Activity Date",
                                      "Marketing contact status",
                                      "Last Modified Date"};
    bool id = glance_has(g, "Record ID") || glance_has(g, "Contact ID") || glance_has(g, "Record ID - Contact");
    bool person = glance_has(g, "Email") && (glance_has(g, "First Name") || glance_has(g, "Last Name"));
    return id && person ? (glance_count(g, own, COUNT(own)) ? 0.95 : 0.7) : 0;
}

static double hubspot_companies_sure(const glance *g) {
    static const char *const need[] = {"Record ID", "Company name", "Company Domain Name"};
    return all_there(g, need, COUNT(need), 0.95);
}

static bool hubspot_begin(reading *r, const glance *g, heard_as *as, err *e) {
    (void)g, (void)e;
    sheet_begin(r, hubspot_columns, COUNT(hubspot_columns));
    note_no_dates(r, as);
    return true;
}

static bool hubspot_times(reading *r, event *like) {
    like->at_us = r->as_of_us;
    if (r->as_of_given) like->edited_us = r->as_of_us;
    return time_at_if(r, CREATED, &like->at_us) && time_at_if(r, EDITED, &like->edited_us);
}

static bool need_id(reading *r, str id) {
    if (!id.len) reject(r, "Record ID", "empty; the row needs its number");
    return id.len > 0;
}

static void hubspot_contact_row(reading *r) {
    event like = sheet_template(r);
    str id = at(r, ID);
    if (!need_id(r, id) || !hubspot_times(r, &like)) return;
    add_ident(r, &like, IDENT_hubspot_id, id);
    add_ident(r, &like, IDENT_email, at(r, EMAIL));
    for (str rest = at(r, MORE_EMAILS); rest.s && rest.len;)
        add_ident(r, &like, IDENT_email, str_trim(str_cut(&rest, ';')));
    add_phone(r, &like, at(r, PHONE), S(""));
    add_phone(r, &like, at(r, MOBILE), S(""));
    like.name = two_names(r, at(r, FIRST), at(r, LAST));
    like.country = at(r, COUNTRY);
    like.lang = language_of(at(r, LANGUAGE));
    like.address = event_address(&r->row, at(r, STREET), at(r, ZIP), at(r, CITY));
    like.born = event_born(&r->row, at(r, BORN), r->day_first);
    like.staff = at(r, OWNER);
    event *ev = say(r, &like, KIND_identify, like.at_us, key_of(r, "contact", id));
    add_extra(r, ev, "stage", at(r, STAGE));
    add_extra(r, ev, "company", at(r, COMPANY));
    add_extra(r, ev, "city", at(r, CITY));
}

static void hubspot_company_row(reading *r) {
    event like = sheet_template(r);
    str id = at(r, ID);
    if (!need_id(r, id) || !hubspot_times(r, &like)) return;
    add_ident(r, &like, IDENT_hubspot_id, key_of(r, "company", id));
    like.name = at(r, NAME);
    like.country = at(r, COUNTRY);
    like.staff = at(r, OWNER);
    event *ev = say(r, &like, KIND_identify, like.at_us, key_of(r, "company", id));
    add_extra(r, ev, "domain", at(r, DOMAIN));
    add_extra(r, ev, "phone", at(r, PHONE));
    add_extra(r, ev, "city", at(r, CITY));
    add_extra(r, ev, "industry", at(r, INDUSTRY));
    add_extra(r, ev, "employees", at(r, SIZE));
    add_extra(r, ev, "parent", at(r, PARENT));
}

const adapter ADAPTER_hubspot_contacts = {
    .name = "hubspot-contacts",
    .label = "HubSpot contacts export (CSV)",
    .source = "hubspot",
    .channel = CHANNEL_import,
    .format = FORMAT_CSV,
    .sure = hubspot_contacts_sure,
    .begin = hubspot_begin,
    .row = hubspot_contact_row,
};

const adapter ADAPTER_hubspot_companies = {
    .name = "hubspot-companies",
    .label = "HubSpot companies export (CSV)",
    .source = "hubspot",
    .channel = CHANNEL_import,
    .format = FORMAT_CSV,
    .sure = hubspot_companies_sure,
    .begin = hubspot_begin,
    .row = hubspot_company_row,
};

// Salesforce contacts, of the Data Export service and of the Data Loader.

// clang-format off
enum {
    S_ID, S_DELETED, S_MASTER, S_ACCOUNT, S_FIRST, S_LAST, S_NAME, S_EMAIL, S_PHONE, S_MOBILE, S_COUNTRY, S_CITY,
    S_ZIP, S_OPTED_OUT, S_CREATED, S_EDITED, S_STAMP, S_STREET, S_BORN, S_OWNER,
};
static const char *const salesforce_columns[] = {
    [S_ID] = "Id", [S_DELETED] = "IsDeleted", [S_MASTER] = "MasterRecordId",
    [S_ACCOUNT] = "Account.Name|AccountName|AccountId", [S_FIRST] = "FirstName", [S_LAST] = "LastName",
    [S_NAME] = "Name", [S_EMAIL] = "Email", [S_PHONE] = "Phone", [S_MOBILE] = "MobilePhone",
    [S_COUNTRY] = "MailingCountryCode|MailingCountry", [S_CITY] = "MailingCity", [S_ZIP] = "MailingPostalCode",
    [S_OPTED_OUT] = "HasOptedOutOfEmail", [S_CREATED] = "CreatedDate", [S_EDITED] = "LastModifiedDate",
    [S_STREET] = "MailingStreet", [S_BORN] = "Birthdate", [S_STAMP] = "SystemModstamp", [S_OWNER] = "OwnerId",
};
// clang-format on

static double salesforce_sure(const glance *g) {
    static const char *const need[] = {"Id", "LastName", "Email"};
    static const char *const own[] = {"IsDeleted",    "MasterRecordId",     "AccountId",  "SystemModstamp",
                                      "Account.Name", "HasOptedOutOfEmail", "CreatedDate"};
    str id = glance_cell(g, 0, glance_column(g, "Id"));
    bool contact = str_starts(id, S("003")) && (id.len == 15 || id.len == 18);
    double sure = glance_count(g, own, COUNT(own)) ? all_there(g, need, COUNT(need), 0.7) : 0;
    return sure > 0 && contact ? 0.97 : sure;
}

static bool salesforce_begin(reading *r, const glance *g, heard_as *as, err *e) {
    (void)g, (void)e;
    sheet_begin(r, salesforce_columns, COUNT(salesforce_columns));
    note_no_dates(r, as);
    return true;
}

// The 15 characters of an id tell capital letters apart; the 18 that are safe everywhere end in three that say which of
// each five are capital: A to Z, then 0 to 5, are the numbers 0 to 31.
static str long_id(reading *r, str id) {
    if (id.len != 15) return id;
    char *p = make(&r->row, char, 19);
    memcpy(p, id.s, 15);
    for (int part = 0; part < 3; part++) {
        unsigned bits = 0;
        for (int i = 0; i < 5; i++) bits |= (unsigned)(p[part * 5 + i] >= 'A' && p[part * 5 + i] <= 'Z') << i;
        p[15 + part] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[bits];
    }
    return (str){p, 18};
}

static bool is_yes(str x) {
    return str_eq(x, S("1")) || str_eq_ci(x, S("true"));
}

static bool salesforce_times(reading *r, event *like) {
    like->at_us = r->as_of_us;
    if (r->as_of_given) like->edited_us = r->as_of_us;
    return utc_at_if(r, S_CREATED, &like->at_us) && utc_at_if(r, S_EDITED, &like->edited_us) &&
           utc_at_if(r, S_STAMP, &like->edited_us);
}

// A record deleted because it was merged says that both ids are one person.
static void salesforce_row(reading *r) {
    event like = sheet_template(r);
    str id = long_id(r, at(r, S_ID)), master = long_id(r, at(r, S_MASTER)), country = at(r, S_COUNTRY);
    if (!id.len) {
        reject(r, "Id", "empty; the row needs its id");
        return;
    }
    if (is_yes(at(r, S_DELETED)) && !master.len) {
        skip_row(r, "the contact was deleted");
        return;
    }
    if (!salesforce_times(r, &like)) return;
    add_ident(r, &like, IDENT_salesforce_id, master);
    add_ident(r, &like, IDENT_salesforce_id, id);
    add_ident(r, &like, IDENT_email, at(r, S_EMAIL));
    if (str_eq_ci(country, S("USA")) || str_eq_ci(country, S("United States"))) country = S("US");
    add_phone(r, &like, at(r, S_PHONE), country);
    add_phone(r, &like, at(r, S_MOBILE), country);
    like.name = at(r, S_NAME).len ? at(r, S_NAME) : two_names(r, at(r, S_FIRST), at(r, S_LAST));
    like.country = at(r, S_COUNTRY);
    like.address = event_address(&r->row, at(r, S_STREET), at(r, S_ZIP), at(r, S_CITY));
    like.born = event_born(&r->row, at(r, S_BORN), r->day_first);
    event *ev = say(r, &like, KIND_identify, like.at_us, key_of(r, "contact", id));
    add_extra(r, ev, "merged_into", master);
    add_extra(r, ev, "account", at(r, S_ACCOUNT));
    add_extra(r, ev, "city", at(r, S_CITY));
    add_extra(r, ev, "zip", at(r, S_ZIP));
    if (is_yes(at(r, S_OPTED_OUT))) add_extra(r, ev, "email_opt_out", S("yes"));
}

const adapter ADAPTER_salesforce_contacts = {
    .name = "salesforce-contacts",
    .label = "Salesforce contacts (Data Export, Data Loader)",
    .source = "salesforce",
    .channel = CHANNEL_import,
    .format = FORMAT_CSV,
    .sure = salesforce_sure,
    .begin = salesforce_begin,
    .row = salesforce_row,
};
