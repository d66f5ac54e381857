import { nameOfRange } from '../panel/range-name.js';
import { setParams } from '../router/location.js';
import { isLive, isMoving, range, zone, zoneName } from '../router/view.js';
import controls from '../style/controls.module.css';
import styles from './header.module.css';

/** The ranges that end now, each with its name. */
const MOVING: readonly (readonly [from: string, name: string])[] = [
  ['-15m', '15 minutes'],
  ['-1h', '1 hour'],
  ['-6h', '6 hours'],
  ['-24h', '24 hours'],
  ['-2d', '2 days'],
  ['-7d', '7 days'],
  ['-30d', '30 days'],
  ['-90d', '90 days'],
];

/** The controls that choose the range of all panels, and whether panels follow new pushes. */
export function RangeControls() {
  const { from } = range.value;
  const isListed = isMoving.value && MOVING.some(([value]) => value === from);
  return (
    <>
      <select
        class={controls.select}
        aria-label="Range"
        value={isListed ? from : 'other'}
        onChange={(event) => setParams({ from: event.currentTarget.value, to: null })}
      >
        {!isListed && (
          <option value="other" disabled>
            {isMoving.value ? nameOfRange() : 'Chosen range'}
          </option>
        )}
        {MOVING.map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </select>
      <button
        type="button"
        class={controls.button}
        aria-pressed={isLive.value && isMoving.value}
        disabled={!isMoving.value}
        title={isMoving.value ? 'Follow new pushes' : 'The range ends in the past'}
        onClick={() => setParams({ live: isLive.value ? '0' : null })}
      >
        <span class={styles.live} data-on={isLive.value && isMoving.value} />
        Live
      </button>
    </>
  );
}

/** A button that switches between local times and UTC. */
export function ZoneButton() {
  const isUtc = zone.value === 'utc';
  return (
    <button
      type="button"
      class={controls.button}
      title={isUtc ? 'Times are UTC. Change to local times.' : `Times are local (${zoneName.value}). Change to UTC.`}
      onClick={() => setParams({ tz: isUtc ? null : 'utc' })}
    >
      {isUtc ? 'UTC' : 'Local'}
    </button>
  );
}
