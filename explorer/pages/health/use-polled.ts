import { useRef } from 'preact/hooks';
import { useResource, type Resource } from '../../api/use-resource.js';

/** Statuses for which repeating the request is pointless: the session lacks the scope, or the route does not exist. */
const FINAL: ReadonlySet<number> = new Set([403, 404]);

/** Requests a resource now and at every tick, until an answer has one of the {@link FINAL} statuses. */
export function usePolled<T>(key: string, load: (signal: AbortSignal) => Promise<T>, ticks: number): Resource<T> {
  const version = useRef(ticks);
  const isFinal = useRef(false);
  if (!isFinal.current) version.current = ticks;
  const resource = useResource(key, load, version.current);
  isFinal.current = resource.problem !== null && FINAL.has(resource.problem.status);
  return resource;
}
