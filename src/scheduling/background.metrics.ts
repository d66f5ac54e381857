import type { Provider } from '@nestjs/common';
import { getToken } from '@willsoto/nestjs-prometheus';
import { Gauge, register } from 'prom-client';
import { failingWork } from '../database/repeated-failure.js';

const FAILING_SECONDS = 'custom_metrics_background_failing_seconds';

/** The metric of background work that fails repeatedly, read at each scrape. */
export const backgroundMetricsProviders: Provider[] = [
  {
    provide: getToken(FAILING_SECONDS),
    useFactory: () => {
      // A second module in the same process would otherwise fail, because the metric exists already.
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
