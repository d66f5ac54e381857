import { Injectable } from '@nestjs/common';
import { KnownDatabase } from '../../database/known-database.js';
import { ForwardingStatus } from '../forwarding-status.js';
import { installationsIn, MAX_INSTALLATIONS } from './installations-header.js';
import { InstallationsRepository } from './installations.repository.js';

/** After a process has noted an installation, it does not note the same one again for this long. */
const NOTED_FOR_MS = 60_000;

/**
 * Recognises samples that come back to the installation that has forwarded them: because REMOTE_WRITE_URL is its own address, or
 * because other installations forward them on. Such samples would be stored and forwarded again and again.
 *
 * Each request of the forwarding names its installation, and all installations whose samples have arrived there within the last
 * hour. A process that forwards refuses a request that names its own installation. Otherwise it notes the named installations
 * before it stores anything of the request, so it never forwards their samples without naming them.
 */
@Injectable()
export class CirclePrevention {
  private own: string | undefined;
  private generation = 0;
  /** The installations that this process has noted lately, with the times by `performance.now()`. */
  private readonly noted = new Map<string, number>();

  constructor(
    private readonly repository: InstallationsRepository,
    private readonly status: ForwardingStatus,
    private readonly known: KnownDatabase,
  ) {}

  /**
   * Returns whether a request names this installation. If it does not, the installations that it names are noted. A process
   * without a target neither checks nor notes anything.
   *
   * @param header the header that names installations
   */
  async isCircle(header: string): Promise<boolean> {
    if (!this.status.isOn) return false;
    this.forgetOtherDatabase();
    const installations = installationsIn(header);
    if (installations.length === 0) return false;
    this.own ??= await this.repository.findOwn();
    if (this.own !== undefined && installations.includes(this.own)) return true;
    await this.note(installations);
    return false;
  }

  private async note(installations: readonly string[]): Promise<void> {
    const now = performance.now();
    const due = installations.filter((id) => now - (this.noted.get(id) ?? -Infinity) > NOTED_FOR_MS);
    if (due.length === 0) return;
    await this.repository.noteSources(due);
    if (this.noted.size > MAX_INSTALLATIONS) this.noted.clear();
    for (const id of due) this.noted.set(id, now);
  }

  private forgetOtherDatabase(): void {
    if (this.generation === this.known.generation) return;
    this.generation = this.known.generation;
    this.own = undefined;
    this.noted.clear();
  }
}
