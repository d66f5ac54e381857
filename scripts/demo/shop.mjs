// The metrics of the shop, and the samples that its apps would push in a period of time.
import { howOften, normal, split } from './chance.mjs';
import { APPS, busyness, COUNTRIES, DAY, failingShare, HOUR, MINUTE, ordersPerMinute } from './story.mjs';

/** All metrics of the demo, with their declarations. */
export const METRICS = {
  shop_orders_total: { type: 'counter', help: 'Orders that were paid', unit: 'orders' },
  shop_revenue_total: { type: 'counter', help: 'Money from paid orders', unit: 'eur' },
  shop_refunds_total: { type: 'counter', help: 'Orders that were paid back', unit: 'orders' },
  shop_signups_total: { type: 'counter', help: 'New customers, by the campaign that brought them', unit: 'customers' },
  shop_open_carts: { type: 'gauge', help: 'Carts that somebody is filling now', unit: 'carts' },
  shop_order_value: { type: 'histogram', help: 'Amounts of single orders', unit: 'eur' },
  shop_shipping_price: { type: 'gauge', help: 'What shipping costs; somebody changes it now and then', unit: 'eur' },
  payments_attempts_total: { type: 'counter', help: 'Attempts to pay, by provider and outcome', unit: 'attempts' },
  http_request_seconds: { type: 'histogram', help: 'Time until the shop has answered', unit: 'seconds' },
  search_queries_total: { type: 'counter', help: 'Searches, by whether anything was found', unit: 'searches' },
  cache_hit_ratio: { type: 'gauge', help: 'Share of product pages that come from the cache', unit: 'ratio' },
  server_memory_bytes: { type: 'gauge', help: 'Memory of each server process', unit: 'bytes' },
  warehouse_queue_depth: { type: 'gauge', help: 'Parcels that wait to be packed', unit: 'parcels' },
  nightly_export_runs_total: { type: 'counter', help: 'Runs of the export at night, by outcome', unit: 'runs' },
  nightly_export_rows: { type: 'gauge', help: 'Rows that the last export wrote', unit: 'rows' },
};

const ORDER_BUCKETS = [10, 20, 35, 50, 75, 100, 150, 250];
const SECOND_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/** The routes of the shop, with the usual time in seconds and the requests for each order. */
const ROUTES = [
  { name: '/', seconds: 0.04, requests: 9 },
  { name: '/search', seconds: 0.12, requests: 7 },
  { name: '/product', seconds: 0.06, requests: 14 },
  { name: '/cart', seconds: 0.08, requests: 3 },
  { name: '/checkout', seconds: 0.35, requests: 1.4 },
];

const PROVIDERS = [
  { name: 'cardworks', share: 0.55 },
  { name: 'fastpay', share: 0.3 },
  { name: 'bankwire', share: 0.15 },
];

const CAMPAIGNS = [
  { name: 'none', share: 0.5 },
  { name: 'search', share: 0.32 },
  { name: 'newsletter', share: 0.18 },
];

const WAREHOUSES = ['berlin', 'lyon', 'leeds'];
const SERVERS = ['shop-1', 'shop-2', 'shop-3', 'shop-4'];
const MIB = 2 ** 20;

/** The shop. It remembers the state that continues from one period to the next, such as the number of waiting parcels. */
export class Shop {
  #waiting = new Map(WAREHOUSES.map((name) => [name, 20]));

  constructor(story, random) {
    this.story = story;
    this.random = random;
  }

  /** Returns the samples of the period between two times. The time of the samples is the end of the period. */
  samplesOf(from, to) {
    const samples = [];
    const push = (name, value, labels) => samples.push({ name, value, labels, timestamp: to });
    const minutes = (to - from) / MINUTE;
    const orders = this.#orders(from, minutes, push);
    this.#payments(from, orders, push);
    this.#requests(from, minutes, push);
    this.#customers(from, minutes, orders, push);
    this.#gauges(from, to, orders, push);
    this.#rare(from, to, push);
    return samples;
  }

