import type { Provider } from '@nestjs/common';
import { getToken } from '@willsoto/nestjs-prometheus';
import { Gauge, register } from 'prom-client';
import { failingWork } from '../database/repeated-failure.js';

const FAILING_SECONDS = 'custom_metrics_background_failing_seconds';

/** Background work that fails again and again, read at each scrape. */
export const backgroundMetricsProviders: Provider[] = [
  {
    provide: getToken(FAILING_SECONDS),
    useFactory: () => {
      // A second module in one process would otherwise register it twice.
      register.removeSingleMetric(FAILING_SECONDS);
      return new Gauge({
        name: FAILING_SECONDS,
        help: 'For how long background work has failed again and again; absent while it succeeds',
        labelNames: ['work'],
        collect() {
          this.reset();
          for (const { name, seconds } of failingWork()) this.set({ work: name }, seconds);
        },
      });
    },
  },
];
