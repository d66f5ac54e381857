import type { Resource } from '../../api/use-resource.js';
import { formatAgo, formatDuration, formatTime } from '../../format/time.js';
import { zone } from '../../router/view.js';
import controls from '../../style/controls.module.css';
import table from '../../style/table.module.css';
import styles from './health.module.css';
import type { Storage } from './health-data.js';
import { Part } from './part.js';

/** Lists the processes of the service on this database. */
export function Processes({ of }: { of: Resource<Storage> }) {
  return (
    <Part scope="admin" title="Processes" note="All processes of the service that are alive on this database." of={of}>
      {({ processes, peerLagSeconds }) => (
        <>
          <div class={`${controls.card} ${styles.scroll}`}>
            <table class={table.table}>
              <thead>
                <tr>
                  <th scope="col">Process</th>
                  <th scope="col">Started</th>
                  <th scope="col">Heartbeat</th>
                  <th scope="col">Last commit</th>
                </tr>
              </thead>
              <tbody>
                {processes.map(({ id, isThis, startedAt, heartbeatAgeSeconds, lastCommitAt }) => (
                  <tr key={id}>
                    <td data-label="Process">
                      <span>
                        {id} {isThis && <span class={controls.badge}>this one</span>}
                      </span>
                    </td>
                    <td data-label="Started" title={formatTime(startedAt, zone.value)}>
                      {formatAgo(startedAt)}
                    </td>
                    <td data-label="Heartbeat">{formatAgo(Date.now() - heartbeatAgeSeconds * 1000)}</td>
                    <td data-label="Last commit">
                      {lastCommitAt === null ? <span class={controls.muted}>not lately</span> : formatAgo(lastCommitAt)}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          {processes.length > 1 && (
            <p class={controls.muted}>
              This process has seen the commits of the others up to {formatDuration(peerLagSeconds)} ago.
            </p>
          )}
        </>
      )}
    </Part>
  );
}
