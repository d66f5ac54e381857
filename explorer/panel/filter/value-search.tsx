import { request } from '../../api/requests.js';
import type { LabelValues, ListedMetric } from '../../api/types.js';
import { Combobox } from '../../dialog/combobox.js';
import { filterParameter, nameParameter, type LabelFilter } from './label-filter.js';

/** Number of values that are listed at once. */
const LISTED = 50;

/** Finds a value of a label, the most frequent first. The server searches, because a label may have very many values. */
export function ValueSearch({
  metric,
  label,
  filters,
  onChoose,
  isInline = false,
}: {
  metric: ListedMetric;
  label: string;
  /** Only values of series that match the filters are listed. */
  filters: readonly LabelFilter[];
  onChoose: (value: string) => void;
  /** Whether the search is the main part of a dialog. */
  isInline?: boolean;
}) {
  return (
    <Combobox
      label={`Value of ${label}`}
      placeholder={`Search values of ${label}`}
      isFocused={isInline}
      isInline={isInline}
      find={async (search, signal) => {
        // A further value of this label is an alternative, so the filters on the label do not limit the list.
        const others = filters.filter((filter) => filter.label !== label).map(filterParameter);
        const query = {
          metric: metric.name,
          label: others,
          search: search.trim() || null,
          order: 'series',
          limit: LISTED,
        };
        const path = `/api/history/labels/${encodeURIComponent(nameParameter(label))}/values`;
        const { values, total } = await request<LabelValues>(path, { query, signal });
        const choices = values.map(({ value, seriesCount }) => ({
          value,
          note: `${seriesCount.toLocaleString('en')} series`,
        }));
        return { choices, total };
      }}
      onChoose={onChoose}
    />
  );
}
