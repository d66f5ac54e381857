import { useRef } from 'preact/hooks';
import { useResource, type Resource } from '../../api/use-resource.js';

/** Statuses that do not change when the request is repeated: it is forbidden for the session, or the route does not exist. */
const FINAL: ReadonlySet<number> = new Set([403, 404]);

/** Requests something now and at every tick, unless the answer is final. */
export function usePolled<T>(key: string, load: (signal: AbortSignal) => Promise<T>, ticks: number): Resource<T> {
  const version = useRef(ticks);
  const isFinal = useRef(false);
  if (!isFinal.current) version.current = ticks;
  const resource = useResource(key, load, version.current);
  isFinal.current = resource.problem !== null && FINAL.has(resource.problem.status);
  return resource;
}
