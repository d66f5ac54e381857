import { useState } from 'preact/hooks';
import { request } from '../../api/requests.js';
import type { ListedMetric } from '../../api/types.js';
import { useResource } from '../../api/use-resource.js';
import type { components } from '../../api/openapi.js';
import { Dialog } from '../../dialog/dialog.js';
import { ProblemNotice } from '../../layout/problem-notice.js';
import { navigate, route } from '../../router/location.js';
import { hashOfPage } from '../../router/route.js';
import controls from '../../style/controls.module.css';

type Removal = components['schemas']['RemovalResponse'];

/** Removes a metric with all its samples. The dialog first shows how much would be removed, and asks for the name. */
export function RemoveDialog({ metric, onClose }: { metric: ListedMetric; onClose: () => void }) {
  const path = `/api/admin/metrics/${encodeURIComponent(metric.name)}`;
  const [typed, setTyped] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const [isRunning, setRunning] = useState(false);
  const trial = useResource(`trial ${metric.name}`, (signal) =>
    request<Removal>(path, { method: 'DELETE', query: { dryRun: true }, signal }),
  );
  const remove = async (event: SubmitEvent) => {
    event.preventDefault();
    setRunning(true);
    setProblem(null);
    try {
      await request(path, { method: 'DELETE' });
      onClose();
      navigate(hashOfPage('metrics', route.peek().params));
    } catch (error) {
      setProblem((error as Error).message);
    }
    setRunning(false);
  };
  return (
    <Dialog title={`Remove ${metric.name}`} onClose={onClose}>
      <ProblemNotice of={trial} />
      {trial.data !== null && (
        <p>
          This removes {trial.data.seriesCount.toLocaleString('en')} series with{' '}
          {trial.data.sampleCount.toLocaleString('en')} samples. It cannot be undone.
        </p>
      )}
      <form onSubmit={(event) => void remove(event)}>
        <label class={controls.field}>
          <span class={controls.label}>Type the name of the metric to confirm</span>
          <input
            class={controls.input}
            value={typed}
            autocomplete="off"
            spellcheck={false}
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
        </label>
        {problem !== null && <p role="alert">{problem}</p>}
        <p>
          <button class={`${controls.button} ${controls.danger}`} disabled={typed !== metric.name || isRunning}>
            Remove permanently
          </button>
        </p>
      </form>
    </Dialog>
  );
}
