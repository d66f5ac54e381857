import fc from 'fast-check';
import { labelNameOf, metricNameOf, unitNameOf, untranslatedNameOf } from './otlp-naming.js';

describe('metricNameOf', () => {
  it.each([
    ['http.server.request.duration', 's', 'other', 'http_server_request_duration_seconds'],
    ['requests', '{request}', 'monotonic sum', 'requests_total'],
    ['requests', '', 'monotonic sum', 'requests_total'],
    ['requests.total.served', '1', 'monotonic sum', 'requests_served_total'],
    ['memory.usage', 'By', 'other', 'memory_usage_bytes'],
    ['memory_bytes.used', 'By', 'other', 'memory_bytes_used'],
    ['network.io', 'By/s', 'gauge', 'network_io_bytes_per_second'],
    ['network.packets', '{packet}/s', 'gauge', 'network_packets_per_second'],
    ['cpu.utilization', '1', 'gauge', 'cpu_utilization_ratio'],
    ['cpu.utilization', '1', 'other', 'cpu_utilization'],
    ['cpu', '%', 'gauge', 'cpu_percent'],
    ['speed', 'km/h', 'gauge', 'speed_km_per_hour'],
    ['a..b//c__d', '', 'gauge', 'a_b_c_d'],
    ['größe', '', 'gauge', 'gr_e'],
    ['2xx', '', 'gauge', '_2xx'],
    ['job:latency', 'ms', 'gauge', 'job:latency_milliseconds'],
    ['日本', 's', 'gauge', ''],
    ['', 's', 'gauge', ''],
  ] as const)('%s in "%s", a %s, is %s', (name, unit, kind, expected) => {
    expect(metricNameOf(name, unit, kind, true)).toBe(expected);
  });

  it('adds no suffixes if they are switched off', () => {
    expect(metricNameOf('http.requests', 's', 'monotonic sum', false)).toBe('http_requests');
    expect(metricNameOf('cpu', '1', 'gauge', false)).toBe('cpu');
  });

  it('returns a legal name or an empty text', () => {
    const kind = fc.constantFrom('monotonic sum' as const, 'gauge' as const, 'other' as const);
    const text = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(text, text, kind, fc.boolean(), (name, unit, itsKind, hasSuffixes) => {
        expect(metricNameOf(name, unit, itsKind, hasSuffixes)).toMatch(/^(?:[a-zA-Z_:][a-zA-Z0-9_:]*)?$/);
      }),
    );
  });
});

describe('unitNameOf', () => {
  it.each([
    ['s', 'seconds'],
    ['By/s', 'bytes_per_second'],
    ['1', ''],
    ['{request}', ''],
    ['{request}/min', 'per_min'],
    [' ms ', 'milliseconds'],
    ['', ''],
  ])('%s is "%s"', (unit, expected) => {
    expect(unitNameOf(unit)).toBe(expected);
  });
});

describe('labelNameOf', () => {
  it.each([
    ['http.request.method', 'http_request_method'],
    ['a..b', 'a__b'],
    ['1st', 'key_1st'],
    ['_private', 'key_private'],
    ['.private', 'key_private'],
    ['__reserved', '__reserved'],
    ['größe', 'gr__e'],
    ['😀', 'key_'],
    ['', ''],
  ])('%s is %s', (attribute, expected) => {
    expect(labelNameOf(attribute, 200)).toBe(expected);
  });
});

describe('untranslatedNameOf', () => {
  it.each([
    ['http.server.duration', 's', 'other', 'http.server.duration_seconds'],
    ['http.server.duration.seconds', 's', 'other', 'http.server.duration.seconds'],
    ['http.requests', '{request}', 'monotonic sum', 'http.requests_total'],
    ['http.requests.total', '1', 'monotonic sum', 'http.requests_total'],
    ['sent.bytes', 'By/s', 'monotonic sum', 'sent.bytes_per_second_total'],
    ['cache.hits', '1', 'gauge', 'cache.hits_ratio'],
    ['total', '', 'monotonic sum', 'total_total'],
    ['größe', 'By', 'gauge', 'größe_bytes'],
    ['sent.bytes.per_second', 'By/s', 'other', 'sent.bytes_per_second'],
    ['seconds.waiting', 's', 'other', 'seconds.waiting_seconds'],
    ['maßtotal', '', 'monotonic sum', 'maßtotal_total'],
    ['a🎉total', '', 'monotonic sum', 'a_total'],
    ['🎉total', '', 'monotonic sum', '🎉total_total'],
    ['', 's', 'other', ''],
  ] as const)('%s in %s, a %s, becomes %s', (name, unit, kind, expected) => {
    expect(untranslatedNameOf(name, unit, kind, true)).toBe(expected);
    expect(untranslatedNameOf(name, unit, kind, false)).toBe(name);
  });
});
