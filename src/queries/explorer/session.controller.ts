import { Controller, Get, UseFilters, UseInterceptors } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentToken, RequireScope } from '../../api-tokens/api-token.guard.js';
import type { ApiToken } from '../../api-tokens/api-token.js';
import { ErrorAnswerFilter } from '../../http/answers/error-answer.filter.js';
import { KnownQueryInterceptor } from '../../http/known-query.interceptor.js';
import { SessionResponse } from './dto/session.response.js';
import { ServiceFactsReader } from './service-facts.js';

/** Tells the page who is signed in. */
@ApiTags('explorer')
@Controller('api/explorer/session')
@UseFilters(ErrorAnswerFilter)
@UseInterceptors(KnownQueryInterceptor)
@RequireScope()
export class SessionController {
  constructor(private readonly facts: ServiceFactsReader) {}

  /** Returns the session of the request, and the facts about the service that a page needs. */
  @Get()
  show(@CurrentToken() token: ApiToken): SessionResponse {
    return SessionResponse.of(token, this.facts.read());
  }
}
