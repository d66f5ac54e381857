import type { components } from './openapi.js';

type Schemas = components['schemas'];

export type ListedMetric = Schemas['ListedMetricResponse'];
export type MetricsPage = Schemas['MetricsResponse'];
export type Points = Schemas['RangeQueryResponse'];
export type Line = Schemas['LineResponse'];
export type Point = Schemas['PointResponse'];
export type Breakdown = Schemas['BreakdownResponse'];
export type Sparkline = Schemas['SparklineResponse'];
export type Sparklines = Schemas['SparklinesResponse'];
export type Series = Schemas['SeriesResponse'];
export type SamplesPage = Schemas['SamplesResponse'];
export type Labels = Schemas['LabelsResponse'];
export type LabelValues = Schemas['LabelValuesResponse'];
export type CreatedToken = Schemas['CreatedApiTokenResponse'];
export type MetricType = ListedMetric['type'];
