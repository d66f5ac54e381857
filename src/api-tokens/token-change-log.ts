import { Injectable, Logger } from '@nestjs/common';
import { abbreviate } from '../outside-text/abbreviate.js';
import type { ApiToken } from './api-token.js';

/**
 * Logs who created and revoked tokens over HTTP. A change by a session is logged like one by a token, and names the token that
 * opened the session.
 */
@Injectable()
export class TokenChangeLog {
  private readonly logger = new Logger(TokenChangeLog.name);

  created({ id, name, scopes }: ApiToken, by: ApiToken): void {
    this.logger.log(`Created token ${id} ${shown(name)} with the scopes ${scopes.join(', ')}, by ${actorOf(by)}.`);
  }

  revoked(id: number, by: ApiToken): void {
    this.logger.log(`Revoked token ${id}, by ${actorOf(by)}.`);
  }
}

function actorOf({ id, name, sessionId }: ApiToken): string {
  return `${sessionId === undefined ? '' : 'a session of '}token ${id} ${shown(name)}`;
}

/** Quotes a name, because it may contain line breaks, which would look like further lines of the log. */
function shown(name: string): string {
  return JSON.stringify(abbreviate(name));
}
