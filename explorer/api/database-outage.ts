import { effect, signal } from '@preact/signals';
import { isAdmitted } from './credentials.js';
import { ApiProblem } from './problem.js';
import { send, unavailableAnswers } from './requests.js';

/** The time since which Postgres has not answered the service, or null while it does. Meanwhile, the service accepts no pushes. */
export const databaseDownSince = signal<Date | null>(null);

/** The interval of the checks while Postgres answers, and while it does not. */
const CHECK_EVERY_MS = 15_000;
const CHECK_AGAIN_MS = 2000;

/** The answer of the service about the things that it needs. */
interface Readiness {
  details?: { database?: { status?: string } };
}

/**
 * Follows whether Postgres answers the service. A page on which nobody does anything sends no other request that would fail, because
 * without Postgres no push arrives that it could follow.
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
    // A request that was refused may be the first sign of an outage. During one, the timer alone decides.
    void [isAdmitted.value, unavailableAnswers.value];
    if (databaseDownSince.peek() === null) void check();
  });
  document.addEventListener('visibilitychange', () => void check());
}

/** Asks the service, and returns whether it offers this answer. An app that mounts only the module does not. */
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
