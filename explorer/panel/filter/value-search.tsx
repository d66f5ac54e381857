import { request } from '../../api/requests.js';
import type { LabelValues, ListedMetric } from '../../api/types.js';
import { Combobox } from '../../dialog/combobox.js';
import { filterParameter, nameParameter, type LabelFilter } from './label-filter.js';

/** Maximum number of values that are listed. */
const LISTED = 50;

/**
 * A field that searches the values of a label and lists those with the most series first. The server searches, because a label
 * can have very many values.
 */
export function ValueSearch({
  metric,
  label,
  filters,
  onChoose,
  isInline = false,
}: {
  metric: ListedMetric;
  label: string;
  /** Only values of series that match the filters on other labels are listed. */
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
        // Values of the same label are alternatives, so the filters on this label do not limit the list.
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
