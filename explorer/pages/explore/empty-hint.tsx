import { request } from '../../api/requests.js';
import type { MetricsPage } from '../../api/types.js';
import { useResource } from '../../api/use-resource.js';
import { usePushVersion } from '../../live/pushes.js';
import { hashOfPage } from '../../router/route.js';
import { route } from '../../router/location.js';

/** Says that the service has no metrics yet, with a link to the page that explains how to push some. */
export function EmptyHint() {
  const query = { families: true, limit: 1 };
  const list = useResource(
    'any metric',
    (signal) => request<MetricsPage>('/api/history/metrics', { query, signal }),
    usePushVersion(null),
  );
  if (list.data?.total !== 0) return null;
  return (
    <p>
      Nothing was pushed yet. <a href={hashOfPage('connect', route.value.params)}>Connect an app</a>, and its metrics
      are found here.
    </p>
  );
}
