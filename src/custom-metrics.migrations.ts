import { CreateCustomMetrics1764000000000 } from '../migrations/1764000000000-create-custom-metrics.js';

/** For the host's DataSource, oldest first. */
export const CUSTOM_METRICS_MIGRATIONS = [CreateCustomMetrics1764000000000];
