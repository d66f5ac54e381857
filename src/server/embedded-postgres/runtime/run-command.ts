import { execFile } from 'node:child_process';

/** A program to run, and as whom. */
export interface Command {
  file: string;
  args: string[];
  uid?: number;
  gid?: number;
}

export interface CommandResult {
  isSuccess: boolean;
  stdout: string;
  /** What it printed to both outputs, or why it could not be run at all. */
  output: string;
}

export interface CommandOptions {
  environment: NodeJS.ProcessEnv;
  cwd?: string;
  input?: string;
  signal?: AbortSignal;
}

/** Runs a program to its end. A failure is a result; only an abort throws. */
export function runCommand(command: Command, options: CommandOptions): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const { uid, gid } = command;
    const child = execFile(
      command.file,
      command.args,
      // A folder that always exists: a relative or deleted working directory would fail the child.
      { env: options.environment, cwd: options.cwd ?? '/', uid, gid, signal: options.signal },
      (error, stdout, stderr) => {
        if (options.signal?.aborted) return reject(options.signal.reason as Error);
        const output = `${stdout}${stderr}`.trim() || (error?.message ?? '');
        resolve({ isSuccess: error === null, stdout, output });
      },
    );
    // A child that ends without reading its input breaks the pipe; its exit code already tells that story.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(options.input ?? '');
  });
}
