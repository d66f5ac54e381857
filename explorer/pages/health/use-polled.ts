import { useRef } from 'preact/hooks';
import { useResource, type Resource } from '../../api/use-resource.js';

/** Answers that asking again does not change: the session may not see it, or the service does not have it. */
const FINAL: ReadonlySet<number> = new Set([403, 404]);

/** Asks for something now and at every tick, unless the answer is final. */
export function usePolled<T>(key: string, load: (signal: AbortSignal) => Promise<T>, ticks: number): Resource<T> {
  const version = useRef(ticks);
  const isFinal = useRef(false);
  if (!isFinal.current) version.current = ticks;
  const resource = useResource(key, load, version.current);
  isFinal.current = resource.problem !== null && FINAL.has(resource.problem.status);
  return resource;
}
