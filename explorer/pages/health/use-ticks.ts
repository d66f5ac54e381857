import { useEffect, useState } from 'preact/hooks';

/**
 * Returns a number that changes at regular intervals while the tab is visible, and immediately when the tab becomes visible
 * again.
 */
export function useTicks(intervalMs: number): number {
  const [ticks, setTicks] = useState(0);
  useEffect(() => {
    const tick = () => {
      if (!document.hidden) setTicks((count) => count + 1);
    };
    const timer = setInterval(tick, intervalMs);
    document.addEventListener('visibilitychange', tick);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', tick);
    };
  }, [intervalMs]);
  return ticks;
}
