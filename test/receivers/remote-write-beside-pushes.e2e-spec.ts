import {
  firstVersion,
  secondVersion,
  type SeriesToWrite,
  sendWrite,
  valuesAt,
  WRITE_TYPE,
} from '../support/remote-write-messages.js';
import { getJson, push, scrape } from '../support/server.js';
import { serviceUnderTest } from '../support/service-under-test.js';

describe('a series that came by remote write', () => {
  const server = serviceUnderTest();
  const now = Date.now();

  const series = (labels: Readonly<Record<string, string>>, value = 1): SeriesToWrite => ({
    labels,
    samples: [[value, now]],
  });

  const valuesOf = (expression: string) => valuesAt(server, expression, now + 1_000);

  it('is not shown to a Prometheus that scrapes the service, which would send it again with further labels', async () => {
    const message = firstVersion([
      series({ __name__: 'only_written' }),
      series({ __name__: 'up', job: 'shop', instance: 'a:1' }),
      series({ __name__: 'nodejs_version_info', job: 'shop', version: 'v1' }),
    ]);
    expect((await sendWrite(server, message)).status).toBe(204);
    await push(server, [{ name: 'pushed_here', value: 1 }]);
    const page = await scrape(server);
    expect(page).toContain('pushed_here 1\n');
    expect(page).not.toMatch(/only_written|^up|job="shop"/m);
    expect(await valuesOf('up')).toEqual(['1']);
    expect(await valuesOf('only_written')).toEqual(['1']);
    const names = await getJson<{ data: string[] }>(server, '/api/v1/label/__name__/values');
    expect(names.data).toEqual(expect.arrayContaining(['only_written', 'up', 'pushed_here']));
  });

  it('may be a histogram, although the service itself has a gauge of that name', async () => {
    const name = 'nodejs_eventloop_lag_seconds';
    expect(await scrape(server)).toContain(`# TYPE ${name} gauge`);
    const metadata = { type: WRITE_TYPE.histogram, help: 'Lag of the event loop' };
    const parts = [
      series({ __name__: `${name}_bucket`, job: 'shop', le: '+Inf' }, 3),
      series({ __name__: `${name}_sum`, job: 'shop' }, 0.5),
      series({ __name__: `${name}_count`, job: 'shop' }, 3),
    ].map((each) => ({ ...each, metadata }));
    const response = await sendWrite(server, secondVersion(parts), '2.0');
    expect([response.status, await response.text()]).toEqual([204, '']);
    expect(await valuesOf(`${name}_count`)).toEqual(['3']);
    const page = await scrape(server);
    expect(page.match(new RegExp(`^# TYPE ${name} .*`, 'gm'))).toEqual([`# TYPE ${name} gauge`]);
    expect(page).not.toContain('job="shop"');
    const pushed = await push(server, [{ name: `${name}_count`, value: 1, labels: { job: 'pushed' } }]);
    expect(await pushed.text()).toContain(`${name} is a gauge of this service`);
  });

  it('leaves series alone that are pushed here, and pushes cannot use the names of scraped ones', async () => {
    const labels = { job: 'shop', instance: 'a:1' };
    await push(server, [{ name: 'pushed_and_scraped', value: 5, type: 'gauge', labels }]);
    const scraped = (value: number) =>
      sendWrite(server, firstVersion([series({ __name__: 'pushed_and_scraped', ...labels }, value)]));
    const refused = await scraped(7);
    expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining('is pushed to this service')]);
    expect((await scraped(NaN)).status).toBe(204);
    expect(await scrape(server)).toContain('pushed_and_scraped{instance="a:1",job="shop"} 5\n');

    expect((await sendWrite(server, firstVersion([series({ __name__: 'up', ...labels })]))).status).toBe(204);
    const pushed = await push(server, [{ name: 'up', value: 0, labels }]);
    expect(await pushed.text()).toContain('Prometheus itself writes up');
    expect(await valuesOf('up{instance="a:1"}')).toEqual(['1']);
  });
});
