import { useRef } from 'preact/hooks';
import { formatFull, formatNumber } from '../../format/number.js';
import { formatAgo, formatDuration, formatTime } from '../../format/time.js';
import { zone } from '../../router/view.js';
import controls from '../../style/controls.module.css';
import styles from './health.module.css';
import type { Refusals, Storage, TsdbStatus } from './health-data.js';

/** Shows the most important figures. Figures that the session is not allowed to see are left out. */
export function Figures({
  tsdb,
  storage,
  refusals,
}: {
  tsdb: TsdbStatus | null;
  storage: Storage | null;
  refusals: Refusals | null;
}) {
  const rate = useRate(storage);
  const refused = refusals?.refusals.reduce((sum, { count }) => sum + count, 0);
  const newest = refusals?.refusals[0];
  return (
    <dl class={styles.figures}>
      {tsdb !== null && <Figure name="Series" value={tsdb.headStats.numSeries} />}
      {storage !== null && storage.sampleCount !== null && (
        <Figure
          name="Samples"
          value={storage.sampleCount}
          note={storage.oldestSampleAt === null ? undefined : `the oldest ${formatAgo(storage.oldestSampleAt)}`}
          title={storage.oldestSampleAt === null ? undefined : formatTime(storage.oldestSampleAt, zone.value)}
        />
      )}
      {rate !== null && <Figure name="New samples" value={rate} unit="per second" />}
      {storage !== null && (
        <Figure
          name="On disk"
          value={storage.databaseBytes}
          unit="bytes"
          note={storage.bytesPerSample === null ? undefined : `${formatNumber(storage.bytesPerSample)} bytes a sample`}
        />
      )}
      {refused !== undefined && (
        <Figure
          name="Refused"
          value={refused}
          note={newest === undefined ? 'nothing lately' : `last ${formatAgo(newest.lastAt)}`}
        />
      )}
      {storage !== null && (
        <div class={`${controls.card} ${styles.figure}`}>
          <dt>Compaction</dt>
          <dd>
            <span class={styles.value}>{formatDuration(storage.compactionLagSeconds)}</span>
            <span class={controls.muted}>
              {storage.logSampleCount ? `behind, ${formatNumber(storage.logSampleCount)} samples wait` : 'behind'}
            </span>
          </dd>
        </div>
      )}
    </dl>
  );
}

function Figure({
  name,
  value,
  unit,
  note,
  title,
}: {
  name: string;
  value: number;
  unit?: string;
  note?: string | undefined;
  title?: string | undefined;
}) {
  return (
    <div class={`${controls.card} ${styles.figure}`}>
      <dt>{name}</dt>
      <dd>
        <span class={styles.value} title={formatFull(value, unit)}>
          {formatNumber(value, unit)}
        </span>
        {note !== undefined && (
          <span class={controls.muted} title={title}>
            {note}
          </span>
        )}
      </dd>
    </div>
  );
}

/** Returns how many samples arrived per second between the last two different reports. */
function useRate(storage: Storage | null): number | null {
  const last = useRef<{ at: number; count: number; rate: number | null } | null>(null);
  if (storage === null || storage.sampleCount === null) return null;
  const at = Date.parse(storage.at);
  const before = last.current;
  if (before === null || at > before.at) {
    // The difference is negative if old samples were dropped or metrics were removed in the meantime.
    const rate = before === null ? null : Math.max(0, ((storage.sampleCount - before.count) / (at - before.at)) * 1000);
    last.current = { at, count: storage.sampleCount, rate };
  }
  return last.current?.rate ?? null;
}
