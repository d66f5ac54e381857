// The events in the shop of the demo. All times are relative to the start of the demo, so that there is always something to see
// in the last day.

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** The countries, with their share of the orders, their UTC offset in hours, and the usual amount of an order in euros. */
export const COUNTRIES = [
  { name: 'de', share: 0.34, offset: 1, amount: 62 },
  { name: 'fr', share: 0.22, offset: 1, amount: 55 },
  { name: 'uk', share: 0.2, offset: 0, amount: 71 },
  { name: 'it', share: 0.14, offset: 1, amount: 48 },
  { name: 'pl', share: 0.1, offset: 1, amount: 33 },
];

/** The apps through which people buy, with their share. */
export const APPS = [
  { name: 'web', share: 0.5 },
  { name: 'ios', share: 0.28 },
  { name: 'android', share: 0.22 },
];

/** Orders in a minute on an average day. */
const ORDERS_PER_MINUTE = 7;

/** Returns the events in the shop for a demo that starts at the given time. */
export function storyAt(start) {
  return {
    start,
    /** Yesterday's flash sale in France. */
    flashSale: { from: start - 20 * HOUR, to: start - 18 * HOUR, country: 'fr', factor: 5 },
    /** The payment provider Fastpay failed for some hours, and has been failing again recently. */
    outages: [
      { provider: 'fastpay', from: start - 3 * DAY - 5 * HOUR, to: start - 3 * DAY - 2 * HOUR, failing: 0.7 },
      { provider: 'fastpay', from: start - 50 * MINUTE, to: start + 25 * MINUTE, failing: 0.45 },
    ],
    /** A campaign that did not exist before. */
    campaign: { name: 'podcast', from: start - 2.5 * DAY },
    /** The release that made a route slower. */
    slowRelease: { from: start - 30 * HOUR, to: start - 6 * HOUR, route: '/search' },
    /** The night in which the export failed, counted in nights before the start. */
    failedNight: 4,
  };
}

/** Returns the expected number of orders per minute in a country at a given time. */
export function ordersPerMinute(story, at, country) {
  const { from, to, factor } = story.flashSale;
  const isSale = story.flashSale.country === country.name && at >= from && at < to;
  return ORDERS_PER_MINUTE * country.share * hourFactor(at, country.offset) * dayFactor(at) * (isSale ? factor : 1);
}

/** Returns the share of a provider's payments that fail at a given time. */
export function failingShare(story, at, provider) {
  const outage = story.outages.find((each) => each.provider === provider && at >= each.from && at < each.to);
  return outage?.failing ?? 0.012;
}

/** Returns a factor around 1 for how busy the shop is. */
export function busyness(story, at) {
  return COUNTRIES.reduce((sum, country) => sum + ordersPerMinute(story, at, country), 0) / ORDERS_PER_MINUTE;
}

/** Returns the factor of the hour. People buy least at four in the morning and most in the evening. */
function hourFactor(at, offset) {
  const hour = ((at / HOUR + offset) % 24) / 24;
  const evening = Math.max(0, Math.cos((hour - 20 / 24) * 2 * Math.PI)) ** 3;
  return 0.25 + 0.7 * (1 - Math.cos((hour - 4 / 24) * 2 * Math.PI)) * 0.75 + 0.6 * evening;
}

/** Returns the factor of the day. Sundays are the busiest, and the shop grows from week to week, in cycles of four weeks. */
function dayFactor(at) {
  const weekday = new Date(at).getUTCDay();
  const byDay = [1.3, 0.9, 0.9, 0.95, 1, 1.05, 1.2][weekday];
  const weeks = ((at / DAY) % 28) / 7;
  return byDay * (0.9 + 0.07 * weeks);
}
