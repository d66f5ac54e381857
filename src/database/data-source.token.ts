/** The injection token of the DataSource that the module uses: the host's default one, or the one that the host names. */
export const CUSTOM_METRICS_DATA_SOURCE = Symbol('CUSTOM_METRICS_DATA_SOURCE');

/**
 * The injection token of the DataSource from which history is read. By default it is the DataSource of all other data; the host
 * can name another one, such as a streaming replica. Only history may use it, because a replica can lag behind.
 */
export const CUSTOM_METRICS_HISTORY_DATA_SOURCE = Symbol('CUSTOM_METRICS_HISTORY_DATA_SOURCE');
