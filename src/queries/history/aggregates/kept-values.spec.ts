import { StoreUnavailableError } from '../../../database/store-unavailable.error.js';
import { KeptValues } from './kept-values.js';

describe('KeptValues', () => {
  it('refuses more values than several requests may keep together, until one of them ends', () => {
    const values = new KeptValues(10_000_000);
    const first = values.open();
    const second = values.open();
    first.add(6_000_000);
    expect(() => second.add(5_000_000)).toThrow(StoreUnavailableError);
    second.add(4_000_000);
    first.close();
    first.close();
    second.add(6_000_000);
  });

  it('leaves a single request to its own limit', () => {
    const values = new KeptValues(10_000_000);
    const only = values.open();
    only.add(9_000_000);
    only.add(9_000_000);
    expect(() => values.open().add(1)).toThrow(/Retry-After/);
  });
});
