import Sequencer from '@jest/test-sequencer';

/**
 * Files that take long although they are small. If there are no times of an earlier run, Jest starts large files first, and these
 * would run at the end, while the other workers have nothing left to do.
 */
const LONG_FILES = /\/(?:ledger\/ledger|forwarding\/forwarding(?:-targets)?|server\/storage-report)\.e2e-spec\.ts$/;

/** Decides the order in which the test files start. */
export default class LongFilesFirst extends Sequencer {
  sort(tests) {
    const isLong = ({ path }) => LONG_FILES.test(path);
    const sorted = Sequencer.prototype.sort.call(this, tests);
    return [...sorted.filter(isLong), ...sorted.filter((test) => !isLong(test))];
  }
}
