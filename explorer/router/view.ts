import { computed } from '@preact/signals';
import type { Zone } from '../format/time.js';
import { route } from './location.js';

/** The range that all pages show, as the API takes it. */
export interface Range {
  from: string;
  to: string;
}

const DEFAULT_FROM = '-24h';
const DEFAULT_TO = 'now';

/** The range of all panels. A relative time such as `now` stays a text, which the server resolves by its own clock. */
export const range = computed<Range>(() => ({
  from: route.value.params.get('from') || DEFAULT_FROM,
  to: route.value.params.get('to') || DEFAULT_TO,
}));

/** Whether the range ends now, so that new pushes change the charts. */
export const isMoving = computed(() => range.value.to === 'now');

/** Whether times are shown in local time or in UTC. */
export const zone = computed<Zone>(() => (route.value.params.get('tz') === 'utc' ? 'utc' : 'local'));

/** The name of the zone, as the API takes it. */
export const zoneName = computed(() =>
  zone.value === 'utc' ? 'UTC' : new Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC',
);

/** Whether panels also show the previous period. */
export const isComparing = computed(() => route.value.params.get('cmp') === '1');

/** Whether panels follow new pushes. They do, unless somebody switched it off. */
export const isLive = computed(() => route.value.params.get('live') !== '0');
