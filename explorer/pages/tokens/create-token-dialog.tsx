import { Plus, X } from 'lucide';
import { useState } from 'preact/hooks';
import { ApiProblem } from '../../api/problem.js';
import { request } from '../../api/requests.js';
import type { CreatedToken } from '../../api/types.js';
import { Dialog } from '../../dialog/dialog.js';
import { Icon } from '../../icons/icon.js';
import controls from '../../style/controls.module.css';
import { SCOPES, type Scope } from './token.js';
import styles from './tokens.module.css';

/** The lifetimes that a new token can have, in days. 0 means that the token does not expire. */
const LIFETIMES: readonly (readonly [days: number, name: string])[] = [
  [0, 'Until it is revoked'],
  [1, '1 day'],
  [7, '7 days'],
  [30, '30 days'],
  [90, '90 days'],
  [365, '1 year'],
];

const DAY_MS = 86_400_000;

/** Asks what a new token may do, and creates it. */
export function CreateTokenDialog({
  onClose,
  onCreated,
}: {
  onClose: () => void;
  onCreated: (token: CreatedToken) => void;
}) {
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<ReadonlySet<Scope>>(new Set(['ingest']));
  const [labels, setLabels] = useState<readonly (readonly [name: string, value: string])[]>([]);
  const [days, setDays] = useState(0);
  const [sendsTotals, setSendsTotals] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const pushes = scopes.has('ingest') || scopes.has('frontend');

  const create = async (event: SubmitEvent) => {
    event.preventDefault();
    if (scopes.size === 0) {
      setProblem('Choose at least one thing that the token may do.');
      return;
    }
    setBusy(true);
    try {
      const given = labels.filter(([label]) => label.trim() !== '').map(([label, value]) => [label.trim(), value]);
      onCreated(
        await request<CreatedToken>('/api/admin/tokens', {
          method: 'POST',
          json: {
            name: name.trim(),
            scopes: SCOPES.map(({ scope }) => scope).filter((scope) => scopes.has(scope)),
            ...(pushes && given.length > 0 ? { labels: Object.fromEntries(given) } : {}),
            ...(pushes && sendsTotals ? { defaultTemporality: 'cumulative' } : {}),
            ...(days > 0 ? { expiresAt: new Date(Date.now() + days * DAY_MS).toISOString() } : {}),
          },
        }),
      );
    } catch (error) {
      setProblem(error instanceof ApiProblem ? error.message : 'The token could not be created.');
      setBusy(false);
    }
  };

  const toggle = (scope: Scope, isOn: boolean) => {
    const next = new Set(scopes);
    if (isOn) next.add(scope);
    else next.delete(scope);
    setScopes(next);
  };
  const change = (index: number, pair: readonly [string, string] | null) =>
    setLabels(labels.flatMap((old, at) => (at !== index ? [old] : pair === null ? [] : [pair])));

  return (
    <Dialog title="New token" onClose={onClose}>
      <form class={styles.form} onSubmit={(event) => void create(event)}>
        <label class={controls.field}>
          <span class={controls.label}>Name, such as that of the app or the person</span>
          <input
            class={controls.input}
            value={name}
            maxLength={200}
            required
            autocomplete="off"
            placeholder="checkout"
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        <fieldset class={styles.group}>
          <legend class={controls.label}>It may</legend>
          {SCOPES.map(({ scope, allows }) => (
            <label key={scope} class={styles.choice}>
              <input
                type="checkbox"
                checked={scopes.has(scope)}
                onChange={(event) => toggle(scope, event.currentTarget.checked)}
              />
              <span>
                <code>{scope}</code> <span class={controls.muted}>{allows}</span>
              </span>
            </label>
          ))}
        </fieldset>
        {pushes && (
          <fieldset class={styles.group}>
            <legend class={controls.label}>Labels that every pushed sample gets</legend>
            {labels.map(([label, value], index) => (
              <div key={index} class={styles.pair}>
                <input
                  class={controls.input}
                  aria-label={`Name of label ${index + 1}`}
                  placeholder="team"
                  value={label}
                  maxLength={200}
                  onInput={(event) => change(index, [event.currentTarget.value, value])}
                />
                <input
                  class={controls.input}
                  aria-label={`Value of label ${index + 1}`}
                  placeholder="checkout"
                  value={value}
                  maxLength={1000}
                  onInput={(event) => change(index, [label, event.currentTarget.value])}
                />
                <button
                  type="button"
                  class={`${controls.button} ${controls.icon} ${controls.quiet}`}
                  aria-label={`Remove label ${index + 1}`}
                  onClick={() => change(index, null)}
                >
                  <Icon of={X} />
                </button>
              </div>
            ))}
            <div>
              <button
                type="button"
                class={`${controls.button} ${controls.small}`}
                onClick={() => setLabels([...labels, ['', '']])}
              >
                <Icon of={Plus} size={14} />
                Label
              </button>
            </div>
          </fieldset>
        )}
        {pushes && (
          <label class={styles.choice}>
            <input
              type="checkbox"
              checked={sendsTotals}
              onChange={(event) => setSendsTotals(event.currentTarget.checked)}
            />
            <span>
              Its counters are running totals{' '}
              <span class={controls.muted}>
                like those of Pushgateway clients, instead of increases since the last push
              </span>
            </span>
          </label>
        )}
        <label class={controls.field}>
          <span class={controls.label}>It is valid</span>
          <select
            class={controls.select}
            value={String(days)}
            onChange={(event) => setDays(Number(event.currentTarget.value))}
          >
            {LIFETIMES.map(([value, text]) => (
              <option key={value} value={String(value)}>
                {text}
              </option>
            ))}
          </select>
        </label>
        {problem !== null && (
          <p class={styles.problem} role="alert">
            {problem}
          </p>
        )}
        <div class={styles.buttons}>
          <button type="button" class={controls.button} onClick={onClose}>
            Cancel
          </button>
          <button class={`${controls.button} ${controls.primary}`} disabled={isBusy}>
            Create
          </button>
        </div>
      </form>
    </Dialog>
  );
}
