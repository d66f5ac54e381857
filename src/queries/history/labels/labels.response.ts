import type { RangeResponse } from '../dto/range.response.js';

/** A label with its series count and its value count. */
export class ListedLabelResponse {
  /** @example status */
  name: string;

  /** The number of series that have the label. */
  seriesCount: number;

  /** The number of different values of the label. */
  valuesCount: number;
}

/** A page of labels. */
export class LabelsResponse {
  /** The range, if the request has one. */
  range?: RangeResponse;

  /** The number of labels that match, on all pages together. */
  total: number;

  /** The labels, in the order of their names. */
  labels: ListedLabelResponse[];

  /** The cursor for the next page; null on the last page. */
  nextCursor: string | null;
}

/** A value of a label with the number of series that have it. */
export class ListedValueResponse {
  /** @example 200 */
  value: string;
  seriesCount: number;
}

/** A page of values of a label. */
export class LabelValuesResponse {
  /** The name of the label. */
  label: string;

  /** The range, if the request has one. */
  range?: RangeResponse;

  /** The number of values that match, on all pages together. */
  total: number;

  /** The values, in the requested order. */
  values: ListedValueResponse[];

  /** The cursor for the next page; null on the last page. */
  nextCursor: string | null;
}
