import { ApiProperty } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { oneOf } from './one-of.js';
import { SeriesQueryDto } from './series-query.dto.js';
import { AnswerFormat, AnswerLocale, RangeEnd, RangeStart, ZoneName } from './shared-parameters.js';

/** The orders in which samples can be listed. */
export const SAMPLE_ORDERS = ['asc', 'desc'] as const;

/** The order of samples: `asc` begins with the oldest, `desc` with the newest. */
export type SampleOrder = (typeof SAMPLE_ORDERS)[number];

/** The query parameters of a request for samples. */
export class SamplesQueryDto extends SeriesQueryDto {
  @RangeStart()
  from?: string;

  @RangeEnd()
  to?: string;

  @ZoneName()
  tz?: string;

  @AnswerFormat()
  format?: string;

  @AnswerLocale()
  locale?: string;

  /** The order by time: the oldest samples first, or the newest ones with `desc`. */
  @ApiProperty({ required: false, ...oneOf(SAMPLE_ORDERS) })
  @IsIn(SAMPLE_ORDERS)
  order: SampleOrder = 'asc';
}
