// What every client shares. Raise tagVersion with every change that is deployed.

export const tagVersion = '1.0.0';

// Parameters of the landing page that say where the visitor came from; appended to the referrer, on which the
// account's patterns are tested.
export const defaultFwdParams = [
  'gclid', 'gbraid', 'wbraid', 'dclid', 'gclsrc', 'msclkid', 'fbclid', 'ttclid', 'twclid', 'li_fat_id', 'ScCid',
  'rdt_cid', 'epik', 'yclid', 'irclickid', 'awc', 'mc_cid', 'utm_source', 'utm_medium', 'utm_campaign', 'utm_content',
  'utm_term', 'utm_id', 'utm_source_platform', 'utm_marketing_tactic'
];

// Hosts that a visitor passes through on the way back to the site: never a new source.
export const defaultIgnoredURLs = [
  'paypal.com', 'stripe.com', 'klarna.com', 'adyen.com', 'worldpay.com', 'sagepay.com', 'opayo.co.uk', 'braintreegateway.com',
  'checkout.com', 'secure.arcot.com', 'cardinalcommerce.com', 'accounts.google.com', 'appleid.apple.com',
  'login.microsoftonline.com'
];

export const visitorSeconds = 395 * 86400; // 13 months
export const sessionSeconds = 30 * 60;
