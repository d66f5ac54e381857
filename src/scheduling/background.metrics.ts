import type { Provider } from '@nestjs/common';
import { getToken } from '@willsoto/nestjs-prometheus';
import { Gauge, register } from 'prom-client';
import { failingWork } from '../database/repeated-failure.js';

const FAILING_SECONDS = 'custom_metrics_background_failing_seconds';

/** Provides the gauge that shows how long background work has been failing. Its values are read at each scrape. */
export const backgroundMetricsProviders: Provider[] = [
  {
    provide: getToken(FAILING_SECONDS),
    useFactory: () => {
      // Without this, a second module in the same process would fail, because the metric already exists.
      register.removeSingleMetric(FAILING_SECONDS);
      return new Gauge({
        name: FAILING_SECONDS,
        help: 'How long background work has been failing; absent while it succeeds',
        labelNames: ['work'],
        collect() {
          this.reset();
          for (const { name, seconds } of failingWork()) this.set({ work: name }, seconds);
        },
      });
    },
  },
];
