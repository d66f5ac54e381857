import { CircleCheck, CircleX, TriangleAlert } from 'lucide';
import { ApiProblem } from '../../api/problem.js';
import { request } from '../../api/requests.js';
import { formatDuration } from '../../format/time.js';
import { Icon } from '../../icons/icon.js';
import styles from './health.module.css';
import type { HealthReport } from './health-data.js';
import { usePolled } from './use-polled.js';

/** The combined result of the two health checks. */
interface Status {
  acceptsPushes: boolean;
  problems: HealthReport['problems'];
}

/** Shows whether the service works, and lists the problems if it does not. */
export function ServiceStatus({ ticks }: { ticks: number }) {
  const { data, problem } = usePolled('health', loadStatus, ticks);
  if (problem?.status === 404) return null;
  if (data === null) return <p class={styles.status} data-state="unknown" role="status" />;
  if (!data.acceptsPushes) {
    return (
      <p class={styles.status} data-state="bad" role="status">
        <Icon of={CircleX} size={20} />
        <span>Pushes are not accepted now, because Postgres does not answer. Clients that retry lose no samples.</span>
      </p>
    );
  }
  if (data.problems.length > 0) {
    return (
      <div class={styles.status} data-state="warning" role="status">
        <Icon of={TriangleAlert} size={20} />
        <div>
          <p>Pushes are accepted, but work in the background fails:</p>
          <ul class={styles.problems}>
            {data.problems.map(({ work, reason, seconds }) => (
              <li key={work}>
                It could not {work} for {formatDuration(seconds)}: {reason}
              </li>
            ))}
          </ul>
        </div>
      </div>
    );
  }
  return (
    <p class={styles.status} data-state="good" role="status">
      <Icon of={CircleCheck} size={20} />
      <span>Everything works: pushes are accepted, and work in the background keeps up.</span>
    </p>
  );
}

async function loadStatus(signal: AbortSignal): Promise<Status> {
  const { problems } = await request<HealthReport>('/health', { signal });
  try {
    await request('/health/ready', { signal });
    return { acceptsPushes: true, problems };
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 503) return { acceptsPushes: false, problems };
    throw error;
  }
}
