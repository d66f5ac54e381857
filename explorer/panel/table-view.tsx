import { formatFull } from '../format/number.js';
import { formatStep } from '../chart/axes.js';
import { endOf, isEndedIn, type ChartModel } from '../chart/model.js';
import { zone } from '../router/view.js';
import styles from './panel.module.css';

/** Maximum number of rows. More would make the page slow; the CSV contains all of them. */
const MOST_ROWS = 500;

/** The numbers of a chart as a table, the newest first. */
export function TableView({ model }: { model: ChartModel }) {
  const indices = model.times.map((_, index) => index).toReversed();
  return (
    <div class={styles.tableBox} tabIndex={0} role="group" aria-label="All values">
      <table class={styles.table}>
        <thead>
          <tr>
            <th scope="col">Time</th>
            {model.lines.map(({ key, name }) => (
              <th key={key} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {indices.slice(0, MOST_ROWS).map((index) => (
            <tr key={model.times[index]}>
              <th scope="row">
                {formatStep(model.times[index]!, endOf(model, index), zone.value)}
                {model.unfinished[index] && ' (unfinished)'}
              </th>
              {model.lines.map((line) => {
                const value = (line.shown ?? line.values)[index] ?? null;
                const hasEnded = isEndedIn(line, index);
                return (
                  <td key={line.key}>
                    {(value !== null || !hasEnded) && formatFull(value, model.unit)}
                    {hasEnded && ' ended'}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      {indices.length > MOST_ROWS && (
        <p class={styles.cut}>
          {MOST_ROWS} of {indices.length.toLocaleString('en')} rows. The CSV has all of them.
        </p>
      )}
    </div>
  );
}
