import { useEffect, useRef, useState } from 'preact/hooks';

/** Returns a ref for an element, and whether that element is in or near the visible part of the page. */
export function useVisible(): [ref: { current: HTMLLIElement | null }, isVisible: boolean] {
  const ref = useRef<HTMLLIElement>(null);
  const [isVisible, setVisible] = useState(false);
  useEffect(() => {
    const element = ref.current;
    if (element === null) return undefined;
    const observer = new IntersectionObserver((entries) => setVisible(entries.some((entry) => entry.isIntersecting)), {
      rootMargin: '120px',
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [ref, isVisible];
}
