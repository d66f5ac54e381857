import { effect, signal } from '@preact/signals';
import { isAdmitted } from './credentials.js';
import { ApiProblem } from './problem.js';
import { send, unavailableAnswers } from './requests.js';

/**
 * The time at which the page noticed that Postgres does not answer the service, or null if Postgres answers. The service accepts
 * no pushes during such an outage.
 */
export const databaseDownSince = signal<Date | null>(null);

/** The delay between two checks while Postgres answers, and while it does not. */
const CHECK_EVERY_MS = 15_000;
const CHECK_AGAIN_MS = 2000;

/** The part of the service's readiness answer that says whether Postgres answers. */
interface Readiness {
  details?: { database?: { status?: string } };
}

/**
 * Starts checking at intervals whether Postgres answers the service. Without these checks, an idle page would not notice an
 * outage: it requests new data only after pushes, and the service accepts no pushes without Postgres.
 */
export function followDatabase(): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isOffered = true;
  let isChecking = false;

  const check = async () => {
    clearTimeout(timer);
    if (!isOffered || isChecking) return;
    if (isAdmitted.peek() && !document.hidden) {
      isChecking = true;
      isOffered = await readOutage();
      isChecking = false;
    }
    timer = setTimeout(() => void check(), databaseDownSince.peek() === null ? CHECK_EVERY_MS : CHECK_AGAIN_MS);
  };

  effect(() => {
    // A 503 can be the first sign of an outage. During an outage, the timer repeats the check often enough.
    void [isAdmitted.value, unavailableAnswers.value];
    if (databaseDownSince.peek() === null) void check();
  });
  document.addEventListener('visibilitychange', () => void check());
}

/**
 * Updates {@link databaseDownSince}. Returns false if the server does not offer the readiness check, as in an app that mounts
 * only the module.
 */
async function readOutage(): Promise<boolean> {
  try {
    // An answer that nobody reads stays open in the browser.
    await (await send('/health/ready')).text();
    databaseDownSince.value = null;
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.status === 0) return true;
    const isDown = (error.body as Readiness | null)?.details?.database?.status === 'down';
    databaseDownSince.value = isDown ? (databaseDownSince.peek() ?? new Date()) : null;
    return error.status >= 500;
  }
  return true;
}
