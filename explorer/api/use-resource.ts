import { signal } from '@preact/signals';
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { isAdmitted, secret } from './credentials.js';
import { databaseDownSince } from './database-outage.js';
import { ApiProblem } from './problem.js';
import { offlineSince } from './requests.js';

/** The state of something that a page requests from the server. Old data stays while newer data is being loaded. */
export interface Resource<T> {
  data: T | null;
  problem: ApiProblem | null;
  loading: boolean;
  /** The time of the next automatic attempt, in milliseconds since the epoch. */
  retryAt: number | null;
  /** The time at which `data` arrived. */
  loadedAt: Date | null;
  /** Sends the request again now. */
  reload: () => void;
  /** Cancels the running request. */
  cancel: () => void;
}

type State<T> = Omit<Resource<T>, 'reload' | 'cancel'>;

/** The delay before the first retry after a temporary problem, and the maximum delay. The delay doubles with each retry. */
const FIRST_RETRY_MS = 2000;
const LONGEST_RETRY_MS = 20_000;

/**
 * Sends a request whenever its key changes, cancels the outdated request, and retries after temporary problems. With a null key,
 * it sends nothing. A new `version` also sends the request again, but does not reset the delay between retries.
 */
export function useResource<T>(
  key: string | null,
  load: (signal: AbortSignal) => Promise<T>,
  version: unknown = 0,
): Resource<T> {
  const [state, setState] = useState<State<T>>(nothing);
  const [asked, setAsked] = useState(0);
  const latest = useRef({ load, key: null as string | null, tries: 0 });
  const running = useRef<AbortController | null>(null);
  latest.current.load = load;
  const session = secret.value;
  const admitted = isAdmitted.value;

  // An ordinary effect would run only after the next frame, which would delay the request.
  useLayoutEffect(() => {
    if (key === null) {
      setState(nothing);
      return undefined;
    }
    if (!admitted) {
      // The page stays visible below the sign-in dialog. After the person has signed in, it sends its requests again.
      setState((old) => ({ ...old, loading: false, retryAt: null }));
      return undefined;
    }
    const controller = new AbortController();
    running.current = controller;
    let timer: ReturnType<typeof setTimeout> | undefined;
    if (latest.current.key !== key) latest.current.tries = 0;
    latest.current.key = key;
    setState((old) => ({ ...old, loading: true, retryAt: null }));
    latest.current.load(controller.signal).then(
      (data) => {
        if (controller.signal.aborted) return;
        latest.current.tries = 0;
        setState({ data, problem: null, loading: false, retryAt: null, loadedAt: new Date() });
      },
      (error: unknown) => {
        if (controller.signal.aborted) return;
        const problem = error instanceof ApiProblem ? error : new ApiProblem(-1, String(error));
        let retryAt: number | null = null;
        if (problem.isTemporary) {
          const backoff = Math.min(FIRST_RETRY_MS * 2 ** latest.current.tries, LONGEST_RETRY_MS);
          const wait = Math.max(problem.retryAfterMs ?? 0, backoff);
          latest.current.tries += 1;
          retryAt = Date.now() + wait;
          timer = setTimeout(() => setAsked((count) => count + 1), wait);
        }
        setState((old) => ({ ...old, problem, loading: false, retryAt }));
      },
    );
    return () => {
      controller.abort();
      clearTimeout(timer);
    };
  }, [key, version, asked, session, admitted, round.value]);

  const isOutage = offlineSince.value !== null || databaseDownSince.value !== null;
  useEffect(() => {
    // Once an outage is over, requests that failed because of it are repeated immediately.
    if (!isOutage && (state.problem?.status === 0 || state.problem?.status === 503)) setAsked((count) => count + 1);
  }, [isOutage]);

  const reload = useCallback(() => setAsked((count) => count + 1), []);
  const cancel = useCallback(() => {
    running.current?.abort();
    // A panel without data and without a problem would look as if it were still loading.
    setState((old) => ({ ...old, problem: new ApiProblem(-1, 'The request was cancelled.'), loading: false }));
  }, []);
  return { ...state, reload, cancel };
}

/** Counts how often a person has reloaded everything. */
const round = signal(0);

/** Reloads everything that is on the page. */
export function reloadAll(): void {
  round.value += 1;
}

const nothing = { data: null, problem: null, loading: false, retryAt: null, loadedAt: null };
