import type { Resource } from '../../api/use-resource.js';
import { formatFull, formatNumber } from '../../format/number.js';
import controls from '../../style/controls.module.css';
import styles from './health.module.css';
import type { Storage } from './health-data.js';
import { Part } from './part.js';

/** Lists the tables with their sizes. */
export function Tables({ of }: { of: Resource<Storage> }) {
  return (
    <Part scope="admin" title="Tables" note="Disk space of each table in Postgres, including its indexes." of={of}>
      {({ tables }) => {
        const largest = Math.max(1, ...tables.map(({ bytes }) => bytes));
        return (
          <div class={`${controls.card} ${styles.ranking}`}>
            <ol class={styles.ranks}>
              {tables.map(({ name, bytes }) => (
                <li key={name} class={styles.rank}>
                  <code>{name}</code>
                  <span title={formatFull(bytes, 'bytes')}>{formatNumber(bytes, 'bytes')}</span>
                  <meter
                    class={styles.bar}
                    min={0}
                    max={largest}
                    value={bytes}
                    aria-label={`${name}: ${formatNumber(bytes, 'bytes')}`}
                  />
                </li>
              ))}
            </ol>
          </div>
        );
      }}
    </Part>
  );
}
