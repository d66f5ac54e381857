import { isOutage, isOutcomeUnknown } from './outage.js';

describe('an outage', () => {
  test.each(['EMFILE', 'ENFILE'])(
    'includes a lack of file descriptors (%s), after which no statement was sent',
    (code) => {
      const error = Object.assign(new Error(`connect ${code} 127.0.0.1:5432`), { code });
      expect(isOutage(error)).toBe(true);
      expect(isOutcomeUnknown(error)).toBe(false);
    },
  );
});
