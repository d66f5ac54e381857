import { formatFull, formatNumber } from '../../format/number.js';
import { formatAgo, formatTime } from '../../format/time.js';
import { zone } from '../../router/view.js';
import controls from '../../style/controls.module.css';
import table from '../../style/table.module.css';
import { isUsable, type Token } from './token.js';
import styles from './tokens.module.css';

/** Lists tokens. On a narrow page, each is a card. */
export function TokenTable({ tokens, onRevoke }: { tokens: readonly Token[]; onRevoke: (token: Token) => void }) {
  const hasFigures = tokens.some(({ seriesCount }) => seriesCount !== undefined);
  return (
    <table class={table.table}>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Scopes</th>
          <th scope="col">Adds labels</th>
          {hasFigures && (
            <>
              <th scope="col" class={table.number}>
                Series
              </th>
              <th scope="col" class={table.number}>
                Samples
              </th>
              <th scope="col" class={table.number}>
                Refused
              </th>
            </>
          )}
          <th scope="col">Last used</th>
          <th scope="col">Expires</th>
          <th scope="col">
            <span class="visually-hidden">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {tokens.map((token) => (
          <tr key={token.id} data-usable={isUsable(token)} class={styles.row}>
            <td class={`${table.title} ${styles.name}`}>
              <strong>{token.name}</strong>
              {token.defaultTemporality === 'cumulative' && (
                <span class={controls.badge} title="Values of counters are running totals">
                  totals
                </span>
              )}
            </td>
            <td data-label="Scopes">
              <span class={styles.badges}>
                {token.scopes.map((scope) => (
                  <span key={scope} class={controls.badge}>
                    {scope}
                  </span>
                ))}
              </span>
            </td>
            <td data-label="Adds labels">
              <Labels of={token.labels} />
            </td>
            {hasFigures && <Figures of={token} />}
            <td data-label="Last used" class={table.nowrap}>
              <When at={token.lastUsedAt} otherwise="never" />
            </td>
            <td data-label="Expires" class={table.nowrap}>
              {token.revokedAt === null ? (
                <When at={token.expiresAt} otherwise="never" />
              ) : (
                <span>
                  revoked <When at={token.revokedAt} otherwise="" />
                </span>
              )}
            </td>
            <td class={table.action}>
              {isUsable(token) && (
                <button
                  type="button"
                  class={`${controls.button} ${controls.small} ${controls.danger}`}
                  aria-label={`Revoke ${token.name}`}
                  onClick={() => onRevoke(token)}
                >
                  Revoke
                </button>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Figures({ of: { seriesCount, samplesAccepted, samplesRefused, countedSince } }: { of: Token }) {
  const since = countedSince == null ? undefined : `counted since ${formatTime(countedSince, zone.value)}`;
  return (
    <>
      <td data-label="Series" class={table.number} title={formatFull(seriesCount)}>
        {formatNumber(seriesCount)}
      </td>
      <td data-label="Samples" class={table.number} title={since}>
        {formatNumber(samplesAccepted)}
      </td>
      <td data-label="Refused" class={table.number} title={since}>
        <span class={samplesRefused > 0 ? styles.refused : undefined}>{formatNumber(samplesRefused)}</span>
      </td>
    </>
  );
}

function Labels({ of }: { of: Readonly<Record<string, string>> }) {
  const pairs = Object.entries(of);
  if (pairs.length === 0) return <span class={controls.muted}>none</span>;
  return (
    <span class={styles.badges}>
      {pairs.map(([label, value]) => (
        <span key={label} class={`${controls.badge} ${styles.label}`}>
          {label}={value}
        </span>
      ))}
    </span>
  );
}

function When({ at, otherwise }: { at: string | null; otherwise: string }) {
  if (at === null) return <span class={controls.muted}>{otherwise}</span>;
  return <span title={formatTime(at, zone.value)}>{formatAgo(at)}</span>;
}
