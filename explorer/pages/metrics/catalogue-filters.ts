import type { ListedMetric, MetricType } from '../../api/types.js';

/** The filters and the order of the list of metrics, which the address contains. */
export interface CatalogueFilters {
  search: string;
  type: MetricType | null;
  order: 'lastPush' | 'name' | 'series';
  prefix: string;
  /** True to list only metrics without a push in the range. */
  silent: boolean;
  /** True to list only favourite metrics. */
  favourites: boolean;
}

const TYPES = ['counter', 'gauge', 'histogram'] as const;
const ORDERS = ['lastPush', 'name', 'series'] as const;

/** Reads the filters from the parameters of the address. */
export function filtersOf(params: URLSearchParams): CatalogueFilters {
  return {
    search: params.get('q') ?? '',
    type: TYPES.find((type) => type === params.get('type')) ?? null,
    order: ORDERS.find((order) => order === params.get('order')) ?? 'lastPush',
    prefix: params.get('prefix') ?? '',
    silent: params.get('silent') === '1',
    favourites: params.get('fav') === '1',
  };
}

/** Returns whether any filter is set. If so, an empty list does not mean that the store is empty. */
export function isFiltered(filters: CatalogueFilters): boolean {
  return filters.search !== '' || filters.prefix !== '' || filters.type !== null || isChosenHere(filters);
}

/** Returns whether the page itself has to filter the metrics, because the server can't filter by silence or by favourites. */
export function isChosenHere(filters: CatalogueFilters): boolean {
  return filters.silent || filters.favourites;
}

/**
 * Returns the metrics that match the filters which the page applies itself: prefix, favourites and silence. The server has
 * already applied the search and the type.
 */
export function chosen(
  metrics: readonly ListedMetric[],
  filters: CatalogueFilters,
  favourites: ReadonlySet<string>,
  silentSince: number,
): ListedMetric[] {
  return metrics.filter(
    ({ name, lastPushAt }) =>
      (filters.prefix === '' || name.startsWith(filters.prefix)) &&
      (!filters.favourites || favourites.has(name)) &&
      (!filters.silent || lastPushAt === null || Date.parse(lastPushAt) < silentSince),
  );
}
