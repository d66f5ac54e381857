import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import path from 'node:path';
import { cachedDataVersionTag } from 'node:v8';
import { constants, Script } from 'node:vm';
import { crc32 } from 'node:zlib';

/** The header of a file with compiled code: the checksums of the source and of the code. */
const HEADER_BYTES = 8;

/** Maximum number of files with compiled code. Each version of Node.js has its own, and so does each combination of options. */
const KEPT_FILES = 4;

/** The beginning of the warning of Node.js that it may change how a bundle imports packages, which it shows at each start. */
const IMPORT_WARNING = 'vm.USE_MAIN_CONTEXT_DEFAULT_LOADER';

/** The function of a CommonJS module, which `scripts/bundle-server.mjs` writes around a bundle. */
type ModuleFunction = (
  exports: object,
  require: NodeJS.Require,
  module: { exports: unknown },
  filename: string,
  dirname: string,
) => void;

/**
 * A program and its packages in one file. Compiling it takes a third of the CPU time of a start, so the first start writes the
 * compiled code into a file beside the bundle, and later starts read that file.
 *
 * Node.js has such a cache only from version 22 on, and by default in a folder for temporary files.
 */
export class Bundle<Exports> {
  private readonly script: Script;
  private readonly sourceChecksum: number;
  /** The module with the source map. It is kept here, because Node.js drops the source map when nothing refers to the module. */
  private readonly mapped: object | undefined;

  /** @param file a file that `scripts/bundle-server.mjs` has written */
  constructor(private readonly file: string) {
    withholdImportWarning();
    const source = readFileSync(file);
    this.sourceChecksum = crc32(source);
    this.script = new Script(
      // The bundler writes only ASCII characters, except in comments.
      source.toString('latin1'),
      {
        filename: file,
        cachedData: this.readCompiledCode(),
        importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
      },
    );
    this.mapped = sourceMapped(file, this.script);
  }

  /** Runs the bundle, and returns what it exports. */
  load(): Exports {
    const module = { exports: {} };
    const run = this.script.runInThisContext() as ModuleFunction;
    run(module.exports, createRequire(this.file), module, this.file, path.dirname(this.file));
    return module.exports as Exports;
  }

  /** Saves the code that has been compiled so far for later starts, unless this start could use saved code. */
  keepCompiledCode(): void {
    if (this.script.cachedDataRejected === false) return;
    const code = this.script.createCachedData();
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt32LE(this.sourceChecksum, 0);
    header.writeUInt32LE(crc32(code), 4);
    // Another process may be writing the same code. The name is one that `removeOldFiles` finds, in case this process is killed.
    const unfinished = `${this.file}.${process.pid}-unfinished.code`;
    try {
      writeFileSync(unfinished, Buffer.concat([header, code]));
      renameSync(unfinished, this.codeFile);
      this.removeOldFiles();
    } catch {
      // The folder may belong to another account or be read-only, as in a container. Then every start compiles the program.
      removeIfPossible(unfinished);
    }
  }

  /** The name contains V8's tag for its version and its options, because V8 refuses code with any other tag. */
  private get codeFile(): string {
    return `${this.file}.${cachedDataVersionTag()}.code`;
  }

  /** Returns the kept code if it was compiled from this source and is complete. V8 itself compares only lengths. */
  private readCompiledCode(): Buffer | undefined {
    try {
      const content = readFileSync(this.codeFile);
      const code = content.subarray(HEADER_BYTES);
      const isIntact = content.readUInt32LE(0) === this.sourceChecksum && content.readUInt32LE(4) === crc32(code);
      return isIntact ? code : undefined;
    } catch {
      return undefined;
    }
  }

  private removeOldFiles(): void {
    const folder = path.dirname(this.file);
    const files = readdirSync(folder)
      .filter((name) => name.startsWith(path.basename(this.file)) && name.endsWith('.code'))
      .map((name) => path.join(folder, name))
      .map((file) => ({ file, writtenAt: statSync(file).mtimeMs }))
      .toSorted((one, other) => other.writtenAt - one.writtenAt);
    for (const { file } of files.slice(KEPT_FILES)) rmSync(file);
  }
}

/** The person who starts the server can do nothing about this warning, and would mistake it for a fault. */
function withholdImportWarning(): void {
  const emitWarning = process.emitWarning.bind(process) as (...warning: unknown[]) => void;
  process.emitWarning = (...warning: unknown[]) => {
    if (!String(warning[0]).startsWith(IMPORT_WARNING)) emitWarning(...warning);
  };
}

function removeIfPossible(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // The folder is read-only, so there is no file either.
  }
}

/**
 * Makes stack traces show the original lines of a script if the process runs with `--enable-source-maps`. Node.js does that
 * only for modules, so this compiles a module with the same name and nothing but the address of the source map.
 */
function sourceMapped(file: string, { sourceMapURL }: Script): object | undefined {
  if (!process.sourceMapsEnabled || sourceMapURL === undefined) return undefined;
  const module = new Module(file) as Module & { _compile(code: string, file: string): unknown };
  // oxlint-disable-next-line no-underscore-dangle -- Node.js has no other name for it.
  module._compile(`//# sourceMappingURL=${sourceMapURL}`, file);
  return module;
}
