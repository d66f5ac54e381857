import type { Resource } from '../../api/use-resource.js';
import { formatFull, formatNumber } from '../../format/number.js';
import { route } from '../../router/location.js';
import { hashOfPage } from '../../router/route.js';
import controls from '../../style/controls.module.css';
import styles from './health.module.css';
import type { TsdbStatus } from './health-data.js';
import { Part } from './part.js';

/** Shows which metrics have the most series, and which labels the most values. */
export function Cardinality({ of }: { of: Resource<TsdbStatus> }) {
  return (
    <Part
      scope="read"
      title="What fills the service"
      note="Each combination of label values is a series. A label with ids of users or requests makes too many."
      of={of}
    >
      {({ seriesCountByMetricName, labelValueCountByLabelName }) => (
        <div class={styles.halves}>
          <div class={`${controls.card} ${styles.ranking}`}>
            <h3>Metrics with the most series</h3>
            <Ranking
              of={seriesCountByMetricName}
              linkOf={(name) => hashOfPage('explore', route.value.params, { m0: name })}
            />
          </div>
          <div class={`${controls.card} ${styles.ranking}`}>
            <h3>Labels with the most values</h3>
            <Ranking of={labelValueCountByLabelName.filter(({ name }) => name !== '__name__')} />
          </div>
        </div>
      )}
    </Part>
  );
}

function Ranking({
  of,
  linkOf,
}: {
  of: readonly { name: string; value: number }[];
  linkOf?: (name: string) => string;
}) {
  const largest = Math.max(1, ...of.map(({ value }) => value));
  if (of.length === 0) return <p class={controls.muted}>Nothing yet.</p>;
  return (
    <ol class={styles.ranks}>
      {of.map(({ name, value }) => (
        <li key={name} class={styles.rank}>
          {linkOf === undefined ? <code>{name}</code> : <a href={linkOf(name)}>{name}</a>}
          <span title={formatFull(value)}>{formatNumber(value)}</span>
          <meter class={styles.bar} min={0} max={largest} value={value} aria-label={`${name}: ${formatFull(value)}`} />
        </li>
      ))}
    </ol>
  );
}
