#include "listen/adapter.h"

// Every format there is, most particular first: when two are equally sure of a file, the earlier one reads it.
extern const adapter ADAPTER_heed_events;
extern const adapter ADAPTER_zendesk_json, ADAPTER_intercom_json, ADAPTER_freshdesk_json;
extern const adapter ADAPTER_google_play_json, ADAPTER_app_store, ADAPTER_trustpilot, ADAPTER_google_business,
    ADAPTER_yelp;
extern const adapter ADAPTER_typeform, ADAPTER_delighted;
extern const adapter ADAPTER_shopify_json, ADAPTER_woocommerce, ADAPTER_stripe_json;
extern const adapter ADAPTER_shopify_orders, ADAPTER_shopify_customers, ADAPTER_woocommerce_orders,
    ADAPTER_stripe_payments;
extern const adapter ADAPTER_zendesk_tickets, ADAPTER_google_play;
extern const adapter ADAPTER_surveymonkey, ADAPTER_google_forms, ADAPTER_limesurvey;
extern const adapter ADAPTER_hubspot_contacts, ADAPTER_hubspot_companies, ADAPTER_salesforce_contacts;
extern const adapter ADAPTER_transactions;
extern const adapter ADAPTER_tracking;

const adapter *const adapters[] = {
    &ADAPTER_heed_events,
    &ADAPTER_zendesk_json,
    &ADAPTER_intercom_json,
    &ADAPTER_freshdesk_json,
    &ADAPTER_google_play_json,
    &ADAPTER_app_store,
    &ADAPTER_trustpilot,
    &ADAPTER_google_business,
    &ADAPTER_yelp,
    &ADAPTER_typeform,
    &ADAPTER_delighted,
    &ADAPTER_shopify_json,
    &ADAPTER_woocommerce,
    &ADAPTER_stripe_json,
    &ADAPTER_shopify_orders,
    &ADAPTER_shopify_customers,
    &ADAPTER_woocommerce_orders,
    &ADAPTER_stripe_payments,
    &ADAPTER_zendesk_tickets,
    &ADAPTER_google_play,
    &ADAPTER_surveymonkey,
    &ADAPTER_google_forms,
    &ADAPTER_limesurvey,
    &ADAPTER_hubspot_contacts,
    &ADAPTER_hubspot_companies,
    &ADAPTER_salesforce_contacts,
    &ADAPTER_transactions,
    &ADAPTER_tracking,
    &ADAPTER_generic_csv,
    &ADAPTER_generic_json,
    NULL,
};
