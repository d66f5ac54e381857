import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { request } from '../../api/requests.js';
import type { ListedMetric, MetricsPage } from '../../api/types.js';
import { useResource } from '../../api/use-resource.js';
import { ProblemNotice } from '../../layout/problem-notice.js';
import { usePushVersion } from '../../live/pushes.js';
import { route } from '../../router/location.js';
import { range } from '../../router/view.js';
import controls from '../../style/controls.module.css';
import { chosen, filtersOf, isChosenHere, isFiltered } from './catalogue-filters.js';
import { favourites } from '../../favourites/favourites.js';
import { FilterBar, PrefixChips } from './filter-bar.js';
import { MetricItem } from './metric-item.js';
import styles from './metrics.module.css';
import { Onboarding } from './onboarding.js';
import { SparklineStore } from './sparkline-store.js';

const PAGE = 50;

/** The interval at which the page checks whether an empty service is still empty. */
const WAITING_MS = 1000;

/** Maximum number of metrics that the page reads if it filters them itself. */
const MOST_CHOSEN_HERE = 1000;

/** Maximum number of metrics that are shown as cards. If there are more, all are shown as rows. */
const MOST_CARDS = 12;

/** The page "Metrics": all metrics, with their newest values and pushes. */
export function Metrics() {
  const filters = filtersOf(route.value.params);
  const shown = useSignal(PAGE);
  const version = usePushVersion(null);
  const { from, to } = range.value;
  const store = useMemo(() => new SparklineStore({ from, to }, 36), [from, to]);
  useEffect(() => () => store.close(), [store]);

  const limit = isChosenHere(filters) ? MOST_CHOSEN_HERE : shown.value;
  const search = `${filters.search} ${filters.prefix}`.trim();
  const query = { search: search || null, type: filters.type, order: filters.order, families: true, limit };
  const list = useResource(
    JSON.stringify(query),
    // The answer to an earlier search stays until the next one arrives, so each answer records whether it is about all metrics.
    async (signal) => ({
      ...(await request<MetricsPage>('/api/history/metrics', { query, signal })),
      isOfAll: search === '' && filters.type === null,
    }),
    version,
  );
  useEffect(() => {
    shown.value = PAGE;
  }, [search, filters.type, filters.order]);

  const total = list.data?.total ?? null;
  const kept = useKeptOrder(JSON.stringify({ ...query, limit: 0 }), list.data?.metrics ?? []);
  const metrics = chosen(kept, filters, favourites.value, silentSince(from));
  const waited = useWaiting(total === 0 && list.data?.isOfAll === true && !isFiltered(filters), list.reload);
  const asCards = total !== null && total <= MOST_CARDS && !isFiltered(filters);
  const hasMore = !isChosenHere(filters) && list.data?.nextCursor != null;

  if (waited && total !== null) {
    return (
      <>
        <h1 class="visually-hidden">Metrics</h1>
        <ProblemNotice of={list} />
        <Onboarding first={kept[0] ?? null} />
      </>
    );
  }
  return (
    <>
      <h1 class="visually-hidden">Metrics</h1>
      <FilterBar filters={filters} total={isFiltered(filters) ? null : total} />
      <PrefixChips chosen={filters.prefix} total={total ?? 0} />
      <ProblemNotice of={list} />
      {list.data === null && list.problem === null && <Skeleton />}
      {list.data !== null && metrics.length === 0 && <Nothing total={total ?? 0} isFiltered={isFiltered(filters)} />}
      <ul
        class={asCards ? styles.cards : `${controls.card} ${styles.rows}`}
        hidden={metrics.length === 0}
        data-loading={list.loading}
      >
        {metrics.map((metric) => (
          <MetricItem key={metric.name} metric={metric} store={store} asCard={asCards} />
        ))}
      </ul>
      {isChosenHere(filters) && list.data?.nextCursor != null && (
        <p class={controls.muted}>
          Only {MOST_CHOSEN_HERE.toLocaleString('en')} of {total?.toLocaleString('en')} metrics were looked at. Search
          for words to look at others.
        </p>
      )}
      {hasMore && (
        <button type="button" class={`${controls.button} ${styles.more}`} onClick={() => (shown.value += PAGE)}>
          Show {PAGE} more of {total?.toLocaleString('en')}
        </button>
      )}
      <p class="visually-hidden" role="status">
        {list.data !== null && isFiltered(filters) && `${total} metrics found`}
      </p>
    </>
  );
}

/**
 * Returns metrics in the order in which they are already shown, because otherwise every push would move rows away from under the
 * pointer. New metrics are added at the top, or at the end if they come from a further page.
 */
function useKeptOrder(question: string, metrics: readonly ListedMetric[]): ListedMetric[] {
  const shown = useRef({ question, places: new Map<string, number>() });
  if (shown.current.question !== question) shown.current = { question, places: new Map() };
  const { places } = shown.current;
  const added = metrics.filter(({ name }) => !places.has(name));
  // New rows come first only if they are at the top of the answer. A further page of rows comes last.
  const isOnTop = added.length > 0 && added[0] === metrics[0] && places.size > 0;
  const lowest = Math.min(0, ...places.values());
  const highest = Math.max(0, ...places.values());
  for (const [index, { name }] of added.entries()) {
    places.set(name, isOnTop ? lowest - added.length + index : highest + 1 + index);
  }
  return metrics.toSorted((one, other) => places.get(one.name)! - places.get(other.name)!);
}

/** Reloads every second while the service is empty, and returns whether it was empty at any time since the page was opened. */
function useWaiting(isEmpty: boolean, ask: () => void): boolean {
  const [wasEmpty, setWasEmpty] = useState(false);
  useEffect(() => {
    if (!isEmpty) return undefined;
    setWasEmpty(true);
    const timer = setInterval(() => document.hidden || ask(), WAITING_MS);
    return () => clearInterval(timer);
  }, [isEmpty]);
  return wasEmpty || isEmpty;
}

/**
 * Returns the time since which a silent metric has received no push, in milliseconds since the epoch: the start of the range if
 * it is relative, such as `-6h`, or otherwise a day ago.
 */
function silentSince(from: string): number {
  const [, count = '', unit = ''] = /^-(\d+)([smhd])$/.exec(from) ?? [];
  const lengths: Record<string, number> = { s: 1e3, m: 6e4, h: 3.6e6, d: 8.64e7 };
  return Date.now() - (Number(count) * (lengths[unit] ?? 0) || 8.64e7);
}

function Nothing({ total, isFiltered }: { total: number; isFiltered: boolean }) {
  return (
    <p class={`${controls.card} ${styles.nothing}`}>
      {isFiltered
        ? `No metric matches.${total > 0 ? ` The filters exclude all ${total.toLocaleString('en')}.` : ' Try fewer or shorter words.'}`
        : 'Nothing was pushed yet.'}
    </p>
  );
}

function Skeleton() {
  return (
    <ul class={`${controls.card} ${styles.rows}`} aria-label="Loading">
      {Array.from({ length: 8 }, (_, index) => (
        <li key={index} class={styles.row}>
          <span class={`${controls.waiting} ${styles.waitingText}`} />
        </li>
      ))}
    </ul>
  );
}
