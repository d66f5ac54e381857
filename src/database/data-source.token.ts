/** Injection token of the DataSource that the module works on: the host's default one, or the one it names. */
export const CUSTOM_METRICS_DATA_SOURCE = Symbol('CUSTOM_METRICS_DATA_SOURCE');

/**
 * Injection token of the DataSource that the history reads samples from: the same one unless the host names another, such as
 * a streaming replica. Nothing else may use it, because what it shows can lag behind.
 */
export const CUSTOM_METRICS_HISTORY_DATA_SOURCE = Symbol('CUSTOM_METRICS_HISTORY_DATA_SOURCE');
