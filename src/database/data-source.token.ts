/** Injection token of the DataSource that the module works on: the host's default one, or the one it names. */
export const CUSTOM_METRICS_DATA_SOURCE = Symbol('CUSTOM_METRICS_DATA_SOURCE');
