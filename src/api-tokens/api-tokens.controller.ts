import {
  Controller,
  Delete,
  Get,
  HttpCode,
  HttpStatus,
  NotFoundException,
  ParseIntPipe,
  Post,
  UseFilters,
  UseInterceptors,
} from '@nestjs/common';
import { ApiBody, ApiParam, ApiTags } from '@nestjs/swagger';
import { ErrorAnswerFilter } from '../http/answers/error-answer.filter.js';
import { KnownQueryInterceptor } from '../http/known-query.interceptor.js';
import { JsonBody } from '../http/bodies/json-body.js';
import { DtoPipe } from '../http/dto.pipe.js';
import { PathParameter, RequestBody } from '../http/request-parts.js';
import { CurrentToken, RequireScope } from './api-token.guard.js';
import type { ApiToken } from './api-token.js';
import { TokenChangeLog } from './token-change-log.js';
import { TokenListing } from './usage/token-listing.js';
import { ApiTokensService } from './api-tokens.service.js';
import { ApiTokenResponse, CreatedApiTokenResponse } from './dto/api-token.response.js';
import { CreateApiTokenDto } from './dto/create-api-token.dto.js';
import { WithinStoreWait } from './limits/within-store-wait.js';

/** The largest value of an int4 column. Postgres answers with an error if a parameter is outside that range. */
const MAX_ID = 2 ** 31 - 1;

/** Creates, lists and revokes tokens over HTTP. */
@ApiTags('tokens')
@Controller('api/admin/tokens')
@UseFilters(ErrorAnswerFilter)
@UseInterceptors(KnownQueryInterceptor)
@RequireScope('admin')
export class ApiTokensController {
  constructor(
    private readonly tokens: ApiTokensService,
    private readonly listing: TokenListing,
    private readonly changes: TokenChangeLog,
  ) {}

  /** Creates a token. Only this answer shows its secret. */
  @Post()
  @WithinStoreWait()
  @JsonBody()
  @ApiBody({ type: CreateApiTokenDto })
  async create(
    @RequestBody(new DtoPipe(CreateApiTokenDto)) request: CreateApiTokenDto,
    @CurrentToken() by: ApiToken,
  ): Promise<CreatedApiTokenResponse> {
    const created = await this.tokens.create(request.toNewApiToken());
    this.changes.created(created.token, by);
    return CreatedApiTokenResponse.ofCreated(created);
  }

  /** Lists all tokens without their secrets, with the number of series that each has created and of samples pushed with it. */
  @Get()
  @WithinStoreWait()
  async list(): Promise<ApiTokenResponse[]> {
    return (await this.listing.list()).map((listed) => ApiTokenResponse.of(listed));
  }

  /** Revokes a token. Every process starts to refuse it within a second. */
  @Delete(':id')
  @WithinStoreWait()
  @ApiParam({ name: 'id', type: Number })
  @HttpCode(HttpStatus.NO_CONTENT)
  async revoke(@PathParameter('id', ParseIntPipe) id: number, @CurrentToken() by: ApiToken): Promise<void> {
    if (id < 1 || id > MAX_ID || !(await this.tokens.revoke(id)))
      throw new NotFoundException(`Token ${id} does not exist or is already revoked.`);
    this.changes.revoked(id, by);
  }
}
