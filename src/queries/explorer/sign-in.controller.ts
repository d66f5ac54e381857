import type { IncomingMessage } from 'node:http';
import { Controller, Delete, HttpCode, HttpStatus, Post, Req, UseFilters, UseInterceptors } from '@nestjs/common';
import {
  ApiForbiddenResponse,
  ApiSecurity,
  ApiTags,
  ApiTooManyRequestsResponse,
  ApiUnauthorizedResponse,
} from '@nestjs/swagger';
import { CurrentToken, RequireScope } from '../../api-tokens/api-token.guard.js';
import type { ApiToken } from '../../api-tokens/api-token.js';
import { SessionsService } from '../../api-tokens/sessions/sessions.service.js';
import { ErrorAnswerFilter } from '../../http/answers/error-answer.filter.js';
import { KnownQueryInterceptor } from '../../http/known-query.interceptor.js';
import { OpenedSessionResponse } from './dto/session.response.js';
import { ServiceFactsReader } from './service-facts.js';
import { WithinStoreWait } from '../../api-tokens/limits/within-store-wait.js';

/** Signs people in and out. An app whose own guard replaces tokens does not have these routes. */
@ApiTags('explorer')
@Controller('api/explorer/session')
@UseFilters(ErrorAnswerFilter)
@UseInterceptors(KnownQueryInterceptor)
export class SignInController {
  constructor(
    private readonly sessions: SessionsService,
    private readonly facts: ServiceFactsReader,
  ) {}

  /**
   * Opens a session. The header `Authorization` contains a token with the scope read or admin, or the one-time secret of a
   * sign-in link. Of the scopes read and admin, the session gets those that the token has. Only this answer contains the secret
   * of the session.
   */
  @Post()
  @WithinStoreWait()
  @ApiSecurity('token')
  @ApiSecurity('basic')
  @ApiUnauthorizedResponse({ description: 'The token is missing, unknown, expired or revoked, or the link was used' })
  @ApiForbiddenResponse({ description: 'The token has neither the scope read nor admin, or belongs to a session' })
  @ApiTooManyRequestsResponse({ description: 'Too many wrong tokens from this address; try again after Retry-After' })
  async open(@Req() request: IncomingMessage): Promise<OpenedSessionResponse> {
    return OpenedSessionResponse.ofOpened(await this.sessions.open(request), this.facts.read());
  }

  /** Ends the session of the request. Within a second, every process refuses requests of this session. */
  @Delete()
  @WithinStoreWait()
  @HttpCode(HttpStatus.NO_CONTENT)
  @RequireScope()
  async end(@CurrentToken() token: ApiToken): Promise<void> {
    await this.sessions.end(token);
  }
}
