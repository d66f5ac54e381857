import { Injectable } from '@nestjs/common';

/** The SQLSTATE of `custom_metrics_is_known`. */
export const UNKNOWN_DATABASE = 'UM001';

/** A row that this process has seen: its id, and when it was made, ms since the epoch. */
export interface Landmark {
  readonly id: number;
  readonly at: number;
}

/** The newest rows that this process has seen, whose ids it uses. */
export interface Landmarks {
  readonly metric: Landmark | undefined;
  readonly series: Landmark | undefined;
  readonly token: Landmark | undefined;
  /** This process' own row. */
  readonly writer: Landmark | undefined;
}

/** What was read is of a database that this process does not work on any more. */
export class DatabaseChangedError extends Error {
  override readonly name = 'DatabaseChangedError';
  readonly code = UNKNOWN_DATABASE;

  constructor() {
    super('Postgres has become another database meanwhile, such as a standby after a failover.');
  }
}

/**
 * Remembers which database this process has read, so that nothing that it remembers of one is used on another.
 *
 * A client of Postgres does not see that the server behind its address has changed: a standby was promoted, a backup restored,
 * a pooler gives the next statement to another server. An asynchronous standby lacks the newest rows, and gives their ids to
 * others. So every statement that carries remembered ids also carries {@link condition}, and every change of database
 * is a new generation, by which whoever waits for an answer knows that it came too late.
 */
@Injectable()
export class KnownDatabase {
  private place: string | null = null;
  private currentGeneration = 0;
  private landmarksOf: () => Landmarks | undefined = () => undefined;
  private suspect: () => Promise<void> = () => Promise.resolve();

  /** Grows when this process has read another database in place of the one before. */
  get generation(): number {
    return this.currentGeneration;
  }

  /** Whether nothing was read yet, so that every database will do. */
  get isAnything(): boolean {
    return this.place === null;
  }

  /**
   * A condition for a statement. It is true on the database that this process has read, and ends the statement with
   * {@link UNKNOWN_DATABASE} on every other one; as long as nothing was read, every database will do.
   *
   * @param first number of its first parameter; it has two, see {@link values}
   */
  condition(first: number): string {
    return `custom_metrics_is_known($${first}::text, $${first + 1}::float8[])`;
  }

  /** Values of the two parameters. To be asked for in the same step that puts ids into the statement. */
  get values(): readonly [string | null, readonly (number | null)[]] {
    return [this.place, this.landmarks];
  }

  /** The landmarks as `custom_metrics_has_landmarks` takes them. */
  get landmarks(): readonly (number | null)[] {
    const { metric, series, token, writer } = this.landmarksOf() ?? {};
    return [metric, series, token, writer].flatMap((landmark) => [landmark?.id ?? null, landmark?.at ?? null]);
  }

  /** Says where landmarks come from, and what to do when a statement has met an unknown database. */
  watchBy(landmarksOf: () => Landmarks, suspect: () => Promise<void>): void {
    this.landmarksOf = landmarksOf;
    this.suspect = suspect;
  }

  /** The same database is at another place: its server was started anew. */
  moveTo(place: string): void {
    this.place = place;
  }

  /** This process has read another database. */
  changeTo(place: string): void {
    this.place = place;
    this.currentGeneration++;
  }

  /** Finds out which database it is; ends when statements are worth trying again. */
  examine(): Promise<void> {
    return this.suspect();
  }

  /** @throws DatabaseChangedError if what was read under a generation is of another database by now */
  assertStill(generation: number): void {
    if (generation !== this.currentGeneration) throw new DatabaseChangedError();
  }
}
