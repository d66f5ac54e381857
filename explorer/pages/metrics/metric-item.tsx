import { Star } from 'lucide';
import { useEffect } from 'preact/hooks';
import type { ListedMetric, Sparkline as Values } from '../../api/types.js';
import { formatChange, formatFull, formatNumber } from '../../format/number.js';
import { formatAgo, formatTime } from '../../format/time.js';
import { Icon } from '../../icons/icon.js';
import { route } from '../../router/location.js';
import { hashOfPage } from '../../router/route.js';
import { zone } from '../../router/view.js';
import controls from '../../style/controls.module.css';
import { favourites, toggleFavourite } from '../../favourites/favourites.js';
import styles from './metrics.module.css';
import { Sparkline } from './sparkline.js';
import type { SparklineStore } from './sparkline-store.js';
import { useVisible } from '../../visibility/use-visible.js';

/** One metric of the catalogue, as a row of a long list or as a card of a short one. */
export function MetricItem({
  metric,
  store,
  asCard,
}: {
  metric: ListedMetric;
  store: SparklineStore;
  asCard: boolean;
}) {
  const [ref, isVisible] = useVisible();
  const { name, help, lastPushAt, seriesCount, type, unit } = metric;
  const pushedAt = lastPushAt === null ? 0 : Date.parse(lastPushAt);
  useEffect(() => {
    if (isVisible) store.want(name, pushedAt);
  }, [isVisible, name, pushedAt, store]);
  const values = store.of(name).value;

  return (
    <li ref={ref} class={asCard ? `${controls.card} ${styles.card}` : styles.row}>
      <div class={styles.title}>
        <FavouriteButton name={name} />
        <div class={styles.names}>
          {/* CSS stretches this link, so that the whole item can be clicked. */}
          <a class={styles.link} href={hashOfPage('explore', route.value.params, { m0: name })}>
            {name}
          </a>
          {help !== null && help !== '' && (
            <p class={styles.help} title={help.slice(0, 300)}>
              {help.slice(0, 300)}
            </p>
          )}
        </div>
      </div>
      <span class={`${controls.badge} ${styles.type}`}>{type}</span>
      <Sparkline of={values} tall={asCard} />
      <Numbers values={values} unit={unit} />
      <span class={styles.ago} title={lastPushAt === null ? undefined : formatTime(pushedAt, zone.value)}>
        {lastPushAt === null ? 'never pushed' : formatAgo(pushedAt)}
      </span>
      <span class={styles.series}>{seriesCount.toLocaleString('en')} series</span>
    </li>
  );
}

function Numbers({ values, unit }: { values: Values | null; unit: string | null }) {
  if (values === null) return <span class={styles.numbers} />;
  if (values.error !== undefined) {
    return (
      <span class={`${styles.numbers} ${controls.muted}`} title={values.error}>
        too many samples
      </span>
    );
  }
  const now = values.now ?? null;
  const change = formatChange(now, values.before ?? null);
  const isNew = values.measure === 'increase' && now !== null && now !== 0 && !values.before;
  return (
    <span class={styles.numbers}>
      {values.measure === 'p95' && <span class={styles.measure}>p95</span>}
      <span class={styles.number} title={formatFull(now, unit)}>
        {formatNumber(now, unit)}
      </span>
      <span class={styles.change}>{change ?? (isNew ? 'new' : '')}</span>
    </span>
  );
}

function FavouriteButton({ name }: { name: string }) {
  const isMarked = favourites.value.has(name);
  return (
    <button
      type="button"
      class={styles.star}
      aria-pressed={isMarked}
      aria-label={`Favourite: ${name}`}
      onClick={() => toggleFavourite(name)}
    >
      <Icon of={Star} />
    </button>
  );
}