  #orders(at, minutes, push) {
    const { random } = this;
    let all = 0;
    const values = [];
    for (const country of COUNTRIES) {
      const lost = PROVIDERS.reduce((sum, { name, share }) => sum + share * failingShare(this.story, at, name), 0);
      const expected = ordersPerMinute(this.story, at, country) * minutes * (1 - lost * 0.8);
      const byApp = split(
        random,
        howOften(random, expected),
        APPS.map(({ share }) => share),
      );
      for (const [index, count] of byApp.entries()) {
        if (count === 0) continue;
        const labels = { app: APPS[index].name, country: country.name };
        let sum = 0;
        for (let order = 0; order < count; order++) {
          const amount = Math.round(country.amount * Math.exp(normal(random) * 0.5) * 100) / 100;
          values.push(amount);
          sum += amount;
        }
        push('shop_orders_total', count, labels);
        push('shop_revenue_total', Math.round(sum * 100) / 100, labels);
        const refunds = howOften(random, count * 0.02);
        if (refunds > 0) push('shop_refunds_total', refunds, { country: country.name });
        all += count;
      }
    }
    if (values.length > 0) pushHistogram(push, 'shop_order_value', ORDER_BUCKETS, values, {});
    return all;
  }

  #payments(at, orders, push) {
    const byProvider = split(
      this.random,
      orders,
      PROVIDERS.map(({ share }) => share),
    );
    for (const [index, paid] of byProvider.entries()) {
      const provider = PROVIDERS[index].name;
      const failing = failingShare(this.story, at, provider);
      const failed = howOften(this.random, (paid * failing) / (1 - failing));
      const declined = howOften(this.random, paid * 0.06);
      for (const [outcome, count] of Object.entries({ paid, failed, declined })) {
        if (count > 0) push('payments_attempts_total', count, { provider, outcome });
      }
    }
  }

  #requests(at, minutes, push) {
    const { random, story } = this;
    const busy = busyness(story, at);
    for (const route of ROUTES) {
      const { slowRelease } = story;
      const isSlow = route.name === slowRelease.route && at >= slowRelease.from && at < slowRelease.to;
      const usual = route.seconds * (0.8 + 0.2 * busy) * (isSlow ? 5 : 1);
      const count = howOften(random, route.requests * busy * 2 * minutes);
      // A few hundred observations describe the distribution of a period as well as thousands.
      const drawn = Math.min(count, 300);
      if (drawn === 0) continue;
      const values = Array.from({ length: drawn }, () => usual * Math.exp(normal(random) * 0.6));
      pushHistogram(push, 'http_request_seconds', SECOND_BUCKETS, values, { route: route.name }, count);
    }
  }

  #customers(at, minutes, orders, push) {
    const { random, story } = this;
    const isNew = at >= story.campaign.from;
    const campaigns = isNew ? [...CAMPAIGNS, { name: story.campaign.name, share: 0.3 }] : CAMPAIGNS;
    const signups = howOften(random, busyness(story, at) * 1.1 * minutes * (isNew ? 1.25 : 1));
    for (const [index, count] of split(
      random,
      signups,
      campaigns.map(({ share }) => share),
    ).entries()) {
      if (count > 0) push('shop_signups_total', count, { campaign: campaigns[index].name });
    }
    const searches = howOften(random, orders * 6);
    const [found, nothing] = split(random, searches, [0.93, 0.07]);
    if (found > 0) push('search_queries_total', found, { result: 'found' });
    if (nothing > 0) push('search_queries_total', nothing, { result: 'nothing' });
  }

  #gauges(from, to, orders, push) {
    const { random, story } = this;
    const busy = busyness(story, to);
    for (const { name, share } of APPS) {
      push('shop_open_carts', Math.max(0, Math.round(90 * busy * share * (1 + normal(random) * 0.08))), { app: name });
    }
    push('cache_hit_ratio', Math.min(0.995, Math.round((0.94 - busy * 0.03 + normal(random) * 0.006) * 1e4) / 1e4), {});
    for (const [index, server] of SERVERS.entries()) {
      // Every process leaks a little memory and restarts once a day, each at a different hour.
      const age = ((to + index * 5.3 * HOUR) % DAY) / DAY;
      push('server_memory_bytes', Math.round((240 + 380 * age + 40 * busy + normal(random) * 6) * MIB), { server });
    }
    for (const [index, arrived] of split(random, orders, [0.5, 0.28, 0.22]).entries()) {
      const warehouse = WAREHOUSES[index];
      const hour = (to / HOUR + 1) % 24;
      const packed = hour >= 6 && hour < 21 ? ((to - from) / MINUTE) * [7, 4.4, 3.6][index] : 0;
      const waiting = Math.max(0, Math.round(this.#waiting.get(warehouse) + arrived - packed * (0.9 + random() * 0.2)));
      this.#waiting.set(warehouse, waiting);
      push('warehouse_queue_depth', waiting, { warehouse });
    }
  }

  #rare(from, to, push) {
    const { random, story } = this;
    const night = Math.floor((to - 2.5 * HOUR) / DAY);
    if (night !== Math.floor((from - 2.5 * HOUR) / DAY)) {
      const failed = Math.floor((story.start - 2.5 * HOUR) / DAY) - night === story.failedNight;
      push('nightly_export_runs_total', 1, { outcome: failed ? 'failed' : 'finished' });
      if (!failed) push('nightly_export_rows', Math.round(48_000 * (1 + normal(random) * 0.05)), {});
    }
    const threeDays = Math.floor(to / (3 * DAY));
    if (threeDays !== Math.floor(from / (3 * DAY)))
      push('shop_shipping_price', [3.9, 4.9, 4.5, 5.9][threeDays % 4], {});
  }
}

/** Pushes the values of a histogram: cumulative buckets, sum and count, as Prometheus has them. */
function pushHistogram(push, name, bounds, values, labels, count = values.length) {
  const scale = count / values.length;
  for (const bound of bounds) {
    const within = Math.round(values.filter((value) => value <= bound).length * scale);
    if (within > 0) push(`${name}_bucket`, within, { ...labels, le: String(bound) });
  }
  push(`${name}_bucket`, count, { ...labels, le: '+Inf' });
  push(`${name}_sum`, Math.round(values.reduce((sum, value) => sum + value, 0) * scale * 1000) / 1000, labels);
  push(`${name}_count`, count, labels);
}
