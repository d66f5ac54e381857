import type { Resource } from '../../api/use-resource.js';
import { formatNumber } from '../../format/number.js';
import { formatAgo, formatTime } from '../../format/time.js';
import { zone } from '../../router/view.js';
import controls from '../../style/controls.module.css';
import table from '../../style/table.module.css';
import styles from './health.module.css';
import type { Refusals } from './health-data.js';
import { Part } from './part.js';

/** Lists recent refusals, with the message that the client received. */
export function RefusalTable({ of }: { of: Resource<Refusals> }) {
  return (
    <Part
      scope="admin"
      title="Refused pushes"
      note="Samples and requests that the service has refused, the newest first."
      of={of}
    >
      {({ refusals }) =>
        refusals.length === 0 ? (
          <p class={`${controls.card} ${styles.nothing}`}>Nothing was refused lately.</p>
        ) : (
          <div class={`${controls.card} ${styles.scroll}`}>
            <table class={table.table}>
              <thead>
                <tr>
                  <th scope="col">Last</th>
                  <th scope="col">Token</th>
                  <th scope="col">Metric</th>
                  <th scope="col">Why</th>
                  <th scope="col" class={table.number}>
                    Times
                  </th>
                </tr>
              </thead>
              <tbody>
                {refusals.map(({ lastAt, firstAt, token, metric, value, reason, message, count }) => (
                  <tr key={`${token} ${reason} ${metric}`}>
                    <td data-label="Last" class={table.nowrap}>
                      <span title={formatTime(lastAt, zone.value)}>{formatAgo(lastAt)}</span>
                    </td>
                    <td data-label="Token">{token ?? <span class={controls.muted}>no valid token</span>}</td>
                    <td data-label="Metric" class={styles.metric}>
                      {metric === null ? (
                        <span class={controls.muted}>whole request</span>
                      ) : (
                        <span>
                          <code>{metric}</code>
                          {value !== null && <span class={controls.muted}> {value}</span>}
                        </span>
                      )}
                    </td>
                    <td class={table.title}>
                      <span class={controls.badge}>{reason.replaceAll('_', ' ')}</span>{' '}
                      <span class={styles.message}>{message}</span>
                    </td>
                    <td data-label="Times" class={table.number} title={`since ${formatTime(firstAt, zone.value)}`}>
                      {formatNumber(count)}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )
      }
    </Part>
  );
}
