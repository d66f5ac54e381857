// Reads how much CPU time and memory processes use, from /proc (Linux only).
import { readdirSync, readFileSync } from 'node:fs';

/** The kernel counts CPU time in hundredths of a second, whatever its own clock. */
const TICKS_PER_SECOND = 100;

/** Returns the fields of a stat file after the name of the program, which may contain spaces. */
const fieldsOf = (file) => {
  const text = readFileSync(file, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
};

const ownSeconds = (fields) => (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;

/** Returns the seconds of CPU time of a whole process, without those of its children. */
export const processSeconds = (pid) => ownSeconds(fieldsOf(`/proc/${pid}/stat`));

/** Returns the seconds of CPU time of the main thread of a process. */
export const mainThreadSeconds = (pid) => ownSeconds(fieldsOf(`/proc/${pid}/task/${pid}/stat`));

/** Returns the id of the process that has started this one. */
export const parentOf = (pid) => Number(fieldsOf(`/proc/${pid}/stat`)[1]);

/** Returns the ids of all processes that a process has started. */
export function childrenOf(pid) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((each) => {
      try {
        return parentOf(each) === pid;
      } catch {
        // The process has just ended.
        return false;
      }
    });
}

/** Returns the seconds of CPU time of a process and its children, including those that have ended. */
export function familySeconds(pid) {
  const fields = fieldsOf(`/proc/${pid}/stat`);
  const ended = (Number(fields[13]) + Number(fields[14])) / TICKS_PER_SECOND;
  let sum = ownSeconds(fields) + ended;
  for (const child of childrenOf(pid)) {
    try {
      sum += processSeconds(child);
    } catch {
      // It has just ended, and its time is now in that of its parent. The next reading has it.
    }
  }
  return sum;
}

/** Returns the memory of a process in MiB. Pages that it shares with others count in equal shares. */
export const memoryOf = (pid) =>
  Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))[1]) / 1024;
