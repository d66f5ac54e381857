/** The end of a counter's name by Prometheus' convention, and of its samples in OpenMetrics. */
export const TOTAL_SUFFIX = '_total';

/** The end of the name of samples that tell when a counter or histogram began. */
export const CREATED_SUFFIX = '_created';
