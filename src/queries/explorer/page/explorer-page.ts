import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { EXPLORER_OPTIONS, type ExplorerOptions } from '../explorer-options.js';
import { findPageFolder, INDEX } from './page-folder.js';
import { type PageFile, type PageFiles, readPageFiles } from './page-files.js';

/** Holds the files of the page. If they are missing, the rest of the service still works. */
@Injectable()
export class ExplorerPage implements OnModuleInit {
  private readonly logger = new Logger(ExplorerPage.name);
  private files: PageFiles = new Map();

  constructor(@Inject(EXPLORER_OPTIONS) private readonly options: ExplorerOptions) {}

  async onModuleInit(): Promise<void> {
    const folder = findPageFolder(this.options.files);
    if (folder === undefined) this.logger.warn(this.missing);
    else this.files = await readPageFiles(folder, this.options.apiBase);
  }

  /** @param name the path of the file relative to the page; the page itself has the empty path */
  find(name: string): PageFile | undefined {
    return this.files.get(name === '' ? INDEX : name);
  }

  /** True if the files of the page were not found. */
  get isMissing(): boolean {
    return this.files.size === 0;
  }

  /** A message that says which files are missing, and what to do. */
  get missing(): string {
    const { files } = this.options;
    return files === undefined
      ? 'The files of the explorer were not found. In a copy of the repository, `npm run build` makes them. If a bundler has moved the code of ' +
          'the module, pass the folder dist/explorer of the package as the option explorer.files. Everything else works without them.'
      : `The option explorer.files is ${files}, and there is no ${INDEX}.`;
  }
}
