import { Search, Star } from 'lucide';
import { useEffect, useRef } from 'preact/hooks';
import { useResource } from '../../api/use-resource.js';
import { request } from '../../api/requests.js';
import { Icon } from '../../icons/icon.js';
import { setParams } from '../../router/location.js';
import controls from '../../style/controls.module.css';
import type { CatalogueFilters } from './catalogue-filters.js';
import styles from './metrics.module.css';
import { prefixesOf } from './prefixes.js';

/** Maximum number of metric names that are requested to find their prefixes. */
const MOST_NAMES = 5000;

/** The search starts once nothing has been typed for this long. */
const TYPING_MS = 50;

/** The controls that filter metrics by words, type, favourites and silence, and that choose their order. */
export function FilterBar({ filters, total }: { filters: CatalogueFilters; total: number | null }) {
  const input = useRef<HTMLInputElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => {
    // A change that does not come from typing, such as going back in the browser's history, is shown in the field.
    if (input.current !== null && document.activeElement !== input.current) input.current.value = filters.search;
  }, [filters.search]);
  useEffect(() => {
    // For a moment after the sign-in dialog has closed, an element in it still has the focus.
    const isFree = document.activeElement?.matches('body, dialog:not([open]) *') ?? true;
    if (isFree && matchMedia('(pointer: fine)').matches) input.current?.focus();
  }, []);

  return (
    <div class={styles.filters} role="search">
      <div class={styles.search}>
        <Icon of={Search} />
        <input
          ref={input}
          id="search"
          class={controls.input}
          type="search"
          placeholder={
            total === null || total < 2
              ? 'Search metrics'
              : `Search ${total.toLocaleString('en')} metrics by name or help`
          }
          aria-label="Search metrics"
          defaultValue={filters.search}
          autocomplete="off"
          spellcheck={false}
          onInput={(event) => {
            const text = event.currentTarget.value;
            clearTimeout(timer.current);
            timer.current = setTimeout(() => setParams({ q: text }, { replace: true }), TYPING_MS);
          }}
        />
        <kbd class={styles.key}>/</kbd>
      </div>
      <select
        class={controls.select}
        aria-label="Type"
        value={filters.type ?? ''}
        onChange={(event) => setParams({ type: event.currentTarget.value })}
      >
        <option value="">All types</option>
        <option value="counter">Counters</option>
        <option value="gauge">Gauges</option>
        <option value="histogram">Histograms</option>
      </select>
      <select
        class={controls.select}
        aria-label="Order"
        value={filters.order}
        onChange={(event) => setParams({ order: event.currentTarget.value })}
      >
        <option value="lastPush">Last push first</option>
        <option value="name">By name</option>
        <option value="series">Most series first</option>
      </select>
      <button
        type="button"
        class={controls.button}
        aria-pressed={filters.silent}
        title="Only metrics that were not pushed in the range"
        onClick={() => setParams({ silent: filters.silent ? null : '1' })}
      >
        Silent
      </button>
      <button
        type="button"
        class={controls.button}
        aria-pressed={filters.favourites}
        title="Only your favourites"
        onClick={() => setParams({ fav: filters.favourites ? null : '1' })}
      >
        <Icon of={Star} />
        Favourites
      </button>
    </div>
  );
}

/** Shows the most frequent prefixes of metric names. A click on a prefix shows only metrics whose name begins with it. */
export function PrefixChips({ chosen, total }: { chosen: string; total: number }) {
  const names = useResource(total > 12 ? `names ${Math.ceil(total / 10)}` : null, (signal) =>
    request<{ data: string[] }>('/api/v1/label/__name__/values', { query: { limit: MOST_NAMES }, signal }),
  );
  const prefixes = prefixesOf(names.data?.data ?? [], 14);
  if (chosen !== '' && !prefixes.some(({ text }) => text === chosen)) prefixes.unshift({ text: chosen, count: 0 });
  if (prefixes.length === 0) return null;
  return (
    <ul class={styles.prefixes} aria-label="Prefixes">
      {prefixes.map(({ text, count }) => (
        <li key={text}>
          <button
            type="button"
            class={styles.prefix}
            aria-pressed={text === chosen}
            onClick={() => setParams({ prefix: text === chosen ? null : text })}
          >
            {text}
            {count > 0 && <span class={controls.muted}>{count}</span>}
          </button>
        </li>
      ))}
    </ul>
  );
}
