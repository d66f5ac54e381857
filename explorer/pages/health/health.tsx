import { request } from '../../api/requests.js';
import { session } from '../../session/session.js';
import controls from '../../style/controls.module.css';
import { Cardinality } from './cardinality.js';
import { Figures } from './figures.js';
import styles from './health.module.css';
import type { Refusals, Storage, TsdbStatus } from './health-data.js';
import { Processes } from './processes.js';
import { RefusalTable } from './refusal-table.js';
import { ServiceStatus } from './service-status.js';
import { Tables } from './tables.js';
import { usePolled } from './use-polled.js';
import { useTicks } from './use-ticks.js';

/**
 * The interval at which the page reloads its data. The storage report can be up to ten seconds old even when it has just been
 * loaded.
 */
const ASK_EVERY_MS = 5000;

/** The page "Health", which shows whether the service works, what it refuses, and what fills it. */
export function Health() {
  const ticks = useTicks(ASK_EVERY_MS);
  const tsdb = usePolled(
    'tsdb',
    async (signal) => {
      const { data } = await request<{ data: TsdbStatus }>('/api/v1/status/tsdb', { query: { limit: 10 }, signal });
      return data;
    },
    ticks,
  );
  const refusals = usePolled(
    'refusals',
    (signal) => request<Refusals>('/api/admin/refusals', { query: { limit: 50 }, signal }),
    ticks,
  );
  const storage = usePolled('storage', (signal) => request<Storage>('/api/admin/storage', { signal }), ticks);

  return (
    <div class={styles.page}>
      <header class={styles.head}>
        <h1>Health</h1>
        <p class={controls.muted}>
          {session.value !== null &&
            `Version ${session.value.version}. Samples are kept for ${session.value.retentionDays} days.`}
        </p>
      </header>
      <ServiceStatus ticks={ticks} />
      <Figures tsdb={tsdb.data} storage={storage.data} refusals={refusals.data} />
      <RefusalTable of={refusals} />
      <Cardinality of={tsdb} />
      <div class={styles.halves}>
        <Processes of={storage} />
        <Tables of={storage} />
      </div>
    </div>
  );
}
