import { readFileSync } from 'node:fs';
import os from 'node:os';

/** The part of the machine that this server may use. */
export interface Machine {
  readonly cores: number;
  readonly memoryBytes: number;
}

/** The file with the limit of a container's processor time: the time and the period in microseconds, like "200000 100000". */
const CPU_LIMIT_FILE = '/sys/fs/cgroup/cpu.max';

/** Determines how much of the machine this server may use. A container may have less than the whole machine. */
export function ownMachine(): Machine {
  const cores = Math.min(os.availableParallelism(), coresOf(readIfThere(CPU_LIMIT_FILE)));
  // Without a limit, this is undefined, 0 or a number that exceeds any amount of memory.
  const limit = process.constrainedMemory() || Infinity;
  return { cores, memoryBytes: Math.min(os.totalmem(), limit) };
}

/** Returns the number of cores that a limit of processor time corresponds to, rounded up, or infinity if there is no limit. */
export function coresOf(cpuLimit: string): number {
  const [time, period] = cpuLimit.trim().split(' ').map(Number) as [number, number | undefined];
  const cores = time / (period ?? NaN);
  return cores > 0 && Number.isFinite(cores) ? Math.ceil(cores) : Infinity;
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
