import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { FirstTokens, FirstTokensKeeper } from '../../settings/first-tokens-keeper.js';

/** The outcome of storing the first tokens, which the message at the end of the start reports. */
export type FirstTokensOutcome =
  /** Tokens already existed, or the operator has provided some. */
  | { readonly kind: 'none needed' }
  /** The tokens are printed, because the output is a terminal, which is not recorded. */
  | { readonly kind: 'shown'; readonly tokens: FirstTokens }
  | { readonly kind: 'written'; readonly file: string }
  | { readonly kind: 'nowhere'; readonly reason: string };

/** The place where the server stores the first tokens, and the outcome. */
export interface FirstTokensPlace extends FirstTokensKeeper {
  readonly outcome: FirstTokensOutcome;
}

/**
 * Decides where generated tokens go. They are printed on a terminal. Any other output may be a log, which must never contain
 * secrets, so they are written to a file that only its owner can read.
 */
export function firstTokensPlace(dataDirectory: string): FirstTokensPlace {
  return process.stdout.isTTY ? new Terminal() : new TokenFile(dataDirectory);
}

/** The flag `wx` refuses existing files and symbolic links, so that no file of another user is opened. */
const NEW_FILE = { mode: 0o600, flag: 'wx', flush: true } as const;

const OTHERS_WRITE = 0o002;
const STICKY = 0o1000;

class Terminal implements FirstTokensPlace {
  outcome: FirstTokensOutcome = { kind: 'none needed' };

  keep(tokens: FirstTokens): Promise<boolean> {
    this.outcome = { kind: 'shown', tokens };
    return Promise.resolve(true);
  }

  discard(): Promise<void> {
    this.outcome = { kind: 'none needed' };
    return Promise.resolve();
  }
}

class TokenFile implements FirstTokensPlace {
  outcome: FirstTokensOutcome = { kind: 'none needed' };

  constructor(private readonly folder: string) {}

  async keep(tokens: FirstTokens): Promise<boolean> {
    try {
      await mkdir(this.folder, { recursive: true, mode: 0o700 });
      await refuseOpenFolder(this.folder);
      this.outcome = { kind: 'written', file: await this.write(contentOf(tokens)) };
      return true;
    } catch (error) {
      this.outcome = { kind: 'nowhere', reason: (error as Error).message };
      return false;
    }
  }

  async discard(): Promise<void> {
    if (this.outcome.kind === 'written') await rm(this.outcome.file, { force: true });
    this.outcome = { kind: 'none needed' };
  }

  /** Writes the file. An existing file is never replaced, because it may be the only copy of another database's tokens. */
  private async write(content: string): Promise<string> {
    const [usual, another] = ['first-tokens.env', `first-tokens-${Date.now()}-${process.pid}.env`].map((name) =>
      path.join(this.folder, name),
    ) as [string, string];
    if (await writeUnlessThere(usual, content)) return usual;
    await writeFile(another, content, NEW_FILE);
    return another;
  }
}

/** Refuses a folder in which other users could replace the file with one that contains tokens of their choice. */
async function refuseOpenFolder(folder: string): Promise<void> {
  const { mode } = await stat(folder);
  if ((mode & OTHERS_WRITE) !== 0 && (mode & STICKY) === 0 && process.getuid !== undefined) {
    throw new Error(`every user of this machine can replace files in ${folder}: chmod o-w ${folder}`);
  }
}

async function writeUnlessThere(file: string, content: string): Promise<boolean> {
  try {
    await writeFile(file, content, NEW_FILE);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Returns the content of the file, which a shell can source, with the variable names of the documentation. */
function contentOf({ admin, ingest }: FirstTokens): string {
  return [
    `# The first tokens, created ${new Date().toISOString()}. Delete this file once they are kept elsewhere.`,
    `export INGEST_TOKEN=${ingest}`,
    '# This token may administer, read and scrape.',
    `export ADMIN_TOKEN=${admin}`,
    `export READ_TOKEN=${admin}`,
    '',
  ].join('\n');
}
