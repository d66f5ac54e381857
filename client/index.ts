export { MetricsClient } from './metrics-client.js';
export type { MetricsClientOptions } from './metrics-client.options.js';
export type { Counter, Gauge, Histogram } from './instruments.js';
export type { LabelValue, Labels } from './labels.js';
export type { MetricsProblem, ProblemReason, RejectedItem } from './metrics-problem.js';
export type { MetricsClientStats } from './metrics-client.stats.js';
