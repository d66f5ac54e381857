import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  HttpStatus,
  NotFoundException,
  Param,
  ParseIntPipe,
  Post,
  UseFilters,
  UseInterceptors,
} from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ErrorAnswerFilter } from '../http/answers/error-answer.filter.js';
import { KnownQueryInterceptor } from '../http/known-query.interceptor.js';
import { JsonBody } from '../http/bodies/json-body.js';
import { DtoPipe } from '../http/dto.pipe.js';
import { RequireScope } from './api-token.guard.js';
import { ApiTokensService } from './api-tokens.service.js';
import { ApiTokenResponse, CreatedApiTokenResponse } from './dto/api-token.response.js';
import { CreateApiTokenDto } from './dto/create-api-token.dto.js';

/** The largest id of a column of type int4. Postgres refuses to look for a number outside that type. */
const MAX_ID = 2 ** 31 - 1;

/** Tokens over HTTP; the command line does the same. */
@ApiTags('tokens')
@Controller('api/admin/tokens')
@UseFilters(ErrorAnswerFilter)
@UseInterceptors(KnownQueryInterceptor)
@RequireScope('admin')
export class ApiTokensController {
  constructor(private readonly tokens: ApiTokensService) {}

  /** Creates a token. The answer shows its secret, this once. */
  @Post()
  @JsonBody()
  async create(@Body(new DtoPipe(CreateApiTokenDto)) request: CreateApiTokenDto): Promise<CreatedApiTokenResponse> {
    return CreatedApiTokenResponse.ofCreated(await this.tokens.create(request.toNewApiToken()));
  }

  /** All tokens, without their secrets. */
  @Get()
  async list(): Promise<ApiTokenResponse[]> {
    return (await this.tokens.list()).map((token) => ApiTokenResponse.of(token));
  }

  /** Revokes a token; every process refuses it within a second. */
  @Delete(':id')
  @HttpCode(HttpStatus.NO_CONTENT)
  async revoke(@Param('id', ParseIntPipe) id: number): Promise<void> {
    if (id < 1 || id > MAX_ID || !(await this.tokens.revoke(id)))
      throw new NotFoundException(`There is no token ${id} that could be revoked.`);
  }
}
