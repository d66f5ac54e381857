/** The suffix of counter names in Prometheus' convention, and of their samples in OpenMetrics. */
export const TOTAL_SUFFIX = '_total';

/** The suffix of samples that give the start time of a counter or histogram. */
export const CREATED_SUFFIX = '_created';
